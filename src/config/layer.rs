//! What a file or a part of it says about rules, with names looked up and patterns compiled: the top of the file and each `[[override]]`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;

use crate::config::error::Mistake;
use crate::config::unknown::unknown_rule;
use crate::config::words::{CONFIDENCES, SEVERITIES, nearest};
use crate::config::written::Written;
use crate::finding::{Confidence, Severity};
use crate::project::Patterns;
use crate::rules::EVERY_RULE;

/// A value and where the file says it, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said<T> {
    pub(crate) value: T,
    pub(crate) span: Range<usize>,
}

/// What holds for some paths.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    /// The only rules.
    pub(crate) select: Option<Said<Vec<Said<&'static str>>>>,
    pub(crate) ignore: Vec<Said<&'static str>>,
    pub(crate) min_confidence: Option<Said<Confidence>>,
    pub(crate) severity: Vec<Said<(&'static str, Severity)>>,
}

/// Everything in a file that is about rules and paths.
#[derive(Debug, Clone)]
pub(crate) struct Layers {
    pub(crate) top: Layer,
    /// In the order of the file.
    pub(crate) overrides: Vec<(Patterns, Layer)>,
    pub(crate) exclude: Patterns,
}

impl Layers {
    /// Makes sense of what is written. `base` is the absolute folder that patterns are seen from.
    ///
    /// # Errors
    /// All values that mean nothing.
    pub(crate) fn new(written: &Written, base: &Path) -> Result<Self, Vec<Mistake>> {
        let mut reader = Reader { base, found: Vec::new() };
        let top = reader.layer(written.select.as_ref(), &written.ignore, written.min_confidence.as_ref(), &written.severity);
        let exclude = reader.patterns(&written.exclude);
        let overrides: Vec<_> = written
            .overrides
            .iter()
            .map(|over| {
                let layer = reader.layer(over.select.as_ref(), &over.ignore, over.min_confidence.as_ref(), &over.severity);
                (reader.patterns(over.paths.get_ref()), layer)
            })
            .collect();
        for over in written.overrides.iter().filter(|over| over.paths.get_ref().is_empty()) {
            reader.found.push(mistake("an override needs at least one path".to_owned(), over.paths.span(), None));
        }
        let patterns = overrides.into_iter().map(|(paths, layer)| Some((paths?, layer))).collect::<Option<Vec<_>>>();
        match (exclude, patterns) {
            (Some(exclude), Some(overrides)) if reader.found.is_empty() => Ok(Self { top, overrides, exclude }),
            _ => Err(reader.found),
        }
    }
}

fn mistake(message: String, span: Range<usize>, help: Option<String>) -> Mistake {
    Mistake { message, span, help }
}

/// Collects what is wrong on the way.
struct Reader<'b> {
    base: &'b Path,
    found: Vec<Mistake>,
}

impl Reader<'_> {
    fn layer(
        &mut self,
        select: Option<&Spanned<Vec<Spanned<String>>>>,
        ignore: &[Spanned<String>],
        min_confidence: Option<&Spanned<String>>,
        severity: &BTreeMap<Spanned<String>, Spanned<String>>,
    ) -> Layer {
        if let Some(select) = select
            && select.get_ref().is_empty()
        {
            let help = Some("leave the key out to run all rules".to_owned());
            self.found.push(mistake("`select` names no rule".to_owned(), select.span(), help));
        }
        Layer {
            select: select.map(|select| Said { value: self.rules(select.get_ref()), span: select.span() }),
            ignore: self.rules(ignore),
            min_confidence: min_confidence.and_then(|written| self.confidence(written)),
            severity: severity.iter().filter_map(|(rule, severity)| self.severity(rule, severity)).collect(),
        }
    }

    fn rules(&mut self, names: &[Spanned<String>]) -> Vec<Said<&'static str>> {
        names.iter().filter_map(|name| self.rule(name)).collect()
    }

    fn rule(&mut self, name: &Spanned<String>) -> Option<Said<&'static str>> {
        let rule = EVERY_RULE.iter().find(|rule| rule.name == name.get_ref());
        if rule.is_none() {
            self.found.push(unknown_rule(name.get_ref(), name.span()));
        }
        rule.map(|rule| Said { value: rule.name, span: name.span() })
    }

    fn confidence(&mut self, written: &Spanned<String>) -> Option<Said<Confidence>> {
        let value = CONFIDENCES.into_iter().find(|confidence| confidence.as_str() == written.get_ref());
        if value.is_none() {
            let words = CONFIDENCES.map(Confidence::as_str);
            self.found.push(no_word("confidence", written, &words));
        }
        value.map(|value| Said { value, span: written.span() })
    }

    fn severity(&mut self, rule: &Spanned<String>, written: &Spanned<String>) -> Option<Said<(&'static str, Severity)>> {
        let value = SEVERITIES.into_iter().find(|severity| severity.as_str() == written.get_ref());
        if value.is_none() {
            let mut mistake = no_word("severity", written, &SEVERITIES.map(Severity::as_str));
            if matches!(written.get_ref().as_str(), "off" | "none" | "ignore" | "allow") {
                mistake.help = Some(format!("to turn the rule off, put `{}` into `ignore`", rule.get_ref()));
            }
            self.found.push(mistake);
        }
        // A rule that does not exist is an unknown key, and as such told already.
        let rule = EVERY_RULE.iter().find(|known| known.name == rule.get_ref())?;
        value.map(|value| Said { value: (rule.name, value), span: written.span() })
    }

    fn patterns(&mut self, written: &[Spanned<String>]) -> Option<Patterns> {
        match Patterns::new(self.base, written.iter().map(|pattern| pattern.get_ref().as_str())) {
            Ok(patterns) => Some(patterns),
            Err(wrong) => {
                let place = |index: usize| written.get(index).map(|pattern| (pattern.get_ref().clone(), pattern.span()));
                self.found.extend(wrong.into_iter().filter_map(|(index, problem)| {
                    let (pattern, span) = place(index)?;
                    Some(mistake(format!("`{pattern}` is no pattern of paths: {problem}"), span, None))
                }));
                None
            }
        }
    }
}

fn no_word(what: &str, written: &Spanned<String>, words: &[&str]) -> Mistake {
    let help = match nearest(written.get_ref(), words.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("it is one of {}", words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")),
    };
    mistake(format!("`{}` is no {what}", written.get_ref()), written.span(), Some(help))
}
