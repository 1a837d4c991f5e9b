#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::{FunctionName, MemberKey, MemberObject, MemberWrite, PatternStep, Usage, WriteKind};
use crate::analysis::parents::{Parents, ThisOwner};
use crate::analysis::scopes::{self, Scopes, SymbolId};
use crate::hir::visit::Node;
use crate::hir::{ClassId, ExprId, ExprKind, FunctionId, Language, Module, ProgramKind};
use crate::project::kind::FileKind;
use crate::source::Span;
use crate::syntax;
use crate::syntax::lower::javascript::{Dialect, Region, lower_regions};

struct Read<'s> {
    source: &'s str,
    module: Module,
    scopes: Scopes,
    parents: Parents,
    usage: Usage,
}

impl<'s> Read<'s> {
    fn new(source: &'s str) -> Self {
        let module = syntax::lower(FileKind::Tsx, source);
        assert!(module.problems.is_empty(), "{source}: {:?}", module.problems);
        let scopes = scopes::resolve(&module);
        let parents = Parents::of(&module);
        let usage = Usage::of(&module, &scopes, &parents);
        Self { source, module, scopes, parents, usage }
    }

    fn slice(&self, span: Span) -> &'s str {
        self.source.get(span.range()).unwrap()
    }

    fn text(&self, expr: ExprId) -> &'s str {
        self.slice(self.module[expr].span)
    }

    fn texts(&self, exprs: &[ExprId]) -> Vec<&'s str> {
        exprs.iter().map(|expr| self.text(*expr)).collect()
    }

    /// The last declared symbol of a name.
    fn symbol(&self, name: &str) -> SymbolId {
        let found = self.scopes.symbols.iter().rposition(|symbol| &*symbol.name == name);
        SymbolId(u32::try_from(found.unwrap()).unwrap())
    }

    fn name(&self, symbol: SymbolId) -> String {
        self.scopes.symbol(symbol).unwrap().name.to_string()
    }

    fn kind(&self, kind: &WriteKind) -> String {
        match kind {
            WriteKind::Declared { init } => format!("= {}", init.map_or("nothing", |init| self.text(init))),
            WriteKind::Assigned { op, value } => format!("{op:?} {}", self.text(*value)),
            WriteKind::ForEach { iterable, of } => format!("{} {}", if *of { "of" } else { "in" }, self.text(*iterable)),
            WriteKind::Param { index, rest, .. } => format!("{}{index}", if *rest { "rest" } else { "param" }),
            WriteKind::Catch => "catch".to_owned(),
            WriteKind::Import { import, name } => format!("import {import}.{name}"),
            WriteKind::Function(_) => "function".to_owned(),
            WriteKind::Class(_) => "class".to_owned(),
            WriteKind::Enum(_) => "enum".to_owned(),
            WriteKind::Namespace => "namespace".to_owned(),
            WriteKind::Update => "update".to_owned(),
            WriteKind::Deleted => "deleted".to_owned(),
        }
    }

    fn path(&self, path: &[PatternStep]) -> String {
        let step = |step: &PatternStep| match step {
            PatternStep::Property(name) => format!(".{name}"),
            PatternStep::Computed(expr) => format!("[{}]", self.text(*expr)),
            PatternStep::Index(index) => format!("[{index}]"),
            PatternStep::ObjectRest { excluded } => format!("{{-{}}}", excluded.join(",")),
            PatternStep::ArrayRest { from } => format!("[{from}..]"),
            PatternStep::Default(expr) => format!("?{}", self.text(*expr)),
        };
        path.iter().map(step).collect()
    }

    fn writes(&self, name: &str) -> Vec<String> {
        let writes = self.usage.writes(self.symbol(name));
        writes.iter().map(|write| format!("{} {}", self.kind(&write.kind), self.path(&write.path)).trim_end().to_owned()).collect()
    }

    fn member_write(&self, write: &MemberWrite) -> String {
        let object = match &write.object {
            MemberObject::Symbol(symbol) => self.name(*symbol),
            MemberObject::Global(name) => format!("global {name}"),
            MemberObject::This(owner) => format!("this of {}", self.owner(*owner)),
            MemberObject::Expr(expr) => format!("<{}>", self.text(*expr)),
        };
        let keys = write.keys.iter().map(|key| match key {
            MemberKey::Name(name) => format!(".{name}"),
            MemberKey::Computed(expr) => format!("[{}]", self.text(*expr)),
            MemberKey::Put(key) => format!("put({})", key.map_or("", |key| self.text(key))),
        });
        let target = format!("{object}{}", keys.collect::<String>());
        format!("{target} {} {}", self.kind(&write.kind), self.path(&write.path)).trim_end().to_owned()
    }

    fn owner(&self, owner: ThisOwner) -> String {
        let class = |class: ClassId| self.module[class].name.map_or("class".into(), |name| self.module[name].name.to_string());
        match owner {
            ThisOwner::Instance(id) => class(id),
            ThisOwner::Static(id) => format!("static {}", class(id)),
            ThisOwner::Function(id) => self.function(id),
        }
    }

    fn function(&self, id: FunctionId) -> String {
        match self.usage.function_name(id) {
            Some(FunctionName::Symbol(symbol)) => self.name(*symbol),
            Some(FunctionName::Property { name, .. }) => format!("{{}}.{name}"),
            Some(FunctionName::ClassMember { name, is_static, .. }) => format!("{}#{name}", if *is_static { "static " } else { "" }),
            Some(FunctionName::MemberWrite(index)) => {
                let write = &self.usage.member_writes()[*index];
                self.slice(write.span).to_owned()
            }
            None => "nameless".to_owned(),
        }
    }
}

#[test]
fn a_name_knows_every_value_written_to_it() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("const x = f();", "x", &["= f()"]),
        ("let x; x = 1; x += 2; x ??= 3; x++;", "x", &["= nothing", "Assign 1", "Add 2", "Logical(Nullish) 3", "update"]),
        ("const { a: { x = 1 }, ...rest } = f();", "x", &["= f() .a.x?1"]),
        ("const { a: { b = 1 }, [k]: c, ['d']: e, ...x } = f();", "x", &["= f() {-a,d}"]),
        ("const { a: { b = 1 }, [k]: x } = f();", "x", &["= f() [k]"]),
        ("const { x } = f();", "x", &["= f() .x"]),
        ("const { a: x = 2 } = f();", "x", &["= f() .a?2"]),
        ("const [, { a: x }] = f();", "x", &["= f() [1].a"]),
        ("const [a, ...x] = f();", "x", &["= f() [1..]"]),
        ("let x; ({ a: x } = f());", "x", &["= nothing", "Assign f() .a"]),
        ("let x; [x = 1] = f();", "x", &["= nothing", "Assign f() [0]?1"]),
        ("let x: any; (x as any) = f(); x! = 2;", "x", &["= nothing", "Assign f()", "Assign 2"]),
        ("for (const x of list) {}", "x", &["of list"]),
        ("let x; for ({ a: x } of list) {}", "x", &["= nothing", "of list .a"]),
        ("for (var x in list) {}", "x", &["in list"]),
        ("function f(a, { b: x = 1 } = {}) {}", "x", &["param1 ?{}.b?1"]),
        ("function f(...[, x]) {}", "x", &["rest0 [1]"]),
        ("function f(x) { var x; x = 1; }", "x", &["param0", "= nothing", "Assign 1"]),
        ("try {} catch ({ x }) {}", "x", &["catch .x"]),
        ("import a, { b as x } from 'm';", "x", &["import 0.1"]),
        ("import 'n'; import * as x from 'm';", "x", &["import 1.0"]),
        ("function x() {} x = 1;", "x", &["function", "Assign 1"]),
        ("class x {}", "x", &["class"]),
        ("enum x { A = 1 }", "x", &["enum"]),
        ("enum E { x = 1, B = x }", "x", &["= 1"]),
        ("namespace x { export const a = 1; }", "x", &["namespace"]),
        ("const f = function x() {};", "x", &["function"]),
    ];
    for (source, name, expected) in cases {
        assert_eq!(Read::new(source).writes(name), *expected, "{source}");
    }
}

#[test]
fn member_writes_name_object_keys_and_value() {
    let cases: &[(&str, &[&str])] = &[
        ("const o = {}; o.login_token = t;", &["o.login_token Assign t"]),
        ("const r = useRef(); r.current!.x = t;", &["r.current.x Assign t"]),
        ("window.phone = t; (window as any).a['b'][0][k] = t;", &["global window.phone Assign t", "global window.a.b.0[k] Assign t"]),
        ("phone = t;", &["global phone Assign t"]),
        ("f().x = t; f().x++;", &["<f()>.x Assign t", "<f()>.x update"]),
        ("this.x = t;", &["<this>.x Assign t"]),
        (
            "class A { a = 1; static b; m() { this.c = t; (() => { this.d ||= t; })(); } }",
            &["this of A.a = 1", "this of static A.b = nothing", "this of A.c Assign t", "this of A.d Logical(Or) t"],
        ),
        (
            "class A { static m() { this.c = t; } static { this.d = t; } x = () => { this.e = t; }; [this.f = t]() {} }",
            &[
                "this of A.x = () => { this.e = t; }",
                "this of static A.c Assign t",
                "this of static A.d Assign t",
                "this of A.e Assign t",
                "<this>.f Assign t",
            ],
        ),
        ("class A { constructor(private a: T, public b = 1, c = 2) {} }", &["this of A.a param0", "this of A.b param1 ?1"]),
        (
            "class A { async m() { ({ token: this.token, ...this.rest } = await f()); } }",
            &["this of A.token Assign await f() .token", "this of A.rest Assign await f() {-token}"],
        ),
        ("function F() { this.a = t; } const o = { m() { this.b = t; } };", &["this of F.a Assign t", "this of {}.m.b Assign t"]),
        ("const o = {}; for (o.x of list) {} [o.y] = list;", &["o.x of list", "o.y Assign list [0]"]),
    ];
    for (source, expected) in cases {
        let read = Read::new(source);
        let found: Vec<_> = read.usage.member_writes().iter().map(|write| read.member_write(write)).collect();
        assert_eq!(found, *expected, "{source}");
    }
}

#[test]
fn member_writes_are_found_by_object_and_by_property() {
    let read = Read::new("const o = {}; o.a = 1; o.b.a = 2; p.a = 3; class C { a = 4; }");
    let found = |writes: Vec<&MemberWrite>| writes.into_iter().map(|write| read.member_write(write)).collect::<Vec<_>>();
    assert_eq!(found(read.usage.member_writes_of(read.symbol("o")).collect()), ["o.a Assign 1", "o.b.a Assign 2"]);
    assert_eq!(found(read.usage.global_writes("p").collect()), ["global p.a Assign 3"]);
    assert_eq!(found(read.usage.writes_to_property("a").collect()).len(), 4);
    let class = ThisOwner::Instance(ClassId(0));
    assert_eq!(found(read.usage.this_writes(class).collect()), ["this of C.a = 4"]);
}

#[test]
fn calls_and_elements_are_found_by_what_they_name() {
    let read =
        Read::new("import { f } from 'm'; f(1); new f(2); f?.(3); (f as any)(4); f.x(5); { let f; f(6); } o['x'](7); const j = <f.A />;");
    let f = SymbolId(0);
    assert_eq!(read.texts(read.usage.calls_of(f)), ["f(1)", "new f(2)", "f?.(3)", "(f as any)(4)"]);
    assert_eq!(read.texts(read.usage.method_calls("x")), ["f.x(5)", "o['x'](7)"]);
    assert!(read.usage.method_calls("y").is_empty());
    let read = Read::new("const A = 1; const j = <A><A.B /><b /><A /></A>;");
    assert_eq!(read.texts(read.usage.jsx_uses(read.symbol("A"))), ["<A><A.B /><b /><A /></A>", "<A />"]);
}

#[test]
fn functions_know_what_they_give_back() {
    let read = Read::new(
        "function f(a) { if (a) { return 1; } const g = () => 2; function h() { return 3; } try { throw 4; } finally { return; } }\n\
         function* y() { yield 5; const z = yield* 6; yield; return 7; }",
    );
    let by_name =
        |name: &str| (0..read.module.functions.len()).find(|index| read.function(FunctionId(u32::try_from(*index).unwrap())) == name);
    let function = |name: &str| FunctionId(u32::try_from(by_name(name).unwrap()).unwrap());
    let (f, g, h, y) = (function("f"), function("g"), function("h"), function("y"));
    assert_eq!(read.texts(read.usage.returns(f)), ["1"]);
    assert_eq!(read.texts(read.usage.returns(g)), ["2"]);
    assert_eq!(read.texts(read.usage.returns(h)), ["3"]);
    assert_eq!(read.texts(read.usage.throws(f)), ["4"]);
    assert_eq!(read.texts(read.usage.yields(y)), ["5", "6"]);
    assert_eq!(read.texts(read.usage.returns(y)), ["7"]);
}

#[test]
fn functions_know_their_name() {
    let cases: &[(&str, &[&str])] = &[
        ("function f() {}", &["f"]),
        ("const f = () => {}; let g; g = async function h() {};", &["f", "g"]),
        ("const f = (() => {}) as Handler;", &["f"]),
        (
            "const o = { a() {}, b: () => {}, ['c']: function () {}, get d() { return 1; }, [e]() {} };",
            &["{}.a", "{}.b", "{}.c", "{}.d", "nameless"],
        ),
        ("class A { a() {} static b = () => {}; constructor() {} static c() {} }", &["#a", "static #b", "#constructor", "static #c"]),
        ("module.exports.f = () => {}; this.g = function () {}; o[k] = () => {};", &["module.exports.f", "this.g", "o[k]"]),
        ("run(() => {});", &["nameless"]),
        ("const { a = () => {} } = o;", &["nameless"]),
    ];
    for (source, expected) in cases {
        let read = Read::new(source);
        let in_order = read.parents.nodes().iter().filter_map(|node| match node {
            Node::Function(id) => Some(read.function(*id)),
            _ => None,
        });
        assert_eq!(in_order.collect::<Vec<_>>(), *expected, "{source}");
    }
}

#[test]
fn nesting_is_known_for_every_node() {
    let read = Read::new("class A { m() { if (a) { return () => deep; } } } other;");
    let ident = |name: &str| {
        let found = read.module.exprs.iter().position(|expr| matches!(&expr.kind, ExprKind::Ident(text) if &**text == name));
        Node::Expr(ExprId(u32::try_from(found.unwrap()).unwrap()))
    };
    let (deep, other) = (ident("deep"), ident("other"));
    let arrow = read.parents.enclosing_function(deep).unwrap();
    let method = read.parents.enclosing_function(Node::Function(arrow)).unwrap();
    let class = read.parents.enclosing_class(deep).unwrap();
    assert_eq!(read.function(method), "#m");
    assert_eq!(read.parents.enclosing_function(Node::Function(method)), None);
    assert_eq!(read.parents.this_owner(&read.module, deep), Some(ThisOwner::Instance(class)));
    assert!(read.parents.is_within(deep, Node::Function(method)) && read.parents.is_within(deep, deep));
    assert!(!read.parents.is_within(other, Node::Class(class)) && !read.parents.is_within(Node::Function(method), deep));
    assert!(read.slice(read.module[read.parents.enclosing_stmt(deep).unwrap()].span).starts_with("return"));
    assert_eq!(read.parents.program(deep), Some(0));
    assert_eq!(read.parents.enclosing_class(other), None);
    let up: Vec<_> = read.parents.ancestors(deep).collect();
    assert_eq!(up.first(), Some(&Node::Function(arrow)));
    assert!(up.contains(&Node::Class(class)) && read.parents.parent(*up.last().unwrap()).is_none());
}

#[test]
fn every_region_of_a_page_is_a_program_of_its_own() {
    let text = "first; second;";
    let region = |start, end, kind| Region { span: Span::new(start, end), kind, dialect: Dialect::JavaScript };
    let mut module = Module::new(Language::Markup);
    lower_regions(&mut module, text, &[region(0, 6, ProgramKind::Classic), region(7, 14, ProgramKind::Module)], &[]);
    let parents = Parents::of(&module);
    let programs = parents.nodes().iter().filter(|node| matches!(node, Node::Expr(_))).map(|node| parents.program(*node));
    assert_eq!(programs.collect::<Vec<_>>(), [Some(0), Some(1)]);
}

#[test]
fn what_calls_put_into_an_object_is_filed_under_it() {
    for (source, name, expected) in [
        ("const o = []; o.push(1, ...x);", "o", &["o put() Assign 1", "o put() Assign x .[]"][..]),
        ("const o = new Map(); o.set(k, v); o.a.set(k, w);", "o", &["o put(k) Assign v", "o.a put(k) Assign w"]),
        ("const o = {}; Object.assign(o, a, b); _.assign(o, c);", "o", &["o Assign a", "o Assign b"]),
        ("const o = {}; Object.defineProperty(o, 't', d);", "o", &["o['t'] Assign d .value"]),
        ("const o = {}; o.get(k); o.set(k);", "o", &[]),
    ] {
        let read = Read::new(source);
        let found: Vec<String> = read.usage.mutations_of(read.symbol(name)).map(|write| read.member_write(write)).collect();
        let expected: Vec<String> = expected.iter().map(|write| write.replace(" put(", "put(")).collect();
        assert_eq!(found, expected, "{source}");
    }
    let read = Read::new("const o = { t: 1 }; delete o.t; delete o[k].u; delete other.t;");
    let deleted: Vec<String> = read.usage.deletes_of(read.symbol("o")).iter().map(|write| read.member_write(write)).collect();
    assert_eq!(deleted, ["o.t deleted", "o[k].u deleted"]);
}
