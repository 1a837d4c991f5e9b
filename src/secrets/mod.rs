//! Recognising secrets: in texts of any language ([`scan()`]), in strings that the value analysis computed ([`classify_value`]), and by
//! the names of what holds them ([`names`]).
//!
//! Precision comes first, because a scanner that cries wolf is switched off. There is no rule by entropy alone: a string is a secret
//! because it has a key's structure, because it decodes to a login token's claims, or because a name says that it is a SIP password.
//! Nothing here ever puts a secret's value into a message.

pub mod jwt;
pub mod names;
pub mod placeholder;
pub mod redact;
pub mod scan;
pub mod shapes;

mod assignment;
mod context;
mod encoded;
mod model;
pub(crate) mod words;

#[cfg(test)]
mod testing;

use crate::finding::Confidence;
use crate::source::Span;

pub use jwt::JwtClaims;
pub use model::PublicPrefix;
pub use scan::scan;

/// What a secret opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretKind {
    /// The account: every number, call, message and credential.
    ApiKey,
    /// One telephony credential, until the token expires.
    LoginJwt(JwtClaims),
    /// One SIP connection or credential, for good.
    SipPassword,
    /// An OAuth client of the account.
    OauthClientSecret,
}

/// A secret that stands in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// What it opens.
    pub kind: SecretKind,
    /// Where the value stands, without quotes.
    pub span: Span,
    /// How sure it is that this is a secret in force.
    pub confidence: Confidence,
    /// Why it is believed to be one, as half a sentence that fits behind "this". Never holds the value.
    pub why: String,
    /// The variable, key or column that it is given to, as written, when one stands directly before it.
    pub name: Option<String>,
}

/// When a token is valid, in seconds since 1970 (UTC), as far as it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// Time of issue.
    pub issued: Option<i64>,
    /// Time of expiry.
    pub expires: Option<i64>,
}

impl Secret {
    /// When the secret is valid; `None` for kinds that do not say.
    #[must_use]
    pub fn validity(&self) -> Option<Validity> {
        match &self.kind {
            SecretKind::LoginJwt(claims) => Some(Validity { issued: claims.iat, expires: claims.exp }),
            SecretKind::ApiKey | SecretKind::SipPassword | SecretKind::OauthClientSecret => None,
        }
    }
}

/// What a whole string is by its own form, wherever it came from: an API key or a login JWT, with or without `Bearer` before it.
/// Passwords and client secrets have no form; only their names or sinks tell. Samples and stand-ins are nothing.
#[must_use]
pub fn classify_value(value: &str) -> Option<SecretKind> {
    let value = value.trim();
    let value =
        value.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("bearer ")).map_or(value, |scheme| &value[scheme.len()..]).trim();
    if shapes::key_shape(value).is_some() {
        return Some(SecretKind::ApiKey);
    }
    let claims = jwt::decode(value).filter(|claims| claims.is_telnyx() && !jwt::is_documented_sample(claims))?;
    Some(SecretKind::LoginJwt(claims))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::testing::{api_key, jwt, login_jwt};
    use super::*;

    #[test]
    fn computed_strings_are_classified_by_their_form() {
        let key = api_key(4);
        assert_eq!(classify_value(&key), Some(SecretKind::ApiKey));
        assert_eq!(classify_value(&format!(" Bearer {key}\n")), Some(SecretKind::ApiKey));
        assert!(matches!(classify_value(&login_jwt()), Some(SecretKind::LoginJwt(claims)) if claims.exp == Some(1_700_086_400)));
        for nothing in ["", "Bearer ", "KEY", &key[..35], "пароль…", &jwt(r#"{"iss":"supabase"}"#), &format!("{key} and more")] {
            assert_eq!(classify_value(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn only_tokens_have_a_validity() {
        let text = format!("token = '{}'", login_jwt());
        let found = scan(&text, "a.js", crate::project::kind::FileKind::JavaScript);
        let validity = found.first().and_then(Secret::validity).unwrap();
        assert_eq!(validity, Validity { issued: Some(1_700_000_000), expires: Some(1_700_086_400) });
    }
}
