//! Tolerance breaks: from when, until when, and what was logged meanwhile.

pub mod routes;
pub mod rules;
pub mod store;
