//! The SQL of taking lost factors away.

use crate::audit::{Entry, record};
use crate::mail::{self, Kind};
use crate::notices;
use serde::Deserialize;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_types::ids::{MailId, PersonId, TenantId};
use sesh_types::time::{HOUR_MS, Timestamp, sql_ms};

/// How long the owner has to turn up.
pub const DELAY_MS: i64 = 24 * HOUR_MS;

/// A reset that is due, or about to be.
#[derive(Debug, Deserialize)]
pub struct ResetRow {
    /// Whose factors.
    pub person_id: PersonId,
    /// Their tenant.
    pub tenant_id: TenantId,
    /// Who asked for it.
    pub asked_by: String,
    /// When it happens.
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub due_at: Timestamp,
}

/// A person's reset that waits.
pub fn waiting(person: PersonId) -> Statement {
    sql!("SELECT person_id, tenant_id, asked_by, due_at FROM factor_resets WHERE person_id = ?1", person)
}

/// The resets that are due.
pub fn due(now: Timestamp) -> Statement {
    sql!(
        "SELECT person_id, tenant_id, asked_by, due_at FROM factor_resets WHERE due_at <= ?1 ORDER BY due_at LIMIT 20",
        now,
    )
}

/// Asks for a reset in a day, and tells the owner; one that waits already stays as it is.
pub fn ask(person: PersonId, mail: MailId, entry: &Entry) -> Batch {
    Batch::from(must_exist(person))
        .and(record!(entry))
        .and(sql!(
            "INSERT INTO mails (id, tenant_id, person_id, kind, recipient, recipient_index, created_at, expires_at,
               due_at)
             SELECT ?1, tenant_id, id, ?3, email, email_index, ?4, ?5, ?4 FROM people
             WHERE id = ?2 AND NOT EXISTS (SELECT 1 FROM factor_resets WHERE person_id = ?2)",
            mail,
            person,
            Kind::FactorResetAsked.as_str(),
            entry.at,
            entry.at.plus_ms(Kind::FactorResetAsked.life_ms()),
        ))
        .and(sql!(
            "INSERT INTO factor_resets (person_id, tenant_id, asked_by, asked_at, due_at)
             SELECT id, tenant_id, ?2, ?3, ?4 FROM people WHERE id = ?1 ON CONFLICT (person_id) DO NOTHING",
            person,
            &entry.actor,
            entry.at,
            entry.at.plus_ms(DELAY_MS),
        ))
}

/// Takes every way in away but the mailbox: generator, recovery codes, passkeys, accounts elsewhere, devices, password.
/// `nobodys_phc` is the hash of what nobody knows. Without a condition when an administrator has seen who asks, else
/// only while the reset waits and is due.
pub fn reset(person: PersonId, nobodys_phc: &str, mail: MailId, entry: &Entry, waits: bool) -> Batch {
    let must_wait = sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found', ?3 = 0 OR EXISTS (
           SELECT 1 FROM factor_resets WHERE person_id = ?1 AND due_at <= ?2)",
        person,
        entry.at,
        waits,
    );
    let tell = sql!(
        "INSERT INTO notices (body)
         SELECT json_object('kind', 'revoked', 'subject', 'person:' || id, 'min_epoch', epoch + 1, 'expires_at', ?2)
         FROM people WHERE id = ?1",
        person,
        notices::tokens_expired_by(entry.at).to_string(),
    );
    Batch::from(must_exist(person))
        .and(must_wait)
        .and(record!(entry))
        .and(tell)
        .and(sql!(
            "UPDATE devices SET revoked_at = ?2 WHERE person_id = ?1 AND revoked_at IS NULL",
            person,
            entry.at,
        ))
        .and(sql!("DELETE FROM totp WHERE person_id = ?1", person))
        .and(sql!(
            "DELETE FROM recovery_uses WHERE set_id IN (SELECT id FROM recovery_sets WHERE person_id = ?1)",
            person,
        ))
        .and(sql!("DELETE FROM recovery_sets WHERE person_id = ?1", person))
        .and(sql!("DELETE FROM passkeys WHERE person_id = ?1", person))
        .and(sql!("DELETE FROM identities WHERE person_id = ?1", person))
        .and(sql!(
            "UPDATE people SET password_phc = ?2, has_password = 0, epoch = epoch + 1 WHERE id = ?1",
            person,
            nobodys_phc,
        ))
        .then(crate::proofs::end_pending(person, entry.at))
        .and(end(person))
        .and(mail::store::enqueue_to_owner(mail, person, Kind::FactorsReset, entry.at))
}

/// Ends a reset that waits: by an administrator who takes it back, and by the owner, who has shown a factor.
pub fn end(person: PersonId) -> Statement {
    sql!("DELETE FROM factor_resets WHERE person_id = ?1", person)
}

/// Takes a reset back; refuses with `not_found` when none waits.
pub fn take_back(person: PersonId, entry: &Entry) -> Batch {
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found',
           EXISTS (SELECT 1 FROM factor_resets WHERE person_id = ?1)",
        person
    ))
    .and(record!(entry))
    .and(end(person))
}

fn must_exist(person: PersonId) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found', EXISTS (SELECT 1 FROM people WHERE id = ?1)",
        person
    )
}
