//! What the HIR of one module means: names, nesting, and how each name is written and used.

pub mod model;
pub mod parents;
pub mod cdn;
pub mod guards;
pub mod scopes;
pub mod unit;
pub mod values;
pub mod workspace;
pub mod usage;
pub mod zones;
