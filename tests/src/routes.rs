//! The routes that a Worker's own document tells of: a route that is new is looked at by every test that walks them.

use crate::actors::{Anonymous, Caller};
use crate::fleet::Worker;
use serde_json::Value;

/// A documented route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// Whose.
    pub worker: Worker,
    /// In capitals.
    pub method: String,
    /// With `{id}` where an id goes.
    pub path: String,
}

impl Route {
    /// As tables name it: `GET /api/v1/me`.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The path with this id in it.
    pub fn path_of(&self, id: &str) -> String {
        self.path.replace("{id}", id).replace("{provider}", "nobody")
    }

    /// Whether it changes something.
    pub fn is_mutation(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }

    /// Whether it is one of the product's own, and not health, the document or its page.
    pub fn is_product(&self) -> bool {
        self.path.starts_with("/api/v1/")
    }
}

/// A Worker's document.
#[track_caller]
pub fn document(worker: Worker) -> Value {
    Anonymous::at(worker).get("/api/openapi.json").is(200).json()
}

/// All routes of a Worker's document.
#[track_caller]
pub fn documented(worker: Worker) -> Vec<Route> {
    let document = document(worker);
    let paths = document["paths"].as_object().unwrap_or_else(|| panic!("{} has no paths", worker.name()));
    let methods = |item: &Value| -> Vec<String> {
        let verbs = item.as_object().unwrap().keys();
        verbs.filter(|verb| VERBS.contains(&verb.as_str())).map(|verb| verb.to_uppercase()).collect()
    };
    let routes = paths.iter().flat_map(|(path, item)| {
        methods(item).into_iter().map(|method| Route { worker, method, path: path.clone() })
    });
    let routes: Vec<Route> = routes.collect();
    assert!(!routes.is_empty(), "{} documents no route", worker.name());
    routes
}

const VERBS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
