//! Oneself: reading and editing the profile.

pub mod routes;
pub mod rules;
pub mod store;

#[cfg(test)]
mod tests;
