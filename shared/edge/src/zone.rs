//! Time zones: how far a zone's clocks are from UTC at a moment. Workers ask the runtime's own copy of the IANA
//! database (`Intl`), which is kept current and costs no bytes; natively `chrono-tz` answers.

use sesh_types::time::Timestamp;

/// Whether this is the name of an IANA time zone.
pub fn exists(name: &str) -> bool {
    offset_minutes(name, Timestamp(0)).is_some()
}

/// Minutes that the zone's clocks are ahead of UTC at a moment; nothing when there is no such zone.
pub fn offset_minutes(name: &str, at: Timestamp) -> Option<i64> {
    let shaped = name == "UTC" || name.contains('/');
    let clean = name.len() <= 64
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'+'));
    if shaped && clean { ask(name, at) } else { None }
}

#[cfg(target_arch = "wasm32")]
fn ask(name: &str, at: Timestamp) -> Option<i64> {
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "milliseconds below 2^53, minutes below 900"
    )]
    crate::bridge::zone_offset_minutes(name, at.0 as f64).map(|minutes| minutes as i64)
}

#[cfg(not(target_arch = "wasm32"))]
fn ask(name: &str, at: Timestamp) -> Option<i64> {
    use chrono::{Offset, TimeZone};
    let zone: chrono_tz::Tz = name.parse().ok()?;
    let offset = zone.offset_from_utc_datetime(&at.to_utc()?.naive_utc()).fix();
    Some(i64::from(offset.local_minus_utc()) / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_zones_and_summer_time() {
        let at = |text| Timestamp::parse(text).unwrap();
        assert_eq!(offset_minutes("Europe/Berlin", at("2026-01-01T00:00:00Z")), Some(60));
        assert_eq!(offset_minutes("Europe/Berlin", at("2026-07-01T00:00:00Z")), Some(120));
        assert_eq!(offset_minutes("Asia/Kathmandu", at("2026-07-01T00:00:00Z")), Some(345));
        assert!(
            exists("UTC")
                && !exists("Mars/Olympus")
                && !exists("")
                && !exists("+05:30")
                && !exists("a/\u{e9}")
        );
    }
}
