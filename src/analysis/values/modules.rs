//! Imports and exports: from a name here to what another file, or a package, gives.

use super::calls::stepped_with;
use super::{Cursor, OriginKind, Site, Walk};
use crate::analysis::unit::Unit;
use crate::analysis::usage::{MemberKey, MemberObject, MemberWrite};
use crate::hir::{ExportKind, ExprId, Imported, Name};
use crate::project::Resolved;
use crate::source::{FileId, Location};

impl<'w> Walk<'w> {
    /// A statically imported name.
    pub(crate) fn import(&mut self, unit: &'w Unit, import: usize, name: usize, at: Location, cursor: &Cursor) {
        let Some(import) = unit.module.imports.get(import) else { return };
        let Some(name) = import.names.get(name) else { return };
        let next = stepped_with(cursor, at, || format!("imported from `{}`", import.specifier));
        match &name.imported {
            Imported::Namespace => self.namespace(unit, at, &import.specifier, &next),
            Imported::Default => self.namespace(unit, at, &import.specifier, &next.below([Name::from("default")])),
            Imported::Named(export) => self.namespace(unit, at, &import.specifier, &next.below([export.clone()])),
        }
    }

    /// A whole module, and below it the exports.
    pub(crate) fn namespace(&mut self, unit: &'w Unit, at: Location, specifier: &str, cursor: &Cursor) {
        if unit.is_rust() {
            self.rust_namespace(unit, at, specifier, cursor);
            return;
        }
        match self.values.workspace.resolve(unit.file, specifier) {
            Resolved::File(file) => {
                let mut next = cursor.clone();
                next.frames = None;
                self.export(file, at, &next, 0);
            }
            Resolved::Package { .. } | Resolved::Builtin(_) | Resolved::Missing => {
                let package = self.values.workspace.package_specifier(unit.file, specifier);
                if self.values.apis().is_env_module(&package)
                    && let Some(variable) = cursor.path.iter().find(|segment| !matches!(&***segment, "default" | "env")).cloned()
                {
                    let used = cursor.path.iter().position(|segment| *segment == variable).map_or(0, |index| index + 1);
                    let left = cursor.path.iter().skip(used).cloned().collect();
                    self.born(at, OriginKind::Env { name: variable, mechanism: super::EnvMechanism::Framework }, &cursor.with_path(left));
                    return;
                }
                if unit.is_python() && self.python_package(unit, at, &package, cursor) {
                    return;
                }
                let path = cursor.path.clone();
                self.born(at, OriginKind::Package { package: Name::from(package), path }, &cursor.with_path(Vec::new()));
            }
        }
    }

    /// What a file exports, below the cursor's path (whose first segment is the export's name).
    pub(super) fn export(&mut self, file: FileId, at: Location, cursor: &Cursor, hops: u8) {
        let Some(unit) = self.values.unit(file) else {
            self.born(at, OriginKind::Unknown, cursor);
            return;
        };
        if hops > 12 || self.fuel == 0 {
            self.limited = true;
            return;
        }
        self.fuel -= 1;
        if let Some(value) = unit.module.value {
            let value = Site { file, expr: value };
            let inner = if cursor.head().is_some_and(|head| &**head == "default") { cursor.rest() } else { cursor.clone() };
            self.expr(value, &inner);
            return;
        }
        let Some(wanted) = cursor.head().cloned() else {
            self.common_js(unit, cursor);
            return;
        };
        let inner = cursor.rest();
        let mut found = false;
        for export in &unit.module.exports {
            match &export.kind {
                ExportKind::Binding { name, binding } if *name == wanted => {
                    found = true;
                    if let Some(symbol) = unit.scopes.symbol_of_binding(*binding) {
                        self.symbol(unit, symbol, None, &inner);
                    }
                }
                ExportKind::Expr { name, expr } if *name == wanted || (&**name == "export=" && &*wanted == "default") => {
                    found = true;
                    self.expr(Site { file, expr: *expr }, &inner);
                }
                ExportKind::Expr { name, expr } if &**name == "export=" => {
                    found = true;
                    self.expr(Site { file, expr: *expr }, cursor);
                }
                ExportKind::From { name, imported, specifier, specifier_span } if *name == wanted => {
                    found = true;
                    let below = match imported {
                        Imported::Named(export) => inner.below([export.clone()]),
                        Imported::Default => inner.below([Name::from("default")]),
                        Imported::Namespace => inner.clone(),
                    };
                    self.through(unit, specifier, unit.at(*specifier_span), &below, hops);
                }
                _ => {}
            }
        }
        if found {
            return;
        }
        for export in &unit.module.exports {
            if let ExportKind::Star { specifier, specifier_span } = &export.kind
                && &*wanted != "default"
            {
                self.through(unit, specifier, unit.at(*specifier_span), cursor, hops);
            }
        }
        if unit.is_rust() {
            // A module that is declared where this file does not show it: `mod` in another root of the same crate.
            if let Resolved::File(module) = self.values.workspace.resolve(file, &format!("self::{wanted}"))
                && module != file
            {
                self.export(module, at, &inner, hops + 1);
            }
            return;
        }
        // `import a.b` gives `a`, whose member `b` is a module.
        if unit.is_python() {
            let below = format!(".{wanted}");
            if unit.source.path.ends_with("__init__.py")
                && let Resolved::File(module) = self.values.workspace.resolve(file, &below)
                && module != file
            {
                self.export(module, at, &inner, hops + 1);
            }
            return;
        }
        self.common_js(unit, cursor);
        // `import x from "./x.cjs"`: the default import of a CommonJS module is `module.exports`.
        if &*wanted == "default" {
            self.common_js(unit, &inner);
        }
    }

    fn through(&mut self, unit: &'w Unit, specifier: &str, at: Location, cursor: &Cursor, hops: u8) {
        match self.values.workspace.resolve(unit.file, specifier) {
            Resolved::File(file) => self.export(file, at, cursor, hops + 1),
            _ => self.namespace(unit, at, specifier, cursor),
        }
    }

    /// `module.exports = …`, `exports.x = …`, `module.exports.x = …`.
    fn common_js(&mut self, unit: &'w Unit, cursor: &Cursor) {
        let mut writes: Vec<&MemberWrite> = ["module", "exports"].into_iter().flat_map(|name| unit.usage.global_writes(name)).collect();
        writes.sort_by_key(|write| write.span);
        for write in writes {
            let MemberObject::Global(object) = &write.object else { continue };
            let keys: Vec<&str> = write
                .keys
                .iter()
                .map(|key| match key {
                    MemberKey::Name(name) => &**name,
                    MemberKey::Computed(_) | MemberKey::Put(_) => "",
                })
                .collect();
            let taken: &[&str] = match (&**object, keys.as_slice()) {
                ("module", ["exports", rest @ ..]) => rest,
                ("exports", rest) => rest,
                _ => continue,
            };
            if cursor.path.len() >= taken.len() && cursor.path.iter().zip(taken).all(|(asked, key)| &**asked == *key) {
                let below = cursor.with_path(cursor.path.iter().skip(taken.len()).cloned().collect());
                self.written(unit, &write.kind, &write.path, write.span, &below);
            }
        }
    }
}

impl Unit {
    /// Whether the module's default export is the variable of this name.
    pub(crate) fn exports_as_default(&self, name: &str) -> bool {
        self.default_export()
            .is_some_and(|expr| matches!(&self.module[expr].kind, crate::hir::ExprKind::Ident(exported) if **exported == *name))
    }

    /// The expressions that the module exports as its default.
    #[must_use]
    pub fn default_export(&self) -> Option<ExprId> {
        self.module.exports.iter().find_map(|export| match &export.kind {
            ExportKind::Expr { name, expr } if &**name == "default" => Some(*expr),
            _ => None,
        })
    }
}
