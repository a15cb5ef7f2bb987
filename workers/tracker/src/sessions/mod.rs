//! Sessions: what somebody took, and what it took from their stash, in one atomic step.

pub mod routes;
pub mod rules;
pub mod store;
