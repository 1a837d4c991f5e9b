//! The class of a client where it is named wrongly, and the SDK's version where it can be raised.

use crate::analysis::edit_sites::ClassSite;
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::hir::{ExprId, ExprKind, Imported};
use crate::source::{Location, SourceFile, Span};

impl Unit {
    /// How a constructor that is the package itself can become its class.
    pub(in crate::analysis::auth) fn class_site(&self, callee: ExprId) -> Option<ClassSite> {
        let callee = self.uncast(callee);
        let symbol = self.scopes.symbol_of_expr(callee)?;
        let module = || ClassSite::Module(self.at(self.module[callee].span));
        match self.usage.writes(symbol) {
            [write] => match (write.kind, write.path.as_slice()) {
                (WriteKind::Import { import, name }, _) => {
                    let import = self.module.imports.get(import)?;
                    let imported = import.names.get(name)?;
                    match imported.imported {
                        Imported::Namespace => Some(module()),
                        // Beside other names the clause would have to be taken apart.
                        Imported::Default if import.names.len() == 1 => {
                            let binding = &self.module[imported.local];
                            let plain = self.next_token(binding.span.end).is_some_and(|(token, _)| token == b'f');
                            plain.then(|| ClassSite::Import { at: self.at(binding.span), local: binding.name.to_string() })
                        }
                        _ => None,
                    }
                }
                // `const Telnyx = require("@telnyx/webrtc")`
                (WriteKind::Declared { init: Some(init) }, []) if self.callee_text(self.uncast(init)) == "require" => Some(module()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The name of a global at a constructor: `TelnyxRTC`, `window.TelnyxRTC`.
    pub(in crate::analysis::auth) fn global_site(&self, callee: ExprId, global: &str) -> Option<ClassSite> {
        let callee = self.uncast(callee);
        let span = match &self.module[callee].kind {
            ExprKind::Ident(name) if &**name == global && self.scopes.symbol_of_expr(callee).is_none() => self.module[callee].span,
            ExprKind::Member { object, property, property_span, .. } if &**property == global => {
                matches!(&self.module[*object].kind, ExprKind::Ident(name) if matches!(&**name, "window" | "globalThis" | "self"))
                    .then_some(*property_span)?
            }
            _ => return None,
        };
        Some(ClassSite::Global(self.at(span)))
    }
}

/// The declared range of a package, when it is one that can simply be replaced.
pub(in crate::analysis::auth) fn range_site(range: &str, at: Location) -> Option<Location> {
    let rest = range.trim_start_matches(['^', '~', '>', '=', 'v', ' ']);
    let plain = rest.starts_with(|first: char| first.is_ascii_digit())
        && rest.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '+'));
    plain.then_some(at)
}

/// The version in a URL, when nothing else in the tag depends on it.
pub(in crate::analysis::auth) fn url_version_site(source: &SourceFile, at: Location, version: &str) -> Option<Location> {
    // A checksum of the script would not fit the new one.
    let tag = source.text.get(at.span.start as usize..)?.split('>').next()?;
    let line = source.slice(source.line_span(source.line_of(at.span.start)));
    if tag.contains("integrity") || line.contains("integrity=") {
        return None;
    }
    part_site(source, at, &format!("@{version}")).map(|part| Location { span: Span { start: part.span.start + 1, ..part.span }, ..part })
}

/// Where a part of a text stands, when it stands there once.
pub(in crate::analysis::auth) fn part_site(source: &SourceFile, at: Location, part: &str) -> Option<Location> {
    let text = source.slice(at.span);
    let found = text.find(part).filter(|found| text.rfind(part) == Some(*found) && !part.is_empty())?;
    let start = at.span.start as usize + found;
    Some(Location { span: Span::new(start, start + part.len()), ..at })
}
