//! Staff's own devices, and themselves.

use super::signin_store as store;
use super::{routes, store as staff_store};
use crate::audit::seal;
use crate::audit::store::Count;
use crate::callers::Staffer;
use crate::keys::Keyring;
use crate::notices;
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Failure, Key, Listing, NoContent, PageQuery, Query, Refusal};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::io::Batch;
use sesh_types::contract::auth::Device;
use sesh_types::contract::staff::Staff;
use sesh_types::ids::DeviceId;
use std::sync::Arc;

/// Themselves. That this answers says that their token counts.
pub async fn me(staffer: Staffer) -> Result<Answer<Staff>, Failure> {
    let rows = staffer.actor.db(staff_store::one(staffer.subject.staff)).await?;
    let row = rows.first::<staff_store::Body>(0)?.ok_or_else(Refusal::unauthorized)?;
    routes::answer(&row.body)
}

/// The devices that are signed in.
pub async fn list(staffer: Staffer, Query(query): Query<PageQuery>) -> Result<Listing<Device>, Failure> {
    let (paging, now) = (query.paging()?, staffer.actor.io.now());
    let page = store::list(staffer.subject.staff, now, paging.limit, paging.offset());
    let rows = staffer.actor.db(page).await?;
    let own = staffer.subject.device;
    let devices: Vec<Device> = rows
        .all::<store::ListedRow>(1)?
        .into_iter()
        .map(|row| Device {
            id: row.id,
            user_agent: row.user_agent,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            current: row.id == own,
            client: None,
        })
        .collect();
    Listing::of(&devices, paging.meta(rows.one::<Count>(0)?.total))
}

/// Signs out one device, be it one's own.
pub async fn remove(
    staffer: Staffer,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(id): Key<DeviceId>,
) -> Result<NoContent, Failure> {
    let Staffer { actor, subject } = &staffer;
    let once = key.bind(&actor.name, b"", None);
    let detail = json!({ "by": "removal" });
    let entry = actor.entry("staff.device_signed_out", format!("device:{id}"), detail);
    let theirs = Batch::from(store::must_be_theirs(subject.staff, id));
    let batch = theirs.then(store::sign_out(subject.staff, id, &entry));
    let result = actor.db(once.wrap(batch, "{}", entry.at)).await;
    // Delivered first, whatever became of this try: the one before may have been cut short after its batch.
    notices::deliver(&actor.io, &actor.request_id).await?;
    once.settle(&actor.io, result, Failure::from).await?;
    seal::later(&actor.io, &keys);
    Ok(NoContent::default())
}

/// Signs out the device that asks. Signing out twice is signing out, so whether the token still counts is not asked.
pub async fn logout(staffer: Staffer, State(keys): State<Arc<Keyring>>) -> Result<NoContent, Failure> {
    let Staffer { actor, subject } = &staffer;
    let detail = json!({ "by": "logout" });
    let entry = actor.entry("staff.device_signed_out", format!("device:{}", subject.device), detail);
    actor.io.db(store::sign_out(subject.staff, subject.device, &entry)).await?;
    notices::deliver(&actor.io, &actor.request_id).await?;
    seal::later(&actor.io, &keys);
    Ok(NoContent::default())
}
