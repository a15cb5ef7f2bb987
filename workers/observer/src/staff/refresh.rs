//! New tokens for old, as people get them ([`crate::refresh`]), from the table of staff's devices.

use super::grant::Grant;
use super::signin_store as store;
use super::{routes, store as staff_store};
use crate::audit::{Entry, seal};
use crate::callers::Visitor;
use crate::keys::{Keyring, Presented};
use crate::notices;
use crate::refresh::rules::{self, Verdict};
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, Refusal};
use sesh_types::contract::staff::{StaffRefresh, StaffSignedIn};
use sesh_types::ids::TenantId;
use std::sync::Arc;

/// Gives new tokens for a refresh token. One that was used before was copied: its device ends, and whatever its member of
/// staff does as somebody else.
pub async fn refresh(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    body: Body<StaffRefresh>,
) -> Result<Answer<StaffSignedIn>, Failure> {
    let (io, now) = (&visitor.io, visitor.io.now());
    let presented = Presented::read(&body.value.refresh_token).ok_or_else(Refusal::unauthorized)?;
    let device = io.db(store::device(presented.device)).await?.first::<store::DeviceRow>(0)?;
    let device = device.filter(|device| keys.refresh.made(&presented, &device.nonce));
    let device = device.ok_or_else(Refusal::unauthorized)?;
    let rows = io.db(store::rotate(presented.device, presented.generation, now)).await?;
    let rotated = rows.first::<serde_json::Value>(0)?.is_some();
    let standing = rows.first::<store::StandingRow>(1)?;
    let decided = standing.as_ref().map(store::StandingRow::standing);
    match (rules::judge(presented.generation, rotated, decided, now), standing) {
        (Verdict::Current, Some(standing)) => {
            let row = routes::row(&rows.one::<staff_store::Body>(2)?.body)?;
            let grant = Grant {
                staff: row.into(),
                epoch: standing.epoch,
                device: presented.device,
                nonce: device.nonce,
                generation: standing.generation,
                issued_at: now,
            };
            Answer::of(&grant.signed_in(&keys))
        }
        (Verdict::Replayed, _) => Err(end_family(&visitor, &keys, &presented, &device).await),
        _ => {
            // It may be dead since a moment ago, with a notice that did not get through.
            notices::deliver(io, &visitor.request_id).await?;
            Err(Refusal::unauthorized().into())
        }
    }
}

async fn end_family(
    visitor: &Visitor,
    keys: &Arc<Keyring>,
    presented: &Presented,
    device: &store::DeviceRow,
) -> Failure {
    let Visitor { io, request_id, .. } = visitor;
    let entry = Entry {
        tenant: TenantId::CONSUMERS,
        at: io.now(),
        actor: "anonymous".to_owned(),
        action: "staff.refresh_replayed",
        entity: format!("device:{}", presented.device),
        request_id: request_id.clone(),
        detail: json!({ "staff": device.staff_id, "generation": presented.generation }),
    };
    let ended = async {
        io.db(store::end_family(device.staff_id, presented.device, presented.generation, &entry)).await?;
        notices::deliver(io, request_id).await
    };
    match ended.await {
        Ok(()) => {
            seal::later(io, keys);
            Refusal::unauthorized().into()
        }
        Err(failure) => failure,
    }
}
