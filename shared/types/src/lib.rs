//! What every Worker of the fleet agrees on: ids, units, times, the answer envelope, error codes, and the
//! contracts by which Workers call one another. Pure data and rules: no I/O, no clock, no runtime, so all of
//! it is tested natively in milliseconds.

pub mod access;
pub mod amounts;
pub mod api_key;
pub mod contract;
pub mod envelope;
pub mod facts;
pub mod ids;
pub mod rules;
pub mod time;
pub mod units;
