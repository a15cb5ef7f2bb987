//! Bodies that no route may accept, made from one that it would.

use crate::mutations::{Kind, Mutation};
use serde_json::{Value, json};

/// A body that must be refused.
pub(crate) struct Bad {
    /// What is wrong with it.
    pub what: String,
    /// The bytes.
    pub body: Vec<u8>,
    /// What it says it is.
    pub content_type: String,
    /// Whether its length is not told beforehand.
    pub chunked: bool,
    /// What may be answered.
    pub statuses: &'static [u16],
    /// The field that must be named.
    pub field: Option<String>,
}

const REFUSED: &[u16] = &[400];
const REFUSED_OR_AGAINST_A_RULE: &[u16] = &[400, 422];

impl Bad {
    fn new(what: impl Into<String>, body: impl Into<Vec<u8>>, statuses: &'static [u16]) -> Self {
        let content_type = "application/json".to_owned();
        Self { what: what.into(), body: body.into(), content_type, chunked: false, statuses, field: None }
    }

    fn named(self, field: &str) -> Self {
        Self { field: Some(field.to_owned()), ..self }
    }
}

/// A body with blanks behind it, so that it has a size.
pub(crate) fn padded(good: &Value, size: usize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(good).unwrap();
    bytes.resize(size, b' ');
    bytes
}

/// A body with raw JSON text at a path such as `items[0].quantity_mg`.
fn with(good: &Value, path: &str, raw: &str) -> Vec<u8> {
    const MARK: &str = "\u{1}here";
    let mut body = good.clone();
    let pointer = format!("/{}", path.replace('[', "/").replace(']', "").replace('.', "/"));
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent}"))[last] = MARK.into();
    let text = serde_json::to_string(&body).unwrap();
    text.replace(&serde_json::to_string(MARK).unwrap(), raw).into_bytes()
}

fn without(good: &Value, path: &str) -> Vec<u8> {
    let mut body = good.clone();
    let pointer = format!("/{}", path.replace('[', "/").replace(']', "").replace('.', "/"));
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(last);
    serde_json::to_vec(&body).unwrap()
}

/// What is no JSON, no object, not all of one, too large, or says that it is something else.
pub(crate) fn shapes(mutation: &Mutation) -> Vec<Bad> {
    let good = serde_json::to_string(&mutation.good).unwrap();
    let deep =
        |open: &str, close: &str| format!("{{\"colour\":{}1{}}}", open.repeat(20_000), close.repeat(20_000));
    // In the order in which the document has them.
    let top = mutation.fields.iter().filter(|(path, ..)| !path.contains(['.', '[']));
    let values: Vec<&Value> = top.map(|(path, ..)| &mutation.good[path]).collect();
    let texts = [
        (" ", "blanks"),
        ("{", "an open brace"),
        ("}", "a closing brace"),
        ("{]", "brackets that do not match"),
        ("{\"a\":}", "a member without a value"),
        ("{'a':1}", "single quotes"),
        ("{\"a\":1,}", "a comma too many"),
        ("/* a comment */ {}", "a comment"),
        ("{\"a\":\"", "an open text"),
        ("{\"a\":\"\\x\"}", "an escape that there is not"),
        ("{\"a\":\"\\ud800\"}", "half a surrogate pair"),
        ("{\"a\":\"\u{0}\"}", "a raw NUL"),
        ("{\"a\":01}", "a leading zero"),
        ("{\"a\":NaN}", "NaN"),
        ("{\"a\":Infinity}", "Infinity"),
        ("{\"a\":-Infinity}", "-Infinity"),
        ("{\"a\":0x10}", "hexadecimal"),
        ("null", "null"),
        ("true", "true"),
        ("42", "a number"),
        ("\"text\"", "a text"),
        ("[]", "an empty list"),
        ("[{}]", "a list of an object"),
        ("<xml/>", "XML"),
        ("a=1&b=2", "a form"),
    ];
    let mut all: Vec<Bad> = texts.into_iter().map(|(text, what)| Bad::new(what, text, REFUSED)).collect();
    if !mutation.optional {
        all.push(Bad::new("nothing", "", REFUSED));
    }
    all.extend([
        Bad::new("bad UTF-8", b"{\"a\":\"\xff\xfe\"}".to_vec(), REFUSED),
        Bad::new("an overlong NUL", b"{\"a\":\"\xc0\x80\"}".to_vec(), REFUSED),
        Bad::new("UTF-16", good.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(), REFUSED),
        Bad::new("something behind it", format!("{good} x"), REFUSED),
        Bad::new("twice", format!("{good}{good}"), REFUSED),
        Bad::new("deep lists", deep("[", "]"), REFUSED),
        Bad::new("deep objects", deep("{\"a\":", "}"), REFUSED),
        Bad::new("an unknown field", with(&mutation.good, "colour", "1"), REFUSED).named("colour"),
    ]);
    if !values.is_empty() {
        all.push(Bad::new("its values in a list", serde_json::to_vec(&values).unwrap(), REFUSED));
        let (first, value) = mutation.good.as_object().unwrap().iter().next().unwrap();
        let double = format!("{{\"{first}\":{value},{}", &good[1..]);
        all.push(Bad::new("a field twice", double, REFUSED));
    }
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"]
    {
        let bad = Bad::new(content_type, good.clone(), &[415]);
        all.push(Bad { content_type: content_type.to_owned(), ..bad });
    }
    for chunked in [false, true] {
        let most = if mutation.route == "POST /api/v1/imports" { 2048 } else { 256 } * 1024;
        let bad = Bad::new("more than it takes", padded(&mutation.good, most + 1), &[413]);
        all.push(Bad { chunked, ..bad });
    }
    all
}

/// For each field: what is of a wrong type, out of range, impossible, missing.
pub(crate) fn fields(mutation: &Mutation) -> Vec<Bad> {
    let mut all =
        vec![Bad::new("an unknown field", with(&mutation.good, "colour", "1"), REFUSED).named("colour")];
    for (path, kind, needed) in &mutation.fields {
        for raw in wrong_types(*kind) {
            all.push(
                Bad::new(format!("{path} {raw:.60}"), with(&mutation.good, path, &raw), REFUSED).named(path),
            );
        }
        for raw in out_of_range(*kind) {
            let bad = Bad::new(
                format!("{path} {raw:.60}"),
                with(&mutation.good, path, &raw),
                REFUSED_OR_AGAINST_A_RULE,
            );
            all.push(bad.named(path));
        }
        if let Value::Array(list) = &mutation.good[path]
            && let Some(Value::Object(first)) = list.first()
        {
            let raw = json!([first.values().collect::<Vec<_>>()]).to_string();
            all.push(
                Bad::new(format!("{path} {raw:.60}"), with(&mutation.good, path, &raw), REFUSED).named(path),
            );
        }
        if *needed {
            let bad = Bad::new(
                format!("{path} is missing"),
                without(&mutation.good, path),
                REFUSED_OR_AGAINST_A_RULE,
            );
            all.push(bad.named(path));
            let bad = Bad::new(
                format!("{path} null"),
                with(&mutation.good, path, "null"),
                REFUSED_OR_AGAINST_A_RULE,
            );
            all.push(bad.named(path));
        }
        if let Some((parent, _)) = path.rsplit_once('.') {
            let path = format!("{parent}.colour");
            all.push(
                Bad::new(format!("unknown {path}"), with(&mutation.good, &path, "1"), REFUSED).named(&path),
            );
        }
    }
    all
}

fn own(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn wrong_types(kind: Kind) -> Vec<String> {
    let numbers = [
        "\"400\"",
        "1.5",
        "true",
        "{}",
        "[]",
        "[1]",
        "1e999",
        "-1e999",
        "9223372036854775808",
        "-9223372036854775809",
        "1e30",
        "\"\"",
        "\"NaN\"",
    ];
    let texts = ["42", "true", "{}", "[]", "[\"a\"]", "-1", "1e999"];
    let times = [
        "1745166000",
        "{}",
        "[]",
        "true",
        "\"\"",
        "\"yesterday\"",
        "\"2026-02-30T00:00:00Z\"",
        "\"2026-13-01T00:00:00Z\"",
        "\"2026-04-20T25:00:00Z\"",
        "\"2026-04-20T16:20:00\"",
        "\"2026-04-20\"",
        "\"2026-04-20T16:20:00Z\\u0000\"",
        "\"0000-00-00T00:00:00Z\"",
        "\"٢٠٢٦-04-20T16:20:00Z\"",
    ];
    match kind {
        Kind::Text(..) | Kind::Secret => own(&texts),
        Kind::Amount | Kind::Whole(..) => own(&numbers),
        Kind::Time => own(&times),
        Kind::Date => own(&[
            "19900101",
            "{}",
            "[]",
            "true",
            "\"\"",
            "\"yesterday\"",
            "\"1990-02-30\"",
            "\"1990-13-01\"",
            "\"01/02/1990\"",
            "\"1990-01-01T00:00:00Z\"",
            "\"1990-01-01\\u0000\"",
        ]),
        Kind::Choice(good) => {
            let spoilt = [
                format!("\"{good} \""),
                format!("\"{}\"", good.to_uppercase()),
                format!("{{\"{good}\":null}}"),
                format!("[\"{good}\"]"),
            ];
            own(&["\"\"", "\"no such\"", "1", "true", "{}", "[]"]).into_iter().chain(spoilt).collect()
        }
        Kind::Id => own(&[
            "\"\"",
            "\"1\"",
            "\"not-an-id\"",
            "42",
            "{}",
            "[]",
            "true",
            "\"00000000-0000-4000-8000-00000000000g\"",
            "\"00000000-0000-4000-8000-000000000000\\u0000\"",
        ]),
        Kind::Words => own(&["\"happy\"", "1", "{}", "true", "[1]", "[null]", "[[\"a\"]]", "{\"0\":\"a\"}"]),
        Kind::Objects => own(&["\"x\"", "1", "{}", "true", "[1]", "[null]", "[\"x\"]", "[[]]", "[{}]"]),
        Kind::Object => own(&["\"x\"", "1", "true", "[]", "{}", "[100,\"USD\"]"]),
        Kind::Settings => own(&["\"x\"", "1", "true", "[]", "{\"colour\":1}", "[{}]"]),
    }
}

fn out_of_range(kind: Kind) -> Vec<String> {
    let quoted = |text: String| json!(text).to_string();
    match kind {
        Kind::Text(least, most) => {
            let mut all =
                vec![quoted("x".repeat(most + 1)), quoted("☃".repeat(most + 1)), "\"a\\u0000b\"".to_owned()];
            all.extend(own(&["\"\\u0000\"", "\"bell\\u0007\"", "\"\\u001b[31m\"", "\"\\u0085x\""]));
            if least > 0 {
                all.extend(own(&["\"\"", "\"   \"", "\"\\u00a0\\u2003\""]));
            }
            all
        }
        Kind::Amount => own(&["0", "-1", "-0", "10000001", "9223372036854775807", "-9223372036854775808"]),
        Kind::Whole(least, most) => {
            let mut all = vec![(least - 1).to_string(), (most + 1).to_string()];
            all.extend(own(&["-1", "9223372036854775807", "-9223372036854775808"]));
            all
        }
        Kind::Time => own(&[
            "\"1969-12-31T23:59:59Z\"",
            "\"2999-01-01T00:00:00Z\"",
            "\"9999-12-31T23:59:59Z\"",
            "\"0001-01-01T00:00:00Z\"",
            "\"+010000-01-01T00:00:00Z\"",
            "\"-000001-01-01T00:00:00Z\"",
        ]),
        Kind::Date => {
            own(&["\"1899-12-31\"", "\"2999-01-01\"", "\"0001-01-01\"", "\"2020-01-01\"", "\"-0001-01-01\""])
        }
        Kind::Words => {
            let many = vec!["x"; 70];
            let mut all = own(&["[\"a\\u0000\"]", "[\"\"]"]);
            all.push(json!(many).to_string());
            all.push(json!(["x".repeat(5_000)]).to_string());
            all
        }
        _ => Vec::new(),
    }
}
