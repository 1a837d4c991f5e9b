//! What a team adds to the catalogue in its `authlint.toml`, or in files that this names: its wrapper, its guard, its token endpoint.
//!
//! One flat table a fact: `[[model]]` with a `kind` and a few keys. The built-in models are nested, because one vendor is described by one
//! file; a team has one wrapper and wants to say so in five lines. A file with a `[vendor]` table is a whole vendor in the built-in format.
//! Whatever is said here is more sure than what the analysis infers: a declared guard guards, whatever its body does.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::live::{LiveClient, Login};
use super::sdk::{ClientForm, Form, Sdk, SdkNames};
use super::vendor::{ServiceDeed, ServiceFunction, Vendor, VendorFile, Words};
use super::{Catalog, DORMANT};
use crate::config::{ConfigError, ConfigFile, Mistake, nearest, unknown_keys_of};

/// Nobody writes a larger model, in bytes.
const MAX_BYTES: u64 = 1 << 20;
/// What a model may be about.
pub const KINDS: [&str; 5] = ["client", "guard", "token-endpoint", "service", "public-env"];

/// A team's own way to make a client: a factory, a class, a hook or a component that hands the login on to an SDK.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClientModel {
    /// Where it is imported from: a package (`@acme/phone`), or a file of the project (`./src/lib/phone`), seen from the file that says so.
    #[schemars(with = "String")]
    from: Spanned<String>,
    /// A function that makes a client: `createPhone(options)`.
    call: Option<String>,
    /// A class that is one: `new AcmePhone(options)`.
    class: Option<String>,
    /// A hook that makes one: `usePhone(options)`.
    hook: Option<String>,
    /// A component that makes one: `<PhoneProvider credential={options}>`.
    component: Option<String>,
    /// The vendor whose client it makes. Telnyx when the key is absent.
    #[schemars(with = "Option<String>")]
    vendor: Option<Spanned<String>>,
    /// Option fields that hold the login token.
    #[serde(default)]
    token: Vec<String>,
    /// Option fields that hold the user name.
    #[serde(default)]
    user: Vec<String>,
    /// Option fields that hold the password.
    #[serde(default)]
    password: Vec<String>,
    /// Option fields that log in without a credential.
    #[serde(default)]
    anonymous: Vec<String>,
    /// Which argument holds the options, from 0. The first when the key is absent.
    #[serde(default)]
    options_argument: usize,
    /// The property of a component that holds the options.
    property: Option<String>,
    /// Which argument is the token itself, from 0.
    token_argument: Option<usize>,
    /// Which argument is the user name itself, from 0.
    user_argument: Option<usize>,
    /// Which argument is the password itself, from 0.
    password_argument: Option<usize>,
    /// Methods that subscribe to an event, where they differ from the SDK's.
    #[serde(default)]
    listen: Vec<String>,
    /// The event that warns before the token expires, where it differs from the SDK's.
    warning_event: Option<String>,
    /// The method that takes a new token as its first argument, where it differs from the SDK's.
    login: Option<String>,
    /// The field of the login method's argument that holds the credentials, where the token is not the argument itself.
    login_field: Option<String>,
    /// Methods that end the client, where they differ from the SDK's.
    #[serde(default)]
    dispose: Vec<String>,
    /// The wrapper renews the token by itself, so its users need not.
    #[serde(default)]
    renews_itself: bool,
}

/// A function, middleware or decorator that turns strangers away.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GuardModel {
    /// Its name as code calls it, with as many parts of a dotted name as it takes to tell it: `requireStaff`, `acl.check`.
    name: String,
    /// It does not stop anybody: it answers who the caller is, and that answer must decide something.
    #[serde(default)]
    only_answers: bool,
}

/// An endpoint of another project that answers with a token or a credential.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TokenEndpointModel {
    /// The path, or the end of the URL; `{}` stands for one segment: `/internal/phone/{}/token`.
    #[schemars(with = "String")]
    url: Spanned<String>,
    /// What it answers with.
    gives: Given,
}

/// What an endpoint answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Given {
    /// A login token.
    Token,
    /// A user name and a password.
    Credential,
}

/// A function that calls the vendor's service.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServiceModel {
    /// Where it is imported from: a package, or a file of the project.
    #[schemars(with = "String")]
    from: Spanned<String>,
    /// The function: `mintPhoneToken`. The credential's id is its first argument.
    call: String,
    /// What it does there.
    does: ServiceDeed,
    /// The vendor whose service it calls. Telnyx when the key is absent.
    #[schemars(with = "Option<String>")]
    vendor: Option<Spanned<String>>,
}

/// A prefix of environment variables that a bundler copies into what it ships.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PublicEnvModel {
    /// The prefix: `ACME_PUBLIC_`.
    prefix: String,
    /// What ships them, for messages.
    bundler: String,
}

/// A prefix of public environment variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicPrefix {
    /// The prefix.
    pub prefix: String,
    /// What ships them, for messages.
    pub bundler: String,
}

/// An endpoint of another project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenEndpoint {
    url: String,
    /// What it answers with.
    pub gives: Given,
}

impl TokenEndpoint {
    /// The longest part of the URL without a hole, which stands in every file that asks the endpoint.
    #[must_use]
    pub fn anchor(&self) -> &str {
        self.url.split("{}").max_by_key(|part| part.len()).unwrap_or(&self.url)
    }

    /// Whether a URL ends with the endpoint's; `{}` in it stands for anything.
    #[must_use]
    pub fn is_asked_by(&self, url: &str) -> bool {
        let path = url.split(['?', '#']).next().unwrap_or(url).trim_end_matches('/');
        let mut asked = path.rsplit('/');
        self.url.trim_matches('/').rsplit('/').all(|own| asked.next().is_some_and(|asked| own == asked || own == "{}" || asked == "{}"))
    }
}

/// A text with models, its name, and the folder that its paths are seen from.
struct Source<'t> {
    name: String,
    text: &'t str,
    base: &'t Path,
}

impl Source<'_> {
    fn mistakes(&self, found: Vec<Mistake>) -> ConfigError {
        ConfigError::in_file(&self.name, self.text, found)
    }

    fn mistake(&self, span: std::ops::Range<usize>, message: String, help: Option<String>) -> ConfigError {
        self.mistakes(vec![Mistake { message, span, help }])
    }

    /// A part of the text as a type says, every key that the type does not have at once.
    fn read<T: DeserializeOwned + JsonSchema>(&self, table: Spanned<DeTable<'_>>) -> Result<T, ConfigError> {
        let unknown = unknown_keys_of(table.get_ref(), &schema_of::<T>());
        if !unknown.is_empty() {
            return Err(self.mistakes(unknown));
        }
        let span = table.span();
        T::deserialize(Deserializer::from(table)).map_err(|error| self.of_toml(&error, span))
    }

    fn of_toml(&self, error: &toml::de::Error, whole: std::ops::Range<usize>) -> ConfigError {
        let said = error.message().trim_end_matches('.').replace('\n', ", ");
        // Serde's words for a wrong choice: "unknown variant `tokn`, expected `token` or `credential`".
        let mut names = said.split('`').skip(1).step_by(2);
        let meant = names.next().filter(|_| said.starts_with("unknown variant")).and_then(|word| nearest(word, names));
        let help = meant.map(|meant| format!("did you mean `{meant}`?"));
        self.mistake(error.span().unwrap_or(whole), said, help)
    }
}

/// The schema of a type, without references.
#[must_use]
pub fn schema_of<T: JsonSchema>() -> serde_json::Value {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

impl Catalog {
    /// The catalogue with what a project's configuration adds: the vendors that it switches on, its inline models, and those of the files
    /// that it names.
    ///
    /// # Errors
    /// When a vendor is not known, a file cannot be read, or a model has a key or value that makes no sense.
    pub fn extended(self: &Arc<Self>, config: &ConfigFile) -> Result<Arc<Self>, ConfigError> {
        let written = &config.written;
        if written.models.is_empty() && written.inline_models.is_empty() && written.vendors.is_none() {
            return Ok(Arc::clone(self));
        }
        let mut catalog = Self::clone(self);
        for wanted in written.vendors.iter().flatten() {
            catalog.switch_on(wanted).map_err(|mistake| config.mistakes(vec![mistake]))?;
        }
        let base = std::fs::canonicalize(&config.base).unwrap_or_else(|_| config.base.clone());
        let table = config.table()?;
        let inline = Source { name: config.name(), text: &config.text, base: &base };
        catalog.add_models(&inline, table.get_ref())?;
        for named in &written.models {
            let path = base.join(named.get_ref());
            let text = read_model(&path).map_err(|problem| {
                let message = format!("cannot read the model {}: {problem}", named.get_ref());
                config.mistakes(vec![Mistake { message, span: named.span(), help: None }])
            })?;
            let source = Source { name: named.get_ref().clone(), text: &text, base: path.parent().unwrap_or(&base) };
            catalog.add_file(&source)?;
        }
        Ok(Arc::new(catalog))
    }

    /// Switches a built-in vendor on.
    fn switch_on(&mut self, wanted: &Spanned<String>) -> Result<(), Mistake> {
        if self.vendors.iter().any(|vendor| vendor.id == *wanted.get_ref()) {
            return Ok(());
        }
        if let Some((_, vendor)) = DORMANT.iter().find(|(id, _)| id == wanted.get_ref()) {
            let vendor = Vendor::parse(vendor.file, vendor.text);
            let vendor = vendor.map_err(|error| Mistake { message: error.to_string(), span: wanted.span(), help: None })?;
            self.vendors.push(Arc::new(vendor));
            return Ok(());
        }
        let dormant = DORMANT.iter().map(|(id, _)| *id);
        let known: Vec<&str> = self.vendors.iter().map(|vendor| vendor.id.as_str()).chain(dormant).collect();
        let help = match nearest(wanted.get_ref(), known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the vendors are {}", known.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")),
        };
        Err(Mistake { message: format!("there is no vendor `{}`", wanted.get_ref()), span: wanted.span(), help: Some(help) })
    }

    /// Adds a file of its own: `[[model]]` tables, or a whole vendor.
    fn add_file(&mut self, source: &Source<'_>) -> Result<(), ConfigError> {
        let table = DeTable::parse(source.text).map_err(|error| source.of_toml(&error, 0..0))?;
        if table.get_ref().contains_key("vendor") {
            let vendor = Vendor::new(source.read::<VendorFile>(table)?);
            self.vendors.retain(|known| known.id != vendor.id);
            self.vendors.push(Arc::new(vendor));
            return Ok(());
        }
        if let Some((key, _)) = table.get_ref().iter().find(|(key, _)| key.get_ref() != "model") {
            let message = format!("there is no key `{}` here", key.get_ref());
            let help = "a file of models holds `[[model]]` tables, or one vendor with its `[vendor]` table".to_owned();
            return Err(source.mistake(key.span(), message, Some(help)));
        }
        self.add_models(source, table.get_ref())
    }

    fn add_models(&mut self, source: &Source<'_>, table: &DeTable<'_>) -> Result<(), ConfigError> {
        let Some(models) = table.get("model") else { return Ok(()) };
        let wrong = |span| source.mistake(span, "models are written as `[[model]]`".to_owned(), None);
        let DeValue::Array(models) = models.get_ref() else { return Err(wrong(models.span())) };
        for model in models {
            let DeValue::Table(table) = model.get_ref() else { return Err(wrong(model.span())) };
            self.add_model(source, Spanned::new(model.span(), table.clone()))?;
        }
        Ok(())
    }

    fn add_model(&mut self, source: &Source<'_>, mut table: Spanned<DeTable<'_>>) -> Result<(), ConfigError> {
        let kinds = || KINDS.map(|kind| format!("`{kind}`")).join(", ");
        let Some(kind) = table.get_mut().remove("kind") else {
            let help = format!("`kind` is one of {}", kinds());
            return Err(source.mistake(table.span(), "the model has no `kind`".to_owned(), Some(help)));
        };
        match kind.get_ref().as_str().unwrap_or_default() {
            "client" => self.add_client(source, source.read(table)?),
            "guard" => {
                let GuardModel { name, only_answers } = source.read(table)?;
                self.guards = self.guards.changed(|guards| guards.declare(name, only_answers));
                Ok(())
            }
            "token-endpoint" => {
                let TokenEndpointModel { url, gives } = source.read(table)?;
                let endpoint = TokenEndpoint { url: url.get_ref().clone(), gives };
                if endpoint.anchor().trim_matches('/').len() < 4 {
                    let message = format!("`{}` could be any URL", url.get_ref());
                    return Err(source.mistake(url.span(), message, Some("write more of the path".to_owned())));
                }
                self.token_endpoints.push(endpoint);
                Ok(())
            }
            "service" => {
                let ServiceModel { from, call, does, vendor } = source.read(table)?;
                let from = source.module(from.get_ref());
                let vendor = self.vendor_mut(source, vendor.as_ref())?;
                vendor.server.calls.push(ServiceFunction { from, export: call, action: does });
                Ok(())
            }
            "public-env" => {
                let PublicEnvModel { prefix, bundler } = source.read(table)?;
                self.public_prefixes.push(PublicPrefix { prefix, bundler });
                Ok(())
            }
            other => {
                let help = match nearest(other, KINDS) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("the kinds are {}", kinds()),
                };
                Err(source.mistake(kind.span(), format!("there is no kind of model `{other}`"), Some(help)))
            }
        }
    }

    fn vendor_mut(&mut self, source: &Source<'_>, wanted: Option<&Spanned<String>>) -> Result<&mut Vendor, ConfigError> {
        if let Some(wanted) = wanted {
            self.switch_on(wanted).map_err(|mistake| source.mistakes(vec![mistake]))?;
        }
        let own = |vendor: &Arc<Vendor>| wanted.is_none_or(|wanted| vendor.id == *wanted.get_ref());
        let at = self.vendors.iter().position(own).unwrap_or(0);
        match self.vendors.get_mut(at) {
            Some(vendor) => Ok(Arc::make_mut(vendor)),
            None => Err(source.mistake(0..0, "no vendor is on".to_owned(), None)),
        }
    }

    fn add_client(&mut self, source: &Source<'_>, model: ClientModel) -> Result<(), ConfigError> {
        let forms =
            [(Form::Call, &model.call), (Form::Constructor, &model.class), (Form::Hook, &model.hook), (Form::Component, &model.component)];
        let said: Vec<(Form, String)> = forms.into_iter().filter_map(|(form, export)| Some((form, export.clone()?))).collect();
        let wrong = |message: &str, help: &str| Err(source.mistake(model.from.span(), message.to_owned(), Some(help.to_owned())));
        let [(form, export)] = said.as_slice() else {
            return wrong("a client is made in one way", "give one of `call`, `class`, `hook` and `component`");
        };
        let fields = [&model.token, &model.user, &model.password, &model.anonymous].iter().any(|names| !names.is_empty());
        let positions = [model.token_argument, model.user_argument, model.password_argument].iter().any(Option::is_some);
        if !fields && !positions {
            return wrong(
                "this client logs in with nothing",
                "say where its login is: `token`, `user`, `password`, or `token-argument` and its like",
            );
        }
        if (*form == Form::Component) != model.property.is_some() {
            return wrong("only components have a `property`, and they need one", "`property` is the property that holds the options");
        }
        let vendor = self.vendor_mut(source, model.vendor.as_ref())?;
        let from = source.module(model.from.get_ref());
        let is_file = model.from.get_ref().starts_with('.');
        let live = model.live(&vendor.live);
        let words = model.words(&vendor.words, live.as_ref());
        let client = ClientForm {
            form: *form,
            export: export.clone(),
            argument: (fields && *form != Form::Component).then_some(model.options_argument),
            property: model.property.clone(),
            token_argument: model.token_argument,
            user_argument: model.user_argument,
            secret_argument: model.password_argument,
            short_lived: model.renews_itself,
            ..ClientForm::default()
        };
        let names = SdkNames {
            id: export.clone(),
            title: if is_file { format!("`{export}`") } else { model.from.get_ref().clone() },
            packages: if is_file { Vec::new() } else { vec![from.clone()] },
            files: if is_file { vec![from] } else { Vec::new() },
            warns_before_expiry: vendor.sdks.first().is_some_and(|sdk| sdk.warns_before_expiry) || model.warning_event.is_some(),
            user: model.user,
            secret: model.password,
            token: model.token,
            anonymous: model.anonymous,
            client: vec![client],
            ..SdkNames::default()
        };
        let live = live.map_or_else(|| Arc::clone(&vendor.live), Arc::new);
        let words = words.map_or_else(|| Arc::clone(&vendor.words), Arc::new);
        vendor.sdks.push(Arc::new(Sdk { names, live, words }));
        Ok(())
    }
}

impl Source<'_> {
    /// A module as imports are compared with it: a package as it is, a file of the project as its absolute path without the extension.
    fn module(&self, from: &str) -> String {
        if !from.starts_with('.') {
            return from.to_owned();
        }
        let mut path = PathBuf::from(self.base);
        for part in Path::new(from).components() {
            match part {
                std::path::Component::CurDir => {}
                std::path::Component::ParentDir => {
                    path.pop();
                }
                part => path.push(part),
            }
        }
        without_extension(&path)
    }
}

/// A path as text, without the extension of a script.
#[must_use]
pub(crate) fn without_extension(path: &Path) -> String {
    let is_script = path.extension().and_then(|extension| extension.to_str()).is_some_and(|extension| {
        matches!(extension, "js" | "jsx" | "ts" | "tsx" | "mjs" | "mts" | "cjs" | "cts" | "vue" | "svelte" | "py")
    });
    let plain = if is_script { path.with_extension("") } else { path.to_path_buf() };
    let text = plain.to_string_lossy().replace('\\', "/");
    text.strip_suffix("/index").map_or_else(|| text.clone(), str::to_owned)
}

impl ClientModel {
    /// How the wrapper's clients live, where the model says something else than the vendor.
    fn live(&self, vendor: &LiveClient) -> Option<LiveClient> {
        if self.listen.is_empty() && self.dispose.is_empty() && self.warning_event.is_none() && self.login.is_none() {
            return None;
        }
        let mut live = vendor.clone();
        if !self.listen.is_empty() {
            live.listen.clone_from(&self.listen);
        }
        if !self.dispose.is_empty() {
            live.dispose.clone_from(&self.dispose);
        }
        if let Some(event) = &self.warning_event {
            live.warning_events = vec![event.clone()];
            live.warning_constants.clear();
            live.codes = None;
        }
        if let Some(method) = &self.login {
            live.missing_methods.retain(|missing| missing != method);
            live.login = Login { method: method.clone(), credentials: self.login_field.clone(), wrong_token_keys: Vec::new() };
        }
        Some(live)
    }

    /// How messages speak of it.
    fn words(&self, vendor: &Words, live: Option<&LiveClient>) -> Option<Words> {
        let live = live?;
        let (listen, event) = (live.listen.first()?, live.warning_events.first()?);
        let method = &live.login.method;
        let token = self.token.first().map_or("token", String::as_str);
        let (argument, place) = match &live.login.credentials {
            Some(field) => (format!("{{ {field}: {{ {token}: await fetchToken() }} }}"), format!("goes into `{field}.{token}`")),
            None => ("await fetchToken()".to_owned(), format!("is the argument of `{method}`")),
        };
        Some(Words {
            refresh: format!("client.{listen}('{event}', async () => client.{method}({argument}))"),
            renew: "hand over".to_owned(),
            renew_same: "hand it to the same client".to_owned(),
            token_place: place,
            login: format!("{method}()"),
            docs_are_wrong: false,
            ..vendor.clone()
        })
    }
}

fn read_model(path: &Path) -> std::io::Result<String> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() || metadata.len() > MAX_BYTES {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is no file, or larger than 1 MiB"));
    }
    std::fs::read_to_string(path)
}
