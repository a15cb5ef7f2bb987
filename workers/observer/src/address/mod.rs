//! E-mail addresses: proving that one is one's own, and changing it.

pub mod routes;
pub mod store;

#[cfg(test)]
mod tests;
