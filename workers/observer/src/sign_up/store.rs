//! The SQL of sign-ups that wait for the token of a mail.

use crate::audit::{Entry, record};
use crate::keys::{Keyring, PresentedProof};
use crate::mail::store::ClaimedRow;
use crate::mail::{self, NewMail};
use crate::personal::{Nobody, Sealed, blind};
use crate::proofs::invalid_link;
use crate::signin::rules::Applicant;
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Io, Statement};
use sesh_edge::sql;
use sesh_types::contract::Token;
use sesh_types::ids::{MailId, TenantId};
use sesh_types::time::Timestamp;

/// What a token is made for.
pub const PURPOSE: &str = "sign_up";

/// Has a row when whoever signs up at a host name proves the e-mail address first: its tenant says so, or the consumers',
/// where every account is at home.
pub fn confirms_first(host: Option<&str>) -> Statement {
    sql!(
        "SELECT 1 AS found FROM tenants
         WHERE id IN (?1, (SELECT tenant_id FROM tenant_domains WHERE domain = ?2)) AND confirm_sign_up = 1",
        TenantId::CONSUMERS,
        host,
    )
}

/// Begins a sign-up, the same whether or not there is an account: that is looked at when the mail is sent. Beyond the
/// limit of an address nothing is written but the entry.
pub fn begin(mail: &NewMail, name: &Sealed, email: &Sealed, may_go: bool, entry: &Entry) -> Batch {
    Batch::from(record!(entry)).and(mail::store::enqueue_if(mail, may_go)).and(sql!(
        "INSERT INTO sign_ups (id, tenant_id, email, email_index, display_name, expires_at)
         SELECT id, tenant_id, ?2, recipient_index, ?3, expires_at FROM mails WHERE id = ?1",
        mail.id,
        &email.0,
        &name.0,
    ))
}

/// What becomes of a mail.
#[derive(Debug, Deserialize)]
pub struct LookedRow {
    /// 1, when there is an account with the address.
    pub is_taken: i64,
    /// 1, when the sign-up still waits.
    pub waits: i64,
}

/// Looks whether an address has an account, and if so forgets the sign-up. Rows of the second statement: a [`LookedRow`].
pub fn look(keys: &Keyring, mail: &ClaimedRow, address: &str, now: Timestamp) -> Batch {
    let index = blind::email(keys, address);
    Batch::from(sql!(
        "DELETE FROM sign_ups WHERE id = ?1 AND EXISTS (SELECT 1 FROM people
           WHERE (tenant_id = ?2 AND email_index = ?3) OR (tenant_id = ?2 AND email = ?4))",
        mail.id,
        mail.tenant_id,
        &index,
        address,
    ))
    .and(sql!(
        "SELECT EXISTS (SELECT 1 FROM people
             WHERE (tenant_id = ?2 AND email_index = ?3) OR (tenant_id = ?2 AND email = ?4)) AS is_taken,
           EXISTS (SELECT 1 FROM sign_ups WHERE id = ?1 AND expires_at > ?5) AS waits",
        mail.id,
        mail.tenant_id,
        &index,
        address,
        now,
    ))
}

#[derive(Deserialize)]
struct Row {
    email: Sealed,
    display_name: Sealed,
}

/// The sign-up of a token, and whose it is; whether it still waits is asked again in the batch that makes the person.
///
/// # Errors
/// `invalid_link`, whatever is wrong with it; else as [`Io::db`].
pub async fn find(io: &Io, keys: &Keyring, token: &Token) -> Result<(MailId, Applicant), Failure> {
    let presented = PresentedProof::read(token).ok_or_else(invalid_link)?;
    let id = presented.id;
    let read =
        sql!("SELECT email, display_name FROM sign_ups WHERE id = ?1 AND expires_at > ?2", id, io.now(),);
    let row = io.db(read).await?.first::<Row>(0)?;
    let row = row.filter(|_| keys.factors.made(&presented, PURPOSE)).ok_or_else(invalid_link)?;
    let email = Nobody::SignUp(id).open(keys, &row.email)?;
    let display_name = Nobody::SignUpName(id).open(keys, &row.display_name)?;
    Ok((id, Applicant { email, display_name }))
}

/// Refuses with `proof_used` unless a sign-up still waits.
pub fn must_wait(id: MailId, now: Timestamp) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'proof_used',
           EXISTS (SELECT 1 FROM sign_ups WHERE id = ?1 AND expires_at > ?2)",
        id,
        now,
    )
}

/// Forgets every sign-up that waits with this one's address: its token and the others' count no more.
pub fn spend(id: MailId) -> Statement {
    sql!("DELETE FROM sign_ups WHERE email_index = (SELECT email_index FROM sign_ups WHERE id = ?1)", id)
}

/// Forgets sign-ups that wait no longer.
pub fn forget_expired(now: Timestamp) -> Statement {
    sql!("DELETE FROM sign_ups WHERE expires_at <= ?1", now)
}
