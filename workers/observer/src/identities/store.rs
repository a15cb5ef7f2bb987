//! The SQL of accounts at other providers.

use crate::audit::{Entry, record};
use crate::mail::{self, Kind};
use crate::passkeys::challenge::Answered;
use crate::passkeys::store::spend_once;
use crate::personal::Sealed;
use crate::signin::store::AccountRow;
use serde::Deserialize;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::contract::identities::Identity;
use sesh_types::ids::{FactorId, MailId, PersonId};
use sesh_types::time::{Timestamp, sql_ms, sql_ms_option};

use super::ticket::Proven;

/// The account that an identity signs in to, with its address.
#[derive(Debug, Deserialize)]
pub struct LinkedRow {
    /// The address.
    pub email: Sealed,
    /// The account.
    #[serde(flatten)]
    pub account: AccountRow,
}

/// The account of an identity.
pub fn linked(identity: &str) -> Statement {
    sql!(
        "SELECT email, people.id AS id, display_name, time_zone, password_phc, status, epoch, version, created_at,
           email_verified_at, (SELECT wrapped FROM person_keys WHERE person_id = people.id) AS wrapped,
           (SELECT id FROM totp WHERE person_id = people.id AND confirmed_at IS NOT NULL) AS totp_id
         FROM identities JOIN people ON people.id = identities.person_id WHERE identities.id = ?1",
        identity,
    )
}

/// A row when a browser's way has ended already.
pub fn is_spent(id: FactorId) -> Statement {
    sql!("SELECT 1 AS found FROM spent_challenges WHERE id = ?1", id)
}

/// Notes that somebody came back from a provider whom nobody here is linked to.
pub fn proven(way: Answered, entry: &Entry) -> Batch {
    spend_once(way).and(record!(entry))
}

/// Signs in by an identity, which must still be linked to that person.
pub fn used(identity: &str, person: PersonId, now: Timestamp) -> Batch {
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'credentials_changed',
           EXISTS (SELECT 1 FROM identities WHERE id = ?1 AND person_id = ?2)",
        identity,
        person,
    ))
    .and(sql!("UPDATE identities SET last_used_at = ?2 WHERE id = ?1", identity, now))
}

/// What a new person has who signs up with an identity: no password that anybody knows.
pub fn sign_up(scope: Scope, proven: &Proven, now: Timestamp) -> Batch {
    spend_once(proven.used())
        .and(sql!("UPDATE people SET has_password = 0 WHERE id = ?1", scope.person))
        .and(insert(scope, proven, now))
}

/// Links an identity to somebody.
pub fn link(scope: Scope, proven: &Proven, mail: MailId, entry: &Entry) -> Batch {
    spend_once(proven.used())
        .and(record!(entry))
        .and(insert(scope, proven, entry.at))
        .and(mail::store::enqueue_to_owner(mail, scope.person, Kind::IdentityLinked, entry.at))
}

fn insert(scope: Scope, proven: &Proven, now: Timestamp) -> Statement {
    sql!(
        "INSERT INTO identities (id, tenant_id, person_id, issuer, provider, linked_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &proven.identity,
        scope.tenant,
        scope.person,
        &proven.issuer,
        proven.provider.to_string(),
        now,
    )
}

/// Unlinks somebody's identity at an issuer; refuses with `not_found` when there is none. Whoever can ask for it has shown
/// a password, so there is still a way in.
pub fn unlink(scope: Scope, issuer: &str, mail: MailId, entry: &Entry) -> Batch {
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found',
           EXISTS (SELECT 1 FROM identities WHERE person_id = ?1 AND issuer = ?2)",
        scope.person,
        issuer,
    ))
    .and(record!(entry))
    .and(sql!("DELETE FROM identities WHERE person_id = ?1 AND issuer = ?2", scope.person, issuer))
    .and(mail::store::enqueue_to_owner(mail, scope.person, Kind::IdentityUnlinked, entry.at))
}

/// Whether somebody has a password.
#[derive(Debug, Deserialize)]
pub struct PasswordRow {
    /// 1, or 0.
    pub has_password: i64,
}

/// An identity as the database has it.
#[derive(Debug, Deserialize)]
pub struct IdentityRow {
    provider: String,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    linked_at: Timestamp,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    last_used_at: Option<Timestamp>,
}

impl From<IdentityRow> for Identity {
    fn from(IdentityRow { provider, linked_at, last_used_at }: IdentityRow) -> Self {
        Self { provider, linked_at, last_used_at }
    }
}

/// By which ways somebody gets in: whether there is a password, and the identities, oldest first.
pub fn list(person: PersonId) -> Batch {
    Batch::from(sql!("SELECT has_password FROM people WHERE id = ?1", person)).and(sql!(
        "SELECT provider, linked_at, last_used_at FROM identities WHERE person_id = ?1 ORDER BY linked_at, id",
        person,
    ))
}
