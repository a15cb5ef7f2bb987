//! Talks to the admin Worker.

use crate::strains::chunks::Chunk;
use crate::target::Target;
use serde::Deserialize;
use std::fmt::{self, Display, Formatter};
use std::ops::AddAssign;
use std::time::Duration;
use thiserror::Error;
use ureq::Agent;
use ureq::http::{HeaderMap, Response};

const PATH: &str = "/api/v1/strains/import";
const TRANSIENT: [u16; 4] = [429, 502, 503, 504];
const MAX_ANSWER_BYTES: u64 = 1024 * 1024;
const MAX_SHOWN: usize = 2000;

/// What the server did with the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Totals {
    /// Strains that it did not have.
    pub inserted: u64,
    /// Strains whose content differed.
    pub updated: u64,
    /// Strains that it had just so; nothing was written.
    pub unchanged: u64,
}

impl AddAssign for Totals {
    fn add_assign(&mut self, more: Self) {
        self.inserted += more.inserted;
        self.updated += more.updated;
        self.unchanged += more.unchanged;
    }
}

/// How long to try.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Attempts for one request, the first included.
    pub attempts: u32,
    /// Pause after the first failure; it doubles each time.
    pub first_pause: Duration,
    /// Longest pause, also when the server asks for more.
    pub longest_pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { attempts: 6, first_pause: Duration::from_millis(500), longest_pause: Duration::from_secs(30) }
    }
}

/// What the server said against a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// The platform's error code; empty when the answer was not the platform's.
    pub code: String,
    /// The platform's message.
    pub message: String,
    /// The fields that were wrong, as JSON.
    pub details: Option<String>,
    /// The id to quote when asking for help.
    pub request_id: Option<String>,
}

impl Display for Refusal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status, self.code, self.message)?;
        if let Some(details) = &self.details {
            write!(f, "\n  details: {details}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, "\n  request id: {id}")?;
        }
        Ok(())
    }
}

/// Why a chunk was not taken.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The server answered, and will answer the same again.
    #[error("the server refused with {0}")]
    Refused(Box<Refusal>),
    /// It stayed busy or out of reach.
    #[error("gave up after {attempts} attempts: {last}")]
    Unavailable {
        /// How many.
        attempts: u32,
        /// What happened last.
        last: String,
    },
    /// It said yes in words that nobody understands.
    #[error("the server's answer is not the platform's: {0}")]
    Strange(String),
}

/// A connection to one admin Worker.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    target: Target,
    patience: Patience,
}

/// Follows no redirect, because the key is meant for one server.
fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(Duration::from_secs(10)))
        .timeout_global(Some(Duration::from_mins(1)))
        .user_agent(concat!("sesh/", env!("CARGO_PKG_VERSION")));
    config.build().new_agent()
}

/// One attempt.
enum Attempt {
    Done(Totals),
    Again { why: String, after: Option<Duration> },
}

impl Client {
    /// A client that follows no redirect, because the key is meant for one server.
    pub fn new(target: Target, patience: Patience) -> Self {
        Self { agent: agent(), target, patience }
    }

    /// Posts once, and gives what the server made. It is not tried again: whether it was done is not known.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn post(&self, path: &str, body: &serde_json::Value) -> Result<serde_json::Value, ClientError> {
        let unreachable =
            |error: &dyn Display| ClientError::Unavailable { attempts: 1, last: error.to_string() };
        let sent = (self.agent.post(format!("{}{path}", self.target.url)))
            .header("authorization", self.target.key.bearer())
            .header("content-type", "application/json")
            .send(body.to_string());
        let mut answer = sent.map_err(|error| unreachable(&error))?;
        let read = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
        let text = read.map_err(|error| unreachable(&error))?;
        if answer.status().as_u16() != 201 {
            let refusal = refusal(answer.status().as_u16(), answer.headers(), &text);
            return Err(ClientError::Refused(Box::new(refusal)));
        }
        let strange = || ClientError::Strange(shown(&String::from_utf8_lossy(&text)));
        let mut said: serde_json::Value = serde_json::from_slice(&text).map_err(|_| strange())?;
        said.get_mut("data").map(serde_json::Value::take).ok_or_else(strange)
    }
    /// Sends one chunk, again while the server is busy. That is safe: the server writes only what differs.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn send(&self, chunk: &Chunk) -> Result<Totals, ClientError> {
        let mut pause = self.patience.first_pause;
        let mut attempt = 1;
        loop {
            let (why, after) = match self.attempt(chunk)? {
                Attempt::Done(totals) => return Ok(totals),
                Attempt::Again { why, after } => (why, after),
            };
            if attempt >= self.patience.attempts {
                return Err(ClientError::Unavailable { attempts: attempt, last: why });
            }
            std::thread::sleep(after.unwrap_or(pause).min(self.patience.longest_pause));
            pause = pause.saturating_mul(2);
            attempt += 1;
        }
    }

    fn attempt(&self, chunk: &Chunk) -> Result<Attempt, ClientError> {
        let sent = (self.agent.post(format!("{}{PATH}", self.target.url)))
            .header("authorization", self.target.key.bearer())
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .send(&chunk.body);
        let mut answer = match sent {
            Ok(answer) => answer,
            Err(error) => return Ok(Attempt::Again { why: error.to_string(), after: None }),
        };
        let body = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
        let body = match body {
            Ok(body) => body,
            Err(error) => return Ok(Attempt::Again { why: error.to_string(), after: None }),
        };
        judge(&answer, &body, chunk.rows())
    }
}

fn judge<T>(answer: &Response<T>, body: &[u8], rows: usize) -> Result<Attempt, ClientError> {
    let status = answer.status().as_u16();
    if status == 200 {
        return totals(body, rows).map(Attempt::Done);
    }
    let refusal = refusal(status, answer.headers(), body);
    if TRANSIENT.contains(&status) {
        let after = header(answer.headers(), "retry-after").and_then(|seconds| seconds.parse().ok());
        return Ok(Attempt::Again { why: refusal.to_string(), after: after.map(Duration::from_secs) });
    }
    Err(ClientError::Refused(Box::new(refusal)))
}

fn totals(body: &[u8], rows: usize) -> Result<Totals, ClientError> {
    #[derive(Deserialize)]
    struct Success {
        success: bool,
        data: Totals,
    }
    let strange = || ClientError::Strange(shown(&String::from_utf8_lossy(body)));
    let Success { success, data } = serde_json::from_slice(body).map_err(|_| strange())?;
    let counted = [data.inserted, data.updated, data.unchanged].into_iter().try_fold(0_u64, u64::checked_add);
    let all = success && counted == u64::try_from(rows).ok();
    if all { Ok(data) } else { Err(strange()) }
}

fn refusal(status: u16, headers: &HeaderMap, body: &[u8]) -> Refusal {
    #[derive(Default, Deserialize)]
    struct Failed {
        error: Error,
    }
    #[derive(Default, Deserialize)]
    struct Error {
        code: String,
        message: String,
        details: Option<serde_json::Value>,
        request_id: Option<String>,
    }
    let Failed { error } = serde_json::from_slice(body).unwrap_or_else(|_| Failed {
        error: Error { message: String::from_utf8_lossy(body).into_owned(), ..Error::default() },
    });
    Refusal {
        status,
        code: shown(&error.code),
        message: shown(&error.message),
        details: error.details.map(|details| shown(&details.to_string())),
        request_id: header(headers, "x-request-id").or(error.request_id).map(|id| shown(&id)),
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Text of others for a terminal: no control characters, no more than a screen.
fn shown(text: &str) -> String {
    let blank = |c: char| if c.is_control() { ' ' } else { c };
    text.trim().chars().map(blank).take(MAX_SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_must_account_for_every_row() {
        let body = br#"{"success":true,"data":{"inserted":1,"updated":2,"unchanged":3}}"#;
        assert_eq!(totals(body, 6).unwrap(), Totals { inserted: 1, updated: 2, unchanged: 3 });
        assert!(matches!(totals(body, 7), Err(ClientError::Strange(_))));
        assert!(matches!(totals(b"<html>", 6), Err(ClientError::Strange(_))));
    }

    #[test]
    fn a_refusal_shows_all_that_helps_and_nothing_that_harms() {
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", "r-1".parse().unwrap());
        let body = br#"{"success":false,"error":{"code":"bad_request","message":"no\u001b[2J","details":[{"field":"rows[0].name"}]}}"#;
        let text = refusal(400, &headers, body).to_string();
        assert_eq!(
            text,
            "400 bad_request: no [2J\n  details: [{\"field\":\"rows[0].name\"}]\n  request id: r-1"
        );
        assert_eq!(refusal(502, &HeaderMap::new(), b"gateway").to_string(), "502 : gateway");
    }
}
