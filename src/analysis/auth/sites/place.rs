//! Where a listener can stand, and how things are named there.

use super::super::Builder;
use super::super::clients::FoundClient;
use super::super::listeners::Listeners;
use crate::analysis::edit_sites::{EventSite, RenewalSite, Slot};
use crate::analysis::scopes::{ScopeId, ScopeKind};
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::catalog::sdk::Form;
use crate::fix::renewal;
use crate::hir::visit::Node;
use crate::hir::{AssignOp, BindingKind, ExprId, ExprKind, Imported, Literal, PatKind, ProgramKind, StmtId, StmtKind};
use crate::source::Span;

/// The scope of the page, which classic scripts share: the first of every module.
const PAGE: ScopeId = ScopeId(0);

/// A place behind a statement.
#[derive(Clone, Copy)]
pub(super) struct Place<'u> {
    pub(super) unit: &'u Unit,
    pub(super) statement: StmtId,
    /// What names mean there.
    pub(super) scope: ScopeId,
}

/// How a client is kept.
struct Kept {
    text: String,
    /// The name that the text starts with.
    root: String,
    may_change: bool,
}

impl<'w> Builder<'w> {
    /// Where and how a client without refresh can be given one; none where it is not certain that what is written there would work.
    pub(in crate::analysis::auth) fn renewal_site(&self, found: &FoundClient, listeners: &Listeners) -> Option<RenewalSite> {
        let unit = self.workspace.unit(found.site.file).filter(|unit| unit.is_script_like())?;
        let is_constructor = found.form().is_some_and(|form| form.form == Form::Constructor);
        if !is_constructor || !found.sdk.warns_before_expiry || !renewal::fits(&found.sdk) {
            return None;
        }
        let statement = unit.parents.enclosing_stmt(Node::Expr(found.site.expr)).filter(|statement| unit.is_in_list(*statement))?;
        let kept = unit.kept(statement, found.site.expr)?;
        let span = unit.module[statement].span;
        let (end, _) = unit.rest_of_line(span.end).filter(|_| unit.is_first_on_line(unit.with_export(span).start))?;
        let place = Place { unit, statement, scope: unit.scope_of(statement)? };
        let token = self.token_source(found, place)?;
        if token.names.iter().any(|name| **name == *kept.root) {
            return None;
        }
        let list = |expr: ExprId| unit.parents.enclosing_stmt(Node::Expr(expr)).map(|statement| unit.parents.parent(Node::Stmt(statement)));
        let own = list(found.site.expr);
        let siblings = listeners.clients.iter().filter(|client| client.site.file == unit.file && list(client.site.expr) == own).count();
        Some(RenewalSite {
            at: unit.at(Span { start: end, end }),
            margin: unit.margin(span.start).to_owned(),
            style: unit.style(),
            flag: place.flag(&kept.text, siblings)?,
            client: kept.text,
            may_change: kept.may_change,
            event: Self::event_site(found, place)?,
            token: token.source,
        })
    }

    /// How the warning is named: as the file names events, by the constant where it can be had.
    fn event_site(found: &FoundClient, place: Place<'w>) -> Option<EventSite> {
        let unit = place.unit;
        let live = &found.sdk.live;
        let text = EventSite::Text(live.warning_events.first()?.clone());
        let (table, member) = live.warning_constants.first()?.split_once('.')?;
        let package = found.sdk.core.as_deref()?;
        let of_package = || unit.module.imports.iter().enumerate().filter(|(_, import)| !import.type_only && *import.specifier == *package);
        let is_value = |import: usize, name: usize, local: &str| {
            unit.scopes
                .lookup(place.scope, local)
                .is_some_and(|symbol| unit.usage.writes(symbol).iter().any(|write| write.kind == WriteKind::Import { import, name }))
        };
        for (index, import) in of_package() {
            for (position, name) in import.names.iter().enumerate() {
                let binding = &unit.module[name.local];
                let visible = binding.kind == BindingKind::Import && is_value(index, position, &binding.name);
                match &name.imported {
                    Imported::Named(imported) if **imported == *table && visible => {
                        return Some(EventSite::Constant(format!("{}.{member}", binding.name)));
                    }
                    Imported::Namespace if visible => return Some(EventSite::Constant(format!("{}.{table}.{member}", binding.name))),
                    _ => {}
                }
            }
        }
        let spells_events = live.listen.iter().flat_map(|method| unit.usage.method_calls(method)).any(|call| match &unit.module[*call].kind {
            ExprKind::Call { args, .. } => args.first().is_some_and(|event| {
                matches!(&unit.module[event.expr].kind, ExprKind::Literal(Literal::String(event)) if live.other_events.iter().any(|other| **other == **event))
            }),
            _ => false,
        });
        if spells_events || unit.scopes.lookup(place.scope, table).is_some() {
            return Some(text);
        }
        let last = of_package().find_map(|(_, import)| {
            let name = import.names.iter().rev().find(|name| matches!(name.imported, Imported::Named(_)))?;
            Some(unit.module[name.local].span)
        });
        let Some(last) = last.filter(|_| !unit.declares_at_top(table)) else { return Some(text) };
        let newline = if unit.source.text.contains("\r\n") { "\r\n" } else { "\n" };
        let own_line = unit.is_first_on_line(last.start);
        let before = if own_line { format!(",{newline}{}", unit.margin(last.start)) } else { ", ".to_owned() };
        let slot = Slot { at: unit.at(Span { start: last.end, end: last.end }), before, after: String::new() };
        Some(EventSite::Imported { slot, table: table.to_owned(), member: member.to_owned() })
    }
}

impl Place<'_> {
    /// A name for the note that a renewal is under way, which means nothing at the place.
    fn flag(&self, client: &str, siblings: usize) -> Option<String> {
        let words: String = client
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !matches!(*word, "this" | "current" | "value"))
            .map(capitalised)
            .collect();
        // Several clients of a file may stand in one block.
        let first = (siblings <= 1).then(|| "refreshing".to_owned());
        let names = first
            .into_iter()
            .chain(["refreshingToken".to_owned() + if siblings > 1 { &words } else { "" }, format!("refreshing{words}Token")]);
        names.into_iter().find(|name| self.unit.scopes.lookup(self.scope, name).is_none())
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl Unit {
    /// How a statement keeps the client that it makes.
    fn kept(&self, statement: StmtId, client: ExprId) -> Option<Kept> {
        match &self.module[statement].kind {
            StmtKind::Declare { kind, declarators } => {
                let [(pat, Some(init))] = declarators.as_slice() else { return None };
                let PatKind::Binding(binding) = self.module[*pat].kind else { return None };
                let text = self.module[binding].name.to_string();
                self.is_client_made(*init, client).then(|| Kept { root: text.clone(), text, may_change: *kind != BindingKind::Const })
            }
            StmtKind::Expr(expr) => {
                let ExprKind::Assign { op: AssignOp::Assign, target, value } = self.module[*expr].kind else { return None };
                let PatKind::Expr(target) = self.module[target].kind else { return None };
                let root = self.plain_root(target)?;
                let text = self.source.slice(self.module[target].span).to_owned();
                let root = self.source.slice(self.module[root].span).to_owned();
                (self.is_client_made(value, client) && !text.contains('\n')).then_some(Kept { text, root, may_change: true })
            }
            _ => None,
        }
    }

    /// Whether a value is the new client, or one of two new ones: `login ? new Client(a) : new Client(b)`.
    fn is_client_made(&self, value: ExprId, client: ExprId) -> bool {
        let value = self.uncast(value);
        let is_new = |expr: ExprId| matches!(self.module[self.uncast(expr)].kind, ExprKind::New { .. });
        match self.module[value].kind {
            ExprKind::Conditional { yes, no, .. } => {
                is_new(yes) && is_new(no) && [yes, no].into_iter().any(|side| self.uncast(side) == client)
            }
            _ => value == client,
        }
    }

    /// The start of `a`, `this.a`, `a.b.c`; none for anything else.
    fn plain_root(&self, mut expr: ExprId) -> Option<ExprId> {
        loop {
            match &self.module[expr].kind {
                ExprKind::Ident(_) | ExprKind::This => return Some(expr),
                ExprKind::Member { object, optional: false, .. } => expr = *object,
                _ => return None,
            }
        }
    }

    /// A statement's place with the `export` before it.
    fn with_export(&self, span: Span) -> Span {
        let export = self.module.exports.iter().map(|export| export.span).find(|export| export.contains(span));
        export.unwrap_or(span)
    }

    /// What names mean where a statement stands.
    pub(super) fn scope_of(&self, statement: StmtId) -> Option<ScopeId> {
        let around = self.parents.parent(Node::Stmt(statement));
        let Some(around) = around else { return self.program_scope(statement) };
        let scopes = (0u32..).map(ScopeId).zip(&self.scopes.scopes);
        // The body of a function is opened last.
        scopes.filter(|(_, scope)| scope.node == Some(around)).last().map(|(id, _)| id)
    }

    fn program_scope(&self, statement: StmtId) -> Option<ScopeId> {
        let index = self.parents.program(Node::Stmt(statement))?;
        let kind = self.module.programs.get(index)?.kind;
        if kind == ProgramKind::Classic {
            return Some(PAGE);
        }
        let before = self.module.programs.iter().take(index).filter(|program| program.kind == kind).count();
        let is_shared = matches!(kind, ProgramKind::Component | ProgramKind::Setup);
        let mut own = (0u32..).map(ScopeId).zip(&self.scopes.scopes).filter(|(_, scope)| scope.kind == ScopeKind::Program(kind));
        own.nth(if is_shared { 0 } else { before }).map(|(id, _)| id)
    }

    fn declares_at_top(&self, name: &str) -> bool {
        (0u32..)
            .map(crate::analysis::scopes::SymbolId)
            .zip(&self.scopes.symbols)
            .any(|(id, symbol)| &*symbol.name == name && self.scopes.is_top_level(id))
    }
}
