//! Scopes of Python, for `tests/python/scopes.py` to hold against Python's own `symtable`. Run by hand:
//!
//! ```text
//! AUTHLINT_PYTHON=FOLDER cargo test --release --test python_oracle -- --ignored --nocapture | python3 tests/python/scopes.py
//! ```
//!
//! Prints a `file PATH PROBLEMS` line for each file below the folder, and below it for each name that is read `OFFSET NAME PLACE`, where PLACE
//! is `module`, `function` or `free`.

#![allow(clippy::print_stdout)]

use std::fs;

use authlint::analysis::scopes::{self, Reference, ScopeKind};
use authlint::hir::{ExprId, ExprKind};
use authlint::project::FileKind;
use authlint::syntax;

#[test]
#[ignore = "prints for tests/python/scopes.py"]
fn names_of_public_python_files() {
    let Ok(folder) = std::env::var("AUTHLINT_PYTHON") else { return };
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten() {
        if entry.path().extension().is_none_or(|extension| extension != "py") {
            continue;
        }
        let Ok(text) = fs::read_to_string(entry.path()) else { continue };
        let module = syntax::lower(FileKind::Python, &text);
        let scopes = scopes::resolve(&module);
        println!("file {} {}", entry.path().display(), module.problems.len());
        for (index, expr) in module.exprs.iter().enumerate() {
            let ExprKind::Ident(name) = &expr.kind else { continue };
            let place = match scopes.reference(ExprId(u32::try_from(index).unwrap_or(u32::MAX))) {
                Some(Reference::Symbol(symbol)) => match scopes.symbol(symbol).and_then(|symbol| scopes.scopes.get(symbol.scope.index())) {
                    Some(scope) if matches!(scope.kind, ScopeKind::Page | ScopeKind::Program(_)) => "module",
                    Some(scope) if scope.kind == ScopeKind::Catch => "catch",
                    _ => "function",
                },
                Some(Reference::Global) => "free",
                // No node of the module holds it.
                None => continue,
            };
            println!("{} {name} {place}", expr.span.start);
        }
    }
}
