//! admin, the Worker behind my-cannabis-tracker.com: people, audit log, analytics, the strain catalogue and the
//! health of the fleet, for staff and for those who hold an administrator's key. Staff sign in here.
//!
//! Routes: [`router`]. State: [`state`]. Its database is `migrations/admin`: the facts that other Workers tell,
//! and what is counted from them. People and the audit log are observer's, the catalogue is tracker's; admin asks
//! them over service bindings ([`peers`]). Who may call stands in [`keys`].

pub mod analytics;
mod audit;
mod clients;
mod fleet;
mod impersonation;
mod jobs;
pub mod keys;
mod needs;
mod peers;
mod people;
pub mod router;
mod staff;
pub mod state;
mod strains;
mod tenants;
#[cfg(test)]
mod testing;

use sesh_edge::config::Environment;
use sesh_edge::service::Service;
use std::sync::Arc;

/// The Worker's name.
pub const NAME: &str = "admin";

/// The Worker, as its environment configures it.
pub fn service(environment: &dyn Environment) -> Service {
    match state::State::read(environment) {
        Ok(state) => Service::new(
            state.vitals.clone(),
            router::public().into_router(state.clone()),
            router::internal().into_router(state),
            Arc::new(jobs::run),
        ),
        Err(error) => Service::unconfigured(NAME, &error),
    }
}

#[cfg(target_arch = "wasm32")]
sesh_edge::worker_entry!(crate::service);
