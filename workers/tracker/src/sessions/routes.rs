//! HTTP of sessions.

use super::rules::{EditSession, Method, NewItem, NewSession};
use super::store::{self, Filter, Session};
use crate::stash::{Text, explain, take};
use crate::user::User;
use crate::{live, members};
use serde::Deserialize;
use sesh_edge::http::{
    Answer, Body, Failure, IfMatch, Key, Listing, NoContent, Nothing, Paging, Query, Refusal,
};
use sesh_edge::idempotency::{IdempotencyKey, Once, Outcome};
use sesh_edge::io::{Batch, DbError, Rows};
use sesh_edge::outbox;
use sesh_edge::token::Person;
use sesh_types::contract::live::Kind;
use sesh_types::envelope::ErrorCode;
use sesh_types::facts::{Fact, What};
use sesh_types::ids::{LotId, SessionId, StrainId};
use sesh_types::rules::Issue;
use sesh_types::time::Timestamp;

/// Which sessions.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SessionQuery {
    /// That were at or after this time.
    from: Option<Timestamp>,
    /// That were before this time.
    to: Option<Timestamp>,
    /// Of this strain.
    strain_id: Option<StrainId>,
    /// Taken this way.
    method: Option<Method>,
    /// The page, from 1.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 100_000)))]
    page: Option<u32>,
    /// Rows a page, 1 to 100; 20 unless told.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 100)))]
    limit: Option<u32>,
}

#[derive(Deserialize)]
struct Total {
    total: u64,
}

#[derive(Deserialize)]
struct Numbered {
    version: i64,
}

#[derive(Deserialize)]
struct Versioned {
    body: String,
    version: i64,
}

fn fact(person: &Person, session_id: SessionId, occurred_at: Timestamp, logged: bool) -> Fact {
    let (scope, io) = (person.scope(), person.io());
    let what = if logged {
        What::SessionLogged { session_id, strain_ids: Vec::new() }
    } else {
        What::SessionDeleted { session_id }
    };
    Fact {
        id: io.new_id(),
        tenant_id: scope.tenant,
        person_id: scope.person,
        occurred_at,
        recorded_at: io.now(),
        what,
    }
}

fn asked(items: &[NewItem]) -> Vec<(LotId, i64)> {
    items.iter().filter_map(|item| Some((item.lot_id, item.quantity_mg?))).collect()
}

/// Runs a batch that takes from the stash, and reads what became of it.
async fn run(person: &Person, once: &Once, items: &[NewItem], batch: Batch) -> Result<Outcome, Failure> {
    let result = take(person, batch, &asked(items)).await?;
    settle(person, once, result).await
}

async fn settle(person: &Person, once: &Once, result: Result<Rows, DbError>) -> Result<Outcome, Failure> {
    let explain = |error| match error {
        DbError::Refused(word) if word == "not_found" => Failure::not_found("session"),
        error => explain(error),
    };
    once.settle(person.io(), result, explain).await
}

/// What became of a session of an id that the client made and sends again, after its key was forgotten: the session as
/// it is now. The database takes no second one of an id, ever.
async fn known(person: &Person, id: SessionId) -> Result<Answer<Session, 201>, Failure> {
    let rows = person.read(store::one(person.scope(), id)).await?;
    match rows.first::<Versioned>(0)? {
        Some(found) => Ok(Answer::data(&found.body)),
        None => Err(Refusal::new(ErrorCode::Conflict, "This session was logged before, and deleted.").into()),
    }
}

/// 1. Checks the form.
/// 2. In one batch: the session, its debits, the fact, the answer.
/// 3. Answers what the database wrote; delivers the fact afterwards.
pub(crate) async fn log(
    person: User,
    _: Query<Nothing>,
    key: IdempotencyKey,
    body: Body<NewSession>,
) -> Result<Answer<Session, 201>, Failure> {
    let (scope, io) = (person.scope(), person.io());
    let now = io.now();
    let session = &body.value;
    session.check(now)?;
    let id: SessionId = session.id.unwrap_or_else(|| io.new_id());
    let fact = fact(&person, id, session.occurred_at.unwrap_or(now), true);
    let told = serde_json::to_string(&fact).map_err(Failure::internal)?;
    let batch = store::log(scope, id, session, now).and(store::publish_logged(scope, id, fact.id, told));
    let answer_at = batch.len();
    let once = person.once(&key, &body.bytes);
    let batch = once.wrap_selected(batch, store::one(scope, id), now).and(live::last(scope));
    let result = take(&person, batch, &asked(&session.items)).await?;
    if session.id.is_some() && result.as_ref().is_err_and(|error| error.is_refusal("append_only")) {
        return known(&person, id).await;
    }
    match settle(&person, &once, result).await? {
        Outcome::Fresh(rows) => {
            live::tell(&person, &rows, Kind::SessionLogged, id.to_string());
            outbox::relay_later(io);
            Ok(Answer::data(&rows.one::<Text>(answer_at)?.body))
        }
        Outcome::Replayed(data) => Ok(Answer::data(&data)),
    }
}

pub(crate) async fn list(
    person: User,
    Query(query): Query<SessionQuery>,
) -> Result<Listing<Session>, Failure> {
    let paging = Paging::of(query.page, query.limit)?;
    let SessionQuery { from, to, strain_id: strain, method, .. } = query;
    let backwards = matches!((from, to), (Some(from), Some(to)) if from > to);
    if backwards {
        let message = "must not be before from".to_owned();
        let issue = Issue { field: "to".into(), code: "out_of_range".into(), message };
        return Err(Refusal::issues(ErrorCode::BadRequest, vec![issue]).into());
    }
    let filter = Filter { from, to, method, strain };
    let scope = person.scope();
    let page = Batch::from(store::page(scope, &filter, paging.limit, paging.offset()));
    // Without a filter the person's own counter knows the total, however many there are.
    let open = filter.is_open();
    let counting = if open { members::one(scope) } else { store::count(scope, &filter) };
    let rows = person.read(page.and(counting)).await?;
    let total = if open { members::read(&rows, 1)?.sessions } else { rows.one::<Total>(1)?.total };
    Ok(Listing::written(rows.json(0)?, paging.meta(total)))
}

pub(crate) async fn one(
    person: User,
    _: Query<Nothing>,
    Key(id): Key<SessionId>,
) -> Result<Answer<Session>, Failure> {
    let rows = person.read(store::one(person.scope(), id)).await?;
    let found = rows.first::<Versioned>(0)?.ok_or_else(|| Failure::not_found("session"))?;
    Ok(Answer::data(&found.body).version(found.version))
}

pub(crate) async fn edit(
    person: User,
    _: Query<Nothing>,
    Key(id): Key<SessionId>,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<EditSession>,
) -> Result<Answer<Session>, Failure> {
    let (scope, io) = (person.scope(), person.io());
    let now = io.now();
    let change = &body.value;
    change.check(now)?;
    let batch = store::guard(scope, id, if_match.version()).then(store::edit(scope, id, change, now));
    let answer_at = batch.len();
    let once = person.once(&key, &body.bytes);
    let batch = once.wrap_selected(batch, store::one(scope, id), now).and(live::last(scope));
    let data = match run(&person, &once, change.items.as_deref().unwrap_or_default(), batch).await? {
        Outcome::Fresh(rows) => {
            live::tell(&person, &rows, Kind::SessionEdited, id.to_string());
            rows.one::<Text>(answer_at)?.body
        }
        Outcome::Replayed(data) => data,
    };
    let Numbered { version } = serde_json::from_str(&data).map_err(Failure::internal)?;
    Ok(Answer::data(&data).version(version))
}

/// Deletes a session; what it took is back in the stash.
pub(crate) async fn delete(
    person: User,
    _: Query<Nothing>,
    Key(id): Key<SessionId>,
    key: IdempotencyKey,
    if_match: IfMatch,
) -> Result<NoContent, Failure> {
    let (scope, io) = (person.scope(), person.io());
    let now = io.now();
    let deleted = outbox::publish(&fact(&person, id, now, false))?;
    let batch = store::guard(scope, id, if_match.version()).then(store::delete(scope, id, now)).and(deleted);
    let once = person.once(&key, b"");
    let batch = once.wrap(batch, "", now).and(live::last(scope));
    if let Outcome::Fresh(rows) = run(&person, &once, &[], batch).await? {
        live::tell(&person, &rows, Kind::SessionDeleted, id.to_string());
        outbox::relay_later(io);
    }
    Ok(NoContent::default())
}
