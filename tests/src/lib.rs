//! What the end-to-end tests share: where the fleet is, who calls it, and what may be done behind its back.
//!
//! Tests mirror URLs and speak HTTP alone. Every person that a test needs is registered by that test, from an
//! address of their own, so that tests may run side by side and again and again on the same databases.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::return_self_not_must_use,
    reason = "whatever goes wrong here fails the test that asked for it"
)]

pub mod actors;
pub mod browser;
pub mod chromium;
pub mod control;
pub mod factors;
pub mod faults;
pub mod fixtures;
pub mod fleet;
pub mod http;
pub mod keys;
pub mod line;
pub mod live;
pub mod names;
pub mod passkeys;
pub mod programs;
pub mod providers;
pub mod reader;
pub mod routes;
pub mod staff;
pub mod tenants;
pub mod wait;
