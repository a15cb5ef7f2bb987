//! Erasing a person: their key is destroyed and every row of theirs deleted, in one batch with the audit entry and the
//! notices that end their tokens everywhere and have other Workers delete what they wrote. The audit log stays as it is,
//! and its chain holds: it has ids alone. It is at once and for good; the address is free.

pub mod routes;
pub mod store;

#[cfg(test)]
mod tests;
