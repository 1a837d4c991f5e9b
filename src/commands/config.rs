//! `authlint config`: what holds, and what says so.

use std::path::Path;

use authlint::config::{self, Settings, ShownSettings};

use crate::cli::{SettingsArgs, SettingsFormat};
use crate::output::to_stdout;
use crate::{Failure, Verdict};

pub(crate) fn run(args: &SettingsArgs) -> Result<Verdict, Failure> {
    if args.schema {
        to_stdout(|out| writeln!(out, "{:#}", config::schema()))?;
        return Ok(Verdict::Clean);
    }
    let root = std::env::current_dir().and_then(|folder| folder.canonicalize()).map_err(Failure::NoFolder)?;
    let settings = Settings::load(&root, &args.request())?;
    let path = args.file.as_deref().map(|file| seen_from(&root, file));
    let shown = ShownSettings::new(&settings, path, args.file.as_ref().is_some_and(|file| root.join(file).is_dir()));
    to_stdout(|out| match args.format {
        SettingsFormat::Toml => config::write_toml(&shown, out),
        SettingsFormat::Json => config::write_json(&shown, out),
    })?;
    Ok(Verdict::Clean)
}

/// The file as reports print it. It need not exist: settings go by paths.
fn seen_from(root: &Path, file: &Path) -> String {
    let absolute = root.join(file);
    let absolute = absolute.canonicalize().unwrap_or(absolute);
    authlint::project::display_path(root, &absolute)
}
