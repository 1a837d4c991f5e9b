//! Options that the SDK rejects or ignores, and clients made of something that is no class.
//!
//! An option counts as absent only when every object that reaches the client is known whole: behind a spread of something unknown, or a
//! parameter, it may be there.

use super::Builder;
use super::clients::{FoundClient, Sink, sinks};
use crate::analysis::model::{FaultKind, OptionFault};
use crate::analysis::unit::Unit;
use crate::analysis::values::{Identity, Origin, OriginKind, Site};
use crate::catalog::sdk::{Form, Sdk};
use crate::hir::{ExprKind, Literal, Name};

impl Builder<'_> {
    /// What is wrong with the way a client is made.
    pub(super) fn option_faults(&self, unit: &Unit, found: &FoundClient) -> Vec<OptionFault> {
        let mut faults: Vec<OptionFault> = self.class_fault(unit, found).into_iter().collect();
        faults.extend(self.login_fault(unit, found));
        faults.extend(self.server_fault(unit, found));
        faults
    }

    /// An option that always sends the client to the vendor's test servers.
    fn server_fault(&self, unit: &Unit, found: &FoundClient) -> Option<OptionFault> {
        let servers = found.sdk.test_servers.as_ref()?;
        let [sink] = sinks(unit, found.site.expr, found.form()?).try_into().ok()?;
        let [property] = self.values.properties(sink.site, &[Name::from(servers.option.as_str())]).try_into().ok()?;
        let [value] = self.values.origins_of_property(&property).try_into().ok()?;
        let OriginKind::Property(written) = property.kind else { return None };
        let is_set = matches!(&value.kind, OriginKind::Literal(Literal::String(text)) if **text == *servers.value);
        let decided = value.derived || !value.conditions.is_empty() || !property.conditions.is_empty();
        let kind = FaultKind::TestServers(servers.option.clone(), servers.value.clone());
        (is_set && !decided).then(|| OptionFault { kind, at: self.at(written), because: None, key: None, class: None })
    }

    /// Options without a login that the SDK accepts.
    fn login_fault(&self, unit: &Unit, found: &FoundClient) -> Option<OptionFault> {
        let (sdk, form) = (&found.sdk, found.form()?);
        let sinks = sinks(unit, found.site.expr, form);
        if sinks.is_empty() {
            return None;
        }
        let tokens = if form.token.is_empty() { &sdk.token } else { &form.token };
        let wrong = if form.wrong.is_empty() { &sdk.wrong } else { &form.wrong };
        let given = |names: &[String]| -> Vec<Origin> {
            names.iter().flat_map(|name| sinks.iter().flat_map(|sink| self.values.properties(sink.site, &below(sink, name)))).collect()
        };
        if !given(&sdk.secret).is_empty() || !given(&sdk.anonymous).is_empty() {
            return None;
        }
        let token = given(tokens);
        let fault = |kind, at| Some(OptionFault { kind, at, because: None, key: None, class: None });
        if !token.is_empty() {
            let empty: Option<Vec<Site>> = token.iter().map(|origin| self.empty_text(origin)).collect();
            let at = self.at(*empty?.first()?);
            return fault(FaultKind::EmptyToken, at);
        }
        let right = tokens.first().cloned().unwrap_or_default();
        if let Some((key, at)) = wrong.iter().find_map(|key| Some((key, self.written(&given(std::slice::from_ref(key)))?))) {
            let key_site = self.workspace.unit(at.file).and_then(|holder| holder.key_site(at.expr));
            let fault =
                OptionFault { kind: FaultKind::WrongKey(key.clone(), right), at: self.at(at), because: None, key: key_site, class: None };
            return Some(fault);
        }
        if let Some((key, at)) = sdk.legacy.iter().find_map(|key| Some((key, self.written(&given(std::slice::from_ref(key)))?))) {
            return fault(FaultKind::Legacy(key.clone()), self.at(at));
        }
        let users = given(&sdk.user);
        if !users.is_empty() {
            let at = self.at(self.written(&users)?);
            return fault(FaultKind::UserAlone, at);
        }
        // A hook or provider may wait for its credential; a constructor throws.
        let object = sinks.first().filter(|sink| sinks.len() == 1 && sink.path.is_empty())?;
        let literal = unit.uncast(object.site.expr);
        let ExprKind::Object(properties) = &unit.module[literal].kind else { return None };
        let is_whole = properties.iter().all(|property| matches!(property, crate::hir::Property::Value { .. }));
        if form.form != Form::Constructor || sdk.wrong.is_empty() || !is_whole {
            return None;
        }
        fault(FaultKind::Nothing, unit.at(unit.module[literal].span))
    }

    /// Where an option is written, when it is and its value is not nothing.
    fn written(&self, origins: &[Origin]) -> Option<Site> {
        origins.iter().find_map(|origin| {
            let OriginKind::Property(site) = origin.kind else { return None };
            let unit = self.workspace.unit(site.file)?;
            let dead = match &unit.module[unit.uncast(site.expr)].kind {
                ExprKind::Ident(name) => &**name == "undefined",
                ExprKind::Literal(Literal::Null | Literal::Bool(_)) => true,
                _ => false,
            };
            (!dead).then_some(site)
        })
    }

    /// The place of an option whose value is the empty string and nothing else.
    fn empty_text(&self, origin: &Origin) -> Option<Site> {
        let OriginKind::Property(site) = origin.kind else { return None };
        let unit = self.workspace.unit(site.file)?;
        matches!(&unit.module[unit.uncast(site.expr)].kind, ExprKind::Literal(Literal::String(text)) if text.is_empty()).then_some(site)
    }

    /// A constructor that is no class: the package or its default export, or a global that no build makes.
    fn class_fault(&self, unit: &Unit, found: &FoundClient) -> Option<OptionFault> {
        let ExprKind::New { callee, .. } = &unit.module[found.site.expr].kind else { return None };
        let identities = self.values.identities(Self::site(unit, *callee));
        let (sdk, export) = (&found.sdk, found.form()?.export.as_str());
        let at = unit.at(unit.module[*callee].span);
        let is_package = |identity: &Identity| match identity {
            Identity::Package { package, path } => {
                sdk.packages.iter().any(|name| **name == **package) && matches!(path.as_str(), "" | "default" | "default.default")
            }
            Identity::Global(_) => false,
        };
        if identities.is_empty() {
            return None;
        }
        if !sdk.globals.is_empty() && identities.iter().all(is_package) {
            let class = unit.class_site(*callee);
            return Some(OptionFault { kind: FaultKind::NoClass(export.to_owned()), at, because: None, key: None, class });
        }
        let is_loose = |identity: &Identity| matches!(identity, Identity::Global(path) if sdk.loose_globals.contains(path));
        let global = identities.iter().all(is_loose).then(|| sdk.globals.first()).flatten()?;
        // Who else could make the global: a script of the page, or code that this build cannot see into.
        if self.makes_global(unit, sdk) {
            return None;
        }
        let (_, url) = self.url_near(unit.file, sdk.core.as_deref()?)?;
        let kind = FaultKind::NoGlobal(export.to_owned(), format!("{global}.{export}"));
        let class = unit.global_site(*callee, export);
        Some(OptionFault { kind, at, because: Some((url, "the build that is loaded")), key: None, class })
    }

    /// Whether the project makes one of the globals that the SDK does not make.
    fn makes_global(&self, unit: &Unit, sdk: &Sdk) -> bool {
        sdk.loose_globals
            .iter()
            .any(|name| !self.workspace.global_writes(unit.file, name).is_empty() || self.workspace.page_symbol(unit.file, name).is_some())
    }
}

fn below(sink: &Sink, name: &str) -> Vec<Name> {
    sink.path.iter().cloned().chain([Name::from(name)]).collect()
}
