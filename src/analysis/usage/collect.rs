//! The one pass over a module that fills [`Usage`].

use rustc_hash::FxHashMap;

use crate::analysis::grouped::{Grouped, to_u32};
use crate::analysis::parents::{Parents, ThisOwner};
use crate::analysis::scopes::{Scopes, SymbolId, SymbolKind};
use crate::hir::visit::Node;
use crate::hir::{
    AssignOp, BindingId, BindingKind, ClassId, ClassMemberKind, Element, ExprId, ExprKind, FunctionBody, FunctionId, FunctionKind, JsxTag,
    Literal, Module, Name, PatId, PatKind, Property, PropertyKey, StmtId, StmtKind, UnaryOp,
};

use super::{FunctionName, MemberKey, MemberObject, MemberWrite, PatternPath, PatternStep, Usage, Write, WriteKind};

pub(super) fn collect(module: &Module, scopes: &Scopes, parents: &Parents) -> Usage {
    let mut pass = Pass {
        module,
        scopes,
        parents,
        writes: vec![Vec::new(); scopes.symbols.len()],
        member_writes: Vec::new(),
        mutations: Vec::new(),
        deletes: Vec::new(),
        super_calls: Vec::new(),
        calls: Vec::new(),
        jsx: Vec::new(),
        method_calls: FxHashMap::default(),
        returns: Vec::new(),
        yields: Vec::new(),
        throws: Vec::new(),
        names: vec![None; module.functions.len()],
    };
    pass.imports();
    pass.enum_members();
    for node in parents.nodes() {
        match *node {
            Node::Expr(id) => pass.expr(id),
            Node::Stmt(id) => pass.stmt(id),
            Node::Function(id) => pass.function(id),
            Node::Class(id) => pass.class(id),
            Node::Pat(_) => {}
        }
    }
    pass.finish()
}

struct Pass<'m> {
    module: &'m Module,
    scopes: &'m Scopes,
    parents: &'m Parents,
    writes: Vec<Vec<Write>>,
    member_writes: Vec<MemberWrite>,
    mutations: Vec<MemberWrite>,
    deletes: Vec<(usize, MemberWrite)>,
    super_calls: Vec<(usize, ExprId)>,
    calls: Vec<(usize, ExprId)>,
    jsx: Vec<(usize, ExprId)>,
    method_calls: FxHashMap<Name, Vec<ExprId>>,
    returns: Vec<(usize, ExprId)>,
    yields: Vec<(usize, ExprId)>,
    throws: Vec<(usize, ExprId)>,
    names: Vec<Option<FunctionName>>,
}

impl Pass<'_> {
    fn imports(&mut self) {
        for (import, statement) in self.module.imports.iter().enumerate() {
            for (name, imported) in statement.names.iter().enumerate() {
                self.write_binding(imported.local, WriteKind::Import { import, name }, Vec::new());
            }
        }
    }

    fn enum_members(&mut self) {
        for (symbol, writes) in self.scopes.symbols.iter().zip(&mut self.writes) {
            if let SymbolKind::EnumMember(value) = symbol.kind {
                writes.push(Write { kind: WriteKind::Declared { init: Some(value) }, path: Vec::new(), span: symbol.span });
            }
        }
    }

    fn stmt(&mut self, id: StmtId) {
        let module = self.module;
        match &module[id].kind {
            // What an import statement of Python binds is filed with the imports.
            StmtKind::Declare { kind: BindingKind::Import, .. } => {}
            StmtKind::Declare { declarators, .. } => {
                for (pat, init) in declarators {
                    self.pattern(*pat, WriteKind::Declared { init: *init }, None);
                    self.name_by_pattern(*pat, *init);
                }
            }
            StmtKind::ForEach { pat, iterable, of, .. } => {
                self.pattern(*pat, WriteKind::ForEach { iterable: *iterable, of: *of }, None);
            }
            StmtKind::Try { param: Some(param), .. } => self.pattern(*param, WriteKind::Catch, None),
            StmtKind::Return(Some(value)) => {
                if let Some(function) = self.parents.enclosing_function(Node::Stmt(id)) {
                    self.returns.push((function.index(), *value));
                }
            }
            StmtKind::Throw(value) => {
                if let Some(function) = self.parents.enclosing_function(Node::Stmt(id)) {
                    self.throws.push((function.index(), *value));
                }
            }
            StmtKind::Enum { binding, object } => self.write_binding(*binding, WriteKind::Enum(*object), Vec::new()),
            StmtKind::Namespace { binding, .. } => self.write_binding(*binding, WriteKind::Namespace, Vec::new()),
            _ => {}
        }
    }

    fn expr(&mut self, id: ExprId) {
        let module = self.module;
        match &module[id].kind {
            ExprKind::Assign { op, target, value } => {
                self.pattern(*target, WriteKind::Assigned { op: *op, value: *value }, Some(id));
                self.name_by_pattern(*target, Some(*value));
            }
            ExprKind::Unary { op: UnaryOp::Update, operand } => self.target(*operand, WriteKind::Update, Vec::new(), Some(id)),
            ExprKind::Unary { op: UnaryOp::Delete, operand } => self.deleted(*operand, id),
            ExprKind::Call { callee, args, .. } => {
                self.call(id, *callee);
                self.mutation(id, *callee, args);
                if let Some(name) = self.called_member(*callee) {
                    self.method_calls.entry(name).or_default().push(id);
                }
            }
            ExprKind::New { callee, .. } => self.call(id, *callee),
            ExprKind::Yield(Some(value)) => {
                if let Some(function) = self.parents.enclosing_function(Node::Expr(id)) {
                    self.yields.push((function.index(), *value));
                }
            }
            ExprKind::Jsx(element) => {
                if let JsxTag::Component(tag) = element.tag
                    && let Some(symbol) = self.scopes.symbol_of_expr(tag)
                {
                    self.jsx.push((symbol.index(), id));
                }
            }
            ExprKind::Object(properties) => self.object(id, properties),
            _ => {}
        }
    }

    fn call(&mut self, call: ExprId, callee: ExprId) {
        if let Some(symbol) = self.scopes.symbol_of_expr(self.transparent(callee)) {
            self.calls.push((symbol.index(), call));
        }
    }

    /// `delete a.b`.
    fn deleted(&mut self, operand: ExprId, expr: ExprId) {
        let target = self.transparent(operand);
        let (object, keys) = self.member_chain(target);
        if let MemberObject::Symbol(symbol) = object
            && !keys.is_empty()
        {
            let span = self.module[target].span;
            let write = MemberWrite { object, keys, kind: WriteKind::Deleted, path: Vec::new(), span, expr: Some(expr) };
            self.deletes.push((symbol.index(), write));
        }
    }

    /// Files a call that puts something into its receiver, or into its first argument.
    fn mutation(&mut self, call: ExprId, callee: ExprId, args: &[Element]) {
        let module = self.module;
        if let ExprKind::Super = module[callee].kind {
            self.super_calls.extend(self.parents.enclosing_class(Node::Expr(call)).map(|class| (class.index(), call)));
            return;
        }
        let ExprKind::Member { object, property, .. } = &module[self.transparent(callee)].kind else { return };
        let mut put = |target: ExprId, key: Option<MemberKey>, value: &Element, path: PatternPath| {
            let (object, mut keys) = self.member_chain(self.transparent(target));
            if !matches!(object, MemberObject::Symbol(_) | MemberObject::This(_)) {
                return;
            }
            keys.extend(key);
            let kind = WriteKind::Assigned { op: AssignOp::Assign, value: value.expr };
            self.mutations.push(MemberWrite { object, keys, kind, path, span: module[value.expr].span, expr: Some(call) });
        };
        match (&**property, args) {
            ("push" | "unshift" | "add", values) => {
                for value in values {
                    let path = if value.spread { vec![PatternStep::Property("[]".into())] } else { Vec::new() };
                    put(*object, Some(MemberKey::Put(None)), value, path);
                }
            }
            ("set", [key, value]) if !key.spread && !value.spread => put(*object, Some(MemberKey::Put(Some(key.expr))), value, Vec::new()),
            ("assign" | "defineProperty" | "defineProperties", [target, values @ ..]) if !target.spread => {
                if !matches!(&module[*object].kind, ExprKind::Ident(name) if matches!(&**name, "Object" | "Reflect")) {
                    return;
                }
                match (&**property, values) {
                    ("assign", values) => {
                        values.iter().filter(|value| !value.spread).for_each(|value| put(target.expr, None, value, Vec::new()));
                    }
                    ("defineProperty", [key, descriptor, ..]) => {
                        put(target.expr, Some(MemberKey::Computed(key.expr)), descriptor, vec![PatternStep::Property("value".into())]);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn called_member(&self, callee: ExprId) -> Option<Name> {
        match &self.module[self.transparent(callee)].kind {
            ExprKind::Member { property, .. } => Some(property.clone()),
            ExprKind::Index { index, .. } => self.constant_key(*index),
            _ => None,
        }
    }

    fn function(&mut self, id: FunctionId) {
        let module = self.module;
        let function = &module[id];
        if let Some(name) = function.name {
            self.write_binding(name, WriteKind::Function(id), Vec::new());
            if function.kind == FunctionKind::Declaration
                && let Some(symbol) = self.scopes.symbol_of_binding(name)
            {
                self.name(id, FunctionName::Symbol(symbol));
            }
        }
        for (index, param) in function.params.iter().enumerate() {
            let kind = WriteKind::Param { function: id, index, rest: param.rest };
            self.pattern(param.pat, kind, None);
            if param.field {
                self.parameter_property(id, param.pat, kind);
            }
        }
        if let Some(FunctionBody::Expr(value)) = function.body {
            self.returns.push((id.index(), value));
        }
    }

    /// `constructor(private client: Client)` also assigns `this.client`.
    fn parameter_property(&mut self, constructor: FunctionId, pat: PatId, kind: WriteKind) {
        let (pat, path) = match self.module[pat].kind {
            PatKind::Default { pat, default } => (pat, vec![PatternStep::Default(default)]),
            _ => (pat, Vec::new()),
        };
        let (Some(class), PatKind::Binding(binding)) = (self.parents.enclosing_class(Node::Function(constructor)), &self.module[pat].kind)
        else {
            return;
        };
        self.member_writes.push(MemberWrite {
            object: MemberObject::This(ThisOwner::Instance(class)),
            keys: vec![MemberKey::Name(self.module[*binding].name.clone())],
            kind,
            path,
            span: self.module[pat].span,
            expr: None,
        });
    }

    fn class(&mut self, id: ClassId) {
        let module = self.module;
        let class = &module[id];
        if let Some(name) = class.name {
            self.write_binding(name, WriteKind::Class(id), Vec::new());
        }
        for member in &class.members {
            let key = match &member.key {
                Some(PropertyKey::Name(name, span)) => Some((name.clone(), *span)),
                Some(PropertyKey::Computed(expr)) => self.constant_key(*expr).map(|name| (name, module[*expr].span)),
                None => None,
            };
            let Some((name, span)) = key else {
                continue;
            };
            let function = match member.kind {
                ClassMemberKind::Method(function) => Some(function),
                ClassMemberKind::Field(value) => {
                    let owner = if member.is_static { ThisOwner::Static(id) } else { ThisOwner::Instance(id) };
                    self.member_writes.push(MemberWrite {
                        object: MemberObject::This(owner),
                        keys: vec![MemberKey::Name(name.clone())],
                        kind: WriteKind::Declared { init: value },
                        path: Vec::new(),
                        span,
                        expr: None,
                    });
                    value.and_then(|value| self.function_value(value))
                }
                ClassMemberKind::StaticBlock(_) => None,
            };
            if let Some(function) = function {
                self.name(function, FunctionName::ClassMember { class: id, name, is_static: member.is_static });
            }
        }
    }

    fn object(&mut self, id: ExprId, properties: &[Property]) {
        for property in properties {
            let (key, function) = match property {
                Property::Value { key, value } => (key, self.function_value(*value)),
                Property::Accessor { key, function } => (key, Some(*function)),
                Property::Spread(_) => continue,
            };
            if let (Some(function), Some(name)) = (function, self.key_name(key)) {
                self.name(function, FunctionName::Property { object: id, name });
            }
        }
    }

    /// Files a write under every name and member that a pattern writes.
    fn pattern(&mut self, root: PatId, kind: WriteKind, expr: Option<ExprId>) {
        let module = self.module;
        let mut work: Vec<(PatId, PatternPath)> = vec![(root, Vec::new())];
        while let Some((pat, path)) = work.pop() {
            let with = |step: PatternStep| {
                let mut longer = path.clone();
                longer.push(step);
                longer
            };
            let start = work.len();
            match &module[pat].kind {
                PatKind::Binding(binding) => self.write_binding(*binding, kind, path),
                PatKind::Expr(target) => self.target(*target, kind, path, expr),
                PatKind::Object { properties, rest } => {
                    for property in properties {
                        let step = match self.key_name(&property.key) {
                            Some(name) => PatternStep::Property(name),
                            None => match property.key {
                                PropertyKey::Computed(key) => PatternStep::Computed(key),
                                PropertyKey::Name(..) => continue,
                            },
                        };
                        work.push((property.pat, with(step)));
                    }
                    if let Some(rest) = rest {
                        let excluded = properties.iter().filter_map(|property| self.key_name(&property.key)).collect();
                        work.push((*rest, with(PatternStep::ObjectRest { excluded })));
                    }
                }
                PatKind::Array { elements, rest } => {
                    for (index, element) in elements.iter().enumerate() {
                        if let Some(element) = element {
                            work.push((*element, with(PatternStep::Index(index))));
                        }
                    }
                    if let Some(rest) = rest {
                        work.push((*rest, with(PatternStep::ArrayRest { from: elements.len() })));
                    }
                }
                PatKind::Default { pat, default } => work.push((*pat, with(PatternStep::Default(*default)))),
                PatKind::Unknown => {}
            }
            if let Some(added) = work.get_mut(start..) {
                added.reverse();
            }
        }
    }

    fn write_binding(&mut self, binding: BindingId, kind: WriteKind, path: PatternPath) {
        if let Some(symbol) = self.scopes.symbol_of_binding(binding) {
            self.write(symbol, Write { kind, path, span: self.module[binding].span });
        }
    }

    fn write(&mut self, symbol: SymbolId, write: Write) {
        if let Some(writes) = self.writes.get_mut(symbol.index()) {
            writes.push(write);
        }
    }

    /// A write to an expression: a name or a member; anything else is no valid target.
    fn target(&mut self, target: ExprId, kind: WriteKind, path: PatternPath, expr: Option<ExprId>) {
        let target = self.transparent(target);
        let span = self.module[target].span;
        if let Some(symbol) = self.scopes.symbol_of_expr(target) {
            self.write(symbol, Write { kind, path, span });
            return;
        }
        let (object, keys) = self.member_chain(target);
        if !keys.is_empty() || matches!(object, MemberObject::Global(_)) {
            self.member_writes.push(MemberWrite { object, keys, kind, path, span, expr });
        }
    }

    /// Takes `a.b["c"]` apart: where it starts, and the keys in order.
    fn member_chain(&self, target: ExprId) -> (MemberObject, Vec<MemberKey>) {
        let mut keys = Vec::new();
        let mut at = target;
        loop {
            match &self.module[at].kind {
                ExprKind::Member { object, property, .. } => {
                    keys.push(MemberKey::Name(property.clone()));
                    at = self.transparent(*object);
                }
                ExprKind::Index { object, index, .. } => {
                    keys.push(self.constant_key(*index).map_or(MemberKey::Computed(*index), MemberKey::Name));
                    at = self.transparent(*object);
                }
                _ => break,
            }
        }
        keys.reverse();
        let object = match &self.module[at].kind {
            ExprKind::Ident(name) => match self.scopes.symbol_of_expr(at) {
                Some(symbol) => MemberObject::Symbol(symbol),
                None => MemberObject::Global(name.clone()),
            },
            ExprKind::This => self.parents.this_owner(self.module, Node::Expr(at)).map_or(MemberObject::Expr(at), MemberObject::This),
            _ => MemberObject::Expr(at),
        };
        (object, keys)
    }

    /// Looks through casts.
    fn transparent(&self, mut expr: ExprId) -> ExprId {
        while let ExprKind::Cast { expr: inner, .. } = self.module[expr].kind {
            expr = inner;
        }
        expr
    }

    fn key_name(&self, key: &PropertyKey) -> Option<Name> {
        match key {
            PropertyKey::Name(name, _) => Some(name.clone()),
            PropertyKey::Computed(expr) => self.constant_key(*expr),
        }
    }

    fn constant_key(&self, key: ExprId) -> Option<Name> {
        match &self.module[self.transparent(key)].kind {
            ExprKind::Literal(Literal::String(text)) => Some(text.clone()),
            ExprKind::Literal(Literal::Number(number)) => Some(number.to_string().into()),
            ExprKind::Template { quasis, exprs } if exprs.is_empty() => quasis.first().map(|(text, _)| text.clone()),
            _ => None,
        }
    }

    fn function_value(&self, value: ExprId) -> Option<FunctionId> {
        match self.module[self.transparent(value)].kind {
            ExprKind::Function(function) => Some(function),
            _ => None,
        }
    }

    /// `const f = () => {}`, `f = () => {}`, `a.f = () => {}`.
    fn name_by_pattern(&mut self, pat: PatId, value: Option<ExprId>) {
        let Some(function) = value.and_then(|value| self.function_value(value)) else {
            return;
        };
        let symbol = match self.module[pat].kind {
            PatKind::Binding(binding) => self.scopes.symbol_of_binding(binding),
            PatKind::Expr(target) => self.scopes.symbol_of_expr(self.transparent(target)),
            _ => return,
        };
        if let Some(symbol) = symbol {
            self.name(function, FunctionName::Symbol(symbol));
        } else if let Some(last) = self.member_writes.len().checked_sub(1)
            // The pattern is a lone target, so its member write, if it made one, is the last one filed.
            && self.member_writes.get(last).and_then(|write| write.kind.value()) == value
        {
            self.name(function, FunctionName::MemberWrite(last));
        }
    }

    fn name(&mut self, function: FunctionId, name: FunctionName) {
        if let Some(slot) = self.names.get_mut(function.index()) {
            slot.get_or_insert(name);
        }
    }

    fn finish(self) -> Usage {
        let symbols = self.scopes.symbols.len();
        let functions = self.module.functions.len();
        let mut symbol_members = Vec::new();
        let mut this_members: FxHashMap<ThisOwner, Vec<u32>> = FxHashMap::default();
        let mut global_members: FxHashMap<Name, Vec<u32>> = FxHashMap::default();
        let mut named_members: FxHashMap<Name, Vec<u32>> = FxHashMap::default();
        for (index, write) in self.member_writes.iter().enumerate() {
            let index = to_u32(index);
            match &write.object {
                MemberObject::Symbol(symbol) => symbol_members.push((symbol.index(), index)),
                MemberObject::This(owner) => this_members.entry(*owner).or_default().push(index),
                MemberObject::Global(name) => global_members.entry(name.clone()).or_default().push(index),
                MemberObject::Expr(_) => {}
            }
            if let Some(name) = write.property() {
                named_members.entry(name.clone()).or_default().push(index);
            }
        }
        let mut symbol_mutations = Vec::new();
        let mut this_mutations: FxHashMap<ThisOwner, Vec<u32>> = FxHashMap::default();
        for (index, write) in self.mutations.iter().enumerate() {
            match write.object {
                MemberObject::Symbol(symbol) => symbol_mutations.push((symbol.index(), to_u32(index))),
                MemberObject::This(owner) => this_mutations.entry(owner).or_default().push(to_u32(index)),
                MemberObject::Global(_) | MemberObject::Expr(_) => {}
            }
        }
        Usage {
            mutations: self.mutations,
            symbol_mutations: Grouped::new(symbols, symbol_mutations),
            this_mutations,
            deletes: Grouped::new(symbols, self.deletes),
            super_calls: Grouped::new(self.module.classes.len(), self.super_calls),
            writes: self.writes,
            symbol_members: Grouped::new(symbols, symbol_members),
            this_members,
            global_members,
            named_members,
            member_writes: self.member_writes,
            calls: Grouped::new(symbols, self.calls),
            jsx: Grouped::new(symbols, self.jsx),
            method_calls: self.method_calls,
            returns: Grouped::new(functions, self.returns),
            yields: Grouped::new(functions, self.yields),
            throws: Grouped::new(functions, self.throws),
            names: self.names,
        }
    }
}
