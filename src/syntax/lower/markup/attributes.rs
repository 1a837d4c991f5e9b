//! Attributes: inline event handlers, and the elements whose attributes matter to values.
//!
//! An element matters when an expression is bound to it, when it is a component (its attributes are props), or when scripts
//! can look its value up (`id`, password fields).

use super::balance::{Balance, Lexis};
use super::scan::{Attribute, Tag, Written};
use super::{Flavour, components, span_of};
use crate::hir::{ExprId, ExprKind, Literal, MarkupElement, Module, Name, ProgramKind};
use crate::source::Span;
use crate::syntax::lower::javascript::{Dialect, Hole, HoleKind, Region, lower_expression};

/// What an attribute's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Nothing that has a value: a bare attribute, a slot's parameters.
    Bare,
    /// Text, possibly with template holes.
    Static {
        /// The text.
        span: Span,
        /// Whether quotes stand around it.
        quoted: bool,
    },
    /// Text with expressions in braces (Svelte).
    Interpolated(Span),
    /// An expression.
    Bound(Span),
    /// An expression of the server's language (`:token="$token"` on a Blade component).
    Server(Span),
    /// Statements: they are a program of their own.
    Handler(Span),
}

fn role(text: &str, flavour: Flavour, tag: &Tag, attribute: &Attribute) -> Role {
    let name = text.get(attribute.name.range()).unwrap_or("");
    let (span, quoted) = match attribute.value {
        Written::Braced(span) => return Role::Bound(spread_or_directive(text, span).1),
        Written::TemplateString(span) => return Role::Bound(span),
        Written::Nothing => return shorthand(text, flavour, attribute.name),
        Written::Text { span, quoted } => (span, quoted),
    };
    let value = text.get(span.range()).unwrap_or("");
    if flavour == Flavour::Svelte && value.contains('{') {
        return interpolated(text, span);
    }
    if is_event_handler(name) {
        return if value.contains('(') { Role::Handler(span) } else { Role::Static { span, quoted } };
    }
    match flavour {
        Flavour::Svelte | Flavour::Astro => script_url(text, span).unwrap_or(Role::Static { span, quoted }),
        Flavour::Template if is_blade_component(text, tag) && name.starts_with(':') => Role::Server(span),
        Flavour::Template if is_blazor(name) => Role::Static { span, quoted },
        Flavour::Vue | Flavour::Html | Flavour::Template => match directive(name) {
            None => script_url(text, span).unwrap_or(Role::Static { span, quoted }),
            Some(Directive::Parameters) => Role::Bare,
            Some(Directive::Loop) => Role::Bound(iterable(text, span)),
            Some(Directive::Event) if is_statements(value) => Role::Handler(span),
            Some(Directive::Event | Directive::Value) => Role::Bound(span),
        },
    }
}

/// `onclick` and the like.
fn is_event_handler(name: &str) -> bool {
    name.get(..2).is_some_and(|on| on.eq_ignore_ascii_case("on")) && name.len() > 2 && name.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// `href="javascript:login()"`.
fn script_url(text: &str, span: Span) -> Option<Role> {
    let value = text.get(span.range())?.trim();
    let scheme = "javascript:";
    let code = value.get(scheme.len()..).filter(|code| code.contains('('))?;
    value.get(..scheme.len())?.eq_ignore_ascii_case(scheme).then(|| Role::Handler(span_of(text, code)))
}

/// The attributes of Vue, and of Alpine where it does the same.
enum Directive {
    Value,
    Event,
    Loop,
    Parameters,
}

fn directive(name: &str) -> Option<Directive> {
    let word = name.split([':', '.']).next().unwrap_or("");
    match word {
        "v-for" | "x-for" => Some(Directive::Loop),
        "v-slot" | "x-transition" | "x-ref" | "x-id" | "x-teleport" => Some(Directive::Parameters),
        "v-on" | "x-on" | "x-init" | "x-effect" => Some(Directive::Event),
        "x-data" | "x-show" | "x-bind" | "x-text" | "x-html" | "x-model" | "x-if" | "x-modelable" => Some(Directive::Value),
        "" if name.starts_with(':') => Some(Directive::Value),
        _ if name.starts_with('#') => Some(Directive::Parameters),
        _ if name.starts_with('@') => Some(Directive::Event),
        _ if word.starts_with("v-") => Some(Directive::Value),
        // `.prop="x"` is short for `v-bind:prop.prop="x"`.
        "" if name.starts_with('.') && name.len() > 1 => Some(Directive::Value),
        // Angular: `[(ngModel)]="x"`, `[prop]="x"`, `(click)="login(x)"`.
        _ if name.starts_with('[') && name.ends_with(']') => Some(Directive::Value),
        _ if name.starts_with('(') && name.ends_with(')') => Some(Directive::Event),
        _ => None,
    }
}

fn is_blade_component(text: &str, tag: &Tag) -> bool {
    text.get(tag.name.range()).is_some_and(|name| name.starts_with("x-") || name.starts_with("livewire:"))
}

/// Razor components bind C# with Vue's sign.
fn is_blazor(name: &str) -> bool {
    ["@on", "@bind", "@ref", "@key", "@attributes", "@formname", "@rendermode"].iter().any(|prefix| name.starts_with(prefix))
}

/// Whether an event's code is more than an expression.
fn is_statements(value: &str) -> bool {
    let word = value.trim_start().split(|character: char| !character.is_alphanumeric()).next().unwrap_or("");
    value.trim_end().trim_end_matches(';').contains(';')
        || matches!(word, "if" | "for" | "while" | "const" | "let" | "var" | "try" | "switch" | "return" | "throw")
}

/// What `item in items` loops over.
fn iterable(text: &str, span: Span) -> Span {
    let value = text.get(span.range()).unwrap_or("");
    let after = [" in ", " of "].iter().filter_map(|word| Some((value.find(word)?, word.len()))).min();
    match after {
        Some((at, length)) => Span::new(span.range().start + at + length, span.range().end),
        None => span,
    }
}

/// A bare attribute that stands for `name={name}`.
fn shorthand(text: &str, flavour: Flavour, name: Span) -> Role {
    let written = text.get(name.range()).unwrap_or("");
    let own = match flavour {
        Flavour::Svelte => written.strip_prefix("bind:"),
        Flavour::Vue => written.strip_prefix("v-bind:").or(written.strip_prefix(':')),
        Flavour::Astro | Flavour::Html | Flavour::Template => None,
    };
    let identifier =
        |own: &&str| !own.is_empty() && own.chars().all(|character| character.is_alphanumeric() || matches!(character, '_' | '$'));
    own.filter(identifier).map_or(Role::Bare, |own| Role::Bound(span_of(text, own)))
}

/// The name and expression of a bare `{…}`: `{name}`, `{...spread}`, `{@attach expression}`.
fn spread_or_directive(text: &str, span: Span) -> (&str, Span) {
    let inner = text.get(span.range()).unwrap_or("").trim();
    if let Some(spread) = inner.strip_prefix("...") {
        return ("...", span_of(text, spread));
    }
    if inner.starts_with('@') {
        let (word, rest) = inner.split_at(inner.find(char::is_whitespace).unwrap_or(inner.len()));
        return (word, span_of(text, rest));
    }
    (inner, span)
}

/// A Svelte value with braces: one expression when nothing stands around it.
fn interpolated(text: &str, span: Span) -> Role {
    let end = text.get(..span.range().end).and_then(|text| Balance::new(text).end(span.range().start, Lexis::JavaScript));
    let whole = text.as_bytes().get(span.range().start) == Some(&b'{') && end == Some(span.range().end);
    if whole { Role::Bound(Span::new(span.range().start + 1, span.range().end - 1)) } else { Role::Interpolated(span) }
}

/// Adds the code of inline event handlers and script URLs.
pub(super) fn handlers(text: &str, flavour: Flavour, tag: &Tag, regions: &mut Vec<Region>) {
    for attribute in &tag.attributes {
        if let Role::Handler(span) = role(text, flavour, tag, attribute) {
            // The dialect is the component's, known once all scripts are.
            regions.push(Region { span, kind: ProgramKind::Inline, dialect: Dialect::JavaScript });
        }
    }
}

/// Whether an element matters to values.
pub(super) fn matters(text: &str, flavour: Flavour, tag: &Tag) -> bool {
    let name = text.get(tag.name.range()).unwrap_or("");
    let is_component = components::is_component(flavour, name) || name.contains(['-', '.']);
    let is_bound = |attribute: &Attribute| {
        matches!(role(text, flavour, tag, attribute), Role::Interpolated(_) | Role::Bound(_) | Role::Server(_) | Role::Handler(_))
    };
    is_component
        || tag.attribute(text, "id").is_some_and(|id| !id.is_empty())
        || tag.attribute(text, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("password"))
        || tag.text_span(text, FORM_CONTROL).is_some()
        || tag.attributes.iter().any(is_bound)
}

/// Names a field of an Angular form, and the element around it names the form.
const FORM_CONTROL: &str = "formControlName";
const FORM: &str = "[formGroup]";
/// A form's expression is lowered once for each of its fields, so it must be short, in bytes.
const LONGEST_FORM: usize = 120;

/// Lowers the attributes of elements.
pub(super) struct Expressions<'a> {
    pub(super) text: &'a str,
    pub(super) flavour: Flavour,
    pub(super) dialect: Dialect,
    pub(super) holes: &'a [Hole],
    /// The Angular form that was opened last.
    pub(super) form: Option<Span>,
}

impl Expressions<'_> {
    /// Lowers an element. Handlers that are programs of their own have no value here.
    pub(super) fn element(&mut self, module: &mut Module, tag: &Tag) -> MarkupElement {
        let attributes: Vec<_> = tag.attributes.iter().map(|attribute| self.attribute(module, tag, attribute)).collect();
        let component = components::component(module, self.text, self.flavour, tag, &attributes);
        let writes = self.writes(module, tag);
        MarkupElement { span: tag.span, tag: self.slice(tag.name).into(), attributes, component, writes }
    }

    /// What the element's two-way bindings assign.
    fn writes(&mut self, module: &mut Module, tag: &Tag) -> Vec<ExprId> {
        let mut writes = Vec::new();
        if let Some(form) = tag.text_span(self.text, FORM) {
            self.form = Some(form);
        }
        let form = self.form.filter(|form| form.len() <= LONGEST_FORM);
        if let (Some(form), Some(control)) = (form, tag.text_span(self.text, FORM_CONTROL)) {
            // Both `form.value.pin` and `form.controls.pin.value` are what is typed.
            for (before, after) in [("value", None), ("controls", Some("value"))] {
                let names = [Some(before), Some(self.slice(control)), after];
                let field = self.bound(module, form).map(|form| components::members(module, form, control, names.into_iter().flatten()));
                writes.extend(field.and_then(|field| components::typed_in(module, field)));
            }
        }
        for attribute in &tag.attributes {
            if !components::is_two_way(self.flavour, self.slice(attribute.name)) {
                continue;
            }
            if let Role::Bound(span) = role(self.text, self.flavour, tag, attribute) {
                // An expression of its own: the one of the attribute is read.
                writes.extend(self.bound(module, span).and_then(|target| components::typed_in(module, target)));
            }
        }
        writes
    }

    fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    fn attribute(&self, module: &mut Module, tag: &Tag, attribute: &Attribute) -> (Name, Span, Option<ExprId>) {
        let (name, span) = match attribute.value {
            Written::Braced(braced) if attribute.name.is_empty() => (spread_or_directive(self.text, braced).0, braced),
            _ => (self.slice(attribute.name), attribute.name),
        };
        let value = match role(self.text, self.flavour, tag, attribute) {
            Role::Bare | Role::Handler(_) => None,
            Role::Static { span, quoted } => Some(self.text_value(module, span, usize::from(quoted))),
            Role::Interpolated(span) => Some(self.interpolated(module, span)),
            Role::Bound(span) => self.bound(module, span),
            Role::Server(span) => Some(module.expr(span, ExprKind::TemplateHole(self.slice(span).trim().into()))),
        };
        (name.into(), span, value)
    }

    /// The holes that stand wholly in a span.
    fn holes_in(&self, span: Span) -> &[Hole] {
        let first = self.holes.partition_point(|hole| hole.span.start < span.start);
        let last = self.holes.partition_point(|hole| hole.span.end <= span.end).max(first);
        self.holes.get(first..last).unwrap_or(&[])
    }

    fn hole(module: &mut Module, hole: &Hole) -> Option<ExprId> {
        (hole.kind == HoleKind::Value).then(|| module.expr(hole.span, ExprKind::TemplateHole(hole.text.clone())))
    }

    /// An expression. With a hole in it the text is code only after the server has filled it in; the holes alone are kept.
    fn bound(&self, module: &mut Module, span: Span) -> Option<ExprId> {
        let holes = self.holes_in(span);
        // Lowering takes the bytes on both sides for parentheses; a half-typed value at the end of the file has none.
        if span.range().end >= self.text.len() {
            return None;
        }
        if holes.is_empty() {
            return lower_expression(module, self.text, span, self.dialect);
        }
        let holes = holes.iter().filter_map(|hole| Self::hole(module, hole)).collect();
        Some(module.expr(span, ExprKind::Unknown(holes)))
    }

    /// A string literal, spanning its quotes, or with holes a template.
    fn text_value(&self, module: &mut Module, span: Span, quote: usize) -> ExprId {
        let range = span.range();
        let holes = self.holes_in(span);
        if let [hole] = holes
            && self.slice(span).trim().len() == hole.span.len()
            && let Some(expr) = Self::hole(module, hole)
        {
            return expr;
        }
        let whole = Span::new(range.start - quote.min(range.start), (range.end + quote).min(self.text.len()));
        let mut parts = Parts::new(range.start);
        for hole in holes {
            match Self::hole(module, hole) {
                Some(expr) => parts.expr(self.text, hole.span, expr),
                None => parts.gap(self.text, hole.span),
            }
        }
        let kind = parts.finish(self.text, range.end);
        module.expr(whole, kind)
    }

    /// Text with Svelte expressions.
    fn interpolated(&self, module: &mut Module, span: Span) -> ExprId {
        let range = span.range();
        let text = self.text.get(..range.end).unwrap_or("");
        let mut balance = Balance::new(text);
        let mut parts = Parts::new(range.start);
        let mut at = range.start;
        // After a brace that never closes, the rest is text.
        while let Some(step) = text.as_bytes().get(at..).and_then(|rest| memchr::memchr(b'{', rest))
            && let Some(end) = balance.end(at + step, Lexis::JavaScript)
        {
            let braces = Span::new(at + step, end);
            match lower_expression(module, self.text, Span::new(at + step + 1, end - 1), self.dialect) {
                Some(expr) => parts.expr(self.text, braces, expr),
                None => parts.gap(self.text, braces),
            }
            at = end;
        }
        let kind = parts.finish(self.text, range.end);
        module.expr(span, kind)
    }
}

/// A template string in the making.
struct Parts {
    quasis: Vec<(Name, Span)>,
    exprs: Vec<ExprId>,
    /// The text since the last expression, and where it starts.
    pending: String,
    pending_start: usize,
    at: usize,
}

impl Parts {
    fn new(start: usize) -> Self {
        Self { quasis: Vec::new(), exprs: Vec::new(), pending: String::new(), pending_start: start, at: start }
    }

    /// Text up to something that leaves nothing behind.
    fn gap(&mut self, text: &str, span: Span) {
        self.pending.push_str(text.get(self.at..span.range().start).unwrap_or(""));
        self.at = span.range().end;
    }

    /// Text up to an expression.
    fn expr(&mut self, text: &str, span: Span, expr: ExprId) {
        self.gap(text, span);
        let quasi = std::mem::take(&mut self.pending);
        self.quasis.push((quasi.into(), Span::new(self.pending_start, span.range().start)));
        self.exprs.push(expr);
        self.pending_start = self.at;
    }

    /// A string when there were no expressions.
    fn finish(mut self, text: &str, end: usize) -> ExprKind {
        self.gap(text, Span::new(end, end));
        if self.exprs.is_empty() {
            return ExprKind::Literal(Literal::String(self.pending.into()));
        }
        self.quasis.push((self.pending.into(), Span::new(self.pending_start, end)));
        ExprKind::Template { quasis: self.quasis, exprs: self.exprs }
    }
}
