//! Database queries and remote functions, recognised by how they are spelt.
//!
//! Query builders are fluent and mostly untyped, so a query is known by the methods that its text chains.

use std::sync::LazyLock;

use regex::Regex;

/// How much of a call's text is looked at, in bytes.
const HEAD: usize = 1_200;

static QUERY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        # Query builders: .from('t').select(…), .select().from(t)
        \.from\( [^)]* \) \s* (?: \.\s*\w+\( | $ ) | \.select\([^)]*\)\s*\.from\(
        # ORMs: prisma.user.findUnique(…), db.query.users.findFirst(…), User.findOne(…)
        | \b\w+ \s*\.\s* (?:query\s*\.\s*)? \w+ \s*\.\s* find(?:Unique|First|Many|UniqueOrThrow|FirstOrThrow)\(
        | \b[A-Z]\w*\s*\.\s*find(?:One|ById|ByPk|All|OneBy)?\( | \b\w*[rR]epo(?:sitory)?\s*\.\s*find\w*\(
        # Python: db.query(User).filter(…), User.query.filter_by(…), User.objects.get(…), db.execute(select(User)…), db.get(User, id)
        | \.query\(\s*[A-Z]\w* | \b[A-Z]\w*\.query\.\w+ | \b[A-Z]\w*\.objects\b | \bselect\(\s*[A-Z]\w* | \bget_object_or_404\(
        | \b(?:db|session)\.(?:get|scalars?)\(\s*[A-Z]\w* | \.find_one\(
        # SQL
        | \.(?:query|execute|get|all|one|oneOrNone|unsafe|prepare)\(\s*[`'\x22]\s*(?i:select|with|insert|update)\b | \b(?:sql|db)`\s*(?i:select|with)\b
        # Documents
        | \bcollection\( | \.doc\( | \bgetDocs?\(",
    )
    .ok()
});

static REMOTE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\.functions\s*\.\s*invoke\(|\bhttpsCallable\b|\.use(?:Query|Mutation|SuspenseQuery)\(|\bipcRenderer\s*\.\s*invoke\(|\.mutateAsync\(").ok()
});

fn head(text: &str) -> &str {
    let mut end = text.len().min(HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

/// Whether the text of a call reads like a database query.
#[must_use]
pub(crate) fn is_query(text: &str) -> bool {
    let head = head(text);
    !is_remote_function(head) && !head.starts_with("Array.from") && QUERY.as_ref().is_some_and(|query| query.is_match(head))
}

/// Whether the text of a call runs a function on a back end (`supabase.functions.invoke("token")`, `httpsCallable(…)`, a tRPC query).
#[must_use]
pub(crate) fn is_remote_function(text: &str) -> bool {
    REMOTE.as_ref().is_some_and(|remote| remote.is_match(head(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_told_from_other_calls() {
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
            assert_eq!(is_query(text), query, "{text}");
        }
    }
}
