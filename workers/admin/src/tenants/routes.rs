//! HTTP of tenants.

use crate::keys::{ManageTenants, Operator, ReadTenants, SuspendTenants};
use crate::peers::{Ask, OBSERVER};
use sesh_edge::http::{
    Answer, Body, Failure, IfMatch, Key, Listing, Nothing, OptionalBody, Query, etag_of_version,
};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_types::contract::brands::{Brand, EditBrand};
use sesh_types::contract::tenants::{
    Deactivate, EditTenant, Invite, Invited, NewTenant, TENANTS, Tenant, TenantsQuery, Usage,
};
use sesh_types::ids::TenantId;

/// Tenants, by slug.
pub(crate) async fn list(
    key: Operator<ReadTenants>,
    query: Query<TenantsQuery>,
) -> Result<Listing<Tenant>, Failure> {
    Ask::get(&key, OBSERVER, TENANTS).query(&query.0)?.page().await
}

/// One tenant.
pub(crate) async fn show(
    key: Operator<ReadTenants>,
    Key(tenant): Key<TenantId>,
    _: Query<Nothing>,
) -> Result<Answer<Tenant>, Failure> {
    versioned(Ask::get(&key, OBSERVER, format!("{TENANTS}/{tenant}")).ask().await?)
}

/// How much of its quotas a tenant uses.
pub(crate) async fn usage(
    key: Operator<ReadTenants>,
    Key(tenant): Key<TenantId>,
    _: Query<Nothing>,
) -> Result<Answer<Usage>, Failure> {
    Ask::get(&key, OBSERVER, format!("{TENANTS}/{tenant}/usage")).answer().await
}

/// A new tenant, without anybody in it: its first owner is invited.
pub(crate) async fn create(
    key: Operator<ManageTenants>,
    _: Query<Nothing>,
    once: IdempotencyKey,
    body: Body<NewTenant>,
) -> Result<Answer<Tenant, 201>, Failure> {
    versioned(Ask::post(&key, OBSERVER, TENANTS).once(&once).body(&body.value)?.ask().await?)
}

/// Edits name, domains, quotas.
pub(crate) async fn edit(
    key: Operator<ManageTenants>,
    Key(tenant): Key<TenantId>,
    _: Query<Nothing>,
    if_match: IfMatch,
    once: IdempotencyKey,
    body: Body<EditTenant>,
) -> Result<Answer<Tenant>, Failure> {
    let tag = if_match.version().map(etag_of_version);
    let ask = Ask::patch(&key, OBSERVER, format!("{TENANTS}/{tenant}")).once(&once).if_match(tag);
    versioned(ask.body(&body.value)?.ask().await?)
}

/// How a tenant's domains look.
pub(crate) async fn brand(
    key: Operator<ReadTenants>,
    Key(tenant): Key<TenantId>,
    _: Query<Nothing>,
) -> Result<Answer<Brand>, Failure> {
    branded(Ask::get(&key, OBSERVER, format!("{TENANTS}/{tenant}/brand")).ask().await?)
}

/// Edits names, hues, logo, language, and which parts of the app are off.
pub(crate) async fn edit_brand(
    key: Operator<ManageTenants>,
    Key(tenant): Key<TenantId>,
    _: Query<Nothing>,
    if_match: IfMatch,
    once: IdempotencyKey,
    body: Body<EditBrand>,
) -> Result<Answer<Brand>, Failure> {
    let tag = if_match.version().map(etag_of_version);
    let ask = Ask::patch(&key, OBSERVER, format!("{TENANTS}/{tenant}/brand")).once(&once).if_match(tag);
    branded(ask.body(&body.value)?.ask().await?)
}

/// When this is answered, everything of the tenant is 403 on every Worker: observer has told them all.
pub(crate) async fn deactivate(
    key: Operator<SuspendTenants>,
    Key(tenant): Key<TenantId>,
    _: Query<Nothing>,
    once: IdempotencyKey,
    body: Body<Deactivate>,
) -> Result<Answer<Tenant>, Failure> {
    let ask = Ask::post(&key, OBSERVER, format!("{TENANTS}/{tenant}/deactivate")).once(&once);
    versioned(ask.body(&body.value)?.ask().await?)
}

/// The tenant goes on where it was.
pub(crate) async fn activate(
    key: Operator<SuspendTenants>,
    Key(tenant): Key<TenantId>,
    _: Query<Nothing>,
    once: IdempotencyKey,
    _: OptionalBody<Nothing>,
) -> Result<Answer<Tenant>, Failure> {
    versioned(Ask::post(&key, OBSERVER, format!("{TENANTS}/{tenant}/activate")).once(&once).ask().await?)
}

/// Invites somebody into the tenant: its first owner.
pub(crate) async fn invite(
    key: Operator<ManageTenants>,
    Key(tenant): Key<TenantId>,
    _: Query<Nothing>,
    once: IdempotencyKey,
    body: Body<Invite>,
) -> Result<Answer<Invited, 201>, Failure> {
    let ask = Ask::post(&key, OBSERVER, format!("{TENANTS}/{tenant}/invitations")).once(&once);
    ask.body(&body.value)?.answer_created().await
}

fn branded(brand: Brand) -> Result<Answer<Brand>, Failure> {
    Ok(Answer::of(&brand)?.version(brand.version))
}

fn versioned<const STATUS: u16>(tenant: Tenant) -> Result<Answer<Tenant, STATUS>, Failure> {
    Ok(Answer::of(&tenant)?.version(tenant.version))
}
