//! Conditional requests (RFC 9110, section 13).

use crate::authorization::{id_in, with_things};
use e2e::actors::{Admin, Anonymous, Caller, Person};
use e2e::fixtures::text;
use e2e::fleet::{WORKERS, Worker};
use e2e::routes::documented;
use serde_json::json;

#[test]
fn what_has_not_changed_is_304_on_every_read() {
    let person = Person::new();
    let things = with_things(&person);
    let reads = documented(Worker::Tracker);
    let reads = reads.iter().filter(|route| route.is_product() && route.method == "GET");
    // What somebody takes along says when it was made.
    for route in reads.filter(|route| !route.path.starts_with("/api/v1/diary/")) {
        let path = route.path_of(id_in(&things, &route.path));
        let first = person.get(&path).is(200);
        let tag = first.header("etag").unwrap_or_else(|| panic!("no ETag: {first}"));
        for header in [tag.to_owned(), format!("\"other\", {tag}"), format!("W/{tag}"), "*".into()] {
            let again = person.call("GET", &path).header("if-none-match", &header).send().is(304);
            assert!(again.body.is_empty() && again.header("etag") == Some(tag), "{again}");
            assert!(again.header("x-request-id").is_some(), "{again}");
        }
        person.call("GET", &path).header("if-none-match", "\"other\"").send().is(200);
    }
}

#[test]
fn what_has_changed_has_another_tag() {
    let person = Person::new();
    let lot = person.buy(100);
    let tag = |path: &str| person.get(path).is(200).header("etag").unwrap().to_owned();
    let paths = [
        "/api/v1/stash".to_owned(),
        format!("/api/v1/stash/{lot}"),
        "/api/v1/sessions".into(),
        "/api/v1/dashboard".into(),
    ];
    let before = paths.clone().map(|path| tag(&path));
    person.log(&lot, 1);
    let after = paths.map(|path| tag(&path));
    assert!(before.iter().zip(&after).all(|(before, after)| before != after), "{before:?} {after:?}");
}

#[test]
fn documents_are_304_as_well() {
    for worker in WORKERS {
        for path in ["/api/openapi.json", "/docs"] {
            let anyone = Anonymous::at(worker);
            let tag = anyone.get(path).is(200).header("etag").unwrap().to_owned();
            anyone.call("GET", path).header("if-none-match", &tag).send().is(304);
        }
    }
    let users = Admin::new().get("/api/v1/audit?action=no.such.action").is(200);
    let tag = users.header("etag").unwrap();
    Admin::new()
        .call("GET", "/api/v1/audit?action=no.such.action")
        .header("if-none-match", tag)
        .send()
        .is(304);
}

#[test]
fn an_edit_of_something_that_changed_meanwhile_is_412() {
    let person = Person::new();
    let lot = person.buy(100);
    let path = format!("/api/v1/sessions/{}", text(&person.log(&lot, 10), "id"));
    let tag = |path: &str| person.get(path).is(200).header("etag").unwrap().to_owned();
    let edit =
        |path: &str, tag: &str, body| person.call("PATCH", path).header("if-match", tag).json(&body).send();

    let old = tag(&path);
    let edited = edit(&path, &old, json!({ "notes": "first" })).is(200);
    assert_eq!(edited.header("etag"), Some(tag(&path).as_str()), "an edit tells the new tag");
    edit(&path, &old, json!({ "notes": "second" })).refused(412, "precondition_failed");
    edit(&path, "\"never\"", json!({ "notes": "second" })).refused(412, "precondition_failed");
    assert_eq!(person.get(&path).is(200).data()["notes"], "first");
    person.call("DELETE", &path).header("if-match", &old).send().refused(412, "precondition_failed");
    edit(&path, "*", json!({ "notes": "third" })).is(200);
    person.call("DELETE", &path).header("if-match", tag(&path)).send().is(204);

    let old = tag("/api/v1/me");
    edit("/api/v1/me", &old, json!({ "display_name": "First" })).is(200);
    edit("/api/v1/me", &old, json!({ "display_name": "Second" })).refused(412, "precondition_failed");
    assert_eq!(person.get("/api/v1/me").is(200).data()["display_name"], "First");
}

#[test]
fn of_ten_edits_of_one_version_one_takes_effect() {
    let person = Person::new();
    let lot = person.buy(100);
    let path = format!("/api/v1/sessions/{}", text(&person.log(&lot, 10), "id"));
    let tag = person.get(&path).is(200).header("etag").unwrap().to_owned();
    let statuses = e2e::wait::at_once(10, |number| {
        let call = person.call("PATCH", &path).header("if-match", &tag);
        call.json(&json!({ "notes": format!("{number}") })).send().status
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 9, "{statuses:?}");
}
