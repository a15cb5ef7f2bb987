//! Members, for the people of their tenant.

use super::store;
use crate::audit::seal;
use crate::audit::store::Count;
use crate::callers::OnBehalf;
use crate::keys::Keyring;
use crate::steward::Steward;
use crate::{me, notices};
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{
    Answer, Body, Failure, IfMatch, Key, Listing, NoContent, Nothing, PageQuery, Query, Refusal,
};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::DbError;
use sesh_types::access::{Apps, TenantRight, TenantRole};
use sesh_types::contract::tenants::{EditMember, Member};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::{PersonId, TenantId};
use std::sync::Arc;

/// Everybody who works in the caller's tenant.
pub async fn list(
    insider: Steward,
    State(keys): State<Arc<Keyring>>,
    Query(query): Query<PageQuery>,
) -> Result<Listing<Member>, Failure> {
    insider.must(TenantRight::SeeMembers)?;
    let paging = query.paging()?;
    let rows = insider.read(store::list(insider.tenant(), paging.limit, paging.offset())).await?;
    let members: Result<Vec<_>, _> =
        rows.all::<store::Body>(1)?.iter().map(|body| row(&body.body)?.member(&keys)).collect();
    Listing::of(&members?, paging.meta(rows.one::<Count>(0)?.total))
}

/// Edits somebody's role or apps. Their tokens of before are dead when this is acknowledged.
///
/// 1. Reads what they are: whoever may not manage that role, or the one to be given, is refused.
/// 2. Writes the change if they still are, in one batch with a new epoch for them.
/// 3. Tells the Workers that trust their tokens.
pub async fn edit(
    insider: Steward,
    _: Query<Nothing>,
    State(keys): State<Arc<Keyring>>,
    if_match: IfMatch,
    key: IdempotencyKey,
    Key(person): Key<PersonId>,
    body: Body<EditMember>,
) -> Result<Answer<Member>, Failure> {
    let (io, tenant) = (insider.io(), insider.tenant());
    let seen = role_of(&insider, person).await?;
    insider.must_manage(seen)?;
    if let Some(role) = body.value.role {
        insider.must_manage(role)?;
    }
    let apps = body.value.apps.as_ref().map(Apps::names);
    let after = json!({ "role": body.value.role.unwrap_or(seen), "apps": apps });
    let detail = json!({ "before": { "role": seen }, "after": after });
    let entry = insider.entry("member.edited", format!("person:{person}"), detail);
    let once = key.bind(&insider.owner(), &body.bytes, None);
    let batch = store::edit((tenant, person), &body.value, (seen, if_match.version()), &entry)?;
    let batch = batch.and(me::store::address(person));
    let result = insider.write(once.wrap_selected(batch, store::recipe(tenant, person), entry.at)).await;
    notices::deliver(io, insider.request_id()).await?;
    let (address, text) = match once.settle(io, result, explain).await? {
        Outcome::Fresh(rows) => {
            let text = rows.one::<store::Body>(store::EDIT_STATEMENTS + 1)?.body;
            (rows.first::<me::store::Address>(store::EDIT_STATEMENTS)?, text)
        }
        Outcome::Replayed(text) => (insider.read(me::store::address(person)).await?.first(0)?, text),
    };
    seal::later(io, &keys);
    let address = address.ok_or_else(|| Failure::not_found("member"))?;
    let member = row(&text)?.at(address).member(&keys)?;
    Ok(Answer::of(&member)?.version(member.version))
}

/// Ends a membership: somebody else's, or one's own. Their tokens for this tenant are dead when this is acknowledged.
pub async fn end(
    insider: Steward,
    _: Query<Nothing>,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(person): Key<PersonId>,
) -> Result<NoContent, Failure> {
    let (io, tenant) = (insider.io(), insider.tenant());
    let once = key.bind(&insider.owner(), b"", None);
    let seen = match role_of(&insider, person).await {
        // It may be gone because this very request was made before, or is being made beside this one.
        Err(_) if once.recorded(io).await?.is_some() => {
            notices::deliver(io, insider.request_id()).await?;
            return Ok(NoContent::default());
        }
        seen => seen?,
    };
    if !insider.is(person) {
        insider.must_manage(seen)?;
    }
    let entry =
        insider.entry("member.ended", format!("person:{person}"), json!({ "before": { "role": seen } }));
    let batch = store::end((tenant, person), seen, &entry);
    let result = insider.write(once.wrap(batch, "{}", entry.at)).await;
    notices::deliver(io, insider.request_id()).await?;
    once.settle(io, result, explain).await?;
    seal::later(io, &keys);
    Ok(NoContent::default())
}

/// Ends one's own membership of a tenant, from wherever one is. One's tokens of before are dead when this is acknowledged.
pub async fn leave(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(tenant): Key<TenantId>,
) -> Result<NoContent, Failure> {
    behalf.must_be_oneself()?;
    let (io, person) = (behalf.io(), behalf.scope().person);
    let once = key.bind(&behalf.scope().owner(), b"", None);
    let rows = io.db(store::role(tenant, person)).await?;
    let Some(store::RoleRow { role: seen }) = rows.first(0)? else {
        // It may be gone because this very request was made before, which ended the token, too.
        if once.recorded(io).await?.is_some() {
            notices::deliver(io, behalf.request_id()).await?;
            return Ok(NoContent::default());
        }
        behalf.read(store::role(tenant, person)).await?;
        return Err(Failure::not_found("tenant"));
    };
    let detail = json!({ "before": { "role": seen } });
    let mut entry = behalf.entry_about("member.ended", format!("person:{person}"), detail);
    entry.tenant = tenant;
    let batch = store::end((tenant, person), seen, &entry);
    let result = behalf.write(once.wrap(batch, "{}", entry.at)).await;
    notices::deliver(io, behalf.request_id()).await?;
    once.settle(io, result, explain).await?;
    seal::later(io, &keys);
    Ok(NoContent::default())
}

async fn role_of(insider: &Steward, person: PersonId) -> Result<TenantRole, Failure> {
    insider.must(TenantRight::SeeMembers)?;
    let rows = insider.read(store::role(insider.tenant(), person)).await?;
    Ok(rows.first::<store::RoleRow>(0)?.ok_or_else(|| Failure::not_found("member"))?.role)
}

fn explain(error: DbError) -> Failure {
    match &error {
        DbError::Refused(reason) if reason == "last_owner" => {
            let message = "This is the tenant's only owner. Make somebody else an owner first.";
            Refusal::new(ErrorCode::Conflict, message).into()
        }
        DbError::Refused(reason) if reason == "not_found" => Failure::not_found("member"),
        _ => error.into(),
    }
}

fn row(text: &str) -> Result<store::MemberRow, Failure> {
    serde_json::from_str(text).map_err(Failure::internal)
}
