//! The weaving and the attaching, on hand-made models.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use super::attach::parts_of;
use super::graph::{Edge, NodeKind, Zone as Side};
use super::weave::{Graph, weave};

use crate::analysis::model::{
    App, Basis, CallerCheck, Client, Endpoint, Gift, HandedOut, Handout, KeyOrigin, KeyUse, LoginOption, OptionRole, Provenance, Refresh,
    Request, SecretText, ServiceAction, ServiceCall, Sharing, Source, Zone,
};
use crate::catalog::Catalog;
use crate::finding::{Confidence, Finding, Label, Severity, ZoneKind};
use crate::source::{FileId, Location, Span};

/// A place of ten bytes in file `file`.
fn at(file: u32, start: usize) -> Location {
    Location::new(FileId(file), Span::new(start, start + 10))
}

fn zone(kind: ZoneKind) -> Zone {
    Zone {
        kind,
        confidence: Confidence::High,
        because: vec!["a reason".to_owned()],
        server_exports: vec![],
        client_exports: vec![],
        limited: false,
    }
}

fn source(provenance: Provenance, at: Location, requests: &[Location]) -> Source {
    Source {
        provenance,
        at,
        flow: vec![],
        derived: false,
        development_only: false,
        conditions: Vec::new(),
        in_development_file: false,
        requests: requests.to_vec(),
        beyond: vec![],
    }
}

fn option(role: OptionRole, name: &str, at: Location, sources: Vec<Source>) -> LoginOption {
    LoginOption { role, name: name.to_owned(), at, sources, limited: false, way: vec![], object: None, removal: vec![] }
}

fn client(at: Location, options: Vec<LoginOption>) -> Client {
    Client {
        at,
        sdk: Arc::clone(Catalog::builtin().unwrap().sdk_of_package("@telnyx/webrtc").unwrap()),
        name: Some("phone".to_owned()),
        options,
        zone: zone(ZoneKind::Client),
        development_only: false,
        short_lived: false,
        refresh: Refresh::Works(Basis::Own),
        version: None,
        faults: Vec::new(),
        renewal: None,
        confidence: Confidence::High,
    }
}

fn request(at: Location, spelling: &str, kind: ZoneKind, endpoint: Option<Location>) -> Request {
    Request { at, spelling: spelling.to_owned(), zone: zone(kind), development_only: false, endpoint }
}

fn endpoint(at: Location, gives_at: Location, reaches: Vec<Location>) -> Endpoint {
    Endpoint {
        name: "`POST /token`".to_owned(),
        at,
        gives_at,
        gives: Gift::Token,
        flow: vec![],
        reaches,
        check: CallerCheck::Missing { pretended: None },
        zone: zone(ZoneKind::Server),
        development_only: false,
    }
}

fn call(at: Location, action: ServiceAction, kind: ZoneKind, credential: Vec<Source>, key: Vec<Source>) -> ServiceCall {
    ServiceCall {
        at,
        chosen: None,
        action,
        spelling: "POST /telephony_credentials/…/token".to_owned(),
        zone: zone(kind),
        development_only: false,
        sharing: Sharing::Unknown,
        flow: vec![],
        confidence: Confidence::High,
        id_at: None,
        credential,
        id_checked: false,
        key,
    }
}

fn handout(at: Location) -> Handout {
    Handout {
        at,
        what: HandedOut::Password,
        sharing: Sharing::Unknown,
        flow: vec![],
        zone: zone(ZoneKind::Server),
        confidence: Confidence::High,
        sharing_confidence: Confidence::High,
    }
}

fn env(name: &str) -> Provenance {
    Provenance::PrivateEnv(name.into())
}

fn back_end() -> Provenance {
    Provenance::BackEnd(Some("POST /token".to_owned()))
}

/// `client phone -login_token asks-> request …`, one line an edge, and lines of nodes that no edge touches.
fn lines(graph: &Graph) -> Vec<String> {
    let name = |id: usize| {
        let part = &graph.parts[id];
        format!("{} {} ({})", part.kind.title(), part.label, part.zone.phrase())
    };
    let line = |edge: &Edge| format!("{} -{} {}-> {}", name(edge.from), edge.options.join(","), edge.kind.words(), name(edge.to));
    let mut lines: Vec<String> = graph.edges.iter().map(line).collect();
    lines.extend((0..graph.parts.len()).filter(|id| graph.edges.iter().all(|edge| edge.from != *id && edge.to != *id)).map(name));
    lines
}

/// A whole chain, and a second client that asks the same.
fn joined() -> App {
    let token = |at_option| option(OptionRole::Token, "login_token", at_option, vec![source(back_end(), at(1, 0), &[at(1, 0)])]);
    App {
        clients: vec![client(at(0, 0), vec![token(at(0, 2))]), client(at(0, 100), vec![token(at(0, 102))])],
        requests: vec![request(at(1, 0), "POST /token", ZoneKind::Client, Some(at(2, 0)))],
        endpoints: vec![endpoint(at(2, 0), at(3, 0), vec![at(3, 0)])],
        service_calls: vec![call(
            at(3, 0),
            ServiceAction::Mint,
            ZoneKind::Server,
            vec![source(env("CREDENTIAL"), at(3, 50), &[])],
            vec![source(env("KEY"), at(3, 60), &[]), source(env("KEY"), at(3, 80), &[])],
        )],
        ..App::default()
    }
}

#[test]
fn a_token_is_followed_from_the_client_to_credential_key_and_service() {
    let graph = weave(&joined());
    assert_eq!(
        lines(&graph),
        [
            "client `phone` (browser or app) -login_token asks-> request `POST /token` (browser or app)",
            "request `POST /token` (browser or app) - answered by-> endpoint `POST /token` (server)",
            "endpoint `POST /token` (server) - calls-> token mint `POST /telephony_credentials/…/token` (server)",
            "token mint `POST /telephony_credentials/…/token` (server) - minted with-> credential id CREDENTIAL (server)",
            "token mint `POST /telephony_credentials/…/token` (server) - uses key-> API key KEY (server)",
            "token mint `POST /telephony_credentials/…/token` (server) - reaches-> service Login tokens (Telnyx)",
            "client `phone` (browser or app) -login_token asks-> request `POST /token` (browser or app)",
        ]
    );
    let key = graph.parts.iter().find(|part| part.kind == NodeKind::KeySource).unwrap();
    assert_eq!(key.at, [at(3, 60), at(3, 80)], "one variable is one part with two places");
}

#[test]
fn what_the_model_does_not_tie_together_stays_apart() {
    let mut app = joined();
    app.requests.clear();
    app.endpoints[0].reaches.clear();
    app.endpoints[0].gives_at = at(2, 5);
    for client in &mut app.clients {
        client.options[0].sources[0].requests.clear();
    }
    app.service_calls[0].credential.clear();
    app.service_calls[0].key.clear();
    assert_eq!(
        lines(&weave(&app)),
        [
            "client `phone` (browser or app) -login_token asks-> request `POST /token` (browser or app)",
            "client `phone` (browser or app) -login_token asks-> request `POST /token` (browser or app)",
            "token mint `POST /telephony_credentials/…/token` (server) - reaches-> service Login tokens (Telnyx)",
            "endpoint `POST /token` (server)",
        ]
    );
}

#[test]
fn sources_are_named_and_never_shown() {
    let secret = SecretText::new("hunter2-hunter2".into());
    for (provenance, expected) in [
        (Provenance::Literal(secret), "login value a literal (browser or app)"),
        (Provenance::PublicEnv("VITE_PW".into()), "login value VITE_PW (browser or app)"),
        (Provenance::Form, "login value typed in by the user (browser or app)"),
        (Provenance::Storage(Some("pw".into())), "login value storage `pw` (browser or app)"),
        (Provenance::TemplateHole, "login value a server template (server)"),
        (Provenance::Unknown, "login value unknown origin (browser or app)"),
    ] {
        let password = option(OptionRole::Password, "password", at(0, 2), vec![source(provenance, at(0, 2), &[])]);
        let app = App { clients: vec![client(at(0, 0), vec![password])], ..App::default() };
        assert_eq!(lines(&weave(&app)), [format!("client `phone` (browser or app) -password logs in with-> {expected}")]);
    }
}

#[test]
fn options_that_take_one_way_share_an_edge_and_a_handed_out_secret_has_its_source_behind_it() {
    let value =
        |role, name: &str, start, variable: &str| option(role, name, at(0, start), vec![source(env(variable), at(2, start), &[at(1, 0)])]);
    let options = vec![value(OptionRole::User, "login", 2, "USER"), value(OptionRole::Password, "password", 4, "PASSWORD")];
    let app = App {
        clients: vec![client(at(0, 0), options)],
        requests: vec![request(at(1, 0), "GET /account", ZoneKind::Client, Some(at(2, 0)))],
        endpoints: vec![endpoint(at(2, 0), at(2, 90), vec![at(2, 90)])],
        handouts: vec![handout(at(2, 90))],
        ..App::default()
    };
    assert_eq!(
        lines(&weave(&app)),
        [
            "client `phone` (browser or app) -login,password asks-> request `GET /account` (browser or app)",
            "request `GET /account` (browser or app) - answered by-> endpoint `POST /token` (server)",
            "handed-out secret a SIP password (server) - taken from-> login value USER (server)",
            "handed-out secret a SIP password (server) - taken from-> login value PASSWORD (server)",
            "endpoint `POST /token` (server) - hands out-> handed-out secret a SIP password (server)",
        ]
    );
}

#[test]
fn a_mint_in_the_browser_is_called_by_the_client_and_not_asked() {
    let token = option(OptionRole::Token, "login_token", at(0, 2), vec![source(back_end(), at(1, 0), &[at(1, 0)])]);
    let app = App {
        clients: vec![client(at(0, 0), vec![token])],
        requests: vec![request(at(1, 0), "POST https://api/x", ZoneKind::Client, None)],
        service_calls: vec![call(at(1, 0), ServiceAction::Mint, ZoneKind::Client, vec![], vec![])],
        ..App::default()
    };
    assert_eq!(
        lines(&weave(&app)),
        [
            "client `phone` (browser or app) -login_token calls-> token mint `POST /telephony_credentials/…/token` (browser or app)",
            "token mint `POST /telephony_credentials/…/token` (browser or app) - reaches-> service Login tokens (Telnyx)",
        ]
    );
}

#[test]
fn a_request_that_is_answered_by_one_that_asks_on_is_a_chain() {
    let token = option(OptionRole::Token, "login_token", at(0, 2), vec![source(back_end(), at(2, 50), &[at(2, 50), at(1, 0)])]);
    let app = App {
        clients: vec![client(at(0, 0), vec![token])],
        requests: vec![
            request(at(1, 0), "POST /token", ZoneKind::Client, Some(at(2, 0))),
            request(at(2, 50), "GET http://tokens.internal/", ZoneKind::Server, None),
        ],
        endpoints: vec![endpoint(at(2, 0), at(2, 50), vec![])],
        ..App::default()
    };
    assert_eq!(
        lines(&weave(&app)),
        [
            "client `phone` (browser or app) -login_token asks-> request `POST /token` (browser or app)",
            "request `POST /token` (browser or app) - answered by-> endpoint `POST /token` (server)",
            "endpoint `POST /token` (server) - asks-> request `GET http://tokens.internal/` (server)",
        ]
    );
}

#[test]
fn circles_end() {
    let mut app = joined();
    // The credential's id comes from the endpoint that mints with it.
    app.requests.push(request(at(3, 90), "GET /token", ZoneKind::Server, Some(at(2, 0))));
    app.service_calls[0].credential = vec![source(back_end(), at(3, 90), &[at(3, 90)])];
    assert!(lines(&weave(&app)).iter().any(|line| line.ends_with("asks-> request `GET /token` (server)")));
}

#[test]
fn tests_and_tools_are_counted_and_left_out() {
    let mut app = joined();
    app.clients[0].zone = zone(ZoneKind::Development);
    app.clients[1].development_only = true;
    app.endpoints[0].zone = zone(ZoneKind::Build);
    let graph = weave(&app);
    assert_eq!(graph.left_out, 3);
    assert!(graph.parts.iter().all(|part| !matches!(part.kind, NodeKind::Client | NodeKind::Endpoint)));
}

#[test]
fn keys_that_only_test_presence_are_none() {
    let key = |start, presence_only| KeyUse {
        at: at(0, start),
        what: KeyOrigin::PublicEnv("VITE_KEY".into()),
        literal: None,
        zone: zone(ZoneKind::Client),
        presence_only,
        development_only: false,
        flow: vec![],
        confidence: Confidence::High,
    };
    assert_eq!(lines(&weave(&App { key_uses: vec![key(0, true)], ..App::default() })), [""; 0]);
    let graph = weave(&App { key_uses: vec![key(0, false), key(20, false), key(40, true)], ..App::default() });
    assert_eq!((graph.parts.len(), graph.parts[0].at.len(), graph.parts[0].zone), (1, 2, Side::Client));
}

fn finding(primary: Location, labels: &[Location]) -> Finding {
    Finding {
        rule: "password-login",
        severity: Severity::Error,
        confidence: Confidence::High,
        message: String::new(),
        primary,
        primary_label: String::new(),
        labels: labels.iter().map(|location| Label { location: *location, message: String::new() }).collect(),
        flow: vec![],
        zone: None,
        help: String::new(),
        fix: None,
    }
}

#[test]
fn findings_stand_at_the_part_that_they_name() {
    let graph = weave(&joined());
    let wide = |file, start, end| Location::new(FileId(file), Span::new(start, end));
    for (case, primary, labels, expected) in [
        ("the client itself", at(0, 0), &[][..], &["client"][..]),
        ("an option of a client", at(0, 102), &[], &["client"]),
        ("inside an option", wide(0, 104, 106), &[], &["client"]),
        ("a mint", at(3, 0), &[], &["token mint"]),
        ("what gives a token away, with the endpoint as label", at(3, 0), &[at(2, 0)], &["endpoint"]),
        ("around the client", wide(0, 90, 130), &[], &["client"]),
        ("elsewhere, with the client as label", at(9, 0), &[at(9, 50), at(0, 0)], &["client"]),
        ("elsewhere", at(9, 0), &[at(9, 50)], &[]),
        ("next to it", at(0, 10), &[], &[]),
        ("the second read of the key", at(3, 80), &[], &["API key"]),
    ] {
        let found = parts_of(&finding(primary, labels), &graph.parts);
        let kinds: Vec<&str> = found.iter().map(|id| graph.parts[*id].kind.title()).collect();
        assert_eq!(kinds, expected, "{case}");
    }
    let second = parts_of(&finding(at(0, 102), &[]), &graph.parts);
    assert_eq!(graph.parts[second[0]].at, [at(0, 100)], "the option's own client");
}

#[test]
fn clients_that_share_their_options_share_the_finding() {
    let mut app = joined();
    app.clients[1].options[0].at = at(0, 2);
    let graph = weave(&app);
    assert_eq!(parts_of(&finding(at(0, 2), &[]), &graph.parts).len(), 2);
}
