//! HTTP of live updates.

use super::{last, note, seq};
use crate::user::User;
use serde::{Deserialize, Serialize};
use sesh_edge::http::{Answer, Failure, HandOver, OrSocket, Query, Refusal, Upgrade};
use sesh_types::contract::live::{Entrance, HUBS, SOCKET, Seq};
use sesh_types::envelope::ErrorCode;
use sesh_types::rules::Issue;

/// From where on.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct LiveQuery {
    /// With a WebSocket: the number of the last change that the client knows; what came after it is told first.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0, max = 9_007_199_254_740_991_i64)))]
    after: Option<u64>,
}

/// Where somebody's changes stand.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub(crate) struct Changes {
    /// The number of the last change of one's sessions and stash; it grows by one with each.
    seq: Seq,
}

/// The greatest number that JSON is read by everywhere as it is.
const MOST: u64 = (1 << 53) - 1;

/// 1. Reads the number of the last change, in one batch with the revocation check.
/// 2. Answers it; or, asked for a WebSocket, hands the request to the person's hub.
pub(crate) async fn open(
    person: User,
    Query(query): Query<LiveQuery>,
    upgrade: Upgrade,
) -> Result<OrSocket<Changes>, Failure> {
    if query.after.is_some_and(|after| after > MOST) {
        let message = format!("must be at most {MOST}");
        let issue = Issue { field: "after".into(), code: "out_of_range".into(), message };
        return Err(Refusal::issues(ErrorCode::BadRequest, vec![issue]).into());
    }
    let scope = person.scope();
    let rows = person.read(last(scope)).await?;
    if !upgrade.wanted()? {
        return Ok(OrSocket::Answer(Answer::of(&Changes { seq: seq(&rows, 0)? })?));
    }
    if person.acting().is_some() {
        // What ends an impersonation finds no sockets.
        return Err(Refusal::impersonated().into());
    }
    let seq = note(&person, &rows).await?;
    let after = query.after.map(|after| i64::try_from(after).unwrap_or(i64::MAX));
    let entrance =
        Entrance { seq, after, device: person.device(), epoch: person.epoch(), until_ms: person.expires().0 };
    HandOver::to(HUBS, scope.owner(), SOCKET, &entrance).map(OrSocket::Socket)
}
