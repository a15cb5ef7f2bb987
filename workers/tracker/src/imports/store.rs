//! SQL of imports. A file is kept in pieces, as a row holds two megabytes at most, and sessions are made of lists, as a
//! statement has a hundred parameters at most.

use super::rules::{Format, Import, Ready, State};
use serde::Deserialize;
use serde_json::{Value, json};
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::ids::{ImportId, SessionId, StrainId};
use sesh_types::time::{DAY_MS, Timestamp, sql_ms, sql_ms_option};

/// The most imports that are looked at and not settled within a day.
const MOST_PREVIEWS: i64 = 10;
/// Bytes of a file that one row holds.
const PIECE_BYTES: usize = 400_000;
/// Bytes of a list that one parameter holds.
const LIST_BYTES: usize = 400_000;
/// How long a file is kept that nobody takes in.
const KEPT_MS: i64 = DAY_MS;

/// An import as it is kept.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Kept {
    id: ImportId,
    pub(super) format: Format,
    pub(super) state: State,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    recorded_at: Timestamp,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    settled_at: Option<Timestamp>,
    sessions: Option<i64>,
    left_out: Option<i64>,
}

impl From<Kept> for Import {
    fn from(kept: Kept) -> Self {
        let Kept { id, format, state, recorded_at, settled_at, sessions, left_out } = kept;
        Self { id, format, state, recorded_at, settled_at, sessions, left_out }
    }
}

/// A piece of a file.
#[derive(Deserialize)]
pub(super) struct Piece {
    pub(super) body: String,
}

/// An id.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Id<T> {
    pub(super) id: T,
}

/// The strain of a name, if there is one.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct NamedStrain {
    pub(super) name_key: String,
    pub(super) id: Option<StrainId>,
}

/// One page, the latest first.
pub(super) fn page(scope: Scope, limit: u32, offset: u32) -> Statement {
    sql!(
        "SELECT id, format, state, recorded_at, settled_at, sessions, left_out FROM imports
         WHERE tenant_id = ?1 AND person_id = ?2 ORDER BY id DESC LIMIT ?3 OFFSET ?4",
        scope.tenant,
        scope.person,
        limit,
        offset
    )
}

/// How many there are.
pub(super) fn count(scope: Scope) -> Statement {
    sql!(
        "SELECT COUNT(*) AS total FROM imports WHERE tenant_id = ?1 AND person_id = ?2",
        scope.tenant,
        scope.person
    )
}

/// One.
pub(super) fn one(scope: Scope, id: ImportId) -> Statement {
    sql!(
        "SELECT id, format, state, recorded_at, settled_at, sessions, left_out FROM imports
         WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3",
        scope.tenant,
        scope.person,
        id
    )
}

/// The file of one, piece by piece; nothing once it is settled or a day old.
pub(super) fn pieces(scope: Scope, id: ImportId, now: Timestamp) -> Statement {
    sql!(
        "SELECT body FROM import_pieces
         WHERE tenant_id = ?1 AND person_id = ?2 AND import_id = ?3 AND expires_at > ?4 ORDER BY piece",
        scope.tenant,
        scope.person,
        id,
        now
    )
}

/// An import of the same file that was taken in.
pub(super) fn same(scope: Scope, source_hash: &str) -> Statement {
    sql!(
        "SELECT id FROM imports
         WHERE tenant_id = ?1 AND person_id = ?2 AND source_hash = ?3 AND state = 'confirmed' ORDER BY id DESC LIMIT 1",
        scope.tenant,
        scope.person,
        source_hash
    )
}

/// The same of an import that is known already.
pub(super) fn same_as(scope: Scope, id: ImportId) -> Statement {
    sql!(
        "SELECT other.id FROM imports this CROSS JOIN imports other ON other.tenant_id = ?1 AND other.person_id = ?2
           AND other.source_hash = this.source_hash AND other.state = 'confirmed' AND other.id <> this.id
         WHERE this.tenant_id = ?1 AND this.person_id = ?2 AND this.id = ?3 ORDER BY other.id DESC LIMIT 1",
        scope.tenant,
        scope.person,
        id
    )
}

/// The strains of exactly these names, one's own before the catalogue's.
pub(super) fn strains(scope: Scope, name_keys: &[String]) -> Statement {
    sql!(
        "SELECT i.value AS name_key, COALESCE(
           (SELECT id FROM strains WHERE tenant_id = ?1 AND owner_id = ?2 AND owner_id IS NOT NULL AND name_key = i.value),
           (SELECT id FROM strains WHERE owner_id IS NULL AND name_key = i.value)) AS id FROM json_each(?3) i",
        scope.tenant,
        scope.person,
        serde_json::to_string(name_keys).unwrap_or_default()
    )
}

/// Cuts a text into pieces of whole characters.
fn cut(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let at = rest.floor_char_boundary(PIECE_BYTES);
        let (piece, after) = rest.split_at(at);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// Keeps a file to be looked at, unless too many wait.
pub(super) fn keep(scope: Scope, import: &Import, source: &str, source_hash: &str) -> Batch {
    let (id, now) = (import.id, import.recorded_at);
    let mut batch = Batch::from(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'too_many', COUNT(*) < ?3 FROM imports
         WHERE tenant_id = ?1 AND person_id = ?2 AND state = 'previewed' AND recorded_at > ?4",
        scope.tenant,
        scope.person,
        MOST_PREVIEWS,
        now.plus_ms(-KEPT_MS)
    ))
    .and(sql!(
        "INSERT INTO imports (tenant_id, person_id, id, format, state, source_hash, recorded_at)
         VALUES (?1, ?2, ?3, ?4, 'previewed', ?5, ?6)",
        scope.tenant,
        scope.person,
        id,
        import.format.as_str(),
        source_hash,
        now
    ));
    for (piece, number) in cut(source).into_iter().zip(0_u32..) {
        batch = batch.and(sql!(
            "INSERT INTO import_pieces (tenant_id, person_id, import_id, piece, expires_at, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            scope.tenant,
            scope.person,
            id,
            number,
            now.plus_ms(KEPT_MS),
            piece
        ));
    }
    batch
}

/// A row as the list has it from which sessions are made.
pub(super) fn listed(id: SessionId, row: &Ready) -> Value {
    let of_nothing = row.name.is_none() && row.quantity_mg.is_none() && row.thc_ug.is_none();
    let item = json!({
        "lot_id": null, "strain_id": row.strain_id, "name": row.name.as_deref().unwrap_or("Unnamed"),
        "quantity_mg": row.quantity_mg, "entry_seq": null, "thc_ug": row.thc_ug
    });
    let items = if of_nothing { json!([]) } else { json!([item]) };
    json!([
        id,
        row.occurred_at.0,
        row.method,
        items.to_string(),
        row.rating,
        row.mood_before,
        row.mood_after,
        json!(row.effects).to_string(),
        row.notes
    ])
}

fn insert(scope: Scope, import: ImportId, format: Format, list: String, now: Timestamp) -> Statement {
    sql!(
        "INSERT INTO sessions (tenant_id, person_id, id, occurred_at, recorded_at, method, items, rating, mood_before,
           mood_after, effects, notes, import_id, source)
         SELECT ?1, ?2, i.value ->> 0, i.value ->> 1, ?6, i.value ->> 2, i.value ->> 3, i.value ->> 4, i.value ->> 5,
           i.value ->> 6, i.value ->> 7, i.value ->> 8, ?3, ?4 FROM json_each(?5) i",
        scope.tenant,
        scope.person,
        import,
        format.as_str(),
        list,
        now
    )
}

/// Ends the batch unless there is such an import, which waits to be settled.
fn waits(scope: Scope, id: ImportId) -> Batch {
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found', EXISTS (
           SELECT 1 FROM imports WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3)",
        scope.tenant,
        scope.person,
        id
    ))
    .and(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'import_settled', EXISTS (
           SELECT 1 FROM imports WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3 AND state = 'previewed')",
        scope.tenant,
        scope.person,
        id
    ))
}

fn forget(scope: Scope, id: ImportId) -> Statement {
    sql!(
        "DELETE FROM import_pieces WHERE tenant_id = ?1 AND person_id = ?2 AND import_id = ?3",
        scope.tenant,
        scope.person,
        id
    )
}

/// Takes in all rows, once.
pub(super) fn confirm(scope: Scope, import: &Import, rows: &[Value], now: Timestamp) -> Batch {
    let mut batch = waits(scope, import.id);
    let mut list = String::new();
    for row in rows {
        let text = row.to_string();
        if list.len() + text.len() > LIST_BYTES {
            batch = batch.and(insert(scope, import.id, import.format, format!("[{list}]"), now));
            list.clear();
        }
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(&text);
    }
    batch
        .and(insert(scope, import.id, import.format, format!("[{list}]"), now))
        .and(sql!(
            "UPDATE imports SET state = 'confirmed', settled_at = ?4, sessions = ?5, left_out = ?6
             WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3",
            scope.tenant,
            scope.person,
            import.id,
            now,
            import.sessions,
            import.left_out
        ))
        .and(forget(scope, import.id))
}

/// Live sessions of an import that take from the stash since somebody edited them.
pub(super) fn that_take(scope: Scope, id: ImportId) -> Statement {
    sql!(
        "SELECT s.id FROM sessions s INDEXED BY sessions_of_import
         WHERE s.tenant_id = ?1 AND s.person_id = ?2 AND s.import_id = ?3 AND s.deleted_at IS NULL
           AND EXISTS (SELECT 1 FROM json_each(s.items) i WHERE i.value ->> 'entry_seq' IS NOT NULL)",
        scope.tenant,
        scope.person,
        id
    )
}

/// Takes away everything that an import made; `taking` gives back to the stash first, session by session.
pub(super) fn undo(scope: Scope, id: ImportId, taking: Batch, now: Timestamp) -> Batch {
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found', EXISTS (
           SELECT 1 FROM imports WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3 AND state <> 'undone')",
        scope.tenant,
        scope.person,
        id
    ))
    .then(taking)
    .and(sql!(
        "UPDATE sessions INDEXED BY sessions_of_import SET deleted_at = ?4, version = version + 1
         WHERE tenant_id = ?1 AND person_id = ?2 AND import_id = ?3 AND deleted_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM json_each(items) i WHERE i.value ->> 'entry_seq' IS NOT NULL)",
        scope.tenant,
        scope.person,
        id,
        now
    ))
    // One that was edited since it was looked at would be left behind: then nothing happens, and it is tried again.
    .and(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'precondition_failed', NOT EXISTS (
           SELECT 1 FROM sessions INDEXED BY sessions_of_import
           WHERE tenant_id = ?1 AND person_id = ?2 AND import_id = ?3 AND deleted_at IS NULL)",
        scope.tenant,
        scope.person,
        id
    ))
    .and(sql!(
        "UPDATE imports SET state = 'undone', settled_at = ?4 WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3",
        scope.tenant,
        scope.person,
        id,
        now
    ))
    .and(forget(scope, id))
}

/// Forgets files that nobody took in.
pub(crate) fn forget_expired(now: Timestamp) -> Statement {
    sql!("DELETE FROM import_pieces WHERE expires_at <= ?1", now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_cut_between_characters() {
        let text = "é".repeat(PIECE_BYTES);
        let pieces = cut(&text);
        assert_eq!(pieces.concat(), text);
        assert_eq!(pieces.len(), 2);
        assert!(pieces.iter().all(|piece| piece.len() <= PIECE_BYTES));
        assert_eq!(cut(&"x".repeat(PIECE_BYTES + 1)).len(), 2);
    }
}
