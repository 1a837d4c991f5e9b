//! Lowering of Rust, through its public entry.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod printer;
mod spans;

use super::lower;
use crate::hir::{ExportKind, Imported, SyntaxProblemKind};
use printer::{class, program};

/// What the body of `fn f(a: A, b: B) -> R` becomes.
fn body(text: &str) -> String {
    let module = lower(&format!("fn f(a: A, b: B) -> R {{ {text} }}"));
    assert!(module.problems.is_empty(), "{text}: {:?}", module.problems);
    let shown = program(&module);
    shown.strip_prefix("function f(a, b) { ").and_then(|rest| rest.strip_suffix(" }")).unwrap_or(&shown).to_owned()
}

#[test]
fn expressions_get_the_shape_that_javascript_has_for_them() {
    for (text, expected) in [
        ("std::env::var(\"X\")", "return std.env.var(\"X\");"),
        ("crate::a::b(c)", "return import(\"crate\").a.b(c);"),
        ("super::super::a()", "return import(\"super::super\").a();"),
        ("&mut *a.b.0", "return a.b.0;"),
        ("a.b::<T>(c)?.d().await?", "return await a.b(c).d();"),
        ("Some(a)", "return a;"),
        ("Err(a)", "throw a;"),
        ("a[..8].len()", "return a.slice(8).len();"),
        ("a[\"k\"]", "return a[\"k\"];"),
        ("(a, b.0)", "return [a, b.0];"),
        ("Token { value: a, b, ..c() }", "return new Token({...c(), value: a, b: b});"),
        ("self::T::new(a)", "return import(\"self\").T.new(a);"),
        ("|x| x + a", "return (x) => (x Add a);"),
        ("move |State(s), (x, _)| { s.g(x); s }", "return (s, [x]) => { s.g(x); return s; };"),
        ("async move { a.await }", "return (async () => { return await a; })();"),
        ("if a { b } else { c }", "if (a) { return b; } else { return c; }"),
        ("g(if a { b } else { c })", "return g((a ? b : c));"),
        ("a as usize", "return a;"),
        ("!a && b || c != 3", "return ((Not(a) And b) Or (c StrictNotEqual 3));"),
    ] {
        assert_eq!(body(text), expected, "{text}");
    }
}

#[test]
fn branches_put_their_value_where_it_goes() {
    for (text, expected) in [
        (
            "let t = match g(a) { Ok(v) => v, Err(e) => return Err(e.into()) }; t",
            "let 1'; const 2' = g(a); if (2') { let v = 2'; 1' = v; } else if (Not(2')) { let {Err: e} = 2'; throw e.into(); } let t = 1'; return t;",
        ),
        (
            "match a { 1 | 2 => b, X::Y { z } => z, _ => c }",
            "if (((a StrictEqual 1) Or (a StrictEqual 2))) { let ? = a; return b; } else if ((a InstanceOf X.Y)) { let {z: z} = a; return z; } else { let ? = a; return c; }",
        ),
        ("if let Some(u) = a.user() { u } else { b }", "const 1' = a.user(); if (1') { let u = 1'; return u; } else { return b; }"),
        ("let Some(u) = a.user() else { return Err(X) }; u", "const 1' = a.user(); if (Not(1')) { throw X; } let u = 1'; return u;"),
        ("let u = a.user().ok_or(X)?; u", "const 1' = a.user(); if (Not(1')) { throw X; } let u = 1'; return u;"),
        ("a.get().map_err(|_| X::Y)?;", "const 1' = a.get(); if (Not(1')) { throw (?) => X.Y; } 1';"),
        ("let x = a.g(); let x = x.h(); k(x)", "let x = a.g(); const 1' = x.h(); { let x = 1'; return k(x); }"),
        ("let a = a.trim(); a", "const 1' = a.trim(); { let a = 1'; return a; }"),
        ("let text = text.trim(); text::g(text)", "let text = text.trim(); return text.g(text);"),
        ("while let Some(x) = a.next() { g(x); } b", "const 1' = a.next(); while (1') { let x = 1'; g(x); } return b;"),
        ("for (k, v) in a { g(k, v)?; } b", "for (let [k, v] of a) { g(k, v); } return b;"),
        ("let v = loop { if a { break b; } }; v", "let 1'; while (true) { if (a) { 1' = b; jump; } } let v = 1'; return v;"),
        ("ensure!(a == b, \"no\"); b", "if (Not((a StrictEqual b))) { throw \"no\"; } return b;"),
        ("a.b = c; *a += 1; d", "a.b = c; a = 1; return d;"),
        ("unsafe { g(a) }", "{ return g(a); }"),
        ("if let Some(x) = a && x.ok() { x } else { b }", "if ((a And x.ok())) { let x = a; return x; } else { return b; }"),
    ] {
        assert_eq!(body(text), expected, "{text}");
    }
}

#[test]
fn a_variable_hides_no_module() {
    let module = lower("mod text; fn f() { let text = text::load(); text::show(text); }");
    assert_eq!(program(&module), "function f() { const 1' = text.load(); { let text = 1'; import(\"self\").text.show(text); } }");
}

#[test]
fn macros_are_what_they_mean() {
    for (text, expected) in [
        ("format!(\"{}/x/{id}?k={n:?}{{}}\", a.b, n = b)", "return `${a.b}/x/${id}?k=${b}{}`;"),
        ("format!(\"{1}{0}\", a, b)", "return `${b}${a}`;"),
        (
            "json!({ \"token\": a, \"list\": [1, null], \"in\": { \"k\": b.c() }, (a): 2 })",
            "return {token: a, list: [1, null], in: {k: b.c()}, [a]: 2};",
        ),
        ("println!(\"t {a}\"); b", "println!(`t ${a}`); return b;"),
        ("tracing::info!(token = %a, user.id = 1, \"got\"); b", "tracing.info!(\"got\", {token: a, id: 1}); return b;"),
        ("env!(\"K\")", "return env!(\"K\");"),
        ("vec![a, b]", "return [a, b];"),
        ("routes![x, y::z]", "return routes!(x, y.z);"),
        ("bail!(\"no {a}\")", "throw `no ${a}`;"),
        ("matches!(a, X::Y | X::Z)", "return ((a StrictEqual X.Y) Or (a StrictEqual X.Z));"),
        ("concat!(\"a\", \"b\")", "return `${\"a\"}${\"b\"}`;"),
        ("html! { <p>{ a }</p> }", "return ?();"),
    ] {
        assert_eq!(body(text), expected, "{text}");
    }
}

#[test]
fn types_are_classes_with_the_methods_of_their_blocks() {
    let module = lower(
        "#[derive(Serialize)] #[serde(rename_all = \"camelCase\")] pub struct Token { login_token: String, #[serde(rename = \"exp\")] expires: u64 }
         impl Token { const KIND: &str = \"t\"; pub fn new(t: String) -> Self { Self { login_token: t, expires: 1 } } fn show(&self) -> &str { &self.login_token } }
         trait Mint { async fn mint(&self) -> Token; fn twice(&self) -> Token { self.mint() } }
         struct Api(String);
         impl Mint for Api { async fn mint(&self) -> Token { Token::new(self.0.clone()) } }
         enum Kind { A, B(u8) }",
    );
    assert_eq!(
        class(&module, "Token"),
        "login_token; get loginToken { return this.login_token; }; expires; get exp { return this.expires; }; static KIND = \"t\"; \
         static new(t) { return new Token({login_token: t, expires: 1}); }; show() { return this.login_token; }"
    );
    assert_eq!(class(&module, "Mint"), "mint(); twice() { return this.mint(); }");
    assert_eq!(class(&module, "Api"), "extends Mint; 0; mint() { return Token.new(this.0.clone()); }");
    assert_eq!(class(&module, "Kind"), "static A; static B");
}

#[test]
fn imports_name_what_they_take_and_hand_it_on() {
    let module = lower(
        "mod telnyx; #[path = \"x/y.rs\"] mod other; use std::{env, collections::HashMap as Map}; use crate::a::{self, b::*}; pub use serde;
         #[cfg(test)] mod tests { use super::*; } #[cfg(test)] use test_only::x; fn f() { use reqwest::Client; }",
    );
    let imports: Vec<String> = module
        .imports
        .iter()
        .map(|import| {
            let names: Vec<String> = import
                .names
                .iter()
                .map(|name| {
                    let local = &module[name.local].name;
                    match &name.imported {
                        Imported::Named(wanted) => format!("{wanted} as {local}"),
                        Imported::Namespace => format!("* as {local}"),
                        Imported::Default => "default".to_owned(),
                    }
                })
                .collect();
            format!("{}: {}", import.specifier, names.join(", "))
        })
        .collect();
    assert_eq!(
        imports,
        [
            "self::telnyx: * as telnyx",
            "path:x/y.rs: * as other",
            "std: env as env",
            "std::collections: HashMap as Map",
            "crate::a: * as a",
            "crate::a::b: ",
            "serde: * as serde",
            "reqwest: Client as Client",
        ]
    );
    let exports: Vec<String> = module
        .exports
        .iter()
        .map(|export| match &export.kind {
            ExportKind::Binding { name, .. } | ExportKind::From { name, .. } | ExportKind::Expr { name, .. } => name.to_string(),
            ExportKind::Star { specifier, .. } => format!("* {specifier}"),
        })
        .collect();
    assert_eq!(exports, ["telnyx", "other", "env", "Map", "a", "* crate::a::b", "serde", "f"]);
}

#[test]
fn attributes_that_frameworks_read_are_decorators() {
    for (text, expected) in [
        ("#[post(\"/x\", data = \"<b>\")] fn f() {}", "@post(\"/x\", {data: \"<b>\"}) function f() { }"),
        ("#[tauri::command] async fn f() {}", "@tauri.command function f() { }"),
        ("/// says\n#[inline]\n#[cfg(feature = \"x\")]\nfn f() {}", "function f() { }"),
        ("#[test] fn f() {} #[cfg(all(test, unix))] fn g() {} #[tokio::test] async fn h() {}", ""),
        ("lazy_static! { static ref K: String = g(); }", "const K = g();"),
        ("static K: Lazy<String> = Lazy::new(|| g());", "const K = Lazy.new(() => g());"),
        ("mod m { pub fn f() { super::g() } }", "namespace m { function f() { g(); } }"),
    ] {
        assert_eq!(program(&lower(text)), expected, "{text}");
    }
}

#[test]
fn what_does_not_parse_is_said_and_nothing_else_is_there() {
    for (text, kind, start) in [
        ("fn f() { let = ; }", SyntaxProblemKind::SyntaxError, 13),
        ("fn f( {", SyntaxProblemKind::SyntaxError, 6),
        ("\u{feff}#!/usr/bin/env run\nfn f() { let = ; }", SyntaxProblemKind::SyntaxError, 35),
        ("\"open", SyntaxProblemKind::SyntaxError, 0),
    ] {
        let module = lower(text);
        let problem = module.problems.first().unwrap();
        assert_eq!((problem.kind, problem.span.start), (kind, start), "{text}");
        assert!(module.stmts.is_empty() && module.programs.len() == 1);
    }
}

#[test]
fn trees_too_deep_for_the_stack_are_refused() {
    let deep = [
        format!("fn f() {{ {}1{} }}", "(".repeat(50_000), ")".repeat(50_000)),
        format!("fn f() {{ a{} }}", ".b()".repeat(50_000)),
        format!("fn f() {{ {}1 }}", "!".repeat(50_000)),
        format!("fn f() {{ {}1 }}", "a = ".repeat(50_000)),
        format!("fn f() {{ {}1 }}", "|| ".repeat(50_000)),
        format!("fn f() {{ {} {{}} }}", "if a {} else ".repeat(50_000)),
        format!("fn f(a: {}u8) {{}}", "&".repeat(50_000)),
        format!("type T = {}u8{};", "A<".repeat(50_000), ">".repeat(50_000)),
        format!("fn f() {{ a{} }}", " + a".repeat(50_000)),
        format!("{}{}", "mod a {".repeat(50_000), "}".repeat(50_000)),
    ];
    for text in &deep {
        let module = lower(text);
        assert!(module.problems.iter().any(|problem| problem.kind == SyntaxProblemKind::TooDeep), "{}", text.get(..40).unwrap());
    }
}

#[test]
fn trees_just_below_the_limit_fit_the_stack() {
    let deep = [
        format!("fn f() {{ {}1{} }}", "(".repeat(2_900), ")".repeat(2_900)),
        format!("fn f() {{ a{} }}", ".b()".repeat(700)),
        format!("fn f() {{ {}1 }}", "a = ".repeat(1_450)),
        format!("fn f() {{ {}1 }}", "|| ".repeat(1_450)),
        format!("fn f() {{ {} {{}} }}", "if a {} else ".repeat(700)),
        format!("fn f() {{ {}1{} }}", "if a { ".repeat(900), "}".repeat(900)),
        format!("fn f() {{ {}1{} }}", "g(|| ".repeat(700), ")".repeat(700)),
        format!("fn f() {{ a{} }}", " + a".repeat(1_400)),
        format!("fn f(a: {}u8) {{}}", "&".repeat(2_900)),
        format!("type T = {}u8{};", "A<".repeat(950), ">".repeat(950)),
        format!("{}{}", "mod a {".repeat(900), "}".repeat(900)),
        format!("fn f() {{ let {}a{} = b; }}", "(".repeat(2_800), ",)".repeat(2_800)),
    ];
    for text in &deep {
        // Refused or cut, but never a crash; and the whole file is not given up.
        let module = lower(text);
        assert!(module.problems.iter().all(|problem| problem.kind != SyntaxProblemKind::Gave), "{}", text.get(..40).unwrap());
    }
}
