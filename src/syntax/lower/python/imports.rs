//! Imports.
//!
//! `from a import b` may mean a name of the module `a` or the module `a.b`; what it means is for whoever knows the files (see
//! `project::python`), so it is lowered as the name here. `import a.b` binds `a` and also loads `a.b`: two imports, the second without a
//! name.

use tree_sitter::Node;

use super::Lowering;
use crate::hir::{Binding, BindingId, BindingKind, Export, ExportKind, Import, Imported, ImportedName, Name, PatKind, StmtId, StmtKind};
use crate::source::Span;

impl<'t> Lowering<'_, 't> {
    /// An import statement. What it binds is declared where it stands, as any other name.
    pub(super) fn import(&mut self, node: Node<'t>, into: &mut Vec<StmtId>) {
        let span = Self::span(node);
        let mut locals = Vec::new();
        if node.kind() == "import_statement" {
            for child in Self::children(node) {
                self.import_module(child, span, &mut locals);
            }
        } else {
            let module = node.child_by_field_name("module_name");
            let specifier: Name = match module {
                Some(module) => self.specifier(module),
                None => self.intern("__future__"),
            };
            let specifier_span = module.map_or(span, Self::span);
            let mut names = Vec::new();
            for child in Self::fields(node, "name") {
                let (name, local) = Self::aliased(child);
                let imported = Imported::Named(self.name(name));
                let local = self.imported(local);
                locals.push(local);
                names.push(ImportedName { imported, local });
            }
            if Self::children(node).iter().any(|child| child.kind() == "wildcard_import") {
                let kind = ExportKind::Star { specifier: specifier.clone(), specifier_span };
                self.module.exports.push(Export { span, type_only: false, kind });
            }
            let at_top = self.frames.len() == 1;
            for name in names.iter().filter(|_| at_top) {
                let local = self.module[name.local].name.clone();
                let kind = ExportKind::From { name: local, imported: name.imported.clone(), specifier: specifier.clone(), specifier_span };
                self.module.exports.push(Export { span, type_only: false, kind });
            }
            self.module.imports.push(Import { span, specifier, specifier_span, type_only: false, names });
        }
        let declarators =
            locals.into_iter().map(|local| (self.module.pat(self.module[local].span, PatKind::Binding(local)), None)).collect();
        into.push(self.module.stmt(span, StmtKind::Declare { kind: BindingKind::Import, declarators }));
    }

    /// One module of `import a, b.c as d`.
    fn import_module(&mut self, node: Node<'t>, span: Span, locals: &mut Vec<BindingId>) {
        let (module, local) = Self::aliased(node);
        let specifier = self.specifier(module);
        let specifier_span = Self::span(module);
        let mut import = |lowering: &mut Self, specifier: Name, local: Option<Node<'t>>| {
            let mut names = Vec::new();
            if let Some(local) = local {
                let local = lowering.imported(local);
                locals.push(local);
                names.push(ImportedName { imported: Imported::Namespace, local });
            }
            lowering.module.imports.push(Import { span, specifier, specifier_span, type_only: false, names });
        };
        if node.kind() == "aliased_import" {
            import(self, specifier, Some(local));
            return;
        }
        let parts = Self::children(module);
        let Some(first) = parts.first().copied() else { return };
        let package = self.name(first);
        import(self, package, Some(first));
        if parts.len() > 1 {
            import(self, specifier, None);
        }
    }

    /// The imported name and the one that it gets here.
    fn aliased(node: Node<'t>) -> (Node<'t>, Node<'t>) {
        match (node.child_by_field_name("name"), node.child_by_field_name("alias")) {
            (Some(name), Some(alias)) => (name, alias),
            _ => (node, node),
        }
    }

    fn imported(&mut self, local: Node<'t>) -> BindingId {
        let name = self.name(local);
        self.module.binding(Binding { name, span: Self::span(local), kind: BindingKind::Import, type_name: None })
    }

    /// A module's name as one word: blanks may stand around its dots.
    fn specifier(&mut self, node: Node<'t>) -> Name {
        let text: String = self.slice(Self::span(node)).chars().filter(|character| !character.is_whitespace()).collect();
        self.intern(&text)
    }
}
