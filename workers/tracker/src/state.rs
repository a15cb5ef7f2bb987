//! What an isolate keeps between requests; the only reader of the environment.

use crate::needs::NEEDS;
use axum::extract::FromRef;
use sesh_edge::config::{self, ConfigError, Environment};
use sesh_edge::health::Vitals;
use sesh_edge::token::Trusts;
use std::sync::Arc;

/// Shared by all requests of an isolate; holds no request's data.
#[derive(Clone)]
pub struct State {
    /// What health reports.
    pub vitals: Arc<Vitals>,
    /// Whose tokens count.
    pub trusts: Arc<Trusts>,
    /// The size of the catalogue as of its version, so that lists need not count it.
    pub catalogue: Arc<crate::strains::CatalogueSize>,
    /// How the app looks at which host.
    pub brands: Arc<crate::brands::Brands>,
}

impl State {
    /// Reads the environment.
    ///
    /// # Errors
    /// The names of what is missing.
    pub fn read(environment: &dyn Environment) -> Result<Self, ConfigError> {
        config::require(environment, &NEEDS)?;
        let issuer = environment.text("TOKEN_ISSUER").unwrap_or_default();
        Ok(Self {
            vitals: Arc::new(Vitals::new("tracker")),
            trusts: Arc::new(
                Trusts::new(issuer, "OBSERVER").opening(crate::scopes::OPENED).with_features(feature_of),
            ),
            catalogue: Arc::default(),
            brands: Arc::default(),
        })
    }
}

fn feature_of(path: &str) -> Option<&'static str> {
    sesh_types::access::feature_of(path).map(sesh_types::access::Feature::as_str)
}

impl FromRef<State> for Arc<Trusts> {
    fn from_ref(state: &State) -> Self {
        state.trusts.clone()
    }
}

impl FromRef<State> for Arc<Vitals> {
    fn from_ref(state: &State) -> Self {
        state.vitals.clone()
    }
}

impl FromRef<State> for Arc<crate::strains::CatalogueSize> {
    fn from_ref(state: &State) -> Self {
        state.catalogue.clone()
    }
}

impl FromRef<State> for Arc<crate::brands::Brands> {
    fn from_ref(state: &State) -> Self {
        state.brands.clone()
    }
}
