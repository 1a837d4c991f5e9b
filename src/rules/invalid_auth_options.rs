//! `invalid-auth-options`: options that the SDK rejects or ignores, and clients made of something that is no class.

use super::{Rule, is_development, production_clients};
use crate::analysis::edit_sites::ClassSite;
use crate::analysis::model::{App, Client, DeadUrl, FaultKind, OptionFault};
use crate::finding::{Confidence, Finding, Label, Severity};
use crate::fix::{Applicability, Edit, Fix, Offer};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "invalid-auth-options",
    page: include_str!("../../rules/invalid-auth-options.md"),
    severity: Severity::Error,
    cwe: 1287,
    security_severity: "3.1",
    fix: Offer::Safe,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    for client in production_clients(app) {
        for fault in &client.faults {
            if findings.iter().all(|known| known.rule != RULE.name || known.primary != fault.at) {
                findings.push(finding(client, fault));
            }
        }
    }
    findings.extend(app.dead_urls.iter().filter(|url| !is_development(&url.zone)).map(url_finding));
}

/// What is wrong, and what to do.
fn told(client: &Client, kind: &FaultKind) -> (String, String, &'static str) {
    let (sdk, words) = (&client.sdk.title, &client.sdk.words);
    let rejects = format!("{sdk} finds nothing to log in with and throws `{}`", words.rejection);
    match kind {
        FaultKind::WrongKey(key, right) => (
            format!("{sdk} ignores `{key}`: it finds nothing to log in with"),
            format!("pass the token as `{right}`"),
            "an option that does not exist",
        ),
        FaultKind::Legacy(key) => (
            format!("{sdk} has not read `{key}` since {}: it finds nothing to log in with", words.legacy_until),
            "pass `login_token` in the options themselves".to_owned(),
            "an option of long ago",
        ),
        FaultKind::UserAlone => (
            format!("the client is given a user name and no password: {rejects}"),
            "pass `login_token` alone".to_owned(),
            "a user name alone",
        ),
        FaultKind::EmptyToken => (
            format!("the client is given an empty token and nothing else: {rejects}"),
            "make the client when the token has arrived".to_owned(),
            "an empty token",
        ),
        FaultKind::Nothing => (
            format!("the client is given nothing to log in with: {sdk} throws `{}`", words.rejection),
            "pass `login_token`".to_owned(),
            "no login",
        ),
        FaultKind::TestServers(option, value) => (
            format!("`{option}: '{value}'` sends the client to the vendor's test servers, which are for testing only"),
            format!("leave `{option}` out in code that ships"),
            "for testing only",
        ),
        FaultKind::NoClass(class) => (
            format!("{sdk} has no default export and is no class itself: this is undefined, or no constructor"),
            format!("`import {{ {class} }} from '{sdk}'`"),
            "no class",
        ),
        FaultKind::NoGlobal(global, right) => (
            format!("no build of {sdk} makes a global `{global}`: this is a ReferenceError, or undefined on `window`"),
            format!("`new {right}(…)`"),
            "nothing makes this global",
        ),
    }
}

fn finding(client: &Client, fault: &OptionFault) -> Finding {
    let (message, help, primary_label) = told(client, &fault.kind);
    Finding {
        rule: RULE.name,
        severity: if matches!(fault.kind, FaultKind::TestServers(..)) { Severity::Warning } else { Severity::Error },
        // Whose client it is, the fault itself tells.
        confidence: if matches!(fault.kind, FaultKind::NoClass(_) | FaultKind::NoGlobal(..)) {
            Confidence::High
        } else {
            client.confidence
        },
        message,
        primary: fault.at,
        primary_label: primary_label.to_owned(),
        labels: fault.because.iter().map(|(location, message)| Label { location: *location, message: (*message).to_owned() }).collect(),
        flow: Vec::new(),
        zone: Some(client.zone.evidence()),
        help,
        fix: fix(client, fault),
    }
}

fn url_finding(url: &DeadUrl) -> Finding {
    Finding {
        rule: RULE.name,
        severity: Severity::Error,
        confidence: Confidence::High,
        message: format!("the package has no file `{}`: the CDN answers 404, and no client can be made", url.path),
        primary: url.at,
        primary_label: "leads nowhere".to_owned(),
        labels: Vec::new(),
        flow: Vec::new(),
        zone: Some(url.zone.evidence()),
        help: format!("load `{}`, or the package without a path", url.instead),
        fix: url.path_at.map(|at| safe(format!("load `{}`", url.instead), Edit::replace(at, url.instead.as_str()))),
    }
}

fn safe(title: String, edit: Edit) -> Fix {
    Fix { title, applicability: Applicability::Safe, edits: vec![edit] }
}

fn fix(client: &Client, fault: &OptionFault) -> Option<Fix> {
    match &fault.kind {
        FaultKind::WrongKey(key, right) => {
            let site = fault.key.as_ref()?;
            Some(safe(format!("rename `{key}` to `{right}`"), Edit::replace(site.at, site.renamed(right))))
        }
        FaultKind::NoClass(class) => {
            let edit = match fault.class.as_ref()? {
                ClassSite::Import { at, local } if local == class => Edit::replace(*at, format!("{{ {class} }}")),
                ClassSite::Import { at, local } => Edit::replace(*at, format!("{{ {class} as {local} }}")),
                ClassSite::Module(at) => Edit::after(*at, format!(".{class}")),
                ClassSite::Global(_) => return None,
            };
            Some(safe(format!("take the class `{class}` out of {}", client.sdk.title), edit))
        }
        FaultKind::NoGlobal(_, right) => match fault.class.as_ref()? {
            ClassSite::Global(at) => Some(safe(format!("use `{right}`"), Edit::replace(*at, right.as_str()))),
            ClassSite::Import { .. } | ClassSite::Module(_) => None,
        },
        FaultKind::Legacy(_) | FaultKind::UserAlone | FaultKind::EmptyToken | FaultKind::Nothing | FaultKind::TestServers(..) => None,
    }
}
