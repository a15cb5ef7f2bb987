//! Live updates: telling a person's hub of their changes, so that their other browsers look again. Hints alone: the truth
//! stays in the API. Whatever is not told shows as a gap in the numbers, which the database counts (`members.changes`).

pub(crate) mod routes;

use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Io, PeerCall, Rows, Statement};
use sesh_edge::log;
use sesh_edge::sql;
use sesh_edge::token::{Person, Scope};
use sesh_types::contract::live::{FORGET, HUBS, Kind, REVOKED, Revoked, Seq, TOLD, Told, hub_of};
use sesh_types::contract::notice::{ALL_EPOCHS, Notice};
use sesh_types::ids::{PersonId, TenantId};
use sesh_types::time::{Timestamp, sql_ms};

/// The most hubs that are told when a tenant is closed.
const MOST_HUBS: u32 = 500;

/// The number of the person's last change, in a column `seq`; somebody who changed nothing may have no row. Beside it, until
/// when they may have a socket open.
pub(crate) fn last(scope: Scope) -> Statement {
    sql!(
        "SELECT changes AS seq, listens_until FROM members WHERE tenant_id = ?1 AND person_id = ?2",
        scope.tenant,
        scope.person,
    )
}

/// Notes until when somebody may have a socket open: whose hub is told of changes, and of the tenant being closed.
fn listens(scope: Scope, until: Timestamp) -> Statement {
    sql!(
        "INSERT INTO members (tenant_id, person_id, listens_until) VALUES (?1, ?2, ?3)
         ON CONFLICT (tenant_id, person_id) DO UPDATE SET listens_until = MAX(listens_until, excluded.listens_until)",
        scope.tenant,
        scope.person,
        until,
    )
}

#[derive(Deserialize)]
struct Numbered {
    seq: Seq,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    listens_until: Timestamp,
}

/// What [`last`] read.
pub(crate) fn seq(rows: &Rows, place: usize) -> Result<Seq, Failure> {
    Ok(rows.first::<Numbered>(place)?.map_or(0, |row| row.seq))
}

/// Notes that somebody is about to listen with this token, unless that is known, and says which change was their last: from
/// then on each change is told, so the number must not be older than the note.
pub(crate) async fn note(person: &Person, rows: &Rows) -> Result<Seq, Failure> {
    let (scope, until) = (person.scope(), person.expires());
    if rows.first::<Numbered>(0)?.is_some_and(|row| row.listens_until >= until) {
        return seq(rows, 0);
    }
    let noted = person.write(Batch::from(listens(scope, until)).and(last(scope))).await?;
    seq(&noted, 1)
}

/// Tells the person's hub of a change after the answer, if anybody may listen; its number was read by the last statement of
/// the batch that made it. Nobody waits for this, and nothing fails with it.
pub(crate) fn tell(person: &Person, rows: &Rows, kind: Kind, id: String) {
    let Ok(Some(Numbered { seq, listens_until })) = rows.first(rows.len().saturating_sub(1)) else { return };
    if listens_until < person.io().now() {
        return;
    }
    let Scope { tenant, person: who } = person.scope();
    let (io, request_id) = (person.io().clone(), person.request_id().to_owned());
    person.io().defer(async move {
        if let Ok(body) = serde_json::to_string(&Told { seq, kind, id }) {
            ask(&io, hub_of(tenant, who), TOLD, body, &request_id).await;
        }
    });
}

/// Whose hubs are meant.
#[derive(Clone, Copy)]
enum Whose {
    /// Somebody's, in whichever tenant.
    Person(PersonId),
    /// Everybody's in a tenant who may have a socket open there.
    Tenant(TenantId),
}

/// Has the sockets closed whose tokens these notices end, after the answer. Who is not reached closes when the token
/// expires, and hears nothing of the API until then.
pub(crate) fn close_revoked(io: &Io, notices: &[Notice], request_id: &str) {
    let ended: Vec<(Whose, Revoked)> = notices.iter().filter_map(ended).collect();
    if ended.is_empty() {
        return;
    }
    let (ports, request_id) = (io.clone(), request_id.to_owned());
    io.defer(async move {
        for (whose, revoked) in ended {
            let Ok(body) = serde_json::to_string(&revoked) else { continue };
            for hub in hubs_of(&ports, whose).await {
                ask(&ports, hub, REVOKED, body.clone(), &request_id).await;
            }
        }
    });
}

fn ended(notice: &Notice) -> Option<(Whose, Revoked)> {
    match notice {
        Notice::Revoked { subject, min_epoch, person_id, .. } => {
            let named = || subject.strip_prefix("person:")?.parse().ok();
            let person = person_id.or_else(named)?;
            Some((Whose::Person(person), Revoked { subject: subject.clone(), min_epoch: *min_epoch }))
        }
        Notice::Tenant { tenant_id, is_active: false, .. } => {
            let subject = format!("tenant:{tenant_id}");
            Some((Whose::Tenant(*tenant_id), Revoked { subject, min_epoch: ALL_EPOCHS }))
        }
        _ => None,
    }
}

#[derive(Deserialize)]
struct Held {
    tenant_id: TenantId,
    person_id: PersonId,
}

/// The hubs in which there may be sockets. At home everybody may have one, whether anything is known of them here or not.
async fn hubs_of(io: &Io, whose: Whose) -> Vec<String> {
    let known = match whose {
        Whose::Person(person) => sql!(
            "SELECT tenant_id, person_id FROM members WHERE person_id = ?1 AND tenant_id <> ?2",
            person,
            TenantId::CONSUMERS,
        ),
        Whose::Tenant(tenant) => sql!(
            "SELECT tenant_id, person_id FROM members WHERE tenant_id = ?1 AND listens_until > ?2
             ORDER BY listens_until DESC LIMIT ?3",
            tenant,
            io.now(),
            MOST_HUBS,
        ),
    };
    let held = io.db(known).await.and_then(|rows| rows.all::<Held>(0)).unwrap_or_default();
    let home = match whose {
        Whose::Person(person) => Some(hub_of(TenantId::CONSUMERS, person)),
        Whose::Tenant(_) => None,
    };
    home.into_iter().chain(held.iter().map(|held| hub_of(held.tenant_id, held.person_id))).collect()
}

/// Has every hub of somebody who is erased close its sockets and keep nothing; says whether all of them did.
pub(crate) async fn forget(io: &Io, person: PersonId, tenants: &[TenantId]) -> bool {
    let mut all = true;
    for tenant in tenants {
        all &= ask(io, hub_of(*tenant, person), FORGET, "{}".to_owned(), "").await;
    }
    all
}

/// Asks a hub; says whether it did as it was asked. Who is silent stands in the log.
async fn ask(io: &Io, hub: String, path: &str, body: String, request_id: &str) -> bool {
    let call = PeerCall {
        binding: HUBS,
        method: "POST",
        path: path.to_owned(),
        headers: Vec::new(),
        body: Some(body),
    };
    let cause = match io.hub(hub, call).await {
        Ok(reply) if reply.status == 204 => return true,
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
    false
}
