//! `authlint doctor`: what a bug report needs, and nothing that it must not hold.
//!
//! No text of a file, no value of an environment variable, no path outside of the project and no name of a file in it.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _, Write};
use std::path::Path;

use authlint::config::{ConfigRequest, FILE_NAME, Settings};
use authlint::project::{self, DiscoverOptions, FileKind, MAX_CODE_BYTES, MAX_TEXT_BYTES};
use authlint::rules::RULES;

use crate::cli::ColorArg;
use crate::output::to_stdout;
use crate::{Failure, Verdict, terminal};

/// Environment variables that change what authlint does. Only whether they are set is said.
const VARIABLES: [&str; 13] = [
    "CI",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "FORCE_HYPERLINK",
    "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
    "GITLAB_CI",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "NO_COLOR",
    "RAYON_NUM_THREADS",
    "TERM",
];
/// Looks around and prints what is there.
pub(crate) fn run() -> Result<Verdict, Failure> {
    let root = std::env::current_dir().map_err(Failure::NoFolder)?;
    to_stdout(|out| print(&root, out))?;
    Ok(Verdict::Clean)
}

fn print(root: &Path, out: &mut dyn Write) -> io::Result<()> {
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    writeln!(out, "authlint {} ({profile} build, {} rules)", env!("CARGO_PKG_VERSION"), RULES.len())?;
    writeln!(out, "target: {}-{}", std::env::consts::ARCH, std::env::consts::OS)?;
    let threads = std::thread::available_parallelism().map_or_else(|_| "unknown".to_owned(), |threads| threads.to_string());
    writeln!(out, "threads: {threads}")?;
    writeln!(out, "\nproject (the current folder)")?;
    writeln!(out, "  repository: {}", above(root, ".git"))?;
    let configuration = match Settings::load(root, &ConfigRequest::default()) {
        Ok(settings) if settings.file().is_none() => "none".to_owned(),
        Ok(_) => format!("{}, valid", above(root, FILE_NAME)),
        Err(_) => format!("{}, not valid (`authlint config` says why)", above(root, FILE_NAME)),
    };
    writeln!(out, "  {FILE_NAME}: {configuration}")?;
    files(root, out)?;
    writeln!(out, "\nterminal")?;
    writeln!(out, "  standard output: {}, standard error: {}", kind(io::stdout().is_terminal()), kind(io::stderr().is_terminal()))?;
    let color = terminal::colors(ColorArg::Auto, &io::stdout());
    writeln!(
        out,
        "  colours: {}, links: {}, unicode: {}",
        yes(color),
        yes(terminal::links(ColorArg::Auto, &io::stdout())),
        yes(terminal::has_unicode())
    )?;
    writeln!(out, "  columns: {}", terminal::width())?;
    let set: Vec<_> = VARIABLES.into_iter().filter(|name| std::env::var_os(name).is_some()).collect();
    writeln!(out, "  variables that are set: {}", if set.is_empty() { "none".to_owned() } else { set.join(", ") })?;
    writeln!(out, "\nlimits")?;
    writeln!(out, "  scripts and markup up to {} MiB are read, other files up to {} MiB", MAX_CODE_BYTES >> 20, MAX_TEXT_BYTES >> 20)
}

fn files(root: &Path, out: &mut dyn Write) -> io::Result<()> {
    let mut notices = Vec::new();
    let found = project::discover(&[root.to_path_buf()], &DiscoverOptions::new(root.to_path_buf()), &mut notices);
    let mut kinds: BTreeMap<FileKind, usize> = BTreeMap::new();
    for candidate in &found.candidates {
        *kinds.entry(candidate.kind).or_default() += 1;
    }
    let kinds: Vec<_> = kinds.into_iter().map(|(kind, count)| format!("{count} {kind:?}")).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    writeln!(out, "  files: {}{kinds}", found.candidates.len())?;
    writeln!(out, "  left out: {} binary, {} folders and files that are ignored or not one's own", found.binary, found.skipped.len())?;
    writeln!(out, "  unreadable: {}", notices.len())
}

/// Where a name stands: here, or so many folders above.
fn above(root: &Path, name: &str) -> String {
    match root.ancestors().position(|folder| folder.join(name).exists()) {
        None => "none".to_owned(),
        Some(0) => "here".to_owned(),
        Some(1) => "one folder above".to_owned(),
        Some(folders) => format!("{folders} folders above"),
    }
}

fn kind(is_terminal: bool) -> &'static str {
    if is_terminal { "a terminal" } else { "a pipe or file" }
}

fn yes(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
}
