//! What is reported on: the buffer of an editor, a share of a monorepo.

use super::{PHONE, monorepo, run, run_with, write};

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
