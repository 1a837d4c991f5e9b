//! `shared-credential`: one credential for many users, devices or tabs.

use super::{Rule, counts, is_development, only_if, production_clients, set_here, told, told_beyond};
use crate::analysis::model::{
    App, Beyond, Client, Handout, LoginOption, OptionRole, Provenance, ServiceAction, ServiceCall, Sharing, Source,
};
use crate::finding::{Finding, FlowStep, Label, Severity};
use crate::fix::Offer;

const HELP: &str = "create one telephony credential per user (or device), keep its id with the user's row, and mint tokens from the signed-in user's own id";
const WHY: &str = "the last one to register takes the calls of all the others";

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "shared-credential",
    page: include_str!("../../rules/shared-credential.md"),
    severity: Severity::Error,
    cwe: 488,
    security_severity: "6.5",
    fix: Offer::None,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    production_clients(app).for_each(|client| clients(app, client, findings));
    for call in app.service_calls.iter().filter(|call| call.action == ServiceAction::Mint) {
        if is_development(&call.zone) || call.development_only {
            continue;
        }
        let Some((severity, why)) = shared(&call.sharing) else { continue };
        let mut labels = Vec::new();
        if call.chosen.is_some() {
            labels.push(Label { location: call.at, message: "the mint".to_owned() });
        }
        push(
            findings,
            Finding {
                rule: RULE.name,
                severity,
                confidence: call.confidence,
                message: format!("every login token is minted from one credential: its id is {why}; {WHY}"),
                primary: call.chosen.unwrap_or(call.at),
                primary_label: if call.chosen.is_some() { "the credential is chosen here" } else { "the mint" }.to_owned(),
                labels,
                flow: to_the_client(app, call),
                zone: Some(call.zone.evidence()),
                help: HELP.to_owned(),
                fix: None,
            },
        );
    }
    // One credential that several routes hand out is one defect. It stands where the phone gets it, not on a page of settings.
    let (to_phones, others): (Vec<&Handout>, Vec<&Handout>) = app.handouts.iter().partition(|handout| reaches_a_client(app, handout));
    for handout in to_phones.into_iter().chain(others) {
        if is_development(&handout.zone) {
            continue;
        }
        let Some((severity, why)) = shared(&handout.sharing) else { continue };
        push(
            findings,
            Finding {
                rule: RULE.name,
                severity,
                confidence: handout.confidence.min(handout.sharing_confidence),
                message: format!("every caller is given the same SIP credential: its password is {why}; {WHY}"),
                primary: handout.at,
                primary_label: "the password that is handed out".to_owned(),
                labels: Vec::new(),
                flow: handout.flow.clone(),
                zone: Some(handout.zone.evidence()),
                help: HELP.to_owned(),
                fix: None,
            },
        );
    }
    // After the handouts and mints: what they say of an answer needs no second finding.
    for client in production_clients(app) {
        for option in client.options_of(OptionRole::User) {
            sent_to_everyone(client, option, findings);
        }
    }
}

/// Whether a client of the project logs in with what an answer hands out.
fn reaches_a_client(app: &App, handout: &Handout) -> bool {
    let sources = app.clients.iter().flat_map(|client| client.options_of(OptionRole::Password)).flat_map(|option| &option.sources);
    sources.flat_map(|source| &source.beyond).any(|beyond| {
        beyond.answer.file == handout.at.file
            && (beyond.answer.span.contains(handout.at.span) || handout.at.span.contains(beyond.answer.span))
    })
}

/// The way of the credential id to the mint and, where a client of the project is given the token, on to there.
fn to_the_client(app: &App, call: &ServiceCall) -> Vec<FlowStep> {
    let mut flow = call.flow.clone();
    let tokens = app.clients.iter().flat_map(|client| client.options_of(OptionRole::Token));
    let further = tokens.flat_map(|option| option.sources.iter().map(move |source| (option, source))).find_map(|(option, source)| {
        let minted = source.all().find(|source| source.at == call.at)?;
        Some(minted.flow.iter().chain(&option.way).cloned().collect::<Vec<FlowStep>>())
    });
    for step in further.into_iter().flatten() {
        if flow.last().is_none_or(|last| last.location != step.location) {
            flow.push(step);
        }
    }
    flow
}

/// The same credential for the same reason in several branches of one file is one defect: the first place stands for all.
fn push(findings: &mut Vec<Finding>, finding: Finding) {
    let same = |known: &&mut Finding| {
        known.rule == finding.rule
            && known.primary.file == finding.primary.file
            && known.severity == finding.severity
            && known.message == finding.message
    };
    match findings.iter_mut().find(same) {
        Some(known) => known.labels.push(Label { location: finding.primary, message: "here too".to_owned() }),
        None => findings.push(finding),
    }
}

fn shared(sharing: &Sharing) -> Option<(Severity, &str)> {
    match sharing {
        Sharing::Everyone(why) => Some((Severity::Error, why)),
        Sharing::Group(why) => Some((Severity::Warning, why)),
        Sharing::PerUser | Sharing::Unknown => None,
    }
}

/// A client whose user name a route of the project sends, the same to everybody: the finding stands in the route, where the fix belongs.
fn sent_to_everyone(client: &Client, option: &LoginOption, findings: &mut Vec<Finding>) {
    let fixed = |beyond: &&Beyond| {
        let source = &beyond.source;
        counts(source) && !source.derived && is_fixed(&source.provenance)
    };
    let sources = option.sources.iter().filter(|source| counts(source) && !source.derived);
    let Some((source, beyond)) =
        sources.flat_map(|source| source.beyond.iter().map(move |beyond| (source, beyond))).find(|(_, beyond)| fixed(beyond))
    else {
        return;
    };
    let place = beyond.answer;
    // The password beside it in the same answer, or the mint behind it, is the same defect.
    if findings.iter().any(|finding| finding.rule == RULE.name && finding.primary.file == place.file) {
        return;
    }
    let mut flow = beyond.source.flow.clone();
    flow.extend(option.way.iter().cloned());
    findings.push(Finding {
        rule: RULE.name,
        severity: Severity::Error,
        confidence: client.confidence.min(beyond.confidence),
        message: format!(
            "every user, device and tab logs in with the same SIP user name: it is {}{}; {WHY}",
            told(&source.provenance),
            told_beyond(source)
        ),
        primary: place,
        primary_label: "the same user name in every answer".to_owned(),
        labels: vec![Label { location: client.at, message: "the client that it reaches".to_owned() }],
        flow,
        zone: Some(client.zone.evidence()),
        help: HELP.to_owned(),
        fix: None,
    });
}

/// Whether a value of this provenance is the same for everybody.
fn is_fixed(provenance: &Provenance) -> bool {
    match provenance {
        Provenance::Literal(text) => !crate::secrets::placeholder::is_placeholder(text.expose()),
        Provenance::PublicEnv(_) | Provenance::PrivateEnv(_) => true,
        _ => false,
    }
}

/// A client whose user name is the same for everybody.
fn clients(app: &App, client: &Client, findings: &mut Vec<Finding>) {
    for option in client.options_of(OptionRole::User) {
        let fixed = |source: &&Source| match &source.provenance {
            Provenance::Literal(text) => !crate::secrets::placeholder::is_placeholder(text.expose()) && !source.derived,
            Provenance::PublicEnv(_) => !source.derived,
            _ => false,
        };
        let Some(source) = option.sources.iter().filter(|source| counts(source)).find(fixed) else { continue };
        // One name that reaches several clients is one defect; it stands where the name is fixed.
        let mut reached = app.clients.iter().flat_map(|client| client.options_of(OptionRole::User));
        let several = reached.any(|other| other.at != option.at && other.sources.iter().any(|other| other.at == source.at));
        let place = if several { source.at } else { option.at };
        if findings.iter().any(|finding| finding.rule == RULE.name && finding.primary == place) {
            continue;
        }
        let mut labels = Vec::new();
        if !client.at.span.contains(place.span) || client.at.file != place.file {
            labels.push(Label { location: client.at, message: "the client that it reaches".to_owned() });
        }
        if let Provenance::PublicEnv(name) = &source.provenance {
            labels.extend(set_here(app, name, source.at));
        }
        labels.extend(only_if(Some(source)));
        let mut flow = source.flow.clone();
        flow.extend(option.way.iter().cloned());
        findings.push(Finding {
            rule: RULE.name,
            severity: Severity::Error,
            confidence: client.confidence,
            message: format!("every user, device and tab logs in with the same SIP user name: it is {}; {WHY}", told(&source.provenance)),
            primary: place,
            primary_label: "the shared user name".to_owned(),
            labels,
            flow,
            zone: Some(client.zone.evidence()),
            help: HELP.to_owned(),
            fix: None,
        });
    }
}
