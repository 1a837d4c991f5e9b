//! Folders that are left out, by name and by what stands beside them, and the files that mark an application's folder.

use std::path::Path;

use crate::project::discover::SkipReason;

/// Folders that package managers fill.
const DEPENDENCIES: &[&str] =
    &["node_modules", "bower_components", "jspm_packages", "site-packages", ".venv", ".yarn", ".pnpm-store", ".bundle", ".dart_tool"];

/// Folders that builds, test runs and caches write and nobody edits.
const OUTPUTS: &[&str] = &[
    ".next",
    ".nuxt",
    ".output",
    ".svelte-kit",
    ".turbo",
    ".cache",
    ".parcel-cache",
    ".vercel",
    ".vite",
    ".angular",
    ".expo",
    ".gradle",
    ".docusaurus",
    ".nyc_output",
    ".serverless",
    ".aws-sam",
    ".wrangler",
    ".terraform",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    "__pycache__",
    "storybook-static",
];

/// Folders that are output or dependencies only where a file of the second list stands beside them.
const BESIDE: &[(&str, &[&str], SkipReason)] = &[
    ("dist", &["package.json", "deno.json", "pyproject.toml"], SkipReason::BuildOutput),
    ("build", &["package.json", "build.gradle", "build.gradle.kts", "pubspec.yaml", "pyproject.toml"], SkipReason::BuildOutput),
    ("out", &["package.json", "pom.xml"], SkipReason::BuildOutput),
    ("coverage", &["package.json", "pyproject.toml"], SkipReason::BuildOutput),
    ("target", &["Cargo.toml", "pom.xml"], SkipReason::BuildOutput),
    ("vendor", &["composer.json", "go.mod", "Gemfile"], SkipReason::Dependencies),
    ("venv", &["requirements.txt", "pyproject.toml", "setup.py", "manage.py"], SkipReason::Dependencies),
    ("Pods", &["Podfile"], SkipReason::Dependencies),
];

/// Why a folder is left out, if it is.
pub(crate) fn folder_reason(path: &Path) -> Option<SkipReason> {
    let name = path.file_name()?.to_str()?;
    if matches!(name, ".git" | ".hg" | ".svn" | ".jj") {
        return Some(SkipReason::Repository);
    }
    if DEPENDENCIES.contains(&name) {
        return Some(SkipReason::Dependencies);
    }
    if OUTPUTS.contains(&name) {
        return Some(SkipReason::BuildOutput);
    }
    let (_, beside, reason) = BESIDE.iter().find(|(folder, ..)| *folder == name)?;
    let parent = path.parent()?;
    if !beside.iter().any(|file| parent.join(file).is_file()) {
        return None;
    }
    (name != "build" || !holds_bundler_config(path)).then_some(*reason)
}

/// Some projects keep their bundler's configuration in `build/`, which is source.
fn holds_bundler_config(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        ["webpack.", "vite.", "rollup.", "esbuild."].iter().any(|tool| name.starts_with(tool))
    })
}

/// Files beside which an application's dotenv files stand.
pub(crate) const MANIFESTS: &[&str] = &[
    "package.json",
    "deno.json",
    "deno.jsonc",
    "wrangler.toml",
    "wrangler.jsonc",
    "pyproject.toml",
    "requirements.txt",
    "manage.py",
    "composer.json",
    "Gemfile",
    "go.mod",
    "docker-compose.yml",
    "docker-compose.yaml",
    "compose.yml",
    "compose.yaml",
];
