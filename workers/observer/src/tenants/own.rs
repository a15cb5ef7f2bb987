//! The tenant that one works in, for its own people.

use super::{routes, rules, store};
use crate::audit::seal;
use crate::keys::Keyring;
use crate::notices;
use crate::steward::Steward;
use axum::extract::State;
use sesh_edge::http::{Answer, Body, Failure, IfMatch, Nothing, Query};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_types::access::TenantRight;
use sesh_types::contract::tenants::{EditTenant, Tenant, Usage};
use sesh_types::rules::Issues;
use std::sync::Arc;

/// The tenant of the caller's token, with the version as entity tag.
pub async fn read(insider: Steward, _: Query<Nothing>) -> Result<Answer<Tenant>, Failure> {
    insider.must(TenantRight::SeeMembers)?;
    let rows = insider.read(store::one(insider.tenant())).await?;
    routes::answer(&rows.first::<store::Body>(0)?.ok_or_else(|| Failure::not_found("tenant"))?.body)
}

/// How much of its quotas it uses.
pub async fn usage(insider: Steward, _: Query<Nothing>) -> Result<Answer<Usage>, Failure> {
    insider.must(TenantRight::SeeMembers)?;
    let (id, now) = (insider.tenant(), insider.io().now());
    let rows = insider.read(store::usage(id, routes::day_of(now))).await?;
    routes::used(insider.io(), insider.request_id(), id, rows.first(0)?).await
}

/// Edits name, domains and how one signs up; quotas and reseller are the platform's to set.
pub async fn edit(
    insider: Steward,
    _: Query<Nothing>,
    State(keys): State<Arc<Keyring>>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: Body<EditTenant>,
) -> Result<Answer<Tenant>, Failure> {
    insider.must(TenantRight::EditSettings)?;
    let mut issues = Issues::default();
    for (field, given) in
        [("quotas", body.value.quotas.is_some()), ("reseller_id", body.value.reseller_id.is_some())]
    {
        issues.require(!given, field, "read_only", "is set by the platform");
    }
    issues.done()?;
    let edit = rules::check_edit(body.value)?;
    let (io, id) = (insider.io(), insider.tenant());
    let entry = insider.entry("tenant.edited", format!("tenant:{id}"), routes::edited_fields(&edit));
    let once = key.bind(&insider.owner(), &body.bytes, None);
    let batch = store::edit(id, &edit, if_match.version(), &entry);
    let result = insider.write(once.wrap_selected(batch, store::one(id), entry.at)).await;
    notices::deliver(io, insider.request_id()).await?;
    let text = match once.settle(io, result, routes::explain).await? {
        Outcome::Fresh(rows) => rows.one::<store::Body>(store::EDIT_STATEMENTS)?.body,
        Outcome::Replayed(text) => text,
    };
    seal::later(io, &keys);
    routes::answer(&text)
}
