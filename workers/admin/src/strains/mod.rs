//! Filling the strain catalogue: tracker's, to whom admin hands the chunks on.

pub(crate) mod routes;
mod rules;
#[cfg(test)]
mod tests;
