//! Tiers: where a request from the browser side meets the function of a server that answers it.
//!
//! `routes` knows which functions are served and under which method and path, `mounts` which routers stand before them, `middleware` and
//! `guards` what checks the caller, `answers` and `replies` what a handler gives back, `endpoints` which of them give tokens or credentials.
//! On the other side `requests` knows what a call asks for; `join` brings both together, by the `paths` of their URLs.

pub(super) mod answers;
mod endpoints;
mod guards;
pub(super) mod join;
mod middleware;
pub(super) mod mounts;
mod paths;
mod replies;
pub(super) mod requests;
mod routes;
