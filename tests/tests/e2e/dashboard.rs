//! `/api/v1/dashboard`

use e2e::actors::{Caller, Person};
use e2e::fixtures::{int, text};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/dashboard";

#[test]
fn an_empty_dashboard_is_zeros_and_unknowns() {
    let data = Person::new().get(PATH).is(200).data();
    for period in ["today", "week", "month"] {
        assert_eq!((int(&data[period], "sessions"), int(&data[period], "quantity_mg")), (0, 0));
    }
    assert_eq!((&data["days_of_supply"], &data["days_since_last"]), (&Value::Null, &Value::Null));
    assert_eq!((int(&data["stash"], "balance_mg"), int(&data["stash"], "lots")), (0, 0));
}

#[test]
fn the_dashboard_agrees_with_sessions_and_stash() {
    let person = Person::new();
    let strain = person.strain("Blue Dream");
    let body = json!({
        "strain_id": strain, "form": "flower", "quantity_mg": 4000, "price": { "minor": 4000, "currency": "USD" }
    });
    let lot = text(&person.post("/api/v1/stash", &body).is(201).data(), "id");
    let other = person.buy(500);
    for (lot, method, mg) in [(&lot, "smoke", 600), (&lot, "smoke", 400), (&other, "eat", 500)] {
        let items = json!([{ "lot_id": lot, "quantity_mg": mg }]);
        person.post("/api/v1/sessions", &json!({ "method": method, "items": items })).is(201);
    }
    let data = person.get(PATH).is(200).data();
    assert_eq!((int(&data["today"], "sessions"), int(&data["today"], "quantity_mg")), (3, 1500));
    assert_eq!((int(&data["month"], "sessions"), int(&data["month"], "quantity_mg")), (3, 1500));
    assert_eq!(data["by_method"][0]["method"], "smoke");
    assert_eq!(
        (int(&data["by_method"][0], "sessions"), int(&data["by_method"][0], "quantity_mg")),
        (2, 1000)
    );
    let blue =
        data["by_strain"].as_array().unwrap().iter().find(|row| row["strain_id"] == strain.as_str()).unwrap();
    assert_eq!((int(blue, "sessions"), int(blue, "quantity_mg")), (2, 1000));
    assert_eq!((int(&data["stash"], "balance_mg"), int(&data["stash"], "lots")), (3000, 1));
    assert_eq!(data["stash"]["value"], json!([{ "minor": 3000, "currency": "USD" }]));
    assert_eq!((int(&data, "days_of_supply"), int(&data, "days_since_last")), (60, 0));
}

#[test]
fn an_undone_session_leaves_the_dashboard() {
    let person = Person::new();
    let lot = person.buy(100);
    let session = person.log(&lot, 40);
    assert_eq!(int(&person.get(PATH).is(200).data()["today"], "quantity_mg"), 40);
    person.delete(&format!("/api/v1/sessions/{}", text(&session, "id"))).is(204);
    let data = person.get(PATH).is(200).data();
    assert_eq!((int(&data["today"], "sessions"), int(&data["stash"], "balance_mg")), (0, 100));
    assert_eq!(data["days_since_last"], Value::Null);
}

#[test]
fn unknown_amounts_are_counted_and_not_guessed() {
    let person = Person::new();
    let lot = person.buy(100);
    let items = json!([{ "lot_id": lot, "quantity_mg": null }]);
    person.post("/api/v1/sessions", &json!({ "method": "eat", "items": items })).is(201);
    let today = person.get(PATH).is(200).data()["today"].clone();
    assert_eq!(
        (int(&today, "sessions"), int(&today, "quantity_mg"), int(&today, "unknown_items")),
        (1, 0, 1)
    );
}
