//! The SQL of passkeys.

use super::ceremony::{Algorithm, NewKey};
use super::challenge::Answered;
use crate::audit::{Entry, record};
use crate::mail::{self, Kind};
use crate::personal::{Field, PersonKey, Sealed};
use crate::signin::store::AccountRow;
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::secret::base64url;
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::contract::passkeys::Passkey;
use sesh_types::ids::{MailId, PersonId};
use sesh_types::time::{Timestamp, sql_ms, sql_ms_option};

/// Passkeys a person.
const MOST: u32 = 20;

/// A passkey as the database has it, for its owner.
#[derive(Debug, Deserialize)]
pub struct PasskeyRow {
    id: String,
    name: Sealed,
    is_backed_up: i64,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    created_at: Timestamp,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    last_used_at: Option<Timestamp>,
}

impl PasskeyRow {
    /// As its owner sees it.
    ///
    /// # Errors
    /// A defect, when its name cannot be read.
    pub fn opened(self, key: &PersonKey) -> Result<Passkey, Failure> {
        let Self { id, name, is_backed_up, created_at, last_used_at } = self;
        let name = key.open(Field::PasskeyName, &name)?;
        Ok(Passkey { id, name, is_backed_up: is_backed_up != 0, created_at, last_used_at })
    }
}

/// Somebody's passkeys, oldest first.
pub fn list(person: PersonId) -> Statement {
    sql!(
        "SELECT id, name, is_backed_up, created_at, last_used_at FROM passkeys
         WHERE person_id = ?1 ORDER BY created_at, id LIMIT ?2",
        person,
        MOST,
    )
}

/// Adds a passkey, by a challenge that was not answered before.
pub fn add(
    scope: Scope,
    answered: Answered,
    key: &NewKey,
    (passkey, name): (&Passkey, &Sealed),
    sign_count: u32,
    mail: MailId,
    entry: &Entry,
) -> Batch {
    spend_once(answered)
        .and(sql!(
            "INSERT INTO guard (failure, holds) SELECT 'factor_exists',
               (SELECT COUNT(*) FROM passkeys WHERE person_id = ?1) < ?2",
            scope.person,
            MOST,
        ))
        .and(record!(entry))
        .and(sql!(
            "INSERT INTO passkeys (id, tenant_id, person_id, algorithm, public_key, name, sign_count, is_backed_up,
               created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            &passkey.id,
            scope.tenant,
            scope.person,
            key.algorithm.as_str(),
            base64url(&key.key),
            &name.0,
            sign_count,
            passkey.is_backed_up,
            passkey.created_at,
        ))
        .and(mail::store::enqueue_to_owner(mail, scope.person, Kind::PasskeyAdded, entry.at))
}

/// Takes a passkey away; refuses with `not_found` when it is none of theirs.
pub fn remove(scope: Scope, id: &str, mail: MailId, entry: &Entry) -> Batch {
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found',
           EXISTS (SELECT 1 FROM passkeys WHERE id = ?1 AND person_id = ?2)",
        id,
        scope.person,
    ))
    .and(record!(entry))
    .and(sql!("DELETE FROM passkeys WHERE id = ?1 AND person_id = ?2", id, scope.person))
    .and(mail::store::enqueue_to_owner(mail, scope.person, Kind::PasskeyRemoved, entry.at))
}

/// A passkey and its owner's account, for signing in.
#[derive(Debug, Deserialize)]
pub struct OwnedRow {
    /// How it signs.
    pub algorithm: Algorithm,
    /// Its public half, base64url.
    pub public_key: String,
    /// How often it said that it signed.
    pub sign_count: i64,
    /// The owner's address.
    pub email: Sealed,
    /// The account.
    #[serde(flatten)]
    pub account: AccountRow,
}

/// The passkey of an id, with its owner.
pub fn owned(id: &str) -> Statement {
    sql!(
        "SELECT algorithm, public_key, sign_count, email, people.id AS id, display_name, time_zone, password_phc, status,
           epoch, version, people.created_at AS created_at, email_verified_at,
           (SELECT wrapped FROM person_keys WHERE person_id = people.id) AS wrapped,
           (SELECT id FROM totp WHERE person_id = people.id AND confirmed_at IS NOT NULL) AS totp_id
         FROM passkeys JOIN people ON people.id = passkeys.person_id WHERE passkeys.id = ?1",
        id
    )
}

/// Uses a passkey: its challenge was not answered before, and it counts on from where it stood, if it counts.
pub fn used(id: &str, answered: Answered, sign_count: u32, now: Timestamp) -> Batch {
    spend_once(answered)
        .and(sql!(
            "INSERT INTO guard (failure, holds) SELECT 'passkey_cloned', EXISTS (
               SELECT 1 FROM passkeys WHERE id = ?1 AND (sign_count < ?2 OR (sign_count = 0 AND ?2 = 0)))",
            id,
            sign_count,
        ))
        .and(sql!(
            "UPDATE passkeys SET sign_count = ?2, last_used_at = ?3 WHERE id = ?1",
            id,
            sign_count,
            now
        ))
}

/// Uses up a challenge, a way or a ticket; refuses with `challenge_spent` when it was used before.
pub fn spend_once(answered: Answered) -> Batch {
    Batch::from(must_be_unspent(answered)).and(spend(answered))
}

fn must_be_unspent(answered: Answered) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'challenge_spent',
           NOT EXISTS (SELECT 1 FROM spent_challenges WHERE id = ?1)",
        answered.id
    )
}

fn spend(answered: Answered) -> Statement {
    sql!("INSERT INTO spent_challenges (id, expires_at) VALUES (?1, ?2)", answered.id, answered.expires_at)
}

/// Forgets challenges that would be too old anyway.
pub fn forget_expired(now: Timestamp) -> Statement {
    sql!("DELETE FROM spent_challenges WHERE expires_at <= ?1", now)
}
