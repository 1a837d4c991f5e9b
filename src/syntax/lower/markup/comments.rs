//! The comments of markup and of the scripts and templates in it, and what stands where none can.

use super::Flavour;
use super::scan::Scanner;
use super::scripts::{self, Script};
use crate::hir::ProgramKind;
use crate::project::kind::FileKind;
use crate::source::Span;
use crate::syntax::comments::{Form, Survey, Zone, leading};
use crate::syntax::lower::javascript::{self, Dialect, Region};

/// Surveys a markup file. In server code only the comments that begin with `word` are found.
pub(in crate::syntax) fn survey(kind: FileKind, text: &str, word: &str, survey: &mut Survey) {
    survey.base(Some(Form::Markup));
    let flavour = Flavour::of(kind);
    let holes = flavour.holes(text);
    let mut regions = Vec::new();
    let mut start = 0;
    if flavour == Flavour::Astro
        && let Some((frontmatter, end)) = scripts::frontmatter(text)
    {
        regions.push(Region { span: frontmatter, kind: ProgramKind::Server, dialect: Dialect::TypeScript });
        start = end;
    }
    let mut scanner = Scanner::new(text, flavour, &holes, start);
    while let Some(tag) = scanner.tag() {
        survey.tag(tag.span);
        if let Some(body) = tag.body {
            survey.zone(body.span, Zone::Sealed);
        }
        if text.get(tag.name.range()).is_some_and(|name| name.eq_ignore_ascii_case("script")) {
            match scripts::classify(text, flavour, &tag) {
                Script::Code(region) => regions.push(region),
                Script::ImportMap(data) => survey.data_element(Span { start: tag.span.start, end: data.end }),
                _ => {}
            }
        }
    }
    let (comments, interpolations) = scanner.between_tags();
    comments.iter().for_each(|span| survey.comment(*span));
    // An expression is code, but what stands before its brace is markup.
    interpolations.iter().for_each(|span| survey.zone(*span, Zone::Sealed));
    javascript::survey_regions(text, &regions, &holes, survey);
    for hole in &holes {
        let whole = text.get(hole.span.range()).unwrap_or("");
        if whole.starts_with("<?") {
            survey.zone(hole.span, Zone::Within(Form::Slashes));
            leading(text, hole.span, word).into_iter().for_each(|span| survey.comment(span));
        } else if COMMENTS.iter().any(|open| whole.starts_with(open)) {
            survey.comment(hole.span);
        } else {
            survey.zone(hole.span, Zone::Sealed);
        }
    }
}

/// What opens a comment of a template language.
const COMMENTS: [&str; 7] = ["{{!", "{{--", "{#", "<%--", "<%#", "@*", "{{/*"];
