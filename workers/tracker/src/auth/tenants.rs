//! Belonging to tenants: accepting an invitation, and leaving.

use super::observer::{NO_BODY, Observer};
use sesh_edge::http::{Failure, RequestInfo};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::token::Person;
use sesh_types::contract::Token;
use sesh_types::contract::tenants::{ACCEPT, Accept, OWN_TENANTS, OwnTenant};
use sesh_types::envelope::Success;
use sesh_types::ids::TenantId;

/// Accepts an invitation to the caller's own address.
pub(crate) async fn accept(
    person: &Person,
    info: &RequestInfo,
    key: &IdempotencyKey,
    token: Token,
) -> Result<OwnTenant, Failure> {
    let call = Observer::new(person.io(), info).on_behalf_of(person).once(key);
    let answer: Success<OwnTenant> = call.ask("POST", ACCEPT, Some(&Accept { token })).await?;
    Ok(answer.data)
}

/// Ends the caller's own membership.
pub(crate) async fn leave(
    person: &Person,
    info: &RequestInfo,
    key: &IdempotencyKey,
    tenant: TenantId,
) -> Result<(), Failure> {
    let call = Observer::new(person.io(), info).on_behalf_of(person).once(key);
    call.tell("DELETE", &format!("{OWN_TENANTS}/{tenant}"), NO_BODY).await
}
