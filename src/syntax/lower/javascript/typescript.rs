//! TypeScript's own statements that have values: enums, namespaces, import aliases.

use super::Lowering;
use super::grammar::{Field, Kind, Syntax};
use super::literals;
use super::patterns::Target;
use crate::hir::{BindingKind, ExprId, ExprKind, Literal, Property, StmtKind};
use crate::source::Span;

impl<'t> Lowering<'_, 't> {
    /// `enum E { … }`: a constant object. Members without a value count up from the one before.
    pub(super) fn enumeration(&mut self, node: Syntax<'t>) -> StmtKind {
        let parts = self.children(node);
        let (Some(name), Some(body)) = (parts.field(Field::Name), parts.field(Field::Body)) else { return StmtKind::Empty };
        let binding = self.declare(name, BindingKind::Enum, None);
        let mut next = Some(0.0);
        let mut properties = Vec::new();
        for member in self.children(body).0 {
            let value;
            let name;
            if member.kind == Kind::EnumAssignment {
                let parts = self.children(member);
                name = parts.field(Field::Name);
                let initial = parts.field(Field::Value);
                next =
                    initial.filter(|initial| initial.kind == Kind::Number).and_then(|initial| literals::number(self.slice(initial.span())));
                value = self.expr_in(member, initial);
            } else {
                name = Some(member);
                let literal = next.map_or(Literal::Other, Literal::Number);
                value = self.module.expr(member.span(), ExprKind::Literal(literal));
            }
            next = next.map(|number| number + 1.0);
            if let Some(name) = name.filter(|name| name.kind != Kind::Missing) {
                let key = self.property_key(name);
                properties.push(Property::Value { key, value });
            }
        }
        let object = self.module.expr(body.span(), ExprKind::Object(properties));
        StmtKind::Enum { binding, object }
    }

    /// `namespace A.B { … }`. One that holds only types is nothing; `module "m" { … }` only describes another module.
    pub(super) fn namespace(&mut self, node: Syntax<'t>) -> StmtKind {
        let parts = self.children(node);
        let (Some(name), Some(body)) = (parts.field(Field::Name), parts.field(Field::Body)) else { return StmtKind::Empty };
        if name.kind == Kind::String {
            self.set_errors_aside(body);
            return StmtKind::Empty;
        }
        self.namespaces += 1;
        let mut body = self.statements_of(body);
        self.namespaces -= 1;
        if body.iter().all(|stmt| matches!(self.module[*stmt].kind, StmtKind::Empty)) {
            return StmtKind::Empty;
        }
        let mut segments = self.segments(name);
        let Some(outermost) = segments.pop() else { return StmtKind::Empty };
        // `A.B` is a `B` inside an `A`.
        segments.truncate(self.chain_room());
        for segment in segments {
            let binding = self.declare(segment, BindingKind::Namespace, None);
            body = vec![self.module.stmt(node.span(), StmtKind::Namespace { binding, body })];
        }
        StmtKind::Namespace { binding: self.declare(outermost, BindingKind::Namespace, None), body }
    }

    /// The names of a dotted name, last first.
    fn segments(&mut self, name: Syntax<'t>) -> Vec<Syntax<'t>> {
        let mut segments = Vec::new();
        let mut at = Some(name);
        while let Some(name) = at {
            if !matches!(name.kind, Kind::NestedIdentifier | Kind::Member) {
                segments.push(name);
                break;
            }
            let parts = self.children(name);
            segments.extend(parts.field(Field::Property));
            at = parts.field(Field::Object);
        }
        segments
    }

    /// `import X = A.B`: a constant.
    pub(super) fn import_alias(&mut self, node: Syntax<'t>) -> StmtKind {
        let parts = self.children(node);
        let mut names = parts.0.into_iter().filter(|part| matches!(part.kind, Kind::Identifier | Kind::NestedIdentifier));
        let (Some(name), Some(path)) = (names.next(), names.next()) else { return StmtKind::Empty };
        let kind = BindingKind::Const;
        let pat = self.pattern(name, Target::Declare(kind), None);
        let value = self.dotted(path);
        StmtKind::Declare { kind, declarators: vec![(pat, Some(value))] }
    }

    /// A dotted name as an expression.
    fn dotted(&mut self, path: Syntax<'t>) -> ExprId {
        let mut segments = self.segments(path);
        segments.truncate(self.chain_room().max(1));
        let Some(first) = segments.pop() else { return self.unknown(path.span()) };
        let mut value = self.identifier(first);
        for segment in segments.into_iter().rev() {
            let property = self.name(segment);
            let span = Span { start: first.span().start, end: segment.span().end };
            let kind = ExprKind::Member { object: value, property, property_span: segment.span(), optional: false };
            value = self.module.expr(span, kind);
        }
        value
    }
}
