//! Code whose values are tangled on purpose: every question about it leads everywhere. The run ends soon all the same, says where it
//! stopped, and gives the same report whatever ran side by side.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin_cmd;
use tempfile::TempDir;

const IMPORT: &str = "import { TelnyxRTC } from '@telnyx/webrtc';\n";
/// Far more than any case takes in an unoptimised build on a busy machine; without bounds, minutes.
const TIME_LIMIT: Duration = Duration::from_mins(1);

/// Runs over files and gives the JSON report.
fn report(files: &[(String, String)], threads: &str) -> (serde_json::Value, Duration) {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let start = Instant::now();
    let mut command = cargo_bin_cmd!("authlint");
    command.current_dir(folder.path()).env("RAYON_NUM_THREADS", threads).args(["--format", "json"]);
    let output = command.timeout(TIME_LIMIT).output().unwrap();
    (serde_json::from_slice(&output.stdout).unwrap(), start.elapsed())
}

fn has_limit(report: &serde_json::Value) -> bool {
    report["notices"].as_array().unwrap().iter().any(|notice| notice["kind"] == "limit")
}

/// One variable that is written thousands of times, each time from itself.
fn rewritten() -> Vec<(String, String)> {
    let mut text = format!("{IMPORT}let x = 'a'; let y = 'b';\n");
    for index in 0..4_000 {
        writeln!(text, "x = x + y + f{}(x); y = y + '{index}';", index % 50).unwrap();
    }
    for index in 0..50 {
        writeln!(text, "function f{index}(p) {{ return p + x + f{}(p); }}", (index + 1) % 50).unwrap();
    }
    text += "const client = new TelnyxRTC({ login: x, password: y });\n";
    vec![("phone.js".to_owned(), text)]
}

/// Modules that all call each other through one barrel.
fn barrel() -> Vec<(String, String)> {
    const MODULES: usize = 1_500;
    let mut files = Vec::new();
    let mut index_file = String::new();
    for index in 0..MODULES {
        let (next, far, user) = ((index + 1) % MODULES, index * 7 % MODULES, index * 3 % MODULES);
        writeln!(index_file, "export * from './m{index}';").unwrap();
        let text = format!(
            "{IMPORT}import {{ f{next}, f{far}, use{user} }} from './index';\n\
             export function f{index}(o: any) {{\n\
               const c = new TelnyxRTC({{ login_token: o.token, password: f{next}(o).password }});\n\
               c.on('telnyx.warning', (w) => f{far}(w));\n\
               return use{user}(c);\n\
             }}\n\
             export const use{index} = (x: any) => ({{ x, password: f{next}(x) }});\n"
        );
        files.push((format!("src/m{index}.ts"), text));
    }
    files.push(("src/index.ts".to_owned(), index_file));
    files
}

#[test]
fn a_name_that_is_written_thousands_of_times_is_followed_in_bounded_time() {
    let (report, took) = report(&rewritten(), "2");
    assert!(took < TIME_LIMIT, "{took:?}");
    assert_eq!(report["findings"].as_array().unwrap().len(), 1, "{report:#}");
}

#[test]
fn a_project_that_is_tangled_beyond_measure_ends_with_a_notice() {
    let (report, took) = report(&barrel(), "2");
    assert!(took < TIME_LIMIT, "{took:?}");
    assert!(has_limit(&report), "{:#}", report["notices"]);
}

#[test]
fn what_is_found_does_not_depend_on_what_runs_side_by_side() {
    let files = rewritten();
    assert_eq!(report(&files, "1").0, report(&files, "4").0);
}
