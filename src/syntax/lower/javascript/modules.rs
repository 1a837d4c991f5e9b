//! Static imports and exports.

use super::Lowering;
use super::grammar::{Children, Field, Kind, Syntax};
use crate::hir::{BindingId, BindingKind, Export, ExportKind, ExprId, ExprKind, Import, Imported, ImportedName, Name, StmtKind};
use crate::source::Span;

impl<'t> Lowering<'_, 't> {
    /// An import statement.
    pub(super) fn import(&mut self, node: Syntax<'t>) -> StmtKind {
        let parts = self.children(node);
        let type_only = is_type_only(&parts);
        let mut source = parts.field(Field::Source);
        let mut names = Vec::new();
        if let Some(require) = parts.kind(Kind::ImportRequire) {
            let parts = self.children(require);
            source = parts.field(Field::Source);
            names.extend(parts.kind(Kind::Identifier).map(|local| self.imported(local, Imported::Namespace, type_only)));
        }
        if let Some(clause) = parts.kind(Kind::ImportClause) {
            self.import_clause(clause, type_only, &mut names);
        }
        if let Some((specifier, specifier_span)) = self.specifier(source) {
            self.module.imports.push(Import { span: node.span(), specifier, specifier_span, type_only, names });
        }
        StmtKind::Empty
    }

    fn import_clause(&mut self, clause: Syntax<'t>, type_only: bool, names: &mut Vec<ImportedName>) {
        for part in self.children(clause).0 {
            match part.kind {
                Kind::Identifier => names.push(self.imported(part, Imported::Default, type_only)),
                Kind::NamespaceImport => {
                    let local = self.children(part).kind(Kind::Identifier);
                    names.extend(local.map(|local| self.imported(local, Imported::Namespace, type_only)));
                }
                Kind::NamedImports => {
                    for specifier in self.children(part).0 {
                        let parts = self.children(specifier);
                        let Some(name) = parts.field(Field::Name) else { continue };
                        let Some(local) = parts.field(Field::Alias).or(Some(name)).filter(|local| local.kind == Kind::Identifier) else {
                            continue;
                        };
                        let imported = self.export_name(name);
                        names.push(self.imported(local, named(imported), type_only || is_type_only(&parts)));
                    }
                }
                _ => {}
            }
        }
    }

    fn imported(&mut self, local: Syntax<'t>, imported: Imported, type_only: bool) -> ImportedName {
        let kind = if type_only { BindingKind::TypeImport } else { BindingKind::Import };
        ImportedName { imported, local: self.declare(local, kind, None) }
    }

    /// An export statement: records what it exports and gives the statement that is left.
    pub(super) fn export(&mut self, node: Syntax<'t>) -> StmtKind {
        let parts = self.children(node);
        let is_default = parts.has(Kind::DefaultToken);
        if let Some(declaration) = parts.field(Field::Declaration) {
            let decorators = self.decorators(&parts);
            let kind = match declaration.kind {
                Kind::ClassDeclaration | Kind::AbstractClass => StmtKind::Class(self.class(declaration, true, decorators)),
                _ => self.stmt_kind(declaration),
            };
            for binding in self.declared(&kind) {
                let name = if is_default { self.intern("default") } else { self.module[binding].name.clone() };
                self.push_export(node.span(), false, ExportKind::Binding { name, binding });
            }
            return kind;
        }
        if let Some(value) = parts.field(Field::Value) {
            return self.export_value(node, value, is_default);
        }
        if parts.has(Kind::EqualsToken)
            && let Some(value) = parts.expression()
        {
            return self.export_value(node, value, false);
        }
        let source = self.specifier(parts.field(Field::Source));
        if let Some(clause) = parts.kind(Kind::ExportClause) {
            self.export_clause(clause, is_type_only(&parts), source.as_ref());
        } else if let Some((specifier, specifier_span)) = source {
            let alias = parts.kind(Kind::NamespaceExport).and_then(|export| self.children(export).0.into_iter().next_back());
            let kind = match alias {
                Some(alias) => ExportKind::From { name: self.export_name(alias), imported: Imported::Namespace, specifier, specifier_span },
                None => ExportKind::Star { specifier, specifier_span },
            };
            // `export type *` reaches the parser without its `type`, see `repair`.
            let type_only = self.slice(node.span()).trim_start_matches("export").trim_start().starts_with("type");
            self.push_export(node.span(), type_only, kind);
        }
        StmtKind::Empty
    }

    /// `export default value`, `export = value`.
    fn export_value(&mut self, node: Syntax<'t>, value: Syntax<'t>, is_default: bool) -> StmtKind {
        let expr = self.expr(value);
        // A mere name gets an expression of its own for the export, as `export { a }` does; anything else is shared, because it
        // must be visited once only.
        let exported = match &self.module[expr].kind {
            ExprKind::Ident(name) => {
                let ident = ExprKind::Ident(name.clone());
                self.module.expr(self.module[expr].span, ident)
            }
            _ => expr,
        };
        let name = self.intern(if is_default { "default" } else { "export=" });
        self.push_export(node.span(), false, ExportKind::Expr { name, expr: exported });
        if is_default { StmtKind::ExportDefault(expr) } else { StmtKind::Expr(expr) }
    }

    fn export_clause(&mut self, clause: Syntax<'t>, type_only: bool, source: Option<&(Name, Span)>) {
        for export in self.children(clause).0 {
            let parts = self.children(export);
            let Some(local) = parts.field(Field::Name).filter(|name| name.kind != Kind::Missing) else { continue };
            let name = self.export_name(parts.field(Field::Alias).unwrap_or(local));
            let kind = match source {
                Some((specifier, specifier_span)) => {
                    let imported = named(self.export_name(local));
                    ExportKind::From { name, imported, specifier: specifier.clone(), specifier_span: *specifier_span }
                }
                None => ExportKind::Expr { name, expr: self.exported_local(local) },
            };
            self.push_export(export.span(), type_only || is_type_only(&parts), kind);
        }
    }

    fn exported_local(&mut self, local: Syntax<'t>) -> ExprId {
        if local.kind == Kind::Identifier { self.identifier(local) } else { self.unknown(local.span()) }
    }

    fn push_export(&mut self, span: Span, type_only: bool, kind: ExportKind) {
        // What a namespace exports are its own members.
        if self.namespaces == 0 {
            self.module.exports.push(Export { span, type_only, kind });
        }
    }

    /// The names that a declaration exports. Of overloads only the one with a body counts.
    fn declared(&self, declaration: &StmtKind) -> Vec<BindingId> {
        match declaration {
            StmtKind::Function(function) if self.module[*function].body.is_some() => self.module[*function].name.into_iter().collect(),
            StmtKind::Class(class) => self.module[*class].name.into_iter().collect(),
            StmtKind::Enum { binding, .. } | StmtKind::Namespace { binding, .. } => vec![*binding],
            StmtKind::Declare { declarators, .. } => {
                let mut bindings = Vec::new();
                for (pat, _) in declarators {
                    self.declared_by(*pat, &mut bindings);
                }
                bindings
            }
            _ => Vec::new(),
        }
    }

    /// A module specifier and its place.
    fn specifier(&mut self, source: Option<Syntax<'t>>) -> Option<(Name, Span)> {
        let source = source.filter(|source| source.kind == Kind::String)?;
        Some((self.string_name(source), source.span()))
    }

    /// The name of an import or export, which may be a string.
    fn export_name(&mut self, node: Syntax<'t>) -> Name {
        if node.kind == Kind::String { self.string_name(node) } else { self.name(node) }
    }
}

fn named(name: Name) -> Imported {
    if &*name == "default" { Imported::Default } else { Imported::Named(name) }
}

/// Whether a statement or specifier says `type` (or Flow's `typeof`).
fn is_type_only(parts: &Children<'_>) -> bool {
    parts.has(Kind::TypeToken) || parts.has(Kind::TypeOfToken)
}
