//! Carriers: files that hand what the vendor is called on under names of their own.
//!
//! `export { TelnyxRTC as Phone } from "@telnyx/webrtc"` and `export const base = "https://api.telnyx.com/v2"` leave no anchor in the
//! files that use `Phone` and `base`. Those files import a carrier, so they are analysed as if they had one.

use std::collections::VecDeque;

use rustc_hash::FxHashSet;

use super::unit::Unit;
use super::workspace::Workspace;
use crate::hir::{ExportKind, ExprKind};
use crate::project::AnchorSet;
use crate::source::FileId;

/// How many files may be added.
const MOST: usize = 256;
/// How many re-exports are followed from a carrier.
const DEPTH: u8 = 3;

/// What the search for users of carriers came to.
pub(crate) struct Users {
    /// The files to analyse beside the anchored ones, in path order.
    pub(crate) files: Vec<FileId>,
    /// Whether there are more than may be added.
    pub(crate) is_cut: bool,
}

/// The files without an anchor that import a carrier, directly or through files that re-export it.
pub(crate) fn users(workspace: &Workspace) -> Users {
    let mut seen: FxHashSet<FileId> = workspace.anchored().iter().copied().collect();
    let carriers = workspace.anchored_units().filter(|unit| is_carrier(workspace, unit));
    let mut open: VecDeque<(FileId, u8)> = carriers.map(|unit| (unit.file, 0)).collect();
    let mut users = Users { files: Vec::new(), is_cut: false };
    while let Some((carrier, depth)) = open.pop_front() {
        for (importer, _) in workspace.project.importers(carrier).iter() {
            if !seen.insert(*importer) {
                continue;
            }
            if users.files.len() == MOST {
                users.is_cut = true;
                break;
            }
            let Some(unit) = workspace.unit(*importer) else { continue };
            users.files.push(*importer);
            if depth < DEPTH && hands_on(unit, |specifier| workspace.resolves_to(*importer, specifier, carrier)) {
                open.push_back((*importer, depth + 1));
            }
        }
    }
    users.files.sort_unstable();
    users
}

fn is_carrier(workspace: &Workspace, unit: &Unit) -> bool {
    let has_host = workspace.project.file(unit.file).is_some_and(|file| file.anchors.intersects(AnchorSet::TELNYX_HOST));
    has_host || hands_on(unit, |specifier| workspace.catalog.sdk_of_package(&workspace.package_specifier(unit.file, specifier)).is_some())
}

/// Whether a module exports something that it takes from a module for which `from` holds.
fn hands_on(unit: &Unit, from: impl Fn(&str) -> bool) -> bool {
    let imported: FxHashSet<_> = unit
        .module
        .imports
        .iter()
        .filter(|import| !import.type_only && from(&import.specifier))
        .flat_map(|import| &import.names)
        .filter_map(|name| unit.scopes.symbol_of_binding(name.local))
        .collect();
    unit.module.exports.iter().any(|export| match &export.kind {
        ExportKind::From { specifier, .. } | ExportKind::Star { specifier, .. } => from(specifier),
        ExportKind::Expr { expr, .. } => match &unit.module[*expr].kind {
            ExprKind::Ident(_) => unit.scopes.symbol_of_expr(*expr).is_some_and(|symbol| imported.contains(&symbol)),
            _ => false,
        },
        ExportKind::Binding { .. } => false,
    })
}
