//! `/api/v1/me`

use e2e::actors::{Caller, Person};
use e2e::names;
use e2e::wait::eventually;
use serde_json::json;

const PATH: &str = "/api/v1/me";

#[test]
fn a_person_sees_themselves() {
    let person = Person::new();
    let me = person.get(PATH).is(200).data();
    assert_eq!((&me["id"], &me["email"]), (&json!(person.id), &json!(person.email)));
    assert_eq!((&me["display_name"], &me["time_zone"]), (&json!("Tester"), &json!("UTC")));
}

#[test]
fn an_edit_is_seen_by_the_very_next_read_on_every_device() {
    let person = Person::new();
    let elsewhere = person.log_in();
    for number in 0..5 {
        let name = format!("Name {number}");
        let edited = person.patch(PATH, &json!({ "display_name": name })).is(200).data();
        assert_eq!(edited["display_name"], name);
        for device in [&person, &elsewhere] {
            assert_eq!(device.get(PATH).is(200).data(), edited);
        }
    }
}

#[test]
fn what_is_left_out_of_an_edit_stays() {
    let person = Person::new();
    person.patch(PATH, &json!({ "time_zone": "America/Los_Angeles" })).is(200);
    let me = person.patch(PATH, &json!({ "display_name": "Ada" })).is(200).data();
    assert_eq!((&me["display_name"], &me["time_zone"]), (&json!("Ada"), &json!("America/Los_Angeles")));
    assert_eq!(person.patch(PATH, &json!({})).is(200).data()["display_name"], "Ada");
    let later = person.log_in().get(PATH).is(200).data();
    assert_eq!((&later["display_name"], &later["time_zone"]), (&json!("Ada"), &json!("America/Los_Angeles")));
}

#[test]
fn a_zone_that_does_not_exist_is_refused() {
    let person = Person::new();
    for zone in ["Mars/Phobos", "Europe/Atlantis", "", "utc", "../../etc/passwd", "+02:00"] {
        person.patch(PATH, &json!({ "time_zone": zone })).refused(422, "unprocessable").names("time_zone");
    }
    assert_eq!(person.get(PATH).is(200).data()["time_zone"], "UTC");
}

#[test]
fn an_address_cannot_be_changed_by_an_edit() {
    let person = Person::new();
    let body = json!({ "email": names::email() });
    person.patch(PATH, &body).refused(400, "bad_request").names("email");
    assert_eq!(person.get(PATH).is(200).data()["email"], person.email);
}

#[test]
fn the_dashboard_counts_days_in_the_persons_zone() {
    let person = Person::new();
    person.patch(PATH, &json!({ "time_zone": "Asia/Tokyo" })).is(200);
    eventually("the dashboard's zone", || {
        let zone = person.get("/api/v1/dashboard").is(200).data()["time_zone"].clone();
        (zone == "Asia/Tokyo").then_some(())
    });
}
