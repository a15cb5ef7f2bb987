//! observer, the Worker behind kush.observer: who somebody is, whether they may be let in, and what was done.
//!
//! Routes: [`router`]; all but health, the document and the public keys are behind the internal door. State:
//! [`state`]. Its database is `migrations/observer`, the judge of every sign-in in the fleet; the session cache is
//! only a cache. [`keys`] are the secrets that no database holds. A revocation is written with its [`notices`],
//! and the Workers that trust our tokens have them before anybody is told that it is done. Every change leaves
//! its entry in the [`audit`] log.

pub mod address;
pub mod api_keys;
pub mod audit;
pub mod brands;
pub mod callers;
pub mod devices;
pub mod erasure;
pub mod export;
pub mod factors;
pub mod grant;
pub mod identities;
pub mod impersonation;
pub mod insider;
pub mod invitations;
mod jobs;
pub mod keys;
pub mod lost;
pub mod mail;
pub mod me;
pub mod members;
pub mod needs;
pub mod notices;
pub mod oauth;
pub mod passkeys;
pub mod password;
pub mod people;
pub mod personal;
pub mod proofs;
pub mod reauth;
pub mod refresh;
pub mod router;
pub mod sign_up;
pub mod signin;
pub mod staff;
pub mod state;
pub mod steward;
pub mod switching;
pub mod tenants;
pub mod throttle;

#[cfg(test)]
mod testing;

use sesh_edge::config::Environment;
use sesh_edge::service::Service;
use std::sync::Arc;

/// The Worker's name.
pub const NAME: &str = "observer";

/// The Worker, as its environment configures it.
pub fn service(environment: &dyn Environment) -> Service {
    state::State::read(environment).map_or_else(|error| Service::unconfigured(NAME, &error), serve)
}

/// The Worker with password hashes that protect nothing and cost nothing, for simulations; see
/// [`Pepper::with_worthless_hashes_for_simulation`](keys::Pepper::with_worthless_hashes_for_simulation).
#[cfg(not(target_arch = "wasm32"))]
pub fn service_with_worthless_hashes_for_simulation(environment: &dyn Environment) -> Service {
    let keys = keys::Keyring::read(environment)
        .map(|keys| keys::Keyring { pepper: keys.pepper.with_worthless_hashes_for_simulation(), ..keys });
    let state =
        state::State::read(environment).and_then(|state| Ok(state::State { keys: Arc::new(keys?), ..state }));
    state.map_or_else(|error| Service::unconfigured(NAME, &error), serve)
}

fn serve(state: state::State) -> Service {
    let keys = state.keys.clone();
    Service::new(
        state.vitals.clone(),
        router::public().into_router(state.clone()),
        router::internal().into_router(state),
        Arc::new(move |job, io| jobs::run(job, io, keys.clone())),
    )
}

#[cfg(target_arch = "wasm32")]
sesh_edge::worker_entry!(crate::service);
