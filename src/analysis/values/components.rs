//! Components that are files: Vue, Svelte and Astro. What a component is given stands in the markup of the files that import it, as JSX
//! elements of the lowering; inside the component it has many names: `defineProps()`, `$props()`, `export let login`, `Astro.props`, `this.login`,
//! the first parameter of `setup`.
//!
//! The names in a template are those of the instance in Vue's options and in Angular's classes, and in Vue's templates a ref is its value.

use super::callers::{Caller, Given};
use super::instances::Instance;
use super::{ClassSite, Cursor, Site, Values, Walk};
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::analysis::usage::{FunctionName, WriteKind};
use crate::hir::{BindingId, BindingKind, ClassId, Element, ExportKind, ExprId, ExprKind, FunctionId, Imported, Name, ProgramKind};
use crate::project::kind::FileKind;

impl<'w> Walk<'w> {
    fn component_kind(&self, unit: &Unit) -> Option<FileKind> {
        let kind = self.values.workspace.project.file(unit.file)?.kind;
        matches!(kind, FileKind::Vue | FileKind::Svelte | FileKind::Astro).then_some(kind)
    }

    /// Follows the member of a component's props that the path names, to the elements that give it.
    pub(crate) fn props(&mut self, unit: &'w Unit, cursor: &Cursor) {
        if cursor.path.is_empty() || self.component_kind(unit).is_none() {
            return;
        }
        let mut callers: Vec<Caller<'w>> = Vec::new();
        for importer in self.values.workspace.importing_units(unit.file) {
            for import in &importer.module.imports {
                for name in import.names.iter().filter(|name| name.imported == Imported::Default) {
                    let Some(symbol) = importer.scopes.symbol_of_binding(name.local) else { continue };
                    let uses = importer.usage.jsx_uses(symbol);
                    if !uses.is_empty() && self.values.workspace.resolves_to(importer.file, &import.specifier, unit.file) {
                        callers.extend(uses.iter().map(|expr| Caller { unit: importer, expr: *expr, given: Given::ONE_BY_ONE }));
                    }
                }
            }
        }
        for caller in callers.into_iter().take(super::CALLERS) {
            self.argument_of(caller, 0, false, cursor);
        }
    }

    /// `defineProps<…>()`, `withDefaults(defineProps<…>(), { … })` of Vue, `$props()` of Svelte. False for any other call.
    pub(crate) fn props_call(&mut self, unit: &'w Unit, callee: ExprId, args: &[Element], cursor: &Cursor) -> bool {
        let ExprKind::Ident(name) = &unit.module[callee].kind else { return false };
        let known = matches!(&**name, "defineProps" | "withDefaults" | "$props");
        if !known || unit.scopes.symbol_of_expr(callee).is_some() || self.component_kind(unit).is_none() {
            return false;
        }
        self.props(unit, cursor);
        if let ("withDefaults", Some(defaults)) = (&**name, args.get(1)) {
            self.expr(Site { file: unit.file, expr: defaults.expr }, cursor);
        }
        true
    }

    /// `export let login` of a Svelte component: a prop.
    pub(crate) fn exported_prop(&mut self, unit: &'w Unit, symbol: SymbolId, cursor: &Cursor) {
        let declared = |binding: &BindingId| unit.module[*binding].kind == BindingKind::Let;
        let Some(known) = unit.scopes.symbol(symbol).filter(|known| known.bindings.iter().any(declared)) else { return };
        let is_prop = unit.usage.writes(symbol).iter().any(|write| matches!(write.kind, WriteKind::Declared { .. }));
        if is_prop && self.component_kind(unit) == Some(FileKind::Svelte) && unit.exports_symbol(symbol) {
            let name = known.name.clone();
            self.props(unit, &cursor.below([name]));
        }
    }

    /// Whether a parameter is the props of a Vue component: the first one of `setup`. Follows them then.
    pub(crate) fn setup_props(&mut self, unit: &'w Unit, function: FunctionId, index: usize, cursor: &Cursor) -> bool {
        let is_setup = matches!(unit.usage.function_name(function), Some(FunctionName::Property { name, .. }) if &**name == "setup");
        let is_props = index == 0 && is_setup && self.component_kind(unit) == Some(FileKind::Vue);
        if is_props {
            self.props(unit, cursor);
        }
        is_props
    }

    /// What a component's template writes to a member of `this`.
    pub(crate) fn template_writes(&mut self, template: &'w Unit, cursor: &Cursor) {
        let Some(head) = cursor.head().cloned() else { return };
        for write in template.usage.global_writes(&head) {
            self.member_written(template, write, &cursor.rest());
        }
    }

    /// What the template of an Angular component writes to its class.
    pub(crate) fn class_template_writes(&mut self, class: ClassSite, cursor: &Cursor) {
        if let Some(template) = self.values.template_of(class) {
            self.template_writes(template, cursor);
        }
    }

    /// A name that no scope declares, where a component gives it a meaning. False for any other name.
    pub(crate) fn component_name(&mut self, unit: &'w Unit, site: Site, name: &Name, cursor: &Cursor) -> bool {
        match self.component_kind(unit) {
            // `$: token = session.token`: an assignment that declares the name.
            Some(FileKind::Svelte) => {
                let mut writes = unit.usage.global_writes(name).peekable();
                let found = writes.peek().is_some();
                writes.for_each(|write| self.member_written(unit, write, cursor));
                found
            }
            Some(FileKind::Vue) if unit.is_in_template(site.expr) => {
                let options = unit.default_options();
                if let Some(options) = options {
                    self.options_this(unit, options, &cursor.below([name.clone()]));
                }
                options.is_some()
            }
            Some(_) => false,
            None => {
                let class = self.values.class_of_template(unit, site.expr);
                if let Some(class) = class {
                    self.class_member(class, Some(Instance { class, created: None }), &cursor.below([name.clone()]));
                }
                class.is_some()
            }
        }
    }

    /// A declared name in a Vue template: a ref is its value there. False where it is no ref, or stands in a script.
    pub(crate) fn unwrapped_ref(&mut self, unit: &'w Unit, site: Site, symbol: SymbolId, cursor: &Cursor) -> bool {
        if self.component_kind(unit) != Some(FileKind::Vue) || !unit.is_in_template(site.expr) {
            return false;
        }
        let before = self.origins.len();
        self.symbol(unit, symbol, None, &cursor.below([Name::from("value")]));
        self.origins.len() > before
    }
}

impl<'w> Values<'w> {
    /// The unit that holds the template of an Angular component: the file that its decorator names, or its own.
    fn template_of(&self, class: ClassSite) -> Option<&'w Unit> {
        let unit = self.unit(class.file)?;
        let options = unit.component_options(class.class)?;
        let site = Site { file: class.file, expr: options };
        if self.property_value(site, "template").is_some() {
            return Some(unit);
        }
        let url = self.constant_string(self.property_value(site, "templateUrl")?)?;
        let folder = unit.source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let url = url.trim_start_matches("./");
        let path = if folder.is_empty() { url.to_owned() } else { format!("{folder}/{url}") };
        self.unit(self.workspace.project.file_by_path(&path)?)
    }

    /// The class whose template an expression stands in.
    fn class_of_template(&self, unit: &'w Unit, expr: ExprId) -> Option<ClassSite> {
        if unit.module.elements.is_empty() {
            return None;
        }
        let classes = |unit: &'w Unit| (0..u32::try_from(unit.module.classes.len()).unwrap_or(0)).map(ClassId);
        if self.workspace.project.file(unit.file)?.kind == FileKind::Html {
            let stem = unit.source.path.strip_suffix(".html")?;
            let component = self.unit(self.workspace.project.file_by_path(&format!("{stem}.ts"))?)?;
            let mut sites = classes(component).map(|class| ClassSite { file: component.file, class });
            return sites.find(|class| self.template_of(*class).is_some_and(|template| template.file == unit.file));
        }
        let span = unit.module[expr].span;
        let holds = |class: &ClassId| {
            let decorators = &unit.module[*class].decorators;
            decorators.iter().map(|decorator| unit.module[*decorator].span).any(|outer| outer.start <= span.start && span.end <= outer.end)
        };
        classes(unit).find(holds).map(|class| ClassSite { file: unit.file, class })
    }

    /// The calls of a component's method in its template.
    pub(crate) fn template_callers(&self, class: ClassSite, method: &str, callers: &mut Vec<Caller<'w>>) {
        let Some(template) = self.template_of(class) else { return };
        for (index, expr) in template.module.exprs.iter().enumerate() {
            let ExprKind::Call { callee, .. } = &expr.kind else { continue };
            let expr = ExprId(u32::try_from(index).unwrap_or(u32::MAX));
            let named = matches!(&template.module[*callee].kind, ExprKind::Ident(name) if &**name == method);
            if named && self.class_of_template(template, expr) == Some(class) {
                callers.push(Caller { unit: template, expr, given: Given::ONE_BY_ONE });
            }
        }
    }
}

impl Unit {
    /// Whether an expression stands in the markup of a component, outside its scripts.
    fn is_in_template(&self, expr: ExprId) -> bool {
        let span = self.module[expr].span;
        let scripts = self.module.programs.iter().filter(|program| program.kind != ProgramKind::Inline);
        !scripts.map(|program| program.span).any(|script| script.start <= span.start && span.end <= script.end)
    }

    /// The options object that a component's script exports: `export default { … }`, `export default defineComponent({ … })`.
    fn default_options(&self) -> Option<ExprId> {
        let exported = self.module.exports.iter().find_map(|export| match &export.kind {
            ExportKind::Expr { name, expr } if &**name == "default" => Some(*expr),
            _ => None,
        })?;
        let exported = self.uncast(exported);
        let object = match &self.module[exported].kind {
            ExprKind::Call { args, .. } => self.uncast(args.first()?.expr),
            _ => exported,
        };
        matches!(self.module[object].kind, ExprKind::Object(_)).then_some(object)
    }

    /// The options of `@Component({ … })`.
    fn component_options(&self, class: ClassId) -> Option<ExprId> {
        self.module[class].decorators.iter().find_map(|decorator| match &self.module[*decorator].kind {
            ExprKind::Call { callee, args, .. } => {
                let named = matches!(&self.module[*callee].kind, ExprKind::Ident(name) if &**name == "Component");
                named.then(|| args.first().map(|arg| arg.expr)).flatten()
            }
            _ => None,
        })
    }
}
