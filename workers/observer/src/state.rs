//! What an isolate keeps between requests; the only reader of the environment.

use crate::identities::provider::Providers;
use crate::keys::Keyring;
use crate::needs::NEEDS;
use axum::extract::FromRef;
use sesh_edge::config::{self, ConfigError, Environment};
use sesh_edge::health::Vitals;
use std::sync::Arc;

/// Shared by all requests of an isolate; holds no request's data.
#[derive(Clone)]
pub struct State {
    /// What health reports.
    pub vitals: Arc<Vitals>,
    /// What signs, and what is mixed into every hash.
    pub keys: Arc<Keyring>,
    /// With whom else one may sign in.
    pub providers: Arc<Providers>,
}

impl State {
    /// Reads the environment.
    ///
    /// # Errors
    /// The names of what is missing or malformed.
    pub fn read(environment: &dyn Environment) -> Result<Self, ConfigError> {
        config::require(environment, &NEEDS)?;
        Ok(Self {
            vitals: Arc::new(Vitals::new(crate::NAME)),
            keys: Arc::new(Keyring::read(environment)?),
            providers: Arc::new(Providers::read(environment)?),
        })
    }
}

impl FromRef<State> for Arc<Vitals> {
    fn from_ref(state: &State) -> Self {
        state.vitals.clone()
    }
}

impl FromRef<State> for Arc<Keyring> {
    fn from_ref(state: &State) -> Self {
        state.keys.clone()
    }
}

impl FromRef<State> for Arc<Providers> {
    fn from_ref(state: &State) -> Self {
        state.providers.clone()
    }
}
