//! What holds: rules, severities, confidence and excluded paths, from the file, its overrides and the options.

use std::fs;

use serde_json::Value;

use super::{ALL, CHOSEN, DESK, LITERAL, OPEN, PASSWORD, PHONE, findings, monorepo, run, without, write};

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
fn what_is_left_out_stays_out_whatever_it_contains() {
    let folder = monorepo();
    let root = folder.path();
    for (file, text) in [(".gitignore", "apps/web/\n"), ("authlint.toml", "exclude = ['apps/web/']\n")] {
        let folder = root.join("apps/web");
        write(root, &[(file, text)]);
        let expected = findings(root, &[]);
        assert!(!expected.iter().any(|finding| finding.starts_with("apps/web")), "{file}: {expected:?}");
        write(&folder, &[("authlint.toml", "exclude = ['!*']\n"), (".gitignore", "!*\n!src/\n"), ("src/.gitignore", "!phone.ts\n")]);
        assert_eq!(findings(root, &[]), expected, "{file}");
        for kept in ["authlint.toml", ".gitignore", "src/.gitignore"] {
            fs::remove_file(folder.join(kept)).unwrap();
        }
        fs::remove_file(root.join(file)).unwrap();
    }
}

#[test]
fn a_map_marks_what_is_sure_enough_where_it_stands() {
    let folder = monorepo();
    let root = folder.path();
    write(root, &[("apps/web/src/aaa.ts", PHONE)]);
    let marks = |arguments: &[&str]| {
        let json: Value = serde_json::from_str(&run(root, &[&["map", "--format", "json"], arguments].concat()).1).unwrap();
        let all = json["findings"].as_array().unwrap().clone();
        all.iter().map(|mark| format!("{} {}", mark["rule"], mark["place"])).collect::<Vec<_>>()
    };
    let all = marks(&[]);
    write(root, &[("authlint.toml", "min-confidence = 'high'\n")]);
    let sure = marks(&[]);
    assert!(!sure.is_empty() && sure.len() < all.len() && sure.iter().all(|mark| all.contains(mark)), "{sure:#?}\n{all:#?}");
}
