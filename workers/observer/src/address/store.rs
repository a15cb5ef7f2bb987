//! The SQL of e-mail addresses.

use crate::audit::{Entry, record};
use crate::keys::Keyring;
use crate::mail::{self, Kind, NewMail};
use crate::personal::{Field, PersonKey, Sealed, blind};
use crate::proofs::{self, Proof, Purpose};
use crate::reauth::Confirmed;
use crate::signin::store::must_be_free_in_plain;
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::ids::{MailId, PersonId};

/// Somebody's address, and whether it is proven.
#[derive(Debug, Deserialize)]
pub struct AddressRow {
    id: PersonId,
    email: Sealed,
    /// Their key.
    pub wrapped: Option<String>,
    /// 1 when it is proven to be theirs.
    pub is_verified: i64,
}

impl AddressRow {
    /// The address.
    ///
    /// # Errors
    /// A defect, when it cannot be read.
    pub fn email(&self, keys: &Keyring) -> Result<String, Failure> {
        PersonKey::unwrap(keys, self.id, self.wrapped.as_deref())?.open(Field::Email, &self.email)
    }
}

/// Somebody's address.
pub fn read(scope: Scope) -> Statement {
    sql!(
        "SELECT id, email, (SELECT wrapped FROM person_keys WHERE person_id = people.id) AS wrapped,
           email_verified_at IS NOT NULL AS is_verified
         FROM people WHERE id = ?1",
        scope.person
    )
}

/// Asks for a mail to the address that somebody wants to have.
///
/// # Errors
/// A defect, when a counter cannot be written as JSON.
pub fn ask(confirmed: &Confirmed, mail: &NewMail, entry: &Entry) -> Result<Batch, Failure> {
    Ok(Batch::from(confirmed.must_hold())
        .and(record!(entry))
        .and(mail::store::enqueue(mail))
        .and(confirmed.release()?))
}

/// Does what a proof of an address is for: notes that it is theirs, or makes it theirs and tells the old one.
/// `sealed` is the address under its person's key.
pub fn apply(keys: &Keyring, proof: &Proof, sealed: &Sealed, mail: MailId, entry: &Entry) -> Batch {
    let open = Batch::from(proofs::must_be_open(proof, entry.at));
    let batch = if proof.purpose == Purpose::ChangeEmail {
        open.and(must_be_free_in_plain(proof.tenant_id, &proof.email))
            .and(record!(entry))
            .and(tell_members(proof))
            .and(mail::store::enqueue_to_owner(mail, proof.person_id, Kind::EmailChanged, entry.at))
            .then(proofs::end_all(proof.person_id, entry.at))
            .and(sql!(
                "UPDATE people SET email = ?2, email_index = ?4, email_verified_at = ?3, version = version + 1
                 WHERE id = ?1",
                proof.person_id,
                &sealed.0,
                entry.at,
                blind::email(keys, &proof.email),
            ))
    } else {
        open.and(record!(
            entry,
            "EXISTS (SELECT 1 FROM people WHERE id = ?8 AND email_verified_at IS NULL)",
            proof.person_id
        ))
        .and(tell_members(proof))
        .and(sql!(
            "UPDATE people SET email_verified_at = ?2, version = version + 1 WHERE id = ?1 AND email_verified_at IS NULL",
            proof.person_id,
            entry.at,
        ))
    };
    batch.and(proofs::spend(proof, entry.at))
}

/// The profile has a new version, as far as the proof changes it.
fn tell_members(proof: &Proof) -> Statement {
    sql!(
        "INSERT INTO notices (body)
         SELECT json_object('kind', 'profile', 'tenant_id', place.tenant_id, 'person_id', id, 'time_zone', time_zone,
           'version', version + 1)
         FROM people, (SELECT tenant_id FROM people WHERE id = ?1
                       UNION SELECT tenant_id FROM memberships WHERE person_id = ?1) AS place
         WHERE id = ?1 AND (?2 = 'change_email' OR email_verified_at IS NULL)",
        proof.person_id,
        proof.purpose.as_str(),
    )
}
