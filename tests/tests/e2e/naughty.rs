//! The Big List of Naughty Strings, wherever people may write: never a 5xx, and what is stored comes back as it was.

use e2e::actors::{Caller, Person};
use e2e::fixtures::text;
use e2e::http::Reply;
use e2e::wait::each;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/auth/blns.json");

/// The strings, and a few of our own that texts in JSON and SQL stumble over.
fn strings() -> Vec<String> {
    let own = [
        "\u{0}",
        "a\u{0}b",
        "\u{7f}",
        "\u{85}",
        "\u{2028}\u{2029}",
        "\u{feff}",
        "\u{200b}",
        "'; DROP TABLE lots;--",
        "\u{10ffff}",
        "e\u{301}",
        "\u{e9}",
        "ﬁ",
        "İ",
        "ẞ",
        "\r\n",
        "\t",
        "\\u0000",
        "%00",
        "{}",
        "null",
        "NULL",
    ];
    let mut all: Vec<String> = own.map(str::to_owned).into();
    match std::fs::read_to_string(FILE) {
        Ok(text) => all.extend(serde_json::from_str::<Vec<String>>(&text).unwrap()),
        Err(error) => eprintln!("SKIPPED: the Big List of Naughty Strings is not there: {FILE}: {error}"),
    }
    all
}

/// Whether a text of these bounds is good, as the contract has it.
fn is_good(text: &str, least: usize, most: usize, lines: bool) -> bool {
    let clean = text.chars().all(|c| !c.is_control() || (lines && matches!(c, '\n' | '\r' | '\t')));
    clean && text.trim().chars().count() >= least && text.chars().count() <= most
}

/// What is wrong with an answer, given whether the text is good.
fn complaint(text: &str, got: &Reply, good: bool, kept: Option<&str>, expected: &str) -> Option<String> {
    let accepted = (200..300).contains(&got.status);
    if accepted != good || (!accepted && got.status != 422) {
        return Some(format!("{text:?}: {got}"));
    }
    (accepted && kept != Some(expected)).then(|| format!("{text:?} came back as {kept:?}"))
}

fn none(complaints: impl IntoIterator<Item = Option<String>>) {
    let complaints: Vec<String> = complaints.into_iter().flatten().collect();
    assert!(complaints.is_empty(), "{} of them\n{}", complaints.len(), complaints.join("\n"));
}

/// Everything of a list, by id.
fn by_id(person: &Person, path: &str) -> BTreeMap<String, Value> {
    let pages = (1..).map(|page| person.get(&format!("{path}?limit=100&page={page}")).is(200).rows());
    let rows = pages.take_while(|rows| !rows.is_empty()).flatten();
    rows.map(|row| (e2e::fixtures::text(&row, "id"), row)).collect()
}

/// Writes every string, and reads all that was stored back from the list.
fn kept(
    person: &Person,
    path: &str,
    field: &str,
    body: impl Fn(&str) -> Value + Sync,
    rule: impl Fn(&str) -> (bool, String),
) {
    let strings = strings();
    let answers = each(&strings, |text| person.post(path, &body(text)));
    let stored = by_id(person, path);
    let found = |got: &Reply| stored.get(&e2e::fixtures::text(&got.data(), "id"));
    none(strings.iter().zip(&answers).map(|(text, got)| {
        let (good, expected) = rule(text);
        let kept = (got.status == 201).then(|| found(got)).flatten().and_then(|row| row[field].as_str());
        complaint(text, got, good, kept, &expected)
    }));
}

/// A quarter of the strings as the display name of one person.
fn as_display_names(quarter: usize) {
    let person = Person::new();
    none(strings().iter().skip(quarter).step_by(4).enumerate().map(|(number, text)| {
        let got = person.patch("/api/v1/me", &json!({ "display_name": text }));
        let kept = (got.status == 200).then(|| {
            // The answer is read back from the database; now and then the cache is looked at as well.
            let shown = if number % 8 == 0 { person.get("/api/v1/me").is(200).data() } else { got.data() };
            e2e::fixtures::text(&shown, "display_name")
        });
        complaint(text, &got, is_good(text, 1, 80, false), kept.as_deref(), text.trim())
    }));
}

macro_rules! quarters {
    ($($name:ident $quarter:literal)*) => {$(
        #[test]
        fn $name() {
            as_display_names($quarter);
        }
    )*};
}

quarters! {
    as_display_names_first_quarter 0
    as_display_names_second_quarter 1
    as_display_names_third_quarter 2
    as_display_names_last_quarter 3
}

#[test]
fn as_notes() {
    let body = |text: &str| json!({ "method": "other", "items": [], "notes": text });
    let rule = |text: &str| (is_good(text, 0, 4000, true), text.to_owned());
    kept(&Person::new(), "/api/v1/sessions", "notes", body, rule);
}

#[test]
fn as_names_of_lots() {
    let body = |text: &str| json!({ "name": text, "form": "other", "quantity_mg": 1 });
    let rule = |text: &str| (is_good(text, 1, 120, true), text.trim().to_owned());
    kept(&Person::new(), "/api/v1/stash", "name", body, rule);
}

#[test]
fn as_names_of_private_strains() {
    let (person, mark, strings) = (Person::new(), e2e::names::key(), strings());
    let answers = each(&strings, |text| {
        let body = json!({ "name": text, "effects": [mark, text], "description": text });
        person.post("/api/v1/strains", &body)
    });
    let pages = (1..).map(|page| format!("/api/v1/strains?limit=100&effect={mark}&page={page}"));
    let rows =
        pages.map(|path| person.get(&path).is(200).rows()).take_while(|rows| !rows.is_empty()).flatten();
    let stored: BTreeMap<String, Value> = rows.map(|row| (e2e::fixtures::text(&row, "id"), row)).collect();
    assert!(stored.len() > 10);
    none(strings.iter().zip(&answers).map(|(text, got)| match got.status {
        201 => {
            let kept = &stored[&e2e::fixtures::text(&got.data(), "id")];
            let same =
                kept["name"] == text.trim() && kept["effects"][1] == *text && kept["description"] == *text;
            (!same).then(|| format!("{text:?} came back as {kept}"))
        }
        // The same name in other letters, or one that breaks a rule.
        409 | 422 => None,
        _ => Some(format!("{text:?}: {got}")),
    }));
}

#[test]
fn as_searches() {
    let person = Person::new();
    let admin = e2e::actors::Admin::new();
    let numbered: Vec<(usize, String)> = strings().into_iter().enumerate().collect();
    none(each(&numbered, |(number, text)| {
        let q = e2e::names::encoded(text);
        let got = match number % 4 {
            0 => person.get(&format!("/api/v1/strains?effect={q}&flavor={q}")),
            1 => admin.get(&format!("/api/v1/users?limit=1&q={q}")),
            2 => admin.get(&format!("/api/v1/audit?limit=1&actor={q}&action={q}&entity={q}")),
            _ => person.get(&format!("/api/v1/strains?q={q}&type=hybrid")),
        };
        let searched = person.get(&format!("/api/v1/strains?q={q}"));
        [got, searched]
            .into_iter()
            .find(|got| !matches!(got.status, 200 | 400))
            .map(|got| format!("{text:?}: {got}"))
    }));
}

#[test]
fn as_passwords() {
    let person = Person::new();
    let tried: Vec<String> = strings().into_iter().step_by(40).collect();
    none(each(&tried, |text| {
        let body = json!({ "email": person.email, "password": text });
        let got = e2e::actors::Anonymous::new().post("/api/v1/auth/login", &body);
        (!matches!(got.status, 401 | 422)).then(|| format!("{text:?}: {got}"))
    }));
    assert_eq!(text(&person.get("/api/v1/me").is(200).data(), "email"), person.email);
}
