//! How code is habitually spelt, read from `rules/models/habits.toml`: what tells a query, a timer on an expiry, a look for what is there.

use schemars::JsonSchema;
use serde::Deserialize;

use super::pattern::Pattern;

/// How much of a call's text is looked at, in bytes.
const HEAD: usize = 1_200;

/// Names and shapes by which the analysis recognises what nothing else tells.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Habits {
    /// Classes of the platform that are no client.
    pub builtin_classes: Vec<String>,
    /// A credential's life.
    pub credentials: CredentialHabits,
    /// Timers that renew a token.
    pub timers: TimerHabits,
    /// What values are kept in.
    pub holders: HolderHabits,
    /// What is done to secrets.
    pub secrets: SecretHabits,
    /// Queries and remote functions.
    pub databases: DatabaseHabits,
}

/// How code makes and looks for credentials.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialHabits {
    /// How a created credential's end is spelt.
    pub expiry_keys: Vec<String>,
    /// Words of a test that looks for a credential that is there.
    pub looking: Vec<String>,
    /// Parts of a test that looks for a setting or a status.
    pub not_looking: Vec<String>,
}

/// How timers and their delays are spelt.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimerHabits {
    /// Functions that run a callback once.
    pub once: Vec<String>,
    /// Functions that run it again and again.
    pub repeating: Vec<String>,
    /// Options of query libraries that fetch again.
    pub refetching: Vec<String>,
    /// Beginnings of words that speak of an expiry.
    pub expiry_stems: Vec<String>,
    /// Words that do.
    pub expiry_words: Vec<String>,
    /// Beginnings of words that speak of a renewal.
    pub renewal_stems: Vec<String>,
    /// Words that speak of another try.
    pub retry_words: Vec<String>,
}

/// How flags that stand for a kept value are called.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HolderHabits {
    /// Parts of the names of variables and fields.
    pub flags: Vec<String>,
    /// Parts of the names of variables.
    pub variable_flags: Vec<String>,
}

/// How functions are called that change a secret's form.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretHabits {
    /// Parts of the names of functions that decrypt.
    pub opening: Vec<String>,
}

/// How queries are spelt.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatabaseHabits {
    /// A database query.
    query: Pattern,
    /// Beginnings of texts that are none.
    not_query: Vec<String>,
    /// A call of a function on a back end.
    remote: Pattern,
}

impl DatabaseHabits {
    /// Whether the text of a call reads like a database query.
    #[must_use]
    pub fn is_query(&self, text: &str) -> bool {
        let head = head(text);
        !self.remote.is_match(head) && !self.not_query.iter().any(|start| head.starts_with(start.as_str())) && self.query.is_match(head)
    }

    /// Whether the text of a call runs a function on a back end (`supabase.functions.invoke("token")`, `httpsCallable(…)`, a tRPC query).
    #[must_use]
    pub fn is_remote_function(&self, text: &str) -> bool {
        self.remote.is_match(head(text))
    }
}

impl TimerHabits {
    /// Whether a name speaks of an expiry.
    #[must_use]
    pub fn speak_of_expiry(&self, name: &str) -> bool {
        words(name).iter().any(|word| starts_with_any(word, &self.expiry_stems) || self.expiry_words.contains(word))
    }

    /// Whether a name speaks of a renewal.
    #[must_use]
    pub fn speak_of_renewal(&self, name: &str) -> bool {
        words(name).iter().any(|word| starts_with_any(word, &self.renewal_stems))
    }

    /// Whether a name speaks of another try.
    #[must_use]
    pub fn speak_of_retry(&self, name: &str) -> bool {
        words(name).iter().any(|word| self.retry_words.contains(word))
    }
}

fn starts_with_any(word: &str, stems: &[String]) -> bool {
    stems.iter().any(|stem| word.starts_with(stem.as_str()))
}

/// The words of a camel-case or snake-case name, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut previous_lower = false;
    for character in name.chars() {
        if !character.is_alphanumeric() || (character.is_uppercase() && previous_lower) {
            words.push(String::new());
        }
        if character.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_lowercase());
        }
        previous_lower = character.is_lowercase() || character.is_numeric();
    }
    words.retain(|word| !word.is_empty());
    words
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::catalog::Catalog;

    #[test]
    fn queries_are_told_from_other_calls() {
        let catalog = Catalog::builtin().unwrap();
        for (text, query) in [
            ("(supabase as any)\n  .from('phones')\n  .select('sip_password')\n  .single()", true),
            ("prisma.user.findUnique({ where: { id } })", true),
            ("db.query.users.findFirst()", true),
            ("db.select().from(users)", true),
            ("User.findOne({ email })", true),
            ("pool.query('SELECT * FROM agents')", true),
            ("getDoc(doc(db, 'agents', id))", true),
            ("db.query(Agent).filter(Agent.id == id).first()", true),
            ("Agent.query.filter_by(user_id=current_user.id).first()", true),
            ("Agent.objects.get(user=request.user)", true),
            ("session.execute(select(Agent).where(Agent.id == id))", true),
            ("cursor.execute(\"SELECT * FROM agents\")", true),
            ("db.settings.find_one({})", true),
            ("requests.get(url)", false),
            ("supabase.functions.invoke('token')", false),
            ("Array.from(list).map(x)", false),
            ("fetch('/api/token')", false),
            ("list.find((entry) => entry.id === id)", false),
            ("map.get('x')", false),
        ] {
            assert_eq!(catalog.habits.databases.is_query(text), query, "{text}");
        }
    }

    #[test]
    fn names_speak_of_what_their_words_say() {
        let catalog = Catalog::builtin().unwrap();
        let timers = &catalog.habits.timers;
        for (name, expiry, renewal, retry) in [
            ("exp", true, false, false),
            ("tokenExp", true, false, false),
            ("expires_in", true, false, false),
            ("EXPIRES_AT", true, false, false),
            ("msUntilExpiry", true, false, false),
            ("TOKEN_TTL_MS", true, false, false),
            ("refreshInMs", false, true, false),
            ("expBackoff", true, false, true),
            ("reconnectAttempt", false, false, true),
            ("exponent", false, false, false),
            ("experience", false, false, false),
            ("delay", false, false, false),
            ("", false, false, false),
        ] {
            let speaks = (timers.speak_of_expiry(name), timers.speak_of_renewal(name), timers.speak_of_retry(name));
            assert_eq!(speaks, (expiry, renewal, retry), "{name}");
        }
    }
}
