//! What a language tells of its comments.

use super::Form;
use crate::source::Span;

/// A stretch of a text in which other comments can stand than around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::syntax) enum Zone {
    /// No comment can stand inside: a string, a tag, another comment.
    Sealed,
    /// Inside, comments have another form. What begins or ends with the stretch stands outside.
    Within(Form),
    /// The same, but what begins or ends with the stretch stands inside.
    Between(Form),
}

/// The comments and zones of a text.
#[derive(Debug, Default)]
pub(in crate::syntax) struct Survey {
    /// The form of a comment outside of all zones.
    base: Option<Form>,
    /// Every comment that is known by syntax, in no order.
    pub(super) comments: Vec<Span>,
    /// What a line of nothing but a comment begins with, where comments are not known by syntax.
    pub(super) marks: &'static [&'static str],
    /// The opening tags of markup, in order.
    pub(super) tags: Vec<Span>,
    /// An inner zone comes after the outer one.
    zones: Vec<(Span, Zone)>,
}

impl Survey {
    /// Sets the form of a comment outside of all zones.
    pub(in crate::syntax) fn base(&mut self, form: Option<Form>) {
        self.base = form;
    }

    /// Adds a comment.
    pub(in crate::syntax) fn comment(&mut self, span: Span) {
        self.comments.push(span);
        self.zone(span, Zone::Sealed);
    }

    /// Adds an opening tag of markup.
    pub(in crate::syntax) fn tag(&mut self, span: Span) {
        self.tags.push(span);
        self.zone(span, Zone::Sealed);
    }

    /// Adds an element whose content is data, which has no comments of its own: what is said above its tag is said of all of it.
    pub(in crate::syntax) fn data_element(&mut self, span: Span) {
        self.tags.push(span);
    }

    /// Adds a zone, after those around it.
    pub(in crate::syntax) fn zone(&mut self, span: Span, zone: Zone) {
        self.zones.push((span, zone));
    }

    /// The form of a comment at the start of what starts at `offset`.
    pub(super) fn form_at(&self, offset: u32) -> Option<Form> {
        let inner = self.zones.iter().rev().find_map(|(span, zone)| {
            let inside = span.start < offset && offset < span.end;
            match zone {
                Zone::Sealed if inside => Some(None),
                Zone::Within(form) if inside => Some(Some(*form)),
                Zone::Between(form) if span.start <= offset && offset <= span.end => Some(Some(*form)),
                _ => None,
            }
        });
        inner.unwrap_or(self.base)
    }
}
