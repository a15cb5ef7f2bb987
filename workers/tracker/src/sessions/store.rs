//! SQL of sessions. Debits and reversals are ledger entries made in the session's own batch.

use super::rules::{EditSession, Method, NewItem, NewSession};
use crate::{as_array, rfc3339};
use serde::{Deserialize, Serialize};
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::ids::{FactId, ImportId, LotId, SessionId, StrainId};
use sesh_types::time::Timestamp;

/// A session `s` as JSON.
macro_rules! session_json {
    () => {
        concat!(
            "json_object('id', s.id, 'occurred_at', ",
            rfc3339!("s.occurred_at"),
            ",
               'recorded_at', ",
            rfc3339!("s.recorded_at"),
            ", 'method', s.method, 'items', json(s.items),
               'rating', s.rating, 'mood_before', s.mood_before, 'mood_after', s.mood_after,
               'effects', json(s.effects), 'notes', s.notes, 'version', s.version,
               'import_id', s.import_id, 'source', s.source)"
        )
    };
}

/// Live sessions of the person: `?1` and `?2` are tenant and person.
macro_rules! live {
    () => {
        "s.tenant_id = ?1 AND s.person_id = ?2 AND s.deleted_at IS NULL"
    };
}

/// The filters of a list: `?3` and `?4` bounds of time, `?5` method, `?6` strain; NULL is any.
macro_rules! filters {
    () => {
        "s.occurred_at >= COALESCE(?3, 0) AND s.occurred_at < COALESCE(?4, 9007199254740991)
         AND (?5 IS NULL OR s.method = ?5)
         AND (?6 IS NULL OR EXISTS (SELECT 1 FROM json_each(s.items) i WHERE i.value ->> 'strain_id' = ?6))"
    };
}

/// What was taken from a lot.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Item {
    /// The lot; `null` when it was not from the stash.
    pub lot_id: Option<LotId>,
    /// The lot's strain.
    pub strain_id: Option<StrainId>,
    /// The lot's name.
    pub name: String,
    /// Milligrams that left the stash; `null` when it is not known.
    pub quantity_mg: Option<i64>,
    /// The ledger entry that took it; `null` when nothing left the stash.
    pub entry_seq: Option<i64>,
    /// Micrograms of THC in it, by what the lot's label says; `null` or left out when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thc_ug: Option<i64>,
}

/// A logged session.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// When it was, as the person says.
    pub occurred_at: Timestamp,
    /// When we learned of it.
    pub recorded_at: Timestamp,
    /// How it was taken.
    pub method: Method,
    /// What was taken, and which ledger entries took it.
    pub items: Vec<Item>,
    /// 1 to 5.
    pub rating: Option<i64>,
    /// 1 to 5.
    pub mood_before: Option<i64>,
    /// 1 to 5.
    pub mood_after: Option<i64>,
    /// What was felt.
    pub effects: Vec<String>,
    /// Notes.
    pub notes: Option<String>,
    /// Counts the edits; the `ETag`.
    pub version: i64,
    /// The import that brought it; `null` when it was logged here.
    pub import_id: Option<ImportId>,
    /// Whose file it came from: `csv`, `daylio`, `loop_habit`, `habit_bull` or `journal`.
    pub source: Option<String>,
}

/// Which sessions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
    pub(crate) method: Option<Method>,
    pub(crate) strain: Option<StrainId>,
}

impl Filter {
    /// Whether every session passes.
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self, Self { from: None, to: None, method: None, strain: None })
    }

    fn method(&self) -> Option<&'static str> {
        self.method.map(Method::as_str)
    }
}

/// One live session, as `body`, with its version.
pub(crate) fn one(scope: Scope, id: SessionId) -> Statement {
    sql!(
        concat!(
            "SELECT ",
            session_json!(),
            " AS body, s.version FROM sessions s WHERE ",
            live!(),
            " AND s.id = ?3"
        ),
        scope.tenant,
        scope.person,
        id
    )
}

/// A session that was deleted, as `body`, for who wants it back.
pub(crate) fn deleted(scope: Scope, id: SessionId) -> Statement {
    sql!(
        concat!(
            "SELECT ",
            session_json!(),
            " AS body FROM sessions s
               WHERE s.tenant_id = ?1 AND s.person_id = ?2 AND s.deleted_at IS NOT NULL AND s.id = ?3"
        ),
        scope.tenant,
        scope.person,
        id
    )
}

/// One page, the latest first.
pub(crate) fn page(scope: Scope, filter: &Filter, limit: u32, offset: u32) -> Statement {
    sql!(
        as_array!(
            "SELECT ",
            session_json!(),
            " AS body FROM sessions s WHERE ",
            live!(),
            " AND ",
            filters!(),
            " ORDER BY s.occurred_at DESC, s.id DESC LIMIT ?7 OFFSET ?8"
        ),
        scope.tenant,
        scope.person,
        filter.from,
        filter.to,
        filter.method(),
        filter.strain,
        limit,
        offset
    )
}

/// How many sessions pass.
pub(crate) fn count(scope: Scope, filter: &Filter) -> Statement {
    sql!(
        concat!("SELECT COUNT(*) AS total FROM sessions s WHERE ", live!(), " AND ", filters!()),
        scope.tenant,
        scope.person,
        filter.from,
        filter.to,
        filter.method(),
        filter.strain
    )
}

/// Ends the batch unless every lot that the items name is the person's.
fn lots_exist(scope: Scope, items: &str) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'lot_not_found', NOT EXISTS (
           SELECT 1 FROM json_each(?3) i WHERE NOT EXISTS (
             SELECT 1 FROM lots WHERE tenant_id = ?1 AND person_id = ?2 AND id = i.value ->> 'lot_id'))",
        scope.tenant,
        scope.person,
        items
    )
}

/// Takes what the items say from their lots, at the time that the session's row says.
fn debit(scope: Scope, id: SessionId, items: &str, now: Timestamp) -> Statement {
    sql!(
        "INSERT INTO stash_entries (tenant_id, person_id, lot_id, recorded_at, seq, kind, delta_mg, balance_after_mg,
           occurred_at, session_id)
         SELECT l.tenant_id, l.person_id, l.id, MAX(?5, l.last_recorded_at), l.last_seq + 1, 'session',
           -(i.value ->> 'quantity_mg'), l.balance_mg - (i.value ->> 'quantity_mg'), s.occurred_at, ?3
         FROM json_each(?4) i
         CROSS JOIN lots l ON l.tenant_id = ?1 AND l.person_id = ?2 AND l.id = i.value ->> 'lot_id'
         JOIN sessions s ON s.tenant_id = ?1 AND s.person_id = ?2 AND s.id = ?3
         WHERE i.value ->> 'quantity_mg' IS NOT NULL",
        scope.tenant,
        scope.person,
        id,
        items,
        now
    )
}

/// Gives back what a live session took, entry by entry.
fn reverse(scope: Scope, id: SessionId, now: Timestamp) -> Statement {
    sql!(
        "INSERT INTO stash_entries (tenant_id, person_id, lot_id, recorded_at, seq, kind, delta_mg, balance_after_mg,
           occurred_at, session_id, reverses_seq)
         SELECT l.tenant_id, l.person_id, l.id, MAX(?4, l.last_recorded_at), l.last_seq + 1, 'reversal',
           i.value ->> 'quantity_mg', l.balance_mg + (i.value ->> 'quantity_mg'), ?4, ?3, i.value ->> 'entry_seq'
         FROM sessions s JOIN json_each(s.items) i
         CROSS JOIN lots l ON l.tenant_id = ?1 AND l.person_id = ?2 AND l.id = i.value ->> 'lot_id'
         WHERE s.tenant_id = ?1 AND s.person_id = ?2 AND s.id = ?3 AND s.deleted_at IS NULL
           AND i.value ->> 'quantity_mg' IS NOT NULL",
        scope.tenant,
        scope.person,
        id,
        now
    )
}

/// What is written of the items: with the lot's name and strain as they are now, and the entry that will take it.
macro_rules! items_json {
    ($items:literal) => {
        concat!(
            "(SELECT json_group_array(json_object('lot_id', l.id, 'strain_id', l.strain_id, 'name', l.name,
                'quantity_mg', i.value ->> 'quantity_mg',
                'entry_seq', iif(i.value ->> 'quantity_mg' IS NULL, NULL, l.last_seq + 1),
                'thc_ug', (l.thc_mg * 1000 * (i.value ->> 'quantity_mg') + l.quantity_mg / 2) / l.quantity_mg))
              FROM json_each(",
            $items,
            ") i
              CROSS JOIN lots l ON l.tenant_id = ?1 AND l.person_id = ?2 AND l.id = i.value ->> 'lot_id')"
        )
    };
}

fn texts(items: &[NewItem]) -> String {
    serde_json::to_string(items).unwrap_or_default()
}

/// Logs a session: the session first, then its debits, which its items already name.
pub(super) fn log(scope: Scope, id: SessionId, session: &NewSession, now: Timestamp) -> Batch {
    let items = texts(&session.items);
    let occurred = session.occurred_at.unwrap_or(now);
    let row =
        sql!(
            concat!(
            "INSERT INTO sessions (tenant_id, person_id, id, occurred_at, recorded_at, method, items, rating,
               mood_before, mood_after, effects, notes)
             SELECT ?1, ?2, ?3, ?5, ?6, ?7, ", items_json!("?4"), ", ?8, ?9, ?10, ?11, ?12"
        ),
            scope.tenant,
            scope.person,
            id,
            &items,
            occurred,
            now,
            session.method.as_str(),
            session.rating,
            session.mood_before,
            session.mood_after,
            serde_json::to_string(session.effects.as_deref().unwrap_or_default()).unwrap_or_default(),
            session.notes.as_deref()
        );
    Batch::from(lots_exist(scope, &items)).and(row).and(debit(scope, id, &items, now))
}

/// The fact that a session was logged, its strains read from the row that was just written.
pub(super) fn publish_logged(scope: Scope, id: SessionId, fact_id: FactId, fact: String) -> Statement {
    sql!(
        "INSERT INTO outbox (id, body) SELECT ?5, json_set(?4, '$.strain_ids', json((
           SELECT json_group_array(DISTINCT i.value ->> 'strain_id') FROM sessions s, json_each(s.items) i
           WHERE s.tenant_id = ?1 AND s.person_id = ?2 AND s.id = ?3 AND i.value ->> 'strain_id' IS NOT NULL)))",
        scope.tenant,
        scope.person,
        id,
        fact,
        fact_id
    )
}

/// Ends the batch unless the session is live and, if the edit insists, of this version.
pub(super) fn guard(scope: Scope, id: SessionId, version: Option<i64>) -> Batch {
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found', EXISTS (
           SELECT 1 FROM sessions WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3 AND deleted_at IS NULL)",
        scope.tenant,
        scope.person,
        id
    ))
    .and(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'precondition_failed', ?4 IS NULL OR EXISTS (
           SELECT 1 FROM sessions WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3 AND version = ?4)",
        scope.tenant,
        scope.person,
        id,
        version
    ))
}

/// Edits a session. New items: first the reversal of the old ones, then the row, then the new debits.
pub(super) fn edit(scope: Scope, id: SessionId, edit: &EditSession, now: Timestamp) -> Batch {
    let items = edit.items.as_deref().map(texts);
    let mut batch = Batch::new();
    if let Some(items) = &items {
        batch = batch.and(lots_exist(scope, items)).and(reverse(scope, id, now));
    }
    batch = batch.and(sql!(
        concat!(
            "UPDATE sessions SET occurred_at = COALESCE(?5, occurred_at), method = COALESCE(?6, method),
               items = iif(?4 IS NULL, items, ",
            items_json!("COALESCE(?4, '[]')"),
            "),
               rating = iif(?7, ?8, rating), mood_before = iif(?9, ?10, mood_before),
               mood_after = iif(?11, ?12, mood_after), effects = COALESCE(?13, effects),
               notes = iif(?14, ?15, notes), version = version + 1
             WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3 AND deleted_at IS NULL"
        ),
        scope.tenant,
        scope.person,
        id,
        items.as_deref(),
        edit.occurred_at,
        edit.method.map(Method::as_str),
        edit.rating.is(),
        edit.rating.value().copied(),
        edit.mood_before.is(),
        edit.mood_before.value().copied(),
        edit.mood_after.is(),
        edit.mood_after.value().copied(),
        edit.effects.as_ref().map(|words| serde_json::to_string(words).unwrap_or_default()),
        edit.notes.is(),
        edit.notes.value().map(String::as_str)
    ));
    match items {
        Some(items) => batch.and(debit(scope, id, &items, now)),
        None => batch,
    }
}

/// Deletes a session: what it took goes back to the stash by reversals, and the session stays as deleted.
pub(crate) fn delete(scope: Scope, id: SessionId, now: Timestamp) -> Batch {
    Batch::from(reverse(scope, id, now)).and(sql!(
        "UPDATE sessions SET deleted_at = ?4, version = version + 1
         WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3 AND deleted_at IS NULL",
        scope.tenant,
        scope.person,
        id,
        now
    ))
}
