//! Days as parameters: `2026-11-21` and no other spelling.

use chrono::NaiveDate;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;

/// Reads an optional day strictly; chrono alone would also take `2026-1-1` and years of five digits.
pub(super) fn strict<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NaiveDate>, D::Error> {
    let text = Cow::<'de, str>::deserialize(from)?;
    let day = text.parse::<NaiveDate>().ok().filter(|day| text.len() == 10 && day.to_string() == text);
    day.map(Some).ok_or_else(|| D::Error::custom("expected a day of the calendar, such as 2026-11-21"))
}
