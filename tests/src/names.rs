//! Names, addresses and keys that no other test has.

use std::fmt::Write;
use uuid::Uuid;

/// A name that begins so.
pub fn unique(beginning: &str) -> String {
    format!("{beginning} {}", Uuid::new_v4().simple())
}

/// A key for one request.
pub fn key() -> String {
    Uuid::new_v4().to_string()
}

/// An id of nothing.
pub fn nobodys_id() -> String {
    Uuid::new_v4().to_string()
}

/// An e-mail address that receives nothing.
pub fn email() -> String {
    format!("{}@e2e.example.com", Uuid::new_v4().simple())
}

/// A client's network address, in a network of its own: tries are counted by network.
pub fn address() -> String {
    let (high, _) = Uuid::new_v4().as_u64_pair();
    let [a, b, c, d] = [high >> 48, high >> 32, high >> 16, high].map(|part| part & 0xffff);
    format!("fd{:02x}:{b:x}:{c:x}:{d:x}::1", a & 0xff)
}

/// A day between 1970 and 2023, which other tests are unlikely to use.
pub fn day() -> chrono::NaiveDate {
    let (high, _) = Uuid::new_v4().as_u64_pair();
    chrono::NaiveDate::default() + chrono::Days::new(high % 19_700)
}

/// A text as it goes into a path or a query string: every byte percent-encoded.
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        write!(all, "%{byte:02X}").unwrap();
        all
    })
}

/// A tenant's slug.
pub fn slug() -> String {
    format!("t{}", &Uuid::new_v4().simple().to_string()[..20])
}

/// A moment so many milliseconds ago, as the API takes it.
#[allow(clippy::disallowed_methods, reason = "a test goes by the machine's own clock")]
pub fn ago(ms: i64) -> String {
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now());
    (now - chrono::TimeDelta::milliseconds(ms)).to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
