//! SQL of the stash. Rows leave the database as JSON texts of their public shape, so that one expression decides it
//! and nothing is copied field by field.

use super::rules::{Form, Movement, NewLot};
use serde::{Deserialize, Serialize};
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::amounts::Unit;
use sesh_types::ids::{LotId, SessionId, StrainId};
use sesh_types::time::Timestamp;
use sesh_types::units::Money;

/// A column of milliseconds as RFC 3339.
#[macro_export]
macro_rules! rfc3339 {
    ($column:literal) => {
        concat!("strftime('%Y-%m-%dT%H:%M:%fZ', ", $column, " / 1000.0, 'unixepoch')")
    };
}

/// A statement that selects JSON texts as `body`, as one that writes their array itself: the column `json`.
#[macro_export]
macro_rules! as_array {
    ($($select:expr),+ $(,)?) => {
        concat!("SELECT '[' || COALESCE(group_concat(body, ','), '') || ']' AS json FROM (", $($select),+, ")")
    };
}

/// A lot `l` with the balance that `$balance` says, as JSON.
macro_rules! lot_json {
    ($balance:literal) => {
        concat!(
            "json_object('id', l.id, 'strain_id', l.strain_id, 'name', l.name, 'form', l.form,
               'quantity_mg', l.quantity_mg, 'balance_mg', ", $balance, ",
               'price', iif(l.price_minor IS NULL, NULL, json_object('minor', l.price_minor, 'currency', l.currency)),
               'thc_mg', l.thc_mg, 'units', l.units, 'unit', l.unit,
               'acquired_at', ", rfc3339!("l.acquired_at"), ", 'recorded_at', ", rfc3339!("l.recorded_at"), ")"
        )
    };
}

/// An entry `e` as JSON.
macro_rules! entry_json {
    () => {
        concat!(
            "json_object('seq', e.seq, 'kind', e.kind, 'delta_mg', e.delta_mg, 'balance_after_mg', e.balance_after_mg,
               'session_id', e.session_id, 'reverses_seq', e.reverses_seq, 'counted_mg', e.counted_mg,
               'note', e.note, 'occurred_at', ", rfc3339!("e.occurred_at"), ",
               'recorded_at', ", rfc3339!("e.recorded_at"), ")"
        )
    };
}

/// A purchase batch.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Lot {
    /// Its id.
    pub id: LotId,
    /// The strain, if one was named.
    pub strain_id: Option<StrainId>,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub form: Form,
    /// What was bought, in milligrams.
    pub quantity_mg: i64,
    /// What is left, in milligrams: the sum of its ledger.
    pub balance_mg: i64,
    /// What it cost.
    pub price: Option<Money>,
    /// Milligrams of THC in all that was bought; `null` when it is not known.
    pub thc_mg: Option<i64>,
    /// How many pieces it was bought as.
    pub units: Option<i64>,
    /// What one piece is.
    pub unit: Option<Unit>,
    /// When it was bought.
    pub acquired_at: Timestamp,
    /// When we learned of it.
    pub recorded_at: Timestamp,
}

/// One entry of a lot's ledger.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Entry {
    /// Its place in the ledger, from 1.
    pub seq: i64,
    /// `purchase`, `session`, `reversal`, `gift`, `waste`, `adjust` or `count`.
    pub kind: String,
    /// What it added, in milligrams; negative when it took.
    pub delta_mg: i64,
    /// What was left after it, in milligrams.
    pub balance_after_mg: i64,
    /// The session that caused it.
    pub session_id: Option<SessionId>,
    /// The entry that it undoes.
    pub reverses_seq: Option<i64>,
    /// What a count found, in milligrams.
    pub counted_mg: Option<i64>,
    /// Why.
    pub note: Option<String>,
    /// When it happened, as the person says.
    pub occurred_at: Timestamp,
    /// When we learned of it.
    pub recorded_at: Timestamp,
}

/// A row that is a JSON text.
#[derive(Deserialize)]
pub(crate) struct Text {
    pub(crate) body: String,
}

/// How many.
#[derive(Deserialize)]
pub(super) struct Total {
    pub(super) total: u64,
}

/// Buys a lot: the lot, empty, and the purchase that fills it.
pub(super) fn buy(scope: Scope, id: LotId, lot: &NewLot, now: Timestamp) -> Batch {
    let acquired = lot.acquired_at.unwrap_or(now);
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'strain_not_found', ?3 IS NULL OR EXISTS (
           SELECT 1 FROM strains WHERE id = ?3 AND (owner_id IS NULL OR (tenant_id = ?1 AND owner_id = ?2)))",
        scope.tenant,
        scope.person,
        lot.strain_id
    ))
    .and(sql!(
        "INSERT INTO lots (tenant_id, person_id, id, strain_id, name, form, quantity_mg, price_minor, currency,
           acquired_at, recorded_at, last_recorded_at, thc_mg, units, unit)
         SELECT ?1, ?2, ?3, ?4, COALESCE(?5, (SELECT name FROM strains WHERE id = ?4)), ?6, ?7, ?8, ?9, ?10, ?11, ?11,
           ?12, ?13, ?14",
        scope.tenant,
        scope.person,
        id,
        lot.strain_id,
        lot.name.as_deref().map(str::trim),
        lot.form.as_str(),
        lot.quantity_mg,
        lot.price.as_ref().map(|price| price.minor),
        lot.price.as_ref().map(|price| price.currency.as_str()),
        acquired,
        now,
        lot.thc_mg,
        lot.units,
        lot.unit.map(Unit::as_str)
    ))
    .and(sql!(
        "INSERT INTO stash_entries (tenant_id, person_id, lot_id, recorded_at, seq, kind, delta_mg, balance_after_mg,
           occurred_at)
         VALUES (?1, ?2, ?3, ?4, 1, 'purchase', ?5, ?5, ?6)",
        scope.tenant,
        scope.person,
        id,
        now,
        lot.quantity_mg,
        acquired
    ))
}

/// One lot with its balance now, as `body`.
pub(crate) fn one(scope: Scope, id: LotId) -> Statement {
    sql!(
        concat!(
            "SELECT ",
            lot_json!("l.balance_mg"),
            " AS body FROM lots l
                 WHERE l.tenant_id = ?1 AND l.person_id = ?2 AND l.id = ?3"
        ),
        scope.tenant,
        scope.person,
        id
    )
}

/// One page of lots with their balances now, the newest first.
pub(crate) fn page(scope: Scope, limit: u32, offset: u32) -> Statement {
    sql!(
        as_array!(
            "SELECT ",
            lot_json!("l.balance_mg"),
            " AS body FROM lots l
                 WHERE l.tenant_id = ?1 AND l.person_id = ?2 ORDER BY l.id DESC LIMIT ?3 OFFSET ?4"
        ),
        scope.tenant,
        scope.person,
        limit,
        offset
    )
}

/// How many lots there are, or were as recorded at `as_of`.
pub(super) fn count(scope: Scope, as_of: Option<Timestamp>) -> Statement {
    sql!(
        "SELECT COUNT(*) AS total FROM lots
         WHERE tenant_id = ?1 AND person_id = ?2 AND (?3 IS NULL OR recorded_at <= ?3)",
        scope.tenant,
        scope.person,
        as_of
    )
}

/// One page of lots with their balances as recorded at a time: for each, one step into the ledger's index.
pub(super) fn page_as_of(scope: Scope, as_of: Timestamp, limit: u32, offset: u32) -> Statement {
    sql!(
        as_array!(
            "SELECT ",
            lot_json!(
                "(SELECT e.balance_after_mg FROM stash_entries e
                   WHERE e.tenant_id = l.tenant_id AND e.person_id = l.person_id AND e.lot_id = l.id
                     AND e.recorded_at <= ?3 ORDER BY e.recorded_at DESC, e.seq DESC LIMIT 1)"
            ),
            " AS body FROM lots l
              WHERE l.tenant_id = ?1 AND l.person_id = ?2 AND l.recorded_at <= ?3
              ORDER BY l.id DESC LIMIT ?4 OFFSET ?5"
        ),
        scope.tenant,
        scope.person,
        as_of,
        limit,
        offset
    )
}

/// How many entries a lot has; no row when there is no such lot.
pub(super) fn count_entries(scope: Scope, id: LotId) -> Statement {
    sql!(
        "SELECT last_seq AS total FROM lots WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3",
        scope.tenant,
        scope.person,
        id
    )
}

/// One page of a lot's ledger, the newest first.
pub(crate) fn entries(scope: Scope, id: LotId, limit: u32, offset: u32) -> Statement {
    sql!(
        as_array!(
            "SELECT ",
            entry_json!(),
            " AS body FROM stash_entries e
                 WHERE e.tenant_id = ?1 AND e.person_id = ?2 AND e.lot_id = ?3
                 ORDER BY e.recorded_at DESC, e.seq DESC LIMIT ?4 OFFSET ?5"
        ),
        scope.tenant,
        scope.person,
        id,
        limit,
        offset
    )
}

/// Makes an entry by hand; the database computes delta and balance from where the lot stands.
pub(super) fn enter(
    scope: Scope,
    id: LotId,
    movement: Movement,
    note: Option<&str>,
    now: Timestamp,
) -> Batch {
    let exists = sql!(
        "INSERT INTO guard (failure, holds) SELECT 'lot_not_found', EXISTS (
           SELECT 1 FROM lots WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3)",
        scope.tenant,
        scope.person,
        id
    );
    let (kind, by, to) = match movement {
        Movement::By(kind, delta) => (kind, Some(delta), None),
        Movement::To(count) => ("count", None, Some(count)),
    };
    Batch::from(exists).and(sql!(
        "INSERT INTO stash_entries (tenant_id, person_id, lot_id, recorded_at, seq, kind, delta_mg, balance_after_mg,
           occurred_at, counted_mg, note)
         SELECT tenant_id, person_id, id, MAX(?4, last_recorded_at), last_seq + 1, ?5,
           COALESCE(?6, ?7 - balance_mg), COALESCE(balance_mg + ?6, ?7), ?4, ?7, ?8
         FROM lots WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3",
        scope.tenant,
        scope.person,
        id,
        now,
        kind,
        by,
        to,
        note
    ))
}

/// The last entry of a lot, as `body`.
pub(super) fn last_entry(scope: Scope, id: LotId) -> Statement {
    sql!(
        concat!("SELECT ", entry_json!(), " AS body FROM lots l
                 JOIN stash_entries e ON e.tenant_id = l.tenant_id AND e.person_id = l.person_id AND e.lot_id = l.id
                   AND e.recorded_at = l.last_recorded_at AND e.seq = l.last_seq
                 WHERE l.tenant_id = ?1 AND l.person_id = ?2 AND l.id = ?3"),
        scope.tenant,
        scope.person,
        id
    )
}

/// A lot's id and what it holds.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Holding {
    pub(crate) id: LotId,
    pub(crate) balance_mg: i64,
}

/// What some lots hold now.
pub(crate) fn holdings(scope: Scope, ids: &[LotId]) -> Statement {
    sql!(
        "SELECT id, balance_mg FROM lots
         WHERE tenant_id = ?1 AND person_id = ?2 AND id IN (SELECT value FROM json_each(?3))",
        scope.tenant,
        scope.person,
        serde_json::to_string(ids).unwrap_or_default()
    )
}
