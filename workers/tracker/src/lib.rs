//! tracker, the Worker behind sesh-tracker.com: the strains, the stash and the sessions of consumers.
//!
//! Routes: [`router`]. State: [`state`]. Its database is `migrations/tracker`; whose rows a statement may touch
//! is decided by the [`Scope`](sesh_edge::token::Scope) of a verified token. Signing in is observer's work:
//! [`auth`] hands it on over a service binding. Facts for analytics leave through the outbox.

pub mod auth;
pub mod brands;
pub mod breaks;
pub mod calendar;
pub mod dashboard;
pub mod diary_export;
mod erasure;
pub mod export;
pub mod goals;
pub mod imports;
pub mod insights;
mod jobs;
mod live;
mod members;
pub mod needs;
mod notices;
pub mod presets;
pub mod router;
pub mod scopes;
pub mod sessions;
pub mod stash;
pub mod state;
pub mod strains;
mod taken;
pub mod user;
mod web;
pub mod zone;

use sesh_edge::config::Environment;
use sesh_edge::service::Service;
use std::sync::Arc;

/// The Worker's name.
pub const NAME: &str = "tracker";

/// The Worker, as its environment configures it.
pub fn service(environment: &dyn Environment) -> Service {
    match state::State::read(environment) {
        Ok(state) => {
            let brands = state.brands.clone();
            Service::new(
                state.vitals.clone(),
                router::public().into_router(state.clone()),
                router::internal().into_router(state),
                Arc::new(jobs::run),
            )
            .lost(Arc::new(move |headers| web::lost(&brands, headers)))
        }
        Err(error) => Service::unconfigured(NAME, &error),
    }
}

#[cfg(target_arch = "wasm32")]
sesh_edge::worker_entry!(crate::service);
