//! JSON bodies. A body that is not understood is refused with every field named that is wrong, so that a client
//! mends them in one go.

use super::{Failure, Refusal};
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use axum::body::HttpBody as _;
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sesh_types::envelope::ErrorCode;
use sesh_types::rules::Issue;

/// The largest body that is read: 256 KiB.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// Marks a request whose body was larger than [`MAX_BODY_BYTES`] and was therefore not read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Oversize;

/// A JSON body of the shape `T`, and its exact bytes (for idempotency).
#[derive(Clone, Debug)]
pub struct Body<T> {
    /// The body, understood.
    pub value: T,
    /// The body as it came.
    pub bytes: Bytes,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        if request.extensions().get::<Oversize>().is_some() {
            return Err(Refusal::new(ErrorCode::PayloadTooLarge, "The body is larger than 256 KiB.").into());
        }
        let json = request.headers().get(CONTENT_TYPE).is_none_or(|value| is_json(value.as_bytes()));
        if !json {
            let message = "Send the body as application/json.";
            return Err(Refusal::new(ErrorCode::UnsupportedMediaType, message).into());
        }
        let bytes = request.into_body().collect().await.map_err(Failure::internal)?.to_bytes();
        let value = read_json(&bytes)?;
        Ok(Self { value, bytes })
    }
}

/// A JSON body that may be left out: then it is `T`'s default.
#[derive(Clone, Debug)]
pub struct OptionalBody<T> {
    /// The body, understood.
    pub value: T,
}

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let empty = request.extensions().get::<Oversize>().is_none() && request.body().size_hint().exact() == Some(0);
        if empty {
            return Ok(Self { value: T::default() });
        }
        Ok(Self { value: Body::from_request(request, state).await?.value })
    }
}

fn is_json(content_type: &[u8]) -> bool {
    let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    let essence = essence.trim_ascii().to_ascii_lowercase();
    essence == b"application/json" || (essence.starts_with(b"application/") && essence.ends_with(b"+json"))
}

/// Reads JSON into `T`.
///
/// # Errors
/// 400 `bad_request`, with each unknown field, wrong type and missing field that was found.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let first = match serde_path_to_error::deserialize(&mut from) {
        Ok(value) => match from.end() {
            Ok(()) => return Ok(value),
            Err(error) => issue("", &error),
        },
        Err(error) => issue(&error.path().to_string(), error.inner()),
    };
    let issues = match serde_json::from_slice::<Value>(bytes) {
        Ok(value) => every_issue::<T>(value, first),
        Err(_) => vec![first],
    };
    Err(Refusal::issues(ErrorCode::BadRequest, issues).into())
}

/// The most issues that are named at once.
const MAX_ISSUES: usize = 20;

/// Serde stops at the first issue: take out what it complained about and ask again. Only refused bodies pay.
fn every_issue<T: DeserializeOwned>(mut value: Value, first: Issue) -> Vec<Issue> {
    let mut found: Vec<Issue> = Vec::new();
    let mut next = Some(first);
    while let Some(issue) = next.take() {
        if found.iter().any(|known| known.field == issue.field) || found.len() == MAX_ISSUES {
            break;
        }
        let removed = issue.code != "required" && remove(&mut value, &issue.field);
        found.push(issue);
        if removed && let Err(error) = serde_path_to_error::deserialize::<_, T>(&value) {
            next = Some(self::issue(&error.path().to_string(), error.inner()));
        }
    }
    found
}

/// Removes the object member at a path such as `price.minor`; says whether there was one.
fn remove(value: &mut Value, path: &str) -> bool {
    let (parents, last) = path.rsplit_once('.').map_or((None, path), |(head, tail)| (Some(head), tail));
    let parent = match parents {
        None => Some(value),
        Some(path) => value.pointer_mut(&format!("/{}", path.replace('[', ".").replace(']', "").replace('.', "/"))),
    };
    parent.and_then(Value::as_object_mut).is_some_and(|members| members.remove(last).is_some())
}

fn issue(path: &str, error: &serde_json::Error) -> Issue {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or(&text);
    let named = |prefix: &str| text.strip_prefix(prefix).and_then(|rest| rest.split('`').next());
    let below = |name: &str| if path == "." { name.to_owned() } else { format!("{path}.{name}") };
    let (field, code, message) = if let Some(name) = named("missing field `") {
        (below(name), "required", "is required".to_owned())
    } else if named("unknown field `").is_some() {
        (path.to_owned(), "unknown_field", "is not known here".to_owned())
    } else if error.is_syntax() || error.is_eof() || error.is_io() {
        (String::new(), "malformed", format!("is not valid JSON: {text}"))
    } else {
        let path = if path == "." { "" } else { path };
        (path.to_owned(), "wrong_type", format!("has the wrong type or form: {text}"))
    };
    Issue { field, code: code.to_owned(), message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use sesh_types::envelope::Details;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its shape matters")]
    struct Inner {
        minor: i64,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its shape matters")]
    struct Sample {
        name: String,
        amount: i64,
        price: Option<Inner>,
    }

    fn fields(body: &str) -> Vec<(String, String)> {
        let Err(Failure::Refusal(refusal)) = read_json::<Sample>(body.as_bytes()) else { unreachable!("{body}") };
        assert_eq!(refusal.code, ErrorCode::BadRequest);
        let Some(Details::Issues(issues)) = refusal.details else { unreachable!("{body}") };
        issues.into_iter().map(|issue| (issue.field, issue.code)).collect()
    }

    fn pair(field: &str, code: &str) -> (String, String) {
        (field.to_owned(), code.to_owned())
    }

    #[test]
    fn names_every_unknown_wrong_and_missing_field() {
        assert_eq!(
            fields(r#"{"name":5,"amount":1.5,"colour":"red","price":{"minor":"x"}}"#),
            [
                pair("name", "wrong_type"),
                pair("amount", "wrong_type"),
                pair("colour", "unknown_field"),
                pair("price.minor", "wrong_type"),
                pair("price.minor", "required"),
            ][..4]
        );
        assert_eq!(fields(r#"{"amount":1}"#), [pair("name", "required")]);
    }

    #[test]
    fn says_when_it_is_no_json_at_all() {
        for body in ["", "{", "NaN", "{\"name\":\"a\",\"amount\":1}}", "\u{feff}{}", "{\"amount\":NaN}"] {
            assert_eq!(fields(body), [pair("", "malformed")], "{body}");
        }
        assert_eq!(fields("[]"), [pair("name", "required")].map(|_| pair("", "wrong_type")));
    }

    #[test]
    fn refuses_numbers_that_do_not_fit() {
        for amount in ["1e999", "9223372036854775808", "-1e400", "1.0", "\"1\"", "true", "null"] {
            let found = fields(&format!(r#"{{"name":"a","amount":{amount}}}"#));
            assert!(matches!(found.as_slice(), [(_, code)] if code == "wrong_type" || code == "malformed"), "{amount}");
        }
    }

    #[test]
    fn knows_json_media_types() {
        assert!(is_json(b"application/json; charset=utf-8") && is_json(b"application/merge-patch+json"));
        assert!(!is_json(b"text/plain") && !is_json(b"application/x-www-form-urlencoded"));
    }
}
