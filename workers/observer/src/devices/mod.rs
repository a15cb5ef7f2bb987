//! Signed-in devices, and signing them out.

pub mod routes;
pub mod store;

#[cfg(test)]
mod tests;
