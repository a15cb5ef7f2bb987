//! Signing up and signing in: what is asked, what it costs to guess, and what is written.

pub mod common;
pub mod entrance;
pub mod factor;
pub mod recipe;
pub mod routes;
pub mod rules;
pub mod store;

#[cfg(test)]
mod entrance_tests;
#[cfg(test)]
mod tests;
