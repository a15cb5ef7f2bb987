//! Whatever stands in a query string, a list answers: with rows that fit, or with the parameter named.

use crate::world::World;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use sesh_edge::native::Call;

const LISTS: [(&str, &[&str]); 8] = [
    ("/api/v1/imports", &["page", "limit"]),
    ("/api/v1/goals", &["page", "limit"]),
    ("/api/v1/breaks", &["page", "limit"]),
    ("/api/v1/presets", &["page", "limit"]),
    ("/api/v1/strains", &["q", "type", "effect", "flavor", "min_thc", "max_thc", "sort", "page", "limit"]),
    ("/api/v1/stash", &["as_of", "page", "limit"]),
    ("/api/v1/sessions", &["from", "to", "strain_id", "method", "page", "limit"]),
    ("/api/v1/auth/devices", &["page", "limit"]),
];

fn encoded(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut all, byte| {
        write!(all, "%{byte:02X}").unwrap();
        all
    })
}

/// Values that queries of SQL and of full texts would stumble over, and some that are right.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,20}",
        "[\"'*()^%_:;+ -]{0,12}",
        "(AND|OR|NOT|NEAR)( [a-z\"*]{1,5}){0,3}",
        "-?[0-9]{1,20}",
        "(hybrid|vape|name|-name|Blue Dream|mine)",
        "20[0-9]{2}-0[1-9]-[012][0-9]T0[0-9]:00:00Z",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    ]
}

#[test]
fn every_list_answers_whatever_is_asked() {
    let world = World::new(1);
    let somebody = World::somebody(1);
    for name in ["mine", "\"quoted\" OR 1", "100 % *"] {
        let body = json!({ "name": name, "thc_percent": 1000, "effects": ["calm"] });
        assert_eq!(world.call(somebody, Call::new("POST", "/api/v1/strains").json(&body)).status, 201);
    }
    let all = |path: &str| world.call(somebody, Call::new("GET", path)).json()["meta"]["total"].as_u64();
    let totals = LISTS.map(|(path, _)| all(path).unwrap_or_default());
    let asked = (0..LISTS.len(), vec((any::<prop::sample::Index>(), value()), 0..4));
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(400) });
    runner
        .run(&asked, |(list, pairs)| {
            let (path, parameters) = LISTS[list];
            let pairs: Vec<(&str, String)> = pairs
                .into_iter()
                .map(|(index, value)| (parameters[index.index(parameters.len())], value))
                .collect();
            let query: Vec<String> =
                pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
            let got = world.call(somebody, Call::new("GET", &format!("{path}?{}", query.join("&"))));
            let body = got.json();
            match got.status {
                200 => {
                    let (rows, meta) = (body["data"].as_array().unwrap().len() as u64, &body["meta"]);
                    prop_assert!(
                        rows <= meta["limit"].as_u64().unwrap() && rows <= meta["total"].as_u64().unwrap()
                    );
                    prop_assert!(
                        meta["total"].as_u64().unwrap() <= totals[list],
                        "a filter finds no more than all"
                    );
                }
                400 => {
                    let named = body["error"]["details"].as_array().cloned().unwrap_or_default();
                    let known = |issue: &Value| {
                        let field = issue["field"].as_str().unwrap();
                        field.is_empty() || pairs.iter().any(|(name, _)| *name == field)
                    };
                    prop_assert!(!named.is_empty() && named.iter().all(known), "{}", got.text);
                }
                // The people of this world never signed in at observer.
                401 => prop_assert_eq!(path, "/api/v1/auth/devices"),
                other => prop_assert!(false, "{path}?{}: {other} {}", query.join("&"), got.text),
            }
            Ok(())
        })
        .unwrap();
}
