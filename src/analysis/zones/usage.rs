//! What a module uses that exists on one side only.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::sides::{OneSide, Strength, Usage};
use crate::hir::visit::{self, Node};
use crate::hir::{
    BindingId, ExportKind, Expr, ExprId, ExprKind, FunctionId, Imported, Literal, Module, Name, PatId, PatKind, Property, UnaryOp,
};
use crate::source::Span;

/// What one module says and uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModuleFacts {
    /// The directive prologues of its script regions.
    pub directives: Vec<Name>,
    /// The names that it exports, those of `CommonJS` too; `module.exports` itself counts as a name.
    pub exports: Vec<Name>,
    /// It has code at all: a PHP file without a script region is none of ours to read.
    pub has_code: bool,
    /// What it uses of the browser, in source order. What stands behind a `typeof window` test is left out.
    pub client: Vec<Use>,
    /// What it uses of a server, in source order.
    pub server: Vec<Use>,
}

/// One use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// What, as evidence prints it: `window`, `express`, `useState of react`.
    pub what: String,
    /// Where.
    pub span: Span,
    /// How much it tells.
    pub strength: Strength,
    /// It concerns the whole module: an import, or code that runs when the module is loaded. A global that one function of
    /// many touches does not.
    pub whole_module: bool,
}

impl Use {
    /// Whether it exists on its side only.
    #[must_use]
    pub fn is_strong(&self) -> bool {
        self.strength >= Strength::Strong
    }
}

/// The directive prologue of a text, without parsing it: string statements after comments and a hash-bang line.
#[must_use]
pub fn prologue(text: &str) -> Vec<Name> {
    let mut found = Vec::new();
    let mut rest = text.trim_start_matches('\u{feff}');
    if rest.starts_with("#!") {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
        if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.split_once('\n').map_or("", |(_, rest)| rest);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, rest)| rest);
        } else {
            let Some(quote) = rest.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else { return found };
            let Some((directive, after)) = rest.get(1..).and_then(|rest| rest.split_once(quote)) else { return found };
            // A string that goes on as an expression (`"a" + b`, `"a".length`) is no directive.
            let ends =
                after.trim_start_matches([' ', '\t']).chars().next().is_none_or(|next| matches!(next, ';' | '\n' | '\r' | '}' | '/'));
            if !ends || directive.contains('\n') {
                return found;
            }
            found.push(Name::from(directive));
            rest = after;
        }
    }
}

/// Reads a module's facts. One walk over all nodes.
#[must_use]
pub fn module_facts(module: &Module, usage: &Usage) -> ModuleFacts {
    let mut facts = ModuleFacts {
        directives: module.programs.iter().flat_map(|program| &program.directives).map(|(name, _)| Name::clone(name)).collect(),
        exports: exports(module),
        has_code: module.programs.iter().any(|program| !program.body.is_empty()),
        ..ModuleFacts::default()
    };
    let mut walk = Walk::new(module, usage);
    walk.imports();
    walk.fetch_handler();
    visit::roots(module, &mut |node| walk.pending.push((node, None)));
    walk.run();
    facts.exports.extend(walk.common_js);
    facts.exports.sort_unstable();
    facts.exports.dedup();
    for (side, enclosing, used) in walk.uses {
        match side {
            OneSide::Client if walk.guarded.holds(&walk.parents, enclosing) => {}
            OneSide::Client => facts.client.push(used),
            OneSide::Server => facts.server.push(used),
        }
    }
    facts.client.sort_by_key(|used| used.span);
    facts.server.sort_by_key(|used| used.span);
    facts
}

fn without_casts(module: &Module, mut expr: ExprId) -> &Expr {
    while let ExprKind::Cast { expr: inner, .. } = &module[expr].kind {
        expr = *inner;
    }
    &module[expr]
}

fn exports(module: &Module) -> Vec<Name> {
    let named = module.exports.iter().filter(|export| !export.type_only).filter_map(|export| match &export.kind {
        ExportKind::Binding { name, .. } | ExportKind::Expr { name, .. } | ExportKind::From { name, .. } => Some(Name::clone(name)),
        ExportKind::Star { .. } => None,
    });
    named.collect()
}

/// Functions (or the module, as none) that test for the other side, so that what they use of the browser is no evidence.
#[derive(Default)]
struct Guarded {
    module: bool,
    functions: FxHashSet<FunctionId>,
}

impl Guarded {
    fn holds(&self, parents: &FxHashMap<FunctionId, Option<FunctionId>>, enclosing: Option<FunctionId>) -> bool {
        let mut at = enclosing;
        while let Some(function) = at {
            if self.functions.contains(&function) {
                return true;
            }
            at = parents.get(&function).copied().flatten();
        }
        self.module
    }
}

struct Walk<'m> {
    module: &'m Module,
    usage: &'m Usage,
    /// Names that the module declares itself: `document` may be a database row.
    declared: FxHashSet<&'m str>,
    pending: Vec<(Node, Option<FunctionId>)>,
    parents: FxHashMap<FunctionId, Option<FunctionId>>,
    guarded: Guarded,
    uses: Vec<(OneSide, Option<FunctionId>, Use)>,
    common_js: Vec<Name>,
}

impl<'m> Walk<'m> {
    fn new(module: &'m Module, usage: &'m Usage) -> Self {
        Self {
            module,
            usage,
            declared: module.bindings.iter().map(|binding| &*binding.name).collect(),
            pending: Vec::new(),
            parents: FxHashMap::default(),
            guarded: Guarded::default(),
            uses: Vec::new(),
            common_js: Vec::new(),
        }
    }

    fn imports(&mut self) {
        let module = self.module;
        for import in module.imports.iter().filter(|import| !import.type_only) {
            // `import { type A }` alone imports nothing at run time.
            let value = |local: BindingId| {
                module.bindings.get(local.index()).is_none_or(|binding| binding.kind != crate::hir::BindingKind::TypeImport)
            };
            if !import.names.is_empty() && !import.names.iter().any(|name| value(name.local)) {
                continue;
            }
            self.specifier(&import.specifier, import.specifier_span);
            for name in &import.names {
                if let Imported::Named(imported) = &name.imported
                    && let Some(side) = self.usage.imported_name(&import.specifier, imported)
                {
                    self.used(side, Strength::Strong, format!("{imported} of {}", import.specifier), import.span, None);
                }
            }
        }
        for export in module.exports.iter().filter(|export| !export.type_only) {
            if let ExportKind::From { specifier, specifier_span, .. } | ExportKind::Star { specifier, specifier_span } = &export.kind {
                self.specifier(specifier, *specifier_span);
            }
        }
    }

    /// `export default { fetch() {} }`: what Workers, Deno and Bun serve.
    fn fetch_handler(&mut self) {
        let module = self.module;
        for export in &module.exports {
            let ExportKind::Expr { name, expr } = &export.kind else { continue };
            let ExprKind::Object(properties) = &without_casts(module, *expr).kind else { continue };
            let handles = properties.iter().any(
                |property| matches!(property, Property::Value { key, .. } if matches!(key.name(), Some("fetch" | "scheduled" | "queue"))),
            );
            if &**name == "default" && handles {
                self.used(
                    OneSide::Server,
                    Strength::Strong,
                    "a default export with `fetch`, a server's handler".to_owned(),
                    export.span,
                    None,
                );
            }
        }
    }

    fn specifier(&mut self, specifier: &str, span: Span) {
        if let Some(sign) = self.usage.import(specifier) {
            self.used(sign.side, sign.strength, specifier.to_owned(), span, None);
        }
    }

    fn used(&mut self, side: OneSide, strength: Strength, what: String, span: Span, enclosing: Option<FunctionId>) {
        self.uses.push((side, enclosing, Use { what, span, strength, whole_module: enclosing.is_none() }));
    }

    fn run(&mut self) {
        let module = self.module;
        while let Some((node, enclosing)) = self.pending.pop() {
            let mut inside = enclosing;
            match node {
                Node::Function(function) => {
                    self.parents.insert(function, enclosing);
                    inside = Some(function);
                }
                Node::Expr(expr) => self.expr(expr, enclosing),
                Node::Pat(_) | Node::Stmt(_) | Node::Class(_) => {}
            }
            visit::children(module, node, &mut |child| self.pending.push((child, inside)));
        }
    }

    fn expr(&mut self, expr: ExprId, enclosing: Option<FunctionId>) {
        let module = self.module;
        let span = module[expr].span;
        match &module[expr].kind {
            ExprKind::Ident(name) => {
                if let Some(side) = self.global(name) {
                    self.used(side, Strength::Strong, format!("`{name}`"), span, enclosing);
                }
            }
            ExprKind::Member { object, property, .. } => {
                // `window.location.href` says no more than `window`; `globalThis.x` says nothing.
                let ExprKind::Ident(name) = &module[*object].kind else { return };
                if !self.declared.contains(&**name)
                    && let Some(side) = self.usage.member(name, property)
                {
                    self.used(side, Strength::Strong, format!("`{name}.{property}`"), span, enclosing);
                }
            }
            ExprKind::Unary { op: UnaryOp::TypeOf, operand } => {
                if let ExprKind::Ident(name) = &module[*operand].kind
                    && self.global(name) == Some(OneSide::Client)
                {
                    match enclosing {
                        Some(function) => {
                            self.guarded.functions.insert(function);
                        }
                        None => self.guarded.module = true,
                    }
                }
            }
            ExprKind::Call { callee, args, .. } => {
                if let ExprKind::Ident(name) = &module[*callee].kind
                    && &**name == "require"
                    && let Some(argument) = args.first()
                {
                    self.loaded(argument.expr, enclosing);
                }
            }
            ExprKind::ImportCall { specifier } => self.loaded(*specifier, enclosing),
            ExprKind::Assign { target, value, .. } => self.common_js_export(*target, *value),
            _ => {}
        }
    }

    fn loaded(&mut self, specifier: ExprId, enclosing: Option<FunctionId>) {
        let module = self.module;
        if let ExprKind::Literal(Literal::String(text)) = &module[specifier].kind
            && let Some(sign) = self.usage.import(text)
        {
            let used = Use { what: text.to_string(), span: module[specifier].span, strength: sign.strength, whole_module: true };
            self.uses.push((sign.side, enclosing, used));
        }
    }

    fn global(&self, name: &str) -> Option<OneSide> {
        if self.declared.contains(name) { None } else { self.usage.global(name) }
    }

    /// `module.exports = { a, b }`, `module.exports.a = …`, `exports.a = …`.
    fn common_js_export(&mut self, target: PatId, value: ExprId) {
        let module = self.module;
        let PatKind::Expr(target) = module[target].kind else { return };
        let ExprKind::Member { object, property, .. } = &module[target].kind else { return };
        let is_module_exports = |expr: ExprId| {
            matches!(&module[expr].kind, ExprKind::Member { object, property, .. }
                if &**property == "exports" && matches!(&module[*object].kind, ExprKind::Ident(name) if &**name == "module"))
        };
        if is_module_exports(target) {
            self.common_js.push(Name::from("module.exports"));
            if let ExprKind::Object(properties) = &module[value].kind {
                for property in properties {
                    if let Property::Value { key, .. } | Property::Accessor { key, .. } = property {
                        self.common_js.extend(key.name().map(Name::from));
                    }
                }
            }
        } else if is_module_exports(*object) || matches!(&module[*object].kind, ExprKind::Ident(name) if &**name == "exports") {
            self.common_js.push(Name::clone(property));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prologue_ends_where_code_begins() {
        for (text, expected) in [
            ("'use client'\nimport x from 'y'", vec!["use client"]),
            ("// hi\n/* there */\n\"use strict\"; \"use server\";\nfoo()", vec!["use strict", "use server"]),
            ("#!/usr/bin/env node\n'use strict'\n", vec!["use strict"]),
            ("import x from 'y'\n'use client'", vec![]),
            ("'use client' + x", vec![]),
            ("'use client'.length", vec![]),
            ("'use client", vec![]),
            ("", vec![]),
            ("\u{feff}\"use client\"", vec!["use client"]),
        ] {
            assert_eq!(prologue(text).iter().map(|name| &**name).collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
