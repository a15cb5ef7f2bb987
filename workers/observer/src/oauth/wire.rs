//! What the endpoints of OAuth read and answer: parameters that stand once, and the standards' own shapes.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use serde::Serialize;
use sesh_edge::http::Failure;
use sesh_edge::io::DbError;

/// Parameters of a request, by name.
#[derive(Clone, Debug, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// As they came. One without a value counts as left out (RFC 6749, section 3.1).
    pub fn of(pairs: Vec<(String, String)>) -> Self {
        Self(pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect())
    }

    /// The value of a parameter, if it is there.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The name of one that stands there twice; which of the two would count is nobody's to guess.
    pub fn repeated(&self) -> Option<&str> {
        let names = self.0.iter().map(|(name, _)| name.as_str());
        names
            .enumerate()
            .find(|(place, name)| self.0.iter().skip(place + 1).any(|(other, _)| other == name))
            .map(|(_, name)| name)
    }

    /// Names and values.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

/// An error as RFC 6749, section 5.2, spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The status.
    pub status: u16,
    /// The code.
    pub error: &'static str,
    /// A sentence for whoever writes the program.
    pub description: String,
    /// What `WWW-Authenticate` says.
    pub challenge: Option<String>,
}

impl Wrong {
    /// 400 with a code.
    pub fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { status: 400, error, description: description.into(), challenge: None }
    }

    /// 401: the program did not show who it is.
    pub fn client() -> Self {
        Self {
            status: 401,
            error: "invalid_client",
            description: "The program is unknown, or did not show that it is the one.".to_owned(),
            challenge: Some("Basic realm=\"observer\", charset=\"UTF-8\"".to_owned()),
        }
    }

    /// 400: a code or a refresh token that does not count, without saying why.
    pub fn grant() -> Self {
        Self::new(
            "invalid_grant",
            "The code or token is unknown, too old, was used already, or is another program's.",
        )
    }
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: &'a str,
    error_description: &'a str,
}

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        let body = ErrorBody { error: self.error, error_description: &self.description };
        let answer = Plain::json(&body).status(self.status);
        let answer = match &self.challenge {
            Some(challenge) => answer.header(WWW_AUTHENTICATE, challenge),
            None => answer,
        };
        answer.into_response()
    }
}

/// Why an endpoint does not answer with what was asked for.
#[derive(Debug)]
pub enum Fault {
    /// As the standards spell it.
    Wrong(Wrong),
    /// Ours, or what the platform refuses everywhere: in the envelope.
    Failure(Failure),
}

impl From<Wrong> for Fault {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<DbError> for Fault {
    fn from(error: DbError) -> Self {
        Self::Failure(error.into())
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        match self {
            Self::Wrong(wrong) => wrong.into_response(),
            Self::Failure(failure) => failure.into_response(),
        }
    }
}

/// An answer that no envelope wraps and nobody keeps.
#[derive(Debug)]
pub struct Plain {
    status: u16,
    content_type: &'static str,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl Plain {
    /// JSON.
    pub fn json(body: &impl Serialize) -> Self {
        // Structs of texts and numbers always become JSON.
        let body = serde_json::to_vec(body).unwrap_or_default().into();
        Self { status: 200, content_type: "application/json", headers: Vec::new(), body }
    }

    /// A page.
    pub fn html(body: String) -> Self {
        Self { status: 200, content_type: "text/html; charset=utf-8", headers: Vec::new(), body: body.into() }
    }

    /// Nothing but its status.
    pub fn empty(status: u16) -> Self {
        Self { status, content_type: "text/plain; charset=utf-8", headers: Vec::new(), body: Bytes::new() }
    }

    /// With another status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// With one more header; a value that is no header value is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
}

impl IntoResponse for Plain {
    fn into_response(self) -> Response {
        let mut response = Response::new(axum::body::Body::from(self.body));
        *response.status_mut() = http::StatusCode::from_u16(self.status).unwrap_or_default();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(http::header::PRAGMA, HeaderValue::from_static("no-cache"));
        for (name, value) in self.headers {
            headers.append(name, value);
        }
        response
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod document {
    use super::{Fault, Plain};
    use crate::oauth::authenticate::Program;
    use crate::oauth::authorize::Browsing;
    use crate::oauth::userinfo::Informed;
    use aide::generate::GenContext;
    use aide::openapi::{Operation, ReferenceOr, Response, StatusCode};
    use aide::{OperationInput, OperationOutput};
    use sesh_types::envelope::ErrorCode;

    impl OperationOutput for Plain {
        type Inner = ();

        fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
            vec![(
                Some(200),
                Response { description: "As its standard says.".to_owned(), ..Response::default() },
            )]
        }
    }

    impl OperationOutput for Fault {
        type Inner = ();
    }

    /// Says of an operation that it may answer so, without a shape of ours.
    fn answers(operation: &mut Operation, status: u16, description: &str) {
        let response = Response { description: description.to_owned(), ..Response::default() };
        let responses = &mut operation.responses.get_or_insert_default().responses;
        responses.insert(StatusCode::Code(status), ReferenceOr::Item(response));
    }

    impl OperationInput for Browsing {
        fn operation_input(_: &mut GenContext, operation: &mut Operation) {
            answers(operation, 303, "Back to the program, with a code or with an error.");
            answers(operation, 400, "A page: nobody can be sent back.");
            answers(operation, 403, "A page: something was wrong, or came from elsewhere.");
            answers(operation, 429, "A page: too many tries.");
        }
    }

    impl OperationInput for Program {
        fn operation_input(_: &mut GenContext, operation: &mut Operation) {
            answers(operation, 400, "An error of RFC 6749, section 5.2.");
            answers(operation, 401, "invalid_client");
        }
    }

    impl OperationInput for Informed {
        fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
            sesh_edge::token::Person::operation_input(ctx, operation);
            sesh_edge::openapi::fails(ctx, operation, ErrorCode::InsufficientScope);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_without_a_value_is_none_and_a_repeated_one_is_named() {
        let params = |text: &str| Params::of(sesh_edge::http::pairs(text.as_bytes()).unwrap());
        let some = params("a=1&b=&c=x%20y");
        assert_eq!((some.get("a"), some.get("b"), some.get("c")), (Some("1"), None, Some("x y")));
        assert_eq!(some.repeated(), None);
        assert_eq!(params("a=1&b=2&a=1").repeated(), Some("a"));
        assert_eq!(params("a=1&a=").repeated(), None);
    }
}
