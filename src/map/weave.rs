//! From the auth model to a graph: clients first, and from each part to what it asks.
//!
//! The model names its parts by place, so a request's endpoint or an endpoint's mint is found by its [`Location`]. What the model does not
//! tie together stays apart. Parts that are the same thing to an architect are one node with several places: an environment variable, a
//! route that is requested in five components.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::graph::{Edge, EdgeKind, Fact, NodeKind, Zone};
use super::words::{self, Purpose};
use crate::analysis::model::{App, Client, Endpoint, Handout, KeyOrigin, Provenance, Request, ServiceCall, Source};
use crate::source::Location;

/// A graph whose places are still spans.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) parts: Vec<Part>,
    pub(super) edges: Vec<Edge>,
    /// Parts of tests and tools.
    pub(super) left_out: usize,
}

/// A node whose places are still spans.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) kind: NodeKind,
    pub(super) zone: Zone,
    pub(super) because: Vec<String>,
    pub(super) label: String,
    pub(super) facts: Vec<Fact>,
    /// Where it stands.
    pub(super) at: Vec<Location>,
    /// Other places that a finding about it may name.
    pub(super) also: Vec<Location>,
}

/// What makes two parts the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Client(usize),
    Endpoint(usize),
    Call(usize),
    Handout(usize),
    /// The same request from several places.
    Request(String, Zone, Option<Location>),
    /// A request that cannot be told from others by its text.
    RequestAt(Location),
    /// A thing that has a name of its own.
    Named(NodeKind, Zone, String),
    /// A thing that is known by its place.
    At(NodeKind, Location),
    /// A thing that is known by its user only.
    Of(usize, NodeKind, String),
    Service(&'static str),
}

/// Weaves the production parts of a model together.
pub(super) fn weave(app: &App) -> Graph {
    let mut weaver = Weaver { app, graph: Graph::default(), known: FxHashMap::default(), open: VecDeque::new() };
    weaver.clients();
    weaver.rest();
    weaver.graph
}

struct Weaver<'a> {
    app: &'a App,
    graph: Graph,
    known: FxHashMap<Key, usize>,
    /// Parts whose own edges have still to be drawn. A queue, so that no model is too deep.
    open: VecDeque<Open<'a>>,
}

enum Open<'a> {
    Endpoint(usize, &'a Endpoint),
    Call(usize, &'a ServiceCall),
    Request(usize, &'a Request),
}

impl<'a> Weaver<'a> {
    fn clients(&mut self) {
        let app = self.app;
        for (index, client) in app.clients.iter().enumerate() {
            let Some(zone) = Zone::of(client.zone.kind).filter(|_| !client.development_only) else {
                self.graph.left_out += 1;
                continue;
            };
            self.client(index, client, zone);
            self.close();
        }
    }

    /// What no client leads to.
    fn rest(&mut self) {
        let app = self.app;
        for (index, endpoint) in app.endpoints.iter().enumerate() {
            let known = self.endpoint(index, endpoint).is_some();
            self.graph.left_out += usize::from(!known);
            self.close();
        }
        for request in &app.requests {
            let known = self.request(request).is_some();
            self.graph.left_out += usize::from(!known);
            self.close();
        }
        for (index, call) in app.service_calls.iter().enumerate() {
            let known = self.call(index, call).is_some();
            self.graph.left_out += usize::from(!known);
            self.close();
        }
        for (index, handout) in app.handouts.iter().enumerate() {
            self.handout(index, handout);
        }
        self.keys();
    }

    /// Draws the edges of the parts that have been met.
    fn close(&mut self) {
        while let Some(open) = self.open.pop_front() {
            match open {
                Open::Endpoint(id, endpoint) => self.behind(id, endpoint),
                Open::Call(id, call) => self.needs(id, call),
                Open::Request(id, request) => {
                    self.answer(id, request);
                }
            }
        }
    }

    fn client(&mut self, index: usize, client: &'a Client, zone: Zone) {
        let label = client.name.as_ref().map_or_else(|| client.sdk.title.clone(), |name| format!("`{name}`"));
        let mut facts = Vec::new();
        if client.name.is_some() {
            facts.push(words::plain(&client.sdk.title));
        }
        facts.extend(words::client(client));
        let also = client.options.iter().map(|option| option.at).collect();
        let id = self.add(Key::Client(index), || Part {
            kind: NodeKind::Client,
            zone,
            because: client.zone.because.clone(),
            label,
            facts,
            at: vec![client.at],
            also,
        });
        for option in &client.options {
            let mut is_known = false;
            for source in option.sources.iter().filter(|source| !source.development_only && !source.in_development_file) {
                for source in source.all() {
                    self.value(id, source, Purpose::Login, std::slice::from_ref(&option.name));
                }
                is_known = true;
            }
            if !is_known {
                self.fact(id, words::plain(&format!("`{}` has no value that is seen", option.name)));
            }
        }
    }

    /// Ties a value's user to the requests that it comes through and to its source.
    fn value(&mut self, user: usize, source: &'a Source, purpose: Purpose, options: &[String]) {
        let mut last = user;
        let mut options = options;
        let mut answered_by = None;
        let url = if let Provenance::BackEnd(url) = &source.provenance { url.as_deref() } else { None };
        for place in source.requests.iter().rev() {
            let request = self.app.requests.iter().find(|request| request.at == *place);
            let asked = match request {
                Some(request) => self.request(request),
                // What the value is to the client names the request that it sends itself.
                None => Some(self.unknown_request(last, *place, url.filter(|_| last == user))),
            };
            let Some(asked) = asked else { return };
            let is_request = self.graph.parts.get(asked).is_some_and(|part| part.kind == NodeKind::Request);
            self.tie(last, asked, if is_request { EdgeKind::Asks } else { EdgeKind::Calls }, options);
            options = &[];
            let answer = request.and_then(|request| self.answer(asked, request));
            answered_by = answer.map(|(_, endpoint)| endpoint);
            last = answer.map_or(asked, |(id, _)| id);
        }
        let through = last != user;
        // The answer of a call that the model knows: a mint, a credential that was just created, a request.
        let call = self.app.service_calls.iter().enumerate().find(|(_, call)| call.at == source.at);
        if let Some((index, call)) = call {
            if let Some(called) = self.call(index, call).filter(|called| *called != last) {
                let kind = match (purpose, through && answered_by.is_none()) {
                    (_, true) => EdgeKind::AnsweredBy,
                    (Purpose::Credential, false) => EdgeKind::MintedWith,
                    (Purpose::Login | Purpose::Key, false) => EdgeKind::Calls,
                };
                self.tie(last, called, kind, options);
            }
            return;
        }
        // To server code, an answer of nobody known is what a call of other server code gave, not a request.
        let is_lookup = purpose != Purpose::Login && url.is_none();
        if matches!(source.provenance, Provenance::BackEnd(_)) && !is_lookup {
            if !through {
                let request = self.app.requests.iter().find(|request| request.at == source.at);
                let asked = match request {
                    Some(request) => self.request(request),
                    None => Some(self.unknown_request(user, source.at, url)),
                };
                if let Some(asked) = asked {
                    self.tie(user, asked, EdgeKind::Asks, options);
                }
            }
            return;
        }
        if through && matches!(source.provenance, Provenance::Unknown | Provenance::Caller) {
            return;
        }
        if let Some(handed) = answered_by.and_then(|endpoint| self.only_handout(endpoint)) {
            last = handed;
        }
        // Whoever answers a request that no endpoint is known for, is no part of the code that asks.
        let zone = if through && answered_by.is_none() { Zone::Server } else { self.zone(last) };
        let id = self.source(last, zone, source, purpose);
        let kind = match purpose {
            Purpose::Credential => EdgeKind::MintedWith,
            Purpose::Key => EdgeKind::UsesKey,
            Purpose::Login if through => EdgeKind::TakenFrom,
            Purpose::Login => EdgeKind::LogsInWith,
        };
        self.tie(last, id, kind, options);
    }

    /// A request that the model has not: nobody followed it to an endpoint.
    fn unknown_request(&mut self, user: usize, at: Location, url: Option<&str>) -> usize {
        let known = self.graph.parts.iter().position(|part| part.kind == NodeKind::Request && part.at.contains(&at));
        if let Some(id) = known {
            return id;
        }
        let zone = self.zone(user);
        let key = url.map_or(Key::RequestAt(at), |url| Key::Request(url.to_owned(), zone, None));
        let id = self.add(key, || Part {
            kind: NodeKind::Request,
            zone,
            because: Vec::new(),
            label: url.map_or_else(|| "to the back end".to_owned(), |url| format!("`{url}`")),
            facts: Vec::new(),
            at: Vec::new(),
            also: Vec::new(),
        });
        self.place(id, at);
        id
    }

    fn request(&mut self, request: &'a Request) -> Option<usize> {
        // A request to the service itself is a call of it.
        if let Some((index, call)) = self.app.service_calls.iter().enumerate().find(|(_, call)| call.at == request.at) {
            return self.call(index, call);
        }
        let zone = Zone::of(request.zone.kind).filter(|_| !request.development_only)?;
        // A request whose address is all holes is told from others by its place.
        let is_named = request.spelling.chars().any(|character| character == '/' || character == '.');
        let key = if is_named { Key::Request(request.spelling.clone(), zone, request.endpoint) } else { Key::RequestAt(request.at) };
        let is_new = !self.known.contains_key(&key);
        let id = self.add(key, || Part {
            kind: NodeKind::Request,
            zone,
            because: request.zone.because.clone(),
            label: if is_named { format!("`{}`", request.spelling) } else { request.spelling.clone() },
            facts: Vec::new(),
            at: Vec::new(),
            also: Vec::new(),
        });
        self.place(id, request.at);
        if is_new {
            self.open.push_back(Open::Request(id, request));
        }
        Some(id)
    }

    /// Ties a request to the endpoint that answers it, and gives that.
    fn answer(&mut self, asked: usize, request: &'a Request) -> Option<(usize, &'a Endpoint)> {
        let place = request.endpoint?;
        let (index, endpoint) = self.app.endpoints.iter().enumerate().find(|(_, endpoint)| endpoint.at == place)?;
        let id = self.endpoint(index, endpoint)?;
        self.tie(asked, id, EdgeKind::AnsweredBy, &[]);
        Some((id, endpoint))
    }

    fn endpoint(&mut self, index: usize, endpoint: &'a Endpoint) -> Option<usize> {
        let zone = Zone::of(endpoint.zone.kind).filter(|_| !endpoint.development_only)?;
        let is_new = !self.known.contains_key(&Key::Endpoint(index));
        let id = self.add(Key::Endpoint(index), || Part {
            kind: NodeKind::Endpoint,
            zone,
            because: endpoint.zone.because.clone(),
            label: endpoint.name.clone(),
            facts: words::endpoint(endpoint.gives, &endpoint.check),
            at: vec![endpoint.at],
            also: vec![endpoint.gives_at],
        });
        if is_new {
            self.open.push_back(Open::Endpoint(id, endpoint));
        }
        Some(id)
    }

    /// Ties an endpoint to the calls and handouts behind it.
    fn behind(&mut self, id: usize, endpoint: &'a Endpoint) {
        let places = on_the_way(endpoint);
        let app = self.app;
        for (index, call) in app.service_calls.iter().enumerate().filter(|(_, call)| places.contains(&call.at)) {
            if let Some(called) = self.call(index, call) {
                self.tie(id, called, EdgeKind::Calls, &[]);
            }
        }
        for (index, handout) in app.handouts.iter().enumerate().filter(|(_, handout)| places.contains(&handout.at)) {
            if let Some(handed) = self.handout(index, handout) {
                self.tie(id, handed, EdgeKind::HandsOut, &[]);
            }
        }
    }

    fn call(&mut self, index: usize, call: &'a ServiceCall) -> Option<usize> {
        let zone = Zone::of(call.zone.kind).filter(|_| !call.development_only)?;
        let (kind, does, _) = words::action(call.action);
        let is_new = !self.known.contains_key(&Key::Call(index));
        let id = self.add(Key::Call(index), || Part {
            kind,
            zone,
            because: call.zone.because.clone(),
            label: format!("`{}`", call.spelling),
            facts: std::iter::once(words::plain(does)).chain(words::sharing(&call.sharing)).collect(),
            at: vec![call.at],
            also: call.chosen.into_iter().collect(),
        });
        if is_new {
            self.open.push_back(Open::Call(id, call));
        }
        Some(id)
    }

    /// What a call is made with, and the part of the service that it reaches.
    fn needs(&mut self, id: usize, call: &'a ServiceCall) {
        let production = |source: &&Source| !source.development_only && !source.in_development_file;
        for source in call.credential.iter().filter(production).flat_map(Source::all) {
            self.value(id, source, Purpose::Credential, &[]);
        }
        for source in call.key.iter().filter(production).flat_map(Source::all) {
            self.value(id, source, Purpose::Key, &[]);
        }
        let (_, _, resource) = words::action(call.action);
        let service = self.add(Key::Service(resource), || Part {
            kind: NodeKind::Service,
            zone: Zone::Service,
            because: Vec::new(),
            label: resource.to_owned(),
            facts: Vec::new(),
            at: Vec::new(),
            also: Vec::new(),
        });
        self.tie(id, service, EdgeKind::Reaches, &[]);
    }

    fn handout(&mut self, index: usize, handout: &'a Handout) -> Option<usize> {
        let zone = Zone::of(handout.zone.kind)?;
        Some(self.add(Key::Handout(index), || Part {
            kind: NodeKind::Handout,
            zone,
            because: handout.zone.because.clone(),
            label: words::handout(handout.what).to_owned(),
            facts: words::sharing(&handout.sharing).into_iter().collect(),
            at: vec![handout.at],
            also: Vec::new(),
        }))
    }

    /// The handout of an endpoint that has one only: what the answer holds comes from there.
    fn only_handout(&mut self, endpoint: &'a Endpoint) -> Option<usize> {
        let places = on_the_way(endpoint);
        let mut handed = self.app.handouts.iter().enumerate().filter(|(_, handout)| places.contains(&handout.at));
        let (index, only) = handed.next().filter(|_| handed.next().is_none())?;
        self.handout(index, only)
    }

    /// The node of a source that is no request.
    fn source(&mut self, user: usize, zone: Zone, source: &Source, purpose: Purpose) -> usize {
        let kind = purpose.node();
        let zone = words::source_zone(&source.provenance, zone);
        let (label, fact) = words::source(&source.provenance, purpose);
        let key = match &source.provenance {
            Provenance::Literal(_) | Provenance::File | Provenance::TemplateHole => Key::At(kind, source.at),
            Provenance::PublicEnv(_)
            | Provenance::PrivateEnv(_)
            | Provenance::Storage(_)
            | Provenance::Form
            | Provenance::PageUrl
            | Provenance::Database => Key::Named(kind, zone, label.clone()),
            Provenance::BackEnd(_) | Provenance::RequestInput | Provenance::Caller | Provenance::Unknown => {
                Key::Of(user, kind, label.clone())
            }
        };
        let id = self.add(key, || Part {
            kind,
            zone,
            because: Vec::new(),
            label,
            facts: fact.into_iter().collect(),
            at: Vec::new(),
            also: Vec::new(),
        });
        self.place(id, source.at);
        id
    }

    /// Keys in code that ships; those that a known call uses are there already.
    fn keys(&mut self) {
        let app = self.app;
        for used in app.key_uses.iter().filter(|used| !used.presence_only) {
            let Some(zone) = Zone::of(used.zone.kind).filter(|_| !used.development_only) else { continue };
            let (label, fact) = words::key(&used.what);
            let key = match &used.what {
                KeyOrigin::PublicEnv(_) | KeyOrigin::Field(_) => Key::Named(NodeKind::KeySource, zone, label.clone()),
                KeyOrigin::Literal => Key::At(NodeKind::KeySource, used.literal.unwrap_or(used.at)),
            };
            let id = self.add(key, || Part {
                kind: NodeKind::KeySource,
                zone,
                because: used.zone.because.clone(),
                label,
                facts: vec![fact],
                at: Vec::new(),
                also: Vec::new(),
            });
            self.place(id, used.literal.unwrap_or(used.at));
            if let Some(part) = self.graph.parts.get_mut(id) {
                part.also.push(used.at);
            }
        }
    }

    fn add(&mut self, key: Key, make: impl FnOnce() -> Part) -> usize {
        let next = self.graph.parts.len();
        let id = *self.known.entry(key).or_insert(next);
        if id == next {
            self.graph.parts.push(make());
        }
        id
    }

    fn place(&mut self, id: usize, at: Location) {
        if let Some(part) = self.graph.parts.get_mut(id)
            && !part.at.contains(&at)
        {
            part.at.push(at);
        }
    }

    fn fact(&mut self, id: usize, fact: Fact) {
        if let Some(part) = self.graph.parts.get_mut(id) {
            part.facts.push(fact);
        }
    }

    fn zone(&self, id: usize) -> Zone {
        self.graph.parts.get(id).map_or(Zone::Unknown, |part| part.zone)
    }

    /// Draws an edge once; options that take the same way share it.
    fn tie(&mut self, from: usize, to: usize, kind: EdgeKind, options: &[String]) {
        let edge = self.graph.edges.iter_mut().find(|edge| (edge.from, edge.to, edge.kind) == (from, to, kind));
        match edge {
            Some(edge) => {
                for option in options {
                    if !edge.options.contains(option) {
                        edge.options.push(option.clone());
                    }
                }
            }
            None => self.graph.edges.push(Edge { from, to, kind, options: options.to_vec() }),
        }
    }
}

/// The places of the calls and handouts that lie behind an endpoint: those that the model names, and those on the way to what it gives.
fn on_the_way(endpoint: &Endpoint) -> FxHashSet<Location> {
    let steps = endpoint.flow.iter().map(|step| step.location);
    endpoint.reaches.iter().copied().chain([endpoint.gives_at]).chain(steps).collect()
}
