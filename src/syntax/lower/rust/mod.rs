//! Rust to HIR.
//!
//! Parsed by `syn`, and lowered to the shapes that JavaScript has for the same meaning, so that value flow, routes and rules read both:
//!
//! - a block, `if` or `match` that is a value is written out as statements that assign a name of their own (its name is a number with an
//!   apostrophe, which no name of a program is); `match` and `if let` become chains of `if`, whose tests are the patterns;
//! - `Err(…)` that a function gives is a `throw`, and `x.ok_or(e)?` the `if` that throws `e`: `?` is what an exception is elsewhere. `Ok(x)`,
//!   `Some(x)`, `&x`, `*x` and `x?` are `x`;
//! - a name that is declared again hides the earlier one: the rest of the block is a block of its own;
//! - a struct and its `impl` blocks are a class, a struct literal is `new Struct({ … })`, `self` is `this`;
//! - `format!` is a template, `json!` an object, other macros are calls of a name that keeps its `!`;
//! - a path is a chain of members; one that starts at `crate` or `super` starts at an import expression;
//! - every name of the top level is exported, and every import handed on: who may see what, the compiler has checked.
//!
//! Code under `#[cfg(test)]` is left out. Trees too deep for the stack are refused before they are parsed (`nesting`).

mod attributes;
mod blocks;
mod calls;
mod classes;
mod expressions;
mod formats;
mod functions;
mod imports;
mod items;
mod json;
mod macros;
mod matching;
mod nesting;
mod patterns;
#[cfg(test)]
mod tests;

use std::str::FromStr;

use proc_macro2::TokenStream;
use rustc_hash::FxHashSet;
use syn::Ident;

use crate::hir::{
    Binding, BindingId, BindingKind, ExprId, ExprKind, Language, Module, Name, PatKind, Program, ProgramKind, StmtId, StmtKind,
    SyntaxProblem, SyntaxProblemKind,
};
use crate::source::Span;

/// How deep nodes may nest before lowering leaves the rest out. Hand-written code stays below 60; a router with a hundred routes is a chain
/// of a hundred calls.
const MAX_DEPTH: usize = 600;
/// The stack that parsing and lowering get, in bytes. `syn` recurses; what [`nesting`] lets through fits in. Only touched pages count.
const STACK: usize = 128 << 20;
/// How many broken places of one file are recorded.
const MAX_PROBLEMS: usize = 100;

/// Parses and lowers a Rust file.
#[must_use]
pub fn lower(text: &str) -> Module {
    let whole = Span::new(0, text.len());
    // A thread of its own: for its stack, and because spans are kept in a table of the thread that is never given back.
    let lowered = std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(STACK);
        builder.spawn_scoped(scope, || lower_here(text)).ok().and_then(|thread| thread.join().ok())
    });
    lowered.unwrap_or_else(|| {
        let mut module = Module::new(Language::Rust);
        module.problems.push(SyntaxProblem { span: whole, kind: SyntaxProblemKind::Gave });
        module.programs.push(Program { span: whole, kind: ProgramKind::Module, directives: Vec::new(), body: Vec::new() });
        module
    })
}

fn lower_here(text: &str) -> Module {
    let mut module = Module::new(Language::Rust);
    let whole = Span::new(0, text.len());
    let base = start_of_code(text);
    let mut body = Vec::new();
    match parse(text.get(base..).unwrap_or(""), base) {
        Ok(file) => {
            let mut lowering = Lowering::new(&mut module, text, base);
            lowering.modules = imports::module_names(&file.items);
            body = lowering.items(&file.items);
        }
        Err(problem) => module.problems.push(problem),
    }
    module.programs.push(Program { span: whole, kind: ProgramKind::Module, directives: Vec::new(), body });
    module
}

/// Where the code starts: behind a byte-order mark and a line that names the interpreter.
fn start_of_code(text: &str) -> usize {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let rest = text.get(mark..).unwrap_or("");
    let interpreter = rest.strip_prefix("#!").is_some_and(|line| !line.trim_start().starts_with('['));
    mark + if interpreter { rest.find('\n').unwrap_or(rest.len()) } else { 0 }
}

fn parse(code: &str, base: usize) -> Result<syn::File, SyntaxProblem> {
    let broken = |span: proc_macro2::Span, kind| SyntaxProblem { span: shifted(span, base), kind };
    let tokens = TokenStream::from_str(code).map_err(|error| broken(error.span(), SyntaxProblemKind::SyntaxError))?;
    if let Some(deep) = nesting::too_deep(&tokens) {
        return Err(broken(deep, SyntaxProblemKind::TooDeep));
    }
    syn::parse2(tokens).map_err(|error| broken(error.span(), SyntaxProblemKind::SyntaxError))
}

fn shifted(span: proc_macro2::Span, base: usize) -> Span {
    let range = span.byte_range();
    Span::new(range.start + base, range.end + base)
}

/// Where a value goes.
#[derive(Debug, Clone)]
enum Dest {
    /// It is what the function gives.
    Return,
    /// It is assigned to a name that lowering made.
    Assign(Name),
    /// Nowhere.
    Discard,
}

/// The state of lowering one file.
struct Lowering<'m, 't> {
    module: &'m mut Module,
    text: &'t str,
    /// How many bytes stand before what was parsed.
    base: usize,
    /// How many nodes enclose the current one.
    depth: usize,
    names: FxHashSet<Name>,
    /// The lists of statements around the current place; what is written out goes to the last one.
    lists: Vec<Vec<StmtId>>,
    /// The names that a function has bound so far, block by block. A function starts with an empty entry that hides what is outside of it.
    locals: Vec<FxHashSet<Name>>,
    /// What `Self` is called here.
    self_type: Option<Name>,
    /// Where `break` with a value puts it, loop by loop.
    loops: Vec<Dest>,
    /// How many modules inside of the file enclose the current place.
    inline: usize,
    /// How many names were made.
    made: usize,
    /// The modules, and what is imported, at the top of the file: paths begin with them whatever variables are called.
    modules: FxHashSet<Name>,
}

impl<'m, 't> Lowering<'m, 't> {
    fn new(module: &'m mut Module, text: &'t str, base: usize) -> Self {
        Self {
            module,
            text,
            base,
            depth: 0,
            names: FxHashSet::default(),
            lists: Vec::new(),
            locals: Vec::new(),
            self_type: None,
            loops: Vec::new(),
            inline: 0,
            made: 0,
            modules: FxHashSet::default(),
        }
    }

    /// The place of a token.
    fn span(&self, span: proc_macro2::Span) -> Span {
        shifted(span, self.base)
    }

    /// From the start of one place to the end of another.
    fn between(start: Span, end: Span) -> Span {
        Span { start: start.start, end: end.end.max(start.start) }
    }

    /// The text of a place.
    fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.range()).unwrap_or("")
    }

    fn intern(&mut self, text: &str) -> Name {
        if let Some(name) = self.names.get(text) {
            return name.clone();
        }
        let name = Name::from(text);
        self.names.insert(name.clone());
        name
    }

    /// The name of an identifier, without `r#`.
    fn name(&mut self, ident: &Ident) -> Name {
        let text = ident.to_string();
        self.intern(text.strip_prefix("r#").unwrap_or(&text))
    }

    fn unknown(&mut self, span: Span) -> ExprId {
        self.module.expr(span, ExprKind::Unknown(Vec::new()))
    }

    fn emit(&mut self, span: Span, kind: StmtKind) {
        let stmt = self.module.stmt(span, kind);
        if let Some(list) = self.lists.last_mut() {
            list.push(stmt);
        }
    }

    /// Runs `inside` with a list of statements of its own and gives that back.
    fn listed(&mut self, inside: impl FnOnce(&mut Self)) -> Vec<StmtId> {
        self.lists.push(Vec::new());
        inside(self);
        self.lists.pop().unwrap_or_default()
    }

    /// Runs `inside` in a block of its own.
    fn block_of(&mut self, span: Span, inside: impl FnOnce(&mut Self)) -> StmtId {
        self.locals.push(FxHashSet::default());
        let body = self.listed(inside);
        self.locals.pop();
        self.module.stmt(span, StmtKind::Block(body))
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

    fn declare(&mut self, name: Name, span: Span, kind: BindingKind) -> BindingId {
        if let Some(locals) = self.locals.last_mut() {
            locals.insert(name.clone());
        }
        self.module.binding(Binding { name, span, kind, type_name: None })
    }

    /// Keeps a value under a name of its own, for what is asked of it more than once.
    fn keep(&mut self, span: Span, value: Option<ExprId>) -> Name {
        self.made += 1;
        let name = Name::from(format!("{}'", self.made));
        let kind = if value.is_some() { BindingKind::Const } else { BindingKind::Let };
        let binding = self.module.binding(Binding { name: name.clone(), span, kind, type_name: None });
        let pat = self.module.pat(span, PatKind::Binding(binding));
        self.emit(span, StmtKind::Declare { kind, declarators: vec![(pat, value)] });
        name
    }

    /// Whether a name is one that lowering made.
    fn is_kept(&self, expr: ExprId) -> bool {
        matches!(&self.module[expr].kind, ExprKind::Ident(name) if name.ends_with('\''))
    }
}
