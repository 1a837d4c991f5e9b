//! `authlint fix` as users run it: what it writes, prints and leaves alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::cargo::cargo_bin_cmd;
use harness::fill_placeholders;

/// A client with a key that the SDK ignores (safe) and without refresh (suggested).
const PHONE: &str = "import { TelnyxRTC } from '@telnyx/webrtc';\nimport { getToken } from './api';\n\nexport async function start() {\n  const client = new TelnyxRTC({ loginToken: await getToken() });\n  client.connect();\n}\n";
const API: &str = "export const getToken = async () => (await fetch('/api/token', { method: 'POST' })).text();\n";

fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("project-").tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn phone() -> tempfile::TempDir {
    project(&[("src/phone.ts", PHONE), ("src/api.ts", API)])
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } =
        cargo_bin_cmd!("authlint").current_dir(folder).env("NO_COLOR", "1").env_remove("COLUMNS").args(arguments).output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn read(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join(path)).unwrap()
}

#[test]
fn safe_fixes_are_made_and_the_rest_is_reported() {
    let folder = phone();
    let (code, stdout, stderr) = run(folder.path(), &["fix"]);
    assert_eq!(read(folder.path(), "src/phone.ts"), PHONE.replace("loginToken", "login_token"));
    assert_eq!(code, 1, "the missing refresh is left");
    assert_eq!(stdout.lines().next(), Some("fixed src/phone.ts:5: rename `loginToken` to `login_token` [invalid-auth-options]"));
    assert!(stdout.contains("src/phone.ts:5:18: error[missing-token-refresh]"), "{stdout}");
    assert!(stderr.starts_with("1 fix made in 1 file; 1 finding left; --unsafe would fix 1 more\n"), "{stderr}");
}

#[test]
fn unsafe_fixes_are_made_on_demand_and_a_second_run_has_nothing_to_do() {
    let folder = phone();
    let (code, _, stderr) = run(folder.path(), &["fix", "--unsafe"]);
    assert!(stderr.starts_with("2 fixes made in 1 file (1 to look at); 0 findings left\n"), "{stderr}");
    assert_eq!(code, 0);
    let fixed = read(folder.path(), "src/phone.ts");
    assert!(fixed.contains("import { TelnyxRTC, SwEvent } from '@telnyx/webrtc';"), "{fixed}");
    assert!(fixed.contains("    await client.login({ creds: { login_token: await getToken() } });"), "{fixed}");
    assert_eq!(run(folder.path(), &["fix", "--unsafe"]).0, 0);
    assert_eq!(read(folder.path(), "src/phone.ts"), fixed);
    assert_eq!(run(folder.path(), &["check"]).0, 0);
}

#[test]
fn a_diff_shows_all_passes_and_writes_nothing() {
    let folder = phone();
    let (code, diff, stderr) = run(folder.path(), &["fix", "--unsafe", "--diff"]);
    assert_eq!(code, 1, "what stands on disk still has the findings");
    assert_eq!(read(folder.path(), "src/phone.ts"), PHONE);
    assert!(stderr.starts_with("2 fixes to make in 1 file"), "{stderr}");
    insta::assert_snapshot!(diff);
}

#[test]
fn a_diff_hides_secrets() {
    let page = "import { TelnyxRTC } from '@telnyx/webrtc';\n\nconst secret = '{{fake:password:1}}';\nexport const start = (login_token) => {\n  const client = new TelnyxRTC({\n    login_token,\n    login: 'alice',\n    password: secret,\n  });\n  client.connect();\n  return [client, '{{fake:api-key:1}}'];\n};\n";
    let text = fill_placeholders(page).unwrap();
    let folder = project(&[("src/phone.js", &text)]);
    let (_, diff, stderr) = run(folder.path(), &["fix", "--unsafe", "--diff", "--select", "conflicting-auth-options"]);
    assert!(diff.contains("-    password: secret,"), "{diff}{stderr}");
    for placeholder in ["{{fake:password:1}}", "{{fake:api-key:1}}"] {
        assert!(!diff.contains(&fill_placeholders(placeholder).unwrap()), "{diff}");
    }
}

#[test]
fn only_selected_rules_and_named_paths_are_fixed() {
    for (arguments, changed) in [
        (&["fix", "--select", "missing-token-refresh"][..], false),
        (&["fix", "--ignore", "invalid-auth-options"], false),
        (&["fix", "src/api.ts"], false),
        (&["fix", "src/phone.ts"], true),
        (&["fix", "--select", "invalid-auth-options"], true),
    ] {
        let folder = phone();
        run(folder.path(), arguments);
        assert_eq!(read(folder.path(), "src/phone.ts") != PHONE, changed, "{arguments:?}");
    }
}

#[test]
fn line_ends_and_a_byte_order_mark_stay() {
    let text = format!("\u{feff}{}", PHONE.replace('\n', "\r\n"));
    let folder = project(&[("src/phone.ts", &text), ("src/api.ts", API)]);
    run(folder.path(), &["fix", "--unsafe"]);
    let fixed = read(folder.path(), "src/phone.ts");
    assert!(fixed.starts_with("\u{feff}import") && fixed.contains("login_token") && fixed.contains("SwEvent.Warning"), "{fixed}");
    assert_eq!(fixed.matches('\n').count(), fixed.matches("\r\n").count(), "{fixed:?}");
}

#[test]
fn a_file_that_is_not_utf8_is_left_alone() {
    let folder = phone();
    let bytes = [b"// caf\xe9\n".as_slice(), PHONE.as_bytes()].concat();
    fs::write(folder.path().join("src/phone.ts"), &bytes).unwrap();
    let (_, stdout, stderr) = run(folder.path(), &["fix"]);
    assert_eq!(fs::read(folder.path().join("src/phone.ts")).unwrap(), bytes);
    assert!(stderr.contains("left alone: src/phone.ts: it is not UTF-8"), "{stdout}{stderr}");
}

#[test]
fn nothing_to_fix_is_no_failure() {
    let folder = project(&[("index.ts", "export const answer = 42;\n")]);
    let (code, stdout, stderr) = run(folder.path(), &["fix"]);
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (0, "", "0 fixes made in 0 files; 0 findings left\n"));
    assert_eq!(run(folder.path(), &["fix", "--select", "no-such-rule"]).0, 2);
    assert_eq!(run(folder.path(), &["fix", "no/such/file.ts"]).0, 3);
}

#[test]
fn scripts_in_markup_are_fixed_where_they_stand() {
    let page = "<script setup lang=\"ts\">\nimport { TelnyxRTC } from '@telnyx/webrtc'\nimport { getToken } from './api'\n\nasync function start() {\n    const client = new TelnyxRTC({ login_token: await getToken() })\n    client.connect()\n}\n</script>\n\n<template>\n  <button @click=\"start\">Call</button>\n</template>\n";
    let folder = project(&[("src/Phone.vue", page), ("src/api.ts", API)]);
    let (code, stdout, stderr) = run(folder.path(), &["fix", "--unsafe", "--select", "missing-token-refresh"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    let fixed = read(folder.path(), "src/Phone.vue");
    let handler =
        "    let refreshing = false\n    client.on(SwEvent.Warning, async ({ warning }: { warning: { code: number } }) => {\n        if (";
    assert!(fixed.contains(handler), "{fixed}");
    assert!(fixed.ends_with("</template>\n"));
}

#[test]
fn json_carries_the_fix() {
    let folder = phone();
    let (_, stdout, _) = run(folder.path(), &["--format", "json", "--select", "invalid-auth-options"]);
    let log: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        log["findings"][0]["fix"],
        serde_json::json!({
            "title": "rename `loginToken` to `login_token`",
            "applicability": "safe",
            "edits": [{
                "path": "src/phone.ts",
                "span": {
                    "start": { "line": 5, "column": 34, "offset": 144, "byte_column": 34 },
                    "end": { "line": 5, "column": 44, "offset": 154, "byte_column": 44 },
                },
                "replacement": "login_token",
            }],
        })
    );
}

#[test]
fn sarif_carries_the_fix() {
    let folder = phone();
    let (_, stdout, _) = run(folder.path(), &["--format", "sarif", "--select", "invalid-auth-options"]);
    let log: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let fix = &log["runs"][0]["results"][0]["fixes"][0];
    let title = "rename `loginToken` to `login_token`";
    assert_eq!(fix["properties"], serde_json::json!({ "title": title, "applicability": "safe" }));
    let change = &fix["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "src/phone.ts");
    let bytes = serde_json::json!({ "startOffset": 144, "startByteColumn": 34, "endOffset": 154, "endByteColumn": 44 });
    assert_eq!(
        change["replacements"],
        serde_json::json!([{
            "deletedRegion": { "startLine": 5, "startColumn": 34, "endLine": 5, "endColumn": 44, "properties": bytes },
            "insertedContent": { "text": "login_token" },
        }])
    );
}

/// What all fixes together make of a file; none when nothing changes.
fn fixed(files: &[(&str, &str)], path: &str) -> Option<String> {
    let folder = project(files);
    let check = authlint::CheckRequest { root: folder.path().to_path_buf(), ..Default::default() };
    let outcome = authlint::fix::run(&authlint::fix::FixRequest { check, with_suggested: true }).unwrap();
    outcome.files.iter().find(|file| &*file.path == path).map(|file| file.after.to_string())
}

const IMPORT: &str = "import { TelnyxRTC } from '@telnyx/webrtc'\n";

#[test]
fn a_renewal_gets_its_token_as_the_client_got_its_first_one() {
    for (name, text, expected) in [
        (
            "the argument of the only call",
            "import { getToken } from './api'\nlet client\nasync function start(user) {\n  connect(await getToken(user.id))\n}\nconst connect = (token) => {\n  client = new TelnyxRTC({ login_token: token })\n}\nstart({ id: 1 })\n",
            // `user` means nothing where the client is made.
            None,
        ),
        (
            "the argument of the only call, repeatable",
            "import { getToken } from './api'\nlet client\nasync function start() {\n  connect(await getToken('desk'))\n}\nconst connect = (token) => {\n  client = new TelnyxRTC({ login_token: token })\n}\nstart()\n",
            Some("await client?.login({ creds: { login_token: await getToken('desk') } })"),
        ),
        (
            "a promise's callback",
            "import { getToken } from './api'\ngetToken().then(({ token }) => {\n  const client = new TelnyxRTC({ login_token: token })\n  client.connect()\n})\n",
            Some("    try {\n      const { token } = await getToken()\n      await client.login({ creds: { login_token: token } })\n"),
        ),
        (
            "a promise's callback that is the token",
            "import { getToken } from './api'\ngetToken().then((login_token) => {\n  const client = new TelnyxRTC({ login_token })\n  client.connect()\n})\n",
            Some("await client.login({ creds: { login_token: await getToken() } })"),
        ),
        (
            "set once, in a block that may fail",
            "import { getToken } from './api'\nexport async function start() {\n  let token\n  try {\n    token = await getToken()\n  } catch {\n    return\n  }\n  const client = new TelnyxRTC({ login_token: token })\n  client.connect()\n}\n",
            Some("await client.login({ creds: { login_token: await getToken() } })"),
        ),
        (
            "with what makes sure that there is one",
            "export async function start(url) {\n  const reply = await fetch(url)\n  if (!reply.ok) {\n    throw new Error('no token')\n  }\n  const data = await reply.json()\n  if (!data.token) throw new Error(data.error)\n  const client = new TelnyxRTC({ login_token: data.token })\n  client.connect()\n}\n",
            Some(
                "      const reply = await fetch(url)\n      if (!reply.ok) {\n        throw new Error('no token')\n      }\n      const data = await reply.json()\n      if (!data.token) throw new Error(data.error)\n      await client.login({ creds: { login_token: data.token } })\n",
            ),
        ),
        (
            "one of several that are waited for together",
            "import { getToken } from './api'\nexport async function start() {\n  const [sdk, { token }] = await Promise.all([import('@telnyx/webrtc'), getToken()])\n  const client = new sdk.TelnyxRTC({ login_token: token })\n  client.connect()\n}\n",
            Some("      const { token } = await getToken()\n      await client.login({ creds: { login_token: token } })\n"),
        ),
        (
            "one of two clients",
            "import { getToken } from './api'\nexport async function start(login, password) {\n  const client = login ? new TelnyxRTC({ login, password }) : new TelnyxRTC({ login_token: await getToken() })\n  client.connect()\n}\n",
            Some("await client.login({ creds: { login_token: await getToken() } })"),
        ),
        (
            "a client or none",
            "import { getToken } from './api'\nexport async function start(ready) {\n  const client = ready ? new TelnyxRTC({ login_token: await getToken() }) : null\n  client?.connect()\n}\n",
            None,
        ),
        (
            "this",
            "export class Phone {\n  constructor(api) { this.api = api }\n  async start() {\n    this.client = new TelnyxRTC({ login_token: await this.api.token() })\n    this.client.connect()\n  }\n}\n",
            Some("await this.client?.login({ creds: { login_token: await this.api.token() } })"),
        ),
        (
            "a name that is taken",
            "import { getToken } from './api'\nexport async function start(refreshing) {\n  const client = new TelnyxRTC({ login_token: await getToken(refreshing) })\n  client.connect()\n}\n",
            Some("  let refreshingToken = false\n"),
        ),
        (
            "a name that means something else at the client",
            "const url = '/a'\nexport async function load() {\n  const url = '/b'\n  return start(await (await fetch(url)).text())\n}\nfunction start(token) {\n  const client = new TelnyxRTC({ login_token: token })\n  client.connect()\n}\n",
            None,
        ),
        (
            "a hook",
            "import { useToken } from './api'\nexport function Phone() {\n  const { token } = useToken()\n  useEffect(() => {\n    const client = new TelnyxRTC({ login_token: token })\n    client.connect()\n  }, [])\n}\n",
            None,
        ),
        (
            "what is stored",
            "export async function start() {\n  const client = new TelnyxRTC({ login_token: localStorage.getItem('token') })\n  client.connect()\n}\n",
            None,
        ),
        (
            "a template over several lines",
            "export async function start(id) {\n  const token = await (await fetch(`/token\n/${id}`)).text()\n  const client = new TelnyxRTC({ login_token: token })\n  client.connect()\n}\n",
            None,
        ),
        (
            "no block around it",
            "import { getToken } from './api'\nlet client\nexport async function start(ready) {\n  if (ready) client = new TelnyxRTC({ login_token: await getToken() })\n}\n",
            None,
        ),
        (
            "not kept",
            "import { getToken } from './api'\nexport const start = async () => new TelnyxRTC({ login_token: await getToken() }).connect()\n",
            None,
        ),
    ] {
        let text = format!("{IMPORT}{text}");
        let after = fixed(&[("src/phone.js", &text), ("src/api.js", API)], "src/phone.js");
        match expected {
            Some(expected) => assert!(after.as_ref().is_some_and(|after| after.contains(expected)), "{name}:\n{after:?}"),
            None => assert_eq!(after, None, "{name}"),
        }
    }
}

#[test]
fn a_renewal_repeats_what_has_set_the_state() {
    let component = |effect: &str| {
        format!(
            "{IMPORT}import {{ useEffect, useState }} from 'react'\n\nexport function Phone() {{\n  const [token, setToken] = useState(null)\n  useEffect(() => {{\n    {effect}\n  }}, [])\n  useEffect(() => {{\n    if (!token) return\n    const client = new TelnyxRTC({{ login_token: token }})\n    client.connect()\n    return () => client.disconnect()\n  }}, [token])\n}}\n"
        )
    };
    for (effect, expected) in [
        ("fetch('/token').then((r) => r.text()).then(setToken)", Some("login_token: await fetch('/token').then((r) => r.text()) }")),
        (
            "fetch('/token').then((r) => r.json()).then((data) => setToken(data.token))",
            Some("const data = await fetch('/token').then((r) => r.json())\n"),
        ),
        (
            "const load = async () => setToken(await (await fetch('/token')).text()); load()",
            Some("login_token: await (await fetch('/token')).text() }"),
        ),
        // Two ways to a token: which one is right is not for a tool to say.
        ("fetch('/a').then((r) => r.text()).then(setToken); fetch('/b').then((r) => r.text()).then(setToken)", None),
    ] {
        let after = fixed(&[("src/Phone.jsx", &component(effect))], "src/Phone.jsx");
        match expected {
            Some(expected) => assert!(after.as_ref().is_some_and(|after| after.contains(expected)), "{effect}:\n{after:?}"),
            None => assert_eq!(after, None, "{effect}"),
        }
    }
}

#[test]
fn a_renewal_names_the_event_as_the_file_does_and_raises_the_sdk() {
    let start =
        "\nexport async function start(getToken) {\n  const client = new Class({ login_token: await getToken() })\n  client.connect()\n}\n";
    for (import, class, expected) in [
        (
            "import { TelnyxRTC } from '@telnyx/webrtc'",
            "TelnyxRTC",
            ["import { TelnyxRTC, SwEvent } from '@telnyx/webrtc'", "client.on(SwEvent.Warning, "],
        ),
        (
            "import { TelnyxRTC as Rtc, SwEvent as Events } from \"@telnyx/webrtc\"",
            "Rtc",
            ["import { TelnyxRTC as Rtc, SwEvent as Events } from", "client.on(Events.Warning, "],
        ),
        ("import * as Telnyx from '@telnyx/webrtc'", "Telnyx.TelnyxRTC", ["import * as Telnyx from", "client.on(Telnyx.SwEvent.Warning, "]),
        (
            "import {\n  INotification,\n  TelnyxRTC,\n} from '@telnyx/webrtc'",
            "TelnyxRTC",
            ["import {\n  INotification,\n  TelnyxRTC,\n  SwEvent,\n} from '@telnyx/webrtc'", "client.on(SwEvent.Warning, "],
        ),
        (
            "const { TelnyxRTC } = await import('@telnyx/webrtc')",
            "TelnyxRTC",
            ["const { TelnyxRTC } = await import('@telnyx/webrtc')", "client.on('telnyx.warning', "],
        ),
    ] {
        let text = format!("{import}{}", start.replace("Class", class));
        let manifest = "{\n  \"dependencies\": { \"@telnyx/webrtc\": \"~2.22.1\" }\n}\n";
        let files = [("src/phone.js", text.as_str()), ("package.json", manifest)];
        let after = fixed(&files, "src/phone.js").unwrap_or_else(|| panic!("{import}: no fix"));
        for part in expected {
            assert!(after.contains(part), "{import}:\n{after}");
        }
        assert_eq!(fixed(&files, "package.json").unwrap(), manifest.replace("2.22.1", "2.26.1"));
    }
}

#[test]
fn two_clients_of_one_block_get_notes_of_their_own() {
    let text = format!(
        "{IMPORT}export async function start(getToken) {{\n  const desk = new TelnyxRTC({{ login_token: await getToken('desk') }})\n  const kiosk = new TelnyxRTC({{ login_token: await getToken('kiosk') }})\n  desk.connect()\n  kiosk.connect()\n}}\n"
    );
    let after = fixed(&[("src/phone.js", &text)], "src/phone.js").unwrap();
    for part in ["let refreshingTokenDesk = false", "let refreshingTokenKiosk = false", "await kiosk.login("] {
        assert!(after.contains(part), "{after}");
    }
    assert_eq!(after.matches(", SwEvent }").count(), 1, "{after}");
}

#[test]
fn another_vendors_sdk_is_not_renewed_in_the_words_of_this_one() {
    for (name, rule, rest) in [
        ("no renewal", "missing-token-refresh", ""),
        ("a method that is not there", "broken-token-refresh", "device.on('tokenWillExpire', async () => device.login(await token()))\n"),
        ("nothing but a log", "broken-token-refresh", "device.on('tokenWillExpire', () => console.warn('soon'))\n"),
    ] {
        let program = format!(
            "import {{ Device }} from '@twilio/voice-sdk'\nconst token = async () => (await fetch('/token')).text()\nconst device = new Device(await token())\n{rest}device.register()\n"
        );
        let folder = project(&[("authlint.toml", "vendors = [\"twilio\"]"), ("src/phone.js", &program)]);
        let check = authlint::CheckRequest { root: folder.path().to_path_buf(), ..Default::default() };
        let outcome = authlint::check(&check).unwrap();
        let fixes: Vec<_> = outcome.findings.iter().map(|finding| (finding.rule, finding.fix.as_ref())).collect();
        assert_eq!(fixes, [(rule, None)], "{name}");
    }
}

#[test]
fn a_login_far_from_its_client_is_judged_and_left_alone() {
    let client = format!(
        "{IMPORT}import {{ getToken }} from './api'\nimport {{ renew }} from './renew'\nexport const client = new TelnyxRTC({{ login_token: await getToken() }})\nrenew(client)\n"
    );
    let handler = "export function renew(client) {\n  client.on('telnyx.warning', async ({ warning }) => {\n    if (warning.code === 34001) await client.login()\n  })\n}\n";
    let files = [("src/client.js", client.as_str()), ("src/renew.js", handler), ("src/api.js", API)];
    let folder = project(&files);
    let check = authlint::CheckRequest { root: folder.path().to_path_buf(), ..Default::default() };
    let outcome = authlint::check(&check).unwrap();
    let offered: Vec<_> = outcome.findings.iter().map(|finding| (finding.rule, finding.fix.as_ref())).collect();
    assert_eq!(offered, [("broken-token-refresh", None)]);
}
