//! The walk that opens scopes and declares names.
//!
//! Names are looked up only after the whole module is declared, which is what hoisting and temporal dead zones ask for: a
//! name belongs to its scope from the scope's first character. So one walk in source order is enough, and it needs no
//! enter and leave: every node on the work list carries its scope.

use crate::analysis::grouped::to_u32;
use crate::hir::visit::{self, Node};
use crate::hir::{
    BindingId, BindingKind, ClassId, ClassMemberKind, ExportKind, ExprId, ExprKind, FunctionBody, FunctionId, FunctionKind, Language,
    Module, Name, PatKind, ProgramKind, Property, PropertyKey, StmtId, StmtKind,
};
use crate::source::Span;

use super::{NameTable, Scope, ScopeId, ScopeKind, Symbol, SymbolId, SymbolKind};

/// The outermost scope.
pub(super) const PAGE: ScopeId = ScopeId(0);

/// An identifier expression.
pub(super) struct Mention {
    pub(super) expr: ExprId,
    /// The number of its name in the [`NameTable`].
    pub(super) name: u32,
    /// The scope that it stands in.
    pub(super) scope: ScopeId,
}

/// The declared names of a module and its references, not yet resolved.
pub(super) struct Declared {
    pub(super) scopes: Vec<Scope>,
    pub(super) symbols: Vec<Symbol>,
    pub(super) by_binding: Vec<Option<SymbolId>>,
    pub(super) table: NameTable,
    /// The identifier expressions in walking order.
    pub(super) references: Vec<Mention>,
}

/// Declares every name of a module.
pub(super) fn declare(module: &Module) -> Declared {
    let mut walk = Walk {
        module,
        scopes: Vec::new(),
        facts: Vec::new(),
        symbols: Vec::new(),
        by_binding: vec![None; module.bindings.len()],
        table: NameTable::default(),
        references: Vec::new(),
        seen: vec![false; module.exprs.len()],
        work: Vec::new(),
    };
    walk.module();
    Declared { scopes: walk.scopes, symbols: walk.symbols, by_binding: walk.by_binding, table: walk.table, references: walk.references }
}

/// What the walk must know of a scope besides its place in the tree.
#[derive(Clone, Copy)]
struct ScopeFacts {
    /// Where a `var` inside it is hoisted to.
    vars: ScopeId,
    /// Strict mode code: functions in blocks stay in their block.
    strict: bool,
}

struct Walk<'m> {
    module: &'m Module,
    scopes: Vec<Scope>,
    facts: Vec<ScopeFacts>,
    symbols: Vec<Symbol>,
    by_binding: Vec<Option<SymbolId>>,
    table: NameTable,
    references: Vec<Mention>,
    /// Expressions walked already: `export default x` is both a statement and an export.
    seen: Vec<bool>,
    /// What is still to be walked, last first.
    work: Vec<(Node, ScopeId)>,
}

impl Walk<'_> {
    fn module(&mut self) {
        let module = self.module;
        self.open(None, ScopeKind::Page, None);
        let (program_scopes, template) = self.program_scopes();
        let scope_at = |span: Span| {
            let after = module.programs.partition_point(|program| program.span.start <= span.start);
            after.checked_sub(1).and_then(|index| program_scopes.get(index).copied()).unwrap_or(PAGE)
        };
        for import in &module.imports {
            let scope = scope_at(import.span);
            for name in &import.names {
                self.declare(name.local, scope);
            }
        }
        for (program, scope) in module.programs.iter().zip(&program_scopes) {
            self.work.extend(program.body.iter().rev().map(|stmt| (Node::Stmt(*stmt), *scope)));
            self.drain();
        }
        for export in &module.exports {
            if let ExportKind::Expr { expr, .. } = export.kind {
                self.work.push((Node::Expr(expr), scope_at(export.span)));
                self.drain();
            }
        }
        let values = module.elements.iter().flat_map(crate::hir::MarkupElement::roots);
        for value in values.chain(module.value) {
            self.work.push((Node::Expr(value), template));
            self.drain();
        }
    }

    /// The scope of each script region, and the one that template expressions see.
    fn program_scopes(&mut self) -> (Vec<ScopeId>, ScopeId) {
        let programs = &self.module.programs;
        let has = |kind: ProgramKind| programs.iter().any(|program| program.kind == kind);
        let component =
            (has(ProgramKind::Component) || has(ProgramKind::Setup)).then(|| self.open_program(Some(PAGE), ProgramKind::Component));
        let setup = has(ProgramKind::Setup).then(|| self.open_program(component, ProgramKind::Setup));
        let server = has(ProgramKind::Server).then(|| self.open_program(None, ProgramKind::Server));
        let template = setup.or(component).or(server).unwrap_or(PAGE);
        let mut scopes = Vec::with_capacity(programs.len());
        for program in programs {
            let scope = match program.kind {
                ProgramKind::Module => self.open_program(Some(PAGE), ProgramKind::Module),
                ProgramKind::Classic => PAGE,
                ProgramKind::Setup => setup.unwrap_or(PAGE),
                ProgramKind::Component => component.unwrap_or(PAGE),
                ProgramKind::Server => server.unwrap_or(PAGE),
                ProgramKind::Inline => self.open_program(Some(template), ProgramKind::Inline),
            };
            if is_strict(&program.directives) {
                // A directive of one classic script binds only that script; its neighbours are seldom of the other mode.
                self.set_strict(scope);
            }
            scopes.push(scope);
        }
        (scopes, template)
    }

    fn drain(&mut self) {
        while let Some((node, scope)) = self.work.pop() {
            let start = self.work.len();
            match node {
                Node::Expr(id) => self.expr(id, scope),
                Node::Pat(id) => match self.module[id].kind {
                    PatKind::Binding(binding) => self.declare(binding, scope),
                    _ => self.children(node, scope),
                },
                Node::Stmt(id) => self.stmt(id, scope),
                Node::Function(id) => self.function(id, scope),
                Node::Class(id) => self.class(id, scope),
            }
            // Children were added in source order, and the work list is taken from its end.
            if let Some(added) = self.work.get_mut(start..) {
                added.reverse();
            }
        }
    }

    fn children(&mut self, node: Node, scope: ScopeId) {
        visit::children(self.module, node, &mut |child| self.work.push((child, scope)));
    }

    fn push(&mut self, node: Node, scope: ScopeId) {
        self.work.push((node, scope));
    }

    fn push_body(&mut self, body: &[StmtId], scope: ScopeId) {
        self.work.extend(body.iter().map(|stmt| (Node::Stmt(*stmt), scope)));
    }

    fn expr(&mut self, id: ExprId, scope: ScopeId) {
        match self.seen.get_mut(id.index()) {
            Some(seen) if !*seen => *seen = true,
            _ => return,
        }
        match &self.module[id].kind {
            ExprKind::Ident(name) => {
                let name = self.number(name);
                self.references.push(Mention { expr: id, name, scope });
            }
            _ => self.children(Node::Expr(id), scope),
        }
    }

    fn stmt(&mut self, id: StmtId, scope: ScopeId) {
        let node = Node::Stmt(id);
        let module = self.module;
        match &module[id].kind {
            StmtKind::Block(body) => {
                let block = self.open(Some(scope), ScopeKind::Block, Some(node));
                self.push_body(body, block);
            }
            StmtKind::For { .. } | StmtKind::ForEach { .. } => {
                // The iterated value stands inside too: there, a loop variable of the same name is in its dead zone.
                let head = self.open(Some(scope), ScopeKind::For, Some(node));
                self.children(node, head);
            }
            StmtKind::Switch { discriminant, cases } => {
                self.push(Node::Expr(*discriminant), scope);
                let block = self.open(Some(scope), ScopeKind::Switch, Some(node));
                for (test, body) in cases {
                    if let Some(test) = test {
                        self.push(Node::Expr(*test), block);
                    }
                    self.push_body(body, block);
                }
            }
            StmtKind::Try { block, param, handler, finalizer } => {
                self.push(Node::Stmt(*block), scope);
                let catch = self.open(Some(scope), ScopeKind::Catch, Some(node));
                if let Some(param) = param {
                    self.push(Node::Pat(*param), catch);
                }
                if let Some(handler) = handler {
                    self.push(Node::Stmt(*handler), catch);
                }
                if let Some(finalizer) = finalizer {
                    self.push(Node::Stmt(*finalizer), scope);
                }
            }
            StmtKind::Function(function) => {
                if let Some(name) = module[*function].name {
                    self.declare(name, scope);
                    self.hoist_from_block(name, *function, scope);
                }
                self.push(Node::Function(*function), scope);
            }
            StmtKind::Class(class) => {
                if let Some(name) = module[*class].name {
                    self.declare(name, scope);
                }
                self.push(Node::Class(*class), scope);
            }
            StmtKind::Enum { binding, object } => {
                self.declare(*binding, scope);
                let members = self.open(Some(scope), ScopeKind::Enum, Some(node));
                self.declare_members(*object, members);
                self.push(Node::Expr(*object), members);
            }
            StmtKind::Namespace { binding, body } => {
                self.declare(*binding, scope);
                let inside = self.open(Some(scope), ScopeKind::Namespace, Some(node));
                self.push_body(body, inside);
            }
            _ => self.children(node, scope),
        }
    }

    fn function(&mut self, id: FunctionId, scope: ScopeId) {
        let module = self.module;
        let function = &module[id];
        let node = Some(Node::Function(id));
        let mut around = scope;
        if let Some(name) = function.name
            && function.kind != FunctionKind::Declaration
        {
            around = self.open(Some(scope), ScopeKind::FunctionName, node);
            self.declare(name, around);
        }
        let params = self.open(Some(around), ScopeKind::Function, node);
        if is_strict(&function.directives) {
            self.set_strict(params);
        }
        for param in &function.params {
            // TypeScript evaluates a parameter's decorators with the class, where no parameter exists.
            for decorator in &param.decorators {
                self.push(Node::Expr(*decorator), around);
            }
            self.push(Node::Pat(param.pat), params);
        }
        match &function.body {
            Some(FunctionBody::Block(body)) => {
                let inside = self.open(Some(params), ScopeKind::FunctionBody, node);
                self.push_body(body, inside);
            }
            Some(FunctionBody::Expr(expr)) => self.push(Node::Expr(*expr), params),
            None => {}
        }
    }

    fn class(&mut self, id: ClassId, scope: ScopeId) {
        let module = self.module;
        let class = &module[id];
        for decorator in &class.decorators {
            self.push(Node::Expr(*decorator), scope);
        }
        let inside = self.open(Some(scope), ScopeKind::Class, Some(Node::Class(id)));
        self.set_strict(inside);
        if let Some(name) = class.name
            && !class.is_declaration
        {
            self.declare(name, inside);
        }
        if let Some(super_class) = class.super_class {
            self.push(Node::Expr(super_class), inside);
        }
        for member in &class.members {
            for decorator in &member.decorators {
                self.push(Node::Expr(*decorator), inside);
            }
            if let Some(PropertyKey::Computed(key)) = member.key {
                self.push(Node::Expr(key), inside);
            }
            match &member.kind {
                ClassMemberKind::Method(function) => self.push(Node::Function(*function), inside),
                ClassMemberKind::Field(Some(value)) => self.push(Node::Expr(*value), inside),
                ClassMemberKind::Field(None) => {}
                ClassMemberKind::StaticBlock(body) => {
                    let block = self.open(Some(inside), ScopeKind::StaticBlock, Some(Node::Class(id)));
                    self.push_body(body, block);
                }
            }
        }
    }

    fn declare_members(&mut self, object: ExprId, scope: ScopeId) {
        let ExprKind::Object(properties) = &self.module[object].kind else {
            return;
        };
        for property in properties {
            if let Property::Value { key: PropertyKey::Name(name, span), value } = property {
                let number = self.number(name);
                let symbol = self.symbol(name.clone(), scope, SymbolKind::EnumMember(*value), *span);
                self.table.symbols.entry((scope, number)).or_insert(symbol);
            }
        }
    }

    fn declare(&mut self, id: BindingId, scope: ScopeId) {
        let binding = &self.module[id];
        let kind = SymbolKind::Binding(binding.kind);
        if binding.kind == BindingKind::TypeImport {
            let symbol = self.symbol(binding.name.clone(), scope, kind, binding.span);
            self.tie(id, symbol);
            return;
        }
        let number = self.number(&binding.name);
        let scope = if binding.kind == BindingKind::Var { self.vars_of(scope) } else { scope };
        // A `var` or function that has a parameter's name is that parameter: it starts with the argument.
        let parameters = match (binding.kind, self.scopes.get(scope.index())) {
            (BindingKind::Var | BindingKind::Function, Some(Scope { parent: Some(parent), kind: ScopeKind::FunctionBody, .. })) => {
                self.table.symbols.get(&(*parent, number)).copied()
            }
            _ => None,
        };
        let known = parameters.or_else(|| self.table.symbols.get(&(scope, number)).copied());
        let symbol = known.unwrap_or_else(|| {
            let symbol = self.symbol(binding.name.clone(), scope, kind, binding.span);
            self.table.symbols.insert((scope, number), symbol);
            symbol
        });
        self.tie(id, symbol);
    }

    /// In sloppy code a plain function in a block is also a `var` of the function around it (ECMA-262, annex B.3.2).
    fn hoist_from_block(&mut self, id: BindingId, function: FunctionId, scope: ScopeId) {
        let function = &self.module[function];
        let target = self.vars_of(scope);
        let strict = self.facts.get(scope.index()).is_none_or(|facts| facts.strict);
        if strict || scope == target || function.is_async || function.is_generator {
            return;
        }
        let (Some(symbol), number) = (self.by_binding.get(id.index()).copied().flatten(), self.number(&self.module[id].name)) else {
            return;
        };
        let declared = |scope: ScopeId| self.table.symbols.contains_key(&(scope, number));
        let parent = |scope: ScopeId| self.scopes.get(scope.index()).and_then(|scope| scope.parent);
        // Not over a `let` that stands between, and not over a parameter.
        let mut between = std::iter::successors(parent(scope), |outer| if *outer == target { None } else { parent(*outer) });
        let in_body = self.scopes.get(target.index()).is_some_and(|target| target.kind == ScopeKind::FunctionBody);
        if between.any(declared) || (in_body && parent(target).is_some_and(declared)) {
            return;
        }
        self.table.symbols.insert((target, number), symbol);
    }

    fn tie(&mut self, binding: BindingId, symbol: SymbolId) {
        if let Some(slot) = self.by_binding.get_mut(binding.index())
            && slot.is_none()
        {
            *slot = Some(symbol);
            if let Some(symbol) = self.symbols.get_mut(symbol.index()) {
                symbol.bindings.push(binding);
            }
        }
    }

    fn symbol(&mut self, name: Name, scope: ScopeId, kind: SymbolKind, span: Span) -> SymbolId {
        let id = SymbolId(to_u32(self.symbols.len()));
        self.symbols.push(Symbol { name, scope, bindings: Vec::new(), kind, span });
        id
    }

    fn number(&mut self, name: &Name) -> u32 {
        if let Some(number) = self.table.names.get(name) {
            return *number;
        }
        let next = to_u32(self.table.names.len());
        self.table.names.insert(name.clone(), next);
        next
    }

    fn vars_of(&self, scope: ScopeId) -> ScopeId {
        self.facts.get(scope.index()).map_or(PAGE, |facts| facts.vars)
    }

    fn set_strict(&mut self, scope: ScopeId) {
        if let Some(facts) = self.facts.get_mut(scope.index()) {
            facts.strict = true;
        }
    }

    fn open_program(&mut self, parent: Option<ScopeId>, kind: ProgramKind) -> ScopeId {
        self.open(parent, ScopeKind::Program(kind), None)
    }

    fn open(&mut self, parent: Option<ScopeId>, kind: ScopeKind, node: Option<Node>) -> ScopeId {
        let id = ScopeId(to_u32(self.scopes.len()));
        let outer = parent.and_then(|parent| self.facts.get(parent.index()).copied());
        let vars = match kind {
            ScopeKind::Page
            | ScopeKind::Program(_)
            | ScopeKind::Function
            | ScopeKind::FunctionBody
            | ScopeKind::StaticBlock
            | ScopeKind::Namespace => id,
            ScopeKind::FunctionName
            | ScopeKind::Block
            | ScopeKind::For
            | ScopeKind::Switch
            | ScopeKind::Catch
            | ScopeKind::Class
            | ScopeKind::Enum => outer.map_or(id, |outer| outer.vars),
        };
        let strict = match kind {
            ScopeKind::Page | ScopeKind::Program(ProgramKind::Classic | ProgramKind::Inline) => false,
            // A JavaScript file without imports and exports is CommonJS or a script.
            ScopeKind::Program(ProgramKind::Module) if self.module.language == Language::JavaScript => {
                !(self.module.imports.is_empty() && self.module.exports.is_empty())
            }
            ScopeKind::Program(_) => true,
            _ => outer.is_some_and(|outer| outer.strict),
        };
        self.scopes.push(Scope { parent, kind, node });
        self.facts.push(ScopeFacts { vars, strict });
        id
    }
}

fn is_strict(directives: &[(Name, Span)]) -> bool {
    directives.iter().any(|(directive, _)| &**directive == "use strict")
}
