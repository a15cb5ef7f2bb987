//! SQL of breaks. What was logged meanwhile is counted from the sessions, so it is right whatever is logged, edited or
//! deleted later.

use serde::Deserialize;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::ids::BreakId;
use sesh_types::time::{Timestamp, sql_ms, sql_ms_option};

/// A break as it is kept, and what was logged meanwhile.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Kept {
    pub(super) id: BreakId,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub(super) started_at: Timestamp,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub(super) planned_end_at: Timestamp,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    pub(super) ended_at: Option<Timestamp>,
    pub(super) sessions: u64,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    pub(super) first_session_at: Option<Timestamp>,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    pub(super) last_session_at: Option<Timestamp>,
}

/// Sessions during break `b`, of which `$what` is asked.
macro_rules! during {
    ($what:literal) => {
        concat!(
            "(SELECT ",
            $what,
            " FROM sessions s INDEXED BY sessions_by_time
               WHERE s.tenant_id = ?1 AND s.person_id = ?2 AND s.deleted_at IS NULL AND s.occurred_at >= b.started_at
                 AND s.occurred_at < COALESCE(b.ended_at, b.planned_end_at))"
        )
    };
}

macro_rules! breaks {
    ($which:literal) => {
        concat!(
            "SELECT b.id, b.started_at, b.planned_end_at, b.ended_at, ",
            during!("COUNT(*)"),
            " AS sessions, ",
            during!("MIN(s.occurred_at)"),
            " AS first_session_at, ",
            during!("MAX(s.occurred_at)"),
            " AS last_session_at FROM breaks b WHERE b.tenant_id = ?1 AND b.person_id = ?2 ",
            $which
        )
    };
}

/// One page, the latest first.
pub(crate) fn page(scope: Scope, limit: u32, offset: u32) -> Statement {
    sql!(
        breaks!("ORDER BY b.started_at DESC, b.id DESC LIMIT ?3 OFFSET ?4"),
        scope.tenant,
        scope.person,
        limit,
        offset
    )
}

/// How many there are.
pub(super) fn count(scope: Scope) -> Statement {
    sql!(
        "SELECT COUNT(*) AS total FROM breaks WHERE tenant_id = ?1 AND person_id = ?2",
        scope.tenant,
        scope.person
    )
}

/// One.
pub(super) fn one(scope: Scope, id: BreakId) -> Statement {
    sql!(breaks!("AND b.id = ?3"), scope.tenant, scope.person, id)
}

/// A break without the sessions, as the `body` of an answer: what was logged meanwhile is asked for with `GET`.
pub(super) fn plain(scope: Scope, id: BreakId) -> Statement {
    sql!(
        concat!(
            "SELECT json_object('id', id, 'started_at', ",
            crate::rfc3339!("started_at"),
            ", 'planned_end_at', ",
            crate::rfc3339!("planned_end_at"),
            ", 'ended_at', ",
            crate::rfc3339!("ended_at"),
            ") AS body FROM breaks WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3"
        ),
        scope.tenant,
        scope.person,
        id
    )
}

/// Begins a break, unless it would overlap another.
pub(super) fn begin(scope: Scope, id: BreakId, start: Timestamp, end: Timestamp, now: Timestamp) -> Batch {
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'break_running', NOT EXISTS (
           SELECT 1 FROM breaks WHERE tenant_id = ?1 AND person_id = ?2 AND started_at < ?4
             AND COALESCE(ended_at, planned_end_at) > ?3)",
        scope.tenant,
        scope.person,
        start,
        end
    ))
    .and(sql!(
        "INSERT INTO breaks (tenant_id, person_id, id, started_at, planned_end_at, recorded_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        scope.tenant,
        scope.person,
        id,
        start,
        end,
        now
    ))
}

fn exists(scope: Scope, id: BreakId) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found', EXISTS (
           SELECT 1 FROM breaks WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3)",
        scope.tenant,
        scope.person,
        id
    )
}

/// Ends a break that runs, within its own time.
pub(super) fn end(scope: Scope, id: BreakId, ended_at: Timestamp, now: Timestamp) -> Batch {
    Batch::from(exists(scope, id))
        .and(sql!(
            "INSERT INTO guard (failure, holds) SELECT 'break_over', EXISTS (
               SELECT 1 FROM breaks WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3 AND ended_at IS NULL
                 AND planned_end_at > ?5 AND started_at <= ?4)",
            scope.tenant,
            scope.person,
            id,
            ended_at,
            now
        ))
        .and(sql!(
            "UPDATE breaks SET ended_at = ?4 WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3",
            scope.tenant,
            scope.person,
            id,
            ended_at
        ))
}

/// Takes a break away, as if it had never been.
pub(super) fn delete(scope: Scope, id: BreakId) -> Batch {
    Batch::from(exists(scope, id)).and(sql!(
        "DELETE FROM breaks WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3",
        scope.tenant,
        scope.person,
        id
    ))
}
