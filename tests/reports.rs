//! What every report format promises, on one made-up outcome.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod synthetic;

use std::time::Duration;

use authlint::finding::{Confidence, Outcome, Severity};
use authlint::report::{Detail, Format, Prepared, Presentation, Report, Thresholds, explain, list_rules, write_notices};
use authlint::source::{Location, Span};
use synthetic::{Builder, fake_key, outcome, rules};

const FORMATS: [Format; 11] = [
    Format::Human,
    Format::Concise,
    Format::Json,
    Format::Sarif,
    Format::Github,
    Format::Gitlab,
    Format::Junit,
    Format::Checkstyle,
    Format::Rdjson,
    Format::Markdown,
    Format::Html,
];

fn presentation(width: usize) -> Presentation {
    Presentation { color: false, unicode: true, width, detail: Detail::Normal, elapsed: Some(Duration::from_millis(42)) }
}

fn render_with(outcome: &Outcome, format: Format, presentation: &Presentation, thresholds: Thresholds) -> String {
    let rules = rules();
    let prepared = Prepared::new(outcome);
    let mut out = Vec::new();
    Report::new(&prepared, &rules, thresholds).write(format, presentation, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn render(outcome: &Outcome, format: Format) -> String {
    render_with(outcome, format, &presentation(100), Thresholds::default())
}

#[test]
fn human_at_100_columns() {
    insta::assert_snapshot!(render(&outcome(), Format::Human));
}

#[test]
fn human_at_80_columns_in_ascii() {
    let presentation = Presentation { unicode: false, ..presentation(80) };
    insta::assert_snapshot!(render_with(&outcome(), Format::Human, &presentation, Thresholds::default()));
}

#[test]
fn human_verbose_and_coloured() {
    let presentation = Presentation { color: true, detail: Detail::Verbose, ..presentation(100) };
    let text = render_with(&outcome(), Format::Human, &presentation, Thresholds::default());
    insta::assert_snapshot!(text.replace('\u{1b}', "^"));
}

#[test]
fn concise() {
    insta::assert_snapshot!(render(&outcome(), Format::Concise));
}

#[test]
fn json() {
    insta::assert_snapshot!(render(&outcome(), Format::Json));
}

#[test]
fn sarif() {
    insta::assert_snapshot!(render(&outcome(), Format::Sarif));
}

#[test]
fn github() {
    insta::assert_snapshot!(render(&outcome(), Format::Github));
}

#[test]
fn notices_say_what_limited_the_run() {
    let outcome = outcome();
    let show = |detail| {
        let mut out = Vec::new();
        write_notices(&outcome.notices, &Presentation { detail, ..presentation(80) }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(show(Detail::Quiet), "");
    insta::assert_snapshot!(show(Detail::Normal), @r"
    notice[syntax]: src/half.ts: 2 parts did not parse; the rest was analysed
    notice[too-large]: vendor/huge.js: 50 MB; files above 4 MB are not analysed
    ");
    assert!(show(Detail::Verbose).contains("notice[skipped]: dist/app.js: generated; not analysed"));
}

#[test]
fn rules_are_listed_and_explained() {
    let rules = rules();
    let mut out = Vec::new();
    list_rules(&rules, false, 80, &mut out).unwrap();
    out.extend_from_slice(b"----\n");
    explain(&rules[4], false, 80, &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap());
}

#[test]
fn a_clean_result_is_one_line() {
    assert_eq!(render(&Outcome::default(), Format::Human), "no findings in 0 files (0 parsed) in 0.04 s\n");
    assert_eq!(render(&Outcome::default(), Format::Concise), "");
    assert_eq!(render(&Outcome::default(), Format::Github), "");
}

#[test]
fn sarif_fits_the_published_schema() {
    let schema: serde_json::Value = serde_json::from_str(include_str!("sarif/sarif-schema-2.1.0.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for outcome in [outcome(), Outcome::default()] {
        let log: serde_json::Value = serde_json::from_str(&render(&outcome, Format::Sarif)).unwrap();
        let errors: Vec<_> = validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn sarif_counts_columns_in_utf16_and_encodes_paths() {
    let log: serde_json::Value = serde_json::from_str(&render(&outcome(), Format::Sarif)).unwrap();
    let result = log["runs"][0]["results"].as_array().unwrap().iter().find(|result| result["ruleId"] == "api-key-in-client").unwrap();
    let related = &result["relatedLocations"][0]["physicalLocation"];
    assert_eq!(related["artifactLocation"]["uri"], "my%20dir/b%23c.ts");
    // `/* 😀 é */ const apiKey = ` is 26 UTF-16 units, 25 characters and 29 bytes long.
    assert_eq!(related["region"]["startColumn"], 27);
}

#[test]
fn thresholds_hide_and_say_so_without_changing_fingerprints() {
    let all = fingerprints(&outcome(), Thresholds::default());
    let few = fingerprints(&outcome(), Thresholds { severity: Severity::Error, confidence: Confidence::High });
    assert_eq!((all.len(), few.len()), (7, 3));
    assert!(few.iter().all(|fingerprint| all.contains(fingerprint)));
    let text =
        render_with(&outcome(), Format::Human, &presentation(100), Thresholds { severity: Severity::Error, confidence: Confidence::High });
    assert!(text.contains(", 4 below the thresholds"), "{text}");
}

fn fingerprints(outcome: &Outcome, thresholds: Thresholds) -> Vec<String> {
    let rules = rules();
    let prepared = Prepared::new(outcome);
    Report::new(&prepared, &rules, thresholds).findings.into_iter().map(|finding| finding.fingerprint).collect()
}

#[test]
fn fingerprints_survive_moved_lines_formatting_and_rotation() {
    let of = |text: &str, quote: &str| {
        let mut builder = Builder::default();
        builder.file("src/a.ts", text);
        builder.finding("password-login", Severity::Error, "src/a.ts", quote, "x");
        fingerprints(&builder.outcome, Thresholds::default()).remove(0)
    };
    let original = of("a();\nnew Phone({ password: \"hunter2\" });\n", "\"hunter2\"");
    assert_eq!(original.len(), 32);
    assert_eq!(original, of("a();\nb();\n\n\nnew Phone({ password: \"hunter2\" });\n", "\"hunter2\""), "moved");
    assert_eq!(original, of("new Phone({  password : \"hunter2\"  });\n", "\"hunter2\""), "formatted");
    assert_eq!(original, of("new Phone({ password: \"correct-horse\" });\n", "\"correct-horse\""), "rotated");
    assert_ne!(original, of("new Phone({ password: \"hunter2\", debug });\n", "\"hunter2\""), "other code");
}

#[test]
fn equal_lines_have_different_fingerprints() {
    let mut builder = Builder::default();
    builder.file("a.ts", "go({ password: \"aaa\" });\ngo({ password: \"bbb\" });\ngo({ password: \"c\" }, { password: \"d\" });\n");
    for quote in ["aaa", "bbb", "\"c\"", "\"d\""] {
        builder.finding("password-login", Severity::Error, "a.ts", quote, "x");
    }
    let mut found = fingerprints(&builder.outcome, Thresholds::default());
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 4);
}

#[test]
fn github_stops_at_ten_of_a_level_and_says_so() {
    let mut builder = Builder::default();
    builder.file("a,b:c.ts", "x();\n");
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        for _ in 0..12 {
            builder.finding("password-login", severity, "a,b:c.ts", "x()", "100% wrong\nreally");
        }
    }
    let text = render(&builder.outcome, Format::Github);
    let count = |level: &str| text.lines().filter(|line| line.starts_with(&format!("::{level} "))).count();
    assert_eq!((count("error"), count("warning"), count("notice")), (10, 10, 10));
    assert!(
        text.lines()
            .next()
            .unwrap()
            .ends_with("file=a%2Cb%3Ac.ts,line=1,endLine=1,col=1,endColumn=4,title=authlint%3A password-login::100%25 wrong%0Areally")
    );
    assert!(text.lines().last().unwrap().contains("7 of 36 findings are not annotated"), "{text}");
}

#[test]
fn line_formats_print_no_control_characters() {
    for format in [Format::Human, Format::Concise, Format::Github] {
        let text = render(&outcome(), format);
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\r', '\u{7}']), "{text}");
    }
}

#[test]
fn places_that_do_not_fit_their_text_do_no_harm() {
    for (text, start, end) in
        [("", 0, 0), ("é", 1, 1), ("a\n", 2, 2), ("a", 5, 900), ("a\r\nb", 1, 3), ("😀😀", 2, 6), ("\n\n\n", 0, 3), ("\u{feff}a", 0, 3)]
    {
        let mut builder = Builder::default();
        builder.file("a.ts", text);
        builder.finding("password-login", Severity::Error, "a.ts", "", "x").primary.span = Span::new(start, end);
        let file = builder.outcome.findings[0].primary.file;
        builder.outcome.masks.push(Location::new(file, Span::new(start, end)));
        builder.finding("password-login", Severity::Error, "a.ts", "", "y").primary.file.0 = 77;
        for format in FORMATS {
            assert!(!render(&builder.outcome, format).is_empty());
        }
    }
}

/// A small pseudo-random generator (splitmix64): the same secrets on every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn text(&mut self, alphabet: &str, length: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        (0..length).map(|_| letters[usize::try_from(self.next()).unwrap() % letters.len()]).collect()
    }
}

/// How a secret can stand in a file: path, text before, text after.
const FORMS: &[(&str, &str, &str)] = &[
    ("a.ts", "new TelnyxRTC({ login: \"bob\", password: \"", "\" });"),
    ("a.ts", "const config = { 'sip_password' : '", "' };"),
    ("a.ts", "const apiKey: string = `", "`;"),
    ("a.ts", "const token = process.env.TOKEN ?? \"", "\";"),
    ("a.ts", "const pass = isDev ? \"", "\" : realPass;"),
    ("a.ts", "setPassword(\"", "\");"),
    ("a.ts", "client.credentials = new Credentials(\"bob\", \"", "\");"),
    ("a.ts", "const getSecret = async () => \"", "\";"),
    ("a.ts", "// old password: ", ""),
    ("a.ts", "localStorage.setItem(\"sip-token\", \"", "\");"),
    ("a.ts", "const [pwd, setPwd] = useState(\"", "\");"),
    ("a.tsx", "<Phone login=\"bob\" password=\"", "\" />"),
    ("a.tsx", "<Phone token={\"", "\"} />"),
    ("a.vue", "<phone :password=\"'", "'\" />"),
    ("a.json", "{ \"telnyx\": { \"apiKey\": \"", "\" } }"),
    (".env", "SIP_PASSWORD=", ""),
    (".env.local", "export SIP_PASSWORD=\"", "\" # old"),
    ("ci.yml", "      SIP_PASSWORD: ", ""),
    ("ci.yml", "  - name: SIP_TOKEN\n    value: ", "\n"),
    ("a.toml", "api_key = '", "'"),
    ("a.php", "$options = ['login' => 'bob', 'password' => '", "'];"),
    ("a.php", "define('SIP_PASSWORD', '", "');"),
    ("a.py", "SIP_PASSWORD = \"", "\""),
    ("a.py", "client.login(user, password=\"", "\")"),
    ("a.rs", "let token: &str = \"", "\";"),
    ("a.go", "var password string = \"", "\""),
    ("Dockerfile", "ENV SIP_PASSWORD=", ""),
    ("run.sh", "phone --password ", " --user bob"),
    ("README.md", "The password is: password=", " until May"),
    ("a.js", "fetch(\"https://example.com/v?token=", "&x=1\")"),
    ("a.js", "open(\"wss://bob:", "@example.com\")"),
];

#[test]
fn no_format_ever_shows_a_planted_secret() {
    let mut random = Random(7);
    for round in 0..20 {
        for (path, before, after) in FORMS {
            let secret = random.text("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_", 8 + round);
            assert_hidden(path, before, &secret, after, false);
        }
        let key = format!("KEY{}", random.text("0123456789ABCDEFabcdef_-", 55));
        let part = |random: &mut Random| random.text("abcdefghijklmnopqrstuvwxyz0123456789_-", 20);
        let token = format!("eyJ{}.{}.{}", part(&mut random), part(&mut random), part(&mut random));
        // Any text at all, when a rule names the span.
        let odd = random.text("abcXYZ019 $%&/()=?äöü漢😀", 12 + round);
        for (secret, is_named) in [(&key, false), (&token, false), (&odd, true)] {
            for (path, before, after) in
                [("a.ts", "connect(\"bob\", \"", "\");"), ("notes.txt", "see ", " there"), ("a.html", "<p>", "</p>")]
            {
                assert_hidden(path, before, secret, after, is_named);
            }
        }
    }
}

/// Renders a finding at the secret, with the secret's line also as a label and as a step, in every format.
fn assert_hidden(path: &'static str, before: &str, secret: &str, after: &str, is_named: bool) {
    let mut builder = Builder::default();
    builder.file(path, format!("first line\n{before}{secret}{after}\nlast line\n")).file("other.ts", "call();\n");
    let place = builder.at(path, secret);
    if is_named {
        builder.outcome.masks.push(place);
    }
    for primary in [place, builder.at("other.ts", "call()")] {
        let labels = vec![builder.label(path, before.lines().last().unwrap(), "here")];
        let flow = vec![builder.step(path, secret, "here")];
        let finding = builder.finding("password-login", Severity::Error, "other.ts", "call()", "wrong");
        (finding.primary, finding.labels, finding.flow) = (primary, labels, flow);
    }
    let needle = if secret.starts_with("KEY") { &secret[4..] } else { secret };
    for detail in [Detail::Normal, Detail::Verbose] {
        for format in FORMATS {
            let text = render_with(&builder.outcome, format, &Presentation { detail, ..presentation(200) }, Thresholds::default());
            assert!(!text.contains(needle), "{format:?} shows {secret:?} of {path} ({before}…{after}):\n{text}");
            let escaped = serde_json::to_string(needle).unwrap();
            assert!(!text.contains(escaped.trim_matches('"')), "{format:?} shows {secret:?} escaped");
        }
    }
}

#[test]
fn no_format_shows_a_secret_that_a_rule_put_into_words() {
    let mut builder = Builder::default();
    builder.file("a.ts", "call('correct horse')");
    let place = builder.at("a.ts", "'correct horse'");
    builder.outcome.masks.push(place);
    let text = format!("correct horse, {}", fake_key());
    let finding = builder.finding("password-login", Severity::Error, "a.ts", "call", &text);
    finding.help.clone_from(&text);
    finding.primary_label.clone_from(&text);
    for format in FORMATS {
        let text = render(&builder.outcome, format);
        assert!(!text.contains("correct horse") && !text.contains(&fake_key()), "{text}");
    }
}

/// Writes the outcome in every format into the folder that `AUTHLINT_SAMPLES` names: for validators and for the eye.
#[test]
#[ignore = "writes files; run by tests/sarif/validate.sh"]
fn write_samples() {
    let folder = std::path::PathBuf::from(std::env::var_os("AUTHLINT_SAMPLES").expect("AUTHLINT_SAMPLES names a folder"));
    for (name, outcome) in [("full", outcome()), ("clean", Outcome::default())] {
        for (format, extension) in FORMATS.into_iter().zip(["txt", "concise", "json", "sarif", "github"]) {
            std::fs::write(folder.join(format!("{name}.{extension}")), render(&outcome, format)).unwrap();
        }
        for (width, extension) in [(80, "80.ansi"), (100, "100.ansi")] {
            let coloured = Presentation { color: true, ..presentation(width) };
            let text = render_with(&outcome, Format::Human, &coloured, Thresholds::default());
            std::fs::write(folder.join(format!("{name}.{extension}")), text).unwrap();
        }
    }
}
