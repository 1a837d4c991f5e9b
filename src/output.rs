//! Where reports are written to: files, the standard output, the summary of a job.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use authlint::report::{Format, Presentation, Report};

use crate::Failure;
use crate::cli::Target;

/// GitHub names the file that it shows as the summary of a job here.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// The file of the summary.
///
/// # Errors
/// When this is no step of a GitHub workflow.
pub(crate) fn step_summary() -> Result<PathBuf, Failure> {
    std::env::var_os(STEP_SUMMARY).filter(|path| !path.is_empty()).map(PathBuf::from).ok_or(Failure::NoSummary)
}

/// Writes a report in all formats that were asked for, the standard output last, so that nothing is half done when its reader goes away.
pub(crate) fn write(report: &Report<'_>, targets: &[Target], summary: Option<&Path>, presentation: &Presentation) -> Result<(), Failure> {
    for target in targets {
        if let Some(path) = &target.file {
            to_file(path, |out| report.write_plain(target.format.into(), presentation, out))?;
        }
    }
    if let Some(path) = summary {
        append(path, |out| report.write(Format::Markdown, presentation, out))?;
    }
    match targets.iter().find(|target| target.file.is_none()) {
        Some(target) => to_stdout(|out| report.write(target.format.into(), presentation, out)),
        None => Ok(()),
    }
}

/// Writes a file.
pub(crate) fn to_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    fill(path, File::create(path), write)
}

fn append(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    fill(path, OpenOptions::new().append(true).create(true).open(path), write)
}

fn fill(path: &Path, file: io::Result<File>, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let written = file.and_then(|file| {
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        out.flush()
    });
    written.map_err(|source| Failure::Output { path: path.to_owned(), source })
}

/// Writes to the standard output.
pub(crate) fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Stdout(error)),
        _ => Ok(()),
    }
}
