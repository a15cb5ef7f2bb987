//! Tenants, for the platform's administrators.

use super::{rules, store};
use crate::audit::store::Count;
use crate::audit::{Entry, seal};
use crate::callers::Actor;
use crate::keys::Keyring;
use crate::{notices, people};
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, IfMatch, Key, Listing, Paging, Query, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::{Batch, DbError, Io, PeerCall};
use sesh_edge::peer;
use sesh_edge::service::X_REQUEST_ID;
use sesh_types::access::PlatformRight;
use sesh_types::contract::admin::Suspend;
use sesh_types::contract::tenants::{
    Deactivate, EditTenant, NewTenant, Storage, Tenant, TenantsQuery, Usage, Used, storage_of,
};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::{StaffId, TenantId};
use sesh_types::rules::Issue;
use sesh_types::time::{DAY_MS, Timestamp};
use std::sync::Arc;

/// Tenants, by slug.
pub async fn list(actor: Actor, Query(query): Query<TenantsQuery>) -> Result<Listing<Tenant>, Failure> {
    let owner = actor.must(PlatformRight::ReadTenants)?;
    let paging = Paging::of(query.page, query.limit)?;
    let search = people::rules::search(query.q.as_deref())
        .map_err(|issues| Refusal::issues(ErrorCode::BadRequest, issues))?;
    let page = store::list(search.as_deref(), query.status, owner, paging.limit, paging.offset());
    let rows = actor.db(page).await?;
    let tenants: Result<Vec<_>, _> =
        rows.all::<store::Body>(1)?.iter().map(|row| tenant(&row.body)).collect();
    Listing::of(&tenants?, paging.meta(rows.one::<Count>(0)?.total))
}

/// One tenant, with the version as entity tag.
pub async fn one(actor: Actor, Key(id): Key<TenantId>) -> Result<Answer<Tenant>, Failure> {
    let owner = actor.must(PlatformRight::ReadTenants)?;
    let rows = actor.db(Batch::from(store::must_be_of(id, owner)).and(store::one(id))).await;
    let row = rows.map_err(explain)?.first::<store::Body>(1)?;
    answer(&row.ok_or_else(|| Failure::not_found("tenant"))?.body)
}

/// How much of its quotas a tenant uses.
pub async fn usage(actor: Actor, Key(id): Key<TenantId>) -> Result<Answer<Usage>, Failure> {
    let owner = actor.must(PlatformRight::ReadTenants)?;
    let batch = Batch::from(store::must_be_of(id, owner)).and(store::usage(id, day_of(actor.io.now())));
    let rows = actor.db(batch).await.map_err(explain)?;
    used(&actor.io, &actor.request_id, id, rows.first(1)?).await
}

/// What is known here, and what tracker counts.
pub(super) async fn used(
    io: &Io,
    request_id: &str,
    id: TenantId,
    known: Option<store::Known>,
) -> Result<Answer<Usage>, Failure> {
    let known = known.ok_or_else(|| Failure::not_found("tenant"))?;
    let headers = vec![(X_REQUEST_ID.to_string(), request_id.to_owned())];
    let call = PeerCall { binding: "TRACKER", method: "GET", path: storage_of(id), headers, body: None };
    let storage: Storage = peer::read(io.peer(call).await)?.data;
    let next_day = Timestamp((day_of(io.now()) + 1) * DAY_MS);
    Answer::of(&Usage {
        people: Used { used: Some(known.people), limit: known.max_people },
        calls_a_day: Used { used: Some(known.calls_today), limit: known.max_calls_a_day },
        calls_reset_at: next_day,
        storage_bytes: Used {
            used: storage.bytes,
            limit: known.max_storage_mb.map(|megabytes| megabytes.saturating_mul(1_000_000)),
        },
    })
}

pub(super) const fn day_of(time: Timestamp) -> i64 {
    time.0.div_euclid(DAY_MS)
}

/// Makes a tenant. Its first owner is invited afterwards.
pub async fn create(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<NewTenant>,
) -> Result<Answer<Tenant, 201>, Failure> {
    let owner = actor.must(PlatformRight::ManageTenants)?;
    let new = with_reseller(rules::check_new(body.value)?, owner)?;
    let id = actor.io.new_id();
    let entry = entry(&actor, id, "tenant.created", json!({ "slug": new.slug }));
    let batch = store::create(id, &new, &entry);
    let tenant = change(&actor, &keys, &key, &body.bytes, id, (batch, store::CREATE_STATEMENTS)).await?;
    Ok(Answer::of(&tenant)?.version(tenant.version))
}

/// Edits name, domains, quotas, and how one signs up.
pub async fn edit(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    if_match: IfMatch,
    key: IdempotencyKey,
    Key(id): Key<TenantId>,
    body: Body<EditTenant>,
) -> Result<Answer<Tenant>, Failure> {
    let owner = actor.must(PlatformRight::ManageTenants)?;
    let edit = rules::check_edit(body.value)?;
    if owner.is_some() && edit.reseller_id.is_some() {
        return Err(not_theirs_to_say());
    }
    let entry = entry(&actor, id, "tenant.edited", edited_fields(&edit));
    let batch = store::edit(id, &edit, if_match.version(), &entry);
    let batch = Batch::from(store::must_be_of(id, owner)).then(batch);
    let tenant = change(&actor, &keys, &key, &body.bytes, id, (batch, store::EDIT_STATEMENTS + 1)).await?;
    Ok(Answer::of(&tenant)?.version(tenant.version))
}

/// Closes a tenant. When this is acknowledged, everything of it is 403 on every Worker.
pub async fn deactivate(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(id): Key<TenantId>,
    body: Body<Deactivate>,
) -> Result<Answer<Tenant>, Failure> {
    let owner = actor.must(PlatformRight::SuspendTenants)?;
    let reason = people::rules::reason(&Suspend { reason: body.value.reason })?;
    let entry = entry(&actor, id, "tenant.deactivated", json!({ "reason": reason }));
    let batch = Batch::from(store::must_be_of(id, owner)).then(store::set_status(id, Some(&reason), &entry));
    let tenant = change(&actor, &keys, &key, &body.bytes, id, (batch, store::STATUS_STATEMENTS + 1)).await?;
    Ok(Answer::of(&tenant)?.version(tenant.version))
}

/// Opens a tenant again.
pub async fn activate(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(id): Key<TenantId>,
) -> Result<Answer<Tenant>, Failure> {
    let owner = actor.must(PlatformRight::SuspendTenants)?;
    let entry = entry(&actor, id, "tenant.activated", json!({}));
    let batch = Batch::from(store::must_be_of(id, owner)).then(store::set_status(id, None, &entry));
    let tenant = change(&actor, &keys, &key, b"", id, (batch, store::STATUS_STATEMENTS + 1)).await?;
    Ok(Answer::of(&tenant)?.version(tenant.version))
}

/// Changes a tenant, tells the Workers that serve it, and gives it as it stands then.
async fn change(
    actor: &Actor,
    keys: &Arc<Keyring>,
    key: &IdempotencyKey,
    body: &[u8],
    id: TenantId,
    (batch, statements): (Batch, usize),
) -> Result<Tenant, Failure> {
    let (io, now) = (&actor.io, actor.io.now());
    let once = key.bind(&actor.name, body, None);
    let result = actor.db(once.wrap_selected(batch, store::one(id), now)).await;
    // Delivered first, whatever became of this try: the one before may have been cut short after its batch.
    notices::deliver(io, &actor.request_id).await?;
    let text = match once.settle(io, result, explain).await? {
        Outcome::Fresh(rows) => rows.one::<store::Body>(statements)?.body,
        Outcome::Replayed(text) => text,
    };
    seal::later(io, keys);
    tenant(&text)
}

/// A reseller's tenants are their own, whoever they name.
fn with_reseller(new: NewTenant, owner: Option<StaffId>) -> Result<NewTenant, Failure> {
    match (owner, new.reseller_id) {
        (None, _) => Ok(new),
        (Some(owner), named) if named.is_none_or(|named| named == owner) => {
            Ok(NewTenant { reseller_id: Some(owner), ..new })
        }
        _ => Err(not_theirs_to_say()),
    }
}

fn not_theirs_to_say() -> Failure {
    let message = "Which reseller manages a tenant is not a reseller's to say.";
    Refusal::new(ErrorCode::Forbidden, message).into()
}

/// What a change of tenants is refused for, in words.
pub(super) fn explain(error: DbError) -> Failure {
    let conflict = |message: &str| Refusal::new(ErrorCode::Conflict, message).into();
    match &error {
        DbError::Unique(columns) if columns.contains("slug") => conflict("There is a tenant with this slug."),
        DbError::Unique(columns) if columns.contains("domain") => {
            conflict("A domain belongs to another tenant.")
        }
        DbError::Refused(reason) if reason == "not_found" => Failure::not_found("tenant"),
        DbError::Refused(reason) if reason == "unknown_reseller" => {
            let message = "must be the id of a reseller on the staff".to_owned();
            Failure::rules(vec![Issue {
                field: "reseller_id".to_owned(),
                code: "unknown".to_owned(),
                message,
            }])
        }
        DbError::Refused(reason) if reason == "consumers_tenant" => {
            conflict("The consumers' tenant stays open.")
        }
        _ => error.into(),
    }
}

/// Which fields an edit names, for the audit log; and how one signs up from then on, if it says so.
pub(super) fn edited_fields(edit: &EditTenant) -> serde_json::Value {
    let given = [
        ("name", edit.name.is_some()),
        ("domains", edit.domains.is_some()),
        ("quotas", edit.quotas.is_some()),
        ("reseller_id", edit.reseller_id.is_some()),
        ("confirm_sign_up", edit.confirm_sign_up.is_some()),
    ];
    let fields: Vec<_> = given.iter().filter_map(|(field, given)| given.then_some(field)).collect();
    match edit.confirm_sign_up {
        Some(confirm) => json!({ "fields": fields, "confirm_sign_up": confirm }),
        None => json!({ "fields": fields }),
    }
}

pub(super) fn tenant(text: &str) -> Result<Tenant, Failure> {
    serde_json::from_str::<store::TenantRow>(text).map(Tenant::from).map_err(Failure::internal)
}

pub(super) fn answer(text: &str) -> Result<Answer<Tenant>, Failure> {
    let tenant = tenant(text)?;
    Ok(Answer::of(&tenant)?.version(tenant.version))
}

fn entry(actor: &Actor, id: TenantId, action: &'static str, detail: serde_json::Value) -> Entry {
    Entry { tenant: id, ..actor.entry(action, format!("tenant:{id}"), detail) }
}
