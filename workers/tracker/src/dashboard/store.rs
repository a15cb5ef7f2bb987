//! SQL of the dashboard: the person's last weeks and their stash, never their whole history.

use crate::as_array;
use serde::Deserialize;
use sesh_edge::io::{DbError, Rows, Statement};
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::ids::StrainId;
use sesh_types::time::{Timestamp, sql_ms};

/// What was taken in one session from one lot; sessions without items have one such row without a name.
#[derive(Clone, Debug)]
pub(crate) struct Used {
    pub(crate) occurred_at: Timestamp,
    /// Which session, counted from the first that was read.
    pub(crate) session: usize,
    pub(crate) method: String,
    pub(crate) strain_id: Option<StrainId>,
    pub(crate) name: Option<String>,
    pub(crate) quantity_mg: Option<i64>,
}

#[derive(Deserialize)]
struct Session {
    #[serde(deserialize_with = "sql_ms::deserialize")]
    occurred_at: Timestamp,
    method: String,
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    strain_id: Option<StrainId>,
    name: Option<String>,
    quantity_mg: Option<i64>,
}

/// The sessions since a time, oldest first, each as `[occurred_at, method, items]`. 2,000 in some weeks are more than
/// anybody has.
pub(crate) fn used_since(scope: Scope, since: Timestamp) -> Statement {
    sql!(
        as_array!(
            "SELECT '[' || occurred_at || ',\"' || method || '\",' || items || ']' AS body FROM sessions
             WHERE tenant_id = ?1 AND person_id = ?2 AND deleted_at IS NULL AND occurred_at >= ?3
             ORDER BY occurred_at LIMIT 2000"
        ),
        scope.tenant,
        scope.person,
        since
    )
}

/// What [`used_since`] found, item by item.
pub(crate) fn used(rows: &Rows, place: usize) -> Result<Vec<Used>, DbError> {
    let mut used = Vec::new();
    for (place, session) in rows.all::<Session>(place)?.into_iter().enumerate() {
        let Session { occurred_at, method, items } = session;
        let of = |method: String, strain_id, name, quantity_mg| Used {
            occurred_at,
            session: place,
            method,
            strain_id,
            name,
            quantity_mg,
        };
        if items.is_empty() {
            used.push(of(method, None, None, None));
            continue;
        }
        used.extend(
            items.into_iter().map(|item| of(method.clone(), item.strain_id, item.name, item.quantity_mg)),
        );
    }
    Ok(used)
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
        "SELECT quantity_mg, balance_mg, price_minor, currency FROM lots INDEXED BY lots_held
         WHERE tenant_id = ?1 AND person_id = ?2 AND holding = 1 AND balance_mg > 0",
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
