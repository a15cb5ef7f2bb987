//! Tenants: observer keeps them; what is asked and changed here goes there with the name of the key that asks.

pub(crate) mod routes;

#[cfg(test)]
mod tests;
