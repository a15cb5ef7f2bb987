//! New tokens for old.

use super::rules::{self, Verdict};
use super::store;
use crate::audit::{Entry, seal};
use crate::callers::Visitor;
use crate::grant::{Grant, forget_later};
use crate::keys::{Keyring, Presented};
use crate::notices;
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Failure, OptionalBody, Refusal};
use sesh_types::contract::auth::{Refresh, SignedIn};
use std::sync::Arc;

/// Gives new tokens for a refresh token.
///
/// 1. Reads the token; what is forged or malformed ends here, without a trace.
/// 2. Rotates the device from the token's generation: one statement, which one of many at once wins. While its tenant
///    is closed a device stays where it is, and goes on when the tenant is opened again.
/// 3. Whoever lost gets the winner's tokens if it was just now; a token used longer ago was copied, so its device
///    ends, and the Workers that trust our tokens know before the answer.
pub async fn refresh(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    body: OptionalBody<Refresh>,
) -> Result<Answer<SignedIn>, Failure> {
    let Visitor { io, .. } = &visitor;
    let presented =
        body.value.refresh_token.as_ref().and_then(Presented::read).ok_or_else(Refusal::unauthorized)?;
    let device = io.db(store::device(presented.device)).await?.first::<store::DeviceRow>(0)?;
    let device = device.filter(|device| keys.refresh.made(&presented, &device.nonce));
    let device = device.ok_or_else(Refusal::unauthorized)?;
    let now = io.now();
    let rows = io.db(store::rotate(presented.device, presented.generation, now)).await?;
    let rotated = rows.first::<serde_json::Value>(0)?.is_some();
    let standing = rows.first::<store::StandingRow>(1)?;
    if standing.as_ref().is_some_and(store::StandingRow::is_shut_out) {
        return Err(Refusal::tenant_inactive().into());
    }
    let verdict =
        rules::judge(presented.generation, rotated, standing.as_ref().map(store::StandingRow::standing), now);
    match (verdict, standing) {
        (Verdict::Current, Some(standing)) => {
            let (role, apps) = standing.entitlements()?;
            let grant = Grant {
                tenant: standing.tenant_id,
                role,
                apps,
                epoch: standing.epoch,
                device: presented.device,
                nonce: device.nonce,
                generation: standing.generation(),
                issued_at: now,
                user: standing.user.user(&keys)?,
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

/// Ends the device of a token that was copied: whoever holds its successors, thief or owner, must sign in again.
async fn end_family(
    visitor: &Visitor,
    keys: &Arc<Keyring>,
    presented: &Presented,
    device: &store::DeviceRow,
) -> Failure {
    let Visitor { io, request_id, .. } = visitor;
    let entry = Entry {
        tenant: device.tenant_id,
        at: io.now(),
        actor: "anonymous".to_owned(),
        action: "refresh.replayed",
        entity: format!("device:{}", presented.device),
        request_id: request_id.clone(),
        detail: json!({ "person": device.person_id, "generation": presented.generation }),
    };
    let ended = async {
        io.db(store::end_family(presented.device, presented.generation, &entry)?).await?;
        notices::deliver(io, request_id).await
    };
    match ended.await {
        Ok(()) => {
            seal::later(io, keys);
            forget_later(io, vec![presented.device]);
            Refusal::unauthorized().into()
        }
        Err(failure) => failure,
    }
}
