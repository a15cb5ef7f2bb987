//! Times: integer milliseconds since 1970 in SQL, RFC 3339 UTC in JSON.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// Milliseconds in one second.
pub const SECOND_MS: i64 = 1_000;
/// Milliseconds in one minute.
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
/// Milliseconds in one hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Milliseconds in one day of 24 hours.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// The text is not an RFC 3339 time with a zone, such as `2026-04-20T16:20:00Z`.
#[derive(Debug, thiserror::Error)]
#[error("expected an RFC 3339 time with a zone, such as 2026-04-20T16:20:00Z")]
pub struct NotATime;

impl Timestamp {
    /// This time plus `ms` milliseconds, clamped at the ends of the range.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Whole seconds since 1970, as RFC 7519 numeric dates count.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND_MS)
    }

    /// The same moment for the calendar, or nothing outside chrono's range.
    pub fn to_utc(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.0)
    }

    /// The UTC calendar day of this moment.
    pub fn utc_day(self) -> Option<NaiveDate> {
        self.to_utc().map(|time| time.date_naive())
    }

    /// Reads RFC 3339 text; fractions beyond a millisecond are cut.
    ///
    /// # Errors
    /// [`NotATime`] for anything else, impossible dates included.
    pub fn parse(text: &str) -> Result<Self, NotATime> {
        DateTime::parse_from_rfc3339(text).map(|time| Self(time.timestamp_millis())).map_err(|_| NotATime)
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.to_utc() {
            Some(time) => f.write_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true)),
            None => write!(f, "{} ms", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "format": "date-time",
            "description": "RFC 3339, answered in UTC with milliseconds", "examples": ["2026-04-20T16:20:00.000Z"]
        })
    }
}

/// A time as the database keeps it: a plain integer of milliseconds.
pub mod sql_ms {
    use super::Timestamp;
    use serde::{Deserialize, Deserializer};

    /// Reads an INTEGER column.
    ///
    /// # Errors
    /// When the column holds no integer.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(from).map(Timestamp)
    }
}

/// A nullable time as the database keeps it.
pub mod sql_ms_option {
    use super::Timestamp;
    use serde::{Deserialize, Deserializer};

    /// Reads a nullable INTEGER column.
    ///
    /// # Errors
    /// When the column holds neither NULL nor an integer.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<i64>::deserialize(from)?.map(Timestamp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_rfc_3339() {
        let time: Timestamp = serde_json::from_str("\"2026-04-20T18:20:00+02:00\"").unwrap();
        assert_eq!(serde_json::to_string(&time).unwrap(), "\"2026-04-20T16:20:00.000Z\"");
        assert_eq!(Timestamp(-1).seconds(), -1);
    }

    #[test]
    fn refuses_impossible_and_zoneless_times() {
        for text in ["2026-02-30T00:00:00Z", "2026-04-20T16:20:00", "yesterday", "", "2026-13-01T00:00:00Z"] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
    }
}
