//! The formats that other programs read, and the page: what their readers rely on, on made-up outcomes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod synthetic;

use std::collections::{BTreeMap, BTreeSet};

use authlint::finding::{Outcome, Severity};
use authlint::report::{Detail, Format, Prepared, Presentation, Report, Thresholds};
use base64::Engine as _;
use quick_xml::events::Event;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use synthetic::{Builder, outcome, rules};

const PRESENTATION: Presentation = Presentation { color: false, unicode: true, width: 100, detail: Detail::Normal, elapsed: None };

fn render(outcome: &Outcome, format: Format) -> String {
    let rules = rules();
    let prepared = Prepared::new(outcome);
    let mut out = Vec::new();
    Report::new(&prepared, &rules, Thresholds::default()).write(format, &PRESENTATION, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Texts that mean something in every format, wherever a project's text can get to.
const ODD: &str = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>]]>--><!--&amp;&#0;`` ` ``` | [x](y) *b* {{a}} \u{1b}[31m\u{fffe}\u{202e}";

fn hostile() -> Outcome {
    const PATHS: [&str; 4] = [
        "src/</script><img src=x onerror=alert(1)>.ts",
        "src/a\"b'c&d;`e`|f.ts",
        "src/]]>\u{1b}[2J\u{fffe}.ts",
        "::error file=x::y,%0A.ts",
    ];
    let mut builder = Builder::default();
    for path in PATHS {
        builder.file(path, format!("// {ODD}\ncall(`{ODD}`); // <b>\n\n{ODD}\n"));
    }
    for (index, path) in PATHS.into_iter().enumerate() {
        let severity = [Severity::Error, Severity::Warning, Severity::Note][index % 3];
        let labels = vec![builder.label(PATHS[0], "call", ODD), builder.label(path, "// <b>", ODD)];
        let flow = vec![builder.step(path, "call(", ODD), builder.step(PATHS[1], "// <b>", ODD)];
        let finding = builder.finding("password-login", severity, path, "call(`", &format!("wrong {ODD}\nand more"));
        (finding.labels, finding.flow) = (labels, flow);
        finding.help = format!("do {ODD}");
        finding.primary_label = ODD.into();
    }
    builder.outcome
}

fn many(count: usize) -> Outcome {
    let mut builder = Builder::default();
    builder.file("src/a.ts", "call();\n");
    for index in 0..count {
        builder.finding("password-login", Severity::Error, "src/a.ts", "call()", &format!("number {index} is wrong"));
    }
    builder.outcome
}

#[test]
fn gitlab() {
    insta::assert_snapshot!(render(&outcome(), Format::Gitlab));
}

#[test]
fn junit() {
    insta::assert_snapshot!(render(&outcome(), Format::Junit));
}

#[test]
fn checkstyle() {
    insta::assert_snapshot!(render(&outcome(), Format::Checkstyle));
}

#[test]
fn rdjson() {
    insta::assert_snapshot!(render(&outcome(), Format::Rdjson));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(render(&outcome(), Format::Markdown));
}

/// The text of the first element of a name.
fn inside<'p>(page: &'p str, element: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("<{element}>")).unwrap();
    rest.split_once(&format!("</{element}>")).unwrap().0
}

#[test]
fn html() {
    let page = render(&outcome(), Format::Html);
    // The style sheet and the script stand in files of their own; their hashes change with every letter of them.
    let mut shown = page.replace(inside(&page, "style"), "⋮").replace(inside(&page, "script"), "⋮");
    for text in [inside(&page, "style"), inside(&page, "script")] {
        shown = shown.replace(&base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text)), "⋮");
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn clean_results_are_reports_too() {
    let clean = Outcome::default();
    assert_eq!(render(&clean, Format::Gitlab), "[]\n");
    assert_eq!(render(&clean, Format::Markdown), "## authlint: no findings\n");
    insta::assert_snapshot!(render(&clean, Format::Junit), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="authlint" tests="1" failures="0" errors="0">
      <testsuite name="authlint" tests="1" failures="0" errors="0" skipped="0">
        <testcase name="no findings" classname="authlint"/>
      </testsuite>
    </testsuites>
    "#);
    insta::assert_snapshot!(render(&clean, Format::Checkstyle), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <checkstyle version="10.0">
    </checkstyle>
    "#);
    let rdjson: Value = serde_json::from_str(&render(&clean, Format::Rdjson)).unwrap();
    assert_eq!(rdjson["diagnostics"], serde_json::json!([]));
    assert!(!render(&clean, Format::Html).contains("id=\"filters\""));
}

#[test]
fn gitlab_gets_the_fields_that_it_reads_and_no_fingerprint_twice() {
    for outcome in [outcome(), hostile(), many(300)] {
        let issues: Vec<Value> = serde_json::from_str(&render(&outcome, Format::Gitlab)).unwrap();
        assert_eq!(issues.len(), outcome.findings.len());
        let mut fingerprints = BTreeSet::new();
        for issue in &issues {
            for field in ["description", "check_name", "fingerprint"] {
                assert!(issue[field].as_str().is_some_and(|text| !text.is_empty()), "{issue}");
            }
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&issue["severity"].as_str().unwrap()));
            assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
            assert!(!issue["location"]["path"].as_str().unwrap().starts_with(['/', '.']));
            assert!(fingerprints.insert(issue["fingerprint"].as_str().unwrap().to_owned()), "twice: {issue}");
        }
    }
}

/// The elements of a document by name with their attributes. Panics when it is not well-formed.
fn elements(document: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let forbidden =
        |character: char| matches!(character, '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    assert!(!document.contains(forbidden), "{document}");
    let mut reader = quick_xml::Reader::from_str(document);
    reader.config_mut().check_end_names = true;
    let mut elements = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) => {
                let attributes = element.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let value = quick_xml::escape::unescape(&attribute.value).unwrap().into_owned();
                    (attribute.key.as_ref().to_owned(), value)
                });
                elements.push((element.name().as_ref().to_owned(), attributes.collect()));
            }
            Event::Eof => return elements,
            _ => {}
        }
    }
}

#[test]
fn junit_counts_what_it_holds_and_fails_for_errors_and_warnings_only() {
    for outcome in [outcome(), hostile(), many(30)] {
        let elements = elements(&render(&outcome, Format::Junit));
        let count = |name: &str| elements.iter().filter(|(element, _)| element == name).count();
        let notes = outcome.findings.iter().filter(|finding| finding.severity == Severity::Note).count();
        let failures = outcome.findings.len() - notes;
        assert_eq!((count("testcase"), count("failure"), count("skipped")), (outcome.findings.len(), failures, notes));
        let number = |attributes: &BTreeMap<String, String>, name: &str| attributes[name].parse::<usize>().unwrap();
        let suites: Vec<_> = elements.iter().filter(|(name, _)| name == "testsuite").collect();
        assert_eq!(suites.iter().map(|(_, attributes)| number(attributes, "tests")).sum::<usize>(), outcome.findings.len());
        assert_eq!(suites.iter().map(|(_, attributes)| number(attributes, "failures")).sum::<usize>(), failures);
        assert_eq!(suites.iter().map(|(_, attributes)| number(attributes, "skipped")).sum::<usize>(), notes);
        assert_eq!((number(&elements[0].1, "tests"), number(&elements[0].1, "failures")), (outcome.findings.len(), failures));
    }
}

#[test]
fn checkstyle_holds_every_finding_under_its_file() {
    for outcome in [outcome(), hostile()] {
        let elements = elements(&render(&outcome, Format::Checkstyle));
        let errors: Vec<_> = elements.iter().filter(|(name, _)| name == "error").collect();
        assert_eq!(errors.len(), outcome.findings.len());
        for (_, attributes) in errors {
            assert!(["error", "warning", "info"].contains(&attributes["severity"].as_str()));
            assert!(attributes["line"].parse::<u32>().unwrap() >= 1 && attributes["column"].parse::<u32>().unwrap() >= 1);
            assert!(attributes["source"].starts_with("authlint."));
        }
        let files: Vec<_> = elements.iter().filter(|(name, _)| name == "file").map(|(_, attributes)| &attributes["name"]).collect();
        assert_eq!(files.iter().collect::<BTreeSet<_>>().len(), files.len(), "{files:?}");
    }
}

#[test]
fn rdjson_counts_columns_in_bytes_and_ends_are_exclusive() {
    let mut builder = Builder::default();
    let text = "one\n/* 😀 é */ const apiKey = load();\n";
    builder.file("a.ts", text);
    builder.finding("password-login", Severity::Error, "a.ts", "load()", "x");
    let result: Value = serde_json::from_str(&render(&builder.outcome, Format::Rdjson)).unwrap();
    let range = &result["diagnostics"][0]["location"]["range"];
    let column = |edge: &str| usize::try_from(range[edge]["column"].as_u64().unwrap()).unwrap();
    let line = text.lines().nth(1).unwrap();
    assert_eq!((&range["start"]["line"], &line[column("start") - 1..column("end") - 1]), (&2.into(), "load()"));
}

#[test]
fn a_markdown_summary_stays_below_the_limit_of_github_and_says_what_is_left_out() {
    let few = render(&many(40), Format::Markdown);
    assert_eq!(few.matches("\n<details>\n").count(), 40);
    for outcome in [many(6_000), many(20_000)] {
        let page = render(&outcome, Format::Markdown);
        assert!(page.len() < 1 << 20, "{}", page.len());
        assert!(page.contains("are left out, because a summary may not be longer"));
        assert_eq!(page.matches("<details>").count(), page.matches("</details>").count());
    }
    let mut page = hostile();
    page.notices = outcome().notices;
    assert!(render(&page, Format::Markdown).contains("### What limited the run"));
}

/// What stands between `<` and `>` in a page, without text. A quoted attribute may hold neither.
fn tags(page: &str) -> Vec<&str> {
    page.split('<').skip(1).map(|tag| tag.split('>').next().unwrap()).collect()
}

#[test]
fn text_of_the_project_never_becomes_markup_of_the_page() {
    let page = render(&hostile(), Format::Html);
    let page = page.replace(inside(&page, "style"), "").replace(inside(&page, "script"), "");
    let names: BTreeSet<_> = tags(&page).iter().map(|tag| tag.trim_start_matches('/').split(' ').next().unwrap().to_owned()).collect();
    for name in ["img", "b", "iframe", "object", "link", "base"] {
        assert!(!names.contains(name), "{name} in {names:?}");
    }
    assert_eq!(page.matches("<script>").count(), 1);
    assert!(!page.contains("<!--") && !page.contains('\u{202e}') && !page.contains('\u{1b}'));
    for tag in tags(&page) {
        let attributes = tag.split('"').step_by(2).collect::<String>();
        assert!(!attributes.contains("onerror") && !attributes.contains("alert"), "{tag}");
    }
}

#[test]
fn the_page_allows_its_own_style_and_script_and_nothing_else() {
    for outcome in [outcome(), hostile(), Outcome::default()] {
        let page = render(&outcome, Format::Html);
        let policy = page.split_once("Content-Security-Policy\" content=\"").unwrap().1.split('"').next().unwrap();
        let hash = |element: &str| base64::engine::general_purpose::STANDARD.encode(Sha256::digest(inside(&page, element)));
        assert_eq!(
            policy,
            format!(
                "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
                hash("style"),
                hash("script")
            )
        );
        assert!(!page.contains(" style=\"") && !page.contains("src=\"") && !page.contains("url("));
    }
}

#[test]
fn every_format_is_the_same_bytes_each_time() {
    use Format::{Checkstyle, Gitlab, Html, Junit, Markdown, Rdjson};
    for format in [Gitlab, Junit, Checkstyle, Rdjson, Markdown, Html] {
        for make in [outcome, hostile] {
            assert_eq!(render(&make(), format), render(&make(), format), "{format:?}");
        }
    }
}

/// Writes outcomes in the new formats into the folder that `AUTHLINT_SAMPLES` names: for browsers, validators and the eye.
#[test]
#[ignore = "writes files; run by tests/html/look.sh"]
fn write_samples() {
    let folder = std::path::PathBuf::from(std::env::var_os("AUTHLINT_SAMPLES").expect("AUTHLINT_SAMPLES names a folder"));
    for (name, outcome) in [("full", outcome()), ("clean", Outcome::default()), ("hostile", hostile())] {
        for (format, extension) in [
            (Format::Gitlab, "gitlab.json"),
            (Format::Junit, "junit.xml"),
            (Format::Checkstyle, "checkstyle.xml"),
            (Format::Rdjson, "rdjson.json"),
            (Format::Markdown, "md"),
            (Format::Html, "html"),
        ] {
            std::fs::write(folder.join(format!("{name}.{extension}")), render(&outcome, format)).unwrap();
        }
    }
}
