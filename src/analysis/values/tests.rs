//! Small programs, each with one marked expression and the origins that a person wrote down for it.
//!
//! A program starts in `main.ts`; a line `//// path` starts another file. The marked expression stands between `«` and `»`. An origin is
//! written `what line`, or `what path:line` in another file, with ` (derived)` and ` (only if …)` behind it where that applies.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;

use tempfile::TempDir;

use super::{Origin, OriginKind, Values, site};
use crate::analysis::unit::Unit;
use crate::hir::ExprId;
use crate::session;
use crate::source::Span;

const MAIN: &str = "main.ts";

/// The origins of the marked expression, sorted.
fn origins(program: &str) -> Vec<String> {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in format!("//// {MAIN}\n{program}").lines() {
        if let Some(path) = line.trim().strip_prefix("//// ") {
            files.push((path.to_owned(), String::new()));
        } else {
            // The file's own first line is the one after its heading.
            let (_, text) = files.last_mut().unwrap();
            text.push_str(line.trim());
            text.push('\n');
        }
    }
    let mut asked = None;
    for (path, text) in &mut files {
        if let Some(start) = text.find('«') {
            *text = text.replacen('«', "", 1);
            let end = text.find('»').unwrap();
            *text = text.replacen('»', "", 1);
            asked = Some((path.clone(), Span::new(start, end)));
        }
    }
    let (path, span) = asked.expect("no marked expression");
    let folder = TempDir::new().unwrap();
    for (path, text) in &files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    session::run(folder.path(), &[], &crate::config::ConfigRequest::default(), |mut session| {
        session.parse_anchored(true);
        let values = Values::new(&session.workspace);
        let (file, _) = session.workspace.project.iter().find(|(_, file)| *file.path == *path).unwrap();
        let unit = values.unit(file).unwrap();
        let expr = (0..unit.module.exprs.len())
            .map(|index| ExprId(u32::try_from(index).unwrap()))
            .find(|expr| unit.module[*expr].span == span)
            .unwrap_or_else(|| panic!("no expression at the mark in {path}"));
        let mut shown: Vec<String> = values.origins(site(file, expr), &[]).iter().map(|origin| show(&values, unit, origin)).collect();
        shown.sort();
        Ok(shown)
    })
    .unwrap()
}

fn show(values: &Values<'_>, asked: &Unit, origin: &Origin) -> String {
    let below = || origin.path.iter().flat_map(|name| [".", name]).collect::<String>();
    let what = match &origin.kind {
        OriginKind::Literal(_) => "literal".to_owned(),
        OriginKind::Env { name, .. } => format!("env {name}"),
        OriginKind::Response(_) => "response".to_owned(),
        OriginKind::Call(_) => "call".to_owned(),
        OriginKind::New(_) => "new".to_owned(),
        OriginKind::Instance(..) => "instance".to_owned(),
        OriginKind::Object(_) => "object".to_owned(),
        OriginKind::Function(_) => "function".to_owned(),
        OriginKind::Class(_) => "class".to_owned(),
        OriginKind::Param(..) => "parameter".to_owned(),
        OriginKind::Package { package, path } => format!("package {package}#{}", path.join(".")),
        OriginKind::Global(path) => format!("global {}", path.join(".")),
        OriginKind::Storage(key) => format!("storage {}", key.as_deref().unwrap_or("?")),
        OriginKind::UserInput => "user input".to_owned(),
        OriginKind::Unknown => "unknown".to_owned(),
        OriginKind::Limit => "limit".to_owned(),
        other => format!("{other:?}"),
    };
    let unit = values.unit(origin.at.file).unwrap();
    let line = unit.source.line_of(origin.at.span.start);
    let place = if unit.file == asked.file { line.to_string() } else { format!("{}:{line}", unit.source.path) };
    let derived = if origin.derived { " (derived)" } else { "" };
    let conditions: Vec<&str> = origin.conditions.iter().map(|condition| &*condition.text).collect();
    let only = if conditions.is_empty() { String::new() } else { format!(" (only if {})", conditions.join(" and ")) };
    format!("{what}{} {place}{derived}{only}", below())
}

/// Checks a table of named programs, all of them before it fails.
fn check(cases: &[(&str, &str, &[&str])]) {
    let mut wrong = Vec::new();
    for (name, program, expected) in cases {
        let mut expected: Vec<String> = expected.iter().map(|&origin| origin.to_owned()).collect();
        expected.sort();
        let found = origins(program);
        if found != expected {
            wrong.push(format!("{name}: expected {expected:?}, found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn values_flow_through_functions_and_their_arguments() {
    check(&[
        ("argument to parameter", "function f(t) { g(«t»); }\nf('a');\nf('b');", &["literal 2", "literal 3"]),
        ("default parameter", "function f(t = 'x') { g(«t»); }\nf();", &["literal 1"]),
        ("default parameter and argument", "function f(t = 'x') { g(«t»); }\nf('a');", &["literal 1", "literal 2"]),
        ("rest parameter", "function f(...all) { g(«all[1]»); }\nf('a', 'b');", &["literal 2"]),
        ("rest parameter inside a call", "const f = (...all) => all[1];\ng(«f('a', 'b')»);", &["literal 2"]),
        ("spread argument", "const both = ['a',\n'b'];\nfunction f(x, y) { g(«y»); }\nf(...both);", &["literal 2"]),
        ("spread argument inside a call", "const both = ['a',\n'b'];\nconst f = (x, y) => y;\ng(«f(...both)»);", &["literal 2"]),
        ("arguments object", "function f() { return arguments[0]; }\ng(«f('a')»);", &["literal 2"]),
        ("arguments object from callers", "function f() { g(«arguments[1]»); }\nf('a', 'b');", &["literal 2"]),
        ("immediately called function", "const t = (() => { return 'a'; })();\ng(«t»);", &["literal 1"]),
        ("immediately called function with arguments", "(function (t) {\ng(«t»);\n})('a');", &["literal 3"]),
        (
            "overloads",
            "function f(x: string): string;\nfunction f(x: number): string;\nfunction f(x: any) { return x; }\ng(«f('a')»);",
            &["literal 4"],
        ),
        ("comma", "const t = (log(), 'a');\ng(«t»);", &["literal 1"]),
        ("tagged template of the project", "const id = (parts, x) => x;\ng(«id`${'a'}`»);", &["literal 2"]),
        (
            "higher-order helper",
            "function listen(client, event, fn) { client.on(event, fn); }\nfunction run(fn) { return fn('a'); }\ng(«run((t) => t)»);",
            &["literal 2"],
        ),
        ("callback parameter of a helper", "function run(fn) { fn('a'); }\nrun((t) => { g(«t»); });", &["literal 1"]),
        ("named callback parameter of a helper", "function run(fn) { fn('a'); }\nfunction use(t) { g(«t»); }\nrun(use);", &["literal 1"]),
        ("curried function", "const f = (a) => (b) => a;\ng(«f('a')('b')»);", &["literal 2"]),
        (
            "closure made by a call",
            "function make(t) { return { get() { return t; } }; }\nconst m = make('a');\ng(«m.get()»);",
            &["literal 2"],
        ),
        ("bound function", "function f(t) { return t; }\nconst h = f.bind(null, 'a');\ng(«h()»);", &["literal 2"]),
        ("bound this only", "function f(t) { return t; }\nconst h = f.bind(null);\ng(«h('a')»);", &["literal 3"]),
        ("bound function from callers", "function f(t, u) { g(«t»); }\nconst h = f.bind(null, 'a');\nh('b');", &["literal 2"]),
        ("bound function, later argument", "function f(t, u) { g(«u»); }\nconst h = f.bind(null, 'a');\nh('b');", &["literal 3"]),
        ("call", "function f(t) { return t; }\ng(«f.call(null, 'a')»);", &["literal 2"]),
        ("apply", "function f(t) { return t; }\ng(«f.apply(null, ['a'])»);", &["literal 2"]),
        ("call from callers", "function f(t) { g(«t»); }\nf.call(null, 'a');", &["literal 2"]),
        ("apply from callers", "function f(t) { g(«t»); }\nf.apply(null, ['a']);", &["literal 2"]),
        (
            "wrapper of the project",
            "const wrap = (fn) => (...args) => fn(...args);\nconst f = wrap((t) => t);\ng(«f('a')»);",
            &["literal 3"],
        ),
        (
            "wrapped function from callers",
            "const wrap = (fn) => (...args) => fn(...args);\nconst f = wrap((t) => { g(«t»); });\nf('a');",
            &["literal 3"],
        ),
        ("Reflect and Proxy are not understood", "const p = new Proxy({ t: 'a' }, handler);\ng(«p.t»);", &["unknown.t 1"]),
    ]);
}

#[test]
fn values_flow_through_promises_and_generators() {
    check(&[
        ("chain", "fetch('/t').then((r) => r.json()).then((d) => { g(«d.token»); });", &["response.token 1"]),
        (
            "chain, returned",
            "const load = () => fetch('/t').then((r) => r.json()).then((d) => d.token);\nconst t = await load();\ng(«t»);",
            &["response.token 1"],
        ),
        (
            "catch gives a fallback",
            "const t = await load().catch(() => 'a');\nasync function load() { return 'b'; }\ng(«t»);",
            &["literal 1", "literal 2"],
        ),
        ("finally changes nothing", "const t = await Promise.resolve('a').finally(() => 'b');\ng(«t»);", &["literal 1"]),
        (
            "then with two callbacks",
            "const t = await load().then((x) => x, () => 'a');\nasync function load() { return 'b'; }\ng(«t»);",
            &["literal 1", "literal 2"],
        ),
        (
            "then after catch",
            "load().catch(() => 'a').then((t) => { g(«t»); });\nasync function load() { return 'b'; }",
            &["literal 1", "literal 2"],
        ),
        (
            "named callback",
            "fetch('/t').then(parse).then(use);\nfunction parse(r) { return r.json(); }\nfunction use(d) { g(«d.token»); }",
            &["response.token 1"],
        ),
        ("async function", "async function f() { return 'a'; }\nasync function h() { const t = await f(); g(«t»); }", &["literal 1"]),
        ("new Promise", "const t = await new Promise((resolve) => { setTimeout(() => resolve('a'), 1); });\ng(«t»);", &["literal 1"]),
        (
            "new Promise, resolve handed on",
            "const t = await new Promise((resolve) => ask(resolve));\nfunction ask(done) { done('a'); }\ng(«t»);",
            &["literal 2"],
        ),
        (
            "Promise.withResolvers",
            "const { promise, resolve } = Promise.withResolvers();\nresolve('a');\ng(«await promise»);",
            &["literal 2"],
        ),
        ("Promise.all", "const [a, b] = await Promise.all(['a', f()]);\nasync function f() { return 'b'; }\ng(«b»);", &["literal 2"]),
        ("for await over an async generator", "async function* f() { yield 'a'; }\nfor await (const t of f()) { g(«t»); }", &["literal 1"]),
        (
            "for of over a generator",
            "function* f() { yield 'a';\nyield 'b'; }\nfor (const t of f()) { g(«t»); }",
            &["literal 1", "literal 2"],
        ),
        ("yield star", "function* f() { yield 'a'; }\nfunction* h() { yield* f(); }\nfor (const t of h()) { g(«t»); }", &["literal 1"]),
        ("next().value", "function* f() { yield 'a'; }\ng(«f().next().value»);", &["literal 1"]),
        ("spread of a generator", "function* f() { yield 'a'; }\nconst all = [...f()];\ng(«all[0]»);", &["literal 1"]),
        (
            "what a generator is sent is taken for an answer to what it yields",
            "function* f() { const t = yield 1; g(«t»); }",
            &["literal 1 (derived)"],
        ),
        (
            "generator method",
            "class A { async *stream() { yield { token: 'a' }; } }\nfor await (const e of new A().stream()) { g(«e.token»); }",
            &["literal 1"],
        ),
        ("iterator of a class", "class A { *[Symbol.iterator]() { yield 'a'; } }\nfor (const t of new A()) { g(«t»); }", &["literal 1"]),
    ]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn values_flow_through_classes() {
    check(&[
        ("field", "class A { t = 'a'; f() { g(«this.t»); } }", &["literal 1"]),
        ("private field", "class A { #t = 'a'; f() { g(«this.#t»); } }", &["literal 1"]),
        ("constructor argument", "class A { constructor(t) { this.t = t; } f() { g(«this.t»); } }\nnew A('a');", &["literal 2"]),
        (
            "constructor argument of one instance",
            "class A { constructor(t) { this.t = t; } f() { return this.t; } }\nconst a = new A('a');\nconst b = new A('b');\ng(«a.f()»);",
            &["literal 2"],
        ),
        (
            "member of one instance",
            "class A { constructor(public t) {} }\nconst a = new A('a');\nconst b = new A('b');\ng(«b.t»);",
            &["literal 3"],
        ),
        ("parameter property", "class A { constructor(private t: string) {} f() { g(«this.t»); } }\nnew A('a');", &["literal 2"]),
        ("static member", "class A { static t = 'a'; }\ng(«A.t»);", &["literal 1"]),
        ("static block", "class A { static t; static { A.t = 'a'; } }\ng(«A.t»);", &["literal 1"]),
        ("getter", "class A { get t() { return 'a'; } }\ng(«new A().t»);", &["literal 1"]),
        (
            "getter over a private field",
            "class A { #t; constructor(t) { this.#t = t; } get t() { return this.#t; } }\nconst a = new A('a');\ng(«a.t»);",
            &["literal 2"],
        ),
        (
            "setter",
            "class A { #t; set t(v) { this.#t = v; } get t() { return this.#t; } }\nconst a = new A();\na.t = 'a';\ng(«a.t»);",
            &["literal 3"],
        ),
        ("setter's parameter", "class A { set t(v) { g(«v»); } }\nconst a = new A();\na.t = 'a';", &["literal 3"]),
        ("inherited field", "class A { t = 'a'; }\nclass B extends A {}\ng(«new B().t»);", &["literal 1"]),
        ("overridden field", "class A { t = 'a'; }\nclass B extends A { t = 'b'; }\ng(«new B().t»);", &["literal 2"]),
        (
            "overridden method",
            "class A { f() { return 'a'; } }\nclass B extends A { f() { return 'b'; } }\ng(«new B().f()»);",
            &["literal 2"],
        ),
        (
            "super method",
            "class A { f() { return 'a'; } }\nclass B extends A { f() { return super.f(); } }\ng(«new B().f()»);",
            &["literal 1"],
        ),
        (
            "super constructor",
            "class A { constructor(t) { this.t = t; } }\nclass B extends A { constructor() { super('a'); } }\ng(«new B().t»);",
            &["literal 2"],
        ),
        (
            "super constructor passes on",
            "class A { constructor(t) { this.t = t; } }\nclass B extends A { constructor(x) { super(x); } }\nnew B('z');\ng(«new B('a').t»);",
            &["literal 4"],
        ),
        (
            "no constructor of its own",
            "class A { constructor(t) { this.t = t; } }\nclass B extends A {}\ng(«new B('a').t»);",
            &["literal 3"],
        ),
        (
            "super constructor, seen from the base",
            "class A { constructor(t) { this.t = t; } f() { g(«this.t»); } }\nclass B extends A { constructor() { super('a'); } }\nnew B();",
            &["literal 2"],
        ),
        (
            "no constructor of its own, seen from the base",
            "class A { constructor(t) { this.t = t; } f() { g(«this.t»); } }\nclass B extends A {}\nnew B('a');",
            &["literal 3"],
        ),
        (
            "template method",
            "abstract class A { abstract token(); f() { g(«this.token()»); } }\nclass B extends A { token() { return 'b'; } }",
            &["literal 2"],
        ),
        (
            "method of a base called on a derived instance",
            "class A { f() { return this.token(); } token() { return 'a'; } }\nclass B extends A { token() { return 'b'; } }\ng(«new B().f()»);",
            &["literal 2"],
        ),
        (
            "singleton",
            "class A { static instance; t = 'a'; static getInstance() { if (!A.instance) A.instance = new A(); return A.instance; } }\ng(«A.getInstance().t»);",
            &["literal 1"],
        ),
        (
            "singleton over this",
            "class A { static #one; t = 'a'; static get() { return this.#one ??= new this(); } }\ng(«A.get().t»);",
            &["literal 1"],
        ),
        ("method's parameter through this", "class A { f() { this.h('a'); } h(t) { g(«t»); } }", &["literal 1"]),
        (
            "bound method",
            "class A { t = 'a'; constructor() { this.f = this.f.bind(this); } f() { return this.t; } }\nconst { f } = new A();\ng(«f()»);",
            &["literal 1"],
        ),
        ("arrow field", "class A { t = 'a'; f = () => { return this.t; }; }\ng(«new A().f()»);", &["literal 1"]),
        (
            "fluent builder",
            "class A { setToken(t) { this.t = t; return this; } build() { return { login_token: this.t }; } }\ng(«new A().setToken('a').build().login_token»);",
            &["literal 2"],
        ),
        ("member written from outside", "class A { t; }\nconst a = new A();\na.t = 'a';\ng(«a.t»);", &["literal 3"]),
        ("member written from outside, read inside", "class A { t; f() { g(«this.t»); } }\nconst a = new A();\na.t = 'a';", &["literal 3"]),
        ("mixin", "const M = (Base) => class extends Base { t = 'a'; };\nclass A extends M(Object) {}\ng(«new A().t»);", &["literal 1"]),
        (
            "constructor function",
            "function A(t) { this.t = t; }\nA.prototype.get = function () { return this.t; };\nconst a = new A('a');\ng(«a.get()»);",
            &["literal 3"],
        ),
        ("constructor function's member", "function A(t) { this.t = t; }\nconst a = new A('a');\ng(«a.t»);", &["literal 2"]),
        ("object getter", "const o = { get t() { return 'a'; } };\ng(«o.t»);", &["literal 1"]),
        ("object getter over this", "const o = { x: 'a', get t() { return this.x; } };\ng(«o.t»);", &["literal 1"]),
        (
            "object setter",
            "const o = { _t: '', set t(v) { this._t = v; }, get t() { return this._t; } };\no.t = 'a';\ng(«o.t»);",
            &["literal 2"],
        ),
        ("object method over this", "const o = { x: 'a', f() { return this.x; } };\ng(«o.f()»);", &["literal 1"]),
        ("module-level cache", "let client;\nfunction get() { return client ??= { t: 'a' }; }\ng(«get().t»);", &["literal 2"]),
        ("factory", "function make(opts) { return { opts, token: opts.token }; }\ng(«make({ token: 'a' }).opts.token»);", &["literal 2"]),
    ]);
}

#[test]
fn values_flow_through_objects() {
    check(&[
        ("spread", "const a = { t: 'a' };\nconst b = { ...a, u: 'b' };\ng(«b.t»);", &["literal 1"]),
        ("later property wins over a spread", "const a = { t: 'a' };\nconst b = { ...a, t: 'b' };\ng(«b.t»);", &["literal 2"]),
        ("later spread wins", "const a = { t: 'a' };\nconst b = { t: 'b', ...a };\ng(«b.t»);", &["literal 1"]),
        (
            "later spread that may not have it",
            "const b = { t: 'b', ...opts() };\nfunction opts() { return { u: 'a' }; }\ng(«b.t»);",
            &["literal 1"],
        ),
        ("conditional spread", "const b = { t: 'b', ...(x && { t: 'a' }) };\ng(«b.t»);", &["literal 1", "literal 1"]),
        ("assign", "const b = Object.assign({}, { t: 'a' }, { u: 'b' });\ng(«b.t»);", &["literal 1"]),
        ("assign, later wins", "const b = Object.assign({ t: 'a' },\n{ t: 'b' });\ng(«b.t»);", &["literal 2"]),
        ("assign into a name", "const o = {};\nObject.assign(o, { t: 'a' });\ng(«o.t»);", &["literal 2"]),
        (
            "assign into this",
            "class A { constructor(o) { Object.assign(this, o); } f() { g(«this.t»); } }\nnew A({ t: 'a' });",
            &["literal 2"],
        ),
        ("defaults", "const { t = 'a' } = {};\ng(«t»);", &["literal 1"]),
        (
            "nested defaults",
            "function f({ auth: { token = 'x' } = {} } = {}) { g(«token»); }\nf({ auth: { token: 'a' } });",
            &["literal 1", "literal 2"],
        ),
        ("rest of an object", "const { a, ...rest } = { a: 1,\nt: 'a' };\ng(«rest.t»);", &["literal 2"]),
        ("computed constant key", "const K = 'login_token';\nconst o = { [K]: 'a' };\ng(«o.login_token»);", &["literal 2"]),
        ("read by a constant key", "const K = 'login_token';\nconst o = { login_token: 'a', x: 'b' };\ng(«o[K]»);", &["literal 2"]),
        ("enum member", "enum E { T = 'a' }\ng(«E.T»);", &["literal 1"]),
        ("enum key", "enum E { T = 'token' }\nconst o = { [E.T]: 'a', b: 'b' };\ng(«o.token»);", &["literal 2"]),
        ("const object", "const E = { T: 'a' } as const;\ng(«E.T»);", &["literal 1"]),
        ("const object key", "const E = { T: 'token' } as const;\nconst o = { token: 'a', b: 'b' };\ng(«o[E.T]»);", &["literal 2"]),
        ("later write", "const o = {};\no.t = 'a';\ng(«o.t»);", &["literal 2"]),
        ("later write by a computed key", "const K = 't';\nconst o = {};\no[K] = 'a';\ng(«o.t»);", &["literal 3"]),
        (
            "later write in another file",
            "import { o } from './o';\ng(«o.t»);\n//// o.ts\nexport const o = {};\no.t = 'a';",
            &["literal o.ts:2"],
        ),
        (
            "write through an import",
            "import { o } from './o';\nimport './w';\ng(«o.t»);\n//// o.ts\nexport const o: any = {};\n//// w.ts\nimport { o } from './o';\no.t = 'a';",
            &["literal w.ts:2"],
        ),
        ("write through an alias", "const o = {};\nconst p = o;\np.t = 'a';\ng(«o.t»);", &["literal 3"]),
        ("write through a parameter", "function fill(p) { p.t = 'a'; }\nconst o = {};\nfill(o);\ng(«o.t»);", &["literal 1"]),
        ("deleted", "const o = { t: 'a', u: 'b' };\ndelete o.t;\ng(«o.t»);", &["unknown 3"]),
        ("deleted, then written", "const o = { t: 'a' };\ndelete o.t;\no.t = 'b';\ng(«o.t»);", &["literal 3"]),
        ("deleted after the read", "const o = { t: 'a' };\ng(«o.t»);\ndelete o.t;", &["literal 1"]),
        ("deleted sometimes", "const o = { t: 'a' };\nif (x) delete o.t;\ng(«o.t»);", &["literal 1"]),
        ("deleted in a copy", "const o = { t: 'a' };\nconst p = { ...o };\ndelete p.t;\ng(«o.t»);", &["literal 1"]),
        (
            "deleted, whole object handed on",
            "const o = { t: 'a', u: 'b' };\ndelete o.t;\nf(o);\nfunction f(p) { g(«p.t»); }",
            &["unknown 4"],
        ),
        ("overwritten in a straight line", "const o = { t: 'a' };\no.t = 'b';\ng(«o.t»);", &["literal 2"]),
        (
            "Object.fromEntries and entries",
            "const o = Object.fromEntries(Object.entries({ t: 'a' }).map(([k, v]) => [k, v]));\ng(«o.t»);",
            &["literal 1"],
        ),
        ("Object.values", "const o = { x: { t: 'a' } };\ng(«Object.values(o)[0].t»);", &["literal 1"]),
        ("for of entries", "const o = { t: 'a' };\nfor (const [k, v] of Object.entries(o)) { g(«v»); }", &["literal 1"]),
        ("defineProperty", "const o = {};\nObject.defineProperty(o, 't', { value: 'a' });\ng(«o.t»);", &["literal 2"]),
        ("freeze", "const o = Object.freeze({ t: 'a' });\ng(«o.t»);", &["literal 1"]),
        ("create", "const o = Object.create({ t: 'a' });\ng(«o.t»);", &["literal 1"]),
    ]);
}

#[test]
fn values_flow_through_collections() {
    check(&[
        ("array of configs", "const all = [{ t: 'a' },\n{ t: 'b' }];\ng(«all[1].t»);", &["literal 2"]),
        ("destructured array", "const all = [{ t: 'a' },\n{ t: 'b' }];\nconst [, second] = all;\ng(«second.t»);", &["literal 2"]),
        ("any element", "const all = [{ t: 'a' },\n{ t: 'b' }];\ng(«all[i].t»);", &["literal 1", "literal 2"]),
        ("find", "const all = [{ n: 'x', t: 'a' }];\ng(«all.find((c) => c.n === name).t»);", &["literal 1"]),
        ("map", "const all = ['a'].map((t) => ({ t }));\ng(«all[0].t»);", &["literal 1"]),
        ("for each", "[{ t: 'a' }].forEach((c) => { g(«c.t»); });", &["literal 1"]),
        ("for of", "for (const c of [{ t: 'a' }]) { g(«c.t»); }", &["literal 1"]),
        ("reduce", "const o = [{ t: 'a' }].reduce((all, c) => ({ ...all, t: c.t }), {});\ng(«o.t»);", &["literal 1"]),
        ("reduce's element", "[{ t: 'a' }].reduce((all, c) => { g(«c.t»); return all; }, {});", &["literal 1"]),
        ("push", "const all = [];\nall.push({ t: 'a' });\ng(«all[0].t»);", &["literal 2"]),
        ("unshift", "const all = [];\nall.unshift({ t: 'a' });\nfor (const c of all) g(«c.t»);", &["literal 2"]),
        ("pop", "const all = ['a'];\ng(«all.pop()»);", &["literal 1"]),
        ("concat", "const all = ['a'].concat(['b']);\ng(«all[1]»);", &["literal 1", "literal 1"]),
        ("spread array", "const all = [...['a']];\ng(«all[0]»);", &["literal 1"]),
        ("Array.from", "const all = Array.from(['a'], (t) => ({ t }));\ng(«all[0].t»);", &["literal 1"]),
        ("join is computed", "g(«['a', user].join(':')»);", &["global user 1 (derived)", "literal 1 (derived)"]),
        ("map set and get", "const m = new Map();\nm.set('x', { t: 'a' });\ng(«m.get('x').t»);", &["literal 2"]),
        ("map of another key", "const m = new Map();\nm.set('x', 'a');\nm.set('y', 'b');\ng(«m.get('x')»);", &["literal 2"]),
        ("map of any key", "const m = new Map();\nm.set('x', 'a');\nm.set('y', 'b');\ng(«m.get(user)»);", &["literal 2", "literal 3"]),
        ("map from entries", "const m = new Map([['x', 'a'],\n['y', 'b']]);\ng(«m.get('y')»);", &["literal 2"]),
        ("map values", "const m = new Map([['x', { t: 'a' }]]);\nfor (const c of m.values()) g(«c.t»);", &["literal 1"]),
        ("map entries", "const m = new Map();\nm.set('x', { t: 'a' });\nfor (const [k, c] of m) g(«c.t»);", &["literal 2"]),
        ("map forEach", "const m = new Map([['x', { t: 'a' }]]);\nm.forEach((c) => g(«c.t»));", &["literal 1"]),
        ("weak map", "const m = new WeakMap();\nm.set(key, { t: 'a' });\ng(«m.get(key).t»);", &["literal 2"]),
        ("set", "const s = new Set();\ns.add('a');\nfor (const t of s) g(«t»);", &["literal 2"]),
        (
            "map in a field",
            "class A { m = new Map(); put(t) { this.m.set('x', t); } f() { g(«this.m.get('x')»); } }\nnew A().put('a');",
            &["literal 2"],
        ),
        (
            "map in another file",
            "import { m } from './m';\ng(«m.get('x')»);\n//// m.ts\nexport const m = new Map();\nm.set('x', 'a');",
            &["literal m.ts:2"],
        ),
        (
            "emitter of the project",
            "import { EventEmitter } from 'events';\nconst e = new EventEmitter();\ne.on('token', (t) => { g(«t»); });\ne.emit('token', 'a');\ne.emit('other', 'b');",
            &["literal 4"],
        ),
        (
            "emitter in another file",
            "import { bus } from './bus';\nbus.on('token', ({ t }) => { g(«t»); });\n//// bus.ts\nimport mitt from 'mitt';\nexport const bus = mitt();\n//// send.ts\nimport { bus } from './bus';\nbus.emit('token', { t: 'a' });",
            &["literal send.ts:2"],
        ),
    ]);
}

#[test]
fn conditions_stay_with_the_values_that_are_under_them() {
    check(&[
        ("dev", "let t = '';\nif (import.meta.env.DEV) { t = 'a'; }\ng(«t»);", &["literal 1", "literal 2 (only if import.meta.env.DEV)"]),
        (
            "not production",
            "let t;\nif (process.env.NODE_ENV !== 'production') t = 'a';\ng(«t»);",
            &["literal 2 (only if process.env.NODE_ENV !== 'production')"],
        ),
        (
            "else of production",
            "let t;\nif (process.env.NODE_ENV === 'production') { t = load(); } else { t = 'a'; }\ng(«t»);",
            &["call 2 (only if process.env.NODE_ENV === 'production')", "literal 2 (only if process.env.NODE_ENV !== 'production')"],
        ),
        ("conditional", "const t = __DEV__ ? 'a' : x.t;\ng(«t»);", &["global x.t 1 (only if !__DEV__)", "literal 1 (only if __DEV__)"]),
        ("and", "const t = import.meta.env.DEV && 'a';\ng(«t»);", &["literal 1 (only if import.meta.env.DEV)"]),
        (
            "localhost",
            "const t = location.hostname === 'localhost' ? 'a' : '';\ng(«t»);",
            &["literal 1 (only if location.hostname !== 'localhost')", "literal 1 (only if location.hostname === 'localhost')"],
        ),
        (
            "localhost by includes",
            "let t;\nif (window.location.href.includes('127.0.0.1')) t = 'a';\ng(«t»);",
            &["literal 2 (only if window.location.href.includes('127.0.0.1'))"],
        ),
        (
            "list of local hosts",
            "const LOCAL = ['localhost', '127.0.0.1'];\nconst t = LOCAL.includes(location.hostname) ? 'a' : null;\ng(«t»);",
            &["literal 2 (only if LOCAL.includes(location.hostname))"],
        ),
        (
            "named test",
            "const isDev = process.env.NODE_ENV === 'development';\nconst t = isDev ? 'a' : null;\ng(«t»);",
            &["literal 2 (only if isDev)"],
        ),
        (
            "imported test",
            "import { isDev } from './env';\nconst t = isDev ? 'a' : null;\ng(«t»);\n//// env.ts\nexport const isDev = import.meta.env.DEV;",
            &["literal 2 (only if isDev)"],
        ),
        (
            "test of a framework",
            "import { dev } from '$app/environment';\nconst t = dev ? 'a' : null;\ng(«t»);",
            &["literal 2 (only if dev)"],
        ),
        (
            "return in production",
            "function f() { if (import.meta.env.PROD) return null;\nreturn 'a'; }\ng(«f()»);",
            &["literal 2 (only if !import.meta.env.PROD)"],
        ),
        (
            "switch on the mode",
            "let t;\nswitch (process.env.NODE_ENV) { case 'development': t = 'a'; break;\ndefault: t = 'b'; }\ng(«t»);",
            &["literal 2 (only if process.env.NODE_ENV === 'development')", "literal 3"],
        ),
        (
            "feature flag in the environment",
            "const t = import.meta.env.VITE_USE_TOKEN === 'true' ? 'a' : null;\ng(«t»);",
            &["literal 1 (only if import.meta.env.VITE_USE_TOKEN === 'true')"],
        ),
        (
            "feature flag by a call",
            "let t;\nif (await flags.isEnabled('token')) t = 'a';\ng(«t»);",
            &["literal 2 (only if await flags.isEnabled('token'))"],
        ),
        (
            "feature flag in a configuration",
            "import config from './config';\nconst t = config.features.token ? 'a' : null;\ng(«t»);\n//// config.ts\nexport default { features: { token: true } };",
            &["literal 2 (only if config.features.token)"],
        ),
        ("two ways to one value", "const A = 'a';\nconst t = __DEV__ ? A : other ? A : null;\ng(«t»);", &["literal 1"]),
        (
            "the call is under the condition",
            "function f(t) { g(«t»); }\nif (__DEV__) f('a');\nf('b');",
            &["literal 2 (only if __DEV__)", "literal 3"],
        ),
        ("what is not a flag", "const t = user.token ? 'a' : null;\ng(«t»);", &["literal 1"]),
    ]);
}
