//! Parsing and lowering: source text in, [`hir::Module`](crate::hir::Module) out.
//!
//! The only place that knows grammars. Lowering never fails: what does not parse is recorded in the module's problems, and
//! everything around it is lowered.

pub mod comments;
pub mod decode;
pub mod lower;

use crate::hir::{Language, Module, ProgramKind};
use crate::project::kind::FileKind;
use crate::source::Span;
use lower::javascript::{Dialect, Region};

/// Lowers the text of one file by its kind. A [`FileKind::Text`] file gives an empty module.
#[must_use]
pub fn lower(kind: FileKind, text: &str) -> Module {
    match kind {
        FileKind::JavaScript => script(Language::JavaScript, Dialect::JavaScript, text),
        FileKind::TypeScript => script(Language::TypeScript, Dialect::TypeScript, text),
        FileKind::Tsx => script(Language::Tsx, Dialect::Tsx, text),
        FileKind::Html | FileKind::Vue | FileKind::Svelte | FileKind::Astro | FileKind::Template => lower::markup::lower(kind, text),
        FileKind::Json => lower::json::lower(text),
        FileKind::Dotenv => lower::dotenv::lower(text),
        FileKind::Yaml => lower::yaml::lower(text),
        FileKind::Toml => lower::toml::lower(text),
        FileKind::Dockerfile => lower::dockerfile::lower(text),
        FileKind::Python => lower::python::lower(text),
        FileKind::Rust => lower::rust::lower(text),
        FileKind::Text => Module::new(Language::Markup),
    }
}

fn script(language: Language, dialect: Dialect, text: &str) -> Module {
    let mut module = Module::new(language);
    let region = Region { span: Span::new(0, text.len()), kind: ProgramKind::Module, dialect };
    lower::javascript::lower_regions(&mut module, text, &[region], &[]);
    lower::markup::inline_templates(&mut module, text);
    module
}
