//! `undisposed-client`: a client that is made in a component's life and not disconnected at its end.

use super::{Rule, is_development};
use crate::analysis::model::{App, Leftover, Outlives};
use crate::finding::{Finding, Label, Severity};
use crate::fix::Offer;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "undisposed-client",
    page: include_str!("../../rules/undisposed-client.md"),
    severity: Severity::Warning,
    cwe: 772,
    security_severity: "3.5",
    fix: Offer::None,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    findings.extend(app.leftovers.iter().filter(|leftover| !is_development(&leftover.zone)).filter_map(finding));
}

fn finding(leftover: &Leftover) -> Option<Finding> {
    let client = leftover.name.as_ref().map_or_else(|| "the client".to_owned(), |name| format!("the client `{name}`"));
    let end = leftover.sdk.live.ends_by();
    let rings = "it stays registered, rings and answers beside the next one";
    let (message, labels, help) = match &leftover.why {
        Outlives::NeverDisposed { component } => (
            format!("nothing disconnects {client} when {component} ends; {rings}"),
            Vec::new(),
            format!(
                "disconnect it in what runs at the component's end: `return () => clientRef.current?.{end}()` in the effect that makes it, `onUnmounted`, `ngOnDestroy`, `onDestroy`"
            ),
        ),
        Outlives::StaleCleanup { cleanup } => (
            format!("the clean-up that should disconnect {client} sees the state of the first render, which is empty; {rings}"),
            vec![Label { location: *cleanup, message: "an effect with `[]` keeps the value of the first render".to_owned() }],
            format!(
                "keep the client in a ref (`clientRef.current?.{end}()`), or disconnect the variable of the effect itself: `const rtc = new {}(…); return () => rtc.{end}()`",
                leftover.sdk.class().unwrap_or("Client")
            ),
        ),
        Outlives::Overwritten { .. } | Outlives::Forgotten { .. } => return None,
    };
    Some(Finding {
        rule: RULE.name,
        severity: Severity::Warning,
        confidence: leftover.confidence,
        message,
        primary: leftover.client,
        primary_label: "made here".to_owned(),
        labels,
        flow: Vec::new(),
        zone: Some(leftover.zone.evidence()),
        help,
        fix: None,
    })
}
