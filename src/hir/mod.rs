//! HIR: one shape for every language.
//!
//! A [`Module`] is what one source file means to the analysis: arenas of expressions, patterns, statements, functions and
//! classes, each with its byte span in the *outer* file (a Vue component's script region keeps the positions of the
//! `.vue` file). Lowering (`syntax::lower`) is the only producer; nothing after it knows a grammar's node kinds.
//!
//! The shape is ECMAScript's, because most of what is analysed is; other languages and data files lower to the same
//! expressions (a JSON file is a module whose `value` is an object expression).
//!
//! What lowering drops: types (except the *names* in annotations and type arguments, which are evidence for what a value is), comments,
//! parentheses. What it keeps as [`ExprKind::Unknown`]: syntax errors and constructs that carry no value of interest, always
//! with their children, so that a broken corner loses only itself.
//!
//! The file is long because it is one vocabulary: types and their meaning, hardly any code. Whoever adds a kind of node reads it whole.

pub mod visit;

use std::sync::Arc;

use crate::source::Span;

/// An identifier, property name or string constant. Cheap to clone.
pub type Name = Arc<str>;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident => $field:ident : $of:ty),+ $(,)?) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub struct $name(pub u32);

            impl $name {
                /// The index into the module's arena.
                #[must_use]
                pub fn index(self) -> usize {
                    self.0 as usize
                }
            }

            impl std::ops::Index<$name> for Module {
                type Output = $of;
                // An id is only ever made by the push of the same module's arena, so it always fits.
                fn index(&self, id: $name) -> &$of {
                    &self.$field[id.index()]
                }
            }
        )+
    };
}

ids! {
    /// An expression of a module.
    ExprId => exprs: Expr,
    /// A pattern (binding or assignment target) of a module.
    PatId => pats: Pat,
    /// A statement of a module.
    StmtId => stmts: Stmt,
    /// A function of a module.
    FunctionId => functions: Function,
    /// A class of a module.
    ClassId => classes: Class,
    /// A declared name of a module.
    BindingId => bindings: Binding,
}

/// Which language a module was lowered from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// JavaScript, with or without JSX.
    JavaScript,
    /// TypeScript without JSX.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
    /// HTML, Vue, Svelte, Astro or a server template: script regions inside markup.
    Markup,
    /// JSON, with comments and trailing commas allowed.
    Json,
    /// A dotenv file.
    Dotenv,
    /// YAML; several documents are a list of them.
    Yaml,
    /// TOML.
    Toml,
    /// The variables of a Dockerfile (`ARG`, `ENV`).
    Dockerfile,
    /// Python.
    Python,
    /// Rust.
    Rust,
}

/// One lowered source file.
#[derive(Debug)]
pub struct Module {
    /// The language of the file.
    pub language: Language,
    /// All expressions.
    pub exprs: Vec<Expr>,
    /// All patterns.
    pub pats: Vec<Pat>,
    /// All statements.
    pub stmts: Vec<Stmt>,
    /// All functions.
    pub functions: Vec<Function>,
    /// All classes.
    pub classes: Vec<Class>,
    /// All declared names.
    pub bindings: Vec<Binding>,
    /// The script regions, in file order. A plain `.ts` file has exactly one.
    pub programs: Vec<Program>,
    /// Static imports, in order.
    pub imports: Vec<Import>,
    /// Static exports, in order.
    pub exports: Vec<Export>,
    /// For data files (JSON, dotenv, YAML, TOML, Dockerfiles): the whole file as one object expression.
    pub value: Option<ExprId>,
    /// `<script src="…">` URLs and import-map targets of markup, with their places.
    pub script_urls: Vec<ScriptUrl>,
    /// Component tags in markup outside scripts (Vue, Svelte, Astro, HTML), so that props can be followed.
    pub elements: Vec<MarkupElement>,
    /// Names in the type arguments of calls and `new` expressions (`useRef<TelnyxRTC | null>(null)`, `inject<Phone>(…)`): evidence
    /// for what they give, like an annotation. In order of the expressions' ids.
    pub type_arguments: Vec<(ExprId, TypeName)>,
    /// The objects that hold the keyword arguments of Python's calls, ascending: `post(url, json=body)` is lowered to the shape of
    /// `post(url, { json: body })`, with the object last, and only this list tells it from a call with a dictionary.
    pub keyword_arguments: Vec<ExprId>,
    /// Places that did not parse or were cut by a limit.
    pub problems: Vec<SyntaxProblem>,
}

impl Module {
    /// An empty module.
    #[must_use]
    pub fn new(language: Language) -> Self {
        Self {
            language,
            exprs: Vec::new(),
            pats: Vec::new(),
            stmts: Vec::new(),
            functions: Vec::new(),
            classes: Vec::new(),
            bindings: Vec::new(),
            programs: Vec::new(),
            imports: Vec::new(),
            exports: Vec::new(),
            value: None,
            script_urls: Vec::new(),
            elements: Vec::new(),
            type_arguments: Vec::new(),
            keyword_arguments: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Adds an expression.
    pub fn expr(&mut self, span: Span, kind: ExprKind) -> ExprId {
        self.exprs.push(Expr { span, kind });
        ExprId(last_index(self.exprs.len()))
    }

    /// The names in the type arguments of a call or `new` expression.
    #[must_use]
    pub fn type_arguments_of(&self, call: ExprId) -> Option<&TypeName> {
        let at = self.type_arguments.binary_search_by_key(&call, |(call, _)| *call).ok()?;
        self.type_arguments.get(at).map(|(_, names)| names)
    }

    /// The keyword arguments among the arguments of a call, as an object. Python only.
    #[must_use]
    pub fn keywords(&self, args: &[Element]) -> Option<ExprId> {
        let last = args.last()?.expr;
        self.keyword_arguments.binary_search(&last).is_ok().then_some(last)
    }

    /// Adds a pattern.
    pub fn pat(&mut self, span: Span, kind: PatKind) -> PatId {
        self.pats.push(Pat { span, kind });
        PatId(last_index(self.pats.len()))
    }

    /// Adds a statement.
    pub fn stmt(&mut self, span: Span, kind: StmtKind) -> StmtId {
        self.stmts.push(Stmt { span, kind });
        StmtId(last_index(self.stmts.len()))
    }

    /// Adds a function.
    pub fn function(&mut self, function: Function) -> FunctionId {
        self.functions.push(function);
        FunctionId(last_index(self.functions.len()))
    }

    /// Adds a class.
    pub fn class(&mut self, class: Class) -> ClassId {
        self.classes.push(class);
        ClassId(last_index(self.classes.len()))
    }

    /// Adds a declared name.
    pub fn binding(&mut self, binding: Binding) -> BindingId {
        self.bindings.push(binding);
        BindingId(last_index(self.bindings.len()))
    }
}

fn last_index(len: usize) -> u32 {
    // Files are capped far below 4 GiB, so an arena cannot outgrow its index type.
    u32::try_from(len.saturating_sub(1)).unwrap_or(u32::MAX)
}

/// One script region.
#[derive(Debug)]
pub struct Program {
    /// The region in the outer file.
    pub span: Span,
    /// How it runs.
    pub kind: ProgramKind,
    /// Directive prologue (`"use client"`, …), each with its span.
    pub directives: Vec<(Name, Span)>,
    /// Its statements, in order.
    pub body: Vec<StmtId>,
}

/// How a script region runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProgramKind {
    /// A module file or `<script type="module">`: its own top scope.
    Module,
    /// A classic `<script>`: top-level names are shared with the other classic scripts of the page.
    Classic,
    /// `<script setup>` of Vue: a component body; names are shared with the plain `<script>` of the same file.
    Setup,
    /// Svelte's or Vue's plain component script; names are shared with the other component script of the file.
    Component,
    /// Astro frontmatter and other script that runs on the server although the rest of the file does not.
    Server,
    /// An inline event handler or a template expression: its names resolve in the component or page scripts.
    Inline,
}

/// An expression.
#[derive(Debug)]
pub struct Expr {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: ExprKind,
}

/// What an expression is.
#[derive(Debug)]
pub enum ExprKind {
    /// Broken or uninteresting syntax; the children are kept.
    Unknown(Vec<ExprId>),
    /// A reference to a name.
    Ident(Name),
    /// `this`.
    This,
    /// `super`.
    Super,
    /// A constant.
    Literal(Literal),
    /// A template string. `quasis` has one more entry than `exprs`.
    Template {
        /// Cooked text between the holes, with its span (without back ticks and `${`).
        quasis: Vec<(Name, Span)>,
        /// The holes.
        exprs: Vec<ExprId>,
    },
    /// A tagged template; `template` is a [`ExprKind::Template`].
    TaggedTemplate {
        /// The tag.
        tag: ExprId,
        /// The template.
        template: ExprId,
    },
    /// An object literal.
    Object(Vec<Property>),
    /// An array literal; holes are left out.
    Array(Vec<Element>),
    /// A function, arrow or method as a value.
    Function(FunctionId),
    /// A class as a value.
    Class(ClassId),
    /// `object.property`; a private name keeps its `#`.
    Member {
        /// The object.
        object: ExprId,
        /// The property.
        property: Name,
        /// Where the property name stands.
        property_span: Span,
        /// `?.`
        optional: bool,
    },
    /// `object[index]`.
    Index {
        /// The object.
        object: ExprId,
        /// The index.
        index: ExprId,
        /// `?.[`
        optional: bool,
    },
    /// A call.
    Call {
        /// What is called.
        callee: ExprId,
        /// Its arguments.
        args: Vec<Element>,
        /// `?.(`
        optional: bool,
    },
    /// `new callee(args)`.
    New {
        /// The constructor.
        callee: ExprId,
        /// Its arguments.
        args: Vec<Element>,
    },
    /// `import(specifier)`.
    ImportCall {
        /// The specifier expression.
        specifier: ExprId,
    },
    /// `import.meta`.
    ImportMeta,
    /// An assignment.
    Assign {
        /// Which assignment operator.
        op: AssignOp,
        /// The target.
        target: PatId,
        /// The value.
        value: ExprId,
    },
    /// `!x`, `-x`, `typeof x`, `void x`, `delete x`, `x++`, …
    Unary {
        /// Which operator.
        op: UnaryOp,
        /// The operand.
        operand: ExprId,
    },
    /// A binary operator other than the logical ones.
    Binary {
        /// Which operator.
        op: BinaryOp,
        /// Left operand.
        left: ExprId,
        /// Right operand.
        right: ExprId,
    },
    /// `a && b`, `a || b`, `a ?? b`.
    Logical {
        /// Which operator.
        op: LogicalOp,
        /// Left operand.
        left: ExprId,
        /// Right operand.
        right: ExprId,
    },
    /// `test ? yes : no`.
    Conditional {
        /// The condition.
        test: ExprId,
        /// When true.
        yes: ExprId,
        /// When false.
        no: ExprId,
    },
    /// `await x`.
    Await(ExprId),
    /// `yield x`, `yield* x`.
    Yield(Option<ExprId>),
    /// `a, b, c`.
    Sequence(Vec<ExprId>),
    /// `x as T`, `<T>x`, `x satisfies T`, `x!`: transparent, but the type's name is evidence.
    Cast {
        /// The value.
        expr: ExprId,
        /// The annotation, when it names a type.
        type_name: Option<TypeName>,
    },
    /// A JSX element or fragment.
    Jsx(JsxElement),
    /// A hole of a server template (`{{ user.password }}`, `<?= $x ?>`, `<%= x %>`): a value made on the server.
    TemplateHole(Name),
    /// What a person types into the form field that stands here: the value that a two-way binding assigns.
    TypedIn,
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// A string, cooked.
    String(Name),
    /// A number.
    Number(f64),
    /// A boolean.
    Bool(bool),
    /// `null`.
    Null,
    /// A regular expression, big integer or other constant of no interest.
    Other,
}

/// An element of an argument list or array.
#[derive(Debug, Clone, Copy)]
pub struct Element {
    /// The value.
    pub expr: ExprId,
    /// `...expr`.
    pub spread: bool,
}

/// A property of an object literal.
#[derive(Debug)]
pub enum Property {
    /// `key: value`, a shorthand, or a method.
    Value {
        /// The key.
        key: PropertyKey,
        /// The value; for a shorthand an [`ExprKind::Ident`] with the key's span.
        value: ExprId,
    },
    /// `get key() {}` / `set key(v) {}`.
    Accessor {
        /// The key.
        key: PropertyKey,
        /// The getter or setter.
        function: FunctionId,
    },
    /// `...expr`.
    Spread(ExprId),
}

/// A property or member key.
#[derive(Debug, Clone)]
pub enum PropertyKey {
    /// A plain, quoted, numeric or private (`#x`) key.
    Name(Name, Span),
    /// `[expr]`.
    Computed(ExprId),
}

impl PropertyKey {
    /// The key's text, when it is not computed.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name, _) => Some(name),
            Self::Computed(_) => None,
        }
    }
}

/// Assignment operators, as far as they differ for values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignOp {
    /// `=`
    Assign,
    /// `+=`
    Add,
    /// `||=`, `&&=`, `??=`
    Logical(LogicalOp),
    /// Any other.
    Other,
}

/// Unary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `!`
    Not,
    /// `typeof`
    TypeOf,
    /// `delete`
    Delete,
    /// `void`
    Void,
    /// `-`
    Minus,
    /// `+`
    Plus,
    /// `++`, `--`, prefix or postfix: also a write.
    Update,
    /// `~` and others.
    Other,
}

/// Binary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`, `*`, `/`, `%`, `**`, shifts, bit operators.
    Arithmetic,
    /// `===`
    StrictEqual,
    /// `!==`
    StrictNotEqual,
    /// `==`
    LooseEqual,
    /// `!=`
    LooseNotEqual,
    /// `<`, `<=`, `>`, `>=`
    Compare,
    /// `in`
    In,
    /// `instanceof`
    InstanceOf,
}

/// Logical operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogicalOp {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `??`
    Nullish,
}

/// A JSX element or fragment.
#[derive(Debug)]
pub struct JsxElement {
    /// The tag.
    pub tag: JsxTag,
    /// The attributes, in order.
    pub attributes: Vec<JsxAttribute>,
    /// Child expressions and elements (text is dropped).
    pub children: Vec<ExprId>,
}

/// The tag of a JSX element.
#[derive(Debug)]
pub enum JsxTag {
    /// `<div>`: a lower-case name.
    Intrinsic(Name),
    /// `<Phone>`, `<ui.Phone>`: an identifier or member expression.
    Component(ExprId),
    /// `<>`.
    Fragment,
}

/// An attribute of a JSX element.
#[derive(Debug)]
pub enum JsxAttribute {
    /// `name={value}`, `name="text"`, or just `name`.
    Named {
        /// The name.
        name: Name,
        /// Where the name stands.
        span: Span,
        /// The value; none means `true`.
        value: Option<ExprId>,
    },
    /// `{...props}`.
    Spread(ExprId),
}

/// The name of a type annotation: the last segment of the first named type in it (`Telnyx.TelnyxRTC | null` → `TelnyxRTC`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeName {
    /// Names in the annotation in source order, unions and type arguments flattened (`Ref<TelnyxRTC | null>` → `Ref`, `TelnyxRTC`).
    pub names: Vec<Name>,
    /// The whole annotation.
    pub span: Span,
}

/// A pattern: a binding or an assignment target.
#[derive(Debug)]
pub struct Pat {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: PatKind,
}

/// What a pattern is.
#[derive(Debug)]
pub enum PatKind {
    /// Declares a name.
    Binding(BindingId),
    /// Assigns to an expression (an identifier or a member).
    Expr(ExprId),
    /// `{ a, b: c, ...rest }`.
    Object {
        /// The properties.
        properties: Vec<PatProperty>,
        /// `...rest`.
        rest: Option<PatId>,
    },
    /// `[a, , b, ...rest]`.
    Array {
        /// The elements; `None` for a hole.
        elements: Vec<Option<PatId>>,
        /// `...rest`.
        rest: Option<PatId>,
    },
    /// `pattern = default`.
    Default {
        /// The pattern.
        pat: PatId,
        /// The default value.
        default: ExprId,
    },
    /// Broken syntax.
    Unknown,
}

/// A property of an object pattern.
#[derive(Debug)]
pub struct PatProperty {
    /// The key that is read.
    pub key: PropertyKey,
    /// Where it goes.
    pub pat: PatId,
}

/// A declared name.
#[derive(Debug, Clone)]
pub struct Binding {
    /// The name.
    pub name: Name,
    /// Where the name stands in its declaration.
    pub span: Span,
    /// How it was declared.
    pub kind: BindingKind,
    /// The name of its type annotation.
    pub type_name: Option<TypeName>,
}

/// How a name was declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BindingKind {
    /// `var`
    Var,
    /// `let`
    Let,
    /// `const`, `using`
    Const,
    /// A parameter.
    Param,
    /// A function declaration or the own name of a function expression.
    Function,
    /// A class declaration or the own name of a class expression.
    Class,
    /// A `catch` parameter.
    Catch,
    /// An import that has a value.
    Import,
    /// A type-only import: visible to types, never a value.
    TypeImport,
    /// A TypeScript `enum`.
    Enum,
    /// A TypeScript `namespace` with values.
    Namespace,
}

/// A statement.
#[derive(Debug)]
pub struct Stmt {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: StmtKind,
}

/// What a statement is.
#[derive(Debug)]
pub enum StmtKind {
    /// An expression.
    Expr(ExprId),
    /// `var`, `let`, `const`, `using`.
    Declare {
        /// Which keyword.
        kind: BindingKind,
        /// Pattern and initialiser of each declarator.
        declarators: Vec<(PatId, Option<ExprId>)>,
    },
    /// A function declaration.
    Function(FunctionId),
    /// A class declaration.
    Class(ClassId),
    /// `return x`.
    Return(Option<ExprId>),
    /// `throw x`.
    Throw(ExprId),
    /// `if`.
    If {
        /// The condition.
        test: ExprId,
        /// When true.
        then: StmtId,
        /// When false.
        otherwise: Option<StmtId>,
    },
    /// `for (init; test; update) body`.
    For {
        /// A declaration or expression statement.
        init: Option<StmtId>,
        /// The condition.
        test: Option<ExprId>,
        /// The step.
        update: Option<ExprId>,
        /// The body.
        body: StmtId,
    },
    /// `for (x of y)`, `for (x in y)`.
    ForEach {
        /// How the loop variable is declared; `None` when it assigns to an existing target.
        declared: Option<BindingKind>,
        /// The loop variable.
        pat: PatId,
        /// What is iterated.
        iterable: ExprId,
        /// `of` (values) rather than `in` (keys).
        of: bool,
        /// The body.
        body: StmtId,
    },
    /// `while`, `do … while`.
    While {
        /// The condition.
        test: ExprId,
        /// The body.
        body: StmtId,
    },
    /// `try`.
    Try {
        /// The guarded block.
        block: StmtId,
        /// The `catch` parameter.
        param: Option<PatId>,
        /// The `catch` block.
        handler: Option<StmtId>,
        /// The `finally` block.
        finalizer: Option<StmtId>,
    },
    /// `switch`.
    Switch {
        /// What is compared.
        discriminant: ExprId,
        /// Each case: its test (none for `default`) and its statements.
        cases: Vec<(Option<ExprId>, Vec<StmtId>)>,
    },
    /// `{ … }`.
    Block(Vec<StmtId>),
    /// `label: statement`.
    Labeled(StmtId),
    /// `break`, `continue`.
    Jump,
    /// `export default expr` where the expression is not a named declaration.
    ExportDefault(ExprId),
    /// `enum Name { … }`: a constant object.
    Enum {
        /// The declared name.
        binding: BindingId,
        /// The members as an object expression.
        object: ExprId,
    },
    /// `namespace Name { … }`.
    Namespace {
        /// The declared name.
        binding: BindingId,
        /// Its statements.
        body: Vec<StmtId>,
    },
    /// Nothing of value (types, imports, exports, empty statements).
    Empty,
    /// Broken syntax; the children are kept.
    Unknown(Vec<StmtId>),
}

/// A function of any kind.
#[derive(Debug)]
pub struct Function {
    /// The whole function.
    pub span: Span,
    /// The declared name; for a function expression visible inside it only.
    pub name: Option<BindingId>,
    /// Which kind.
    pub kind: FunctionKind,
    /// `async`.
    pub is_async: bool,
    /// `function*`.
    pub is_generator: bool,
    /// The parameters; a rest parameter is last.
    pub params: Vec<Param>,
    /// The body; `None` for overloads, abstract methods and declarations without code.
    pub body: Option<FunctionBody>,
    /// Directive prologue (`"use server"`, …), each with its span.
    pub directives: Vec<(Name, Span)>,
    /// Decorators of a function declaration (Python). They are evaluated around it, so the declaration's statement holds them.
    pub decorators: Vec<ExprId>,
}

/// A parameter.
#[derive(Debug)]
pub struct Param {
    /// Its pattern, a default included.
    pub pat: PatId,
    /// `...rest`.
    pub rest: bool,
    /// TypeScript parameter property (`private x`), which also declares a field.
    pub field: bool,
    /// Decorators. In Python the annotation, which frameworks read as one (`user: Annotated[User, Depends(current_user)]`).
    pub decorators: Vec<ExprId>,
}

/// Kinds of function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    /// `function f() {}` as a statement.
    Declaration,
    /// `function () {}` as a value.
    Expression,
    /// `() => {}`.
    Arrow,
    /// A method of a class or object.
    Method,
    /// A getter.
    Getter,
    /// A setter.
    Setter,
    /// A class constructor.
    Constructor,
}

/// The body of a function.
#[derive(Debug)]
pub enum FunctionBody {
    /// Statements.
    Block(Vec<StmtId>),
    /// The value of an arrow without braces.
    Expr(ExprId),
}

/// A class.
#[derive(Debug)]
pub struct Class {
    /// The whole class.
    pub span: Span,
    /// The declared name; for a class expression visible inside it only.
    pub name: Option<BindingId>,
    /// Whether it is a statement (its name belongs to the surrounding scope).
    pub is_declaration: bool,
    /// `extends`.
    pub super_class: Option<ExprId>,
    /// The members.
    pub members: Vec<ClassMember>,
    /// Decorators.
    pub decorators: Vec<ExprId>,
}

/// A class member.
#[derive(Debug)]
pub struct ClassMember {
    /// The whole member.
    pub span: Span,
    /// Its key; none for static blocks.
    pub key: Option<PropertyKey>,
    /// `static`.
    pub is_static: bool,
    /// What it is.
    pub kind: ClassMemberKind,
    /// The name of a field's type annotation.
    pub type_name: Option<TypeName>,
    /// Decorators.
    pub decorators: Vec<ExprId>,
}

/// What a class member is.
#[derive(Debug)]
pub enum ClassMemberKind {
    /// A method, constructor, getter or setter.
    Method(FunctionId),
    /// A field with its initialiser.
    Field(Option<ExprId>),
    /// `static { … }`.
    StaticBlock(Vec<StmtId>),
}

/// A static import.
#[derive(Debug)]
pub struct Import {
    /// The whole statement.
    pub span: Span,
    /// The module specifier.
    pub specifier: Name,
    /// The specifier with its quotes.
    pub specifier_span: Span,
    /// `import type …`.
    pub type_only: bool,
    /// The imported names; empty for `import "x"`.
    pub names: Vec<ImportedName>,
}

/// One imported name.
#[derive(Debug)]
pub struct ImportedName {
    /// What is imported.
    pub imported: Imported,
    /// The local name.
    pub local: BindingId,
}

/// What an import or re-export takes from a module.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Imported {
    /// An export by name (`default` is `Default`).
    Named(Name),
    /// The default export.
    Default,
    /// The whole module (`* as x`, `import x = require()`).
    Namespace,
}

/// A static export.
#[derive(Debug)]
pub struct Export {
    /// The export clause or declaration.
    pub span: Span,
    /// `export type …`.
    pub type_only: bool,
    /// What is exported.
    pub kind: ExportKind,
}

/// What an export exports.
#[derive(Debug)]
pub enum ExportKind {
    /// A declaration under its own name, or (`default`) a named default declaration.
    Binding {
        /// The exported name.
        name: Name,
        /// The declared name.
        binding: BindingId,
    },
    /// `export { a as b }` (an [`ExprKind::Ident`]), `export default expr`, `export = expr` (name `export=`).
    Expr {
        /// The exported name.
        name: Name,
        /// The value.
        expr: ExprId,
    },
    /// `export { a as b } from "m"`, `export * as ns from "m"`.
    From {
        /// The exported name.
        name: Name,
        /// What is taken.
        imported: Imported,
        /// The module.
        specifier: Name,
        /// The specifier with its quotes.
        specifier_span: Span,
    },
    /// `export * from "m"`.
    Star {
        /// The module.
        specifier: Name,
        /// The specifier with its quotes.
        specifier_span: Span,
    },
}

/// A script URL in markup.
#[derive(Debug)]
pub struct ScriptUrl {
    /// The URL as written.
    pub url: Name,
    /// Where it stands.
    pub span: Span,
    /// `type="module"`.
    pub module: bool,
    /// For an import-map entry, the specifier that it maps.
    pub import_map_key: Option<Name>,
}

/// A component tag in markup.
#[derive(Debug)]
pub struct MarkupElement {
    /// The opening tag.
    pub span: Span,
    /// The tag name as written.
    pub tag: Name,
    /// Attributes: name as written (`:login`, `v-bind:login`, `login`), its span, and its value (a string literal, or the bound expression).
    pub attributes: Vec<(Name, Span, Option<ExprId>)>,
    /// For a component of Vue, Svelte or Astro: the element as [`ExprKind::Jsx`], so that props flow as they do there. Its attributes have
    /// the names that the component sees (`:login-token` → `loginToken`), and their values are those of `attributes`.
    pub component: Option<ExprId>,
    /// What a person writes through the element (`v-model="x"`, `bind:value={x}`, `[(ngModel)]="x"`), as assignments of
    /// [`ExprKind::TypedIn`].
    pub writes: Vec<ExprId>,
}

impl MarkupElement {
    /// The expressions of the element that stand in no other one of it, in source order but for the writes, which come last.
    pub fn roots(&self) -> impl Iterator<Item = ExprId> {
        let values = self.attributes.iter().filter_map(|(_, _, value)| *value).filter(|_| self.component.is_none());
        self.component.into_iter().chain(values).chain(self.writes.iter().copied())
    }
}

/// A place that was not understood.
#[derive(Debug, Clone)]
pub struct SyntaxProblem {
    /// Where.
    pub span: Span,
    /// What happened.
    pub kind: SyntaxProblemKind,
}

/// Why a place was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SyntaxProblemKind {
    /// The parser reported an error here.
    SyntaxError,
    /// Nested deeper than the lowering goes.
    TooDeep,
    /// The parser gave up (time limit).
    Gave,
}
