//! What the HIR of one module means: names, nesting, and how each name is written and used.

mod grouped;
pub mod parents;
pub mod scopes;
pub mod usage;
