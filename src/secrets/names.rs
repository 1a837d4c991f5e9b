//! What a variable, key or column name says about its value.
//!
//! Names are cut into words; a role needs the right words and none that belong to somebody else (`OPENAI_API_KEY`), to another kind of
//! secret (`TELNYX_WEBHOOK_SECRET`) or to talk about a secret (`hasApiKey`, `passwordLength`).

use super::model::{MODEL, PublicPrefix};
use super::words::{split, unfuse};

/// The role of a value, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameRole {
    /// An API key: rules the whole account.
    ApiKey,
    /// A login JWT.
    LoginToken,
    /// The password of a SIP connection or credential.
    SipPassword,
    /// The user name of the same: no secret.
    SipUser,
    /// An OAuth client secret.
    OauthSecret,
    /// A public key: verifies webhooks, no secret.
    PublicKey,
    /// An id, phone number or address: no secret.
    Id,
}

impl NameRole {
    /// Whether the value must not be known to others.
    #[must_use]
    pub fn is_secret(self) -> bool {
        matches!(self, Self::ApiKey | Self::LoginToken | Self::SipPassword | Self::OauthSecret)
    }
}

/// The role that a name gives its value. Without the vendor's name (see [`names_vendor`]) only names that belong to nobody else have
/// one: `apiKey` and `sipPassword` do, `OPENAI_API_KEY`, `password` and `token` do not. Any spelling: `TELNYX_API_KEY`, `telnyxApiKey`,
/// `config.telnyx.api-key`, `telnyxapikey`, with or without a bundler's public prefix.
#[must_use]
pub fn secret_role(name: &str) -> Option<NameRole> {
    let name = public_env_prefix(name).and_then(|public| name.get(public.prefix.len()..)).unwrap_or(name);
    Words::of(name).role()
}

/// What the key of a store's entry says that the entry holds: keys have the app's name before (`acme_sip_password`, `phone.sipPassword`).
#[must_use]
pub fn stored_role(key: &str) -> Option<NameRole> {
    if super::context::names_other_stack(key) {
        return None;
    }
    let own = || key.match_indices(['_', '-', '.', ':', '/']).find_map(|(at, mark)| secret_role(key.get(at + mark.len()..)?));
    secret_role(key).or_else(own)
}

/// Whether the name names Telnyx.
#[must_use]
pub fn names_vendor(name: &str) -> bool {
    // However a name is cut, its words are pieces of it; most names hold no such piece.
    let holds = |word: &String| name.as_bytes().windows(word.len().max(1)).any(|piece| piece.eq_ignore_ascii_case(word.as_bytes()));
    MODEL.names.vendor.iter().any(holds) && Words::of(name).any(&MODEL.names.vendor)
}

/// The bundler prefix that makes an environment variable part of what is shipped to the browser. Upper-case names only, as bundlers do.
#[must_use]
pub fn public_env_prefix(name: &str) -> Option<&'static PublicPrefix> {
    let found = MODEL.public_env.iter().find(|public| name.starts_with(&public.prefix))?;
    // `PUBLIC_KEY` is a key that may be public, not a public variable called `KEY`.
    let rest = name.get(found.prefix.len()..).unwrap_or("");
    (!rest.is_empty() && !rest.starts_with("KEY")).then_some(found)
}

/// Whether the name is a password's and nothing more (`password`, `passwd`, `auth.password`).
pub(super) fn is_bare_password(name: &str) -> bool {
    let last = name.rsplit(['.', '>', '[']).next().unwrap_or(name);
    matches!(Words::of(last).0.as_slice(), [only] if MODEL.names.password.contains(only))
}

/// Whether the name says that its value is a cipher text.
pub(super) fn names_cipher(name: &str) -> bool {
    Words::of(name).has(&["encrypted", "cipher", "hashed", "hash"])
}

/// The words of one name, fused ones cut.
struct Words(Vec<String>);

impl Words {
    fn of(name: &str) -> Self {
        let vocabulary = &MODEL.names.fused;
        let cut = |word: String| -> Vec<String> {
            if vocabulary.contains(&word) {
                return vec![word];
            }
            unfuse(&word, vocabulary).map_or_else(|| vec![word.clone()], |parts| parts.into_iter().map(str::to_owned).collect())
        };
        Self(split(name).into_iter().flat_map(cut).collect())
    }

    fn has(&self, any_of: &[&str]) -> bool {
        self.0.iter().any(|word| any_of.contains(&word.as_str()))
    }

    fn any(&self, set: &rustc_hash::FxHashSet<String>) -> bool {
        self.0.iter().any(|word| set.contains(word))
    }

    fn pair(&self, first: &str, second: &str) -> bool {
        self.0.iter().zip(self.0.iter().skip(1)).any(|(left, right)| left == first && right == second)
    }

    fn role(&self) -> Option<NameRole> {
        let names = &MODEL.names;
        let (head, tail) = (self.0.first()?, self.0.last()?);
        let vendor = self.any(&names.vendor);
        if self.pair("public", "key") {
            return Some(NameRole::PublicKey);
        }
        let ours = vendor || self.any(&names.sip) || self.has(&["connection", "credential", "assistant", "agent"]);
        if ours && names.id_tails.contains(tail) {
            return Some(NameRole::Id);
        }
        if names.speaking_heads.contains(head) || self.speaks(tail) || self.any(&names.other_secrets) {
            return None;
        }
        let owned_by_nobody_else = || {
            self.0.iter().all(|word| {
                [&names.neutral, &names.sip, &names.password, &names.user].iter().any(|set| set.contains(word))
                    || word == "access"
                    || word == "oauth"
                    || word.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        (vendor || owned_by_nobody_else()).then(|| self.secret(vendor)).flatten()
    }

    /// Whether the tail speaks about the secret. A user `name` is a user all the same.
    fn speaks(&self, tail: &str) -> bool {
        let is_user_name = tail == "name" && self.has(&["user", "login"]);
        MODEL.names.speaking_tails.contains(tail) && !is_user_name
    }

    fn secret(&self, vendor: bool) -> Option<NameRole> {
        let names = &MODEL.names;
        let sip = self.any(&names.sip);
        if self.any(&names.password) {
            return (vendor || sip).then_some(NameRole::SipPassword);
        }
        if vendor && (self.pair("client", "secret") || self.pair("oauth", "secret")) {
            return Some(NameRole::OauthSecret);
        }
        if self.is_key(vendor) {
            return Some(NameRole::ApiKey);
        }
        let login_token = self.pair("login", "token") || self.has(&["jwt"]) || self.pair("json", "token");
        if login_token && (vendor || sip || self.pair("login", "token")) || (self.has(&["token"]) && (vendor || sip)) {
            return Some(NameRole::LoginToken);
        }
        if sip && self.has(&["secret"]) {
            return Some(NameRole::SipPassword);
        }
        (self.any(&names.user) && (vendor || sip)).then_some(NameRole::SipUser)
    }

    fn is_key(&self, vendor: bool) -> bool {
        let api = self.pair("api", "key") || self.has(&["apikey"]);
        let vendor_only = vendor
            && (self.pair("api", "token")
                || self.pair("api", "secret")
                || self.pair("auth", "token")
                || self.pair("bearer", "token")
                || self.pair("secret", "key")
                || self.pair("private", "key")
                || self.has(&["key"]));
        api || vendor_only
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_role_that_their_words_give() {
        use NameRole::{ApiKey, Id, LoginToken, OauthSecret, PublicKey, SipPassword, SipUser};
        let cases = [
            ("TELNYX_API_KEY", Some(ApiKey)),
            ("VITE_TELNYX_API_KEY", Some(ApiKey)),
            ("telnyxApiKey", Some(ApiKey)),
            ("telnyxapikey", Some(ApiKey)),
            ("apiKey", Some(ApiKey)),
            ("telnyx_api_key_encrypted", Some(ApiKey)),
            ("TELNYX_KEY", Some(ApiKey)),
            ("config.telnyx.apiKey", Some(ApiKey)),
            ("TELNYX_API_V2_KEY", Some(ApiKey)),
            ("telnyx.authToken", Some(ApiKey)),
            ("NEXT_PUBLIC_TELNYX_SIP_PASSWORD", Some(SipPassword)),
            ("TELNYX_PASSWORD", Some(SipPassword)),
            ("sipPassword", Some(SipPassword)),
            ("sip_auth_password", Some(SipPassword)),
            ("WEBRTC_PASSWORD", Some(SipPassword)),
            ("PUBLIC_TELNYX_RTC_PASSWORD", Some(SipPassword)),
            ("REACT_APP_TELNYX_LOGIN_TOKEN", Some(LoginToken)),
            ("NEXT_PUBLIC_TELNYX_JSON_TOKEN", Some(LoginToken)),
            ("loginToken", Some(LoginToken)),
            ("login_token", Some(LoginToken)),
            ("VITE_TELNYX_JWT", Some(LoginToken)),
            ("TELNYX_SIP_USERNAME", Some(SipUser)),
            ("sipUserName", Some(SipUser)),
            ("REACT_APP_TELNYX_LOGIN", Some(SipUser)),
            ("TELNYX_CLIENT_SECRET", Some(OauthSecret)),
            ("telnyxOauthClientSecret", Some(OauthSecret)),
            ("TELNYX_PUBLIC_KEY", Some(PublicKey)),
            ("NEXT_PUBLIC_TELNYX_PUBLIC_KEY", Some(PublicKey)),
            ("PUBLIC_KEY", Some(PublicKey)),
            ("NEXT_PUBLIC_TELNYX_CONNECTION_ID", Some(Id)),
            ("VITE_TELNYX_AGENT_ID", Some(Id)),
            ("TELNYX_PHONE_NUMBER", Some(Id)),
            ("TELNYX_API_KEY_ID", Some(Id)),
            ("TELNYX_SIP_DOMAIN", Some(Id)),
            ("OPENAI_API_KEY", None),
            ("password", None),
            ("token", None),
            ("TELNYX_WEBHOOK_SECRET", None),
            ("TELNYX_PORTAL_PASSWORD", None),
            ("hasTelnyxApiKey", None),
            ("telnyxApiKeyConfigured", None),
            ("sipPasswordHash", None),
            ("showSipPassword", None),
            ("asteriskSipPassword", None),
            ("database_password", None),
            ("", None),
        ];
        for (name, role) in cases {
            assert_eq!(secret_role(name), role, "{name}");
        }
    }

    #[test]
    fn public_prefixes_name_their_bundler() {
        let cases = [
            ("VITE_TELNYX_API_KEY", Some("Vite")),
            ("NEXT_PUBLIC_X", Some("Next.js")),
            ("REACT_APP_X", Some("Create React App")),
            ("EXPO_PUBLIC_X", Some("Expo")),
            ("PUBLIC_TELNYX_PASSWORD", Some("SvelteKit, Astro or Rsbuild")),
            ("PUBLIC_KEY", None),
            ("VITE_", None),
            ("TELNYX_API_KEY", None),
            ("vite_x", None),
        ];
        for (name, bundler) in cases {
            assert_eq!(public_env_prefix(name).map(|public| public.bundler.as_str()), bundler, "{name}");
        }
    }

    #[test]
    fn only_the_vendors_name_names_the_vendor() {
        assert!(names_vendor("telnyxApiKey") && names_vendor("VITE_TELNYX_X") && names_vendor("telnyxapikey"));
        assert!(!names_vendor("apiKey") && !names_vendor("TWILIO_KEY"));
    }
}
