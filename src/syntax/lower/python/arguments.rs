//! Calls and their arguments.

use tree_sitter::Node;

use super::Lowering;
use crate::hir::{Element, ExprId, ExprKind, Property, PropertyKey};
use crate::source::Span;

impl<'t> Lowering<'_, 't> {
    /// A call.
    pub(super) fn call(&mut self, node: Node<'t>) -> ExprId {
        let span = Self::span(node);
        let function = node.child_by_field_name("function");
        let arguments = node.child_by_field_name("arguments");
        if let (Some(function), Some(list)) = (function, arguments)
            && function.kind() == "attribute"
            && let Some(template) = self.format_call(node, function, list)
        {
            return template;
        }
        if let Some(function) = function
            && function.kind() == "identifier"
            && self.slice(Self::span(function)) == "super"
        {
            return self.module.expr(span, ExprKind::Super);
        }
        let callee = self.expr_in(node, function);
        let args = match arguments {
            Some(list) if list.kind() == "argument_list" => self.arguments(list),
            // `sum(x for x in y)`
            Some(generator) => vec![Element { expr: self.expr(generator), spread: false }],
            None => Vec::new(),
        };
        self.module.expr(span, ExprKind::Call { callee, args, optional: false })
    }

    /// The arguments in order, the keyword arguments as one object behind them.
    pub(super) fn arguments(&mut self, list: Node<'t>) -> Vec<Element> {
        let mut args = Vec::new();
        let mut keywords = Vec::new();
        let mut place: Option<Span> = None;
        for child in Self::children(list) {
            match child.kind() {
                "keyword_argument" | "dictionary_splat" => {
                    let span = Self::span(child);
                    place = Some(place.map_or(span, |place| Span { start: place.start, end: span.end }));
                    keywords.push(self.keyword(child));
                }
                "list_splat" => {
                    let inner = Self::children(child).first().copied();
                    args.push(Element { expr: self.expr_in(child, inner), spread: true });
                }
                _ => args.push(Element { expr: self.expr(child), spread: false }),
            }
        }
        if let Some(place) = place {
            let object = self.module.expr(place, ExprKind::Object(keywords));
            self.module.keyword_arguments.push(object);
            args.push(Element { expr: object, spread: false });
        }
        args
    }

    fn keyword(&mut self, node: Node<'t>) -> Property {
        if node.kind() == "dictionary_splat" {
            let inner = Self::children(node).first().copied();
            return Property::Spread(self.expr_in(node, inner));
        }
        let value = self.expr_in(node, node.child_by_field_name("value"));
        match node.child_by_field_name("name") {
            Some(name) => {
                let key = PropertyKey::Name(self.name(name), Self::span(name));
                Property::Value { key, value }
            }
            None => Property::Spread(value),
        }
    }
}
