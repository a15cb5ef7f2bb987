//! What the cron trigger does with personal fields: encrypts what was written in plain before there were keys, and wraps
//! keys anew after a rotation of `PERSON_KEYS`. Each row is changed only if it still is what was read, so whoever edits
//! it meanwhile wins, and a row that failed is met again.

use super::{Field, Nobody, PersonKey, Sealed, blind, store};
use crate::keys::Keyring;
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Io, Statement};
use sesh_edge::sql;
use sesh_types::ids::{DeviceId, InvitationId, PersonId};

/// Rows read and changed at once.
const MOST: u32 = 100;
/// Rounds a minute.
const ROUNDS: u32 = 10;

#[derive(Deserialize)]
struct PlainPerson {
    id: PersonId,
    email: Sealed,
    display_name: Sealed,
}

#[derive(Deserialize)]
struct PlainDevice {
    id: DeviceId,
    person_id: PersonId,
    user_agent: Sealed,
    wrapped: String,
}

#[derive(Deserialize)]
struct PlainPasskey {
    id: String,
    person_id: PersonId,
    name: Sealed,
    wrapped: String,
}

#[derive(Deserialize)]
struct PlainInvitation {
    id: InvitationId,
    email: Sealed,
}

#[derive(Deserialize)]
struct OldKey {
    person_id: PersonId,
    wrapped: String,
}

/// Encrypts and wraps anew, a bounded number of rows; where there is nothing to do, nothing is read.
///
/// # Errors
/// When the database does not answer, or a key is gone.
pub async fn reseal(io: &Io, keys: &Keyring) -> Result<(), Failure> {
    for _ in 0..ROUNDS {
        let rows = io.db(in_plain(keys)).await?;
        let mut changes = Batch::new();
        for person in rows.all::<PlainPerson>(0)? {
            let key = store::ensure(io, keys, person.id, wrapped_of(io, person.id).await?.as_deref()).await?;
            changes.add(seal_person(io, keys, &key, &person)?);
        }
        for device in rows.all::<PlainDevice>(1)? {
            let key = PersonKey::unwrap(keys, device.person_id, Some(&device.wrapped))?;
            let sealed = key.seal(io, Field::UserAgent, &device.user_agent.0)?;
            changes.add(sql!(
                "UPDATE devices SET user_agent = ?2 WHERE id = ?1 AND user_agent = ?3",
                device.id,
                sealed.0,
                device.user_agent.0,
            ));
        }
        for passkey in rows.all::<PlainPasskey>(2)? {
            let key = PersonKey::unwrap(keys, passkey.person_id, Some(&passkey.wrapped))?;
            let sealed = key.seal(io, Field::PasskeyName, &passkey.name.0)?;
            changes.add(sql!(
                "UPDATE passkeys SET name = ?2 WHERE id = ?1 AND name = ?3",
                passkey.id,
                sealed.0,
                passkey.name.0,
            ));
        }
        for invitation in rows.all::<PlainInvitation>(3)? {
            let sealed = Nobody::Invitation(invitation.id).seal(keys, io, &invitation.email.0)?;
            changes.add(sql!(
                "UPDATE OR IGNORE invitations SET email = ?2, email_index = ?3 WHERE id = ?1 AND email = ?4",
                invitation.id,
                sealed.0,
                blind::email(keys, &invitation.email.0),
                invitation.email.0,
            ));
        }
        for old in rows.all::<OldKey>(4)? {
            let key = PersonKey::unwrap(keys, old.person_id, Some(&old.wrapped))?;
            changes.add(sql!(
                "UPDATE person_keys SET key_id = ?2, wrapped = ?3 WHERE person_id = ?1 AND wrapped = ?4",
                old.person_id,
                keys.people.key_id(),
                key.wrap(keys, io)?,
                old.wrapped,
            ));
        }
        if changes.is_empty() {
            return Ok(());
        }
        io.db(changes).await?;
    }
    Ok(())
}

async fn wrapped_of(io: &Io, person: PersonId) -> Result<Option<String>, Failure> {
    Ok(io.db(store::key_of(person)).await?.first::<store::KeyRow>(0)?.and_then(|row| row.wrapped))
}

fn seal_person(io: &Io, keys: &Keyring, key: &PersonKey, person: &PlainPerson) -> Result<Statement, Failure> {
    let PlainPerson { id, email, display_name } = person;
    // Either of them may have been encrypted by an edit since there are keys.
    let (address, name) = (key.open(Field::Email, email)?, key.open(Field::DisplayName, display_name)?);
    Ok(sql!(
        "UPDATE OR IGNORE people SET email = ?2, email_index = ?3, display_name = ?4, name_index = ?5, display_key = ''
         WHERE id = ?1 AND email = ?6 AND display_name = ?7",
        *id,
        key.seal(io, Field::Email, &address)?.0,
        blind::email(keys, &address),
        key.seal(io, Field::DisplayName, &name)?.0,
        blind::name(keys, &name),
        &email.0,
        &display_name.0,
    ))
}

fn in_plain(keys: &Keyring) -> Batch {
    Batch::from(sql!("SELECT id, email, display_name FROM people WHERE email_index IS NULL LIMIT ?1", MOST))
        .and(sql!(
            "SELECT devices.id AS id, devices.person_id AS person_id, user_agent, wrapped
             FROM devices JOIN person_keys ON person_keys.person_id = devices.person_id
             WHERE substr(user_agent, 1, 1) <> char(1) LIMIT ?1",
            MOST,
        ))
        .and(sql!(
            "SELECT passkeys.id AS id, passkeys.person_id AS person_id, name, wrapped
             FROM passkeys JOIN person_keys ON person_keys.person_id = passkeys.person_id
             WHERE substr(name, 1, 1) <> char(1) LIMIT ?1",
            MOST,
        ))
        .and(sql!("SELECT id, email FROM invitations WHERE email_index IS NULL LIMIT ?1", MOST))
        .and(sql!(
            "SELECT person_id, wrapped FROM person_keys WHERE key_id < ?1
             UNION ALL SELECT person_id, wrapped FROM person_keys WHERE key_id > ?1 LIMIT ?2",
            keys.people.key_id(),
            MOST,
        ))
}
