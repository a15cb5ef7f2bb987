//! What the databases hold, as far as the model is about it.

use super::Entry;
use crate::fleet::keyring;
use crate::people::person_of;
use observer::personal::{Field, PersonKey, Sealed};
use rusqlite::{Connection, Row};
use std::collections::{BTreeMap, BTreeSet};

/// Owner (see [`crate::people::owner`]) and id.
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
    /// The number of the last change, by owner.
    pub changes: BTreeMap<String, i64>,
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
    /// When they signed up.
    pub created_at: i64,
}

/// A row of `devices`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Login {
    /// Whose.
    pub person: String,
    /// In which tenant it works.
    pub tenant: String,
    /// Generation of the refresh token.
    pub generation: i64,
    /// Whether it ended.
    pub revoked: bool,
    /// When it got the generation.
    pub rotated_at: i64,
}

/// What stands in a device's place: an API key of a person's, or a while in which a member of staff acts as one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stand {
    /// Whether a member of staff acts.
    pub acts: bool,
    /// Whose, or as whom.
    pub person: String,
    /// In which tenant.
    pub tenant: String,
    /// What it may do, as JSON; of staff who.
    pub scopes: String,
    /// Whether it was ended.
    pub ended: bool,
    /// Until when it counts.
    pub until: i64,
    /// Whether another key took its place.
    pub replaced: bool,
}

/// A tenant that is not the consumers'.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tenant {
    /// Its name in addresses.
    pub slug: String,
    /// Whether it is open.
    pub open: bool,
    /// Counts its changes.
    pub version: i64,
}

/// Who is asked to join.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invitation {
    /// Which tenant.
    pub tenant: String,
    /// Whether it was accepted.
    pub over: bool,
}

/// What observer's database holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
    /// By id.
    pub people: BTreeMap<String, Account>,
    /// By id.
    pub devices: BTreeMap<String, Login>,
    /// By id.
    pub stands: BTreeMap<String, Stand>,
    /// By id.
    pub tenants: BTreeMap<String, Tenant>,
    /// Tenant and person.
    pub members: BTreeSet<(String, String)>,
    /// By id.
    pub invitations: BTreeMap<String, Invitation>,
    /// Codes of programs: whether they were used, and the grant that they lead to.
    pub codes: BTreeMap<String, (bool, String)>,
    /// Action and entity of entries of the audit log after those that are known.
    pub audit: Vec<(i64, String, String)>,
}

fn rows<T>(connection: &Connection, sql: &str, read: impl Fn(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    let mut select = connection.prepare_cached(sql).expect("a query of the simulation");
    let rows = select.query_map([], |row| read(row)).expect("a query of the simulation");
    rows.collect::<Result<_, _>>().expect("rows of the simulation's shape")
}

/// Whose rows they are, in SQL.
macro_rules! owner {
    ($column:literal) => {
        concat!($column, " || iif(tenant_id = '01920000-0000-7000-8000-000000000001', '', '@' || tenant_id)")
    };
}

/// Reads tracker's database.
pub fn read_lots(connection: &Connection) -> Lots {
    let owned = |row: &Row<'_>| -> rusqlite::Result<Owned> { Ok((row.get(0)?, row.get(1)?)) };
    let lots = concat!("SELECT ", owner!("person_id"), ", id, balance_mg, last_seq, strain_id FROM lots");
    let sessions = concat!(
        "SELECT ",
        owner!("person_id"),
        ", id, version, deleted_at IS NOT NULL, items, occurred_at FROM sessions"
    );
    let strains =
        concat!("SELECT ", owner!("owner_id"), ", id, name FROM strains WHERE owner_id IS NOT NULL");
    let changes = concat!("SELECT ", owner!("person_id"), ", changes FROM members WHERE changes <> 0");
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
        changes: rows(connection, changes, |row| Ok((row.get(0)?, row.get(1)?))).into_iter().collect(),
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
    let rows = select.query_map((person_of(person), lot, after), read).expect("a query of the simulation");
    rows.collect::<Result<_, _>>().expect("rows of the simulation's shape")
}

/// Reads observer's database; of the audit log what comes after an entry.
pub fn read_registry(connection: &Connection, audited: i64) -> Registry {
    let people = "SELECT id, email, status = 'active', epoch, version, display_name, wrapped, created_at
       FROM people JOIN person_keys ON person_id = id";
    let devices =
        "SELECT id, person_id, generation, revoked_at IS NOT NULL, rotated_at, tenant_id FROM devices";
    let stands = "SELECT id, 0, person_id, tenant_id, scopes, revoked_at IS NOT NULL, expires_at, replaced_by IS NOT NULL
       FROM api_keys WHERE person_id IS NOT NULL
       UNION ALL
       SELECT id, 1, person_id, tenant_id, staff_id, ended_at IS NOT NULL, expires_at, 0 FROM impersonations";
    let tenants = "SELECT id, slug, status = 'active', version FROM tenants
       WHERE id <> '01920000-0000-7000-8000-000000000001'";
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
            created_at: row.get(7)?,
        })
    };
    let login = |row: &Row<'_>| -> rusqlite::Result<Login> {
        Ok(Login {
            person: row.get(1)?,
            generation: row.get(2)?,
            revoked: row.get(3)?,
            rotated_at: row.get(4)?,
            tenant: row.get(5)?,
        })
    };
    let stand = |row: &Row<'_>| -> rusqlite::Result<(String, Stand)> {
        let stand = Stand {
            acts: row.get(1)?,
            person: row.get(2)?,
            tenant: row.get(3)?,
            scopes: row.get(4)?,
            ended: row.get(5)?,
            until: row.get(6)?,
            replaced: row.get(7)?,
        };
        Ok((row.get(0)?, stand))
    };
    let tenant = |row: &Row<'_>| -> rusqlite::Result<(String, Tenant)> {
        Ok((row.get(0)?, Tenant { slug: row.get(1)?, open: row.get(2)?, version: row.get(3)? }))
    };
    let invitation = |row: &Row<'_>| -> rusqlite::Result<(String, Invitation)> {
        Ok((row.get(0)?, Invitation { tenant: row.get(1)?, over: row.get(2)? }))
    };
    let pair = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let code = |row: &Row<'_>| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)));
    Registry {
        people: rows(connection, people, |row| Ok((row.get(0)?, account(row)?))).into_iter().collect(),
        devices: rows(connection, devices, |row| Ok((row.get(0)?, login(row)?))).into_iter().collect(),
        stands: rows(connection, stands, stand).into_iter().collect(),
        tenants: rows(connection, tenants, tenant).into_iter().collect(),
        members: rows(connection, "SELECT tenant_id, person_id FROM memberships", pair).into_iter().collect(),
        invitations: rows(
            connection,
            "SELECT id, tenant_id, ended_at IS NOT NULL FROM invitations",
            invitation,
        )
        .into_iter()
        .collect(),
        codes: rows(connection, "SELECT id, used_at IS NOT NULL, device_id FROM oauth_codes", code)
            .into_iter()
            .collect(),
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
