//! Many at once: no more leaves a lot than it holds, and nothing of what is refused is written.

use e2e::actors::{Caller, Person};
use e2e::fixtures::{int, new_session, text};
use e2e::http::Reply;
use e2e::wait::at_once;
use serde_json::json;

/// The ledger adds up: without gaps, never below nothing, and to the balance.
#[track_caller]
fn adds_up(person: &Person, lot: &str) {
    let entries = person.entries(lot);
    let mut balance = 0;
    for (place, entry) in (1..).zip(&entries) {
        balance += int(entry, "delta_mg");
        assert_eq!((int(entry, "seq"), int(entry, "balance_after_mg")), (place, balance), "{entries:?}");
        assert!(balance >= 0, "{entries:?}");
    }
    assert_eq!(person.balance(lot), balance);
}

fn won(answers: &[Reply]) -> usize {
    for got in answers.iter().filter(|got| got.status != 201) {
        got.clone().refused(409, "insufficient_stock");
    }
    answers.iter().filter(|got| got.status == 201).count()
}

#[test]
fn of_fifty_requests_that_race_for_the_last_100_mg_the_right_number_wins() {
    let person = Person::new();
    let lot = person.buy(100);
    let answers = at_once(50, |_| person.post("/api/v1/sessions", &new_session(&lot, 30)));
    assert_eq!(won(&answers), 3);
    assert_eq!((person.balance(&lot), person.sessions()), (10, 3));
    assert_eq!(person.entries(&lot).len(), 4);
    adds_up(&person, &lot);
}

#[test]
fn of_fifty_requests_for_all_of_it_one_wins() {
    let person = Person::new();
    let lot = person.buy(100);
    let answers = at_once(50, |_| person.post("/api/v1/sessions", &new_session(&lot, 100)));
    assert_eq!((won(&answers), person.balance(&lot), person.sessions()), (1, 0, 1));
    adds_up(&person, &lot);
}

#[test]
fn sessions_gifts_and_counts_at_once_add_up() {
    let person = Person::new();
    let lot = person.buy(1000);
    let path = format!("/api/v1/stash/{lot}/entries");
    let answers = at_once(30, |number| match number % 3 {
        0 => person.post("/api/v1/sessions", &new_session(&lot, 60)),
        1 => person.post(&path, &json!({ "kind": "gift", "quantity_mg": 70 })),
        _ => person.post(&path, &json!({ "kind": "count", "counted_mg": 500 })),
    });
    assert!(answers.iter().all(|got| matches!(got.status, 201 | 409)));
    adds_up(&person, &lot);
}

#[test]
fn a_session_that_is_deleted_many_times_at_once_is_reversed_once() {
    let person = Person::new();
    let lot = person.buy(100);
    let path = format!("/api/v1/sessions/{}", text(&person.log(&lot, 40), "id"));
    let answers = at_once(20, |_| person.delete(&path));
    assert_eq!(answers.iter().filter(|got| got.status == 204).count(), 1);
    assert!(answers.iter().all(|got| matches!(got.status, 204 | 404)));
    assert_eq!((person.balance(&lot), person.entries(&lot).len()), (100, 3));
    adds_up(&person, &lot);
}

#[test]
fn edits_of_one_session_at_once_leave_the_stash_right() {
    let person = Person::new();
    let lot = person.buy(100);
    let path = format!("/api/v1/sessions/{}", text(&person.log(&lot, 40), "id"));
    let answers = at_once(20, |number| {
        let mg = 10 + i64::try_from(number).unwrap();
        person.patch(&path, &json!({ "items": [{ "lot_id": lot, "quantity_mg": mg }] }))
    });
    assert!(answers.iter().all(|got| matches!(got.status, 200 | 409)));
    let taken = int(&person.get(&path).is(200).data()["items"][0], "quantity_mg");
    assert_eq!(person.balance(&lot), 100 - taken);
    adds_up(&person, &lot);
}

#[test]
fn two_lots_taken_in_opposite_order_do_not_lock_each_other() {
    let person = Person::new();
    let (first, second) = (person.buy(100), person.buy(100));
    let answers = at_once(20, |number| {
        let item = |lot: &str| json!({ "lot_id": lot, "quantity_mg": 30 });
        let items =
            if number % 2 == 0 { [item(&first), item(&second)] } else { [item(&second), item(&first)] };
        person.post("/api/v1/sessions", &json!({ "method": "vape", "items": items }))
    });
    assert_eq!((won(&answers), person.balance(&first), person.balance(&second)), (3, 10, 10));
    adds_up(&person, &first);
    adds_up(&person, &second);
}

#[test]
fn one_address_signs_up_once_however_many_try_at_once() {
    let email = e2e::names::email();
    let answers = at_once(8, |_| {
        e2e::actors::Anonymous::new().post("/api/v1/auth/register", &e2e::actors::sign_up(&email))
    });
    assert_eq!(answers.iter().filter(|got| got.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|got| got.status == 409).count(), 7);
}
