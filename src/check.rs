//! The library's entry: a request in, an [`Outcome`] out.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::analysis::model::{App, KeyOrigin, OptionRole, Provenance};
use crate::analysis::workspace::Workspace;
use crate::analysis::{auth, carriers};
use crate::catalog::apis::apis;
use crate::catalog::frameworks::Frameworks;
use crate::catalog::sdk::telnyx;
use crate::finding::{Counts, Finding, Notice, NoticeKind, Outcome, Timings, timed};
use crate::project::{self, AnchorSet, DiscoverOptions, Project, Screener, SkipReason, Skipped};
use crate::rules::{RULES, Rule};
use crate::source::{Location, Sources};

/// What to check.
#[derive(Debug, Clone, Default)]
pub struct CheckRequest {
    /// The working root: reported paths are relative to it.
    pub root: PathBuf,
    /// The files and folders to report on; the root when empty.
    pub paths: Vec<PathBuf>,
    /// Names of the only rules to run; all when empty.
    pub select: Vec<String>,
    /// Names of rules not to run.
    pub ignore: Vec<String>,
    /// Analyses every file with code instead of those that screening chose. Slow; for tests that compare the two.
    pub unscreened: bool,
}

/// Why a run could not be done. Everything smaller is a [`crate::finding::Notice`].
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum CheckError {
    /// A selected or ignored rule does not exist: bad usage.
    #[error(transparent)]
    #[diagnostic(transparent)]
    UnknownRule(#[from] UnknownRule),
    /// A path that was named explicitly cannot be read.
    #[error("cannot read {}", path.display())]
    #[diagnostic(help("check the path; authlint skips unreadable files that it finds itself, but not the ones that it is asked for"))]
    Path {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something that is authlint's own fault, or the machine's.
    #[error("{what}")]
    #[diagnostic(help("please report this with the command that you ran"))]
    Internal {
        /// What failed.
        what: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl CheckError {
    /// Whether the request was wrong, as opposed to the run having failed.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::UnknownRule(_) => true,
            Self::Path { .. } | Self::Internal { .. } => false,
        }
    }
}

/// A name that no rule has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("there is no rule `{name}`")]
#[diagnostic(help("{advice}"))]
pub struct UnknownRule {
    /// The name as given.
    pub name: String,
    advice: String,
}

/// How alike two names must be to be offered as each other (Jaro-Winkler, 0 to 1).
const ALIKE: f64 = 0.8;

/// The rule of a name.
///
/// # Errors
/// When there is none; the error offers the nearest name.
pub fn find_rule<'a>(rules: &'a [Rule], name: &str) -> Result<&'a Rule, UnknownRule> {
    let name = name.trim();
    rules.iter().find(|rule| rule.name == name).ok_or_else(|| {
        let nearest = rules
            .iter()
            .map(|rule| (strsim::jaro_winkler(rule.name, &name.to_ascii_lowercase().replace('_', "-")), rule.name))
            .max_by(|left, right| left.0.total_cmp(&right.0))
            .filter(|(likeness, _)| *likeness >= ALIKE);
        let advice = match nearest {
            Some((_, nearest)) => format!("did you mean `{nearest}`? `authlint rules` lists all rules"),
            None => "`authlint rules` lists all rules".to_owned(),
        };
        UnknownRule { name: name.to_owned(), advice }
    })
}

/// Which rules run: the selected ones (all when nothing is selected) without the ignored ones.
#[derive(Debug, Clone)]
pub struct Selection {
    names: Vec<&'static str>,
}

impl Selection {
    /// Resolves the names of a request.
    ///
    /// # Errors
    /// When a name is not a rule's.
    pub fn new(rules: &[Rule], select: &[String], ignore: &[String]) -> Result<Self, UnknownRule> {
        let resolve =
            |names: &[String]| names.iter().map(|name| find_rule(rules, name).map(|rule| rule.name)).collect::<Result<Vec<_>, _>>();
        let (selected, ignored) = (resolve(select)?, resolve(ignore)?);
        let names = rules
            .iter()
            .map(|rule| rule.name)
            .filter(|name| (selected.is_empty() || selected.contains(name)) && !ignored.contains(name))
            .collect();
        Ok(Self { names })
    }

    /// Whether the rule runs.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.names.contains(&name)
    }
}

/// How many left out folders one notice names.
const FOLDERS_NAMED: usize = 5;
/// How much stack a thread of the pool may use, in bytes: parsing, lowering and the value walks run there; they are bounded, but go deeper
/// than a default thread allows. Only pages that are touched count as memory.
const STACK: usize = 64 << 20;

/// Checks a project: discover, screen, parse and lower, link, analyse, judge.
///
/// # Errors
/// When the request names a rule that does not exist or a path that cannot be read, or when the machine gives no thread.
pub fn check(request: &CheckRequest) -> Result<Outcome, CheckError> {
    let selection = Selection::new(RULES, &request.select, &request.ignore)?;
    for path in &request.paths {
        probe(&request.root.join(path)).map_err(|source| CheckError::Path { path: path.clone(), source })?;
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .stack_size(STACK)
        .build()
        .map_err(|source| CheckError::Internal { what: "cannot start the threads of the analysis".to_owned(), source: Box::new(source) })?;
    // A thread of its own, so that a panic becomes an error of this run and not the end of the process that asked (an editor).
    std::thread::scope(|scope| {
        scope
            .spawn(|| run(request, &selection, &pool))
            .join()
            .unwrap_or_else(|_| Err(CheckError::Internal { what: "the analysis stopped unexpectedly".to_owned(), source: "panic".into() }))
    })
}

/// Whether a path can be read. Only files and folders are opened: opening a pipe would wait for its other end.
fn probe(path: &Path) -> std::io::Result<()> {
    let kind = std::fs::metadata(path)?.file_type();
    if kind.is_dir() {
        std::fs::read_dir(path).map(drop)
    } else if kind.is_file() {
        std::fs::File::open(path).map(drop)
    } else {
        Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "neither a file nor a folder"))
    }
}

fn run(request: &CheckRequest, selection: &Selection, pool: &rayon::ThreadPool) -> Result<Outcome, CheckError> {
    let model_error = |source| CheckError::Internal { what: "a compiled-in model is malformed".to_owned(), source: Box::new(source) };
    let mut notices = Vec::new();
    let root = std::fs::canonicalize(&request.root).map_err(|source| CheckError::Path { path: request.root.clone(), source })?;
    let scope = Scope::new(&root, &request.paths);

    let options = DiscoverOptions::new(root.clone());
    let mut timings = Timings::new();
    // The compiled-in models are read while the disk is: that is a good part of a run on a few files.
    let (discovery, frameworks) = pool.install(|| {
        rayon::join(
            || timed(&mut timings, "discover", || project::discover(&scope.roots, &options, &mut notices)),
            || {
                let known = telnyx().map_err(Clone::clone).and(apis().map_err(Clone::clone));
                known.and_then(|_| Frameworks::builtin())
            },
        )
    });
    let frameworks = frameworks.map_err(model_error)?;
    let files_seen = discovery.candidates.len() + discovery.binary;
    notices.extend(left_out(&discovery.skipped));
    let vendor = telnyx().map_err(|error| model_error(error.clone()))?;
    let screener = Screener::new(vendor.anchors())
        .map_err(|source| CheckError::Internal { what: "cannot build the search automaton".to_owned(), source: Box::new(source) })?;
    let project = timed(&mut timings, "screen", || pool.install(|| Project::load(&root, discovery.candidates, &screener, &mut notices)));
    let files_read = project.files().iter().filter(|file| file.readable).count();

    notices.extend(minified(&project));

    let mut workspace = Workspace::new(project, frameworks);
    workspace.name_folders(scope.folders.clone());
    if request.unscreened {
        workspace.anchor_everything();
    }
    timed(&mut timings, "parse", || {
        pool.install(|| {
            workspace.anchored().par_iter().for_each(|file| {
                workspace.unit(*file);
            });
        });
    });
    let users = timed(&mut timings, "carriers", || pool.install(|| carriers::users(&workspace, vendor)));
    workspace.anchor(&users.files);
    if users.is_cut {
        let message = "very many files import what names the service; some of them were not analysed".to_owned();
        notices.push(Notice { path: None, kind: NoticeKind::Limit, message });
    }
    let app = pool.install(|| auth::build(&workspace, &mut timings)).map_err(model_error)?;

    if workspace.answers.is_exhausted() {
        let message = "values are tangled too much to follow them all; some were left out of the analysis".to_owned();
        notices.push(Notice { path: None, kind: NoticeKind::Limit, message });
    }

    let mut findings = Vec::new();
    timed(&mut timings, "rules", || RULES.iter().for_each(|rule| (rule.check)(&app, &mut findings)));
    findings.retain(|finding| selection.contains(finding.rule) && scope.reports(workspace.path(finding.primary.file)));
    sort(&mut findings, &workspace);
    notices.extend(workspace.take_notices());
    notices.sort();
    notices.dedup();
    let counts = Counts { files_seen, files_read, files_parsed: workspace.parsed().count() };
    Ok(Outcome { masks: masks(&app), sources: sources(&findings, &workspace), findings, notices, counts, timings })
}

/// What the walk left out: named paths one by one, folders together.
fn left_out(skipped: &[Skipped]) -> Vec<Notice> {
    let of = |reason: SkipReason| skipped.iter().filter(move |skipped| skipped.reason == reason).map(|skipped| skipped.path.as_str());
    let named = of(SkipReason::Excluded).map(|path| Notice {
        path: Some(path.to_owned()),
        kind: NoticeKind::Excluded,
        message: "left out: an ignore rule excludes it, or it is a dependency or build output".to_owned(),
    });
    let folders =
        [(SkipReason::Dependencies, "dependencies"), (SkipReason::BuildOutput, "build output")].into_iter().filter_map(|(reason, what)| {
            let paths: Vec<&str> = of(reason).collect();
            let (first, rest) = paths.split_at_checked(FOLDERS_NAMED).unwrap_or((&paths, &[]));
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            (!paths.is_empty()).then(|| Notice {
                path: None,
                kind: NoticeKind::Skipped,
                message: format!("folders with {what} were not looked at: {}{more}", first.join(", ")),
            })
        });
    named.chain(folders).collect()
}

/// The files that would have been parsed if a person had written them.
fn minified(project: &Project) -> impl Iterator<Item = Notice> {
    project.files().iter().filter(|file| file.minified && file.anchors.intersects(AnchorSet::TELNYX | AnchorSet::MODEL)).map(|file| {
        Notice {
            path: Some(file.path.to_string()),
            kind: NoticeKind::Skipped,
            message: "minified or bundled; it was searched for secrets only".to_owned(),
        }
    })
}

/// Worst first, then by path and place, so that the same input gives the same bytes.
fn sort(findings: &mut [Finding], workspace: &Workspace) {
    findings.sort_by(|left, right| {
        let place = |finding: &Finding| (workspace.path(finding.primary.file).to_owned(), finding.primary.span);
        right
            .severity
            .cmp(&left.severity)
            .then_with(|| place(left).cmp(&place(right)))
            .then_with(|| left.rule.cmp(right.rule))
            .then_with(|| left.message.cmp(&right.message))
    });
}

/// The texts that findings point into.
fn sources(findings: &[Finding], workspace: &Workspace) -> Sources {
    let mut sources = Sources::default();
    let places = findings.iter().flat_map(|finding| {
        let others = finding.labels.iter().map(|label| label.location).chain(finding.flow.iter().map(|step| step.location));
        std::iter::once(finding.primary).chain(others)
    });
    for place in places {
        if sources.get(place.file).is_none()
            && let Some(source) = workspace.parsed_source(place.file).or_else(|| workspace.source(place.file))
        {
            sources.insert(source);
        }
    }
    sources
}

/// Every literal that must not be printed.
fn masks(app: &App) -> Vec<Location> {
    let texts = app.secrets.iter().map(|secret| secret.at);
    let keys = app.key_uses.iter().filter(|used| used.what == KeyOrigin::Literal).map(|used| used.at);
    let options = app
        .clients
        .iter()
        .flat_map(|client| &client.options)
        .filter(|option| matches!(option.role, OptionRole::Password | OptionRole::Token))
        .flat_map(|option| &option.sources)
        .filter(|source| matches!(source.provenance, Provenance::Literal(_)))
        .map(|source| source.at);
    texts.chain(keys).chain(options).collect()
}

/// Whether a folder is the top of a project: it has a manifest or an entry page.
fn is_project(folder: &Path) -> bool {
    const MARKS: [&str; 14] = [
        ".git",
        "package.json",
        "manifest.json",
        "index.html",
        "composer.json",
        "deno.json",
        "deno.jsonc",
        "pyproject.toml",
        "requirements.txt",
        "Cargo.toml",
        "go.mod",
        "Gemfile",
        "app.json",
        "supabase",
    ];
    MARKS.iter().any(|mark| folder.join(mark).exists())
}

/// What is walked, and what is reported.
struct Scope {
    roots: Vec<PathBuf>,
    /// Named folders, as in the paths of files.
    folders: Vec<String>,
    /// Named files, relative to the root with `/`: only they are reported. Empty: everything that is walked.
    only: Vec<String>,
}

impl Scope {
    /// A named folder with a manifest of its own is a project of its own. Other folders and files are judged in the light of the
    /// whole project: the root is walked and only what was named is reported.
    fn new(root: &Path, paths: &[PathBuf]) -> Self {
        if paths.is_empty() {
            return Self { roots: vec![root.to_path_buf()], folders: Vec::new(), only: Vec::new() };
        }
        let absolute: Vec<PathBuf> =
            paths.iter().map(|path| std::fs::canonicalize(root.join(path)).unwrap_or_else(|_| root.join(path))).collect();
        let name = |path: &PathBuf| project::discover::display_name(root, path);
        let folders = absolute.iter().filter(|path| path.is_dir()).map(name).collect();
        let inside_file = |path: &&PathBuf| path.is_file() && path.starts_with(root);
        if absolute.iter().all(|path| !inside_file(&path)) {
            let inside = absolute.iter().all(|path| path.starts_with(root) && path != root);
            if inside && !absolute.iter().all(|path| is_project(path)) {
                // Parts of the project are judged in its light.
                let mut roots = vec![root.to_path_buf()];
                roots.extend(absolute.iter().cloned());
                return Self { roots, folders, only: absolute.iter().map(name).collect() };
            }
            return Self { roots: absolute, folders, only: Vec::new() };
        }
        let mut roots = vec![root.to_path_buf()];
        roots.extend(absolute.iter().filter(|path| !path.starts_with(root)).cloned());
        // Named again one by one, so that discovery says which of them an ignore rule excludes.
        roots.extend(absolute.iter().filter(inside_file).cloned());
        Self { roots, folders, only: absolute.iter().map(name).collect() }
    }

    fn reports(&self, path: &str) -> bool {
        self.only.is_empty()
            || self
                .only
                .iter()
                .any(|only| path == only || path.strip_prefix(only.as_str()).is_some_and(|rest| rest.starts_with('/') || only.is_empty()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::finding::Severity;

    const fn rule(name: &'static str) -> Rule {
        Rule { name, page: "", severity: Severity::Error, cwe: 798, security_severity: "8.0", check: |_, _| {} }
    }

    const TABLE: &[Rule] = &[rule("password-login"), rule("hardcoded-secret"), rule("secret-in-log")];

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn selection_is_selected_without_ignored() {
        for (select, ignore, expected) in [
            (&[][..], &[][..], &["password-login", "hardcoded-secret", "secret-in-log"][..]),
            (&["secret-in-log"], &[], &["secret-in-log"]),
            (&[], &["secret-in-log"], &["password-login", "hardcoded-secret"]),
            (&["secret-in-log", "password-login"], &["secret-in-log"], &["password-login"]),
        ] {
            assert_eq!(Selection::new(TABLE, &names(select), &names(ignore)).unwrap().names, expected);
        }
    }

    #[test]
    fn unknown_rule_offers_the_nearest_name_only_when_one_is_near() {
        for (name, advice) in [
            ("pasword-login", "did you mean `password-login`?"),
            ("HARDCODED_SECRET", "did you mean `hardcoded-secret`?"),
            ("xyz", "`authlint rules` lists all rules"),
        ] {
            let error = find_rule(TABLE, name).unwrap_err();
            assert!(error.advice.starts_with(advice), "{name}: {}", error.advice);
        }
    }
}
