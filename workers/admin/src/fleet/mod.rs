//! The health of the fleet on one page.

pub(crate) mod routes;
mod rules;
#[cfg(test)]
mod tests;
