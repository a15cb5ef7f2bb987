//! Lists: pages do not overlap, leave nothing out, and the totals are right.

use e2e::actors::{Admin, Caller, Person};
use e2e::fixtures::text;
use e2e::fleet::Worker;
use e2e::names;
use e2e::routes::documented;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn joined(path: &str, query: &str) -> String {
    format!("{path}{}{query}", if path.contains('?') { '&' } else { '?' })
}

/// Walks a list of `total` rows in pages of two.
fn walk(caller: &dyn Caller, path: &str, total: u64) {
    let mut seen: Vec<Value> = Vec::new();
    for page in 1..=total.div_ceil(2) {
        let got = caller.get(&joined(path, &format!("page={page}&limit=2"))).is(200);
        assert_eq!(got.meta(), [page, 2, total], "{got}");
        let expected = if page * 2 <= total { 2 } else { 1 };
        assert_eq!(got.rows().len(), expected, "{got}");
        seen.extend(got.rows());
    }
    let distinct: BTreeSet<String> = seen.iter().map(Value::to_string).collect();
    assert_eq!((distinct.len() as u64, seen.len() as u64), (total, total), "{path}");
    let whole = caller.get(&joined(path, "limit=100")).is(200);
    assert_eq!((whole.rows(), whole.meta()), (seen, [1, 100, total]), "{path}");
    let beyond = caller.get(&joined(path, "page=5000&limit=2")).is(200);
    assert_eq!((beyond.rows().len(), beyond.meta()), (0, [5000, 2, total]), "{path}");
    assert_eq!(caller.get(path).is(200).meta(), [1, 20, total], "{path}");
}

#[test]
fn page_two_of_the_stash_is_right() {
    let person = Person::new();
    for mg in 1..=5 {
        person.buy(mg);
    }
    walk(&person, "/api/v1/stash", 5);
    walk(&person, "/api/v1/stash?as_of=2999-01-01T00:00:00Z", 5);
}

#[test]
fn page_two_of_a_ledger_is_right() {
    let person = Person::new();
    let lot = person.buy(1000);
    for mg in 1..=4 {
        let body = json!({ "kind": "gift", "quantity_mg": mg });
        person.post(&format!("/api/v1/stash/{lot}/entries"), &body).is(201);
    }
    walk(&person, &format!("/api/v1/stash/{lot}/entries"), 5);
}

#[test]
fn page_two_of_sessions_is_right_with_and_without_a_filter() {
    let person = Person::new();
    let lot = person.buy(1000);
    let ids: Vec<String> = (1..=6).map(|mg| text(&person.log(&lot, mg), "id")).collect();
    person.delete(&format!("/api/v1/sessions/{}", ids[2])).is(204);
    walk(&person, "/api/v1/sessions", 5);
    walk(&person, "/api/v1/sessions?method=vape", 5);
}

#[test]
fn page_two_of_strains_is_right() {
    let person = Person::new();
    let (flavor, word) = (names::unique("Flavor"), names::key().replace('-', ""));
    for number in 0..5 {
        let body = json!({ "name": format!("{word} {number}"), "flavors": [flavor] });
        person.post("/api/v1/strains", &body).is(201);
    }
    walk(&person, &format!("/api/v1/strains?flavor={}", flavor.replace(' ', "%20")), 5);
    walk(&person, &format!("/api/v1/strains?q={word}"), 5);
}

#[test]
fn page_two_of_people_and_of_the_audit_log_is_right() {
    let person = Person::new();
    for _ in 0..3 {
        person.log_in();
    }
    let entity = format!("/api/v1/audit?entity=person:{}", person.id);
    walk(&Admin::new(), &entity, 4);
    let tag = names::key().replace('-', "");
    for _ in 0..3 {
        let body = json!({ "display_name": format!("Tag {tag}") });
        Person::new().patch("/api/v1/me", &body).is(200);
    }
    walk(&Admin::new(), &format!("/api/v1/users?q={tag}"), 3);
}

#[test]
fn bounds_of_page_and_limit_are_named_on_every_list() {
    let person = Person::new();
    let lot = person.buy(1);
    let staffer = e2e::staff::Staffer::new("superadmin");
    let mut lists = 0;
    for worker in [Worker::Tracker, Worker::Admin] {
        let document = e2e::routes::document(worker);
        for route in documented(worker) {
            let parameters =
                document["paths"][&route.path][route.method.to_lowercase()]["parameters"].to_string();
            if !parameters.contains("\"limit\"") {
                continue;
            }
            lists += 1;
            let caller: &dyn Caller = if worker == Worker::Admin { &staffer } else { &person };
            for (query, field) in [
                ("page=0", "page"),
                ("page=-1", "page"),
                ("page=x", "page"),
                ("page=1.5", "page"),
                ("limit=0", "limit"),
                ("limit=101", "limit"),
                ("limit=4294967297", "limit"),
            ] {
                let path = joined(&route.path_of(&lot), query);
                caller.get(&path).refused(400, "bad_request").names(field);
            }
        }
    }
    assert!(
        lists >= 7,
        "strains, stash, entries, sessions, devices, users, audit: only {lists} take a limit"
    );
}
