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
    /// Server templates: `.ejs .erb .php .twig .jinja .jinja2 .j2 .njk .hbs .handlebars .mustache .liquid .cshtml .razor .aspx .jsp
    /// .ftl .heex .eex .gohtml .tmpl .tpl`.
    Template,
    /// `.json .jsonc .json5 .webmanifest` and the like.
    Json,
    /// `.env`, `.env.*`, `*.env`.
    Dotenv,
    /// `.yml .yaml`: compose files, CI workflows, Kubernetes manifests.
    Yaml,
    /// `.toml`: settings of hosting platforms.
    Toml,
    /// `Dockerfile`, `Dockerfile.*`, `*.dockerfile`, `Containerfile`.
    Dockerfile,
    /// `.py`, `.pyw`.
    Python,
    /// `.rs`.
    Rust,
    /// Any other text: read for secrets only.
    Text,
}

impl FileKind {
    /// Whether the file holds code that is analysed.
    #[must_use]
    pub fn has_code(self) -> bool {
        !self.is_data() && self != Self::Text
    }

    /// Whether the file is data: one value made of objects, lists and strings.
    #[must_use]
    pub fn is_data(self) -> bool {
        matches!(self, Self::Json | Self::Dotenv | Self::Yaml | Self::Toml | Self::Dockerfile)
    }

    /// Whether the whole file is script (not markup, not data): a syntax error in it is worth a notice.
    #[must_use]
    pub fn is_script(self) -> bool {
        matches!(self, Self::JavaScript | Self::TypeScript | Self::Tsx | Self::Python | Self::Rust)
    }

    /// Classifies a path. Never looks at the content.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        if extension == "env" || name.starts_with(".env.") || name.starts_with(".dev.vars") {
            return Self::Dotenv;
        }
        let is_recipe = |name: &str| matches!(name, "dockerfile" | "containerfile");
        if is_recipe(extension) || is_recipe(name.split('.').next().unwrap_or(&name)) && !matches!(extension, "md" | "js" | "ts" | "py") {
            return Self::Dockerfile;
        }
        match extension {
            "js" | "mjs" | "cjs" | "jsx" | "es6" => Self::JavaScript,
            "ts" | "mts" | "cts" => Self::TypeScript,
            "tsx" => Self::Tsx,
            "html" | "htm" | "xhtml" => Self::Html,
            "vue" => Self::Vue,
            "svelte" => Self::Svelte,
            "astro" => Self::Astro,
            "ejs" | "erb" | "twig" | "jinja" | "jinja2" | "j2" | "njk" | "hbs" | "handlebars" | "mustache" | "liquid" | "cshtml"
            | "razor" | "phtml" | "php" | "aspx" | "jsp" | "ftl" | "heex" | "eex" | "gohtml" | "tmpl" | "tpl" => Self::Template,
            "py" | "pyw" => Self::Python,
            "rs" => Self::Rust,
            "json" | "jsonc" | "json5" | "webmanifest" => Self::Json,
            "yml" | "yaml" => Self::Yaml,
            "toml" => Self::Toml,
            _ => Self::Text,
        }
    }
}

/// What discovery does with a file, by its name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Media, fonts, archives, compiled code, databases: never opened.
    Binary,
    /// A package manager's lockfile.
    Lockfile,
    /// Anything else.
    Source,
}

/// Extensions of files that hold no text that a person wrote.
const BINARY: &[&str] = &[
    "7z", "a", "aac", "aar", "ai", "aiff", "apk", "avi", "avif", "bin", "bmp", "br", "bz2", "class", "cur", "dat", "db", "dll", "dmg",
    "doc", "docx", "dylib", "eot", "eps", "exe", "fig", "flac", "gif", "glb", "gltf", "gz", "heic", "hprof", "icns", "ico", "ipa", "jar",
    "jpeg", "jpg", "keystore", "lib", "lz4", "m4a", "m4v", "mkv", "mo", "mov", "mp3", "mp4", "mpeg", "mpg", "node", "o", "obj", "odt",
    "ogg", "ogv", "opus", "otf", "pack", "parquet", "pdb", "pdf", "png", "ppt", "pptx", "psd", "pyc", "rar", "rlib", "sketch", "so",
    "sqlite", "sqlite3", "stl", "svg", "swf", "tar", "tgz", "tif", "tiff", "ttc", "ttf", "wasm", "wav", "webm", "webp", "wma", "wmv",
    "woff", "woff2", "xls", "xlsx", "xz", "zip", "zst",
];

/// Names of lockfiles.
const LOCKFILES: &[&str] = &[
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "bun.lockb",
    "deno.lock",
    "composer.lock",
    "Gemfile.lock",
    "Cargo.lock",
    "poetry.lock",
    "uv.lock",
    "Pipfile.lock",
    "go.sum",
    "Podfile.lock",
    "mix.lock",
    "pubspec.lock",
    "packages.lock.json",
    "gradle.lockfile",
    "flake.lock",
];

impl Class {
    /// Classifies a path. Never looks at the content.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Self::Source };
        if LOCKFILES.contains(&name) {
            return Self::Lockfile;
        }
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        // `BINARY` is sorted. An extension in capitals is folded only when it could be one of them.
        let binary = extension.len() <= 8 && BINARY.binary_search(&extension.to_ascii_lowercase().as_str()).is_ok();
        if binary { Self::Binary } else { Self::Source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_extensions_are_sorted_for_the_search() {
        assert!(BINARY.is_sorted());
    }
}
