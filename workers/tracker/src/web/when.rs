//! Times as people read and type them, in their own zone.

use super::words::Lang;
use crate::zone;
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use sesh_types::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

/// A person's clock.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    pub(crate) zone: String,
    pub(crate) now: Timestamp,
    pub(crate) lang: Lang,
}

impl Clock {
    /// Relative until a day, then dated.
    pub(crate) fn ago(&self, time: Timestamp) -> String {
        let past = self.now.0 - time.0;
        if (-5 * MINUTE_MS..HOUR_MS).contains(&past) {
            return self.lang.minutes_ago(past.max(0) / MINUTE_MS);
        }
        if (0..DAY_MS).contains(&past) {
            return self.lang.hours_ago(past / HOUR_MS);
        }
        self.dated(time)
    }

    /// Day and time: `Fri 20 Nov, 16:20`, with the year when it is another one.
    pub(crate) fn dated(&self, time: Timestamp) -> String {
        let Some(local) = self.local(time) else { return time.to_string() };
        let year = self.local(self.now).is_none_or(|now| now.year() != local.year());
        let year = if year { format!(" {}", local.year()) } else { String::new() };
        format!("{}{year}, {:02}:{:02}", self.day(local.date()), local.hour(), local.minute())
    }

    /// A day: `20 Nov`.
    pub(crate) fn day(&self, day: NaiveDate) -> String {
        format!("{} {}", day.day(), self.lang.month(day.month0()))
    }

    /// A day, with its year when that is another one.
    pub(crate) fn long_day(&self, day: NaiveDate) -> String {
        let is_other = self.local(self.now).is_none_or(|now| now.year() != day.year());
        if is_other { format!("{} {}", self.day(day), day.year()) } else { self.day(day) }
    }

    /// A month: `Nov 2026`.
    pub(crate) fn month(&self, day: NaiveDate) -> String {
        format!("{} {}", self.lang.month(day.month0()), day.year())
    }

    /// The wall clock at a moment.
    pub(crate) fn local(&self, time: Timestamp) -> Option<NaiveDateTime> {
        Some(zone::local(&self.zone, time)?.to_utc()?.naive_utc())
    }

    /// The calendar's day at a moment.
    pub(crate) fn day_of(&self, time: Timestamp) -> Option<NaiveDate> {
        self.local(time).map(|local| local.date())
    }

    /// As `<input type="datetime-local">` has it.
    pub(crate) fn input(&self, time: Timestamp) -> String {
        self.local(time).map(|local| local.format("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default()
    }

    /// As `<input type="date">` has it.
    pub(crate) fn input_day(&self, time: Timestamp) -> String {
        self.local(time).map(|local| local.format("%Y-%m-%d").to_string()).unwrap_or_default()
    }

    /// The moment of a typed day and time.
    pub(crate) fn read(&self, text: &str) -> Option<Timestamp> {
        let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
        let local =
            formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text.trim(), format).ok())?;
        zone::moment(&self.zone, local)
    }

    /// The first moment of a typed day.
    pub(crate) fn read_day(&self, text: &str) -> Option<Timestamp> {
        let day = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok()?;
        zone::moment(&self.zone, day.and_time(NaiveTime::MIN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(lang: Lang) -> Clock {
        let now = Timestamp::parse("2026-11-21T12:00:00Z").unwrap();
        Clock { zone: "America/Los_Angeles".to_owned(), now, lang }
    }

    #[test]
    fn times_are_relative_until_a_day_then_dated_in_the_persons_zone() {
        let (en, es) = (clock(Lang::En), clock(Lang::Es));
        let at = |text: &str| Timestamp::parse(text).unwrap();
        assert_eq!(en.ago(at("2026-11-21T11:48:00Z")), "12 min ago");
        assert_eq!(es.ago(at("2026-11-21T09:00:00Z")), "hace 3 h");
        assert_eq!(en.ago(at("2026-11-19T05:20:00Z")), "18 Nov, 21:20");
        assert_eq!(es.ago(at("2025-01-02T12:00:00Z")), "2 ene 2025, 04:00");
    }

    #[test]
    fn what_is_shown_in_a_field_reads_the_same() {
        let clock = clock(Lang::En);
        let time = Timestamp::parse("2026-07-01T23:15:00Z").unwrap();
        assert_eq!(clock.input(time), "2026-07-01T16:15");
        assert_eq!(clock.read("2026-07-01T16:15"), Some(time));
        assert_eq!(clock.read_day("2026-07-01"), Timestamp::parse("2026-07-01T07:00:00Z").ok());
        assert_eq!(clock.read("tomorrow"), None);
    }
}
