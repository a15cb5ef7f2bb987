//! What an isolate keeps between requests; the only reader of the environment.

use crate::needs::NEEDS;
use axum::extract::FromRef;
use sesh_edge::config::{self, ConfigError, Environment};
use sesh_edge::health::Vitals;
use std::sync::Arc;

/// Shared by all requests of an isolate.
#[derive(Clone)]
pub struct State {
    /// What health reports.
    pub vitals: Arc<Vitals>,
}

impl State {
    /// Reads the environment.
    ///
    /// # Errors
    /// The names of what is missing.
    pub fn read(environment: &dyn Environment) -> Result<Self, ConfigError> {
        config::require(environment, &NEEDS)?;
        Ok(Self { vitals: Arc::new(Vitals::of_hubs(crate::NAME)) })
    }
}

impl FromRef<State> for Arc<Vitals> {
    fn from_ref(state: &State) -> Self {
        state.vitals.clone()
    }
}
