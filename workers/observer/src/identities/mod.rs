//! Signing in with another provider: `OpenID` Connect's authorization code flow with PKCE, as a relying party.
//!
//! [`config`] says with whom; [`provider`] fetches and keeps what a provider publishes; [`browser`] is what a browser
//! keeps on its way there and back; [`exchange`] makes of a code what the provider says; [`id_token`] judges that, purely.
//! An account at a provider that nobody is linked to gets a [`ticket`], by which somebody signs up or links it.

pub mod browser;
pub mod config;
pub mod exchange;
pub mod id_token;
pub mod own;
pub mod provider;
pub mod routes;
pub mod sign_up;
pub mod store;
pub mod ticket;

#[cfg(test)]
mod stand_in;
#[cfg(test)]
mod tests;
