//! The SQL of erasing. Each table with a column that says whose a row is has its statement here, which a test holds
//! against the migrations.

use serde::Deserialize;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::{idempotency, sql};
use sesh_types::ids::{PersonId, TenantId};
use sesh_types::time::Timestamp;

/// Somebody who is erased.
#[derive(Debug, Deserialize)]
pub(crate) struct Person {
    pub(crate) person_id: PersonId,
}

/// Whether nothing is left.
#[derive(Debug, Deserialize)]
pub(crate) struct Left {
    pub(crate) is_done: i64,
}

/// The tenants that a person (`?1`) wrote in: keys begin with the tenant.
macro_rules! tenants {
    () => {
        "(SELECT value FROM erasures, json_each(tenant_ids) WHERE person_id = ?1
          UNION SELECT tenant_id FROM members WHERE person_id = ?1)"
    };
}

/// Deletes up to `?2` rows of a table, by its key.
macro_rules! slice_of {
    ($table:literal, $key:literal, $owner:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE (",
            $key,
            ") IN (SELECT ",
            $key,
            " FROM ",
            $table,
            " WHERE tenant_id IN ",
            tenants!(),
            " AND ",
            $owner,
            " = ?1 LIMIT ?2)"
        )
    };
}

/// Whether a table holds something of the person.
macro_rules! has {
    ($table:literal, $owner:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM ",
            $table,
            " WHERE tenant_id IN ",
            tenants!(),
            " AND ",
            $owner,
            " = ?1)"
        )
    };
}

/// Notes that somebody is erased.
pub(super) fn begin(person: PersonId, tenants: &[TenantId], at: Timestamp) -> Statement {
    sql!(
        "INSERT INTO erasures (person_id, erased_at, tenant_ids) VALUES (?1, ?2, ?3) ON CONFLICT (person_id) DO NOTHING",
        person,
        at,
        serde_json::json!(tenants).to_string(),
    )
}

/// A tenant that they may have a hub in.
#[derive(Debug, Deserialize)]
pub(crate) struct Tenant {
    pub(crate) tenant_id: TenantId,
}

/// The tenants in which somebody who is erased may have a hub.
pub(super) fn tenants(person: PersonId) -> Statement {
    sql!(
        concat!("SELECT value AS tenant_id FROM ", tenants!(), " UNION SELECT ?2"),
        person,
        TenantId::CONSUMERS
    )
}

/// Deletes up to `most` rows of each table, and notes when none is left, once nothing is left elsewhere (`is_forgotten`). The row of `members` goes last, as it tells of
/// tenants. Its last statement tells whether it is done.
pub(super) fn slice(person: PersonId, most: u32, now: Timestamp, is_forgotten: bool) -> Batch {
    Batch::from(sql!(
        slice_of!("stash_entries", "tenant_id, person_id, lot_id, recorded_at, seq", "person_id"),
        person,
        most
    ))
    .and(sql!(slice_of!("sessions", "tenant_id, person_id, id", "person_id"), person, most))
    .and(sql!(slice_of!("lots", "tenant_id, person_id, id", "person_id"), person, most))
    .and(sql!(slice_of!("presets", "tenant_id, person_id, id", "person_id"), person, most))
    .and(sql!(slice_of!("goals", "tenant_id, person_id, id", "person_id"), person, most))
    .and(sql!(slice_of!("breaks", "tenant_id, person_id, id", "person_id"), person, most))
    .and(sql!(
        slice_of!("import_pieces", "tenant_id, person_id, import_id, piece", "person_id"),
        person,
        most
    ))
    .and(sql!(slice_of!("imports", "tenant_id, person_id, id", "person_id"), person, most))
    .and(sql!(
        concat!(
            "DELETE FROM strain_tags WHERE number IN (
               SELECT number FROM strains WHERE tenant_id IN ",
            tenants!(),
            " AND owner_id = ?1 ORDER BY number LIMIT ?2)"
        ),
        person,
        most
    ))
    .and(sql!(
        concat!(
            "DELETE FROM strains WHERE number IN (
               SELECT number FROM strains WHERE tenant_id IN ",
            tenants!(),
            " AND owner_id = ?1 ORDER BY number LIMIT ?2)"
        ),
        person,
        most
    ))
    .and(idempotency::forget_all_of(person))
    .and(sql!(
        concat!(
            "UPDATE erasures SET done_at = ?2 WHERE person_id = ?1 AND ?3 AND done_at IS NULL AND NOT (",
            has!("stash_entries", "person_id"),
            " OR ",
            has!("sessions", "person_id"),
            " OR ",
            has!("lots", "person_id"),
            " OR ",
            has!("presets", "person_id"),
            " OR ",
            has!("goals", "person_id"),
            " OR ",
            has!("breaks", "person_id"),
            " OR ",
            has!("import_pieces", "person_id"),
            " OR ",
            has!("imports", "person_id"),
            " OR ",
            has!("strains", "owner_id"),
            ")"
        ),
        person,
        now,
        is_forgotten
    ))
    .and(sql!(
        "DELETE FROM members WHERE person_id = ?1
           AND EXISTS (SELECT 1 FROM erasures WHERE person_id = ?1 AND done_at IS NOT NULL)",
        person
    ))
    .and(sql!(
        "SELECT EXISTS (SELECT 1 FROM erasures WHERE person_id = ?1 AND done_at IS NOT NULL) AS is_done",
        person
    ))
}

/// People of whom something may be left.
pub(super) fn under_way(most: u32) -> Statement {
    sql!("SELECT person_id FROM erasures WHERE done_at IS NULL LIMIT ?1", most)
}
