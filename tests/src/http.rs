//! A thin client: no redirects, no cookies of its own, every status is an answer.

use serde_json::Value;
use std::io::{Cursor, Read};
use std::sync::OnceLock;
use std::time::Duration;
use ureq::http::{HeaderMap, HeaderValue, Request};
use ureq::{Agent, SendBody};

const PATIENCE: Duration = Duration::from_secs(30);

fn agent() -> &'static Agent {
    static AGENT: OnceLock<Agent> = OnceLock::new();
    AGENT.get_or_init(|| {
        Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .allow_non_standard_methods(true)
            .timeout_global(Some(PATIENCE))
            .proxy(None)
            .user_agent("sesh-e2e")
            // A connection that is kept may be closed under the next request: each has its own.
            .max_idle_connections(0)
            .build()
            .new_agent()
    })
}

#[derive(Clone, Debug)]
enum Body {
    None,
    Whole(Vec<u8>),
    Chunked(Vec<u8>),
}

/// A request, being put together.
#[derive(Clone, Debug)]
#[must_use = "a call does nothing until it is sent"]
pub struct Call {
    method: String,
    url: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Body,
}

impl Call {
    /// Without headers and body.
    pub fn new(method: &str, url: impl Into<String>) -> Self {
        Self { method: method.to_owned(), url: url.into(), headers: Vec::new(), body: Body::None }
    }

    /// With a header in place of any of the same name.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// With another verb.
    pub fn verb(mut self, method: &str) -> Self {
        method.clone_into(&mut self.method);
        self
    }

    /// Without a header.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// With `Authorization: Bearer`.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// With an `Idempotency-Key`.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.bytes(serde_json::to_vec(body).unwrap())
    }

    /// With a body that says that it is JSON.
    pub fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Body::Whole(body.into());
        self.header("content-type", "application/json")
    }

    /// The same without telling the length of the body beforehand.
    pub fn chunked(mut self) -> Self {
        if let Body::Whole(bytes) = self.body {
            self.body = Body::Chunked(bytes);
        }
        self
    }

    /// With something at the end of the URL.
    pub fn append(mut self, text: &str) -> Self {
        self.url.push_str(text);
        self
    }

    /// Sends it.
    #[track_caller]
    pub fn send(self) -> Reply {
        let asked = format!("{} {}", self.method, self.url);
        self.try_send().unwrap_or_else(|error| panic!("{asked} had no answer: {error}"))
    }

    /// Sends it; says what went wrong with the connection.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub fn try_send(self) -> Result<Reply, String> {
        let asked = format!("{} {}", self.method, self.url);
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.url);
        for (name, value) in &self.headers {
            let value = HeaderValue::from_bytes(value).map_err(|error| error.to_string())?;
            request = request.header(name, value);
        }
        let body = match self.body {
            Body::None => SendBody::none(),
            Body::Whole(bytes) => {
                request = request.header("content-length", bytes.len());
                SendBody::from_owned_reader(Cursor::new(bytes))
            }
            Body::Chunked(bytes) => SendBody::from_owned_reader(Cursor::new(bytes)),
        };
        let request = request.body(body).map_err(|error| error.to_string())?;
        let mut answer = agent().run(request).map_err(|error| error.to_string())?;
        let mut body = Vec::new();
        answer.body_mut().as_reader().read_to_end(&mut body).map_err(|error| error.to_string())?;
        Ok(Reply { status: answer.status().as_u16(), headers: answer.headers().clone(), body, asked })
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// The request, for messages.
    pub asked: String,
}

impl Reply {
    /// A header's first value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self} is not JSON"))
    }

    /// What is in the envelope of a success.
    #[track_caller]
    pub fn data(&self) -> Value {
        let body = self.json();
        assert_eq!(body["success"], true, "{self}");
        body["data"].clone()
    }

    /// The rows of a list.
    #[track_caller]
    pub fn rows(&self) -> Vec<Value> {
        self.data().as_array().unwrap_or_else(|| panic!("{self} is no list")).clone()
    }

    /// `meta`'s page, limit and total.
    #[track_caller]
    pub fn meta(&self) -> [u64; 3] {
        let meta = &self.json()["meta"];
        ["page", "limit", "total"]
            .map(|name| meta[name].as_u64().unwrap_or_else(|| panic!("{self} has no meta")))
    }

    /// The error of a failure's envelope.
    #[track_caller]
    pub fn error(&self) -> Value {
        let body = self.json();
        assert_eq!(body["success"], false, "{self}");
        assert!(body["error"]["message"].as_str().is_some_and(|text| !text.is_empty()), "{self}");
        body["error"].clone()
    }

    /// The error's code, or nothing.
    pub fn code(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The fields that the error names.
    pub fn fields(&self) -> Vec<String> {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let issues = body["error"]["details"].as_array().cloned().unwrap_or_default();
        issues.iter().filter_map(|issue| issue["field"].as_str().map(str::to_owned)).collect()
    }

    /// The same answer, if it has this status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// The same answer, if it is a failure of this status and code, in the envelope.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.error()["code"].as_str()), (status, Some(code)), "{self}");
        self
    }

    /// The same answer, if it is a refusal that names this field.
    #[track_caller]
    pub fn names(self, field: &str) -> Self {
        assert!(self.fields().iter().any(|named| named == field), "{field} is not named: {self}");
        self
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.text();
        let shown: String = text.chars().take(800).collect();
        write!(f, "{} → {} {shown}", self.asked, self.status)
    }
}
