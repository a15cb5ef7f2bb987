//! What the databases hold, as far as the model is about it.

use super::Entry;
use crate::fleet::keyring;
use observer::personal::{Field, PersonKey, Sealed};
use rusqlite::{Connection, Row};
use std::collections::BTreeMap;

/// Person and id.
type Owned = (String, String);

/// What tracker's database holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lots {
    /// Balance, entries and strain by lot.
    pub lots: BTreeMap<Owned, (i64, i64, Option<String>)>,
    /// Version, whether deleted, items and time by session.
    pub sessions: BTreeMap<Owned, (i64, bool, String, i64)>,
    /// Names by private strain.
    pub strains: BTreeMap<Owned, String>,
}

/// A row of `people`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// E-mail address.
    pub email: String,
    /// Not suspended.
    pub active: bool,
    /// Epoch.
    pub epoch: i64,
    /// Version of the profile.
    pub version: i64,
    /// Name.
    pub name: String,
}

/// A row of `devices`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Login {
    /// Whose.
    pub person: String,
    /// Generation of the refresh token.
    pub generation: i64,
    /// Whether it ended.
    pub revoked: bool,
    /// When it got the generation.
    pub rotated_at: i64,
}

/// What observer's database holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
    /// By id.
    pub people: BTreeMap<String, Account>,
    /// By id.
    pub devices: BTreeMap<String, Login>,
    /// Action and entity of entries of the audit log after those that are known.
    pub audit: Vec<(i64, String, String)>,
}

fn rows<T>(connection: &Connection, sql: &str, read: impl Fn(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    let mut select = connection.prepare_cached(sql).expect("a query of the simulation");
    let rows = select.query_map([], |row| read(row)).expect("a query of the simulation");
    rows.collect::<Result<_, _>>().expect("rows of the simulation's shape")
}

/// Reads tracker's database.
pub fn read_lots(connection: &Connection) -> Lots {
    let owned = |row: &Row<'_>| -> rusqlite::Result<Owned> { Ok((row.get(0)?, row.get(1)?)) };
    let lots = "SELECT person_id, id, balance_mg, last_seq, strain_id FROM lots";
    let sessions = "SELECT person_id, id, version, deleted_at IS NOT NULL, items, occurred_at FROM sessions";
    let strains = "SELECT owner_id, id, name FROM strains WHERE owner_id IS NOT NULL";
    Lots {
        lots: rows(connection, lots, |row| Ok((owned(row)?, (row.get(2)?, row.get(3)?, row.get(4)?))))
            .into_iter()
            .collect(),
        sessions: rows(connection, sessions, |row| {
            Ok((owned(row)?, (row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?)))
        })
        .into_iter()
        .collect(),
        strains: rows(connection, strains, |row| Ok((owned(row)?, row.get(2)?))).into_iter().collect(),
    }
}

/// Reads the entries of a lot after those that are known.
pub(super) fn read_entries(
    connection: &Connection,
    person: &str,
    lot: &str,
    after: i64,
) -> Vec<(i64, Entry)> {
    let sql = "SELECT seq, kind, delta_mg, balance_after_mg, recorded_at, reverses_seq FROM stash_entries
       WHERE person_id = ?1 AND lot_id = ?2 AND seq > ?3 ORDER BY seq";
    let mut select = connection.prepare_cached(sql).expect("a query of the simulation");
    let read = |row: &Row<'_>| {
        let entry = Entry {
            kind: row.get(1)?,
            delta: row.get(2)?,
            balance: row.get(3)?,
            recorded_at: row.get(4)?,
            reverses: row.get(5)?,
            commit: 0,
        };
        Ok((row.get(0)?, entry))
    };
    let rows = select.query_map((person, lot, after), read).expect("a query of the simulation");
    rows.collect::<Result<_, _>>().expect("rows of the simulation's shape")
}

/// Reads observer's database; of the audit log what comes after an entry.
pub fn read_registry(connection: &Connection, audited: i64) -> Registry {
    let people = "SELECT id, email, status = 'active', epoch, version, display_name, wrapped
       FROM people JOIN person_keys ON person_id = id";
    let devices = "SELECT id, person_id, generation, revoked_at IS NOT NULL, rotated_at FROM devices";
    let account = |row: &Row<'_>| -> rusqlite::Result<Account> {
        let (id, wrapped): (String, String) = (row.get(0)?, row.get(6)?);
        let person = id.parse().expect("the id of a person");
        let key = PersonKey::unwrap(keyring(), person, Some(&wrapped)).expect("a key of the simulation's");
        let open = |field, text| key.open(field, &Sealed(text)).expect("a text of this person's");
        Ok(Account {
            email: open(Field::Email, row.get(1)?),
            active: row.get(2)?,
            epoch: row.get(3)?,
            version: row.get(4)?,
            name: open(Field::DisplayName, row.get(5)?),
        })
    };
    let login = |row: &Row<'_>| -> rusqlite::Result<Login> {
        Ok(Login {
            person: row.get(1)?,
            generation: row.get(2)?,
            revoked: row.get(3)?,
            rotated_at: row.get(4)?,
        })
    };
    Registry {
        people: rows(connection, people, |row| Ok((row.get(0)?, account(row)?))).into_iter().collect(),
        devices: rows(connection, devices, |row| Ok((row.get(0)?, login(row)?))).into_iter().collect(),
        audit: read_audit(connection, audited),
    }
}

fn read_audit(connection: &Connection, after: i64) -> Vec<(i64, String, String)> {
    let sql = "SELECT seq, action, entity FROM audit WHERE seq > ?1 ORDER BY seq";
    let mut select = connection.prepare_cached(sql).expect("a query of the simulation");
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let rows = select.query_map([after], read).expect("a query of the simulation");
    rows.collect::<Result<_, _>>().expect("rows of the simulation's shape")
}
