//! Patterns of paths, with the semantics of `.gitignore`: a name alone matches at every depth, a leading `/` anchors it, a trailing `/`
//! means folders only, `!` takes away again. People know them, and they say what is left out below an excluded folder: everything.

use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Why a text is no pattern.
pub(crate) type NoPattern = String;

/// Patterns, seen from a folder.
#[derive(Debug, Clone)]
pub struct Patterns {
    base: PathBuf,
    matcher: Gitignore,
}

impl Patterns {
    /// Compiles patterns; `base` is the absolute folder that they are seen from.
    ///
    /// # Errors
    /// The patterns that are none, by their index.
    pub(crate) fn new<'p>(base: &Path, patterns: impl IntoIterator<Item = &'p str>) -> Result<Self, Vec<(usize, NoPattern)>> {
        let mut builder = GitignoreBuilder::new(base);
        builder.allow_unclosed_class(false);
        let mut wrong = Vec::new();
        for (index, pattern) in patterns.into_iter().enumerate() {
            if pattern.trim().is_empty() {
                wrong.push((index, "it is empty".to_owned()));
            } else if let Err(error) = builder.add_line(None, pattern.strip_prefix("./").unwrap_or(pattern)) {
                wrong.push((index, reason(&error)));
            }
        }
        match builder.build() {
            Ok(matcher) if wrong.is_empty() => Ok(Self { base: base.to_path_buf(), matcher }),
            Ok(_) => Err(wrong),
            Err(error) => Err(vec![(0, reason(&error))]),
        }
    }

    /// Whether there is no pattern.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.matcher.is_empty()
    }

    /// Whether an absolute path, or a folder above it, matches. Nothing outside the base does.
    #[must_use]
    pub fn contain(&self, path: &Path, is_folder: bool) -> bool {
        self.naming(path, is_folder).is_some()
    }

    /// The pattern, as it was given, by which an absolute path is named, itself or through a folder above it.
    #[must_use]
    pub fn naming(&self, path: &Path, is_folder: bool) -> Option<&str> {
        let relative = path.strip_prefix(&self.base).ok().filter(|relative| !relative.as_os_str().is_empty())?;
        match self.matcher.matched_path_or_any_parents(relative, is_folder) {
            ignore::Match::Ignore(glob) => Some(glob.original()),
            _ => None,
        }
    }

    /// Whether the path itself matches: for a walk that has asked for the folders above already.
    #[must_use]
    pub fn contain_itself(&self, path: &Path, is_folder: bool) -> bool {
        match path.strip_prefix(&self.base) {
            Ok(relative) if !relative.as_os_str().is_empty() => self.matcher.matched(relative, is_folder).is_ignore(),
            _ => false,
        }
    }
}

fn reason(error: &ignore::Error) -> NoPattern {
    match error {
        ignore::Error::Glob { err, .. } => err.clone(),
        other => other.to_string(),
    }
}
