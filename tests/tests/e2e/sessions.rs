//! `/api/v1/sessions`

use chrono::{DateTime, SecondsFormat, TimeDelta};
use e2e::actors::{Caller, Person};
use e2e::fixtures::{int, new_session, text};
use e2e::names;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/sessions";

fn later(time: &str, seconds: i64) -> String {
    let time = DateTime::parse_from_rfc3339(time).unwrap() + TimeDelta::seconds(seconds);
    time.to_utc().to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[test]
fn a_session_comes_back_as_it_was_logged() {
    let person = Person::new();
    let lot = person.buy(1000);
    let body = json!({
        "occurred_at": "2026-04-20T16:20:00Z", "method": "smoke", "items": [{ "lot_id": lot, "quantity_mg": 250 }],
        "rating": 5, "effects": ["calm", "hungry"], "mood_before": 2, "mood_after": 4, "notes": "On the roof.\nStars."
    });
    let session = person.post(PATH, &body).is(201).data();
    for field in ["method", "rating", "effects", "mood_before", "mood_after", "notes"] {
        assert_eq!(session[field], body[field], "{field}");
    }
    assert_eq!(session["occurred_at"], "2026-04-20T16:20:00.000Z");
    let item = &session["items"][0];
    assert_eq!((text(item, "lot_id"), int(item, "quantity_mg")), (lot.clone(), 250));
    assert_eq!(person.get(&format!("{PATH}/{}", text(&session, "id"))).is(200).data(), session);
    assert_eq!(person.get(PATH).is(200).rows(), [session]);
}

#[test]
fn a_session_takes_from_several_lots_or_from_none() {
    let person = Person::new();
    let (first, second) = (person.buy(100), person.buy(100));
    let items = json!([{ "lot_id": first, "quantity_mg": 60 }, { "lot_id": second, "quantity_mg": 70 }]);
    person.post(PATH, &json!({ "method": "vape", "items": items })).is(201);
    assert_eq!((person.balance(&first), person.balance(&second)), (40, 30));

    let got =
        person.post(PATH, &json!({ "method": "vape", "items": items })).refused(409, "insufficient_stock");
    assert!(got.error()["details"]["lot_id"].is_string());
    let half = json!([{ "lot_id": first, "quantity_mg": 40 }, { "lot_id": second, "quantity_mg": 31 }]);
    person.post(PATH, &json!({ "method": "vape", "items": half })).refused(409, "insufficient_stock");
    assert_eq!((person.balance(&first), person.balance(&second)), (40, 30), "all or nothing");
    assert_eq!(person.sessions(), 1);

    person.post(PATH, &json!({ "method": "vape", "items": [] })).is(201);
}

#[test]
fn an_unknown_amount_takes_nothing() {
    let person = Person::new();
    let lot = person.buy(100);
    let body = json!({ "method": "eat", "items": [{ "lot_id": lot, "quantity_mg": null }] });
    let session = person.post(PATH, &body).is(201).data();
    assert_eq!(session["items"][0]["quantity_mg"], Value::Null);
    assert_eq!((person.balance(&lot), person.entries(&lot).len()), (100, 1));
    person.delete(&format!("{PATH}/{}", text(&session, "id"))).is(204);
    assert_eq!(person.balance(&lot), 100);
}

#[test]
fn a_session_may_lie_five_minutes_in_the_future_and_not_before_1970() {
    let person = Person::new();
    let lot = person.buy(1000);
    let now = text(&person.entries(&lot)[0], "recorded_at");
    let at = |time: &str| {
        let mut body = new_session(&lot, 1);
        body["occurred_at"] = time.into();
        person.post(PATH, &body)
    };
    for good in
        ["1970-01-01T00:00:00Z".to_owned(), later(&now, 240), "2026-04-20T18:20:00.123456+02:00".into()]
    {
        at(&good).is(201);
    }
    for bad in [later(&now, 360), "2999-01-01T00:00:00Z".into(), "1969-12-31T23:59:59Z".into()] {
        at(&bad).refused(422, "unprocessable").names("occurred_at");
    }
    assert_eq!(person.balance(&lot), 997);
}

#[test]
fn new_items_correct_the_stash() {
    let person = Person::new();
    let (first, second) = (person.buy(1000), person.buy(1000));
    let path = format!("{PATH}/{}", text(&person.log(&first, 400), "id"));
    let edit = |items: Value| person.patch(&path, &json!({ "items": items }));

    edit(json!([{ "lot_id": first, "quantity_mg": 300 }])).is(200);
    assert_eq!(person.balance(&first), 700);
    edit(json!([{ "lot_id": second, "quantity_mg": 1000 }])).is(200);
    assert_eq!((person.balance(&first), person.balance(&second)), (1000, 0));
    edit(json!([{ "lot_id": first, "quantity_mg": 1001 }])).refused(409, "insufficient_stock");
    assert_eq!((person.balance(&first), person.balance(&second)), (1000, 0), "nothing was written");
    person.delete(&path).is(204);
    assert_eq!((person.balance(&first), person.balance(&second)), (1000, 1000));
    for lot in [&first, &second] {
        let sum: i64 = person.entries(lot).iter().map(|entry| int(entry, "delta_mg")).sum();
        assert_eq!(sum, 1000);
    }
}

#[test]
fn what_is_left_out_of_an_edit_stays_and_null_takes_away() {
    let person = Person::new();
    let lot = person.buy(100);
    let body = json!({
        "method": "dab", "items": [{ "lot_id": lot, "quantity_mg": 5 }], "rating": 3, "notes": "a", "mood_after": 1
    });
    let session = person.post(PATH, &body).is(201).data();
    let path = format!("{PATH}/{}", text(&session, "id"));
    let edited = person.patch(&path, &json!({ "notes": "b", "rating": null })).is(200).data();
    assert_eq!(
        (&edited["notes"], &edited["rating"], &edited["mood_after"]),
        (&json!("b"), &Value::Null, &json!(1))
    );
    assert_eq!((&edited["items"], &edited["method"]), (&session["items"], &session["method"]));
    assert_eq!((person.balance(&lot), person.entries(&lot).len()), (95, 2), "the stash is left alone");
}

#[test]
fn a_deleted_session_is_gone_and_cannot_be_deleted_twice() {
    let person = Person::new();
    let lot = person.buy(100);
    let path = format!("{PATH}/{}", text(&person.log(&lot, 10), "id"));
    person.delete(&path).is(204);
    person.delete(&path).refused(404, "not_found");
    person.get(&path).refused(404, "not_found");
    person.patch(&path, &json!({ "notes": "x" })).refused(404, "not_found");
    assert_eq!((person.balance(&lot), person.entries(&lot).len(), person.sessions()), (100, 3, 0));
}

#[test]
fn filters_and_totals_agree() {
    let person = Person::new();
    let strain = person.add_strain().0;
    let (plain, named) = (person.buy(1000), person.buy_of(&strain, 1000));
    for (lot, method, day) in
        [(&plain, "smoke", 1), (&named, "vape", 2), (&named, "smoke", 3), (&plain, "vape", 4)]
    {
        let mut body = new_session(lot, 10);
        body["method"] = method.into();
        body["occurred_at"] = format!("2026-03-0{day}T12:00:00Z").into();
        person.post(PATH, &body).is(201);
    }
    for (query, expected) in [
        (String::new(), 4),
        ("method=smoke".into(), 2),
        (format!("strain_id={strain}"), 2),
        (format!("strain_id={strain}&method=smoke"), 1),
        ("from=2026-03-02T12:00:00Z".into(), 3),
        ("to=2026-03-02T12:00:00Z".into(), 1),
        ("from=2026-03-02T00:00:00Z&to=2026-03-04T00:00:00Z".into(), 2),
        (format!("strain_id={}", names::nobodys_id()), 0),
        ("method=other".into(), 0),
    ] {
        let got = person.get(&format!("{PATH}?{query}")).is(200);
        assert_eq!((got.rows().len(), got.meta()[2]), (expected, expected as u64), "{query}");
    }
    let times: Vec<String> =
        person.get(PATH).is(200).rows().iter().map(|session| text(session, "occurred_at")).collect();
    assert!(times.iter().rev().is_sorted(), "the latest first: {times:?}");
    let backwards = format!("{PATH}?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z");
    person.get(&backwards).refused(400, "bad_request").names("to");
}
