//! What values do in Python and nowhere else: keyword arguments, classes that are called, `get` of dictionaries, settings objects, names
//! that a star import brings, and what the request handlers of its frameworks are given.

use super::calls::stepped;
use super::memo::Answer;
use super::{BoundArg, ClassSite, Cursor, EnvMechanism, FunctionSite, Identity, OriginKind, Site, Walk};
use crate::analysis::unit::Unit;
use crate::catalog::apis::ApiRole;
use crate::hir::{
    ClassMember, ClassMemberKind, Element, ExportKind, ExprId, ExprKind, Function, Language, Literal, Name, PatKind, Property, PropertyKey,
};
use crate::project::Resolved;
use crate::source::{FileId, Location};

/// Base classes whose fields are read from the environment, by the last part of their name.
const SETTINGS: &[&str] = &["BaseSettings", "AppBaseSettings", "BaseAppSettings"];
/// Files that Django's settings object reads, by the end of their path.
const DJANGO_SETTINGS: &[&str] = &["settings.py", "settings/base.py", "settings/common.py", "settings/__init__.py"];

impl Unit {
    /// Whether the file is Python.
    pub(crate) fn is_python(&self) -> bool {
        self.module.language == Language::Python
    }

    /// What a parameter is called; none for one that is taken apart.
    pub(crate) fn param_name(&self, function: &Function, index: usize) -> Option<&Name> {
        let mut pat = function.params.get(index)?.pat;
        if let PatKind::Default { pat: inner, .. } = self.module[pat].kind {
            pat = inner;
        }
        match self.module[pat].kind {
            PatKind::Binding(binding) => Some(&self.module[binding].name),
            _ => None,
        }
    }

    /// Whether a parameter takes the keyword arguments that no other one takes (`**options`).
    fn takes_keywords(&self, function: &Function, index: usize) -> bool {
        function.params.get(index).is_some_and(|param| matches!(self.module[param.pat].kind, PatKind::Object { .. }))
    }

    /// The keyword argument of this name in a call.
    pub(crate) fn keyword(&self, args: &[Element], name: &str) -> Option<ExprId> {
        let ExprKind::Object(properties) = &self.module[self.module.keywords(args)?].kind else { return None };
        properties.iter().find_map(|property| match property {
            Property::Value { key: PropertyKey::Name(key, _), value } if &**key == name => Some(*value),
            _ => None,
        })
    }

    /// The argument of a call at a position, or by its keyword.
    pub(crate) fn argument_named(&self, call: ExprId, index: usize, name: &str) -> Option<ExprId> {
        let (ExprKind::Call { args, .. } | ExprKind::New { args, .. }) = &self.module[call].kind else { return None };
        self.keyword(args, name).or_else(|| {
            let arg = args.get(index).filter(|arg| !arg.spread)?;
            (Some(arg.expr) != self.module.keywords(args)).then_some(arg.expr)
        })
    }
}

impl<'w> Walk<'w> {
    /// The arguments of a call of a Python function, one for each parameter; none for a call without keywords, whose places tell.
    pub(super) fn bound_by_name(&self, function: FunctionSite, call: Site, args: &[Element]) -> Option<Vec<BoundArg>> {
        let caller = self.values.unit(call.file)?;
        let keywords = caller.module.keywords(args)?;
        let unit = self.values.unit(function.file)?;
        let function = &unit.module[function.function];
        let to = |expr| Site { file: call.file, expr };
        let positional: Vec<&Element> = args.iter().filter(|arg| arg.expr != keywords).collect();
        let mut bound = Vec::with_capacity(function.params.len());
        for (index, param) in function.params.iter().enumerate() {
            let named = unit.param_name(function, index).and_then(|name| caller.keyword(args, name));
            bound.push(match (named, positional.get(index)) {
                (Some(value), _) => BoundArg::Value(to(value), Vec::new()),
                (None, Some(arg)) if arg.spread => BoundArg::Spread(to(arg.expr)),
                (None, Some(arg)) => BoundArg::Value(to(arg.expr), Vec::new()),
                (None, None) if unit.takes_keywords(function, index) => BoundArg::Value(to(keywords), Vec::new()),
                // The default value, which the parameter itself holds, or an entry of `**options`.
                (None, None) => match (Self::spread_keyword(caller, keywords), unit.param_name(function, index)) {
                    (Some(spread), Some(name)) if !param.rest => BoundArg::Value(to(spread), vec![name.clone()]),
                    _ => BoundArg::Followed,
                },
            });
        }
        Some(bound)
    }

    fn spread_keyword(caller: &Unit, keywords: ExprId) -> Option<ExprId> {
        let ExprKind::Object(properties) = &caller.module[keywords].kind else { return None };
        properties.iter().find_map(|property| if let Property::Spread(value) = property { Some(*value) } else { None })
    }

    /// What a call of Python gives, when it is something that only Python has.
    pub(super) fn python_call(
        &mut self,
        unit: &'w Unit,
        site: Site,
        callee: ExprId,
        args: &[Element],
        callees: &Answer,
        cursor: &Cursor,
    ) -> bool {
        let at = unit.at(unit.module[site.expr].span);
        if callees.facts.iter().any(|fact| matches!(fact.kind, OriginKind::Class(_)) && fact.path.is_empty()) {
            self.new_expr(unit, site, callee, args, cursor);
            return true;
        }
        if callees.facts.iter().any(|fact| matches!(fact.kind, OriginKind::RequestInput)) {
            self.born(at, OriginKind::RequestInput, &stepped(cursor, at, "sent by the caller"));
            return true;
        }
        let ExprKind::Member { object, property, .. } = &unit.module[callee].kind else { return false };
        let first = args.first().filter(|arg| {
            !arg.spread && !callees.plays(self.values.apis(), ApiRole::Request) && !callees.plays(self.values.apis(), ApiRole::EnvGet)
        });
        if let ("get" | "pop" | "setdefault", Some(first)) = (&**property, first)
            && let ExprKind::Literal(Literal::String(key)) = &unit.module[first.expr].kind
            && !key.starts_with(['/', 'h'])
            && callees.roles(self.values.apis()) == crate::catalog::apis::ApiRoles::default()
            && !callees.requests(&self.values)
        {
            self.expr(Site { file: site.file, expr: *object }, &cursor.below([key.clone()]));
            if let Some(default) = args.get(1).filter(|arg| !arg.spread) {
                self.expr(Site { file: site.file, expr: default.expr }, cursor);
            }
            return true;
        }
        false
    }

    /// A member or key of an object that stands for the environment or for Django's settings: the variable is read here. False for any
    /// other object.
    pub(super) fn python_read(&mut self, unit: &'w Unit, site: Site, object: ExprId, key: &Name, cursor: &Cursor) -> bool {
        // Only what an import gives can be one; other objects are not asked about.
        let root = match unit.module[object].kind {
            ExprKind::Member { object, .. } => object,
            _ => object,
        };
        let imported = unit.scopes.symbol_of_expr(root).is_some_and(|symbol| {
            unit.usage.writes(symbol).iter().any(|write| matches!(write.kind, crate::analysis::usage::WriteKind::Import { .. }))
        });
        if !imported || matches!(&**key, "get" | "pop" | "setdefault" | "copy" | "items") {
            return false;
        }
        let owner = self.ask(Site { file: site.file, expr: object }, cursor);
        let at = unit.at(unit.module[site.expr].span);
        if owner.plays(self.values.apis(), ApiRole::EnvObject) {
            self.born(at, OriginKind::Env { name: key.clone(), mechanism: EnvMechanism::Os }, cursor);
            return true;
        }
        if owner.plays(self.values.apis(), ApiRole::SettingsObject) {
            self.django_setting(unit, at, key, cursor);
            return true;
        }
        false
    }

    /// What a module from outside has below this path: the environment, the request, Django's settings.
    pub(super) fn python_package(&mut self, unit: &'w Unit, at: Location, package: &str, cursor: &Cursor) -> bool {
        for length in 1..=cursor.path.len().min(3) {
            let Some((head, rest)) = cursor.path.split_at_checked(length) else { break };
            let path = head.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(".");
            let identity = Identity::Package { package: package.into(), path };
            if identity.plays(self.values.apis(), ApiRole::RequestInput) && !rest.is_empty() {
                self.born(at, OriginKind::RequestInput, &cursor.with_path(rest.to_vec()));
                return true;
            }
            let Some((name, left)) = rest.split_first() else { continue };
            if identity.plays(self.values.apis(), ApiRole::EnvObject) && !matches!(&**name, "get" | "pop" | "setdefault" | "copy" | "items")
            {
                let kind = OriginKind::Env { name: name.clone(), mechanism: EnvMechanism::Os };
                self.born(at, kind, &cursor.with_path(left.to_vec()));
                return true;
            }
            if identity.plays(self.values.apis(), ApiRole::SettingsObject) {
                self.django_setting(unit, at, name, &cursor.with_path(left.to_vec()));
                return true;
            }
        }
        false
    }

    /// A setting of Django: a name of the settings module.
    fn django_setting(&mut self, unit: &'w Unit, at: Location, name: &Name, cursor: &Cursor) {
        let files: Vec<FileId> = {
            let project = &self.values.workspace.project;
            let named = project.iter().filter(|(_, file)| DJANGO_SETTINGS.iter().any(|end| file.path.ends_with(end)));
            named.map(|(file, _)| file).take(4).collect()
        };
        let before = self.origins.len();
        for file in files.into_iter().filter(|file| *file != unit.file) {
            let mut next = cursor.below([name.clone()]);
            next.frames = None;
            self.export(file, at, &next, 0);
        }
        if self.origins.len() == before {
            self.born(at, OriginKind::Env { name: name.clone(), mechanism: EnvMechanism::Framework }, cursor);
        }
    }

    /// A name that no statement of the file binds: one that a star import brings, or one of the language's own.
    pub(super) fn unbound(&mut self, unit: &'w Unit, site: Site, name: &Name, cursor: &Cursor) {
        if self.starred(unit, name, cursor) {
            return;
        }
        let path = std::iter::once(name.clone()).chain(cursor.path.iter().cloned()).collect();
        let kind = OriginKind::Package { package: Name::from("builtins"), path };
        self.born(unit.at(unit.module[site.expr].span), kind, &cursor.with_path(Vec::new()));
    }

    pub(super) fn starred(&mut self, unit: &'w Unit, name: &Name, cursor: &Cursor) -> bool {
        let before = self.origins.len();
        for export in &unit.module.exports {
            if let ExportKind::Star { specifier, specifier_span } = &export.kind
                && let Resolved::File(file) = self.values.workspace.resolve(unit.file, specifier)
            {
                let mut next = cursor.below([name.clone()]);
                next.frames = None;
                self.export(file, unit.at(*specifier_span), &next, 0);
            }
        }
        self.origins.len() > before
    }

    /// A member of an instance that is set by the keyword of its construction (data classes, models), or read from the environment
    /// (settings classes). True when that says what it is.
    pub(super) fn python_member(&mut self, class: ClassSite, created: Option<Site>, head: &Name, cursor: &Cursor) -> bool {
        let Some(unit) = self.values.unit(class.file).filter(|unit| unit.is_python()) else { return false };
        let declared = &unit.module[class.class];
        let field = declared.members.iter().find(|member| {
            member.key.as_ref().and_then(PropertyKey::name) == Some(&**head) && matches!(member.kind, ClassMemberKind::Field(_))
        });
        if let Some(field) = field
            && let Some(prefix) = self.settings_prefix(class, 0)
        {
            let name = env_name(unit, field).unwrap_or_else(|| format!("{prefix}{}", head.to_uppercase()));
            let kind = OriginKind::Env { name: Name::from(name), mechanism: EnvMechanism::Os };
            self.born(unit.at(field.span), kind, &cursor.rest());
            return true;
        }
        let Some(created) = created else { return false };
        let Some(maker) = self.values.unit(created.file) else { return false };
        let (ExprKind::Call { args, .. } | ExprKind::New { args, .. }) = &maker.module[created.expr].kind else { return false };
        let has_constructor = declared.members.iter().any(|member| member.key.as_ref().and_then(PropertyKey::name) == Some("__init__"));
        if has_constructor {
            return false;
        }
        match maker.keyword(args, head) {
            Some(value) => {
                self.expr(Site { file: created.file, expr: value }, &cursor.rest());
                true
            }
            None => false,
        }
    }

    /// For a class whose fields are environment variables: what stands before their names.
    fn settings_prefix(&self, class: ClassSite, depth: u8) -> Option<String> {
        let unit = self.values.unit(class.file)?;
        let declared = &unit.module[class.class];
        let base = declared.super_class?;
        let text = unit.source.slice(unit.module[base].span);
        let last = text.split(',').map(|base| base.trim().rsplit('.').next().unwrap_or("")).find(|base| SETTINGS.contains(base));
        let inherited = || {
            if depth > 3 {
                return None;
            }
            let bases = self.values.answer(Site { file: class.file, expr: base });
            bases.facts.iter().find_map(|fact| match fact.kind {
                OriginKind::Class(parent) if parent != class => self.settings_prefix(parent, depth + 1),
                _ => None,
            })
        };
        if last.is_none() {
            return inherited();
        }
        let body = unit.source.slice(declared.span);
        let prefix = body.split_once("env_prefix").and_then(|(_, rest)| rest.split(['"', '\'']).nth(1)).unwrap_or("");
        Some(prefix.to_uppercase())
    }

    /// A parameter of a function that a framework calls with what the caller sent.
    pub(super) fn handler_param(&mut self, unit: &'w Unit, function: FunctionSite, index: usize, at: Location, cursor: &Cursor) -> bool {
        if unit.is_rust() {
            return self.rust_param(unit, function, index, at, cursor);
        }
        if !unit.is_python() {
            return false;
        }
        let declared = &unit.module[function.function];
        let name = unit.param_name(declared, index).map_or("", AsRef::as_ref);
        let names_request = matches!(name, "request" | "req" | "event");
        if !names_request && !crate::analysis::auth::is_python_handler(&self.values.workspace.catalog.endpoints, unit, function.function) {
            return false;
        }
        let Some(param) = declared.params.get(index) else { return false };
        // What a dependency gives is followed through the default value or the annotation.
        if matches!(unit.module[param.pat].kind, PatKind::Default { .. }) {
            let text = unit.source.slice(unit.module[param.pat].span);
            if text.contains("Depends(") || text.contains("Security(") {
                return true;
            }
        }
        if let Some(dependency) = param.decorators.iter().find_map(|marker| self.annotated(unit, *marker, 0)) {
            self.result_of(dependency, dependency, &[], cursor);
            return true;
        }
        self.born(at, OriginKind::RequestInput, cursor);
        true
    }

    /// The function in `Annotated[T, Depends(function)]`, or in a name for that.
    fn annotated(&self, unit: &'w Unit, marker: ExprId, depth: u8) -> Option<Site> {
        match &unit.module[marker].kind {
            ExprKind::Unknown(parts) => parts.iter().find_map(|part| self.annotated(unit, *part, depth)),
            ExprKind::Index { index, .. } => self.annotated(unit, *index, depth),
            ExprKind::Call { args, .. } if matches!(unit.callee_text(marker).rsplit('.').next(), Some("Depends" | "Security")) => {
                args.first().map(|arg| Site { file: unit.file, expr: arg.expr })
            }
            ExprKind::Ident(_) if depth < 3 => {
                let (unit, value) = self.values.name_value(unit, marker)?;
                self.annotated(unit, value, depth + 1)
            }
            _ => None,
        }
    }
}

/// The variable that a field of a settings class names itself: `Field(..., env="X")`, `Field(validation_alias="X")`.
fn env_name(unit: &Unit, field: &ClassMember) -> Option<String> {
    let ClassMemberKind::Field(Some(value)) = field.kind else { return None };
    let ExprKind::Call { args, .. } = &unit.module[value].kind else { return None };
    let name = ["env", "validation_alias", "alias"].iter().find_map(|name| unit.keyword(args, name))?;
    match &unit.module[name].kind {
        ExprKind::Literal(Literal::String(text)) => Some(text.to_string()),
        _ => None,
    }
}

impl<'w> super::Values<'w> {
    /// What a name is set to, here or in the file that it is imported from, when it is set once.
    pub(crate) fn name_value(&self, unit: &'w Unit, name: ExprId) -> Option<(&'w Unit, ExprId)> {
        use crate::analysis::usage::WriteKind;
        let symbol = unit.scopes.symbol_of_expr(name)?;
        let [write] = unit.usage.writes(symbol) else { return None };
        match write.kind {
            WriteKind::Declared { init: Some(init) } if write.path.is_empty() => Some((unit, init)),
            WriteKind::Import { import, name } => {
                let import = unit.module.imports.get(import)?;
                let crate::hir::Imported::Named(wanted) = &import.names.get(name)?.imported else { return None };
                let Resolved::File(file) = self.workspace.resolve(unit.file, &import.specifier) else { return None };
                let unit = self.unit(file)?;
                let exported = unit.module.exports.iter().find_map(|export| match &export.kind {
                    ExportKind::Binding { name, binding } if name == wanted => unit.scopes.symbol_of_binding(*binding),
                    _ => None,
                })?;
                match unit.usage.writes(exported) {
                    [write] if write.path.is_empty() => match write.kind {
                        WriteKind::Declared { init: Some(init) } => Some((unit, init)),
                        _ => None,
                    },
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// What a call gives a parameter of a Python function.
pub(super) enum Given {
    /// This argument.
    Argument(ExprId),
    /// Nothing: its default value holds.
    Nothing,
}

/// What a call with keywords gives a parameter of a Python function; none for a call without, whose places tell.
pub(super) fn argument_for(caller: &Unit, call: ExprId, target: &Unit, function: &Function, index: usize) -> Option<Given> {
    let (ExprKind::Call { args, .. } | ExprKind::New { args, .. }) = &caller.module[call].kind else { return None };
    let keywords = caller.module.keywords(args)?;
    if let Some(value) = target.param_name(function, index).and_then(|name| caller.keyword(args, name)) {
        return Some(Given::Argument(value));
    }
    if target.takes_keywords(function, index) {
        return Some(Given::Argument(keywords));
    }
    let positional = args.get(index).filter(|arg| arg.expr != keywords && !args.iter().take(index + 1).any(|arg| arg.spread));
    Some(positional.map_or(Given::Nothing, |arg| Given::Argument(arg.expr)))
}
