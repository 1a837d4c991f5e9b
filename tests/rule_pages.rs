//! The rule pages under `rules/` are whole, and every example on them gives exactly the findings that it promises.
//!
//! What an example is, [`harness::pages`] says.
//! Only findings of the page's own rule are compared.

mod harness;

use std::fs;

use authlint::CheckRequest;
use authlint::config::ConfigRequest;
use authlint::finding::{NoticeKind, Outcome};
use authlint::fix::{Applicability, FixRequest, Offer};
use harness::pages::{Example, examples, name_of, pages};
use harness::{Project, TestResult, difference};
use serde::Deserialize;

/// The headings of a page, in order.
const HEADINGS: [&str; 5] = ["## What it flags", "## Why it matters", "## What it leaves alone", "## How to fix", "## Examples"];

/// The front matter of a page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Front {
    name: String,
    summary: String,
    severity: String,
    moves: Vec<String>,
    cwe: u32,
    security_severity: String,
    fix: String,
    references: Vec<String>,
}

#[test]
fn every_page_is_complete() -> TestResult {
    let mut failures = Vec::new();
    for page in pages()? {
        let name = name_of(&page);
        let text = fs::read_to_string(&page)?;
        for complaint in complaints(&name, &text) {
            failures.push(format!("{}: {complaint}\n", page.display()));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.concat());
    Ok(())
}

#[test]
fn every_rule_says_what_its_page_says() -> TestResult {
    for rule in authlint::rules::EVERY_RULE {
        let page = authlint::rules::page::Page::parse(rule.page)?;
        let of_page = (page.front.name.as_str(), page.front.severity, page.front.cwe, page.front.security_severity.as_str());
        assert_eq!(of_page, (rule.name, rule.severity, rule.cwe, rule.security_severity), "{}", rule.name);
    }
    Ok(())
}

#[test]
fn every_example_gives_exactly_what_it_promises() -> TestResult {
    let mut failures = Vec::new();
    for page in pages()? {
        let name = name_of(&page);
        for example in examples(&name, &fs::read_to_string(&page)?)? {
            let outcome = Project::new(&example.files).and_then(|project| project.check(&[&name]));
            let difference = match outcome {
                Ok(found) => difference(&example.expected, &found),
                Err(error) => Some(format!("    failed: {error}\n")),
            };
            if let Some(difference) = difference {
                failures.push(format!("rules/{name}.md, `{}`\n{difference}", example.title));
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.concat());
    Ok(())
}

/// Whether a rule judges what people wrote for authlint: nobody else documents that.
fn is_about_suppressions(name: &str) -> bool {
    authlint::rules::ABOUT_SUPPRESSIONS.iter().any(|rule| rule.name == name)
}

/// Everything that is wrong with the shape of a page.
fn complaints(name: &str, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    match front(text) {
        Err(error) => complaints.push(format!("front matter: {error}")),
        Ok(front) => complaints.extend(front_complaints(name, &front)),
    }
    let mut rest = text;
    for heading in HEADINGS {
        match rest.split_once(&format!("\n{heading}\n")) {
            Some((_, after)) => rest = after,
            None => complaints.push(format!("no `{heading}`, or not in its place")),
        }
    }
    match examples(name, text) {
        Err(error) => complaints.push(format!("examples: {error}")),
        Ok(examples) => {
            if examples.len() < 6 {
                complaints.push(format!("{} examples, at least 6 are needed", examples.len()));
            }
            complaints.extend(examples.iter().flat_map(example_complaints));
            if examples.iter().all(|example| example.expects_nothing) || examples.iter().all(|example| !example.expects_nothing) {
                complaints.push("needs both: examples with findings and near misses".to_owned());
            }
        }
    }
    complaints
}

fn front(text: &str) -> TestResult<Front> {
    let (front, _) = text
        .strip_prefix("+++\n")
        .and_then(|text| text.split_once("\n+++\n"))
        .ok_or("the page does not start with a block between `+++` lines")?;
    Ok(toml::from_str(front)?)
}

fn front_complaints(name: &str, front: &Front) -> Vec<String> {
    let security_severity: f64 = front.security_severity.parse().unwrap_or(f64::NAN);
    let checks = [
        (front.name == name, "`name` is not the file's name"),
        (!front.summary.is_empty() && !front.summary.contains('\n'), "`summary` is not one line"),
        (["error", "warning", "note"].contains(&front.severity.as_str()), "`severity` is none"),
        (["none", "safe", "suggested"].contains(&front.fix.as_str()), "`fix` is none"),
        (front.moves.iter().any(|reason| !reason.is_empty()), "`moves` is empty"),
        (front.cwe > 0, "`cwe` is none"),
        ((0.1..=10.0).contains(&security_severity), "`security_severity` is not between 0.1 and 10.0"),
        (!front.references.is_empty() || is_about_suppressions(name), "`references` is empty"),
        (front.references.iter().all(|url| url.starts_with("https://")), "a reference is no https URL"),
    ];
    checks.into_iter().filter(|(holds, _)| !holds).map(|(_, complaint)| complaint.to_owned()).collect()
}

fn example_complaints(example: &Example) -> Vec<String> {
    let mut complaints = Vec::new();
    let title = &example.title;
    if example.files.is_empty() {
        complaints.push(format!("`{title}` has no file"));
    }
    if example.expects_nothing != example.expected.is_empty() {
        complaints.push(format!("`{title}` must expect either findings or nothing"));
    }
    for line in &example.expected {
        let lines = example.files.get(&line.path).map_or(0, |content| content.split(|byte| *byte == b'\n').count() - 1);
        if !(1..=lines).contains(&(line.line as usize)) {
            complaints.push(format!("`{title}` expects a finding at {}:{}, which does not exist", line.path, line.line));
        }
    }
    complaints
}

#[test]
fn every_rule_says_which_fix_it_has() -> TestResult {
    for rule in authlint::rules::EVERY_RULE {
        let page = authlint::rules::page::Page::parse(rule.page)?;
        assert_eq!(page.front.fix, rule.fix, "{}", rule.name);
        let last = page.section("How to fix").and_then(|section| section.rsplit("\n\n").next()).unwrap_or_default();
        assert!(last.starts_with("Fix: ") && last.ends_with('.'), "{}: no `Fix:` at the end of `How to fix`", rule.name);
        assert_eq!(last.starts_with("Fix: none "), rule.fix == Offer::None, "{}: `{last}`", rule.name);
    }
    Ok(())
}

/// What may come to light when a finding is mended: another mistake that had no effect before.
const UNCOVERED: [(&str, &str); 4] = [
    // The token counts from now on, and must be renewed.
    ("conflicting-auth-options", "missing-token-refresh"),
    ("conflicting-auth-options", "broken-token-refresh"),
    ("invalid-auth-options", "missing-token-refresh"),
    // The refresh works from now on, as far as the SDK has what it rests on.
    ("broken-token-refresh", "outdated-sdk"),
];

/// Every fix of an example: the result parses, the rule is content, no other rule complains, and a person has read the change (the snapshots).
#[test]
fn every_fix_of_an_example_cures_and_breaks_nothing() -> TestResult {
    let mut failures = Vec::new();
    for page in pages()? {
        let name = name_of(&page);
        let mut surest = Offer::None;
        let mut changes = String::new();
        for example in examples(&name, &fs::read_to_string(&page)?)? {
            let project = Project::new(&example.files)?;
            let Mended { diff, offer, complaints } = mend(&name, &project)?;
            failures.extend(complaints.iter().map(|complaint| format!("rules/{name}.md, `{}`: {complaint}\n{diff}\n", example.title)));
            if !diff.is_empty() {
                changes.extend(["### ", &example.title, "\n\n", &diff, "\n"]);
            }
            surest = match (surest, offer) {
                (Offer::Safe, _) | (_, Offer::Safe) => Offer::Safe,
                (Offer::Suggested, _) | (_, Offer::Suggested) => Offer::Suggested,
                _ => Offer::None,
            };
        }
        let promised = authlint::rules::EVERY_RULE.iter().find(|rule| rule.name == name).map_or(Offer::None, |rule| rule.fix);
        if surest != promised {
            failures.push(format!("rules/{name}.md promises `{}`, and its examples get `{}`\n", promised.as_str(), surest.as_str()));
        }
        if !changes.is_empty() {
            insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(format!("fixes_of_{name}"), changes);
            });
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.concat());
    Ok(())
}

/// What fixing an example came to.
struct Mended {
    diff: String,
    offer: Offer,
    complaints: Vec<String>,
}

fn mend(rule: &str, project: &Project) -> TestResult<Mended> {
    let everything = CheckRequest { root: project.root().to_path_buf(), ..CheckRequest::default() };
    let before = authlint::check(&everything)?;
    // A comment is unused only where the rule that it names runs.
    let select = if is_about_suppressions(rule) { Vec::new() } else { vec![rule.to_owned()] };
    let request = FixRequest {
        check: CheckRequest { config: ConfigRequest { select, ..ConfigRequest::default() }, ..everything.clone() },
        with_suggested: true,
    };
    let fixes = authlint::fix::run(&request)?;
    let offered: Vec<Applicability> = before
        .findings
        .iter()
        .filter(|finding| finding.rule == rule)
        .filter_map(|finding| finding.fix.as_ref())
        .map(|fix| fix.applicability)
        .collect();
    let offer = match offered.iter().min() {
        None => Offer::None,
        Some(Applicability::Safe) => Offer::Safe,
        Some(Applicability::Suggested) => Offer::Suggested,
    };
    let mut diff = Vec::new();
    fixes.write_diff(&mut diff)?;
    for file in &fixes.files {
        authlint::fix::write(file)?;
    }
    let after = authlint::check(&everything)?;
    let count = |outcome: &Outcome, rule: &str| outcome.findings.iter().filter(|finding| finding.rule == rule).count();
    let mut complaints: Vec<String> = fixes.refused.iter().map(|refused| format!("left alone: {}", refused.why)).collect();
    let curable = before.findings.iter().filter(|finding| finding.rule == rule && finding.fix.is_some()).count();
    if count(&after, rule) > count(&before, rule) - curable {
        complaints.push("the rule still complains".to_owned());
    }
    if after.notices.iter().any(|notice| notice.kind == NoticeKind::Syntax)
        && before.notices.iter().all(|notice| notice.kind != NoticeKind::Syntax)
    {
        complaints.push("the result does not parse".to_owned());
    }
    for other in authlint::rules::EVERY_RULE.iter().map(|rule| rule.name) {
        if count(&after, other) > count(&before, other) && !UNCOVERED.contains(&(rule, other)) {
            complaints.push(format!("{other} complains now"));
        }
    }
    Ok(Mended { diff: String::from_utf8(diff)?, offer, complaints })
}
