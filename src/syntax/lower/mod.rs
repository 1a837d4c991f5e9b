//! Lowering, one module a language.

pub mod dotenv;
pub mod javascript;
pub mod json;
pub mod markup;
pub mod python;
