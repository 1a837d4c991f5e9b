//! Where platforms serve a function, as their configuration says: redirects and `config.path` of Netlify, rewrites of Firebase, the function
//! lists of Lambda frameworks, the route table of React Router; and what a server that looks at the URL itself compares it with.

use rustc_hash::FxHashSet;

use super::outline::Outline;
use super::patterns::{Method, RoutePath, Segment, UrlPattern};
use crate::analysis::auth::Builder;
use crate::analysis::auth::handler::nodes_in;
use crate::analysis::unit::Unit;
use crate::analysis::usage::{MemberKey, MemberObject, PatternStep, WriteKind};
use crate::analysis::values::FunctionSite;
use crate::hir::visit::Node;
use crate::hir::{BinaryOp, ExportKind, ExprId, ExprKind, Literal, Name, StmtKind};
use crate::source::FileId;

/// How many paths one handler may tell apart.
const PATHS: usize = 64;
/// The files in which Lambda frameworks list their functions.
const LAMBDA_FILES: [&str; 5] = ["serverless.yml", "serverless.yaml", "template.yaml", "template.yml", "sam.yaml"];

/// A function of a Lambda framework's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// The handler's export.
    pub(super) export: String,
    /// Where it is served; empty for what no HTTP event starts.
    pub(super) events: Vec<(Option<Method>, UrlPattern)>,
    /// Whether the gateway checks the caller first.
    pub(super) authorized: bool,
}

impl<'w> Builder<'w> {
    /// The functions of a file that the list of a Lambda framework above it names; none where no such list stands above the file.
    pub(super) fn listed_functions(&self, file: FileId) -> Option<Vec<Listed>> {
        let path = self.workspace.path(file);
        let project = &self.workspace.project;
        let folders = path.match_indices('/').map(|(at, _)| path.get(..=at).unwrap_or("")).rev().chain(std::iter::once(""));
        let (folder, list) = folders.take(8).find_map(|folder| {
            let list = LAMBDA_FILES.iter().find_map(|name| project.file_by_path(&format!("{folder}{name}")))?;
            Some((folder, list))
        })?;
        let outline = Outline::parse(&self.workspace.source(list)?.text);
        let below = path.strip_prefix(folder)?;
        let stem = below.rsplit_once('.').map_or(below, |(stem, _)| stem);
        Some(functions_in(&outline, stem))
    }

    /// Where Netlify serves a function beside its own path: the exported `config.path`, and redirects to it.
    pub(super) fn netlify_paths(&self, unit: &'w Unit, own: &UrlPattern) -> Vec<RoutePath> {
        let mut paths = self.exported_config_paths(unit);
        let project = &self.workspace.project;
        let folder = project.package_of(unit.file).map_or("", |package| &package.folder);
        for folder in [folder, ""] {
            let inside = if folder.is_empty() { "netlify.toml".to_owned() } else { format!("{folder}/netlify.toml") };
            let text = project.file_by_path(&inside).and_then(|file| self.workspace.source(file));
            let Some(config) = text.and_then(|source| source.text.parse::<toml::Table>().ok()) else { continue };
            let redirects = config.get("redirects").and_then(toml::Value::as_array).map_or(&[][..], Vec::as_slice);
            for redirect in redirects.iter().take(PATHS) {
                let text = |key| redirect.get(key).and_then(toml::Value::as_str);
                if let (Some(from), Some(to)) = (text("from"), text("to")) {
                    paths.extend(redirected(from, to, own).map(RoutePath::Url));
                }
            }
            break;
        }
        paths
    }

    /// `export const config = { path: "/api/token" }`.
    fn exported_config_paths(&self, unit: &'w Unit) -> Vec<RoutePath> {
        let config = unit.module.exports.iter().find_map(|export| match &export.kind {
            ExportKind::Binding { name, binding } if &**name == "config" => {
                let symbol = unit.scopes.symbol_of_binding(*binding)?;
                unit.usage.writes(symbol).iter().find_map(|write| write.kind.value())
            }
            _ => None,
        });
        let Some(path) = config.and_then(|config| self.values.property_value(Self::site(unit, config), "path")) else { return Vec::new() };
        let each = match &unit.module[unit.uncast(path.expr)].kind {
            ExprKind::Array(elements) => elements.iter().map(|element| Self::site(unit, element.expr)).collect(),
            _ => vec![path],
        };
        each.into_iter().filter_map(|site| self.values.constant_string(site)).map(|path| RoutePath::Url(UrlPattern::parse(&path))).collect()
    }

    /// The paths of a function of Firebase: the name that its callable and its URL have, and the rewrites of the hosting.
    pub(super) fn firebase_paths(&self, name: &str) -> Vec<RoutePath> {
        let mut paths = vec![RoutePath::Name(name.into()), RoutePath::Url(UrlPattern::parse(name))];
        let Some(config) = self.workspace.project.file_by_path("firebase.json").and_then(|file| self.workspace.source(file)) else {
            return paths;
        };
        let Ok(config) = serde_json::from_str::<serde_json::Value>(&config.text) else { return paths };
        let sites = match config.get("hosting") {
            Some(serde_json::Value::Array(sites)) => sites.as_slice(),
            Some(site) => std::slice::from_ref(site),
            None => &[],
        };
        let rewrites = sites.iter().filter_map(|site| site.get("rewrites")?.as_array()).flatten();
        for rewrite in rewrites.take(PATHS) {
            let target = rewrite.get("function").and_then(|function| function.get("functionId").unwrap_or(function).as_str());
            if let (Some(source), true) = (rewrite.get("source").and_then(serde_json::Value::as_str), target == Some(name)) {
                paths.push(RoutePath::Url(UrlPattern::parse(source)));
            }
        }
        paths
    }

    /// The name that a module exports a call's value under, `exports.x = …` included.
    pub(super) fn export_of_call(unit: &Unit, call: ExprId) -> Option<Name> {
        super::procedures::exported_name(unit, call).or_else(|| {
            unit.usage.member_writes().iter().find_map(|write| {
                let (MemberObject::Global(object), Some(value)) = (&write.object, write.kind.value()) else { return None };
                let name = match (&**object, write.keys.as_slice()) {
                    ("exports", [MemberKey::Name(name)]) => name,
                    ("module", [MemberKey::Name(exports), MemberKey::Name(name)]) if &**exports == "exports" => name,
                    _ => return None,
                };
                (unit.uncast(value) == call).then(|| name.clone())
            })
        })
    }

    /// The paths that handlers compare the URL with: [`RoutePath::Unknown`] alone when none is seen.
    pub(super) fn compared_paths(&self, handlers: &[FunctionSite]) -> Vec<RoutePath> {
        let mut found: Vec<RoutePath> = Vec::new();
        let mut seen: FxHashSet<FunctionSite> = FxHashSet::default();
        for function in &self.reach(handlers).functions {
            let Some(unit) = self.workspace.unit(function.file).filter(|_| seen.insert(*function)) else { continue };
            for node in nodes_in(unit, Node::Function(function.function)) {
                let path = match node {
                    Node::Expr(expr) => compared(unit, expr),
                    Node::Stmt(statement) => match &unit.module[statement].kind {
                        StmtKind::Switch { discriminant, cases } if is_pathname(unit, *discriminant, 0) => {
                            let cases = cases.iter().filter_map(|(test, _)| literal(unit, (*test)?));
                            found.extend(cases.map(|path| RoutePath::Url(UrlPattern::parse(&path))));
                            None
                        }
                        _ => None,
                    },
                    _ => None,
                };
                found.extend(path.map(RoutePath::Url));
                if found.len() > PATHS {
                    return vec![RoutePath::Unknown];
                }
            }
        }
        let mut unique: Vec<RoutePath> = Vec::new();
        for path in found {
            if !unique.contains(&path) {
                unique.push(path);
            }
        }
        if unique.is_empty() { vec![RoutePath::Unknown] } else { unique }
    }

    /// Where the route table of React Router puts a route's file: `route("api/token", "routes/token.ts")` in `app/routes.ts`.
    pub(super) fn table_paths(&self, unit: &Unit) -> Option<Vec<RoutePath>> {
        let path = self.workspace.path(unit.file);
        let (app, below) = path.rsplit_once("app/").map(|(before, below)| (format!("{before}app/"), below))?;
        let table = ["ts", "js", "mts", "mjs"]
            .iter()
            .find_map(|extension| self.workspace.project.file_by_path(&format!("{app}routes.{extension}")))?;
        let table = self.workspace.unit(table)?;
        let mut paths = Vec::new();
        let mut tells = false;
        for node in table.parents.nodes() {
            let Node::Expr(call) = *node else { continue };
            let ExprKind::Call { args, .. } = &table.module[call].kind else { continue };
            let callee = table.callee_text(call);
            let file = match &*callee {
                "route" => args.get(1),
                "index" => args.first(),
                _ => continue,
            };
            tells = true;
            let named = file.and_then(|file| self.values.constant_string(Self::site(table, file.expr)));
            if named.is_none_or(|named| named.trim_start_matches("./") != below) {
                continue;
            }
            let mut url = if callee == "route" { self.argument_path(table, args.first()?.expr) } else { UrlPattern::default() };
            for outer in table.parents.ancestors(Node::Expr(call)) {
                if let Node::Expr(outer) = outer
                    && let ExprKind::Call { args, .. } = &table.module[outer].kind
                    && matches!(&*table.callee_text(outer), "route" | "prefix")
                    && let Some(first) = args.first()
                {
                    url = self.argument_path(table, first.expr).join(&url);
                }
            }
            paths.push(RoutePath::Url(url));
        }
        (tells && !paths.is_empty()).then_some(paths)
    }

    fn argument_path(&self, unit: &Unit, expr: ExprId) -> UrlPattern {
        self.values.constant_string(Self::site(unit, expr)).map_or_else(UrlPattern::anywhere, |path| UrlPattern::parse(&path))
    }
}

/// The path under which a redirect of Netlify serves a function: `/api/*` to `/.netlify/functions/:splat`.
fn redirected(from: &str, to: &str, own: &UrlPattern) -> Option<UrlPattern> {
    let target = UrlPattern::parse(to.split("//").last().unwrap_or(to));
    let splat = Segment::Param("splat".into());
    let to = target.segments();
    if let Some((last, before)) = to.split_last()
        && *last == splat
    {
        let rest = own.segments().strip_prefix(before)?;
        let from = UrlPattern::parse(from);
        let kept = from.segments().iter().filter(|segment| **segment != Segment::Rest);
        return Some(kept.chain(rest).cloned().collect());
    }
    (target == *own).then(|| UrlPattern::parse(from))
}

/// The path that a comparison asks for.
fn compared(unit: &Unit, expr: ExprId) -> Option<UrlPattern> {
    match &unit.module[expr].kind {
        ExprKind::Binary {
            op: BinaryOp::StrictEqual | BinaryOp::LooseEqual | BinaryOp::StrictNotEqual | BinaryOp::LooseNotEqual,
            left,
            right,
        } => {
            let path = [(left, right), (right, left)]
                .into_iter()
                .find_map(|(asked, text)| if is_pathname(unit, *asked, 0) { literal(unit, *text) } else { None })?;
            Some(UrlPattern::parse(&path))
        }
        ExprKind::Call { args, .. } if unit.called_method(expr).is_some_and(|method| matches!(&**method, "startsWith" | "endsWith")) => {
            if !is_pathname(unit, unit.call_receiver(expr)?, 0) {
                return None;
            }
            let path = UrlPattern::parse(&literal(unit, args.first()?.expr)?);
            Some(if unit.called_method(expr).is_some_and(|method| &**method == "startsWith") {
                path.segments().iter().cloned().chain([Segment::Rest]).collect()
            } else {
                UrlPattern::anywhere().join(&path)
            })
        }
        _ => None,
    }
}

fn literal(unit: &Unit, expr: ExprId) -> Option<Name> {
    match &unit.module[unit.uncast(expr)].kind {
        ExprKind::Literal(Literal::String(text)) if text.starts_with('/') => Some(text.clone()),
        _ => None,
    }
}

/// Whether an expression is the path of the request's URL: `url.pathname`, `req.url`, or a name for it.
fn is_pathname(unit: &Unit, expr: ExprId, depth: u8) -> bool {
    let expr = unit.uncast(expr);
    match &unit.module[expr].kind {
        ExprKind::Member { property, .. } => matches!(&**property, "pathname" | "url" | "path" | "rawPath"),
        ExprKind::Ident(_) if depth < 3 => unit.scopes.symbol_of_expr(expr).is_some_and(|symbol| {
            unit.usage.writes(symbol).iter().any(|write| match (write.path.last(), write.kind) {
                (Some(PatternStep::Property(name)), _) => matches!(&**name, "pathname" | "path" | "rawPath"),
                (None, WriteKind::Declared { init: Some(init) }) => is_pathname(unit, init, depth + 1),
                _ => false,
            })
        }),
        // `url.pathname.replace(/\/$/, "")`
        ExprKind::Call { .. } if depth < 3 => {
            unit.called_method(expr).is_some_and(|method| matches!(&**method, "replace" | "toLowerCase" | "split"))
                && unit.call_receiver(expr).is_some_and(|receiver| is_pathname(unit, receiver, depth + 1))
        }
        _ => false,
    }
}

/// The functions of a list whose handler is in the file of this stem.
fn functions_in(outline: &Outline, stem: &str) -> Vec<Listed> {
    let by_default = outline.has(&outline.whole(), &["DefaultAuthorizer"]);
    let mut listed = Vec::new();
    for function in outline.below("functions").into_iter().chain(outline.below("Resources")) {
        let Some((file, export)) = outline.value(&function, &["handler", "Handler"]).and_then(|handler| handler.rsplit_once('.')) else {
            continue;
        };
        let file = file.trim_start_matches("./");
        let folder = outline.value(&function, &["CodeUri"]).unwrap_or("").trim_start_matches("./").trim_end_matches('/');
        if stem != file && stem.strip_prefix(folder).is_none_or(|below| below.trim_start_matches('/') != file) {
            continue;
        }
        let events =
            outline.events(&function).into_iter().map(|(method, path)| (Method::parse(&method), UrlPattern::parse(&path))).collect();
        let opted_out = outline.value(&function, &["Authorizer"]) == Some("NONE");
        let own = outline.has(&function, &["authorizer", "Authorizer"]);
        listed.push(Listed { export: export.to_owned(), events, authorized: !opted_out && (own || by_default) });
    }
    listed
}
