//! Who works in a tenant, as what, with which apps.

pub mod routes;
pub mod store;

#[cfg(test)]
mod tests;
