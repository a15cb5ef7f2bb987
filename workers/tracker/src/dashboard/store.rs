//! SQL of the dashboard: the person's last weeks and their stash, never their whole history.

use serde::Deserialize;
use sesh_edge::io::Statement;
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::ids::StrainId;
use sesh_types::time::{Timestamp, sql_ms};

/// What was taken in one session from one lot; sessions without items have one such row without a name.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Used {
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub(super) occurred_at: Timestamp,
    pub(super) session: String,
    pub(super) method: String,
    pub(super) strain_id: Option<StrainId>,
    pub(super) name: Option<String>,
    pub(super) quantity_mg: Option<i64>,
}

/// Everything taken since a time, oldest first. 5,000 items in some weeks is more than anybody takes.
pub(super) fn used_since(scope: Scope, since: Timestamp) -> Statement {
    sql!(
        "SELECT s.occurred_at, s.id AS session, s.method, i.value ->> 'strain_id' AS strain_id,
           i.value ->> 'name' AS name, i.value ->> 'quantity_mg' AS quantity_mg
         FROM sessions s LEFT JOIN json_each(s.items) i
         WHERE s.tenant_id = ?1 AND s.person_id = ?2 AND s.deleted_at IS NULL AND s.occurred_at >= ?3
         ORDER BY s.occurred_at LIMIT 5000",
        scope.tenant,
        scope.person,
        since
    )
}

/// A lot that holds something.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Held {
    pub(super) quantity_mg: i64,
    pub(super) balance_mg: i64,
    pub(super) price_minor: Option<i64>,
    pub(super) currency: Option<String>,
}

/// The lots that hold something.
pub(super) fn held(scope: Scope) -> Statement {
    sql!(
        "SELECT quantity_mg, balance_mg, price_minor, currency FROM lots
         WHERE tenant_id = ?1 AND person_id = ?2 AND balance_mg > 0",
        scope.tenant,
        scope.person
    )
}

/// When the last session was.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Last {
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub(super) occurred_at: Timestamp,
}

/// The last session up to now.
pub(super) fn last(scope: Scope, now: Timestamp) -> Statement {
    sql!(
        "SELECT occurred_at FROM sessions
         WHERE tenant_id = ?1 AND person_id = ?2 AND deleted_at IS NULL AND occurred_at <= ?3
         ORDER BY occurred_at DESC LIMIT 1",
        scope.tenant,
        scope.person,
        now
    )
}
