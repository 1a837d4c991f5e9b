//! The two grammars' node kinds and fields as enums.
//!
//! A tree-sitter node carries a numeric kind whose meaning differs from grammar to grammar. One table a grammar translates it
//! to [`Kind`] once, so that lowering matches on an enum instead of comparing strings, and so that JavaScript's and
//! TypeScript's names for the same thing meet in one variant.

use std::sync::LazyLock;

use tree_sitter::{Language, Node};

use super::Dialect;
use crate::source::Span;

macro_rules! kinds {
    (named { $($named:ident: $($name:literal)|+),+ $(,)? } tokens { $($token:ident: $text:literal),+ $(,)? }) => {
        /// What a node is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Kind {
            /// Text that the parser could not fit in.
            Error,
            /// A node that the parser made up.
            Missing,
            /// A named node that lowering has no use for, such as most of the type grammar.
            Opaque,
            /// Punctuation and keywords that lowering has no use for.
            Punctuation,
            $(#[allow(missing_docs)] $named,)+
            $(#[allow(missing_docs)] $token,)+
        }

        impl Kind {
            fn named(name: &str) -> Self {
                match name {
                    $($($name)|+ => Self::$named,)+
                    _ => Self::Opaque,
                }
            }

            fn token(text: &str) -> Self {
                match text {
                    $($text => Self::$token,)+
                    _ => Self::Punctuation,
                }
            }
        }
    };
}

kinds! {
    named {
        AbstractClass: "abstract_class_declaration",
        AccessModifier: "accessibility_modifier" | "override_modifier",
        Ambient: "ambient_declaration",
        Arguments: "arguments",
        Array: "array",
        ArrayPattern: "array_pattern",
        ArrayType: "array_type",
        Arrow: "arrow_function",
        As: "as_expression",
        Assignment: "assignment_expression",
        AssignmentPattern: "assignment_pattern" | "object_assignment_pattern",
        AugmentedAssignment: "augmented_assignment_expression",
        Await: "await_expression",
        Binary: "binary_expression",
        Break: "break_statement",
        Call: "call_expression",
        CatchClause: "catch_clause",
        CharacterReference: "html_character_reference",
        Class: "class",
        ClassBody: "class_body",
        ClassDeclaration: "class_declaration",
        ClassHeritage: "class_heritage",
        Comment: "comment" | "html_comment",
        Computed: "computed_property_name",
        Continue: "continue_statement",
        Debugger: "debugger_statement",
        Decorator: "decorator",
        Do: "do_statement",
        ElseClause: "else_clause",
        EmptyStatement: "empty_statement",
        Enum: "enum_declaration",
        EnumAssignment: "enum_assignment",
        EnumBody: "enum_body",
        ExportClause: "export_clause",
        ExportSpecifier: "export_specifier",
        Export: "export_statement",
        ExpressionStatement: "expression_statement",
        ExtendsClause: "extends_clause",
        False: "false",
        FieldDefinition: "public_field_definition" | "field_definition",
        FinallyClause: "finally_clause",
        For: "for_statement",
        ForIn: "for_in_statement",
        FormalParameters: "formal_parameters",
        Function: "function_expression" | "generator_function",
        FunctionDeclaration: "function_declaration" | "generator_function_declaration",
        FunctionSignature: "function_signature",
        GenericType: "generic_type",
        HashBang: "hash_bang_line",
        Identifier: "identifier",
        If: "if_statement",
        Import: "import",
        ImportAlias: "import_alias",
        ImportClause: "import_clause",
        ImportRequire: "import_require_clause",
        ImportSpecifier: "import_specifier",
        ImportStatement: "import_statement",
        IndexSignature: "index_signature",
        Instantiation: "instantiation_expression",
        Interface: "interface_declaration",
        IntersectionType: "intersection_type",
        JsxAttribute: "jsx_attribute",
        JsxClosing: "jsx_closing_element",
        JsxElement: "jsx_element",
        JsxExpression: "jsx_expression",
        JsxNamespaceName: "jsx_namespace_name",
        JsxOpening: "jsx_opening_element",
        JsxSelfClosing: "jsx_self_closing_element",
        JsxText: "jsx_text",
        Labeled: "labeled_statement",
        Lexical: "lexical_declaration",
        Member: "member_expression",
        MetaProperty: "meta_property",
        Method: "method_definition",
        MethodSignature: "method_signature" | "abstract_method_signature",
        NamedImports: "named_imports",
        Namespace: "internal_module" | "module",
        NamespaceExport: "namespace_export",
        NamespaceImport: "namespace_import",
        NestedIdentifier: "nested_identifier",
        NestedTypeIdentifier: "nested_type_identifier",
        New: "new_expression",
        NonNull: "non_null_expression",
        Null: "null",
        Number: "number",
        Object: "object",
        ObjectPattern: "object_pattern",
        OptionalChain: "optional_chain",
        OptionalType: "optional_type",
        Pair: "pair",
        PairPattern: "pair_pattern",
        Parameter: "required_parameter" | "optional_parameter",
        Parenthesized: "parenthesized_expression",
        ParenthesizedType: "parenthesized_type",
        PrivateName: "private_property_identifier",
        Program: "program",
        PropertyName: "property_identifier",
        ReadonlyType: "readonly_type",
        Regex: "regex",
        RestPattern: "rest_pattern",
        RestType: "rest_type",
        Return: "return_statement",
        Satisfies: "satisfies_expression",
        Sequence: "sequence_expression",
        Shorthand: "shorthand_property_identifier",
        ShorthandPattern: "shorthand_property_identifier_pattern",
        Spread: "spread_element",
        StatementBlock: "statement_block",
        StaticBlock: "class_static_block",
        String: "string",
        Subscript: "subscript_expression",
        Super: "super",
        Switch: "switch_statement",
        SwitchBody: "switch_body",
        SwitchCase: "switch_case",
        SwitchDefault: "switch_default",
        Template: "template_string",
        TemplateSubstitution: "template_substitution",
        Ternary: "ternary_expression",
        This: "this",
        Throw: "throw_statement",
        True: "true",
        Try: "try_statement",
        TupleType: "tuple_type",
        TypeAlias: "type_alias_declaration",
        TypeAnnotation: "type_annotation",
        TypeArguments: "type_arguments",
        TypeAssertion: "type_assertion",
        TypeIdentifier: "type_identifier",
        TypeQuery: "type_query",
        Unary: "unary_expression",
        Undefined: "undefined",
        UnionType: "union_type",
        Update: "update_expression",
        Using: "using_declaration",
        Variable: "variable_declaration",
        Declarator: "variable_declarator",
        While: "while_statement",
        With: "with_statement",
        Yield: "yield_expression",
    }
    tokens {
        AccessorToken: "accessor",
        AsyncToken: "async",
        Comma: ",",
        ConstToken: "const",
        DefaultToken: "default",
        EqualsToken: "=",
        GetToken: "get",
        OptionalChainToken: "?.",
        ReadonlyToken: "readonly",
        SetToken: "set",
        StarToken: "*",
        StaticGetToken: "static get",
        StaticToken: "static",
        TypeToken: "type",
        TypeOfToken: "typeof",
        UsingToken: "using",
    }
}

impl Kind {
    /// Whether the node is an expression.
    pub(super) fn is_expression(self) -> bool {
        matches!(
            self,
            Self::Array
                | Self::Arrow
                | Self::As
                | Self::Assignment
                | Self::AugmentedAssignment
                | Self::Await
                | Self::Binary
                | Self::Call
                | Self::Class
                | Self::False
                | Self::Function
                | Self::Identifier
                | Self::Instantiation
                | Self::JsxElement
                | Self::JsxExpression
                | Self::JsxSelfClosing
                | Self::Member
                | Self::MetaProperty
                | Self::New
                | Self::NonNull
                | Self::Null
                | Self::Number
                | Self::Object
                | Self::Parenthesized
                | Self::Regex
                | Self::Satisfies
                | Self::Sequence
                | Self::Shorthand
                | Self::String
                | Self::Subscript
                | Self::Super
                | Self::Template
                | Self::Ternary
                | Self::This
                | Self::True
                | Self::TypeAssertion
                | Self::Unary
                | Self::Undefined
                | Self::Update
                | Self::Yield
        )
    }

    /// Whether the node is an expression whose first operand may be a long chain of such expressions.
    pub(super) fn is_link(self) -> bool {
        matches!(
            self,
            Self::As
                | Self::Binary
                | Self::Call
                | Self::Instantiation
                | Self::Member
                | Self::NonNull
                | Self::Parenthesized
                | Self::Satisfies
                | Self::Subscript
        )
    }

    /// Whether the node is a link that binds tighter than any operator.
    pub(super) fn is_postfix(self) -> bool {
        matches!(self, Self::Call | Self::Instantiation | Self::Member | Self::NonNull | Self::Subscript)
    }

    /// Whether the node is an operator whose last operand ends it, so that nothing postfix can belong to the whole.
    pub(super) fn binds_loosely(self) -> bool {
        matches!(self, Self::Await | Self::Binary | Self::TypeAssertion | Self::Unary)
    }

    /// Whether the node says something about types only (or nothing at all).
    pub(super) fn is_type_level(self) -> bool {
        matches!(
            self,
            Self::ArrayType
                | Self::GenericType
                | Self::IndexSignature
                | Self::IntersectionType
                | Self::NestedTypeIdentifier
                | Self::Opaque
                | Self::OptionalType
                | Self::ParenthesizedType
                | Self::ReadonlyType
                | Self::RestType
                | Self::TupleType
                | Self::TypeAnnotation
                | Self::TypeArguments
                | Self::TypeIdentifier
                | Self::TypeQuery
                | Self::UnionType
        )
    }

    /// Whether the node is a statement or declaration.
    pub(super) fn is_statement(self) -> bool {
        matches!(
            self,
            Self::AbstractClass
                | Self::Ambient
                | Self::Break
                | Self::ClassDeclaration
                | Self::Continue
                | Self::Debugger
                | Self::Do
                | Self::EmptyStatement
                | Self::Enum
                | Self::Export
                | Self::ExpressionStatement
                | Self::For
                | Self::ForIn
                | Self::FunctionDeclaration
                | Self::FunctionSignature
                | Self::If
                | Self::ImportAlias
                | Self::ImportStatement
                | Self::Interface
                | Self::Labeled
                | Self::Lexical
                | Self::Namespace
                | Self::Return
                | Self::StatementBlock
                | Self::Switch
                | Self::Throw
                | Self::Try
                | Self::TypeAlias
                | Self::Using
                | Self::Variable
                | Self::While
                | Self::With
        )
    }
}

macro_rules! fields {
    ($($field:ident: $name:literal),+ $(,)?) => {
        /// The role of a child in its parent.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Field {
            $(#[allow(missing_docs)] $field,)+
        }

        impl Field {
            /// The grammars' name for it.
            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Self::$field => $name,)+
                }
            }

            fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$field),)+
                    _ => None,
                }
            }
        }
    };
}

fields! {
    Alias: "alias",
    Alternative: "alternative",
    Argument: "argument",
    Arguments: "arguments",
    Attribute: "attribute",
    Body: "body",
    Condition: "condition",
    Consequence: "consequence",
    Constructor: "constructor",
    Declaration: "declaration",
    Decorator: "decorator",
    Finalizer: "finalizer",
    Function: "function",
    Handler: "handler",
    Increment: "increment",
    Index: "index",
    Initializer: "initializer",
    Key: "key",
    KindToken: "kind",
    Left: "left",
    Module: "module",
    Name: "name",
    Object: "object",
    OpenTag: "open_tag",
    Operator: "operator",
    Parameter: "parameter",
    Parameters: "parameters",
    Pattern: "pattern",
    Property: "property",
    Right: "right",
    Source: "source",
    Type: "type",
    TypeArguments: "type_arguments",
    Value: "value",
}

/// A grammar and its translation table.
pub(super) struct Grammar {
    /// What the parser needs.
    pub(super) language: Language,
    kinds: Vec<Kind>,
    fields: Vec<Option<Field>>,
}

impl Grammar {
    fn new(language: Language) -> Self {
        let ids = 0..u16::try_from(language.node_kind_count()).unwrap_or(u16::MAX);
        let kinds = ids
            .map(|id| {
                let name = language.node_kind_for_id(id).unwrap_or("");
                if language.node_kind_is_named(id) { Kind::named(name) } else { Kind::token(name) }
            })
            .collect();
        let ids = 0..=u16::try_from(language.field_count()).unwrap_or(u16::MAX);
        let fields = ids.map(|id| language.field_name_for_id(id).and_then(Field::named)).collect();
        Self { language, kinds, fields }
    }

    /// The grammar of a dialect.
    pub(super) fn of(dialect: Dialect) -> &'static Self {
        static JAVASCRIPT: LazyLock<Grammar> = LazyLock::new(|| Grammar::new(tree_sitter_javascript::LANGUAGE.into()));
        static TYPESCRIPT: LazyLock<Grammar> = LazyLock::new(|| Grammar::new(tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into()));
        static TSX: LazyLock<Grammar> = LazyLock::new(|| Grammar::new(tree_sitter_typescript::LANGUAGE_TSX.into()));
        match dialect {
            Dialect::JavaScript => &JAVASCRIPT,
            Dialect::TypeScript => &TYPESCRIPT,
            Dialect::Tsx => &TSX,
        }
    }

    /// Translates a node.
    pub(super) fn syntax<'t>(&self, node: Node<'t>, field: Option<u16>) -> Syntax<'t> {
        let kind = if node.is_error() { Kind::Error } else { self.kinds.get(usize::from(node.kind_id())).copied().unwrap_or(Kind::Opaque) };
        let field = field.and_then(|field| self.fields.get(usize::from(field)).copied().flatten());
        Syntax { node, kind, field }
    }
}

/// A node with its kind and its role in its parent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Syntax<'t> {
    /// The node.
    pub(super) node: Node<'t>,
    /// What it is.
    pub(super) kind: Kind,
    /// Its role.
    pub(super) field: Option<Field>,
}

impl Syntax<'_> {
    /// Where it stands.
    pub(super) fn span(self) -> Span {
        Span::new(self.node.start_byte(), self.node.end_byte())
    }
}

/// The children of a node that lowering looks at, in source order.
#[derive(Debug, Default)]
pub(super) struct Children<'t>(pub(super) Vec<Syntax<'t>>);

impl<'t> Children<'t> {
    /// The first child with a role.
    pub(super) fn field(&self, field: Field) -> Option<Syntax<'t>> {
        self.0.iter().copied().find(|child| child.field == Some(field))
    }

    /// All children with a role.
    pub(super) fn fields(&self, field: Field) -> impl Iterator<Item = Syntax<'t>> + '_ {
        self.0.iter().copied().filter(move |child| child.field == Some(field))
    }

    /// The first child of a kind.
    pub(super) fn kind(&self, kind: Kind) -> Option<Syntax<'t>> {
        self.0.iter().copied().find(|child| child.kind == kind)
    }

    /// Whether there is a child of a kind.
    pub(super) fn has(&self, kind: Kind) -> bool {
        self.kind(kind).is_some()
    }

    /// The first child that is an expression.
    pub(super) fn expression(&self) -> Option<Syntax<'t>> {
        self.0.iter().copied().find(|child| child.kind.is_expression())
    }
}
