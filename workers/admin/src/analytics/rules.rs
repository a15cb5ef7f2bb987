//! What a fact counts, and which days an overview shows.

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use sesh_types::facts::{Fact, What};
use sesh_types::ids::{FactId, PersonId, SessionId, StrainId, TenantId};
use sesh_types::rules::{Issue, Issues};
use sesh_types::time::Timestamp;
use std::collections::BTreeMap;

/// A fact as the database keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Told {
    id: FactId,
    kind: &'static str,
    tenant_id: TenantId,
    person_id: PersonId,
    day: NaiveDate,
    session_id: Option<SessionId>,
    strain_ids: Vec<StrainId>,
    occurred_at_ms: i64,
    recorded_at_ms: i64,
}

/// A message that is no fact, described without quoting it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoFact {
    /// It cannot be read.
    #[error("a {kind:?} error at {line}:{column}")]
    Json {
        /// What kind of error.
        kind: serde_json::error::Category,
        /// Where.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// It happened at no time that a calendar of four-digit years has.
    #[error("a time outside the calendar")]
    Time,
}

impl From<serde_json::Error> for NoFact {
    fn from(error: serde_json::Error) -> Self {
        Self::Json { kind: error.classify(), line: error.line(), column: error.column() }
    }
}

impl Told {
    /// Reads a message of the queue.
    pub(super) fn read(message: &str) -> Result<Self, NoFact> {
        let fact: Fact = serde_json::from_str(message)?;
        let day = day_of(fact.occurred_at).ok_or(NoFact::Time)?;
        let (kind, session_id, mut strain_ids) = match fact.what {
            What::PersonRegistered => ("person_registered", None, Vec::new()),
            What::SessionLogged { session_id, strain_ids } => {
                ("session_logged", Some(session_id), strain_ids)
            }
            What::SessionDeleted { session_id } => ("session_deleted", Some(session_id), Vec::new()),
        };
        strain_ids.sort_unstable();
        strain_ids.dedup();
        Ok(Self {
            id: fact.id,
            kind,
            tenant_id: fact.tenant_id,
            person_id: fact.person_id,
            day,
            session_id,
            strain_ids,
            occurred_at_ms: fact.occurred_at.0,
            recorded_at_ms: fact.recorded_at.0,
        })
    }
}

/// The UTC day of a time.
pub(super) fn day_of(time: Timestamp) -> Option<NaiveDate> {
    time.to_utc().map(|time| time.date_naive()).filter(|day| (0..=9999).contains(&day.year()))
}

/// Which days; both included.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct OverviewQuery {
    /// The first day (UTC), such as `2026-11-21`; 29 days before the last unless told.
    #[serde(default, deserialize_with = "super::day::strict")]
    from: Option<NaiveDate>,
    /// The last day (UTC); today unless told.
    #[serde(default, deserialize_with = "super::day::strict")]
    to: Option<NaiveDate>,
}

/// Days in a row, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    /// The first day.
    pub(super) from: NaiveDate,
    /// The last day.
    pub(super) to: NaiveDate,
}

const DEFAULT_DAYS: u64 = 30;
const MAX_DAYS: i64 = 366;

impl Range {
    /// The days that were asked for.
    pub(super) fn of(asked: OverviewQuery, today: NaiveDate) -> Result<Self, Vec<Issue>> {
        let first = NaiveDate::default();
        let to = asked.to.unwrap_or(today);
        let month_before = to.checked_sub_days(Days::new(DEFAULT_DAYS - 1)).unwrap_or(first).max(first);
        let from = asked.from.unwrap_or(month_before);
        let mut issues = Issues::default();
        issues.require(from >= first, "from", "out_of_range", format!("must not be before {first}"));
        issues.require(from <= to, "from", "out_of_range", format!("must not be after {to}, the last day"));
        let days = (to - from).num_days() + 1;
        issues.require(
            days <= MAX_DAYS,
            "to",
            "too_many",
            format!("must be within {MAX_DAYS} days, not {days}"),
        );
        issues.done().map(|()| Self { from, to })
    }

    fn days(self) -> impl Iterator<Item = NaiveDate> {
        self.from.iter_days().take_while(move |day| *day <= self.to)
    }
}

/// One day of an overview.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub(crate) struct DayCount {
    /// The day (UTC).
    pub(super) day: NaiveDate,
    /// Seshes that happened on it.
    pub(super) sessions: i64,
    /// People who had one.
    pub(super) people: i64,
}

/// How often a strain was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub(crate) struct StrainUse {
    /// The strain.
    pub(super) strain_id: StrainId,
    /// Seshes with it.
    pub(super) sessions: i64,
}

/// The platform in a range of days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub(crate) struct Overview {
    /// The first day (UTC).
    pub(super) from: NaiveDate,
    /// The last day (UTC).
    pub(super) to: NaiveDate,
    /// People who ever signed up.
    pub(super) people: i64,
    /// Of them, who signed up in these days.
    pub(super) new_people: i64,
    /// People who had a sesh in these days.
    pub(super) active_people: i64,
    /// Seshes in these days.
    pub(super) sessions: i64,
    /// Day by day, quiet days included.
    pub(super) sessions_per_day: Vec<DayCount>,
    /// Strains used in these days.
    pub(super) strains_used: i64,
    /// The ten used most.
    pub(super) top_strains: Vec<StrainUse>,
}

/// Every day of the range, with zeros where nothing was counted.
pub(super) fn every_day(range: Range, counted: &[DayCount]) -> Vec<DayCount> {
    let counted: BTreeMap<NaiveDate, &DayCount> = counted.iter().map(|count| (count.day, count)).collect();
    let count = |day| counted.get(&day).map_or(DayCount { day, sessions: 0, people: 0 }, |count| **count);
    range.days().map(count).collect()
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
