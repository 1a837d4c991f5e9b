//! The handler that renews a client's token, in the words of the file that it goes into.
//!
//! One renewal at a time; a failure is reported where a developer and the error tracker look for it, and the next login error says the rest. `login` keeps
//! the connection and running calls, and reports its own failures as errors of the client.

use super::Edit;
use crate::analysis::edit_sites::{CodeStyle, EventSite, RenewalSite, TokenStep};
use crate::catalog::sdk::Sdk;

/// The code of the warning `TOKEN_EXPIRING_SOON`.
pub(crate) const EXPIRING: u32 = 34001;
/// What the failed renewal is reported with.
const FAILED: &str = "The login token could not be renewed";

/// Whether the clients of an SDK are renewed in the form that fixes write: `login({ creds: { login_token } })`, upon that code. Other
/// vendors' are not, and get advice only.
pub(crate) fn fits(sdk: &Sdk) -> bool {
    let login = &sdk.live.login;
    let speaks =
        login.method == "login" && login.credentials.as_deref() == Some("creds") && sdk.token.iter().any(|key| key == "login_token");
    speaks && sdk.live.codes.as_ref().is_some_and(|codes| codes.warning_property == "warning" && codes.numbers.contains(&EXPIRING))
}

/// The edits that give a client a handler.
pub(crate) fn edits(site: &RenewalSite) -> Vec<Edit> {
    let mut edits = Vec::new();
    let event = match &site.event {
        EventSite::Constant(text) => text.clone(),
        EventSite::Text(text) => site.style.string(text),
        EventSite::Imported { slot, table, member } => {
            edits.push(Edit::replace(slot.at, format!("{}{table}{}", slot.before, slot.after)));
            format!("{table}.{member}")
        }
    };
    edits.push(Edit::replace(site.at, handler(site, &event)));
    edits
}

/// Every line of the handler, each after a line break.
fn handler(site: &RenewalSite, event: &str) -> String {
    let RenewalSite { client, flag, style, .. } = site;
    let end = style.end();
    let access = if site.may_change { "?." } else { "." };
    let annotation = if style.typescript { ": { warning: { code: number } }" } else { "" };
    let mut text = Text { lines: String::new(), site };
    text.line(0, &format!("let {flag} = false{end}"));
    text.line(0, &format!("{client}.on({event}, async ({{ warning }}{annotation}) => {{"));
    text.line(1, &format!("if (warning.code !== {EXPIRING} || {flag}) return{end} // {EXPIRING}: TOKEN_EXPIRING_SOON"));
    text.line(1, &format!("{flag} = true{end}"));
    text.line(1, "try {");
    for step in &site.token.steps {
        match step {
            TokenStep::Declare { pattern, value } => text.line(2, &format!("const {pattern} = {value}{end}")),
            TokenStep::Check(check) => text.line(2, check),
        }
    }
    let key_and_token =
        if site.token.token == "login_token" { "login_token".to_owned() } else { format!("login_token: {}", site.token.token) };
    text.line(2, &format!("await {client}{access}login({{ creds: {{ {key_and_token} }} }}){end}"));
    text.line(1, "} catch (error) {");
    text.line(2, &format!("console.error({}, error){end}", style.string(FAILED)));
    text.line(1, "} finally {");
    text.line(2, &format!("{flag} = false{end}"));
    text.line(1, "}");
    text.line(0, &format!("}}){end}"));
    text.lines
}

/// Lines at the margin of a site.
struct Text<'s> {
    lines: String,
    site: &'s RenewalSite,
}

impl Text<'_> {
    fn line(&mut self, depth: usize, code: &str) {
        let CodeStyle { newline, indent, .. } = &self.site.style;
        for part in code.split('\n') {
            self.lines.push_str(newline);
            if !part.is_empty() {
                self.lines.push_str(&self.site.margin);
                self.lines.push_str(&indent.repeat(depth));
                self.lines.push_str(part.trim_end_matches('\r'));
            }
        }
    }
}
