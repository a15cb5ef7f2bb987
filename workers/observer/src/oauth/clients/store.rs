//! The SQL of programs.

use crate::audit::{Entry, record};
use crate::notices;
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_types::access::{ApiScope, Scopes};
use sesh_types::contract::clients::{Client, ClientKind, EditClient, GrantType, NewClient};
use sesh_types::contract::notice::ALL_EPOCHS;
use sesh_types::ids::{ClientId, TenantId};
use sesh_types::time::{Timestamp, sql_ms};

/// A row whose `body` is a program, as JSON.
#[derive(Debug, Deserialize)]
pub struct Body {
    /// [`ClientRow`] as JSON.
    pub body: String,
}

/// A program as the database has it.
#[derive(Clone, Debug, Deserialize)]
pub struct ClientRow {
    /// Its id.
    pub id: ClientId,
    /// Whose people it is for.
    pub tenant_id: Option<TenantId>,
    /// What it is called.
    pub name: String,
    /// Whether it has a secret.
    pub kind: ClientKind,
    /// A keyed hash of it.
    pub secret_hash: Option<String>,
    /// Where people are sent back to.
    pub redirect_uris: Vec<String>,
    /// How it gets tokens.
    pub grant_types: Vec<GrantType>,
    /// The most that it may ask for.
    pub scopes: Scopes,
    is_first_party: i64,
    /// Counts the edits.
    pub version: i64,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    created_at: Timestamp,
}

impl ClientRow {
    /// Reads a row.
    ///
    /// # Errors
    /// A defect, when it cannot be read.
    pub fn read(text: &str) -> Result<Self, Failure> {
        serde_json::from_str(text).map_err(Failure::internal)
    }

    /// Whether it is ours.
    pub fn is_first_party(&self) -> bool {
        self.is_first_party != 0
    }

    /// The tenant whose people it is for.
    pub fn tenant(&self) -> TenantId {
        self.tenant_id.unwrap_or(TenantId::CONSUMERS)
    }

    /// Whether it may get tokens this way.
    pub fn may(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }
}

impl From<ClientRow> for Client {
    fn from(row: ClientRow) -> Self {
        let first_party = row.is_first_party();
        let ClientRow {
            id,
            tenant_id,
            name,
            kind,
            redirect_uris,
            grant_types,
            scopes,
            version,
            created_at,
            ..
        } = row;
        let scopes = scopes.iter().collect();
        Self {
            id,
            name,
            kind,
            redirect_uris,
            grant_types,
            scopes,
            tenant_id,
            first_party,
            created_at,
            version,
        }
    }
}

/// Selects programs as JSON.
macro_rules! client {
    ($which:literal) => {
        concat!(
            "SELECT json_object('id', id, 'tenant_id', tenant_id, 'name', name, 'kind', kind, 'secret_hash', secret_hash,
               'redirect_uris', json(redirect_uris), 'grant_types', json(grant_types), 'scopes', scopes,
               'is_first_party', is_first_party, 'version', version, 'created_at', created_at) AS body
             FROM oauth_clients ",
            $which
        )
    };
}

/// One program, as JSON.
pub fn one(id: ClientId) -> Statement {
    sql!(client!("WHERE id = ?1"), id,)
}

/// One page of the programs, the newest first, and how many there are.
pub fn list(limit: u32, offset: u32) -> Batch {
    Batch::from(sql!("SELECT COUNT(*) AS total FROM oauth_clients")).and(sql!(
        client!("ORDER BY id DESC LIMIT ?1 OFFSET ?2"),
        limit,
        offset,
    ))
}

/// What a list is in the database.
pub fn listed(scopes: &[ApiScope]) -> String {
    scopes.iter().copied().collect::<Scopes>().to_string()
}

/// A new program.
pub fn register(id: ClientId, new: &NewClient, secret_hash: Option<&str>, entry: &Entry) -> Batch {
    let tenant = sql!(
        "INSERT INTO guard (failure, holds)
         SELECT 'not_found', ?1 IS NULL OR EXISTS (SELECT 1 FROM tenants WHERE id = ?1)",
        new.tenant_id,
    );
    Batch::from(tenant)
        .and(sql!(
            "INSERT INTO oauth_clients (id, tenant_id, name, kind, secret_hash, redirect_uris, grant_types, scopes,
               is_first_party, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            id,
            new.tenant_id,
            new.name.trim(),
            new.kind.as_str(),
            secret_hash,
            serde_json::json!(new.redirect_uris).to_string(),
            serde_json::json!(new.grant_types).to_string(),
            listed(&new.scopes),
            i64::from(new.first_party),
            entry.at,
        ))
        .and(record!(entry))
}

/// Edits a program that stands at `version`.
pub fn edit(id: ClientId, edit: &EditClient, version: i64, entry: &Entry) -> Batch {
    let text = |list: serde_json::Value| (!list.is_null()).then(|| list.to_string());
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds)
         SELECT 'not_found', EXISTS (SELECT 1 FROM oauth_clients WHERE id = ?1)
         UNION ALL SELECT 'precondition_failed', EXISTS (SELECT 1 FROM oauth_clients WHERE id = ?1 AND version = ?2)",
        id,
        version,
    ))
    .and(sql!(
        "UPDATE oauth_clients SET name = coalesce(?2, name), redirect_uris = coalesce(?3, redirect_uris),
           grant_types = coalesce(?4, grant_types), scopes = coalesce(?5, scopes),
           is_first_party = coalesce(?6, is_first_party), version = version + 1
         WHERE id = ?1",
        id,
        edit.name.as_deref().map(str::trim),
        text(serde_json::json!(edit.redirect_uris)),
        text(serde_json::json!(edit.grant_types)),
        edit.scopes.as_deref().map(listed),
        edit.first_party.map(i64::from),
    ))
    .and(record!(entry))
}

/// How many statements [`edit`] has: the place of what is selected after it.
pub const EDIT_STATEMENTS: usize = 3;

/// Takes a program away, and with it everything that people let it do: its tokens are dead when the notices are told.
pub fn remove(id: ClientId, entry: &Entry) -> Batch {
    let expired = notices::tokens_expired_by(entry.at).to_string();
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds)
         SELECT 'not_found', EXISTS (SELECT 1 FROM oauth_clients WHERE id = ?1)",
        id,
    ))
    .and(record!(entry))
    .and(sql!(
        "INSERT INTO notices (body)
         SELECT json_object('kind', 'revoked', 'subject', 'device:' || devices.id, 'min_epoch', CAST(?2 AS INTEGER),
           'expires_at', ?3)
         FROM oauth_grants JOIN devices ON devices.id = device_id
         WHERE client_id = ?1 AND revoked_at IS NULL ORDER BY devices.id",
        id,
        ALL_EPOCHS,
        &expired,
    ))
    // Where it acts for nobody its tokens name itself.
    .and(sql!(
        "INSERT INTO notices (body)
         VALUES (json_object('kind', 'revoked', 'subject', 'person:' || ?1, 'min_epoch', CAST(?2 AS INTEGER),
           'expires_at', ?3))",
        id,
        ALL_EPOCHS,
        &expired,
    ))
    .and(sql!(
        "UPDATE devices SET revoked_at = ?2
         WHERE revoked_at IS NULL AND id IN (SELECT device_id FROM oauth_grants WHERE client_id = ?1)",
        id,
        entry.at,
    ))
    .and(sql!("DELETE FROM oauth_consents WHERE client_id = ?1", id))
    .and(sql!("DELETE FROM oauth_clients WHERE id = ?1", id))
}
