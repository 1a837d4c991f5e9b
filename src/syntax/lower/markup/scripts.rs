//! What a `<script>` is: code of which kind and dialect, a URL, an import map, or data.

use jsonc_parser::ast::Value;

use super::scan::Tag;
use super::{Flavour, span_of};
use crate::hir::{Module, ProgramKind, ScriptUrl, SyntaxProblem, SyntaxProblemKind};
use crate::source::Span;
use crate::syntax::lower::javascript::{Dialect, Region};
use crate::syntax::lower::json;

/// A classified `<script>`.
pub(super) enum Script {
    /// Data, an unknown type, or nothing.
    Skipped,
    /// `src`; a browser then ignores the content.
    Url {
        /// The URL without quotes.
        span: Span,
        /// `type="module"`.
        module: bool,
    },
    /// `type="importmap"`.
    ImportMap(Span),
    /// Code.
    Code(Region),
}

/// What the `type` attribute says (HTML standard 4.12.1.1, with the types that in-browser compilers claim).
enum Type {
    Classic,
    Module,
    ImportMap,
    Other,
}

/// Classifies a script element.
pub(super) fn classify(text: &str, flavour: Flavour, tag: &Tag) -> Script {
    let (kind, dialect) = match script_type(text, flavour, tag) {
        Type::Other => return Script::Skipped,
        Type::ImportMap => return tag.body.map_or(Script::Skipped, |body| Script::ImportMap(body.span)),
        Type::Module => (ProgramKind::Module, dialect(text, flavour, tag)),
        Type::Classic => (classic_kind(text, flavour, tag), dialect(text, flavour, tag)),
    };
    if let Some(span) = tag.text_span(text, "src").filter(|span| !span.is_empty()) {
        return Script::Url { span, module: kind != ProgramKind::Classic };
    }
    match tag.body {
        Some(body) => Script::Code(Region { span: without_cdata(text, body.span), kind, dialect }),
        None => Script::Skipped,
    }
}

fn script_type(text: &str, flavour: Flavour, tag: &Tag) -> Type {
    let Some(name) = tag.attribute(text, "type") else { return Type::Classic };
    // Parameters (`; charset=utf-8`) make a type unknown to browsers, but the code was meant to run.
    let name = name.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    match name.as_str() {
        "module" | "module-shim" => Type::Module,
        "importmap" | "importmap-shim" => Type::ImportMap,
        ""
        | "text/javascript"
        | "application/javascript"
        | "text/ecmascript"
        | "application/ecmascript"
        | "text/x-javascript"
        | "application/x-javascript"
        | "text/x-ecmascript"
        | "application/x-ecmascript"
        | "text/jscript"
        | "text/livescript" => Type::Classic,
        "text/babel" | "text/jsx" | "text/typescript" | "application/typescript" | "text/partytown" => {
            if tag.attribute(text, "data-type") == Some("module") { Type::Module } else { Type::Classic }
        }
        "ts" | "typescript" if flavour == Flavour::Svelte => Type::Classic,
        _ => Type::Other,
    }
}

/// How a script that is no module by its type runs.
fn classic_kind(text: &str, flavour: Flavour, tag: &Tag) -> ProgramKind {
    let has = |name| tag.attribute(text, name).is_some();
    match flavour {
        Flavour::Html | Flavour::Template => ProgramKind::Classic,
        Flavour::Vue if has("setup") => ProgramKind::Setup,
        Flavour::Svelte if has("module") || tag.attribute(text, "context") == Some("module") => ProgramKind::Module,
        Flavour::Vue | Flavour::Svelte => ProgramKind::Component,
        // Astro bundles its scripts, unless an attribute takes them out of its hands.
        Flavour::Astro
            if has("is:inline") || tag.attributes.iter().any(|attribute| text.get(attribute.name.range()) == Some("define:vars")) =>
        {
            ProgramKind::Classic
        }
        Flavour::Astro => ProgramKind::Module,
    }
}

fn dialect(text: &str, flavour: Flavour, tag: &Tag) -> Dialect {
    let lang = tag.attribute(text, "lang").unwrap_or("").trim().to_ascii_lowercase();
    let script_type = tag.attribute(text, "type").unwrap_or("").trim().to_ascii_lowercase();
    let presets = tag.attribute(text, "data-presets").unwrap_or("");
    match lang.as_str() {
        "tsx" => Dialect::Tsx,
        "ts" | "typescript" => Dialect::TypeScript,
        _ if presets.contains("typescript") => Dialect::Tsx,
        _ if script_type.ends_with("typescript") || script_type == "ts" => Dialect::TypeScript,
        "" if flavour == Flavour::Astro && tag.attribute(text, "is:inline").is_none() => Dialect::TypeScript,
        _ => Dialect::JavaScript,
    }
}

/// The content of a `<![CDATA[ … ]]>` section that takes up the whole script, as XHTML has it.
fn without_cdata(text: &str, span: Span) -> Span {
    let inner = text.get(span.range()).and_then(|body| body.trim().strip_prefix("<![CDATA["));
    inner.map_or(span, |inner| span_of(text, inner.strip_suffix("]]>").unwrap_or(inner)))
}

/// The frontmatter of an Astro file, and where the markup starts: what stands between two lines of three dashes, of which the
/// first begins the file. To the end of the file when unclosed.
pub(super) fn frontmatter(text: &str) -> Option<(Span, usize)> {
    let body = text.trim_start_matches('\u{FEFF}').trim_start().strip_prefix("---")?;
    let start = text.len() - body.len();
    let fence = memchr::memmem::find_iter(body.as_bytes(), b"---")
        .find(|at| body.get(..*at).is_some_and(|before| before.rsplit('\n').next().is_some_and(|line| line.trim().is_empty())));
    let end = fence.map_or(text.len(), |fence| start + fence);
    Some((Span::new(start, end), fence.map_or(end, |_| end + 3)))
}

/// Adds the entries of an import map: `imports` and every scope, as far as the targets are strings.
pub(super) fn import_map(module: &mut Module, text: &str, span: Span) {
    let base = span.range().start;
    let at = |start: usize, end: usize| Span::new(base + start, base + end);
    let map = match json::parse(text.get(span.range()).unwrap_or("")) {
        Ok(Some(Value::Object(map))) => map,
        Ok(_) => return,
        Err(error) => {
            let span = at(error.range().start, error.range().end);
            module.problems.push(SyntaxProblem { span, kind: SyntaxProblemKind::SyntaxError });
            return;
        }
    };
    let scopes = map.get_object("scopes").into_iter().flat_map(|scopes| &scopes.properties);
    let scopes = scopes.filter_map(|scope| scope.value.as_object());
    for entry in map.get_object("imports").into_iter().chain(scopes).flat_map(|imports| &imports.properties) {
        if let Value::StringLit(url) = &entry.value {
            module.script_urls.push(ScriptUrl {
                url: url.value.as_ref().into(),
                span: at(url.range.start + 1, url.range.end.saturating_sub(1)),
                module: true,
                import_map_key: Some(entry.name.as_str().into()),
            });
        }
    }
}
