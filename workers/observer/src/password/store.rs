//! The SQL of passwords. A change ends the devices that it must in its own batch, with the notices that tell of it.

use crate::api_keys;
use crate::audit::{Entry, record};
use crate::devices;
use crate::mail::{self, Kind, NewMail};
use crate::notices;
use crate::proofs::{self, Proof};
use crate::reauth::Confirmed;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::ids::{DeviceId, MailId};
use sesh_types::time::Timestamp;

/// Sets another password and signs out every device but one. Rows of the statement [`CHANGE_ENDED`]: the devices
/// signed out.
///
/// # Errors
/// A defect, when a counter cannot be written as JSON.
pub fn change(
    scope: Scope,
    kept: DeviceId,
    confirmed: &Confirmed,
    new_phc: &str,
    mail: MailId,
    entry: &Entry,
) -> Result<Batch, Failure> {
    let others = Entry { action: "devices.others_signed_out", ..entry.clone() };
    Ok(Batch::from(confirmed.must_hold())
        .and(record!(entry))
        .then(devices::store::sign_out_others(scope.person, kept, &others))
        .and(sql!(
            "UPDATE people SET password_phc = ?2, has_password = 1 WHERE id = ?1",
            scope.person,
            new_phc
        ))
        .then(proofs::end_pending(scope.person, entry.at))
        .and(mail::store::enqueue_to_owner(mail, scope.person, Kind::PasswordChanged, entry.at))
        .and(confirmed.release()?))
}

/// The place of the statement of [`change`] whose rows are the devices that ended.
pub const CHANGE_ENDED: usize = 4;

/// Asks for a mail by which somebody gets back in: the same whether or not there is an account, as that is looked at
/// when the mail is sent. Beyond the limit of an address nothing more is sent.
pub fn ask(mail: &NewMail, may_go: bool, entry: &Entry) -> Batch {
    Batch::from(record!(entry)).and(mail::store::enqueue_if(mail, may_go))
}

/// Sets a new password by a proof: a new epoch, no device and no API key left, a notice of it, no other proof.
pub fn reset(proof: &Proof, new_phc: &str, mail: MailId, entry: &Entry) -> Batch {
    let person = proof.person_id;
    Batch::from(proofs::must_be_open(proof, entry.at))
        .and(record!(entry))
        .and(tell(proof, entry.at))
        .and(sql!(
            "UPDATE devices SET revoked_at = ?2 WHERE person_id = ?1 AND revoked_at IS NULL RETURNING id",
            person,
            entry.at,
        ))
        .and(sql!(
            "UPDATE people SET password_phc = ?2, has_password = 1, epoch = epoch + 1 WHERE id = ?1",
            person,
            new_phc,
        ))
        .and(proofs::spend(proof, entry.at))
        .then(proofs::end_pending(person, entry.at))
        .then(api_keys::store::revoke_all(person, &Entry { action: "api_keys.revoked", ..entry.clone() }))
        .and(mail::store::enqueue_to_owner(mail, person, Kind::PasswordReset, entry.at))
}

/// The place of the statement of [`reset`] whose rows are the devices that ended.
pub const RESET_ENDED: usize = 3;

fn tell(proof: &Proof, now: Timestamp) -> Statement {
    sql!(
        "INSERT INTO notices (body)
         SELECT json_object('kind', 'revoked', 'subject', 'person:' || id, 'min_epoch', epoch + 1, 'expires_at', ?2)
         FROM people WHERE id = ?1",
        proof.person_id,
        notices::tokens_expired_by(now).to_string(),
    )
}
