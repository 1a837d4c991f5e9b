//! `authlint baseline`: what is known from now on.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use authlint::CheckRequest;
use authlint::baseline::{Baseline, FILE_NAME, Recognised};
use authlint::report::{self, Prepared, counted, harmless};

use crate::cli::BaselineArgs;
use crate::{Failure, Verdict, plain, to_file, to_stdout};

/// Writes or prunes the baseline. Findings are what it is about, not a reason to fail.
pub(crate) fn run(args: &BaselineArgs) -> Result<Verdict, Failure> {
    let root = std::env::current_dir().map_err(Failure::NoFolder)?;
    let request = CheckRequest { root: root.clone(), paths: args.paths.clone(), config: args.config.request(), ..CheckRequest::default() };
    let outcome = authlint::check(&request)?;
    let named = args.output.as_deref().or(outcome.baseline.as_deref());
    let file = named.map_or_else(|| PathBuf::from(FILE_NAME), |path| path.strip_prefix(&root).unwrap_or(path).to_owned());
    let old = if file.exists() || args.prune { Some(Baseline::read(&file)?) } else { None };
    let prepared = Prepared::new(&outcome);
    let mut findings = prepared.identities();
    findings.truncate(outcome.findings.len());
    let named: Vec<PathBuf> = args.paths.iter().filter_map(|path| std::fs::canonicalize(root.join(path)).ok()).collect();
    let is_elsewhere = |file: &Path| !args.paths.is_empty() && !named.iter().any(|named| file.starts_with(named));

    let recognised = old.as_ref().map_or_else(Recognised::default, |old| old.recognise(&findings));
    let new = match &old {
        Some(old) if args.prune => old.pruned(&recognised, |entry| is_elsewhere(&old.absolute(entry))),
        Some(old) => old.renewed(&recognised, &findings, |entry| is_elsewhere(&old.absolute(entry))),
        None => Baseline::of(&findings, file.parent().unwrap_or(&root)),
    };
    to_file(&file, |out| new.write(out))?;
    to_stdout(|out| print(&file, old.as_ref(), &new, &recognised, out))?;
    let mut out = io::stderr().lock();
    // Nothing is to be done when even the standard error cannot be written.
    let _ = report::write_notices(&outcome.notices, &plain(args.color.color, &out), &mut out);
    Ok(Verdict::Clean)
}

fn print(file: &Path, old: Option<&Baseline>, new: &Baseline, recognised: &Recognised, out: &mut dyn Write) -> io::Result<()> {
    for (from, to) in &recognised.renamed {
        writeln!(out, "{} is {} now", harmless(from), harmless(to))?;
    }
    let file = file.display();
    if old.is_none() {
        return writeln!(out, "{file}: {}", counted(new.len(), "known finding"));
    }
    let fixed = recognised.stale.iter().filter(|entry| !new.has(entry)).count();
    let kept = recognised.stale.len() - fixed;
    let added = new.len().saturating_sub(recognised.count() + kept);
    writeln!(out, "{file}: {}, {fixed} fixed, {added} new", counted(new.len(), "known finding"))
}
