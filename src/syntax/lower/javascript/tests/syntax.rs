//! Every construct and its compact form.

use super::check;
use crate::syntax::lower::javascript::Dialect;

#[test]
fn literals() {
    check(
        Dialect::JavaScript,
        &[
            ("'a\\n\\x41\\u0042\\u{43}\\0' + 'it\\'s \\\nok' + 'a\\101'", "(Add (Add \"a\\nABC\\0\" \"it's ok\") \"aA\")"),
            ("x = '\\ud83d\\ude00'", "(= x \"😀\")"),
            (
                "0x1F + 1_000 + 0b11 + 0o17 + 017 + 1e3 + .5 + 10n",
                "(Add (Add (Add (Add (Add (Add (Add 31 1000) 3) 15) 15) 1000) 0.5) literal)",
            ),
            ("/a'b/g; true; false; null; undefined; this", "literal true false null undefined this"),
            (
                "`plain`; `a${b}c\\n${`d${e}`}`; tag`x${y}`; String.raw`C:\\\\n`",
                "(` \"plain\") (` \"a\" b \"c\\n\" (` \"d\" e \"\") \"\") (tagged tag (` \"x\" y \"\")) (tagged (. String raw) (` \"C:\\\\n\"))",
            ),
            ("'unclosed", "!1"),
        ],
    );
}

#[test]
fn members_and_calls() {
    check(
        Dialect::JavaScript,
        &[
            ("a.b?.c(d, ...e)?.[f]?.(g)", "(?.call (?.[ (call (?. (. a b) c) d ...e) f) g)"),
            ("a['b'].c[d, e]", "([ (. ([ a \"b\") c) (seq d e))"),
            ("new A; new A.B(c, ...d).e()", "(new A) (call (. (new (. A B) c ...d) e))"),
            ("this.#x; super.y(); #x in y", "(. this #x) (call (. super y)) (In (?) y)"),
            (
                "import('x'); import('x', { with: { type: 'json' } }); import.meta.env.X; new.target",
                "(import \"x\") (import \"x\") (. (. import.meta env) X) (?)",
            ),
            ("(((a))).b; (a, b).c", "(. a b) (. (seq a b) c)"),
            ("a.default.class.new", "(. (. (. a default) class) new)"),
        ],
    );
}

#[test]
fn operators() {
    check(
        Dialect::JavaScript,
        &[
            ("a && b || c ?? d", "(Nullish (Or (And a b) c) d)"),
            ("a + b - c * d ** e", "(Arithmetic (Add a b) (Arithmetic c (Arithmetic d e)))"),
            (
                "a === b; a !== b; a == b; a != b; a < b; a in b; a instanceof b",
                "(StrictEqual a b) (StrictNotEqual a b) (LooseEqual a b) (LooseNotEqual a b) (Compare a b) (In a b) (InstanceOf a b)",
            ),
            (
                "!a; -a; +a; ~a; typeof a; void a; delete a.b; a++; --a",
                "(! a) (- a) (+ a) (unary a) (typeof a) (void a) (delete (. a b)) (update a) (update a)",
            ),
            ("x = y ? 1 : z ? 2 : 3", "(= x (cond y 1 (cond z 2 3)))"),
            (
                "a = b; a += b; a ||= b; a &&= b; a ??= b; a -= b; a.b = c = d",
                "(= a b) (+= a b) (||= a b) (&&= a b) (??= a b) (o= a b) (= (. a b) (= c d))",
            ),
            ("async () => { await a; for await (const b of c) d }", "(async-=> [] {(await a) (for-of const b c d)})"),
            ("function* f() { yield; yield a; yield* b }", "(function* f [] {(yield) (yield a) (yield b)})"),
            ("(a, b, c)", "(seq a b c)"),
        ],
    );
}

#[test]
fn objects_and_arrays() {
    check(
        Dialect::JavaScript,
        &[
            ("x = { a, 'b c': 1, [d]: 2, 3: e, 0x10: f, ...g, undefined }", "(= x ({} a:a b c:1 [d]:2 3:e 16:f ...g undefined:undefined))"),
            (
                "x = { get a() { return 1 }, set a(v) {}, async b() {}, *c() {}, async *[d]() {}, get: 1, set, async: 2 }",
                "(= x ({} a:(get [] {(return 1)}) a:(set [v] {}) b:(async-method [] {}) c:(method* [] {}) [d]:(async-method* [] {}) get:1 set:set async:2))",
            ),
            (
                "x = { get() {}, set() {}, async() {}, static() {} }",
                "(= x ({} get:(method [] {}) set:(method [] {}) async:(method [] {}) static:(method [] {})))",
            ),
            ("[a, , ...b, c]; [,]; []", "([] a ...b c) ([]) ([])"),
            ("x = {}", "(= x ({}))"),
            ("x = { login: 'a', password: `b` }", "(= x ({} login:\"a\" password:(` \"b\")))"),
        ],
    );
}

#[test]
fn patterns() {
    check(
        Dialect::JavaScript,
        &[
            (
                "const { a, b: c, 'd': e, [f]: g, h = 1, i: { j } = {}, ...k } = l",
                "(const [({} a:a b:c d:e [f]:g h:(= h 1) i:(= ({} j:j) ({})) ...k) l])",
            ),
            ("let [a, , b = 2, [c], ...d] = e, f", "(let [([] a _ (= b 2) ([] c) ...d) e] [f])"),
            ("var a, b = 1", "(var [a] [b 1])"),
            ("({ a, b: c.d, e: [f] = g, ...h.i } = j)", "(= ({} a:a b:(. c d) e:(= ([] f) g) ...(. h i)) j)"),
            ("[a, b[0], ...c] = d", "(= ([] a ([ b 0) ...c) d)"),
            ("for ({ a } of b) c; for (a.b in c) d", "(for-of ({} a:a) b c) (for-in (. a b) c d)"),
            (
                "function f({ a = 1, ...b } = {}, [c], d = 2, ...[e]) {}",
                "(function f [(= ({} a:(= a 1) ...b) ({})) ([] c) (= d 2) ...([] e)] {})",
            ),
            ("try {} catch ({ message }) {} ", "(try {} (catch ({} message:message) {}))"),
        ],
    );
}

#[test]
fn functions() {
    check(
        Dialect::JavaScript,
        &[
            ("function f(a) { return a }", "(function f [a] {(return a)})"),
            ("x = function g() { g }", "(= x (function g [] {g}))"),
            (
                "async function f() {} function* g() {} async function* h() {}",
                "(async-function f [] {}) (function* g [] {}) (async-function* h [] {})",
            ),
            (
                "a => b; (a, b) => { c }; async a => b; async (a) => {}; () => ({ a: 1 })",
                "(=> [a] b) (=> [a b] {c}) (async-=> [a] b) (async-=> [a] {}) (=> [] ({} a:1))",
            ),
            ("x = function () {}", "(= x (function [] {}))"),
            ("(function () { 'use strict'; a() })()", "(call (function [] \"use strict\" {(call a)}))"),
            ("get => set; async => 1", "(=> [get] set) (=> [async] 1)"),
        ],
    );
}

#[test]
fn directives() {
    check(
        Dialect::JavaScript,
        &[
            (
                "'use client'; \"use strict\"\nfoo(); 'not one'",
                "(directive \"use client\") (directive \"use strict\") (call foo) \"not one\"",
            ),
            ("'use client'.length", "(. \"use client\" length)"),
            ("#!/usr/bin/env node\n'use strict'\na", "(directive \"use strict\") a"),
            ("\u{feff}a.b", "(. a b)"),
            ("\u{feff}#!/bin/x\na", "a"),
            ("async function f() { 'use server' ; }", "(async-function f [] \"use server\" {})"),
            ("() => { 'use cache'; return 1 }", "(=> [] \"use cache\" {(return 1)})"),
        ],
    );
}

#[test]
fn classes() {
    check(
        Dialect::JavaScript,
        &[
            (
                "class A extends B { #x = 1; static y; 'z' = 2; [w]; constructor(a) { super(a) } async *[q]() {} static { a() } get b() {} set b(v) {} static async c() {} #d() {} }",
                "(class A < B [#x field 1] [static y field] [z field 2] [[w] field] [constructor (constructor [a] {(call super a)})] [[q] (async-method* [] {})] [static  {(call a)}] [b (get [] {})] [b (set [v] {})] [static c (async-method [] {})] [#d (method [] {})])",
            ),
            ("x = class extends (a, b) {}", "(= x (class-expr < (seq a b)))"),
            ("x = class N {}", "(= x (class-expr N))"),
            (
                "@dec @ns.dec2(1) class A { @field x = 1; @meth() m() {} }",
                "(@dec @(call (. ns dec2) 1) class A [@field x field 1] [@(call meth) m (method [] {})])",
            ),
            (
                "class A { static static = 1; get = 2; set; async; static constructor() {} }",
                "(class A [static static field 1] [get field 2] [set field] [async field] [static constructor (method [] {})])",
            ),
            ("class A { ; a() {}; }", "(class A [a (method [] {})])"),
            ("@dec export class A {}", "(@dec class A) (export A=A)"),
            ("export default @dec class A {}", "(@dec class A) (export default=A)"),
        ],
    );
}

#[test]
fn statements() {
    check(
        Dialect::JavaScript,
        &[
            ("if (a) b; else if (c) { d } else e", "(if a b (if c {d} e))"),
            ("if (a) b", "(if a b)"),
            (
                "for (let i = 0, j; i < n; i++) f(i); for (;;) {} for (i = 0; ; ) {}",
                "(for (let [i 0] [j]) (Compare i n) (update i) (call f i)) (for _ _ _ {}) (for (= i 0) _ _ {})",
            ),
            (
                "for (const a of b) c; for (var a in b) c; for (let [k, v] of m) { k }",
                "(for-of const a b c) (for-in var a b c) (for-of let ([] k v) m {k})",
            ),
            ("while (a) b; do c; while (d)", "(while a b) (while d c)"),
            ("try { a } catch (e) { b } finally { c }", "(try {a} (catch e {b}) (finally {c}))"),
            ("try { a } catch { b }", "(try {a} (catch {b}))"),
            ("switch (a) { case 1: b; break; case c: { d } default: e }", "(switch a [1 b jump] [c {d}] [default e])"),
            ("lbl: for (;;) { continue lbl; break lbl }", "(label (for _ _ _ {jump jump}))"),
            ("throw new Error('x'); ", "(throw (new Error \"x\"))"),
            ("() => { return a, b }", "(=> [] {(return (seq a b))})"),
            ("with (a) { b }", "(unknown a {b})"),
            ("debugger;;", "_ _"),
            ("{ a; { b } }", "{a {b}}"),
            ("let a = 1; const b = 2; var c", "(let [a 1]) (const [b 2]) (var [c])"),
            ("using a = b; await using c = d", "(const [a b]) (const [c d])"),
            ("return", "(return)"),
        ],
    );
}

#[test]
fn imports_and_exports() {
    check(
        Dialect::JavaScript,
        &[
            (
                "import 'a'; import b from 'b'; import * as c from 'c'; import d, { e, f as g, default as h, 'x-y' as i } from 'd'; import j, * as k from 'j'",
                "_ _ _ _ _ (import \"a\") (import \"b\" default=b) (import \"c\" *=c) (import \"d\" default=d e=e f=g default=h x-y=i) (import \"j\" default=j *=k)",
            ),
            ("import a from './a.json' with { type: 'json' }", "_ (import \"./a.json\" default=a)"),
            (
                "export const { a, b: [c] } = d, e = 1; export let f; export function g() {} export class H {}",
                "(const [({} a:a b:([] c)) d] [e 1]) (let [f]) (function g [] {}) (class H) (export a=a) (export c=c) (export e=e) (export f=f) (export g=g) (export H=H)",
            ),
            ("export default function f() {}", "(function f [] {}) (export default=f)"),
            ("export default function () {}", "(default (function [] {})) (export default (function [] {}))"),
            ("export default class A {}", "(class A) (export default=A)"),
            ("export default class {}", "(default (class-expr)) (export default (class-expr))"),
            ("export default a", "(default a) (export default a)"),
            ("export default { a: 1 }", "(default ({} a:1)) (export default ({} a:1))"),
            ("export default async () => {}", "(default (async-=> [] {})) (export default (async-=> [] {}))"),
            ("export { a, b as c, d as default, e as 'f-g' }", "_ (export a a) (export c b) (export default d) (export f-g e)"),
            (
                "export { a, default, default as b, c as default } from 'm'",
                "_ (export a=a \"m\") (export default=default \"m\") (export b=default \"m\") (export default=c \"m\")",
            ),
            ("export * from 'm'; export * as n from 'm'", "_ _ (export * \"m\") (export n=* \"m\")"),
            ("export async function* f() {}", "(async-function* f [] {}) (export f=f)"),
            ("module.exports = { a }; exports.b = require('c')", "(= (. module exports) ({} a:a)) (= (. exports b) (call require \"c\"))"),
        ],
    );
}

#[test]
fn jsx() {
    check(
        Dialect::JavaScript,
        &[
            (
                "<div />; <Foo.Bar.Baz a='1' b={c} {...d} e data-f=\"x &amp; y\" ns:g={h}>text {i} {/* c */} <b>x</b>{...j}</Foo.Bar.Baz>",
                "(<div>) (<(. (. Foo Bar) Baz)> a=\"1\" b=c ...d e data-f=\"x & y\" ns:g=h i (<b>) j)",
            ),
            ("<><A /></>", "(<> (<A>))"),
            ("<a.b />; <my-tag />; <svg:path />; <this.X />; <$X />", "(<(. a b)>) (<my-tag>) (<svg:path>) (<(. this X)>) (<$X>)"),
            ("<A b=<c /> d={<e />} />", "(<A> b=(<c>) d=(<e>))"),
            (
                "<A onClick={() => f()}>{a && <B />}{list.map(x => <C key={x} />)}</A>",
                "(<A> onClick=(=> [] (call f)) (And a (<B>)) (call (. list map) (=> [x] (<C> key=x))))",
            ),
            ("<A b={} />", "(<A> b=(?))"),
            ("<A title='a\\n'>it's &nbsp; \"text\"</A>", "(<A> title=\"a\\\\n\")"),
        ],
    );
}

#[test]
fn typescript_types() {
    check(
        Dialect::TypeScript,
        &[
            (
                "const a: A = b as C; const d = e satisfies F; const g = <H>i; const j = k!; const l = m as const; const n = f<T>",
                "(const [a<A> (cast b<C>)]) (const [d (cast e<F>)]) (const [g (cast i<H>)]) (const [j (cast k)]) (const [l (cast m)]) (const [n (cast f)])",
            ),
            (
                "let a: Ns.Telnyx | null, b: Ref<TelnyxRTC | undefined>, c: string, d: (x: Y) => Z, e: { f: G }, h: readonly I[], j: [K, L?], m: InstanceType<typeof N>, o: import('p').Q, r: typeof s.t",
                "(let [a<Telnyx>] [b<Ref,TelnyxRTC>] [c] [d] [e] [h<I>] [j<K,L>] [m<InstanceType,N>] [o<Q>] [r<t>])",
            ),
            ("function f(this: A, a: B, b?: C, ...c: D[]): E { return a }", "(function f [a<B> b<C> ...c<D>] {(return a)})"),
            (
                "function f(a: string): void; function f(a: number): void; function f(a: any) { return a }",
                "(function f [a]) (function f [a]) (function f [a] {(return a)})",
            ),
            ("export function f(a: string): void; export function f(a: any) {}", "(function f [a]) (function f [a] {}) (export f=f)"),
            (
                "interface A { b: C } type D = E; declare const f: G; declare function h(): void; declare global { var i: 1 } declare module 'm' { export const j: 1 } declare class K {}",
                "_ _ _ _ _ _ _",
            ),
            ("function f<T extends U>(a: T): a is V { }", "(function f [a<T>] {})"),
            (
                "const f = <T,>(a: T): a is U => a; const g = async <T>(a: T) => {}",
                "(const [f (=> [a<T>] a)]) (const [g (async-=> [a<T>] {})])",
            ),
            ("let a!: B; let b: unknown = c as unknown as D", "(let [a<B>]) (let [b (cast (cast c)<D>)])"),
            ("class A<T> extends B<T> implements C { }", "(class A < B)"),
            ("try {} catch (e: unknown) {}", "(try {} (catch e {}))"),
            (
                "abstract class A { abstract b(): void; abstract c: D; protected constructor(); e?: F; g!: H; readonly i = 1; static j: K; declare l: M; override n() {} [key: string]: any }",
                "(class A [b (method [])] [c<D> field] [constructor (constructor [])] [e<F> field] [g<H> field] [i field 1] [static j<K> field] [l<M> field] [n (method [] {})])",
            ),
            (
                "class A { constructor(private a: B, public readonly c = 1, @Inject(D) e: F, g?: H) { super() } }",
                "(class A [constructor (constructor [field a<B> field (= c 1) @(call Inject D) e<F> g<H>] {(call super)})])",
            ),
            (
                "class A { @Input() a: B; @Out() b() {} @Get() get c(): D { return 1 } accessor e = 1; private async f?(): Promise<G> {} }",
                "(class A [@(call Input) a<B> field] [@(call Out) b (method [] {})] [@(call Get) c (get [] {(return 1)})] [e field 1] [f (async-method [] {})])",
            ),
            ("export abstract class A {}; export default abstract class B {}", "(class A) _ (class B) (export A=A) (export default=B)"),
            ("@Component({ a: 1 }) export class A {}", "(@(call Component ({} a:1)) class A) (export A=A)"),
        ],
    );
}

#[test]
fn typescript_values() {
    check(
        Dialect::TypeScript,
        &[
            (
                "enum A { B, C = 5, D, E = 'x', F, 'G-H' = 1 << 2, I }",
                "(enum A ({} B:0 C:5 D:6 E:\"x\" F:literal G-H:(Arithmetic 1 2) I:literal))",
            ),
            (
                "const enum A { B } export enum C { D = A.B } declare enum E { F }",
                "(enum A ({} B:0)) (enum C ({} D:(. A B))) _ (export C=C)",
            ),
            (
                "namespace A.B.C { export const d = 1; function e() {} }",
                "(namespace A {(namespace B {(namespace C {(const [d 1]) (function e [] {})})})})",
            ),
            ("namespace A { export type B = C } module D { export let e = 1 }", "_ (namespace D {(let [e 1])})"),
            ("export namespace A { export const b = 1 }", "(namespace A {(const [b 1])}) (export A=A)"),
            (
                "import a = require('m'); export import b = c.d.e; import type F = require('n')",
                "_ (const [b (. (. c d) e)]) _ (import \"m\" *=a) (import-type \"n\" *=type F) (export b=b)",
            ),
            ("export = a", "a (export export= a)"),
            ("export = { a: 1 }", "({} a:1) (export export= ({} a:1))"),
            ("export as namespace A", "_"),
            (
                "import type A from 'a'; import type { B } from 'b'; import { type C, D, type E as F } from 'c'; import type * as G from 'g'",
                "_ _ _ _ (import-type \"a\" default=type A) (import-type \"b\" B=type B) (import \"c\" C=type C D=D E=type F) (import-type \"g\" *=type G)",
            ),
            (
                "export type { A } from 'a'; export { type B, C } from 'b'; export type { D }; export type E = F",
                "_ _ _ _ (export-type A=A \"a\") (export-type B=B \"b\") (export C=C \"b\") (export-type D D)",
            ),
            (
                "import { type } from 'm'; import type from 'n'; import { type as t } from 'o'",
                "_ _ _ (import \"m\" type=type) (import \"n\" default=type) (import \"o\" type=t)",
            ),
            ("using a = b(); await using c = d()", "(const [a (call b)]) (const [c (call d)])"),
        ],
    );
}

#[test]
fn typescript_precedence() {
    check(
        Dialect::TypeScript,
        &[
            ("await f<T>(x)", "(await (call f x))"),
            (
                "const { data } = await axios.post<R>('/x', { a: 1 })",
                "(const [({} data:data) (await (call (. axios post) \"/x\" ({} a:1)))])",
            ),
            ("(await f<T>(a)).b", "(. (await (call f a)) b)"),
            ("await f<T>(x).then(y)", "(await (call (. (call f x) then) y))"),
            ("!f<T>(x); typeof f<T>(x)", "(! (call f x)) (typeof (call f x))"),
            ("a + f<T>(x) + g<U>(y)", "(Add (Add a (call f x)) (call g y))"),
            ("!await f<T>(x)", "(! (await (call f x)))"),
            ("await a.b<T>(c) as D", "(cast (await (call (. a b) c))<D>)"),
            (
                "a && b!.c; a ?? b!.c(d); await a!.b(); -a!.b; a || b && c!.d[e]",
                "(And a (. (cast b) c)) (Nullish a (call (. (cast b) c) d)) (await (call (. (cast a) b))) (- (. (cast a) b)) (Or a (And b ([ (. (cast c) d) e)))",
            ),
            ("a! + b!", "(Add (cast a) (cast b))"),
            ("x ? a : b!.c", "(cond x a (. (cast b) c))"),
            ("await f<T>(x) + 1", "(Add (await (call f x)) 1)"),
            ("a.b!.c!()!", "(cast (call (cast (. (cast (. a b)) c))))"),
            ("(a && b)!.c", "(. (cast (And a b)) c)"),
        ],
    );
}

#[test]
fn typescript_repaired() {
    check(
        Dialect::TypeScript,
        &[
            ("const m = await f<typeof import(\"./x\")>(); g()", "(const [m (await (call f))]) (call g)"),
            ("const A = styled.div<{ dark: boolean }>`a ${b}`; c()", "(const [A (tagged (. styled div) (` \"a \" b \"\"))]) (call c)"),
            ("const r = await tx.$q<R[]>`x ${y}`", "(const [r (await (tagged (. tx $q) (` \"x \" y \"\")))])"),
            ("export type * from 'a'; b()", "_ (call b) (export-type * \"a\")"),
            ("export * from 'a'; export type * as ns from 'b'", "_ _ (export * \"a\") (export-type ns=* \"b\")"),
            ("interface A<in T, out U, in out V> {} b()", "_ (call b)"),
            ("interface A { f: (string) => void; g: (boolean) => void } b()", "_ (call b)"),
            ("function f(a: (boolean) => void) { b() }", "(function f [a] {(call b)})"),
            ("const a = useState<import('./m').Plan[]>([]); b()", "(const [a (call useState ([]))]) (call b)"),
            ("export type V<S> = import('m').V<S>\nconst x = import('m').then(f)", "_ (const [x (call (. (import \"m\") then) f)])"),
            ("interface A {\n  abstract?: string\n  x: 1\n}\nb()", "_ (call b)"),
            ("type A = {\n  id: string\n  in_app: boolean\n  in: 'header'\n}\nb()", "_ (call b)"),
            ("const a = b\nin_app()", "(const [a b]) (call in_app)"),
            ("type F = ({ a }?: { a?: B }) => void; b()", "_ (call b)"),
            ("type F = {\n  (a: A): void\n  <T>(a: T): void\n}\nb()", "_ (call b)"),
            ("f(String.raw`A\\u00 C`)", "(call f (tagged (. String raw) (` \"Au00 C\")))"),
            ("f(`${a}\u{0}${b}`)", "(call f (` \"\" a \"\\0\" b \"\"))"),
        ],
    );
}

#[test]
fn tsx() {
    check(
        Dialect::Tsx,
        &[
            ("<T>Plans & Billing</T>", "(<T>)"),
            ("f(a ? (\n <B>c & d</B>\n) : (\n <B>e & f</B>\n))", "(call f (cond a (<B>) (<B>)))"),
            ("<a href='https://x?a=b&utm=c&d=e'>{f}</a>", "(<a> href=\"https://x?a=b&utm=c&d=e\" f)"),
            ("const C = <T,>({ a }: Props<T>) => <Foo<T> a={a!} />", "(const [C (=> [({} a:a)] (<Foo> a=(cast a)))])"),
            ("useRef<Telnyx | null>(null)", "(call useRef null)"),
            ("const f = (a as B).c", "(const [f (. (cast a<B>) c)])"),
            (
                "export default function Page({ params }: { params: P }) { return <A {...params} /> }",
                "(function Page [({} params:params)] {(return (<A> ...params))}) (export default=Page)",
            ),
        ],
    );
}

#[test]
fn flow() {
    check(
        Dialect::JavaScript,
        &[
            (
                "// @flow\nimport type { A } from 'a'\nfunction f(a: string, b: ?A): void { return (a: any) }",
                "_ (function f [a b] {(return a)}) (import-type \"a\" A=type A)",
            ),
            ("type A = { b: string }; export const c = (d: A) => d.b", "_ (const [c (=> [d<A>] (. d b))]) (export c=c)"),
            ("class A { accessor b = 1; c = 2 }", "(class A [b field 1] [c field 2])"),
        ],
    );
}

#[test]
fn errors() {
    check(
        Dialect::JavaScript,
        &[
            ("a(; b()", "(call a) (call b) !1"),
            ("foo({ login: 'x', password: y", "foo ({} login:\"x\" password:y) !1"),
            ("function f() { const a = b(); if (c) {", "(function f [] {(const [a (call b)]) (if c ({}))}) !2"),
            ("class A { m() { a } ) n() { b } }", "(class A [m (method [] {a})] [n (method [] {b})]) !1"),
            ("const x = ; y()", "(const [x (call y)]) !1"),
            ("a. ; b()", "a (call b) !1"),
            ("x = { a: 1, : 2, b: 3 }", "(= x ({} a:1 :2 b:3)) !1"),
            ("[a, @, b]", "([] a b) !1"),
            ("if (a { b() }", "(if a {(call b)}) !1"),
            ("}} a()", "(call a) !1"),
            ("a b c", "a b c !1"),
            ("foo(`x ${ `); bar()", "(call foo) (call bar) !1"),
            ("const { a, = b; c()", "(const [({} a:a) b]) (call c) !1"),
            ("<A b={c} <d/>; e()", "(<A> b=c d) (call e) !1"),
            ("import { a from 'b'; c()", "(?) a from \"b\" c !1"),
            (
                "client.on('x', (e) => { if (e.code === 34001) { refresh( } }); foo()",
                "(call (. client on) \"x\" (=> [e] {(if (StrictEqual (. e code) 34001) {})})) (call foo) !1",
            ),
            ("", ""),
            ("// only", ""),
            ("@@@", "!1"),
            ("<<<<<<< HEAD\na()\n=======\nb()\n>>>>>>> x\nc()", "(StrictEqual (call (<HEAD> a)) (Arithmetic (call b) x)) (call c) !4"),
        ],
    );
}
