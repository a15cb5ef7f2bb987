use crate::testing::{KEY, PERSON as CLIENT, Stage, refusal};
use serde_json::{Value, json};
use sesh_edge::native::Call;

const CLIENTS: &str = "/internal/v1/clients";

fn client() -> Value {
    json!({
        "id": CLIENT, "name": "Almanac", "kind": "confidential", "redirect_uris": ["https://almanac.example/cb"],
        "grant_types": ["authorization_code"], "scopes": ["openid"], "tenant_id": null, "first_party": false,
        "created_at": "2026-04-20T16:20:00.000Z", "version": 3
    })
}

fn new() -> Value {
    json!({ "name": "Almanac", "kind": "confidential", "redirect_uris": ["https://almanac.example/cb"],
            "grant_types": ["authorization_code"], "scopes": ["openid"] })
}

#[test]
fn every_change_is_handed_on_with_actor_key_and_version() {
    let stage = Stage::new();
    let one = format!("{CLIENTS}/{CLIENT}");
    let made = json!({ "success": true, "data": { "client": client(), "secret": "cs_x" } });
    stage.observer.answers(&format!("POST {CLIENTS}"), 201, &made);
    stage.observer.answers(&format!("PATCH {one}"), 200, &json!({ "success": true, "data": client() }));
    stage.observer.answers_text(&format!("DELETE {one}"), 204, "");
    let at = |verb: &str, rest: &str| Call::new(verb, &format!("/api/v1/clients{rest}")).bearer(KEY);
    let got = stage.call(at("POST", "").json(&new()).header("idempotency-key", "k"));
    assert_eq!((got.status, got.json()), (201, made), "{}", got.text);
    let here = format!("/{CLIENT}");
    let edit = at("PATCH", &here).json(&json!({ "name": "B" })).header("if-match", "\"v2\"");
    assert_eq!(stage.call(edit).json()["data"]["version"], 3);
    assert_eq!(stage.call(at("DELETE", &here).header("idempotency-key", "d")).status, 204);
    let seen = stage.observer.seen();
    assert_eq!(
        (seen[0].headers["idempotency-key"].as_str(), &seen[0].body["name"]),
        ("k", &json!("Almanac"))
    );
    assert_eq!(seen[1].headers["if-match"], "\"v2\"");
    assert_eq!(seen[2].headers["idempotency-key"], "d");
    assert!(seen.iter().all(|seen| seen.headers["x-sesh-actor"] == "key:ops") && seen.len() == 3);
}

#[test]
fn what_is_not_understood_stays_here_and_refusals_are_handed_on() {
    let stage = Stage::new();
    stage.observer.answers(&format!("POST {CLIENTS}"), 422, &refusal("unprocessable"));
    let post = |body: &Value| stage.call(Call::new("POST", "/api/v1/clients").bearer(KEY).json(body));
    assert_eq!(post(&new()).json(), refusal("unprocessable"));
    for wrong in
        [json!({ "scopes": ["root"] }), json!({ "grant_types": ["implicit"] }), json!({ "colour": "red" })]
    {
        let mut body = new();
        body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        assert_eq!(post(&body).status, 400, "{body}");
    }
    assert_eq!(stage.observer.seen().len(), 1);
}
