//! Keys and tokens in base64, as Kubernetes secrets and CI variables keep them. Base64 hides nothing: everybody can turn it back.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

use super::context::Context;
use super::jwt::{self, LONGEST};
use super::scan::name_before;
use super::shapes::{KeyShape, key_at_start};
use super::{Secret, SecretKind};
use crate::finding::Confidence;
use crate::source::Span;

/// Padding is cut off before; tools that cut too much leave stray bits.
const TOLERANT: GeneralPurpose = GeneralPurpose::new(&STANDARD, NO_PAD.with_decode_allow_trailing_bits(true));

/// What the base64 of every key (`KEY`) and of every token (`eyJ`) starts with: three bytes are four characters.
const STARTS: [&str; 2] = ["S0VZ", "ZXlK"];

/// The secrets that stand in a text as base64.
pub(super) fn encoded(context: &Context<'_>, found: &mut Vec<Secret>) {
    for start in STARTS {
        let mut done = 0;
        for at in context.places(start) {
            if at < done || !context.starts_word(at) {
                continue;
            }
            let length = run(context.text.as_bytes(), at);
            done = at + length;
            let Some((kind, confidence, why)) = context.text.get(at..done).and_then(decoded) else { continue };
            let name = name_before(context.text, at).map(str::to_owned);
            found.push(Secret { kind, span: Span::new(at, done), confidence, why: why.to_owned(), name });
        }
    }
}

/// Number of bytes of base64, padding left out, from `at` on.
fn run(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.iter().skip(at).take(LONGEST * 4 / 3);
    rest.take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')).count()
}

fn decoded(encoded: &str) -> Option<(SecretKind, Confidence, &'static str)> {
    let text = String::from_utf8(TOLERANT.decode(encoded).ok()?).ok()?;
    let whole = text.trim_end();
    if let Some((length, shape)) = key_at_start(whole) {
        // `KEY…:` is the user name of basic authentication; anything else behind it is something else.
        let is_whole = matches!(whole.get(length..), Some("" | ":"));
        let confidence = if shape == KeyShape::Structured { Confidence::High } else { Confidence::Medium };
        return is_whole.then_some((SecretKind::ApiKey, confidence, "is the base64 of a Telnyx API key, which everybody can turn back"));
    }
    let claims = jwt::decode(whole).filter(|claims| claims.is_telnyx() && !jwt::is_documented_sample(claims))?;
    Some((SecretKind::LoginJwt(claims), Confidence::High, "is the base64 of a Telnyx login token, which everybody can turn back"))
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::super::testing::{api_key, jwt, login_jwt};
    use super::*;
    use crate::project::kind::FileKind;
    use crate::secrets::scan;

    fn found(text: &str) -> Vec<(SecretKind, String)> {
        let secrets = scan(text, "secret.yaml", FileKind::Yaml);
        secrets.into_iter().map(|secret| (secret.kind, text[secret.span.range()].to_owned())).collect()
    }

    #[test]
    fn keys_and_tokens_in_base64_are_found() {
        for seed in 0..50 {
            for end in ["", "\n", ":"] {
                let encoded = STANDARD.encode(api_key(seed) + end);
                let kinds = found(&format!("data:\n  key: {encoded}\n"));
                assert_eq!(kinds, [(SecretKind::ApiKey, encoded.trim_end_matches('=').to_owned())], "seed {seed}, {end:?}");
            }
        }
        assert!(matches!(found(&STANDARD.encode(login_jwt())).as_slice(), [(SecretKind::LoginJwt(_), _)]));
    }

    #[test]
    fn other_base64_is_nothing() {
        let key = api_key(3);
        for nothing in [
            STANDARD.encode("KEYBOARD=us\nKEYBOARD_LAYOUT=de\nKEYBOARD_VARIANT=nodeadkeys\n"),
            STANDARD.encode(jwt(r#"{"iss":"supabase"}"#)),
            STANDARD.encode(&key[..40]),
            STANDARD.encode(format!("{key} and more")),
            format!("x{}", STANDARD.encode(&key)),
            "S0VZ".repeat(100_000),
            "ZXlK/".repeat(100_000),
        ] {
            assert_eq!(found(&nothing), [], "{nothing:.60}");
        }
    }
}
