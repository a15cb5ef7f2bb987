//! The public keys, and health for the fleet.

use super::Keyring;
use axum::extract::State;
use serde_json::json;
use sesh_edge::health::{self, Health, Vitals};
use sesh_edge::http::{Anonymous, Failure, FleetCaller, Raw};
use sesh_edge::io::Io;
use std::sync::Arc;

/// The public keys, for everybody.
pub async fn jwks(_: Anonymous, State(keys): State<Arc<Keyring>>, _: Io) -> Result<Raw, Failure> {
    published(&keys)
}

/// The public keys of the audit log, those that no longer sign among them, for everybody.
pub async fn audit_jwks(_: Anonymous, State(keys): State<Arc<Keyring>>, _: Io) -> Result<Raw, Failure> {
    let body = serde_json::to_vec(&json!({ "keys": keys.audit.jwks() })).map_err(Failure::internal)?;
    Ok(json_of(body))
}

/// The public keys, for the other Workers.
pub async fn jwks_for_fleet(_: FleetCaller, State(keys): State<Arc<Keyring>>, _: Io) -> Result<Raw, Failure> {
    published(&keys)
}

/// Health, for the other Workers.
pub async fn health(_: FleetCaller, State(vitals): State<Arc<Vitals>>, io: Io) -> Health {
    health::check(&vitals, &io).await
}

fn published(keys: &Keyring) -> Result<Raw, Failure> {
    Ok(json_of(serde_json::to_vec(&keys.signing.jwks()).map_err(Failure::internal)?))
}

fn json_of(body: Vec<u8>) -> Raw {
    let body = body.into();
    Raw { status: 200, content_type: "application/json", cache_control: "public, max-age=300", body }
}
