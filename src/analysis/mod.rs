//! What a project means: where values come from, where code runs, who logs in how.

pub mod zones;
