//! Tiers: where a request from the browser side meets the function of a server that answers it.
//!
//! `routes` knows which functions are served, by the place of their file (`conventions`), by a call (`registrations`) or
//! by a builder (`procedures`), under which method and
//! path (`patterns`, `mounts`,
//! `platforms`), and `served` lists them; `mounts`, `middleware`, `surroundings`, `wrappers`, `classes` and `guards` know what checks the caller, `answers` what a handler gives back, `endpoints` which of them give tokens or credentials.

pub(super) mod answers;
mod classes;
mod conventions;
mod endpoints;
mod guards;
mod middleware;
pub(super) mod mounts;
mod outline;
pub(super) mod patterns;
mod platforms;
mod procedures;
mod registrations;
pub(super) mod routes;
mod served;
mod surroundings;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;
mod wrappers;
