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

/// One file in which everything that values can flow through is tied to everything else: classes above and below each other, callbacks that
/// are handed on, bound functions, maps and lists, generators, promises, writes through parameters, deletes.
fn knotted() -> Vec<(String, String)> {
    const KNOTS: usize = 120;
    let mut text = format!("{IMPORT}const all = []; const map = new Map(); const shared = {{ password: 'x' }};\n");
    for index in 0..KNOTS {
        let (next, far, base) = ((index + 1) % KNOTS, index * 7 % KNOTS, index / 2);
        let above = if index == 0 { String::new() } else { format!(" extends C{base}") };
        let call_super = if index == 0 { "" } else { "super(t, u);" };
        writeln!(
            text,
            "class C{index}{above} {{\n\
               constructor(t, u) {{ {call_super} this.t{far} = t; this.u = u; this.next = new C{next}(u, this.t{far}); all.push(this); }}\n\
               get token() {{ return this.t{far} ?? this.next.token; }}\n\
               set token(v) {{ this.t{far} = v; map.set('{index}', v); }}\n\
               run(fn) {{ return fn.call(this, this.token, (x) => this.next.run(fn.bind(this, x))); }}\n\
               *[Symbol.iterator]() {{ yield this.u; yield* this.next; }}\n\
             }}\n\
             function f{index}(o, fn, ...rest) {{\n\
               o.password = map.get('{far}') ?? all[{index}].token; delete o.login; Object.assign(o, shared, all.find((c) => c.u));\n\
               fn(o, f{next}.apply(null, [o, fn, ...rest]), arguments[{index}]);\n\
               for (const x of new C{far}(o, rest[0])) rest.reduce((a, b) => f{far}(b, fn, a), x);\n\
               return fetch(o.url).then((r) => r.json()).then((d) => f{next}(d, (y) => fn(y, o)), (e) => f{far}(e, fn));\n\
             }}\n\
             f{index}(shared, (p, q) => {{ shared.login = q; p.token = new C{index}(p, q).token; return f{far}(p, (z) => z); }}, all, map);"
        )
        .unwrap();
    }
    text += "const c = new TelnyxRTC({ login: shared.login, password: all[0].run((t, go) => go(t)) });\nnew TelnyxRTC({ login_token: map.get('1') });\n";
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
fn a_file_that_ties_every_construct_into_knots_ends_in_bounded_time() {
    let (one, took) = report(&knotted(), "1");
    assert!(took < TIME_LIMIT, "{took:?}");
    assert_eq!(one, report(&knotted(), "4").0);
}

#[test]
fn what_is_found_does_not_depend_on_what_runs_side_by_side() {
    let files = rewritten();
    assert_eq!(report(&files, "1").0, report(&files, "4").0);
}
