//! The tables of `rules/README.md` hold: they are complete, and what they name as proof is there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use authlint::rules::RULES;
use authlint::rules::page::Page;
use globset::GlobBuilder;
use harness::TestResult;
use harness::pages::{Example, examples, name_of, pages};

/// What Telnyx's documentation, the READMEs of its SDKs and their types say to do or not to do (state of June 2026), as far as code can be seen to
/// break it, surely or by a guess. The numbers are this project's own, in the order in which the pages were read; D30, D31 and D33 cannot be seen.
const DOCUMENTED: [&str; 31] = [
    "D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D9", "D10", "D11", "D12", "D13", "D14", "D15", "D16", "D17", "D18", "D19", "D20",
    "D21", "D22", "D23", "D24", "D25", "D26", "D27", "D28", "D29", "D32", "D34",
];

/// A reason shorter than this many characters explains nothing.
const SHORTEST_REASON: usize = 40;

fn readme() -> TestResult<String> {
    Ok(fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/README.md"))?)
}

/// The rows of the table whose header line begins with `header`, cell by cell.
fn table<'t>(text: &'t str, header: &str) -> Vec<Vec<&'t str>> {
    let rows = text.lines().skip_while(|line| !line.starts_with(header)).skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim().trim_start_matches('|').trim_end_matches('|').split(" | ").map(str::trim).collect()).collect()
}

/// The examples of every page, by rule and heading.
fn all_examples() -> TestResult<BTreeMap<(String, String), Example>> {
    let mut all = BTreeMap::new();
    for page in pages()? {
        let rule = name_of(&page);
        for example in examples(&rule, &fs::read_to_string(&page)?)? {
            let known = all.insert((rule.clone(), example.title.clone()), example);
            assert!(known.is_none(), "rules/{rule}.md has two examples of one heading: {}", known.unwrap().title);
        }
    }
    Ok(all)
}

#[test]
fn every_rule_is_listed_with_its_summary() -> TestResult {
    let text = readme()?;
    let listed: Vec<String> = table(&text, "| page |").into_iter().map(|row| row.join(" | ")).collect();
    let expected = RULES.iter().map(|rule| {
        let page = Page::parse(rule.page).map_err(|error| error.to_string())?;
        Ok(format!("[{0}]({0}.md) | {1}", rule.name, page.front.summary))
    });
    assert_eq!(listed, expected.collect::<Result<Vec<_>, String>>()?);
    Ok(())
}

#[test]
fn every_documented_mistake_is_found_by_an_example_or_has_a_reason() -> TestResult {
    let (text, examples) = (readme()?, all_examples()?);
    let rows = table(&text, "| id |");
    let ids: Vec<&str> = rows.iter().filter_map(|row| row.first().copied()).collect();
    assert_eq!(ids, DOCUMENTED, "the table does not list each mistake once, in order");
    for row in rows {
        let [id, mistake, proofs, reason] = row.as_slice() else { panic!("a row of {} cells: {row:?}", row.len()) };
        assert!(!mistake.is_empty(), "{id} does not say what the mistake is");
        assert!(*proofs != "-" || *reason != "-", "{id} is neither found nor explained");
        assert!(*reason == "-" || reason.len() >= SHORTEST_REASON, "{id}: `{reason}` is no reason");
        for proof in proofs.split("; ").filter(|proof| *proof != "-") {
            let (rule, heading) = proof.split_once(": ").unwrap_or_else(|| panic!("{id}: `{proof}` is not `rule: heading`"));
            assert!(RULES.iter().any(|known| known.name == rule), "{id}: there is no rule {rule}");
            let example = examples.get(&(rule.to_owned(), heading.to_owned()));
            let example = example.unwrap_or_else(|| panic!("{id}: rules/{rule}.md has no example `{heading}`"));
            assert!(!example.expected.is_empty(), "{id}: the example `{heading}` of {rule} expects no finding, it proves nothing");
        }
    }
    Ok(())
}

#[test]
fn every_kind_of_configuration_is_proven_by_examples_that_have_one() -> TestResult {
    let (text, examples) = (readme()?, all_examples()?);
    let header = text.lines().find(|line| line.starts_with("| kind of file |")).ok_or("no table of kinds")?;
    let rules: Vec<&str> = header.trim_matches('|').split(" | ").map(str::trim).skip(2).collect();
    let rows = table(&text, "| kind of file |");
    assert!(!rows.is_empty(), "the table of kinds has no rows");
    for row in rows {
        let [kind, patterns, cells @ ..] = row.as_slice() else { panic!("a row of {} cells: {row:?}", row.len()) };
        assert_eq!(cells.len(), rules.len(), "{kind}");
        assert!(cells.iter().any(|cell| *cell != "-"), "{kind} is proven by nothing");
        let globs: Vec<_> = patterns
            .split('`')
            .skip(1)
            .step_by(2)
            .map(|pattern| Ok(GlobBuilder::new(&format!("{{**/,}}{pattern}")).literal_separator(true).build()?.compile_matcher()))
            .collect::<TestResult<_>>()?;
        for (rule, cell) in rules.iter().zip(cells).filter(|(_, cell)| **cell != "-") {
            for heading in cell.split("; ") {
                let example = examples.get(&((*rule).to_owned(), heading.to_owned()));
                let example = example.unwrap_or_else(|| panic!("{kind}: rules/{rule}.md has no example `{heading}`"));
                let has_one = example.files.keys().any(|path| globs.iter().any(|glob| glob.is_match(path)));
                assert!(has_one, "{kind}: the example `{heading}` of {rule} has no file {patterns}");
            }
        }
    }
    Ok(())
}
