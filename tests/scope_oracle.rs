//! Name resolution against an independent implementation: `oxc_semantic` on the same text.
//!
//! Every value reference must stand in both, and must name the same declaration in both. A small table of tricky snippets
//! always runs; `AUTHLINT_TREES` (folders, separated by `:`) adds every script file in them. What is known to differ, and is
//! argued for, stands in [`KNOWN`].

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, missing_docs)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use authlint::analysis::scopes::{self, Reference};
use authlint::hir::{ExprId, ExprKind, Language, Module, ProgramKind};
use authlint::project::kind::FileKind;
use authlint::source::Span;
use authlint::syntax;
use authlint::syntax::lower::javascript::{self, Region};
use oxc_allocator::Allocator;
use oxc_ast::AstKind;
use oxc_parser::Parser;
use oxc_semantic::{Semantic, SemanticBuilder, SymbolFlags, SymbolId};
use oxc_span::SourceType;
use rayon::prelude::*;

/// Larger files are generated.
const MAX_BYTES: usize = 1 << 20;

/// Agreement below this is a regression.
const WANTED: f64 = 0.999;

/// Differences that are meant: the class of difference as [`Difference::class`] words it, and the reason.
const KNOWN: &[(&str, &str)] = &[
    ("global, not ambient", "`declare const x` says that x is made elsewhere: for values it is a global"),
    ("lost in ambient ExportDefaultDeclaration", "ambient blocks hold no code, and lowering drops them"),
    ("lost in ambient ExportSpecifier", "ambient blocks hold no code, and lowering drops them"),
    ("lost in ambient TSExportAssignment", "ambient blocks hold no code, and lowering drops them"),
];

/// Start and end in bytes.
type Bytes = (u32, u32);

/// One reference that the two sides see differently.
#[derive(Debug)]
struct Difference {
    class: String,
    name: String,
    at: Bytes,
}

#[derive(Debug, Default)]
struct Outcome {
    /// Only authlint's parser has errors here.
    salvaged: bool,
    agreed: usize,
    differences: Vec<Difference>,
}

/// What one side says of a reference.
#[derive(Debug, Clone, PartialEq)]
enum Named {
    Global,
    /// Where the symbol's declarations stand.
    Declared(Vec<Bytes>),
}

/// Why a text cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Unfit {
    /// Too large, or not text.
    Unread,
    /// The oracle's parser has errors.
    Broken,
    /// The oracle itself panics.
    Panic,
}

/// Compares one text.
fn compare(module: &Module, source: &str, source_type: SourceType) -> Result<Outcome, Unfit> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, source_type).parse();
    if parsed.panicked || parsed.diagnostics.has_errors() {
        return Err(Unfit::Broken);
    }
    let semantic = SemanticBuilder::new().with_build_nodes(true).build(&parsed.program).semantic;
    let scopes = scopes::resolve(module);
    let mut ours: BTreeMap<Bytes, (String, Named)> = BTreeMap::new();
    for (index, expr) in module.exprs.iter().enumerate() {
        let id = ExprId(u32::try_from(index).unwrap());
        let (ExprKind::Ident(name), Some(reference)) = (&expr.kind, scopes.reference(id)) else {
            continue;
        };
        // The template of an Angular component is a string for the oracle.
        if module.elements.iter().any(|element| element.span.start <= expr.span.start && expr.span.end <= element.span.end) {
            continue;
        }
        let named = match reference {
            Reference::Global => Named::Global,
            Reference::Symbol(symbol) => {
                let symbol = scopes.symbol(symbol).unwrap();
                let declared = symbol.bindings.iter().map(|binding| module[*binding].span).chain([symbol.span]);
                Named::Declared(declared.map(|span| (span.start, span.end)).collect())
            }
        };
        ours.insert((expr.span.start, expr.span.end), (name.to_string(), named));
    }

    let mut outcome = Outcome { salvaged: !module.problems.is_empty(), ..Outcome::default() };
    for node in semantic.nodes().iter() {
        let AstKind::IdentifierReference(ident) = node.kind() else {
            continue;
        };
        let Some(reference_id) = ident.reference_id.get() else {
            continue;
        };
        let reference = semantic.scoping().get_reference(reference_id);
        let at = (ident.span.start, ident.span.end);
        if !reference.is_value() {
            // A type; a list of exports may name one, which for values is nothing.
            ours.remove(&at);
            continue;
        }
        let theirs = reference.symbol_id();
        let parents = semantic.nodes().ancestor_kinds(node.id());
        if is_closing_tag(parents.clone()) {
            // Repeats its opening tag; the HIR has one tag an element.
            continue;
        }
        let ambient = if is_ambient(parents) { "ambient " } else { "" };
        let parent = kind_name(semantic.nodes().parent_kind(node.id()));
        let mut differ = |class: String| outcome.differences.push(Difference { class, name: ident.name.to_string(), at });
        match (ours.remove(&at), theirs) {
            (None, _) => differ(format!("lost in {ambient}{parent}")),
            (Some((_, Named::Global)), None) => outcome.agreed += 1,
            (Some((_, Named::Global)), Some(symbol)) => differ(format!("global, not {}", declaration(&semantic, symbol))),
            (Some((_, Named::Declared(_))), None) => differ(format!("declared, not global (in {parent})")),
            (Some((_, Named::Declared(spans))), Some(symbol)) => {
                // A type and a value of one name are one symbol there, so its first declaration may be the type's.
                let scoping = semantic.scoping();
                let again = scoping.symbol_redeclarations(symbol).iter().map(|again| again.span);
                if again.chain([scoping.symbol_span(symbol)]).any(|span| spans.contains(&(span.start, span.end))) {
                    outcome.agreed += 1;
                } else {
                    differ(format!("another declaration than {}", declaration(&semantic, symbol)));
                }
            }
        }
    }
    for (at, (name, _)) in ours {
        outcome.differences.push(Difference { class: "only in the HIR".to_owned(), name, at });
    }
    Ok(outcome)
}

fn kind_name(kind: AstKind) -> String {
    format!("{:?}", kind.ty())
}

fn declaration(semantic: &Semantic, symbol: SymbolId) -> String {
    if semantic.scoping().symbol_flags(symbol).contains(SymbolFlags::Ambient) {
        return "ambient".to_owned();
    }
    kind_name(semantic.nodes().kind(semantic.scoping().symbol_declaration(symbol)))
}

fn is_closing_tag<'a>(parents: impl Iterator<Item = AstKind<'a>>) -> bool {
    let mut parents = parents.skip_while(|kind| matches!(kind, AstKind::JSXMemberExpression(_)));
    matches!(parents.next(), Some(AstKind::JSXClosingElement(_)))
}

/// Whether a node stands in `declare module`, `declare namespace` or `declare global`.
fn is_ambient<'a>(mut parents: impl Iterator<Item = AstKind<'a>>) -> bool {
    parents.any(|kind| match kind {
        AstKind::TSExternalModuleDeclaration(_) | AstKind::TSGlobalDeclaration(_) => true,
        AstKind::TSNamespaceDeclaration(namespace) => namespace.declare,
        _ => false,
    })
}

fn is_known(class: &str) -> bool {
    KNOWN.iter().any(|(known, _)| *known == class)
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Dialect {
    /// A module file.
    Js,
    /// A JavaScript file without module syntax: sloppy mode, names of its own.
    CommonJs,
    Ts,
    Tsx,
    /// A classic script of a page: sloppy mode.
    Classic,
}

/// One idea a line.
const SNIPPETS: &[(Dialect, &str)] = &[
    // Hoisting.
    (Dialect::Js, "a(); f(); var a; function f() { a; b; var b; { var c; } c; } b;"),
    (Dialect::Js, "function f() { if (x) { var x = 1; } for (var i = 0; i < x; i++) { var y; } return i + y; } i; y;"),
    (Dialect::Js, "import 'm'; { function g() { g(); } g(); } g();"),
    (Dialect::Js, "var f; function h() { f; function f() { f; } f; }"),
    (Dialect::Js, "var a; var a; a; function a() {}"),
    // Block scopes and their dead zones.
    (Dialect::Js, "const a = 1; { a; const a = 2; a; } a;"),
    (Dialect::Js, "let x = 1; { let x = x; } x; class A {} { new A(); class A {} } new A();"),
    (Dialect::Js, "for (let i = 0, n = i; i < n; i++) { let i = n; i; } i; for (const k of k) { k; } k;"),
    (Dialect::Js, "for (const i in o) { const i = 1; i; } for (i of o) i; let i;"),
    (Dialect::Js, "switch (a) { case a: let a = 1; break; default: a; } a; let b; switch (b) { case 1: { let b; b } }"),
    (Dialect::Js, "outer: for (;;) { outer; break outer; }"),
    (Dialect::Js, "label: { const label = 1; label; break label; }"),
    // Catch.
    (Dialect::Js, "try { e; } catch (e) { e; { e; let f = e; f; } } finally { e; }"),
    (Dialect::Js, "try { } catch ({ message: m = d, ...rest }) { m; rest; d; message; } m;"),
    (Dialect::Js, "let e; try {} catch { e; let e; }"),
    // Parameters.
    (Dialect::Js, "const x = 1; function f(a = x, b = a, { c = b, [c]: d } = {}, ...r) { var x = 2; return [a, b, c, d, r, x]; }"),
    (Dialect::Js, "function f(a, b = () => a) { var a; let c = a; return b; }"),
    (Dialect::Js, "function f(a) { function a() {} return a; }"),
    (Dialect::Js, "const f = (a, b = a) => a + b, g = async ({ h }) => { await h; }, i = i => i; i(h);"),
    (Dialect::Js, "function f() { return arguments.length + (() => arguments)(); }"),
    (
        Dialect::Js,
        "const o = { m(a = m) { return a + m; }, get x() { return x; }, set x(v) { v; x; }, async *[k](k) { yield k; } }; let k;",
    ),
    // Own names.
    (Dialect::Js, "const f = function g() { g(); return () => g; }; g();"),
    (Dialect::Js, "const f = function g(g) { g; };"),
    (Dialect::Js, "const C = class D extends D { static x = D; m() { D; C; } }; D; C;"),
    (Dialect::Js, "class A extends (A, B) { [A.x]() { A; } static { var v = A; v; } static y = v; #p = A; q() { this.#p; } } v;"),
    (Dialect::Js, "class A { x = y; y = 1; constructor(y) { y; } z(x) { x; { let x; x } } } y;"),
    (Dialect::Js, "export default function f() { f(); } f();"),
    (Dialect::Js, "export default class K { k = K; }"),
    (Dialect::Js, "export default class { k = K; }"),
    // Scopes in scopes.
    (Dialect::Js, "(function f() { var f; return f; });"),
    (Dialect::Js, "(function f() { let f; return f; }); (function g() { function g() {} g; });"),
    (Dialect::Js, "(class A { m() { let A; A; } }); for (let a of [() => a]) { let a; }"),
    (Dialect::Js, "function f() { { var a; } { let a; { var b = a; } } } try {} catch ([a]) { { var b; } a; } b;"),
    (Dialect::Js, "let b; function f({ a }, c = () => { a; b; }) { let b; }"),
    (
        Dialect::Js,
        "import 'm'; function f() { for (var i of i) {} switch (1) { case 1: var s; function t() {} } s; t; } class X { static { s; } } do { let q } while (q);",
    ),
    (Dialect::Js, "var { [a]: b = a } = c, c; if (1) var d; d; while (1) { let a; } export * as default from 'm';"),
    (
        Dialect::Ts,
        "enum E { A } enum E { B = A } declare enum F { X } F; namespace Z { export enum G { H } G.H; } let v = class<T> { p = <T>v; };",
    ),
    (
        Dialect::Ts,
        "let o = { m<T>(this: T, a = o) { a; }, async n() {} }; for (let x of <any>o as any) x; type Q = ReturnType<typeof o.m>; o satisfies Q;",
    ),
    (Dialect::Ts, "import a = N.b; namespace N { export const b = 1; export import c = a; c; } a;"),
    (Dialect::Ts, "function over(): void; function over() {} export { over }; export = over;"),
    (
        Dialect::Ts,
        "class A<T = typeof x> extends B<T> implements I { override m?(): void; declare q: number; [k: string]: any; static z = x } let x; class B<T> {} interface I {}",
    ),
    (
        Dialect::Ts,
        "function isX(a): a is typeof b { return a; } let b = isX as <T>() => T; let [c, d]: [number, typeof b] = b!; abstract class Q { abstract get x(): number; }",
    ),
    // Targets.
    (Dialect::Js, "let a, b, c, d; [a, b.x, ...c] = d; ({ a, b: c, d: d.e = a, ...b } = c); a++; --b; delete c.d; a ||= b; [a = b] = [];"),
    (Dialect::Js, "for ([a, b] of c) {} for (a.b in c) {} let a, b, c; for ({ a = b } of c);"),
    (Dialect::Js, "const { a, b: { c }, ...d } = e, [f, , g = a, ...h] = c; a; b; c; d; e; f; g; h;"),
    // Properties are no references, shorthands are.
    (Dialect::Js, "const a = 1, o = { a, b: a, [a]: b, c() {}, ...o }; o.a; o[a]; o?.a?.[a]; o.c(a); `${a}`; a`${o}`; import.meta;"),
    // Imports and exports.
    (
        Dialect::Js,
        "import a, { b, c as d, default as e } from 'm'; import * as f from 'n'; export { a, b as g, d as default }; c; e; f.x; g;",
    ),
    (Dialect::Js, "export { x } from 'm'; export * as y from 'n'; x; y; export const z = x, { w } = z; w;"),
    (Dialect::Js, "export { late }; export default late; const late = 1;"),
    (Dialect::Js, "export default a + b; const a = 1;"),
    (Dialect::Js, "import a from 'm'; function f() { a; let b = a; { let a = b; a; } }"),
    (Dialect::Js, "async function f() { const { a } = await import('x' + b); for await (const c of a) c; } let b;"),
    // JSX.
    (Dialect::Js, "const A = 1, b = 2; const x = <A b={b} {...b}><b /><A.c b /><b.d>{A}{...b}</b.d><a-b /><></></A>;"),
    (Dialect::Js, "const _x = 1, $y = 2; <><_x /><$y /><n:s a:b={_x} /></>;"),
    (Dialect::Tsx, "const f = <T,>(a: T) => <G<T> a={a as T}>{a!}</G>; function G<T>(p: T) { return null; }"),
    // Sloppy mode.
    (Dialect::Classic, "{ function g() {} } g(); f(); function f() { if (1) { function h() {} } h(); }"),
    (Dialect::Classic, "{ async function g() {} } g(); { let h; { function h() {} } h; }"),
    (Dialect::Classic, "function f() { 'use strict'; { function h() {} } h(); } if (1) function k() {} k();"),
    (Dialect::Classic, "with_ = 1; var with_; function f(a) { { function a() {} } return a; }"),
    (Dialect::Classic, "class A { m() { { function h() {} } h(); } }"),
    (Dialect::Classic, "switch (1) { case 1: function s() {} } s();"),
    (Dialect::CommonJs, "if (a) { function f() {} } f(); exports.f = f;"),
    (Dialect::CommonJs, "'use strict'; if (a) { function f() {} } f();"),
    // TypeScript.
    (Dialect::Ts, "enum E { A = 1, B = A << 1, C = E.A | B, 'D' = C, F = x } const x = 1; E.A; A;"),
    (Dialect::Ts, "const A = 1; enum E { A, B = A } enum E { C = A } E; A;"),
    (
        Dialect::Ts,
        "namespace N { export const a = 1; a; function f() { a; N; } namespace M { a; f; } } N.a; a; namespace N { export const b = 2; b; }",
    ),
    (Dialect::Ts, "namespace A.B.C { const x = A; x; } A; B;"),
    (Dialect::Ts, "class C {} namespace C { C; } function F() {} namespace F { export let y = F; y; } C; F;"),
    (Dialect::Ts, "function f(a: string): void; function f(a: number): void; function f(a: any) { a; f; } f;"),
    (Dialect::Ts, "import type { T } from 'm'; import { type U, V } from 'n'; const t: T = {} as U; V; export { T, U, V };"),
    (Dialect::Ts, "import r = require('m'); import q = r.s.t; r; q; export = r;"),
    (
        Dialect::Ts,
        "import type R from 'm'; { const R = 1; R; } type x = typeof y; let y: typeof x2 = 1, x2; interface I { [k: string]: typeof y }",
    ),
    (Dialect::Ts, "let a = <any>b, b = a as unknown as typeof c, c = a satisfies X; a!.b; (a as any) = b; (b!)++; for (a! of b);"),
    (Dialect::Ts, "declare const g: number; declare function h(): void; declare class K { x: typeof g } g; h; K;"),
    (
        Dialect::Ts,
        "abstract class A { constructor(private a: string, public b = a, readonly c?: A) { a; b; this.c; } abstract m(x: string): void; }",
    ),
    (Dialect::Ts, "const t = 1; class A { constructor(@I(t) private t: number, @I(t) u = t) {} }"),
    (
        Dialect::Ts,
        "const d = 1; @D(d, A) class A { @P(d) d = d; @M(d) m(@Q(d) d: number) { d; } @S static [d] = d; @G get g() { return d; } }",
    ),
    (Dialect::Ts, "function f(this: Window, a: number) { this; a; } function g(x: any): asserts x is string {} let x; f; g; x;"),
    (Dialect::Ts, "const f = <T extends keyof typeof o>(k: T = o.k): o is T => k; const o = {}; type M = { [K in keyof typeof o]: K };"),
    (Dialect::Ts, "export type { A } from 'm'; type B = 1; export { B }; export default B; export interface C {}"),
    (Dialect::Ts, "const e = 1; const enum X { a = e } export enum Y { b = X.a, c = b } declare module 'm' { const q: number; }"),
    (Dialect::Ts, "using r = f(); function f() { return r; } r;"),
    (Dialect::Js, "using r = f(), s = r; function f() { return s; } async () => { await using t = r; t; };"),
];

fn classic(source: &str) -> Module {
    let mut module = Module::new(Language::JavaScript);
    let region = Region { span: Span::new(0, source.len()), kind: ProgramKind::Classic, dialect: javascript::Dialect::JavaScript };
    javascript::lower_regions(&mut module, source, &[region], &[]);
    module
}

#[test]
fn agrees_on_tricky_snippets() {
    let mut wrong = Vec::new();
    for (dialect, source) in SNIPPETS {
        let (module, source_type) = match dialect {
            Dialect::Js => (syntax::lower(FileKind::JavaScript, source), SourceType::jsx()),
            Dialect::CommonJs => (syntax::lower(FileKind::JavaScript, source), SourceType::script()),
            Dialect::Ts => (syntax::lower(FileKind::TypeScript, source), SourceType::ts().with_module(true)),
            Dialect::Tsx => (syntax::lower(FileKind::Tsx, source), SourceType::tsx().with_module(true)),
            Dialect::Classic => (classic(source), SourceType::script()),
        };
        let outcome = compare(&module, source, source_type);
        match outcome {
            Err(unfit) => wrong.push(format!("{unfit:?}: {source}")),
            Ok(outcome) => {
                if outcome.salvaged {
                    wrong.push(format!("syntax error: {source}"));
                }
                for difference in outcome.differences.iter().filter(|difference| !is_known(&difference.class)) {
                    wrong.push(format!("{}: `{}` at {:?} of {source}", difference.class, difference.name, difference.at));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

fn script_files(trees: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for tree in trees.split(':').filter(|tree| !tree.is_empty()) {
        let walk = walkdir::WalkDir::new(tree).sort_by_file_name().into_iter();
        let entries = walk.filter_entry(|entry| entry.file_name() != "node_modules" && entry.file_name() != ".git");
        files.extend(
            entries.filter_map(Result::ok).map(walkdir::DirEntry::into_path).filter(|path| {
                matches!(path.extension().and_then(|extension| extension.to_str()), Some("js" | "jsx" | "ts" | "tsx" | "mjs"))
            }),
        );
    }
    files
}

fn compare_file(path: &Path) -> Result<Outcome, Unfit> {
    let bytes = std::fs::read(path).ok().filter(|bytes| bytes.len() <= MAX_BYTES).ok_or(Unfit::Unread)?;
    let text = String::from_utf8(bytes).map_err(|_| Unfit::Unread)?;
    let source_type = SourceType::from_path(path).map_err(|_| Unfit::Unread)?;
    let module = syntax::lower(FileKind::of(path), &text);
    std::panic::catch_unwind(|| compare(&module, &text, source_type)).unwrap_or(Err(Unfit::Panic))
}

#[test]
fn agrees_on_real_trees() {
    let Ok(trees) = std::env::var("AUTHLINT_TREES") else {
        eprintln!("skipped: AUTHLINT_TREES names no folders");
        return;
    };
    let files = script_files(&trees);
    let outcomes: Vec<_> = files.par_iter().map(|path| (path, compare_file(path))).collect();
    let mut whole = Tally::default();
    let mut salvaged = Tally::default();
    let mut classes: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
    let mut unfit: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, outcome) in outcomes {
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(why) => {
                unfit.entry(format!("{why:?}")).or_default().push(path.display().to_string());
                continue;
            }
        };
        if outcome.salvaged {
            salvaged.add(&outcome);
            continue;
        }
        whole.add(&outcome);
        for difference in outcome.differences {
            let (count, examples) = classes.entry(difference.class).or_default();
            *count += 1;
            if examples.len() < 4 {
                examples.push(format!("{}:{} `{}`", path.display(), difference.at.0, difference.name));
            }
        }
    }
    let mut by_count: Vec<_> = classes.into_iter().collect();
    by_count.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for (class, (count, examples)) in &by_count {
        let note = if is_known(class) { " (known)" } else { "" };
        eprintln!("{count:6} {class}{note}\n       {}", examples.join("\n       "));
    }
    for (why, paths) in &unfit {
        eprintln!(
            "{:6} files not compared: {why}\n       {}",
            paths.len(),
            paths.iter().take(4).cloned().collect::<Vec<_>>().join("\n       ")
        );
    }
    eprintln!("of {} files, {whole}\nwith syntax errors for authlint alone: {salvaged}", files.len());
    assert!(whole.files > 0 && whole.agreement() >= WANTED, "agreement {}", whole.agreement());
}

/// Counts over many files.
#[derive(Debug, Default)]
struct Tally {
    files: usize,
    agreed: usize,
    known: usize,
    unknown: usize,
}

impl Tally {
    fn add(&mut self, outcome: &Outcome) {
        let known = outcome.differences.iter().filter(|difference| is_known(&difference.class)).count();
        self.files += 1;
        self.agreed += outcome.agreed;
        self.known += known;
        self.unknown += outcome.differences.len() - known;
    }

    /// The share of references that agree; known differences count as disagreement.
    #[allow(clippy::cast_precision_loss)]
    fn agreement(&self) -> f64 {
        self.agreed as f64 / (self.agreed + self.known + self.unknown).max(1) as f64
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { files, agreed, known, unknown } = self;
        let total = agreed + known + unknown;
        write!(
            f,
            "{files} compared, {total} references: {:.4} % agree, {known} known differences, {unknown} unexplained",
            self.agreement() * 100.0
        )
    }
}
