//! Everything about a person that is observer's, for that person.

pub mod routes;
pub mod store;

#[cfg(test)]
mod tests;
