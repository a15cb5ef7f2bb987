//! `/api/v1/stash`

use e2e::actors::{Caller, Person};
use e2e::fixtures::{int, new_lot, text};
use e2e::names;
use serde_json::json;

const PATH: &str = "/api/v1/stash";

#[test]
fn a_purchase_is_a_lot_with_its_balance() {
    let person = Person::new();
    let body = json!({
        "name": "Farmers' market", "form": "pre_roll", "quantity_mg": 1000,
        "price": { "minor": 1250, "currency": "EUR" }, "acquired_at": "2026-01-02T03:04:05+01:00"
    });
    let lot = person.post(PATH, &body).is(201).data();
    for (field, value) in [("name", "Farmers' market"), ("form", "pre_roll")] {
        assert_eq!(lot[field], value);
    }
    assert_eq!((int(&lot, "quantity_mg"), int(&lot, "balance_mg")), (1000, 1000));
    assert_eq!(lot["price"], json!({ "minor": 1250, "currency": "EUR" }));
    assert_eq!(lot["acquired_at"], "2026-01-02T02:04:05.000Z");
    assert_eq!(person.get(&format!("{PATH}/{}", text(&lot, "id"))).is(200).data(), lot);
    assert_eq!(person.get(PATH).is(200).rows(), [lot]);
}

#[test]
fn every_form_and_the_greatest_and_least_amounts_are_taken() {
    let person = Person::new();
    let forms =
        ["flower", "pre_roll", "concentrate", "vape", "edible", "tincture", "topical", "capsule", "other"];
    for (form, mg) in forms.into_iter().zip([1, 10_000_000].into_iter().cycle()) {
        let body = json!({ "name": "Jar", "form": form, "quantity_mg": mg });
        assert_eq!(int(&person.post(PATH, &body).is(201).data(), "balance_mg"), mg);
    }
}

#[test]
fn a_lot_needs_a_strain_or_a_name() {
    let person = Person::new();
    let body = json!({ "form": "flower", "quantity_mg": 1 });
    person.post(PATH, &body).refused(422, "unprocessable").names("name");
    let own = person.add_strain();
    let lot =
        person.post(PATH, &json!({ "strain_id": own.0, "form": "flower", "quantity_mg": 1 })).is(201).data();
    assert_eq!((&lot["name"], &lot["strain_id"]), (&json!(own.1), &json!(own.0)));
    let unknown = json!({ "strain_id": names::nobodys_id(), "form": "flower", "quantity_mg": 1 });
    person.post(PATH, &unknown).refused(404, "not_found");
    assert_eq!(person.get(PATH).is(200).meta()[2], 1);
}

#[test]
fn as_of_a_time_the_stash_is_what_it_was_then() {
    let person = Person::new();
    let lot = person.buy(1000);
    person.log(&lot, 100);
    let second = person.buy(50);
    person.log(&lot, 200);
    let times: Vec<String> = person.entries(&lot).iter().map(|entry| text(entry, "recorded_at")).collect();
    let at = |time: &str| (person.balance_as_of(&lot, time), person.balance_as_of(&second, time));
    assert_eq!(at(&times[2]), (Some(700), Some(50)));
    assert_eq!(at(&times[1]).0, Some(900));
    assert_eq!(at(&times[0]), (Some(1000), None));
    assert_eq!(at("2020-01-01T00:00:00Z"), (None, None));
    assert_eq!(person.get(&format!("{PATH}?as_of=2020-01-01T00:00:00Z")).is(200).meta()[2], 0);
    assert_eq!(at("2999-01-01T00:00:00Z"), (Some(700), Some(50)), "now, as far as anybody knows");
}

#[test]
fn as_of_takes_a_time_in_any_zone_and_nothing_else() {
    let person = Person::new();
    let lot = person.buy(70);
    assert_eq!(person.balance_as_of(&lot, "2999-01-01T00:00:00%2B02:00"), Some(70));
    for bad in ["yesterday", "2026-02-30T00:00:00Z", "2026-04-20", "1", ""] {
        person.get(&format!("{PATH}?as_of={bad}")).refused(400, "bad_request").names("as_of");
    }
}

#[test]
fn a_lot_cannot_be_edited_or_deleted() {
    let person = Person::new();
    let path = format!("{PATH}/{}", person.buy(100));
    person.patch(&path, &new_lot(200)).refused(405, "method_not_allowed");
    person.delete(&path).refused(405, "method_not_allowed");
    person.call("PUT", &path).json(&new_lot(200)).send().refused(405, "method_not_allowed");
    assert_eq!(int(&person.get(&path).is(200).data(), "balance_mg"), 100);
}
