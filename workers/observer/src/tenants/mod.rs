//! Tenants, as the platform's administrators see and change them, and as their own people do.

pub mod own;
pub mod routes;
pub mod rules;
pub mod store;

#[cfg(test)]
mod tests;
