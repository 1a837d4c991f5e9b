//! The walk that ties references to symbols.
//!
//! It goes down the scope tree with one table of what each name means at the moment, set on entering a scope and put back
//! on leaving it. So the time does not depend on how deep scopes nest, which looking outwards from each reference would.

use crate::analysis::grouped::Grouped;
use crate::hir::{Module, ProgramKind};

use super::declare::{Declared, PAGE};
use super::{Reference, ScopeId, ScopeKind, Scopes, SymbolId};

/// Resolves every reference.
pub(super) fn bind(module: &Module, declared: Declared) -> Scopes {
    let Declared { scopes, symbols, by_binding, table, references } = declared;
    let ids = || (0..).map(ScopeId);
    let nested = ids().zip(&scopes).filter_map(|(id, scope)| Some((scope.parent?.index(), id)));
    let nested = Grouped::new(scopes.len(), nested.collect());
    let names = Grouped::new(scopes.len(), table.symbols.iter().map(|((scope, name), symbol)| (scope.index(), (*name, *symbol))).collect());
    let mentions = Grouped::new(scopes.len(), references.iter().map(|mention| (mention.scope.index(), mention)).collect());

    let mut by_expr = vec![None; module.exprs.len()];
    let mut visible: Vec<Option<SymbolId>> = vec![None; table.names.len()];
    let mut hidden: Vec<(u32, Option<SymbolId>)> = Vec::new();
    let roots = ids().zip(&scopes).filter(|(_, scope)| scope.parent.is_none());
    let mut work: Vec<Step> = roots.map(|(id, _)| Step::Enter { scope: id, in_template: false }).collect();
    while let Some(step) = work.pop() {
        match step {
            Step::Enter { scope, in_template } => {
                let kind = scopes.get(scope.index()).map(|scope| scope.kind);
                let in_template = in_template || kind == Some(ScopeKind::Program(ProgramKind::Inline));
                work.push(Step::Leave { hidden: hidden.len() });
                for (name, symbol) in names.of(scope.index()) {
                    if let Some(slot) = visible.get_mut(*name as usize) {
                        hidden.push((*name, slot.replace(*symbol)));
                    }
                }
                for mention in mentions.of(scope.index()) {
                    let symbol = visible.get(mention.name as usize).copied().flatten();
                    let symbol = symbol.or_else(|| if in_template { table.symbols.get(&(PAGE, mention.name)).copied() } else { None });
                    if let Some(slot) = by_expr.get_mut(mention.expr.index()) {
                        *slot = Some(symbol.map_or(Reference::Global, Reference::Symbol));
                    }
                }
                work.extend(nested.of(scope.index()).iter().map(|scope| Step::Enter { scope: *scope, in_template }));
            }
            Step::Leave { hidden: mark } => {
                for (name, before) in hidden.drain(mark.min(hidden.len())..).rev() {
                    if let Some(slot) = visible.get_mut(name as usize) {
                        *slot = before;
                    }
                }
            }
        }
    }

    let mut unresolved = Vec::new();
    let mut resolved = Vec::new();
    for mention in &references {
        match by_expr.get(mention.expr.index()).copied().flatten() {
            Some(Reference::Symbol(symbol)) => resolved.push((symbol.index(), mention.expr)),
            Some(Reference::Global) | None => unresolved.push(mention.expr),
        }
    }
    let references = Grouped::new(symbols.len(), resolved);
    Scopes { scopes, symbols, unresolved, by_binding, by_expr, references, table }
}

enum Step {
    Enter {
        scope: ScopeId,
        /// Inside a template expression or handler, which also sees the page's scripts from within server script.
        in_template: bool,
    },
    Leave {
        /// How many meanings were hidden before the scope.
        hidden: usize,
    },
}
