//! `/api/v1/stash/{id}/entries`

use e2e::actors::{Caller, Person};
use e2e::fixtures::int;
use serde_json::{Value, json};

struct Jar {
    person: Person,
    lot: String,
}

impl Jar {
    fn of(mg: i64) -> Self {
        let person = Person::new();
        let lot = person.buy(mg);
        Self { person, lot }
    }

    fn path(&self) -> String {
        format!("/api/v1/stash/{}/entries", self.lot)
    }

    fn enter(&self, body: &Value) -> e2e::http::Reply {
        self.person.post(&self.path(), body)
    }

    fn balance(&self) -> i64 {
        self.person.balance(&self.lot)
    }
}

#[test]
fn gifts_waste_and_corrections_move_the_balance() {
    let jar = Jar::of(1000);
    for (body, delta, balance) in [
        (json!({ "kind": "gift", "quantity_mg": 100, "note": "for Ada" }), -100, 900),
        (json!({ "kind": "waste", "quantity_mg": 50 }), -50, 850),
        (json!({ "kind": "adjust", "quantity_mg": -25 }), -25, 825),
        (json!({ "kind": "adjust", "quantity_mg": 75 }), 75, 900),
    ] {
        let entry = jar.enter(&body).is(201).data();
        assert_eq!((int(&entry, "delta_mg"), int(&entry, "balance_after_mg")), (delta, balance), "{body}");
        assert_eq!((&entry["kind"], jar.balance()), (&body["kind"], balance));
    }
    let entries = jar.person.entries(&jar.lot);
    assert_eq!(entries[1]["note"], "for Ada");
    assert_eq!(entries.iter().map(|entry| int(entry, "seq")).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
}

#[test]
fn a_count_sets_the_balance_and_records_the_drift() {
    let jar = Jar::of(1000);
    for (counted, drift) in [(950, -50), (950, 0), (1000, 50), (0, -1000), (1, 1)] {
        let entry = jar.enter(&json!({ "kind": "count", "counted_mg": counted })).is(201).data();
        assert_eq!((int(&entry, "counted_mg"), int(&entry, "delta_mg")), (counted, drift));
        assert_eq!(jar.balance(), counted);
    }
}

#[test]
fn nothing_is_given_away_that_is_not_there() {
    let jar = Jar::of(100);
    for body in [
        json!({ "kind": "gift", "quantity_mg": 101 }),
        json!({ "kind": "waste", "quantity_mg": 10_000_000 }),
        json!({ "kind": "adjust", "quantity_mg": -101 }),
    ] {
        let got = jar.enter(&body).refused(409, "insufficient_stock");
        let asked = int(&body, "quantity_mg").abs();
        let expected = json!({ "lot_id": jar.lot, "available_mg": 100, "requested_mg": asked });
        assert_eq!(got.error()["details"], expected);
    }
    assert_eq!((jar.balance(), jar.person.entries(&jar.lot).len()), (100, 1));
}

#[test]
fn an_entry_says_what_its_kind_needs_and_no_more() {
    let jar = Jar::of(100);
    for (body, field) in [
        (json!({ "kind": "gift" }), "quantity_mg"),
        (json!({ "kind": "waste", "quantity_mg": null }), "quantity_mg"),
        (json!({ "kind": "adjust" }), "quantity_mg"),
        (json!({ "kind": "adjust", "quantity_mg": 0 }), "quantity_mg"),
        (json!({ "kind": "gift", "quantity_mg": -5 }), "quantity_mg"),
        (json!({ "kind": "count" }), "counted_mg"),
        (json!({ "kind": "count", "quantity_mg": 5 }), "counted_mg"),
        (json!({ "kind": "count", "counted_mg": -1 }), "counted_mg"),
        (json!({ "kind": "gift", "quantity_mg": 5, "counted_mg": 5 }), "counted_mg"),
    ] {
        let got = jar.enter(&body);
        assert!(matches!(got.status, 400 | 422), "{body}: {got}");
        got.names(field);
    }
    for kind in ["purchase", "session", "reversal"] {
        jar.enter(&json!({ "kind": kind, "quantity_mg": 5 })).refused(400, "bad_request").names("kind");
    }
    assert_eq!((jar.balance(), jar.person.entries(&jar.lot).len()), (100, 1));
}

#[test]
fn the_api_has_no_verb_to_change_an_entry() {
    let jar = Jar::of(100);
    for verb in ["PUT", "PATCH", "DELETE"] {
        jar.person.call(verb, &jar.path()).send().refused(405, "method_not_allowed");
        let got = jar.person.call(verb, &format!("{}/1", jar.path())).send();
        assert!(matches!(got.status, 404 | 405), "{got}");
    }
    assert_eq!(jar.balance(), 100);
}

#[test]
fn many_corrections_never_carry_the_balance_beyond_what_adds_up() {
    let jar = Jar::of(10_000_000);
    for _ in 0..3 {
        jar.enter(&json!({ "kind": "adjust", "quantity_mg": 10_000_000 })).is(201);
    }
    let sum: i64 = jar.person.entries(&jar.lot).iter().map(|entry| int(entry, "delta_mg")).sum();
    assert_eq!((sum, jar.balance()), (40_000_000, 40_000_000));
}
