//! Python's submodules: what `from package import name` means, now that the files are known.
//!
//! After this step an import that names a module of the project says so, and nothing behind it needs to know that Python has one spelling
//! for two things.

use crate::hir::{ExportKind, Import, Imported, Module, Name};
use crate::project::Project;
use crate::source::FileId;

/// Turns the imports and exports of names that are modules of the project into imports of those modules.
pub(super) fn link(project: &Project, file: FileId, module: &mut Module) {
    let mut made = Vec::new();
    for import in &mut module.imports {
        let names = std::mem::take(&mut import.names);
        for mut name in names {
            let submodule = match &name.imported {
                Imported::Named(wanted) => project.submodule(file, &import.specifier, wanted),
                Imported::Default | Imported::Namespace => None,
            };
            let Some(specifier) = submodule else {
                import.names.push(name);
                continue;
            };
            name.imported = Imported::Namespace;
            made.push(Import {
                span: import.span,
                specifier: Name::from(specifier),
                specifier_span: import.specifier_span,
                type_only: import.type_only,
                names: vec![name],
            });
        }
    }
    module.imports.extend(made);
    for export in &mut module.exports {
        if let ExportKind::From { imported, specifier, .. } = &mut export.kind
            && let Imported::Named(wanted) = imported
            && let Some(submodule) = project.submodule(file, specifier, wanted)
        {
            *imported = Imported::Namespace;
            *specifier = Name::from(submodule);
        }
    }
}
