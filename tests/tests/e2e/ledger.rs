//! What is append-only says so inside D1 itself, whoever asks.

use e2e::actors::{Caller, Person};
use e2e::control::{d1, number, rows};
use e2e::fixtures::text;
use e2e::fleet::Worker::{self, Observer, Tracker};
use serde_json::{Value, json};

#[track_caller]
fn fails(worker: Worker, sql: &str, params: &[Value]) {
    match d1(worker, sql, params) {
        Ok(rows) => panic!("{sql} was let through: {rows:?}"),
        Err(error) => assert!(error.contains("refused:"), "{sql} failed for another reason: {error}"),
    }
}

fn ledger_of(lot: &str) -> Vec<Value> {
    rows(Tracker, "SELECT * FROM stash_entries WHERE lot_id = ?1 ORDER BY seq", &[json!(lot)])
}

#[test]
fn update_and_delete_on_the_ledger_fail_inside_d1() {
    let person = Person::new();
    let lot = person.buy(1000);
    person.log(&lot, 100);
    let before = ledger_of(&lot);
    assert_eq!(before.len(), 2);
    for sql in [
        "UPDATE stash_entries SET delta_mg = delta_mg + 1 WHERE lot_id = ?1",
        "UPDATE stash_entries SET note = 'edited' WHERE lot_id = ?1",
        "UPDATE stash_entries SET recorded_at = 0 WHERE lot_id = ?1 AND seq = 2",
        "UPDATE OR IGNORE stash_entries SET seq = 9 WHERE lot_id = ?1",
        "UPDATE OR REPLACE stash_entries SET seq = 1, recorded_at = 0 WHERE lot_id = ?1",
        "DELETE FROM stash_entries WHERE lot_id = ?1",
        "DELETE FROM stash_entries WHERE lot_id = ?1 AND seq = 2 RETURNING *",
        "REPLACE INTO stash_entries SELECT tenant_id, person_id, lot_id, recorded_at, seq, kind, 1, 1, occurred_at,
           session_id, reverses_seq, counted_mg, 'forged' FROM stash_entries WHERE lot_id = ?1",
    ] {
        fails(Tracker, sql, &[json!(lot)]);
    }
    assert_eq!(ledger_of(&lot), before);
}

#[test]
fn no_entry_can_be_slipped_in_that_does_not_add_up() {
    let person = Person::new();
    let lot = person.buy(1000);
    let insert = |seq: i64, delta: i64, after: i64, at: i64| {
        let sql = "INSERT INTO stash_entries (tenant_id, person_id, lot_id, recorded_at, seq, kind, delta_mg,
             balance_after_mg, occurred_at)
           SELECT tenant_id, person_id, id, last_recorded_at + ?5, ?2, 'adjust', ?3, ?4, 0 FROM lots WHERE id = ?1";
        d1(Tracker, sql, &[json!(lot), json!(seq), json!(delta), json!(after), json!(at)])
    };
    for (seq, delta, after, at) in [
        (3, -1, 999, 1),
        (1, -1, 999, 1),
        (2, -1, 1000, 1),
        (2, 1, 999, 1),
        (2, -1001, -1, 1),
        (2, -1, 999, -1),
    ] {
        let error = insert(seq, delta, after, at).expect_err("it does not add up");
        assert!(error.contains("refused:"), "{error}");
    }
    assert_eq!((ledger_of(&lot).len(), person.balance(&lot)), (1, 1000));
}

#[test]
fn the_balance_cannot_be_written_past_the_ledger() {
    let person = Person::new();
    let lot = person.buy(1000);
    for sql in [
        "UPDATE lots SET balance_mg = 5 WHERE id = ?1",
        "UPDATE lots SET balance_mg = -5 WHERE id = ?1",
        "UPDATE lots SET last_seq = 7 WHERE id = ?1",
        "DELETE FROM lots WHERE id = ?1",
    ] {
        fails(Tracker, sql, &[json!(lot)]);
    }
    assert_eq!(person.balance(&lot), 1000);
}

#[test]
fn replacing_a_lot_does_not_empty_it() {
    let person = Person::new();
    let lot = person.buy(1000);
    let sql = "REPLACE INTO lots (tenant_id, person_id, id, strain_id, name, form, quantity_mg, acquired_at, recorded_at,
         last_recorded_at)
       SELECT tenant_id, person_id, id, strain_id, name, form, quantity_mg, acquired_at, recorded_at, last_recorded_at
       FROM lots WHERE id = ?1";
    let refused = d1(Tracker, sql, &[json!(lot)]).is_err();
    assert!(refused && person.balance(&lot) == 1000, "refused: {refused}, balance: {}", person.balance(&lot));
}

#[test]
fn update_and_delete_on_the_audit_log_fail_inside_d1() {
    let person = Person::new();
    let entity = json!(format!("person:{}", person.id));
    let count = || {
        number(Observer, "SELECT count(*) AS n FROM audit WHERE entity = ?1", std::slice::from_ref(&entity))
    };
    assert_eq!(count(), 1);
    for sql in [
        "UPDATE audit SET action = 'nothing.happened' WHERE entity = ?1",
        "UPDATE audit SET seq = seq + 1000000 WHERE entity = ?1",
        "UPDATE OR IGNORE audit SET detail = '{}' WHERE entity = ?1",
        "DELETE FROM audit WHERE entity = ?1",
        "REPLACE INTO audit SELECT seq, tenant_id, recorded_at, actor, 'forged', entity, request_id, detail
           FROM audit WHERE entity = ?1",
        "INSERT INTO audit SELECT max(a.seq) + 2, b.tenant_id, b.recorded_at, b.actor, b.action, b.entity,
           b.request_id, b.detail FROM audit a, audit b WHERE b.entity = ?1",
    ] {
        fails(Observer, sql, std::slice::from_ref(&entity));
    }
    assert_eq!(count(), 1);
}

#[test]
fn links_and_checkpoints_of_the_chain_cannot_be_changed_either() {
    Person::new();
    let sealed = || number(Observer, "SELECT count(*) AS n FROM audit_links", &[]);
    e2e::wait::eventually("a sealed entry", || (sealed() > 0).then_some(()));
    for sql in [
        "UPDATE audit_links SET hash = 'forged' WHERE seq = 1",
        "DELETE FROM audit_links WHERE seq = 1",
        "REPLACE INTO audit_links (seq, hash) VALUES (1, 'forged')",
        "INSERT INTO audit_links (seq, hash) SELECT max(seq) + 1000, 'forged' FROM audit_links",
    ] {
        fails(Observer, sql, &[]);
    }
    let first = rows(Observer, "SELECT hash FROM audit_links WHERE seq = 1", &[]);
    assert_ne!(first[0]["hash"], "forged");
}

#[test]
fn a_dead_device_cannot_be_brought_to_life() {
    let person = Person::new();
    let device = json!(person.device());
    person.call("POST", "/api/v1/auth/logout").send().is(204);
    fails(Observer, "UPDATE devices SET revoked_at = NULL WHERE id = ?1", std::slice::from_ref(&device));
    fails(
        Observer,
        "UPDATE devices SET generation = generation + 1 WHERE id = ?1",
        std::slice::from_ref(&device),
    );
    let id = json!(person.id);
    fails(Observer, "UPDATE people SET epoch = epoch - 1 WHERE id = ?1", &[id]);
}

#[test]
fn a_deleted_session_stays_in_the_database_and_is_never_removed() {
    let person = Person::new();
    let lot = person.buy(10);
    let session = json!(text(&person.log(&lot, 5), "id"));
    person.delete(&format!("/api/v1/sessions/{}", session.as_str().unwrap())).is(204);
    fails(Tracker, "DELETE FROM sessions WHERE id = ?1", std::slice::from_ref(&session));
    assert_eq!(number(Tracker, "SELECT count(*) AS n FROM sessions WHERE id = ?1", &[session]), 1);
}
