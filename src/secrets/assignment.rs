//! Passwords and client secrets: literals that a text gives to a name that says so.
//!
//! These values have no form of their own, so the name decides, and only names that are clearly a Telnyx or SIP password's count. What
//! stands behind the name must be a literal in the notation of the file, alone (not concatenated, not interpolated), and no stand-in.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use rustc_hash::FxHashMap;

use super::context::{Context, STEMS, Syntax};
use super::names::{NameRole, is_bare_password, names_cipher, names_vendor, secret_role};
use super::placeholder::{is_dummy_password, is_placeholder};
use super::shapes::entropy;
use super::{Secret, SecretKind};
use crate::finding::Confidence;
use crate::source::Span;

/// The longest name, in bytes on each side of the word that marks it.
const NAME_REACH: usize = 64;
/// How far behind a name its value is looked for.
const VALUE_REACH: usize = 320;
/// Connection passwords have 8 to 128 characters; shorter ones are believed to be a local stand-in.
const LENGTHS: Range<usize> = 6..129;
/// Shorter than the vendor accepts.
const SHORT: usize = 8;

/// The literal passwords and client secrets of a text, in order.
pub(super) fn passwords(context: &Context<'_>) -> Vec<Secret> {
    let mut found = Vec::new();
    if !context.names_vendor() {
        return found;
    }
    let mut done = 0;
    // Names repeat, and cutting them into words costs more than the search for them.
    let mut roles: FxHashMap<&str, Role> = FxHashMap::default();
    for stem in STEMS.spans(context.text) {
        if stem.start < done {
            continue;
        }
        let Some(name) = identifier(context.text, &stem) else { continue };
        done = name.end;
        let Some(spelled) = context.text.get(name.clone()) else { continue };
        let role = *roles.entry(spelled).or_insert_with(|| Role::of(spelled));
        let Some((kind, because)) = kind_of(context, role, name.start) else { continue };
        let Some(value) = value_behind(context, &name) else { continue };
        let Some(literal) = context.text.get(value.clone()) else { continue };
        let Some(confidence) = believe(context, literal, spelled, &kind) else { continue };
        found.push(Secret {
            kind,
            span: Span::new(value.start, value.end),
            confidence,
            why: because.to_owned(),
            name: Some(spelled.to_owned()),
        });
    }
    found
}

/// The identifier around a word, dots and hyphens included; `None` when it is too long to be one.
fn identifier(text: &str, stem: &Range<usize>) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let before = bytes.get(stem.start.saturating_sub(NAME_REACH)..stem.start)?;
    let after = bytes.get(stem.end..bytes.len().min(stem.end + NAME_REACH))?;
    let left = before.iter().rev().take_while(|byte| is_part(byte) || matches!(byte, b'.' | b'-')).count();
    let right = after.iter().take_while(|byte| is_part(byte) || **byte == b'-').count();
    if left == NAME_REACH || right == NAME_REACH {
        return None;
    }
    let start = stem.start - left + before.get(before.len() - left..)?.iter().take_while(|byte| !is_part(byte)).count();
    Some(start..stem.end + right)
}

/// What a name alone says about a literal under it.
#[derive(Clone, Copy)]
enum Role {
    /// A client secret of Telnyx.
    ClientSecret,
    /// A password of Telnyx.
    VendorPassword,
    /// A SIP password, whose is open.
    SipPassword,
    /// A password and no more.
    Password,
    /// Something else.
    Other,
}

impl Role {
    fn of(name: &str) -> Self {
        if names_cipher(name) {
            return Self::Other;
        }
        match secret_role(name) {
            Some(NameRole::OauthSecret) => Self::ClientSecret,
            Some(NameRole::SipPassword) if names_vendor(name) => Self::VendorPassword,
            Some(NameRole::SipPassword) => Self::SipPassword,
            None if is_bare_password(name) => Self::Password,
            _ => Self::Other,
        }
    }
}

/// What a literal under a name of this role would be at this place, and why.
fn kind_of(context: &Context<'_>, role: Role, at: usize) -> Option<(SecretKind, &'static str)> {
    let because = match role {
        Role::ClientSecret => return Some((SecretKind::OauthClientSecret, "is a literal under the name of a Telnyx client secret")),
        Role::VendorPassword => return Some((SecretKind::SipPassword, "is a literal under the name of a Telnyx password")),
        Role::SipPassword => "is a literal under the name of a SIP password in a file about Telnyx",
        Role::Password => bare_password(context, at)?,
        Role::Other => return None,
    };
    (!context.other_stack_is_nearer(at)).then_some((SecretKind::SipPassword, because))
}

/// Why a name that says `password` and no more is a SIP password's. In tests it never is: they make connections up.
fn bare_password(context: &Context<'_>, at: usize) -> Option<&'static str> {
    match context.syntax {
        Syntax::Prose if is_called_sip(context.text, at) => Some("is called a SIP password in a text about Telnyx"),
        Syntax::Quoted | Syntax::Plain if !context.is_test && !context.is_doc && context.speaks_of_sip(at) => {
            Some("is a literal password beside a SIP account in a file about Telnyx")
        }
        _ => None,
    }
}

/// Whether prose puts the word before a bare `password` that makes it ours: `SIP password: …`, `**Telnyx Password**: …`.
fn is_called_sip(text: &str, at: usize) -> bool {
    let before = text.get(text.floor_char_boundary(at.saturating_sub(8))..at).unwrap_or_default().to_ascii_lowercase();
    ["sip ", "telnyx ", "webrtc "].iter().any(|word| before.ends_with(word))
}

/// The forms in which a value stands behind a name.
struct Forms {
    /// `name = "…"`, `"name": "…"`, `'name' => '…'`, `name: string = '…'`, `env('NAME', '…')`, `X ?? '…'`.
    quoted: Regex,
    /// Pairs that name their value: XML attributes, `- name: X` over `value: …`, `{"key": "X", "value": "…"}`.
    paired: Regex,
    /// XML text.
    text: Regex,
    /// `NAME=value`, `name: value`.
    plain: Regex,
    /// `${NAME:-value}`.
    default: Regex,
    /// `ENV NAME value`.
    spaced: Regex,
}

static FORMS: LazyLock<Option<Forms>> = LazyLock::new(|| {
    Some(Forms {
        quoted: Regex::new(concat!(
            // ASCII only: Unicode white space would keep the engine from its fast paths.
            r#"(?-u)^(?P<close>\\?["'`])?\]?(?P<call>\))?!?(?:\*\*)?\s*"#,
            r"(?:(?::\s*)?&?(?:'static\s+)?\??(?:string|String|str)\??\s*)?",
            r"(?P<operator>=>|:=|\?\?=?|\|\|=?|\?:|=|:|,|or\b)(?:\*\*)?\s*",
            r#"\(?(?:String::from\(|@|b|r|u)?(?P<open>\\?["'`])"#,
        ))
        .ok()?,
        paired: Regex::new(r#"^["']?(?:\s*,\s*"(?:value|default)"\s*:\s*|\s+value\s*=\s*|\s*\r?\n\s*value:\s*)(?P<open>["'])"#).ok()?,
        text: Regex::new(r#"^["']?(?:\s*>|</key>\s*<string>)(?P<value>[^<>\s]+)</"#).ok()?,
        plain: Regex::new(r#"^(?:\*\*)?(?P<operator>[ \t]*[=:](?:\*\*)?[ \t]*)(?P<value>[^\s"'`;&|<>()\[\]\\]+)"#).ok()?,
        default: Regex::new(r"^:[-=](?P<value>[^\s{}$]+)\}").ok()?,
        spaced: Regex::new(r#"^[ \t]+(?P<value>[^\s"'`=]+)[ \t]*(?:\r?\n|$)"#).ok()?,
    })
});

/// Where the literal stands that belongs to the name.
fn value_behind(context: &Context<'_>, name: &Range<usize>) -> Option<Range<usize>> {
    let forms = FORMS.as_ref()?;
    let text = context.text;
    let rest = text.get(name.end..text.floor_char_boundary(name.end + VALUE_REACH))?;
    let before = text.get(text.floor_char_boundary(name.start.saturating_sub(NAME_REACH))..name.start)?;
    let within = forms
        .quoted
        .captures(rest)
        .filter(|found| is_assignment(found, before))
        .or_else(|| forms.paired.captures(rest))
        .and_then(|found| quoted(rest, &found))
        .or_else(|| named(&forms.text, rest))
        .or_else(|| named(&forms.default, rest).filter(|_| before.ends_with("${")))
        .or_else(|| plain(context.syntax, forms, rest, before, text.get(name.clone())?))?;
    Some(name.end + within.start..name.end + within.end)
}

fn named(form: &Regex, rest: &str) -> Option<Range<usize>> {
    form.captures(rest)?.name("value").map(|value| value.range())
}

/// Whether the operator between name and value gives the value to the name.
fn is_assignment(found: &Captures<'_>, before: &str) -> bool {
    /// Functions that read or write a named setting: `env('X', '…')`, `environ.get("X", "…")`, `putenv`, `formData.append`.
    static SETTING: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?i)(?:env|get|fetch|config|setting|option|set|put|append|item|default|define)\w*!?\s*\(\s*\\?["'`]$"#).ok()
    });
    let whole = found.get(0).map_or("", |found| found.as_str());
    let operator = found.name("operator").map_or("", |operator| operator.as_str());
    if whole.contains("!=") {
        return false;
    }
    // A comma joins a name to its default only inside such a call; elsewhere, and behind the call, it separates neighbours.
    let is_argument = found.name("close").is_some() && found.name("call").is_none();
    operator != "," || (is_argument && SETTING.as_ref().is_some_and(|setting| setting.is_match(before)))
}

/// The literal behind an opening quote, when it ends on the same line and stands alone.
fn quoted(rest: &str, found: &Captures<'_>) -> Option<Range<usize>> {
    let open = found.name("open")?;
    let body = rest.get(open.end()..)?;
    let length = closing(body, open.as_str())?;
    let behind = body.get(length + open.len()..)?.trim_start_matches([' ', '\t', ')']);
    let converts = [".to_string", ".to_owned", ".into", ".as_str", ".trim"].iter().any(|method| behind.starts_with(method));
    let ends_sentence = behind.strip_prefix('.').is_some_and(|tail| tail.is_empty() || tail.starts_with(['\n', '\r']));
    let goes_on = behind.starts_with(['+', '%', '.']) && !converts && !ends_sentence;
    (!goes_on).then(|| open.end()..open.end() + length)
}

/// The length of a literal up to its closing quote, which may be an escaped one as the opening was.
fn closing(body: &str, quote: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in body.char_indices() {
        let starts_quote = !escaped && body.get(at..).is_some_and(|tail| tail.starts_with(quote));
        if starts_quote {
            return Some(at);
        }
        if matches!(character, '\n' | '\r') {
            return None;
        }
        escaped = character == '\\' && !escaped;
    }
    None
}

/// A literal without quotes, where the notation has such.
fn plain(syntax: Syntax, forms: &Forms, rest: &str, before: &str, name: &str) -> Option<Range<usize>> {
    if syntax == Syntax::Analysed {
        return None;
    }
    let lower = before.to_ascii_lowercase();
    let is_command = syntax == Syntax::Plain && (lower.ends_with("env ") || lower.ends_with("setx "));
    if let Some(value) = named(&forms.spaced, rest).filter(|_| is_command) {
        return Some(value);
    }
    let found = forms.plain.captures(rest)?;
    let value = found.name("value")?;
    let behind = rest.get(value.end()..)?.trim_start_matches([' ', '\t']);
    let ends = behind.is_empty() || behind.starts_with(['\n', '\r', '#', ';', '&', '|', '\\', ')', '"', '\'', '`', '<']);
    let is_attached = found.name("operator").is_some_and(|operator| operator.as_str() == "=");
    let is_call = behind.starts_with(['(', '[']);
    let is_environment = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let is_literal = match syntax {
        // `password: options.password || process.env.X` in a script that a shell writes.
        Syntax::Plain if !is_attached && behind.starts_with("||") => false,
        Syntax::Plain => ends || (is_attached && is_real_shaped(value.as_str())),
        Syntax::Prose => ends && ((is_attached && is_environment) || is_real_shaped(value.as_str())),
        Syntax::Quoted => is_attached && is_environment && !is_call && is_real_shaped(value.as_str()),
        Syntax::Analysed => false,
    };
    is_literal.then(|| value.range())
}

/// How far a literal is believed to be a secret in force; `None` when it is none.
fn believe(context: &Context<'_>, value: &str, name: &str, kind: &SecretKind) -> Option<Confidence> {
    let is_sentence = value.contains(char::is_whitespace);
    let is_code = ["://", "->", "::", "()", "\\n", "\\u"].iter().any(|mark| value.contains(mark));
    let is_path = ["/", "./", "../", "~/"].iter().any(|root| value.starts_with(root));
    if is_sentence
        || is_code
        || is_path
        || !LENGTHS.contains(&value.chars().count())
        || is_interpolated(value)
        || is_placeholder(value)
        || value.eq_ignore_ascii_case(name)
    {
        return None;
    }
    let needs_form = context.is_test || context.is_doc || *kind == SecretKind::OauthClientSecret;
    if needs_form {
        return is_real_shaped(value).then_some(Confidence::Medium);
    }
    let is_weak = is_dummy_password(value)
        || value.chars().count() < SHORT
        || value.chars().all(|character| character.is_lowercase() || "-_.".contains(character));
    Some(if is_weak { Confidence::Low } else { Confidence::Medium })
}

/// Whether a quoted text takes in a variable: `a{b}`, `a$name`.
fn is_interpolated(value: &str) -> bool {
    let braces = value.find('{').is_some_and(|open| value.get(open..).is_some_and(|tail| tail.contains('}')));
    let variable =
        value.split('$').skip(1).any(|tail| tail.bytes().take_while(|byte| byte.is_ascii_alphabetic() || *byte == b'_').count() >= 3);
    braces || variable
}

/// Whether a password looks generated or chosen with care: long, of several kinds of character, and not made of common words.
fn is_real_shaped(value: &str) -> bool {
    let kinds: [fn(char) -> bool; 4] = [char::is_lowercase, char::is_uppercase, char::is_numeric, |character| !character.is_alphanumeric()];
    let mixed = kinds.iter().filter(|kind| value.chars().any(kind)).count();
    let length = value.chars().count();
    let long = (length >= 10 && mixed >= 3) || (length >= 16 && mixed >= 2 && value.chars().any(char::is_numeric));
    long && entropy(value.as_bytes()) >= 3.0 && !is_placeholder(value) && !is_dummy_password(value)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::scan::scan;
    use super::*;
    use crate::project::kind::FileKind;

    /// The value, name and confidence of each password in a text.
    fn found(path: &str, text: &str) -> Vec<(String, String, Confidence)> {
        scan(text, path, FileKind::of(Path::new(path)))
            .into_iter()
            .map(|secret| (text[secret.span.range()].to_owned(), secret.name.unwrap_or_default(), secret.confidence))
            .collect()
    }

    #[test]
    fn passwords_are_found_in_the_notations_of_many_languages() {
        let value = "Kx7mQ2pLw9";
        let cases = [
            ("a.php", "'sip_password' => env('TELNYX_SIP_PASSWORD', '@'),"),
            ("a.php", "// telnyx\n'sip_auth_username' => 'anna9911',\n'sip_auth_password' => '@'\n]);"),
            ("a.php", "// telnyx\n$a = ['sip_username' => 'anna9911', 'password' => '@'];"),
            ("a.php", "$p = getenv('TELNYX_SIP_PASSWORD') ?: '@';"),
            (".env", "TELNYX_SIP_PASSWORD=@"),
            (".env", "TELNYX_SIP_PASSWORD = \"@\" # live"),
            (".env.production", "NEXT_PUBLIC_TELNYX_PASSWORD='@'\n"),
            ("docker-compose.yml", "environment:\n  - TELNYX_RTC_PASSWORD=@\n"),
            ("docker-compose.yml", "  TELNYX_RTC_PASSWORD: ${TELNYX_RTC_PASSWORD:-@}\n"),
            ("app.yaml", "  telnyx_sip_password: @\n"),
            ("k8s.yaml", "- name: TELNYX_SIP_PASSWORD\n  value: \"@\"\n"),
            ("Dockerfile", "ENV TELNYX_SIP_PASSWORD @\n"),
            ("Dockerfile", "ENV TELNYX_SIP_PASSWORD=@\n"),
            ("run.sh", "export TELNYX_SIP_PASSWORD=@; ./run"),
            ("run.bat", "set TELNYX_SIP_PASSWORD=@\r\n"),
            ("run.ps1", "$env:TELNYX_SIP_PASSWORD = \"@\""),
            ("config.json", "{\"telnyx\": {\"sipPassword\": \"@\"}}"),
            ("postman.json", "{\"key\": \"TELNYX_SIP_PASSWORD\", \"value\": \"@\"}"),
            ("settings.local.json", "\"Bash(TELNYX_SIP_PASSWORD=@ npm start)\""),
            ("web.config", "<add key=\"TelnyxSipPassword\" value=\"@\" />"),
            ("strings.xml", "<string name=\"telnyx_sip_password\">@</string>"),
            ("a.py", "password = os.environ.get(\"TELNYX_SIP_PASSWORD\", \"@\")"),
            ("a.go", "const telnyxSipPassword string = \"@\""),
            ("a.rs", "const TELNYX_SIP_PASSWORD: &str = \"@\";"),
            ("a.rs", "telnyx_password: \"@\".to_string(),"),
            ("a.ts", "const sipPassword: string = '@' // telnyx"),
            ("a.ts", "const p = import.meta.env.VITE_TELNYX_PASSWORD || '@'"),
            ("a.ts", "const p = process.env[\"TELNYX_PASSWORD\"] ?? \"@\""),
            ("README.md", "```\nTELNYX_SIP_PASSWORD=@\n```"),
            ("NOTES.md", "Telnyx\n- **SIP Password:** @\n- **SIP user**: anna9911"),
            ("NOTES.md", "Telnyx\n- SIP password: `@`\n"),
            ("create.sh", "curl https://api.telnyx.com/v2/credential_connections -d '{\"user_name\": \"anna9911\", \"password\": \"@\"}'"),
        ];
        for (path, text) in cases {
            let text = text.replace('@', value);
            let secrets = found(path, &text);
            assert!(
                secrets.iter().any(|(found, _, confidence)| found == value && *confidence == Confidence::Medium),
                "{path}: {text}: {secrets:?}"
            );
            assert_eq!(secrets.len(), 1, "{path}: {text}: {secrets:?}");
        }
    }

    #[test]
    fn what_is_no_literal_password_is_left_alone() {
        let cases = [
            ("a.php", "'password' => env('TELNYX_WEBRTC_PASSWORD', 'Kx7mQ2pLw_' . $user->id),"),
            ("a.php", "'telnyx_sip_password' => 'required|string|max:255',"),
            ("a.php", "'telnyx_sip_password' => 'encrypted',"),
            ("a.php", "'telnyx_sip_password' => \"Kx7mQ2pLw$user\","),
            ("a.php", "// telnyx\n'password' => 'Kx7mQ2pLw9', 'email' => 'a@b'"),
            ("a.ts", "if (telnyxPassword === 'Kx7mQ2pLw9') {}"),
            ("a.ts", "if (telnyxPassword!='Kx7mQ2pLw9') {}"),
            ("a.ts", "telnyxPassword: `${user}Kx7mQ2pLw9`"),
            ("a.ts", "f(telnyxPassword, 'Kx7mQ2pLw9')"),
            ("a.ts", "const TELNYX_PASSWORD=readPassword9Setting()"),
            ("a.ts", "sipPassword: 'Kx7mQ2pLw9' // another provider"),
            ("a.ts", "telnyxSipPassword: 'Enter the SIP password'"),
            ("a.ts", "telnyx; new JsSIP.UA({ sipPassword: 'Kx7mQ2pLw9' })"),
            ("a.yml", "telnyx_sip_password: ${{ secrets.TELNYX_SIP_PASSWORD }}"),
            ("a.yml", "telnyx_sip_password: the password of the trunk"),
            (".env", "TELNYX_SIP_PASSWORD=\nTELNYX_SIP_USERNAME=anna9911"),
            (".env.example", "TELNYX_SIP_PASSWORD=abc12345"),
            (".env", "TELNYX_SIP_PASSWORD=your_sip_password"),
            (".env", "TELNYX_WEBHOOK_SECRET=Kx7mQ2pLw9Kx7mQ2pLw8"),
            ("README.md", "TELNYX_SIP_PASSWORD=sip_pass"),
            ("README.md", "TELNYX_SIP_PASSWORD=SecurePass123!"),
            ("tests/a.py", "telnyx_sip_password = 'anna99'"),
            ("tests/a.py", "telnyx({'sip_username': 'anna9911', 'password': 'Kx7mQ2pLw9'})"),
            ("a.py", "telnyx_password = other.value"),
            ("a.php", "'telnyx_password' => env('TELNYX_PASSWORD'),\n'sip_endpoint' => 1"),
            ("NOTES.md", "Telnyx\nYour portal password: Kx7mQ2pLw9"),
            ("NOTES.md", "Telnyx\nSIP password: the one from the portal"),
            ("a.py", "telnyx_sip_password_hash = 'Kx7mQ2pLw9'"),
            ("a.py", "telnyx_password = '/run/secrets'"),
            (
                "a.sh",
                "# telnyx\nlogin: options.login || process.env.SIP_USERNAME,\npassword: options.password || process.env.SIP_PASSWORD,",
            ),
        ];
        for (path, text) in cases {
            assert_eq!(found(path, text), [], "{path}: {text}");
        }
    }

    #[test]
    fn dummies_are_kept_in_production_code_and_believed_less() {
        for value in ["password123", "demo1234", "hunter2", "correcthorse"] {
            let text = format!("TELNYX_SIP_PASSWORD={value}\n");
            let expected = [(value.to_owned(), "TELNYX_SIP_PASSWORD".to_owned(), Confidence::Low)];
            assert_eq!(found(".env", &text), expected, "{value}");
            assert_eq!(found("tests/.env", &text), [], "{value}");
        }
    }

    #[test]
    fn client_secrets_need_a_form_of_their_own() {
        let secret = "f83kD02msLqPz71xT5";
        assert_eq!(found(".env", &format!("TELNYX_CLIENT_SECRET={secret}")).len(), 1);
        assert_eq!(found(".env", "TELNYX_CLIENT_SECRET=abcdefgh"), []);
        assert_eq!(found(".env", &format!("GOOGLE_CLIENT_SECRET={secret} # telnyx")), []);
    }

    #[test]
    fn a_key_under_a_passwords_name_is_a_key() {
        let text = format!("TELNYX_SIP_PASSWORD={}", super::super::testing::api_key(2));
        let secrets = scan(&text, ".env", FileKind::Dotenv);
        assert_eq!(secrets.iter().map(|secret| &secret.kind).collect::<Vec<_>>(), [&SecretKind::ApiKey]);
    }
}
