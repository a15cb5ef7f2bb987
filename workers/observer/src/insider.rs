//! Somebody who works in a tenant, as a caller of the public door: the token is verified with our own keys, and whether it
//! still counts is decided in the batch of each read and write, as behind the internal door.

use crate::audit::Entry;
use crate::callers::OnBehalf;
use crate::keys::Keyring;
use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use sesh_edge::http::{Failure, Refusal, RequestInfo};
use sesh_edge::io::{Batch, DbError, Io, Rows};
use sesh_edge::token::{AccessClaims, bearer};
use sesh_types::access::{Scopes, TenantRight, TenantRole};
use sesh_types::contract::auth;
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::TenantId;
use std::sync::Arc;

/// A signed-in person with what they are in the tenant of their token.
#[derive(Clone)]
pub struct Insider {
    behalf: OnBehalf,
    tenant: TenantId,
    role: TenantRole,
}

impl<S> FromRequestParts<S> for Insider
where
    S: Send + Sync,
    Arc<Keyring>: FromRef<S>,
{
    type Rejection = Failure;

    /// The token comes by `Authorization: Bearer`; the cookies of the apps are not ours to read. Nobody runs a tenant in
    /// the place of its people: who acts as one of them is refused.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let io = Io::from_request_parts(parts, state).await?;
        let request_id = RequestInfo::from_request_parts(parts, state).await?.request_id;
        let token = bearer(&parts.headers).ok_or_else(Refusal::unauthorized)?;
        let keys = Arc::<Keyring>::from_ref(state);
        let verified = keys.verifying.verify_any(token, &keys.issuer, io.now());
        let (claims, _): (AccessClaims, _) = verified.map_err(|_| Refusal::unauthorized())?;
        if claims.act.is_some() {
            return Err(Refusal::impersonated().into());
        }
        if claims.is_delegated() {
            return Err(Refusal::insufficient_scope(Scopes::default()).into());
        }
        let subject = auth::OnBehalf {
            tenant: claims.tid,
            person: claims.sub,
            device: claims.did,
            epoch: claims.ep,
            act: None,
        };
        let (tenant, role) = (claims.tid, claims.role);
        Ok(Self { behalf: OnBehalf::of(subject, io, request_id), tenant, role })
    }
}

impl Insider {
    /// The tenant that they work in now.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Goes on if their role is good for this. The consumers' tenant has no insiders: its people are at home there, and
    /// none of them sees another.
    ///
    /// # Errors
    /// 403.
    pub fn must(&self, right: TenantRight) -> Result<(), Failure> {
        if self.tenant != TenantId::CONSUMERS && self.role.may(right) {
            return Ok(());
        }
        Err(forbidden())
    }

    /// Goes on if they may give, change or end a membership of this role.
    ///
    /// # Errors
    /// 403.
    pub fn must_manage(&self, other: TenantRole) -> Result<(), Failure> {
        if self.tenant != TenantId::CONSUMERS && self.role.may_manage(other) {
            return Ok(());
        }
        Err(forbidden())
    }

    /// The person who calls.
    pub fn behalf(&self) -> &OnBehalf {
        &self.behalf
    }

    /// The ports.
    pub fn io(&self) -> &Io {
        self.behalf.io()
    }

    /// The id of the request.
    pub fn request_id(&self) -> &str {
        self.behalf.request_id()
    }

    /// The owner of an idempotency key.
    pub fn owner(&self) -> String {
        self.behalf.scope().owner()
    }

    /// An audit entry of something that they do in their tenant.
    pub fn entry(&self, action: &'static str, entity: String, detail: serde_json::Value) -> Entry {
        self.behalf.entry_about(action, entity, detail)
    }

    /// As [`OnBehalf::read`].
    ///
    /// # Errors
    /// As [`OnBehalf::read`].
    pub async fn read(&self, batch: impl Into<Batch>) -> Result<Rows, Failure> {
        self.behalf.read(batch).await
    }

    /// As [`OnBehalf::write`].
    ///
    /// # Errors
    /// As [`OnBehalf::write`].
    pub async fn write(&self, batch: impl Into<Batch>) -> Result<Rows, DbError> {
        self.behalf.write(batch).await
    }
}

/// The one answer to who may not.
pub fn forbidden() -> Failure {
    Refusal::new(ErrorCode::Forbidden, "Your role in this tenant does not include this.").into()
}

#[cfg(not(target_arch = "wasm32"))]
impl aide::OperationInput for Insider {
    fn operation_input(ctx: &mut aide::generate::GenContext, operation: &mut aide::openapi::Operation) {
        sesh_edge::token::Person::operation_input(ctx, operation);
    }
}
