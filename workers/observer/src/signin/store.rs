//! The SQL of signing up and signing in.

use crate::audit::{Entry, record};
use crate::grant::Grant;
use crate::keys::Keyring;
use crate::mail;
use crate::personal::{Field, PersonKey, Sealed, blind, store as personal};
use crate::refresh::rules::IDLE_MS;
use serde::Deserialize;
use sesh_edge::http::{ClientAddress, Failure};
use sesh_edge::io::{Batch, Io, Statement};
use sesh_edge::{outbox, sql};
use sesh_types::facts::{Fact, What};
use sesh_types::ids::{DeviceId, FactId, FactorId, MailId, PersonId, TenantId};
use sesh_types::time::{Timestamp, sql_ms, sql_ms_option};

/// An account, as signing in needs it.
#[derive(Debug, Deserialize)]
pub struct AccountRow {
    /// The person.
    pub id: PersonId,
    /// What they are called.
    pub display_name: Sealed,
    /// Their key.
    pub wrapped: Option<String>,
    /// Their time zone.
    pub time_zone: String,
    /// Their password's hash.
    pub password_phc: String,
    /// `active` or `suspended`.
    pub status: String,
    /// Their epoch.
    pub epoch: i64,
    /// Edits of their profile.
    pub version: i64,
    /// When they signed up.
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub created_at: Timestamp,
    /// When their address was proven to be theirs.
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    pub email_verified_at: Option<Timestamp>,
    /// The generator of one-time codes that protects it, if one does.
    pub totp_id: Option<FactorId>,
}

impl AccountRow {
    /// What they are called.
    ///
    /// # Errors
    /// A defect, when it cannot be read.
    pub fn name(&self, keys: &Keyring) -> Result<String, Failure> {
        PersonKey::unwrap(keys, self.id, self.wrapped.as_deref())?
            .open(Field::DisplayName, &self.display_name)
    }
}

/// A row that says that there is one.
#[derive(Debug, Deserialize)]
pub struct Found {}

/// The account of an address.
pub fn account_of(keys: &Keyring, tenant: TenantId, email: &str) -> Statement {
    sql!(
        "SELECT id, display_name, time_zone, password_phc, status, epoch, version, created_at, email_verified_at,
           (SELECT wrapped FROM person_keys WHERE person_id = people.id) AS wrapped,
           (SELECT id FROM totp WHERE person_id = people.id AND confirmed_at IS NOT NULL) AS totp_id
         FROM people WHERE (tenant_id = ?1 AND email_index = ?2) OR (tenant_id = ?1 AND email = ?3)",
        tenant,
        blind::email(keys, email),
        email,
    )
}

/// The account of somebody whose sign-in waits for a second factor, with its address.
pub fn account_with(person: PersonId) -> Statement {
    sql!(
        "SELECT id, tenant_id, email, display_name, time_zone, password_phc, status, epoch, version, created_at,
           email_verified_at, (SELECT wrapped FROM person_keys WHERE person_id = people.id) AS wrapped,
           (SELECT id FROM totp WHERE person_id = people.id AND confirmed_at IS NOT NULL) AS totp_id
         FROM people WHERE id = ?1",
        person,
    )
}

/// Whether an address is taken.
pub fn is_taken(keys: &Keyring, tenant: TenantId, email: &str) -> Statement {
    sql!(
        "SELECT 1 AS found FROM people
         WHERE (tenant_id = ?1 AND email_index = ?2) OR (tenant_id = ?1 AND email = ?3)",
        tenant,
        blind::email(keys, email),
        email,
    )
}

/// Refuses with `address_taken` while somebody has the address in plain from before; where it is encrypted, its index
/// is unique.
pub fn must_be_free_in_plain(tenant: TenantId, email: &str) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'address_taken',
           NOT EXISTS (SELECT 1 FROM people WHERE tenant_id = ?1 AND email = ?2)",
        tenant,
        email,
    )
}

/// What the identical answer is made of again, besides what a record keeps.
#[derive(Debug, Deserialize)]
pub struct AgainRow {
    /// The device's nonce.
    pub nonce: String,
    /// What the person is called today.
    pub display_name: Sealed,
    /// Their key.
    pub wrapped: Option<String>,
}

/// Finds the nonce of a person's device, and the person's key.
pub fn again(person: PersonId, device: DeviceId) -> Statement {
    sql!(
        "SELECT nonce, display_name, (SELECT wrapped FROM person_keys WHERE person_id = people.id) AS wrapped
         FROM devices JOIN people ON people.id = person_id WHERE devices.id = ?1 AND person_id = ?2",
        device,
        person,
    )
}

/// What a new device or person has of personal texts, encrypted.
pub struct Personal<'a> {
    keys: &'a Keyring,
    io: &'a Io,
    key: &'a PersonKey,
    user_agent: Sealed,
}

impl<'a> Personal<'a> {
    /// Encrypts what a sign-in keeps of somebody.
    ///
    /// # Errors
    /// A defect, when they have no key.
    pub fn of(
        keys: &'a Keyring,
        io: &'a Io,
        key: &'a PersonKey,
        client: &ClientAddress,
    ) -> Result<Self, Failure> {
        Ok(Self { keys, io, key, user_agent: key.seal(io, Field::UserAgent, &client.user_agent)? })
    }
}

/// A new person with their first device, and with the name (encrypted) that the record of the sign-up keeps, too. An
/// address that is not proven yet gets a mail that asks for it.
///
/// # Errors
/// A defect, when the fact cannot be written as JSON, or something cannot be encrypted.
pub fn register(
    grant: &Grant,
    password_phc: &str,
    personal: &Personal<'_>,
    name: &Sealed,
    entry: &Entry,
    (fact, mail): (FactId, MailId),
) -> Result<Batch, Failure> {
    let Personal { keys, io, key, .. } = personal;
    let fact = Fact {
        id: fact,
        tenant_id: grant.tenant,
        person_id: grant.user.id,
        occurred_at: grant.issued_at,
        recorded_at: grant.issued_at,
        what: What::PersonRegistered,
    };
    let person = sql!(
        "INSERT INTO people (id, tenant_id, email, email_index, display_name, display_key, name_index, time_zone,
           password_phc, epoch, version, adult_confirmed_at, created_at, email_verified_at)
         VALUES (?1, ?2, ?3, ?4, ?5, '', ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12)",
        grant.user.id,
        grant.tenant,
        key.seal(io, Field::Email, &grant.user.email)?.0,
        blind::email(keys, &grant.user.email),
        &name.0,
        blind::name(keys, &grant.user.display_name),
        &grant.user.time_zone,
        password_phc,
        grant.epoch,
        grant.user.version,
        grant.user.created_at,
        grant.user.email_verified_at,
    );
    let mut batch = Batch::from(must_be_free_in_plain(grant.tenant, &grant.user.email))
        .and(person)
        .and(personal::keep(keys, io, grant.tenant, key)?)
        .and(device(grant, personal))
        .and(record!(entry));
    if grant.user.email_verified_at.is_none() {
        let kind = mail::Kind::VerifyEmail;
        batch.add(mail::store::enqueue_to_owner(mail, grant.user.id, kind, grant.issued_at));
    }
    Ok(batch.and(outbox::publish(&fact)?))
}

/// A new device, unless the account was suspended, its password changed or its second factor came or went since it was
/// looked at.
pub fn sign_in(
    grant: &Grant,
    checked_phc: &str,
    totp: Option<FactorId>,
    new_phc: Option<&str>,
    personal: &Personal<'_>,
    entry: &Entry,
) -> Batch {
    // An account is where somebody is at home, wherever they are let in.
    let unchanged = still(grant.user.id, TenantId::CONSUMERS, grant.epoch, checked_phc, totp);
    let batch = Batch::from(unchanged).and(device(grant, personal)).and(record!(entry));
    match new_phc {
        Some(phc) => batch.and(sql!("UPDATE people SET password_phc = ?2 WHERE id = ?1", grant.user.id, phc)),
        None => batch,
    }
}

/// Refuses with `credentials_changed` unless an account stands as it did when it was looked at.
pub fn still(
    person: PersonId,
    tenant: TenantId,
    epoch: i64,
    checked_phc: &str,
    totp: Option<FactorId>,
) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'credentials_changed', EXISTS (
           SELECT 1 FROM people
           WHERE id = ?1 AND tenant_id = ?2 AND status = 'active' AND epoch = ?3 AND password_phc = ?4
             AND (SELECT id FROM totp WHERE person_id = people.id AND confirmed_at IS NOT NULL) IS ?5)",
        person,
        tenant,
        epoch,
        checked_phc,
        totp,
    )
}

/// Notes that a password was right while the second factor is missing, and renews a hash of old parameters.
pub fn challenged(still: Statement, person: PersonId, new_phc: Option<&str>, entry: &Entry) -> Batch {
    let batch = Batch::from(still).and(record!(entry));
    match new_phc {
        Some(phc) => batch.and(sql!("UPDATE people SET password_phc = ?2 WHERE id = ?1", person, phc)),
        None => batch,
    }
}

/// Records a sign-in that failed.
pub fn failed(entry: &Entry) -> Statement {
    record!(entry)
}

fn device(grant: &Grant, personal: &Personal<'_>) -> Statement {
    sql!(
        "INSERT INTO devices (id, tenant_id, person_id, nonce, generation, rotated_at, created_at, last_seen_at,
           expires_at, user_agent)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?6, ?7, ?8)",
        grant.device,
        grant.tenant,
        grant.user.id,
        &grant.nonce,
        grant.generation,
        grant.issued_at,
        grant.issued_at.plus_ms(IDLE_MS),
        &personal.user_agent.0,
    )
}
