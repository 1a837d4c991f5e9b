//! JavaScript, JSX, TypeScript and TSX to HIR.
//!
//! Parsed by tree-sitter, because it gives a tree for any input. Lowering then makes three promises:
//!
//! - A broken place loses only itself. Error nodes are set aside wherever they turn up and their readable parts become
//!   statements after the one that they stand in, so the healthy node around them keeps its shape.
//! - Recursion is bounded (`MAX_DEPTH`). The chains that real code does make long (`a + b + …`, `x.on().on()…`,
//!   `else if`, `a ? b : c ? …`) are walked by loops.
//! - Every span is in the outer text, also for a script inside markup and for text with server-template holes.

mod classes;
mod comments;
mod escapes;
mod expressions;
mod functions;
mod grammar;
mod jsx;
mod literals;
mod modules;
mod objects;
mod operators;
mod parse;
mod patterns;
mod repair;
mod salvage;
mod statements;
#[cfg(test)]
mod tests;
mod types;
mod typescript;

use rustc_hash::FxHashSet;
use tree_sitter::{Tree, TreeCursor};

use crate::hir::{ExprId, ExprKind, Module, Name, Program, ProgramKind, StmtKind, SyntaxProblem, SyntaxProblemKind};
use crate::source::Span;
pub(in crate::syntax) use comments::{survey, survey_regions};
use grammar::{Children, Grammar, Kind, Syntax};
pub(super) use parse::Budget;
use parse::{Input, Parsed};

/// How deep nodes may nest before lowering leaves the rest out. Hand-written code stays below 60, bundles below 200.
const MAX_DEPTH: usize = 400;

/// Which grammar reads a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// JavaScript, with JSX.
    JavaScript,
    /// TypeScript without JSX, where `<T>x` is a cast.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
}

/// A stretch of the outer text that holds one script.
#[derive(Debug, Clone, Copy)]
pub struct Region {
    /// Where the script stands.
    pub span: Span,
    /// How it runs.
    pub kind: ProgramKind,
    /// What it is written in.
    pub dialect: Dialect,
}

/// A hole of a server template inside a script.
#[derive(Debug, Clone)]
pub struct Hole {
    /// The hole with its delimiters.
    pub span: Span,
    /// What the hole says, for [`ExprKind::TemplateHole`].
    pub text: Name,
    /// What stands in its place when the page is served.
    pub kind: HoleKind,
}

/// What a hole leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoleKind {
    /// A value: `{{ x }}`, `<?= $x ?>`.
    Value,
    /// Nothing: `{% if x %}`.
    Statement,
}

/// Parses and lowers script regions of `text` and adds them to `module`, in the order given. `holes` are the template holes of
/// the whole text; a value hole reads as an identifier, a statement hole as blanks, and either makes a string around it a
/// template.
pub fn lower_regions(module: &mut Module, text: &str, regions: &[Region], holes: &[Hole]) {
    let input = Input::new(text, holes);
    let budget = Budget::new(text.len());
    for region in regions {
        let mut program = Program { span: region.span, kind: region.kind, directives: Vec::new(), body: Vec::new() };
        match parse::parse(region.dialect, &input, region.span, &budget) {
            Some(Parsed { tree, grammar }) => {
                let mut lowering = Lowering::new(module, &input, grammar, &tree);
                lowering.problems(&tree);
                let root = grammar.syntax(tree.root_node(), None);
                (program.directives, program.body) = lowering.body(root);
            }
            None => module.problems.push(SyntaxProblem { span: region.span, kind: SyntaxProblemKind::Gave }),
        }
        module.programs.push(program);
    }
}

/// Parses and lowers one expression of `text` (a bound attribute, a template interpolation). `None` when there is none.
pub fn lower_expression(module: &mut Module, text: &str, span: Span, dialect: Dialect) -> Option<ExprId> {
    text.get(span.range())?;
    let input = Input::expression(text, span);
    let Some(Parsed { tree, grammar }) = parse::parse(dialect, &input, span, &Budget::new(span.len())) else {
        module.problems.push(SyntaxProblem { span, kind: SyntaxProblemKind::Gave });
        return None;
    };
    let mut lowering = Lowering::new(module, &input, grammar, &tree);
    lowering.problems(&tree);
    let root = grammar.syntax(tree.root_node(), None);
    let body = lowering.statements_of(root);
    let mut exprs = body.iter().filter_map(|stmt| match module[*stmt].kind {
        StmtKind::Expr(expr) => Some(expr),
        _ => None,
    });
    match (exprs.next(), exprs.next()) {
        (first, None) => first,
        (first, second) => {
            let all = first.into_iter().chain(second).chain(exprs).collect();
            Some(module.expr(span, ExprKind::Unknown(all)))
        }
    }
}

/// The state of lowering one tree.
struct Lowering<'m, 't> {
    module: &'m mut Module,
    input: &'t Input<'t>,
    grammar: &'static Grammar,
    cursor: TreeCursor<'t>,
    /// How many nodes enclose the current one.
    depth: usize,
    /// Error nodes met since the last statement, to be salvaged after it.
    pending: Vec<Syntax<'t>>,
    /// How many namespaces enclose the current statement: their exports are not the module's.
    namespaces: usize,
    names: FxHashSet<Name>,
}

impl<'m, 't> Lowering<'m, 't> {
    fn new(module: &'m mut Module, input: &'t Input<'t>, grammar: &'static Grammar, tree: &'t Tree) -> Self {
        let cursor = tree.walk();
        Self { module, input, grammar, cursor, depth: 0, pending: Vec::new(), namespaces: 0, names: FxHashSet::default() }
    }

    /// The children of a node, without comments and idle punctuation. Error nodes among them go to [`Self::pending`], so this
    /// must be called once a node.
    fn children(&mut self, of: Syntax<'t>) -> Children<'t> {
        let broken = of.node.has_error();
        let mut children = Vec::new();
        self.cursor.reset(of.node);
        let mut more = self.cursor.goto_first_child();
        while more {
            let node = self.cursor.node();
            let mut child = self.grammar.syntax(node, self.cursor.field_id().map(std::num::NonZero::get));
            if broken && node.is_missing() {
                child.kind = if node.is_named() { Kind::Missing } else { Kind::Punctuation };
            }
            match child.kind {
                Kind::Comment => {}
                Kind::Punctuation if child.field.is_none() => {}
                // Commas count only where a hole between them does.
                Kind::Comma if of.kind != Kind::ArrayPattern => {}
                Kind::Error => self.pending.push(child),
                _ => {
                    if broken && child.kind.is_type_level() {
                        self.set_errors_aside(child);
                    }
                    children.push(child);
                }
            }
            more = self.cursor.goto_next_sibling();
        }
        Children(children)
    }

    /// The outer text of a span.
    fn slice(&self, span: Span) -> &'t str {
        self.input.text().get(span.range()).unwrap_or("")
    }

    /// The text of a node as a name.
    fn name(&mut self, of: Syntax<'t>) -> Name {
        let text = self.slice(of.span());
        self.intern(text)
    }

    fn intern(&mut self, text: &str) -> Name {
        if let Some(name) = self.names.get(text) {
            return name.clone();
        }
        let name = Name::from(text);
        self.names.insert(name.clone());
        name
    }

    fn unknown(&mut self, span: Span) -> ExprId {
        self.module.expr(span, ExprKind::Unknown(Vec::new()))
    }

    /// Records that nesting ends here.
    fn too_deep(&mut self, span: Span) {
        self.module.problems.push(SyntaxProblem { span, kind: SyntaxProblemKind::TooDeep });
    }

    /// How many links of a chain may be lowered to nested nodes here; half of what is left, so that their operands have room too.
    fn chain_room(&self) -> usize {
        MAX_DEPTH.saturating_sub(self.depth) / 2
    }
}
