//! `trace`: where the value at one place of a file comes from, where that code runs, and what kept authlint from knowing more.
//!
//! The same walk that the rules build on, asked one question and answered in full: rules decide from it, a person checks it.

mod asked;
mod birth;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::analysis::auth::Builder;
use crate::analysis::unit::Unit;
use crate::analysis::values::{ClassSite, Origin, OriginKind};
use crate::analysis::workspace::Workspace;
use crate::analysis::zones::Zone;
use crate::check::{CheckError, masks};
use crate::config::ConfigRequest;
use crate::finding::{FlowStep, Notice};
use crate::project;
use crate::session::{self, Session};
use crate::source::{FileId, Location, SourceFile, Sources, Span};
use asked::{Asked, Nothing, Taken};
pub use birth::Birth;
use birth::Births;

/// What to trace.
#[derive(Debug, Clone)]
pub struct TraceRequest {
    /// The working root: reported paths are relative to it.
    pub root: PathBuf,
    /// The file, absolute or relative to the root.
    pub file: PathBuf,
    /// Where in the file.
    pub place: Place,
    /// Which configuration holds, and what the command line says beside it.
    pub config: ConfigRequest,
}

/// A place as people and editors count it: lines and UTF-16 columns from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The first value that starts in a line.
    Line(u32),
    /// What starts at a point or, when nothing does, what lies around it.
    Point {
        /// The line.
        line: u32,
        /// The column.
        column: u32,
    },
    /// The smallest expression that covers a part of a line.
    Range {
        /// The line.
        line: u32,
        /// The column of the first character.
        from: u32,
        /// The column after the last character.
        to: u32,
    },
}

impl Place {
    /// The line.
    #[must_use]
    pub fn line(self) -> u32 {
        match self {
            Self::Line(line) | Self::Point { line, .. } | Self::Range { line, .. } => line,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(to, "line {line}"),
            Self::Point { line, column } => write!(to, "line {line}, column {column}"),
            Self::Range { line, from, to: end } => write!(to, "line {line}, columns {from} to {end}"),
        }
    }
}

/// Where a value comes from.
#[derive(Debug)]
pub struct Trace {
    /// The expression that was taken to be meant.
    pub expression: Location,
    /// The longest expression that starts at the same place, when it is another one: what may have been meant instead.
    pub longer: Option<Location>,
    /// Where the expression runs.
    pub zone: Zone,
    /// Where its value comes from. Empty when nothing gives it one.
    pub origins: Vec<TracedOrigin>,
    /// What kept authlint from following the value further, a sentence each.
    pub limits: Vec<String>,
    /// What limited the run, sorted.
    pub notices: Vec<Notice>,
    /// The texts of all files that are named above.
    pub sources: Sources,
    /// Where secrets stand in those texts. No output may show them, nor the same values elsewhere.
    pub masks: Vec<Location>,
    /// Constants that the value may be. Any of them could be the secret, so that no output may show them.
    pub literals: Vec<Location>,
}

/// One origin of the value.
#[derive(Debug)]
pub struct TracedOrigin {
    /// What it is.
    pub what: Birth,
    /// Where it is.
    pub at: Location,
    /// The part of it that is taken (`data`, `token`), outermost first.
    pub part: Vec<String>,
    /// The value is computed from the origin, not the origin itself.
    pub derived: bool,
    /// When it is the origin; empty for always.
    pub conditions: Vec<TracedCondition>,
    /// The way to the expression, origin first.
    pub steps: Vec<FlowStep>,
}

/// What must hold for a value to come from an origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedCondition {
    /// The test.
    pub at: Location,
    /// The condition as it must hold, as words after "only if".
    pub text: String,
}

/// Why nothing could be traced.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum TraceError {
    /// The project could not be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Session(#[from] CheckError),
    /// A folder, or something that is left out of the analysis.
    #[error("{} {why}", file.display())]
    #[diagnostic(help("{advice}"))]
    NoCode {
        /// The file as given.
        file: PathBuf,
        /// What it is instead.
        why: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// The file has no such line, or the line no such column.
    #[error("{} has no {place}", file.display())]
    #[diagnostic(help("{extent}"))]
    Outside {
        /// The file as given.
        file: PathBuf,
        /// The place as given.
        place: Place,
        /// How far file and line go.
        extent: String,
    },
    /// No value stands there.
    #[error("there is no expression at {}, {place}", file.display())]
    #[diagnostic(help("{advice}"))]
    Nothing {
        /// The file as given.
        file: PathBuf,
        /// The place as given.
        place: Place,
        /// What stands nearby.
        advice: String,
    },
}

impl TraceError {
    /// Whether the request was wrong, as opposed to the run having failed.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Session(error) => error.is_usage(),
            Self::NoCode { .. } | Self::Outside { .. } | Self::Nothing { .. } => true,
        }
    }
}

/// Traces the value at a place of a file of the project.
///
/// # Errors
/// When the file cannot be read or holds no code, and when no value stands at the place.
pub fn trace(request: &TraceRequest) -> Result<Trace, TraceError> {
    let absolute = request.root.join(&request.file);
    if absolute.is_dir() {
        return Err(TraceError::NoCode {
            file: request.file.clone(),
            why: "is a folder",
            advice: "name a file and a place in it, such as `src/phone.ts:12:5`",
        });
    }
    session::run(&request.root, std::slice::from_ref(&request.file), &request.config, |session| Ok(answer(session, request, &absolute)))?
}

fn answer(mut session: Session, request: &TraceRequest, absolute: &Path) -> Result<Trace, TraceError> {
    let file = find_file(&session.workspace, &request.file, absolute)?;
    session.parse_anchored(false);
    session.workspace.anchor(&[file]);
    let no_code = |why, advice| TraceError::NoCode { file: request.file.clone(), why, advice };
    let mut trace = {
        let unit = session.workspace.unit(file).ok_or_else(|| {
            let is_minified = session.workspace.project.file(file).is_some_and(|entry| entry.minified);
            if is_minified {
                no_code("is minified or bundled, and is searched for secrets only", "trace the sources that it was made from")
            } else {
                no_code("is not analysed as code", "authlint follows values through scripts, markup with scripts, JSON and dotenv files")
            }
        })?;
        let taken = asked::find(unit, request.place).map_err(|nothing| wrong_place(unit, request, &nothing))?;
        // Before the model, so that a project that spends what all questions may visit together still gets this one answered.
        question(&session.workspace, unit, &taken)
    };
    let app = session.app();
    let notices = session.take_notices();
    trace.masks = masks(&app);
    trace.notices = notices;
    trace.sources = sources(&trace, &session.workspace);
    Ok(trace)
}

fn find_file(workspace: &Workspace, given: &Path, absolute: &Path) -> Result<FileId, TraceError> {
    let absolute = std::fs::canonicalize(absolute).map_err(|source| CheckError::Path { path: given.to_owned(), source })?;
    let name = project::discover::display_name(workspace.project.root(), &absolute);
    workspace.project.file_by_path(&name).ok_or_else(|| TraceError::NoCode {
        file: given.to_owned(),
        why: "is left out of the analysis",
        advice: "an ignore rule excludes it, it is a dependency or build output, or it is not text",
    })
}

fn wrong_place(unit: &Unit, request: &TraceRequest, nothing: &Nothing) -> TraceError {
    let (file, place, source) = (request.file.clone(), request.place, &unit.source);
    match nothing {
        Nothing::Outside => {
            let line = source.line_span(place.line());
            let extent = if place.line() == 0 || place.line() > source.line_count() {
                format!("the file has {} lines, counted from 1", source.line_count())
            } else {
                format!("the line has {} columns, counted from 1", source.position(line.end).column.saturating_sub(1))
            };
            TraceError::Outside { file, place, extent }
        }
        Nothing::Here(others) if others.is_empty() => TraceError::Nothing {
            file,
            place,
            advice: "no value starts in this line: point to a name, a property, a call or another expression".to_owned(),
        },
        Nothing::Here(others) => {
            let others: Vec<String> = others.iter().map(|span| column(source, *span)).collect();
            TraceError::Nothing { file, place, advice: format!("values start in this line at {}", others.join(", ")) }
        }
    }
}

/// `column 9`. The code itself might be a secret.
fn column(source: &SourceFile, span: Span) -> String {
    format!("column {}", source.position(span.start).column)
}

/// Asks the analysis; the answer has no texts and masks yet.
fn question(workspace: &Workspace, unit: &Unit, taken: &Taken) -> Trace {
    let builder = Builder::new(workspace);
    let found = match &taken.asked {
        Asked::Expr(expr) => builder.values.origins(Builder::site(unit, *expr), &[]),
        Asked::Symbol(symbol) => builder.values.origins_of_symbol(unit, *symbol),
        Asked::Member { class, is_static, name } => {
            let class = ClassSite { file: unit.file, class: *class };
            builder.values.origins_of_member(class, *is_static, name.clone(), unit.at(taken.span))
        }
    };
    // What an endpoint of the same project answers stands for the request.
    let mut found = builder.followed(found);
    let credentials: Vec<Origin> = found.iter().flat_map(|origin| builder.credential_behind(origin)).collect();
    found.extend(credentials);
    let is_service = |origin: &Origin| matches!(origin.kind, OriginKind::Call(_) | OriginKind::Response(_));
    let calls = if found.iter().any(is_service) { builder.service_calls() } else { Vec::new() };
    let births = Births { builder: &builder, calls: &calls };
    let mut origins: Vec<TracedOrigin> = Vec::new();
    for origin in &found {
        let traced = traced(&births, origin);
        if !origins.iter().any(|known| known.is_same(&traced)) {
            origins.push(traced);
        }
    }
    origins.sort_by_key(TracedOrigin::rank);
    let zone = match taken.node {
        Some(node) => builder.zone_of_node(unit, node),
        None => (*builder.zones.zone_of(unit.file)).clone(),
    };
    Trace {
        expression: unit.at(taken.span),
        longer: taken.longer.map(|span| unit.at(span)),
        limits: limits(&found, &zone),
        zone,
        origins,
        notices: Vec::new(),
        sources: Sources::default(),
        masks: Vec::new(),
        literals: found.iter().filter(|origin| may_be_secret(&origin.kind)).map(|origin| origin.at).collect(),
    }
}

impl TracedOrigin {
    /// What a person reads first: the value itself, then what it is made of, then fallbacks that are no value, then what is not known.
    fn rank(&self) -> u8 {
        match self.what {
            Birth::Unknown | Birth::Limit => 3,
            Birth::Literal { is_empty: true } => 2,
            _ => u8::from(self.derived),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        (&self.what, self.at, self.derived, &self.part, &self.conditions)
            == (&other.what, other.at, other.derived, &other.part, &other.conditions)
    }
}

fn traced(births: &Births<'_, '_>, origin: &Origin) -> TracedOrigin {
    TracedOrigin {
        what: births.of(origin),
        at: origin.at,
        part: origin.path.iter().map(ToString::to_string).collect(),
        derived: origin.derived,
        conditions: origin
            .conditions
            .iter()
            .map(|condition| TracedCondition { at: condition.at, text: condition.text.to_string() })
            .collect(),
        steps: Builder::flow(origin),
    }
}

/// Whether an origin's own text might be a secret: any constant but an address or a path. Which of the others is one, only the use tells.
fn may_be_secret(kind: &OriginKind) -> bool {
    match kind {
        OriginKind::Literal(crate::hir::Literal::String(text)) => {
            let is_address = text.contains("://") && !text.contains('@') && !text.contains('?');
            !text.is_empty() && !is_address && !text.starts_with(['/', '.'])
        }
        OriginKind::Literal(_) => true,
        _ => false,
    }
}

fn limits(origins: &[Origin], zone: &Zone) -> Vec<String> {
    let mut limits = Vec::new();
    if origins.iter().any(|origin| origin.kind == OriginKind::Limit) {
        limits.push("the value's ways are too many or too long to follow them all; origins may be missing".to_owned());
    }
    if zone.limited {
        limits.push("very many files import this one; the code may also run elsewhere".to_owned());
    }
    limits
}

/// The texts that a trace points into.
fn sources(trace: &Trace, workspace: &Workspace) -> Sources {
    let mut sources = Sources::default();
    let origins = trace.origins.iter().flat_map(|origin| {
        let conditions = origin.conditions.iter().map(|condition| condition.at);
        std::iter::once(origin.at).chain(conditions).chain(origin.steps.iter().map(|step| step.location))
    });
    // Masks elsewhere are kept too: a secret is recognised by its value wherever it stands.
    for place in std::iter::once(trace.expression).chain(origins).chain(trace.masks.iter().copied()) {
        if sources.get(place.file).is_none()
            && let Some(source) = workspace.parsed_source(place.file).or_else(|| workspace.source(place.file))
        {
            sources.insert(Arc::clone(&source));
        }
    }
    sources
}
