//! `/api/v1/analytics/overview` of admin: what the queue brings.

use e2e::actors::{Admin, Anonymous, Caller, Person, sign_up};
use e2e::fixtures::{int, text};
use e2e::names;
use e2e::wait::eventually;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/analytics/overview";

fn of_day(day: chrono::NaiveDate) -> Value {
    Admin::new().get(&format!("{PATH}?from={day}&to={day}")).is(200).data()
}

fn counts(day: chrono::NaiveDate) -> [i64; 3] {
    let overview = of_day(day);
    ["sessions", "active_people", "strains_used"].map(|name| int(&overview, name))
}

fn log_on(person: &Person, day: chrono::NaiveDate, lot: &str) -> String {
    let items = json!([{ "lot_id": lot, "quantity_mg": 1 }]);
    let body = json!({ "method": "vape", "items": items, "occurred_at": format!("{day}T12:00:00Z") });
    text(&person.post("/api/v1/sessions", &body).is(201).data(), "id")
}

#[test]
fn the_count_in_admin_rises_after_a_session_is_logged_and_falls_when_it_is_undone() {
    let (person, other, day) = (Person::new(), Person::new(), names::day());
    let strain = person.strain("Blue Dream");
    let [sessions, people, _] = counts(day);
    let lot = person.buy_of(&strain, 100);
    let first = log_on(&person, day, &lot);
    log_on(&person, day, &lot);
    log_on(&other, day, &other.buy(10));
    eventually("three sessions of two people", || {
        (counts(day)[..2] == [sessions + 3, people + 2]).then_some(())
    });
    let overview = of_day(day);
    let used =
        overview["top_strains"].as_array().unwrap().iter().any(|row| row["strain_id"] == strain.as_str());
    assert!(used && int(&overview, "strains_used") >= 1, "{overview}");

    person.delete(&format!("/api/v1/sessions/{first}")).is(204);
    eventually("two sessions", || (counts(day)[0] == sessions + 2).then_some(()));
}

#[test]
fn totals_are_the_sums_of_what_is_shown() {
    let (person, day) = (Person::new(), names::day());
    log_on(&person, day, &person.buy(10));
    eventually("a session", || (counts(day)[0] > 0).then_some(()));
    let from = day - chrono::Days::new(10);
    let to = day + chrono::Days::new(10);
    let overview = Admin::new().get(&format!("{PATH}?from={from}&to={to}")).is(200).data();
    let days = overview["sessions_per_day"].as_array().unwrap();
    assert_eq!(days.len(), 21, "quiet days are shown as well");
    assert_eq!(days.iter().map(|day| int(day, "sessions")).sum::<i64>(), int(&overview, "sessions"));
    assert_eq!((&overview["from"], &overview["to"]), (&json!(from.to_string()), &json!(to.to_string())));
    let busy = days.iter().map(|day| int(day, "people")).max().unwrap();
    assert!(int(&overview, "active_people") >= busy);
}

#[test]
fn who_signs_up_is_counted() {
    let people = || {
        let overview = Admin::new().get(PATH).is(200).data();
        (int(&overview, "people"), int(&overview, "new_people"))
    };
    let (before, new) = people();
    Anonymous::new().post("/api/v1/auth/register", &sign_up(&names::email())).is(201);
    eventually("one more person", || (people().0 > before && people().1 > new).then_some(()));
}

#[test]
fn a_repeated_request_is_counted_once() {
    let (person, day) = (Person::new(), names::day());
    let lot = person.buy(100);
    let before = counts(day)[0];
    let body = json!({
        "method": "eat", "items": [{ "lot_id": lot, "quantity_mg": 5 }], "occurred_at": format!("{day}T01:00:00Z")
    });
    let call = person.call("POST", "/api/v1/sessions").key(&names::key()).json(&body);
    for _ in 0..5 {
        call.clone().send().is(201);
    }
    log_on(&person, day, &lot);
    // The later one has come, so the earlier ones would have.
    eventually("both", || (counts(day)[0] >= before + 2).then_some(()));
    assert_eq!(counts(day)[0], before + 2);
}

#[test]
fn days_that_are_none_are_refused_by_name() {
    let admin = Admin::new();
    for (query, field) in [("from=yesterday", "from"), ("to=2026-02-30", "to"), ("from=1&to=2", "from")] {
        admin.get(&format!("{PATH}?{query}")).refused(400, "bad_request").names(field);
    }
    for (query, field) in [
        ("from=2026-02-02&to=2026-02-01", "from"),
        ("from=1900-01-01&to=1900-01-02", "from"),
        ("from=2020-01-01&to=2026-01-01", "to"),
    ] {
        let got = admin.get(&format!("{PATH}?{query}"));
        assert!(matches!(got.status, 400 | 422), "{got}");
        got.names(field);
    }
}
