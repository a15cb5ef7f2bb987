//! What the token of a mail proves, and whether it still does. A token counts once: using it is a guard in the batch of
//! what it lets somebody do.

use crate::keys::{Keyring, PresentedProof};
use crate::personal::{Field, PersonKey, Sealed};
use serde::{Deserialize, Serialize};
use sesh_edge::http::{Failure, Refusal};
use sesh_edge::io::{Batch, Io, Statement};
use sesh_edge::sql;
use sesh_types::contract::Token;
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::{MailId, PersonId, TenantId};
use sesh_types::time::Timestamp;

/// What a token proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// That the address of the account is theirs.
    VerifyEmail,
    /// That whoever asks for a new password reads the mail of the account.
    ResetPassword,
    /// That the address that the account is to have is theirs.
    ChangeEmail,
}

impl Purpose {
    /// As the database has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
            Self::ChangeEmail => "change_email",
        }
    }
}

/// A proof that was found good; whether it still is, is asked again in the batch that uses it.
#[derive(Debug)]
pub struct Proof {
    /// Its id.
    pub id: MailId,
    /// The tenant.
    pub tenant_id: TenantId,
    /// The person.
    pub person_id: PersonId,
    /// What it proves.
    pub purpose: Purpose,
    /// The address that it proves: the account's, or the one that it is to have.
    pub email: String,
    /// The person's key.
    pub wrapped: Option<String>,
}

#[derive(Deserialize)]
struct ProofRow {
    id: MailId,
    tenant_id: TenantId,
    person_id: PersonId,
    purpose: Purpose,
    email: Sealed,
    wrapped: Option<String>,
}

impl ProofRow {
    fn opened(self, keys: &Keyring) -> Result<Proof, Failure> {
        let Self { id, tenant_id, person_id, purpose, email, wrapped } = self;
        let email = PersonKey::unwrap(keys, person_id, wrapped.as_deref())?.open(Field::Email, &email)?;
        Ok(Proof { id, tenant_id, person_id, purpose, email, wrapped })
    }
}

/// The proof of a token, if it counts for one of these purposes.
///
/// # Errors
/// `invalid_link`, whatever is wrong with it; else as [`Io::db`].
pub async fn find(io: &Io, keys: &Keyring, token: &Token, purposes: &[Purpose]) -> Result<Proof, Failure> {
    let presented = PresentedProof::read(token).ok_or_else(invalid_link)?;
    let proof = io.db(open(presented.id, io.now())).await?.first::<ProofRow>(0)?;
    let proof = proof.filter(|proof| keys.factors.made(&presented, proof.purpose.as_str()));
    proof.filter(|proof| purposes.contains(&proof.purpose)).ok_or_else(invalid_link)?.opened(keys)
}

/// The one answer for tokens that are unknown, forged, used or too old.
pub fn invalid_link() -> Failure {
    let message = "This link is unknown, was used already, or is too old. Ask for a new one.";
    Refusal::new(ErrorCode::InvalidLink, message).into()
}

fn open(id: MailId, now: Timestamp) -> Statement {
    sql!(
        "SELECT proofs.id AS id, proofs.tenant_id AS tenant_id, person_id, purpose,
           coalesce(proofs.email, people.email) AS email,
           (SELECT wrapped FROM person_keys WHERE person_keys.person_id = people.id) AS wrapped
         FROM proofs JOIN people ON people.id = person_id
         WHERE proofs.id = ?1 AND used_at IS NULL AND expires_at > ?2 AND status = 'active'",
        id,
        now,
    )
}

/// Refuses with `proof_used` unless the proof still counts.
pub fn must_be_open(proof: &Proof, now: Timestamp) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'proof_used', EXISTS (
           SELECT 1 FROM proofs JOIN people ON people.id = person_id
           WHERE proofs.id = ?1 AND used_at IS NULL AND expires_at > ?2 AND status = 'active')",
        proof.id,
        now,
    )
}

/// Uses up a proof.
pub fn spend(proof: &Proof, now: Timestamp) -> Statement {
    sql!("UPDATE proofs SET used_at = ?2 WHERE id = ?1 AND used_at IS NULL", proof.id, now)
}

/// Takes their worth from a person's proofs by which somebody could take the account over, those that are yet to be
/// mailed included: whoever secures an account shuts out everybody who had begun to.
pub fn end_pending(person: PersonId, now: Timestamp) -> Batch {
    Batch::from(sql!(
        "UPDATE proofs SET used_at = ?2 WHERE person_id = ?1 AND purpose <> 'verify_email' AND used_at IS NULL",
        person,
        now,
    ))
    .and(sql!(
        "DELETE FROM mails WHERE (kind = 'change_email' AND person_id = ?1)
           OR (kind = 'reset_password' AND (
             (tenant_id, recipient_index) IN (SELECT tenant_id, email_index FROM people WHERE id = ?1)
             OR (tenant_id, recipient) IN (SELECT tenant_id, email FROM people WHERE id = ?1)))",
        person,
    ))
}

/// Takes the worth of every proof of a person's: their address is another one from now on.
pub fn end_all(person: PersonId, now: Timestamp) -> Batch {
    let rest = sql!("UPDATE proofs SET used_at = ?2 WHERE person_id = ?1 AND used_at IS NULL", person, now);
    end_pending(person, now).and(rest)
}

/// Forgets proofs that no longer count.
pub fn forget_expired(now: Timestamp) -> Statement {
    sql!("DELETE FROM proofs WHERE expires_at <= ?1", now)
}
