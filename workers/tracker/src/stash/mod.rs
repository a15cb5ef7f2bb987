//! The stash: lots, and the ledger of what went in and out of each.

pub mod routes;
pub mod rules;
pub mod store;

pub(crate) use routes::{explain, take};
pub(crate) use rules::claimed_time;
pub(crate) use store::Text;
