//! The committed `OpenAPI` documents: which routes there are, whom they say they are for, and what they answer.

use crate::routes::{Route, Who};
use serde_json::Value;
use std::path::Path;

/// The Workers that have a document.
pub const WORKERS: [&str; 4] = ["tracker", "observer", "admin", "live"];

/// The folder of the repository.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The document of a Worker.
pub fn document(worker: &str) -> Value {
    let path = root().join("workers").join(worker).join("openapi.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Verb and path of each route of a document.
pub fn names(document: &Value) -> Vec<String> {
    let paths = document["paths"].as_object().unwrap();
    let verbs = |item: &Value| item.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    paths
        .iter()
        .flat_map(|(path, item)| {
            verbs(item).into_iter().map(move |verb| format!("{} {path}", verb.to_uppercase()))
        })
        .collect()
}

/// What a document says of a route.
pub fn operation<'d>(document: &'d Value, route: &Route) -> &'d Value {
    &document["paths"][route.path][route.verb.to_lowercase()]
}

/// The one status of success.
pub fn success(operation: &Value) -> u16 {
    let answers = operation["responses"].as_object().unwrap().keys();
    let good: Vec<u16> = answers
        .filter_map(|status| status.parse().ok())
        .filter(|status| (200..300).contains(status))
        .collect();
    assert_eq!(good.len(), 1, "one status of success is documented: {operation}");
    good[0]
}

/// The security requirements that stand for whom a route is for.
pub fn security(who: Who) -> Vec<&'static str> {
    match who {
        Who::Person | Who::Alone | Who::Bearer | Who::Informed | Who::Insider => vec!["person"],
        Who::User | Who::UserAlone | Who::Steward => vec!["person", "api_key"],
        Who::Leaver => vec!["person", ""],
        Who::Operator(_) => vec!["admin_key", "staff"],
        Who::Staffer(_) | Who::StaffLeaver => vec!["staff"],
        _ => vec![],
    }
}

/// The security requirements that a document states: the names of its schemes, nothing for the empty one.
pub fn stated(operation: &Value) -> Vec<String> {
    let needs = operation["security"].as_array().cloned().unwrap_or_default();
    let name = |need: &Value| need.as_object().unwrap().keys().next().cloned().unwrap_or_default();
    needs.iter().map(name).collect()
}
