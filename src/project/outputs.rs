//! Build outputs: where the source of a file that only a build would make may stand.
//!
//! A checkout has no `dist/`, yet manifests point there. Which source a bundler starts from stands in its own configuration, which is
//! code; but nearly all projects keep the names (`dist/esm/mint.js` is made from `src/mint.ts`), so the path below each folder of the
//! output is tried below `src/`, then below the package itself. TypeScript's `rootDir` and `outDir` say the same.

use crate::project::manifest::Package;
use crate::project::resolve::strip_code_extension;

/// Where the source of a file may stand, by its path in the package, best first: `dist/a/b.js` → itself, `src/a/b`, `a/b`, `src/b`, `b`.
pub(crate) fn sources_of(output: &str) -> Vec<String> {
    let output = output.trim_start_matches("./");
    if output.contains('*') {
        return Vec::new();
    }
    let mut guesses = vec![output.to_owned()];
    let mut rest = strip_code_extension(output);
    // Every folder may be the build's own.
    while let Some((_, below)) = rest.split_once('/') {
        guesses.push(format!("src/{below}"));
        guesses.push(below.to_owned());
        rest = below;
    }
    guesses
}

/// Where the source of what a package exports under a subpath may stand; the empty subpath is the package itself.
pub(crate) fn sources_of_export(package: &Package, subpath: &str) -> Vec<String> {
    let mut guesses: Vec<String> = Vec::new();
    if subpath.is_empty() {
        guesses.extend(package.targets(".").iter().flat_map(|target| sources_of(target)));
        guesses.extend(package.entries.iter().flat_map(|entry| sources_of(entry)));
        guesses.extend(["src/index", "src/main", "index", "lib/index"].map(str::to_owned));
    } else {
        guesses.extend(package.targets(&format!("./{subpath}")).iter().flat_map(|target| sources_of(target)));
        guesses.extend([subpath.to_owned(), format!("src/{subpath}")]);
        guesses.extend(sources_of(subpath));
    }
    guesses
}

/// Where the source of what a package's own `imports` name may stand.
pub(crate) fn sources_of_import(package: &Package, name: &str) -> Vec<String> {
    package.targets(name).iter().filter(|target| target.starts_with('.')).flat_map(|target| sources_of(target)).collect()
}
