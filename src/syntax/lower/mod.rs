//! Lowering, one module a language.

pub mod dockerfile;
pub mod dotenv;
pub mod javascript;
pub mod json;
pub mod markup;
pub mod python;
pub mod rust;
pub mod toml;
pub mod yaml;
