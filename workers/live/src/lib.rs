//! live, the Worker of the hubs: a Durable Object for each person in a tenant, which tells their open browsers that
//! something changed.
//!
//! The hub's rules are pure ([`hub`]); the class around them exists in WebAssembly alone. Nobody reaches a hub but by a
//! binding to its class, which tracker has: it verifies tokens, counts changes and hands sockets over. The Worker
//! itself has health and its document, and no data.

pub mod hub;
pub mod needs;
pub mod router;
mod state;

use sesh_edge::config::Environment;
use sesh_edge::http::Failure;
use sesh_edge::service::Service;
use std::sync::Arc;

/// The Worker's name.
pub const NAME: &str = "live";

/// The Worker, as its environment configures it.
pub fn service(environment: &dyn Environment) -> Service {
    match state::State::read(environment) {
        Ok(state) => Service::new(
            state.vitals.clone(),
            router::public().into_router(state.clone()),
            router::internal().into_router(state),
            Arc::new(|_, _| Box::pin(async { Err(Failure::internal("live has no jobs")) })),
        ),
        Err(error) => Service::unconfigured(NAME, &error),
    }
}

#[cfg(target_arch = "wasm32")]
sesh_edge::worker_entry!(crate::service);
