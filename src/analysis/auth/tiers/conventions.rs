//! Files that a framework or platform serves by where they stand: their exports are routes, their place is the path.

use super::patterns::{Method, RoutePath, Segment, UrlPattern};
use super::routes::{Route, RouteKind, named};
use crate::analysis::auth::Builder;
use crate::analysis::unit::Unit;
use crate::analysis::usage::{MemberKey, MemberObject, WriteKind};
use crate::analysis::values::{FunctionSite, Site};
use crate::catalog::endpoints::{Convention, EndpointNames, PathStyle};
use crate::hir::{ExportKind, ExprId, FunctionId, Imported, Name};
use crate::project::Resolved;
use crate::source::{FileId, Location};

/// A value that a module exports.
#[derive(Debug, Clone, Copy)]
pub(super) enum Exported {
    Function(FunctionId),
    Value(ExprId),
}

impl<'w> Builder<'w> {
    /// The functions of a file that the list of a Lambda framework names.
    pub(super) fn listed_routes(&self, unit: &'w Unit, routes: &mut Vec<Route>) {
        let Some(listed) = self.listed_functions(unit.file) else { return };
        for (name, exporter, exported) in self.exports(unit, 0) {
            for function in listed.iter().filter(|function| *function.export == *name) {
                let mut handlers = Vec::new();
                let mut before = Vec::new();
                let at = self.handlers_of(exporter, exported, &mut handlers, &mut before);
                let method = if let [(method, _)] = function.events.as_slice() { *method } else { None };
                let paths: Vec<RoutePath> = function.events.iter().map(|(_, path)| RoutePath::Url(path.clone())).collect();
                let what = named(method, &paths, || format!("the Lambda function `{}`", self.workspace.path(unit.file)));
                let kind = RouteKind::Lambda { authorized: function.authorized };
                if !handlers.is_empty() {
                    routes.push(Route { handlers, at, what, method, paths, kind, before });
                }
            }
        }
    }

    fn handlers_of(&self, exporter: &'w Unit, value: Exported, handlers: &mut Vec<FunctionSite>, before: &mut Vec<Site>) -> Location {
        match value {
            Exported::Function(function) => {
                handlers.push(FunctionSite { file: exporter.file, function });
                exporter.at(exporter.module[function].span)
            }
            Exported::Value(value) => {
                self.route_handlers(exporter, value, handlers, before, 0);
                exporter.at(exporter.module[value].span)
            }
        }
    }

    /// The exports that a framework serves by the place of the file.
    pub(super) fn conventional(&self, unit: &'w Unit, names: &EndpointNames, routes: &mut Vec<Route>) {
        let path = self.workspace.path(unit.file);
        for convention in names.conventions.iter().filter(|convention| convention.is_about(path)) {
            for (name, exporter, exported) in self.exports(unit, 0) {
                if !convention.exports.iter().any(|known| *known == *name) {
                    continue;
                }
                let kind = if matches!(convention.style, PathStyle::NextApp | PathStyle::NextPages) {
                    RouteKind::Next
                } else {
                    RouteKind::Convention
                };
                let (in_path, mut paths) = self.file_paths(unit.file, convention);
                let method = method_of_export(&name).or(in_path);
                if convention.style == PathStyle::Remix
                    && let Some(told) = self.table_paths(unit)
                {
                    paths = told;
                } else if convention.style == PathStyle::Netlify
                    && let Some(RoutePath::Url(own)) = paths.first().cloned()
                {
                    paths.extend(self.netlify_paths(unit, &own));
                }
                let what = named(method, &paths, || format!("the {} `{path}`", convention.what));
                let mut before = Vec::new();
                let mut handlers = Vec::new();
                let at = self.handlers_of(exporter, exported, &mut handlers, &mut before);
                if !handlers.is_empty() {
                    routes.push(Route { handlers, at, what, method, paths, kind, before });
                }
            }
            if !routes.is_empty() {
                return;
            }
        }
    }

    /// What a module exports, re-exports of other files of the project included.
    pub(super) fn exports(&self, unit: &'w Unit, depth: u8) -> Vec<(Name, &'w Unit, Exported)> {
        let mut found = Vec::new();
        for export in unit.module.exports.iter().filter(|export| !export.type_only) {
            match &export.kind {
                ExportKind::Binding { name, binding } => {
                    let Some(symbol) = unit.scopes.symbol_of_binding(*binding) else { continue };
                    found.extend(unit.usage.writes(symbol).iter().filter_map(|write| match write.kind {
                        WriteKind::Function(function) => Some((name.clone(), unit, Exported::Function(function))),
                        WriteKind::Declared { init: Some(init) } if write.path.is_empty() => {
                            Some((name.clone(), unit, Exported::Value(init)))
                        }
                        _ => None,
                    }));
                }
                ExportKind::Expr { name, expr } => found.push((name.clone(), unit, Exported::Value(*expr))),
                ExportKind::From { name, imported, specifier, .. } if depth < 2 => {
                    let Resolved::File(target) = self.workspace.resolve(unit.file, specifier) else { continue };
                    let Some(target) = self.workspace.unit(target) else { continue };
                    let wanted = match imported {
                        Imported::Named(name) => name.clone(),
                        Imported::Default => "default".into(),
                        Imported::Namespace => continue,
                    };
                    found.extend(
                        self.exports(target, depth + 1)
                            .into_iter()
                            .filter(|(known, ..)| *known == wanted)
                            .map(|(_, unit, value)| (name.clone(), unit, value)),
                    );
                }
                _ => {}
            }
        }
        for write in unit.usage.member_writes() {
            let (MemberObject::Global(object), Some(value)) = (&write.object, write.kind.value()) else { continue };
            let keys: Vec<&str> = write.keys.iter().map(|key| if let MemberKey::Name(name) = key { &**name } else { "" }).collect();
            match (&**object, keys.as_slice()) {
                ("module", ["exports"]) => found.push(("module.exports".into(), unit, Exported::Value(value))),
                ("module", ["exports", name]) | ("exports", [name]) => found.push((Name::from(*name), unit, Exported::Value(value))),
                _ => {}
            }
        }
        found
    }

    /// The method and paths that a served file's place tells, without reading it.
    pub(super) fn file_paths(&self, file: FileId, convention: &Convention) -> (Option<Method>, Vec<RoutePath>) {
        let path = self.workspace.path(file);
        let folder = self.workspace.project.package_of(file).map_or("", |package| &package.folder);
        let inside = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
        // A package below the folder of routes (`functions/token/package.json`) hides it.
        place_of(inside, convention)
            .or_else(|| place_of(path, convention))
            .map_or((None, vec![RoutePath::Unknown]), |(method, url)| (method, vec![RoutePath::Url(url)]))
    }
}

/// The method that an export is named after.
fn method_of_export(name: &str) -> Option<Method> {
    match name {
        "loader" | "load" => Some(Method::Get),
        "actions" => Some(Method::Post),
        _ => Method::parse(name.strip_prefix("onRequest").unwrap_or(name)),
    }
}

/// The method and path of a served file, from its path in the package.
fn place_of(path: &str, convention: &Convention) -> Option<(Option<Method>, UrlPattern)> {
    let root = match convention.style {
        PathStyle::NextApp => "app",
        PathStyle::NextPages => "pages",
        PathStyle::None => return None,
        _ => convention.root.as_deref()?,
    };
    let mut segments: Vec<&str> = path.split('/').skip_while(|segment| *segment != root).collect();
    let file = segments.pop()?;
    if segments.is_empty() {
        return None;
    }
    // The platform serves its `api` folder under that name.
    if root != "api" {
        segments.remove(0);
    }
    let (stem, _) = file.rsplit_once('.').unwrap_or((file, ""));
    let mut method = None;
    let stem = match convention.style {
        PathStyle::NextApp | PathStyle::Folders => "index",
        PathStyle::Nitro => {
            if segments.first() == Some(&"routes") {
                segments.remove(0);
            }
            let stem = stem.strip_suffix(".dev").or_else(|| stem.strip_suffix(".prod")).unwrap_or(stem);
            match stem.rsplit_once('.').and_then(|(before, name)| Some((before, Method::parse(name)?))) {
                Some((before, named)) => {
                    method = Some(named);
                    before
                }
                None => stem,
            }
        }
        PathStyle::Expo => stem.strip_suffix("+api").unwrap_or(stem),
        PathStyle::Netlify => {
            let name = if segments.is_empty() { stem } else { segments.first()? };
            return Some((None, UrlPattern::parse(&format!("/.netlify/functions/{name}"))));
        }
        PathStyle::Remix => return Some((None, remix(&segments, stem))),
        PathStyle::NextPages | PathStyle::Files | PathStyle::CloudflarePages | PathStyle::None => stem,
    };
    let segments = segments.into_iter().chain((stem != "index").then_some(stem));
    let named = segments.filter(|segment| !segment.starts_with(['(', '@']));
    let url = named.map(|segment| {
        if convention.style == PathStyle::CloudflarePages && segment.starts_with("[[") { Segment::Rest } else { Segment::parse(segment) }
    });
    Some((method, url.collect()))
}

/// The path of a Remix route: dots and folders are slashes, `$` parameters, `_` at the start a layout without a path, at the end one that
/// is opted out of.
fn remix(folders: &[&str], stem: &str) -> UrlPattern {
    // `routes/api.token/route.ts` is the folder's route.
    let file = if matches!(stem, "route" | "index" | "_index") && !folders.is_empty() { None } else { Some(stem) };
    let mut url = Vec::new();
    for segment in folders.iter().copied().chain(file).flat_map(dotted_parts) {
        let segment = segment.strip_suffix('_').unwrap_or(&segment);
        let optional = segment.strip_prefix('(').and_then(|segment| segment.strip_suffix(')'));
        let bare = optional.unwrap_or(segment);
        match bare.strip_prefix('$') {
            Some("") => url.push(Segment::Rest),
            Some(name) if optional.is_some() => url.push(Segment::Optional(name.into())),
            Some(name) => url.push(Segment::Param(name.into())),
            None if bare.is_empty() || bare.starts_with('_') || bare == "index" => {}
            None if optional.is_some() => url.push(Segment::Optional(bare.into())),
            None => url.push(Segment::Text(bare.into())),
        }
    }
    url.into_iter().collect()
}

/// The parts of a flat route's name: `api.token`, with `[.]` for a dot that is one.
fn dotted_parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for character in name.chars() {
        match character {
            '[' if !escaped => escaped = true,
            ']' if escaped => escaped = false,
            '.' if !escaped => parts.push(String::new()),
            _ => {
                if let Some(part) = parts.last_mut() {
                    part.push(character);
                }
            }
        }
    }
    parts
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn the_place_of_a_file_is_its_path() {
        let catalog = Catalog::builtin().unwrap();
        let names = &catalog.endpoints;
        for (path, expected) in [
            ("src/app/(shop)/api/token/[id]/route.ts", "/api/token/[id]"),
            ("app/api/[...all]/route.ts", "/api/*"),
            ("src/pages/api/token/index.ts", "/api/token"),
            ("pages/api/[id].ts", "/api/[id]"),
            ("src/routes/(app)/token/[id=int]/+server.ts", "/token/[id]"),
            ("server/api/token.post.ts", "POST /api/token"),
            ("server/api/users/[id].get.ts", "GET /api/users/[id]"),
            ("server/routes/token.ts", "/token"),
            ("server/api/[...].ts", "/api/*"),
            ("app/routes/api.token.ts", "/api/token"),
            ("app/routes/_auth.users.$id_.edit.tsx", "/users/[id]/edit"),
            ("app/routes/api.token/route.ts", "/api/token"),
            ("app/routes/sitemap[.]xml.ts", "/sitemap.xml"),
            ("app/routes/files.$.ts", "/files/*"),
            ("app/routes/api/token.ts", "/api/token"),
            ("src/pages/api/token.ts", "/api/token"),
            ("app/api/token+api.ts", "/api/token"),
            ("netlify/functions/token.ts", "/.netlify/functions/token"),
            ("netlify/functions/token/index.ts", "/.netlify/functions/token"),
            ("api/voice/token.js", "/api/voice/token"),
            ("api/[id].ts", "/api/[id]"),
        ] {
            let about = names.conventions.iter().filter(|convention| convention.is_about(path));
            // Which of several frameworks it is, the exports tell.
            let found: Vec<String> = about
                .filter_map(|convention| place_of(path, convention))
                .map(|(method, url)| method.map_or_else(|| url.to_string(), |method| format!("{method} {url}")))
                .collect();
            assert!(found.iter().any(|found| found == expected), "{path}: {found:?}");
        }
    }
}
