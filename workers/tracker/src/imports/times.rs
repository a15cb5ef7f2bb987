//! Times as files write them: moments with a zone, or what a clock on the wall showed.

use chrono::{NaiveDate, NaiveTime};
use sesh_types::time::{HOUR_MS, SECOND_MS, Timestamp};

/// When something was, as far as a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// A moment.
    Moment(Timestamp),
    /// What clocks showed there, as if it were UTC.
    Shown(Timestamp),
    /// A day without a time.
    Day(NaiveDate),
}

/// The order of numbers in a date such as 3/4/2026.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    DayFirst,
    MonthFirst,
}

/// Splits a text that is digits and one of a few signs, such as 3/4/2026.
fn parts(text: &str) -> Option<(char, [u32; 3], usize)> {
    let sign = text.chars().find(|c| !c.is_ascii_digit())?;
    let texts: Vec<&str> = text.split(sign).collect();
    let [first, second, third] = texts.as_slice() else { return None };
    let number = |text: &str| {
        let fits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if fits { text.parse::<u32>().ok() } else { None }
    };
    Some((sign, [number(first)?, number(second)?, number(third)?], first.len()))
}

/// `2026-04-20`, `2026/04/20`, `20.04.2026`, `4/20/2026`.
fn date(text: &str, order: Order) -> Option<NaiveDate> {
    let (sign, [a, b, c], first) = parts(text)?;
    let (year, month, day) = match (sign, first) {
        ('-' | '/' | '.', 4) => (a, b, c),
        ('.', _) => (c, b, a),
        ('/' | '-', _) if order == Order::DayFirst => (c, b, a),
        ('/' | '-', _) => (c, a, b),
        _ => return None,
    };
    // Two digits of a year could be of any century.
    let year = if year >= 1_000 { i32::try_from(year).ok()? } else { return None };
    NaiveDate::from_ymd_opt(year, month, day)
}

/// Whether a date says by itself in which order it is: the first or the second number is above 12.
pub(super) fn order_of(text: &str) -> Option<Order> {
    let word = text.split([' ', 'T']).next().unwrap_or_default();
    let (sign, [a, b, _], first) = parts(word)?;
    match (sign, first, a > 12, b > 12) {
        ('/' | '-', 1 | 2, true, false) => Some(Order::DayFirst),
        ('/' | '-', 1 | 2, false, true) => Some(Order::MonthFirst),
        _ => None,
    }
}

/// Whether a date could be read in two orders.
pub(super) fn is_two_faced(text: &str) -> bool {
    let word = text.split([' ', 'T']).next().unwrap_or_default();
    parts(word).is_some_and(|(sign, [a, b, _], first)| {
        matches!(sign, '/' | '-') && first < 4 && a <= 12 && b <= 12 && a != b
    })
}

/// `16:20`, `16:20:30`, `4:20 pm`, `4pm`; milliseconds since midnight.
fn clock(text: &str) -> Option<i64> {
    let lower = text
        .trim()
        .to_lowercase()
        .replace(['\u{202f}', '\u{a0}'], " ")
        .replace("a.m.", "am")
        .replace("p.m.", "pm");
    let (body, half) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(body), _) => (body.trim(), Some(false)),
        (_, Some(body)) => (body.trim(), Some(true)),
        _ => (lower.trim(), None),
    };
    // Fractions of a second are cut.
    let body = body.split_once('.').map_or(body, |(whole, _)| whole);
    let numbers: Option<Vec<u32>> = body
        .split(':')
        .map(|part| if (1..=2).contains(&part.len()) { part.parse::<u32>().ok() } else { None })
        .collect();
    let (hour, minute, second) = match (numbers?.as_slice(), half) {
        ([hour], Some(_)) => (*hour, 0, 0),
        ([hour, minute], _) => (*hour, *minute, 0),
        ([hour, minute, second], _) => (*hour, *minute, *second),
        _ => return None,
    };
    let hour = match half {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(late) => hour % 12 + if late { 12 } else { 0 },
    };
    let time = NaiveTime::from_hms_opt(hour, minute, second)?;
    let since = time.signed_duration_since(NaiveTime::MIN);
    Some(since.num_milliseconds())
}

fn at(day: NaiveDate, since_midnight_ms: i64) -> When {
    let midnight = day.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
    When::Shown(Timestamp(midnight).plus_ms(since_midnight_ms))
}

/// Seconds or milliseconds since 1970, as many digits as they have in our time.
fn since_1970(text: &str) -> Option<When> {
    let number: i64 =
        if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok()? } else { return None };
    match text.len() {
        9 | 10 => Some(When::Moment(Timestamp(number * SECOND_MS))),
        12 | 13 => Some(When::Moment(Timestamp(number))),
        _ => None,
    }
}

/// Reads a time, or a date and a time that stand in a column each.
pub(super) fn read(first: &str, second: Option<&str>, order: Order) -> Option<When> {
    let text = first.trim();
    if let Some(second) = second.map(str::trim).filter(|second| !second.is_empty()) {
        return Some(at(date(text, order)?, clock(second)?));
    }
    if let Some(found) = since_1970(text) {
        return Some(found);
    }
    let iso = text.replacen(' ', "T", 1);
    if let Ok(moment) = Timestamp::parse(&iso)
        .or_else(|_| Timestamp::parse(&text.replacen(" UTC", "Z", 1).replacen(' ', "T", 1)))
    {
        return Some(When::Moment(moment));
    }
    match text.split_once([' ', 'T', ',']) {
        Some((day, time)) => Some(at(date(day, order)?, clock(time)?)),
        None => date(text, order).map(When::Day),
    }
}

/// Where a day without a time is put: noon there.
pub(super) const NOON_MS: i64 = 12 * HOUR_MS;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> When {
        When::Shown(Timestamp::parse(text).unwrap())
    }

    fn moment(text: &str) -> When {
        When::Moment(Timestamp::parse(text).unwrap())
    }

    #[test]
    fn reads_what_files_write() {
        let wanted = Some(shown("2026-04-20T16:20:00Z"));
        for text in [
            "2026-04-20 16:20",
            "2026-04-20T16:20:00",
            "2026/04/20 4:20 pm",
            "20.04.2026 16:20",
            "4/20/2026 4:20PM",
            "4/20/2026, 4:20\u{202f}PM",
            "2026-04-20 16:20:00.123",
        ] {
            assert_eq!(read(text, None, Order::MonthFirst), wanted, "{text}");
        }
        assert_eq!(read("20/4/2026 16:20", None, Order::DayFirst), wanted);
        assert_eq!(read("2026-04-20", Some("4:20 p.m."), Order::MonthFirst), wanted);
        for text in [
            "2026-04-20T16:20:00Z",
            "2026-04-20 18:20:00+02:00",
            "2026-04-20 16:20:00 UTC",
            "1776702000",
            "1776702000000",
        ] {
            assert_eq!(read(text, None, Order::MonthFirst), Some(moment("2026-04-20T16:20:00Z")), "{text}");
        }
        assert_eq!(
            read("4/20/2026", None, Order::MonthFirst),
            Some(When::Day("2026-04-20".parse().unwrap()))
        );
        assert_eq!(
            read("2026-04-20", Some("12:30 am"), Order::MonthFirst),
            Some(shown("2026-04-20T00:30:00Z"))
        );
        assert_eq!(read("2026-04-20", Some("12 pm"), Order::MonthFirst), Some(shown("2026-04-20T12:00:00Z")));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "yesterday",
            "2026-02-30",
            "4/20/26",
            "13/13/2026",
            "2026-04-20 25:00",
            "2026-04-20 13:00 pm",
            "20260420",
            "4:20",
            "2026-04-20 16:60",
        ] {
            assert_eq!(read(text, None, Order::MonthFirst), None, "{text}");
        }
    }

    #[test]
    fn dates_that_say_their_order_are_believed() {
        assert_eq!(order_of("4/20/2026 16:20"), Some(Order::MonthFirst));
        assert_eq!(order_of("20/4/2026"), Some(Order::DayFirst));
        assert_eq!(order_of("4/4/2026"), None);
        assert_eq!(order_of("2026-04-20"), None);
        assert!(is_two_faced("4/5/2026") && !is_two_faced("5/5/2026") && !is_two_faced("2026-04-05"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_not(first in ".{0,40}", second in proptest::option::of(".{0,20}")) {
            for order in [Order::DayFirst, Order::MonthFirst] {
                let _ = read(&first, second.as_deref(), order);
            }
        }

        #[test]
        fn a_minute_is_read_back_however_it_is_written(minutes in 0_i64..(80 * 365 * 24 * 60)) {
            let time = chrono::DateTime::from_timestamp(minutes * 60, 0).unwrap();
            let wanted = Some(When::Shown(Timestamp(time.timestamp_millis())));
            for (form, order) in [
                ("%Y-%m-%d %H:%M", Order::MonthFirst), ("%d.%m.%Y %H:%M", Order::MonthFirst), ("%m/%d/%Y %I:%M %p", Order::MonthFirst),
                ("%d/%m/%Y %H:%M:%S", Order::DayFirst), ("%Y/%m/%dT%H:%M", Order::DayFirst),
            ] {
                let text = time.format(form).to_string();
                prop_assert_eq!(read(&text, None, order), wanted, "{}", text);
            }
        }
    }
}
