//! The SQL of the outbox for mails.

use super::{Kind, NewMail};
use crate::keys::Keyring;
use crate::personal::{Field, Nobody, PersonKey, Sealed, blind};
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_types::ids::{MailId, PersonId, TenantId};
use sesh_types::time::{DAY_MS, Timestamp, sql_ms};

/// Tries before a mail is given up.
pub const MOST_ATTEMPTS: i64 = 8;

/// A mail that somebody is about to send.
#[derive(Debug, Deserialize)]
pub struct ClaimedRow {
    /// Its id.
    pub id: MailId,
    /// The tenant.
    pub tenant_id: TenantId,
    /// Whom it is about.
    pub person_id: Option<PersonId>,
    /// Which text.
    pub kind: Kind,
    recipient: Sealed,
    wrapped: Option<String>,
    /// Until when it is worth sending.
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub expires_at: Timestamp,
    /// Which try this is, from 1.
    pub attempts: i64,
    /// What the app is called where the person signed up, or who invites, if a tenant chose a name.
    pub named: Option<String>,
    /// Where that tenant's people may ask for help.
    pub support_email: Option<String>,
}

impl ClaimedRow {
    /// To whom.
    ///
    /// # Errors
    /// A defect, when the address cannot be read.
    pub fn recipient(&self, keys: &Keyring) -> Result<String, Failure> {
        match self.person_id {
            Some(person) => {
                PersonKey::unwrap(keys, person, self.wrapped.as_deref())?.open(Field::Email, &self.recipient)
            }
            None => Nobody::Mail(self.id).open(keys, &self.recipient),
        }
    }
}

/// A row that says that there is one.
#[derive(Debug, Deserialize)]
pub struct Found {}

/// Puts a mail into the outbox; belongs in the batch of the change that it tells of.
pub fn enqueue(mail: &NewMail) -> Statement {
    sql!(
        "INSERT INTO mails (id, tenant_id, person_id, kind, recipient, recipient_index, created_at, expires_at, due_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?8, ?6, ?7, ?6)",
        mail.id,
        mail.tenant,
        mail.person,
        mail.kind.as_str(),
        &mail.recipient.0,
        mail.at,
        mail.at.plus_ms(mail.kind.life_ms()),
        &mail.index,
    )
}

/// Puts a mail of whom nobody knows into the outbox, if it may go.
pub fn enqueue_if(mail: &NewMail, may_go: bool) -> Statement {
    sql!(
        "INSERT INTO mails (id, tenant_id, person_id, kind, recipient, recipient_index, created_at, expires_at, due_at)
         SELECT ?1, ?2, NULL, ?3, ?4, ?8, ?5, ?6, ?5 WHERE ?7 = 1",
        mail.id,
        mail.tenant,
        mail.kind.as_str(),
        &mail.recipient.0,
        mail.at,
        mail.at.plus_ms(mail.kind.life_ms()),
        i64::from(may_go),
        &mail.index,
    )
}

/// Puts a mail to the address that its person has at this moment of the batch into the outbox.
pub fn enqueue_to_owner(id: MailId, person: PersonId, kind: Kind, at: Timestamp) -> Statement {
    sql!(
        "INSERT INTO mails (id, tenant_id, person_id, kind, recipient, recipient_index, created_at, expires_at, due_at)
         SELECT ?1, tenant_id, id, ?3, email, email_index, ?4, ?5, ?4 FROM people WHERE id = ?2",
        id,
        person,
        kind.as_str(),
        at,
        at.plus_ms(kind.life_ms()),
    )
}

/// Takes up to `most` mails that are due until `until`: of many who try at once, each mail has one.
pub fn claim(claim: &str, now: Timestamp, until: Timestamp, most: u32) -> Statement {
    sql!(
        "UPDATE mails SET attempts = attempts + 1, due_at = ?3, claim = ?1
         WHERE id IN (SELECT id FROM mails WHERE dead_at IS NULL AND due_at <= ?2 AND attempts < ?5
                      ORDER BY due_at LIMIT ?4)
         RETURNING id, tenant_id, person_id, kind, recipient, expires_at, attempts,
           (SELECT wrapped FROM person_keys WHERE person_keys.person_id = mails.person_id) AS wrapped,
           (SELECT display_name FROM brands WHERE brands.tenant_id = coalesce(
             (SELECT signed_up_at_tenant FROM people WHERE people.id = mails.person_id), mails.tenant_id)) AS named,
           (SELECT support_email FROM brands WHERE brands.tenant_id = coalesce(
             (SELECT signed_up_at_tenant FROM people WHERE people.id = mails.person_id), mails.tenant_id)) AS support_email",
        claim,
        now,
        until,
        most,
        MOST_ATTEMPTS,
    )
}

/// Forgets a mail that was taken, or need not be sent any more.
pub fn done(id: MailId, claim: &str) -> Statement {
    sql!("DELETE FROM mails WHERE id = ?1 AND claim = ?2", id, claim)
}

/// Leaves a mail that nobody took for later.
pub fn later(id: MailId, claim: &str, due_at: Timestamp) -> Statement {
    sql!("UPDATE mails SET due_at = ?3, claim = NULL WHERE id = ?1 AND claim = ?2", id, claim, due_at)
}

/// Gives up mails whose tries are used up, also those whose last try was cut short; forgets those given up long ago.
/// Rows of the first statement: those given up now.
pub fn bury(now: Timestamp) -> Batch {
    const KEPT_MS: i64 = 7 * DAY_MS;
    Batch::from(sql!(
        "UPDATE mails SET dead_at = ?1 WHERE dead_at IS NULL AND attempts >= ?2 AND due_at <= ?1 RETURNING id",
        now,
        MOST_ATTEMPTS,
    ))
    .and(sql!("DELETE FROM mails WHERE dead_at <= ?1", now.plus_ms(-KEPT_MS)))
}

/// Makes the proof of a mail that carries a token, if there is still something to prove. The last statement has a row
/// when the mail is to be sent.
pub fn prove(keys: &Keyring, row: &ClaimedRow, address: &str, now: Timestamp) -> Batch {
    let index = blind::email(keys, address);
    let make = match row.kind {
        Kind::ResetPassword => reset_password(row, &index, address, now),
        Kind::ChangeEmail => change_email(row, &index, address, now),
        _ => verify_email(row, &index, address, now),
    };
    Batch::from(make).and(sql!(
        "SELECT 1 AS found FROM proofs JOIN people ON people.id = proofs.person_id
         WHERE proofs.id = ?1 AND proofs.used_at IS NULL AND proofs.expires_at > ?2 AND people.status = 'active'",
        row.id,
        now,
    ))
}

/// For whoever has this address, if they may sign in and did not end the request meanwhile.
fn reset_password(row: &ClaimedRow, index: &str, address: &str, now: Timestamp) -> Statement {
    sql!(
        "INSERT INTO proofs (id, tenant_id, person_id, purpose, created_at, expires_at)
         SELECT ?1, tenant_id, id, 'reset_password', ?4, ?5 FROM people
         WHERE ((tenant_id = ?2 AND email_index = ?3) OR (tenant_id = ?2 AND email = ?6)) AND status = 'active'
           AND EXISTS (SELECT 1 FROM mails WHERE mails.id = ?1)
         ON CONFLICT (id) DO NOTHING",
        row.id,
        row.tenant_id,
        index,
        now,
        row.expires_at,
        address,
    )
}

fn verify_email(row: &ClaimedRow, index: &str, address: &str, now: Timestamp) -> Statement {
    sql!(
        "INSERT INTO proofs (id, tenant_id, person_id, purpose, created_at, expires_at)
         SELECT ?1, tenant_id, id, 'verify_email', ?4, ?5 FROM people
         WHERE id = ?2 AND (email_index = ?3 OR email = ?6) AND email_verified_at IS NULL AND status = 'active'
         ON CONFLICT (id) DO NOTHING",
        row.id,
        row.person_id,
        index,
        now,
        row.expires_at,
        address,
    )
}

/// To an address that has an account nothing is sent, and nobody is told.
fn change_email(row: &ClaimedRow, index: &str, address: &str, now: Timestamp) -> Statement {
    sql!(
        "INSERT INTO proofs (id, tenant_id, person_id, purpose, email, email_index, created_at, expires_at)
         SELECT ?1, tenant_id, id, 'change_email', ?3, ?6, ?4, ?5 FROM people
         WHERE id = ?2 AND status = 'active' AND EXISTS (SELECT 1 FROM mails WHERE mails.id = ?1)
           AND NOT EXISTS (SELECT 1 FROM people AS others
             WHERE (others.tenant_id = people.tenant_id AND others.email_index = ?6)
               OR (others.tenant_id = people.tenant_id AND others.email = ?7))
         ON CONFLICT (id) DO NOTHING",
        row.id,
        row.person_id,
        &row.recipient.0,
        now,
        row.expires_at,
        index,
        address,
    )
}
