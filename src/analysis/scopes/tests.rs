#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::{Reference, ScopeKind, SymbolId, SymbolKind, resolve};
use crate::hir::{Binding, BindingKind, ExprKind, Language, Module, PatKind, Program, ProgramKind, StmtKind};
use crate::project::kind::FileKind;
use crate::source::Span;
use crate::syntax;

/// A page whose regions each declare a `const` and read a name (either may be empty).
fn page(regions: &[(ProgramKind, &str, &str)]) -> Module {
    let mut module = Module::new(Language::Markup);
    for (index, (kind, declared, read)) in regions.iter().enumerate() {
        let span = Span::new(index * 10, index * 10 + 9);
        let mut body = Vec::new();
        if !declared.is_empty() {
            let binding = module.binding(Binding { name: (*declared).into(), span, kind: BindingKind::Const, type_name: None });
            let pat = module.pat(span, PatKind::Binding(binding));
            body.push(module.stmt(span, StmtKind::Declare { kind: BindingKind::Const, declarators: vec![(pat, None)] }));
        }
        if !read.is_empty() {
            let expr = module.expr(span, ExprKind::Ident((*read).into()));
            body.push(module.stmt(span, StmtKind::Expr(expr)));
        }
        module.programs.push(Program { span, kind: *kind, directives: Vec::new(), body });
    }
    module
}

#[test]
fn script_regions_see_what_the_browser_or_framework_lets_them_see() {
    use ProgramKind::{Classic, Component, Inline, Module, Server, Setup};
    let cases = [
        ("classic scripts share their names", Classic, Classic, true),
        ("module scripts see classic ones", Classic, Module, true),
        ("classic scripts do not see module ones", Module, Classic, false),
        ("module scripts do not see each other", Module, Module, false),
        ("handlers see classic scripts", Classic, Inline, true),
        ("handlers do not see module scripts", Module, Inline, false),
        ("handlers do not see each other", Inline, Inline, false),
        ("templates see the component", Component, Inline, true),
        ("templates see the setup script", Setup, Inline, true),
        ("component scripts share their names", Component, Component, true),
        ("setup sees the plain script", Component, Setup, true),
        ("the plain script does not see setup", Setup, Component, false),
        ("templates see server script", Server, Inline, true),
        ("client modules do not see server script", Server, Module, false),
        ("classic scripts do not see server script", Server, Classic, false),
        ("server script does not see the page", Classic, Server, false),
    ];
    for (what, declares, reads, visible) in cases {
        // Both orders: what is visible does not depend on which region stands first.
        for regions in [[(declares, "x", ""), (reads, "", "x")], [(reads, "", "x"), (declares, "x", "")]] {
            let module = page(&regions);
            let scopes = resolve(&module);
            let read = scopes.unresolved.is_empty();
            assert_eq!(read, visible, "{what}");
        }
    }
}

#[test]
fn a_handler_beside_server_script_still_sees_classic_scripts() {
    let module = page(&[(ProgramKind::Server, "a", ""), (ProgramKind::Classic, "b", ""), (ProgramKind::Inline, "", "b")]);
    assert!(resolve(&module).unresolved.is_empty());
}

#[test]
fn the_innermost_region_wins() {
    let module = page(&[(ProgramKind::Component, "x", "x"), (ProgramKind::Setup, "x", "x"), (ProgramKind::Inline, "", "x")]);
    let scopes = resolve(&module);
    let kinds: Vec<_> = (0..module.exprs.len())
        .map(|index| match scopes.by_expr[index].unwrap() {
            Reference::Symbol(symbol) => scopes.scopes[scopes.symbols[symbol.index()].scope.index()].kind,
            Reference::Global => ScopeKind::Page,
        })
        .collect();
    let program = ScopeKind::Program;
    assert_eq!(kinds, [program(ProgramKind::Component), program(ProgramKind::Setup), program(ProgramKind::Setup)]);
}

#[test]
fn names_can_be_looked_up_from_any_scope() {
    let module = page(&[(ProgramKind::Module, "x", ""), (ProgramKind::Classic, "y", "")]);
    let scopes = resolve(&module);
    let inside = scopes.symbols.iter().find(|symbol| &*symbol.name == "x").unwrap().scope;
    assert!(scopes.lookup(inside, "x").is_some_and(|symbol| scopes.is_top_level(symbol)));
    assert!(scopes.lookup(inside, "y").is_some());
    assert!(scopes.lookup(super::declare::PAGE, "x").is_none());
    assert!(scopes.lookup(inside, "z").is_none());
}

#[test]
fn defaults_of_parameters_do_not_see_the_body() {
    // The oracle of `tests/scope_oracle.rs` gives the body's names to defaults when it meets the outer declaration later.
    for (source, globals) in [("function f(a = x) { var x; }", 1), ("function f(a = () => x) { let x; } let x;", 0)] {
        let module = syntax::lower(FileKind::JavaScript, source);
        let scopes = resolve(&module);
        assert_eq!(scopes.unresolved.len(), globals, "{source}");
        let inside = scopes.symbols.iter().position(|symbol| scopes.scopes[symbol.scope.index()].kind == ScopeKind::FunctionBody);
        let inside = SymbolId(u32::try_from(inside.unwrap()).unwrap());
        assert!(scopes.references(inside).is_empty(), "{source}");
    }
}

#[test]
fn values_never_name_a_type_only_import() {
    let module =
        syntax::lower(FileKind::TypeScript, "import type { Client } from 'm'; import { type Phone } from 'n'; new Client(); Phone;");
    let scopes = resolve(&module);
    assert_eq!(scopes.unresolved.len(), 2);
    assert!(scopes.symbols.iter().all(|symbol| symbol.kind == SymbolKind::Binding(BindingKind::TypeImport)));
}
