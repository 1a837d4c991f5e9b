//! `authlint.toml` and the options beside it, through the binary: what holds, where, and what is said of mistakes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod init;
mod mistakes;
mod scope;
mod settings;

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

/// The published schema.
fn schema() -> Value {
    serde_json::from_str(&fs::read_to_string(repository().join("schemas/authlint.schema.json")).unwrap()).unwrap()
}

/// The root of this repository.
fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
