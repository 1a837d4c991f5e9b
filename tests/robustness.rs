//! Broken and hostile trees: each gives findings, a notice or a clean result, with the designed exit code and in bounded time.
//! Nothing that a file holds may stop the run or hide what stands in other files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;
use assert_cmd::cargo::{cargo_bin, cargo_bin_cmd};
use authlint::hir::Module;
use authlint::project::FileKind;
use tempfile::TempDir;

/// A client with a password, which every tree below holds somewhere.
const PHONE: &str = r#"import { TelnyxRTC } from "@telnyx/webrtc";
const client = new TelnyxRTC({ login: "alice-softphone", password: "T7r-wq9Z-fK2m" });
client.connect();
"#;
/// How deep hostile files nest.
const DEPTH: usize = 100_000;
/// Far more than any case takes in an unoptimised build on a busy machine, far less than for ever.
const TIME_LIMIT: Duration = Duration::from_mins(3);

/// An app in a temporary folder: `index.html` loads `src/phone.tsx`.
struct Tree {
    folder: TempDir,
}

impl Tree {
    fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("project-").tempdir().unwrap();
        Self { folder }
            .file("package.json", r#"{ "name": "app", "dependencies": { "@telnyx/webrtc": "^2.26.1" } }"#)
            .file("index.html", r#"<script type="module" src="/src/phone.tsx"></script>"#)
    }

    fn empty() -> Self {
        Self { folder: tempfile::Builder::new().prefix("project-").tempdir().unwrap() }
    }

    fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = cargo_bin_cmd!("authlint");
        command.current_dir(self.folder.path()).args(["--format", "json"]).args(arguments);
        Run::of(command)
    }
}

/// What a run came to.
#[derive(Debug)]
struct Run {
    code: i32,
    report: serde_json::Value,
    stderr: String,
}

impl Run {
    fn of(mut command: Command) -> Self {
        let output = command.timeout(TIME_LIMIT).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code().unwrap_or_else(|| panic!("killed: {stderr}"));
        assert!(!stderr.contains("panicked") && !stderr.contains("unexpectedly"), "{stderr}");
        let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let run = Self { code, report, stderr };
        assert!(code > 1 || run.report.is_object(), "no report: {run:?}");
        run
    }

    /// `path:line:column rule` of each finding, sorted.
    fn findings(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.report["findings"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|finding| {
                let start = &finding["span"]["start"];
                format!("{}:{}:{} {}", string(&finding["path"]), start["line"], start["column"], string(&finding["rule"]))
            })
            .collect();
        lines.sort();
        lines
    }

    /// `kind path` of each notice, sorted.
    fn notices(&self) -> Vec<String> {
        let notices = self.report["notices"].as_array().into_iter().flatten();
        let mut lines: Vec<String> = notices.map(|notice| format!("{} {}", string(&notice["kind"]), string(&notice["path"]))).collect();
        lines.sort();
        lines
    }

    fn speaks_of(&self, path: &str) -> bool {
        self.findings().iter().any(|finding| finding.starts_with(path)) || self.notices().iter().any(|notice| notice.ends_with(path))
    }
}

fn string(value: &serde_json::Value) -> &str {
    value.as_str().unwrap_or("-")
}

/// The findings of [`PHONE`] when it begins on a line of a file.
fn phone_findings(path: &str, line: u32) -> Vec<String> {
    let line = line + 1;
    vec![
        format!("{path}:{line}:39 shared-credential"),
        format!("{path}:{line}:68 hardcoded-secret"),
        format!("{path}:{line}:68 password-login"),
    ]
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

/// `part` many times, on many lines, so that nothing takes the file for a minified one.
fn many(part: &str) -> String {
    format!("{}\n", part.repeat(8)).repeat(DEPTH / 8)
}

#[test]
fn every_encoding_gives_the_same_findings() {
    let marked = format!("\u{feff}{PHONE}");
    let latin1 = [b"// caf\xe9\n".as_slice(), PHONE.as_bytes()].concat();
    let damaged = ["// \u{e9}\u{e8}\u{ea} ".as_bytes(), b"\xe2\x82\n", PHONE.as_bytes()].concat();
    let cases: [(&str, Vec<u8>, u32, &[&str]); 10] = [
        ("UTF-8", PHONE.into(), 1, &[]),
        ("with a byte-order mark", marked.clone().into(), 1, &[]),
        ("CRLF", PHONE.replace('\n', "\r\n").into(), 1, &[]),
        ("UTF-16, little-endian", utf16(&marked, u16::to_le_bytes), 1, &[]),
        ("UTF-16, big-endian", utf16(&marked, u16::to_be_bytes), 1, &[]),
        ("UTF-16 without a mark", utf16(PHONE, u16::to_le_bytes), 1, &[]),
        ("characters beyond the basic plane before", format!("/* \u{1f4de} */\n{PHONE}").into(), 2, &[]),
        ("Latin-1", latin1, 2, &["encoding src/phone.tsx"]),
        ("damaged UTF-8", damaged, 2, &["encoding src/phone.tsx"]),
        ("no line break at the end", PHONE.trim_end().into(), 1, &[]),
    ];
    for (name, bytes, line, notices) in cases {
        let run = Tree::new().file("src/phone.tsx", bytes).run(&[]);
        assert_eq!((run.findings(), run.code), (phone_findings("src/phone.tsx", line), 1), "{name}: {run:?}");
        assert_eq!(run.notices(), notices, "{name}");
    }
}

#[test]
fn columns_count_utf16_units() {
    let line = PHONE.lines().nth(1).unwrap();
    let content = PHONE.replace(line, &format!("/* \u{1f4de}\u{e9} */ {line}"));
    let run = Tree::new().file("src/phone.tsx", content).run(&[]);
    // The comment and its blank: nine characters, one of which takes two units.
    assert!(run.findings().contains(&"src/phone.tsx:2:78 password-login".to_owned()), "{run:?}");
}

#[test]
fn empty_things_are_clean() {
    let cases: [(&str, Tree); 5] = [
        ("an empty tree", Tree::empty()),
        ("an empty file", Tree::new().file("src/phone.tsx", "")),
        ("only a byte-order mark", Tree::new().file("src/phone.tsx", "\u{feff}")),
        ("only a line break", Tree::new().file("src/phone.tsx", "\n")),
        ("an empty manifest", Tree::new().file("package.json", "").file("tsconfig.json", "").file(".env", "")),
    ];
    for (name, tree) in cases {
        let run = tree.run(&[]);
        assert_eq!((run.code, run.findings(), run.notices(), run.stderr.as_str()), (0, vec![], vec![], ""), "{name}");
    }
}

#[test]
fn what_is_no_text_is_left_alone() {
    let cases: [(&str, Vec<u8>); 4] = [
        ("every byte", (0..=255).cycle().take(50_000).collect()),
        ("zeros", vec![0; 5_000]),
        ("a picture", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), PHONE.as_bytes()].concat()),
        ("odd UTF-16", [utf16(PHONE, u16::to_le_bytes), vec![0xd8]].concat()),
    ];
    for (name, bytes) in cases {
        let run = Tree::new().file("src/phone.tsx", bytes).file("src/other.ts", PHONE).run(&[]);
        let other = run.findings().into_iter().filter(|finding| finding.starts_with("src/other.ts")).collect::<Vec<_>>();
        assert_eq!(other, phone_findings("src/other.ts", 1), "{name}: {run:?}");
    }
}

/// Every place of a module that has one.
fn spans(module: &Module) -> impl Iterator<Item = authlint::source::Span> {
    let exprs = module.exprs.iter().map(|expr| expr.span);
    exprs.chain(module.stmts.iter().map(|stmt| stmt.span)).chain(module.problems.iter().map(|problem| problem.span))
}

#[test]
fn a_file_that_is_cut_anywhere_still_lowers() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut cuts = 0;
    for entry in walkdir::WalkDir::new(fixtures).sort_by_file_name().into_iter().flatten() {
        let kind = FileKind::of(entry.path());
        if !entry.file_type().is_file() || kind == FileKind::Text {
            continue;
        }
        let Ok(text) = fs::read_to_string(entry.path()) else { continue };
        for end in (0..text.len()).step_by(61).filter(|end| text.is_char_boundary(*end)) {
            let part = &text[..end];
            let module = authlint::syntax::lower(kind, part);
            let outside = spans(&module).find(|span| part.get(span.range()).is_none());
            assert_eq!(outside, None, "{} cut at {end}", entry.path().display());
            cuts += 1;
        }
    }
    assert!(cuts > 1_000, "only {cuts} cuts");
}

#[test]
fn a_project_that_is_cut_anywhere_gives_a_report() {
    let tree = Tree::new();
    for end in 0..PHONE.len() / 8 {
        fs::create_dir_all(tree.path("src")).unwrap();
        fs::write(tree.path("src/phone.tsx"), &PHONE[..end * 8]).unwrap();
        let run = tree.run(&[]);
        assert!(run.code <= 1, "cut at {}: {run:?}", end * 8);
    }
}

#[test]
fn files_beyond_a_limit_are_said_and_the_others_are_judged() {
    let statements = |bytes: usize| format!("{PHONE}{}", "x = 1;\n".repeat(bytes / 7));
    let rows = "{ \"a\": [1, 2, 3], \"b\": \"some text\" },\n".repeat((12 << 20) / 38);
    let rows = format!("{{ \"password\": \"T7r-wq9Z-fK2m\", \"rows\": [{rows} 0] }}");
    let cases: [(&str, &str, String, &str); 4] = [
        ("50 MB on one line", "src/big.ts", format!("{}{}", PHONE.replace('\n', " "), "x=1;".repeat(50 << 18)), "too-large src/big.ts"),
        ("7 MB on one line", "src/big.ts", format!("{}{}", PHONE.replace('\n', " "), "x=1;".repeat(7 << 18)), "skipped src/big.ts"),
        ("3 MB of statements", "src/big.ts", statements(3 << 20), "too-large src/big.ts"),
        ("12 MB of JSON", "src/big.json", rows, "too-large src/big.json"),
    ];
    for (name, path, content, notice) in cases {
        let import = format!(
            "import big from \"./{}\";\n{}",
            path.strip_prefix("src/").unwrap(),
            PHONE.replace("\"T7r-wq9Z-fK2m\"", "big.password")
        );
        let run = Tree::new().file(path, content).file("src/other.ts", PHONE).file("src/phone.tsx", import).run(&[]);
        assert!(run.notices().contains(&notice.to_owned()), "{name}: {:?}", run.notices());
        assert!(run.findings().contains(&"src/other.ts:2:68 password-login".to_owned()), "{name}: {:?}", run.findings());
        assert!(run.findings().iter().any(|finding| finding.starts_with("src/phone.tsx:3:")), "{name}: {:?}", run.findings());
    }
}

#[test]
fn a_bundle_is_searched_for_keys_only() {
    let key = format!("KEY{}_{}", "9F3A07C4B81E25D6".repeat(2), "aB3dE5gH7jK9mN1pQ4sT6v");
    let bundle = format!("!function(){{var k=\"{key}\";{}}}();{}", PHONE.replace('\n', " "), "f(1);".repeat(4_000));
    let run = Tree::new().file("public/app.js", bundle).run(&[]);
    assert_eq!(run.findings(), ["public/app.js:1:20 hardcoded-secret"]);
    assert_eq!(run.notices(), ["skipped public/app.js"]);
}

/// What nests, opened and closed.
const NESTS: [(&str, &str); 26] = [
    ("(", ")"),
    ("[", "]"),
    ("{", "}"),
    ("({ a: ", " })"),
    ("f(", ")"),
    ("() => {", "}"),
    ("function f() {", "}"),
    ("class A { m() {", "}}"),
    ("if (a) {} else ", ""),
    ("if (a) ", ""),
    ("for (;;) ", ""),
    ("while (a) ", ""),
    ("do ", " while (a);"),
    ("label: ", ""),
    ("try { ", " } catch {}"),
    ("a ? b : ", ""),
    ("a + ", ""),
    ("a.b(c => ", ")"),
    ("p.then(x).", ""),
    ("a = ", ""),
    ("!", ""),
    ("`${", "}`"),
    ("<a>", "</a>"),
    ("namespace a { ", " }"),
    ("const { a: ", " } = b"),
    ("let a: Array<", ""),
];

#[test]
fn nesting_of_any_depth_loses_only_itself() {
    for (open, close) in NESTS {
        for close in [Some(close), None] {
            let nest = match close {
                Some(close) => format!("{}x{}", many(open), many(close)),
                None => many(open),
            };
            let run = Tree::new().file("src/deep.tsx", format!("{PHONE}{nest}\n")).file("src/phone.tsx", PHONE).run(&[]);
            let name = format!("`{open}` {close:?}");
            assert!(run.findings().contains(&"src/phone.tsx:2:68 password-login".to_owned()), "{name}: {:?}", run.findings());
            assert!(run.speaks_of("src/deep.tsx"), "{name}: {run:?}");
        }
    }
}

#[test]
fn nesting_in_data_and_markup_loses_only_itself() {
    let array = format!("{}{}", "[".repeat(DEPTH), "]".repeat(DEPTH));
    let object = format!("{}1{}", "{ \"a\": ".repeat(DEPTH), "}".repeat(DEPTH));
    let script = format!("<script>{PHONE}</script>");
    let cases: [(&str, String); 12] = [
        ("src/config.json", array.clone()),
        ("src/config.json", object.clone()),
        ("package.json", object.clone()),
        ("tsconfig.json", object.clone()),
        ("tsconfig.json", array),
        ("page.html", format!("{}{script}{}", many("<div>"), many("</div>"))),
        ("page.html", format!("{script}{}", many("{{ "))),
        ("page.ejs", format!("{script}{}", many("<% "))),
        ("page.blade.php", format!("{script}{}", many("@if ("))),
        ("src/Phone.vue", format!("{}<script>{PHONE}</script>", many("<template>"))),
        ("src/Phone.svelte", format!("{script}{}", many("{#if a}"))),
        ("src/phone.astro", format!("---\n{PHONE}---\n{}", many("{ <a>"))),
    ];
    for (path, content) in cases {
        let phone = format!("import config from \"./config.json\";\nconsole.log(config.a);\n{PHONE}");
        let run = Tree::new().file("src/phone.tsx", phone).file(path, content).run(&[]);
        assert!(run.findings().contains(&"src/phone.tsx:4:68 password-login".to_owned()), "{path}: {run:?}");
    }
}

#[test]
fn rust_that_is_too_deep_or_broken_is_searched_for_secrets() {
    let key = format!("KEY{}_{}", "9F3A07C4B81E25D6".repeat(2), "aB3dE5gH7jK9mN1pQ4sT6v");
    let constant = format!("const KEY: &str = \"{key}\";\n// telnyx\n");
    for rest in [
        format!("fn f() {{ {}1{} }}", many("("), ")".repeat(DEPTH)),
        format!("fn f() {{ {} }}", many("a.b()\n")),
        many("mod a { "),
        many("f(|| "),
        many("#![a]"),
        many("#[a(#[b])] "),
        "fn f() { let = 1; }".to_owned(),
        "fn f() { \"open".to_owned(),
        "struct S { a: u8".to_owned(),
    ] {
        let run = Tree::empty().file("Cargo.toml", "[package]\nname = \"a\"").file("src/main.rs", format!("{constant}{rest}")).run(&[]);
        let shown: String = rest.chars().take(20).collect();
        assert_eq!(run.findings(), ["src/main.rs:1:20 hardcoded-secret"], "{shown}");
        assert!(run.speaks_of("src/main.rs"), "{shown}: {run:?}");
    }
}

#[test]
fn rust_that_goes_in_circles_ends() {
    let lines = |line: fn(usize) -> String| (0..64).map(line).collect::<Vec<_>>().join("\n");
    for (name, code) in [
        (
            "both branches",
            format!("let a0 = \"x\".to_string();\n{}", lines(|i| format!("let a{} = if c {{ a{i}.clone() }} else {{ a{i} }};", i + 1))),
        ),
        (
            "shadowing",
            format!("let a = \"x\".to_string();\n{}", lines(|_| "let a = match b { Some(_) => f(&a, &a), None => a };".to_owned())),
        ),
        ("spreads", format!("let a0 = S {{ p: 1 }};\n{}", lines(|i| format!("let a{} = S {{ x: a{i}.clone(), ..a{i} }};", i + 1)))),
    ] {
        let code = format!(
            "mod b; use b::*; pub use crate::b::f as g; struct S {{ p: u8, x: Box<S> }}\npub async fn f(a: &str, b: &str) -> String {{ g(b, a) }}\n\
             pub async fn run(client: reqwest::Client) {{ {code}\nlet id = f(&a64, g(&a64, &a)); \
             client.post(format!(\"https://api.telnyx.com/v2/telephony_credentials/{{id}}/token\")).bearer_auth(a64).send().await; }}"
        );
        let run = Tree::empty()
            .file("src/lib.rs", code)
            .file("src/b.rs", "pub use super::*; pub use crate::f; mod c { pub use super::super::b::c::*; }")
            .run(&[]);
        assert!(run.code <= 1, "{name}: {run:?}");
    }
}

#[test]
fn values_that_multiply_or_go_in_circles_end() {
    let chain = |first: &str, line: fn(usize) -> String, last: &str| {
        let mut code = format!("import {{ TelnyxRTC }} from \"@telnyx/webrtc\";\n{first}\n");
        (0..64).for_each(|index| writeln!(code, "{}", line(index)).unwrap());
        format!("{code}new TelnyxRTC({{ login: \"alice\", password: {last} }}).connect();\n")
    };
    let cases = [
        ("both branches", chain("let a0 = 'T7r-wq9Z-fK2m';", |i| format!("let a{} = c ? a{i} : a{i} || a{i};", i + 1), "a64")),
        (
            "calls of calls",
            chain("function f0(x) { return x }", |i| format!("function f{}(x) {{ return f{i}(f{i}(x)) }}", i + 1), "f64('T7r-wq9Z-fK2m')"),
        ),
        (
            "spreads of spreads",
            chain("const a0 = { p: 'T7r-wq9Z-fK2m' };", |i| format!("const a{} = {{ ...a{i}, ...a{i}, x: a{i} }};", i + 1), "a64.p"),
        ),
        ("each other", chain("var a0 = a64;", |i| format!("var a{} = a{i};", i + 1), "a64")),
        ("itself", chain("function f(x) { return f(f(x)) }", |i| format!("f(f{i});"), "f('T7r-wq9Z-fK2m')")),
        ("recursion", chain("const f = (x) => g(x); const g = (x) => f(x);", |i| format!("g({i});"), "f('T7r-wq9Z-fK2m')")),
    ];
    for (name, code) in cases {
        let run = Tree::new().file("src/phone.tsx", code).run(&[]);
        assert!(
            run.findings().iter().any(|finding| finding.starts_with("src/phone.tsx:67:") && finding.ends_with(" password-login"))
                || name == "each other",
            "{name}: {run:?}"
        );
    }
    let circles = Tree::new()
        .file(
            "src/phone.tsx",
            format!(
                "import b, {{ x }} from \"./b\";\nexport * from \"./phone\";\nexport default b;\n{}",
                PHONE.replace("\"T7r-wq9Z-fK2m\"", "x")
            ),
        )
        .file("src/b.ts", "export * from \"./phone\";\nexport * from \"./b\";\nexport { default, x } from \"./phone\";\n")
        .file("tsconfig.json", r#"{ "extends": "./base.json" }"#)
        .file("base.json", r#"{ "extends": "./tsconfig.json" }"#)
        .run(&[]);
    assert!(circles.findings().contains(&"src/phone.tsx:5:39 shared-credential".to_owned()), "{circles:?}");
}

#[test]
fn long_lines_of_almost_secrets_end() {
    let cases =
        ["telnyx_sip_password=", "password: \"a' = ", "eyJ", "eyJhbGciOiJIUzI1NiJ9.", "KEY", "\"password\":{", "sip:a:b@", "/*", "<!--"];
    let mut tree = Tree::new().file("src/phone.tsx", PHONE);
    for (index, part) in cases.into_iter().enumerate() {
        tree = tree.file(&format!("notes/{index}.md"), format!("telnyx {}", part.repeat(100_000 / part.len())));
    }
    assert_eq!(tree.run(&[]).code, 1);
}

#[test]
fn names_of_every_kind_are_reported_as_they_are() {
    let names = ["a b.ts", "u\u{308}\u{65e5}\u{672c}.ts", "#1%41?.ts", "'\"`$(x).ts", "[a]{b}*.ts", "-dash.ts", "\u{202e}cod.ts"];
    let unix = if cfg!(unix) { &["new\nline.ts", "e\u{1b}[31m.ts", "back\\slash.ts"][..] } else { &[] };
    let mut tree = Tree::new();
    let names: Vec<&str> = names.into_iter().chain(unix.iter().copied()).collect();
    for name in &names {
        tree = tree.file(&format!("src/{name}"), PHONE);
    }
    let findings = tree.run(&[]).findings();
    for name in &names {
        assert!(findings.contains(&format!("src/{name}:2:68 password-login")), "{name:?}: {findings:?}");
        let alone = tree.run(&["--", &format!("src/{name}")]).findings();
        assert!(!alone.is_empty() && alone.iter().all(|finding| finding.starts_with(&format!("src/{name}:"))), "{name:?}: {alone:?}");
    }
    for format in ["human", "concise", "github"] {
        let output = cargo_bin_cmd!("authlint").current_dir(tree.folder.path()).args(["--format", format]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{format}: {text:?}");
    }
    let sarif = cargo_bin_cmd!("authlint").current_dir(tree.folder.path()).args(["--format", "sarif"]).output().unwrap().stdout;
    let sarif: serde_json::Value = serde_json::from_slice(&sarif).unwrap();
    for result in sarif["runs"][0]["results"].as_array().unwrap() {
        let uri = string(&result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]);
        assert!(uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}#?".contains(&byte)), "{uri}");
    }
}

#[cfg(unix)]
mod unix {
    //! What only Unix file systems hold.

    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_name_that_is_not_unicode_is_a_notice() {
        let tree = Tree::new().file("src/phone.tsx", PHONE);
        fs::write(tree.path("src").join(OsStr::from_bytes(b"\xff\xfe.ts")), PHONE).unwrap();
        let run = tree.run(&[]);
        assert_eq!(run.findings(), phone_findings("src/phone.tsx", 1));
        assert_eq!(run.notices(), ["unreadable src/\u{fffd}\u{fffd}.ts"]);
    }

    #[test]
    fn links_are_not_followed_and_loops_end() {
        let outside = Tree::new().file("src/secret.ts", PHONE);
        let tree = Tree::new().file("src/phone.tsx", PHONE);
        for (target, link) in
            [("..", "up"), ("a", "b"), ("b", "a"), ("self", "self"), ("nowhere.ts", "dangling.ts"), ("phone.tsx", "link.tsx")]
        {
            symlink(target, tree.path("src").join(link)).unwrap();
        }
        symlink(outside.folder.path(), tree.path("src/outside")).unwrap();
        symlink(outside.path("src/secret.ts"), tree.path("src/secret.ts")).unwrap();
        let run = tree.run(&[]);
        assert_eq!((run.findings(), run.notices()), (phone_findings("src/phone.tsx", 1), vec![]));
        for (link, code) in [("src/up", 1), ("src/a", 3), ("src/self", 3), ("src/dangling.ts", 3)] {
            assert_eq!(tree.run(&[link]).code, code, "{link}");
        }
    }

    /// authlint as a user whom permissions bind, even where the tests run as root; none where that cannot be arranged.
    fn unprivileged(tree: &Tree, arguments: &[&str]) -> Option<Run> {
        let locked = tree.path("locked");
        fs::write(&locked, "").unwrap();
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
        if fs::read(&locked).is_err() {
            return Some(tree.run(arguments));
        }
        // The binary may stand in a folder that only root may enter.
        let program = tree.folder.path().with_extension("authlint");
        fs::copy(cargo_bin!("authlint"), &program).unwrap();
        fs::set_permissions(tree.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let drop = ["--reuid=65534", "--regid=65534", "--clear-groups"];
        let works = std::process::Command::new("setpriv")
            .args(drop)
            .arg(&program)
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success());
        let run = works.then(|| {
            let mut command = Command::new("setpriv");
            command.args(drop).arg(&program).current_dir(tree.folder.path()).args(["--format", "json"]).args(arguments);
            Run::of(command)
        });
        fs::remove_file(program).unwrap();
        run
    }

    #[test]
    fn what_may_not_be_read_is_a_notice_unless_it_was_named() {
        let tree = Tree::new().file("src/phone.tsx", PHONE).file("src/closed.ts", PHONE).file("closed/inner.ts", PHONE);
        for path in ["src/closed.ts", "closed"] {
            fs::set_permissions(tree.path(path), fs::Permissions::from_mode(0o000)).unwrap();
        }
        let runs = [(&[][..], 1), (&["src/closed.ts"], 3), (&["closed"], 3), (&["src/phone.tsx"], 1)]
            .map(|(arguments, code)| (unprivileged(&tree, arguments), code));
        fs::set_permissions(tree.path("closed"), fs::Permissions::from_mode(0o755)).unwrap();
        for (index, (run, code)) in runs.into_iter().enumerate() {
            let Some(run) = run else { return };
            assert_eq!(run.code, code, "{index}: {run:?}");
            if index == 0 {
                assert_eq!(run.findings(), phone_findings("src/phone.tsx", 1));
                assert_eq!(run.notices(), ["unreadable closed", "unreadable locked", "unreadable src/closed.ts"]);
            }
        }
    }

    #[test]
    fn pipes_and_folders_in_place_of_files_do_not_stop_the_run() {
        let tree = Tree::new()
            .file("src/phone.tsx/index.ts", PHONE)
            .file(".env/README", "x")
            .file("tsconfig.json/x", "")
            .file("src/package.json/x", "");
        let made = std::process::Command::new("mkfifo").arg(tree.path("src/pipe.ts")).status().is_ok_and(|status| status.success());
        let run = tree.run(&[]);
        assert_eq!((run.findings(), run.notices()), (phone_findings("src/phone.tsx/index.ts", 1), vec![]));
        if made {
            let run = tree.run(&["src/pipe.ts"]);
            assert_eq!(run.code, 3);
            assert!(run.stderr.contains("neither a file nor a folder"), "{}", run.stderr);
        }
        assert_eq!(tree.run(&["/dev/null"]).code, 3);
    }
}

#[test]
fn files_that_come_and_go_do_not_stop_the_run() {
    let tree = Tree::new().file("src/phone.tsx", PHONE);
    let paths: Vec<PathBuf> = (0..200).map(|index| tree.path(&format!("src/{}/{index}.ts", index % 7))).collect();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let import = format!("import \"../phone\";\n{PHONE}");
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                for path in &paths {
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(path, &import).unwrap();
                }
                for folder in 0..7 {
                    fs::remove_dir_all(tree.path(&format!("src/{folder}"))).unwrap();
                }
            }
        });
        let request = authlint::CheckRequest { root: tree.folder.path().to_path_buf(), ..Default::default() };
        let results: Vec<bool> = (0..20).map(|_| authlint::check(&request).is_ok_and(|outcome| !outcome.findings.is_empty())).collect();
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(results, [true; 20]);
    });
}
