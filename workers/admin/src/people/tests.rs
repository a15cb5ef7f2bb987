use crate::testing::{KEY, PERSON, Stage, account, issues, refusal};
use serde_json::json;
use sesh_edge::native::Call;
use sesh_edge::service::{X_CLIENT_ADDRESS, X_REQUEST_ID};

const PEOPLE: &str = "GET /internal/v1/people";

fn suspend(reason: &serde_json::Value) -> Call {
    Call::new("POST", &format!("/api/v1/users/{PERSON}/suspend")).bearer(KEY).json(reason)
}

#[test]
fn a_list_is_asked_for_as_it_was_asked_and_answered_with_its_meta() {
    let stage = Stage::new();
    let meta = json!({"page": 2, "limit": 5, "total": 6});
    stage.observer.answers(PEOPLE, 200, &json!({"success": true, "data": [account("active")], "meta": meta}));
    let got = stage.ask("GET", "/api/v1/users?q=ada%40ex%20%26&status=active&page=2&limit=5");
    assert_eq!(got.status, 200, "{}", got.text);
    assert_eq!(got.json(), json!({"success": true, "data": [account("active")], "meta": meta}));
    let seen = stage.observer.seen().remove(0);
    assert_eq!(seen.call, "GET /internal/v1/people?q=ada%40ex+%26&status=active&page=2&limit=5");
    assert_eq!(seen.headers["x-sesh-actor"], "key:ops");
    assert_eq!(seen.headers[X_CLIENT_ADDRESS.as_str()], "203.0.113.7");
    assert_eq!(seen.headers[X_REQUEST_ID.as_str()], got.headers[X_REQUEST_ID].to_str().unwrap());
    assert!(!seen.headers.contains_key("authorization"), "the key stays here");
}

#[test]
fn one_person_is_shown_and_nobody_is_not_found() {
    let stage = Stage::new();
    let path = format!("/internal/v1/people/{PERSON}");
    stage.observer.answers(
        &format!("GET {path}"),
        200,
        &json!({"success": true, "data": account("suspended")}),
    );
    let got = stage.ask("GET", &format!("/api/v1/users/{PERSON}"));
    assert_eq!((got.status, got.json()["data"].clone()), (200, account("suspended")));
    stage.observer.answers(&format!("GET {path}"), 404, &refusal("not_found"));
    let got = stage.ask("GET", &format!("/api/v1/users/{PERSON}"));
    assert_eq!((got.status, got.json()), (404, refusal("not_found")));
    stage.observer.seen();
    for id in ["42", "..%2Faudit", "x"] {
        assert_eq!(stage.ask("GET", &format!("/api/v1/users/{id}")).status, 404, "{id}");
    }
    assert!(stage.observer.seen().is_empty(), "what is no id is nobody's");
}

#[test]
fn suspending_hands_on_reason_actor_and_idempotency_key() {
    let stage = Stage::new();
    let path = format!("/internal/v1/people/{PERSON}");
    for (verb, status) in [("suspend", "suspended"), ("reinstate", "active")] {
        let answer = json!({"success": true, "data": account(status)});
        stage.observer.answers(&format!("POST {path}/{verb}"), 200, &answer);
    }
    let got = stage.call(suspend(&json!({"reason": "fraud"})).header("idempotency-key", "k-1"));
    assert_eq!((got.status, got.json()["data"]["status"].as_str()), (200, Some("suspended")), "{}", got.text);
    let reinstate = Call::new("POST", &format!("/api/v1/users/{PERSON}/reinstate")).bearer(KEY);
    assert_eq!(stage.call(reinstate.clone()).json()["data"]["status"], "active");
    assert_eq!(stage.call(reinstate.json(&json!({"reason": "sorry"}))).status, 400, "it takes no body");
    let seen = stage.observer.seen();
    assert_eq!(seen[0].call, format!("POST {path}/suspend"));
    assert_eq!(
        (&seen[0].body, seen[0].headers["idempotency-key"].as_str()),
        (&json!({"reason": "fraud"}), "k-1")
    );
    assert_eq!(seen[1].call, format!("POST {path}/reinstate"));
    assert!(!seen[1].headers.contains_key("idempotency-key"));
    assert!(seen.iter().all(|seen| seen.headers["x-sesh-actor"] == "key:ops"));
}

#[test]
fn what_is_not_understood_stays_here() {
    let stage = Stage::new();
    let got = stage.call(suspend(&json!({"reason": 5, "why": "fraud"})));
    assert_eq!(got.status, 400);
    let found = issues(&got);
    assert!(found.contains(&("reason".into(), "wrong_type".into())), "{found:?}");
    assert!(found.contains(&("why".into(), "unknown_field".into())), "{found:?}");
    for query in ["status=gone", "page=x", "limit=-1"] {
        assert_eq!(stage.ask("GET", &format!("/api/v1/users?{query}")).status, 400, "{query}");
    }
    let long = suspend(&json!({"reason": "fraud"})).header("idempotency-key", &"k".repeat(256));
    assert_eq!(stage.call(long).status, 400);
    assert!(stage.observer.seen().is_empty());
}

#[test]
fn a_peers_refusal_is_handed_on_and_its_failure_is_503() {
    let stage = Stage::new();
    for (status, code) in
        [(400, "bad_request"), (409, "conflict"), (422, "unprocessable"), (503, "service_unavailable")]
    {
        stage.observer.answers(PEOPLE, status, &refusal(code));
        let got = stage.ask("GET", "/api/v1/users");
        assert_eq!((got.status, got.json()), (status, refusal(code)));
        assert_eq!(got.headers["content-type"], "application/json");
    }
    for (status, body) in
        [(599, ""), (200, "<html>secret"), (200, r#"{"success":true,"data":[]}"#), (500, "boom")]
    {
        stage.observer.answers_text(PEOPLE, status, body);
        let got = stage.ask("GET", "/api/v1/users");
        assert_eq!(
            (got.status, got.json()["error"]["code"].as_str()),
            (503, Some("service_unavailable")),
            "{body}"
        );
        assert!(got.headers.contains_key("retry-after") && !got.text.contains("secret"));
    }
}
