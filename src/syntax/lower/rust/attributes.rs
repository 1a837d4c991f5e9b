//! Attributes: what frameworks read (`#[get("/x")]`, `#[tauri::command]`), as decorators, and what serde calls a field.

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Lit, Meta, Token};

use super::Lowering;
use crate::hir::{Element, ExprId, ExprKind, Name, Property, PropertyKey};

/// Attributes that no framework reads.
const SILENT: [&str; 14] = [
    "doc",
    "derive",
    "allow",
    "warn",
    "deny",
    "expect",
    "inline",
    "must_use",
    "cfg",
    "cfg_attr",
    "repr",
    "serde",
    "error",
    "non_exhaustive",
];

/// Whether an item is only there for tests.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string();
            condition == "test"
                || condition.starts_with("all")
                    && condition.split(|c: char| !c.is_alphanumeric()).any(|word| word == "test")
                    && !condition.contains("not")
        }
        meta => meta.path().segments.last().is_some_and(|last| last.ident == "test"),
    })
}

/// What serde does to the names of a struct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Renaming {
    Camel,
    Pascal,
    Kebab,
    ScreamingSnake,
}

impl Renaming {
    /// The name of a field on the wire.
    pub(super) fn apply(self, field: &str) -> String {
        let words = field.split('_').filter(|word| !word.is_empty());
        let capital = |word: &str| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
        };
        match self {
            Self::Camel => words.enumerate().map(|(index, word)| if index == 0 { word.to_owned() } else { capital(word) }).collect(),
            Self::Pascal => words.map(capital).collect(),
            Self::Kebab => words.collect::<Vec<_>>().join("-"),
            Self::ScreamingSnake => field.to_uppercase(),
        }
    }
}

/// A text that serde's attribute gives under a key.
fn serde_text(attributes: &[Attribute], wanted: &[&str]) -> Option<String> {
    let lists = attributes.iter().filter(|attribute| attribute.path().is_ident("serde"));
    lists
        .filter_map(|attribute| match &attribute.meta {
            Meta::List(list) => list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok(),
            _ => None,
        })
        .flatten()
        .find_map(|meta| match meta {
            Meta::NameValue(pair) if wanted.iter().any(|key| pair.path.is_ident(key)) => match pair.value {
                Expr::Lit(literal) => match literal.lit {
                    Lit::Str(text) => Some(text.value()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        })
}

/// What serde does to the names of all fields.
pub(super) fn renaming(attributes: &[Attribute]) -> Option<Renaming> {
    match serde_text(attributes, &["rename_all"])?.as_str() {
        "camelCase" => Some(Renaming::Camel),
        "PascalCase" => Some(Renaming::Pascal),
        "kebab-case" => Some(Renaming::Kebab),
        "SCREAMING_SNAKE_CASE" => Some(Renaming::ScreamingSnake),
        _ => None,
    }
}

/// What serde calls one field.
pub(super) fn renamed(attributes: &[Attribute]) -> Option<String> {
    serde_text(attributes, &["rename"])
}

impl Lowering<'_, '_> {
    /// The attributes that somebody may read, as calls: `name = value` among their arguments is an object behind the others.
    pub(super) fn decorators(&mut self, attributes: &[Attribute]) -> Vec<ExprId> {
        let heard = |attribute: &&Attribute| !SILENT.iter().any(|silent| attribute.path().is_ident(silent));
        attributes.iter().filter(heard).map(|attribute| self.decorator(attribute)).collect()
    }

    fn decorator(&mut self, attribute: &Attribute) -> ExprId {
        let callee = self.path(attribute.path());
        let Meta::List(list) = &attribute.meta else { return callee };
        let span = Self::between(self.module[callee].span, self.span(list.delimiter.span().close()));
        let mut args = Vec::new();
        let mut named = Vec::new();
        for argument in list.parse_args_with(Punctuated::<Expr, Token![,]>::parse_terminated).into_iter().flatten() {
            match argument {
                Expr::Assign(pair) => {
                    let key = match &*pair.left {
                        Expr::Path(path) => path.path.get_ident().cloned(),
                        _ => None,
                    };
                    let value = self.expr(&pair.right);
                    if let Some(key) = key {
                        let span = self.span(key.span());
                        let name: Name = self.name(&key);
                        named.push(Property::Value { key: PropertyKey::Name(name, span), value });
                    }
                }
                other => args.push(Element { expr: self.expr(&other), spread: false }),
            }
        }
        if !named.is_empty() {
            let object = self.module.expr(span, ExprKind::Object(named));
            args.push(Element { expr: object, spread: false });
        }
        self.module.expr(span, ExprKind::Call { callee, args, optional: false })
    }
}
