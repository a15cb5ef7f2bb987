//! HTTP of goals.

use super::progress::{self, Progress};
use super::rules::{Measure, NewGoal};
use super::store::{self, Bought, Kept};
use crate::calendar::{Clock, Per};
use crate::user::User;
use crate::{members, taken};
use serde::{Deserialize, Serialize};
use sesh_edge::http::{Answer, Body, Failure, Key, Listing, NoContent, Nothing, PageQuery, Query, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::{Batch, DbError};
use sesh_edge::token::Person;
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::GoalId;
use sesh_types::time::Timestamp;

/// A goal, and how it goes.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Goal {
    /// Its id.
    pub id: GoalId,
    /// What it counts.
    pub measure: Measure,
    /// In which time.
    pub per: Per,
    /// At most this; for `days_off` at least this.
    pub target: i64,
    /// For `spend_minor`.
    pub currency: Option<String>,
    /// Since when.
    pub started_at: Timestamp,
    /// Until when; `null` while it runs.
    pub ended_at: Option<Timestamp>,
    /// How it goes; in a list `null` for goals that ended.
    pub progress: Option<Progress>,
}

impl Goal {
    fn of(goal: Kept, progress: Option<Progress>) -> Self {
        let Kept { id, measure, per, target, currency, started_at, ended_at } = goal;
        Self { id, measure, per, target, currency, started_at, ended_at, progress }
    }
}

#[derive(Deserialize)]
struct Total {
    total: u64,
}

fn explain(error: DbError) -> Failure {
    match &error {
        DbError::Refused(word) if word == "not_found" => Failure::not_found("goal"),
        DbError::Refused(word) if word == "too_many" => {
            Refusal::new(ErrorCode::Conflict, "20 goals are running already. End one first.").into()
        }
        _ => error.into(),
    }
}

/// Reads what the goals count, once for all of them, and says how each goes.
pub(crate) async fn with_progress(
    person: &Person,
    goals: Vec<Kept>,
    zone: &str,
    all: bool,
) -> Result<Vec<Goal>, Failure> {
    let (scope, now) = (person.scope(), person.io().now());
    let (from, until) = {
        let mut clock = Clock::new(zone);
        let wanted = || goals.iter().filter(|goal| all || goal.ended_at.is_none());
        let first = wanted().map(|goal| progress::first_day(goal, &mut clock, now)).min();
        let Some(first) = first else {
            return Ok(goals.into_iter().map(|goal| Goal::of(goal, None)).collect());
        };
        let until = wanted().map(|goal| progress::last_moment(goal, now)).max().unwrap_or(now);
        (clock.midnight(first), until.plus_ms(1))
    };
    let batch = Batch::from(taken::between(scope, from, until)).and(store::bought(scope, from, until));
    let rows = person.read(batch).await?;
    let (taken, bought) = (taken::read(&rows, 0)?, rows.all::<Bought>(1)?);
    let mut clock = Clock::new(zone);
    Ok(goals
        .into_iter()
        .map(|goal| {
            let counts = all || goal.ended_at.is_none();
            let progress = counts.then(|| progress::progress(&goal, &mut clock, now, &taken, &bought));
            Goal::of(goal, progress)
        })
        .collect())
}

/// 1. Reads the goals and the person's zone.
/// 2. Reads what they count, at most half a year of it.
/// 3. Says how each goes.
pub(crate) async fn list(person: User, Query(query): Query<PageQuery>) -> Result<Listing<Goal>, Failure> {
    let paging = query.paging()?;
    let scope = person.scope();
    let batch = Batch::from(store::page(scope, paging.limit, paging.offset()))
        .and(store::count(scope))
        .and(members::one(scope));
    let rows = person.read(batch).await?;
    let (goals, total) = (rows.all::<Kept>(0)?, rows.one::<Total>(1)?.total);
    let zone = members::read(&rows, 2)?.time_zone;
    Listing::of(&with_progress(&person, goals, &zone, false).await?, paging.meta(total))
}

pub(crate) async fn one(
    person: User,
    _: Query<Nothing>,
    Key(id): Key<GoalId>,
) -> Result<Answer<Goal>, Failure> {
    Answer::of(&read_one(&person, id).await?)
}

/// One goal, and how it goes or went.
pub(crate) async fn read_one(person: &Person, id: GoalId) -> Result<Goal, Failure> {
    let scope = person.scope();
    let rows = person.read(Batch::from(store::one(scope, id)).and(members::one(scope))).await?;
    let goal = rows.first::<Kept>(0)?.ok_or_else(|| Failure::not_found("goal"))?;
    let zone = members::read(&rows, 1)?.time_zone;
    let goals = with_progress(person, vec![goal], &zone, true).await?;
    goals.into_iter().next().ok_or_else(|| Failure::not_found("goal"))
}

/// Sets a goal. Its progress is asked for with `GET`: what is answered here is what was set.
pub(crate) async fn set(
    person: User,
    _: Query<Nothing>,
    key: IdempotencyKey,
    body: Body<NewGoal>,
) -> Result<Answer<Goal, 201>, Failure> {
    body.value.check()?;
    let (scope, io) = (person.scope(), person.io());
    let (id, now): (GoalId, _) = (io.new_id(), io.now());
    let NewGoal { measure, per, target, currency } = body.value.clone();
    let goal = Goal { id, measure, per, target, currency, started_at: now, ended_at: None, progress: None };
    let data = serde_json::to_string(&goal).map_err(Failure::internal)?;
    let once = person.once(&key, &body.bytes);
    let result = person.write(once.wrap(store::set(scope, id, &body.value, now), &data, now)).await;
    match once.settle(io, result, explain).await? {
        Outcome::Fresh(_) => Ok(Answer::data(&data)),
        Outcome::Replayed(data) => Ok(Answer::data(&data)),
    }
}

/// Ends a goal; it stays, with how it went until then.
pub(crate) async fn end(
    person: User,
    _: Query<Nothing>,
    Key(id): Key<GoalId>,
    key: IdempotencyKey,
) -> Result<NoContent, Failure> {
    let (scope, io) = (person.scope(), person.io());
    let once = person.once(&key, b"");
    let result = person.write(once.wrap(store::end(scope, id, io.now()), "", io.now())).await;
    once.settle(io, result, explain).await?;
    Ok(NoContent::default())
}
