//! What holds in a run, and for one path of it: the file's top, its overrides for the path, and the command line, which wins.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::check::{UnknownRule, find_rule};
use crate::config::error::ConfigError;
use crate::config::file::ConfigFile;
use crate::config::layer::{Layer, Said};
use crate::finding::{Confidence, Finding, Severity};
use crate::project::Patterns;
use crate::rules::EVERY_RULE;

/// Which configuration file to use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ConfigSource {
    /// The nearest one at or above the working root.
    #[default]
    Nearest,
    /// This one, whose paths and patterns are then seen from the working root.
    File(PathBuf),
    /// None.
    None,
}

/// What a command says about the configuration.
#[derive(Debug, Clone, Default)]
pub struct ConfigRequest {
    /// Which file to use.
    pub source: ConfigSource,
    /// The only rules to run, in place of what the top of the file selects and ignores; the file decides when empty.
    pub select: Vec<String>,
    /// Rules not to run, beside those of the file.
    pub ignore: Vec<String>,
    /// Patterns of paths that are not read, seen from the working root, beside those of the file.
    pub exclude: Vec<String>,
    /// Findings must be at least this sure, whatever the file says.
    pub min_confidence: Option<Confidence>,
}

/// What says that something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "at")]
pub enum Origin {
    /// Nothing: it is the default.
    Default,
    /// The top of the file, in this line.
    File(usize),
    /// An override, in this line.
    Override(usize),
    /// An option of the command line.
    Option(&'static str),
}

/// A value and what says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// What says it.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    fn default(value: T) -> Self {
        Self { value, origin: Origin::Default }
    }
}

/// What holds for one rule at one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RuleSetting {
    /// The rule's name.
    pub rule: &'static str,
    /// Whether it runs.
    pub runs: Sourced<bool>,
    /// The severity of all its findings; where there is none, the evidence decides.
    pub severity: Option<Sourced<Severity>>,
}

/// What holds at one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// One for each rule, in the order of the table of rules.
    pub rules: Vec<RuleSetting>,
    /// The least confidence that is shown.
    pub min_confidence: Sourced<Confidence>,
}

impl Effective {
    /// What holds for a rule.
    #[must_use]
    pub fn rule(&self, name: &str) -> Option<&RuleSetting> {
        self.rules.iter().find(|setting| setting.rule == name)
    }

    /// Whether a rule runs.
    #[must_use]
    pub fn runs(&self, name: &str) -> bool {
        self.rule(name).is_none_or(|setting| setting.runs.value)
    }

    /// Gives a finding the severity that is asked for.
    pub(crate) fn adjust(&self, finding: &mut Finding) {
        if let Some(severity) = self.rule(finding.rule).and_then(|setting| setting.severity) {
            finding.severity = severity.value;
        }
    }
}

/// The command line's part, looked up.
#[derive(Debug, Clone)]
struct Options {
    /// Empty: nothing was selected.
    select: Vec<&'static str>,
    ignore: Vec<&'static str>,
    min_confidence: Option<Confidence>,
    exclude: Vec<String>,
}

/// What holds in a run.
#[derive(Debug, Clone)]
pub struct Settings {
    root: PathBuf,
    file: Option<ConfigFile>,
    options: Options,
    exclude: Vec<Patterns>,
}

impl Settings {
    /// Finds and reads the configuration of a working root, which is absolute and without links.
    ///
    /// # Errors
    /// When the file cannot be read or has mistakes, or the request names a rule that does not exist or a pattern that is none.
    pub fn load(root: &Path, request: &ConfigRequest) -> Result<Self, ConfigError> {
        let options = Options {
            select: names(&request.select)?,
            ignore: names(&request.ignore)?,
            min_confidence: request.min_confidence,
            exclude: request.exclude.clone(),
        };
        let given = Patterns::new(root, request.exclude.iter().map(String::as_str)).map_err(|mut wrong| {
            let (index, problem) = wrong.swap_remove(0);
            ConfigError::Pattern { pattern: request.exclude.get(index).cloned().unwrap_or_default(), problem }
        })?;
        let file = match &request.source {
            ConfigSource::None => None,
            ConfigSource::File(path) => Some(ConfigFile::read(&root.join(path), root, root)?),
            ConfigSource::Nearest => match ConfigFile::find(root)? {
                Some(path) => Some(ConfigFile::read(&path, path.parent().unwrap_or(root), root)?),
                None => None,
            },
        };
        let written = file.iter().map(|file| file.layers.exclude.clone());
        let exclude = written.chain([given]).filter(|patterns| !patterns.is_empty()).collect();
        Ok(Self { root: root.to_path_buf(), file, options, exclude })
    }

    /// The file that is used.
    #[must_use]
    pub fn file(&self) -> Option<&ConfigFile> {
        self.file.as_ref()
    }

    /// What is not read: the patterns of the file and of the command line.
    #[must_use]
    pub fn exclude(&self) -> &[Patterns] {
        &self.exclude
    }

    /// Whether suppressions have to give a reason.
    #[must_use]
    pub fn requires_reason(&self) -> bool {
        self.file.as_ref().and_then(|file| file.written.suppressions.require_reason.as_ref()).is_none_or(|said| *said.get_ref())
    }

    /// The file of known findings that the configuration names, absolute.
    #[must_use]
    pub fn baseline(&self) -> Option<PathBuf> {
        let file = self.file.as_ref()?;
        file.written.baseline.as_ref().map(|path| file.base.join(path.get_ref()))
    }

    /// The patterns of what is not read, with what says them.
    #[must_use]
    pub fn exclude_patterns(&self) -> Vec<Sourced<&str>> {
        let written = self.file.iter().flat_map(|file| {
            file.written
                .exclude
                .iter()
                .map(|pattern| Sourced { value: pattern.get_ref().as_str(), origin: Origin::File(file.line_of(pattern.span().start)) })
        });
        let given = self.options.exclude.iter().map(|pattern| Sourced { value: pattern.as_str(), origin: Origin::Option("--exclude") });
        written.chain(given).collect()
    }

    /// The pattern by which a path is not read.
    #[must_use]
    pub fn excluding(&self, path: &str, is_folder: bool) -> Option<Sourced<&str>> {
        let path = self.root.join(path);
        let pattern = self.exclude.iter().find_map(|patterns| patterns.naming(&path, is_folder))?;
        self.exclude_patterns().into_iter().find(|known| known.value.trim_start_matches("./") == pattern)
    }

    /// What holds where no override says otherwise.
    #[must_use]
    pub fn everywhere(&self) -> Effective {
        self.effective(None)
    }

    /// What holds at a path, as reports print it: relative to the working root, or absolute.
    #[must_use]
    pub fn at(&self, path: &str) -> Effective {
        self.effective(Some(&self.root.join(path)))
    }

    fn effective(&self, path: Option<&Path>) -> Effective {
        let mut effective = Effective {
            rules: EVERY_RULE.iter().map(|rule| RuleSetting { rule: rule.name, runs: Sourced::default(true), severity: None }).collect(),
            min_confidence: Sourced::default(Confidence::Low),
        };
        if let Some(file) = &self.file {
            let at = |span: &std::ops::Range<usize>| Origin::File(file.line_of(span.start));
            apply(&mut effective, &file.layers.top, &at);
            self.apply_selection(&mut effective);
            let at = |span: &std::ops::Range<usize>| Origin::Override(file.line_of(span.start));
            for (_, layer) in file.layers.overrides.iter().filter(|(paths, _)| path.is_some_and(|path| paths.contain(path, false))) {
                apply(&mut effective, layer, &at);
            }
            self.apply_limits(&mut effective);
        } else {
            self.apply_selection(&mut effective);
            self.apply_limits(&mut effective);
        }
        effective
    }

    /// `--select` takes the place of what the top of the file selects and ignores.
    fn apply_selection(&self, effective: &mut Effective) {
        if !self.options.select.is_empty() {
            for setting in &mut effective.rules {
                setting.runs = Sourced { value: self.options.select.contains(&setting.rule), origin: Origin::Option("--select") };
            }
        }
    }

    /// What nothing in the file may undo.
    fn apply_limits(&self, effective: &mut Effective) {
        let Options { select, ignore, min_confidence, .. } = &self.options;
        for setting in &mut effective.rules {
            if !select.is_empty() && !select.contains(&setting.rule) {
                setting.runs = Sourced { value: false, origin: Origin::Option("--select") };
            }
            if ignore.contains(&setting.rule) {
                setting.runs = Sourced { value: false, origin: Origin::Option("--ignore") };
            }
        }
        if let Some(value) = *min_confidence {
            effective.min_confidence = Sourced { value, origin: Origin::Option("--min-confidence") };
        }
    }
}

fn names(names: &[String]) -> Result<Vec<&'static str>, UnknownRule> {
    names.iter().map(|name| find_rule(EVERY_RULE, name).map(|rule| rule.name)).collect()
}

/// Puts what a layer says over what holds so far.
fn apply(effective: &mut Effective, layer: &Layer, at: &impl Fn(&std::ops::Range<usize>) -> Origin) {
    for setting in &mut effective.rules {
        let said = |list: &[Said<&'static str>]| list.iter().find(|said| said.value == setting.rule).map(|said| at(&said.span));
        if let Some(select) = &layer.select {
            setting.runs = match said(&select.value) {
                Some(origin) => Sourced { value: true, origin },
                None => Sourced { value: false, origin: at(&select.span) },
            };
        }
        if let Some(origin) = said(&layer.ignore) {
            setting.runs = Sourced { value: false, origin };
        }
        if let Some(said) = layer.severity.iter().find(|said| said.value.0 == setting.rule) {
            setting.severity = Some(Sourced { value: said.value.1, origin: at(&said.span) });
        }
    }
    if let Some(said) = &layer.min_confidence {
        effective.min_confidence = Sourced { value: said.value, origin: at(&said.span) };
    }
}
