//! SQL of a hub's own database: the last changes, in a ring, so that a change costs one row and nothing is cleared away.

use super::rules::MOST_KEPT;
use sesh_types::contract::live::{Seq, Told};

/// Made when the first change is told, not when somebody connects: nobody but the API makes a hub write.
pub const CREATE: &str = "CREATE TABLE IF NOT EXISTS changes (
  slot INTEGER PRIMARY KEY, seq INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, told_ms INTEGER NOT NULL)";
/// Whether there is anything.
pub const EXISTS: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'changes'";
/// Keeps a change (slot, number, kind, id, now) in place of the one that many before; a late one never displaces a later
/// one.
pub const KEEP: &str = "INSERT INTO changes (slot, seq, kind, id, told_ms) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (slot) DO UPDATE SET seq = excluded.seq, kind = excluded.kind, id = excluded.id, told_ms = excluded.told_ms
  WHERE excluded.seq > seq";
/// The changes after a number, in order.
pub const AFTER: &str = "SELECT json_object('seq', seq, 'kind', kind, 'id', id) AS body FROM changes
  WHERE seq > ? ORDER BY seq";
/// When the last change was told.
pub const LAST_TOLD: &str = "SELECT COALESCE(MAX(told_ms), 0) AS told_ms FROM changes";

/// Where a change stands in the ring.
pub const fn slot(seq: Seq) -> i64 {
    seq.rem_euclid(MOST_KEPT)
}

/// A change as [`AFTER`] wrote it.
pub fn read(body: &str) -> Option<Told> {
    serde_json::from_str(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;
    use sesh_types::contract::live::Kind;

    fn keep(database: &Connection, seq: Seq, id: &str) -> usize {
        database.execute(KEEP, (slot(seq), seq, "session.logged", id, 5)).unwrap()
    }

    fn after(database: &Connection, seq: Seq) -> Vec<Told> {
        let mut query = database.prepare(AFTER).unwrap();
        let rows = query.query_map([seq], |row| row.get::<_, String>(0)).unwrap();
        rows.map(|body| read(&body.unwrap()).unwrap()).collect()
    }

    #[test]
    fn the_ring_holds_the_last_changes_and_costs_one_row_each() {
        let database = Connection::open_in_memory().unwrap();
        let exists = |database: &Connection| database.prepare(EXISTS).unwrap().exists([]).unwrap();
        assert!(!exists(&database));
        database.execute_batch(CREATE).unwrap();
        database.execute_batch(CREATE).unwrap();
        assert!(exists(&database));
        for seq in 1..=450 {
            assert_eq!(keep(&database, seq, "a"), 1, "one row");
        }
        let kept = after(&database, 0);
        let numbers: Vec<Seq> = kept.iter().map(|told| told.seq).collect();
        assert_eq!(numbers, (251..=450).collect::<Vec<_>>());
        assert_eq!(kept[0], Told { seq: 251, kind: Kind::SessionLogged, id: "a".to_owned() });
        assert_eq!(after(&database, 449).len(), 1);
        let last: i64 = database.query_row(LAST_TOLD, [], |row| row.get(0)).unwrap();
        assert_eq!(last, 5);
    }

    #[test]
    fn a_late_or_repeated_change_displaces_nothing() {
        let database = Connection::open_in_memory().unwrap();
        database.execute_batch(CREATE).unwrap();
        assert_eq!(keep(&database, 201, "new"), 1);
        assert_eq!((keep(&database, 1, "old"), keep(&database, 201, "again")), (0, 0));
        assert_eq!(after(&database, 0)[0].id, "new");
        assert_eq!(keep(&database, 2, "late, but nothing newer stands there"), 1);
    }
}
