//! HTTP of analytics.

use super::rules::{Overview, OverviewQuery, Range, day_of, every_day};
use super::store;
use crate::keys::{Operator, ReadOperations};
use crate::peers;
use sesh_edge::http::{Answer, Failure, Query};
use sesh_edge::io::Batch;

/// 1. Decides on the days.
/// 2. Reads what was counted on them, in one batch.
/// 3. Adds the quiet days.
pub(crate) async fn overview(
    key: Operator<ReadOperations>,
    Query(asked): Query<OverviewQuery>,
) -> Result<Answer<Overview>, Failure> {
    let today =
        day_of(key.io().now()).ok_or_else(|| Failure::internal("the clock is outside the calendar"))?;
    let range = Range::of(asked, today)?;
    peers::confirm(&key).await?;
    let asks = store::counts(range).into_iter().fold(Batch::new(), Batch::and);
    let counts = store::read(&key.io().db(asks).await?)?;
    Answer::of(&Overview {
        from: range.from,
        to: range.to,
        people: counts.people.ever,
        new_people: counts.people.new,
        active_people: counts.active_people,
        sessions: counts.days.iter().map(|day| day.sessions).sum(),
        sessions_per_day: every_day(range, &counts.days),
        strains_used: counts.strains_used,
        top_strains: counts.top_strains,
    })
}
