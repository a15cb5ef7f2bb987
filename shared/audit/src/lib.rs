//! The audit log's chain, and packets of it that anybody can check without the platform.
//!
//! - [`chain`]: what the hash of an entry covers, what a checkpoint's signature covers, and a walk along the log.
//! - [`keys`]: Ed25519 public keys by id, as JWKs.
//! - [`packet`]: a stretch of the log as one signed document; [`packet::write`] makes it, [`packet::verify()`] and
//!   [`packet::join()`] check it.
//!
//! Pure: no I/O, no clock, no runtime. Observer seals, exports and verifies with it, the command line verifies with it,
//! and a browser can.

pub mod chain;
mod digest;
pub mod keys;
pub mod packet;
