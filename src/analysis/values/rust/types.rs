//! What is known by a type: the fields of structs, wherever their literals stand, and the parameters that a framework fills.

use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::analysis::values::calls::stepped;
use crate::analysis::values::instances::Instance;
use crate::analysis::values::{ClassSite, Cursor, FunctionSite, OriginKind, Site, Values, Walk};
use crate::hir::visit::Node;
use crate::hir::{ClassMember, ClassMemberKind, ExprId, ExprKind, Name, PropertyKey};
use crate::source::Location;

/// How many struct literals of one type are looked at.
const LITERALS: usize = 8;

impl<'w> Walk<'w> {
    /// A member of an instance of a struct: the field of its literal, of all literals of its type where it is not known which, or else what
    /// the type of the field says. True when that says what it is.
    pub(in crate::analysis::values) fn rust_member(
        &mut self,
        class: ClassSite,
        created: Option<Site>,
        head: &Name,
        cursor: &Cursor,
    ) -> bool {
        let Some(unit) = self.values.unit(class.file).filter(|unit| unit.is_rust()) else { return false };
        let declared = &unit.module[class.class];
        let field: Option<&ClassMember> = declared.members.iter().find(|member| {
            matches!(member.kind, ClassMemberKind::Field(_)) && member.key.as_ref().and_then(PropertyKey::name) == Some(&**head)
        });
        if field.is_none() {
            return false;
        }
        let before = self.origins.len();
        match created {
            Some(created) => {
                let Some(maker) = self.values.unit(created.file) else { return false };
                if let Some(fields) = maker.first_argument(created.expr) {
                    self.expr(Site { file: created.file, expr: fields }, cursor);
                }
            }
            None => {
                for literal in self.values.literals_of(class) {
                    if self.is_spent() {
                        return true;
                    }
                    let mut outside = cursor.clone();
                    outside.frames = None;
                    self.expr(literal, &outside);
                }
            }
        }
        if self.origins.len() > before || cursor.path.len() < 2 {
            return self.origins.len() > before;
        }
        let Some(types) = field.and_then(|field| field.type_name.as_ref()) else { return false };
        for class in self.values.classes_named(unit, types) {
            let mut next = cursor.rest();
            next.frames = None;
            self.class_member(class, Some(Instance { class, created: None }), &next);
        }
        self.origins.len() > before
    }

    /// A parameter that no visible caller fills: what a framework gives a handler by the parameter's type, or an instance of that type.
    pub(in crate::analysis::values) fn rust_param(
        &mut self,
        unit: &'w Unit,
        function: FunctionSite,
        index: usize,
        at: Location,
        cursor: &Cursor,
    ) -> bool {
        let names = &self.values.workspace.catalog.endpoints.rust;
        let declared = &unit.module[function.function];
        let Some(types) = unit.type_of_param(declared, index) else { return false };
        let outer = types.names.iter().find(|name| !matches!(&***name, "Option" | "Result")).map_or("", AsRef::as_ref);
        let is = |list: &[String]| list.iter().any(|known| known == outer);
        // `Path<String>` of a framework; `&Path` is one of the file system.
        if is(&names.inputs) || is(&names.generic_inputs) && types.names.len() > 1 {
            self.born(at, OriginKind::RequestInput, cursor);
            return true;
        }
        let found_out = stepped(
            &cursor.with_path(std::iter::once(Name::from("user")).chain(cursor.path.iter().cloned()).collect()),
            at,
            "found out about the caller",
        );
        let classes = self.values.classes_named(unit, types);
        if classes.iter().any(|class| self.values.extractor(*class).is_some()) || names.caller.is_match(outer) {
            self.born(at, OriginKind::RequestInput, &found_out);
            return true;
        }
        let plain = matches!(outer, "String" | "str" | "Uuid" | "i32" | "i64" | "u32" | "u64");
        if plain && self.values.is_attributed_handler(unit, function) {
            self.born(at, OriginKind::RequestInput, cursor);
            return true;
        }
        if cursor.path.is_empty() || classes.is_empty() {
            return false;
        }
        let before = self.origins.len();
        for class in classes {
            let mut next = stepped(cursor, at, "known by its type");
            next.frames = None;
            self.class_member(class, Some(Instance { class, created: None }), &next);
        }
        self.origins.len() > before
    }
}

impl Values<'_> {
    /// The function of a type that makes it out of a request, and may turn the caller away.
    pub(crate) fn extractor(&self, class: ClassSite) -> Option<FunctionSite> {
        let unit = self.unit(class.file)?;
        unit.module[class.class].members.iter().find_map(|member| match member.kind {
            ClassMemberKind::Method(function)
                if matches!(member.key.as_ref().and_then(PropertyKey::name), Some("from_request_parts" | "from_request")) =>
            {
                Some(FunctionSite { file: class.file, function })
            }
            _ => None,
        })
    }

    /// Whether an attribute registers a function as a handler whose plain parameters come from the request.
    fn is_attributed_handler(&self, unit: &Unit, function: FunctionSite) -> bool {
        let names = &self.workspace.catalog.endpoints.rust;
        unit.module[function.function].decorators.iter().any(|decorator| {
            let last = unit.called_path(*decorator);
            let last = last.rsplit("::").next().unwrap_or("");
            names.verbs.iter().any(|verb| verb == last) || last == "route"
        })
    }

    /// What a name is declared as, when that is all that is ever written to it; else the expression itself.
    pub(crate) fn declared_value(unit: &Unit, expr: ExprId) -> ExprId {
        let symbol = unit.scopes.symbol_of_expr(unit.uncast(expr));
        match symbol.map(|symbol| unit.usage.writes(symbol)) {
            Some([write]) if write.path.is_empty() => match write.kind {
                WriteKind::Declared { init: Some(init) } => init,
                _ => expr,
            },
            _ => expr,
        }
    }

    /// The struct literals of a type, as the objects of their fields.
    fn literals_of(&self, class: ClassSite) -> Vec<Site> {
        let mut found = Vec::new();
        let Some(unit) = self.unit(class.file) else { return found };
        let Some(name) = unit.module[class.class].name.map(|name| unit.module[name].name.clone()) else { return found };
        let mut units = vec![unit];
        units.extend(self.workspace.importing_units_deep(class.file).filter(|user| user.is_rust() && user.file != class.file));
        for unit in units {
            for node in unit.parents.nodes() {
                let Node::Expr(expr) = *node else { continue };
                let ExprKind::New { callee, args } = &unit.module[expr].kind else { continue };
                let last = match &unit.module[*callee].kind {
                    ExprKind::Ident(last) => last,
                    ExprKind::Member { property, .. } => property,
                    _ => continue,
                };
                if *last != name {
                    continue;
                }
                let is_class = self
                    .answer(Site { file: unit.file, expr: *callee })
                    .facts
                    .iter()
                    .any(|fact| matches!(fact.kind, OriginKind::Class(of) if of == class));
                if let Some(fields) = args.first().filter(|_| is_class) {
                    found.push(Site { file: unit.file, expr: fields.expr });
                }
                if found.len() >= LITERALS {
                    return found;
                }
            }
        }
        found
    }
}
