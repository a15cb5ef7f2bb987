//! What holds for every input of the readers of HTTP: held against readers that others wrote, or against what was
//! written in the first place.

use super::conditional::{etag_of, etag_of_version, names};
use super::query::read;
use super::strict::path_at;
use super::{Failure, IfMatch, Paging, cookie, read_json};
use crate::token::{bearer, refuse_other_sites};
use http::{HeaderMap, HeaderValue, Method};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sesh_types::envelope::{Details, ErrorCode};
use sesh_types::rules::Issue;

/// Every kind of field that bodies have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Sample {
    text: String,
    whole: Option<i64>,
    words: Option<Vec<String>>,
    inner: Option<Inner>,
    choice: Option<Choice>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    minor: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Choice {
    One,
    Another,
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Value::from),
            btree_map(".{0,6}", inner, 0..8).prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

fn sample() -> impl Strategy<Value = Sample> {
    let inner = proptest::option::of(any::<i64>().prop_map(|minor| Inner { minor }));
    let choice = proptest::option::of(prop_oneof![Just(Choice::One), Just(Choice::Another)]);
    (".*", any::<Option<i64>>(), proptest::option::of(vec(".{0,9}", 0..5)), inner, choice)
        .prop_map(|(text, whole, words, inner, choice)| Sample { text, whole, words, inner, choice })
}

/// Bodies that are nearly right: names that are known, with values of every kind.
fn nearly() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just("text".to_owned()),
        Just("whole".to_owned()),
        Just("words".to_owned()),
        Just("inner".to_owned()),
        Just("choice".to_owned()),
        "[a-z]{1,4}",
    ];
    let value = prop_oneof![
        json(),
        Just(serde_json::json!({ "minor": 1 })),
        Just(serde_json::json!({ "minor": "x", "major": 1 })),
        Just(serde_json::json!("one")),
        Just(serde_json::json!({ "one": null })),
        Just(serde_json::json!([1])),
    ];
    btree_map(name, value, 0..6).prop_map(|members| Value::Object(Map::from_iter(members)))
}

fn issues(failure: Failure) -> Vec<Issue> {
    let Failure::Refusal(refusal) = failure else { unreachable!("the caller's fault is no defect") };
    assert_eq!(refusal.code, ErrorCode::BadRequest);
    let Some(Details::Issues(issues)) = refusal.details else { unreachable!("what is wrong is named") };
    issues
}

/// Whether a value holds a list where a struct belongs or an object where a word does: what serde takes and we do not.
fn is_loose(value: &Value) -> bool {
    !value.is_object()
        || value.get("inner").is_some_and(Value::is_array)
        || value.get("choice").is_some_and(Value::is_object)
}

proptest! {
    #[test]
    fn what_serde_json_writes_is_read_as_serde_json_reads_it(value in json()) {
        let text = value.to_string();
        let expected: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(read_json::<Value>(text.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn a_body_comes_back_as_it_was_written(sample in sample()) {
        let text = serde_json::to_string(&sample).unwrap();
        prop_assert_eq!(read_json::<Sample>(text.as_bytes()).unwrap(), sample);
    }

    #[test]
    fn a_body_is_taken_just_when_serde_takes_it_and_it_is_not_loose(value in nearly()) {
        let text = value.to_string();
        match (read_json::<Sample>(text.as_bytes()), serde_json::from_str::<Sample>(&text)) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs),
            (Err(failure), theirs) => {
                prop_assert!(theirs.is_err() || is_loose(&value), "{} was refused: {:?}", text, failure);
                let issues = issues(failure);
                prop_assert!((1..=20).contains(&issues.len()));
            }
            (Ok(ours), Err(error)) => prop_assert!(false, "{ours:?} was taken: {error}"),
        }
    }

    #[test]
    fn of_torn_and_changed_bodies_none_is_read_otherwise_than_by_serde_json(
        value in nearly(), place in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let mut bytes = value.to_string().into_bytes();
        let place = place.index(bytes.len());
        if cut { bytes.truncate(place) } else { bytes[place] = byte }
        if let Ok(ours) = read_json::<Value>(&bytes) {
            prop_assert_eq!(ours, serde_json::from_slice::<Value>(&bytes).unwrap());
        }
    }

    #[test]
    fn whatever_comes_is_an_answer(bytes in vec(any::<u8>(), 0..400)) {
        if let Err(failure) = read_json::<Sample>(&bytes) {
            prop_assert!(!issues(failure).is_empty());
        }
        path_at(&bytes, bytes.len());
    }

    #[test]
    fn a_member_that_comes_twice_is_refused(sample in sample(), name in "text|whole|words") {
        let text = serde_json::to_string(&sample).unwrap();
        let twice = format!("{{\"{name}\":null,{}", &text[1..]);
        let fields: Vec<String> = issues(read_json::<Sample>(twice.as_bytes()).unwrap_err())
            .into_iter().map(|issue| issue.field).collect();
        prop_assert_eq!(fields, [name]);
    }

    #[test]
    fn depth_is_an_answer(depth in 1_usize..20_000, open in "[\\[{]") {
        let nested = if open == "[" { "[".repeat(depth) } else { "{\"a\":".repeat(depth) };
        prop_assert!(read_json::<Value>(nested.as_bytes()).is_err());
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(skip_serializing_if = "Option::is_none")]
    q: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    choice: Option<Choice>,
}

proptest! {
    #[test]
    fn a_query_comes_back_as_it_was_written(q in any::<Option<String>>(), page in any::<Option<u32>>()) {
        let wanted = Wanted { q, page, choice: Some(Choice::One) };
        let text = serde_urlencoded::to_string(&wanted).unwrap();
        prop_assert_eq!(read::<Wanted>(&text).unwrap(), wanted);
    }

    #[test]
    fn a_query_is_taken_just_when_serde_takes_it(
        pairs in vec(("(q|page|choice|[a-z]{1,3})", "([0-9]{1,11}|one|another|.{0,5})"), 0..30),
    ) {
        let text = serde_urlencoded::to_string(&pairs).unwrap();
        match (read::<Wanted>(&text), serde_urlencoded::from_str::<Wanted>(&text)) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs),
            (Err(failure), Err(_)) => {
                let issues = issues(failure);
                prop_assert!((1..=20).contains(&issues.len()), "{} of {}", issues.len(), text);
                let known = |issue: &Issue| pairs.iter().any(|(name, _)| *name == issue.field);
                prop_assert!(issues.iter().all(|issue| issue.field.is_empty() || known(issue)));
            }
            (ours, theirs) => prop_assert!(false, "{text}: {ours:?}, but serde {theirs:?}"),
        }
    }

    #[test]
    fn any_query_is_an_answer(text in ".{0,300}") {
        let _ = read::<Wanted>(&text);
    }

    #[test]
    fn pages_are_in_bounds_and_follow_one_another(page in any::<Option<u32>>(), limit in any::<Option<u32>>()) {
        let (asked, most) = (page.unwrap_or(1), limit.unwrap_or(20));
        let right = (1..=Paging::MAX_PAGE).contains(&asked) && (1..=100).contains(&most);
        let paging = Paging::of(page, limit);
        prop_assert_eq!(paging.is_ok(), right);
        if let Ok(paging) = paging {
            prop_assert_eq!(u64::from(paging.offset()), u64::from(asked - 1) * u64::from(most));
        }
    }
}

fn headers(name: &'static str, values: &[String]) -> HeaderMap {
    values
        .iter()
        .map(|value| (http::HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
        .collect()
}

proptest! {
    #[test]
    fn the_first_cookie_of_a_name_is_found_in_whatever_line_it_stands(
        lines in vec(vec(("[a-z_]{1,3}", "[!-:<-~]{0,12}"), 1..5), 0..4), wanted in "[a-z_]{1,3}",
    ) {
        let line = |pairs: &Vec<(String, String)>| {
            pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
        };
        let headers = headers("cookie", &lines.iter().map(line).collect::<Vec<_>>());
        let expected = lines.iter().flatten().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str());
        prop_assert_eq!(cookie(&headers, &wanted), expected);
    }

    #[test]
    fn a_bearer_token_is_what_stands_behind_the_word(
        word in "[A-Za-z]{1,8}", blanks in " {1,3}", token in "[!-~]{1,40}",
    ) {
        let headers = headers("authorization", &[format!("{word}{blanks}{token}")]);
        let expected = word.eq_ignore_ascii_case("bearer").then_some(token.as_str());
        prop_assert_eq!(bearer(&headers), expected);
    }

    #[test]
    fn an_edit_by_cookie_needs_an_origin_of_the_very_host(
        host in "[a-z]{1,8}\\.[a-z]{2,3}(:[0-9]{2,4})?", origin in "(https?://)?[a-z:/.@]{0,20}", own in any::<bool>(),
    ) {
        let origin = if own { format!("https://{host}") } else { origin };
        let mut both = headers("origin", std::slice::from_ref(&origin));
        both.extend(headers("host", std::slice::from_ref(&host)));
        let same = origin.split_once("://").is_some_and(|(_, named)| named == host);
        prop_assert_eq!(refuse_other_sites(&Method::POST, &both).is_ok(), same);
        prop_assert!(refuse_other_sites(&Method::GET, &both).is_ok());
    }

    #[test]
    fn every_version_has_one_tag_and_no_other_text_is_it(version in 0..i64::MAX, text in "\"v[-+0-9]{1,20}\"|.{0,12}") {
        prop_assert_eq!(IfMatch::read(&etag_of_version(version)), IfMatch::Version(version));
        if let IfMatch::Version(version) = IfMatch::read(&text) {
            prop_assert_eq!(etag_of_version(version), text.trim());
        }
    }

    #[test]
    fn a_tag_is_found_in_a_list_just_when_it_is_in_it(
        bodies in vec(vec(any::<u8>(), 0..20), 0..6), wanted in vec(any::<u8>(), 0..20), weak in any::<bool>(),
    ) {
        let prefix = if weak { "W/" } else { "" };
        let list: Vec<String> = bodies.iter().map(|body| format!("{prefix}{}", etag_of(body))).collect();
        prop_assert_eq!(names(&list.join(", "), &etag_of(&wanted)), bodies.contains(&wanted));
    }
}
