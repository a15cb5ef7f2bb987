//! SQL of goals.

use super::rules::{MOST_GOALS, Measure, NewGoal};
use crate::calendar::Per;
use serde::Deserialize;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::ids::GoalId;
use sesh_types::time::{Timestamp, sql_ms, sql_ms_option};

/// A goal as it is kept.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Kept {
    pub(super) id: GoalId,
    pub(super) measure: Measure,
    pub(super) per: Per,
    pub(super) target: i64,
    pub(super) currency: Option<String>,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub(super) started_at: Timestamp,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    pub(super) ended_at: Option<Timestamp>,
}

/// A lot that was bought, as far as a budget counts it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Bought {
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub(super) acquired_at: Timestamp,
    pub(super) price_minor: Option<i64>,
    pub(super) currency: Option<String>,
}

/// One page: those that run first, then those that ended, the latest first.
pub(crate) fn page(scope: Scope, limit: u32, offset: u32) -> Statement {
    sql!(
        "SELECT id, measure, per, target, currency, started_at, ended_at FROM goals
         WHERE tenant_id = ?1 AND person_id = ?2 ORDER BY ended_at IS NOT NULL, id DESC LIMIT ?3 OFFSET ?4",
        scope.tenant,
        scope.person,
        limit,
        offset
    )
}

/// How many there are.
pub(super) fn count(scope: Scope) -> Statement {
    sql!(
        "SELECT COUNT(*) AS total FROM goals WHERE tenant_id = ?1 AND person_id = ?2",
        scope.tenant,
        scope.person
    )
}

/// One.
pub(super) fn one(scope: Scope, id: GoalId) -> Statement {
    sql!(
        "SELECT id, measure, per, target, currency, started_at, ended_at FROM goals
         WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3",
        scope.tenant,
        scope.person,
        id
    )
}

/// What was bought from a time until before another.
pub(super) fn bought(scope: Scope, from: Timestamp, until: Timestamp) -> Statement {
    sql!(
        "SELECT acquired_at, price_minor, currency FROM lots INDEXED BY lots_by_time
         WHERE tenant_id = ?1 AND person_id = ?2 AND acquired_at >= ?3 AND acquired_at < ?4 LIMIT 10000",
        scope.tenant,
        scope.person,
        from,
        until
    )
}

/// Sets a goal, unless enough are running.
pub(super) fn set(scope: Scope, id: GoalId, goal: &NewGoal, now: Timestamp) -> Batch {
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'too_many', COUNT(*) < ?3 FROM goals
         WHERE tenant_id = ?1 AND person_id = ?2 AND ended_at IS NULL",
        scope.tenant,
        scope.person,
        MOST_GOALS
    ))
    .and(sql!(
        "INSERT INTO goals (tenant_id, person_id, id, measure, per, target, currency, started_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        scope.tenant,
        scope.person,
        id,
        goal.measure.as_str(),
        goal.per.as_str(),
        goal.target,
        goal.currency.as_deref(),
        now
    ))
}

/// Ends a goal that runs.
pub(super) fn end(scope: Scope, id: GoalId, now: Timestamp) -> Batch {
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found', EXISTS (
           SELECT 1 FROM goals WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3 AND ended_at IS NULL)",
        scope.tenant,
        scope.person,
        id
    ))
    .and(sql!(
        "UPDATE goals SET ended_at = ?4 WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3",
        scope.tenant,
        scope.person,
        id,
        now
    ))
}
