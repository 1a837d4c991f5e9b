//! The specifier lexer of screening against the parser, on real trees.
//!
//! `AUTHLINT_TREES` names folders, separated as in `PATH`; without it the test does nothing.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::path::Path;

use authlint::hir::{Element, ExportKind, ExprId, ExprKind, Literal, Module};
use authlint::project::{DiscoverOptions, FileKind, Project, Screener, discover};
use authlint::syntax::lower;

/// Of the specifiers that the parser sees, at least this share is seen by the lexer, and the other way round.
const AGREEMENT: f64 = 0.998;

#[test]
fn the_lexer_lists_the_specifiers_that_the_parser_lists() {
    let Some(trees) = std::env::var_os("AUTHLINT_TREES") else { return };
    for tree in std::env::split_paths(&trees) {
        let (agreed, only_lexer, only_parser, files, differing) = compare(&tree);
        let total = agreed + only_lexer + only_parser;
        eprintln!(
            "{}: {files} files, {total} specifiers, {only_lexer} only by the lexer, {only_parser} only by the parser, {differing} files differ",
            tree.display()
        );
        #[allow(clippy::cast_precision_loss)]
        let share = agreed as f64 / total.max(1) as f64;
        assert!(share >= AGREEMENT, "agreement is {share:.5}");
    }
}

fn compare(tree: &Path) -> (usize, usize, usize, usize, usize) {
    let root = tree.canonicalize().unwrap();
    let mut notices = Vec::new();
    let discovery = discover(std::slice::from_ref(&root), &DiscoverOptions::new(root.clone()), &mut notices);
    let project = Project::load(&root, discovery.candidates, &Screener::new([""; 0]).unwrap(), &mut notices);
    let (mut agreed, mut only_lexer, mut only_parser, mut files, mut differing) = (0, 0, 0, 0, 0);
    for (id, file) in project.iter() {
        if !matches!(file.kind, FileKind::JavaScript | FileKind::TypeScript | FileKind::Tsx) || file.minified || file.size > 400_000 {
            continue;
        }
        let Ok(text) = project.read(id) else { continue };
        let mut parsed = parsed(&lower(file.kind, &text));
        let mut lexed: Vec<&str> = project.specifiers(id).collect();
        parsed.sort_unstable();
        lexed.sort_unstable();
        // One clause can be several HIR exports, and a module may be named twice; which modules are named is what matters.
        parsed.dedup();
        lexed.dedup();
        let by_lexer: Vec<&&str> = lexed.iter().filter(|specifier| !parsed.iter().any(|other| other == *specifier)).collect();
        let by_parser: Vec<&String> = parsed.iter().filter(|specifier| !lexed.contains(&specifier.as_str())).collect();
        files += 1;
        agreed += lexed.len() - by_lexer.len();
        only_lexer += by_lexer.len();
        only_parser += by_parser.len();
        if !by_lexer.is_empty() || !by_parser.is_empty() {
            differing += 1;
            eprintln!("{}: lexer {by_lexer:?}, parser {by_parser:?}", file.path);
        }
    }
    (agreed, only_lexer, only_parser, files, differing)
}

fn parsed(module: &Module) -> Vec<String> {
    let text = |id: ExprId| match &module[id].kind {
        ExprKind::Literal(Literal::String(text)) => Some(text.to_string()),
        ExprKind::Template { quasis, exprs } if exprs.is_empty() => quasis.first().map(|(text, _)| text.to_string()),
        _ => None,
    };
    let mut specifiers: Vec<String> = module.imports.iter().map(|import| import.specifier.to_string()).collect();
    specifiers.extend(module.exports.iter().filter_map(|export| match &export.kind {
        ExportKind::From { specifier, .. } | ExportKind::Star { specifier, .. } => Some(specifier.to_string()),
        _ => None,
    }));
    for expr in &module.exprs {
        match &expr.kind {
            ExprKind::ImportCall { specifier } => specifiers.extend(text(*specifier)),
            ExprKind::Call { callee, args, .. } => {
                if let (ExprKind::Ident(name), [Element { expr: argument, spread: false }]) = (&module[*callee].kind, args.as_slice())
                    && &**name == "require"
                {
                    specifiers.extend(text(*argument));
                }
            }
            _ => {}
        }
    }
    specifiers.retain(|specifier| !specifier.is_empty());
    specifiers
}
