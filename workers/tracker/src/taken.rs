//! What a person took between two moments: what goals and insights are counted from.

use serde::Deserialize;
use sesh_edge::http::{Failure, Refusal};
use sesh_edge::io::{Rows, Statement};
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::{LotId, StrainId};
use sesh_types::time::{Timestamp, sql_ms};

/// The most sessions that are looked at for one answer.
pub(crate) const MOST_SESSIONS: usize = 10_000;

/// A session, as far as it is counted.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Taken {
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub(crate) occurred_at: Timestamp,
    pub(crate) method: String,
    pub(crate) items: Vec<Item>,
    pub(crate) mood_before: Option<i64>,
    pub(crate) mood_after: Option<i64>,
    pub(crate) effects: Vec<String>,
}

/// One thing that was taken.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Item {
    pub(crate) lot_id: Option<LotId>,
    pub(crate) strain_id: Option<StrainId>,
    pub(crate) name: Option<String>,
    pub(crate) quantity_mg: Option<i64>,
    #[serde(default)]
    pub(crate) thc_ug: Option<i64>,
}

#[derive(Deserialize)]
struct Row {
    body: String,
}

/// The sessions from a time until before another, oldest first: as many rows as there are.
pub(crate) fn between(scope: Scope, from: Timestamp, until: Timestamp) -> Statement {
    sql!(
        "SELECT '[' || occurred_at || ',\"' || method || '\",' || items || ',' || COALESCE(mood_before, 'null') || ','
           || COALESCE(mood_after, 'null') || ',' || effects || ']' AS body
         FROM sessions INDEXED BY sessions_by_time
         WHERE tenant_id = ?1 AND person_id = ?2 AND deleted_at IS NULL AND occurred_at >= ?3 AND occurred_at < ?4
         ORDER BY occurred_at LIMIT 10001",
        scope.tenant,
        scope.person,
        from,
        until
    )
}

/// What [`between`] found.
///
/// # Errors
/// 422 when there are more than are looked at.
pub(crate) fn read(rows: &Rows, place: usize) -> Result<Vec<Taken>, Failure> {
    let rows: Vec<Row> = rows.all(place)?;
    if rows.len() > MOST_SESSIONS {
        let message = "There are more than 10,000 sessions in that time. Choose a shorter one.";
        return Err(Refusal::new(ErrorCode::Unprocessable, message).into());
    }
    rows.iter().map(|row| serde_json::from_str(&row.body).map_err(Failure::internal)).collect()
}
