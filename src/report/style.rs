//! Colours of the terminal, in one place: what means danger, what is secondary.

use std::fmt::Display;

use miette::{GraphicalTheme, ThemeCharacters, ThemeStyles};

use crate::finding::Severity;

/// Whether and how to colour. Uses the 16 colours that every terminal's own theme defines, so that it reads on light and dark.
#[derive(Debug, Clone, Copy)]
pub(super) struct Styles {
    is_on: bool,
}

const RESET: &str = "\u{1b}[0m";
const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const CYAN: &str = "\u{1b}[36m";

impl Styles {
    pub(super) fn new(is_on: bool) -> Self {
        Self { is_on }
    }

    pub(super) fn is_on(self) -> bool {
        self.is_on
    }

    fn paint(self, code: &str, text: impl Display) -> String {
        let text = text.to_string();
        if self.is_on && !text.is_empty() { format!("{code}{text}{RESET}") } else { text }
    }

    pub(super) fn bold(self, text: impl Display) -> String {
        self.paint(BOLD, text)
    }

    pub(super) fn dim(self, text: impl Display) -> String {
        self.paint(DIM, text)
    }

    /// A keyword such as `help:`.
    pub(super) fn keyword(self, text: impl Display) -> String {
        self.paint(CYAN, text)
    }

    pub(super) fn severity(self, severity: Severity, text: impl Display) -> String {
        let code = match severity {
            Severity::Error => "\u{1b}[1;31m",
            Severity::Warning => "\u{1b}[1;33m",
            Severity::Note => "\u{1b}[1;34m",
        };
        self.paint(code, text)
    }

    /// The theme of the code frames. `primary` says of each label, in the order of the text, whether it is the primary one,
    /// which has the colour of the severity.
    pub(super) fn frames(self, severity: Severity, unicode: bool, primary: impl Iterator<Item = bool>) -> GraphicalTheme {
        let characters = if unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() };
        let mut styles = if self.is_on { ThemeStyles::ansi() } else { ThemeStyles::none() };
        if self.is_on {
            let main = match severity {
                Severity::Error => styles.error.bold(),
                Severity::Warning => styles.warning.bold(),
                Severity::Note => styles.advice.blue().bold(),
            };
            styles.highlights = primary.map(|is_primary| if is_primary { main } else { styles.advice }).collect();
        }
        if styles.highlights.is_empty() {
            styles.highlights.push(styles.advice);
        }
        GraphicalTheme { characters, styles }
    }
}
