//! The auth model: what rules see.
//!
//! Plain facts with places and origins; no syntax, no tables of the analysis. Built by [`super::auth`], read by `rules`.
//!
//! The file is long because it is the one contract between analysis and rules: types and their meaning, hardly any code. Whoever writes a rule
//! reads it whole; cut into parts, the parts would be read together all the same.

use std::sync::Arc;

pub use super::edit_sites::{ClassSite, HeaderSite, KeySite, RefreshSite, RenewalSite, Slot};
pub use super::zones::Zone;
use crate::catalog::sdk::Sdk;
use crate::catalog::vendor::Words;
use crate::finding::{Confidence, FlowStep};
use crate::hir::Name;
use crate::secrets::names::NameRole;
use crate::source::Location;

/// Everything that the rules judge.
#[derive(Debug, Default)]
pub struct App {
    /// Clients that log in.
    pub clients: Vec<Client>,
    /// Calls of the service that mint tokens or touch credentials.
    pub service_calls: Vec<ServiceCall>,
    /// Passwords or whole credentials that a server hands to its callers.
    pub handouts: Vec<Handout>,
    /// Routes and server actions that give tokens or credentials to their callers.
    pub endpoints: Vec<Endpoint>,
    /// Requests of the project's code that an endpoint of the project answers, and those whose answer reaches a client.
    pub requests: Vec<Request>,
    /// Uses of an API key.
    pub key_uses: Vec<KeyUse>,
    /// Secrets that stand in a text.
    pub secrets: Vec<FoundSecret>,
    /// Secrets that are put where others can read them.
    pub exposures: Vec<Exposure>,
    /// Clients that outlive what they were made for.
    pub leftovers: Vec<Leftover>,
    /// Credentials and connections that the project creates.
    pub created: Vec<CreatedCredential>,
    /// Something in the project deletes credentials.
    pub deletes_credentials: bool,
    /// Answers with a login token that a cache may keep.
    pub cacheable: Vec<CacheableAnswer>,
    /// Secrets under names that a bundler ships to the browser.
    pub public_entries: Vec<PublicEntry>,
    /// URLs of the SDK's package on a CDN that lead nowhere.
    pub dead_urls: Vec<DeadUrl>,
}

/// Where a value comes from, as far as it matters to a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provenance {
    /// A constant in the code. Never printed.
    Literal(SecretText),
    /// An environment variable whose name a bundler ships to the browser.
    PublicEnv(Name),
    /// An environment variable that stays on the machine.
    PrivateEnv(Name),
    /// Sent by a back end (an HTTP answer, a server action).
    BackEnd(Option<String>),
    /// Read from a database by this code.
    Database,
    /// Typed in by a person.
    Form,
    /// The page's address.
    PageUrl,
    /// Browser or device storage.
    Storage(Option<Name>),
    /// A file on disk.
    File,
    /// A hole of a server template.
    TemplateHole,
    /// The request that a server handler got.
    RequestInput,
    /// A parameter or property that no visible code fills.
    Caller,
    /// Not understood.
    Unknown,
}

/// A text that may be a secret: never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(Name);

impl SecretText {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: Name) -> Self {
        Self(text)
    }

    /// The text itself, for classification only; it must not reach a message.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "({} bytes)", self.0.len())
    }
}

/// One origin of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What.
    pub provenance: Provenance,
    /// Where it is born.
    pub at: Location,
    /// The way from there to the use, born first.
    pub flow: Vec<FlowStep>,
    /// Something computed from it rather than itself.
    pub derived: bool,
    /// Only under a development condition.
    pub development_only: bool,
    /// The conditions that the value is under, each with its place: feature flags and builds. For a person to read; only
    /// `development_only` decides.
    pub conditions: Vec<(Location, String)>,
    /// The file where it is born is a test, story, mock or tool.
    pub in_development_file: bool,
    /// The requests that the value came through, the one nearest to the use last: places of [`Request`]s.
    pub requests: Vec<Location>,
    /// Where the handler that answered the request got it, for a value that code of the same project sent. What the value is to the
    /// code that uses it, [`Source::provenance`] keeps saying.
    pub beyond: Vec<Beyond>,
}

/// A source of a value in the code that sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beyond {
    /// The source; its flow is the whole way, from the birth there to the use here.
    pub source: Source,
    /// The body of the answer that brought it.
    pub answer: Location,
    /// How sure it is that this code answers the request.
    pub confidence: Confidence,
}

impl Source {
    /// The source itself and those beyond it.
    pub fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.beyond.iter().map(|beyond| &beyond.source))
    }

    /// The way of the value from where it is born, through the code that sent it if that is of the project.
    #[must_use]
    pub fn whole_flow(&self) -> &[FlowStep] {
        let known = |beyond: &&Beyond| !matches!(beyond.source.provenance, Provenance::Unknown | Provenance::Caller);
        let beyond = self.beyond.iter().find(known).or_else(|| self.beyond.first());
        beyond.map_or(&self.flow, |beyond| &beyond.source.flow)
    }
}

/// What an option of a client is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OptionRole {
    /// The SIP user name.
    User,
    /// The SIP password.
    Password,
    /// The login token.
    Token,
    /// A login without a credential.
    Anonymous,
}

/// An option that a client is given.
#[derive(Debug, Clone)]
pub struct LoginOption {
    /// What it is for.
    pub role: OptionRole,
    /// Its name as written.
    pub name: String,
    /// The value, where it is written.
    pub at: Location,
    /// Where the value comes from; empty when it is only a dead value (`undefined`, an empty string).
    pub sources: Vec<Source>,
    /// A limit was hit on the way.
    pub limited: bool,
    /// From where the option is written to the client, when those are apart.
    pub way: Vec<FlowStep>,
    /// The object literal that holds the option, to tell options that are given together.
    pub object: Option<Location>,
    /// For a password: what goes when the client shall not log in with it, the user name beside it included; empty when that is not certain.
    pub removal: Vec<Location>,
}

/// What is known of a client's token refresh.
#[derive(Debug, Clone)]
pub enum Refresh {
    /// A path that can work, as far as the SDK in force has what it rests on.
    Works(Basis),
    /// A handler of the warning that cannot work.
    Broken(Vec<BrokenRefresh>),
    /// No path at all; for the help text, what there is instead.
    Missing {
        /// A listener for the warning that only looks for other codes.
        other_codes: Option<Location>,
        /// Handlers of other events that react to errors after the fact.
        reacts_late: Option<Location>,
        /// A function that looks like a refresh but that nothing calls.
        dead_refresh: Option<(String, Location)>,
    },
    /// Not a matter of this client: no token, or it lives for one short task.
    NotNeeded,
}

/// What of the SDK a refresh that works rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The warning before a token expires; the registration of its handler.
    Warning(Location),
    /// A timer of the project's own, from which the client logs in again; the call.
    Login(Location),
    /// Nothing that depends on the version: a timer and a new client, a state that makes the client anew.
    Own,
}

/// One reason why a refresh handler cannot work.
#[derive(Debug, Clone)]
pub struct BrokenRefresh {
    /// The handler's registration.
    pub listener: Location,
    /// What is wrong.
    pub fault: RefreshFault,
    /// Where.
    pub at: Location,
    /// The listener certainly belongs to this client.
    pub tied: bool,
    /// Where that can be put right, as far as a few words do it.
    pub site: Option<RefreshSite>,
}

/// What is wrong with a refresh handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefreshFault {
    /// It only logs, shows or counts.
    OnlyLogs,
    /// It reads the code from a place where the SDK never puts it; the text is what it reads.
    WrongPayload(String),
    /// It compares the numeric code with a string.
    StringCode,
    /// It compares with something that is never equal; the text is what it compares.
    NeverEqual(String),
    /// It calls a method that no version of the SDK has.
    MissingMethod(String),
    /// It re-sends the token that is about to expire.
    OldToken(String),
    /// It hands the new token over under a key that the SDK ignores.
    WrongKey(String),
    /// It gets a new token and does nothing with it.
    TokenDropped,
    /// It asks for a token in a way that may be answered from a cache.
    CachedToken,
    /// The warning is awaited on an event that never carries it.
    WrongEvent(String),
    /// The listener is removed again right away.
    Removed,
}

/// A client that logs in.
#[derive(Debug, Clone)]
pub struct Client {
    /// The construction, hook call or provider element.
    pub at: Location,
    /// The SDK.
    pub sdk: Arc<Sdk>,
    /// How messages call the client: its variable, or nothing.
    pub name: Option<String>,
    /// The login options.
    pub options: Vec<LoginOption>,
    /// Where it runs.
    pub zone: Zone,
    /// Only under a development condition.
    pub development_only: bool,
    /// It lives for one call on a fresh token.
    pub short_lived: bool,
    /// The refresh.
    pub refresh: Refresh,
    /// How sure it is that this is a client of the SDK.
    pub confidence: Confidence,
    /// The version of the SDK that it runs on, as far as the project says so.
    pub version: Option<SdkVersion>,
    /// What is wrong with the way it is made.
    pub faults: Vec<OptionFault>,
    /// For one without refresh, or with one that only logs: where and how it can get one.
    pub renewal: Option<RenewalSite>,
}

/// Whether a version has something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The declared range admits versions that do not.
    Maybe,
}

/// What says which version is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionBy {
    /// A lockfile: that very version.
    Lockfile,
    /// The range of a manifest; no lockfile was found.
    Manifest,
    /// The URL of a script or import.
    Url,
}

/// The version of an SDK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdkVersion {
    /// The package.
    pub package: String,
    /// The version or range, as written.
    pub text: String,
    /// Where it stands.
    pub at: Location,
    /// What says so.
    pub by: VersionBy,
    /// The declaration in the manifest: the range and where it stands.
    pub declared: Option<(String, Location)>,
    /// Whether it warns before a token expires.
    pub warning: Has,
    /// The first release that does, for messages.
    pub warning_since: String,
    /// Whether a live client can log in again with new credentials.
    pub login: Has,
    /// The first release whose clients can, for messages.
    pub login_since: String,
    /// The range or version that can be raised, where it stands.
    pub raise: Option<Location>,
}

/// What is wrong with the way a client is made.
#[derive(Debug, Clone)]
pub struct OptionFault {
    /// What.
    pub kind: FaultKind,
    /// Where.
    pub at: Location,
    /// What else belongs to it, and how the label calls it.
    pub because: Option<(Location, &'static str)>,
    /// The key, for one that has another name.
    pub key: Option<KeySite>,
    /// The class, for one that is named wrongly.
    pub class: Option<ClassSite>,
}

/// Kinds of wrong options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// A key that the SDK ignores, and the one that it reads.
    WrongKey(String, String),
    /// Login fields below a key that only versions of long ago read.
    Legacy(String),
    /// A user name without a password or token.
    UserAlone,
    /// A token that is always empty, and nothing else.
    EmptyToken,
    /// Options without anything to log in with.
    Nothing,
    /// An option that sends the client to the vendor's test servers: name and value.
    TestServers(String, String),
    /// The package's default export, or the package itself, which are no classes; the class.
    NoClass(String),
    /// A global that no build of the SDK makes, and the one that it makes.
    NoGlobal(String, String),
}

/// A URL of the SDK's package on a CDN that names a file which the package does not have.
#[derive(Debug, Clone)]
pub struct DeadUrl {
    /// The URL.
    pub at: Location,
    /// The path in the package, as written.
    pub path: String,
    /// Where the path stands in the URL.
    pub path_at: Option<Location>,
    /// A path that exists.
    pub instead: String,
    /// Where the code runs.
    pub zone: Zone,
}

/// A secret under a name that a bundler ships to the browser, at the place where it is set.
#[derive(Debug, Clone)]
pub struct PublicEntry {
    /// The name, as code reads it.
    pub name: String,
    /// What the name or the value says that it is.
    pub what: NameRole,
    /// The value; the name where the value comes from elsewhere.
    pub at: Location,
    /// What ships it, for messages (`Vite`, `` `define` in the bundler's configuration ``).
    pub shipped_by: String,
    /// What stands there.
    pub value: EntryValue,
    /// `.gitignore` keeps the file out of the repository.
    pub ignored: bool,
    /// It counts in development only: a `.env.development`, a test.
    pub development_only: bool,
    /// Further places that set it.
    pub elsewhere: Vec<Location>,
    /// Where code reads it, browser code first.
    pub reads: Vec<EntryRead>,
}

/// What an entry sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryValue {
    /// The secret itself.
    Literal {
        /// How sure it is that it is one in force.
        confidence: Confidence,
        /// A login token that has run out.
        expired: bool,
    },
    /// A reference to where the secret is kept: a secret store, another variable.
    Reference,
}

/// A place that reads an entry.
#[derive(Debug, Clone)]
pub struct EntryRead {
    /// The read.
    pub at: Location,
    /// Where it runs.
    pub zone: Zone,
}

impl Client {
    /// The options of one role.
    pub fn options_of(&self, role: OptionRole) -> impl Iterator<Item = &LoginOption> {
        self.options.iter().filter(move |option| option.role == role)
    }
}

/// What a call of the service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServiceAction {
    /// Mints a login token.
    Mint,
    /// Creates a credential.
    CreateCredential,
    /// Reads, lists, changes or deletes credentials.
    TouchCredential,
    /// Creates or reads credential connections.
    TouchConnection,
}

/// For whom a credential is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sharing {
    /// One for everybody; why.
    Everyone(String),
    /// One for an organisation or team; why.
    Group(String),
    /// One per user, or created for this request.
    PerUser,
    /// Not known.
    Unknown,
}

/// A call of the service.
#[derive(Debug, Clone)]
pub struct ServiceCall {
    /// The call.
    pub at: Location,
    /// For a mint inside a helper: the call of the helper that chooses the credential.
    pub chosen: Option<Location>,
    /// What it does.
    pub action: ServiceAction,
    /// How it is spelt, for messages (`POST /telephony_credentials/{}/token`, `telephonyCredentials.createToken`).
    pub spelling: String,
    /// Where it runs.
    pub zone: Zone,
    /// Only under a development condition.
    pub development_only: bool,
    /// For a mint: for whom the credential is.
    pub sharing: Sharing,
    /// The way of the credential id to the call.
    pub flow: Vec<FlowStep>,
    /// How sure the sharing is.
    pub confidence: Confidence,
    /// For a mint: where the credential id stands.
    pub id_at: Option<Location>,
    /// For a mint: where the credential id comes from.
    pub credential: Vec<Source>,
    /// Something compares the id with what belongs to the caller before the mint.
    pub id_checked: bool,
    /// Where the API key that the call is made with comes from, as far as that is seen.
    pub key: Vec<Source>,
}

/// A route, platform function or server action that gives its callers a login token or a credential.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// How messages call it: its method and path, or what it is.
    pub name: String,
    /// The export, registration or function.
    pub at: Location,
    /// The call that makes the token or credential, or the call in the route that leads there, or the answer that holds it.
    pub gives_at: Location,
    /// What it gives, for messages.
    pub gives: Gift,
    /// The calls from the route to the place where the token or credential is made, route first.
    pub flow: Vec<FlowStep>,
    /// The service calls and handouts that lie behind it: places of [`ServiceCall`]s and [`Handout`]s.
    pub reaches: Vec<Location>,
    /// Whether callers are checked.
    pub check: CallerCheck,
    /// Where it runs.
    pub zone: Zone,
    /// Only under a development condition.
    pub development_only: bool,
}

/// A request of the project's code.
#[derive(Debug, Clone)]
pub struct Request {
    /// The call.
    pub at: Location,
    /// How messages call it: its method and URL as far as they are known, holes as `…` (`POST /api/token/…`).
    pub spelling: String,
    /// Where it runs.
    pub zone: Zone,
    /// Only under a development condition.
    pub development_only: bool,
    /// The endpoint of the project that answers it: the place of an [`Endpoint`].
    pub endpoint: Option<Location>,
}

/// What an endpoint gives to its callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gift {
    /// A login token.
    Token,
    /// A SIP password, or a whole credential.
    Credential,
}

/// Whether an endpoint checks its callers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallerCheck {
    /// It does.
    Checked,
    /// Something that looks like a check was found, but not how it stops strangers.
    Unsure,
    /// A switch of the platform asks for a key that every visitor has.
    PublicKey,
    /// It does not; the place of something that pretends to be a check.
    Missing {
        /// A test that only looks at what the caller says.
        pretended: Option<Location>,
    },
}

/// What a handout hands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HandedOut {
    /// A SIP password.
    Password,
    /// A whole credential, its password included.
    Credential,
    /// An API key.
    ApiKey,
}

/// A SIP password, a whole credential or an API key in a server's answer.
#[derive(Debug, Clone)]
pub struct Handout {
    /// The property in the answer.
    pub at: Location,
    /// What is handed out.
    pub what: HandedOut,
    /// For whom the credential is.
    pub sharing: Sharing,
    /// The way of the password.
    pub flow: Vec<FlowStep>,
    /// Where it runs.
    pub zone: Zone,
    /// How sure it is that this is handed out.
    pub confidence: Confidence,
    /// How sure the sharing is.
    pub sharing_confidence: Confidence,
}

/// A use of an API key.
#[derive(Debug, Clone)]
pub struct KeyUse {
    /// The read, or the literal.
    pub at: Location,
    /// What it is.
    pub what: KeyOrigin,
    /// The literal that is read, when it stands elsewhere (a JSON asset).
    pub literal: Option<Location>,
    /// Where it runs.
    pub zone: Zone,
    /// Only whether it is there is tested (`!!key`).
    pub presence_only: bool,
    /// Only under a development condition.
    pub development_only: bool,
    /// The way of the key.
    pub flow: Vec<FlowStep>,
    /// How sure.
    pub confidence: Confidence,
}

/// Where a used API key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyOrigin {
    /// A literal.
    Literal,
    /// A public environment variable.
    PublicEnv(Name),
    /// A database row, a route's answer, a JSON asset: the field's name.
    Field(String),
}

/// A secret in a text.
#[derive(Debug, Clone)]
pub struct FoundSecret {
    /// Where.
    pub at: Location,
    /// What.
    pub kind: FoundKind,
    /// How sure.
    pub confidence: Confidence,
    /// Evidence, without the value.
    pub why: String,
    /// A test, story, mock, document or tool.
    pub in_development_file: bool,
}

/// Kinds of secrets in texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundKind {
    /// An API key.
    ApiKey,
    /// A login token; its expiry in unix seconds, when it says.
    LoginToken {
        /// `exp`
        expires: Option<i64>,
    },
    /// A SIP password.
    SipPassword,
    /// An OAuth client secret.
    OauthClientSecret,
}

/// A secret at run time that is put where others can read it.
#[derive(Debug, Clone)]
pub struct Exposure {
    /// The value, where it is put there.
    pub at: Location,
    /// What it is.
    pub what: Exposed,
    /// How messages speak of the vendor's things.
    pub words: Arc<Words>,
    /// Where it is put.
    pub place: ExposedIn,
    /// The value is an object that holds it among other things.
    pub whole: bool,
    /// The way of the value.
    pub flow: Vec<FlowStep>,
    /// Where the code runs.
    pub zone: Zone,
    /// Only under a development condition.
    pub development_only: bool,
    /// How sure.
    pub confidence: Confidence,
}

/// What is exposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exposed {
    /// A SIP password.
    Password,
    /// A whole credential.
    Credential,
    /// A login token.
    Token,
    /// An API key.
    ApiKey,
}

/// Where something is exposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExposedIn {
    /// Browser or device storage; what writes it (`localStorage.setItem`).
    Storage(String),
    /// A log; what writes it (`console.log`).
    Log(String),
    /// The query or path of a URL; the name of the parameter, when it has one.
    Url(Option<String>),
}

/// A client that goes on living when nobody needs it any more.
#[derive(Debug, Clone)]
pub struct Leftover {
    /// The client's construction.
    pub client: Location,
    /// Its SDK.
    pub sdk: Arc<Sdk>,
    /// How messages call the client.
    pub name: Option<String>,
    /// Why it lives on.
    pub why: Outlives,
    /// Where it runs.
    pub zone: Zone,
    /// How sure.
    pub confidence: Confidence,
}

/// Why a client outlives its purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outlives {
    /// Nothing ever disconnects it, and its component can end.
    NeverDisposed {
        /// How messages call the component.
        component: String,
    },
    /// The clean-up of its component sees the state of the first render only.
    StaleCleanup {
        /// The disposal that never happens.
        cleanup: Location,
    },
    /// The code that makes it can run again and then overwrites it without ending it.
    Overwritten {
        /// What holds it.
        holder: String,
    },
    /// What holds it is emptied without ending it, and then a second one is made.
    Forgotten {
        /// What holds it.
        holder: String,
        /// Where it is emptied.
        emptied: Location,
    },
}

/// A credential or connection that the project creates.
#[derive(Debug, Clone)]
pub struct CreatedCredential {
    /// The call.
    pub at: Location,
    /// How it is spelt, for messages.
    pub spelling: String,
    /// It is a credential connection, not a telephony credential.
    pub is_connection: bool,
    /// Whether it says when it ends.
    pub expiry: Expiry,
    /// Where it could say so.
    pub expiry_slot: Option<Slot>,
    /// The endpoint that makes a new one for each request, without a look for one that is there.
    pub per_request: Option<String>,
    /// Where it runs.
    pub zone: Zone,
    /// Only under a development condition.
    pub development_only: bool,
}

/// Whether a new credential says when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// It does.
    Set,
    /// Its body is all there to see, and says nothing.
    Missing,
    /// Its body is not all there to see.
    Unknown,
}

/// An answer with a login token that browsers, proxies or content networks may keep.
#[derive(Debug, Clone)]
pub struct CacheableAnswer {
    /// The body of the answer.
    pub at: Location,
    /// How messages call the route.
    pub route: String,
    /// Where the answer can be told not to be kept.
    pub header: Option<HeaderSite>,
    /// Where it runs.
    pub zone: Zone,
    /// How sure.
    pub confidence: Confidence,
}
