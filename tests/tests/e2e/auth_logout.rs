//! `POST /api/v1/auth/logout`

use e2e::actors::{Caller, Person};
use e2e::wait::at_once;
use serde_json::json;

const PATH: &str = "/api/v1/auth/logout";

#[test]
fn the_next_call_after_log_out_is_401() {
    let person = Person::new();
    person.call("POST", PATH).send().is(204);
    person.get("/api/v1/me").refused(401, "unauthorized");
    person.get("/api/v1/stash").refused(401, "unauthorized");
    person.post("/api/v1/stash", &e2e::fixtures::new_lot(100)).refused(401, "unauthorized");
    person.try_refresh().refused(401, "unauthorized");
}

#[test]
fn a_refresh_token_alone_signs_out_its_device() {
    let person = Person::new();
    person.anonymous().post(PATH, &json!({ "refresh_token": person.refresh })).is(204);
    assert!(!person.counts());
    person.try_refresh().is(401);
}

#[test]
fn other_devices_stay_signed_in() {
    let person = Person::new();
    let elsewhere = person.log_in();
    person.call("POST", PATH).send().is(204);
    assert!(elsewhere.counts());
    elsewhere.refreshed();
}

#[test]
fn signing_out_twice_does_no_harm() {
    let person = Person::new();
    person.call("POST", PATH).send().is(204);
    let got = person.call("POST", PATH).send();
    assert!(matches!(got.status, 204 | 401), "{got}");
    person.anonymous().call("POST", PATH).send().refused(401, "unauthorized");
    person.anonymous().post(PATH, &json!({ "refresh_token": "forged" })).refused(401, "unauthorized");
}

#[test]
fn no_token_given_out_in_a_race_with_log_out_survives_it() {
    let person = Person::new();
    let got = at_once(12, |number| {
        if number == 5 { person.call("POST", PATH).send().is(204) } else { person.try_refresh() }
    });
    let survivors = got.iter().filter(|got| got.status == 200).filter(|got| {
        let data = got.data();
        let access = data["access_token"].as_str().unwrap().to_owned();
        let refresh = data["refresh_token"].as_str().unwrap().to_owned();
        let heir = Person { access, refresh, ..person.clone() };
        heir.counts() || heir.try_refresh().status == 200
    });
    assert_eq!(survivors.count(), 0);
    assert!(got.iter().all(|got| matches!(got.status, 200 | 204 | 401)));
}
