//! Where which format goes, as users type it: `--format sarif=out.sarif --format human`.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _};

use super::{Cli, FormatArg};

/// A format and the file that it is written to; without one, the standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) format: FormatArg,
    pub(crate) file: Option<PathBuf>,
}

/// Reads `FORMAT` and `FORMAT=FILE`.
#[derive(Debug, Clone, Copy)]
struct TargetParser;

impl TypedValueParser for TargetParser {
    type Value = Target;

    fn parse_ref(&self, command: &clap::Command, argument: Option<&clap::Arg>, value: &OsStr) -> Result<Target, clap::Error> {
        let format = |name: &OsStr| EnumValueParser::<FormatArg>::new().parse_ref(command, argument, name);
        match value.to_str().and_then(|value| value.split_once('=')) {
            Some((_, "")) => {
                Err(clap::Error::raw(ErrorKind::ValueValidation, "a file name belongs behind the `=` of --format FORMAT=FILE\n")
                    .with_cmd(command))
            }
            Some((name, file)) => Ok(Target { format: format(OsStr::new(name))?, file: Some(file.into()) }),
            None => Ok(Target { format: format(value)?, file: None }),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        // For the help and for completions; the parsing above knows more.
        Some(Box::new(<FormatArg as clap::ValueEnum>::value_variants().iter().filter_map(clap::ValueEnum::to_possible_value)))
    }
}

/// Which formats, and where to.
#[derive(Debug, Clone, Args)]
pub(crate) struct TargetArgs {
    /// How to print the findings; FORMAT=FILE writes to a file (may be repeated)
    #[arg(long = "format", value_name = "FORMAT[=FILE]", value_parser = TargetParser)]
    formats: Vec<Target>,
    /// Write the report to a file instead of the terminal
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Append the report as Markdown to the summary of a GitHub job
    #[arg(long)]
    pub(crate) step_summary: bool,
}

impl TargetArgs {
    /// What is to be written where, each file once, and at most one format to the standard output. `usual` is what is printed when
    /// nothing is said.
    ///
    /// # Errors
    /// When that cannot be.
    pub(crate) fn targets(&self, usual: FormatArg) -> Result<Vec<Target>, clap::Error> {
        let conflict = |message: &str| Err(Cli::command().error(ErrorKind::ArgumentConflict, message));
        let mut targets = self.formats.clone();
        if targets.is_empty() {
            targets.push(Target { format: usual, file: None });
        }
        if let Some(output) = &self.output {
            match targets.as_mut_slice() {
                [target @ Target { file: None, .. }] => target.file = Some(output.clone()),
                _ => return conflict("--output goes with one --format without a file; write --format FORMAT=FILE for several"),
            }
        }
        if targets.iter().filter(|target| target.file.is_none()).count() > 1 {
            return conflict("only one --format can go to the standard output; write --format FORMAT=FILE for the others");
        }
        let mut files: Vec<_> = targets.iter().filter_map(|target| target.file.as_ref()).collect();
        files.sort_unstable();
        if files.windows(2).any(|pair| pair.first() == pair.last()) {
            return conflict("two formats cannot go to the same file");
        }
        Ok(targets)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use clap::Parser as _;

    use super::*;

    fn targets(arguments: &[&str]) -> Option<Vec<(FormatArg, Option<String>)>> {
        let cli = Cli::try_parse_from([&["authlint"], arguments].concat()).ok()?;
        let targets = cli.check.targets.targets(FormatArg::Human).ok()?;
        Some(targets.into_iter().map(|target| (target.format, target.file.map(|file| file.display().to_string()))).collect())
    }

    #[test]
    fn formats_go_to_files_or_to_the_standard_output() {
        use FormatArg::{Human, Json, Sarif};
        let file = |name: &str| Some(name.to_owned());
        for (arguments, expected) in [
            (&[][..], Some(vec![(Human, None)])),
            (&["--format", "json"], Some(vec![(Json, None)])),
            (&["--format", "json", "-o", "x"], Some(vec![(Json, file("x"))])),
            (&["--format=json=a=b.json"], Some(vec![(Json, file("a=b.json"))])),
            (&["--format", "sarif=a", "--format", "human"], Some(vec![(Sarif, file("a")), (Human, None)])),
            (&["--format", "sarif=a", "--format", "json=b"], Some(vec![(Sarif, file("a")), (Json, file("b"))])),
            (&["--format", "json", "--format", "human"], None),
            (&["--format", "sarif=a", "--format", "json=a"], None),
            (&["--format", "sarif=a", "-o", "b"], None),
            (&["--format", "sarif=a", "--format", "json", "-o", "b"], None),
            (&["--format", "sarif="], None),
            (&["--format", "nothing=a"], None),
        ] {
            assert_eq!(targets(arguments), expected, "{arguments:?}");
        }
    }
}
