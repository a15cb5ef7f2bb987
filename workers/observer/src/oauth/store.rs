//! The SQL of letting programs act: codes, consents, grants.

use super::request::Asked;
use super::sign_on::SignedOn;
use crate::audit::{Entry, record};
use crate::grant::UserRow;
use crate::notices;
use crate::personal::Sealed;
use crate::refresh::rules::IDLE_MS;
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_edge::token::ACCESS_TOKEN_SECONDS;
use sesh_types::access::{Apps, Scopes, TenantRole};
use sesh_types::contract::notice::Notice;
use sesh_types::ids::{ClientId, CodeId, DeviceId, PersonId, TenantId};
use sesh_types::time::{DAY_MS, SECOND_MS, Timestamp, sql_ms, sql_ms_option};

/// Somebody signed in at our pages.
#[derive(Clone, Debug, Deserialize)]
pub struct SignedOnRow {
    /// Who.
    pub person_id: PersonId,
    /// The device's nonce.
    pub nonce: String,
    /// Their address.
    pub email: Sealed,
    /// Their key.
    pub wrapped: Option<String>,
    /// Their epoch.
    pub epoch: i64,
    /// When they signed in.
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub signed_in_at: Timestamp,
}

/// Whose a live device is. A program's is nobody's sign-in.
pub fn signed_on(device: DeviceId, now: Timestamp) -> Statement {
    sql!(
        "SELECT people.id AS person_id, nonce, email, epoch, devices.created_at AS signed_in_at,
           (SELECT wrapped FROM person_keys WHERE person_id = people.id) AS wrapped
         FROM devices JOIN people ON people.id = devices.person_id
         WHERE devices.id = ?1 AND revoked_at IS NULL AND expires_at > ?2 AND status = 'active'
           AND NOT EXISTS (SELECT 1 FROM oauth_grants WHERE device_id = devices.id)",
        device,
        now,
    )
}

/// How a person stands to a program.
#[derive(Debug, Deserialize)]
pub struct StandingRow {
    is_of_tenant: i64,
    agreed: Option<Scopes>,
}

impl StandingRow {
    /// Whether the program is for them.
    pub fn may_use(&self) -> bool {
        self.is_of_tenant != 0
    }

    /// What they agreed to before.
    pub fn agreed(&self) -> Scopes {
        self.agreed.unwrap_or_default()
    }
}

/// Whether a program is for a person, and what they agreed to.
pub fn standing(person: PersonId, client: ClientId, tenant: TenantId) -> Statement {
    sql!(
        "SELECT EXISTS (SELECT 1 FROM tenants WHERE id = ?3 AND status = 'active')
             AND (EXISTS (SELECT 1 FROM people WHERE id = ?1 AND tenant_id = ?3)
               OR EXISTS (SELECT 1 FROM memberships WHERE tenant_id = ?3 AND person_id = ?1)) AS is_of_tenant,
           (SELECT scopes FROM oauth_consents WHERE person_id = ?1 AND client_id = ?2) AS agreed",
        person,
        client,
        tenant,
    )
}

/// A code, for somebody signed in, of a program as it was read; `agreed` is the entry of who has just agreed.
pub fn issue(
    (code, grant): (CodeId, DeviceId),
    asked: &Asked,
    person: &SignedOn,
    now: Timestamp,
    agreed: Option<&Entry>,
) -> Batch {
    let (client, row) = (&asked.client, &person.row);
    let mut batch = Batch::from(sql!(
        "INSERT INTO guard (failure, holds)
         SELECT 'token_revoked', EXISTS (
           SELECT 1 FROM devices JOIN people ON people.id = devices.person_id
           WHERE devices.id = ?1 AND people.id = ?2 AND revoked_at IS NULL AND status = 'active' AND epoch = ?3)
         UNION ALL SELECT 'client_gone', EXISTS (SELECT 1 FROM oauth_clients WHERE id = ?4 AND version = ?5)",
        person.device,
        row.person_id,
        row.epoch,
        client.id,
        client.version,
    ))
    .and(sql!(
        "INSERT INTO oauth_codes (id, tenant_id, person_id, client_id, device_id, redirect_uri, challenge, nonce, scopes,
           epoch, authenticated_at, created_at, expires_at, signed_on_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        code,
        client.tenant(),
        row.person_id,
        client.id,
        grant,
        &asked.redirect_uri,
        &asked.challenge,
        asked.nonce.as_deref(),
        asked.scopes.to_string(),
        row.epoch,
        row.signed_in_at,
        now,
        now.plus_ms(super::code::COUNTS_MS),
        person.device,
    ));
    if let Some(entry) = agreed {
        batch.add(sql!(
            "INSERT INTO oauth_consents (person_id, client_id, tenant_id, scopes, agreed_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (person_id, client_id) DO UPDATE SET scopes = excluded.scopes, agreed_at = excluded.agreed_at",
            row.person_id,
            client.id,
            client.tenant(),
            asked.scopes.to_string(),
            now,
        ));
        batch.add(record!(entry));
    }
    batch
}

/// Records that somebody said no.
pub fn denied(entry: &Entry) -> Statement {
    record!(entry)
}

/// A code's row, with whom it is of.
#[derive(Debug, Deserialize)]
pub struct CodeRow {
    /// Its id.
    pub id: CodeId,
    /// The program that it was made for.
    pub client_id: ClientId,
    /// The tenant.
    pub tenant_id: TenantId,
    /// The person.
    pub person_id: PersonId,
    /// The device that the grant is.
    pub device_id: DeviceId,
    /// Where it was sent.
    pub redirect_uri: String,
    /// SHA-256 of the verifier.
    pub challenge: String,
    /// What the ID token has to say.
    pub nonce: Option<String>,
    /// What it was asked for.
    pub scopes: Scopes,
    /// The person's epoch.
    pub epoch: i64,
    /// When they had signed in.
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub authenticated_at: Timestamp,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    expires_at: Timestamp,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    used_at: Option<Timestamp>,
    role: Option<TenantRole>,
    apps: Option<String>,
}

impl CodeRow {
    /// The same, for no more than this.
    #[must_use]
    pub fn within(mut self, most: Scopes) -> Self {
        self.scopes = self.scopes.and(most);
        self
    }

    /// Whether it was exchanged already.
    pub fn is_used(&self) -> bool {
        self.used_at.is_some()
    }

    /// Whether it is too old.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at <= now
    }

    /// What the person is in the tenant.
    ///
    /// # Errors
    /// A defect, when the database's apps cannot be read.
    pub fn entitlements(&self) -> Result<(TenantRole, Apps), Failure> {
        entitlements(self.role, self.apps.as_deref())
    }
}

fn entitlements(role: Option<TenantRole>, apps: Option<&str>) -> Result<(TenantRole, Apps), Failure> {
    match (role, apps) {
        (Some(role), Some(apps)) => Ok((role, serde_json::from_str(apps).map_err(Failure::internal)?)),
        _ => Ok((TenantRole::Member, Apps::consumer())),
    }
}

/// Finds a code.
pub fn code(id: CodeId) -> Statement {
    sql!(
        "SELECT oauth_codes.id AS id, client_id, oauth_codes.tenant_id AS tenant_id, oauth_codes.person_id AS person_id,
           device_id, redirect_uri, challenge, nonce, scopes, epoch, authenticated_at, expires_at, used_at, role, apps
         FROM oauth_codes LEFT JOIN memberships AS held
           ON held.tenant_id = oauth_codes.tenant_id AND held.person_id = oauth_codes.person_id
         WHERE oauth_codes.id = ?1",
        id,
    )
}

/// What a grant is made of besides its code.
pub struct NewGrant<'a> {
    /// The device's nonce.
    pub nonce: &'a str,
    /// What the program is called: it stands in the list of devices.
    pub name: &'a str,
    /// Whether it may refresh.
    pub refreshes: bool,
}

/// Exchanges a code for a grant: of many at once, one does it.
pub fn redeem(code: &CodeRow, new: &NewGrant<'_>, entry: &Entry) -> Batch {
    let now = entry.at;
    let lives_ms = if new.refreshes { IDLE_MS } else { ACCESS_TOKEN_SECONDS * SECOND_MS };
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds)
         SELECT 'code_spent', EXISTS (
           SELECT 1 FROM oauth_codes JOIN people ON people.id = oauth_codes.person_id
             JOIN oauth_clients ON oauth_clients.id = client_id
             JOIN tenants ON tenants.id = oauth_codes.tenant_id JOIN devices ON devices.id = signed_on_by
           WHERE devices.revoked_at IS NULL AND oauth_codes.id = ?1 AND used_at IS NULL AND oauth_codes.expires_at > ?2
             AND people.status = 'active' AND people.epoch = ?3 AND tenants.status = 'active')",
        code.id,
        now,
        code.epoch,
    ))
    .and(sql!("UPDATE oauth_codes SET used_at = ?2 WHERE id = ?1", code.id, now))
    .and(sql!(
        "INSERT INTO devices (id, tenant_id, person_id, nonce, generation, rotated_at, created_at, last_seen_at,
           expires_at, user_agent)
         VALUES (?1, ?2, ?3, ?4, 0, ?5, ?5, ?5, ?6, ?7)",
        code.device_id,
        code.tenant_id,
        code.person_id,
        new.nonce,
        now,
        now.plus_ms(lives_ms),
        new.name,
    ))
    .and(sql!(
        "INSERT INTO oauth_grants (device_id, tenant_id, person_id, client_id, scopes, authenticated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        code.device_id,
        code.tenant_id,
        code.person_id,
        code.client_id,
        code.scopes.to_string(),
        code.authenticated_at,
    ))
    .and(record!(entry))
}

/// A grant, as refreshing and introspection need it.
#[derive(Debug, Deserialize)]
pub struct GrantRow {
    /// The program that it was given to.
    pub client_id: ClientId,
    /// The tenant.
    pub tenant_id: TenantId,
    /// The person.
    pub person_id: PersonId,
    /// What it is for.
    pub scopes: Scopes,
    /// When the person had signed in.
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub authenticated_at: Timestamp,
    /// The device's nonce.
    pub nonce: String,
    /// Its generation.
    pub generation: i64,
    /// When it ends unless it is refreshed.
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub expires_at: Timestamp,
    /// The person's epoch.
    pub epoch: i64,
    is_live: i64,
}

impl GrantRow {
    /// Whether it counts.
    pub fn is_live(&self) -> bool {
        self.is_live != 0
    }
}

/// Finds a grant.
pub fn grant(device: DeviceId, now: Timestamp) -> Statement {
    sql!(
        "SELECT client_id, oauth_grants.tenant_id AS tenant_id, oauth_grants.person_id AS person_id, scopes,
           authenticated_at, nonce, generation, expires_at, epoch,
           revoked_at IS NULL AND expires_at > ?2 AND people.status = 'active' AND tenants.status = 'active' AS is_live
         FROM oauth_grants JOIN devices ON devices.id = device_id JOIN people ON people.id = oauth_grants.person_id
           JOIN tenants ON tenants.id = oauth_grants.tenant_id
         WHERE device_id = ?1",
        device,
        now,
    )
}

/// Records what a program that acts for nobody was given, if it is still registered.
pub fn machine(client: ClientId, version: i64, entry: &Entry) -> Batch {
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds)
         SELECT 'client_gone', EXISTS (
           SELECT 1 FROM oauth_clients JOIN tenants ON tenants.id = ?3
           WHERE oauth_clients.id = ?1 AND oauth_clients.version = ?2 AND status = 'active')",
        client,
        version,
        entry.tenant,
    ))
    .and(record!(entry))
}

/// A row that says that a token of a program that acts for nobody was revoked.
#[derive(Debug, Deserialize)]
pub struct Ended {}

/// Whether a token of a program that acts for nobody was revoked.
pub fn ended(token: DeviceId) -> Statement {
    sql!("SELECT 1 AS found FROM oauth_ended WHERE id = ?1", token)
}

/// Ends a token of a program that acts for nobody, once.
///
/// # Errors
/// A defect, when the notice cannot be written as JSON.
pub fn end_machine(token: DeviceId, client: ClientId, entry: &Entry) -> Result<Batch, Failure> {
    let expires_at = notices::tokens_expired_by(entry.at);
    let notice =
        serde_json::to_string(&Notice::device_revoked(token, expires_at)).map_err(Failure::internal)?;
    Ok(Batch::from(record!(entry, "NOT EXISTS (SELECT 1 FROM oauth_ended WHERE id = ?8)", token))
        .and(sql!(
            "INSERT INTO notices (body) SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM oauth_ended WHERE id = ?2)",
            notice,
            token,
        ))
        .and(sql!(
            "INSERT INTO oauth_ended (id, tenant_id, client_id, expires_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO NOTHING",
            token,
            entry.tenant,
            client,
            expires_at,
        )))
}

/// What a program is told of a person.
#[derive(Debug, Deserialize)]
pub struct PersonRow {
    /// Name, address and zone.
    #[serde(flatten)]
    pub user: UserRow,
}

/// A person, for a program.
pub fn person(id: PersonId) -> Statement {
    sql!(
        "SELECT id, email, email_verified_at, display_name, time_zone, created_at, version,
           (SELECT wrapped FROM person_keys WHERE person_id = people.id) AS wrapped
         FROM people WHERE id = ?1",
        id,
    )
}

/// Forgets that a person agreed to what they have just ended.
pub fn forget_consent(person: PersonId, grant: DeviceId) -> Statement {
    sql!(
        "DELETE FROM oauth_consents WHERE person_id = ?1
           AND client_id = (SELECT client_id FROM oauth_grants WHERE device_id = ?2 AND person_id = ?1)",
        person,
        grant,
    )
}

/// Forgets everything that a person agreed to.
pub fn forget_consents(person: PersonId) -> Statement {
    sql!("DELETE FROM oauth_consents WHERE person_id = ?1", person)
}

/// Forgets codes of yesterday, and revoked tokens that have expired.
pub fn forget_expired(now: Timestamp) -> Batch {
    Batch::from(sql!("DELETE FROM oauth_codes WHERE expires_at <= ?1", now.plus_ms(-DAY_MS)))
        .and(sql!("DELETE FROM oauth_ended WHERE expires_at <= ?1", now))
}
