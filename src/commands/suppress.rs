//! `authlint suppress`: comments above findings.

use std::io::{self, Write};

use authlint::report::{self, counted, harmless};
use authlint::suppression::{SuppressRequest, Written, suppress};

use crate::cli::SuppressArgs;
use crate::{Failure, Verdict, plain, to_stdout};

/// Suppresses and says what was written, and what could not be.
pub(crate) fn run(args: &SuppressArgs) -> Result<Verdict, Failure> {
    let root = std::env::current_dir().map_err(Failure::NoFolder)?;
    let request =
        SuppressRequest { root, paths: args.paths.clone(), config: args.config(), reason: args.reason.clone(), dry_run: args.dry_run };
    let written = suppress(&request)?;
    to_stdout(|out| print(&written, args.dry_run, out))?;
    let mut out = io::stderr().lock();
    // Nothing is to be done when even the standard error cannot be written.
    let _ = report::write_notices(&written.notices, &plain(args.color.color, &out), &mut out);
    Ok(if written.left.is_empty() { Verdict::Clean } else { Verdict::Findings })
}

fn print(written: &Written, dry_run: bool, out: &mut dyn Write) -> io::Result<()> {
    let (mut findings, mut comments) = (0, 0);
    for file in &written.files {
        findings += file.findings;
        comments += file.comments;
        writeln!(out, "{}: {} for {}", harmless(&file.path), counted(file.comments, "comment"), counted(file.findings, "finding"))?;
    }
    for left in &written.left {
        writeln!(out, "{}:{}: {} stays: {}", harmless(&left.path), left.line, left.rule, left.why.as_str())?;
    }
    let verb = if dry_run { "would suppress" } else { "suppressed" };
    let done =
        format!("{verb} {} by {} in {}", counted(findings, "finding"), counted(comments, "comment"), counted(written.files.len(), "file"));
    match (findings, written.left.len()) {
        (0, 0) => writeln!(out, "no findings to suppress"),
        (_, 0) => writeln!(out, "{done}"),
        (_, left) => {
            let pronoun = if left == 1 { "it" } else { "them" };
            writeln!(out, "{done}; {} left: `authlint baseline` can hide {pronoun}", counted(left, "finding"))
        }
    }
}
