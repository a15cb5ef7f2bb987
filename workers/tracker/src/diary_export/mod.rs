//! One's diary to take along: everything as JSON, a table as CSV, and a report for whoever one shows it to.

pub(crate) mod csv;
pub mod report;
pub mod routes;
mod store;
