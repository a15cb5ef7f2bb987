//! Signing up and in, devices, and the own profile: observer's work, reached over the service binding. This side
//! checks the form, hands over what it was given, and turns tokens into cookies for browsers.

mod cookies;
pub mod factors;
pub mod identities;
pub mod keys;
pub(crate) mod observer;
pub mod passkeys;
pub mod privacy;
pub mod recovery;
pub mod routes;
pub mod sign_up;
pub(crate) mod tenants;
