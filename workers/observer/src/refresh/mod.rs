//! New tokens for old: one generation of a device after the other.

pub mod routes;
pub mod rules;
pub mod store;

#[cfg(test)]
mod races;
#[cfg(test)]
mod tests;
