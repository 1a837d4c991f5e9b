//! Secrets of the real shape for tests, made at run time: no tracked file may hold one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Characters of base 62.
pub(super) const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `length` characters of `alphabet`, the same for the same seed.
pub(super) fn random(seed: u64, length: usize, alphabet: &str) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x1234_5678_9ABC_DEF1);
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap_or(0)
    };
    (0..length).filter_map(|_| alphabet.get(draw() % alphabet.len()).copied()).collect()
}

/// A key of the present shape.
pub(super) fn api_key(seed: u64) -> String {
    format!("KEY{}_{}", random(seed, 32, "0123456789ABCDEF"), random(seed + 1000, 22, BASE62))
}

/// A token with this payload.
pub(super) fn jwt(payload: &str) -> String {
    let signature = random(7, 86, BASE62);
    format!("{}.{}.{signature}", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS512","typ":"JWT"}"#), URL_SAFE_NO_PAD.encode(payload))
}

/// A login token that is valid for a day.
pub(super) fn login_jwt() -> String {
    jwt(r#"{"aud":"telnyx_telephony","iss":"telnyx_telephony","sub":"a","tel_token":"t","iat":1700000000,"exp":1700086400,"jti":"1"}"#)
}
