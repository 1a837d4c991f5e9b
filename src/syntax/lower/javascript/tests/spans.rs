//! What every span must cover.

use crate::hir::visit::{Node, children, roots};
use crate::hir::{ExprKind, JsxAttribute, Module, PatKind, Property, PropertyKey};
use crate::source::Span;

/// Checks the spans of a module against the text that it was lowered from.
pub(super) fn check(module: &Module, text: &str, what: &str) {
    let covers = |span: Span, name: &str| assert_eq!(text.get(span.range()), Some(name), "{what} at {span:?}");
    for binding in &module.bindings {
        covers(binding.span, &binding.name);
    }
    for expr in &module.exprs {
        assert!(text.get(expr.span.range()).is_some(), "{what}: {expr:?}");
        match &expr.kind {
            ExprKind::Ident(name) => covers(expr.span, name),
            ExprKind::Member { property, property_span, .. } => covers(*property_span, property),
            ExprKind::Object(properties) => {
                for property in properties {
                    if let Property::Value { key, .. } | Property::Accessor { key, .. } = property {
                        check_key(key, text, what);
                    }
                }
            }
            ExprKind::Jsx(element) => {
                for attribute in &element.attributes {
                    if let JsxAttribute::Named { name, span, .. } = attribute {
                        covers(*span, name);
                    }
                }
            }
            ExprKind::Template { quasis, exprs } => assert_eq!(quasis.len(), exprs.len() + 1, "{what}: {expr:?}"),
            _ => {}
        }
    }
    for pat in &module.pats {
        if let PatKind::Object { properties, .. } = &pat.kind {
            properties.iter().for_each(|property| check_key(&property.key, text, what));
        }
    }
    for class in &module.classes {
        class.members.iter().filter_map(|member| member.key.as_ref()).for_each(|key| check_key(key, text, what));
    }
    for import in &module.imports {
        assert!(text[import.specifier_span.range()].starts_with(['"', '\'']), "{what}: {import:?}");
    }
    check_tree(module, what);
}

fn check_key(key: &PropertyKey, text: &str, what: &str) {
    if let PropertyKey::Name(name, span) = key {
        let covered = &text[span.range()];
        let literal = covered.starts_with(['"', '\'']) || covered.starts_with(|first: char| first.is_ascii_digit() || first == '.');
        assert!(literal || covered == &**name, "{what}: {key:?} covers {covered}");
    }
}

/// Checks that the module is a tree: no node is reached twice, and a child lies inside its parent.
fn check_tree(module: &Module, what: &str) {
    let mut stack = Vec::new();
    roots(module, &mut |node| stack.push(node));
    let mut seen = std::collections::HashSet::new();
    while let Some(node) = stack.pop() {
        assert!(seen.insert(node), "{what}: {node:?} is reached twice: {:?}", span_of(module, node));
        let outer = span_of(module, node);
        children(module, node, &mut |child| {
            let inner = span_of(module, child);
            // What is salvaged from inside a statement stands beside it, and decorators before `export` outside their class.
            let moved = matches!(node, Node::Class(_)) || !module.problems.is_empty();
            assert!(moved || outer.contains(inner), "{what}: {child:?} {inner:?} in {node:?} {outer:?}");
            stack.push(child);
        });
    }
}

fn span_of(module: &Module, node: Node) -> Span {
    match node {
        Node::Expr(id) => module[id].span,
        Node::Pat(id) => module[id].span,
        Node::Stmt(id) => module[id].span,
        Node::Function(id) => module[id].span,
        Node::Class(id) => module[id].span,
    }
}
