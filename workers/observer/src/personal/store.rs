//! The SQL of people's keys.

use super::PersonKey;
use crate::keys::Keyring;
use serde::Deserialize;
use sesh_edge::http::{Failure, Refusal};
use sesh_edge::io::{Batch, Io, Statement};
use sesh_edge::sql;
use sesh_types::ids::{PersonId, TenantId};

/// Somebody's key as the database has it.
#[derive(Clone, Debug, Deserialize)]
pub struct KeyRow {
    /// The key, wrapped; none of somebody who signed up before there were keys.
    pub wrapped: Option<String>,
}

/// Somebody's key: one row when there is such a person.
pub fn key_of(person: PersonId) -> Statement {
    sql!(
        "SELECT (SELECT wrapped FROM person_keys WHERE person_id = people.id) AS wrapped FROM people WHERE id = ?1",
        person
    )
}

/// Keeps a new person's key.
///
/// # Errors
/// A defect, when it cannot be wrapped.
pub fn keep(keys: &Keyring, io: &Io, tenant: TenantId, key: &PersonKey) -> Result<Statement, Failure> {
    Ok(sql!(
        "INSERT INTO person_keys (person_id, tenant_id, key_id, wrapped) VALUES (?1, ?2, ?3, ?4)",
        key.person(),
        tenant,
        keys.people.key_id(),
        key.wrap(keys, io)?,
    ))
}

/// Somebody's key, to encrypt with. Who has none yet gets one: of many who make one at once, one key stays.
///
/// # Errors
/// 401 when there is no such person; else as [`Io::db`].
pub async fn ensure(
    io: &Io,
    keys: &Keyring,
    person: PersonId,
    wrapped: Option<&str>,
) -> Result<PersonKey, Failure> {
    if wrapped.is_some() {
        return PersonKey::unwrap(keys, person, wrapped);
    }
    let made = PersonKey::new(person, io).wrap(keys, io)?;
    let rows = io
        .db(Batch::from(sql!(
            "INSERT INTO person_keys (person_id, tenant_id, key_id, wrapped)
             SELECT id, tenant_id, ?2, ?3 FROM people WHERE id = ?1 ON CONFLICT (person_id) DO NOTHING",
            person,
            keys.people.key_id(),
            made,
        ))
        .and(key_of(person)))
        .await?;
    let row = rows.first::<KeyRow>(1)?.ok_or_else(Refusal::unauthorized)?;
    PersonKey::unwrap(keys, person, row.wrapped.as_deref())
}
