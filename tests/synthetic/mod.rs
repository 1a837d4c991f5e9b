//! A made-up outcome that has everything a report must cope with: several files, flows, far labels, a long line, non-ASCII
//! columns, awkward paths, hostile text, notices, and planted secrets.

#![allow(unreachable_pub, clippy::too_many_lines)]

use std::sync::Arc;

use authlint::finding::{Confidence, Counts, Finding, FlowStep, Label, Notice, NoticeKind, Outcome, Severity, ZoneEvidence, ZoneKind};
use authlint::fix::{Applicability, Edit, Fix};
use authlint::rules::Rule;
use authlint::source::{FileId, Location, SourceFile, Span};

const PAGE: &str = r#"+++
name = "NAME"
summary = "a production client logs in with a SIP user name and password instead of a login token"
severity = "error"
moves = ["a password that the user types in: note", "a value that could not be followed: lower confidence"]
cwe = 798
security_severity = "8.1"
fix = "none"
references = ["https://developers.telnyx.com/docs/voice/webrtc/auth/jwt"]
+++

## What it flags

A `TelnyxRTC` client whose options hold a `password`. See [the options](https://example.com/options) of the SDK.

## Why it matters

Whoever opens the page can read the password and make calls at your expense.

## What it leaves alone

- Passwords in tests and stories.
- Options that are never given to a client.

## How to fix

Mint a login token on your server and pass it as `login_token`.

## Examples

```ts file=src/phone.ts
new TelnyxRTC({ login, password }); // finding
```
"#;

/// A table of rules whose pages are alike.
pub fn rules() -> Vec<Rule> {
    [
        ("api-key-in-client", Severity::Error, 798, "9.1"),
        ("hardcoded-secret", Severity::Error, 798, "8.6"),
        ("missing-token-refresh", Severity::Error, 613, "5.3"),
        ("outdated-sdk", Severity::Warning, 1104, "4.0"),
        ("password-login", Severity::Error, 522, "8.1"),
        ("unbounded-credential", Severity::Note, 772, "3.1"),
    ]
    .into_iter()
    .map(|(name, severity, cwe, security_severity)| {
        let page = PAGE.replace("NAME", name).replace("severity = \"error\"", &format!("severity = \"{}\"", severity.as_str()));
        Rule {
            name,
            page: Box::leak(page.into_boxed_str()),
            severity,
            cwe,
            security_severity,
            fix: authlint::fix::Offer::None,
            check: |_, _| {},
        }
    })
    .collect()
}

/// A string of an API key's shape, built at run time.
pub fn fake_key() -> String {
    format!("KEY0{}", "1A2b3C4d5E6f".repeat(5))
}

/// Builds outcomes from texts, by quoting them.
#[derive(Default)]
pub struct Builder {
    pub outcome: Outcome,
    paths: Vec<&'static str>,
}

impl Builder {
    /// Adds a file.
    pub fn file(&mut self, path: &'static str, text: impl Into<String>) -> &mut Self {
        let id = FileId(u32::try_from(self.paths.len()).unwrap());
        self.paths.push(path);
        self.outcome.sources.insert(Arc::new(SourceFile::new(id, path.into(), path.into(), text.into().into())));
        self
    }

    /// The first place where `quote` stands in the file.
    pub fn at(&self, path: &str, quote: &str) -> Location {
        let index = self.paths.iter().position(|known| *known == path).unwrap();
        let file = FileId(u32::try_from(index).unwrap());
        let start = self.outcome.sources.get(file).unwrap().text.find(quote).unwrap_or_else(|| panic!("{quote} is not in {path}"));
        Location::new(file, Span::new(start, start + quote.len()))
    }

    /// Adds a finding with nothing but a primary place.
    pub fn finding(&mut self, rule: &'static str, severity: Severity, path: &str, quote: &str, message: &str) -> &mut Finding {
        let primary = self.at(path, quote);
        self.outcome.findings.push(Finding {
            rule,
            severity,
            confidence: Confidence::High,
            message: message.to_owned(),
            primary,
            primary_label: String::new(),
            labels: Vec::new(),
            flow: Vec::new(),
            zone: None,
            help: String::new(),
            fix: None,
        });
        self.outcome.findings.last_mut().unwrap()
    }

    /// A label.
    pub fn label(&self, path: &str, quote: &str, message: &str) -> Label {
        Label { location: self.at(path, quote), message: message.to_owned() }
    }

    /// A step.
    pub fn step(&self, path: &str, quote: &str, message: &str) -> FlowStep {
        FlowStep::new(self.at(path, quote), message)
    }
}

/// The outcome.
pub fn outcome() -> Outcome {
    let mut b = Builder::default();
    let key = fake_key();
    b.file(".env", "VITE_SIP_USER=alice\nVITE_SIP_PASSWORD=hunter2-planted\n")
        .file(
            "src/config.ts",
            "export const sip = {\n  user: import.meta.env.VITE_SIP_USER,\n  password: import.meta.env.VITE_SIP_PASSWORD,\n};\n",
        )
        .file(
            "src/phone.ts",
            "import { TelnyxRTC } from \"@telnyx/webrtc\";\nimport { sip } from \"./config\";\n\nexport function createPhone() {\n\tconst client = new TelnyxRTC({\n\t\tlogin: sip.user,\n\t\tpassword: sip.password,\n\t});\n\tclient.connect();\n\treturn client;\n}\n",
        )
        .file(
            "apps/admin-dashboard/src/features/calling/useTelnyxClient.tsx",
            "export function useTelnyxClient(token: string) {\n  const client = useMemo(\n    () =>\n      new TelnyxRTC({\n        login_token: token,\n        debug: true,\n      }),\n    [token],\n  );\n  return client;\n}\n",
        )
        .file("my dir/b#c.ts", format!("/* 😀 é */ const apiKey = \"{key}\"; start(apiKey);\n"))
        .file("public/app.min.js", format!("{}new TelnyxRTC({{login:\"bob\",password:\"hunter2-planted\"}});{}", "var a=1;".repeat(200), "b();".repeat(300)))
        .file("src/odd\u{1b}[31m.ts", "const x = 1; // \u{1b}[2J\u{202e} hidden\nconst secret = \"hunter2-planted\";\n")
        .file("package.json", "{\n  \"dependencies\": {\n    \"@telnyx/webrtc\": \"2.22.0\"\n  }\n}\n")
        .file("server/credentials.ts", "export async function create() {\n  return telnyx.telephonyCredentials.create({ connection_id });\n}\n");

    let mask = b.at(".env", "hunter2-planted");
    b.outcome.masks.push(mask);

    let labels = vec![
        b.label("src/phone.ts", "new TelnyxRTC", "the client"),
        b.label(".env", "VITE_SIP_PASSWORD", "Vite ships every VITE_ variable to the browser"),
    ];
    let flow = vec![
        b.step(".env", "VITE_SIP_PASSWORD=hunter2-planted", "the password is set here"),
        b.step("src/config.ts", "import.meta.env.VITE_SIP_PASSWORD", "read from the environment"),
        b.step("src/config.ts", "password: import.meta.env.VITE_SIP_PASSWORD", "stored as `sip.password`"),
        b.step("src/phone.ts", "sip.password", "given to the client"),
    ];
    let finding = b.finding(
        "password-login",
        Severity::Error,
        "src/phone.ts",
        "password: sip.password",
        "the client logs in with the SIP password from `VITE_SIP_PASSWORD`, which Vite ships to every visitor's browser; whoever reads it can register as this user and make calls at your expense",
    );
    "the password is used here".clone_into(&mut finding.primary_label);
    finding.labels = labels;
    finding.flow = flow;
    finding.zone =
        Some(ZoneEvidence { kind: ZoneKind::Client, because: vec!["index.html".into(), "src/main.tsx".into(), "src/phone.ts".into()] });
    finding.help =
        "mint a login token on your server (`POST /v2/telephony_credentials/{id}/token`), hand it to the signed-in user and pass it as `login_token`; then rotate the password"
            .into();

    let finding = b.finding(
        "api-key-in-client",
        Severity::Error,
        "my dir/b#c.ts",
        "apiKey);",
        "an API key reaches code that runs in the browser; whoever opens the page can use the whole account",
    );
    finding.primary.span.end -= 2;
    "the key is used here".clone_into(&mut finding.primary_label);
    finding.help = "keep the key on the server and rotate it now".into();
    let born = b.label("my dir/b#c.ts", &format!("\"{key}\""), "an API key");
    b.outcome.findings.last_mut().unwrap().labels.push(born);

    let path = "apps/admin-dashboard/src/features/calling/useTelnyxClient.tsx";
    let finding = b.finding(
        "missing-token-refresh",
        Severity::Error,
        path,
        "new TelnyxRTC({\n        login_token: token,\n        debug: true,\n      })",
        "this client logs in with a token that expires, and nothing renews it: after a day its calls stop",
    );
    finding.confidence = Confidence::Medium;
    "no handler for warning 34001 and no timer belongs to this client".clone_into(&mut finding.primary_label);
    finding.zone = Some(ZoneEvidence { kind: ZoneKind::Client, because: vec!["it uses a React hook".into()] });
    finding.help = "on `telnyx.warning` with code 34001 fetch a new token and call `client.login({ creds: { login_token } })`".into();
    let flow: Vec<_> = ["token: string", "login_token: token"]
        .into_iter()
        .cycle()
        .zip(1..=12)
        .map(|(at, step)| b.step(path, at, &format!("step {step} of a long way")))
        .collect();
    b.outcome.findings.last_mut().unwrap().flow = flow;

    let finding = b.finding(
        "hardcoded-secret",
        Severity::Error,
        "public/app.min.js",
        "\"hunter2-planted\"",
        "a SIP password stands in a tracked file",
    );
    "the password".clone_into(&mut finding.primary_label);
    finding.help = "rotate it and keep it out of the repository".into();

    let finding = b.finding(
        "hardcoded-secret",
        Severity::Error,
        "src/odd\u{1b}[31m.ts",
        "\"hunter2-planted\"",
        "a SIP password stands in a tracked file",
    );
    finding.confidence = Confidence::Low;
    "the password".clone_into(&mut finding.primary_label);

    let finding = b.finding(
        "outdated-sdk",
        Severity::Warning,
        "package.json",
        "\"2.22.0\"",
        "this SDK version never announces that a token expires, so the refresh in `src/phone.ts` cannot work",
    );
    "2.26.1 or later is needed".clone_into(&mut finding.primary_label);
    finding.help = "update to `@telnyx/webrtc` 2.26.1 or later".into();
    let label = b.label("src/phone.ts", "client.connect();", "the client");
    let (range, import) = (b.at("package.json", "2.22.0"), b.at("src/phone.ts", "TelnyxRTC"));
    let connect = b.at("src/phone.ts", "\tclient.connect();\n");
    let finding = b.outcome.findings.last_mut().unwrap();
    finding.labels.push(label);
    // In two files, with an insertion and a deletion.
    finding.fix = Some(Fix {
        title: "raise `@telnyx/webrtc` to 2.26.1".into(),
        applicability: Applicability::Suggested,
        edits: vec![Edit::replace(range, "^2.26.1"), Edit::after(import, ", SwEvent"), Edit::delete(connect)],
    });

    let finding = b.finding(
        "unbounded-credential",
        Severity::Note,
        "server/credentials.ts",
        "create({ connection_id })",
        "the credential never expires and nothing deletes it",
    );
    finding.help = "set `expires_at`".into();
    let body = b.at("server/credentials.ts", "connection_id }");
    b.outcome.findings.last_mut().unwrap().fix = Some(Fix {
        title: "let the credential end after 30 days".into(),
        applicability: Applicability::Safe,
        edits: vec![Edit::replace(body, "connection_id, expires_at }")],
    });

    b.outcome.notices = vec![
        Notice {
            path: Some("vendor/huge.js".into()),
            kind: NoticeKind::TooLarge,
            message: "50 MB; files above 4 MB are not analysed".into(),
        },
        Notice {
            path: Some("src/half.ts".into()),
            kind: NoticeKind::Syntax,
            message: "2 parts did not parse; the rest was analysed".into(),
        },
        Notice { path: Some("dist/app.js".into()), kind: NoticeKind::Skipped, message: "generated; not analysed".into() },
    ];
    b.outcome.notices.sort();
    b.outcome.counts = Counts { files_seen: 1204, files_read: 1180, files_parsed: 31 };
    b.outcome
}
