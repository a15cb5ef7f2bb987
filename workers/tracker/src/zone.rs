//! Days as a person lives them: in their time zone, summer time included.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};
use sesh_edge::zone::offset_minutes;
use sesh_types::time::{HOUR_MS, MINUTE_MS, Timestamp};

/// The starts of a person's today, this week (Monday, ISO 8601) and this month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Periods {
    /// Midnight before now.
    pub today: Timestamp,
    /// Midnight before this week's Monday.
    pub week: Timestamp,
    /// Midnight before the first of this month.
    pub month: Timestamp,
}

/// The starts of the periods that `now` lies in.
pub(crate) fn periods(zone: &str, now: Timestamp) -> Option<Periods> {
    let today = local_day(zone, now)?;
    let monday = today.checked_sub_days(Days::new(today.weekday().num_days_from_monday().into()))?;
    Some(Periods {
        today: midnight(zone, today)?,
        week: midnight(zone, monday)?,
        month: midnight(zone, today.with_day(1)?)?,
    })
}

/// Whole local days between two moments: yesterday evening was one day ago.
pub(crate) fn days_between(zone: &str, earlier: Timestamp, later: Timestamp) -> Option<i64> {
    Some((local_day(zone, later)? - local_day(zone, earlier)?).num_days())
}

/// The wall clock of a zone at a moment, as if it were UTC's.
pub(crate) fn local(zone: &str, time: Timestamp) -> Option<Timestamp> {
    Some(time.plus_ms(offset_minutes(zone, time)? * MINUTE_MS))
}

fn local_day(zone: &str, time: Timestamp) -> Option<NaiveDate> {
    local(zone, time)?.utc_day()
}

/// The first moment of a local day; where clocks jump over midnight, the first hour that exists. A moment that
/// shows the wanted local time lies one of the zone's offsets away from it: those around that day are tried.
pub(crate) fn midnight(zone: &str, day: NaiveDate) -> Option<Timestamp> {
    moment(zone, day.and_hms_opt(0, 0, 0)?)
}

/// The moment at which a zone's wall clock shows this; where clocks jump over it, the first hour after it that exists.
pub(crate) fn moment(zone: &str, local_time: NaiveDateTime) -> Option<Timestamp> {
    let start = Timestamp(local_time.and_utc().timestamp_millis());
    (0..=3).find_map(|hour| {
        let wanted = start.plus_ms(hour * HOUR_MS);
        [-24, 24].into_iter().find_map(|around| {
            let offset = offset_minutes(zone, wanted.plus_ms(around * HOUR_MS))?;
            let moment = wanted.plus_ms(-offset * MINUTE_MS);
            (local(zone, moment)? == wanted).then_some(moment)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_day_begins_at_local_midnight() {
        let found = periods("America/Los_Angeles", at("2026-11-21T05:00:00Z")).unwrap();
        assert_eq!(found.today, at("2026-11-20T08:00:00Z"));
        assert_eq!(found.week, at("2026-11-16T08:00:00Z"));
        assert_eq!(found.month, at("2026-11-01T07:00:00Z"), "the first was still summer time");
    }

    #[test]
    fn a_day_without_midnight_begins_when_it_can() {
        // In Santiago clocks jump from 24:00 to 01:00 on 6 September 2026.
        let found = periods("America/Santiago", at("2026-09-06T12:00:00Z")).unwrap();
        assert_eq!(found.today, at("2026-09-06T04:00:00Z"));
    }

    #[test]
    fn days_are_counted_by_the_calendar() {
        let zone = "Europe/Berlin";
        assert_eq!(days_between(zone, at("2026-11-20T22:59:00Z"), at("2026-11-20T23:01:00Z")), Some(1));
        assert_eq!(days_between(zone, at("2026-11-20T23:01:00Z"), at("2026-11-21T22:59:00Z")), Some(0));
        assert_eq!(periods("Mars/Olympus", Timestamp(0)), None);
    }
}
