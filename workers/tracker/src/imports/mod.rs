//! Imports: a file from elsewhere is looked at, mapped, taken in as a whole, and undone as a whole.
//!
//! [`tables`] reads CSV, [`journal`] JSON; [`formats`] knows whose file it is and what its columns mean; [`times`] reads
//! what clocks showed; [`reading`] makes sessions of rows and says what is wrong with the others. All of that is pure.

mod formats;
mod journal;
mod reading;
pub mod routes;
pub mod rules;
mod store;
mod tables;
mod times;
mod words;

pub(crate) use store::forget_expired;
