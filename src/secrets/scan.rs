//! Finding secrets in a text of any language, without parsing it.
//!
//! Keys and tokens are searched by their fixed beginnings, so the cost is one vectorised pass over the text; passwords are searched by
//! the words of their names, and only in texts that name the vendor. All of it is linear in the text.

use std::sync::LazyLock;

use regex::Regex;

use super::assignment;
use super::context::Context;
use super::encoded::encoded;
use super::jwt::{self, LONGEST};
use super::names::{NameRole, names_vendor, secret_role};
use super::shapes::{KeyShape, PREFIX, key_at_start};
use super::{Secret, SecretKind};
use crate::finding::Confidence;
use crate::project::kind::FileKind;
use crate::source::Span;

/// How every JWT starts: the base64 of `{"`.
const JWT_START: &str = "eyJ";
/// How far before a value its name is looked for.
const NAME_REACH: usize = 120;

/// The secrets of a text, in the order in which they stand. `path` is relative to the project and tells tests and documentation apart;
/// lockfiles are not to be given. Literal SIP passwords that a JavaScript program hands to the SDK are the value analysis's to find: here
/// only names and shapes count.
#[must_use]
pub fn scan(text: &str, path: &str, kind: FileKind) -> Vec<Secret> {
    let context = Context::new(text, path, kind);
    let mut found = Vec::new();
    keys(&context, &mut found);
    tokens(&context, &mut found);
    encoded(&context, &mut found);
    found.sort_by_key(|secret| secret.span);
    let mut passwords = assignment::passwords(&context);
    // A key or token under a password's name is a key or token.
    passwords.retain(|password| {
        let next = found.partition_point(|secret| secret.span.end <= password.span.start);
        found.get(next).is_none_or(|secret| secret.span.start >= password.span.end)
    });
    found.append(&mut passwords);
    found.sort_by_key(|secret| secret.span);
    found
}

fn keys(context: &Context<'_>, found: &mut Vec<Secret>) {
    let mut done = 0;
    for at in context.places(PREFIX) {
        if at < done || !context.starts_word(at) {
            continue;
        }
        let Some((length, shape)) = context.text.get(at..).and_then(key_at_start) else { continue };
        let end = at + length;
        done = end;
        let name = name_before(context.text, at);
        let is_named = name.is_some_and(|name| names_vendor(name) || secret_role(name) == Some(NameRole::ApiKey));
        let is_ours = is_named || context.vendor_is_near(at);
        if shape == KeyShape::Opaque && !is_ours && is_inside_base64(context.text, at, end) {
            continue;
        }
        let (confidence, why) = match shape {
            KeyShape::Structured => (Confidence::High, "has the structure of a Telnyx API key, its secret half included"),
            KeyShape::NearlyStructured => {
                (Confidence::Medium, "has the structure of a Telnyx API key, with a secret half of unusual length")
            }
            KeyShape::Opaque if is_ours => (Confidence::High, "has the form of an older Telnyx API key, and Telnyx is named beside it"),
            KeyShape::Opaque => (Confidence::Medium, "has the form of an older Telnyx API key"),
        };
        found.push(Secret {
            kind: SecretKind::ApiKey,
            span: Span::new(at, end),
            confidence,
            why: why.to_owned(),
            name: name.map(str::to_owned),
        });
    }
}

/// Whether the bytes around a run continue it as base64 would.
fn is_inside_base64(text: &str, start: usize, end: usize) -> bool {
    let byte = |at: Option<usize>| at.and_then(|at| text.as_bytes().get(at)).copied();
    matches!(byte(start.checked_sub(1)), Some(b'+' | b'/')) || matches!(byte(Some(end)), Some(b'+' | b'/' | b'='))
}

fn tokens(context: &Context<'_>, found: &mut Vec<Secret>) {
    let mut done = 0;
    for at in context.places(JWT_START) {
        if at < done || !context.starts_word(at) {
            continue;
        }
        let (end, dots) = token_end(context.text.as_bytes(), at);
        if dots != 2 {
            continue;
        }
        done = end;
        let Some(claims) = context.text.get(at..end).and_then(jwt::decode) else { continue };
        if !claims.is_telnyx() || jwt::is_documented_sample(&claims) {
            continue;
        }
        let name = name_before(context.text, at).map(str::to_owned);
        let why = "decodes to the claims of a Telnyx login token".to_owned();
        found.push(Secret { kind: SecretKind::LoginJwt(claims), span: Span::new(at, end), confidence: Confidence::High, why, name });
    }
}

/// The end of the run of up to three base64url parts that starts at `start`, and the number of dots in it.
fn token_end(bytes: &[u8], start: usize) -> (usize, usize) {
    let mut dots = 0;
    let mut end = start;
    for byte in bytes.iter().skip(start).take(LONGEST) {
        match byte {
            b'.' if dots < 2 => dots += 1,
            b'=' | b'-' | b'_' => {}
            _ if byte.is_ascii_alphanumeric() => {}
            _ => break,
        }
        end += 1;
    }
    (end, dots)
}

/// The name that the value at `at` is given to on the same line: `NAME=`, `"name": "`, `'name' => '`, `env('NAME', '`, `X ?? '`.
pub(super) fn name_before(text: &str, at: usize) -> Option<&str> {
    static BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let pattern =
            r#"([A-Za-z_$][A-Za-z0-9_$.-]*)(?:\\?["'`])?\]?\)?!?\s*(?:=>|:=|\?\?=?|\|\|=?|\?:|:-|=|:|,)\s*\(?(?:\\?["'`])?(?i:bearer )?$"#;
        Regex::new(pattern).ok()
    });
    let start = text.floor_char_boundary(at.saturating_sub(NAME_REACH));
    let line = text.get(start..at)?.rsplit('\n').next()?;
    BEFORE.as_ref()?.captures(line)?.get(1).map(|name| name.as_str())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::testing::{BASE62, api_key, jwt, login_jwt, random};
    use super::*;
    use std::path::Path;

    fn found(text: &str, path: &str) -> Vec<Secret> {
        scan(text, path, FileKind::of(Path::new(path)))
    }

    #[test]
    fn keys_are_found_in_every_kind_of_text() {
        let cases = [
            ("a.php", "Telnyx::setApiKey('@');", None),
            ("a.php", "$key = env('TELNYX_API_KEY', '@');", Some("TELNYX_API_KEY")),
            ("a.bat", "curl -H \"Authorization: Bearer @\" ^", Some("Authorization")),
            ("a.sh", "npx supabase secrets set TELNYX_API_KEY=@", Some("TELNYX_API_KEY")),
            (".claude/settings.local.json", "\"Bash(curl -H ''Authorization''=''Bearer @''; ls\\n@)\"", None),
            ("README.md", "| key | `@` |", None),
            ("a.tsx", "<div>set TELNYX_API_KEY=@</div>", Some("TELNYX_API_KEY")),
            (".env", "TELNYX_API_KEY=@", Some("TELNYX_API_KEY")),
            ("k8s.yml", "telnyx_key: @ # live", Some("telnyx_key")),
            ("a.ts", "const k = process.env.TELNYX_API_KEY ?? \"@\"", Some("process.env.TELNYX_API_KEY")),
            ("url.txt", "https://x.test/?q=a%20@&b", None),
            ("tests/a.test.ts", "const key = '@'", Some("key")),
        ];
        for (path, text, name) in cases {
            let key = api_key(9);
            let text = text.replace('@', &key);
            let secrets = found(&text, path);
            let first = secrets.first().expect(path);
            assert_eq!((&first.kind, first.confidence), (&SecretKind::ApiKey, Confidence::High), "{path}");
            assert_eq!(&text[first.span.range()], key, "{path}");
            if name.is_some() {
                assert_eq!(first.name.as_deref(), name, "{path}");
            }
            assert_eq!(secrets.len(), text.matches(&key).count(), "{path}");
        }
    }

    #[test]
    fn keys_without_structure_need_the_vendor_for_high_confidence() {
        let key = format!("KEY{}", random(11, 55, BASE62));
        let confidence = |text: String, path: &str| found(&text, path).first().map(|secret| secret.confidence);
        assert_eq!(confidence(format!("telnyx('{key}')"), "a.py"), Some(Confidence::High));
        assert_eq!(confidence(format!("apiKey = '{key}'"), "a.py"), Some(Confidence::High));
        assert_eq!(confidence(format!("x = '{key}'"), "telnyx.py"), Some(Confidence::High));
        assert_eq!(confidence(format!("x = '{key}'"), "a.py"), Some(Confidence::Medium));
        assert_eq!(confidence(format!("telnyx {} x = '{key}'", " ".repeat(5000)), "a.py"), Some(Confidence::Medium));
        assert_eq!(confidence(format!("data:a+{key}+b"), "a.py"), None, "base64");
        assert_eq!(confidence(format!("AB{key}"), "a.py"), None, "the middle of a word");
    }

    #[test]
    fn tokens_are_found_when_they_decode_to_the_vendors_claims() {
        let token = login_jwt();
        for text in [format!("login_token: '{token}',"), format!("TOKEN={token}\n"), format!("`{token}`."), format!("Bearer {token}")] {
            let secrets = found(&text, "a.md");
            assert_eq!(secrets.len(), 1);
            assert_eq!(&text[secrets[0].span.range()], token.as_str());
            assert!(matches!(secrets[0].kind, SecretKind::LoginJwt(_)));
        }
        let foreign = jwt(r#"{"iss":"supabase","role":"service_role"}"#);
        let sample = jwt(r#"{"aud":"telnyx_telephony","tel_token":"x","jti":"b8c74837-d89e-4a65-9cf2-34c7a6fa60c8"}"#);
        for none in [foreign, sample, token[..60].to_owned(), format!("{}...", &token[..120]), ["eyJ"; 3].join(".")] {
            assert_eq!(found(&format!("telnyx login_token: '{none}'"), "a.js"), [], "{none:.30}");
        }
    }

    #[test]
    fn no_evidence_holds_the_value() {
        let text = format!("TELNYX_API_KEY={}\nTELNYX_SIP_PASSWORD=Kx7#mQ2pLw9z\ntoken={}", api_key(1), login_jwt());
        let secrets = found(&text, ".env");
        assert_eq!(secrets.len(), 3);
        for secret in secrets {
            assert!(!secret.why.contains(&text[secret.span.range()]));
            assert!(secret.name.is_some_and(|name| !name.contains(&text[secret.span.range()])));
        }
    }

    #[test]
    fn hostile_texts_take_linear_time() {
        let size = 1 << 17;
        let texts = [
            "KEY".repeat(4 * size / 3),
            "KEY-".repeat(size),
            "eyJ.".repeat(size),
            "eyJ".repeat(size),
            format!("telnyx{}", "password".repeat(size / 2)),
            format!("telnyx {}", "sip_password=' ".repeat(size / 4)),
            format!("telnyx {}", "sip_password:'a\\'".repeat(size / 4)),
            "telnyx".repeat(size / 2),
            format!("telnyx {}", "'password' => '".repeat(size / 4)),
            format!("telnyx {}", "é".repeat(size)),
        ];
        for text in texts {
            let start = std::time::Instant::now();
            let _ = found(&text, "a.php");
            let seconds = start.elapsed().as_secs_f64();
            assert!(seconds < 10.0, "{seconds} s for {text:.20}");
        }
    }
}
