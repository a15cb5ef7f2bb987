//! Second factors: one-time codes by time ([`totp`]) and codes for who has lost the generator ([`codes`]). Both are
//! derived, not kept; the database knows which were used, and lets each be used once ([`present`]).

pub mod challenge;
pub mod codes;
pub mod present;
pub mod routes;
pub mod store;
pub mod totp;

#[cfg(test)]
mod races;
#[cfg(test)]
pub(crate) mod tests;
