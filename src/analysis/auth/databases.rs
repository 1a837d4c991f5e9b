//! Database queries and remote functions, recognised by how they are spelt.
//!
//! Query builders are fluent and dynamically typed, so their methods are known by name, on a receiver that reads like a database client.

use std::sync::LazyLock;

use regex::Regex;

static QUERY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        \b(?:prisma|db|database|knex|supabase\w*|client|admin|sql|pool|conn|connection|firestore|mongo|collection|drizzle|repo|repository|\w+(?:Repo|Repository|Model|Client|DB|Db|Admin))
        (?:\(\w*\))? \s* (?:\.\s*\w+\s*)? \.\s*
        (?:find(?:Unique|First|Many|One|All|ById|ByPk|UniqueOrThrow|FirstOrThrow)?|from|select|query|doc|collection|get|execute|selectFrom|rpc|upsert|insert|update)\b",
    )
    .ok()
});

/// Whether the text of a call reads like a database query.
#[must_use]
pub fn is_query(text: &str) -> bool {
    let head = text.get(..text.len().min(400)).unwrap_or(text);
    !head.contains(".functions.invoke")
        && QUERY.as_ref().is_some_and(|query| query.is_match(head))
        && (head.contains(".from(")
            || head.contains(".find")
            || head.contains(".select")
            || head.contains("query")
            || head.contains(".doc(")
            || head.contains(".rpc(")
            || head.contains("collection("))
}

/// Whether the text of a call runs a function on a back end (`supabase.functions.invoke("token")`, `httpsCallable(…)`, a tRPC query).
#[must_use]
pub fn is_remote_function(text: &str) -> bool {
    let head = text.get(..text.len().min(400)).unwrap_or(text);
    head.contains(".functions.invoke")
        || head.contains("httpsCallable")
        || head.contains(".useQuery(")
        || head.contains(".useMutation(")
        || head.contains("ipcRenderer.invoke")
}
