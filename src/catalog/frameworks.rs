//! Frameworks: how each is recognised, which of its files are entries, and on which side they run.
//!
//! The counterpart of an entry-point plugin in knip: a list of globs a framework. What is added is the zone of each entry,
//! because the question here is not whether a file is used but where. The keys are explained in
//! `rules/models/frameworks.toml`.

use std::sync::OnceLock;

use globset::{Glob, GlobBuilder, GlobMatcher};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::error::{CatalogError, read_table};
use super::sides::{RawUsage, Usage};
use crate::finding::{Confidence, ZoneKind};

/// What `$js` stands for in a path glob.
const JS_EXTENSIONS: &str = "{js,jsx,ts,tsx,mjs,mts,cjs,cts}";

/// All that is known about where code runs.
#[derive(Debug)]
pub struct Frameworks {
    /// The frameworks, in order of precedence.
    pub frameworks: Vec<Framework>,
    /// Entries that manifests name.
    pub manifests: Vec<ManifestEntry>,
    /// What imports and globals tell about a module.
    pub usage: Usage,
    /// Crates of Rust whose programs run on the user's machine.
    pub client_crates: Vec<ClientCrate>,
}

/// A crate of Rust whose programs run on the user's machine.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientCrate {
    /// The crate.
    pub name: String,
    /// What a program is that depends on it; printed as evidence.
    pub what: String,
}

/// One framework, platform or habit.
#[derive(Debug)]
pub struct Framework {
    /// The name that reports print.
    pub name: String,
    /// Packages whose presence in a package.json shows the framework.
    pub dependencies: Vec<String>,
    /// Files whose presence shows the framework, relative to its root.
    pub markers: Vec<PathGlob>,
    /// It honours `"use client"` and `"use server"`.
    pub directives: bool,
    /// It ships whatever is imported and ignores `"use server"`.
    pub bundler: bool,
    /// Where a file of such a package runs when nothing else tells.
    pub side: Option<Side>,
    /// Its entries, in order of precedence.
    pub entries: Vec<Entry>,
}

impl Framework {
    /// Whether it needs no evidence of its own: its paths are habits of the whole ecosystem.
    #[must_use]
    pub fn is_universal(&self) -> bool {
        self.dependencies.is_empty() && self.markers.is_empty()
    }
}

/// On which sides the code of a package runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Browsers and apps.
    Client,
    /// Servers.
    Server,
    /// Both, so that the package alone tells nothing.
    Both,
}

/// Files that a framework itself loads.
#[derive(Debug)]
pub struct Entry {
    /// Where they are, relative to the framework's root.
    pub paths: Vec<PathGlob>,
    /// Where they run.
    pub zone: ZoneKind,
    /// What they are, in the framework's words.
    pub what: String,
    /// How sure the path alone makes.
    pub confidence: Confidence,
    /// The file must export one of these; empty for no such condition.
    pub needs: Vec<String>,
    /// Exports that run on the server although the rest does not.
    pub server_exports: Vec<String>,
    /// Exports that run in the browser although the rest does not.
    pub client_exports: Vec<String>,
    /// Whether what it imports runs where it runs.
    pub follow: bool,
    /// The path tells even where no package names the framework.
    pub distinctive: bool,
}

/// Entries named inside a manifest (`wrangler.toml`, an extension's `manifest.json`).
#[derive(Debug)]
pub struct ManifestEntry {
    /// The names that the manifest may have.
    pub files: Vec<String>,
    /// Keys that must be there.
    pub when: Vec<String>,
    /// For a package.json: packages of which one must be there.
    pub dependencies: Vec<String>,
    /// Dotted keys that hold paths relative to the manifest; `[]` for each element.
    pub keys: Vec<String>,
    /// Where the named files run.
    pub zone: ZoneKind,
    /// What they are.
    pub what: String,
}

/// A path glob. It is compiled when it is first asked: a run on one file needs few of the table's globs.
#[derive(Debug)]
pub struct PathGlob {
    glob: Glob,
    matcher: OnceLock<GlobMatcher>,
    matcher_anywhere: OnceLock<Option<GlobMatcher>>,
}

impl PathGlob {
    /// Whether a path (relative to the framework's root, `/` separators) matches.
    #[must_use]
    pub fn is_match(&self, path: &str) -> bool {
        self.matcher.get_or_init(|| self.glob.compile_matcher()).is_match(path)
    }

    /// Whether some end of the path matches, whatever folders stand before it.
    #[must_use]
    pub fn is_match_anywhere(&self, path: &str) -> bool {
        let anywhere = || build(&format!("**/{}", self.as_str())).ok().map(|glob| glob.compile_matcher());
        self.matcher_anywhere.get_or_init(anywhere).as_ref().is_some_and(|matcher| matcher.is_match(path))
    }

    /// The glob, `$js` replaced.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.glob.glob()
    }

    fn parse(pattern: &str) -> Result<Self, globset::Error> {
        let glob = build(&pattern.replace("$js", JS_EXTENSIONS))?;
        Ok(Self { glob, matcher: OnceLock::new(), matcher_anywhere: OnceLock::new() })
    }
}

impl<'de> Deserialize<'de> for PathGlob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|error| D::Error::custom(format!("`{text}` is no glob: {}", error.kind())))
    }
}

fn build(pattern: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).literal_separator(true).empty_alternates(true).build()
}

/// Where code runs, by convention.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    /// Frameworks, in order of precedence.
    framework: Vec<RawFramework>,
    #[serde(default)]
    /// Entries that manifests name.
    manifest: Vec<RawManifest>,
    /// What imports and globals tell about a module.
    usage: RawUsage,
    #[serde(default, rename = "crate")]
    /// Crates of Rust whose programs run on the user's machine.
    crates: Vec<ClientCrate>,
}

/// One framework, platform or habit; one with neither `dependencies` nor `markers` is present everywhere.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawFramework {
    /// The name that reports print.
    name: String,
    /// Packages whose presence in a package.json shows the framework.
    #[serde(default)]
    dependencies: Vec<String>,
    /// Files whose presence shows the framework, as globs relative to its folder.
    #[serde(default)]
    markers: Vec<String>,
    /// It honours `"use client"` and `"use server"`.
    #[serde(default)]
    directives: bool,
    /// It ships whatever is imported and knows no `"use server"`.
    #[serde(default)]
    bundler: bool,
    /// Where a file of such a package runs when nothing else tells.
    side: Option<Side>,
    /// Files that the framework itself loads; the first that matches a file wins.
    #[serde(default)]
    entry: Vec<RawEntry>,
}

/// Files that a framework itself loads.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    /// Globs relative to the framework's folder; `$js` stands for every extension of scripts.
    paths: Vec<String>,
    /// Where the files run.
    zone: RawZone,
    /// What a file is, in the framework's own words; printed as evidence.
    what: String,
    /// How sure the path alone makes.
    #[serde(default)]
    confidence: RawConfidence,
    /// The file must export one of these.
    #[serde(default)]
    needs: Vec<String>,
    /// Exports that run on the server although the rest does not.
    #[serde(default)]
    server: Vec<String>,
    /// Exports that run in the browser although the rest does not.
    #[serde(default)]
    client: Vec<String>,
    /// Whether what it imports runs where it runs; it does when the key is absent.
    #[serde(default = "yes")]
    follow: bool,
    /// The path tells even where no package names the framework.
    #[serde(default)]
    distinctive: bool,
}

/// Entries named inside a manifest.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawManifest {
    /// The names that the manifest may have.
    files: Vec<String>,
    /// Keys that must be there.
    #[serde(default)]
    when: Vec<String>,
    /// For a package.json: packages of which one must be there.
    #[serde(default)]
    dependencies: Vec<String>,
    /// Dotted keys that hold paths relative to the manifest; `[]` for each element.
    keys: Vec<String>,
    /// Where the named files run.
    zone: RawZone,
    /// What they are.
    what: String,
}

#[derive(Deserialize, Clone, Copy, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum RawZone {
    Client,
    Server,
    Both,
    Build,
    Development,
}

impl From<RawZone> for ZoneKind {
    fn from(zone: RawZone) -> Self {
        match zone {
            RawZone::Client => Self::Client,
            RawZone::Server => Self::Server,
            RawZone::Both => Self::Both,
            RawZone::Build => Self::Build,
            RawZone::Development => Self::Development,
        }
    }
}

#[derive(Deserialize, Clone, Copy, Default, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum RawConfidence {
    Low,
    Medium,
    #[default]
    High,
}

impl From<RawConfidence> for Confidence {
    fn from(confidence: RawConfidence) -> Self {
        match confidence {
            RawConfidence::Low => Self::Low,
            RawConfidence::Medium => Self::Medium,
            RawConfidence::High => Self::High,
        }
    }
}

fn yes() -> bool {
    true
}

impl Frameworks {
    /// Whether a path by itself says that a file is a test, a story or a mock, whatever package it is in.
    #[must_use]
    pub fn is_development_path(&self, path: &str) -> bool {
        let everywhere = self.frameworks.iter().filter(|framework| framework.dependencies.is_empty() && framework.markers.is_empty());
        everywhere
            .flat_map(|framework| &framework.entries)
            .filter(|entry| entry.zone == ZoneKind::Development && entry.confidence == Confidence::High)
            .any(|entry| entry.paths.iter().any(|glob| glob.is_match_anywhere(path)))
    }

    /// Reads a table. `file` is the name that errors print.
    ///
    /// # Errors
    /// When the text is no TOML of the documented shape, or a value in it makes no sense; the error names the key.
    pub fn parse(file: &str, text: &str) -> Result<Self, CatalogError> {
        let raw: RawFile = read_table(file, text)?;
        let mut frameworks: Vec<Framework> = Vec::with_capacity(raw.framework.len());
        for framework in raw.framework {
            let place = Place { file, at: format!("framework \"{}\"", framework.name) };
            if framework.name.trim().is_empty() {
                return Err(place.error("name", "is empty"));
            }
            if frameworks.iter().any(|other| other.name == framework.name) {
                return Err(place.error("name", "is used by another framework"));
            }
            if framework.entry.is_empty() && framework.side.is_none() {
                return Err(place.error("entry", "is missing, and there is no `side` either: the framework would tell nothing"));
            }
            frameworks.push(framework.check(&place)?);
        }
        let mut manifests = Vec::with_capacity(raw.manifest.len());
        for manifest in raw.manifest {
            let place = Place { file, at: format!("manifest \"{}\"", manifest.files.join(", ")) };
            manifests.push(manifest.check(&place)?);
        }
        Ok(Self { frameworks, manifests, usage: Usage::check(raw.usage, file)?, client_crates: raw.crates })
    }
}

/// Where in which file a value stands, for errors.
struct Place<'a> {
    file: &'a str,
    at: String,
}

impl Place<'_> {
    fn error(&self, key: &'static str, problem: impl Into<String>) -> CatalogError {
        CatalogError::value(self.file, &self.at, key, &problem.into())
    }

    fn globs(&self, key: &'static str, patterns: &[String]) -> Result<Vec<PathGlob>, CatalogError> {
        patterns.iter().map(|pattern| self.glob(key, pattern)).collect()
    }

    fn glob(&self, key: &'static str, pattern: &str) -> Result<PathGlob, CatalogError> {
        if pattern.starts_with('/') || pattern.contains('\\') {
            return Err(self.error(key, format!("has `{pattern}`, which is not relative with `/` separators")));
        }
        PathGlob::parse(pattern).map_err(|error| self.error(key, format!("has `{pattern}`, which is no glob: {}", error.kind())))
    }
}

impl RawFramework {
    fn check(self, place: &Place<'_>) -> Result<Framework, CatalogError> {
        let mut entries = Vec::with_capacity(self.entry.len());
        for (index, entry) in self.entry.into_iter().enumerate() {
            let place = Place { file: place.file, at: format!("{}, entry {}", place.at, index + 1) };
            entries.push(entry.check(&place)?);
        }
        Ok(Framework {
            markers: place.globs("markers", &self.markers)?,
            name: self.name,
            dependencies: self.dependencies,
            directives: self.directives,
            bundler: self.bundler,
            side: self.side,
            entries,
        })
    }
}

impl RawEntry {
    fn check(self, place: &Place<'_>) -> Result<Entry, CatalogError> {
        if self.paths.is_empty() {
            return Err(place.error("paths", "is empty: the entry would match nothing"));
        }
        if self.what.trim().is_empty() {
            return Err(place.error("what", "is empty: it is printed as evidence"));
        }
        Ok(Entry {
            paths: place.globs("paths", &self.paths)?,
            zone: self.zone.into(),
            what: self.what,
            confidence: self.confidence.into(),
            needs: self.needs,
            server_exports: self.server,
            client_exports: self.client,
            follow: self.follow,
            distinctive: self.distinctive,
        })
    }
}

impl RawManifest {
    fn check(self, place: &Place<'_>) -> Result<ManifestEntry, CatalogError> {
        if self.files.is_empty() || self.files.iter().any(|name| name.contains(['/', '*'])) {
            return Err(place.error("files", "must hold plain file names"));
        }
        if self.keys.is_empty() {
            return Err(place.error("keys", "is empty: the manifest would name nothing"));
        }
        if let Some(key) = self.keys.iter().chain(&self.when).find(|key| key.split('.').any(|part| part.trim_end_matches("[]").is_empty()))
        {
            return Err(place.error("keys", format!("has `{key}`, which has an empty part")));
        }
        Ok(ManifestEntry {
            files: self.files,
            when: self.when,
            dependencies: self.dependencies,
            keys: self.keys,
            zone: self.zone.into(),
            what: self.what,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn the_compiled_in_table_loads() {
        let catalog = Catalog::builtin().unwrap();
        let frameworks = &catalog.frameworks;
        assert!(frameworks.frameworks.len() > 30);
        assert!(!frameworks.manifests.is_empty());
    }

    #[test]
    fn globs_match_as_their_framework_does() {
        let catalog = Catalog::builtin().unwrap();
        let frameworks = &catalog.frameworks;
        let what = |name: &str, path: &str| {
            let framework = frameworks.frameworks.iter().find(|framework| framework.name == name).unwrap();
            framework.entries.iter().find(|entry| entry.paths.iter().any(|glob| glob.is_match(path))).map(|entry| entry.what.as_str())
        };
        for (framework, path, expected) in [
            ("Next.js", "app/api/token/route.ts", Some("Next.js route handler")),
            ("Next.js", "src/app/(crm)/[id]/page.tsx", Some("Next.js server component")),
            ("Next.js", "app/page.tsx", Some("Next.js server component")),
            ("Next.js", "app/token.ts", None),
            ("Next.js", "src/pages/api/token.ts", Some("Next.js API route")),
            ("Next.js", "pages/phone/[id].tsx", Some("Next.js page")),
            ("Next.js", "src/proxy.ts", Some("Next.js middleware")),
            ("SvelteKit", "src/routes/(app)/token/+server.ts", Some("SvelteKit endpoint")),
            ("SvelteKit", "src/routes/+page.ts", Some("SvelteKit universal load")),
            ("Supabase Edge Functions", "apps/web/supabase/functions/token/index.ts", Some("Supabase edge function")),
            ("Remix or React Router", "app/lib/telnyx.server.ts", Some("Remix server-only module")),
            ("Expo or React Native", "app/(tabs)/token+api.ts", Some("Expo API route")),
            ("tests and stories", "src/phone.test.tsx", Some("test")),
            ("tests and stories", "src/latest.tsx", None),
            ("tool configuration", "vite.config.prod.ts", Some("build or tool configuration")),
            ("tool configuration", "src/telnyx.config.ts", None),
        ] {
            assert_eq!(what(framework, path), expected, "{framework}: {path}");
        }
    }

    #[test]
    fn errors_name_the_key() {
        let usage = "[usage.client]\ndecisive = []\nstrong = []\nweak = []\nnames = []\nglobals = []\nmembers = []\n\
                     [usage.server]\ndecisive = []\nstrong = []\nweak = []\nnames = []\nglobals = []\nmembers = []\n";
        for (text, expected) in [
            ("[[framework]]\nname = \"X\"\nsides = \"client\"\n", "sides"),
            ("[[framework]]\nname = \"X\"\n", "framework \"X\": `entry`"),
            ("[[framework]]\nname = \"X\"\nside = \"browser\"\n", "browser"),
            ("[[framework]]\nname = \"X\"\n[[framework.entry]]\npaths = []\nzone = \"client\"\nwhat = \"x\"\n", "entry 1: `paths`"),
            ("[[framework]]\nname = \"X\"\n[[framework.entry]]\npaths = [\"a{\"]\nzone = \"client\"\nwhat = \"x\"\n", "`a{`"),
            ("[[framework]]\nname = \"X\"\n[[framework.entry]]\npaths = [\"/a\"]\nzone = \"client\"\nwhat = \"x\"\n", "`/a`"),
            ("[[framework]]\nname = \"X\"\n[[framework.entry]]\npaths = [\"a\"]\nzone = \"unknown\"\nwhat = \"x\"\n", "unknown"),
            ("[[framework]]\nname = \"X\"\nside = \"both\"\n[[framework]]\nname = \"X\"\nside = \"both\"\n", "another framework"),
        ] {
            let error = Frameworks::parse("my.toml", &format!("{text}{usage}")).unwrap_err().to_string();
            assert!(error.starts_with("my.toml: ") && error.contains(expected), "{error}");
        }
    }
}
