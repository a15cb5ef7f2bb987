//! Whoever acts in a tenant at the public door: one of its people, or an API key of the tenant's own. Keys never reach
//! what takes an [`Insider`]: keys themselves, and what concerns a person.

use crate::api_keys::{store, using};
use crate::audit::Entry;
use crate::insider::{Insider, forbidden};
use crate::keys::Keyring;
use axum::extract::{FromRef, FromRequestParts, MatchedPath};
use http::request::Parts;
use serde_json::Value;
use sesh_edge::http::{Failure, Refusal, RequestInfo};
use sesh_edge::io::{Batch, DbError, Io, Rows};
use sesh_edge::limit;
use sesh_edge::token::bearer;
use sesh_types::access::{TenantRight, TenantRole, key_needs};
use sesh_types::api_key;
use sesh_types::contract::Token;
use sesh_types::ids::{KeyId, PersonId, TenantId};
use std::sync::Arc;

/// One of a tenant's people, or one of its keys.
#[derive(Clone)]
pub enum Steward {
    /// Somebody signed in to it.
    Insider(Insider),
    /// A key.
    Key(TenantKey),
}

/// An API key of a tenant's own, whose call was counted. Whether it still counts is decided again in the batch of each
/// read and write. Its scopes were asked for at the door; within them it acts as an admin does, and never on admins.
#[derive(Clone)]
pub struct TenantKey {
    id: KeyId,
    tenant: TenantId,
    io: Io,
    request_id: String,
}

impl<S> FromRequestParts<S> for Steward
where
    S: Send + Sync,
    Arc<Keyring>: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match bearer(&parts.headers).filter(|text| api_key::is_meant(text)) {
            Some(text) => {
                let shown = Token(text.to_owned());
                TenantKey::of(shown, parts, state).await.map(Self::Key)
            }
            None => Insider::from_request_parts(parts, state).await.map(Self::Insider),
        }
    }
}

impl TenantKey {
    async fn of<S>(shown: Token, parts: &mut Parts, state: &S) -> Result<Self, Failure>
    where
        S: Send + Sync,
        Arc<Keyring>: FromRef<S>,
    {
        let io = Io::from_request_parts(parts, state).await?;
        let info = RequestInfo::from_request_parts(parts, state).await?;
        let path = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
        let needs = key_needs(crate::NAME, parts.method.as_str(), path).ok_or_else(Refusal::unauthorized)?;
        let (address, request_id) = (info.client_address, info.request_id.as_str());
        let call = using::Call { shown: &shown, of_tenant: true, needs, address, request_id };
        let used = using::count(&io, &Arc::<Keyring>::from_ref(state), &call).await?;
        limit::tell(parts, used.limit);
        if !used.is_granted {
            return Err(limit::reached(used.limit));
        }
        Ok(Self { id: used.id, tenant: used.facts.tenant_id, io, request_id: info.request_id })
    }
}

impl Steward {
    /// The tenant that they act in.
    pub fn tenant(&self) -> TenantId {
        match self {
            Self::Insider(insider) => insider.tenant(),
            Self::Key(key) => key.tenant,
        }
    }

    /// Goes on if they may do this.
    ///
    /// # Errors
    /// 403.
    pub fn must(&self, right: TenantRight) -> Result<(), Failure> {
        match self {
            Self::Insider(insider) => insider.must(right),
            Self::Key(_) if TenantRole::Admin.may(right) => Ok(()),
            Self::Key(_) => Err(forbidden()),
        }
    }

    /// Goes on if they may give, change or end a membership of this role.
    ///
    /// # Errors
    /// 403.
    pub fn must_manage(&self, other: TenantRole) -> Result<(), Failure> {
        match self {
            Self::Insider(insider) => insider.must_manage(other),
            Self::Key(_) if TenantRole::Admin.may_manage(other) => Ok(()),
            Self::Key(_) => Err(forbidden()),
        }
    }

    /// Whether they are this person.
    pub fn is(&self, person: PersonId) -> bool {
        matches!(self, Self::Insider(insider) if insider.behalf().scope().person == person)
    }

    /// The ports.
    pub fn io(&self) -> &Io {
        match self {
            Self::Insider(insider) => insider.io(),
            Self::Key(key) => &key.io,
        }
    }

    /// The id of the request.
    pub fn request_id(&self) -> &str {
        match self {
            Self::Insider(insider) => insider.request_id(),
            Self::Key(key) => &key.request_id,
        }
    }

    /// The owner of an idempotency key.
    pub fn owner(&self) -> String {
        match self {
            Self::Insider(insider) => insider.owner(),
            Self::Key(key) => format!("{}/api_key:{}", key.tenant, key.id),
        }
    }

    /// An audit entry of something that they do in the tenant.
    pub fn entry(&self, action: &'static str, entity: String, detail: Value) -> Entry {
        match self {
            Self::Insider(insider) => insider.entry(action, entity, detail),
            Self::Key(key) => Entry {
                tenant: key.tenant,
                at: key.io.now(),
                actor: format!("api_key:{}", key.id),
                action,
                entity,
                request_id: key.request_id.clone(),
                detail,
            },
        }
    }

    /// Reads in one batch with the check that token or key still counts.
    ///
    /// # Errors
    /// 401 when it does not, 403 when the tenant is closed; else as [`Io::db`].
    pub async fn read(&self, batch: impl Into<Batch>) -> Result<Rows, Failure> {
        let key = match self {
            Self::Insider(insider) => return insider.read(batch).await,
            Self::Key(key) => key,
        };
        let standing = store::standing(key.id, key.io.now());
        let rows = key.io.db(Batch::from(standing).then(batch.into())).await?;
        match rows.first::<Standing>(0)? {
            Some(Standing { tenant_is_open: 1 }) => Ok(rows.skip(1)),
            Some(_) => Err(Refusal::tenant_inactive().into()),
            None => Err(Refusal::unauthorized().into()),
        }
    }

    /// Writes in one batch that takes no effect unless token or key still counts.
    ///
    /// # Errors
    /// [`DbError::Refused`] with `token_revoked`, which becomes 401, or `tenant_inactive`, which becomes 403; else as
    /// [`Io::db`].
    pub async fn write(&self, batch: impl Into<Batch>) -> Result<Rows, DbError> {
        match self {
            Self::Insider(insider) => insider.write(batch).await,
            Self::Key(key) => {
                let must_count = store::must_count(key.id, key.io.now());
                Ok(key.io.db(Batch::from(must_count).then(batch.into())).await?.skip(1))
            }
        }
    }
}

#[derive(serde::Deserialize)]
struct Standing {
    tenant_is_open: i64,
}

#[cfg(not(target_arch = "wasm32"))]
impl aide::OperationInput for Steward {
    fn operation_input(ctx: &mut aide::generate::GenContext, operation: &mut aide::openapi::Operation) {
        sesh_edge::openapi::api_key(ctx, operation);
    }
}
