//! Python to HIR.
//!
//! Parsed by tree-sitter, like JavaScript, and lowered to the shapes that JavaScript has for the same meaning, so that value flow, routes
//! and rules read both:
//!
//! - keyword arguments are one object behind the other arguments (see [`Module::keyword_arguments`]);
//! - an assignment to a name declares it as a `var`: Python's names belong to the function around them just so. After `global` and
//!   `nonlocal` it is an assignment to a name from outside;
//! - `self` (whatever the first parameter of a method is called) is `this`, and in the body of a class a name of the class is a member of
//!   `this`, because methods do not see it by its bare name;
//! - a comprehension is `iterable.map(arrow function)`, an f-string, `"…".format(…)` and `"…" % …` are templates, a slice is a call of
//!   `slice`, a `with` statement declares its target and goes on with its block;
//! - every name of the top level is exported.
//!
//! Recursion is bounded by `MAX_DEPTH`. Broken places become [`ExprKind::Unknown`] or [`StmtKind::Unknown`] with their parts kept.

mod arguments;
mod classes;
mod comments;
mod comprehensions;
mod expressions;
mod functions;
mod imports;
mod patterns;
mod statements;
mod strings;
#[cfg(test)]
mod tests;

pub(in crate::syntax) use comments::survey;
use rustc_hash::FxHashSet;
use tree_sitter::{Node, ParseOptions, Parser, Tree};

use crate::hir::{
    Binding, BindingId, BindingKind, Export, ExportKind, ExprId, ExprKind, Language, Module, Name, Program, ProgramKind, StmtId, StmtKind,
    SyntaxProblem, SyntaxProblemKind, TypeName,
};
use crate::source::Span;
use crate::syntax::lower::javascript::Budget;

/// How deep nodes may nest before lowering leaves the rest out. Hand-written code stays below 60.
const MAX_DEPTH: usize = 250;

/// How many broken places of one file are recorded.
const MAX_PROBLEMS: usize = 100;

/// Parses and lowers a Python file.
#[must_use]
pub fn lower(text: &str) -> Module {
    let mut module = Module::new(Language::Python);
    let span = Span::new(0, text.len());
    let mut program = Program { span, kind: ProgramKind::Module, directives: Vec::new(), body: Vec::new() };
    match parse(text) {
        Some(tree) => {
            let mut lowering =
                Lowering { module: &mut module, text, depth: 0, frames: vec![Frame::new(FrameKind::Module)], names: FxHashSet::default() };
            lowering.problems(&tree);
            program.body = lowering.top(tree.root_node());
        }
        None => module.problems.push(SyntaxProblem { span, kind: SyntaxProblemKind::Gave }),
    }
    module.programs.push(program);
    module
}

fn parse(text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_python::LANGUAGE.into()).ok()?;
    let budget = Budget::new(text.len());
    let mut progress = |_: &_| budget.progress();
    let options = ParseOptions::new().progress_callback(&mut progress);
    parser.parse_with_options(&mut |offset, _| text.as_bytes().get(offset..).unwrap_or_default(), None, Some(options))
}

/// The state of lowering one tree.
struct Lowering<'m, 't> {
    module: &'m mut Module,
    text: &'t str,
    /// How many nodes enclose the current one.
    depth: usize,
    /// The scopes around the current node, outermost first; never empty.
    frames: Vec<Frame>,
    names: FxHashSet<Name>,
}

/// What kind of scope it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FrameKind {
    Module,
    Class,
    Function,
    /// A lambda or comprehension: what `:=` binds in it belongs to the function around it.
    Arrow,
}

/// One scope of Python while its code is lowered.
#[derive(Debug)]
struct Frame {
    kind: FrameKind,
    /// Names that `global` and `nonlocal` take from outside.
    outside: FxHashSet<Name>,
    /// Parameters of a function, or the names that a class has so far.
    own: FxHashSet<Name>,
    /// What the function calls the instance or class that it is a method of.
    receiver: Option<Name>,
    /// Names that code inside declares here without a statement of its own.
    hoisted: Vec<(Name, Span)>,
}

impl Frame {
    fn new(kind: FrameKind) -> Self {
        Self { kind, outside: FxHashSet::default(), own: FxHashSet::default(), receiver: None, hoisted: Vec::new() }
    }
}

impl<'t> Lowering<'_, 't> {
    fn top(&mut self, root: Node<'t>) -> Vec<StmtId> {
        let mut body = Vec::new();
        self.statements_of(root, &mut body);
        self.declare_hoisted(&mut body);
        self.export_names(&body);
        body
    }

    /// Declares what `:=` in a comprehension, or `global` in a function, binds in the innermost frame.
    fn declare_hoisted(&mut self, body: &mut Vec<StmtId>) {
        let hoisted = self.frames.last_mut().map(|frame| std::mem::take(&mut frame.hoisted)).unwrap_or_default();
        let mut seen = FxHashSet::default();
        for (name, span) in hoisted {
            if seen.insert(name.clone()) {
                let binding = self.module.binding(Binding { name, span, kind: BindingKind::Var, type_name: None });
                let pat = self.module.pat(span, crate::hir::PatKind::Binding(binding));
                body.push(self.module.stmt(span, StmtKind::Declare { kind: BindingKind::Var, declarators: vec![(pat, None)] }));
            }
        }
    }

    /// Exports what the statements of the top level bind, also inside of `if` and `try`.
    fn export_names(&mut self, body: &[StmtId]) {
        let mut bindings: Vec<BindingId> = Vec::new();
        let mut work: Vec<crate::hir::visit::Node> = body.iter().rev().map(|stmt| crate::hir::visit::Node::Stmt(*stmt)).collect();
        while let Some(node) = work.pop() {
            use crate::hir::visit::Node as Hir;
            match node {
                Hir::Stmt(stmt) => match &self.module[stmt].kind {
                    StmtKind::Function(function) => bindings.extend(self.module[*function].name),
                    StmtKind::Class(class) => bindings.extend(self.module[*class].name),
                    _ => {
                        let start = work.len();
                        crate::hir::visit::children(self.module, node, &mut |child| {
                            if matches!(child, Hir::Stmt(_) | Hir::Pat(_)) {
                                work.push(child);
                            }
                        });
                        work.get_mut(start..).unwrap_or_default().reverse();
                    }
                },
                Hir::Pat(pat) => match self.module[pat].kind {
                    crate::hir::PatKind::Binding(binding) => {
                        if self.module[binding].kind == BindingKind::Var {
                            bindings.push(binding);
                        }
                    }
                    _ => crate::hir::visit::children(self.module, node, &mut |child| {
                        if matches!(child, Hir::Pat(_)) {
                            work.push(child);
                        }
                    }),
                },
                _ => {}
            }
        }
        let mut seen: FxHashSet<Name> = FxHashSet::default();
        for binding in bindings {
            let Binding { name, span, .. } = self.module[binding].clone();
            if seen.insert(name.clone()) {
                self.module.exports.push(Export { span, type_only: false, kind: ExportKind::Binding { name, binding } });
            }
        }
    }

    fn span(node: Node<'_>) -> Span {
        Span::new(node.start_byte(), node.end_byte())
    }

    /// The text of a span.
    fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// The text of a node as a name.
    fn name(&mut self, node: Node<'t>) -> Name {
        let text = self.slice(Self::span(node));
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

    /// The children of a node that mean something.
    fn children(node: Node<'t>) -> Vec<Node<'t>> {
        let mut cursor = node.walk();
        node.named_children(&mut cursor).filter(|child| !matches!(child.kind(), "comment" | "line_continuation")).collect()
    }

    /// The children of a node in one role.
    fn fields(node: Node<'t>, field: &str) -> Vec<Node<'t>> {
        let mut cursor = node.walk();
        node.children_by_field_name(field, &mut cursor).collect()
    }

    /// Whether a node has this keyword among its direct children.
    fn has_token(node: Node<'t>, token: &str) -> bool {
        let mut cursor = node.walk();
        node.children(&mut cursor).any(|child| !child.is_named() && child.kind() == token)
    }

    fn unknown(&mut self, span: Span) -> ExprId {
        self.module.expr(span, ExprKind::Unknown(Vec::new()))
    }

    /// Whether nesting may go on; if not, that is recorded.
    fn may_enter(&mut self, span: Span) -> bool {
        if self.depth < MAX_DEPTH {
            return true;
        }
        if self.module.problems.len() < MAX_PROBLEMS {
            self.module.problems.push(SyntaxProblem { span, kind: SyntaxProblemKind::TooDeep });
        }
        false
    }

    /// Runs `inside` in a scope of its own and gives back what it hoisted as statements behind `body`.
    fn in_frame<T>(&mut self, frame: Frame, inside: impl FnOnce(&mut Self) -> T) -> T {
        self.frames.push(frame);
        let result = inside(self);
        self.frames.pop();
        result
    }

    /// The names in an annotation, quoted ones included.
    fn type_name(&mut self, node: Option<Node<'t>>) -> Option<TypeName> {
        let node = node?;
        let mut names = Vec::new();
        let mut stack = vec![node];
        let mut steps = 0;
        while let Some(next) = stack.pop() {
            steps += 1;
            if steps > 200 {
                break;
            }
            match next.kind() {
                "identifier" => names.push(self.name(next)),
                // `telnyx.Telnyx`: the last name counts.
                "attribute" => stack.extend(next.child_by_field_name("attribute")),
                "member_type" => stack.extend(next.named_child(u32::try_from(next.named_child_count().saturating_sub(1)).unwrap_or(0))),
                "string" => {
                    let text = self.slice(Self::span(next)).trim_matches(['"', '\'']);
                    let quoted = text.split(|character: char| !(character.is_alphanumeric() || matches!(character, '_' | '.')));
                    for name in quoted.filter_map(|name| name.rsplit('.').next()).filter(|name| !name.is_empty()) {
                        names.push(self.intern(name));
                    }
                }
                _ => stack.extend(Self::children(next).into_iter().rev()),
            }
        }
        (!names.is_empty()).then_some(TypeName { names, span: Self::span(node) })
    }

    /// Records the broken places of a tree.
    fn problems(&mut self, tree: &Tree) {
        if !tree.root_node().has_error() {
            return;
        }
        let mut cursor = tree.walk();
        loop {
            let node = cursor.node();
            let broken = node.is_error() || node.is_missing();
            if broken {
                self.module.problems.push(SyntaxProblem { span: Self::span(node), kind: SyntaxProblemKind::SyntaxError });
                if self.module.problems.len() >= MAX_PROBLEMS {
                    return;
                }
            }
            if !broken && node.has_error() && cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }
}
