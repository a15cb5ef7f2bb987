//! Inviting people, and accepting.

use super::{store, token};
use crate::audit::store::Count;
use crate::audit::{Entry, seal};
use crate::callers::{Actor, OnBehalf};
use crate::insider::Insider;
use crate::keys::Keyring;
use crate::mail::deliver;
use crate::signin::rules::{email_key, is_email};
use crate::steward::Steward;
use crate::{address, notices, switching, tenants};
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, Key, Listing, NoContent, Nothing, PageQuery, Query, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Once, Outcome};
use sesh_edge::io::{Batch, DbError, Io};
use sesh_types::access::{PlatformRight, TenantRight};
use sesh_types::contract::tenants::{Accept, Invitation, Invite, Invited, OwnTenant};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::{InvitationId, TenantId};
use sesh_types::rules::Issues;
use std::sync::Arc;

/// The open invitations of the caller's tenant.
pub async fn list(
    insider: Steward,
    State(keys): State<Arc<Keyring>>,
    Query(query): Query<PageQuery>,
) -> Result<Listing<Invitation>, Failure> {
    insider.must(TenantRight::Invite)?;
    let paging = query.paging()?;
    let page = store::list(insider.tenant(), insider.io().now(), paging.limit, paging.offset());
    let rows = insider.read(page).await?;
    let found: Result<Vec<_>, _> =
        rows.all::<store::Body>(1)?.iter().map(|row| invitation(&keys, &row.body)).collect();
    Listing::of(&found?, paging.meta(rows.one::<Count>(0)?.total))
}

/// Invites somebody into the caller's tenant.
pub async fn invite(
    insider: Steward,
    _: Query<Nothing>,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<Invite>,
) -> Result<Answer<Invited, 201>, Failure> {
    insider.must(TenantRight::Invite)?;
    insider.must_manage(body.value.role)?;
    let invite = check(body.value)?;
    let (io, id) = (insider.io(), insider.io().new_id());
    let detail = json!({ "role": invite.role });
    let entry = insider.entry("invitation.made", format!("invitation:{id}"), detail);
    let once = key.bind(&insider.owner(), &body.bytes, None);
    let batch = store::invite(io, &keys, (insider.tenant(), id), &invite, &entry)?.and(store::one(id));
    let result = insider.write(once.wrap(batch, &id.to_string(), entry.at)).await;
    invited(io, &keys, &once, result).await
}

/// Invites somebody into any tenant, for the platform's administrators: its first owner.
pub async fn invite_as_actor(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(tenant): Key<TenantId>,
    body: Body<Invite>,
) -> Result<Answer<Invited, 201>, Failure> {
    let owner = actor.must(PlatformRight::ManageTenants)?;
    let invite = check(body.value)?;
    let (io, id) = (&actor.io, actor.io.new_id());
    let entry = Entry {
        tenant,
        at: io.now(),
        actor: actor.name.clone(),
        action: "invitation.made",
        entity: format!("invitation:{id}"),
        request_id: actor.request_id.clone(),
        detail: json!({ "role": invite.role }),
    };
    let once = key.bind(&actor.name, &body.bytes, None);
    let batch = Batch::from(tenants::store::must_be_of(tenant, owner));
    let batch = batch.then(store::invite(io, &keys, (tenant, id), &invite, &entry)?.and(store::one(id)));
    let result = actor.db(once.wrap(batch, &id.to_string(), entry.at)).await;
    let result = result.map(|rows| rows.skip(1));
    invited(io, &keys, &once, result).await
}

/// Takes an invitation back.
pub async fn take_back(
    insider: Steward,
    _: Query<Nothing>,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(id): Key<InvitationId>,
) -> Result<NoContent, Failure> {
    insider.must(TenantRight::Invite)?;
    let (io, once) = (insider.io(), key.bind(&insider.owner(), b"", None));
    let entry = insider.entry("invitation.taken_back", format!("invitation:{id}"), json!({}));
    let batch = store::take_back(insider.tenant(), id, &entry);
    let result = insider.write(once.wrap(batch, "{}", entry.at)).await;
    once.settle(io, result, explain).await?;
    seal::later(io, &keys);
    Ok(NoContent::default())
}

/// Accepts an invitation: the caller becomes a member, once, if it was made to their address.
pub async fn accept(
    insider: Insider,
    _: Query<Nothing>,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<Accept>,
) -> Result<Answer<OwnTenant>, Failure> {
    join(insider.behalf(), &keys, &key, &body).await
}

/// The same behind the internal door, for the apps.
pub async fn accept_on_behalf(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<Accept>,
) -> Result<Answer<OwnTenant>, Failure> {
    behalf.must_be_oneself()?;
    join(&behalf, &keys, &key, &body).await
}

async fn join(
    behalf: &OnBehalf,
    keys: &Arc<Keyring>,
    key: &IdempotencyKey,
    body: &Body<Accept>,
) -> Result<Answer<OwnTenant>, Failure> {
    let (io, person) = (behalf.io(), behalf.scope().person);
    let once = key.bind(&behalf.scope().owner(), &body.bytes, None);
    let Some(id) = super::read(keys, &body.value.token) else {
        // A key that was used with another body says so first.
        once.recorded(io).await?;
        return Err(Failure::not_found("invitation"));
    };
    let read = Batch::from(store::open(id)).and(address::store::read(behalf.scope()));
    let rows = behalf.read(read).await?;
    let found = rows.first::<store::OpenRow>(0)?;
    let tenant = found.ok_or_else(|| Failure::not_found("invitation"))?.tenant_id;
    let email = rows.one::<address::store::AddressRow>(1)?.email(keys)?;
    let detail = json!({ "person": person });
    let mut entry = behalf.entry_about("invitation.accepted", format!("invitation:{id}"), detail);
    entry.tenant = tenant;
    let batch = store::accept(keys, (id, io.new_id()), person, &email, &entry);
    let answer = switching::store::one(person, tenant, behalf.scope().tenant);
    let result = behalf.write(once.wrap_selected(batch, answer, entry.at)).await;
    notices::deliver(io, behalf.request_id()).await?;
    let text = match once.settle(io, result, explain).await? {
        Outcome::Fresh(rows) => rows.one::<store::Body>(store::ACCEPT_STATEMENTS)?.body,
        Outcome::Replayed(text) => text,
    };
    deliver::later(io, keys);
    seal::later(io, keys);
    Answer::of(&switching::routes::own(&text)?)
}

/// Answers with the invitation. An idempotency record keeps its id alone: neither address nor token.
async fn invited(
    io: &Io,
    keys: &Arc<Keyring>,
    once: &Once,
    result: Result<sesh_edge::io::Rows, DbError>,
) -> Result<Answer<Invited, 201>, Failure> {
    let row = match once.settle(io, result, explain).await? {
        Outcome::Fresh(rows) => rows.first::<store::Body>(store::INVITE_STATEMENTS)?,
        Outcome::Replayed(id) => {
            let id: InvitationId = id.parse().map_err(Failure::internal)?;
            io.db(store::one(id)).await?.first(0)?
        }
    };
    deliver::later(io, keys);
    seal::later(io, keys);
    let invitation = invitation(keys, &row.ok_or_else(|| Failure::not_found("invitation"))?.body)?;
    Answer::of(&Invited { token: token(keys, invitation.id), invitation })
}

fn check(mut invite: Invite) -> Result<Invite, Failure> {
    invite.email = email_key(&invite.email);
    let mut issues = Issues::default();
    let message = "must be an e-mail address, such as name@example.com";
    issues.require(is_email(&invite.email), "email", "malformed", message);
    issues.done()?;
    Ok(invite)
}

fn explain(error: DbError) -> Failure {
    let refusal = |code, message: &str| Refusal::new(code, message).into();
    match &error {
        DbError::Unique(columns) if columns.contains("invitations") => {
            refusal(ErrorCode::Conflict, "This address has an open invitation already.")
        }
        DbError::Unique(_) => refusal(ErrorCode::Conflict, "You are a member of this tenant already."),
        DbError::Refused(reason) => match reason.as_str() {
            "not_found" => Failure::not_found("invitation"),
            "address_taken" => refusal(ErrorCode::Conflict, "This address has an open invitation already."),
            "forbidden" => refusal(ErrorCode::Forbidden, "Nobody is invited into the consumers' tenant."),
            "wrong_address" => refusal(
                ErrorCode::Forbidden,
                "This invitation was made to another address. Sign in with that one.",
            ),
            "quota_people" => {
                Refusal::quota("people", "This tenant has as many members as it may have.").into()
            }
            _ => error.into(),
        },
        _ => error.into(),
    }
}

fn invitation(keys: &Keyring, text: &str) -> Result<Invitation, Failure> {
    serde_json::from_str::<store::InvitationRow>(text).map_err(Failure::internal)?.invitation(keys)
}
