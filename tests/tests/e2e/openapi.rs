//! `/api/openapi.json` and `/docs` of every Worker.

use e2e::actors::{Anonymous, Caller};
use e2e::fleet::{WORKERS, Worker};
use e2e::names;
use e2e::routes::{document, documented};
use serde_json::Value;
use std::collections::BTreeSet;

/// The paths of the contract.
const TRACKER: [&str; 22] = [
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/auth/logout",
    "GET /api/v1/auth/devices",
    "DELETE /api/v1/auth/devices/{id}",
    "DELETE /api/v1/auth/devices",
    "GET /api/v1/me",
    "PATCH /api/v1/me",
    "GET /api/v1/strains",
    "GET /api/v1/strains/{id}",
    "POST /api/v1/strains",
    "POST /api/v1/stash",
    "GET /api/v1/stash",
    "GET /api/v1/stash/{id}",
    "GET /api/v1/stash/{id}/entries",
    "POST /api/v1/stash/{id}/entries",
    "POST /api/v1/sessions",
    "GET /api/v1/sessions",
    "GET /api/v1/sessions/{id}",
    "PATCH /api/v1/sessions/{id}",
    "DELETE /api/v1/sessions/{id}",
];
const ADMIN: [&str; 10] = [
    "GET /api/v1/users",
    "GET /api/v1/users/{id}",
    "POST /api/v1/users/{id}/suspend",
    "POST /api/v1/users/{id}/reinstate",
    "GET /api/v1/audit",
    "GET /api/v1/audit/verify",
    "GET /api/v1/audit/packet",
    "GET /api/v1/analytics/overview",
    "GET /api/v1/health",
    "POST /api/v1/strains/import",
];
/// Where nobody shows who they are.
pub(crate) const FOR_ANYONE: [&str; 19] = [
    "/api/v1/staff/enrol",
    "/api/v1/staff/login",
    "/api/v1/staff/login/factor",
    "/api/v1/staff/login/generator",
    "/api/v1/staff/refresh",
    "/api/v1/auth/providers",
    "/api/v1/auth/providers/{provider}/begin",
    "/api/v1/auth/providers/{provider}/complete",
    "/api/v1/auth/providers/{provider}/register",
    "/api/v1/auth/login/factor",
    "/api/v1/auth/passkey",
    "/api/v1/auth/passkey/options",
    "/api/v1/auth/register",
    "/api/v1/auth/register/begin",
    "/api/v1/auth/register/confirm",
    "/api/v1/auth/login",
    "/api/v1/auth/recovery",
    "/api/v1/auth/recovery/complete",
    "/api/v1/auth/email/verify",
];
const EVERYWHERE: [&str; 3] = ["GET /api/health", "GET /api/openapi.json", "GET /docs"];

#[test]
fn every_worker_serves_an_openapi_3_1_document_and_a_page() {
    for worker in WORKERS {
        let document = document(worker);
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", worker.name());
        assert!(document["info"]["title"].is_string() && document["info"]["version"].is_string());
        let page = Anonymous::at(worker).get("/docs").is(200);
        assert!(page.header("content-type").unwrap().starts_with("text/html"), "{page}");
        let html = page.text();
        assert!(html.starts_with("<!doctype html>") || html.starts_with("<!DOCTYPE html>"), "{page}");
        for elsewhere in ["src=\"http", "href=\"http://", "@import", "url(http"] {
            assert!(
                !html.contains(elsewhere),
                "{}: nothing is fetched from elsewhere: {elsewhere}",
                worker.name()
            );
        }
    }
}

#[test]
fn every_route_of_the_contract_is_in_the_document() {
    let jwks = ["GET /.well-known/jwks.json", "GET /.well-known/audit-jwks.json"];
    for (worker, own) in
        [(Worker::Tracker, &TRACKER[..]), (Worker::Admin, &ADMIN[..]), (Worker::Observer, &jwks[..])]
    {
        let known: BTreeSet<String> = documented(worker).iter().map(e2e::routes::Route::name).collect();
        for route in own.iter().chain(&EVERYWHERE) {
            assert!(known.contains(*route), "{} does not document {route}", worker.name());
        }
    }
}

#[test]
fn every_documented_route_is_there() {
    for worker in WORKERS {
        for route in documented(worker) {
            let path = route.path_of(&names::nobodys_id());
            let got = Anonymous::at(worker).call(&route.method, &path).send();
            // There is no provider of any name that a test could guess.
            let there = got.status != 404 || route.path.contains("{provider}");
            assert!(there && got.status != 405 && got.status < 500, "{}: {got}", route.name());
        }
    }
}

#[test]
fn no_internal_route_is_documented() {
    for worker in WORKERS {
        assert!(
            documented(worker).iter().all(|route| !route.path.starts_with("/internal")),
            "{}",
            worker.name()
        );
    }
}

#[test]
fn every_route_documents_its_answers_and_errors() {
    for worker in WORKERS {
        let document = document(worker);
        let mut ids = BTreeSet::new();
        for route in documented(worker) {
            let operation = &document["paths"][&route.path][route.method.to_lowercase()];
            let answers: Vec<&str> =
                operation["responses"].as_object().unwrap().keys().map(String::as_str).collect();
            let name = route.name();
            assert!(answers.iter().any(|status| status.starts_with('2')), "{name}: {answers:?}");
            assert!(
                operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
                "{name} has no summary"
            );
            if route.is_product() && !FOR_ANYONE.contains(&route.path.as_str()) {
                assert!(answers.contains(&"401"), "{name}: {answers:?}");
            }
            if route.path.contains("{id}") {
                assert!(answers.contains(&"404"), "{name}: {answers:?}");
            }
            if operation.get("requestBody").is_some() {
                for status in ["400", "413", "415"] {
                    assert!(answers.contains(&status), "{name} without {status}: {answers:?}");
                }
            }
            if let Some(id) = operation["operationId"].as_str() {
                assert!(ids.insert(id.to_owned()), "{id} twice");
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    for worker in WORKERS {
        let document = document(worker);
        let mut found = Vec::new();
        references(&document, &mut found);
        for reference in found {
            let pointer =
                reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads elsewhere"));
            assert!(document.pointer(pointer).is_some(), "{}: {reference}", worker.name());
        }
    }
}
