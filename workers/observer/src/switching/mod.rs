//! The tenants that somebody may work in, and going from one to another.

pub mod routes;
pub mod store;

#[cfg(test)]
mod tests;
