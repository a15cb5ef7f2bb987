//! Passwords: changing one's own, and setting a new one with the token of a mail.

pub mod routes;
pub mod rules;
pub mod store;

#[cfg(test)]
mod races;
#[cfg(test)]
mod tests;
