//! Putting changed files down: each in one step, and only where the file still is what was read.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use super::ChangedFile;

/// Why a changed file was not written. The file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Somebody else changed it in the meantime.
    #[error("{path} has changed since it was read")]
    Changed {
        /// As reports print it.
        path: String,
    },
    /// A link would be replaced by a file.
    #[error("{path} is reached through a symbolic link")]
    Link {
        /// As reports print it.
        path: String,
    },
    /// The system said no.
    #[error("cannot write {}", path.display())]
    Io {
        /// On disk.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Writes one changed file: into a new file of the same folder, with the permissions of the old one, which it then replaces.
///
/// Line ends and a byte-order mark are part of the text, and stay as they are.
///
/// # Errors
/// When the file is not what was read any more, is a link, or cannot be written.
pub fn write(file: &ChangedFile) -> Result<(), WriteError> {
    let failed = |source| WriteError::Io { path: file.absolute.clone(), source };
    if fs::canonicalize(&file.absolute).map_err(failed)? != file.absolute {
        return Err(WriteError::Link { path: file.path.to_string() });
    }
    if fs::read(&file.absolute).map_err(failed)? != file.before.as_bytes() {
        return Err(WriteError::Changed { path: file.path.to_string() });
    }
    let folder = file.absolute.parent().ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
    let mut fresh = tempfile::Builder::new().prefix(".authlint-").tempfile_in(folder).map_err(failed)?;
    fresh.write_all(file.after.as_bytes()).map_err(failed)?;
    let permissions = fs::metadata(&file.absolute).map_err(failed)?.permissions();
    fresh.as_file().set_permissions(permissions).map_err(failed)?;
    fresh.as_file().sync_all().map_err(failed)?;
    fresh.persist(&file.absolute).map_err(|error| failed(error.error))?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn changed(folder: &std::path::Path, before: &str, after: &str) -> ChangedFile {
        let absolute = fs::canonicalize(folder).unwrap().join("a.js");
        ChangedFile { path: "a.js".into(), absolute, before: Arc::from(before), after: Arc::from(after) }
    }

    #[test]
    fn what_is_written_keeps_mark_line_ends_and_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let file = changed(folder.path(), "\u{feff}a\r\n", "\u{feff}b\r\n");
        fs::write(&file.absolute, &*file.before).unwrap();
        let mut permissions = fs::metadata(&file.absolute).unwrap().permissions();
        #[cfg(unix)]
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o640);
        fs::set_permissions(&file.absolute, permissions).unwrap();
        // As the system tells them: with the kind of file, which one sets without.
        let permissions = fs::metadata(&file.absolute).unwrap().permissions();
        write(&file).unwrap();
        assert_eq!(fs::read(&file.absolute).unwrap(), "\u{feff}b\r\n".as_bytes());
        assert_eq!(fs::metadata(&file.absolute).unwrap().permissions(), permissions);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the temporary file is gone");
    }

    #[test]
    fn a_file_that_somebody_else_changed_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = changed(folder.path(), "a", "b");
        fs::write(&file.absolute, "c").unwrap();
        assert!(matches!(write(&file), Err(WriteError::Changed { .. })));
        assert_eq!(fs::read(&file.absolute).unwrap(), b"c");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = changed(folder.path(), "a", "b");
        fs::write(folder.path().join("real.js"), "a").unwrap();
        std::os::unix::fs::symlink("real.js", &file.absolute).unwrap();
        assert!(matches!(write(&file), Err(WriteError::Link { .. })));
        assert_eq!(fs::read(folder.path().join("real.js")).unwrap(), b"a");
    }
}
