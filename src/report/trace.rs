//! The report of a trace: the expression, where its value comes from step by step, where it runs, and what stopped the search.

mod json;

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::excerpt::{Mark, frame};
use super::layout::{harmless_text, long_masks, shorten, without, wrap};
use super::masking::{MaskedFile, Masker};
use super::steps::Steps;
use super::style::Styles;
use super::{Detail, Noted, Place, Presentation};
use crate::finding::{Confidence, FlowStep, Notice, Severity};
use crate::source::{FileId, Location};
use crate::trace::{Birth, Trace, TracedCondition, TracedOrigin};

/// How much of the expression's code a sentence shows.
const SHORT: usize = 60;
/// Fewer common steps at the end of two ways are printed twice.
const WORTH_SHARING: usize = 2;

/// A trace whose texts are masked.
#[derive(Debug)]
pub struct TraceReport<'t> {
    trace: &'t Trace,
    masker: Masker,
    files: BTreeMap<FileId, MaskedFile>,
    /// The notices, masked.
    notices: Vec<Notice>,
}

impl<'t> TraceReport<'t> {
    /// Masks every text that the trace points into.
    #[must_use]
    pub fn new(trace: &'t Trace) -> Self {
        let masker = Masker::new(&trace.masks, &trace.sources);
        let steps = trace.origins.iter().flat_map(|origin| origin.steps.iter().map(|step| step.location));
        let conditions = trace.origins.iter().flat_map(|origin| origin.conditions.iter().map(|condition| condition.at));
        let births = trace.origins.iter().map(|origin| origin.at);
        let places = steps.chain(conditions).chain(births).chain([trace.expression]).chain(trace.longer);
        let mut files = BTreeMap::new();
        for place in places {
            if let Some(file) = trace.sources.get(place.file) {
                files.entry(place.file).or_insert_with(|| {
                    let named = trace.masks.iter().chain(&trace.literals).filter(|mask| mask.file == place.file);
                    masker.file(file, named.map(|mask| mask.span))
                });
            }
        }
        let notices = trace.notices.iter().map(|notice| Notice { message: masker.prose(&notice.message), ..notice.clone() }).collect();
        Self { trace, masker, files, notices }
    }

    fn place(&self, location: Location) -> Place<'_> {
        Place::new(self.files.get(&location.file), location)
    }

    /// Words of the trace that may hold scanned text.
    fn words(&self, words: &[String]) -> Vec<String> {
        words.iter().map(|word| self.masker.prose(word)).collect()
    }

    fn steps(&self, steps: &[FlowStep]) -> Vec<Noted<'_>> {
        steps.iter().map(|step| Noted { place: self.place(step.location), message: self.masker.prose(&step.message) }).collect()
    }

    /// The notices that a person at this trace wants to see: those of its own files and of the whole run or, when everything is asked for,
    /// all.
    #[must_use]
    pub fn notices(&self, detail: Detail) -> Vec<Notice> {
        let is_near = |path: &str| self.files.values().any(|file| &*file.source().path == path);
        let wanted = |notice: &&Notice| detail == Detail::Verbose || notice.path.as_deref().is_none_or(is_near);
        self.notices.iter().filter(wanted).cloned().collect()
    }

    /// Prints the trace for machines.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        json::write(self, out)
    }

    /// Prints the trace for a person.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write_human(&self, presentation: &Presentation, out: &mut dyn Write) -> io::Result<()> {
        Printer { presentation, styles: Styles::new(presentation.color), steps: Steps::new(presentation), report: self }.write(out)
    }
}

/// The steps of one origin.
type Way<'n> = Vec<Noted<'n>>;

struct Printer<'p, 't> {
    presentation: &'p Presentation,
    styles: Styles,
    steps: Steps<'p>,
    report: &'p TraceReport<'t>,
}

impl Printer<'_, '_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let trace = self.report.trace;
        let expression = self.report.place(trace.expression);
        writeln!(out, "{}", self.styles.bold(format!("trace of {}", self.code(expression))))?;
        let mark = Mark { place: expression, label: "", is_primary: true };
        out.write_all(frame(&[mark], Severity::Note, self.presentation).as_bytes())?;
        self.steps.field("runs in:", &self.zone(), out)?;
        self.steps.field("limits:", &self.limits(), out)?;
        if let Some(longer) = trace.longer {
            let place = self.report.place(longer);
            let at = format!("{}:{}:{}-{}", place.path(), place.start().line, place.start().column, place.end().column);
            self.steps.field("note:", &format!("this is the beginning of {}; trace that as {at}", self.code(place)), out)?;
        }
        writeln!(out)?;
        let ways: Vec<Way<'_>> = trace.origins.iter().map(|origin| self.way(origin)).collect();
        for (index, origin) in trace.origins.iter().enumerate() {
            let head = if ways.len() == 1 { "comes from:".to_owned() } else { format!("comes from ({} of {}):", index + 1, ways.len()) };
            let text = harmless_text(&self.report.masker.prose(&sentence(self.report, origin)));
            writeln!(out, "{} {}", self.styles.keyword(&head), wrap(&text, self.presentation.width, head.len() + 1, 4))?;
            let (earlier, way) = (ways.get(..index).unwrap_or_default(), ways.get(index).map_or(&[][..], Vec::as_slice));
            self.list(way, earlier, out)?;
        }
        Ok(())
    }

    /// The steps of an origin that a person wants to see. "It comes from itself" is no way.
    fn way(&self, origin: &TracedOrigin) -> Way<'_> {
        let is_itself = origin.what == Birth::Unknown && origin.at == self.report.trace.expression;
        if is_itself { Vec::new() } else { self.steps.telling(self.report.steps(&origin.steps)) }
    }

    /// Prints a way. Where it meets an earlier one it is not printed again, unless everything is asked for.
    fn list(&self, way: &[Noted<'_>], earlier: &[Way<'_>], out: &mut dyn Write) -> io::Result<()> {
        let is_everything = self.presentation.detail == Detail::Verbose;
        let met = earlier.iter().enumerate().map(|(index, other)| (common_end(way, other), index));
        // The first of the longest.
        let met = met.max_by_key(|(shared, index)| (*shared, std::cmp::Reverse(*index))).filter(|(shared, _)| *shared >= WORTH_SHARING);
        let Some((shared, index)) = met.filter(|_| !is_everything) else { return self.steps.list(None, way, out) };
        self.steps.list(None, way.get(..way.len() - shared).unwrap_or_default(), out)?;
        let then = if way.len() == shared { "as" } else { "then as" };
        let step = earlier.get(index).map_or(0, Vec::len) - shared + 1;
        writeln!(out, "  {}", self.styles.dim(format!("{then} in {} from its step {step} on", index + 1)))
    }

    /// The first line of some code, in back ticks.
    fn code(&self, place: Place<'_>) -> String {
        let text = place.text();
        let ellipsis = if self.presentation.unicode { "…" } else { "..." };
        let first = text.lines().next().unwrap_or("");
        let whole = if first.len() < text.len() { format!("{first} {ellipsis}") } else { first.to_owned() };
        format!("`{}`", shorten(&harmless_text(&without(&whole, &long_masks(&whole))), SHORT, ellipsis))
    }

    fn zone(&self) -> String {
        let zone = &self.report.trace.zone;
        let arrow = if self.presentation.unicode { " → " } else { " -> " };
        let doubt = match zone.confidence {
            Confidence::High => String::new(),
            confidence => format!(", {} confidence", confidence.as_str()),
        };
        let because = self.report.words(&zone.because).iter().map(|reason| harmless_text(reason)).collect::<Vec<_>>().join(arrow);
        let because = if because.is_empty() { because } else { format!(" ({because})") };
        format!("{}{doubt}{because}", zone.kind.as_str())
    }

    fn limits(&self) -> String {
        let limits = &self.report.trace.limits;
        if limits.is_empty() { "none was hit".to_owned() } else { limits.join("; ") }
    }
}

/// How many steps two ways have in common at their end.
fn common_end(way: &[Noted<'_>], other: &[Noted<'_>]) -> usize {
    let same = |(left, right): &(&Noted<'_>, &Noted<'_>)| left.place.is_same(&right.place) && left.message == right.message;
    way.iter().rev().zip(other.iter().rev()).take_while(same).count()
}

/// An origin as a sentence without its full stop.
fn sentence(report: &TraceReport<'_>, origin: &TracedOrigin) -> String {
    let part = match &origin.what {
        // The name says it.
        Birth::Global(_) => String::new(),
        Birth::Parameter(name) if origin.part.first() == Some(name) => String::new(),
        _ if origin.part.is_empty() => String::new(),
        _ => format!("`{}` of ", part(&origin.part)),
    };
    let derived = if origin.derived { ", from which the value is computed" } else { "" };
    let only_if = |condition: &TracedCondition| {
        let place = report.place(condition.at);
        format!(", only if {} ({}:{})", condition.text, place.path(), place.start().line)
    };
    let conditions: String = origin.conditions.iter().map(only_if).collect();
    format!("{part}{}{derived}{conditions}", described(&origin.what))
}

/// `data[].token`.
fn part(names: &[String]) -> String {
    let mut text = String::new();
    for name in names {
        if name == crate::analysis::values::ANY {
            text += name;
        } else if name.bytes().all(|byte| byte.is_ascii_digit()) {
            text.extend(["[", name, "]"]);
        } else {
            text.extend([if text.is_empty() { "" } else { "." }, name]);
        }
    }
    text
}

fn described(what: &Birth) -> String {
    match what {
        Birth::Literal { is_empty: false } => "a constant in the code".to_owned(),
        Birth::Literal { is_empty: true } => "an empty text, where nothing else gives a value".to_owned(),
        Birth::Env { name, is_public: true } => {
            format!("the environment variable `{name}`, which is public: the bundler ships it to browsers")
        }
        Birth::Env { name, is_public: false } => format!("the environment variable `{name}`"),
        Birth::Response(Some(request)) => format!("the answer of the request `{request}`"),
        Birth::Response(None) => "the answer of a request".to_owned(),
        Birth::Storage(Some(key)) => format!("what is stored under `{key}` in the browser or on the device"),
        Birth::Storage(None) => "what is stored in the browser or on the device".to_owned(),
        Birth::UserInput => "what the user types or chooses".to_owned(),
        Birth::PageUrl => "the page's address".to_owned(),
        Birth::RequestInput => "what the caller of the server sends".to_owned(),
        Birth::File => "a file that the program reads".to_owned(),
        Birth::TemplateHole => "what the server puts into the page".to_owned(),
        Birth::Mint(call) => format!("the service, which mints a login token (`{call}`)"),
        Birth::Credential(call) => format!("the service, which creates or reads a credential (`{call}`)"),
        Birth::Call(callee) => format!("the result of calling `{callee}`, whose code authlint does not see"),
        Birth::Package(package) => format!("the package `{package}`"),
        Birth::Parameter(name) => format!("the parameter `{name}`, which no visible code fills"),
        Birth::Object => "an object or array that is written here".to_owned(),
        Birth::Function(Some(name)) => format!("the function `{name}`"),
        Birth::Function(None) => "a function that is written here".to_owned(),
        Birth::Class(Some(name)) => format!("the class `{name}`"),
        Birth::Class(None) => "a class that is written here".to_owned(),
        Birth::Instance(class) => format!("an instance of `{class}`"),
        Birth::Element => "an element that is written here".to_owned(),
        Birth::Global(name) => format!("the global `{name}`, which no file of the project sets"),
        Birth::Unknown => "nothing that is known: no code gives it a value, or only in a way that authlint does not follow".to_owned(),
        Birth::Limit => "more places than authlint followed: a limit was hit".to_owned(),
    }
}
