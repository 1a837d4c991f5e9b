//! The file system that the resolver crate sees: the file table and nothing else.
//!
//! Only manifests and project configurations are ever read through it. Packages of the tree are found as a package manager
//! would link them: `<folder>/node_modules/<name>` leads to the package of that name below `<folder>`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oxc_resolver::{FileMetadata, FileSystem, ResolveError};

use crate::project::Overlay;
use crate::project::discover::normalize;
use crate::project::manifest::{Packages, split_package};
use crate::project::table::{Table, folder_of, is_below, join};
use crate::project::tsconfig;

/// Nesting beyond which a manifest is not given to the resolver's parser.
const MAX_NESTING: usize = 64;

/// A view of the table as a file system.
#[derive(Debug, Clone)]
pub(crate) struct TreeFs {
    pub(crate) table: Arc<Table>,
    pub(crate) packages: Arc<Packages>,
}

impl TreeFs {
    /// The table's name for a path that the resolver asks about; none for what cannot be in the tree.
    pub(crate) fn real_name(&self, path: &Path) -> Option<String> {
        let name = self.table.name(path)?;
        let Some((above, inside)) = split_node_modules(&name) else { return Some(name) };
        let (package, rest) = split_package(inside);
        let folder = self.linked(above, package)?;
        Some(if rest.is_empty() { folder.to_owned() } else { join(folder, rest) })
    }

    /// The folder of the package `name` that an install would link into `above/node_modules`.
    fn linked(&self, above: &str, name: &str) -> Option<&str> {
        let inside = |folder: &str| above.is_empty() || folder == above || is_below(folder, above);
        // A test's stand-in for a package is linked only for what stands beside it.
        let stand_in =
            |folder: &str| folder.get(above.len()..).is_some_and(|below| below.split('/').any(|segment| STAND_INS.contains(&segment)));
        self.packages
            .named(name)
            .map(|package| &*package.folder)
            .filter(|folder| inside(folder) && !stand_in(folder))
            .min_by_key(|folder| (folder.len(), *folder))
    }

    fn text(&self, path: &Path) -> io::Result<String> {
        let not_found = || io::Error::from(io::ErrorKind::NotFound);
        let name = self.real_name(path).ok_or_else(not_found)?;
        let id = self.table.find(&name).ok_or_else(not_found)?;
        let text = self.table.read_config(id)?;
        let file = name.rsplit_once('/').map_or(&*name, |(_, file)| file);
        if file == "package.json" {
            return if nesting(&text) > MAX_NESTING { Err(io::ErrorKind::InvalidData.into()) } else { Ok(text) };
        }
        // Any other file that is read here is a configuration, whatever its name.
        let folder = folder_of(&name);
        Ok(tsconfig::reduce(&text, |target| self.has_config(folder, target)))
    }

    /// Whether the target of an `extends` in `folder` is in the tree, spelled as the resolver will look for it.
    fn has_config(&self, folder: &str, target: &str) -> bool {
        if !target.starts_with('.') {
            return false;
        }
        let Some(name) = self.real_name(&normalize(&self.table.absolute(folder).join(target))) else { return false };
        self.table.find(&name).is_some()
            || self.table.find(&format!("{name}.json")).is_some() && !self.table.has_folder(&name)
            || self.table.find(&join(&name, "tsconfig.json")).is_some()
    }
}

/// Folders of tests, fixtures and examples.
const STAND_INS: &[&str] = &["test", "tests", "__tests__", "fixtures", "__fixtures__", "__mocks__", "mocks", "e2e"];

/// Splits `a/node_modules/b/c` into `a` and `b/c` at the last such folder.
fn split_node_modules(name: &str) -> Option<(&str, &str)> {
    const FOLDER: &str = "node_modules";
    if let Some(inside) = name.strip_prefix(FOLDER).filter(|rest| !rest.contains("/node_modules")) {
        return inside.strip_prefix('/').map(|inside| ("", inside)).or_else(|| inside.is_empty().then_some(("", "")));
    }
    let at = name.rfind("/node_modules")?;
    let inside = name.get(at + 1 + FOLDER.len()..)?;
    let above = name.get(..at)?;
    match inside.strip_prefix('/') {
        Some(inside) => Some((above, inside)),
        None => inside.is_empty().then_some((above, "")),
    }
}

/// The deepest nesting of brackets outside strings.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

impl FileSystem for TreeFs {
    fn new() -> Self {
        let table = Arc::new(Table::new(PathBuf::new(), Vec::new(), Overlay::default()));
        Self { packages: Arc::new(Packages::new(Arc::clone(&table))), table }
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.text(path).map(String::into_bytes)
    }

    fn read_to_string(&self, path: &Path) -> io::Result<String> {
        self.text(path)
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        let folder = FileMetadata::new(false, true, false);
        if let Some(name) = self.table.name(path)
            && let Some((above, inside)) = split_node_modules(&name)
            && (inside.is_empty() || inside.starts_with('@') && !inside.contains('/'))
        {
            let exists = self.table.has_folder(above) && !self.packages.all().is_empty();
            return if exists { Ok(folder) } else { Err(io::ErrorKind::NotFound.into()) };
        }
        let name = self.real_name(path).ok_or(io::ErrorKind::NotFound)?;
        if self.table.find(&name).is_some() {
            Ok(FileMetadata::new(true, false, false))
        } else if self.table.has_folder(&name) {
            Ok(folder)
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    fn symlink_metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        self.metadata(path)
    }

    fn read_link(&self, _: &Path) -> Result<PathBuf, ResolveError> {
        Err(io::Error::from(io::ErrorKind::InvalidInput).into())
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_path_buf())
    }
}
