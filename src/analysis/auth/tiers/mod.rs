//! Tiers: where a request from the browser side meets the function of a server that answers it.
//!
//! `routes` knows which functions are served, by the place of their file (`conventions`), by a call (`registrations`) or by a builder
//! (`procedures`), under which method and path (`patterns`, `mounts`, `platforms`), and `served` lists them; `mounts`, `middleware`,
//! `surroundings`, `wrappers`, `classes` and `guards` know what checks the caller, `answers` and `replies` what a handler gives back,
//! `endpoints` which of them give tokens or credentials. On the other side `requests` knows what a call asks for, by `paths`; `join` brings
//! both together, and `callers` lists what the model keeps of them.

pub(super) mod answers;
mod callers;
mod classes;
mod conventions;
mod endpoints;
mod guards;
pub(super) mod join;
mod middleware;
pub(super) mod mounts;
mod outline;
mod paths;
pub(super) mod patterns;
mod platforms;
mod procedures;
mod python_guards;
pub(super) mod python_routes;
mod registrations;
mod replies;
pub(super) mod requests;
pub(super) mod routes;
mod rust_guards;
mod rust_replies;
mod rust_routes;
pub(super) mod served;
mod surroundings;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;
mod wrappers;

pub(crate) use python_routes::is_python_handler;
