//! Classes.

use tree_sitter::Node;

use super::functions::Receiver;
use super::{Frame, FrameKind, Lowering};
use crate::hir::{
    BindingKind, Class, ClassId, ClassMember, ClassMemberKind, ExprId, ExprKind, FunctionKind, LogicalOp, PropertyKey, StmtId,
};
use crate::source::Span;

impl<'t> Lowering<'_, 't> {
    /// A class. As a member of another class it is a value, else a statement.
    pub(super) fn class(&mut self, node: Node<'t>, is_declaration: bool, decorators: Vec<ExprId>) -> ClassId {
        let name = node.child_by_field_name("name").map(|name| self.declared(name, BindingKind::Class));
        let super_class = node.child_by_field_name("superclasses").and_then(|list| self.bases(list));
        let members = self.in_frame(Frame::new(FrameKind::Class), |lowering| {
            let mut members = Vec::new();
            for child in node.child_by_field_name("body").map(Self::children).unwrap_or_default() {
                lowering.member(child, &mut members);
            }
            members
        });
        self.module.class(Class { span: Self::span(node), name, is_declaration, super_class, members, decorators })
    }

    /// The base classes. A member is looked for in one after the other, which `a or b` says as well as HIR can.
    fn bases(&mut self, list: Node<'t>) -> Option<ExprId> {
        let mut bases: Option<ExprId> = None;
        for child in Self::children(list) {
            // `metaclass=…`
            if matches!(child.kind(), "keyword_argument" | "dictionary_splat" | "list_splat") {
                continue;
            }
            let base = self.expr(child);
            bases = Some(match bases {
                None => base,
                Some(left) => self.module.expr(Self::span(list), ExprKind::Logical { op: LogicalOp::Or, left, right: base }),
            });
        }
        bases
    }

    fn own(&mut self, node: Node<'t>) -> PropertyKey {
        let name = self.name(node);
        if let Some(frame) = self.frames.last_mut() {
            frame.own.insert(name.clone());
        }
        PropertyKey::Name(name, Self::span(node))
    }

    fn member(&mut self, node: Node<'t>, members: &mut Vec<ClassMember>) {
        match node.kind() {
            "function_definition" => {
                let member = self.method(node, node, Vec::new());
                members.push(member);
            }
            "decorated_definition" => {
                let decorators = self.decorators(node);
                match node.child_by_field_name("definition") {
                    Some(definition) if definition.kind() == "function_definition" => {
                        let member = self.method(node, definition, decorators);
                        members.push(member);
                    }
                    Some(definition) => self.nested_class(definition, decorators, members),
                    None => {}
                }
            }
            "class_definition" => self.nested_class(node, Vec::new(), members),
            "expression_statement" => match Self::children(node).first().copied() {
                Some(assignment) if assignment.kind() == "assignment" => self.field(assignment, members),
                Some(inner) if inner.kind() == "string" => {}
                _ => self.block(node, members),
            },
            "pass_statement" => {}
            _ => self.block(node, members),
        }
    }

    /// Any other statement in the body of a class.
    fn block(&mut self, node: Node<'t>, members: &mut Vec<ClassMember>) {
        let mut body = Vec::new();
        self.statement(node, &mut body);
        members.push(static_block(Self::span(node), body));
    }

    fn nested_class(&mut self, node: Node<'t>, decorators: Vec<ExprId>, members: &mut Vec<ClassMember>) {
        let class = self.class(node, false, decorators);
        let value = self.module.expr(Self::span(node), ExprKind::Class(class));
        let key = node.child_by_field_name("name").map(|name| self.own(name));
        members.push(ClassMember {
            span: Self::span(node),
            key,
            is_static: false,
            kind: ClassMemberKind::Field(Some(value)),
            type_name: None,
            decorators: Vec::new(),
        });
    }

    /// `x = value`, `x: T = value`, `x: T` in the body of a class: a field, read through the class and its instances alike.
    fn field(&mut self, node: Node<'t>, members: &mut Vec<ClassMember>) {
        let Some(name) = node.child_by_field_name("left").filter(|left| left.kind() == "identifier") else {
            let mut body = Vec::new();
            self.assignment(node, &mut body);
            members.push(static_block(Self::span(node), body));
            return;
        };
        let type_name = self.type_name(node.child_by_field_name("type"));
        let mut value = node.child_by_field_name("right");
        let mut also = Vec::new();
        // `a = b = value`: the last name is the one that is set to it.
        while let Some(chained) = value.filter(|value| value.kind() == "assignment") {
            also.extend(chained.child_by_field_name("left").filter(|left| left.kind() == "identifier"));
            value = chained.child_by_field_name("right");
        }
        let value = value.map(|value| self.expr(value));
        let mut push = |lowering: &mut Self, name: Node<'t>, value: Option<ExprId>, type_name| {
            let key = Some(lowering.own(name));
            members.push(ClassMember {
                span: Self::span(node),
                key,
                is_static: false,
                kind: ClassMemberKind::Field(value),
                type_name,
                decorators: Vec::new(),
            });
        };
        let Some(last) = also.pop() else {
            push(self, name, value, type_name);
            return;
        };
        push(self, last, value, None);
        for name in std::iter::once(name).chain(also) {
            let copied = self.identifier(last);
            push(self, name, Some(copied), None);
        }
    }

    fn method(&mut self, outer: Node<'t>, node: Node<'t>, decorators: Vec<ExprId>) -> ClassMember {
        let said = |name: &str| decorators.iter().any(|decorator| self.last_name(*decorator) == Some(name));
        let name = node.child_by_field_name("name");
        let is_class_method = said("classmethod");
        let is_static = said("staticmethod") || is_class_method;
        let kind = if ["property", "cached_property", "computed_field", "hybrid_property"].iter().any(|name| said(name)) {
            FunctionKind::Getter
        } else if said("setter") || said("deleter") {
            FunctionKind::Setter
        } else if name.is_some_and(|name| self.slice(Self::span(name)) == "__init__") {
            FunctionKind::Constructor
        } else {
            FunctionKind::Method
        };
        let receiver = if is_static && !is_class_method { Receiver::None } else { Receiver::First };
        let key = name.map(|name| self.own(name));
        let function = self.function(node, kind, None, receiver, Vec::new());
        ClassMember { span: Self::span(outer), key, is_static, kind: ClassMemberKind::Method(function), type_name: None, decorators }
    }

    /// The last name of a decorator: `setter` of `@x.setter`, `route` of `@app.route("/")`.
    fn last_name(&self, decorator: ExprId) -> Option<&str> {
        match &self.module[decorator].kind {
            ExprKind::Ident(name) => Some(name),
            ExprKind::Member { property, .. } => Some(property),
            ExprKind::Call { callee, .. } => match &self.module[*callee].kind {
                ExprKind::Ident(name) => Some(name),
                ExprKind::Member { property, .. } => Some(property),
                _ => None,
            },
            _ => None,
        }
    }

    /// The decorators of a decorated definition.
    pub(super) fn decorators(&mut self, node: Node<'t>) -> Vec<ExprId> {
        let decorators = Self::children(node).into_iter().filter(|child| child.kind() == "decorator");
        decorators
            .map(|decorator| {
                let inner = Self::children(decorator).first().copied();
                self.expr_in(decorator, inner)
            })
            .collect()
    }
}

/// Statements that run when the class is made.
fn static_block(span: Span, body: Vec<StmtId>) -> ClassMember {
    let kind = ClassMemberKind::StaticBlock(body);
    ClassMember { span, key: None, is_static: true, kind, type_name: None, decorators: Vec::new() }
}
