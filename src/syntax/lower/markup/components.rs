//! Components in markup as JSX elements, and two-way bindings as assignments.
//!
//! Vue, Svelte and Astro say with attributes what JSX says with expressions. Once said so, everything that knows JSX (props into a
//! component's parameter, callers of a component) knows them too.

use super::Flavour;
use super::scan::Tag;
use crate::hir::{AssignOp, ExprId, ExprKind, JsxAttribute, JsxElement, JsxTag, Module, Name, PatKind};
use crate::source::Span;

/// Whether a tag is a component by its name alone.
pub(super) fn is_component(flavour: Flavour, name: &str) -> bool {
    flavour != Flavour::Html && name.starts_with(|first: char| first.is_uppercase())
}

/// The element as JSX; none for plain elements and for pages that have no components of their own.
pub(super) fn component(
    module: &mut Module,
    text: &str,
    flavour: Flavour,
    tag: &Tag,
    attributes: &[(Name, Span, Option<ExprId>)],
) -> Option<ExprId> {
    let name = text.get(tag.name.range())?;
    let name: Name = match flavour {
        Flavour::Html | Flavour::Template => return None,
        Flavour::Vue if name.contains('-') && !name.contains('.') => pascal_case(name).into(),
        _ if is_component(flavour, name) && !name.contains('-') => name.into(),
        _ => return None,
    };
    let start = tag.name.range().start;
    let mut end = 0;
    let mut object: Option<ExprId> = None;
    for segment in name.split('.') {
        let from = end;
        end = from + segment.len();
        // A kebab name is as long as it is written.
        let whole = if name.contains('.') { Span::new(start, start + end) } else { tag.name };
        let kind = match object {
            None => ExprKind::Ident(segment.into()),
            Some(object) => {
                let property_span = Span::new(start + from, start + end);
                ExprKind::Member { object, property: segment.into(), property_span, optional: false }
            }
        };
        object = Some(module.expr(whole, kind));
        end += 1;
    }
    let object = object?;
    let attributes = attributes.iter().filter_map(|(name, span, value)| prop(flavour, name, *span, *value)).collect();
    let element = JsxElement { tag: JsxTag::Component(object), attributes, children: Vec::new() };
    Some(module.expr(tag.span, ExprKind::Jsx(element)))
}

/// An attribute as the component sees it. What has a value is kept whatever its name: it stands nowhere else.
fn prop(flavour: Flavour, name: &str, span: Span, value: Option<ExprId>) -> Option<JsxAttribute> {
    let named = |name: String| JsxAttribute::Named { name: name.into(), span, value };
    if name == "..." || (flavour == Flavour::Vue && name == "v-bind") {
        return value.map(JsxAttribute::Spread);
    }
    Some(match flavour {
        Flavour::Vue => {
            let bound = name.strip_prefix("v-bind:").or(name.strip_prefix(':')).or(name.strip_prefix('.'));
            let model = name.strip_prefix("v-model");
            let event = name.strip_prefix("v-on:").or(name.strip_prefix('@'));
            // Modifiers (`:login.sync`) are no part of the name.
            let plain = |name: &str| camel_case(name.split('.').next().unwrap_or(name));
            match (bound, model, event) {
                (Some(bound), ..) => named(plain(bound)),
                (_, Some(model), _) => match model.strip_prefix(':') {
                    Some(argument) => named(plain(argument)),
                    None => named("modelValue".to_owned()),
                },
                (.., Some(event)) => named(camel_case(&format!("on-{}", event.split('.').next().unwrap_or(event)))),
                _ => named(camel_case(name)),
            }
        }
        // `{login}` comes with the expression for its name.
        Flavour::Svelte => named(name.strip_prefix("bind:").unwrap_or(name).to_owned()),
        Flavour::Astro | Flavour::Html | Flavour::Template => named(name.to_owned()),
    })
}

/// Whether an attribute lets a person write what it is bound to.
pub(super) fn is_two_way(flavour: Flavour, name: &str) -> bool {
    match flavour {
        Flavour::Vue | Flavour::Html | Flavour::Template => {
            let word = name.split([':', '.']).next().unwrap_or("");
            matches!(word, "v-model" | "x-model") || matches!(name, "[(ngModel)]" | "bindon-ngModel")
        }
        // Other bindings (`this`, `clientWidth`, `duration`) are written by the page itself.
        Flavour::Svelte => matches!(
            name,
            "bind:value" | "bind:checked" | "bind:group" | "bind:files" | "bind:textContent" | "bind:innerText" | "bind:innerHTML"
        ),
        Flavour::Astro => false,
    }
}

/// The assignment of what a person types; none where the target cannot be assigned to.
pub(super) fn typed_in(module: &mut Module, target: ExprId) -> Option<ExprId> {
    let span = module[target].span;
    if !matches!(module[target].kind, ExprKind::Ident(_) | ExprKind::Member { .. } | ExprKind::Index { .. }) {
        return None;
    }
    let value = module.expr(span, ExprKind::TypedIn);
    let target = module.pat(span, PatKind::Expr(target));
    Some(module.expr(span, ExprKind::Assign { op: AssignOp::Assign, target, value }))
}

/// `object.a.b`, all at one place.
pub(super) fn members<'n>(module: &mut Module, object: ExprId, span: Span, names: impl Iterator<Item = &'n str>) -> ExprId {
    names.fold(object, |object, name| {
        module.expr(span, ExprKind::Member { object, property: name.into(), property_span: span, optional: false })
    })
}

/// `login-token` → `loginToken`.
fn camel_case(name: &str) -> String {
    let mut pieces = name.split('-');
    let mut joined = pieces.next().unwrap_or("").to_owned();
    pieces.for_each(|piece| push_capitalised(&mut joined, piece));
    joined
}

/// `phone-panel` → `PhonePanel`.
fn pascal_case(name: &str) -> String {
    let mut joined = String::new();
    name.split('-').for_each(|piece| push_capitalised(&mut joined, piece));
    joined
}

fn push_capitalised(joined: &mut String, piece: &str) {
    let mut characters = piece.chars();
    joined.extend(characters.next().into_iter().flat_map(char::to_uppercase));
    joined.push_str(characters.as_str());
}
