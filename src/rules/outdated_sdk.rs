//! `outdated-sdk`: an SDK version in which the code's own refresh cannot work.

use super::{Rule, production_clients, weaker};
use crate::analysis::model::{App, Basis, Client, Has, Refresh, SdkVersion, VersionBy};
use crate::finding::{Confidence, Finding, Label, Severity};
use crate::fix::{Applicability, Edit, Fix, Offer};
use crate::source::Location;

/// What a refresh can lack.
struct Lack {
    /// The first version that has it, as published.
    since: String,
    /// What an older one does instead, after its name.
    older: String,
    /// What stands at the place that rests on it.
    label: &'static str,
}

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "outdated-sdk",
    page: include_str!("../../rules/outdated-sdk.md"),
    severity: Severity::Warning,
    cwe: 1104,
    security_severity: "4.3",
    fix: Offer::Suggested,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    for client in production_clients(app) {
        let Some((version, lack, has, at)) = lacking(client) else { continue };
        let label = Label { location: at, message: lack.label.to_owned() };
        // Clients of one package are of one version.
        match findings.iter_mut().find(|finding| finding.rule == RULE.name && finding.primary == version.at) {
            Some(known) => known.labels.extend((!known.labels.contains(&label)).then_some(label)),
            None => findings.push(finding(client, version, &lack, has, label)),
        }
    }
}

/// What the refresh of a client rests on and its version lacks.
fn lacking(client: &Client) -> Option<(&SdkVersion, Lack, Has, Location)> {
    let version = client.version.as_ref()?;
    let (lack, has, at) = match client.refresh {
        Refresh::Works(Basis::Warning(at)) => {
            let older = "never gives the warning that this refresh waits for, so the token runs out".to_owned();
            (Lack { since: version.warning_since.clone(), older, label: "waits for the warning" }, version.warning, at)
        }
        Refresh::Works(Basis::Login(at)) => {
            let older = format!("has no `{}`, so the refresh throws and the token runs out", client.sdk.words.login);
            (Lack { since: version.login_since.clone(), older, label: "calls what the version does not have" }, version.login, at)
        }
        _ => return None,
    };
    (has != Has::Yes).then_some((version, lack, has, at))
}

fn finding(client: &Client, version: &SdkVersion, lack: &Lack, has: Has, label: Label) -> Finding {
    let SdkVersion { package, text, .. } = version;
    let mut labels = vec![label];
    if let Some((_, at)) = version.declared.as_ref().filter(|(_, at)| *at != version.at) {
        labels.push(Label { location: *at, message: "the range that admits it".to_owned() });
    }
    let (severity, message) = match has {
        Has::Maybe => {
            (Severity::Note, format!("the range {text} of {package} admits versions before {}; such a one {}", lack.since, lack.older))
        }
        Has::No | Has::Yes => (Severity::Warning, format!("{package} {text} {}: that comes with {}", lack.older, lack.since)),
    };
    let title = format!("raise {package} to {}", version.warning_since);
    let help = match version.by {
        VersionBy::Url => format!("load {package} {} or newer", version.warning_since),
        VersionBy::Lockfile | VersionBy::Manifest => format!("raise the range to `^{}` and install again", version.warning_since),
    };
    Finding {
        rule: RULE.name,
        severity,
        confidence: weaker(Confidence::High, client.confidence),
        message,
        primary: version.at,
        primary_label: match version.by {
            VersionBy::Lockfile => "the installed version",
            VersionBy::Manifest => "the declared range",
            VersionBy::Url => "the version that pages load",
        }
        .to_owned(),
        labels,
        flow: Vec::new(),
        zone: Some(client.zone.evidence()),
        help,
        fix: raise(version).map(|edit| Fix { title, applicability: Applicability::Suggested, edits: vec![edit] }),
    }
}

/// The edit that raises a version to one that has all that refreshes rest on.
pub(super) fn raise(version: &SdkVersion) -> Option<Edit> {
    let since = &version.warning_since;
    let text = match version.by {
        VersionBy::Url => since.clone(),
        // A pinned version stays pinned.
        VersionBy::Lockfile | VersionBy::Manifest => {
            let declared = version.declared.as_ref().map_or("^", |(range, _)| range.as_str());
            let digits = declared.find(|letter: char| letter.is_ascii_digit()).unwrap_or(0);
            format!("{}{since}", declared.get(..digits).unwrap_or("").trim_end_matches('v'))
        }
    };
    version.raise.map(|at| Edit::replace(at, text))
}
