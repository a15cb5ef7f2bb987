//! Signed-in devices, and signing them out. A sign-out is acknowledged when every Worker that trusts our tokens knows
//! of it; repeated, it succeeds again.

use super::store;
use crate::audit::store::Count;
use crate::audit::{Entry, seal};
use crate::callers::{Leaving, OnBehalf};
use crate::grant::forget_later;
use crate::keys::{Keyring, Presented};
use crate::personal::{PersonKey, store as personal};
use crate::{notices, oauth, refresh};
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use sesh_edge::http::{Failure, Key, Listing, NoContent, OptionalBody, Paging, Query, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::token::Scope;
use sesh_types::contract::auth::{Device, Logout};
use sesh_types::ids::DeviceId;
use std::sync::Arc;

/// Which page of the devices.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DevicesQuery {
    /// The page, from 1.
    #[serde(default)]
    pub page: Option<u32>,
    /// Rows a page, 1 to 100; 20 unless told.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// The devices that are signed in.
pub async fn list(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    Query(query): Query<DevicesQuery>,
) -> Result<Listing<Device>, Failure> {
    behalf.must_be_oneself()?;
    let (paging, person) = (Paging::of(query.page, query.limit)?, behalf.scope().person);
    let page = store::list(person, behalf.io().now(), paging.limit, paging.offset());
    let rows = behalf.read(page.and(personal::key_of(person))).await?;
    let own = rows.one::<personal::KeyRow>(2)?.wrapped;
    let own = PersonKey::unwrap(&keys, person, own.as_deref())?;
    let devices =
        rows.all::<store::DeviceRow>(1)?.into_iter().map(|row| row.seen_from(behalf.device(), &own));
    Listing::of(&devices.collect::<Result<Vec<_>, _>>()?, paging.meta(rows.one::<Count>(0)?.total))
}

/// Signs out one device, be it one's own.
pub async fn remove(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(id): Key<DeviceId>,
) -> Result<NoContent, Failure> {
    let (io, scope) = (behalf.io(), behalf.scope());
    let once = key.bind(&scope.owner(), b"", None);
    let entry = behalf.entry_about("device.signed_out", format!("device:{id}"), json!({ "by": "removal" }));
    let batch = sesh_edge::io::Batch::from(store::must_be_theirs(scope.person, id)).then(store::sign_out(
        scope.person,
        id,
        &entry,
    )?);
    // Whoever ends a program's grant does not agree to it any more.
    let batch = batch.and(oauth::store::forget_consent(scope.person, id));
    let result = behalf.write(once.wrap(batch, "{}", entry.at)).await;
    // Delivered first, whatever became of this try: the one before may have been cut short after its batch.
    notices::deliver(io, behalf.request_id()).await?;
    once.settle(io, result, Failure::from).await?;
    seal::later(io, &keys);
    forget_later(io, vec![id]);
    Ok(NoContent::default())
}

/// Signs out all devices but the one that asks.
pub async fn remove_others(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
) -> Result<NoContent, Failure> {
    let (io, scope) = (behalf.io(), behalf.scope());
    let once = key.bind(&scope.owner(), b"", None);
    let entry =
        behalf.entry_about("devices.others_signed_out", behalf.actor(), json!({ "kept": behalf.device() }));
    let batch = store::sign_out_others(scope.person, behalf.device(), &entry)
        .and(oauth::store::forget_consents(scope.person));
    let result = behalf.write(once.wrap(batch, "{}", entry.at)).await;
    notices::deliver(io, behalf.request_id()).await?;
    if let Outcome::Fresh(rows) = once.settle(io, result, Failure::from).await? {
        seal::later(io, &keys);
        forget_later(io, rows.all::<store::Id>(2)?.into_iter().map(|row| row.id).collect());
    }
    Ok(NoContent::default())
}

/// Signs out the device that asks: by the subject of its access token, or by its refresh token when the access token
/// has expired. Signing out twice is signing out.
pub async fn logout(
    leaving: Leaving,
    State(keys): State<Arc<Keyring>>,
    body: OptionalBody<Logout>,
) -> Result<NoContent, Failure> {
    let Leaving { subject, io, request_id } = &leaving;
    let (scope, id) = match (subject, body.value.refresh_token.as_ref().and_then(Presented::read)) {
        (Some(subject), _) => (Scope { tenant: subject.tenant, person: subject.person }, subject.device),
        (None, Some(presented)) => {
            let device = io
                .db(refresh::store::device(presented.device))
                .await?
                .first::<refresh::store::DeviceRow>(0)?;
            let device = device.filter(|device| keys.refresh.made(&presented, &device.nonce));
            let device = device.ok_or_else(Refusal::unauthorized)?;
            (Scope { tenant: device.tenant_id, person: device.person_id }, presented.device)
        }
        (None, None) => return Err(Refusal::unauthorized().into()),
    };
    let entry = Entry {
        tenant: scope.tenant,
        at: io.now(),
        actor: format!("person:{}", scope.person),
        action: "device.signed_out",
        entity: format!("device:{id}"),
        request_id: request_id.clone(),
        detail: json!({ "by": "logout" }),
    };
    io.db(store::sign_out(scope.person, id, &entry)?).await?;
    notices::deliver(io, request_id).await?;
    seal::later(io, &keys);
    forget_later(io, vec![id]);
    Ok(NoContent::default())
}
