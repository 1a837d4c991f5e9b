//! Lowering of markup: HTML, Vue, Svelte, Astro and server templates.
//!
//! Three passes, each linear in the file: `holes` finds what a server fills in, `scan` finds the tags, and then the tags
//! give script regions (`scripts`) and bound expressions (`attributes`), which the JavaScript lowering reads in place, so
//! that every span stays one of the outer file. Markup is never an error; a script that does not parse is.

mod at_sign;
mod attributes;
mod balance;
mod comments;
mod components;
mod holes;
mod scan;
mod scripts;
#[cfg(test)]
mod tests;

use crate::hir::{ExprKind, Language, Literal, Module, ProgramKind, Property, ScriptUrl, SyntaxProblem, SyntaxProblemKind};
use crate::project::kind::FileKind;
use crate::source::Span;
use crate::syntax::lower::javascript::{Dialect, Hole, Region, lower_regions};
use attributes::Expressions;
pub(in crate::syntax) use comments::survey;
use holes::Certainty;
use scan::{Scanner, Tag};
use scripts::Script;

/// What markup a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flavour {
    Html,
    Vue,
    Svelte,
    Astro,
    Template,
}

impl Flavour {
    /// The flavour of a kind of file. Kinds that are not markup are read as HTML.
    fn of(kind: FileKind) -> Self {
        match kind {
            FileKind::Vue => Self::Vue,
            FileKind::Svelte => Self::Svelte,
            FileKind::Astro => Self::Astro,
            FileKind::Template => Self::Template,
            _ => Self::Html,
        }
    }

    /// What a server fills in.
    fn holes(self, text: &str) -> Vec<Hole> {
        match self {
            Self::Html => holes::find(text, Certainty::Page),
            Self::Template => holes::find(text, Certainty::Template),
            // Their own interpolations run in the browser.
            Self::Vue | Self::Svelte | Self::Astro => Vec::new(),
        }
    }
}

/// Lowers the scripts of a markup file and the elements that matter to values. Kinds that are not markup are read as HTML.
#[must_use]
pub fn lower(kind: FileKind, text: &str) -> Module {
    let flavour = Flavour::of(kind);
    let holes = flavour.holes(text);
    let mut module = Module::new(Language::Markup);
    let mut regions = Vec::new();
    let mut start = 0;
    if flavour == Flavour::Astro
        && let Some((frontmatter, end)) = scripts::frontmatter(text)
    {
        regions.push(Region { span: frontmatter, kind: ProgramKind::Server, dialect: Dialect::TypeScript });
        start = end;
    }

    let mut elements: Vec<Tag> = Vec::new();
    let mut scanner = Scanner::new(text, flavour, &holes, start);
    while let Some(tag) = scanner.tag() {
        if text.get(tag.name.range()).is_some_and(|name| name.eq_ignore_ascii_case("script")) {
            script(&mut module, text, flavour, &tag, &mut regions);
        }
        attributes::handlers(text, flavour, &tag, &mut regions);
        if attributes::matters(text, flavour, &tag) {
            elements.push(tag);
        }
    }

    // What stands in the text between the tags, among the scripts and handlers by place.
    let (_, interpolations) = scanner.between_tags();
    regions.extend(interpolations.iter().map(|span| Region { span: *span, kind: ProgramKind::Inline, dialect: Dialect::JavaScript }));
    regions.sort_by_key(|region| region.span);
    let dialect = expression_dialect(flavour, &regions);
    for region in &mut regions {
        if region.kind == ProgramKind::Inline {
            region.dialect = dialect;
        }
    }
    lower_regions(&mut module, text, &regions, &holes);
    let mut expressions = Expressions { text, flavour, dialect, holes: &holes, form: None };
    for tag in &elements {
        let element = expressions.element(&mut module, tag);
        module.elements.push(element);
    }
    module
}

/// Adds the elements of the templates that stand in a script: `@Component({ template: `…` })` of Angular.
pub(crate) fn inline_templates(module: &mut Module, text: &str) {
    for span in templates(module) {
        let inside = text.get(..span.range().end).unwrap_or("");
        let mut scanner = Scanner::new(inside, Flavour::Html, &[], span.range().start);
        let mut expressions = Expressions { text: inside, flavour: Flavour::Html, dialect: Dialect::TypeScript, holes: &[], form: None };
        while let Some(tag) = scanner.tag() {
            if attributes::matters(inside, Flavour::Html, &tag) {
                let element = expressions.element(module, &tag);
                module.elements.push(element);
            }
        }
    }
}

/// Where the templates of a module's components stand.
fn templates(module: &Module) -> Vec<Span> {
    let decorators = module.classes.iter().flat_map(|class| &class.decorators);
    let options = decorators.filter_map(|decorator| match &module[*decorator].kind {
        ExprKind::Call { callee, args, .. } if matches!(&module[*callee].kind, ExprKind::Ident(name) if &**name == "Component") => {
            args.first().map(|arg| arg.expr)
        }
        _ => None,
    });
    let properties =
        options.filter_map(|options| if let ExprKind::Object(properties) = &module[options].kind { Some(properties) } else { None });
    let values = properties.flatten().filter_map(|property| match property {
        Property::Value { key, value } if key.name() == Some("template") => Some(*value),
        _ => None,
    });
    let constant = values.filter(|value| match &module[*value].kind {
        ExprKind::Template { exprs, .. } => exprs.is_empty(),
        ExprKind::Literal(Literal::String(_)) => true,
        _ => false,
    });
    constant
        .map(|value| module[value].span)
        .filter(|span| span.len() > 2)
        .map(|span| Span::new(span.range().start + 1, span.range().end - 1))
        .collect()
}

fn script(module: &mut Module, text: &str, flavour: Flavour, tag: &Tag, regions: &mut Vec<Region>) {
    if tag.body.is_some_and(|body| !body.closed) {
        module.problems.push(SyntaxProblem { span: tag.span, kind: SyntaxProblemKind::SyntaxError });
    }
    match scripts::classify(text, flavour, tag) {
        Script::Skipped => {}
        Script::Url { span, module: is_module } => {
            let url = text.get(span.range()).unwrap_or("").into();
            module.script_urls.push(ScriptUrl { url, span, module: is_module, import_map_key: None });
        }
        Script::ImportMap(span) => scripts::import_map(module, text, span),
        Script::Code(region) => regions.push(region),
    }
}

/// What the expressions in the markup are written in: that of the component's scripts.
fn expression_dialect(flavour: Flavour, regions: &[Region]) -> Dialect {
    let typed = regions.iter().any(|region| region.dialect != Dialect::JavaScript);
    match flavour {
        Flavour::Astro => Dialect::Tsx,
        Flavour::Vue | Flavour::Svelte if typed => Dialect::TypeScript,
        _ => Dialect::JavaScript,
    }
}

/// The span of a slice of `text`.
fn span_of(text: &str, part: &str) -> Span {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    Span::new(start, start + part.len())
}
