//! `authlint init`: writes a configuration and shows what runs authlint in hooks and CI.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use authlint::config::FILE_NAME;
use authlint::init;

use crate::cli::InitArgs;
use crate::{Failure, Verdict, to_stdout};

pub(crate) fn run(args: &InitArgs) -> Result<Verdict, Failure> {
    let root = std::env::current_dir().map_err(Failure::NoFolder)?;
    let path = root.join(FILE_NAME);
    // Before the project is looked at, which may take a while.
    if !args.force && !args.stdout && path.symlink_metadata().is_ok() {
        return Err(Failure::Exists);
    }
    let found = init::look(&root)?;
    let text = init::config_text(&found);
    if args.stdout {
        to_stdout(|out| out.write_all(text.as_bytes()))?;
        return Ok(Verdict::Clean);
    }
    write(&path, &text, args.force)?;
    to_stdout(|out| {
        let line = found.line();
        writeln!(out, "wrote {FILE_NAME}{}", if line.is_empty() { String::new() } else { format!("; found here: {line}") })?;
        writeln!(out, "\nTo check every commit with pre-commit, in .pre-commit-config.yaml:\n\n{}", init::PRE_COMMIT)?;
        writeln!(out, "To check every push in GitHub Actions, in .github/workflows/authlint.yml:\n\n{}", init::GITHUB_ACTIONS)?;
        writeln!(out, "Put the authlint repository that you use for OWNER/authlint, and a tag or commit of it for COMMIT.")
    })?;
    Ok(Verdict::Clean)
}

/// Writes the file; without `force` only where there is none, not even one that came in the meantime.
fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(!force).create(force).truncate(force);
    match options.open(path).and_then(|mut file| file.write_all(text.as_bytes())) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(Failure::Exists),
        Err(source) => Err(Failure::Output { path: path.to_owned(), source }),
        Ok(()) => Ok(()),
    }
}
