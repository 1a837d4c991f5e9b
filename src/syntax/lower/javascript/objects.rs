//! Object literals and property keys.

use super::grammar::{Field, Kind, Syntax};
use super::{Lowering, literals};
use crate::hir::{ExprKind, Name, Property, PropertyKey};

impl<'t> Lowering<'_, 't> {
    /// The properties of an object literal.
    pub(super) fn object(&mut self, node: Syntax<'t>) -> Vec<Property> {
        let children = self.children(node);
        children.0.into_iter().filter_map(|child| self.property(child)).collect()
    }

    /// One property; none for what is no property.
    pub(super) fn property(&mut self, node: Syntax<'t>) -> Option<Property> {
        match node.kind {
            Kind::Pair => {
                let parts = self.children(node);
                let key = self.property_key(parts.field(Field::Key)?);
                let value = self.expr_in(node, parts.field(Field::Value));
                Some(Property::Value { key, value })
            }
            Kind::Shorthand => {
                let key = PropertyKey::Name(self.name(node), node.span());
                Some(Property::Value { key, value: self.identifier(node) })
            }
            Kind::Spread => {
                let inner = self.children(node).expression();
                Some(Property::Spread(self.expr_in(node, inner)))
            }
            Kind::Method => {
                let parts = self.children(node);
                let key = self.property_key(parts.field(Field::Name)?);
                let function = self.method_from(node, &parts, false);
                if parts.has(Kind::GetToken) || parts.has(Kind::SetToken) {
                    return Some(Property::Accessor { key, function });
                }
                let value = self.module.expr(node.span(), ExprKind::Function(function));
                Some(Property::Value { key, value })
            }
            _ => None,
        }
    }

    /// A property or member key.
    pub(super) fn property_key(&mut self, node: Syntax<'t>) -> PropertyKey {
        match node.kind {
            Kind::String => PropertyKey::Name(self.string_name(node), node.span()),
            Kind::Number => PropertyKey::Name(self.numeric_name(node), node.span()),
            Kind::Computed => {
                let inner = self.children(node).expression();
                PropertyKey::Computed(self.expr_in(node, inner))
            }
            _ => PropertyKey::Name(self.name(node), node.span()),
        }
    }

    /// The property that a numeric key names: `0x10` and `16` are the same one.
    fn numeric_name(&mut self, node: Syntax<'t>) -> Name {
        match literals::number(self.slice(node.span())) {
            Some(value) => self.intern(&value.to_string()),
            None => self.name(node),
        }
    }
}
