//! Findings about suppressions.

use super::directive::{Directive, Named, Scope, advice};
use super::{IGNORE, IGNORE_FILE, REASON_MARK, Reasons, remove};
use crate::finding::{Confidence, Finding, Severity};
use crate::fix::{Applicability, Edit, Fix};
use crate::rules::about_suppressions::{SUPPRESSION_WITHOUT_REASON, UNKNOWN_SUPPRESSION, UNUSED_SUPPRESSION};
use crate::source::{Location, SourceFile, Span};

/// What is wrong with a directive. `used` tells for each of its rules whether it hid something; `left` are the findings of the file that
/// nothing hid.
pub(super) fn findings(
    directive: &Directive,
    used: &[bool],
    reasons: Reasons,
    source: &SourceFile,
    left: &[Finding],
    ran: &impl Fn(&str) -> bool,
) -> Vec<Finding> {
    let finding = |rule: &'static str, span: Span, label: &str, message: String, help: String| Finding {
        rule,
        severity: Severity::Warning,
        confidence: Confidence::High,
        message,
        primary: Location::new(source.id, span),
        primary_label: label.to_owned(),
        labels: Vec::new(),
        flow: Vec::new(),
        zone: None,
        help,
        fix: None,
    };
    let removing = |title: &str, span: Span| Fix {
        title: title.to_owned(),
        // What hides nothing can go, and no program reads its comments.
        applicability: Applicability::Safe,
        edits: vec![Edit::delete(Location::new(source.id, span))],
    };
    let without_comment = || removing("remove the comment", remove::comment(source, directive.span));
    let mut found = Vec::new();
    if let Some(word) = &directive.unknown_word {
        let message = format!("`{}` is no directive of authlint, so that this comment suppresses nothing", word.written);
        let help = format!(
            "write `{IGNORE} rule{REASON_MARK}reason` above the code or behind it, or `{IGNORE_FILE} rule{REASON_MARK}reason` for the whole file"
        );
        return vec![finding(UNKNOWN_SUPPRESSION, word.span, "not known", message, help)];
    }
    let unknown = directive.rules.iter().filter(|named| named.rule.is_none());
    found.extend(unknown.map(|named| {
        let message = format!("this comment suppresses `{}`, but there is no such rule", named.written);
        finding(UNKNOWN_SUPPRESSION, named.span, "no rule has this name", message, advice(&named.written))
    }));
    if directive.rules.is_empty() && directive.scope != Scope::File {
        let message = "this comment names no rule, so that it suppresses nothing".to_owned();
        let help = format!("name the rules: `{IGNORE} rule, rule{REASON_MARK}reason`");
        return vec![finding(UNKNOWN_SUPPRESSION, directive.span, "no rule is named", message, help)];
    }
    if directive.reason.is_none() && reasons == Reasons::Required {
        let message = "this suppression does not say why, so that it hides nothing".to_owned();
        let help = if directive.unmarked {
            format!("the reason follows `{}`: `{IGNORE} rule{REASON_MARK}reason`", REASON_MARK.trim())
        } else {
            format!(
                "add the reason: `{IGNORE} rule{REASON_MARK}reason`; `require-reason = false` under `[suppressions]` of `authlint.toml` makes it optional"
            )
        };
        found.push(finding(SUPPRESSION_WITHOUT_REASON, directive.span, "no reason is given", message, help));
        return found;
    }
    // What stands in a sample of a document is shown, not obeyed.
    if directive.in_sample {
        return found;
    }
    if directive.is_for_all() {
        if used.first() == Some(&false) {
            let help = "remove the comment: `authlint fix` does it".to_owned();
            let message = "nothing is found in this file, so that there is nothing to suppress".to_owned();
            let unused = finding(UNUSED_SUPPRESSION, directive.span, "hides nothing", message, help);
            found.push(Finding { fix: Some(without_comment()), ..unused });
        }
        return found;
    }
    let judged = directive.rules.iter().zip(used).enumerate();
    let unused: Vec<(usize, &Named)> =
        judged.filter(|(_, (named, used))| named.rule.is_some_and(ran) && !**used).map(|(index, (named, _))| (index, named)).collect();
    let places: Vec<Span> = directive.rules.iter().map(|named| named.span).collect();
    let whole = unused.len() == directive.rules.len();
    let place = if directive.scope == Scope::File { "in this file" } else { "here" };
    for (index, named) in unused {
        let others: Vec<u32> = left
            .iter()
            .filter(|finding| Some(finding.rule) == named.rule)
            .map(|finding| source.line_of(finding.primary.span.start))
            .collect();
        let line = source.line_of(directive.span.start);
        let nearest = others.iter().min_by_key(|other| other.abs_diff(line));
        let message = format!("this comment suppresses `{}`, but there is no such finding {place}", named.written);
        let remove =
            if whole { "remove the comment: `authlint fix` does it" } else { "take the rule out of the comment: `authlint fix` does it" };
        let help = match nearest {
            Some(nearest) => {
                format!("{remove}; the nearest such finding is in line {nearest}, and only a comment directly above it or behind it counts")
            }
            None => remove.to_owned(),
        };
        let span = if whole && directive.rules.len() == 1 { directive.span } else { named.span };
        let fix = if whole { without_comment() } else { removing("take the rule out of the comment", remove::rule(&places, index)) };
        found.push(Finding { fix: Some(fix), ..finding(UNUSED_SUPPRESSION, span, "hides nothing", message, help) });
    }
    found
}
