//! Query strings: what is unknown, wrong or hostile is named, on every route.

use crate::authorization::{id_in, with_things};
use authorization::cast::Member;
use e2e::actors::{Admin, Caller, Person};
use e2e::fixtures::text;
use e2e::fleet::Worker;
use e2e::http::Reply;
use e2e::routes::{Route, documented};
use e2e::staff::Staffer;
use e2e::tenants::Tenant;
use serde_json::json;

/// Somebody who may ask everything of tracker, with one of everything.
struct Asker {
    person: Person,
    things: Member,
    tenant: String,
    staffer: Staffer,
}

impl Asker {
    fn new() -> Self {
        let person = Person::new();
        let things = with_things(&person);
        let tenant = Tenant::new().id;
        let staffer = Staffer::new("superadmin");
        Self { person, things, tenant, staffer }
    }

    fn ask(&self, route: &Route, query: &str) -> Reply {
        let id = match route.path.split('/').nth(3) {
            Some("tenants") => &self.tenant,
            Some("staff") => &self.staffer.id,
            Some("clients") => &self.things.client,
            Some("users") => &self.person.id,
            _ => id_in(&self.things, &route.path),
        };
        let path = format!("{}{query}", route.path_of(id));
        match route.worker {
            Worker::Admin => self.staffer.get(&path),
            _ => self.person.get(&path),
        }
    }
}

fn reads() -> Vec<Route> {
    let all = [Worker::Tracker, Worker::Admin].into_iter().flat_map(documented);
    all.filter(|route| route.is_product() && route.method == "GET").collect()
}

#[test]
fn an_unknown_parameter_is_named_on_every_route() {
    let asker = Asker::new();
    let complaints: Vec<String> = reads()
        .iter()
        .map(|route| (route, asker.ask(route, "?colour=red")))
        .filter(|(_, got)| got.status != 400 || got.fields() != ["colour"])
        .map(|(route, got)| format!("{} → {}", route.name(), got.status))
        .collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn an_unknown_parameter_is_named_on_routes_that_change_something() {
    let person = Person::new();
    let lot = person.buy(1000);
    let session = text(&person.log(&lot, 10), "id");
    let calls = [
        person.call("POST", "/api/v1/stash?colour=red").json(&e2e::fixtures::new_lot(5)),
        person.call("POST", "/api/v1/sessions?colour=red").json(&e2e::fixtures::new_session(&lot, 5)),
        person
            .call("PATCH", &format!("/api/v1/sessions/{session}?colour=red"))
            .json(&json!({ "notes": "x" })),
        person.call("DELETE", &format!("/api/v1/sessions/{session}?colour=red")),
        person.call("PATCH", "/api/v1/me?colour=red").json(&json!({ "display_name": "x" })),
        person.call("POST", "/api/v1/strains?colour=red").json(&json!({ "name": e2e::names::unique("Red") })),
        person
            .call("POST", &format!("/api/v1/stash/{lot}/entries?colour=red"))
            .json(&json!({ "kind": "gift", "quantity_mg": 1 })),
        Admin::new()
            .call("POST", "/api/v1/strains/import?colour=red")
            .json(&json!({ "source": "e2e", "rows": [] })),
    ];
    let answers: Vec<Reply> = calls.into_iter().map(e2e::http::Call::send).collect();
    let accepted: Vec<String> =
        answers.iter().filter(|got| got.status != 400).map(Reply::to_string).collect();
    assert!(accepted.is_empty(), "{accepted:#?}");
}

#[test]
fn hostile_query_strings_break_nothing() {
    let asker = Asker::new();
    let long = format!("?q={}", "x".repeat(6000));
    let queries = [
        "?",
        "?&&&",
        "?=",
        "?=x",
        "?page",
        "?page=",
        "?page=1&page=2",
        "?%zz=1",
        "?q=%",
        "?q=%ff%fe",
        "?q=%00",
        "?q=%27%3B%20DROP%20TABLE%20strains%3B--",
        "?q=%22%22%22",
        "?q=*",
        "?q=%25",
        "?q=_",
        "?q=(((",
        "?q=NEAR(a%20b)",
        "?page=99999999999999999999",
        "?page=-1",
        "?page=1e3",
        "?page=%F0%9F%92%A9",
        "?limit=1.0",
        "?q[]=a",
        "?q=a&q=b",
        "?as_of=%00",
        "?from=NaN",
        "?min_thc=-1&max_thc=NaN",
        &long,
    ];
    e2e::wait::each(&reads(), |route| {
        for query in queries {
            let got = asker.ask(route, query);
            assert!(matches!(got.status, 200 | 400 | 414), "{got}");
            assert!(got.status == 200 || !got.code().is_empty(), "{got}");
        }
    });
}

#[test]
fn every_wrong_parameter_is_named_at_once() {
    let person = Person::new();
    for (path, fields) in [
        ("/api/v1/strains?type=wild&min_thc=x&colour=red", vec!["type", "min_thc", "colour"]),
        ("/api/v1/strains?min_thc=-1&max_thc=10001", vec!["min_thc", "max_thc"]),
        ("/api/v1/strains?sort=colour", vec!["sort"]),
        ("/api/v1/sessions?from=yesterday&to=tomorrow&method=fly", vec!["from", "to", "method"]),
        ("/api/v1/sessions?strain_id=1", vec!["strain_id"]),
        ("/api/v1/stash?as_of=yesterday&page=0", vec!["as_of"]),
        ("/api/v1/stash?page=0&limit=101", vec!["page", "limit"]),
    ] {
        let got = person.get(path).refused(400, "bad_request");
        for field in fields {
            assert!(got.fields().iter().any(|named| named == field), "{field}: {got}");
        }
    }
}
