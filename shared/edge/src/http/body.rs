//! JSON bodies. A body that is not understood is refused with every field named that is wrong, so that a client
//! mends them in one go.

use super::strict::{REPEATED, Step, Strict, Unambiguous, Wrong, path_at};
use super::{Failure, Refusal};
use axum::body::HttpBody as _;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sesh_types::envelope::ErrorCode;
use sesh_types::rules::Issue;

/// The largest body that is read: 256 KiB.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// Routes that take a larger one, by path; the same as `LARGE_BODIES` in `body.mjs`.
const LARGE_BODIES: [(&str, usize); 2] =
    [("/api/v1/imports", 2 * 1024 * 1024), ("/account/import", 2 * 1024 * 1024 + 64 * 1024)];

/// The largest body that a path takes, in bytes.
pub fn most_body_bytes(path: &str) -> usize {
    let large = LARGE_BODIES.iter().find(|(large, _)| *large == path);
    large.map_or(MAX_BODY_BYTES, |(_, bytes)| *bytes)
}

/// Marks a request whose body was larger than [`most_body_bytes`] and was therefore not read.
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
            let most_kib = most_body_bytes(request.uri().path()) / 1024;
            let message = format!("The body is larger than {most_kib} KiB.");
            return Err(Refusal::new(ErrorCode::PayloadTooLarge, message).into());
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
        let empty =
            request.extensions().get::<Oversize>().is_none() && request.body().size_hint().exact() == Some(0);
        if empty {
            return Ok(Self { value: T::default() });
        }
        Ok(Self { value: Body::from_request(request, state).await?.value })
    }
}

/// A body of `application/x-www-form-urlencoded`: names and values as they came, at most 256 KiB.
#[derive(Clone, Debug)]
pub struct Form(pub Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        if request.extensions().get::<Oversize>().is_some() {
            return Err(Refusal::new(ErrorCode::PayloadTooLarge, "The body is larger than 256 KiB.").into());
        }
        let form = request.headers().get(CONTENT_TYPE).is_some_and(|value| is_form(value.as_bytes()));
        if !form {
            let message = "Send the body as application/x-www-form-urlencoded.";
            return Err(Refusal::new(ErrorCode::UnsupportedMediaType, message).into());
        }
        let bytes = request.into_body().collect().await.map_err(Failure::internal)?.to_bytes();
        let malformed = || Refusal::new(ErrorCode::BadRequest, "The body is no form.");
        Ok(Self(super::query::pairs(&bytes).ok_or_else(malformed)?))
    }
}

fn is_form(content_type: &[u8]) -> bool {
    let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
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
    let Unambiguous(value) =
        crate::json::read(bytes).map_err(|error| refused(vec![malformed(bytes, &error)]))?;
    T::deserialize(Strict(&value)).map_err(|wrong| refused(every_issue::<T>(value, wrong)))
}

fn refused(issues: Vec<Issue>) -> Failure {
    Refusal::issues(ErrorCode::BadRequest, issues).into()
}

/// The most issues that are named at once.
const MAX_ISSUES: usize = 20;

/// Serde stops at the first issue: note it, take it out and ask again.
fn every_issue<T: DeserializeOwned>(mut value: Value, first: Wrong) -> Vec<Issue> {
    let mut found: Vec<Issue> = Vec::new();
    let mut next = Some(first);
    while let Some(wrong) = next.take() {
        let path = wrong.path();
        let issue = issue(&path, &wrong.text);
        // What was taken out because it is wrong is missed next: that is no news, and its parent goes too.
        if !found.iter().any(|known| known.field == issue.field) {
            found.push(issue);
        }
        if found.len() < MAX_ISSUES && remove(&mut value, &path) {
            next = T::deserialize(Strict(&value)).err();
        }
    }
    found
}

fn at_mut<'v>(value: &'v mut Value, path: &[Step]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Member(name) => value.get_mut(name),
        Step::Item(place) => value.get_mut(place),
    })
}

/// Takes out what a path leads to; says whether there was something.
fn remove(value: &mut Value, path: &[Step]) -> bool {
    let Some((last, parents)) = path.split_last() else { return false };
    match (at_mut(value, parents), last) {
        (Some(Value::Object(members)), Step::Member(name)) => members.remove(name).is_some(),
        (Some(Value::Array(items)), Step::Item(place)) if *place < items.len() => {
            items.remove(*place);
            true
        }
        _ => false,
    }
}

fn written(path: &[Step]) -> String {
    path.iter().fold(String::new(), |text, step| match step {
        Step::Member(name) if text.is_empty() => name.clone(),
        Step::Member(name) => format!("{text}.{name}"),
        Step::Item(place) => format!("{text}[{place}]"),
    })
}

/// The word in backticks after a beginning of serde's complaints.
fn quoted<'t>(text: &'t str, beginning: &str) -> Option<&'t str> {
    text.strip_prefix(beginning).and_then(|rest| rest.split('`').next())
}

fn issue(path: &[Step], text: &str) -> Issue {
    let field = written(path);
    let (field, code, message) = if let Some(name) = quoted(text, "missing field `") {
        let field = if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
        (field, "required", "is required".to_owned())
    } else if text.starts_with("unknown field") {
        (field, "unknown_field", "is not known here".to_owned())
    } else {
        (field, "wrong_type", format!("has the wrong type or form: {text}"))
    };
    Issue { field, code: code.to_owned(), message }
}

/// What is no JSON; a number that no machine holds, or a field that comes twice, is named.
fn malformed(bytes: &[u8], error: &serde_json::Error) -> Issue {
    let text = error.to_string();
    let here = || {
        let lines = bytes.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1));
        let before: usize = lines.map(<[u8]>::len).sum();
        path_at(bytes, before + error.column())
    };
    if text.starts_with("number out of range") {
        return issue(&here(), "number out of range");
    }
    if let Some(name) = quoted(&text, REPEATED) {
        let mut path = here();
        // The reader stands behind the second name, before its value.
        path.pop();
        path.push(Step::Member(name.to_owned()));
        let message = "stands there twice".to_owned();
        return Issue { field: written(&path), code: "repeated_field".to_owned(), message };
    }
    Issue {
        field: String::new(),
        code: "malformed".to_owned(),
        message: format!("is not valid JSON: {text}"),
    }
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
        list: Option<Vec<i64>>,
    }

    fn fields(body: &str) -> Vec<(String, String)> {
        let Err(Failure::Refusal(refusal)) = read_json::<Sample>(body.as_bytes()) else {
            unreachable!("{body}")
        };
        assert_eq!(refusal.code, ErrorCode::BadRequest);
        let Some(Details::Issues(issues)) = refusal.details else { unreachable!("{body}") };
        issues.into_iter().map(|issue| (issue.field, issue.code)).collect()
    }

    fn pair(field: &str, code: &str) -> (String, String) {
        (field.to_owned(), code.to_owned())
    }

    #[test]
    fn names_every_unknown_wrong_and_missing_field() {
        let mut found =
            fields(r#"{"name":5,"amount":1.5,"colour":"red","price":{"minor":"x"},"list":[1,"x"]}"#);
        found.sort();
        assert_eq!(
            found,
            [
                pair("amount", "wrong_type"),
                pair("colour", "unknown_field"),
                pair("list[1]", "wrong_type"),
                pair("name", "wrong_type"),
                pair("price.minor", "wrong_type"),
            ]
        );
        assert_eq!(fields(r#"{"amount":1}"#), [pair("name", "required")]);
        assert_eq!(fields(r#"{"name":"a","amount":1,"price":{}}"#), [pair("price.minor", "required")]);
    }

    #[test]
    fn says_when_it_is_no_json_at_all() {
        for body in ["", "{", "NaN", "{\"name\":\"a\",\"amount\":1}}", "\u{feff}{}", "{\"amount\":NaN}"] {
            assert_eq!(fields(body), [pair("", "malformed")], "{body}");
        }
        assert_eq!(fields("5"), [pair("", "wrong_type")]);
    }

    #[test]
    fn refuses_lists_for_objects_and_objects_for_words() {
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Word {
            Yes,
        }
        assert_eq!(fields(r#"["a",1,null,null]"#), [pair("", "wrong_type")]);
        assert_eq!(fields(r#"{"name":"a","amount":1,"price":[5]}"#), [pair("price", "wrong_type")]);
        assert!(read_json::<Word>(br#"{"yes":null}"#).is_err());
        assert!(matches!(read_json::<Word>(br#""yes""#), Ok(Word::Yes)));
    }

    #[test]
    fn names_a_field_that_comes_twice() {
        assert_eq!(fields(r#"{"name":"a","amount":1,"amount":2}"#), [pair("amount", "repeated_field")]);
        assert_eq!(fields(r#"{"price":{"minor":1,"minor":1}}"#), [pair("price.minor", "repeated_field")]);
    }

    #[test]
    fn names_the_field_of_a_number_that_no_machine_holds() {
        assert_eq!(fields(r#"{"name":"a, \"b","amount":1e999}"#), [pair("amount", "wrong_type")]);
        assert_eq!(fields(r#"{"list":[1,[],{"x":[]},-1e999]}"#), [pair("list[3]", "wrong_type")]);
        assert_eq!(fields("{\n\"price\":{\"minor\": 1e400}}"), [pair("price.minor", "wrong_type")]);
    }

    #[test]
    fn refuses_numbers_that_do_not_fit() {
        for amount in ["1e999", "9223372036854775808", "-1e400", "1.0", "\"1\"", "true", "null"] {
            let found = fields(&format!(r#"{{"name":"a","amount":{amount}}}"#));
            let one = matches!(found.as_slice(), [(_, code)] if code == "wrong_type" || code == "malformed");
            assert!(one, "{amount}: {found:?}");
        }
    }

    #[test]
    fn knows_json_media_types() {
        assert!(is_json(b"application/json; charset=utf-8") && is_json(b"application/merge-patch+json"));
        assert!(!is_json(b"text/plain") && !is_json(b"application/x-www-form-urlencoded"));
    }
}
