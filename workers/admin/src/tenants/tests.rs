use crate::testing::{KEY, PERSON as TENANT, Stage, refusal};
use serde_json::{Value, json};
use sesh_edge::native::Call;

const TENANTS: &str = "/internal/v1/tenants";

fn tenant(status: &str) -> Value {
    json!({
        "id": TENANT, "slug": "acre", "name": "Acre", "domains": [], "status": status, "deactivated_reason": null,
        "people": 0, "quotas": { "people": null, "calls_a_day": null, "storage_mb": null },
        "created_at": "2026-04-20T16:20:00.000Z", "version": 3
    })
}

#[test]
fn every_change_is_handed_on_with_actor_key_and_version() {
    let stage = Stage::new();
    let one = format!("{TENANTS}/{TENANT}");
    let said = |status: &str| json!({ "success": true, "data": tenant(status) });
    stage.observer.answers(&format!("POST {TENANTS}"), 201, &said("active"));
    stage.observer.answers(&format!("PATCH {one}"), 200, &said("active"));
    stage.observer.answers(&format!("POST {one}/deactivate"), 200, &said("inactive"));
    stage.observer.answers(&format!("POST {one}/activate"), 200, &said("active"));
    let at = |verb: &str, rest: &str| Call::new(verb, &format!("/api/v1/tenants{rest}")).bearer(KEY);
    let made = stage
        .call(at("POST", "").json(&json!({ "slug": "acre", "name": "Acre" })).header("idempotency-key", "k"));
    assert_eq!((made.status, &made.headers["etag"]), (201, &"\"v3\"".parse().unwrap()), "{}", made.text);
    let here = format!("/{TENANT}");
    let edit = at("PATCH", &here).json(&json!({ "name": "B" })).header("if-match", "\"v2\"");
    assert_eq!(stage.call(edit).status, 200);
    let close = at("POST", &format!("{here}/deactivate")).json(&json!({ "reason": "unpaid" }));
    assert_eq!(stage.call(close).json()["data"]["status"], "inactive");
    assert_eq!(stage.call(at("POST", &format!("{here}/activate"))).status, 200);
    let seen = stage.observer.seen();
    assert_eq!((seen[0].headers["idempotency-key"].as_str(), &seen[0].body["slug"]), ("k", &json!("acre")));
    assert_eq!(seen[1].headers["if-match"], "\"v2\"");
    assert_eq!(seen[2].body, json!({ "reason": "unpaid" }));
    assert!(seen.iter().all(|seen| seen.headers["x-sesh-actor"] == "key:ops") && seen.len() == 4);
}

#[test]
fn refusals_of_observer_are_handed_on() {
    let stage = Stage::new();
    stage.observer.answers(&format!("POST {TENANTS}"), 409, &refusal("conflict"));
    let new =
        Call::new("POST", "/api/v1/tenants").bearer(KEY).json(&json!({ "slug": "acre", "name": "Acre" }));
    let got = stage.call(new);
    assert_eq!((got.status, got.json()), (409, refusal("conflict")));
    let wrong = Call::new("POST", "/api/v1/tenants").bearer(KEY).json(&json!({ "slug": 5, "colour": "red" }));
    assert_eq!(stage.call(wrong).status, 400);
    assert_eq!(stage.observer.seen().len(), 1, "what is not understood stays here");
}
