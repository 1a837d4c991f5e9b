//! The comments of Python, and the strings in which none can stand.

use super::parse;
use crate::source::Span;
use crate::syntax::comments::{Form, Survey, Zone};

/// Surveys a Python file.
pub(in crate::syntax) fn survey(text: &str, survey: &mut Survey) {
    survey.base(Some(Form::Hash));
    let Some(tree) = parse(text) else { return };
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let span = Span::new(node.start_byte(), node.end_byte());
        let is_string = node.kind() == "string";
        match node.kind() {
            "comment" => survey.comment(span),
            "string" => survey.zone(span, Zone::Sealed),
            _ => {}
        }
        if !is_string && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}
