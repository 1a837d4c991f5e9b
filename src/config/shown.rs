//! What holds, as `authlint config` prints it: a configuration that could stand in `authlint.toml`, with what says each value beside it.

use std::io::{self, Write};

use serde_json::json;

use crate::config::file::{ConfigFile, FILE_NAME};
use crate::config::settings::{Effective, Origin, Settings, Sourced};

/// The settings of a run or of one path, ready to print.
#[derive(Debug)]
pub struct ShownSettings<'s> {
    settings: &'s Settings,
    /// The path that was asked for, as reports print it.
    path: Option<String>,
    is_folder: bool,
    effective: Effective,
}

impl<'s> ShownSettings<'s> {
    /// What holds at a path, or where no override says otherwise.
    #[must_use]
    pub fn new(settings: &'s Settings, path: Option<String>, is_folder: bool) -> Self {
        let effective = path.as_deref().map_or_else(|| settings.everywhere(), |path| settings.at(path));
        Self { settings, path, is_folder, effective }
    }

    fn config_name(&self) -> String {
        self.settings.file().map_or_else(|| FILE_NAME.to_owned(), ConfigFile::name)
    }

    fn told(&self, origin: Origin) -> String {
        match origin {
            Origin::Default => "default".to_owned(),
            Origin::File(line) => format!("{}:{line}", self.config_name()),
            Origin::Override(line) => format!("{}:{line}, override", self.config_name()),
            Origin::Option(option) => option.to_owned(),
        }
    }

    fn excluding(&self) -> Option<Sourced<&'s str>> {
        self.settings.excluding(self.path.as_deref()?, self.is_folder)
    }

    /// A list of strings of the file, with their lines.
    fn listed(&self, list: impl Fn(&ConfigFile) -> Vec<&toml::Spanned<String>>) -> Vec<Sourced<String>> {
        let place = |file: &ConfigFile, value: &toml::Spanned<String>| Sourced {
            value: value.get_ref().clone(),
            origin: Origin::File(file.line_of(value.span().start)),
        };
        self.settings.file().map(|file| list(file).into_iter().map(|value| place(file, value)).collect()).unwrap_or_default()
    }

    fn models(&self) -> Vec<Sourced<String>> {
        self.listed(|file| file.written.models.iter().collect())
    }

    fn vendors(&self) -> Vec<Sourced<String>> {
        self.listed(|file| file.written.vendors.iter().flatten().collect())
    }

    fn baseline(&self) -> Option<Sourced<String>> {
        self.listed(|file| file.written.baseline.iter().collect()).pop()
    }

    fn requires_reason(&self) -> Sourced<bool> {
        let line =
            self.settings.file().and_then(|file| Some(file.line_of(file.written.suppressions.require_reason.as_ref()?.span().start)));
        Sourced { value: self.settings.requires_reason(), origin: line.map_or(Origin::Default, Origin::File) }
    }
}

/// A string as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn write_list<'v>(
    shown: &ShownSettings<'_>,
    key: &str,
    values: impl ExactSizeIterator<Item = Sourced<&'v str>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    if values.len() == 0 {
        return writeln!(out, "{key} = [] # default");
    }
    writeln!(out, "{key} = [")?;
    for value in values {
        writeln!(out, "  {}, # {}", quoted(value.value), shown.told(value.origin))?;
    }
    writeln!(out, "]")
}

/// Prints the settings as TOML.
///
/// # Errors
/// When `out` fails.
pub fn write_toml(shown: &ShownSettings<'_>, out: &mut dyn Write) -> io::Result<()> {
    let file = shown.settings.file().map_or_else(|| "no configuration file".to_owned(), ConfigFile::name);
    match &shown.path {
        Some(path) => writeln!(out, "# What holds for {} ({file})", quoted(path))?,
        None => writeln!(out, "# What holds where no override says otherwise ({file})")?,
    }
    if let Some(pattern) = shown.excluding() {
        writeln!(out, "# It is not read: {} excludes it ({})", quoted(pattern.value), shown.told(pattern.origin))?;
    }
    writeln!(out)?;
    for (key, wanted) in [("select", true), ("ignore", false)] {
        let rules: Vec<_> = shown.effective.rules.iter().filter(|setting| setting.runs.value == wanted).collect();
        // Where no rule runs, `ignore` says so alone: a selection of nothing is a mistake.
        if !(wanted && rules.is_empty()) {
            write_list(shown, key, rules.iter().map(|setting| Sourced { value: setting.rule, origin: setting.runs.origin }), out)?;
        }
    }
    let Sourced { value, origin } = shown.effective.min_confidence;
    writeln!(out, "min-confidence = \"{}\" # {}", value.as_str(), shown.told(origin))?;
    write_list(shown, "exclude", shown.settings.exclude_patterns().into_iter(), out)?;
    for (key, values) in [("models", shown.models()), ("vendors", shown.vendors())] {
        write_list(shown, key, values.iter().map(|said| Sourced { value: said.value.as_str(), origin: said.origin }), out)?;
    }
    match shown.baseline() {
        Some(baseline) => writeln!(out, "baseline = {} # {}", quoted(&baseline.value), shown.told(baseline.origin))?,
        None => writeln!(out, "# baseline: none")?,
    }
    let inline = shown.settings.file().map_or(0, |file| file.written.inline_models.len());
    if inline > 0 {
        writeln!(out, "# [[model]]: {inline} in {}", shown.config_name())?;
    }
    writeln!(out, "\n[severity] # where a rule has no line, the evidence decides")?;
    for setting in &shown.effective.rules {
        if let Some(Sourced { value, origin }) = setting.severity {
            writeln!(out, "{} = \"{}\" # {}", setting.rule, value.as_str(), shown.told(origin))?;
        }
    }
    let reason = shown.requires_reason();
    writeln!(out, "\n[suppressions]\nrequire-reason = {} # {}", reason.value, shown.told(reason.origin))
}

/// Prints the settings for machines, `schema_version` 1.
///
/// # Errors
/// When `out` fails.
pub fn write_json(shown: &ShownSettings<'_>, out: &mut dyn Write) -> io::Result<()> {
    let value = json!({
        "schema_version": 1,
        "config": shown.settings.file().map(ConfigFile::name),
        "path": shown.path,
        "excluded_by": shown.excluding(),
        "rules": shown.effective.rules,
        "min_confidence": shown.effective.min_confidence,
        "exclude": shown.settings.exclude_patterns(),
        "models": shown.models(),
        "vendors": shown.vendors(),
        "baseline": shown.baseline(),
        "suppressions": { "require_reason": shown.requires_reason() },
    });
    serde_json::to_writer_pretty(&mut *out, &value)?;
    writeln!(out)
}
