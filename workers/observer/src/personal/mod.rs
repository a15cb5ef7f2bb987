//! What identifies a person, encrypted under a key of their own: address, names, devices' programs. The key stands in
//! `person_keys`, wrapped by one that no database holds ([`crate::keys::PersonKeys`]); erasing somebody destroys it.
//! [`sealed`] reads and writes such texts, [`blind`] finds rows by them, [`reseal`] encrypts what was written before
//! and wraps keys anew.

pub mod blind;
pub mod reseal;
pub mod sealed;
pub mod store;

#[cfg(test)]
mod tests;

pub use sealed::{Field, Nobody, PersonKey, Sealed};
