//! Login JWTs: decoded before anything is said about them.
//!
//! Nearly every JWT literal in public web projects belongs to somebody else (Supabase's public key above all). A Telnyx login JWT is
//! known by its claims: `aud` or `iss` is `telnyx_telephony`, or it holds `tel_token`. The algorithm differs between the vendor's own
//! pages and tells nothing. Signatures are not checked: there is no key to check them with, and a forged one harms nobody.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use serde_json::{Map, Value};

use super::model::MODEL;

/// Tools that re-encode tokens leave stray bits behind.
const TOLERANT: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, NO_PAD.with_decode_allow_trailing_bits(true));

/// The longest token that is decoded, in bytes. Login JWTs have about 500.
pub(super) const LONGEST: usize = 16 * 1024;
/// The shortest signature of any algorithm in use is 32 bytes, 43 characters; less is a cut-off token.
const SHORTEST_SIGNATURE: usize = 16;

/// The claims of a JWT that matter here. The token itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JwtClaims {
    /// Audiences; one string or several in the token.
    pub aud: Vec<String>,
    /// Issuer.
    pub iss: Option<String>,
    /// Subject: for login JWTs the id of the telephony credential.
    pub sub: Option<String>,
    /// The token's own id.
    pub jti: Option<String>,
    /// End of validity, in seconds since 1970 (UTC).
    pub exp: Option<i64>,
    /// Time of issue, in seconds since 1970 (UTC).
    pub iat: Option<i64>,
    /// Whether the claim is there that only Telnyx login JWTs hold.
    pub has_tel_token: bool,
}

impl JwtClaims {
    /// Whether this is a Telnyx login JWT.
    #[must_use]
    pub fn is_telnyx(&self) -> bool {
        self.has_tel_token || self.aud.iter().chain(&self.iss).any(|name| MODEL.jwt.issuers.contains(name))
    }
}

/// Decodes a token of three parts whose header and payload are JSON objects. `None` for everything else, cut-off tokens included.
#[must_use]
pub fn decode(token: &str) -> Option<JwtClaims> {
    let token = token.trim();
    if token.len() > LONGEST {
        return None;
    }
    let mut parts = token.split('.');
    let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || signature.len() < SHORTEST_SIGNATURE {
        return None;
    }
    object(header)?.get("alg")?;
    let payload = object(payload)?;
    let text = |key: &str| payload.get(key).and_then(Value::as_str).map(str::to_owned);
    let aud = match payload.get("aud") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    Some(JwtClaims {
        aud,
        iss: text("iss"),
        sub: text("sub"),
        jti: text("jti"),
        exp: payload.get("exp").and_then(seconds),
        iat: payload.get("iat").and_then(seconds),
        has_tel_token: payload.contains_key(&MODEL.jwt.claim),
    })
}

/// Whether the claims are those of a token that the vendor publishes as an example.
#[must_use]
pub fn is_documented_sample(claims: &JwtClaims) -> bool {
    claims.jti.as_ref().is_some_and(|id| MODEL.samples.jwt_ids.contains(id))
}

fn object(part: &str) -> Option<Map<String, Value>> {
    // JWTs have no padding; what people paste sometimes has.
    let bytes = TOLERANT.decode(part.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Numeric dates may have fractions (RFC 7519, section 2).
fn seconds(value: &Value) -> Option<i64> {
    #[allow(clippy::cast_possible_truncation)] // saturates, and no date is out of range
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::jwt;
    use super::*;

    #[test]
    fn login_tokens_are_known_by_any_of_their_claims() {
        let cases = [
            (r#"{"aud":"telnyx_telephony","exp":1700086400,"iat":1700000000}"#, true),
            (r#"{"aud":["x","telnyx_telephony"]}"#, true),
            (r#"{"iss":"telnyx_telephony"}"#, true),
            (r#"{"tel_token":"abc"}"#, true),
            (r#"{"iss":"supabase","role":"anon"}"#, false),
            (r"{}", false),
        ];
        for (payload, telnyx) in cases {
            assert_eq!(decode(&jwt(payload)).unwrap().is_telnyx(), telnyx, "{payload}");
        }
    }

    #[test]
    fn claims_are_read_with_their_dates() {
        let claims = decode(&jwt(r#"{"aud":"telnyx_telephony","sub":"s","jti":"j","exp":1700086400.5,"iat":1700000000}"#)).unwrap();
        assert_eq!((claims.exp, claims.iat), (Some(1_700_086_400), Some(1_700_000_000)));
        assert_eq!((claims.sub.as_deref(), claims.jti.as_deref()), (Some("s"), Some("j")));
    }

    #[test]
    fn the_published_example_is_a_sample() {
        let claims = decode(&jwt(r#"{"aud":"telnyx_telephony","jti":"b8c74837-d89e-4a65-9cf2-34c7a6fa60c8"}"#)).unwrap();
        assert!(is_documented_sample(&claims));
    }

    #[test]
    fn what_does_not_decode_is_no_token() {
        let whole = jwt(r#"{"aud":"telnyx_telephony"}"#);
        let (two_parts, _) = whole.rsplit_once('.').unwrap();
        let cases = [
            two_parts.to_owned(),
            format!("{two_parts}."),
            format!("{two_parts}.abc"),
            format!("{whole}.x"),
            "a.b.c".to_owned(),
            String::new(),
            "ey".repeat(40_000),
        ];
        for case in cases {
            assert_eq!(decode(&case), None, "{case:.40}");
        }
    }

    #[test]
    fn padding_is_welcome_and_not_needed() {
        for payload in [r#"{"iss":"telnyx_telephony"}"#, r#"{"iss":"telnyx_telephony","a":1}"#, r#"{"iss":"telnyx_telephony","a":12}"#] {
            let token = jwt(payload);
            let parts: Vec<_> = token.split('.').collect();
            let padded = format!("{}.{}{}.{}", parts[0], parts[1], "=".repeat((4 - parts[1].len() % 4) % 4), parts[2]);
            assert!(decode(&token).is_some() && decode(&padded).is_some(), "{payload}");
        }
    }
}
