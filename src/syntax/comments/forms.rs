//! The forms of comments: their marks, and which language writes which.

use crate::source::Span;

/// How a comment is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// `// …`
    Slashes,
    /// `/* … */`
    Block,
    /// `{/* … */}`, between the tags of JSX.
    Braced,
    /// `<!-- … -->`
    Markup,
    /// `<!-- … -->` in XML, which allows no `--` inside.
    Xml,
    /// `# …`
    Hash,
    /// `-- …`
    Dashes,
    /// `; …`
    Semicolon,
    /// `REM …`, in batch files.
    Rem,
}

impl Form {
    /// What opens and closes the comment, blanks included.
    #[must_use]
    pub fn marks(self) -> (&'static str, &'static str) {
        match self {
            Self::Slashes => ("// ", ""),
            Self::Block => ("/* ", " */"),
            Self::Braced => ("{/* ", " */}"),
            Self::Markup | Self::Xml => ("<!-- ", " -->"),
            Self::Hash => ("# ", ""),
            Self::Dashes => ("-- ", ""),
            Self::Semicolon => ("; ", ""),
            Self::Rem => ("REM ", ""),
        }
    }

    /// The form in a text that is not parsed, by its file's name.
    #[must_use]
    pub fn of_name(path: &str) -> Option<Self> {
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name).to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        match name.as_str() {
            "makefile" | "gemfile" | "rakefile" | "procfile" | "podfile" | "fastfile" | "jenkinsfile" | "vagrantfile" | "justfile" => {
                return Some(if name == "jenkinsfile" { Self::Slashes } else { Self::Hash });
            }
            _ => {}
        }
        if extension.is_empty() { None } else { Self::of_language(extension) }
    }

    /// The form of a language, by a file's extension or the name that a document gives to a sample.
    pub(super) fn of_language(language: &str) -> Option<Self> {
        match language.to_ascii_lowercase().as_str() {
            "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "javascript" | "typescript" | "rs" | "rust" | "go" | "java" | "kt" | "kts"
            | "kotlin" | "swift" | "c" | "h" | "cc" | "cpp" | "hpp" | "cs" | "csharp" | "scala" | "dart" | "gradle" | "groovy" | "m"
            | "mm" | "proto" | "scss" | "less" | "php" | "jsonc" | "json5" | "sol" | "zig" | "fs" | "prisma" | "graphqls" => {
                Some(Self::Slashes)
            }
            "sh" | "bash" | "zsh" | "fish" | "shell" | "console" | "rb" | "ruby" | "pl" | "pm" | "ps1" | "tf" | "tfvars" | "hcl"
            | "properties" | "conf" | "cfg" | "mk" | "r" | "ex" | "exs" | "elixir" | "nix" | "yml" | "yaml" | "toml" | "env" | "dotenv"
            | "py" | "python" | "dockerfile" | "graphql" | "gql" | "cmake" | "coffee" | "jl" | "service" | "cr" => Some(Self::Hash),
            "css" => Some(Self::Block),
            "mdx" => Some(Self::Braced),
            "md" | "markdown" | "html" | "vue" | "svelte" => Some(Self::Markup),
            "xml" | "plist" | "xaml" | "storyboard" | "xib" | "csproj" | "config" | "resx" | "svg" | "xsd" | "pom" => Some(Self::Xml),
            "sql" | "lua" | "hs" | "elm" => Some(Self::Dashes),
            "ini" | "reg" | "clj" | "cljs" | "edn" | "lisp" | "el" | "asm" => Some(Self::Semicolon),
            "bat" | "cmd" => Some(Self::Rem),
            _ => None,
        }
    }
}

/// What opens a comment in some language, and what closes it; nothing for the end of the line.
pub(super) const MARKS: &[(&str, &str)] = &[
    ("{/*", "*/}"),
    ("/*", "*/"),
    ("//", ""),
    ("<!--", "-->"),
    ("{{!--", "--}}"),
    ("{{--", "--}}"),
    ("{{!", "}}"),
    ("{#", "#}"),
    ("<%--", "--%>"),
    ("<%#", "%>"),
    ("@*", "*@"),
    ("#", ""),
    ("--", ""),
    (";", ""),
    ("::", ""),
    ("REM", ""),
    ("rem", ""),
];

/// What a comment says: without its marks, and without the blanks and asterisks beside them.
pub(super) fn body(text: &str, comment: Span) -> Span {
    let whole = text.get(comment.range()).unwrap_or("");
    let Some((open, close)) = MARKS.iter().find(|(open, _)| whole.starts_with(open)) else { return comment };
    let inner = whole.get(open.len()..).unwrap_or("");
    let inner = inner.strip_suffix(close).unwrap_or(inner);
    let beside = |character: char| character.is_whitespace() || matches!(character, '*' | '!' | '/' | '#');
    let body = inner.trim_start_matches(beside).trim_end_matches(|character: char| character.is_whitespace() || character == '*');
    let start = comment.range().start + (body.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
    Span::new(start, start + body.len())
}
