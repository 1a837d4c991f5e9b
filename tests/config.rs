//! `authlint.toml` and the options beside it, through the binary: what holds, where, and what is said of mistakes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use assert_cmd::cargo::{cargo_bin, cargo_bin_cmd};
use serde_json::Value;
use tempfile::TempDir;

/// Exit code, standard output, standard error.
type Ran = (i32, String, String);

fn told(output: Output) -> Ran {
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn run(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = cargo_bin_cmd!("authlint");
    command.current_dir(folder).env("COLUMNS", "100").env("LC_ALL", "C.UTF-8").env_remove("CLICOLOR_FORCE");
    told(command.args(arguments).output().unwrap())
}

/// The same, with something on the standard input.
fn run_with(folder: &Path, arguments: &[&str], input: &str) -> Ran {
    let mut command = std::process::Command::new(cargo_bin!("authlint"));
    command.current_dir(folder).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    told(child.wait_with_output().unwrap())
}

/// Writes files below a folder.
fn write(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

const PHONE: &str = "import { TelnyxRTC } from '@telnyx/webrtc'\nexport const call = (pass: string) => {\n  const client = new TelnyxRTC({ login: 'alice', password: pass })\n  console.log(pass)\n  client.connect()\n}\n";

/// A monorepo. Its page logs in with a password from a package, its desk with a token that nothing renews; its service mints for anybody.
fn monorepo() -> TempDir {
    let folder = tempfile::Builder::new().prefix("project-").tempdir().unwrap();
    write(
        folder.path(),
        &[
            ("package.json", r#"{ "private": true, "workspaces": ["apps/*", "packages/*"] }"#),
            (
                "apps/web/package.json",
                r#"{ "name": "web", "dependencies": { "@telnyx/webrtc": "^2.26.1", "@acme/account": "workspace:*" } }"#,
            ),
            ("apps/web/index.html", r#"<script type="module" src="/src/main.ts"></script>"#),
            ("apps/web/src/main.ts", "import { call } from './phone'\nimport { pass } from '@acme/account'\ncall(pass)\n"),
            ("apps/web/src/phone.ts", PHONE),
            ("apps/desk/package.json", r#"{ "name": "desk", "dependencies": { "@telnyx/webrtc": "^2.26.1" } }"#),
            ("apps/desk/index.html", r#"<script type="module" src="/src/desk.ts"></script>"#),
            (
                "apps/desk/src/desk.ts",
                "import { TelnyxRTC } from '@telnyx/webrtc'\nconst answer = await fetch('/api/token', { method: 'POST' })\nconst client = new TelnyxRTC({ login_token: await answer.text() })\nclient.connect()\n",
            ),
            ("packages/account/package.json", r#"{ "name": "@acme/account", "main": "index.ts" }"#),
            ("packages/account/index.ts", "export const pass = 'T7r-wq9Zk3'\n"),
            ("apps/service/package.json", r#"{ "name": "service", "dependencies": { "express": "4" } }"#),
            (
                "apps/service/server.js",
                "const app = require('express')()\napp.post('/api/token', async (request, response) => {\n  const answer = await fetch(`https://api.telnyx.com/v2/telephony_credentials/${request.query.id}/token`, {\n    method: 'POST',\n    headers: { Authorization: `Bearer ${process.env.TELNYX_API_KEY}` },\n  })\n  response.send(await answer.text())\n})\napp.listen(3000)\n",
            ),
        ],
    );
    folder
}

/// The findings as `path severity[rule]`, in the order of the report.
fn findings(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let (code, stdout, stderr) = run(folder, &[arguments, &["--format", "concise"]].concat());
    assert!(code < 2, "{arguments:?}: {stderr}");
    let line = |line: &str| {
        let (place, rest) = line.split_once(": ").unwrap();
        format!("{} {}", place.split(':').next().unwrap(), rest.split(' ').next().unwrap())
    };
    stdout.lines().map(line).collect()
}

const DESK: &str = "apps/desk/src/desk.ts error[missing-token-refresh]";
const SHARED: &str = "apps/web/src/phone.ts error[shared-credential]";
const PASSWORD: &str = "apps/web/src/phone.ts error[password-login]";
const LITERAL: &str = "packages/account/index.ts error[hardcoded-secret]";
const OPEN: &str = "apps/service/server.js error[unauthenticated-token-endpoint]";
const CHOSEN: &str = "apps/service/server.js warning[credential-id-from-request]";

/// All findings of the monorepo, in the order of the report.
const ALL: [&str; 6] = [DESK, OPEN, SHARED, PASSWORD, LITERAL, CHOSEN];

fn without(left_out: &[&'static str]) -> Vec<&'static str> {
    ALL.into_iter().filter(|finding| !left_out.contains(finding)).collect()
}

#[test]
fn rules_paths_and_confidence_hold_as_the_file_says_and_options_win() {
    let folder = monorepo();
    let root = folder.path();
    for (config, arguments, expected) in [
        ("", &[][..], ALL.to_vec()),
        ("select = ['password-login', 'hardcoded-secret']", &[], vec![PASSWORD, LITERAL]),
        ("ignore = ['password-login']", &[], without(&[PASSWORD])),
        ("select = ['password-login', 'hardcoded-secret']\nignore = ['password-login']", &[], vec![LITERAL]),
        // Options: a selection takes the place of the file's, what is ignored comes on top.
        ("select = ['password-login']", &["--select", "hardcoded-secret"], vec![LITERAL]),
        ("ignore = ['password-login']", &["--select", "password-login"], vec![PASSWORD]),
        ("ignore = ['password-login']", &["--ignore", "hardcoded-secret"], without(&[PASSWORD, LITERAL])),
        ("select = ['password-login']", &["--no-config"], ALL.to_vec()),
        // What is excluded is not read: nobody is left who logs in with the package's string, or makes it.
        ("exclude = ['packages/account']", &[], without(&[LITERAL])),
        ("exclude = ['/apps/web/', '*.js']", &[], vec![DESK]),
        ("exclude = ['/web']", &[], ALL.to_vec()),
        ("exclude = ['web']", &[], vec![DESK, OPEN, CHOSEN]),
        ("exclude = ['./apps/web']", &["--exclude", "apps/service"], vec![DESK]),
        ("", &["--exclude", "apps/desk", "--exclude", "web"], vec![OPEN, CHOSEN]),
        // A folder that is left out stays out, whatever it contains.
        ("exclude = ['apps/web', '!apps/web/src/phone.ts']", &[], vec![DESK, OPEN, CHOSEN]),
        // Overrides hold for their paths, the later one wins.
        ("[[override]]\npaths = ['apps/web']\nignore = ['password-login', 'hardcoded-secret']", &[], without(&[PASSWORD])),
        ("[[override]]\npaths = ['*.ts']\nselect = ['password-login']", &[], vec![OPEN, PASSWORD, CHOSEN]),
        (
            "ignore = ['password-login', 'hardcoded-secret']\n[[override]]\npaths = ['apps']\nselect = ['password-login']",
            &[],
            vec![PASSWORD],
        ),
        (
            "[[override]]\npaths = ['apps']\nselect = ['password-login']\n[[override]]\npaths = ['apps/desk']\nselect = ['missing-token-refresh']",
            &[],
            vec![DESK, PASSWORD, LITERAL],
        ),
        ("[[override]]\npaths = ['apps']\nselect = ['password-login']", &["--select", "missing-token-refresh"], vec![]),
        ("[[override]]\npaths = ['apps']\nignore = ['password-login']", &["--select", "password-login"], vec![]),
    ] {
        write(root, &[("authlint.toml", config)]);
        assert_eq!(findings(root, arguments), expected, "{config} {arguments:?}");
    }
}

#[test]
fn severities_are_replaced_and_decide_order_and_exit_code() {
    let folder = monorepo();
    let root = folder.path();
    write(
        root,
        &[(
            "authlint.toml",
            "select = ['password-login', 'hardcoded-secret']\n[severity]\npassword-login = 'note'\nhardcoded-secret = 'note'\n",
        )],
    );
    assert_eq!(run(root, &[]).0, 0);
    write(
        root,
        &[(
            "authlint.toml",
            "select = ['password-login', 'hardcoded-secret']\n[severity]\npassword-login = 'note'\nhardcoded-secret = 'note'\n[[override]]\npaths = ['packages']\nseverity.hardcoded-secret = 'warning'\n",
        )],
    );
    let (code, stdout, _) = run(root, &["--format", "concise"]);
    assert_eq!(code, 1);
    let rules: Vec<&str> = stdout.lines().map(|line| line.split(' ').nth(1).unwrap()).collect();
    assert_eq!(rules, ["warning[hardcoded-secret]", "note[password-login]"]);
}

#[test]
fn the_least_confidence_is_the_files_the_overrides_or_the_options() {
    let folder = monorepo();
    let root = folder.path();
    let sure = |arguments: &[&str]| {
        let json: Value = serde_json::from_str(&run(root, &[arguments, &["--format", "json"]].concat()).1).unwrap();
        let all = json["findings"].as_array().unwrap();
        let mut found: Vec<String> = all.iter().map(|finding| finding["confidence"].as_str().unwrap().to_owned()).collect();
        found.sort();
        found.dedup();
        found
    };
    // Nobody who is visible calls this one: where its password comes from is not known.
    write(root, &[("apps/web/src/loose.ts", PHONE)]);
    let all = sure(&[]);
    assert!(all.contains(&"high".to_owned()) && all.len() > 1, "{all:?}");
    for (config, arguments, expected) in [
        ("min-confidence = 'high'", &[][..], vec!["high".to_owned()]),
        ("[[override]]\npaths = ['*']\nmin-confidence = 'high'", &[], vec!["high".to_owned()]),
        ("min-confidence = 'high'\n[[override]]\npaths = ['*']\nmin-confidence = 'low'", &[], all.clone()),
        ("min-confidence = 'high'", &["--min-confidence", "low"], all.clone()),
        ("[[override]]\npaths = ['*']\nmin-confidence = 'low'", &["--min-confidence", "high"], vec!["high".to_owned()]),
    ] {
        write(root, &[("authlint.toml", config)]);
        assert_eq!(sure(arguments), expected, "{config} {arguments:?}");
    }
    // What is hidden is counted.
    assert!(run(root, &["--min-confidence", "high"]).1.contains("below the thresholds"));
}

#[test]
fn the_nearest_file_counts_up_to_the_root_of_the_repository() {
    let outer = tempfile::Builder::new().prefix("project-").tempdir().unwrap();
    let root = outer.path();
    let inner = monorepo();
    let app = root.join("repository");
    fs::rename(inner.path(), &app).unwrap();
    write(root, &[("authlint.toml", "select = ['hardcoded-secret']\n")]);
    // Without a repository, every folder above counts.
    assert_eq!(findings(&app, &[]), [LITERAL]);
    fs::create_dir(app.join(".git")).unwrap();
    assert_eq!(findings(&app, &[]), ALL);
    write(
        &app,
        &[("authlint.toml", "select = ['password-login']\n[[override]]\npaths = ['/apps/web/src']\nignore = ['password-login']\n")],
    );
    assert_eq!(findings(&app, &[]), [""; 0]);
    // Patterns are seen from the file's folder, whatever folder the run is in.
    let web = app.join("apps/web");
    assert_eq!(findings(&web, &[]), [""; 0]);
    write(&web, &[("authlint.toml", "")]);
    assert_eq!(findings(&web, &[]), ["src/phone.ts error[shared-credential]", "src/phone.ts error[password-login]"]);
    // The run's root decides, not the folders that it meets.
    assert_eq!(findings(&app, &["--select", "password-login"]), [""; 0]);
    // A file that is named has its patterns seen from where the run is.
    write(root, &[("ci/strict.toml", "select = ['password-login']\nexclude = ['/apps/web']\n")]);
    assert_eq!(findings(&app, &["--config", "../ci/strict.toml"]), [""; 0]);
    assert_eq!(findings(root, &["--config", "ci/strict.toml", "repository"]), ["repository/apps/web/src/phone.ts error[password-login]"]);
    let (_, _, stderr) = run(&app, &["-v"]);
    assert!(stderr.contains("configuration: authlint.toml\n"), "{stderr}");
    assert!(run(&app, &["-v", "--no-config"]).2.contains("configuration: none\n"));
}

#[test]
fn excluded_files_and_folders_that_are_named_are_a_note_and_no_failure() {
    let folder = monorepo();
    let root = folder.path();
    write(root, &[("authlint.toml", "exclude = ['apps/web', '*.js']\n")]);
    for path in ["apps/web/src/phone.ts", "apps/web", "apps/service/server.js", "apps/web/src"] {
        let (code, stdout, stderr) = run(root, &[path]);
        assert_eq!(code, 0, "{path}: {stdout}{stderr}");
        assert!(stderr.starts_with(&format!("notice[excluded]: {path}: left out: ")), "{path}: {stderr}");
        assert_eq!(run(root, &["--quiet", path]), (0, String::new(), String::new()), "{path}");
    }
    assert_eq!(findings(root, &["apps/web/src/phone.ts", "apps/desk/src/desk.ts"]), [DESK]);
    let (_, _, stderr) = run(root, &["--verbose"]);
    assert!(stderr.contains("folders that `exclude` names were not looked at: apps/web\n"), "{stderr}");
    // Neither the map nor a trace reads what is excluded.
    assert!(!run(root, &["map"]).1.contains("apps/web"));
    assert_eq!(run(root, &["trace", "apps/web/src/phone.ts:3"]).0, 2);
    assert_eq!(run(root, &["trace", "--no-config", "apps/web/src/phone.ts:3"]).0, 0);
}

#[test]
fn an_ignored_dotenv_file_that_is_excluded_is_not_read_either() {
    let folder = tempfile::Builder::new().prefix("project-").tempdir().unwrap();
    let root = folder.path();
    write(
        root,
        &[
            ("package.json", r#"{ "dependencies": { "@telnyx/webrtc": "^2.26.1", "vite": "6" } }"#),
            (".gitignore", ".env\n"),
            (".env", "VITE_SIP_PASSWORD=T7r-wq9Zk3\n"),
            ("index.html", r#"<script type="module" src="/phone.ts"></script>"#),
            (
                "phone.ts",
                "import { TelnyxRTC } from '@telnyx/webrtc'\nnew TelnyxRTC({ login: 'alice', password: import.meta.env.VITE_SIP_PASSWORD }).connect()\n",
            ),
        ],
    );
    let seen = |arguments: &[&str]| {
        let json: Value = serde_json::from_str(&run(root, &[arguments, &["--format", "json"]].concat()).1).unwrap();
        json["summary"]["files_read"].as_u64().unwrap()
    };
    assert_eq!(seen(&[]), seen(&["--exclude", ".env*"]) + 1);
}

/// Configurations, and what is said of each; nothing where it makes sense. The JSON schema is asked about the same ones.
const CASES: &[(&str, &[&str])] = &[
    ("", &[]),
    ("select = ['password-login']\nignore = []\n", &[]),
    ("min-confidence = 'medium'\nexclude = ['legacy/', '*.stories.tsx', '!keep']\n", &[]),
    ("models = ['models/acme.toml']\nvendors = ['twilio']\nbaseline = 'authlint-baseline.json'\n", &[]),
    ("[severity]\npassword-login = 'warning'\nhardcoded-secret = 'note'\n", &[]),
    ("[suppressions]\nrequire-reason = true\n", &[]),
    (
        "[[override]]\npaths = ['tests/']\nselect = ['password-login']\nignore = []\nmin-confidence = 'high'\nseverity.password-login = 'note'\n",
        &[],
    ),
    // Keys.
    ("selct = ['password-login']", &["there is no key `selct` here", "did you mean `select`?", "authlint.toml:1:1"]),
    ("min_confidence = 'low'", &["there is no key `min_confidence` here", "did you mean `min-confidence`?"]),
    ("zzz = 1", &["there is no key `zzz` here", "the keys here are `select`, `ignore`,"]),
    ("[override]\npaths = ['a']", &["invalid type: table, expected an array", "authlint.toml:1:"]),
    ("[[override]]\npath = ['a']", &["there is no key `path` here", "did you mean `paths`?", "authlint.toml:2:1"]),
    ("[[override]]\nignore = ['password-login']", &["missing field `paths`"]),
    ("[[override]]\npaths = ['a']\nexclude = ['b']", &["there is no key `exclude` here", "belongs to the top of the file"]),
    ("[suppressions]\nrequire-reasons = true", &["did you mean `require-reason`?"]),
    ("[severity]\npasword-login = 'note'", &["there is no rule `pasword-login`", "did you mean `password-login`?"]),
    ("[tool.authlint]\nignore = []", &["there is no key `tool` here"]),
    // Values.
    ("select = []", &["`select` names no rule", "leave the key out"]),
    ("select = ['pasword-login']", &["there is no rule `pasword-login`", "did you mean `password-login`?", "authlint.toml:1:11"]),
    ("ignore = ['all']", &["there is no rule `all`", "`authlint rules` lists all rules"]),
    ("ignore = 'password-login'", &["expected an array"]),
    ("min-confidence = 'hihg'", &["`hihg` is no confidence", "did you mean `high`?"]),
    ("min-confidence = 3", &["expected a string"]),
    ("[severity]\npassword-login = 'off'", &["`off` is no severity", "put `password-login` into `ignore`"]),
    ("[severity]\npassword-login = 'wraning'", &["`wraning` is no severity", "did you mean `warning`?"]),
    ("exclude = ['']", &["is no pattern of paths: it is empty"]),
    ("[[override]]\npaths = []", &["an override needs at least one path"]),
    ("[suppressions]\nrequire-reason = 'yes'", &["expected a boolean"]),
    ("baseline = ['a']", &["expected a string"]),
];

/// Configurations that no schema can judge: no TOML, or patterns that are none.
const BEYOND_THE_SCHEMA: &[(&str, &[&str])] = &[
    ("select = ['x", &["authlint.toml:1:"]),
    ("a = 1\na = 2", &["duplicate key", "authlint.toml:2:1"]),
    ("exclude = ['a[']", &["`a[` is no pattern of paths: unclosed character class", "authlint.toml:1:12"]),
];

#[test]
fn mistakes_are_shown_where_they_stand_with_what_was_meant() {
    let folder = tempfile::Builder::new().prefix("project-").tempdir().unwrap();
    for (config, expected) in CASES.iter().chain(BEYOND_THE_SCHEMA) {
        // What other keys name has to be there.
        write(folder.path(), &[("authlint.toml", config), ("index.ts", "export {}\n")]);
        let (code, stdout, stderr) = run(folder.path(), &["config"]);
        let flat = stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(code, if expected.is_empty() { 0 } else { 2 }, "{config}: {stdout}{stderr}");
        for part in *expected {
            assert!(flat.contains(part), "{config}: no `{part}` in {stderr}");
        }
        if !expected.is_empty() {
            for arguments in [&["check"][..], &["map"], &["trace", "index.ts:1"]] {
                assert_eq!(run(folder.path(), arguments), (2, String::new(), stderr.clone()), "{config} {arguments:?}");
                assert_ne!(run(folder.path(), &[arguments, &["--no-config"]].concat()).2, stderr, "{config} {arguments:?}");
            }
        }
    }
}

#[test]
fn all_mistakes_are_shown_at_once() {
    let folder = tempfile::Builder::new().prefix("project-").tempdir().unwrap();
    write(folder.path(), &[("authlint.toml", "ignore = ['pasword-login']\nmin-confidence = 'x'\nexclude = ['a[', '']\n")]);
    let (_, _, stderr) = run(folder.path(), &[]);
    assert!(stderr.contains("authlint.toml has 4 mistakes"), "{stderr}");
    // Keys and values alike, each once.
    write(folder.path(), &[("authlint.toml", "selct = []\nignore = ['x']\n[severity]\nzzz = 'y'\n")]);
    let (_, _, stderr) = run(folder.path(), &[]);
    assert!(stderr.contains("has 4 mistakes") && stderr.matches("there is no rule `zzz`").count() == 1, "{stderr}");
    let many: String = (0..30).map(|number| ["key-", &number.to_string(), " = 1\n"].concat()).collect();
    write(folder.path(), &[("authlint.toml", &many)]);
    let (_, _, stderr) = run(folder.path(), &[]);
    assert!(stderr.contains("has 30 mistakes") && stderr.contains("20 more are not shown"), "{stderr}");
}

#[test]
fn a_configuration_that_cannot_be_used_is_bad_usage() {
    let folder = monorepo();
    write(folder.path(), &[("good.toml", "")]);
    for (arguments, expected) in [
        (&["--config", "missing.toml"][..], "cannot read the configuration"),
        (&["--config", "apps"], "it is no file"),
        (&["--config", "good.toml", "--no-config"], "cannot be used with"),
        (&["--exclude", "a["], "`a[` is no pattern of paths"),
        (&["--select", "pasword-login"], "did you mean `password-login`?"),
        (&["--exclud", "a"], "a similar argument exists: '--exclude'"),
        (&["--shard", "3/2"], "expected I/N"),
        (&["--stdin-filename", "a.ts", "b.ts"], "cannot be used with"),
    ] {
        let (code, stdout, stderr) = run(folder.path(), arguments);
        let flat = stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert!(flat.contains(expected), "{arguments:?}: {stderr}");
    }
    fs::write(folder.path().join("authlint.toml"), vec![b'#'; (256 << 10) + 1]).unwrap();
    let (code, _, stderr) = run(folder.path(), &[]);
    assert!(code == 2 && stderr.contains("larger than 256 KiB"), "{stderr}");
    fs::write(folder.path().join("authlint.toml"), b"select = ['\xff']").unwrap();
    assert_eq!(run(folder.path(), &[]).0, 2);
}

#[test]
fn an_error_shows_no_secret() {
    let folder = tempfile::Builder::new().prefix("project-").tempdir().unwrap();
    let key = format!("KEY{}_{}", "0A1B".repeat(8), "aB3".repeat(7));
    for config in [
        format!("min-confidence = '{key}'\n"),
        format!("# {key}\nselct = 1\n"),
        format!("password = 'T7r-wq9Zk3'\nselct = '{key}'\n"),
        format!("{key} = 1\n"),
        format!("exclude = '{key}'\n"),
    ] {
        write(folder.path(), &[("authlint.toml", &config)]);
        let (code, stdout, stderr) = run(folder.path(), &[]);
        assert_eq!(code, 2, "{stderr}");
        assert!(!stderr.contains(&key[..12]) && !stderr.contains("T7r-wq9Zk3") && stdout.is_empty(), "{stderr}");
    }
    // What a rule with a secret's name is given is no secret.
    write(folder.path(), &[("authlint.toml", "[severity]\nhardcoded-secret = 'off'\n")]);
    assert!(run(folder.path(), &[]).2.contains("hardcoded-secret = 'off'"));
}

fn schema() -> Value {
    serde_json::from_str(&fs::read_to_string(repository().join("schemas/authlint.schema.json")).unwrap()).unwrap()
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_schema_is_the_programs_and_judges_as_it_does() {
    let path = repository().join("schemas/authlint.schema.json");
    let (code, generated, _) = run(&repository(), &["config", "--schema"]);
    assert_eq!(code, 0);
    if std::env::var_os("AUTHLINT_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &generated).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), generated, "AUTHLINT_BLESS=1 cargo test --test config writes the file anew");

    let schema = schema();
    jsonschema::meta::validate(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (config, expected) in CASES {
        let value = serde_json::to_value(toml::from_str::<toml::Table>(config).unwrap()).unwrap();
        assert_eq!(validator.is_valid(&value), expected.is_empty(), "{config}: {:?}", validator.validate(&value).err());
    }
}

#[test]
fn config_prints_what_holds_in_a_form_that_holds() {
    let folder = monorepo();
    let root = folder.path();
    let config = "ignore = ['secret-in-log']\nexclude = ['legacy']\nbaseline = 'known.json'\nmin-confidence = 'medium'\n\n[severity]\npassword-login = 'warning'\n\n[suppressions]\nrequire-reason = true\n\n[[override]]\npaths = ['apps/desk']\nselect = ['missing-token-refresh']\nmin-confidence = 'low'\n";
    write(root, &[("authlint.toml", config)]);
    for (arguments, expected) in [
        (
            &[][..],
            &[
                "# What holds where no override says otherwise (authlint.toml)",
                "\"missing-token-refresh\", # default\n",
                "min-confidence = \"medium\" # authlint.toml:4\n",
            ][..],
        ),
        (
            &["apps/desk/src/desk.ts"],
            &[
                "# What holds for \"apps/desk/src/desk.ts\" (authlint.toml)",
                "select = [\n  \"missing-token-refresh\", # authlint.toml:14, override\n]\n",
                "  \"hardcoded-secret\", # authlint.toml:14, override\n",
                "min-confidence = \"low\" # authlint.toml:15, override\n",
            ],
        ),
        (
            &["apps/web/src/phone.ts", "--ignore", "token-in-url", "--exclude", "*.md", "--min-confidence", "high"],
            &[
                "  \"secret-in-log\", # authlint.toml:1\n  \"token-in-url\", # --ignore\n",
                "exclude = [\n  \"legacy\", # authlint.toml:2\n  \"*.md\", # --exclude\n]\n",
                "baseline = \"known.json\" # authlint.toml:3\n",
                "password-login = \"warning\" # authlint.toml:7\n",
                "require-reason = true # authlint.toml:10\n",
                "min-confidence = \"high\" # --min-confidence\n",
            ],
        ),
        (&["legacy/old.ts"], &["# It is not read: \"legacy\" excludes it (authlint.toml:2)"]),
        (&["--no-config", "legacy/old.ts"], &["(no configuration file)", "exclude = [] # default"]),
        (&["./apps/web/../web/src/phone.ts"], &["# What holds for \"apps/web/src/phone.ts\""]),
    ] {
        let (code, stdout, stderr) = run(root, &[&["config"], arguments].concat());
        assert_eq!((code, stderr.as_str()), (0, ""), "{arguments:?}");
        for part in expected {
            assert!(stdout.contains(part), "{arguments:?}: no `{part}` in {stdout}");
        }
        // What is printed says the same when it is the configuration.
        let copy = tempfile::tempdir().unwrap();
        write(copy.path(), &[("authlint.toml", &stdout)]);
        let bare = |text: &str| -> Vec<String> {
            text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(" #").next().unwrap().to_owned()).collect()
        };
        let (code, again, stderr) = run(copy.path(), &["config"]);
        assert_eq!(code, 0, "{stderr}");
        assert_eq!(bare(&again), bare(&stdout), "{arguments:?}");
    }
    let (_, stdout, _) = run(root, &["config", "apps/desk/src/desk.ts", "--format", "json"]);
    let json: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(json["schema_version"], 1);
    assert_eq!(json["min_confidence"], serde_json::json!({ "value": "low", "origin": { "kind": "override", "at": 15 } }));
    assert_eq!(json["rules"].as_array().unwrap().iter().filter(|rule| rule["runs"]["value"] == true).count(), 1);
}

#[test]
fn a_buffer_is_judged_in_the_light_of_the_project_and_alone() {
    let folder = monorepo();
    let root = folder.path();
    let judged = |file: &str, text: &str| {
        let (code, stdout, stderr) = run_with(root, &["--format", "concise", "--stdin-filename", file], text);
        assert!(code < 2, "{stderr}");
        stdout.lines().map(|line| line.split(' ').next().unwrap().trim_end_matches(':').to_owned()).collect::<Vec<_>>()
    };
    let on_disk = run(root, &["--format", "concise", "apps/web/src/phone.ts"]);
    assert_eq!(run_with(root, &["--format", "concise", "--stdin-filename", "apps/web/src/phone.ts"], PHONE).1, on_disk.1);
    // Places are those of the buffer, and the caller's argument comes from the files on disk.
    let moved = format!("// A line that is not on disk.\n{PHONE}");
    assert_eq!(judged("apps/web/src/phone.ts", &moved), ["apps/web/src/phone.ts:4:41", "apps/web/src/phone.ts:4:60"]);
    assert_eq!(judged("apps/web/src/phone.ts", "export const call = () => {}\n"), [""; 0]);
    // A half-typed file.
    assert_eq!(judged("apps/web/src/phone.ts", &PHONE[..PHONE.len() / 2]).len(), 0);
    // What another file has, the buffer may give away; only the buffer is reported on.
    assert_eq!(judged("packages/account/index.ts", "export const pass = process.env.PASS\n"), [""; 0]);
    // A file that was never saved.
    let path = "apps/desk/src/new.ts";
    let found = judged(path, PHONE);
    assert!(!found.is_empty() && found.iter().all(|place| place.starts_with(path)), "{found:?}");
    assert_eq!(judged(&root.join(path).display().to_string(), PHONE), found);
    assert_eq!(judged("apps/desk/node_modules/a/new.ts", PHONE), [""; 0]);
    // What is excluded stays out.
    write(root, &[(".gitignore", "apps/desk/src/ignored.ts\n"), ("apps/desk/src/ignored.ts", "")]);
    let (code, _, stderr) = run_with(root, &["--stdin-filename", "apps/desk/src/ignored.ts"], PHONE);
    assert!(code == 0 && stderr.starts_with("notice[excluded]: apps/desk/src/ignored.ts"), "{stderr}");
    let (code, stdout, _) = run_with(root, &["--quiet", "--exclude", "web", "--stdin-filename", "apps/web/src/new.ts"], PHONE);
    assert_eq!((code, stdout.as_str()), (0, ""));
}

#[test]
fn all_shards_together_are_the_whole_report() {
    let folder = monorepo();
    let root = folder.path();
    write(root, &[("tools/phone.ts", "const key = ''\n"), ("loose.ts", "export {}\n")]);
    let mut whole: Vec<String> = run(root, &["--format", "concise"]).1.lines().map(str::to_owned).collect();
    whole.sort();
    for count in [1, 2, 3, 5, 40] {
        let mut together = Vec::new();
        let mut busy = 0;
        for index in 1..=count {
            let (code, stdout, stderr) = run(root, &["--format", "concise", "--shard", &format!("{index}/{count}")]);
            assert!(code < 2, "{stderr}");
            assert_eq!(run(root, &["--format", "concise", "--shard", &format!("{index}/{count}")]).1, stdout);
            busy += usize::from(!stdout.is_empty());
            together.extend(stdout.lines().map(str::to_owned));
        }
        together.sort();
        assert_eq!(together, whole, "{count} shards");
        assert!(busy >= count.min(2), "{count} shards: {busy} with findings");
    }
}

#[test]
fn init_writes_what_holds_by_default_and_never_overwrites() {
    let folder = monorepo();
    let root = folder.path();
    let before = findings(root, &[]);
    let (code, printed, stderr) = run(root, &["init", "--stdout"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(!root.join("authlint.toml").exists());
    assert!(
        printed.contains("# Found here: Node server library (apps/service)") && printed.contains("paths = [\"apps/service/\"]"),
        "{printed}"
    );

    let (code, stdout, stderr) = run(root, &["init"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.starts_with("wrote authlint.toml; found here: Node server library (apps/service)\n"), "{stdout}");
    assert_eq!(fs::read_to_string(root.join("authlint.toml")).unwrap(), printed);
    assert_eq!(findings(root, &[]), before);

    // The README shows the same snippets.
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let indented = |line: &str| line.starts_with([' ', '-']) || line.contains(": ") || line.ends_with(':');
    for start in ["repos:\n", "name: authlint\n"] {
        let snippet: String =
            stdout[stdout.find(start).unwrap()..].split_inclusive('\n').take_while(|line| indented(line.trim_end())).collect();
        assert!(snippet.lines().count() > 4 && readme.contains(&snippet), "{snippet}");
    }

    write(root, &[("authlint.toml", "selct = []\n")]);
    let (code, stdout, stderr) = run(root, &["init"]);
    assert!(code == 2 && stdout.is_empty() && stderr.contains("authlint.toml exists already") && stderr.contains("--force"), "{stderr}");
    assert_eq!(fs::read_to_string(root.join("authlint.toml")).unwrap(), "selct = []\n");
    // A configuration that is broken does not keep a new one from being written.
    assert_eq!(run(root, &["init", "--force"]).0, 0);
    assert_eq!(fs::read_to_string(root.join("authlint.toml")).unwrap(), printed);
}

#[cfg(unix)]
#[test]
fn no_link_is_followed_out_of_the_project() {
    let folder = monorepo();
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path().join("target"), folder.path().join("authlint.toml")).unwrap();
    assert_eq!(run(folder.path(), &["init"]).0, 2);
    fs::write(outside.path().join("secret"), "T7r-wq9Zk3 = 1").unwrap();
    let linked = monorepo();
    std::os::unix::fs::symlink(outside.path().join("secret"), linked.path().join("authlint.toml")).unwrap();
    let (code, _, stderr) = run(linked.path(), &[]);
    assert!(code == 2 && stderr.contains("it is a link") && !stderr.contains("T7r"), "{stderr}");
    // Whoever names it may.
    assert!(run(linked.path(), &["--config", "authlint.toml"]).2.contains("there is no key"));
    assert!(!outside.path().join("target").exists());
}

#[test]
fn what_the_readme_shows_makes_sense() {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let folder = monorepo();
    let examples = readme.split("```toml\n").skip(1).filter_map(|rest| rest.split("```\n").next());
    // Outputs, of which parts are left out, are tested as such.
    let examples: Vec<&str> = examples.filter(|example| !example.contains('⋮')).collect();
    assert!(!examples.is_empty());
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for example in examples {
        let value = serde_json::to_value(toml::from_str::<toml::Table>(example).unwrap()).unwrap();
        assert!(validator.is_valid(&value), "{example}");
        write(folder.path(), &[("authlint.toml", example)]);
        let (code, _, stderr) = run(folder.path(), &["config"]);
        assert_eq!(code, 0, "{example}: {stderr}");
    }
}
