//! Insights: what was taken in a time, by day, hour, method and strain, what it cost, and how it was felt. Sums are exact,
//! what is not known is counted apart, and each figure says how much it rests on.

pub mod feelings;
pub mod money;
pub mod routes;
pub mod rules;
pub mod store;
pub mod trend;
