//! The report of a trace: the expression, where its value comes from step by step, where it runs, and what stopped the search.

mod json;

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::excerpt::{Mark, frame};
use super::layout::{harmless_text, long_masks, shorten, without, wrap};
use super::masking::{MaskedFile, Masker};
use super::steps::Steps;
use super::style::Styles;
use super::{Noted, Place, Presentation};
use crate::finding::{Confidence, FlowStep, Notice, Severity};
use crate::source::{FileId, Location};
use crate::trace::{Birth, Trace, TracedOrigin};

/// How much of the expression's code a sentence shows.
const SHORT: usize = 60;

/// A trace whose texts are masked.
#[derive(Debug)]
pub struct TraceReport<'t> {
    trace: &'t Trace,
    masker: Masker,
    files: BTreeMap<FileId, MaskedFile>,
    /// The notices, masked.
    pub notices: Vec<Notice>,
}

impl<'t> TraceReport<'t> {
    /// Masks every text that the trace points into.
    #[must_use]
    pub fn new(trace: &'t Trace) -> Self {
        let masker = Masker::new(&trace.masks, &trace.sources);
        let steps = trace.origins.iter().flat_map(|origin| origin.steps.iter().map(|step| step.location));
        let places = steps.chain(trace.origins.iter().map(|origin| origin.at)).chain([trace.expression]).chain(trace.longer);
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
        Place { file: self.files.get(&location.file), location }
    }

    /// Words of the trace that may hold scanned text.
    fn words(&self, words: &[String]) -> Vec<String> {
        words.iter().map(|word| self.masker.prose(word)).collect()
    }

    fn steps(&self, steps: &[FlowStep]) -> Vec<Noted<'_>> {
        steps.iter().map(|step| Noted { place: self.place(step.location), message: self.masker.prose(&step.message) }).collect()
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
        let count = trace.origins.len();
        trace.origins.iter().enumerate().try_for_each(|(index, origin)| {
            let head = if count == 1 { "comes from:".to_owned() } else { format!("comes from ({} of {count}):", index + 1) };
            self.origin(&head, origin, out)
        })
    }

    /// The first line of some code, in back ticks.
    fn code(&self, place: Place<'_>) -> String {
        let text = place.text();
        let ellipsis = if self.presentation.unicode { "…" } else { "..." };
        let first = text.lines().next().unwrap_or("");
        let whole = if first.len() < text.len() { format!("{first} {ellipsis}") } else { first.to_owned() };
        format!("`{}`", shorten(&harmless_text(&without(&whole, &long_masks(&whole))), SHORT, ellipsis))
    }

    fn origin(&self, head: &str, origin: &TracedOrigin, out: &mut dyn Write) -> io::Result<()> {
        let text = harmless_text(&self.report.masker.prose(&sentence(origin)));
        writeln!(out, "{} {}", self.styles.keyword(head), wrap(&text, self.presentation.width, head.len() + 1, 4))?;
        // "It comes from itself" is no way.
        let is_itself = origin.what == Birth::Unknown && origin.at == self.report.trace.expression;
        if is_itself { Ok(()) } else { self.steps.list(None, &self.report.steps(&origin.steps), out) }
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

/// An origin as a sentence without its full stop.
fn sentence(origin: &TracedOrigin) -> String {
    let mut text = described(&origin.what);
    if !origin.part.is_empty() && !matches!(origin.what, Birth::Global(_)) {
        text += &format!(", of it `{}`", part(&origin.part));
    }
    if origin.derived {
        text += ", from which the value is computed";
    }
    for condition in &origin.conditions {
        text += &format!(", only if {condition}");
    }
    text
}

/// `data[].token`.
fn part(names: &[String]) -> String {
    let mut text = String::new();
    for name in names {
        if name == crate::analysis::values::ANY {
            text += name;
        } else if name.bytes().all(|byte| byte.is_ascii_digit()) {
            text += &format!("[{name}]");
        } else {
            text += if text.is_empty() { "" } else { "." };
            text += name;
        }
    }
    text
}

fn described(what: &Birth) -> String {
    match what {
        Birth::Literal => "a constant in the code".to_owned(),
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
        Birth::Mint => "a login token that the service mints".to_owned(),
        Birth::Credential => "a credential that the service creates or reads".to_owned(),
        Birth::Call(callee) => format!("the result of calling `{callee}`, whose code is not part of the project"),
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
