//! Pages: HTML for people. A page route answers with a [`Page`], and what it fails with is put in words for people by the
//! [`Face`] that its caller's extractor left in [`Outgoing`].

use super::{Failure, Refusal};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
    SET_COOKIE,
};
use http::header::{HeaderName, HeaderValue};
use http::request::Parts;
use http_body_util::BodyExt;
use sesh_types::envelope::ErrorCode;
use std::sync::{Arc, Mutex, PoisonError};

/// What a page may do: use the style, the script and the pictures of its own host, talk to that host and nobody else.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
    manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page, or the way to one.
#[derive(Debug)]
pub struct Page {
    status: StatusCode,
    body: Bytes,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Page {
    /// A page of this status.
    pub fn html(status: u16, body: String) -> Self {
        let fixed = |name, value| (name, HeaderValue::from_static(value));
        let headers = vec![
            fixed(CONTENT_TYPE, "text/html; charset=utf-8"),
            fixed(CONTENT_SECURITY_POLICY, POLICY),
            // Pages say what somebody took: nothing but the browser that asked may keep them, and not on disk.
            fixed(CACHE_CONTROL, "private, no-store"),
            // With `no-referrer` browsers send `Origin: null` along with forms.
            fixed(REFERRER_POLICY, "same-origin"),
        ];
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, body: body.into(), headers }
    }

    /// A file to keep, under this name.
    pub fn file(content_type: &str, name: &str, body: impl Into<Bytes>) -> Self {
        let page = Self { body: body.into(), ..Self::html(200, String::new()) };
        page.header(CONTENT_TYPE, content_type)
            .header(CONTENT_DISPOSITION, &format!("attachment; filename=\"{name}\""))
    }

    /// 303: the answer to a form is another page, so that reloading sends nothing twice.
    pub fn see_other(path: &str) -> Self {
        let mut page = Self::html(303, String::new());
        page.headers.retain(|(name, _)| *name != CONTENT_TYPE);
        page.header(LOCATION, path)
    }

    /// The same with one more header; a value that is no header value is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.retain(|(known, _)| *known != name || name == SET_COOKIE);
            self.headers.push((name, value));
        }
        self
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = Response::new(axum::body::Body::from(self.body));
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            response.headers_mut().append(name, value);
        }
        response
    }
}

/// How a failure looks to people.
pub trait Face: Send + Sync {
    /// The page that stands in place of what failed; its status is its own.
    fn show(&self, failure: &Failure, request_id: &str) -> Page;
}

#[derive(Default)]
struct Left {
    cookies: Vec<HeaderValue>,
    face: Option<Arc<dyn Face>>,
}

/// What goes out with the answer, whichever it is: cookies, and how failures look.
#[derive(Clone, Default)]
pub struct Outgoing(Arc<Mutex<Left>>);

impl Outgoing {
    fn left(&self) -> std::sync::MutexGuard<'_, Left> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets a cookie.
    pub fn cookie(&self, line: &str) {
        if let Ok(value) = HeaderValue::from_str(line) {
            self.left().cookies.push(value);
        }
    }

    /// From here on failures look like this.
    pub fn wear(&self, face: Arc<dyn Face>) {
        self.left().face = Some(face);
    }

    pub(crate) fn take_cookies(&self) -> Vec<HeaderValue> {
        std::mem::take(&mut self.left().cookies)
    }

    pub(crate) fn face(&self) -> Option<Arc<dyn Face>> {
        self.left().face.clone()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Outgoing {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(|| Failure::internal("the request has nothing outgoing"))
    }
}

/// The fields of a form (`application/x-www-form-urlencoded`), in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a form's body or a query string; what is malformed is left out.
    pub fn read(bytes: &[u8]) -> Self {
        Self(serde_urlencoded::from_bytes(bytes).unwrap_or_default())
    }

    /// The first value of a field, without blanks around it; empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        self.exact(name).trim()
    }

    /// The value as it came: passwords may begin and end with blanks.
    pub fn exact(&self, name: &str) -> &str {
        self.0.iter().find_map(|(known, value)| (known == name).then_some(value.as_str())).unwrap_or_default()
    }

    /// Every value of a field, without blanks around it.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// The same with a field set.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// The same with one more value of a field.
    #[must_use]
    pub fn and(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Fields of a posted form. That the form is one of ours is its caller's to check.
#[derive(Clone, Debug)]
pub struct Posted(pub Fields);

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        if request.extensions().get::<super::body::Oversize>().is_some() {
            return Err(Refusal::new(ErrorCode::PayloadTooLarge, "The form is larger than 256 KiB.").into());
        }
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            let message = "Send a form, as application/x-www-form-urlencoded.";
            return Err(Refusal::new(ErrorCode::UnsupportedMediaType, message).into());
        }
        let bytes = request.into_body().collect().await.map_err(Failure::internal)?.to_bytes();
        Ok(Self(Fields::read(&bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_may_do_little_and_is_kept_by_nobody() {
        let got = Page::html(200, "<p>".into()).into_response();
        let header = |name: HeaderName| got.headers().get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(header(CACHE_CONTROL), "private, no-store");
        assert!(!header(CONTENT_SECURITY_POLICY).contains("unsafe"));
        let away = Page::see_other("/today").into_response();
        assert_eq!(
            (away.status(), away.headers().get(LOCATION).unwrap().to_str().unwrap()),
            (StatusCode::SEE_OTHER, "/today")
        );
    }

    #[test]
    fn fields_are_read_as_people_type_them() {
        let fields = Fields::read(b"a=+1%2C5+g&b=x&b=y&p=+secret+");
        assert_eq!((fields.text("a"), fields.text("none"), fields.exact("p")), ("1,5 g", "", " secret "));
        assert_eq!(fields.all("b").collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(fields.with("a", "2").text("a"), "2");
    }
}
