//! What every answer has in common, of every Worker: the envelope, ids, headers.

use e2e::actors::{Admin, Anonymous, Caller, Person};
use e2e::fleet::{WORKERS, Worker};
use e2e::http::Reply;
use e2e::names;
use e2e::routes::documented;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn is_request_id(got: &Reply) -> String {
    let id = got.header("x-request-id").unwrap_or_else(|| panic!("no x-request-id: {got}"));
    assert!(id.len() >= 16 && id.bytes().all(|byte| byte.is_ascii_graphic()), "{id}");
    id.to_owned()
}

/// Answers of all kinds.
fn samples() -> Vec<Reply> {
    let person = Person::new();
    let mut all: Vec<Reply> = WORKERS
        .into_iter()
        .flat_map(|worker| {
            let anyone = Anonymous::at(worker);
            ["/api/health", "/api/openapi.json", "/docs", "/", "/nothing/here"].map(|path| anyone.get(path))
        })
        .collect();
    all.extend([
        person.get("/api/v1/me"),
        person.get("/api/v1/stash?colour=red"),
        person.post("/api/v1/stash", &json!({})),
        person.call("POST", "/api/v1/stash").bytes("{").send(),
        person.call("POST", "/api/v1/stash").bytes(vec![b' '; 300_000]).send(),
        person.call("PUT", "/api/v1/me").send(),
        person.anonymous().get("/api/v1/me"),
        person.call("POST", "/api/v1/auth/logout").send(),
        Admin::new().get("/api/v1/users?limit=1"),
        Admin::from("203.0.113.9").get("/api/v1/users"),
        Anonymous::at(Worker::Observer).get("/.well-known/jwks.json"),
        Anonymous::at(Worker::Observer).get("/oauth/authorize"),
    ]);
    let cookie = format!("__Host-sesh_access={}", person.access);
    for path in
        ["/", "/sign-in", "/today", "/no-such-page", "/legacy", "/manifest.webmanifest", "/favicon.ico"]
    {
        let page = Anonymous::new().call("GET", path).header("cookie", &cookie).header("accept", "text/html");
        all.push(page.send());
    }
    all
}

#[test]
fn every_answer_has_a_request_id_of_its_own() {
    let answers = samples();
    let ids: BTreeSet<String> = answers.iter().map(is_request_id).collect();
    assert_eq!(ids.len(), answers.len());
}

#[test]
fn a_request_id_from_outside_is_not_believed() {
    for worker in WORKERS {
        let call = Anonymous::at(worker).call("GET", "/api/health");
        let got = call.header("x-request-id", "chosen-by-the-client").send().is(200);
        assert_ne!(is_request_id(&got), "chosen-by-the-client");
    }
}

#[test]
fn every_answer_has_the_security_headers() {
    for got in samples() {
        assert_eq!(got.header("x-content-type-options"), Some("nosniff"), "{got}");
        let strict = got.header("strict-transport-security").unwrap_or_default();
        let age =
            strict.strip_prefix("max-age=").and_then(|rest| rest.split(';').next()?.parse::<u32>().ok());
        assert!(age >= Some(31_536_000) && strict.contains("includeSubDomains"), "{strict}: {got}");
        assert!(got.header("referrer-policy").is_some(), "{got}");
        assert_eq!(got.header("cross-origin-opener-policy"), Some("same-origin"), "{got}");
        assert_eq!(got.header("cross-origin-resource-policy"), Some("same-origin"), "{got}");
        let policy = got.header("content-security-policy").unwrap_or_default();
        assert!(
            policy.starts_with("default-src 'none'; ")
                && !policy.contains("unsafe")
                && !policy.contains("object-src"),
            "{policy}: {got}"
        );
        // These do not follow from `default-src`.
        assert!(
            policy.contains("frame-ancestors 'none'")
                && policy.contains("base-uri 'none'")
                && policy.contains("form-action"),
            "{policy}: {got}"
        );
        for talkative in ["server", "x-powered-by", "access-control-allow-origin"] {
            assert!(got.header(talkative).is_none(), "{talkative}: {got}");
        }
    }
}

#[test]
fn every_answer_says_what_it_is_and_texts_in_which_letters() {
    for got in samples().iter().filter(|got| !got.body.is_empty()) {
        let kind = got.header("content-type").unwrap_or_default();
        let is_text = kind.starts_with("text/") || kind.contains("+xml");
        assert!(!kind.is_empty() && (!is_text || kind.ends_with("; charset=utf-8")), "{kind}: {got}");
        let looks_like_html = got.body.starts_with(b"<!");
        assert_eq!(looks_like_html, kind.starts_with("text/html"), "{kind}: {got}");
    }
}

#[test]
fn what_is_personal_is_not_kept_by_caches() {
    let person = Person::new();
    for got in [
        person.get("/api/v1/me"),
        person.get("/api/v1/stash"),
        person.get("/api/v1/strains"),
        person.get("/api/v1/nothing"),
        person.post("/api/v1/stash", &e2e::fixtures::new_lot(5)),
        person.try_log_in(),
        Admin::new().get("/api/v1/users?limit=1"),
    ] {
        let kept = got.header("cache-control").unwrap_or_default();
        assert!(kept.contains("no-store") || kept.contains("private"), "{kept}: {got}");
    }
}

#[test]
fn an_unknown_route_is_404_in_the_envelope_on_every_worker() {
    for worker in WORKERS {
        for path in [
            "/nothing",
            "/api",
            "/api/v1",
            "/api/v1/nothing",
            "/api/v1/me/",
            "/API/V1/ME",
            "//api/v1/me",
            "/%00",
            "/%ff",
        ] {
            for verb in ["GET", "POST", "DELETE"] {
                let got = Anonymous::at(worker).call(verb, path).send().refused(404, "not_found");
                assert_eq!(got.header("content-type"), Some("application/json"), "{got}");
            }
        }
    }
}

#[test]
fn a_wrong_verb_is_405_in_the_envelope_and_says_which_are_right() {
    for worker in WORKERS {
        let routes = documented(worker);
        let paths: BTreeSet<&str> = routes.iter().map(|route| route.path.as_str()).collect();
        for path in paths {
            let allowed: BTreeSet<&str> =
                routes.iter().filter(|route| route.path == path).map(|route| route.method.as_str()).collect();
            for verb in
                ["PUT", "PATCH", "DELETE", "POST", "GET"].into_iter().filter(|verb| !allowed.contains(verb))
            {
                let url = path.replace("{id}", &names::nobodys_id()).replace("{provider}", "nobody");
                let got = Anonymous::at(worker).call(verb, &url).send().refused(405, "method_not_allowed");
                let allow: BTreeSet<&str> =
                    got.header("allow").unwrap_or_default().split(',').map(str::trim).collect();
                assert!(
                    allowed.iter().all(|verb| allow.contains(verb)),
                    "RFC 9110, 15.5.6: {allow:?}: {got}"
                );
            }
        }
    }
}

#[test]
fn head_is_get_without_a_body() {
    let person = Person::new();
    for path in ["/api/v1/me", "/api/v1/stash", "/api/health", "/docs", "/api/openapi.json"] {
        let (head, get) = (person.call("HEAD", path).send().is(200), person.get(path).is(200));
        assert!(head.body.is_empty(), "{head}");
        for name in ["content-type", "etag", "cache-control"].into_iter().filter(|_| path != "/api/health") {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
    }
    let missing = person.call("HEAD", "/api/v1/nothing").send().is(404);
    assert!(missing.body.is_empty());
}

#[test]
fn every_route_but_those_for_anyone_is_401_without_a_token() {
    let standard = [
        "/api/health",
        "/api/openapi.json",
        "/docs",
        "/.well-known/jwks.json",
        "/.well-known/audit-jwks.json",
    ];
    let for_anyone = |path: &str| {
        standard.contains(&path) || crate::openapi::FOR_ANYONE.contains(&path)
        // What OAuth shapes refuses in OAuth's words.
        || path.starts_with("/oauth/") || path.starts_with("/.well-known/")
    };
    for worker in WORKERS {
        for route in documented(worker).iter().filter(|route| !for_anyone(&route.path)) {
            let call = Anonymous::at(worker).call(&route.method, &route.path_of(&names::nobodys_id()));
            call.clone().send().refused(401, "unauthorized");
            call.clone().bearer("not.a.token").send().refused(401, "unauthorized");
            if route.is_mutation() && route.method != "DELETE" {
                call.json(&json!({})).send().refused(401, "unauthorized");
            }
        }
    }
}

#[test]
fn what_looks_like_no_id_is_not_found_and_breaks_nothing() {
    let person = Person::new();
    let long = "9".repeat(4000);
    let ids = [
        "1",
        "0",
        "-1",
        "%00",
        "%ff",
        "..%2f..",
        "%27%20OR%201%3D1--",
        "null",
        "{id}",
        "%F0%9F%92%A9",
        &long,
    ];
    for route in documented(Worker::Tracker).iter().filter(|route| route.path.contains("{id}")) {
        for id in ids {
            let call = person.call(&route.method, &route.path_of(id));
            let call =
                if matches!(route.method.as_str(), "POST" | "PATCH") { call.json(&json!({})) } else { call };
            let got = call.send();
            assert!(matches!(got.status, 404 | 400 | 414), "{got}");
            assert!(!got.code().is_empty(), "{got}");
        }
    }
}

#[test]
fn errors_have_the_documented_shape_and_nothing_else() {
    let person = Person::new();
    let got = person.post("/api/v1/stash", &json!({ "form": "flower", "quantity_mg": 0 })).is(422);
    let body = got.json();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&body), BTreeSet::from(["success".to_owned(), "error".to_owned()]));
    assert_eq!(keys(&body["error"]), ["code", "details", "message"].map(str::to_owned).into());
    for issue in body["error"]["details"].as_array().unwrap() {
        assert_eq!(keys(issue), ["code", "field", "message"].map(str::to_owned).into());
    }
}
