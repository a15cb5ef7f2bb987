//! Programs that people may let act for them: observer keeps them, and is asked.

pub(crate) mod routes;

#[cfg(test)]
mod tests;
