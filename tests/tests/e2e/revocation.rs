//! What is revoked is dead for the very next call, whatever the session cache says.

use e2e::actors::{Admin, Caller, Person};
use e2e::control::{kv, put_kv};
use e2e::fixtures::new_lot;
use e2e::fleet::Worker::Tracker;
use e2e::wait::{at_once, eventually};

/// What the session cache holds of a device, once it holds something.
fn cached(device: &str) -> String {
    eventually("the session in KV", || kv(Tracker, "SESSIONS", &format!("device:{device}")))
}

/// Puts it back, as a cache that is late would still hold it.
fn cache_is_late(device: &str, session: &str) {
    put_kv(Tracker, "SESSIONS", &format!("device:{device}"), session);
    assert_eq!(kv(Tracker, "SESSIONS", &format!("device:{device}")).as_deref(), Some(session));
}

/// Every call with the old tokens is 401, and nothing is written.
#[track_caller]
fn is_dead(person: &Person) {
    for path in [
        "/api/v1/me",
        "/api/v1/stash",
        "/api/v1/strains",
        "/api/v1/sessions",
        "/api/v1/dashboard",
        "/api/v1/auth/devices",
    ] {
        person.get(path).refused(401, "unauthorized");
    }
    person.post("/api/v1/stash", &new_lot(5)).refused(401, "unauthorized");
    person.patch("/api/v1/me", &serde_json::json!({ "display_name": "Ghost" })).refused(401, "unauthorized");
    person.delete("/api/v1/auth/devices").refused(401, "unauthorized");
    person.try_refresh().refused(401, "unauthorized");
}

#[test]
fn after_log_out_the_next_call_is_401_with_kv_still_holding_the_session() {
    let person = Person::new();
    let device = person.device();
    let session = cached(&device);
    person.call("POST", "/api/v1/auth/logout").send().is(204);
    person.get("/api/v1/me").refused(401, "unauthorized");
    cache_is_late(&device, &session);
    is_dead(&person);
}

#[test]
fn after_device_removal_the_next_call_is_401_with_kv_still_holding_the_session() {
    let person = Person::new();
    let lost = person.log_in();
    let device = lost.device();
    let session = cached(&device);
    person.delete(&format!("/api/v1/auth/devices/{device}")).is(204);
    lost.get("/api/v1/me").refused(401, "unauthorized");
    cache_is_late(&device, &session);
    is_dead(&lost);
    assert!(person.counts());
}

#[test]
fn after_suspension_the_next_call_is_401_with_kv_still_holding_the_session() {
    let person = Person::new();
    let device = person.device();
    let session = cached(&device);
    Admin::new().suspend(&person);
    person.get("/api/v1/me").refused(401, "unauthorized");
    cache_is_late(&device, &session);
    is_dead(&person);
}

#[test]
fn a_suspension_ends_every_device() {
    let person = Person::new();
    let devices = [person.clone(), person.log_in(), person.log_in()];
    Admin::new().suspend(&person);
    for device in &devices {
        is_dead(device);
    }
    person.try_log_in().refused(401, "invalid_credentials");
}

#[test]
fn a_reinstated_person_can_sign_in_again_and_old_tokens_stay_dead() {
    let person = Person::new();
    let lot = person.buy(100);
    Admin::new().suspend(&person);
    Admin::new().reinstate(&person);
    is_dead(&person);
    let back = person.log_in();
    assert!(back.counts());
    assert_eq!(back.balance(&lot), 100, "with all that is theirs");
    back.refreshed();
    Admin::new().suspend(&person);
    is_dead(&back);
}

#[test]
fn no_sign_in_that_races_with_a_suspension_survives_it() {
    let person = Person::new();
    let answers =
        at_once(9, |number| if number == 4 { Admin::new().suspend(&person) } else { person.try_log_in() });
    let signed_in = answers.iter().enumerate().filter(|(number, got)| *number != 4 && got.status == 200);
    for (_, got) in signed_in {
        let data = got.data();
        let text = |name: &str| data[name].as_str().unwrap().to_owned();
        is_dead(&Person { access: text("access_token"), refresh: text("refresh_token"), ..person.clone() });
    }
    assert!(!person.counts());
    assert!(answers.iter().all(|got| matches!(got.status, 200 | 401)));
}

#[test]
fn the_cache_cannot_bring_anybody_to_life() {
    let (person, other) = (Person::new(), Person::new());
    let (device, session) = (person.device(), cached(&other.device()));
    put_kv(Tracker, "SESSIONS", &format!("device:{device}"), &session);
    let me = person.get("/api/v1/me").is(200).data();
    assert_eq!(me["id"], person.id.as_str(), "a wrong entry is not believed");
    for broken in ["", "{", "null", "{\"user\":{}}"] {
        put_kv(Tracker, "SESSIONS", &format!("device:{device}"), broken);
        assert_eq!(person.get("/api/v1/me").is(200).data()["id"], person.id.as_str(), "{broken}");
    }
}
