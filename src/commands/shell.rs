//! What a shell and `man` know of authlint, made from the command line's own description.

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::cli::Cli;
use crate::output::to_stdout;
use crate::{Failure, Verdict};

/// Prints the completions of a shell.
pub(crate) fn completions(shell: Shell) -> Result<Verdict, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), env!("CARGO_PKG_NAME"), &mut script);
    to_stdout(|out| out.write_all(&script))?;
    Ok(Verdict::Clean)
}

/// Prints a manual page: of the whole, or of a subcommand.
pub(crate) fn man(command: Option<&str>) -> Result<Verdict, Failure> {
    let mut cli = Cli::command();
    cli.build();
    let page = match command {
        None => cli,
        Some(name) => cli.find_subcommand(name).cloned().ok_or_else(|| Failure::UnknownCommand(name.to_owned()))?,
    };
    let name = page.get_display_name().unwrap_or_else(|| page.get_name()).to_owned();
    // A man page is found by the name in its title; the built command's own has a blank in it.
    let page = Man::new(page).title(name.to_uppercase()).manual("User Commands").source(concat!("authlint ", env!("CARGO_PKG_VERSION")));
    to_stdout(|out| page.render(out))?;
    Ok(Verdict::Clean)
}
