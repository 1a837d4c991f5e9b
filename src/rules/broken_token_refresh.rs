//! `broken-token-refresh`: a refresh path that cannot work.

use super::{Rule, added_renewal, production_clients};
use crate::analysis::edit_sites::Given;
use crate::analysis::model::{App, Refresh, RefreshFault, RefreshSite};
use crate::catalog::sdk::Sdk;
use crate::finding::{Confidence, Finding, Label, Severity};
use crate::fix::{Applicability, Edit, Fix, Offer, renewal};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "broken-token-refresh",
    page: include_str!("../../rules/broken-token-refresh.md"),
    severity: Severity::Error,
    cwe: 672,
    security_severity: "4.3",
    fix: Offer::Safe,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    for client in production_clients(app) {
        let Refresh::Broken(faults) = &client.refresh else { continue };
        for broken in faults {
            if findings.iter().any(|finding| finding.rule == RULE.name && finding.primary == broken.listener) {
                continue;
            }
            let mut labels = vec![Label { location: client.at, message: "the client whose token expires".to_owned() }];
            if broken.at != broken.listener {
                labels.push(Label { location: broken.at, message: label(&broken.fault).to_owned() });
            }
            let (message, help) = wording(&broken.fault, &client.sdk);
            let inferred = !broken.tied || matches!(broken.fault, RefreshFault::OnlyLogs | RefreshFault::TokenDropped);
            findings.push(Finding {
                rule: RULE.name,
                severity: if client.short_lived { Severity::Note } else { Severity::Error },
                confidence: if inferred { Confidence::Medium } else { Confidence::High }.min(client.confidence),
                message,
                primary: broken.listener,
                primary_label: "this handler does not refresh the token".to_owned(),
                labels,
                flow: Vec::new(),
                zone: Some(client.zone.evidence()),
                help,
                fix: match broken.fault {
                    RefreshFault::OnlyLogs => added_renewal(client),
                    _ => broken.site.as_ref().filter(|_| renewal::fits(&client.sdk)).map(fix),
                },
            });
        }
    }
}

fn label(fault: &RefreshFault) -> &'static str {
    match fault {
        RefreshFault::WrongPayload(_) => "never holds the code",
        RefreshFault::StringCode => "the code is a number",
        RefreshFault::NeverEqual(_) => "never equal",
        RefreshFault::MissingMethod(_) => "no version of the SDK has this method",
        RefreshFault::OldToken(_) => "sends the old token again",
        RefreshFault::WrongKey(_) => "the SDK ignores this key",
        RefreshFault::WrongEvent(_) => "this event never carries the code",
        RefreshFault::TokenDropped => "the new token is asked for here",
        RefreshFault::CachedToken => "may be answered with the old token",
        RefreshFault::Removed => "removed again here",
        RefreshFault::OnlyLogs => "nothing else happens here",
    }
}

fn wording(fault: &RefreshFault, sdk: &Sdk) -> (String, String) {
    let said = &sdk.words;
    let works = format!("`{}`", said.refresh);
    let docs = if said.docs_are_wrong { " (the vendor's own pages are wrong here)" } else { "" };
    let event = sdk.live.warning_events.first().map_or("", String::as_str);
    match fault {
        RefreshFault::OnlyLogs => (
            format!("the expiry warning is received, but nothing refreshes the token: {} it expires and the client drops off", said.grace),
            format!("fetch a new token and hand it over: {works}"),
        ),
        RefreshFault::WrongPayload(path) => (
            format!("the handler looks for the code at `event.{path}`, where the SDK never puts it: the refresh never runs"),
            format!("the code is `event.{}`{docs}: {works}", code_path(sdk)),
        ),
        RefreshFault::StringCode => {
            let (number, name, _) = constants(sdk);
            (
                "the handler compares the code with a string, but it is a number: the refresh never runs".to_owned(),
                format!("compare with the number `{number}` or with `{name}`"),
            )
        }
        RefreshFault::NeverEqual(what) => {
            let (number, constant, by_number) = constants(sdk);
            let name = constant.rsplit('.').next().unwrap_or_default();
            (
                format!("the handler compares `{what}` with something that it never equals: the refresh never runs"),
                format!(
                    "`code` is the number `{number}` (`{constant}`), `name` is the string `'{name}'`; `{by_number}` is keyed by number"
                ),
            )
        }
        RefreshFault::CachedToken => (
            "the handler asks for a token in a way that may be answered from the browser's cache: with the token that is about to expire"
                .to_owned(),
            "ask with `cache: 'no-store'`, and let the answer say `Cache-Control: no-store`".to_owned(),
        ),
        RefreshFault::MissingMethod(method) => (
            format!("`{method}()` does not exist in any version of the SDK: the refresh throws a TypeError{docs}"),
            format!("{}: {works}", said.renew_same),
        ),
        RefreshFault::OldToken(what) => (
            format!("`{what}` sends the token that was given at construction again: the one that is about to expire"),
            format!("pass a new token: {works}"),
        ),
        RefreshFault::WrongKey(key) => (
            format!("the new token is handed over as `{key}`, which the SDK ignores: the old token is sent again"),
            format!("the token {}: {works}", said.token_place),
        ),
        RefreshFault::TokenDropped => {
            ("the handler gets a new token but never gives it to the client".to_owned(), format!("hand it over: {works}"))
        }
        RefreshFault::WrongEvent(heard) => (
            format!("the expiry code is awaited on `{heard}`, which never carries it: the refresh never runs"),
            format!("listen on `{event}`: {works}"),
        ),
        RefreshFault::Removed => (
            "the listener for the expiry warning is removed again right away".to_owned(),
            format!("keep it as long as the client lives: {works}"),
        ),
    }
}

/// Where in the event the code stands.
fn code_path(sdk: &Sdk) -> String {
    sdk.live.codes.as_ref().map(|codes| format!("{}.{}", codes.warning_property, codes.code_property)).unwrap_or_default()
}

/// The code, the constant for it, and a table that has it under its number.
fn constants(sdk: &Sdk) -> (u32, String, &str) {
    let Some(codes) = &sdk.live.codes else { return (0, String::new(), "") };
    let first = |names: &'_ [String]| names.first().map_or("", String::as_str).to_owned();
    let constant = format!("{}.{}", first(&codes.tables), first(&codes.names));
    (codes.numbers.first().copied().unwrap_or_default(), constant, codes.number_keyed_tables.first().map_or("", String::as_str))
}

/// The login's shape, and the key of the token in it.
const BEFORE_TOKEN: &str = "{ creds: { login_token: ";
const BEFORE_OBJECT: &str = "{ creds: ";
const TOKEN_KEY: &str = "login_token";

fn fix(site: &RefreshSite) -> Fix {
    let safe = |title: &str, edits: Vec<Edit>| Fix { title: title.to_owned(), applicability: Applicability::Safe, edits };
    match site {
        RefreshSite::Step { at, optional } => {
            let step = if *optional { "?.warning" } else { ".warning" };
            safe("read the code where the SDK puts it", vec![Edit::replace(*at, step)])
        }
        RefreshSite::Pattern(at) => {
            safe("take the code out of the warning", vec![Edit::before(*at, "{ warning: "), Edit::after(*at, " }")])
        }
        RefreshSite::Parameter { name, parenthesised, annotation } => {
            let pattern = if *parenthesised { "{ warning }" } else { "({ warning })" };
            let mut edits = vec![Edit::replace(*name, pattern)];
            edits.extend(annotation.iter().flat_map(|at| [Edit::before(*at, "{ warning: "), Edit::after(*at, " }")]));
            safe("take the warning out of the event", edits)
        }
        RefreshSite::Constant(at) => safe("compare with the number", vec![Edit::replace(*at, renewal::EXPIRING.to_string())]),
        RefreshSite::Method { method, given } => {
            let mut edits = vec![Edit::replace(*method, "login")];
            edits.extend(login(given));
            Fix { title: "log in with the new token".to_owned(), applicability: sureness(given), edits }
        }
        RefreshSite::Login(given) => {
            Fix { title: "give the new token to the login".to_owned(), applicability: sureness(given), edits: login(given) }
        }
        RefreshSite::Key(key) => safe("name the token `login_token`", vec![Edit::replace(key.at, key.renamed(TOKEN_KEY))]),
    }
}

/// Where the token comes from is a guess when the code does not have it at hand.
fn sureness(given: &Given) -> Applicability {
    match given {
        Given::Token(_) | Given::Object { .. } => Applicability::Safe,
        Given::Nothing { .. } => Applicability::Suggested,
    }
}

/// The argument in the form that the login reads.
fn login(given: &Given) -> Vec<Edit> {
    match given {
        Given::Token(at) => vec![Edit::before(*at, BEFORE_TOKEN), Edit::after(*at, " } }")],
        Given::Object { at, key } => {
            let mut edits = vec![Edit::before(*at, BEFORE_OBJECT), Edit::after(*at, " }")];
            if key.name != TOKEN_KEY {
                edits.push(Edit::replace(key.at, key.renamed(TOKEN_KEY)));
            }
            edits
        }
        Given::Nothing { slot, token } => vec![Edit::replace(*slot, format!("{BEFORE_TOKEN}{token} }} }}"))],
    }
}
