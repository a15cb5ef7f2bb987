//! Signing up at a tenant's address.

use super::store::{self, DoorRow};
use crate::callers::Visitor;
use sesh_edge::http::{Failure, Refusal};
use sesh_edge::io::Statement;
use sesh_edge::sql;
use sesh_types::ids::{PersonId, TenantId};

/// At whose address a visitor wants to sign up; nothing at the platform's own.
///
/// # Errors
/// 403 when that tenant is closed, 404 when nobody signs up there.
pub async fn to_sign_up(visitor: &Visitor) -> Result<Option<TenantId>, Failure> {
    let Some(host) = &visitor.host else { return Ok(None) };
    let rows = visitor.io.db(store::door(host)).await?;
    match rows.first::<DoorRow>(0)? {
        None => Ok(None),
        Some(DoorRow { is_open: 0, .. }) => Err(Refusal::tenant_inactive().into()),
        Some(DoorRow { sign_up_off: 1, .. }) => Err(Failure::not_found("way to sign up at this address")),
        Some(DoorRow { tenant_id, .. }) => Ok(Some(tenant_id)),
    }
}

/// Notes at whose address somebody has signed up, in the batch that makes them, if it was a tenant's.
pub fn came_by(tenant: Option<TenantId>, person: PersonId) -> Option<Statement> {
    let tenant = tenant?;
    Some(sql!("UPDATE people SET signed_up_at_tenant = ?2 WHERE id = ?1", person, tenant))
}
