//! Tables that few runs need whole: a built-in one is read when somebody first looks into it.

use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use serde::de::DeserializeOwned;

use super::error::{CatalogError, read_table};

/// A compiled-in file.
#[derive(Debug, Clone, Copy)]
pub(super) struct CompiledIn {
    /// The name that errors print.
    pub(super) file: &'static str,
    /// The TOML.
    pub(super) text: &'static str,
}

impl CompiledIn {
    /// Reads it.
    pub(super) fn read<T: DeserializeOwned>(self) -> Result<T, CatalogError> {
        read_table(self.file, self.text)
    }
}

/// A table of a catalogue: the built-in one, which all catalogues of the process share, or one of its own.
#[derive(Debug)]
pub struct Table<T: 'static>(Kept<T>);

#[derive(Debug)]
enum Kept<T: 'static> {
    BuiltIn(&'static LazyLock<T>),
    Own(Arc<T>),
}

impl<T> Table<T> {
    pub(super) const fn built_in(table: &'static LazyLock<T>) -> Self {
        Self(Kept::BuiltIn(table))
    }
}

impl<T: Clone> Table<T> {
    /// The same table with a change.
    pub(super) fn changed(&self, change: impl FnOnce(&mut T)) -> Self {
        let mut own = T::clone(self);
        change(&mut own);
        Self(Kept::Own(Arc::new(own)))
    }
}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Kept::BuiltIn(table) => Kept::BuiltIn(table),
            Kept::Own(own) => Kept::Own(Arc::clone(own)),
        })
    }
}

impl<T> Deref for Table<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Kept::BuiltIn(table) => table,
            Kept::Own(own) => own,
        }
    }
}
