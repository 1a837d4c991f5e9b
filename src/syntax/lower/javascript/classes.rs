//! Classes.

use super::Lowering;
use super::grammar::{Field, Kind, Syntax};
use crate::hir::{BindingKind, Class, ClassId, ClassMember, ClassMemberKind, ExprId};

impl<'t> Lowering<'_, 't> {
    /// A class. `decorators` are those that stand before `export`.
    pub(super) fn class(&mut self, node: Syntax<'t>, is_declaration: bool, mut decorators: Vec<ExprId>) -> ClassId {
        let parts = self.children(node);
        decorators.extend(self.decorators(&parts));
        let name = parts
            .field(Field::Name)
            .filter(|name| matches!(name.kind, Kind::Identifier | Kind::TypeIdentifier))
            .map(|name| self.declare(name, BindingKind::Class, None));
        let super_class = parts.kind(Kind::ClassHeritage).and_then(|heritage| self.super_class(heritage));
        let members = parts.field(Field::Body).map(|body| self.members(body)).unwrap_or_default();
        self.module.class(Class { span: node.span(), name, is_declaration, super_class, members, decorators })
    }

    fn super_class(&mut self, heritage: Syntax<'t>) -> Option<ExprId> {
        let parts = self.children(heritage);
        let value = match parts.kind(Kind::ExtendsClause) {
            Some(clause) => self.children(clause).field(Field::Value),
            None => parts.expression(),
        };
        value.map(|value| self.expr(value))
    }

    fn members(&mut self, body: Syntax<'t>) -> Vec<ClassMember> {
        let mut members = Vec::new();
        // TypeScript's grammar puts the decorators of a method beside it.
        let mut decorators = Vec::new();
        for child in self.children(body).0 {
            if child.kind == Kind::Decorator {
                decorators.push(self.decorator(child));
            } else if let Some(member) = self.member(child, &mut decorators) {
                members.push(member);
            }
        }
        members
    }

    fn member(&mut self, node: Syntax<'t>, decorators: &mut Vec<ExprId>) -> Option<ClassMember> {
        if !matches!(node.kind, Kind::StaticBlock | Kind::FieldDefinition | Kind::Method | Kind::MethodSignature) {
            return None;
        }
        let parts = self.children(node);
        let mut decorators = std::mem::take(decorators);
        decorators.extend(self.decorators(&parts));
        if node.kind == Kind::StaticBlock {
            let statements = parts.field(Field::Body).map(|body| self.statements_of(body)).unwrap_or_default();
            let kind = ClassMemberKind::StaticBlock(statements);
            return Some(ClassMember { span: node.span(), key: None, is_static: true, kind, type_name: None, decorators });
        }
        let key = parts.field(Field::Name).or_else(|| parts.field(Field::Property)).map(|key| self.property_key(key));
        let type_name = if node.kind == Kind::FieldDefinition { self.type_name(parts.field(Field::Type)) } else { None };
        let kind = if node.kind == Kind::FieldDefinition {
            ClassMemberKind::Field(parts.field(Field::Value).map(|value| self.expr(value)))
        } else {
            ClassMemberKind::Method(self.method_from(node, &parts, true))
        };
        let is_static = parts.has(Kind::StaticToken) || parts.has(Kind::StaticGetToken);
        Some(ClassMember { span: node.span(), key, is_static, kind, type_name, decorators })
    }
}
