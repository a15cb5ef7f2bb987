//! SQL of insights: the lots that were taken from, those that were bought in the time, and what the stash holds.

use serde::Deserialize;
use sesh_edge::io::Statement;
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::ids::LotId;
use sesh_types::time::Timestamp;

/// What a lot cost.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Priced {
    pub(super) id: LotId,
    pub(super) quantity_mg: i64,
    pub(super) price_minor: Option<i64>,
    pub(super) currency: Option<String>,
}

/// What was bought.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Bought {
    pub(super) price_minor: Option<i64>,
    pub(super) currency: Option<String>,
}

/// What the stash holds.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Held {
    pub(super) balance_mg: i64,
}

/// The lots with these ids: a row each.
pub(crate) fn priced(scope: Scope, ids: &[LotId]) -> Statement {
    sql!(
        "SELECT l.id, l.quantity_mg, l.price_minor, l.currency FROM json_each(?3) i
         CROSS JOIN lots l ON l.tenant_id = ?1 AND l.person_id = ?2 AND l.id = i.value",
        scope.tenant,
        scope.person,
        serde_json::to_string(ids).unwrap_or_default()
    )
}

/// What was bought from a time until before another: two rows a lot.
pub(super) fn bought(scope: Scope, from: Timestamp, until: Timestamp) -> Statement {
    sql!(
        "SELECT price_minor, currency FROM lots INDEXED BY lots_by_time
         WHERE tenant_id = ?1 AND person_id = ?2 AND acquired_at >= ?3 AND acquired_at < ?4 LIMIT 10000",
        scope.tenant,
        scope.person,
        from,
        until
    )
}

/// What the stash holds: two rows a lot that holds something.
pub(super) fn held(scope: Scope) -> Statement {
    sql!(
        "SELECT COALESCE(SUM(balance_mg), 0) AS balance_mg FROM lots INDEXED BY lots_held
         WHERE tenant_id = ?1 AND person_id = ?2 AND holding = 1 AND balance_mg > 0",
        scope.tenant,
        scope.person
    )
}
