//! Every name and text stands where it says, on samples here and on any code at hand:
//!
//! ```text
//! AUTHLINT_RUST=FOLDER cargo test --release --lib lower::rust -- --ignored --nocapture
//! ```

#![allow(clippy::print_stdout)]

use std::time::Instant;

use super::super::lower;
use crate::hir::{ExprKind, Literal, Module};

/// The names and texts of a file whose place holds something else.
fn misplaced(text: &str, module: &Module) -> Vec<String> {
    let mut wrong = Vec::new();
    let slice = |span: crate::source::Span| text.get(span.range()).unwrap_or("<outside>");
    for expr in &module.exprs {
        let span = expr.span;
        match &expr.kind {
            // Names that lowering made stand for the whole that they keep.
            ExprKind::Ident(name) if !name.ends_with('\'') => {
                let said = slice(span);
                let plain = said.strip_prefix("r#").unwrap_or(said);
                let is_macro = name.ends_with('!') && plain.split_whitespace().collect::<String>() == **name;
                if plain != &**name && plain != "Self" && !is_macro && !said.starts_with(['"', 'r']) {
                    wrong.push(format!("{span:?} {name} is {said:?}"));
                }
            }
            ExprKind::This => {
                let in_format = slice(span).starts_with(['"', 'r']);
                if !in_format
                    && slice(span) != "self"
                    && !module.classes.iter().any(|class| class.members.iter().any(|member| member.span == span))
                {
                    wrong.push(format!("{span:?} self is {:?}", slice(span)));
                }
            }
            ExprKind::Member { property, property_span, .. } => {
                let said = slice(*property_span);
                let plain = said.strip_prefix("r#").unwrap_or(said);
                let is_macro = property.ends_with('!') && plain.split_whitespace().collect::<String>() == **property;
                if plain != &**property && !is_macro && said != "[" {
                    wrong.push(format!("{property_span:?} .{property} is {said:?}"));
                }
            }
            ExprKind::Literal(Literal::String(cooked)) => {
                let said = slice(span);
                let is_text = span.is_empty()
                    || said.starts_with(['"', 'r', 'b', '\'', 'c'])
                    || said.contains('!')
                    || matches!(said, "crate" | "super" | "self")
                    || said.starts_with("super");
                if !is_text
                    || !said.contains('\\')
                        && !said.contains("{{")
                        && !said.contains("}}")
                        && !said.contains(&**cooked)
                        && !cooked.starts_with("super")
                {
                    wrong.push(format!("{span:?} {cooked:?} is {said:?}"));
                }
            }
            _ => {}
        }
    }
    for binding in module.bindings.iter().filter(|binding| !binding.name.ends_with('\'')) {
        let said = slice(binding.span);
        if said.strip_prefix("r#").unwrap_or(said) != &*binding.name && said != "self" {
            wrong.push(format!("{:?} {} is declared at {said:?}", binding.span, binding.name));
        }
    }
    wrong
}

#[test]
fn names_and_texts_stand_where_they_say() {
    for text in [
        "\u{feff}#!/usr/bin/env rust-script\nfn größe() -> &'static str { \"ü😀\"; let s = r#\"a\"b\"#; s }",
        "fn f() { let r#type = 1; r#type.r#match(); println!(\"ü {name} {} {0:?}\", größe); format!(r\"{x}\") }",
        "impl A { fn f(&self) { Self::g(self.a, \"a\\n{b}\"); tracing :: info !(a = %b); } }",
        "use a::{b as c, d::{self, e}};\r\nmod m;\r\nconst X: &str = concat!(\"a\", \"b\");",
    ] {
        let module = lower(text);
        assert!(module.problems.is_empty(), "{text}: {:?}", module.problems);
        assert_eq!(misplaced(text, &module), Vec::<String>::new(), "{text}");
    }
}

#[test]
#[ignore = "reads the folder in AUTHLINT_RUST"]
fn names_and_texts_of_public_files_stand_where_they_say() {
    let Ok(folder) = std::env::var("AUTHLINT_RUST") else { return };
    let (mut files, mut refused, mut bytes, mut nodes, mut wrong) = (0, 0, 0, 0, 0);
    let (mut imports, mut missed) = (0, 0);
    let mut slowest = (std::time::Duration::ZERO, String::new());
    let start = Instant::now();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten() {
        if entry.path().extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        let begun = Instant::now();
        let module = lower(&text);
        let took = begun.elapsed();
        if took > slowest.0 {
            slowest = (took, entry.path().display().to_string());
        }
        files += 1;
        bytes += text.len();
        nodes += module.exprs.len();
        if let Some(problem) = module.problems.first() {
            refused += 1;
            println!("{}: {:?} at {:?}", entry.path().display(), problem.kind, problem.span);
        }
        // What the screening lists without a parse, as far as there is a parse to hold it against.
        let mut listed = rustc_hash::FxHashSet::default();
        crate::project::rust::specifiers(text.as_bytes(), &mut |specifier| {
            listed.insert(specifier.to_owned());
        });
        for import in &module.imports {
            imports += 1;
            if !listed.contains(&*import.specifier) {
                missed += 1;
                println!("{}: `{}` is not listed", entry.path().display(), import.specifier);
            }
        }
        for place in misplaced(&text, &module).into_iter().take(3) {
            wrong += 1;
            println!("{}: {place}", entry.path().display());
        }
    }
    println!(
        "{files} files, {bytes} bytes, {nodes} expressions, {refused} not or not wholly lowered, {wrong} misplaced, {imports} imports, {missed} not listed, {:.1} s; slowest {:?} {}",
        start.elapsed().as_secs_f64(),
        slowest.0,
        slowest.1
    );
    assert_eq!(wrong, 0);
}
