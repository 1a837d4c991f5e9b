//! Tiers: where a request from the browser side meets the function of a server that answers it.
//!
//! `routes` knows which functions are served, by the place of their file (`conventions`) or by a call (`registrations`), under which method and
//! path (`patterns`, `mounts`), and `served` lists them; `mounts`, `middleware` and `guards` know what checks the caller, `answers` and
//! `replies` what a handler gives back, `endpoints` which of them give tokens or credentials. On the other side `requests` knows what a call
//! asks for, by `paths`; `join` brings both together.

pub(super) mod answers;
mod conventions;
mod endpoints;
mod guards;
pub(super) mod join;
mod middleware;
pub(super) mod mounts;
mod paths;
pub(super) mod patterns;
mod registrations;
mod replies;
pub(super) mod requests;
pub(super) mod routes;
mod served;
