//! Answers: the envelope written straight to bytes, the status in the type.

use super::{Failure, conditional};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue};
use serde::Serialize;
use sesh_types::envelope::{Meta, Success};
use std::marker::PhantomData;

/// A body in the envelope, answered with `STATUS`.
#[derive(Debug)]
pub struct Answer<T, const STATUS: u16 = 200> {
    body: Bytes,
    headers: Vec<(HeaderName, HeaderValue)>,
    shape: PhantomData<fn() -> T>,
}

impl<T, const STATUS: u16> Answer<T, STATUS> {
    /// An answer whose envelope is already written; `T` says what is in it.
    pub fn written(body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), headers: Vec::new(), shape: PhantomData }
    }

    /// The same with one more header; a value that is no header value is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// The same with the entity tag of a version.
    #[must_use]
    pub fn version(self, version: i64) -> Self {
        self.header(ETAG, &conditional::etag_of_version(version))
    }

    /// An answer whose data is already written as JSON.
    pub fn data(json: &str) -> Self {
        Self::written(format!("{{\"success\":true,\"data\":{json}}}"))
    }

    /// The envelope's bytes.
    pub fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// What was added with [`Answer::header`].
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }
}

impl<T: Serialize, const STATUS: u16> Answer<T, STATUS> {
    /// Writes `data` into the envelope.
    ///
    /// # Errors
    /// A defect, when `data` cannot be written as JSON.
    pub fn of(data: &T) -> Result<Self, Failure> {
        let envelope = Success { success: true, data, meta: None };
        serde_json::to_vec(&envelope).map(Self::written).map_err(Failure::internal)
    }
}

impl<T, const STATUS: u16> IntoResponse for Answer<T, STATUS> {
    fn into_response(self) -> Response {
        let mut response = Response::new(axum::body::Body::from(self.body));
        *response.status_mut() = http::StatusCode::from_u16(STATUS).unwrap_or_default();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in self.headers {
            headers.append(name, value);
        }
        response
    }
}

/// One page of a list, with its `meta`.
#[derive(Debug)]
pub struct Listing<T> {
    body: Bytes,
    shape: PhantomData<fn() -> T>,
}

impl<T: Serialize> Listing<T> {
    /// Writes rows and `meta` into the envelope.
    ///
    /// # Errors
    /// A defect, when the rows cannot be written as JSON.
    pub fn of(rows: &[T], meta: Meta) -> Result<Self, Failure> {
        let body = serde_json::to_vec(&Success { success: true, data: rows, meta: Some(meta) });
        Ok(Self { body: body.map_err(Failure::internal)?.into(), shape: PhantomData })
    }
}

impl<T> Listing<T> {
    /// The envelope's bytes.
    pub fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// A page whose rows are already written as a JSON array; `T` says what is in it.
    pub fn written(rows: &[u8], meta: Meta) -> Self {
        let Meta { page, limit, total } = meta;
        let head: &[u8] = b"{\"success\":true,\"data\":";
        let tail = format!(r#","meta":{{"page":{page},"limit":{limit},"total":{total}}}}}"#);
        Self { body: [head, rows, tail.as_bytes()].concat().into(), shape: PhantomData }
    }

    /// A page whose rows are already written as JSON, each by itself.
    pub fn texts(rows: &[&str], meta: Meta) -> Self {
        Self::written(format!("[{}]", rows.join(",")).as_bytes(), meta)
    }
}

impl<T> IntoResponse for Listing<T> {
    fn into_response(self) -> Response {
        Answer::<()>::written(self.body).into_response()
    }
}

/// 204: done, nothing to say.
#[derive(Debug, Default)]
pub struct NoContent {
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl NoContent {
    /// What was added with [`NoContent::header`].
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// The same with one more header; a value that is no header value is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        let mut response = Response::new(axum::body::Body::empty());
        *response.status_mut() = http::StatusCode::NO_CONTENT;
        for (name, value) in self.headers {
            response.headers_mut().append(name, value);
        }
        response
    }
}

/// A body in a shape that a standard prescribes (JWKS, health, `OpenAPI`, a page): no envelope.
#[derive(Debug)]
pub struct Raw {
    /// The status.
    pub status: u16,
    /// The media type.
    pub content_type: &'static str,
    /// `Cache-Control`.
    pub cache_control: &'static str,
    /// The body.
    pub body: Bytes,
}

/// A [`Raw`] answer with a content security policy of its own.
#[derive(Debug)]
pub struct RawPage {
    raw: Raw,
    policy: String,
}

impl Raw {
    /// The same under a content security policy.
    pub fn policy(self, policy: &str) -> RawPage {
        RawPage { raw: self, policy: policy.to_owned() }
    }
}

impl IntoResponse for RawPage {
    fn into_response(self) -> Response {
        let mut response = self.raw.into_response();
        if let Ok(policy) = HeaderValue::from_str(&self.policy) {
            response.headers_mut().insert(http::header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

impl IntoResponse for Raw {
    fn into_response(self) -> Response {
        let mut response = Response::new(axum::body::Body::from(self.body));
        *response.status_mut() = http::StatusCode::from_u16(self.status).unwrap_or_default();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(http::header::CACHE_CONTROL, HeaderValue::from_static(self.cache_control));
        response
    }
}
