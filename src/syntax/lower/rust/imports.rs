//! `use` and `mod`.
//!
//! A specifier is the path up to the last name, as written: `use crate::a::b` takes `b` from `crate::a`, `mod a;` is all of `self::a`. Which
//! of its parts are files is for whoever knows the files (see `project::rust`).

use rustc_hash::FxHashSet;
use syn::{Attribute, Expr, Ident, Item, ItemMod, ItemUse, Lit, Meta, UseTree};

use super::Lowering;
use crate::hir::{Binding, BindingKind, Export, ExportKind, Import, Imported, ImportedName, Name};
use crate::source::Span;

/// How deep groups of imports may nest.
const NESTING: u32 = 32;
/// What goes before the address of a file that an attribute names.
pub(crate) const PATH: &str = "path:";

impl Lowering<'_, '_> {
    pub(super) fn use_item(&mut self, item: &ItemUse, at_top: bool) {
        let span = Self::between(self.span(item.use_token.span), self.span(item.semi_token.span));
        self.use_tree(&item.tree, &mut Vec::new(), span, at_top, 0);
    }

    fn use_tree(&mut self, tree: &UseTree, before: &mut Vec<(Name, Span)>, span: Span, at_top: bool, depth: u32) {
        if depth > NESTING {
            return;
        }
        match tree {
            UseTree::Path(path) => {
                let segment = (self.name(&path.ident), self.span(path.ident.span()));
                before.push(segment);
                self.use_tree(&path.tree, before, span, at_top, depth + 1);
                before.pop();
            }
            UseTree::Group(group) => {
                for item in &group.items {
                    self.use_tree(item, before, span, at_top, depth + 1);
                }
            }
            UseTree::Name(name) => self.leaf(before, &name.ident, &name.ident, span, at_top),
            UseTree::Rename(rename) => self.leaf(before, &rename.ident, &rename.rename, span, at_top),
            UseTree::Glob(_) => {
                let (specifier, specifier_span) = self.specifier(before, span);
                if !specifier.is_empty() {
                    self.module.imports.push(Import {
                        span,
                        specifier: specifier.clone(),
                        specifier_span,
                        type_only: false,
                        names: Vec::new(),
                    });
                    let kind = ExportKind::Star { specifier, specifier_span };
                    self.module.exports.push(Export { span, type_only: false, kind });
                }
            }
        }
    }

    fn leaf(&mut self, before: &[(Name, Span)], ident: &Ident, local: &Ident, span: Span, at_top: bool) {
        let wanted = self.name(ident);
        let local_span = self.span(local.span());
        let (path, imported) = match (&*wanted, before) {
            // `use a::b::{self}`, `use a;`
            ("self", _) => (before.to_vec(), None),
            (_, []) => (vec![(wanted.clone(), local_span)], None),
            _ => (before.to_vec(), Some(wanted.clone())),
        };
        let local_name = match (local == "self", path.last()) {
            (true, Some((last, _))) => last.clone(),
            _ => self.name(local),
        };
        if &*local_name == "_" {
            return;
        }
        let (specifier, specifier_span) = self.specifier(&path, span);
        let imported = imported.map_or(Imported::Namespace, Imported::Named);
        self.import_name(specifier, specifier_span, imported, local_name, local_span, span, at_top);
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one import")]
    fn import_name(&mut self, specifier: Name, specifier_span: Span, imported: Imported, name: Name, at: Span, span: Span, at_top: bool) {
        if at_top {
            let kind = ExportKind::From { name: name.clone(), imported: imported.clone(), specifier: specifier.clone(), specifier_span };
            self.module.exports.push(Export { span, type_only: false, kind });
        }
        let local = self.module.binding(Binding { name, span: at, kind: BindingKind::Import, type_name: None });
        let names = vec![ImportedName { imported, local }];
        self.module.imports.push(Import { span, specifier, specifier_span, type_only: false, names });
    }

    fn specifier(&mut self, path: &[(Name, Span)], otherwise: Span) -> (Name, Span) {
        let text: Vec<&str> = path.iter().map(|(name, _)| &**name).collect();
        let text = text.join("::");
        let span = match (path.first(), path.last()) {
            (Some((_, first)), Some((_, last))) => Self::between(*first, *last),
            _ => otherwise,
        };
        (self.intern(&text), span)
    }

    /// `mod name;`
    pub(super) fn outer_module(&mut self, item: &ItemMod) {
        let at = self.span(item.ident.span());
        let span = Self::between(self.span(item.mod_token.span), at);
        let name = self.name(&item.ident);
        let specifier = match file_of(&item.attrs) {
            Some(file) => self.intern(&format!("{PATH}{file}")),
            None => self.intern(&format!("self::{name}")),
        };
        self.import_name(specifier, at, Imported::Namespace, name, at, span, self.inline == 0);
    }
}

/// The names of the modules that a file declares or imports: small letters, as modules have them.
pub(super) fn module_names(items: &[Item]) -> FxHashSet<Name> {
    let mut names = FxHashSet::default();
    let mut open: Vec<(&UseTree, u32)> = Vec::new();
    for item in items {
        match item {
            Item::Mod(module) => {
                names.insert(Name::from(module.ident.to_string()));
            }
            Item::Use(import) => open.push((&import.tree, 0)),
            _ => {}
        }
    }
    while let Some((tree, depth)) = open.pop() {
        let ident = match tree {
            _ if depth > NESTING => continue,
            UseTree::Path(path) => {
                open.push((&path.tree, depth + 1));
                // `use a::b::{self, c}`
                matches!(&*path.tree, UseTree::Group(_)).then_some(&path.ident)
            }
            UseTree::Group(group) => {
                open.extend(group.items.iter().map(|item| (item, depth + 1)));
                None
            }
            UseTree::Name(name) => Some(&name.ident),
            UseTree::Rename(rename) => Some(&rename.rename),
            UseTree::Glob(_) => None,
        };
        let name = ident.map(ToString::to_string).filter(|name| name.starts_with(char::is_lowercase));
        names.extend(name.map(Name::from));
    }
    names
}

/// The file that `#[path = "file.rs"]` names.
fn file_of(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}
