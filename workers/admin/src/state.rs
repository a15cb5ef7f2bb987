//! What an isolate keeps between requests; the only reader of the environment.

use crate::keys::{AllowList, Gate, Keyring};
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
    /// Whose tokens are a person's: known in order to be refused with 403.
    pub trusts: Arc<Trusts>,
    /// Which keys count, and from where.
    pub gate: Arc<Gate>,
}

impl State {
    /// Reads the environment.
    ///
    /// # Errors
    /// The names of what is missing or malformed, never a value.
    pub fn read(environment: &dyn Environment) -> Result<Self, ConfigError> {
        config::require(environment, &NEEDS)?;
        let text = |name| environment.text(name).unwrap_or_default();
        let keyring = Keyring::parse(&text("ADMIN_KEYS"));
        let allowed = AllowList::parse(&text("ADMIN_ALLOWED_IPS"));
        let (keyring, allowed) = match (keyring, allowed) {
            (Ok(keyring), Ok(allowed)) => (keyring, allowed),
            (keyring, allowed) => {
                let keyring = keyring.err().map(|error| format!("ADMIN_KEYS is malformed: {error}"));
                let allowed = allowed.err().map(|error| format!("ADMIN_ALLOWED_IPS is malformed: {error}"));
                return Err(ConfigError(keyring.into_iter().chain(allowed).collect()));
            }
        };
        Ok(Self {
            vitals: Arc::new(Vitals::new(crate::NAME)),
            trusts: Arc::new(Trusts::new(text("TOKEN_ISSUER"), crate::peers::OBSERVER)),
            gate: Arc::new(Gate { keyring, allowed }),
        })
    }
}

impl FromRef<State> for Arc<Vitals> {
    fn from_ref(state: &State) -> Self {
        state.vitals.clone()
    }
}

impl FromRef<State> for Arc<Trusts> {
    fn from_ref(state: &State) -> Self {
        state.trusts.clone()
    }
}

impl FromRef<State> for Arc<Gate> {
    fn from_ref(state: &State) -> Self {
        state.gate.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::environment;

    fn faults(change: &[(&str, &str)]) -> Vec<String> {
        let mut vars = environment();
        for (name, text) in change {
            vars.texts.insert((*name).to_owned(), (*text).to_owned());
        }
        State::read(&vars).err().map(|error| error.0).unwrap_or_default()
    }

    #[test]
    fn a_complete_environment_is_read() {
        assert_eq!(faults(&[]), [""; 0]);
    }

    #[test]
    fn what_is_malformed_is_named_without_its_value() {
        let found =
            faults(&[("ADMIN_KEYS", "ops:not-a-digest"), ("ADMIN_ALLOWED_IPS", "127.0.0.1,elsewhere")]);
        assert_eq!(
            found,
            [
                "ADMIN_KEYS is malformed: entry 1 is not name:SHA-256 in 64 hexadecimal digits",
                "ADMIN_ALLOWED_IPS is malformed: entry 2 is neither an address nor a range"
            ]
        );
    }

    #[test]
    fn an_empty_list_is_no_open_door() {
        assert_eq!(faults(&[("ADMIN_ALLOWED_IPS", "")]), ["ADMIN_ALLOWED_IPS is not set"]);
        assert_eq!(
            faults(&[("ADMIN_ALLOWED_IPS", " ")]),
            ["ADMIN_ALLOWED_IPS is malformed: the list is empty"]
        );
        assert_eq!(faults(&[("ADMIN_KEYS", " ")]), ["ADMIN_KEYS is malformed: the list is empty"]);
    }
}
