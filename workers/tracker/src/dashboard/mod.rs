//! The dashboard: what was used today, this week and this month, and what is left.

pub mod routes;
pub mod rules;
pub mod store;
