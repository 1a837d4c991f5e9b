//! Functions and their parameters.

use tree_sitter::Node;

use super::patterns::Target;
use super::{Frame, FrameKind, Lowering};
use crate::hir::{Binding, BindingId, BindingKind, ExprId, Function, FunctionBody, FunctionId, FunctionKind, Param, PatKind, TypeName};

/// What a parameter list evaluates in the scope around the function: of each parameter its default value and its annotation.
pub(super) type Evaluated = Vec<(Option<ExprId>, Option<ExprId>)>;

/// How a function of a class gets the instance or class that it is called on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Receiver {
    /// As its first parameter.
    First,
    /// Not at all.
    None,
}

/// Annotations that no framework reads as a marker.
const PLAIN_TYPES: &[&str] = &["str", "int", "float", "bool", "bytes", "dict", "list", "tuple", "set", "object", "Any", "None"];

impl<'t> Lowering<'_, 't> {
    /// A function declaration. Its name is bound in the scope around it.
    pub(super) fn declared_function(&mut self, node: Node<'t>, decorators: Vec<ExprId>) -> FunctionId {
        let name = node.child_by_field_name("name").map(|name| self.declared(name, BindingKind::Function));
        self.function(node, FunctionKind::Declaration, name, Receiver::None, decorators)
    }

    /// A name that a declaration binds.
    pub(super) fn declared(&mut self, node: Node<'t>, kind: BindingKind) -> BindingId {
        let name = self.name(node);
        self.module.binding(Binding { name, span: Self::span(node), kind, type_name: None })
    }

    /// A function of any kind.
    pub(super) fn function(
        &mut self,
        node: Node<'t>,
        kind: FunctionKind,
        name: Option<BindingId>,
        receiver: Receiver,
        decorators: Vec<ExprId>,
    ) -> FunctionId {
        let list = node.child_by_field_name("parameters");
        let evaluated = list.map(|list| self.evaluated_outside(list)).unwrap_or_default();
        let mut frame = Frame::new(FrameKind::Function);
        let body = node.child_by_field_name("body");
        if let Some(body) = body {
            self.outside_names(body, &mut frame);
        }
        self.in_frame(frame, |lowering| {
            let mut params = list.map(|list| lowering.parameters(list, evaluated)).unwrap_or_default();
            if receiver == Receiver::First && params.first().is_some_and(|first| !first.rest) {
                let first = params.remove(0);
                if let PatKind::Binding(binding) = lowering.module[first.pat].kind {
                    let name = lowering.module[binding].name.clone();
                    if let Some(frame) = lowering.frames.last_mut() {
                        frame.receiver = Some(name);
                    }
                }
            }
            let body = body.map(|body| {
                let mut statements = Vec::new();
                lowering.statements_of(body, &mut statements);
                lowering.declare_hoisted(&mut statements);
                FunctionBody::Block(statements)
            });
            lowering.module.function(Function {
                span: Self::span(node),
                name,
                kind,
                is_async: Self::has_token(node, "async"),
                is_generator: false,
                params,
                body,
                directives: Vec::new(),
                decorators,
            })
        })
    }

    /// The names that `global` and `nonlocal` statements of a function take from outside. They count for the whole function.
    fn outside_names(&mut self, body: Node<'t>, frame: &mut Frame) {
        let mut cursor = body.walk();
        loop {
            let node = cursor.node();
            if matches!(node.kind(), "global_statement" | "nonlocal_statement") {
                for name in Self::children(node) {
                    let span = Self::span(name);
                    let name = self.name(name);
                    // The module may nowhere else bind the name.
                    if node.kind() == "global_statement"
                        && let Some(module) = self.frames.first_mut()
                    {
                        module.hoisted.push((name.clone(), span));
                    }
                    frame.outside.insert(name);
                }
            }
            let inner = !matches!(node.kind(), "function_definition" | "class_definition" | "lambda" | "expression_statement");
            if inner && cursor.goto_first_child() {
                continue;
            }
            loop {
                if cursor.node() == body {
                    return;
                }
                if cursor.goto_next_sibling() {
                    break;
                }
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }

    /// Lowers what a parameter list evaluates outside of the function, in the order of [`Self::parameters`].
    pub(super) fn evaluated_outside(&mut self, list: Node<'t>) -> Evaluated {
        Self::children(list)
            .into_iter()
            .map(|child| {
                let default = child.child_by_field_name("value").map(|value| self.expr(value));
                let annotation = child.child_by_field_name("type").and_then(|annotation| self.marker(annotation));
                (default, annotation)
            })
            .collect()
    }

    /// An annotation as an expression, unless it is one of the plain types.
    fn marker(&mut self, annotation: Node<'t>) -> Option<ExprId> {
        let text = self.slice(Self::span(annotation));
        let subscripted = text.contains(['[', '(']) && !text.starts_with(['"', '\'']);
        let plain = PLAIN_TYPES.contains(&text) || (subscripted && !text.contains("Annotated"));
        (!plain).then(|| self.expr(annotation))
    }

    /// The parameters. `*rest` is a rest parameter wherever it stands; `**rest` is the rest of an object pattern, as the keyword arguments
    /// are an object.
    pub(super) fn parameters(&mut self, list: Node<'t>, evaluated: Evaluated) -> Vec<Param> {
        let children = Self::children(list);
        children
            .into_iter()
            .zip(evaluated)
            .filter_map(|(child, (default, annotation))| {
                let mut param = self.parameter(child)?;
                if let Some(default) = default {
                    param.pat = self.module.pat(Self::span(child), PatKind::Default { pat: param.pat, default });
                }
                param.decorators.extend(annotation);
                Some(param)
            })
            .collect()
    }

    fn parameter(&mut self, node: Node<'t>) -> Option<Param> {
        let type_name = self.type_name(node.child_by_field_name("type"));
        let inner = match node.kind() {
            "identifier" | "tuple_pattern" | "list_splat_pattern" | "dictionary_splat_pattern" => node,
            "default_parameter" | "typed_default_parameter" => node.child_by_field_name("name")?,
            "typed_parameter" => Self::children(node).first().copied()?,
            _ => return None,
        };
        Some(self.parameter_pattern(inner, type_name))
    }

    fn parameter_pattern(&mut self, node: Node<'t>, type_name: Option<TypeName>) -> Param {
        let rest = node.kind() == "list_splat_pattern";
        let pat = if node.kind() == "dictionary_splat_pattern" {
            let inner = Self::children(node).first().copied();
            let rest = inner.map(|inner| self.pattern(inner, Target::Param, None));
            self.module.pat(Self::span(node), PatKind::Object { properties: Vec::new(), rest })
        } else {
            self.pattern(node, Target::Param, type_name)
        };
        Param { pat, rest, field: false, decorators: Vec::new() }
    }
}
