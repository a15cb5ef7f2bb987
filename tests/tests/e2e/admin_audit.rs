//! `/api/v1/audit` of admin

use crate::mutations;
use e2e::actors::{Admin, Anonymous, CLIENT_ADDRESS, Caller, PASSWORD, Person, sign_up};
use e2e::control::cron;
use e2e::fixtures::{int, text};
use e2e::fleet::Worker;
use e2e::names;
use e2e::wait::eventually;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/audit";

fn entries(query: &str) -> Vec<Value> {
    Admin::new().get(&format!("{PATH}?limit=100&{query}")).is(200).rows()
}

fn actions(query: &str) -> Vec<String> {
    entries(query).iter().rev().map(|entry| text(entry, "action")).collect()
}

/// Verifies the whole log, part by part; whether it holds, and how many entries it has.
fn verify() -> (bool, i64) {
    let (mut after, mut seen) = (0, 0);
    loop {
        let part = Admin::new().get(&format!("{PATH}/verify?after={after}")).is(200).data();
        seen += int(&part, "entries");
        let sound = part["valid"] == true && part["problems"].as_array().unwrap().is_empty();
        if !sound || part["more"] == false {
            return (sound, seen);
        }
        after = int(&part, "through");
    }
}

#[test]
fn every_security_event_leaves_a_row_that_names_it() {
    let (admin, person) = (Admin::new(), Person::new());
    let device = person.device();
    person.patch("/api/v1/me", &json!({ "display_name": "Ada" })).is(200);
    let second = person.log_in();
    person
        .anonymous()
        .post("/api/v1/auth/login", &json!({ "email": person.email, "password": "a wrong guess" }))
        .is(401);
    admin.suspend(&person);
    admin.reinstate(&person);
    let about = actions(&format!("entity=person:{}", person.id));
    for action in [
        "person.registered",
        "person.edited",
        "login.succeeded",
        "login.failed",
        "person.suspended",
        "person.reinstated",
    ] {
        assert_eq!(about.iter().filter(|known| *known == action).count(), 1, "{action} in {about:?}");
    }
    let third = second.log_in();
    third.call("POST", "/api/v1/auth/logout").send().is(204);
    let by = actions(&format!("actor=person:{}", person.id));
    assert!(by.iter().any(|action| action == "device.signed_out"), "{by:?}");
    assert!(
        actions(&format!("entity=device:{device}")).iter().all(|action| action.starts_with("device")),
        "{device}"
    );
}

#[test]
fn a_replayed_refresh_token_is_on_record() {
    let person = Person::new();
    let device = person.device();
    person.refreshed().refreshed();
    person.try_refresh().is(401);
    assert_eq!(actions(&format!("entity=device:{device}")), ["refresh.replayed"]);
}

#[test]
fn a_row_names_actor_entity_and_the_request_that_did_it() {
    let anyone = Anonymous::new();
    let got = anyone.post("/api/v1/auth/register", &sign_up(&names::email())).is(201);
    let person = text(&got.data()["user"], "id");
    let entry = entries(&format!("entity=person:{person}")).remove(0);
    assert_eq!(
        (text(&entry, "action"), text(&entry, "actor")),
        ("person.registered".into(), format!("person:{person}"))
    );
    assert_eq!(
        Some(entry["request_id"].as_str().unwrap()),
        got.header("x-request-id"),
        "one id through the fleet"
    );

    let path = format!("/api/v1/users/{person}/suspend");
    let got = Admin::new().post(&path, &json!({ "reason": "a reason of its own" })).is(200);
    let entry = entries(&format!("entity=person:{person}&action=person.suspended")).remove(0);
    assert_eq!(entry["actor"], "key:dev");
    assert_eq!(Some(entry["request_id"].as_str().unwrap()), got.header("x-request-id"));
    assert!(text(&entry, "detail").contains("a reason of its own"), "{entry}");
}

#[test]
fn no_row_holds_an_address_a_password_or_a_token() {
    let person = Person::new();
    person
        .anonymous()
        .post("/api/v1/auth/login", &json!({ "email": names::email(), "password": "unknown account" }))
        .is(401);
    person
        .anonymous()
        .post("/api/v1/auth/login", &json!({ "email": person.email, "password": "wrong for it" }))
        .is(401);
    let log = Admin::new().get(&format!("{PATH}?limit=100")).is(200).text();
    for secret in [
        &person.email,
        "e2e.example.com",
        PASSWORD,
        "unknown account",
        "wrong for it",
        &person.refresh,
        &person.access,
    ] {
        assert!(!log.contains(secret), "{secret}");
    }
}

#[test]
fn the_chain_is_sealed_within_seconds_and_verifies() {
    let person = Person::new();
    let query = format!("entity=person:{}", person.id);
    let hash = eventually("a sealed entry", || entries(&query)[0]["hash"].as_str().map(str::to_owned));
    assert!(hash.len() >= 43, "{hash}");
    let (sound, seen) = verify();
    assert!(sound && seen > 0, "{seen} entries");
}

#[test]
fn the_cron_trigger_leaves_a_chain_that_verifies() {
    assert!(cron(Worker::Observer).iter().all(|outcome| outcome == "ok"));
    let part = Admin::new().get(&format!("{PATH}/verify")).is(200).data();
    assert!(int(&part, "checkpoints") >= 1 && int(&part, "sealed") >= 1, "{part}");
    assert!(verify().0);
}

#[test]
fn filters_let_through_only_what_they_say_newest_first() {
    let person = Person::new();
    person.log_in();
    let first =
        text(&entries(&format!("entity=person:{}&action=person.registered", person.id))[0], "recorded_at");
    let all = entries(&format!("actor=person:{}", person.id));
    assert!(all.len() >= 2 && all.iter().rev().is_sorted_by_key(|entry| int(entry, "seq")), "{all:?}");
    assert!(entries("action=login.succeeded").iter().all(|entry| entry["action"] == "login.succeeded"));
    let before = entries(&format!("entity=person:{}&to={first}", person.id));
    let since = entries(&format!("entity=person:{}&from={first}", person.id));
    assert_eq!((before.len(), since.len()), (0, 2));
    assert!(entries("action=no.such.action").is_empty());
    Admin::new().get(&format!("{PATH}?from=yesterday")).refused(400, "bad_request").names("from");
}

#[test]
fn numbers_have_no_gap() {
    for _ in 0..3 {
        Person::new();
    }
    let seqs: Vec<i64> = entries("").iter().map(|entry| int(entry, "seq")).collect();
    assert!(seqs.windows(2).all(|pair| pair[0] == pair[1] + 1), "{seqs:?}");
}

#[test]
fn what_was_refused_leaves_no_row_of_success() {
    let mutation = mutations::suspend();
    let before = Admin::new().get(&format!("{PATH}?action=person.suspended")).is(200).meta()[2];
    mutation.call.clone().header(CLIENT_ADDRESS, "203.0.113.9").json(&mutation.good).send().is(403);
    mutation.call.clone().json(&json!({ "reason": "" })).send().is(422);
    let person = mutations::suspend();
    person.call.json(&person.good).send().is(200);
    let after = Admin::new().get(&format!("{PATH}?action=person.suspended")).is(200).meta()[2];
    assert!(after > before);
    assert_eq!((mutation.written)()[0]["status"], "active");
}
