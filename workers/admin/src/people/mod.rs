//! People: observer's, whom admin asks.

pub(crate) mod routes;
#[cfg(test)]
mod tests;
