//! Tiers: where a request from the browser side meets the function of a server that answers it.
//!
//! `routes` knows which functions are served, by the place of their file (`conventions`) or by a call (`registrations`), under which method and
//! path (`patterns`, `mounts`), and `served` lists them; `mounts`, `middleware` and `guards` know what checks the caller, `answers` what a handler gives back, `endpoints` which of them give tokens or credentials.

pub(super) mod answers;
mod conventions;
mod endpoints;
mod guards;
mod middleware;
pub(super) mod mounts;
pub(super) mod patterns;
mod registrations;
pub(super) mod routes;
mod served;
