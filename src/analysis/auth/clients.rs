//! Clients: the places where an SDK logs in, and the login options that reach them.

use std::sync::Arc;

use super::Builder;
use super::versions::Versions;
use crate::analysis::model::{Client, LoginOption, OptionRole, Refresh, RefreshFault};
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::analysis::values::{Identity, Origin, OriginKind, Site};
use crate::catalog::sdk::{ClientForm, Form, Sdk};
use crate::catalog::user::without_extension;
use crate::finding::{Confidence, FlowStep, StepKind};
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, Imported, JsxAttribute, JsxTag, Name};
use crate::project::Resolved;
use crate::source::FileId;

/// A client as found, before its refresh is judged.
#[derive(Debug)]
pub(crate) struct FoundClient {
    pub(crate) site: Site,
    pub(crate) sdk: Arc<Sdk>,
    /// Which of the SDK's ways to make a client.
    form: usize,
    pub(crate) options: Vec<LoginOption>,
    pub(crate) confidence: Confidence,
}

impl FoundClient {
    /// The way in which it is made.
    pub(crate) fn form(&self) -> Option<&ClientForm> {
        self.sdk.client.get(self.form)
    }
}

/// A place where options enter a client, and the path below it.
pub(super) struct Sink {
    pub(super) site: Site,
    pub(super) path: Vec<Name>,
}

impl Builder<'_> {
    /// Every client of the anchored files, refresh judged, in file order.
    pub(crate) fn clients(&self) -> Vec<Client> {
        let found: Vec<FoundClient> = self.workspace.anchored_units().flat_map(|unit| self.found_in(unit)).collect();
        let listeners = self.listeners(&found);
        let versions = self.versions();
        let mut clients: Vec<Client> = found.iter().map(|client| self.client(client, &listeners, &versions)).collect();
        let sites: Vec<Site> = found.iter().map(|client| client.site).collect();
        for unit in self.workspace.anchored_units() {
            clients.extend(self.password_renewals(unit, &sites));
        }
        clients
    }

    /// `client.login({ creds: { login, password } })`: a live client that logs in again with a password.
    fn password_renewals(&self, unit: &Unit, sites: &[Site]) -> Vec<Client> {
        let mut clients = Vec::new();
        for sdk in self.catalog.vendors().iter().filter_map(|vendor| vendor.sdks.first()) {
            self.password_renewals_of(sdk, unit, sites, &mut clients);
        }
        clients
    }

    fn password_renewals_of(&self, sdk: &Arc<Sdk>, unit: &Unit, sites: &[Site], clients: &mut Vec<Client>) {
        let Some(credentials) = &sdk.live.login.credentials else { return };
        for call in unit.usage.method_calls(&sdk.live.login.method) {
            let Some(argument) = argument(unit, *call, 0) else { continue };
            let Some(receiver) = unit.call_receiver(*call) else { continue };
            let mut options = Vec::new();
            for (role, names) in [(OptionRole::User, &sdk.user), (OptionRole::Password, &sdk.secret)] {
                for name in names {
                    let path = [Name::from(credentials.as_str()), Name::from(name.as_str())];
                    for property in self.values.properties(Self::site(unit, argument), &path) {
                        options.extend(self.option(role, name, &property, unit, sdk));
                    }
                }
            }
            if !options.iter().any(|option| option.role == OptionRole::Password) || !self.is_live_client(unit, receiver, sites) {
                continue;
            }
            clients.push(Client {
                at: unit.at(unit.module[*call].span),
                sdk: Arc::clone(sdk),
                name: Some(unit.source.slice(unit.module[receiver].span).to_owned()),
                options,
                zone: self.zone_at(unit, *call),
                development_only: self.values.is_development_guarded(unit, Node::Expr(*call)),
                short_lived: false,
                refresh: Refresh::NotNeeded,
                confidence: Confidence::High,
                version: None,
                faults: Vec::new(),
                renewal: None,
            });
        }
    }

    /// Whether an expression is a client: by its origin, or by the SDK class that its annotation names.
    pub(crate) fn is_live_client(&self, unit: &Unit, receiver: ExprId, sites: &[Site]) -> bool {
        let by_origin = self.values.origins(Self::site(unit, receiver), &[]).iter().any(|origin| match &origin.kind {
            OriginKind::New(site) | OriginKind::Call(site) | OriginKind::Element(site) => sites.contains(site),
            _ => false,
        });
        by_origin || self.annotated_as_client(unit, receiver)
    }

    /// `client: TelnyxRTC`.
    fn annotated_as_client(&self, unit: &Unit, receiver: ExprId) -> bool {
        let Some(symbol) = unit.scopes.symbol_of_expr(unit.uncast(receiver)).and_then(|symbol| unit.scopes.symbol(symbol)) else {
            return false;
        };
        let classes: Vec<&str> = self
            .catalog
            .sdks()
            .flat_map(|sdk| &sdk.client)
            .filter(|client| client.form == Form::Constructor)
            .map(|client| client.export.as_str())
            .collect();
        symbol.bindings.iter().any(|binding| {
            unit.module[*binding]
                .type_name
                .as_ref()
                .is_some_and(|annotation| annotation.names.iter().any(|name| classes.contains(&&**name)))
        })
    }

    fn client(&self, found: &FoundClient, listeners: &super::listeners::Listeners, versions: &Versions<'_>) -> Client {
        let unit = self.workspace.unit(found.site.file);
        let zone = unit.map(|unit| self.zone_at(unit, found.site.expr));
        let has_token = found.options.iter().any(|option| option.role == OptionRole::Token);
        let task = found.form().is_some_and(|form| form.short_lived);
        let short_lived = task || unit.is_some_and(|unit| self.lives_for_one_call(unit, found.site, &found.sdk.live));
        let renews = has_token && !task;
        let version = if renews { versions.of(found) } else { None };
        let refresh = if renews { self.refresh_of(found, listeners, version.as_ref()) } else { Refresh::NotNeeded };
        let needs_handler = match &refresh {
            Refresh::Missing { .. } => true,
            // One that only logs can go on doing so beside another.
            Refresh::Broken(faults) => faults.iter().any(|broken| broken.fault == RefreshFault::OnlyLogs),
            Refresh::Works(_) | Refresh::NotNeeded => false,
        };
        let renewal = if needs_handler { self.renewal_site(found, listeners) } else { None };
        Client {
            at: self.at(found.site),
            sdk: Arc::clone(&found.sdk),
            name: unit.and_then(|unit| client_name(unit, found.site.expr)),
            options: found.options.clone(),
            zone: zone.unwrap_or_else(|| (*self.zones.zone_of(found.site.file)).clone()),
            development_only: unit.is_some_and(|unit| self.values.is_development_guarded(unit, Node::Expr(found.site.expr))),
            short_lived,
            refresh,
            confidence: found.confidence,
            version,
            faults: unit.map(|unit| self.option_faults(unit, found)).unwrap_or_default(),
            renewal,
        }
    }

    fn found_in(&self, unit: &Unit) -> Vec<FoundClient> {
        let mut found = Vec::new();
        // An SDK's own package builds clients for its users; what they are given is the users' business.
        let own = self.workspace.project.package_of(unit.file).and_then(|package| package.name.as_deref());
        if own.is_some_and(|own| self.catalog.sdk_of_package(own).is_some()) || self.is_wrapper(unit.file) {
            return found;
        }
        for node in unit.parents.nodes() {
            let Node::Expr(expr) = *node else { continue };
            let (form, target) = match &unit.module[expr].kind {
                ExprKind::New { callee, .. } => (Form::Constructor, *callee),
                ExprKind::Call { callee, .. } => (Form::Call, *callee),
                ExprKind::Jsx(element) => match element.tag {
                    JsxTag::Component(tag) => (Form::Component, tag),
                    _ => continue,
                },
                _ => continue,
            };
            if !self.may_be_sdk(unit, target, form) {
                continue;
            }
            let identities = self.values.identities(Self::site(unit, target));
            let Some((sdk, form, confidence)) = self.matching(unit, target, form, &identities) else { continue };
            let site = Self::site(unit, expr);
            let Some(client_form) = sdk.client.get(form) else { continue };
            let options = self.options(unit, expr, sdk, client_form);
            found.push(FoundClient { site, sdk: Arc::clone(sdk), form, options, confidence });
        }
        found
    }

    /// A cheap look before a question is asked: calls need the export's name somewhere, constructors anything but a builtin.
    fn may_be_sdk(&self, unit: &Unit, target: ExprId, form: Form) -> bool {
        let text = unit.source.slice(unit.module[target].span);
        match form {
            Form::Constructor => !self.catalog.habits.builtin_classes.iter().any(|class| class == text),
            Form::Call | Form::Hook | Form::Component => {
                let last = text.rsplit(['.', '?', '!']).next().unwrap_or(text);
                let imported = |name: &str| {
                    unit.scopes.symbol_of_expr(target).is_some_and(|symbol| {
                        unit.usage.writes(symbol).iter().any(|write| match write.kind {
                            crate::analysis::usage::WriteKind::Import { import, name: at } => unit.module.imports.get(import).is_some_and(|import| {
                                matches!(import.names.get(at).map(|name| &name.imported), Some(crate::hir::Imported::Named(imported)) if &**imported == name)
                            }),
                            _ => false,
                        })
                    })
                };
                self.catalog.sdks().flat_map(|sdk| &sdk.client).filter(|client| client.form != Form::Constructor).any(|client| {
                    let export = client.export.rsplit('.').next().unwrap_or(&client.export);
                    last == export || imported(export)
                })
            }
        }
    }

    fn matching(&self, unit: &Unit, target: ExprId, form: Form, identities: &[Identity]) -> Option<(&Arc<Sdk>, usize, Confidence)> {
        let fits = |client: &ClientForm| client.form == form || (client.form == Form::Hook && form == Form::Call);
        for identity in identities {
            for sdk in self.catalog.sdks() {
                for (at, client) in sdk.client.iter().enumerate().filter(|(_, client)| fits(client)) {
                    let confidence = match identity {
                        Identity::Package { package, path } => {
                            if !sdk.packages.iter().any(|name| **name == **package) {
                                continue;
                            }
                            exported_as(path, &client.export, client.form == Form::Constructor)
                        }
                        Identity::Global(path) => global_as(path, sdk, &client.export),
                    };
                    if let Some(confidence) = confidence {
                        return Some((sdk, at, confidence));
                    }
                }
            }
        }
        if let Some((sdk, at)) = self.wrapper_called(unit, target, fits) {
            return Some((sdk, at, Confidence::High));
        }
        // The name and a type import are all there is: `const TelnyxRTC = await loadSdk()`.
        let text = unit.source.slice(unit.module[target].span);
        let last = text.rsplit(['.', '?', ')']).next().unwrap_or(text);
        let known_class = self.values.origins(Self::site(unit, target), &[]).iter().any(|origin| {
            matches!(origin.kind, OriginKind::Class(_) | OriginKind::Function(_))
                || matches!(&origin.kind, OriginKind::Package { package, .. } if self.catalog.sdk_of_package(package).is_none())
        });
        if form == Form::Constructor && !known_class {
            for sdk in self.catalog.sdks() {
                let mentions = sdk.packages.iter().any(|package| unit.source.text.contains(package.as_str()))
                    || sdk.globals.iter().any(|global| unit.source.text.contains(global.as_str()));
                if let Some(at) = sdk.client.iter().position(|client| client.form == form && client.export == last)
                    && mentions
                {
                    return Some((sdk, at, Confidence::Medium));
                }
            }
        }
        None
    }

    /// Whether a file is a wrapper that a team has declared: what it is given is its users' business, and they are judged.
    fn is_wrapper(&self, file: FileId) -> bool {
        self.catalog.sdks().any(|sdk| !sdk.files.is_empty() && self.is_one_of(file, &sdk.files))
    }

    /// Whether a file's path, without its extension, is one of those.
    pub(super) fn is_one_of(&self, file: FileId, paths: &[String]) -> bool {
        self.workspace.project.absolute(file).is_some_and(|path| paths.contains(&without_extension(&path)))
    }

    /// The declared wrapper that a callee is imported from by name, whatever stands in it.
    fn wrapper_called(&self, unit: &Unit, target: ExprId, fits: impl Fn(&ClientForm) -> bool) -> Option<(&Arc<Sdk>, usize)> {
        let (specifier, export) = unit.imported_as(target)?;
        let package = self.workspace.package_specifier(unit.file, specifier);
        let file = match self.workspace.resolve(unit.file, specifier) {
            Resolved::File(file) => Some(file),
            _ => None,
        };
        self.catalog.sdks().find_map(|sdk| {
            let from = sdk.packages.contains(&package) || file.is_some_and(|file| self.is_one_of(file, &sdk.files));
            let at = sdk.client.iter().position(|client| fits(client) && client.export == export)?;
            from.then_some((sdk, at))
        })
    }

    fn options(&self, unit: &Unit, expr: ExprId, sdk: &Sdk, form: &ClientForm) -> Vec<LoginOption> {
        let mut options = Vec::new();
        let sinks = sinks(unit, expr, form);
        let token = if form.token.is_empty() { &sdk.token } else { &form.token };
        let roles = [
            (OptionRole::User, &sdk.user),
            (OptionRole::Password, &sdk.secret),
            (OptionRole::Token, token),
            (OptionRole::Anonymous, &sdk.anonymous),
        ];
        for (role, names) in roles {
            for name in names {
                for sink in &sinks {
                    let mut path = sink.path.clone();
                    path.push(Name::from(name.as_str()));
                    for property in self.values.properties(sink.site, &path) {
                        options.extend(self.option(role, name, &property, unit, sdk));
                    }
                }
            }
        }
        for (role, position) in
            [(OptionRole::User, form.user_argument), (OptionRole::Password, form.secret_argument), (OptionRole::Token, form.token_argument)]
        {
            if let Some(argument) = position.and_then(|position| argument(unit, expr, position)) {
                let site = Self::site(unit, argument);
                let (sources, limited) = self.sources(&self.values.origins(site, &[]), unit.file);
                options.push(LoginOption {
                    role,
                    name: role_name(role).to_owned(),
                    at: self.at(site),
                    sources,
                    limited,
                    way: Vec::new(),
                    object: None,
                    removal: Vec::new(),
                });
            }
        }
        options
    }

    fn option(&self, role: OptionRole, name: &str, property: &Origin, unit: &Unit, sdk: &Sdk) -> Option<LoginOption> {
        let OriginKind::Property(value) = property.kind else { return None };
        let origins = self.values.origins_of_property(property);
        // `login_token: undefined`, `password: ""`: written, but nothing is given.
        let holder = self.workspace.unit(value.file)?;
        if is_dead(holder, value.expr) {
            return None;
        }
        let (sources, limited) = self.sources(&origins, unit.file);
        // Only dead values reach it: a default of `""` that nobody overrides.
        if sources.is_empty() && !limited {
            return None;
        }
        let way: Vec<FlowStep> = property.trail.steps();
        // Options that are spread in stand where they are spread: that is the place that lets them into the client.
        let spread = way.iter().rev().find(|step| step.kind == StepKind::Spread).map(|step| step.location);
        let object = match holder.parents.parent(Node::Expr(value.expr)) {
            Some(Node::Expr(parent)) => Some(holder.at(holder.module[parent].span)),
            _ => None,
        };
        let removal = match role {
            OptionRole::Password => Self::removal(holder, value.expr, &sdk.user.iter().chain(&sdk.secret).collect::<Vec<_>>()),
            _ => Vec::new(),
        };
        Some(LoginOption {
            role,
            name: name.to_owned(),
            at: spread.unwrap_or_else(|| self.at(value)),
            sources,
            limited,
            way,
            object,
            removal,
        })
    }
}

impl Unit {
    /// The module and the export that a name, or a member of a namespace, is imported from.
    pub(super) fn imported_as(&self, expr: ExprId) -> Option<(&str, String)> {
        let expr = self.uncast(expr);
        let (root, member) = match &self.module[expr].kind {
            ExprKind::Member { object, property, .. } => (self.uncast(*object), Some(property)),
            _ => (expr, None),
        };
        self.usage.writes(self.scopes.symbol_of_expr(root)?).iter().find_map(|write| {
            let WriteKind::Import { import, name } = write.kind else { return None };
            let import = self.module.imports.get(import)?;
            let export = match (&import.names.get(name)?.imported, member) {
                (Imported::Named(export), None) => export.to_string(),
                (Imported::Named(export), Some(member)) => format!("{export}.{member}"),
                (Imported::Default, None) => "default".to_owned(),
                (Imported::Namespace, Some(member)) => member.to_string(),
                _ => return None,
            };
            Some((&*import.specifier, export))
        })
    }
}

/// Where the options of a client enter.
pub(super) fn sinks(unit: &Unit, expr: ExprId, form: &ClientForm) -> Vec<Sink> {
    let path: Vec<Name> = form.path.iter().map(|segment| Name::from(segment.as_str())).collect();
    let mut sinks = Vec::new();
    for position in [form.argument, form.also_argument].into_iter().flatten() {
        if let Some(argument) = argument(unit, expr, position) {
            sinks.push(Sink { site: Site { file: unit.file, expr: argument }, path: path.clone() });
        }
    }
    if let ExprKind::Jsx(element) = &unit.module[expr].kind {
        for attribute in &element.attributes {
            match attribute {
                JsxAttribute::Named { name, value: Some(value), .. } => {
                    if form.property.as_deref() == Some(&**name) || form.also.iter().any(|also| **also == **name) {
                        sinks.push(Sink { site: Site { file: unit.file, expr: *value }, path: Vec::new() });
                    }
                }
                JsxAttribute::Spread(value) => {
                    let properties = form.property.iter().chain(&form.also);
                    sinks.extend(
                        properties.map(|property| Sink {
                            site: Site { file: unit.file, expr: *value },
                            path: vec![Name::from(property.as_str())],
                        }),
                    );
                }
                JsxAttribute::Named { value: None, .. } => {}
            }
        }
    }
    sinks
}

fn argument(unit: &Unit, expr: ExprId, position: usize) -> Option<ExprId> {
    match &unit.module[expr].kind {
        ExprKind::Call { args, .. } | ExprKind::New { args, .. } => args.get(position).filter(|arg| !arg.spread).map(|arg| arg.expr),
        _ => None,
    }
}

fn role_name(role: OptionRole) -> &'static str {
    match role {
        OptionRole::User => "user name",
        OptionRole::Password => "password",
        OptionRole::Token => "token",
        OptionRole::Anonymous => "anonymous login",
    }
}

/// A value that is nothing: `undefined`, `null`, an empty string.
fn is_dead(unit: &Unit, expr: ExprId) -> bool {
    match &unit.module[unit.uncast(expr)].kind {
        ExprKind::Ident(name) => &**name == "undefined",
        ExprKind::Literal(crate::hir::Literal::String(text)) => text.is_empty(),
        ExprKind::Literal(crate::hir::Literal::Null | crate::hir::Literal::Bool(_)) => true,
        _ => false,
    }
}

/// Whether a package's member path is the export, and how sure that is.
fn exported_as(path: &str, export: &str, constructor: bool) -> Option<Confidence> {
    let bare = path.strip_prefix("default.").unwrap_or(path);
    if bare == export || path == export {
        return Some(Confidence::High);
    }
    // `new (sdk.default)(…)`, `new sdk(…)`: a wrong import, or a fallback of one; the intent is clear.
    (constructor && matches!(path, "" | "default" | "default.default")).then_some(Confidence::Medium)
}

fn global_as(path: &str, sdk: &Sdk, export: &str) -> Option<Confidence> {
    for global in &sdk.globals {
        if path.strip_prefix(global.as_str()).and_then(|rest| rest.strip_prefix('.')) == Some(export) {
            return Some(Confidence::High);
        }
    }
    sdk.loose_globals.iter().any(|global| path == global && path == export).then_some(Confidence::Medium)
}

/// The variable, field or ref that a client is kept in.
pub(crate) fn client_name(unit: &Unit, expr: ExprId) -> Option<String> {
    let mut inner = expr;
    loop {
        match unit.parents.parent(Node::Expr(inner))? {
            Node::Expr(outer) => match &unit.module[outer].kind {
                ExprKind::Assign { target, value, .. } if *value == inner => {
                    return Some(unit.source.slice(unit.module[*target].span).to_owned());
                }
                ExprKind::Cast { .. } | ExprKind::Await(_) | ExprKind::Conditional { .. } | ExprKind::Logical { .. } => inner = outer,
                _ => return None,
            },
            Node::Stmt(_) => {
                let symbol = unit.declared_symbol(expr).or_else(|| unit.declared_symbol(inner))?;
                return unit.scopes.symbol(symbol).map(|symbol| symbol.name.to_string());
            }
            _ => return None,
        }
    }
}
