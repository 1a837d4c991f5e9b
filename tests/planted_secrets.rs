//! Random keys and login tokens, planted in every kind of file in which they have been seen, are all found, and nothing else is.
//!
//! The secrets and how far down the file they stand depend on a seed, which is printed. `AUTHLINT_SEED=N` sets it; without it every run plants the
//! same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod harness;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::{Files, Project, TestResult, fill_placeholders};

/// The rules that report a secret where it stands; which one, depends on who gets to see the file.
const RULES: [&str; 3] = ["hardcoded-secret", "api-key-in-client", "secret-in-public-env"];

/// The seed without `AUTHLINT_SEED`: any number would do.
const SEED: u64 = 20_261_124;

/// Places for one secret each: path, content. `«»` is the secret, `«base64»` its base64, `«first»` and `«second»` its halves; the
/// finding must stand on that line. None of the texts names the vendor, so that only the secret itself can be what is found.
const PLACES: &[(&str, &str)] = &[
    // Environment files.
    (".env", "PORT=3000\nAPI_CREDENTIAL=«»\n"),
    (".env.local", "export CREDENTIAL=\"«»\"\n"),
    (".env.production", "A=1\n\nCREDENTIAL='«»' # live\n"),
    (".env.example", "CREDENTIAL=«»\n"),
    ("deploy/docker.env", "CREDENTIAL: «»\n"),
    (".dev.vars", "CREDENTIAL=«»\n"),
    (".envrc", "export CREDENTIAL=«»\n"),
    // Scripts of the web.
    ("src/plain.js", "const credential = '«»'\nexport default credential\n"),
    ("src/module.mjs", "export const credential = \"«»\"\n"),
    ("src/common.cjs", "module.exports = { credential: '«»' }\n"),
    ("src/typed.ts", "export const credential: string = '«»'\n"),
    ("src/view.tsx", "export const View = () => <a data-credential=\"«»\">x</a>\n"),
    ("src/view.jsx", "export const View = () => <p>paste «» here</p>\n"),
    ("src/Phone.vue", "<template><p/></template>\n<script setup>\nconst credential = '«»'\n</script>\n"),
    ("src/Phone.svelte", "<script>\n  let credential = '«»'\n</script>\n<p>{credential}</p>\n"),
    ("src/pages/index.astro", "---\nconst credential = '«»'\n---\n<p>x</p>\n"),
    ("public/inline.html", "<!doctype html>\n<script>\n  window.credential = '«»'\n</script>\n"),
    ("public/attribute.html", "<div\n  data-credential=\"«»\"></div>\n"),
    ("public/comment.html", "<!-- «» -->\n<p>x</p>\n"),
    ("src/template-literal.js", "const host = 'h'\nexport const header = `Bearer «» ${host}`\n"),
    ("src/line-comment.ts", "// was: «»\nexport {}\n"),
    ("src/block-comment.ts", "/*\n * «»\n */\nexport {}\n"),
    ("src/comment.css", "/* «» */\nbody {}\n"),
    ("src/escaped.js", "export const header = \"Authorization: x\\n«»\\n\"\n"),
    ("src/address.js", "export const url = 'https://x.test/?c=a%20«»&b=1'\n"),
    ("src/fallback.ts", "export const credential = process.env.CREDENTIAL ?? '«»'\n"),
    ("src/regular.js", "export const pattern = /«»/\n"),
    ("src/windows.js", "const a = 1\r\nconst credential = '«»'\r\nexport { a, credential }\r\n"),
    ("src/broken.ts", "export const = {{{\nlet credential = '«»\n"),
    ("test/phone.test.js", "test('x', () => login('«»'))\n"),
    // Templates and back ends.
    ("views/page.ejs", "<% const credential = '«»' %>\n<p>x</p>\n"),
    ("resources/views/page.blade.php", "<script>\n  const credential = \"{{ '«»' }}\"\n</script>\n"),
    ("app/config.php", "<?php\nreturn ['credential' => env('CREDENTIAL', '«»')];\n"),
    ("app/config.py", "import os\nCREDENTIAL = os.environ.get('CREDENTIAL', '«»')\n"),
    ("app/config.rb", "CREDENTIAL = ENV.fetch('CREDENTIAL') { '«»' }\n"),
    ("app/main.go", "package main\n\nconst credential = `«»`\n"),
    ("app/main.rs", "pub const CREDENTIAL: &str = \"«»\";\n"),
    ("app/Main.java", "class Main {\n  static final String C = \"«»\";\n}\n"),
    ("app/Main.kt", "const val C = \"«»\"\n"),
    ("app/Main.cs", "class Main { const string C = @\"«»\"; }\n"),
    ("app/Main.swift", "let c = \"«»\"\n"),
    ("app/main.dart", "const c = '«»';\n"),
    ("app/main.ex", "@c \"«»\"\n"),
    ("app/main.lua", "local c = [[«»]]\n"),
    // Shells and requests.
    ("scripts/run.sh", "#!/bin/sh\ncurl -H \"Authorization: Bearer «»\" https://x.test\n"),
    ("scripts/run.bat", "set CREDENTIAL=«»\n"),
    ("scripts/run.ps1", "$env:CREDENTIAL = \"«»\"\n"),
    ("scripts/token.http", "POST https://x.test/token\nAuthorization: Bearer «»\n\n"),
    ("scripts/token.rest", "@credential = «»\n"),
    ("scripts/api.postman_collection.json", "{\"auth\": {\"bearer\": [\n  {\"key\": \"token\", \"value\": \"«»\"}]}}\n"),
    ("scripts/session.log", "12:00 GET / authorization=«» 200\n"),
    (
        "scripts/history.har",
        "{\"log\":{\"entries\":[{\"request\":{\"headers\":[\n{\"name\":\"Authorization\",\"value\":\"Bearer «»\"}]}}]}}\n",
    ),
    ("Makefile", "run:\n\tCREDENTIAL=«» node .\n"),
    ("Procfile", "web: CREDENTIAL=«» node .\n"),
    // Configuration.
    ("docker-compose.yml", "services:\n  app:\n    environment:\n      - CREDENTIAL=«»\n"),
    (".github/workflows/ci.yml", "jobs:\n  a:\n    env:\n      CREDENTIAL: «»\n"),
    (".gitlab-ci.yml", "variables:\n  CREDENTIAL: \"«»\"\n"),
    ("k8s/plain.yaml", "kind: Secret\nstringData:\n  credential: «»\n"),
    ("k8s/encoded.yaml", "kind: Secret\ndata:\n  credential: «base64»\n"),
    ("helm/values.yaml", "credential: |\n  «»\n"),
    ("Dockerfile", "FROM node\nENV CREDENTIAL=«»\n"),
    ("wrangler.toml", "[vars]\ncredential = \"«»\"\n"),
    ("config/app.ini", "[phone]\ncredential = «»\n"),
    ("config/app.properties", "phone.credential=«»\n"),
    ("config/app.xml", "<config>\n  <credential>«»</credential>\n</config>\n"),
    ("config/Web.config", "<add key=\"credential\" value=\"«»\" />\n"),
    ("ios/Info.plist", "<key>credential</key>\n<string>«»</string>\n"),
    ("infra/main.tf", "variable \"credential\" {\n  default = \"«»\"\n}\n"),
    ("infra/live.tfvars", "credential = \"«»\"\n"),
    ("nginx.conf", "proxy_set_header Authorization \"Bearer «»\";\n"),
    (".npmrc", "//x.test/:_authToken=«»\n"),
    (".vscode/settings.json", "{\n  // «»\n  \"rest-client.environmentVariables\": { \"$shared\": { \"c\": \"«»\" } }\n}\n"),
    (".claude/settings.local.json", "{ \"allow\": [\"Bash(curl -H 'Authorization: Bearer «»':*)\"] }\n"),
    ("data/app.json", "{\n  \"credential\": \"«»\"\n}\n"),
    ("data/escaped.json", "{\n  \"script\": \"const c = \\\"«»\\\";\\n\"\n}\n"),
    ("data/list.csv", "name,credential\nlive,«»\n"),
    ("data/dump.sql", "INSERT INTO settings VALUES (1, 'credential', '«»');\n"),
    ("data/book.ipynb", "{\"cells\": [{\"source\": [\n  \"import x\\n\",\n  \"c = \\\"«»\\\"\\n\"\n]}]}\n"),
    ("data/change.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-c = '«»'\n+c = ''\n"),
    // Prose.
    ("README.md", "# App\n\n```sh\nexport CREDENTIAL=«»\n```\n"),
    ("docs/setup.mdx", "# Setup\n\nPaste `«»` into the form.\n"),
    ("docs/setup.rst", "Setup\n=====\n\n``«»``\n"),
    ("notes.txt", "the credential is «».\n"),
    // What tools write.
    ("public/app.js.map", "{\"version\":3,\"sourcesContent\":[\"const c = '«»';\\n\"],\"mappings\":\"AAAA\"}\n"),
];

/// Secrets that are in pieces: only who reads the code finds them.
const IN_PIECES: &[(&str, &str)] = &[
    ("server/joined.js", "import Telnyx from 'telnyx'\nexport const client = new Telnyx({ apiKey: '«first»' + '«second»' })\n"),
    (
        "server/template.ts",
        "import Telnyx from 'telnyx'\nconst half = '«first»'\nexport const client = new Telnyx({ apiKey: `${half}«second»` })\n",
    ),
    ("server/list.js", "import Telnyx from 'telnyx'\nexport const client = new Telnyx({ apiKey: ['«first»', '«second»'].join('') })\n"),
    (
        "src/phone.ts",
        "import { TelnyxRTC } from '@telnyx/webrtc'\nexport const phone = new TelnyxRTC({ login_token: '«first»' + '«second»' })\n",
    ),
    ("server/joined.py", "from telnyx import Telnyx\n\nclient = Telnyx(api_key='«first»' + '«second»')\n"),
    ("server/beside.py", "from telnyx import Telnyx\n\nclient = Telnyx(api_key='«first»' '«second»')\n"),
];

/// A small pseudo-random generator (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// An API key or a login token, as `kind` says.
    fn secret(&mut self, kind: &str) -> TestResult<String> {
        fill_placeholders(&format!("{{{{fake:{kind}:{}}}}}", self.next()))
    }
}

fn seed() -> u64 {
    let seed = std::env::var("AUTHLINT_SEED").map_or(SEED, |text| text.parse().expect("AUTHLINT_SEED is no number"));
    println!("AUTHLINT_SEED={seed}");
    seed
}

/// A tree with one secret in each file, and the lines where they must be found.
#[derive(Default)]
struct Tree {
    files: Files,
    expected: BTreeMap<String, Vec<u32>>,
}

impl Tree {
    /// Plants a secret and notes the lines where it stands. Texts that are more than one notation get nothing put before them.
    fn plant(&mut self, path: &str, text: &str, secret: &str) {
        let mut lines: Vec<u32> = Vec::new();
        for (line, number) in text.split('\n').zip(1..) {
            // Of halves, the finding stands at the whole that is made of them.
            if ["«»", "«base64»", "«second»"].iter().any(|mark| line.contains(mark)) {
                lines.push(number);
            }
        }
        let (first, second) = secret.split_at(secret.len() / 2);
        let filled =
            text.replace("«»", secret).replace("«base64»", &STANDARD.encode(secret)).replace("«first»", first).replace("«second»", second);
        self.expected.insert(path.to_owned(), lines);
        self.files.insert(path.to_owned(), filled.into_bytes());
    }

    /// What is missing and what is too much, a line each.
    fn differences(&self) -> TestResult<String> {
        let mut found: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for finding in Project::new(&self.files)?.check(&RULES)? {
            found.entry(finding.path).or_default().push(finding.line);
        }
        let mut text = String::new();
        for (path, lines) in &self.expected {
            let found = found.remove(path).unwrap_or_default();
            if found != *lines {
                writeln!(text, "{path}: expected at lines {lines:?}, found at {found:?}")?;
            }
        }
        for (path, lines) in found {
            writeln!(text, "{path}: nothing is planted, found at {lines:?}")?;
        }
        Ok(text)
    }
}

#[test]
fn secrets_are_found_in_every_kind_of_file() -> TestResult {
    let mut random = Random(seed());
    for kind in ["api-key", "jwt"] {
        let mut tree = Tree::default();
        for (path, text) in PLACES {
            tree.plant(path, text, &random.secret(kind)?);
        }
        assert_eq!(tree.differences()?, "", "{kind}");
    }
    Ok(())
}

#[test]
fn secrets_are_found_in_pieces() -> TestResult {
    let mut random = Random(seed());
    for kind in ["api-key", "jwt"] {
        let mut tree = Tree::default();
        for (path, text) in IN_PIECES {
            tree.plant(path, text, &random.secret(kind)?);
        }
        assert_eq!(tree.differences()?, "", "{kind}");
    }
    Ok(())
}

#[test]
fn secrets_are_found_in_every_encoding_and_layout() -> TestResult {
    let mut random = Random(seed());
    for kind in ["api-key", "jwt"] {
        let mut tree = Tree::default();
        let line = "const credential = '«»' // café\n";
        for (path, encode) in [
            ("marked.txt", (|text: &str| [b"\xEF\xBB\xBF", text.as_bytes()].concat()) as fn(&str) -> Vec<u8>),
            ("little.txt", |text| [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()),
            ("big.txt", |text| [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()),
            ("little.js", |text| [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()),
            ("western.txt", |text| text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect()),
            ("old-mac.txt", |text| text.replace('\n', "\r").into_bytes()),
        ] {
            tree.plant(path, line, &random.secret(kind)?);
            let encoded = encode(std::str::from_utf8(&tree.files[path])?);
            tree.files.insert(path.to_owned(), encoded);
        }
        // Somewhere in a long file, in a bundle, and in two megabytes of one line.
        let repeated = |numbers: std::ops::Range<u64>, line: fn(u64) -> String| numbers.map(line).collect::<Vec<_>>().concat();
        let long = repeated(0..10_000, |number| format!("value_{number} = {number}\n"));
        let at = long.match_indices('\n').nth(usize::try_from(random.below(9_000))?).map_or(0, |(at, _)| at + 1);
        tree.plant("long.txt", &format!("{}c = '«»'\n{}", &long[..at], &long[at..]), &random.secret(kind)?);
        let function = |number: u64| format!("function f{number}(a,b){{return a+b*{number}}}");
        let (before, after) = (repeated(0..random.below(3_000), function), repeated(3_000..4_000, function));
        tree.plant("public/app.min.js", &format!("{before}var c=\"«»\";{after}\n"), &random.secret(kind)?);
        let half = "0123456789 abcdef ".repeat(usize::try_from(40_000 + random.below(20_000))?);
        tree.plant("data.json", &format!("{{\"a\":\"{half}\",\"c\":\"«»\",\"b\":\"{half}\"}}\n"), &random.secret(kind)?);
        assert_eq!(tree.differences()?, "", "{kind}");
    }
    Ok(())
}
