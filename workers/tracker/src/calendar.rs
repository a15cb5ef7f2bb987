//! A person's calendar: local days, weeks and months of a span of time, summer time included.
//!
//! A [`Clock`] asks the runtime for a zone's offset twice a day at most, and once more for each moment of the days on which
//! it changes: a year of sessions costs some hundred questions, not thousands.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use sesh_edge::zone::offset_minutes;
use sesh_types::time::{DAY_MS, MINUTE_MS, Timestamp};
use std::collections::HashMap;

/// How long one period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// From midnight to midnight.
    Day,
    /// From Monday (ISO 8601).
    Week,
    /// From the first of the month.
    Month,
}

impl Per {
    /// As the database spells it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The first day of the period that a day lies in.
    pub(crate) fn first(self, day: NaiveDate) -> NaiveDate {
        let back = match self {
            Self::Day => 0,
            Self::Week => u64::from(day.weekday().num_days_from_monday()),
            Self::Month => u64::from(day.day0()),
        };
        day.checked_sub_days(Days::new(back)).unwrap_or(day)
    }

    /// The first day of the period after the one that begins so.
    pub(crate) fn next(self, first: NaiveDate) -> NaiveDate {
        let next = match self {
            Self::Day => first.succ_opt(),
            Self::Week => first.checked_add_days(Days::new(7)),
            Self::Month => first.checked_add_months(Months::new(1)),
        };
        next.unwrap_or(NaiveDate::MAX)
    }

    /// The first day of the period that lies `count` before the one that begins so.
    pub(crate) fn back(self, first: NaiveDate, count: u32) -> NaiveDate {
        let back = match self {
            Self::Day => first.checked_sub_days(Days::new(count.into())),
            Self::Week => first.checked_sub_days(Days::new(u64::from(count) * 7)),
            Self::Month => first.checked_sub_months(Months::new(count)),
        };
        back.unwrap_or(NaiveDate::MIN)
    }
}

/// What a local time is in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Local {
    /// This moment.
    Once(Timestamp),
    /// Clocks showed it twice; this is the first of the two.
    Twice(Timestamp),
    /// Clocks jumped over it; this moment is as long after the jump as the time was after its beginning.
    Never(Timestamp),
}

impl Local {
    /// The moment, however sure it is.
    pub(crate) const fn moment(self) -> Timestamp {
        match self {
            Self::Once(at) | Self::Twice(at) | Self::Never(at) => at,
        }
    }
}

/// A zone's clock.
pub(crate) struct Clock<'z> {
    zone: &'z str,
    /// Offsets at the beginnings of UTC days.
    days: HashMap<i64, i64>,
}

impl<'z> Clock<'z> {
    /// The clock of a zone; UTC when there is no such zone.
    pub(crate) fn new(zone: &'z str) -> Self {
        let zone = if sesh_edge::zone::exists(zone) { zone } else { "UTC" };
        Self { zone, days: HashMap::new() }
    }

    /// The zone whose clock it is.
    pub(crate) const fn zone(&self) -> &'z str {
        self.zone
    }

    fn ask(&self, at: Timestamp) -> i64 {
        offset_minutes(self.zone, at).unwrap_or_default() * MINUTE_MS
    }

    fn at_start_of(&mut self, day: i64) -> i64 {
        if let Some(offset) = self.days.get(&day) {
            return *offset;
        }
        let offset = self.ask(Timestamp(day.saturating_mul(DAY_MS)));
        self.days.insert(day, offset);
        offset
    }

    /// Milliseconds that clocks are ahead of UTC at a moment. No zone changes its clocks twice within a day and is back.
    fn offset_ms(&mut self, at: Timestamp) -> i64 {
        let day = at.0.div_euclid(DAY_MS);
        let (before, after) = (self.at_start_of(day), self.at_start_of(day + 1));
        if before == after { before } else { self.ask(at) }
    }

    /// What clocks show at a moment, as if it were UTC.
    pub(crate) fn shown(&mut self, at: Timestamp) -> Timestamp {
        at.plus_ms(self.offset_ms(at))
    }

    /// The local day of a moment.
    pub(crate) fn day(&mut self, at: Timestamp) -> NaiveDate {
        self.shown(at).utc_day().unwrap_or_default()
    }

    /// The hour that clocks show at a moment, 0 to 23.
    pub(crate) fn hour(&mut self, at: Timestamp) -> usize {
        let shown = self.shown(at).0.rem_euclid(DAY_MS);
        usize::try_from(shown / (60 * MINUTE_MS)).unwrap_or_default()
    }

    /// The moment at which clocks show this time (given as if it were UTC).
    pub(crate) fn moment(&mut self, local: Timestamp) -> Local {
        let before = self.offset_ms(local.plus_ms(-DAY_MS));
        let after = self.offset_ms(local.plus_ms(DAY_MS));
        let at = |offset: i64| local.plus_ms(-offset);
        let mut fits = |offset: i64| self.offset_ms(at(offset)) == offset;
        match (fits(before), before != after && fits(after)) {
            (true, false) => Local::Once(at(before)),
            (false, true) => Local::Once(at(after)),
            (true, true) => Local::Twice(at(before).min(at(after))),
            (false, false) => Local::Never(at(before)),
        }
    }

    /// The first moment of a local day.
    pub(crate) fn midnight(&mut self, day: NaiveDate) -> Timestamp {
        let shown = day.and_hms_opt(0, 0, 0).map(|time| time.and_utc().timestamp_millis());
        self.moment(Timestamp(shown.unwrap_or_default())).moment()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn times_that_clocks_show_twice_or_never_are_known_as_such() {
        let mut berlin = Clock::new("Europe/Berlin");
        assert_eq!(berlin.moment(at("2026-03-29T02:30:00Z")), Local::Never(at("2026-03-29T01:30:00Z")));
        assert_eq!(berlin.moment(at("2026-10-25T02:30:00Z")), Local::Twice(at("2026-10-25T00:30:00Z")));
        assert_eq!(berlin.moment(at("2026-10-25T03:00:00Z")), Local::Once(at("2026-10-25T02:00:00Z")));
        assert_eq!(berlin.moment(at("2026-07-01T12:00:00Z")), Local::Once(at("2026-07-01T10:00:00Z")));
    }

    #[test]
    fn days_of_23_and_25_hours_begin_at_local_midnight() {
        let mut new_york = Clock::new("America/New_York");
        let long = |clock: &mut Clock<'_>, one: &str, next: &str| {
            (clock.midnight(day(next)).0 - clock.midnight(day(one)).0) / (60 * MINUTE_MS)
        };
        assert_eq!(long(&mut new_york, "2026-03-08", "2026-03-09"), 23);
        assert_eq!(long(&mut new_york, "2026-11-01", "2026-11-02"), 25);
        // In Santiago clocks jump from 24:00 to 01:00 on 6 September 2026.
        assert_eq!(Clock::new("America/Santiago").midnight(day("2026-09-06")), at("2026-09-06T04:00:00Z"));
    }

    #[test]
    fn weeks_begin_on_monday_and_months_have_their_own_length() {
        assert_eq!(Per::Week.first(day("2026-11-22")), day("2026-11-16"));
        assert_eq!(Per::Month.next(day("2026-02-01")), day("2026-03-01"));
        assert_eq!(Per::Month.back(day("2026-03-01"), 2), day("2026-01-01"));
        assert_eq!(Per::Day.back(Per::Day.first(day("2026-03-01")), 1), day("2026-02-28"));
    }

    #[test]
    fn an_unknown_zone_is_utc() {
        assert_eq!(Clock::new("Mars/Olympus").zone(), "UTC");
    }

    const ZONES: [&str; 6] = [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
    ];

    proptest! {
        #[test]
        fn what_a_clock_shows_leads_back_to_the_moment(zone in 0..ZONES.len(), minutes in 0_i64..(60 * 365 * 24 * 60)) {
            let mut clock = Clock::new(ZONES[zone]);
            let moment = Timestamp(minutes * MINUTE_MS);
            prop_assert_eq!(clock.offset_ms(moment), clock.ask(moment), "the memory is right");
            let shown = clock.shown(moment);
            match clock.moment(shown) {
                Local::Once(found) => prop_assert_eq!(found, moment),
                Local::Twice(first) => prop_assert!(first <= moment && clock.shown(first) == shown),
                Local::Never(_) => prop_assert!(false, "it was shown"),
            }
        }

        #[test]
        fn days_follow_each_other_without_gap(zone in 0..ZONES.len(), number in 0_u64..20_000) {
            let mut clock = Clock::new(ZONES[zone]);
            let day = day("1970-01-01").checked_add_days(Days::new(number)).unwrap();
            let (start, end) = (clock.midnight(day), clock.midnight(Per::Day.next(day)));
            prop_assert!(start < end);
            prop_assert_eq!(clock.day(start), day);
            prop_assert_eq!(clock.day(end.plus_ms(-1)), day);
        }
    }
}
