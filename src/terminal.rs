//! What the terminal can do: colour, width, characters.

use std::ffi::OsStr;
use std::io::IsTerminal;

use crate::cli::ColorArg;

/// Columns when nothing tells, as in a pipe or a log.
const DEFAULT_WIDTH: usize = 100;
/// Narrower is not readable any more; wider lines are hard to read.
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=140;

fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).as_deref().and_then(OsStr::to_str).filter(|value| !value.is_empty()).map(str::to_owned)
}

/// Whether to colour what goes to `stream`: the option first, then `NO_COLOR`, `CLICOLOR_FORCE` and `TERM`, then whether it
/// is a terminal.
pub(crate) fn colors(when: ColorArg, stream: &impl IsTerminal) -> bool {
    match when {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto if variable("NO_COLOR").is_some() => false,
        ColorArg::Auto if variable("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        ColorArg::Auto => stream.is_terminal() && !is_dumb(),
    }
}

/// Whether the terminal knows no escape sequences.
pub(crate) fn is_dumb() -> bool {
    variable("TERM").is_some_and(|terminal| terminal == "dumb")
}

/// Whether what goes to `stream` may hold links. Who wants no colours wants no other escape sequences.
pub(crate) fn links(when: ColorArg, stream: &impl IsTerminal) -> bool {
    when != ColorArg::Never && stream.is_terminal() && supports_hyperlinks::supports_hyperlinks()
}

/// Columns to print into.
pub(crate) fn width() -> usize {
    let from_terminal = || terminal_size::terminal_size().map(|(terminal_size::Width(width), _)| usize::from(width));
    let asked = variable("COLUMNS").and_then(|columns| columns.parse().ok());
    asked.or_else(from_terminal).map_or(DEFAULT_WIDTH, |width: usize| width.clamp(*WIDTHS.start(), *WIDTHS.end()))
}

/// Whether the locale can show characters beyond ASCII. Windows terminals can.
pub(crate) fn has_unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable);
    cfg!(windows) || locale.is_some_and(|locale| locale.to_ascii_lowercase().replace('-', "").contains("utf8"))
}
