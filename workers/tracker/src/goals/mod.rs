//! Goals: what somebody means to do in a day, a week or a month, and how it went.

pub mod progress;
pub mod routes;
pub mod rules;
pub mod store;
