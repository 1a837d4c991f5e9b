//! authlint finds where a web-calling project's Telnyx WebRTC authentication is configured wrongly.

#![forbid(unsafe_code)]

pub mod analysis;
pub mod baseline;
pub mod catalog;
pub mod check;
pub mod config;
pub mod finding;
pub mod fix;
pub mod hir;
pub mod init;
pub mod map;
pub mod progress;
pub mod project;
pub mod report;
pub mod rules;
pub mod secrets;
mod session;
pub mod shard;
pub mod source;
pub mod suppression;
pub mod syntax;
pub mod trace;
pub mod versioned;

pub use check::{CheckError, CheckRequest, check};
pub use map::{ArchitectureMap, MapRequest, map};
pub use session::Buffer;
pub use trace::{Trace, TraceError, TraceRequest, trace};
