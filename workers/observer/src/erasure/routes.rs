//! Erasing oneself, and somebody else as an administrator.

use super::store;
use crate::audit::{Entry, seal};
use crate::callers::{Actor, OnBehalf};
use crate::factors::present;
use crate::factors::routes::reauthenticated;
use crate::keys::Keyring;
use crate::{notices, reauth};
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Body, Failure, Key, NoContent, Refusal};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::io::{Batch, DbError, Io};
use sesh_types::access::PlatformRight::ErasePeople;
use sesh_types::contract::auth::cache_key;
use sesh_types::contract::factors::Reauthenticate;
use sesh_types::contract::privacy::Erase;
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::{DeviceId, PersonId, TenantId};
use sesh_types::rules::Issues;
use std::sync::Arc;

/// Erases whoever calls, by their password and a code where there is a second factor. When it is acknowledged, nothing of
/// theirs is left on any Worker but ids.
///
/// 1. A repeated request gets its answer again: its token is dead, but its key is known.
/// 2. Checks password and code.
/// 3. Erases in one batch, which a new password meanwhile refuses.
/// 4. Has the other Workers erase, and forgets the devices' cached sessions.
pub async fn erase(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<Reauthenticate>,
) -> Result<NoContent, Failure> {
    let (io, person) = (behalf.io(), behalf.scope().person);
    let once = behalf.once(&key, &body.bytes, &keys);
    if once.recorded(io).await?.is_some() {
        return again(io, behalf.request_id()).await;
    }
    let devices = match behalf.read(store::devices(person)).await {
        Ok(rows) => cached(&rows)?,
        // The same request, doubled: its twin has erased them since.
        Err(_) if once.recorded(io).await?.is_some() => return again(io, behalf.request_id()).await,
        Err(failure) => {
            // Erased a moment ago, perhaps, with notices that did not get through.
            notices::deliver(io, behalf.request_id()).await?;
            return Err(failure);
        }
    };
    let (confirmed, good) = match reauthenticated(&behalf, &keys, &body.value).await {
        // The same request, doubled: its twin has erased them since.
        Err(_) if once.recorded(io).await?.is_some() => return again(io, behalf.request_id()).await,
        found => found?,
    };
    let entry = behalf.entry("person.erased", json!({ "by": "themselves" }));
    let spent = good.map(|good| good.spend(person, io.now())).unwrap_or_default();
    let batch = Batch::from(confirmed.must_hold())
        .then(spent)
        .then(store::erase(person, &entry))
        .and(confirmed.release()?);
    let result = behalf.write(once.wrap(batch, "{}", entry.at)).await;
    if result.as_ref().is_err_and(|error| error.is_refusal("token_revoked"))
        && once.recorded(io).await?.is_some()
    {
        return again(io, behalf.request_id()).await;
    }
    // Delivered first, whatever became of this try: the one before may have been cut short after its batch.
    notices::deliver(io, behalf.request_id()).await?;
    once.settle(io, result, explain).await?;
    forget(io, devices).await;
    seal::later(io, &keys);
    Ok(NoContent::default())
}

/// Erases somebody, for an administrator.
pub async fn erase_as_actor(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(person): Key<PersonId>,
    body: Body<Erase>,
) -> Result<NoContent, Failure> {
    actor.must(ErasePeople)?;
    let mut issues = Issues::default();
    issues.text(&body.value.reason, "reason", 1, 500);
    issues.done()?;
    let (io, once) = (&actor.io, key.bind(&actor.name, &body.bytes, None));
    let entry = Entry {
        tenant: TenantId::CONSUMERS,
        at: io.now(),
        actor: actor.name.clone(),
        action: "person.erased",
        entity: format!("person:{person}"),
        request_id: actor.request_id.clone(),
        detail: json!({ "reason": body.value.reason.trim() }),
    };
    let devices = cached(&actor.db(store::devices(person)).await?)?;
    let result = actor.db(once.wrap(store::erase(person, &entry), "{}", entry.at)).await;
    notices::deliver(io, &actor.request_id).await?;
    once.settle(io, result, explain).await?;
    forget(io, devices).await;
    seal::later(io, &keys);
    Ok(NoContent::default())
}

/// Acknowledges what was done before, once everybody has been told.
async fn again(io: &Io, request_id: &str) -> Result<NoContent, Failure> {
    notices::deliver(io, request_id).await?;
    Ok(NoContent::default())
}

fn cached(rows: &sesh_edge::io::Rows) -> Result<Vec<DeviceId>, Failure> {
    Ok(rows.all::<store::Device>(0)?.into_iter().map(|device| device.id).collect())
}

/// Takes devices out of the session cache; an entry that stays in spite of it is gone within the hour.
async fn forget(io: &Io, devices: Vec<DeviceId>) {
    for device in devices {
        io.kv_delete(cache_key(device)).await;
    }
}

fn explain(error: DbError) -> Failure {
    match &error {
        DbError::Refused(reason) => match reason.as_str() {
            "last_owner" => {
                let message = "A tenant has no other owner. Make somebody else an owner of it first.";
                Refusal::new(ErrorCode::Conflict, message).into()
            }
            "not_found" => Failure::not_found("person"),
            "credentials_changed" => reauth::wrong_password(),
            "code_used" => present::wrong_code(),
            _ => error.into(),
        },
        _ => error.into(),
    }
}
