//! What the project means: names and values of each module, where code runs, and the auth model that the rules read.

pub mod auth;
pub(crate) mod carriers;
pub mod cdn;
pub mod edit_sites;
mod grouped;
pub mod guards;
mod importing;
mod mentions;
pub mod model;
pub mod parents;
mod python;
pub mod scopes;
pub mod unit;
pub mod usage;
pub mod values;
pub mod view;
pub mod workspace;
pub mod zones;
