//! Beginning, going on and ending; and the person's own list of who acted as them.

use super::store;
use crate::audit::seal;
use crate::audit::store::Count;
use crate::callers::{OnBehalf, Staffer};
use crate::keys::Keyring;
use crate::mail::deliver;
use crate::notices;
use crate::staff::rules;
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, Key, Listing, NoContent, PageQuery, Query, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::DbError;
use sesh_edge::token::{ACCESS_TOKEN_SECONDS, AUDIENCE, AccessClaims, Act};
use sesh_types::access::{Apps, PlatformRight, TenantRole};
use sesh_types::contract::staff::{Impersonate, Impersonating, Impersonation};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::{DeviceId, ImpersonationId, PersonId};
use sesh_types::time::{SECOND_MS, Timestamp};
use std::sync::Arc;

/// Begins to act as a person. They are told by mail, and see it in the list of their own.
pub async fn start(
    staffer: Staffer,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(person): Key<PersonId>,
    body: Body<Impersonate>,
) -> Result<Answer<Impersonating, 201>, Failure> {
    let Staffer { actor, subject } = &staffer;
    actor.must(PlatformRight::Impersonate)?;
    let (reason, minutes) = rules::check_impersonate(&body.value)?;
    let (io, now, id) = (&actor.io, actor.io.now(), actor.io.new_id());
    let tenant = body.value.tenant_id;
    let new = store::New { id, person, tenant, reason: &reason, minutes, mail: io.new_id() };
    let detail = json!({ "impersonation": id, "staff": subject.staff, "reason": reason, "minutes": minutes });
    let mut entry = actor.entry("impersonation.started", format!("person:{person}"), detail);
    entry.tenant = tenant.unwrap_or(entry.tenant);
    let once = key.bind(&actor.name, &body.bytes, None);
    let batch = store::start(&new, subject, &entry);
    let result = actor.db(once.wrap_selected(batch, store::one(id), now)).await;
    let text = match once.settle(io, result, explain).await? {
        Outcome::Fresh(rows) => rows.one::<store::Body>(store::START_STATEMENTS)?.body,
        Outcome::Replayed(text) => text,
    };
    seal::later(io, &keys);
    deliver::later(io, &keys);
    let row = read(&text)?;
    let began = row.started_at;
    Answer::of(&token(&keys, row, began))
}

/// Gives a further token of an impersonation that goes on.
pub async fn reissue(
    staffer: Staffer,
    State(keys): State<Arc<Keyring>>,
    Key(id): Key<ImpersonationId>,
) -> Result<Answer<Impersonating>, Failure> {
    let Staffer { actor, subject } = &staffer;
    actor.must(PlatformRight::Impersonate)?;
    let entry = actor.entry("impersonation.token_issued", String::new(), json!({}));
    let batch = store::issue(id, subject.staff, &entry).and(store::one(id));
    let rows = actor.db(batch).await.map_err(explain)?;
    seal::later(&actor.io, &keys);
    let row = read(&rows.one::<store::Body>(store::ISSUE_STATEMENTS)?.body)?;
    Answer::of(&token(&keys, row, entry.at))
}

/// Ends an impersonation. When this is acknowledged, none of its tokens counts anywhere; repeated, it succeeds again.
pub async fn end(
    staffer: Staffer,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(id): Key<ImpersonationId>,
) -> Result<NoContent, Failure> {
    let Staffer { actor, subject } = &staffer;
    actor.must(PlatformRight::Impersonate)?;
    let once = key.bind(&actor.name, b"", None);
    let entry = actor.entry("impersonation.ended", String::new(), json!({}));
    let batch = store::end(id, subject.staff, &entry);
    let result = actor.db(once.wrap(batch, "{}", entry.at)).await;
    // Delivered first, whatever became of this try: the one before may have been cut short after its batch.
    notices::deliver(&actor.io, &actor.request_id).await?;
    once.settle(&actor.io, result, explain).await?;
    seal::later(&actor.io, &keys);
    Ok(NoContent::default())
}

/// Who of the staff acted as the person, the latest first.
pub async fn own(
    behalf: OnBehalf,
    Query(query): Query<PageQuery>,
) -> Result<Listing<Impersonation>, Failure> {
    let paging = query.paging()?;
    let page = store::of_person(behalf.scope().person, paging.limit, paging.offset());
    let rows = behalf.read(page).await?;
    let found: Result<Vec<Impersonation>, _> =
        rows.all::<store::Body>(1)?.iter().map(|row| read(&row.body).map(Into::into)).collect();
    Listing::of(&found?, paging.meta(rows.one::<Count>(0)?.total))
}

/// The access token of an impersonation as of a moment: it names both, and lives no longer than the impersonation.
fn token(keys: &Keyring, row: store::Row, issued_at: Timestamp) -> Impersonating {
    let left = (row.expires_at.0 - issued_at.0) / SECOND_MS;
    let expires_in = ACCESS_TOKEN_SECONDS.min(left);
    let claims = AccessClaims {
        iss: keys.issuer.clone(),
        aud: AUDIENCE.to_owned(),
        sub: row.person_id,
        tid: row.tenant_id,
        did: DeviceId(row.id.0),
        ep: row.epoch,
        role: row.role.unwrap_or(TenantRole::Member),
        apps: row.apps.clone().unwrap_or_else(Apps::consumer),
        act: Some(Act { sub: row.staff_id }),
        scope: None,
        client_id: None,
        jti: None,
        auth_time: None,
    };
    Impersonating {
        access_token: keys.signing.short_token(&claims, issued_at, expires_in),
        token_type: "Bearer".to_owned(),
        expires_in,
        impersonation: row.into(),
    }
}

fn read(text: &str) -> Result<store::Row, Failure> {
    serde_json::from_str(text).map_err(Failure::internal)
}

fn explain(error: DbError) -> Failure {
    let conflict = |message: &str| Refusal::new(ErrorCode::Conflict, message).into();
    match &error {
        DbError::Unique(_) => conflict("You act as somebody already. End that first."),
        DbError::Refused(reason) => match reason.as_str() {
            "not_found" => Failure::not_found("person or impersonation"),
            "credentials_changed" => conflict("This person is suspended: nobody can act as them."),
            "impersonation_over" => conflict("This impersonation is over. Begin another, with a reason."),
            _ => error.into(),
        },
        _ => error.into(),
    }
}
