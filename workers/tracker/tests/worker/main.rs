//! tracker as its callers see it, natively with the real observer beside it; one binary, as each links both Workers.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

mod brands;
mod callers;
mod diary_export;
mod erasure;
mod filters;
mod goals;
mod imports;
mod insights;
mod live;
mod model;
mod pages;
mod pages_data;
mod presets;
mod schema;
mod sessions;
mod storage;
mod tenants;
mod world;
