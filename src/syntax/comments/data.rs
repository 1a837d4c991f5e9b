//! Comments in data files, and in Rust, whose parser drops them: whatever stands behind a comment's mark and in no key or literal.

use super::forms::Form;
use super::lines::{leading, marks_of};
use super::{Survey, Zone};
use crate::hir::{ExprKind, Module, Property, PropertyKey};
use crate::project::kind::FileKind;
use crate::source::Span;
use crate::syntax::lower;

/// Surveys a data or Rust file for the comments that begin with `word`.
pub(super) fn survey(kind: FileKind, path: &str, text: &str, word: &str, survey: &mut Survey) {
    let form = match kind {
        FileKind::Json | FileKind::Rust => Form::of_name(path),
        _ => Some(Form::Hash),
    };
    survey.base(form);
    // Comments in plain JSON are read where somebody wrote some (`tsconfig.json`), but never written.
    let slashes = matches!(kind, FileKind::Json | FileKind::Rust);
    survey.marks = if slashes { &["//", "/*"] } else { marks_of(form) };
    let mut texts = texts(&lower(kind, text));
    texts.sort_unstable();
    let is_text = |at: u32| {
        let next = texts.partition_point(|span| span.end <= at);
        texts.get(next).is_some_and(|span| span.start <= at)
    };
    for comment in leading(text, Span::new(0, text.len()), word) {
        let mark = text.get(comment.range()).and_then(|whole| whole.chars().next());
        let fits = mark == Some(if slashes { '/' } else { '#' });
        let opens_line = || {
            let before = text.get(..comment.range().start).unwrap_or("");
            before.trim_end_matches([' ', '\t']).chars().next_back().is_none_or(|last| last == '\n')
        };
        // Docker knows comments on lines of their own only.
        if fits && !is_text(comment.start) && (kind != FileKind::Dockerfile || opens_line()) {
            survey.comments.push(comment);
        }
    }
    for span in texts {
        if text.get(span.range()).is_some_and(|text| text.contains('\n')) {
            // A block of YAML begins behind its indicator: what stands above its first line would be a part of it.
            let before = text.get(..span.range().start).unwrap_or("");
            let opener = if kind == FileKind::Yaml { before.trim_end().len() } else { before.len() };
            survey.zone(Span::new(opener, span.range().end), Zone::Sealed);
        }
    }
}

/// Where the keys and literals stand.
fn texts(module: &Module) -> Vec<Span> {
    let mut texts = Vec::new();
    for expr in &module.exprs {
        match &expr.kind {
            ExprKind::Literal(_) => texts.push(expr.span),
            ExprKind::Object(properties) => texts.extend(properties.iter().filter_map(|property| match property {
                Property::Value { key: PropertyKey::Name(_, span), .. } => Some(*span),
                _ => None,
            })),
            _ => {}
        }
    }
    texts
}
