//! Programs, for the platform's administrators.

use super::{rules, secret, store};
use crate::audit::store::Count;
use crate::audit::{Entry, seal};
use crate::callers::Actor;
use crate::keys::Keyring;
use crate::notices;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, IfMatch, Key, Listing, NoContent, PageQuery, Query};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::DbError;
use sesh_edge::secret::base64url;
use sesh_types::access::PlatformRight::ManageClients;
use sesh_types::contract::clients::{Client, ClientKind, EditClient, NewClient, Registered};
use sesh_types::ids::{ClientId, TenantId};
use sesh_types::rules::Issue;
use std::sync::Arc;

/// Programs, the newest first.
pub async fn list(actor: Actor, Query(query): Query<PageQuery>) -> Result<Listing<Client>, Failure> {
    actor.must(ManageClients)?;
    let paging = query.paging()?;
    let rows = actor.db(store::list(paging.limit, paging.offset())).await?;
    let clients: Result<Vec<Client>, Failure> =
        rows.all::<store::Body>(1)?.iter().map(|row| Ok(store::ClientRow::read(&row.body)?.into())).collect();
    Listing::of(&clients?, paging.meta(rows.one::<Count>(0)?.total))
}

/// One program.
pub async fn one(actor: Actor, Key(id): Key<ClientId>) -> Result<Answer<Client>, Failure> {
    actor.must(ManageClients)?;
    let client = Client::from(found(&actor, id).await?);
    Ok(Answer::of(&client)?.version(client.version))
}

/// What the record of an idempotency key keeps of a registration: what the secret is made of again, not the secret.
#[derive(Serialize, Deserialize)]
struct Kept {
    client: Client,
    nonce: String,
}

/// Registers a program. Its secret is in the answer, and nowhere else.
pub async fn register(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<NewClient>,
) -> Result<Answer<Registered, 201>, Failure> {
    actor.must(ManageClients)?;
    let (io, new) = (&actor.io, &body.value);
    rules::check(&rules::Registration {
        name: &new.name,
        kind: new.kind,
        redirect_uris: &new.redirect_uris,
        grant_types: &new.grant_types,
        scopes: &new.scopes,
    })?;
    let (id, nonce) = (io.new_id::<ClientId>(), base64url(&io.random::<16>()));
    let hashed = (new.kind == ClientKind::Confidential)
        .then(|| secret::hash(&keys, id, &secret::made(&keys, id, &nonce).0));
    let tenant = new.tenant_id.unwrap_or(TenantId::CONSUMERS);
    let entry =
        entry(&actor, tenant, id, "client.registered", &json!({ "name": new.name.trim(), "kind": new.kind }));
    let client = Client {
        id,
        name: new.name.trim().to_owned(),
        kind: new.kind,
        redirect_uris: new.redirect_uris.clone(),
        grant_types: new.grant_types.clone(),
        scopes: new.scopes.iter().copied().collect::<sesh_types::access::Scopes>().iter().collect(),
        tenant_id: new.tenant_id,
        first_party: new.first_party,
        created_at: entry.at,
        version: 1,
    };
    let kept = Kept { client, nonce };
    let record = serde_json::to_string(&kept).map_err(Failure::internal)?;
    let once = key.bind(&actor.name, &body.bytes, None);
    let batch = store::register(id, new, hashed.as_deref(), &entry);
    let result = actor.db(once.wrap(batch, &record, entry.at)).await;
    let kept = match once.settle(io, result, unknown_tenant).await? {
        Outcome::Fresh(_) => kept,
        Outcome::Replayed(text) => serde_json::from_str(&text).map_err(Failure::internal)?,
    };
    seal::later(io, &keys);
    let secret = (kept.client.kind == ClientKind::Confidential)
        .then(|| secret::made(&keys, kept.client.id, &kept.nonce));
    let version = kept.client.version;
    Ok(Answer::of(&Registered { client: kept.client, secret })?.version(version))
}

/// Edits a program. What it was granted before stays, within what it may ask for from now on.
pub async fn edit(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    if_match: IfMatch,
    key: IdempotencyKey,
    Key(id): Key<ClientId>,
    body: Body<EditClient>,
) -> Result<Answer<Client>, Failure> {
    actor.must(ManageClients)?;
    let (io, edit) = (&actor.io, &body.value);
    let once = key.bind(&actor.name, &body.bytes, None);
    if let Some(text) = once.recorded(io).await? {
        return answer(&text);
    }
    let stands = found(&actor, id).await?;
    let scopes: Vec<_> = stands.scopes.iter().collect();
    rules::check(&rules::Registration {
        name: edit.name.as_deref().unwrap_or(&stands.name),
        kind: stands.kind,
        redirect_uris: edit.redirect_uris.as_deref().unwrap_or(&stands.redirect_uris),
        grant_types: edit.grant_types.as_deref().unwrap_or(&stands.grant_types),
        scopes: edit.scopes.as_deref().unwrap_or(&scopes),
    })?;
    // The rules were asked of what stood here: nothing else may stand there now.
    let version = if_match.version().unwrap_or(stands.version);
    let entry = entry(&actor, stands.tenant(), id, "client.edited", &json!({ "fields": fields(edit) }));
    let batch = store::edit(id, edit, version, &entry);
    let result = actor.db(once.wrap_selected(batch, store::one(id), entry.at)).await;
    let text = match once.settle(io, result, not_found).await? {
        Outcome::Fresh(rows) => rows.one::<store::Body>(store::EDIT_STATEMENTS)?.body,
        Outcome::Replayed(text) => text,
    };
    seal::later(io, &keys);
    answer(&text)
}

/// Takes a program away. When this is acknowledged, no token of it counts anywhere.
pub async fn remove(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(id): Key<ClientId>,
) -> Result<NoContent, Failure> {
    actor.must(ManageClients)?;
    let io = &actor.io;
    let once = key.bind(&actor.name, b"", None);
    let row = actor.db(store::one(id)).await?.first::<store::Body>(0)?;
    let stands = row.map(|row| store::ClientRow::read(&row.body)).transpose()?;
    let (tenant, name) = stands.map_or((TenantId::CONSUMERS, None), |row| (row.tenant(), Some(row.name)));
    let entry = entry(&actor, tenant, id, "client.removed", &json!({ "name": name }));
    let result = actor.db(once.wrap(store::remove(id, &entry), "{}", entry.at)).await;
    // Delivered first, whatever became of this try: the one before may have been cut short after its batch.
    notices::deliver(io, &actor.request_id).await?;
    once.settle(io, result, not_found).await?;
    seal::later(io, &keys);
    Ok(NoContent::default())
}

async fn found(actor: &Actor, id: ClientId) -> Result<store::ClientRow, Failure> {
    let row = actor.db(store::one(id)).await?.first::<store::Body>(0)?;
    store::ClientRow::read(&row.ok_or_else(|| Failure::not_found("program"))?.body)
}

fn answer(text: &str) -> Result<Answer<Client>, Failure> {
    let client = Client::from(store::ClientRow::read(text)?);
    Ok(Answer::of(&client)?.version(client.version))
}

fn not_found(error: DbError) -> Failure {
    if error.is_refusal("not_found") { Failure::not_found("program") } else { error.into() }
}

fn unknown_tenant(error: DbError) -> Failure {
    if !error.is_refusal("not_found") {
        return error.into();
    }
    let message = "must be a tenant".to_owned();
    Failure::rules(vec![Issue { field: "tenant_id".to_owned(), code: "unknown".to_owned(), message }])
}

/// Which fields an edit names, for the audit log.
fn fields(edit: &EditClient) -> Vec<&'static str> {
    let given = [
        ("name", edit.name.is_some()),
        ("redirect_uris", edit.redirect_uris.is_some()),
        ("grant_types", edit.grant_types.is_some()),
        ("scopes", edit.scopes.is_some()),
        ("first_party", edit.first_party.is_some()),
    ];
    given.iter().filter_map(|(field, given)| given.then_some(*field)).collect()
}

fn entry(
    actor: &Actor,
    tenant: TenantId,
    id: ClientId,
    action: &'static str,
    detail: &serde_json::Value,
) -> Entry {
    Entry {
        tenant,
        at: actor.io.now(),
        actor: actor.name.clone(),
        action,
        entity: format!("client:{id}"),
        request_id: actor.request_id.clone(),
        detail: detail.clone(),
    }
}
