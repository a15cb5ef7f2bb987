//! Passkeys (`WebAuthn`, level 3): making one, signing in with one. What authenticators say is read in [`ceremony`] and
//! [`cbor`]; the runtime verifies signatures; a challenge counts once ([`challenge`]).

pub mod cbor;
pub mod ceremony;
pub mod challenge;
pub mod login;
pub mod routes;
pub mod store;

#[cfg(test)]
mod tests;
