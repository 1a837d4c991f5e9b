//! Entries of object literals: their keys, where one more can stand, and what goes with one that goes.

use super::super::Builder;
use crate::analysis::edit_sites::{KeySite, Slot};
use crate::analysis::unit::Unit;
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, PatKind, Property, PropertyKey, StmtKind};
use crate::source::{Location, Span};

/// How many objects may stand around an entry.
const AROUND: usize = 4;

impl Builder<'_> {
    /// What goes when a value and the entries of some other names leave its object; empty when that is not certain, or when somebody
    /// else reads the object, too.
    pub(in crate::analysis::auth) fn removal(unit: &Unit, value: ExprId, names: &[&String]) -> Vec<Location> {
        let Some(object) = unit.object_of(value).filter(|object| unit.is_script_like() && unit.is_private(*object)) else {
            return Vec::new();
        };
        let ExprKind::Object(properties) = &unit.module[object].kind else { return Vec::new() };
        let leaves = |property: &Property| match property {
            Property::Value { key, value: own } => {
                *own == value || key.name().is_some_and(|key| names.iter().any(|name| name.as_str() == key))
            }
            _ => false,
        };
        let leaving: Vec<usize> = properties.iter().enumerate().filter(|(_, property)| leaves(property)).map(|(index, _)| index).collect();
        let spans = unit.entries(object).and_then(|entries| unit.removal_spans(&entries, &leaving)).unwrap_or_default();
        spans.into_iter().map(|span| unit.at(span)).collect()
    }
}

impl Unit {
    /// The object literal in which an expression is a value.
    pub(super) fn object_of(&self, value: ExprId) -> Option<ExprId> {
        match self.parents.parent(Node::Expr(value))? {
            Node::Expr(parent) if matches!(self.module[parent].kind, ExprKind::Object(_)) => Some(parent),
            _ => None,
        }
    }

    /// The key of the entry whose value an expression is, in an object that nobody else reads.
    pub(in crate::analysis::auth) fn key_site(&self, value: ExprId) -> Option<KeySite> {
        let object = self.object_of(value).filter(|object| self.is_script_like() && self.is_private(*object))?;
        self.key_in(object, value)
    }

    /// The key of the entry of an object whose value an expression is.
    pub(super) fn key_in(&self, object: ExprId, value: ExprId) -> Option<KeySite> {
        let ExprKind::Object(properties) = &self.module[object].kind else { return None };
        let (name, span) = properties.iter().find_map(|property| match property {
            Property::Value { key: PropertyKey::Name(name, span), value: own } if *own == value => Some((name.to_string(), *span)),
            _ => None,
        })?;
        if self.is_method(value, span) {
            return None;
        }
        let shorthand = (self.module[value].span == span).then(|| self.source.slice(span).to_owned());
        let quote = self.source.slice(span).chars().next().filter(|first| matches!(first, '"' | '\''));
        Some(KeySite { at: self.at(span), name, shorthand, quote })
    }

    fn is_method(&self, value: ExprId, key: Span) -> bool {
        matches!(self.module[value].kind, ExprKind::Function(_)) && self.module[value].span.contains(key)
    }

    /// Whether an object literal is read only where it stands: it is an argument, or kept under a name that is read once.
    fn is_private(&self, object: ExprId) -> bool {
        let mut inner = object;
        for _ in 0..AROUND {
            match self.parents.parent(Node::Expr(inner)) {
                Some(Node::Expr(outer)) => match &self.module[outer].kind {
                    ExprKind::Call { .. } | ExprKind::New { .. } | ExprKind::Jsx(_) => return true,
                    ExprKind::Object(_) | ExprKind::Cast { .. } | ExprKind::Conditional { .. } => inner = outer,
                    _ => return false,
                },
                Some(Node::Stmt(statement)) => {
                    let StmtKind::Declare { declarators, .. } = &self.module[statement].kind else { return false };
                    let declared = declarators.iter().find(|(_, init)| *init == Some(inner));
                    let Some(PatKind::Binding(binding)) = declared.map(|(pat, _)| &self.module[*pat].kind) else { return false };
                    let Some(symbol) = self.scopes.symbol_of_binding(*binding) else { return false };
                    return self.scopes.references(symbol).len() == 1 && !self.exports_symbol(symbol);
                }
                // The value of an attribute of markup.
                None => return true,
                Some(_) => return false,
            }
        }
        false
    }

    /// The entries of an object literal; none when one of them has no certain place.
    fn entries(&self, object: ExprId) -> Option<Vec<Span>> {
        let ExprKind::Object(properties) = &self.module[object].kind else { return None };
        let entries: Option<Vec<Span>> = properties.iter().map(|property| self.entry(property)).collect();
        // Behind each a comma or the brace: parentheses and what else the tree leaves out would show here.
        entries.filter(|entries| entries.iter().all(|entry| matches!(self.next_token(entry.end), Some((b',' | b'}', _)))))
    }

    fn entry(&self, property: &Property) -> Option<Span> {
        match property {
            Property::Value { key: PropertyKey::Name(_, key), value } => {
                let value = self.module[*value].span;
                Some(Span { start: key.start.min(value.start), end: value.end.max(key.end) })
            }
            Property::Value { key: PropertyKey::Computed(key), value } => {
                let start = self.module[*key].span.start.checked_sub(1)?;
                let bracket = self.source.slice(Span { start, end: start + 1 }) == "[";
                bracket.then(|| Span { start, end: self.module[*value].span.end })
            }
            Property::Accessor { function, .. } => Some(self.module[*function].span),
            Property::Spread(value) => {
                let span = self.module[*value].span;
                let start = span.start.checked_sub(3)?;
                (self.source.slice(Span { start, end: span.start }) == "...").then_some(Span { start, end: span.end })
            }
        }
    }

    /// What goes with some of the entries of an object, given in order: neighbours together, commas and lines included.
    fn removal_spans(&self, entries: &[Span], leaving: &[usize]) -> Option<Vec<Span>> {
        let mut spans = Vec::new();
        let mut at = 0;
        while let Some(first) = leaving.get(at).copied() {
            let mut last = first;
            while leaving.get(at + 1) == Some(&(last + 1)) {
                at += 1;
                last += 1;
            }
            at += 1;
            spans.push(self.run(entries, first, last)?);
        }
        Some(spans)
    }

    /// What goes with the entries from `first` to `last`.
    fn run(&self, entries: &[Span], first: usize, last: usize) -> Option<Span> {
        let (start, end) = (entries.get(first)?.start, entries.get(last)?.end);
        let comma = match self.next_token(end)? {
            (b',', at) => Some(at + 1),
            _ => None,
        };
        let has_comment =
            |from: u32, to: u32| !self.source.slice(Span { start: from, end: to }).trim_matches([',', ' ', '\t', '\r', '\n']).is_empty();
        // Lines of their own go whole.
        if self.is_first_on_line(start)
            && let Some((line_end, _)) = self.rest_of_line(comma.unwrap_or(end))
            && !has_comment(end, comma.unwrap_or(end))
            && (comma.is_some() || first == 0 || has_comment(entries.get(first - 1)?.end, start))
        {
            return Some(Span { start: self.line_start(start), end: self.next_line(line_end) });
        }
        if let Some(next) = entries.get(last + 1) {
            return (!has_comment(end, next.start)).then_some(Span { start, end: next.start });
        }
        match first.checked_sub(1).and_then(|before| entries.get(before)) {
            Some(before) => (!has_comment(before.end, start)).then_some(Span { start: before.end, end }),
            None => Some(Span { start, end: comma.unwrap_or(end) }),
        }
    }

    /// Where an object literal can have one more entry, behind the others.
    pub(in crate::analysis::auth) fn entry_slot(&self, object: ExprId) -> Option<Slot> {
        if !self.is_script_like() {
            return None;
        }
        let newline = if self.source.text.contains("\r\n") { "\r\n" } else { "\n" };
        let entries = self.entries(object)?;
        let slot =
            |at: u32, before: String, after: &str| Slot { at: self.at(Span { start: at, end: at }), before, after: after.to_owned() };
        let Some(last) = entries.last() else {
            let span = self.module[object].span;
            let inside = self.source.slice(Span { start: span.start + 1, end: span.end.saturating_sub(1) });
            return inside.trim().is_empty().then(|| slot(span.start + 1, " ".to_owned(), if inside.is_empty() { " " } else { "" }));
        };
        let (token, comma) = self.next_token(last.end)?;
        let own_line = self.is_first_on_line(last.start);
        let line = format!("{newline}{}", self.margin(last.start));
        match (token == b',', own_line) {
            (true, true) => Some(slot(self.rest_of_line(comma + 1).map_or(comma + 1, |(end, _)| end), line, ",")),
            (true, false) => Some(slot(comma + 1, " ".to_owned(), ",")),
            // A comment behind the last entry would be behind the new one.
            (false, true) => {
                let free = self.rest_of_line(last.end).is_none_or(|(_, comment)| !comment);
                free.then(|| slot(last.end, format!(",{line}"), ""))
            }
            (false, false) => Some(slot(last.end, ", ".to_owned(), "")),
        }
    }
}
