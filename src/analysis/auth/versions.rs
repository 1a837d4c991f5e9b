//! Which version of the SDK a client runs on, and what that version can do.
//!
//! In order of what decides: the URL that the code is loaded from, the lockfile of the nearest folder that has one, the range in the
//! nearest manifest that declares the package. What resolves to the newest version (`latest`, a URL without a version) says nothing.

use std::cell::RefCell;
use std::sync::Arc;

use nodejs_semver::{Range, Version};
use rustc_hash::FxHashMap;

use super::Builder;
use super::clients::FoundClient;
use super::sites::{part_site, range_site, url_version_site};
use crate::analysis::cdn;
use crate::analysis::model::{DeadUrl, Has, SdkVersion, VersionBy};
use crate::analysis::unit::Unit;
use crate::catalog::vendor::Release;
use crate::hir::visit::Node;
use crate::hir::{ExprKind, Literal};
use crate::project::locks::{LOCKFILES, Wanted, locked};
use crate::project::{Package, folders_above, path_in};
use crate::source::{FileId, Location, SourceFile, Span};

/// Longer ones are no versions that a person wrote.
const LONGEST: usize = 120;
/// Larger lockfiles are not read, in bytes.
const LARGEST: u64 = 32 << 20;

/// What was found for the SDK of a package folder.
type Known = FxHashMap<(Arc<str>, String), Option<SdkVersion>>;

/// Answers which version clients run on; what was found for a package folder is kept.
pub(super) struct Versions<'b> {
    builder: &'b Builder<'b>,
    known: RefCell<Known>,
}

impl<'b> Builder<'b> {
    /// The versions that the project runs on.
    pub(super) fn versions(&'b self) -> Versions<'b> {
        Versions { builder: self, known: RefCell::default() }
    }

    /// URLs of a package whose files are known, with where they stand: scripts of pages, imports, strings in code.
    fn package_urls(&self, unit: &'b Unit) -> Vec<(&'b Release, String, Location)> {
        let releases = || self.catalog.releases();
        if !releases().any(|release| unit.source.text.contains(release.package.as_str())) {
            return Vec::new();
        }
        let scripts = unit.module.script_urls.iter().map(|script| (script.url.to_string(), unit.at(script.span)));
        let imports = unit.module.imports.iter().map(|import| (import.specifier.to_string(), unit.at(import.specifier_span)));
        let literals = unit.parents.nodes().iter().filter_map(|node| {
            let Node::Expr(expr) = *node else { return None };
            let text = match &unit.module[expr].kind {
                ExprKind::Literal(Literal::String(text)) => text.to_string(),
                ExprKind::Template { quasis, exprs } if exprs.is_empty() => quasis.first()?.0.to_string(),
                _ => return None,
            };
            Some((text, unit.at(unit.module[expr].span)))
        });
        scripts
            .chain(imports)
            .chain(literals)
            .filter(|(url, _)| url.len() <= LONGEST && url.contains("//"))
            .filter_map(|(url, at)| {
                let package = cdn::package_of(&url);
                let release = releases().find(|release| release.package == package)?;
                Some((release, url, at))
            })
            .collect()
    }

    /// The URLs of SDK packages on a CDN that name no file of the package. One that stands beside a right one is a fallback.
    pub(super) fn dead_urls(&self) -> Vec<DeadUrl> {
        let mut dead = Vec::new();
        for unit in self.workspace.anchored_units() {
            let (right, wrong): (Vec<_>, Vec<_>) = self
                .package_urls(unit)
                .into_iter()
                .filter_map(|(release, url, at)| Some((cdn::file_of(&url)?, release, at)))
                .partition(|(path, release, _)| path.is_empty() || release.files.iter().any(|file| path.starts_with(file.as_str())));
            // Where a file runs costs a walk through its importers, so it is asked only of those that have something wrong.
            if !right.is_empty() || wrong.is_empty() {
                continue;
            }
            let zone = self.zones.zone_of(unit.file);
            dead.extend(wrong.into_iter().map(|(path, release, at)| DeadUrl {
                at,
                path_at: part_site(&unit.source, at, &path),
                path,
                instead: release.bundle.clone(),
                zone: (*zone).clone(),
            }));
        }
        dead.sort_by_key(|url| url.at);
        dead.dedup_by_key(|url| url.at);
        dead
    }

    /// Whether the file, or a page or script of its package, loads the package from a CDN; the URL.
    pub(super) fn url_near(&self, file: FileId, package: &str) -> Option<(String, Location)> {
        let of = |unit: &'b Unit| {
            self.package_urls(unit).into_iter().find(|(release, ..)| release.package == package).map(|(_, url, at)| (url, at))
        };
        let own = self.workspace.unit(file).and_then(of);
        own.or_else(|| {
            let home = self.workspace.project.package_of(file).map(|package| package.file);
            let neighbours = self
                .workspace
                .anchored_units()
                .filter(|unit| unit.file != file && self.workspace.project.package_of(unit.file).map(|package| package.file) == home);
            let mut found = neighbours.filter_map(of);
            // Two pages with different builds: which one the file runs on is not known.
            let first = found.next()?;
            found.all(|(url, _)| cdn::version_of(&url) == cdn::version_of(&first.0)).then_some(first)
        })
    }
}

impl Versions<'_> {
    /// The version that a client runs on; none when nothing says so, or when it is the newest.
    pub(super) fn of(&self, found: &FoundClient) -> Option<SdkVersion> {
        let core = found.sdk.core.as_deref()?;
        let release = self.builder.catalog.releases().find(|release| release.package == core)?;
        let file = found.site.file;
        if let Some((version, at)) = self.by_url(found, release) {
            let (warning, login) = (in_range(&version, &release.warning)?, in_range(&version, &release.login)?);
            // A browser gets the newest version of a range.
            let resolved = |has| if has == Has::Maybe { Has::Yes } else { has };
            let (warning, login) = (resolved(warning), resolved(login));
            let source = self.builder.workspace.unit(at.file).map(|unit| &unit.source);
            let raise = source.and_then(|source| url_version_site(source, at, &version));
            return Some(SdkVersion { raise, ..of_release(release, version, at, VersionBy::Url, None, (warning, login)) });
        }
        let folder = self.builder.workspace.project.package_of(file).map(|package| Arc::clone(&package.folder))?;
        if let Some(known) = self.known.borrow().get(&(Arc::clone(&folder), core.to_owned())) {
            return known.clone();
        }
        let version = self.of_folder(&folder, release);
        self.known.borrow_mut().insert((folder, core.to_owned()), version.clone());
        version
    }

    /// The version in the URL that the client's code is loaded from. A manifest that declares the package says that it is
    /// installed; where none does, a bare import is an import map's matter.
    fn by_url(&self, found: &FoundClient, release: &Release) -> Option<(String, Location)> {
        let package = self.builder.workspace.project.package_of(found.site.file);
        if package.is_some_and(|package| self.declaration(&package.folder, &release.package).is_some()) {
            return None;
        }
        let (url, at) = self.builder.url_near(found.site.file, &release.package)?;
        Some((cdn::version_of(&url)?, at))
    }

    /// The nearest manifest at or above a folder that declares the package, with the range and its place.
    fn declaration(&self, folder: &str, name: &str) -> Option<(&Package, String, Location)> {
        let project = &self.builder.workspace.project;
        folders_above(folder).find_map(|above| {
            let package = project.packages().iter().find(|package| &*package.folder == above)?;
            let dependency = package.dependency(name)?;
            let source = self.text(package.file)?;
            let span = declared_span(&source.text, name, &dependency.range)?;
            Some((package, dependency.range.to_string(), Location::new(package.file, span)))
        })
    }

    fn of_folder(&self, folder: &str, release: &Release) -> Option<SdkVersion> {
        let declaration = self.declaration(folder, &release.package);
        let home = declaration.as_ref().map_or(folder, |(package, ..)| &package.folder);
        let range = declaration.as_ref().map_or("", |(_, range, _)| range.as_str());
        let declared = declaration.as_ref().map(|(_, range, at)| (range.clone(), *at));
        let core = release.package.as_str();
        let raise = declared.as_ref().and_then(|(range, at)| range_site(range, *at));
        // A lockfile that the manifest has left behind says nothing: the next install writes it anew.
        if let Some((version, at)) = self.in_lockfile(home, core, range).filter(|(version, _)| !is_outside(version, range)) {
            let (warning, login) = (at_least(&version, &release.warning)?, at_least(&version, &release.login)?);
            return Some(SdkVersion { raise, ..of_release(release, version, at, VersionBy::Lockfile, declared, (warning, login)) });
        }
        let (range, at) = declared.clone()?;
        let (warning, login) = (in_range(&range, &release.warning)?, in_range(&range, &release.login)?);
        Some(SdkVersion { raise, ..of_release(release, range, at, VersionBy::Manifest, declared, (warning, login)) })
    }

    /// Whether the package that a file runs with is of one of some versions: the locked one, or all that the manifest admits.
    pub(super) fn is_within(&self, file: FileId, name: &str, versions: &str) -> bool {
        let Ok(versions) = Range::parse(versions) else { return false };
        let Some(folder) = self.builder.workspace.project.package_of(file).map(|package| Arc::clone(&package.folder)) else { return false };
        let declaration = self.declaration(&folder, name);
        let home = declaration.as_ref().map_or(&*folder, |(package, ..)| &package.folder);
        let range = declaration.as_ref().map_or("", |(_, range, _)| range.as_str());
        if let Some((version, _)) = self.in_lockfile(home, name, range) {
            return Version::parse(&version).is_ok_and(|version| version.satisfies(&versions));
        }
        range.len() <= LONGEST && !range.is_empty() && Range::parse(range).is_ok_and(|range| versions.allows_all(&range))
    }

    /// The version in the nearest lockfile at or above a folder.
    fn in_lockfile(&self, folder: &str, package: &str, declared: &str) -> Option<(String, Location)> {
        let project = &self.builder.workspace.project;
        let (above, name, file) = folders_above(folder)
            .find_map(|above| LOCKFILES.into_iter().find_map(|name| Some((above, name, project.file_by_path(&path_in(above, name))?))))?;
        let source = self.text(file)?;
        let below = folder.strip_prefix(above).map_or(folder, |rest| rest.trim_start_matches('/'));
        let found = locked(name, &source.text, Wanted { package, folder: below, declared })?;
        Some((found.version, Location::new(file, Span::new(found.range.start, found.range.end))))
    }

    fn text(&self, file: FileId) -> Option<Arc<SourceFile>> {
        let path = self.builder.workspace.project.absolute(file)?;
        // Lockfiles are not read when the project is screened, so their size is not known yet.
        std::fs::metadata(path).ok().filter(|metadata| metadata.len() <= LARGEST)?;
        self.builder.workspace.source(file)
    }
}

/// What is known of a version, and since when releases have what it is asked for. Where it can be raised is not said yet.
fn of_release(
    release: &Release,
    text: String,
    at: Location,
    by: VersionBy,
    declared: Option<(String, Location)>,
    (warning, login): (Has, Has),
) -> SdkVersion {
    let (warning_since, login_since) = (release.warning_release.clone(), release.login.clone());
    SdkVersion { package: release.package.clone(), text, at, by, declared, warning, warning_since, login, login_since, raise: None }
}

/// Where a manifest declares a package: the range, without its quotes.
fn declared_span(text: &str, package: &str, range: &str) -> Option<Span> {
    let key = format!("\"{package}\"");
    let quoted = format!("\"{range}\"");
    let at_key = memchr::memmem::find_iter(text.as_bytes(), &key).find_map(|at| {
        let after = at + key.len();
        let rest = text.get(after..)?;
        let value = rest.trim_start().strip_prefix(':')?.trim_start();
        value.starts_with(&quoted).then(|| text.len() - value.len())
    });
    // An alias: `"phone": "npm:@scope/name@^2"`.
    let start = at_key.or_else(|| memchr::memmem::find(text.as_bytes(), format!("npm:{package}@{range}").as_bytes()))?;
    let end = start + 1 + text.get(start + 1..)?.find('"')?;
    Some(Span::new(start + usize::from(text.as_bytes().get(start) == Some(&b'"')), end))
}

/// Whether a version has what came with `since`; none when it is no version.
fn at_least(version: &str, since: &str) -> Option<Has> {
    let parse = |text: &str| Version::parse(text.get(..LONGEST.min(text.len()))?).ok();
    Some(if parse(version)? >= parse(since)? { Has::Yes } else { Has::No })
}

/// Whether a version lies below or above everything that a range allows.
fn is_outside(version: &str, range: &str) -> bool {
    let beyond = |range: &Range, side: &str| Range::parse(format!("{side}{version}")).is_ok_and(|side| !range.allows_any(&side));
    let is_short = version.len() <= LONGEST && (1..=LONGEST).contains(&range.len());
    is_short && Range::parse(range).is_ok_and(|range| beyond(&range, "<=") || beyond(&range, ">="))
}

/// Whether the versions of a range have what came with `since`; none for tags, local folders and repositories, and for ranges without an
/// upper end: an install takes the newest.
fn in_range(range: &str, since: &str) -> Option<Has> {
    let range = range.trim();
    if range.is_empty() || range.len() > LONGEST || !range.starts_with(|first: char| first.is_ascii_digit() || "^~=v<>".contains(first)) {
        return None;
    }
    let range = Range::parse(range).ok()?;
    let newer = Range::parse(format!(">={since}")).ok()?;
    let older = Range::parse(format!("<{since}")).ok()?;
    match (range.allows_any(&newer), range.allows_any(&older)) {
        (true, true) => Some(Has::Maybe),
        (true, false) => Some(Has::Yes),
        (false, _) => Some(Has::No),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_versions_are_compared_as_npm_does() {
        for (range, expected) in [
            ("2.9.0", Some(Has::No)),
            ("=2.22.8", Some(Has::No)),
            ("~2.22.0", Some(Has::No)),
            ("2.22.x", Some(Has::No)),
            ("^2.17.0", Some(Has::Maybe)),
            (">=2.9.0 <3", Some(Has::Maybe)),
            ("^2.26.1", Some(Has::Yes)),
            ("^2.26.4", Some(Has::Yes)),
            ("2.27.10", Some(Has::Yes)),
            ("^2.26.1-beta.2", Some(Has::Yes)),
            ("^1.0.0 || ^2.27.0", Some(Has::Maybe)),
            ("latest", None),
            ("*", None),
            ("workspace:*", None),
            ("github:team-telnyx/webrtc", None),
            ("", None),
        ] {
            assert_eq!(in_range(range, "2.26.1-beta.2"), expected, "{range}");
        }
        for (version, expected) in [
            ("2.26.0", Some(Has::No)),
            ("2.26.1-beta.0", Some(Has::No)),
            ("2.26.1", Some(Has::Yes)),
            ("2.27.10", Some(Has::Yes)),
            ("link:../x", None),
        ] {
            assert_eq!(at_least(version, "2.26.1-beta.2"), expected, "{version}");
        }
    }

    #[test]
    fn a_lockfile_that_was_left_behind_is_known_by_its_version() {
        for (version, range, expected) in [
            ("2.17.0", "^2.26.1", true),
            ("2.22.18-beta.9", "^2.26.1", true),
            ("3.0.0", "^2.26.1", true),
            ("2.26.1", "^2.26.1", false),
            ("2.27.10", "^2.9.0", false),
            ("2.26.1-beta.2", "^2.9.0", false),
            ("2.17.0", "", false),
            ("2.17.0", "workspace:*", false),
            ("link:../x", "^2.9.0", false),
        ] {
            assert_eq!(is_outside(version, range), expected, "{version} {range}");
        }
    }

    #[test]
    fn a_declaration_is_found_at_its_range() {
        for (text, range) in [
            ("{\"dependencies\": {\"@telnyx/webrtc\" : \"^2.9.0\"}}", "^2.9.0"),
            ("{\"dependencies\": {\"phone\": \"npm:@telnyx/webrtc@^2.9.0\"}}", "npm:@telnyx/webrtc@^2.9.0"),
        ] {
            let span = declared_span(text, "@telnyx/webrtc", "^2.9.0");
            assert_eq!(span.and_then(|span| text.get(span.range())), Some(range), "{text}");
        }
        assert_eq!(declared_span("{\"name\": \"@telnyx/webrtc\"}", "@telnyx/webrtc", "^2.9.0"), None);
    }
}
