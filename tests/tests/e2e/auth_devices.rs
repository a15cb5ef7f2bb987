//! `/api/v1/auth/devices`

use e2e::actors::{Caller, Person};
use e2e::names;

const PATH: &str = "/api/v1/auth/devices";

#[test]
fn every_signed_in_device_is_listed_and_the_current_one_marked() {
    let first = Person::new();
    let second = first.log_in();
    let rows = second.get(PATH).is(200).rows();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows.iter().filter(|device| device["current"] == true).count(), 1);
    assert_ne!(first.device(), second.device());
    for device in &rows {
        assert!(device["created_at"].is_string() && device["last_seen_at"].is_string(), "{device}");
        assert!(device["user_agent"].as_str().unwrap().contains("sesh-e2e"), "{device}");
    }
}

#[test]
fn the_next_call_of_a_removed_device_is_401() {
    let first = Person::new();
    let second = first.log_in();
    first.delete(&format!("{PATH}/{}", second.device())).is(204);
    second.get("/api/v1/me").refused(401, "unauthorized");
    second.try_refresh().refused(401, "unauthorized");
    assert!(first.counts());
    assert_eq!(first.get(PATH).is(200).rows().len(), 1);
}

#[test]
fn all_other_devices_are_signed_out_at_once() {
    let first = Person::new();
    let others = [first.log_in(), first.log_in(), first.log_in()];
    first.delete(PATH).is(204);
    for other in &others {
        assert!(!other.counts());
        other.try_refresh().refused(401, "unauthorized");
    }
    assert!(first.counts());
    first.refreshed();
}

#[test]
fn a_device_of_somebody_else_or_of_nobody_is_not_found() {
    let (person, other) = (Person::new(), Person::new());
    for id in [other.device(), names::nobodys_id(), "1".into()] {
        person.delete(&format!("{PATH}/{id}")).refused(404, "not_found");
    }
    assert!(other.counts());
}

#[test]
fn devices_come_in_pages() {
    let person = Person::new();
    person.log_in();
    person.log_in();
    let page = person.get(&format!("{PATH}?page=2&limit=2")).is(200);
    assert_eq!((page.rows().len(), page.meta()), (1, [2, 2, 3]));
    person.get(&format!("{PATH}?limit=0")).refused(400, "bad_request").names("limit");
}
