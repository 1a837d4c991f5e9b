//! Writes through another name: `const p = options; p.token = t`, `fill(options)` of a function that writes to its parameter, and writes in
//! the files that import the object.

use super::instances::bound;
use super::{Cursor, FunctionSite, Receiver, Site, Values, Walk};
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::hir::visit::Node;
use crate::hir::{Element, ExprId, ExprKind, PatKind};

/// Names that stand in more places are not looked at.
const REFERENCES: usize = 48;

impl<'w> Walk<'w> {
    /// Follows the writes to members of the object that a symbol holds, made through other names of it.
    pub(crate) fn aliased(&mut self, unit: &'w Unit, symbol: SymbolId, cursor: &Cursor) {
        let references = unit.scopes.references(symbol);
        if cursor.path.is_empty() || references.len() > REFERENCES {
            return;
        }
        for reference in references {
            if self.is_spent() {
                return;
            }
            if let Some(alias) = unit.declared_symbol(*reference).filter(|alias| *alias != symbol) {
                self.member_writes(unit, alias, cursor);
            } else if let Some(Node::Expr(call)) = unit.parents.parent(Node::Expr(*reference))
                && let ExprKind::Call { callee, args, .. } = &unit.module[call].kind
                && let Some(position) = args.iter().position(|arg| arg.expr == *reference && !arg.spread)
            {
                self.filled(unit, call, *callee, args, position, cursor);
            }
        }
    }

    /// A function that is given the object and may write to it.
    fn filled(&mut self, unit: &'w Unit, call: ExprId, callee: ExprId, args: &'w [Element], position: usize, cursor: &Cursor) {
        let Some((other, function)) = self.values.plain_callee(unit, callee) else { return };
        let Some(param) = other.module[function.function].params.get(position).filter(|param| !param.rest) else { return };
        let PatKind::Binding(binding) = other.module[param.pat].kind else { return };
        let Some(symbol) = other.scopes.symbol_of_binding(binding) else { return };
        let writes = other.usage.member_writes_of(symbol).next().is_some() || other.usage.mutations_of(symbol).next().is_some();
        let recursive = std::iter::successors(cursor.frames.as_ref(), |frame| frame.outer.as_ref()).any(|frame| frame.function == function);
        if !writes || recursive {
            return;
        }
        let site = Site { file: unit.file, expr: call };
        let mut inside = cursor.clone();
        inside.frames = self.framed(function, bound(site, args), Receiver::OfCall(site), &cursor.frames);
        self.member_writes(other, symbol, &inside);
    }

    fn member_writes(&mut self, unit: &'w Unit, symbol: SymbolId, cursor: &Cursor) {
        for write in unit.usage.member_writes_of(symbol) {
            self.member_written(unit, write, cursor);
        }
        for write in unit.usage.mutations_of(symbol) {
            self.put(unit, write, cursor);
        }
    }

    /// Writes to members of an exported object in the files that import it.
    pub(crate) fn written_elsewhere(&mut self, unit: &'w Unit, symbol: SymbolId, cursor: &Cursor) {
        let mut outside = cursor.clone();
        outside.frames = None;
        for (importer, imported) in self.values.workspace.importing_symbols(unit, symbol) {
            if self.is_spent() {
                return;
            }
            self.member_writes(importer, imported, &outside);
        }
    }
}

impl<'w> Values<'w> {
    /// The function of the project that a name is, without a question.
    fn plain_callee(&self, unit: &'w Unit, callee: ExprId) -> Option<(&'w Unit, FunctionSite)> {
        let (unit, symbol) = self.declaration(unit, unit.scopes.symbol_of_expr(callee)?)?;
        let function = match unit.usage.writes(symbol) {
            [write] if write.path.is_empty() => match write.kind {
                WriteKind::Function(function) => function,
                WriteKind::Declared { init: Some(init) } => match unit.module[unit.uncast(init)].kind {
                    ExprKind::Function(function) => function,
                    _ => return None,
                },
                _ => return None,
            },
            _ => return None,
        };
        Some((unit, FunctionSite { file: unit.file, function }))
    }

    /// Where a name is declared: here, or in the file that it is imported from directly.
    pub(crate) fn declaration(&self, unit: &'w Unit, symbol: SymbolId) -> Option<(&'w Unit, SymbolId)> {
        match unit.usage.writes(symbol) {
            [write] if matches!(write.kind, WriteKind::Import { .. }) => {
                let file = self.workspace.imported_file(unit, symbol)?;
                let name = unit.imported_name(symbol)?;
                let other = self.unit(file)?;
                Some((other, other.exported_symbol(name)?))
            }
            _ => Some((unit, symbol)),
        }
    }
}

impl Unit {
    /// The name under which an imported symbol is exported by its module.
    fn imported_name(&self, symbol: SymbolId) -> Option<&str> {
        let [write] = self.usage.writes(symbol) else { return None };
        let WriteKind::Import { import, name } = write.kind else { return None };
        match &self.module.imports.get(import)?.names.get(name)?.imported {
            crate::hir::Imported::Named(name) => Some(name),
            crate::hir::Imported::Default => Some("default"),
            crate::hir::Imported::Namespace => None,
        }
    }

    /// The symbol that a module exports under a name, directly.
    fn exported_symbol(&self, name: &str) -> Option<SymbolId> {
        self.module.exports.iter().find_map(|export| match &export.kind {
            crate::hir::ExportKind::Binding { name: exported, binding } if &**exported == name => self.scopes.symbol_of_binding(*binding),
            crate::hir::ExportKind::Expr { name: exported, expr } if &**exported == name => self.scopes.symbol_of_expr(*expr),
            _ => None,
        })
    }
}
