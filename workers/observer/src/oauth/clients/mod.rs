//! Programs, registered by an administrator.

pub mod routes;
pub mod rules;
pub mod secret;
pub mod store;

#[cfg(test)]
mod tests;
