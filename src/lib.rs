//! authlint finds where a web-calling project's Telnyx WebRTC authentication is configured wrongly.

#![forbid(unsafe_code)]

pub mod finding;
pub mod hir;
pub mod project;
pub mod rules;
pub mod source;
pub mod syntax;
