//! Structured logs: one JSON object a line. A line holds ids, route templates and causes of faults; it never
//! holds a body, a header, a query string, an e-mail address or a secret.

use serde::Serialize;
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::PersonId;

/// One line about one request or job.
#[derive(Debug, Default, Serialize)]
pub struct Line<'a> {
    /// RFC 3339.
    pub time: String,
    /// `info`, `warn` or `error`.
    pub level: &'static str,
    /// The Worker.
    pub worker: &'a str,
    /// What happened: `request`, `job`, ….
    pub event: &'a str,
    /// The id that all Workers share for one request.
    pub request_id: &'a str,
    /// HTTP verb.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub method: &'a str,
    /// The route's template, such as `/api/v1/stash/{id}`: ids in paths stay out of the log.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub route: &'a str,
    /// HTTP status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Milliseconds it took, as far as the clock moved.
    pub duration_ms: i64,
    /// Rows that the database read for it.
    pub rows_read: u64,
    /// Rows that the database wrote for it.
    pub rows_written: u64,
    /// Why the caller was refused, when they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<ErrorCode>,
    /// Who was refused, when their token was verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The cause of a fault of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

/// Writes the line to the Worker's log.
pub fn write(line: &Line<'_>) {
    if let Ok(text) = serde_json::to_string(line) {
        emit(&mask_addresses(text));
    }
}

/// The last guard: should an e-mail address ever reach a cause, it does not reach the log.
fn mask_addresses(text: String) -> String {
    if !text.contains('@') {
        return text;
    }
    let local = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '+' | '-' | '%');
    let mut parts = text.split('@');
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        masked.truncate(masked.trim_end_matches(local).len());
        masked.push_str("[address]");
        masked.push_str(part.trim_start_matches(local));
    }
    masked
}

#[cfg(target_arch = "wasm32")]
fn emit(line: &str) {
    crate::bridge::log(line);
}

#[cfg(not(target_arch = "wasm32"))]
fn emit(line: &str) {
    crate::native::capture_log(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_passes() {
        assert_eq!(mask_addresses("UNIQUE a.b+c@example.com failed".to_owned()), "UNIQUE [address] failed");
        assert_eq!(mask_addresses("no address".to_owned()), "no address");
    }
}
