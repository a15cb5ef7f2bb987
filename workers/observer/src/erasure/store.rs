//! The SQL of erasing. Each table with a column that says whose a row is has its statement here, which a test holds
//! against the migrations.

use crate::audit::{Entry, record};
use crate::notices;
use serde::Deserialize;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::{idempotency, sql};
use sesh_types::contract::notice::ALL_EPOCHS;
use sesh_types::ids::{DeviceId, PersonId};

/// A device whose session may be cached.
#[derive(Debug, Deserialize)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
}

/// The devices of somebody's that were seen last: the only ones that the session cache may know.
pub fn devices(person: PersonId) -> Statement {
    sql!("SELECT id FROM devices WHERE person_id = ?1 ORDER BY last_seen_at DESC LIMIT 50", person)
}

/// Erases somebody; refuses with `not_found` when there is nobody, with `last_owner` while a tenant has no other.
///
/// 1. Records it, and writes the notices, from what is about to go.
/// 2. Deletes what hangs on the person, the memberships first: a trigger refuses the last owner's.
/// 3. Destroys the key, and deletes the person.
pub fn erase(person: PersonId, entry: &Entry) -> Batch {
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found', EXISTS (SELECT 1 FROM people WHERE id = ?1)",
        person,
    ))
    .and(record!(entry))
    .and(sql!(
        "INSERT INTO notices (body)
         SELECT json_object('kind', 'revoked', 'subject', 'person:' || id, 'min_epoch', CAST(?2 AS INTEGER), 'expires_at', ?3)
         FROM people WHERE id = ?1",
        person,
        ALL_EPOCHS,
        notices::tokens_expired_by(entry.at).to_string(),
    ))
    .and(sql!(
        "INSERT INTO notices (body)
         SELECT json_object('kind', 'erased', 'person_id', ?1, 'erased_at', ?2, 'tenant_ids', json_group_array(tenant_id))
         FROM (SELECT tenant_id FROM people WHERE id = ?1
               UNION SELECT tenant_id FROM memberships WHERE person_id = ?1
               UNION SELECT tenant_id FROM devices WHERE person_id = ?1)",
        person,
        entry.at.to_string(),
    ))
    .and(sql!("INSERT INTO erasures (person_id, erased_at) VALUES (?1, ?2)", person, entry.at))
    .and(sql!("DELETE FROM memberships WHERE person_id = ?1", person))
    .and(sql!(
        "DELETE FROM invitations WHERE accepted_by = ?1
           OR email_index = (SELECT email_index FROM people WHERE id = ?1)
           OR email = (SELECT email FROM people WHERE id = ?1)",
        person
    ))
    .and(sql!(
        "DELETE FROM mails WHERE person_id = ?1
           OR recipient_index = (SELECT email_index FROM people WHERE id = ?1)
           OR recipient = (SELECT email FROM people WHERE id = ?1)",
        person
    ))
    .and(sql!(
        "DELETE FROM sign_ups WHERE email_index = (SELECT email_index FROM people WHERE id = ?1)",
        person
    ))
    .and(sql!("DELETE FROM proofs WHERE person_id = ?1", person))
    .and(sql!(
        "DELETE FROM recovery_uses WHERE set_id = (SELECT id FROM recovery_sets WHERE person_id = ?1)",
        person
    ))
    .and(sql!("DELETE FROM recovery_sets WHERE person_id = ?1", person))
    .and(sql!("DELETE FROM totp WHERE person_id = ?1", person))
    .and(sql!("DELETE FROM passkeys WHERE person_id = ?1", person))
    .and(sql!("DELETE FROM api_keys WHERE person_id = ?1", person))
    .and(sql!("DELETE FROM identities WHERE person_id = ?1", person))
    .and(sql!("DELETE FROM factor_resets WHERE person_id = ?1", person))
    .and(sql!("DELETE FROM oauth_consents WHERE person_id = ?1", person))
    .and(sql!("DELETE FROM oauth_codes WHERE person_id = ?1", person))
    .and(sql!("DELETE FROM oauth_grants WHERE person_id = ?1", person))
    .and(sql!("DELETE FROM impersonations WHERE person_id = ?1", person))
    .and(sql!("DELETE FROM devices WHERE person_id = ?1", person))
    .and(idempotency::forget_all_of(person))
    .and(sql!("DELETE FROM person_keys WHERE person_id = ?1", person))
    .and(sql!("DELETE FROM people WHERE id = ?1", person))
}
