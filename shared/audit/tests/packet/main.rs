//! Packets, and what somebody who tampers with one cannot hide.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    unreachable_pub,
    missing_docs,
    reason = "helpers of tests"
)]

mod bytes;
mod golden;
mod maker;
mod tampering;
