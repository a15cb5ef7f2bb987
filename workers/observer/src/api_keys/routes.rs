//! Keys for those who own them: a person's, asked for by another Worker on their behalf, and a tenant's, for those who
//! run it. Whoever makes one or turns one over shows once more who they are.

use super::{Owner, rules, store, text};
use crate::audit::seal;
use crate::audit::store::Count;
use crate::callers::OnBehalf;
use crate::factors::routes::reauthenticated;
use crate::insider::Insider;
use crate::keys::Keyring;
use crate::mail::deliver;
use crate::{notices, reauth};
use axum::extract::State;
use serde_json::{Value, json};
use sesh_edge::http::{Answer, Body, Failure, Key, Listing, NoContent, Nothing, PageQuery, Query, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Once, Outcome};
use sesh_edge::io::{Batch, DbError, Rows};
use sesh_types::access::TenantRight;
use sesh_types::contract::factors::Reauthenticate;
use sesh_types::contract::keys::{ApiKey, MadeKey, MakeKey, RotateKey};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::KeyId;
use std::sync::Arc;

/// One's own keys, those that ended lately included.
pub async fn list(behalf: OnBehalf, Query(query): Query<PageQuery>) -> Result<Listing<ApiKey>, Failure> {
    behalf.must_be_oneself()?;
    let owner = of_person(&behalf);
    listed(&behalf, owner, query).await
}

/// The keys of the caller's tenant.
pub async fn list_of_tenant(
    insider: Insider,
    Query(query): Query<PageQuery>,
) -> Result<Listing<ApiKey>, Failure> {
    let owner = of_tenant(&insider)?;
    listed(insider.behalf(), owner, query).await
}

/// Makes a key of one's own.
pub async fn make(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<MakeKey>,
) -> Result<Answer<MadeKey, 201>, Failure> {
    let owner = of_person(&behalf);
    made(&behalf, owner, &keys, &key, body).await
}

/// Makes a key of the caller's tenant.
pub async fn make_of_tenant(
    insider: Insider,
    _: Query<Nothing>,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<MakeKey>,
) -> Result<Answer<MadeKey, 201>, Failure> {
    let owner = of_tenant(&insider)?;
    made(insider.behalf(), owner, &keys, &key, body).await
}

/// Turns a key of one's own over.
pub async fn rotate(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(id): Key<KeyId>,
    body: Body<RotateKey>,
) -> Result<Answer<MadeKey, 201>, Failure> {
    let owner = of_person(&behalf);
    rotated(&behalf, owner, id, &keys, &key, body).await
}

/// Turns a key of the caller's tenant over.
pub async fn rotate_of_tenant(
    insider: Insider,
    _: Query<Nothing>,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(id): Key<KeyId>,
    body: Body<RotateKey>,
) -> Result<Answer<MadeKey, 201>, Failure> {
    let owner = of_tenant(&insider)?;
    rotated(insider.behalf(), owner, id, &keys, &key, body).await
}

/// Ends a key of one's own.
pub async fn revoke(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(id): Key<KeyId>,
) -> Result<NoContent, Failure> {
    let owner = of_person(&behalf);
    revoked(&behalf, owner, id, &keys, &key).await
}

/// Ends a key of the caller's tenant.
pub async fn revoke_of_tenant(
    insider: Insider,
    _: Query<Nothing>,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(id): Key<KeyId>,
) -> Result<NoContent, Failure> {
    let owner = of_tenant(&insider)?;
    revoked(insider.behalf(), owner, id, &keys, &key).await
}

fn of_person(behalf: &OnBehalf) -> Owner {
    Owner { tenant: behalf.scope().tenant, person: Some(behalf.scope().person) }
}

fn of_tenant(insider: &Insider) -> Result<Owner, Failure> {
    insider.must(TenantRight::ManageKeys)?;
    Ok(Owner { tenant: insider.tenant(), person: None })
}

async fn listed(behalf: &OnBehalf, owner: Owner, query: PageQuery) -> Result<Listing<ApiKey>, Failure> {
    let paging = query.paging()?;
    let rows = behalf.read(store::list(owner, paging.limit, paging.offset())).await?;
    Listing::of(&of_rows(&rows, 1)?, paging.meta(rows.one::<Count>(0)?.total))
}

async fn made(
    behalf: &OnBehalf,
    owner: Owner,
    keys: &Arc<Keyring>,
    key: &IdempotencyKey,
    body: Body<MakeKey>,
) -> Result<Answer<MadeKey, 201>, Failure> {
    let (io, scope) = (behalf.io(), behalf.scope());
    behalf.read(Batch::new()).await?;
    let once = behalf.once(key, &body.bytes, keys);
    if let Some(text) = once.recorded(io).await? {
        return shown(keys, &text);
    }
    let new = rules::check(&body.value, owner, io.now())?;
    let MakeKey { password, code, recovery_code, .. } = body.value;
    let again = Reauthenticate { password, code, recovery_code };
    let (confirmed, good) = reauthenticated(behalf, keys, &again).await?;
    let (id, key_id) = (io.new_id(), keys.factors.key_id());
    let detail =
        json!({ "scopes": new.scopes, "expires_at": new.expires_at, "addresses": new.addresses.len() });
    let entry = behalf.entry_about("api_key.made", format!("api_key:{id}"), of(owner, detail));
    let spent = good.map(|good| good.spend(scope.person, entry.at)).unwrap_or_default();
    let before = Batch::from(confirmed.must_hold()).and(confirmed.release()?).then(spent);
    let place = before.len() + store::MAKE_STATEMENTS;
    let batch = before.then(store::make(owner, (id, key_id), &new, (io.new_id(), scope.person), &entry)?);
    let result = behalf.write(once.wrap_selected(batch, store::one(id), entry.at)).await;
    finish(behalf, keys, &once, result, place).await
}

async fn rotated(
    behalf: &OnBehalf,
    owner: Owner,
    old: KeyId,
    keys: &Arc<Keyring>,
    key: &IdempotencyKey,
    body: Body<RotateKey>,
) -> Result<Answer<MadeKey, 201>, Failure> {
    let (io, scope) = (behalf.io(), behalf.scope());
    let known = behalf.read(store::theirs(owner, old)).await?.first::<store::Found>(0)?.is_some();
    let once = behalf.once(key, &body.bytes, keys);
    if let Some(text) = once.recorded(io).await? {
        return shown(keys, &text);
    }
    if !known {
        return Err(Failure::not_found("API key"));
    }
    let overlap_ms = rules::overlap_ms(&body.value)?;
    let RotateKey { password, code, recovery_code, overlap_minutes } = body.value;
    let again = Reauthenticate { password, code, recovery_code };
    let (confirmed, good) = reauthenticated(behalf, keys, &again).await?;
    let (id, key_id) = (io.new_id::<KeyId>(), keys.factors.key_id());
    let detail = json!({ "replaced_by": id, "overlap_minutes": overlap_minutes });
    let entry = behalf.entry_about("api_key.rotated", format!("api_key:{old}"), of(owner, detail));
    let spent = good.map(|good| good.spend(scope.person, entry.at)).unwrap_or_default();
    let before = Batch::from(confirmed.must_hold()).and(confirmed.release()?).then(spent);
    let place = before.len() + store::ROTATE_STATEMENTS;
    let told = (io.new_id(), scope.person);
    let batch = before.then(store::rotate(owner, old, (id, key_id), overlap_ms, told, &entry));
    let result = behalf.write(once.wrap_selected(batch, store::one(id), entry.at)).await;
    finish(behalf, keys, &once, result, place).await
}

async fn revoked(
    behalf: &OnBehalf,
    owner: Owner,
    id: KeyId,
    keys: &Arc<Keyring>,
    key: &IdempotencyKey,
) -> Result<NoContent, Failure> {
    let (io, once) = (behalf.io(), key.bind(&behalf.scope().owner(), b"", None));
    let entry = behalf.entry_about("api_key.revoked", format!("api_key:{id}"), of(owner, json!({})));
    let result = behalf.write(once.wrap(store::revoke(owner, id, &entry)?, "{}", entry.at)).await;
    // Delivered first, whatever became of this try: the one before may have been cut short after its batch.
    notices::deliver(io, behalf.request_id()).await?;
    once.settle(io, result, explain).await?;
    seal::later(io, keys);
    Ok(NoContent::default())
}

/// Notes in an entry's detail whose key it is.
fn of(owner: Owner, mut detail: Value) -> Value {
    if let Some(detail) = detail.as_object_mut() {
        let owner = owner.person.map_or_else(|| "tenant".to_owned(), |person| format!("person:{person}"));
        detail.insert("owner".to_owned(), owner.into());
    }
    detail
}

async fn finish(
    behalf: &OnBehalf,
    keys: &Arc<Keyring>,
    once: &Once,
    result: Result<Rows, DbError>,
    place: usize,
) -> Result<Answer<MadeKey, 201>, Failure> {
    let io = behalf.io();
    let text = match once.settle(io, result, explain).await? {
        Outcome::Fresh(rows) => rows.one::<store::Body>(place)?.body,
        Outcome::Replayed(text) => text,
    };
    deliver::later(io, keys);
    seal::later(io, keys);
    shown(keys, &text)
}

/// The answer, whose key is made again of what is kept: an idempotency record holds none.
fn shown(keys: &Keyring, record: &str) -> Result<Answer<MadeKey, 201>, Failure> {
    let row = read(record)?;
    let key_id = row.key_id.clone();
    let about = ApiKey::from(row);
    let key =
        text(keys, about.id, &key_id).ok_or_else(|| Failure::internal("the key of an API key is gone"))?;
    Answer::of(&MadeKey { about, key })
}

/// The keys that a statement selected.
///
/// # Errors
/// A defect, when one cannot be read.
pub fn of_rows(rows: &Rows, place: usize) -> Result<Vec<ApiKey>, Failure> {
    rows.all::<store::Body>(place)?.iter().map(|row| read(&row.body).map(ApiKey::from)).collect()
}

fn read(text: &str) -> Result<store::KeyRow, Failure> {
    serde_json::from_str(text).map_err(Failure::internal)
}

fn explain(error: DbError) -> Failure {
    match &error {
        error if error.is_refusal("too_many_keys") => {
            Refusal::new(ErrorCode::Conflict, "There are as many keys as there may be. End one first.").into()
        }
        error if error.is_refusal("key_has_ended") => {
            Refusal::new(ErrorCode::Conflict, "This key has ended, or another took its place already.").into()
        }
        error if error.is_refusal("code_used") => crate::factors::present::wrong_code(),
        error if error.is_refusal("credentials_changed") => reauth::wrong_password(),
        error if error.is_refusal("not_found") => Failure::not_found("API key"),
        _ => error.into(),
    }
}
