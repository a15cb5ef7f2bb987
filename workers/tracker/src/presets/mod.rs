//! Presets: logging in one tap, in the units that people use.

pub mod routes;
pub mod rules;
pub mod store;
