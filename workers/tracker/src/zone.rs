//! Days as a person lives them: in their time zone, summer time included.

use chrono::{DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use sesh_types::time::Timestamp;

/// The zone of an IANA name, if there is such a zone.
pub(crate) fn parse(name: &str) -> Option<Tz> {
    name.parse().ok()
}

/// The starts of a person's today, this week (Monday, ISO 8601) and this month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Periods {
    /// Midnight before now.
    pub(crate) today: Timestamp,
    /// Midnight before this week's Monday.
    pub(crate) week: Timestamp,
    /// Midnight before the first of this month.
    pub(crate) month: Timestamp,
}

/// The starts of the periods that `now` lies in.
pub(crate) fn periods(zone: Tz, now: Timestamp) -> Option<Periods> {
    let today = local(zone, now)?;
    let monday = today.checked_sub_days(Days::new(today.weekday().num_days_from_monday().into()))?;
    Some(Periods {
        today: midnight(zone, today)?,
        week: midnight(zone, monday)?,
        month: midnight(zone, today.with_day(1)?)?,
    })
}

/// Whole local days between two moments: yesterday evening was one day ago.
pub(crate) fn days_between(zone: Tz, earlier: Timestamp, later: Timestamp) -> Option<i64> {
    Some((local(zone, later)? - local(zone, earlier)?).num_days())
}

fn local(zone: Tz, time: Timestamp) -> Option<NaiveDate> {
    let utc: DateTime<Utc> = time.to_utc()?;
    Some(utc.with_timezone(&zone).date_naive())
}

/// The first moment of a local day; where clocks jump over midnight, the first hour that exists.
fn midnight(zone: Tz, day: NaiveDate) -> Option<Timestamp> {
    (0..=3).find_map(|hour| {
        let time = day.and_time(NaiveTime::from_hms_opt(hour, 0, 0)?);
        match zone.from_local_datetime(&time) {
            LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => Some(Timestamp(moment.timestamp_millis())),
            LocalResult::None => None,
        }
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
        let zone = parse("America/Los_Angeles").unwrap();
        let found = periods(zone, at("2026-11-21T05:00:00Z")).unwrap();
        assert_eq!(found.today, at("2026-11-20T08:00:00Z"));
        assert_eq!(found.week, at("2026-11-16T08:00:00Z"));
        assert_eq!(found.month, at("2026-11-01T07:00:00Z"), "the first was still summer time");
    }

    #[test]
    fn a_day_without_midnight_begins_when_it_can() {
        // In Santiago clocks jump from 24:00 to 01:00 on 6 September 2026.
        let zone = parse("America/Santiago").unwrap();
        let found = periods(zone, at("2026-09-06T12:00:00Z")).unwrap();
        assert_eq!(found.today, at("2026-09-06T04:00:00Z"));
    }

    #[test]
    fn days_are_counted_by_the_calendar() {
        let zone = parse("Europe/Berlin").unwrap();
        assert_eq!(days_between(zone, at("2026-11-20T22:59:00Z"), at("2026-11-20T23:01:00Z")), Some(1));
        assert_eq!(days_between(zone, at("2026-11-20T23:01:00Z"), at("2026-11-21T22:59:00Z")), Some(0));
        assert!(parse("Mars/Olympus").is_none());
    }
}
