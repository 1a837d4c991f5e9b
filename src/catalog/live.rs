//! How a live client is spoken to: its methods, its events, and how it tells that its token is about to expire.

use schemars::JsonSchema;
use serde::Deserialize;

/// Methods and events of a live client. SDKs whose clients live alike share one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LiveClient {
    /// Methods that subscribe to an event.
    pub listen: Vec<String>,
    /// Methods that unsubscribe.
    pub unlisten: Vec<String>,
    /// How a client gets a new token.
    pub login: Login,
    /// Methods that open the connection with the token given at construction.
    pub connect: Vec<String>,
    /// Methods that end the client; messages advise the first.
    pub dispose: Vec<String>,
    /// Methods that no version has, though people call them to refresh.
    pub missing_methods: Vec<String>,
    /// Event names that deliver the expiry warning; messages advise the first.
    pub warning_events: Vec<String>,
    /// Dotted constants for them.
    pub warning_constants: Vec<String>,
    /// How the other constants of the same table spell their events.
    pub constant_style: ConstantStyle,
    /// Event names that never deliver it.
    pub other_events: Vec<String>,
    /// Those of them that tell of a failure when it has happened.
    pub failure_events: Vec<String>,
    /// Those of them that tell of a call's state.
    pub call_events: Vec<String>,
    /// The method that places a call.
    pub place_call: String,
    /// The field of a client that holds the options given at construction, when later logins read it.
    #[serde(default)]
    pub stored_options: Option<String>,
    /// The code that tells the expiry warning from others; none when the event is for nothing else.
    #[serde(default)]
    pub codes: Option<WarningCodes>,
}

/// The call that gives a live client a new token.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The method.
    pub method: String,
    /// The field of its argument that holds the credentials; none when the token itself is the first argument.
    #[serde(default)]
    pub credentials: Option<String>,
    /// Keys that people use for the token where the SDK ignores them.
    #[serde(default)]
    pub wrong_token_keys: Vec<String>,
}

/// How constants of a table of events are spelt, for events that no constant is listed of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConstantStyle {
    /// `SocketClose` is `telnyx.socket.close`: the words behind the first part of the warning's name.
    Dotted,
    /// `TokenWillExpire` is `tokenWillExpire`.
    Camel,
}

/// How the expiry warning is told from other warnings on its event.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WarningCodes {
    /// The numeric expiry codes.
    pub numbers: Vec<u32>,
    /// Their symbolic names.
    pub names: Vec<String>,
    /// Tables of the SDK that name its codes.
    pub tables: Vec<String>,
    /// Tables of the SDK that are keyed by code, so that a name finds nothing in them.
    pub number_keyed_tables: Vec<String>,
    /// The first and the last number that can be a code of the SDK.
    pub range: [u32; 2],
    /// The field of the event that holds the warning.
    pub warning_property: String,
    /// The field of the warning that holds the code.
    pub code_property: String,
    /// The field of the warning that holds the symbolic name.
    pub name_property: String,
}

impl LiveClient {
    /// Whether a method subscribes to an event.
    #[must_use]
    pub fn listens(&self, method: &str) -> bool {
        self.listen.iter().any(|known| known == method)
    }

    /// Whether a method ends the client.
    #[must_use]
    pub fn disposes(&self, method: &str) -> bool {
        self.dispose.iter().any(|known| known == method)
    }

    /// The method that messages advise for ending the client.
    #[must_use]
    pub fn ends_by(&self) -> &str {
        self.dispose.first().map_or("disconnect", String::as_str)
    }

    /// Whether an event delivers the expiry warning.
    #[must_use]
    pub fn is_warning(&self, event: &str) -> bool {
        self.warning_events.iter().any(|known| known == event)
    }

    /// The event that a constant stands for, by the dotted path of the constant.
    #[must_use]
    pub fn event_of_constant(&self, path: &str) -> Option<String> {
        let first = self.warning_events.first()?;
        if self.warning_constants.iter().any(|constant| path == *constant || path.ends_with(&format!(".{constant}"))) {
            return Some(first.clone());
        }
        let (table, member) = path.rsplit_once('.')?;
        let mut tables = self.warning_constants.iter().filter_map(|constant| constant.rsplit_once('.'));
        tables.any(|(known, _)| table.ends_with(known)).then(|| match self.constant_style {
            ConstantStyle::Dotted => {
                let words = member
                    .chars()
                    .flat_map(|letter| letter.is_ascii_uppercase().then_some('.').into_iter().chain([letter.to_ascii_lowercase()]));
                first.split('.').next().unwrap_or_default().chars().chain(words).collect()
            }
            ConstantStyle::Camel => {
                let mut letters = member.chars();
                letters.next().map(|letter| letter.to_ascii_lowercase()).into_iter().chain(letters).collect()
            }
        })
    }
}
