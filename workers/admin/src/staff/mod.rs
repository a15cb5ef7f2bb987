//! Staff: signing in, themselves, and their administration. observer knows them; these routes hand on.

pub(crate) mod own;
pub(crate) mod routes;
pub(crate) mod rules;
pub(crate) mod signin;
#[cfg(test)]
mod tests;
