//! `cacheable-token`: an answer with a login token that a cache may keep.

use super::{Rule, is_development};
use crate::analysis::edit_sites::HeaderForm;
use crate::analysis::model::{App, HeaderSite};
use crate::finding::{Finding, Severity};
use crate::fix::{Applicability, Edit, Fix, Offer};

const HELP: &str = "answer with `Cache-Control: no-store`, or ask for the token by POST";

const FIX: &str = "answer with `Cache-Control: no-store`";
const HEADER: &str = "Cache-Control";
const VALUE: &str = "no-store";

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "cacheable-token",
    page: include_str!("../../rules/cacheable-token.md"),
    severity: Severity::Note,
    cwe: 525,
    security_severity: "2.5",
    fix: Offer::Safe,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    let cacheable = app.cacheable.iter().filter(|answer| !is_development(&answer.zone));
    findings.extend(cacheable.map(|answer| Finding {
        rule: RULE.name,
        severity: Severity::Note,
        confidence: answer.confidence,
        message: format!("the answer of {} holds a login token and says nothing about caches: a framework, proxy or browser may keep it and give out a token that has expired, or somebody else's", answer.route),
        primary: answer.at,
        primary_label: "no `Cache-Control: no-store`".to_owned(),
        labels: Vec::new(),
        flow: Vec::new(),
        zone: Some(answer.zone.evidence()),
        help: HELP.to_owned(),
        fix: answer.header.as_ref().map(fix),
    }));
}

fn fix(site: &HeaderSite) -> Fix {
    let HeaderSite { slot, form, style } = site;
    let (name, value) = (style.string(HEADER), style.string(VALUE));
    let text = match form {
        HeaderForm::Chained(method) => format!(".{method}({name}, {value})"),
        HeaderForm::Statement(callee) => format!("{callee}({name}, {value}){}", style.end()),
        HeaderForm::Options => format!("{{ headers: {{ {name}: {value} }} }}"),
        HeaderForm::Headers => format!("headers: {{ {name}: {value} }}"),
        HeaderForm::Entry => format!("{name}: {value}"),
    };
    let edits = vec![Edit::replace(slot.at, format!("{}{text}{}", slot.before, slot.after))];
    Fix { title: FIX.to_owned(), applicability: Applicability::Safe, edits }
}
