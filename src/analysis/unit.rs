//! A parsed file with the tables that the analysis asks of it.

use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::parents::Parents;
use super::scopes::{Scopes, SymbolId};
use super::usage::{PatternStep, Usage, WriteKind};
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, Literal, Module, Name};
use crate::source::{FileId, Location, SourceFile, Span};

/// One file, lowered, with names resolved.
#[derive(Debug)]
pub struct Unit {
    /// The file.
    pub file: FileId,
    /// Its text.
    pub source: Arc<SourceFile>,
    /// What it means.
    pub module: Module,
    /// Scopes and symbols.
    pub scopes: Scopes,
    /// Parent of each node.
    pub parents: Parents,
    /// Writes, calls and returns by symbol and function.
    pub usage: Usage,
    tables: Tables,
}

/// What is asked of a unit again and again but not of every unit: made by the first question.
#[derive(Debug, Default)]
struct Tables {
    destructured: OnceLock<FxHashMap<Name, Vec<SymbolId>>>,
    selected: OnceLock<FxHashMap<Name, Vec<SymbolId>>>,
    loaded: OnceLock<Vec<Loaded>>,
    guarded: OnceLock<FxHashSet<Node>>,
}

/// A name that is taken out of a module loaded by a call: `const { property: symbol } = await import("specifier")`.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The local name.
    pub(crate) symbol: SymbolId,
    /// The export.
    pub(crate) property: Name,
    /// The module.
    pub(crate) specifier: Name,
}

impl Unit {
    /// Builds the tables of a lowered module.
    #[must_use]
    pub fn new(source: Arc<SourceFile>, module: Module) -> Self {
        let scopes = super::scopes::resolve(&module);
        let parents = Parents::of(&module);
        let usage = Usage::of(&module, &scopes, &parents);
        Self { file: source.id, source, module, scopes, parents, usage, tables: Tables::default() }
    }

    /// A location in this file.
    #[must_use]
    pub fn at(&self, span: Span) -> Location {
        Location::new(self.file, span)
    }

    /// Names that are taken out of an object by the property `name`: `const { connect } = …`, `({ onLogin }) => …`.
    pub fn destructured(&self, name: &str) -> &[SymbolId] {
        let table = self.tables.destructured.get_or_init(|| {
            let mut table: FxHashMap<Name, Vec<SymbolId>> = FxHashMap::default();
            for symbol in self.symbols() {
                for write in self.usage.writes(symbol) {
                    let last = write.path.iter().rev().find(|step| !matches!(step, PatternStep::Default(_)));
                    if let Some(PatternStep::Property(name)) = last {
                        table.entry(name.clone()).or_default().push(symbol);
                    }
                }
            }
            table
        });
        table.get(name).map_or(&[], Vec::as_slice)
    }

    /// Names that stand for the member `name` of something: `const connect = usePhone((state) => state.connect)`,
    /// `const connect = phone.connect`.
    pub(crate) fn selected(&self, name: &str) -> &[SymbolId] {
        let table = self.tables.selected.get_or_init(|| {
            let mut table: FxHashMap<Name, Vec<SymbolId>> = FxHashMap::default();
            for symbol in self.symbols() {
                for write in self.usage.writes(symbol) {
                    if let (WriteKind::Declared { init: Some(init) }, []) = (write.kind, write.path.as_slice())
                        && let Some(name) = self.picked_member(init)
                    {
                        table.entry(name).or_default().push(symbol);
                    }
                }
            }
            table
        });
        table.get(name).map_or(&[], Vec::as_slice)
    }

    /// For `object.member` and for `read((state) => state.member)`: `member`.
    fn picked_member(&self, read: ExprId) -> Option<Name> {
        let args = match &self.module[self.uncast(read)].kind {
            ExprKind::Member { property, .. } => return Some(property.clone()),
            ExprKind::Call { args, .. } => args,
            _ => return None,
        };
        let ExprKind::Function(selector) = self.module[self.uncast(args.last()?.expr)].kind else { return None };
        let [answer] = self.usage.returns(selector) else { return None };
        match &self.module[self.uncast(*answer)].kind {
            ExprKind::Member { property, .. } => Some(property.clone()),
            _ => None,
        }
    }

    /// Names that are taken out of modules loaded by a call, in symbol order.
    pub(crate) fn loaded(&self) -> &[Loaded] {
        self.tables.loaded.get_or_init(|| {
            let mut loaded = Vec::new();
            for symbol in self.symbols() {
                for write in self.usage.writes(symbol) {
                    if let (WriteKind::Declared { init: Some(init) }, Some(PatternStep::Property(property))) =
                        (write.kind, write.path.first())
                        && let Some(specifier) = self.loaded_specifier(init)
                    {
                        loaded.push(Loaded { symbol, property: property.clone(), specifier });
                    }
                }
            }
            loaded
        })
    }

    /// The outermost nodes that only run in development.
    pub(crate) fn guarded(&self) -> &FxHashSet<Node> {
        self.tables.guarded.get_or_init(|| super::guards::guarded(self))
    }

    fn symbols(&self) -> impl Iterator<Item = SymbolId> + use<> {
        (0..u32::try_from(self.scopes.symbols.len()).unwrap_or(u32::MAX)).map(SymbolId)
    }

    /// The specifier that `await import("x")` or `require("x")` loads.
    fn loaded_specifier(&self, expr: ExprId) -> Option<Name> {
        let text = |expr: ExprId| match &self.module[expr].kind {
            ExprKind::Literal(Literal::String(text)) => Some(text.clone()),
            _ => None,
        };
        match &self.module[self.uncast(expr)].kind {
            ExprKind::Await(inner) => self.loaded_specifier(*inner),
            ExprKind::ImportCall { specifier } => text(*specifier),
            ExprKind::Call { callee, args, .. } if matches!(&self.module[*callee].kind, ExprKind::Ident(name) if &**name == "require") => {
                args.first().and_then(|first| text(first.expr))
            }
            _ => None,
        }
    }
}
