//! Token refresh: is there a path that gets a new token to the client before the old one expires?
//!
//! A path is a listener for the expiry warning (`listeners`) that recognises it (`expiry_test`), or a timer (`timers`), from whose code
//! (`handler`, `reactions`) a new token reaches the client (`renewal`). A listener of the warning from which none does is broken; a client
//! with neither is without refresh, whatever it does after the fact.

use super::Builder;
use super::clients::FoundClient;
use super::listeners::{Listener, Listeners};
use super::renewal::Subject;
use crate::analysis::model::{Basis, BrokenRefresh, Has, OptionRole, Refresh, RefreshFault, RefreshSite, SdkVersion};
use crate::analysis::scopes::SymbolId;
use crate::analysis::usage::WriteKind;
use crate::hir::ExprKind;
use crate::source::Location;

/// What one listener of the warning amounts to.
enum Verdict {
    Works,
    Broken(RefreshFault, Location, Option<RefreshSite>),
    OtherCodes(Location),
}

impl Builder<'_> {
    /// Judges the refresh of a token client.
    ///
    /// A version of the SDK that may lack the warning is asked whether something else renews the token too.
    pub(crate) fn refresh_of(&self, found: &FoundClient, listeners: &Listeners, version: Option<&SdkVersion>) -> Refresh {
        if has_no_use_for_token(found) {
            return Refresh::NotNeeded;
        }
        let Some(index) = listeners.index_of(found.site) else { return Refresh::NotNeeded };
        let heard = self.listeners_of(index, &listeners.warning, listeners);
        let others = self.listeners_of(index, &listeners.other, listeners);
        let all: Vec<&Listener> = heard.iter().chain(&others).copied().collect();
        let subject = self.subject(found, &all, listeners);

        let mut broken = Vec::new();
        let mut other_codes = None;
        for listener in &heard {
            let (fault, at, site) = match self.judge(listener, &subject) {
                Verdict::Works => {
                    let lacks_warning = version.is_some_and(|version| version.warning != Has::Yes);
                    let timer = if lacks_warning { self.timer_refresh(found, &subject) } else { None };
                    return Refresh::Works(timer.unwrap_or_else(|| Basis::Warning(self.at(listener.site))));
                }
                Verdict::OtherCodes(at) => {
                    other_codes = Some(at);
                    continue;
                }
                Verdict::Broken(fault, at, site) => (fault, at, site),
            };
            broken.push(BrokenRefresh { listener: self.at(listener.site), fault, at, tied: listener.clients.contains(&index), site });
        }
        if let Some(basis) = self.timer_refresh(found, &subject) {
            return Refresh::Works(basis);
        }
        if broken.is_empty() {
            broken.extend(others.iter().filter_map(|listener| {
                let at = self.mentions_expiry(&listener.handlers, &found.sdk.live)?;
                let fault = RefreshFault::WrongEvent(listener.event.to_string());
                Some(BrokenRefresh { listener: self.at(listener.site), fault, at, tied: listener.clients.contains(&index), site: None })
            }));
        }
        if broken.is_empty()
            && let Some((fault, at)) = self.timer_fails(found, &subject)
        {
            let site = self.renewal_mend(&fault, at, &subject);
            broken.push(BrokenRefresh { listener: at, fault, at, tied: true, site });
        }
        if !broken.is_empty() {
            return Refresh::Broken(broken);
        }
        let reacts_late = others.iter().find_map(|listener| {
            let late = found.sdk.live.failure_events.iter().any(|event| **event == *listener.event);
            let reach = late.then(|| self.reach(&listener.handlers))?;
            self.gets_new_token(&reach, &subject).then(|| self.at(listener.site))
        });
        Refresh::Missing { other_codes, reacts_late, dead_refresh: self.dead_refresh(found) }
    }

    fn judge(&self, listener: &Listener, subject: &Subject<'_>) -> Verdict {
        if listener.handlers.is_empty() {
            // The handler comes from code that cannot be seen.
            return Verdict::Works;
        }
        let reach = self.reach(&listener.handlers);
        let tests = self.expiry_tests(&reach, listener);
        if !tests.is_empty()
            && tests.iter().all(|test| test.fault.is_some())
            && let Some((fault, at, site)) = tests.iter().find_map(|test| Some((test.fault.clone()?, test.at, test.site.clone())))
        {
            return Verdict::Broken(fault, at, site);
        }
        let elsewhere = if tests.is_empty() { self.other_code(&reach, &subject.found.sdk.live) } else { None };
        if let Some(at) = elsewhere {
            return Verdict::OtherCodes(at);
        }
        if self.gets_new_token(&reach, subject) || self.hands_over(&reach, subject) {
            return match self.removed_at_once(listener, subject.listeners) {
                Some(at) => Verdict::Broken(RefreshFault::Removed, at, None),
                None => Verdict::Works,
            };
        }
        if let Some((fault, at)) = self.failed_renewal(&reach, subject) {
            let site = self.renewal_mend(&fault, at, subject);
            return Verdict::Broken(fault, at, site);
        }
        match self.obtains_token(&reach) {
            Some(at) => Verdict::Broken(RefreshFault::TokenDropped, at, None),
            None => Verdict::Broken(RefreshFault::OnlyLogs, self.at(listener.site), None),
        }
    }

    /// A function whose name says refresh and that nothing calls.
    fn dead_refresh(&self, found: &FoundClient) -> Option<(String, Location)> {
        let unit = self.workspace.unit(found.site.file)?;
        (0u32..).map(SymbolId).zip(&unit.scopes.symbols).find_map(|(id, symbol)| {
            let lower = symbol.name.to_ascii_lowercase();
            if !(lower.contains("refresh") && lower.contains("token")) {
                return None;
            }
            let is_function = unit.usage.writes(id).iter().any(|write| {
                matches!(write.kind, WriteKind::Function(_))
                    || write.kind.value().is_some_and(|value| matches!(unit.module[unit.uncast(value)].kind, ExprKind::Function(_)))
            });
            let called = !unit.usage.calls_of(id).is_empty()
                || self.workspace.importing_symbols(unit, id).iter().any(|(other, symbol)| !other.usage.calls_of(*symbol).is_empty());
            (is_function && !called).then(|| (symbol.name.to_string(), unit.at(symbol.span)))
        })
    }
}

/// Whether every token is given together with a password: the SDK then logs in with the password and never looks at the token.
fn has_no_use_for_token(found: &FoundClient) -> bool {
    let mut tokens = found.options.iter().filter(|option| option.role == OptionRole::Token).peekable();
    let beside_password =
        |object: Location| found.options.iter().any(|option| option.role == OptionRole::Password && option.object == Some(object));
    tokens.peek().is_some() && tokens.all(|token| token.object.is_some_and(beside_password))
}
