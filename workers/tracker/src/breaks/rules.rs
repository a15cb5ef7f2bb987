//! What a break may look like, and how it goes.

use super::store::Kept;
use crate::calendar::Clock;
use crate::stash::claimed_time;
use serde::{Deserialize, Serialize};
use sesh_types::ids::BreakId;
use sesh_types::rules::{Issue, Issues};
use sesh_types::time::{DAY_MS, HOUR_MS, Timestamp};

/// The longest break.
const LONGEST_MS: i64 = 400 * DAY_MS;

/// A break to take.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewBreak {
    /// Since when; now unless told.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    /// Until when, an hour to 400 days later.
    pub planned_end_at: Timestamp,
}

/// How a break ends before its time.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct EndBreak {
    /// When it ended; now unless told.
    pub ended_at: Option<Timestamp>,
}

/// Where a break stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It runs.
    Running,
    /// It came to its planned end.
    Finished,
    /// It was ended before that.
    EndedEarly,
}

/// A break, and what was logged meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Break {
    /// Its id.
    pub id: BreakId,
    /// Since when.
    pub started_at: Timestamp,
    /// Until when it is meant to be.
    pub planned_end_at: Timestamp,
    /// When it was ended before that.
    pub ended_at: Option<Timestamp>,
    /// Where it stands.
    pub state: State,
    /// Days that it was meant to be, by the calendar.
    pub days_planned: i64,
    /// Days that it has been, by the calendar.
    pub days: i64,
    /// Sessions that were logged for the time of it.
    pub sessions: u64,
    /// When the first of them was.
    pub first_session_at: Option<Timestamp>,
    /// When the last of them was.
    pub last_session_at: Option<Timestamp>,
    /// Days since the last of them, or since the break began.
    pub days_without: i64,
}

impl NewBreak {
    /// Checks every field.
    ///
    /// # Errors
    /// All that is wrong.
    pub(super) fn check(&self, now: Timestamp) -> Result<(), Vec<Issue>> {
        let mut issues = Issues::default();
        let start = self.started_at.unwrap_or(now);
        claimed_time(&mut issues, "started_at", start, now);
        let long = self.planned_end_at.0.saturating_sub(start.0);
        let fits = (HOUR_MS..=LONGEST_MS).contains(&long);
        issues.require(fits, "planned_end_at", "out_of_range", "must be an hour to 400 days after the start");
        issues.done()
    }
}

impl EndBreak {
    /// Checks the time.
    ///
    /// # Errors
    /// All that is wrong.
    pub(super) fn check(self, now: Timestamp) -> Result<(), Vec<Issue>> {
        let mut issues = Issues::default();
        claimed_time(&mut issues, "ended_at", self.ended_at.unwrap_or(now), now);
        issues.done()
    }
}

/// A break as it stands now.
pub(crate) fn standing(kept: &Kept, clock: &mut Clock<'_>, now: Timestamp) -> Break {
    let Kept { id, started_at, planned_end_at, ended_at, sessions, first_session_at, last_session_at } =
        *kept;
    let state = match ended_at {
        Some(_) => State::EndedEarly,
        None if planned_end_at <= now => State::Finished,
        None => State::Running,
    };
    let end = ended_at.unwrap_or(planned_end_at).min(now).max(started_at);
    let mut days = |from: Timestamp, to: Timestamp| (clock.day(to) - clock.day(from)).num_days();
    Break {
        id,
        started_at,
        planned_end_at,
        ended_at,
        state,
        days_planned: days(started_at, planned_end_at),
        days: days(started_at, end),
        sessions,
        first_session_at,
        last_session_at,
        days_without: days(last_session_at.unwrap_or(started_at), end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn kept(ended_at: Option<&str>, last: Option<&str>) -> Kept {
        Kept {
            id: uuid::Uuid::from_u128(1).into(),
            started_at: at("2026-10-20T20:00:00Z"),
            planned_end_at: at("2026-11-10T20:00:00Z"),
            ended_at: ended_at.map(at),
            sessions: u64::from(last.is_some()),
            first_session_at: last.map(at),
            last_session_at: last.map(at),
        }
    }

    #[test]
    fn a_break_runs_ends_and_says_what_was_logged_meanwhile() {
        let mut clock = Clock::new("Europe/Berlin");
        let now = at("2026-11-01T01:00:00Z");
        let found = standing(&kept(None, Some("2026-10-25T23:30:00Z")), &mut clock, now);
        assert_eq!((found.state, found.days_planned, found.days), (State::Running, 21, 12));
        assert_eq!((found.sessions, found.days_without), (1, 6), "it was on the 26th there");
        let early = standing(&kept(Some("2026-10-30T12:00:00Z"), None), &mut clock, now);
        assert_eq!((early.state, early.days, early.days_without), (State::EndedEarly, 10, 10));
        let done = standing(&kept(None, None), &mut clock, at("2026-12-01T00:00:00Z"));
        assert_eq!((done.state, done.days), (State::Finished, 21));
    }

    #[test]
    fn a_break_has_a_length() {
        let now = at("2026-11-01T00:00:00Z");
        let wrong = |start: Option<&str>, end: &str| {
            let new = NewBreak { started_at: start.map(at), planned_end_at: at(end) };
            new.check(now).err().unwrap_or_default().into_iter().map(|issue| issue.field).collect::<Vec<_>>()
        };
        assert!(wrong(None, "2026-11-22T00:00:00Z").is_empty());
        assert_eq!(wrong(None, "2026-11-01T00:00:00Z"), ["planned_end_at"]);
        assert_eq!(wrong(None, "2028-11-01T00:00:00Z"), ["planned_end_at"]);
        assert_eq!(wrong(Some("2026-11-02T00:00:00Z"), "2026-11-22T00:00:00Z"), ["started_at"]);
    }
}
