//! The comments of scripts, and what stands where none can.

use tree_sitter::Tree;

use super::grammar::{Grammar, Kind};
use super::parse::{Input, Parsed};
use super::{Budget, Dialect, Hole, Region, parse};
use crate::source::Span;
use crate::syntax::comments::{Form, Survey, Zone};

/// Surveys a file that is one script.
pub(in crate::syntax) fn survey(text: &str, dialect: Dialect, survey: &mut Survey) {
    survey.base(Some(Form::Slashes));
    let span = Span::new(0, text.len());
    if let Some(Parsed { tree, grammar }) = parse::parse(dialect, &Input::new(text, &[]), span, &Budget::new(text.len())) {
        walk(&tree, grammar, survey);
    }
}

/// Surveys the script regions of a page.
pub(in crate::syntax) fn survey_regions(text: &str, regions: &[Region], holes: &[Hole], survey: &mut Survey) {
    let input = Input::new(text, holes);
    let budget = Budget::new(text.len());
    for region in regions {
        survey.zone(region.span, Zone::Between(Form::Slashes));
        if let Some(Parsed { tree, grammar }) = parse::parse(region.dialect, &input, region.span, &budget) {
            walk(&tree, grammar, survey);
        }
    }
}

/// Visits every node, a node before its children, without recursion.
fn walk(tree: &Tree, grammar: &'static Grammar, survey: &mut Survey) {
    let mut cursor = tree.walk();
    loop {
        let node = grammar.syntax(cursor.node(), None);
        let span = node.span();
        match node.kind {
            Kind::Comment => survey.comment(span),
            Kind::String | Kind::Regex | Kind::Template | Kind::JsxClosing => survey.zone(span, Zone::Sealed),
            Kind::TemplateSubstitution | Kind::JsxExpression | Kind::JsxOpening | Kind::JsxSelfClosing => {
                survey.zone(span, Zone::Within(Form::Slashes));
            }
            Kind::JsxElement => {
                let (open, close) = (node.node.child(0), node.node.child(node.node.child_count().saturating_sub(1)));
                if let (Some(open), Some(close)) = (open, close)
                    && open.end_byte() <= close.start_byte()
                {
                    survey.zone(Span::new(open.end_byte(), close.start_byte()), Zone::Between(Form::Braced));
                }
            }
            _ => {}
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}
