//! Links in a terminal: paths open the file, names of rules open what they rest on.
//!
//! The escape sequence is OSC 8 (<https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda>). Only the human report holds links,
//! and only when its caller says that a terminal reads it.

use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Place;

/// What may stand in a `file:` URL as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b':');

/// Where links lead.
#[derive(Debug, Clone)]
pub struct Links {
    /// The working root with `/` separators, without one at its end.
    root: String,
}

impl Links {
    /// Links to the files below a working root.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        let root = root.to_string_lossy().replace('\\', "/");
        Self { root: root.trim_end_matches('/').to_owned() }
    }

    /// The text as a link to the file of a place.
    pub(super) fn file(&self, place: Place<'_>, text: &str) -> String {
        if !place.is_known() {
            return text.to_owned();
        }
        let path = place.path();
        // Files outside of the root have absolute paths.
        let absolute = if Path::new(path).is_absolute() { path.to_owned() } else { format!("{}/{path}", self.root) };
        let slash = if absolute.starts_with('/') { "" } else { "/" };
        link(&format!("file://{slash}{}", utf8_percent_encode(&absolute, PATH)), text)
    }
}

/// The text as a link. The address must be of printable ASCII, as an encoded one is.
pub(super) fn link(address: &str, text: &str) -> String {
    format!("\u{1b}]8;;{address}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
}
