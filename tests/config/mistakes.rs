//! What is said of mistakes, by the program and by the JSON schema alike.

use std::fs;

use super::{monorepo, repository, run, schema, write};

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

#[test]
fn the_schema_is_the_programs_and_judges_as_it_does() {
    let path = repository().join("schemas/authlint.schema.json");
    let (code, generated, _) = run(&repository(), &["config", "--schema"]);
    assert_eq!(code, 0);
    if std::env::var_os("AUTHLINT_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &generated).unwrap();
    }
    let is_current = fs::read_to_string(&path).is_ok_and(|published| published == generated);
    assert!(is_current, "AUTHLINT_BLESS=1 cargo test --test config writes the file anew");

    let schema = schema();
    jsonschema::meta::validate(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (config, expected) in CASES {
        let value = serde_json::to_value(toml::from_str::<toml::Table>(config).unwrap()).unwrap();
        assert_eq!(validator.is_valid(&value), expected.is_empty(), "{config}: {:?}", validator.validate(&value).err());
    }
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
