//! Live updates: telling a person's hub of their changes, so that their other browsers look again. Hints alone: the truth
//! stays in the API. Whatever is not told shows as a gap in the numbers, which the database counts (`members.changes`).

pub(crate) mod routes;

use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Io, PeerCall, Rows, Statement};
use sesh_edge::log;
use sesh_edge::sql;
use sesh_edge::token::{Person, Scope};
use sesh_types::contract::live::{HUBS, Kind, REVOKED, Revoked, Seq, TOLD, Told, hub_of};
use sesh_types::contract::notice::Notice;
use sesh_types::ids::{PersonId, TenantId};

/// The number of the person's last change, in a column `seq`; somebody who changed nothing has no row.
pub(crate) fn last(scope: Scope) -> Statement {
    sql!(
        "SELECT changes AS seq FROM members WHERE tenant_id = ?1 AND person_id = ?2",
        scope.tenant,
        scope.person,
    )
}

#[derive(Deserialize)]
struct Numbered {
    seq: Seq,
}

/// What [`last`] read.
pub(crate) fn seq(rows: &Rows, place: usize) -> Result<Seq, Failure> {
    Ok(rows.first::<Numbered>(place)?.map_or(0, |row| row.seq))
}

/// Tells the person's hub of a change after the answer; its number was read by the last statement of the batch that made
/// it. Nobody waits for this, and nothing fails with it.
pub(crate) fn tell(person: &Person, rows: &Rows, kind: Kind, id: String) {
    let Ok(seq) = seq(rows, rows.len().saturating_sub(1)) else { return };
    let Scope { tenant, person: who } = person.scope();
    let (io, request_id) = (person.io().clone(), person.request_id().to_owned());
    person.io().defer(async move {
        if let Ok(body) = serde_json::to_string(&Told { seq, kind, id }) {
            ask(&io, hub_of(tenant, who), TOLD, body, &request_id).await;
        }
    });
}

/// Has the sockets closed whose tokens these notices end, after the answer. Who is not reached closes when the token
/// expires, and hears nothing of the API until then.
pub(crate) fn close_revoked(io: &Io, notices: &[Notice], request_id: &str) {
    let ended: Vec<(PersonId, Revoked)> = notices.iter().filter_map(ended).collect();
    if ended.is_empty() {
        return;
    }
    let (ports, request_id) = (io.clone(), request_id.to_owned());
    io.defer(async move {
        for (person, revoked) in ended {
            let Ok(body) = serde_json::to_string(&revoked) else { continue };
            for tenant in tenants_of(&ports, person).await {
                ask(&ports, hub_of(tenant, person), REVOKED, body.clone(), &request_id).await;
            }
        }
    });
}

fn ended(notice: &Notice) -> Option<(PersonId, Revoked)> {
    let Notice::Revoked { subject, min_epoch, person_id, .. } = notice else { return None };
    let named = || subject.strip_prefix("person:")?.parse().ok();
    let person = person_id.or_else(named)?;
    Some((person, Revoked { subject: subject.clone(), min_epoch: *min_epoch }))
}

#[derive(Deserialize)]
struct Held {
    tenant_id: TenantId,
}

/// The tenants in which somebody may have a hub: the consumers', and those that they are known in here.
async fn tenants_of(io: &Io, person: PersonId) -> Vec<TenantId> {
    let known = sql!(
        "SELECT t.id AS tenant_id FROM tenants t JOIN members m ON m.tenant_id = t.id AND m.person_id = ?1",
        person
    );
    let rows = io.db(known).await.and_then(|rows| rows.all::<Held>(0)).unwrap_or_default();
    std::iter::once(TenantId::CONSUMERS).chain(rows.into_iter().map(|held| held.tenant_id)).collect()
}

async fn ask(io: &Io, hub: String, path: &str, body: String, request_id: &str) {
    let call = PeerCall {
        binding: HUBS,
        method: "POST",
        path: path.to_owned(),
        headers: Vec::new(),
        body: Some(body),
    };
    let cause = match io.hub(hub, call).await {
        Ok(reply) if reply.status == 204 => return,
        Ok(reply) => format!("the hub answered {} to {path}", reply.status),
        Err(cause) => cause,
    };
    log::write(&log::Line {
        time: io.now().to_string(),
        level: "warn",
        worker: crate::NAME,
        event: "hub_silent",
        request_id,
        cause: Some(cause),
        ..log::Line::default()
    });
}
