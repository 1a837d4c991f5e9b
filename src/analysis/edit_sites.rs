//! Edit sites: what a fix has to know of the code, as data.
//!
//! Rules see no syntax. Where a rule offers a fix, the model says which bytes it may replace, where a text can go in and how things are spelt
//! there; the words come from [`crate::fix`]. A site exists only where the change is certain to be well-formed: what the analysis does not see
//! through has none.

use crate::source::Location;

/// How a file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeStyle {
    /// The quotation mark of its strings.
    pub quote: char,
    /// Whether statements end with a semicolon.
    pub semicolons: bool,
    /// One step of indentation.
    pub indent: String,
    /// What ends a line: `\n` or `\r\n`.
    pub newline: &'static str,
    /// TypeScript: parameters want types.
    pub typescript: bool,
}

impl CodeStyle {
    /// A string literal of a text without quotation marks.
    #[must_use]
    pub fn string(&self, text: &str) -> String {
        let quote = self.quote;
        format!("{quote}{text}{quote}")
    }

    /// What ends a statement.
    #[must_use]
    pub fn end(&self) -> &'static str {
        if self.semicolons { ";" } else { "" }
    }
}

/// A place where a text can go in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Where; empty.
    pub at: Location,
    /// What has to come before the text.
    pub before: String,
    /// What has to come behind it.
    pub after: String,
}

/// The key of an entry of an object literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySite {
    /// The key, with its quotation marks if it has some.
    pub at: Location,
    /// What it names.
    pub name: String,
    /// Key and value in one (`{ token }`): the name of the value.
    pub shorthand: Option<String>,
    /// The quotation mark, where the key has some.
    pub quote: Option<char>,
}

impl KeySite {
    /// The entry's text with another key, as far as [`KeySite::at`] reaches.
    #[must_use]
    pub fn renamed(&self, key: &str) -> String {
        match (&self.shorthand, self.quote) {
            (Some(value), _) => format!("{key}: {value}"),
            (None, Some(quote)) => format!("{quote}{key}{quote}"),
            (None, None) => key.to_owned(),
        }
    }
}

/// How the class of a client is named, where that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClassSite {
    /// The name in the import statement that should be in braces.
    Import {
        /// Where the name stands.
        at: Location,
        /// What the file calls it.
        local: String,
    },
    /// The module at the construction, of which the class is a member.
    Module(Location),
    /// The global's name at the construction, which is another one.
    Global(Location),
}

/// How an answer can be told not to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderSite {
    /// Where.
    pub slot: Slot,
    /// What has to be written.
    pub form: HeaderForm,
    /// The file's style.
    pub style: CodeStyle,
}

/// The forms in which frameworks set a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderForm {
    /// `.method(name, value)`, in the chain that sends the answer.
    Chained(&'static str),
    /// `object.method(name, value)`, a statement.
    Statement(String),
    /// `{ headers: { name: value } }`, an argument of its own.
    Options,
    /// `headers: { name: value }`, in the options that are there.
    Headers,
    /// `name: value`, in the headers that are there.
    Entry,
}

/// What is wrong in a refresh handler, at the place where it can be put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefreshSite {
    /// Between the event and the code that is read from it: what leads to the code has to stand here.
    Step {
        /// Between the two; empty where nothing stands there.
        at: Location,
        /// The code is read with `?.`.
        optional: bool,
    },
    /// A pattern that takes the code out of the event: it has to be one step deeper.
    Pattern(Location),
    /// A parameter that is taken for the warning, everywhere in the handler: it has to be taken out of the event.
    Parameter {
        /// The name.
        name: Location,
        /// It stands in parentheses.
        parenthesised: bool,
        /// Its annotation.
        annotation: Option<Location>,
    },
    /// What the code is compared with: it has to be the number.
    Constant(Location),
    /// A method that does not exist: it has to be the login.
    Method {
        /// The method's name.
        method: Location,
        /// What it is given.
        given: Given,
    },
    /// What the login is given: it has to be in the right form.
    Login(Given),
    /// The key under which the token stands among the credentials.
    Key(KeySite),
}

/// What a call is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// The token itself.
    Token(Location),
    /// An object that holds it, and the key.
    Object {
        /// The object.
        at: Location,
        /// The key of the token in it.
        key: KeySite,
    },
    /// Nothing: what goes between the parentheses has to be got first.
    Nothing {
        /// Between the parentheses.
        slot: Location,
        /// The token, as an expression for this place.
        token: String,
    },
}

/// Where a client can be given a handler that renews its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenewalSite {
    /// Behind the statement that makes the client, on a line of its own.
    pub at: Location,
    /// The indentation there.
    pub margin: String,
    /// The file's style.
    pub style: CodeStyle,
    /// How the client is reached there.
    pub client: String,
    /// It may be empty or another one when the handler runs: it has to be asked for each time.
    pub may_change: bool,
    /// A name that means nothing there yet, for the note that a renewal is under way.
    pub flag: String,
    /// How the warning is named there.
    pub event: EventSite,
    /// How the code gets a token.
    pub token: TokenSource,
}

/// How the event of the warning is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventSite {
    /// By the SDK's constant, in full (`SwEvent.Warning`, `Telnyx.SwEvent.Warning`).
    Constant(String),
    /// By the SDK's constant, whose table has to be added to an import first.
    Imported {
        /// Behind the last name of the import.
        slot: Slot,
        /// The table.
        table: String,
        /// Its member.
        member: String,
    },
    /// By its text.
    Text(String),
}

/// Code that gets a token and can be repeated: declarations in order, then the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSource {
    /// Each a pattern and what it is set to, both as written, lines but the first without their margin.
    pub steps: Vec<TokenStep>,
    /// The token, in terms of them.
    pub token: String,
}

/// A step on the way to a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenStep {
    /// `const pattern = value`.
    Declare {
        /// The pattern.
        pattern: String,
        /// The value.
        value: String,
    },
    /// A statement that ends the way when something is wrong (`if (!response.ok) throw …`).
    Check(String),
}
