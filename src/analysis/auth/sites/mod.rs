//! Finding edit sites: the places and spellings that fixes need.
//!
//! `layout` knows lines, margins, commas and the style of a file; `entries` the entries of object literals; `headers` the answers of frameworks;
//! `names` the class of a client and its version; `place` where a listener can stand; `tokens` how a token is got, and whether that can be repeated;
//! `mends` the mistakes in refresh handlers.

mod entries;
mod headers;
mod layout;
mod mends;
mod names;
mod place;
mod tokens;

pub(super) use names::{part_site, range_site, url_version_site};
