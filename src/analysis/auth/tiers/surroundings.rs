//! What a framework runs before every route of an application: the hooks of `SvelteKit`, the middleware of Astro and Nitro, a gateway.
//!
//! Such code mostly looks at the path first. It protects a route when it turns strangers away from that route's path.

use super::guards::{Check, Guards};
use super::middleware::{passes_by, turns_away_from};
use super::patterns::RoutePath;
use super::routes::Route;
use crate::analysis::unit::Unit;
use crate::analysis::values::FunctionSite;
use crate::hir::FunctionId;
use crate::source::FileId;

/// How many middleware files are read.
const FILES: usize = 12;

impl<'w> Guards<'_, 'w> {
    /// What runs before a route that is served by the place of its file.
    pub(super) fn framework_check(&self, unit: &Unit, route: &Route) -> Check {
        if self.gateway_may_check(unit) {
            return Check::Unsure;
        }
        let files = self.middleware_files(unit);
        let units = files.into_iter().take(FILES).filter_map(|file| self.builder.workspace.unit(file));
        units.fold(Check::None(None), |check, middleware| check.or(self.middleware_check(middleware, route)))
    }

    fn middleware_check(&self, middleware: &'w Unit, route: &Route) -> Check {
        let functions = (0..middleware.module.functions.len()).filter_map(|index| u32::try_from(index).ok()).map(FunctionId);
        if !functions.into_iter().any(|function| self.turns_away(FunctionSite { file: middleware.file, function })) {
            return Check::None(None);
        }
        let paths: Vec<String> =
            route.paths.iter().filter_map(|path| if let RoutePath::Url(url) = path { Some(url.to_string()) } else { None }).collect();
        let Some(path) = paths.first() else { return Check::Stops };
        if passes_by(self, middleware, path) {
            Check::None(None)
        } else if turns_away_from(self, middleware, Some(path)) {
            Check::Stops
        } else if turns_away_from(self, middleware, None) {
            // It turns strangers away from other paths.
            Check::None(None)
        } else {
            Check::Unsure
        }
    }

    /// Whether functions that no list of a Lambda framework names stand behind a gateway that may check callers.
    fn gateway_may_check(&self, unit: &Unit) -> bool {
        ["serverless.yml", "serverless.yaml", "template.yaml", "template.yml"].iter().any(|name| {
            let file = self.builder.workspace.project.file_by_path(&self.in_package(unit, name));
            file.and_then(|file| self.builder.workspace.source(file)).is_some_and(|source| source.text.contains("uthorizer"))
        })
    }

    fn in_package(&self, unit: &Unit, path: &str) -> String {
        let folder = self.builder.workspace.project.package_of(unit.file).map_or("", |package| &package.folder);
        if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
    }

    fn middleware_files(&self, unit: &Unit) -> Vec<FileId> {
        let project = &self.builder.workspace.project;
        let names = ["src/hooks.server", "src/middleware", "src/middleware/index"];
        let extensions = ["ts", "js", "mjs"];
        let mut files: Vec<FileId> = names
            .iter()
            .flat_map(|name| extensions.iter().map(move |extension| format!("{name}.{extension}")))
            .filter_map(|path| project.file_by_path(&self.in_package(unit, &path)))
            .collect();
        let nitro = self.in_package(unit, "server/middleware/");
        let start = project.files().partition_point(|file| *file.path < *nitro);
        files.extend((start..project.files().len()).map_while(|index| {
            let id = FileId(u32::try_from(index).ok()?);
            project.file(id).filter(|file| file.path.starts_with(&nitro)).map(|_| id)
        }));
        files
    }
}
