//! People, for administrators: finding them, suspending and reinstating them.

pub mod routes;
pub mod rules;
pub mod store;

#[cfg(test)]
mod tests;
