//! The walk itself: what each kind of expression passes on.

use super::{BoundArg, Cursor, DEPTH, Frames, ORIGINS, Origin, OriginKind, Site, Walk};
use crate::analysis::mentions::Mention;
use crate::analysis::scopes::{SymbolId, SymbolKind};
use crate::analysis::unit::Unit;
use crate::analysis::usage::{MemberKey, MemberObject, MemberWrite, PatternStep, WriteKind};
use crate::finding::StepKind;
use crate::hir::visit::Node;
use crate::hir::{AssignOp, BinaryOp, ExprId, ExprKind, Literal, LogicalOp, Name, UnaryOp};
use crate::source::{FileId, Location, Span};

/// The path segment that stands for any element of an array or any value of a map.
pub const ANY: &str = "[]";

impl<'w> Walk<'w> {
    /// Adds an origin at a place.
    pub(crate) fn born(&mut self, at: Location, kind: OriginKind, cursor: &Cursor) {
        if self.origins.len() >= ORIGINS {
            self.limited = true;
            return;
        }
        let origin = Origin {
            kind,
            at,
            path: cursor.path.clone(),
            trail: cursor.trail.clone(),
            derived: cursor.derived,
            conditions: cursor.conditions.clone(),
            frames: cursor.frames.clone(),
        };
        let known = self.origins.iter_mut().find(|other| {
            other.at == origin.at && other.kind == origin.kind && other.path == origin.path && other.derived == origin.derived
        });
        match known {
            // A way under no condition beats one under some.
            Some(known) => known.conditions = known.conditions.common(&origin.conditions),
            None => self.origins.push(origin),
        }
    }

    /// Follows the value of an expression.
    #[expect(clippy::too_many_lines, reason = "one arm a kind of expression: a table")]
    pub(crate) fn expr(&mut self, site: Site, cursor: &Cursor) {
        let Some(unit) = self.values.unit(site.file) else { return };
        if self.fuel == 0 || cursor.depth > DEPTH {
            self.limited = true;
            return;
        }
        self.fuel -= 1;
        let frame = cursor.frames.as_ref().map_or(0, |frame| frame.id);
        if !self.visited.entry((site, cursor.path.clone(), frame)).or_default().add(cursor.reservations()) {
            return;
        }
        let mut cursor = cursor.clone();
        cursor.depth += 1;
        let expr = &unit.module[site.expr];
        let at = unit.at(expr.span);
        let to = |expr| Site { file: site.file, expr };
        match &expr.kind {
            ExprKind::Ident(name) => self.name(unit, site, name, &cursor),
            ExprKind::Literal(literal) => {
                if cursor.path.is_empty() && !matches!(literal, Literal::Null | Literal::Bool(_) | Literal::Other) {
                    self.born(at, OriginKind::Literal(literal.clone()), &cursor);
                }
            }
            ExprKind::Template { quasis, exprs } => {
                if exprs.is_empty() {
                    if let Some((text, _)) = quasis.first()
                        && cursor.path.is_empty()
                    {
                        self.born(at, OriginKind::Literal(Literal::String(text.clone())), &cursor);
                    }
                } else {
                    let alone = exprs.len() == 1 && quasis.iter().all(|(text, _)| text.is_empty());
                    let inner = if alone { cursor.clone() } else { cursor.derived() };
                    exprs.iter().for_each(|hole| self.expr(to(*hole), &inner));
                }
            }
            ExprKind::TaggedTemplate { tag, template } => self.tagged(unit, site, *tag, *template, &cursor),
            ExprKind::Object(_) | ExprKind::Array(_) => self.literal_object(unit, site, &cursor),
            ExprKind::Function(function) => {
                let function = super::FunctionSite { file: site.file, function: *function };
                if cursor.path.is_empty() {
                    self.born(at, OriginKind::Function(function), &cursor);
                }
            }
            ExprKind::Class(class) => self.class_value(super::ClassSite { file: site.file, class: *class }, at, &cursor),
            ExprKind::Member { object, property, .. } if unit.is_python() && self.python_read(unit, site, *object, property, &cursor) => {}
            ExprKind::Member { object, property, .. } => self.member(unit, site, *object, property.clone(), &cursor),
            ExprKind::Index { object, index, .. } => {
                for key in self.keys(to(*index), &cursor) {
                    if !unit.is_python() || !self.python_read(unit, site, *object, &key, &cursor) {
                        self.member(unit, site, *object, key, &cursor);
                    }
                }
            }
            ExprKind::Call { callee, args, .. } => self.call(unit, site, *callee, args, &cursor),
            ExprKind::New { callee, args } => self.new_expr(unit, site, *callee, args, &cursor),
            ExprKind::ImportCall { specifier } => {
                if let Some(text) = self.values.constant_string(to(*specifier)) {
                    self.namespace(unit, at, &text, &cursor);
                } else {
                    self.born(at, OriginKind::Unknown, &cursor);
                }
            }
            ExprKind::Assign { op, target, value } => {
                self.expr(to(*value), &cursor);
                if matches!(op, AssignOp::Logical(_)) {
                    self.pattern_target(unit, *target, &cursor);
                }
            }
            ExprKind::Unary { op, operand } => match op {
                UnaryOp::Not | UnaryOp::TypeOf | UnaryOp::Delete | UnaryOp::Void => {}
                UnaryOp::Minus | UnaryOp::Plus | UnaryOp::Update | UnaryOp::Other => self.expr(to(*operand), &cursor.derived()),
            },
            ExprKind::Binary { op: BinaryOp::Add, left, right } => {
                if cursor.path.is_empty()
                    && let Some(text) = self.values.constant_string(site)
                {
                    self.born(at, OriginKind::Literal(Literal::String(text)), &cursor);
                    return;
                }
                let derived = cursor.derived();
                self.expr(to(*left), &derived);
                self.expr(to(*right), &derived);
            }
            ExprKind::Binary { .. } => {}
            ExprKind::Logical { op, left, right } => {
                if *op == LogicalOp::And {
                    self.branch(unit, *right, &cursor);
                } else {
                    self.expr(to(*left), &cursor);
                    self.branch(unit, *right, &cursor);
                }
            }
            ExprKind::Conditional { yes, no, .. } => {
                self.branch(unit, *yes, &cursor);
                self.branch(unit, *no, &cursor);
            }
            ExprKind::Await(inner) | ExprKind::Cast { expr: inner, .. } => self.expr(to(*inner), &cursor),
            ExprKind::Yield(inner) => {
                if let Some(inner) = inner {
                    self.expr(to(*inner), &cursor.derived());
                }
            }
            ExprKind::Sequence(parts) => {
                if let Some(last) = parts.last() {
                    self.expr(to(*last), &cursor);
                }
            }
            ExprKind::Jsx(_) => self.born(at, OriginKind::Element(site), &cursor),
            ExprKind::TemplateHole(text) => self.born(at, OriginKind::TemplateHole(text.clone()), &cursor),
            ExprKind::TypedIn => {
                let typed = super::calls::stepped(&cursor, at, "typed in by the user");
                self.born(at, OriginKind::UserInput, &typed.with_path(Vec::new()));
            }
            ExprKind::This => self.this(unit, site, &cursor),
            ExprKind::Super => self.super_member(unit, site, &cursor),
            ExprKind::ImportMeta => self.global(unit, site, vec![Name::from("import.meta")], &cursor),
            ExprKind::Unknown(children) => {
                if children.len() == 1 {
                    children.iter().for_each(|child| self.expr(to(*child), &cursor.derived()));
                } else {
                    self.born(at, OriginKind::Unknown, &cursor);
                }
            }
        }
    }

    /// Follows an expression that a test decides about.
    fn branch(&mut self, unit: &'w Unit, expr: ExprId, cursor: &Cursor) {
        let mut next = cursor.clone();
        next.under(self.values.directly(unit, Node::Expr(expr)));
        self.expr(Site { file: unit.file, expr }, &next);
    }

    /// The keys that an index can be: a constant, or what the calls on the way pass (`read("API_KEY")` → `env[key]`).
    fn keys(&mut self, index: Site, cursor: &Cursor) -> Vec<Name> {
        if let Some(key) = self.values.constant_key(index) {
            return vec![key];
        }
        let mut keys: Vec<Name> = Vec::new();
        if cursor.frames.is_some() {
            let answer = self.ask(index, cursor);
            let literals = answer.facts.iter().filter_map(|fact| match &fact.kind {
                OriginKind::Literal(Literal::String(text)) if !fact.derived => Some(text.clone()),
                _ => None,
            });
            keys = literals.take(4).collect();
        } else {
            self.context.only_outside();
        }
        if keys.is_empty() {
            keys.push(Name::from(ANY));
        }
        keys
    }

    fn name(&mut self, unit: &'w Unit, site: Site, name: &Name, cursor: &Cursor) {
        if let Some(symbol) = unit.scopes.symbol_of_expr(site.expr) {
            if !self.unwrapped_ref(unit, site, symbol, cursor) {
                self.symbol(unit, symbol, Some(site.expr), cursor);
            }
        } else if &**name == "arguments"
            && let Some(function) = unit.owner_function(site.expr)
        {
            let at = unit.at(unit.module[site.expr].span);
            self.param(super::FunctionSite { file: site.file, function }, 0, true, at, cursor);
        } else if &**name != "undefined" {
            if name.starts_with('$') && self.subscribed(unit, name, cursor) {
                return;
            }
            if unit.is_python() {
                self.unbound(unit, site, name, cursor);
                return;
            }
            if unit.is_rust() {
                self.rust_unbound(unit, site, name, cursor);
                return;
            }
            if let Some((page, symbol)) = self.values.workspace.page_symbol(unit.file, name) {
                self.symbol(page, symbol, None, cursor);
            } else if !self.component_name(unit, site, name, cursor) {
                self.global(unit, site, vec![name.clone()], cursor);
            }
        }
    }

    fn pattern_target(&mut self, unit: &'w Unit, target: crate::hir::PatId, cursor: &Cursor) {
        if let crate::hir::PatKind::Expr(expr) = unit.module[target].kind {
            self.expr(Site { file: unit.file, expr }, cursor);
        }
    }

    /// Follows everything that is ever written to a symbol, or to members of it that the path names.
    /// `read` is the expression that reads it, when it stands in the same file.
    pub(crate) fn symbol(&mut self, unit: &'w Unit, symbol: SymbolId, read: Option<ExprId>, cursor: &Cursor) {
        if let Some(SymbolKind::EnumMember(value)) = unit.scopes.symbol(symbol).map(|symbol| symbol.kind) {
            self.expr(Site { file: unit.file, expr: value }, cursor);
        }
        let settled = read.and_then(|read| self.values.settled(unit, symbol, read, &cursor.path));
        let counts = |kind: &WriteKind, span: Span| settled.is_none_or(|settled| !settled.covers(unit, kind, span));
        let before = self.origins.len();
        for write in unit.usage.writes(symbol).iter().filter(|write| counts(&write.kind, write.span)) {
            if self.is_spent() {
                return;
            }
            self.written(unit, &write.kind, &write.path, write.span, cursor);
        }
        for write in unit.usage.member_writes_of(symbol).filter(|write| counts(&write.kind, write.span)) {
            if self.is_spent() {
                return;
            }
            self.member_written(unit, write, cursor);
        }
        self.exported_prop(unit, symbol, cursor);
        if cursor.path.is_empty() {
            return;
        }
        for write in unit.usage.mutations_of(symbol).filter(|write| counts(&write.kind, write.span)) {
            if self.is_spent() {
                return;
            }
            self.put(unit, write, cursor);
        }
        self.aliased(unit, symbol, cursor);
        self.written_by_importers(unit, symbol, cursor);
        if self.origins.len() == before && unit.exports_symbol(symbol) {
            self.written_elsewhere(unit, symbol, cursor);
        }
    }

    /// Follows what other files write to members of an exported variable: `authStore.token = …`.
    fn written_by_importers(&mut self, unit: &'w Unit, symbol: SymbolId, cursor: &Cursor) {
        if cursor.path.is_empty() || !unit.exports_symbol(symbol) || !unit.keeps_members(symbol) {
            return;
        }
        let Some(name) = unit.scopes.symbol(symbol).map(|symbol| symbol.name.clone()) else { return };
        // `store.token = …`, `store.auth.token = …`
        for (depth, key) in cursor.path.iter().take(2).enumerate() {
            // The local name of a default import tells nothing.
            let importers = if unit.exports_as_default(&name) {
                self.values.workspace.importing_units_deep_naming(unit.file, key, Mention::Written)
            } else {
                self.values.workspace.importing_units_deep_writing(unit.file, &name, key)
            };
            for importer in importers {
                for write in importer.usage.writes_to_property(key).filter(|write| write.keys.len() == depth + 1) {
                    let MemberObject::Symbol(local) = write.object else { continue };
                    if self.is_spent() {
                        return;
                    }
                    if self.values.workspace.imports_symbol(importer, local, unit, &name) {
                        let mut outside = cursor.clone();
                        outside.frames = None;
                        self.member_written(importer, write, &outside);
                    }
                }
            }
        }
    }

    /// Follows a member write when the asked path lies at or below the written member.
    pub(crate) fn member_written(&mut self, unit: &'w Unit, write: &MemberWrite, cursor: &Cursor) {
        let Some(keys) = self.values.constant_keys(unit, &write.keys) else { return };
        if cursor.path.len() >= keys.len()
            && cursor.path.iter().zip(&keys).all(|(asked, key)| asked == key || &**key == ANY || &**asked == ANY)
        {
            let below = cursor.with_path(cursor.path.iter().skip(keys.len()).cloned().collect());
            if self.stop_at_property
                && below.path.is_empty()
                && write.path.is_empty()
                && let Some(value) = write.kind.value()
            {
                self.born(unit.at(write.span), OriginKind::Property(Site { file: unit.file, expr: value }), &below);
                return;
            }
            self.written(unit, &write.kind, &write.path, write.span, &below);
        }
    }

    /// Follows one write: the value, taken apart by the pattern.
    pub(crate) fn written(&mut self, unit: &'w Unit, kind: &WriteKind, pattern: &[PatternStep], span: Span, cursor: &Cursor) {
        let to = |expr| Site { file: unit.file, expr };
        let at = unit.at(span);
        for (index, step) in pattern.iter().enumerate() {
            if let PatternStep::Default(default) = step
                && let Some(path) = self.values.pattern_path(unit, pattern.get(index + 1..).unwrap_or(&[]), &cursor.path)
            {
                self.expr(to(*default), &cursor.with_path(path));
            }
        }
        let Some(path) = self.values.pattern_path(unit, pattern, &cursor.path) else { return };
        let mut next = cursor.with_path(path);
        let set = |next: &mut Cursor| {
            next.trail = next.trail.step_with(at, StepKind::Other, || format!("`{}` is set here", short(unit.source.slice(span))));
        };
        match kind {
            WriteKind::Declared { init: Some(value) } => {
                set(&mut next);
                next.under(self.values.around(unit, Node::Expr(*value)));
                self.expr(to(*value), &next);
            }
            WriteKind::Assigned { op: AssignOp::Other, .. } => {}
            WriteKind::Assigned { value, op } => {
                set(&mut next);
                next.derived |= *op == AssignOp::Add;
                next.under(self.values.around(unit, Node::Expr(*value)));
                self.expr(to(*value), &next);
            }
            WriteKind::ForEach { iterable, of: true } => {
                next.path.insert(0, Name::from(ANY));
                self.expr(to(*iterable), &next);
            }
            WriteKind::Param { function, index, rest } => {
                self.param(super::FunctionSite { file: unit.file, function: *function }, *index, *rest, at, &next);
            }
            WriteKind::Import { import, name } => self.import(unit, *import, *name, at, &next),
            WriteKind::Function(function) => {
                if next.path.is_empty() {
                    self.born(at, OriginKind::Function(super::FunctionSite { file: unit.file, function: *function }), &next);
                }
            }
            WriteKind::Class(class) => self.class_value(super::ClassSite { file: unit.file, class: *class }, at, &next),
            WriteKind::Enum(object) => self.expr(to(*object), &next),
            WriteKind::Namespace if unit.is_rust() => self.inner_module(unit, span, &next),
            WriteKind::Declared { init: None }
            | WriteKind::ForEach { of: false, .. }
            | WriteKind::Catch
            | WriteKind::Namespace
            | WriteKind::Update
            | WriteKind::Deleted => {}
        }
    }

    /// A global's member path, cleaned of the names of the global object itself.
    pub(crate) fn global(&mut self, unit: &'w Unit, site: Site, mut path: Vec<Name>, cursor: &Cursor) {
        let at = unit.at(unit.module[site.expr].span);
        let mut rest = cursor.path.clone();
        while path.len() == 1
            && matches!(path.first().map(AsRef::as_ref), Some("window" | "globalThis" | "self" | "global"))
            && !rest.is_empty()
        {
            path = vec![rest.remove(0)];
        }
        // A script may have put it there itself: `window.phone = …`.
        // Globals of the platform: a test or interceptor that replaces one (`globalThis.fetch = stub`) does not change what the code means.
        if let Some(first) = path.first().filter(|name| !self.values.apis().knows_global(name)).cloned() {
            let mut wanted = vec![first];
            wanted.extend(rest.iter().cloned());
            if self.window_writes(unit.file, &wanted, cursor) {
                return;
            }
        }
        let mut all = path.clone();
        all.extend(rest.iter().cloned());
        if let [astro, props, prop @ ..] = all.as_slice()
            && &**astro == "Astro"
            && &**props == "props"
        {
            self.props(unit, &cursor.with_path(prop.to_vec()));
            return;
        }
        if let Some((name, mechanism, used)) = env_read(&all) {
            let left = all.iter().skip(used).cloned().collect();
            self.born(at, OriginKind::Env { name, mechanism }, &cursor.with_path(left));
            return;
        }
        self.born(at, OriginKind::Global(path), &cursor.with_path(rest));
    }

    fn window_writes(&mut self, file: FileId, wanted: &[Name], cursor: &Cursor) -> bool {
        let mut found = false;
        let first = wanted.first().map_or("", AsRef::as_ref);
        for (writer, index) in self.values.workspace.global_writes(file, first) {
            let Some(write) = writer.usage.member_writes().get(index) else { continue };
            let mut asked = cursor.with_path(wanted.to_vec());
            asked.frames = None;
            self.member_written(writer, write, &asked);
            found = true;
        }
        found
    }

    pub(crate) fn bound(&mut self, arg: &BoundArg, outer: &Frames, cursor: &Cursor) {
        match arg {
            BoundArg::Value(site, prefix) => {
                let mut next = cursor.below(prefix.iter().cloned());
                next.frames.clone_from(outer);
                self.expr(*site, &next);
            }
            BoundArg::Spread(site) => {
                let mut next = cursor.below([Name::from(ANY)]);
                next.frames.clone_from(outer);
                self.expr(*site, &next);
            }
            BoundArg::Selected(selector, state) => {
                let mut next = cursor.clone();
                next.frames.clone_from(outer);
                self.apply_selector(*selector, state, *selector, &next);
            }
            BoundArg::Opaque | BoundArg::Followed => {}
        }
    }
}

impl super::Values<'_> {
    /// How a pattern takes its part out of a value: the path below the whole value for the path asked below the part.
    /// None when a rest element leaves the asked key out.
    pub(crate) fn pattern_path(&self, unit: &Unit, steps: &[PatternStep], asked: &[Name]) -> Option<Vec<Name>> {
        let mut path: Vec<Name> = Vec::new();
        let mut asked = asked.to_vec();
        for step in steps {
            match step {
                PatternStep::Property(name) => path.push(name.clone()),
                PatternStep::Computed(expr) => {
                    path.push(self.constant_key(Site { file: unit.file, expr: *expr }).unwrap_or_else(|| Name::from(ANY)));
                }
                PatternStep::Index(index) => path.push(Name::from(index.to_string())),
                PatternStep::ObjectRest { excluded } => {
                    if asked.first().is_some_and(|first| excluded.contains(first)) {
                        return None;
                    }
                }
                PatternStep::ArrayRest { from } => {
                    if let Some(first) = asked.first_mut()
                        && let Ok(index) = first.parse::<usize>()
                    {
                        *first = Name::from((index + from).to_string());
                    }
                }
                PatternStep::Default(_) => {}
            }
        }
        path.extend(asked);
        Some(path)
    }

    /// The names of a member chain; none when a key is not constant.
    pub(crate) fn constant_keys(&self, unit: &Unit, keys: &[MemberKey]) -> Option<Vec<Name>> {
        keys.iter()
            .map(|key| match key {
                MemberKey::Name(name) => Some(name.clone()),
                MemberKey::Computed(expr) => self.constant_key(Site { file: unit.file, expr: *expr }),
                MemberKey::Put(_) => None,
            })
            .collect()
    }
}

impl Unit {
    /// Whether a variable holds an object that other files can write to: it is declared with something other than a function.
    fn keeps_members(&self, symbol: SymbolId) -> bool {
        self.usage.writes(symbol).iter().any(|write| match write.kind {
            WriteKind::Declared { init: Some(init) } => matches!(
                self.module[self.uncast(init)].kind,
                ExprKind::Object(_) | ExprKind::New { .. } | ExprKind::Call { .. } | ExprKind::Array(_)
            ),
            _ => false,
        })
    }
}

/// Source text for a message: one line, at most 40 characters.
pub(crate) fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > 40 { format!("{}…", line.chars().take(39).collect::<String>()) } else { line }
}

/// Recognises a read of an environment variable in a global's member path: the name, how, and how many segments it takes.
fn env_read(path: &[Name]) -> Option<(Name, super::EnvMechanism, usize)> {
    let segment = |index: usize| path.get(index).map(AsRef::as_ref);
    match (segment(0)?, segment(1), segment(2)) {
        ("process", Some("env"), Some(_)) => Some((path.get(2)?.clone(), super::EnvMechanism::Process, 3)),
        ("Bun", Some("env"), Some(_)) => Some((path.get(2)?.clone(), super::EnvMechanism::Bun, 3)),
        ("import.meta", Some("env"), Some(_)) => Some((path.get(2)?.clone(), super::EnvMechanism::ImportMeta, 3)),
        _ => None,
    }
}
