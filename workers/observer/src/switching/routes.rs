//! Going from one tenant to another.

use super::store;
use crate::callers::OnBehalf;
use crate::grant::Grant;
use crate::keys::Keyring;
use crate::refresh::store as devices;
use axum::extract::State;
use sesh_edge::http::{Answer, Body, Failure, Listing, Refusal};
use sesh_edge::io::DbError;
use sesh_types::contract::auth::SignedIn;
use sesh_types::contract::tenants::{OwnTenant, Switch};
use sesh_types::envelope::Meta;
use std::sync::Arc;

/// The most tenants that are listed: nobody works in more.
const MOST: u32 = 100;

/// Every tenant that the caller may work in, home first.
pub async fn list(behalf: OnBehalf) -> Result<Listing<OwnTenant>, Failure> {
    let scope = behalf.scope();
    let rows = behalf.read(store::list(scope.person, scope.tenant)).await?;
    let tenants: Result<Vec<_>, _> = rows.all::<store::Body>(0)?.iter().map(|row| own(&row.body)).collect();
    let tenants = tenants?;
    Listing::of(&tenants, Meta { page: 1, limit: MOST, total: tenants.len() as u64 })
}

/// Takes the caller's device over to another tenant, and gives tokens for it. Switching twice is switching: whoever did
/// not hear the answer asks again.
pub async fn switch(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    body: Body<Switch>,
) -> Result<Answer<SignedIn>, Failure> {
    let (io, person, now) = (behalf.io(), behalf.scope().person, behalf.io().now());
    let to = body.value.tenant_id;
    let batch = store::switch(person, behalf.device(), to, now)
        .and(devices::standing(behalf.device(), now))
        .and(devices::device(behalf.device()));
    let rows = behalf.write(batch).await.map_err(explain)?;
    let standing: devices::StandingRow = rows.one(store::SWITCH_STATEMENTS)?;
    let device: devices::DeviceRow = rows.one(store::SWITCH_STATEMENTS + 1)?;
    let (role, apps) = standing.entitlements()?;
    let grant = Grant {
        tenant: to,
        role,
        apps,
        epoch: standing.epoch,
        device: behalf.device(),
        nonce: device.nonce,
        generation: standing.generation(),
        issued_at: now,
        user: standing.user.user(&keys)?,
    };
    grant.cache_later(io);
    Answer::of(&grant.signed_in(&keys))
}

fn explain(error: DbError) -> Failure {
    match &error {
        DbError::Refused(reason) if reason == "not_found" => Refusal::not_found("tenant").into(),
        _ => error.into(),
    }
}

/// One of somebody's tenants, as the database wrote it.
///
/// # Errors
/// A defect, when it cannot be read.
pub fn own(text: &str) -> Result<OwnTenant, Failure> {
    serde_json::from_str::<store::OwnRow>(text).map(OwnTenant::from).map_err(Failure::internal)
}
