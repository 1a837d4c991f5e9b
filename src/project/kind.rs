//! What kind of file a path names, by extension and name alone.

use std::path::Path;

/// The kinds of file that the run treats differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileKind {
    /// `.js .mjs .cjs .jsx`: JavaScript, JSX allowed everywhere.
    JavaScript,
    /// `.ts .mts .cts`.
    TypeScript,
    /// `.tsx`.
    Tsx,
    /// `.html .htm`, plain or with `{{ }}` / `{% %}` holes (Django, Jinja).
    Html,
    /// `.vue`.
    Vue,
    /// `.svelte`.
    Svelte,
    /// `.astro`.
    Astro,
    /// Server templates: `.ejs .erb .blade.php .twig .jinja .jinja2 .j2 .njk .hbs .handlebars .mustache .liquid .cshtml .razor`.
    Template,
    /// `.json .jsonc .json5 .webmanifest` and the like.
    Json,
    /// `.env`, `.env.*`, `*.env`.
    Dotenv,
    /// Any other text: read for secrets only.
    Text,
}

impl FileKind {
    /// Whether the file can hold JavaScript or TypeScript.
    #[must_use]
    pub fn has_code(self) -> bool {
        !matches!(self, Self::Json | Self::Dotenv | Self::Text)
    }

    /// Whether the whole file is script (not markup, not data): a syntax error in it is worth a notice.
    #[must_use]
    pub fn is_script(self) -> bool {
        matches!(self, Self::JavaScript | Self::TypeScript | Self::Tsx)
    }

    /// Classifies a path. Never looks at the content.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        if name == ".env" || name.starts_with(".env.") || name.ends_with(".env") || name.starts_with(".dev.vars") {
            return Self::Dotenv;
        }
        if name.ends_with(".blade.php") || name.ends_with(".html.erb") || name.ends_with(".html.twig") {
            return Self::Template;
        }
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        match extension {
            "js" | "mjs" | "cjs" | "jsx" | "es6" => Self::JavaScript,
            "ts" | "mts" | "cts" => Self::TypeScript,
            "tsx" => Self::Tsx,
            "html" | "htm" | "xhtml" => Self::Html,
            "vue" => Self::Vue,
            "svelte" => Self::Svelte,
            "astro" => Self::Astro,
            "ejs" | "erb" | "twig" | "jinja" | "jinja2" | "j2" | "njk" | "hbs" | "handlebars" | "mustache" | "liquid" | "cshtml"
            | "razor" | "phtml" => Self::Template,
            "json" | "jsonc" | "json5" | "webmanifest" => Self::Json,
            _ => Self::Text,
        }
    }
}
