//! Mistakes in a configuration, shown where they stand.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

use crate::check::UnknownRule;
use crate::report::masking::Masker;
use crate::rules::EVERY_RULE;
use crate::source::{FileId, SourceFile, Sources, Span};

/// How many mistakes of one file are shown.
const SHOWN: usize = 10;

/// One mistake in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// Where, in bytes of the file.
    pub span: Range<usize>,
    /// What to do, as a sentence without a full stop.
    pub help: Option<String>,
}

impl fmt::Display for Mistake {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.message)
    }
}

impl std::error::Error for Mistake {}

impl Diagnostic for Mistake {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(None, self.span.clone()))))
    }
}

/// Why there is no usable configuration. Always something that the user has to change.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file has mistakes.
    #[error("{}", headline(text.name(), found))]
    Mistakes {
        /// The file's name, as reports print it, and its text, secrets masked.
        text: NamedSource<String>,
        /// What is wrong, in the order of the file; at least one.
        found: Vec<Mistake>,
    },
    /// The command line names a rule that does not exist.
    #[error(transparent)]
    Rule(#[from] UnknownRule),
    /// A pattern of the command line is none.
    #[error("`{pattern}` is no pattern of paths: {problem}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl ConfigError {
    /// Mistakes in the text of a file, which `name` is printed for. Nothing that looks like a secret gets into the error.
    #[must_use]
    pub fn in_file(name: &str, text: &str, mut found: Vec<Mistake>) -> Self {
        let masker = Masker::new(&[], &Sources::default());
        let shown = shown_text(&masker, name, text);
        found.sort_by_key(|mistake| mistake.span.start);
        for mistake in &mut found {
            mistake.message = masker.prose(&mistake.message);
            mistake.help = mistake.help.take().map(|help| masker.prose(&help));
        }
        Self::Mistakes { text: NamedSource::new(name, shown), found }
    }

    /// The mistake, when there is just one.
    fn only(&self) -> Option<&Mistake> {
        match self {
            Self::Mistakes { found, .. } if found.len() == 1 => found.first(),
            _ => None,
        }
    }
}

/// The text as a code frame may show it: the same bytes length, secrets masked. Many a rule is named after a secret (`hardcoded-secret =
/// "note"`), but what such a key is given is none.
fn shown_text(masker: &Masker, name: &str, text: &str) -> String {
    let file = Arc::new(SourceFile::new(FileId(0), name.into(), name.into(), text.into()));
    let covered = masker.file(&file, []);
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let span = Span::new(at, at + line.len());
        at += line.len();
        let key = line.split('=').next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        let is_rule = EVERY_RULE.iter().any(|rule| rule.name == key);
        if is_rule { masker.prose(line) } else { covered.slice(span).to_owned() }
    });
    lines.collect()
}

fn headline(name: &str, found: &[Mistake]) -> String {
    match found {
        [only] => only.message.clone(),
        more => format!("{name} has {} mistakes", more.len()),
    }
}

impl Diagnostic for ConfigError {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        if let Self::Mistakes { text, .. } = self { Some(text) } else { None }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.only()?.labels()
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        match self {
            Self::Unreadable { .. } => Some(Box::new("`--config FILE` names a file to use, `--no-config` uses none")),
            Self::Mistakes { found, .. } if found.len() > SHOWN => Some(Box::new(format!("{} more are not shown", found.len() - SHOWN))),
            Self::Mistakes { .. } => self.only()?.help(),
            Self::Rule(error) => error.help(),
            Self::Pattern { .. } => Some(Box::new("patterns are those of `.gitignore`: `legacy/`, `*.stories.tsx`, `/apps/*/e2e`")),
        }
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        match self {
            Self::Mistakes { found, .. } if found.len() > 1 => {
                Some(Box::new(found.iter().take(SHOWN).map(|mistake| mistake as &dyn Diagnostic)))
            }
            _ => None,
        }
    }
}
