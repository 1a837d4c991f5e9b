//! JSX.

use super::Lowering;
use super::grammar::{Field, Kind, Syntax};
use crate::hir::{ExprId, ExprKind, JsxAttribute, JsxElement, JsxTag};

impl<'t> Lowering<'_, 't> {
    /// An element or fragment.
    pub(super) fn jsx(&mut self, node: Syntax<'t>) -> JsxElement {
        if node.kind == Kind::JsxSelfClosing {
            let (tag, attributes) = self.opening(node);
            return JsxElement { tag, attributes, children: Vec::new() };
        }
        let parts = self.children(node);
        let (tag, attributes) = match parts.field(Field::OpenTag) {
            Some(opening) => self.opening(opening),
            None => (JsxTag::Fragment, Vec::new()),
        };
        let mut children = Vec::new();
        for part in parts.0 {
            match part.kind {
                Kind::JsxElement | Kind::JsxSelfClosing => children.push(self.expr(part)),
                Kind::JsxExpression => children.extend(self.braced(part).map(|(expr, _)| expr)),
                _ => {}
            }
        }
        JsxElement { tag, attributes, children }
    }

    fn opening(&mut self, node: Syntax<'t>) -> (JsxTag, Vec<JsxAttribute>) {
        let parts = self.children(node);
        let tag = parts.field(Field::Name).map_or(JsxTag::Fragment, |name| self.tag(name));
        let attributes = parts.fields(Field::Attribute).filter_map(|attribute| self.attribute(attribute)).collect();
        (tag, attributes)
    }

    fn tag(&mut self, name: Syntax<'t>) -> JsxTag {
        let text = self.slice(name.span());
        match name.kind {
            Kind::Member => JsxTag::Component(self.expr(name)),
            Kind::Identifier if text == "this" => JsxTag::Component(self.module.expr(name.span(), ExprKind::This)),
            Kind::Identifier if !text.contains('-') && !text.starts_with(|first: char| first.is_ascii_lowercase()) => {
                JsxTag::Component(self.identifier(name))
            }
            _ => JsxTag::Intrinsic(self.intern(text)),
        }
    }

    fn attribute(&mut self, node: Syntax<'t>) -> Option<JsxAttribute> {
        if node.kind == Kind::JsxExpression {
            return self.braced(node).map(|(expr, _)| JsxAttribute::Spread(expr));
        }
        let mut parts = self.children(node).0.into_iter().filter(|part| part.kind != Kind::EqualsToken);
        let name = parts.next().filter(|name| name.kind != Kind::Missing)?;
        let value = parts.next().map(|value| match value.kind {
            Kind::String => self.jsx_string(value),
            Kind::JsxExpression => self.jsx_expression(value),
            _ => self.expr(value),
        });
        Some(JsxAttribute::Named { name: self.name(name), span: name.span(), value })
    }

    /// The value between braces; unknown when there is none.
    pub(super) fn jsx_expression(&mut self, node: Syntax<'t>) -> ExprId {
        match self.braced(node) {
            Some((expr, false)) => expr,
            Some((expr, true)) => self.module.expr(node.span(), ExprKind::Unknown(vec![expr])),
            None => self.unknown(node.span()),
        }
    }

    /// What stands between braces, and whether it is spread.
    fn braced(&mut self, node: Syntax<'t>) -> Option<(ExprId, bool)> {
        let inner = self.children(node).0.into_iter().find(|child| child.kind.is_expression() || child.kind == Kind::Spread)?;
        if inner.kind == Kind::Spread {
            let spread = self.children(inner).expression();
            return Some((self.expr_in(inner, spread), true));
        }
        Some((self.expr(inner), false))
    }
}
