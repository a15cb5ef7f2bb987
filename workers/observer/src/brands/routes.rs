//! HTTP of brands: for whoever runs a tenant, for the platform's administrators, and a logo's bytes for tracker.

use super::rules::{self, Checked};
use super::store;
use crate::audit::seal;
use crate::callers::Actor;
use crate::keys::Keyring;
use crate::notices;
use crate::steward::Steward;
use crate::tenants;
use axum::extract::State;
use serde_json::{Value, json};
use sesh_edge::http::{Answer, Body, Failure, FleetCaller, IfMatch, Key, Nothing, Query, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::{Batch, Io};
use sesh_types::access::{PlatformRight, TenantRight};
use sesh_types::contract::brands::{Brand, EditBrand, LogoFile, LogoQuery};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::TenantId;
use std::sync::Arc;

/// The brand of the tenant of the caller's token, with its version as entity tag.
pub async fn own(steward: Steward, _: Query<Nothing>) -> Result<Answer<Brand>, Failure> {
    steward.must(TenantRight::SeeMembers)?;
    let rows = steward.read(store::one(steward.tenant())).await?;
    answer(&rows.first::<store::Body>(0)?.ok_or_else(|| Failure::not_found("tenant"))?.body)
}

/// Edits it.
pub async fn edit_own(
    steward: Steward,
    _: Query<Nothing>,
    State(keys): State<Arc<Keyring>>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: Body<EditBrand>,
) -> Result<Answer<Brand>, Failure> {
    steward.must(TenantRight::EditSettings)?;
    let checked = rules::check(body.value)?;
    let (io, id) = (steward.io(), steward.tenant());
    let entry = steward.entry("brand.edited", format!("tenant:{id}"), audited(&checked));
    let once = key.bind(&steward.owner(), &body.bytes, None);
    let batch = store::edit(id, &checked, if_match.version(), &entry);
    let result = steward.write(once.wrap_selected(batch, store::one(id), entry.at)).await;
    // Delivered first, whatever became of this try: the one before may have been cut short after its batch.
    notices::deliver(io, steward.request_id()).await?;
    let text = match once.settle(io, result, Failure::from).await? {
        Outcome::Fresh(rows) => rows.one::<store::Body>(store::EDIT_STATEMENTS)?.body,
        Outcome::Replayed(text) => text,
    };
    seal::later(io, &keys);
    answer(&text)
}

/// A tenant's brand, for the platform's administrators.
pub async fn one(actor: Actor, Key(id): Key<TenantId>) -> Result<Answer<Brand>, Failure> {
    let owner = actor.must(PlatformRight::ReadTenants)?;
    let rows = actor.db(Batch::from(tenants::store::must_be_of(id, owner)).and(store::one(id))).await?;
    let row = rows.first::<store::Body>(1)?;
    answer(&row.ok_or_else(|| Failure::not_found("tenant"))?.body)
}

/// Edits it for them.
pub async fn edit(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    if_match: IfMatch,
    key: IdempotencyKey,
    Key(id): Key<TenantId>,
    body: Body<EditBrand>,
) -> Result<Answer<Brand>, Failure> {
    let owner = actor.must(PlatformRight::ManageTenants)?;
    let checked = rules::check(body.value)?;
    if id == TenantId::CONSUMERS {
        let message = "The consumers' tenant looks as the platform does.";
        return Err(Refusal::new(ErrorCode::Conflict, message).into());
    }
    let (io, now): (&Io, _) = (&actor.io, actor.io.now());
    let entry = crate::audit::Entry {
        tenant: id,
        ..actor.entry("brand.edited", format!("tenant:{id}"), audited(&checked))
    };
    let once = key.bind(&actor.name, &body.bytes, None);
    let batch = Batch::from(tenants::store::must_be_of(id, owner)).then(store::edit(
        id,
        &checked,
        if_match.version(),
        &entry,
    ));
    let result = actor.db(once.wrap_selected(batch, store::one(id), now)).await;
    notices::deliver(io, &actor.request_id).await?;
    let text = match once.settle(io, result, Failure::from).await? {
        Outcome::Fresh(rows) => rows.one::<store::Body>(store::EDIT_STATEMENTS + 1)?.body,
        Outcome::Replayed(text) => text,
    };
    seal::later(io, &keys);
    answer(&text)
}

/// A logo's bytes.
pub async fn logo(
    _: FleetCaller,
    io: Io,
    Query(query): Query<LogoQuery>,
) -> Result<Answer<LogoFile>, Failure> {
    let rows = io.db(store::logo(&query.hash)).await?;
    let row = rows.first::<store::LogoRow>(0)?.ok_or_else(|| Failure::not_found("logo"))?;
    Answer::of(&LogoFile { png: row.png })
}

/// What an edit gives, for the audit log: of a logo its hash, of an address that it is given.
fn audited(checked: &Checked) -> Value {
    let mut after = serde_json::to_value(&checked.edit).unwrap_or_else(|_| json!({}));
    if let Some(fields) = after.as_object_mut() {
        if let Some(logo) = &checked.logo {
            fields.insert("logo".to_owned(), logo.as_ref().map_or(Value::Null, |(logo, _)| json!(logo.hash)));
        }
        if let Some(address) = fields.get_mut("support_email") {
            *address = if address.is_null() { json!("taken away") } else { json!("given") };
        }
    }
    after
}

fn answer(text: &str) -> Result<Answer<Brand>, Failure> {
    let brand: Brand = serde_json::from_str(text).map_err(Failure::internal)?;
    Ok(Answer::of(&brand)?.version(brand.version))
}
