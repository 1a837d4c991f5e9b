//! Every construct and its compact form.

use super::check;
use crate::syntax::lower::javascript::Dialect;

#[test]
fn expressions() {
    check(
        Dialect::JavaScript,
        &[
            ("a.b?.c(d, ...e)[f]", ""),
            ("new Foo({ a, 'b': 1, [c]: 2, ...d, get e() { return 1 }, f() {} })", ""),
            ("x = y ? 1 : z ? 2 : 3", ""),
            ("const { a, b: { c = 1 }, ...d } = await import('x')", ""),
            ("export default function f() { 'use server'; return import.meta.env.X }", ""),
            ("import d, { a as b } from 'm'; export { b as default }; export * from 'n'", ""),
            ("class A extends B { #x = 1; static y; constructor() { super() } async *[z]() {} static { a() } }", ""),
            ("<Foo.Bar a='1' b={c} {...d} e><div/>{f}</Foo.Bar>", ""),
            ("for (const [a, , b] of c) { if (a) b(); else if (c) d(); else e() }", ""),
            ("`a${b}c\\n`; tag`x`", ""),
        ],
    );
}

#[test]
fn typescript() {
    check(
        Dialect::TypeScript,
        &[
            ("const a: Ref<Telnyx.TelnyxRTC | null> = <any>(b as Foo)!", ""),
            ("enum E { A, B = 5, C, D = 'x' } namespace N.M { export const x = 1 }", ""),
            ("import x = require('m'); import type { T } from 't'; import { type U, V } from 'u'; export = x", ""),
            (
                "class A { constructor(private a: B, @Inject() readonly c?: D) {} @Dec() m(this: A): void; declare x: Y; accessor z = 1 }",
                "",
            ),
        ],
    );
}
