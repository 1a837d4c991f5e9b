//! What the XML formats share: which characters a document may hold, and how it begins and ends.
//!
//! Written with `quick-xml` and not with a crate for `JUnit`: those write attributes that the schema of Jenkins does not know, and bring
//! clocks and random numbers that a report must not have.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, Event};

use super::layout::{harmless, harmless_text};

/// Where the elements of a document are written to.
pub(super) type Elements = Writer<Vec<u8>>;

/// Writes a document: the declaration, what `body` writes, and a line end.
pub(super) fn document(out: &mut dyn Write, body: impl FnOnce(&mut Elements) -> io::Result<()>) -> io::Result<()> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    body(&mut writer)?;
    out.write_all(&writer.into_inner())?;
    writeln!(out)
}

/// One line that an attribute may hold. `quick-xml` escapes markup, but not what XML 1.0 forbids altogether.
pub(super) fn attribute(text: &str) -> String {
    allowed(&harmless_text(text))
}

/// Lines that an element may hold.
pub(super) fn content(text: &str) -> String {
    text.lines().map(|line| allowed(&harmless(line))).collect::<Vec<_>>().join("\n")
}

/// Control characters are gone already; two code points are left that no document may hold.
fn allowed(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
