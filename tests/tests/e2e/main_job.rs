//! What the platform is for, in one go.

use e2e::actors::{Caller, Person};
use e2e::fixtures::{int, new_session, text};
use e2e::names;
use serde_json::json;

#[test]
fn from_sign_up_to_undo_the_stash_is_right_at_every_step() {
    let person = Person::new().log_in();

    let found = person.get("/api/v1/strains?q=blu%20drem").is(200).rows();
    assert_eq!((&found[0]["name"], &found[0]["visibility"]), (&json!("Blue Dream"), &json!("public")));
    let strain = text(&found[0], "id");

    let purchase = json!({
        "strain_id": strain, "form": "flower", "quantity_mg": 3500, "price": { "minor": 4200, "currency": "USD" }
    });
    let lot = person.post("/api/v1/stash", &purchase).is(201).data();
    assert_eq!((int(&lot, "balance_mg"), &lot["name"]), (3500, &json!("Blue Dream")));
    let lot = text(&lot, "id");

    let (key, body) = (names::key(), new_session(&lot, 400));
    let log = || person.call("POST", "/api/v1/sessions").key(&key).json(&body).send();
    let first = log().is(201);
    assert_eq!(person.balance(&lot), 3100);

    let again = log().is(201);
    assert_eq!(again.body, first.body, "the same key gets the same bytes");
    assert_eq!((person.balance(&lot), person.sessions()), (3100, 1), "one debit");

    let refused =
        person.post("/api/v1/sessions", &new_session(&lot, 3101)).refused(409, "insufficient_stock");
    let expected = json!({ "lot_id": lot, "available_mg": 3100, "requested_mg": 3101 });
    assert_eq!(refused.error()["details"], expected);
    let before = [("purchase".to_owned(), 3500), ("session".to_owned(), -400)];
    assert_eq!((person.balance(&lot), person.sessions()), (3100, 1), "nothing was written");
    assert_eq!(person.ledger(&lot), before);
    let debited = text(&person.entries(&lot)[1], "recorded_at");

    let session = text(&first.data(), "id");
    person.delete(&format!("/api/v1/sessions/{session}")).is(204);
    let entries = person.entries(&lot);
    let undone = &entries[2];
    assert_eq!(entries.len(), 3, "a row more, none less: {entries:?}");
    assert_eq!((&undone["kind"], int(undone, "delta_mg")), (&json!("reversal"), 400));
    assert_eq!((int(undone, "reverses_seq"), int(undone, "balance_after_mg")), (2, 3500));
    assert_eq!(person.balance(&lot), 3500);
    assert_eq!(person.get(&format!("/api/v1/sessions/{session}")).status, 404);

    assert_eq!(person.balance_as_of(&lot, &debited), Some(3100), "before the undo");
    assert_eq!(person.balance_as_of(&lot, &text(undone, "recorded_at")), Some(3500), "after it");
}
