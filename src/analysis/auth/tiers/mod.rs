//! Tiers: where a request from the browser side meets the function of a server that answers it.
//!
//! `routes` knows which functions are served and under which method and path, `mounts` which routers stand before them, `middleware` and
//! `guards` what checks the caller, `answers` what a handler gives back, `endpoints` which of them give tokens or credentials.

pub(super) mod answers;
mod endpoints;
mod guards;
mod middleware;
pub(super) mod mounts;
mod routes;
