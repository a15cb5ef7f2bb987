//! What an edit of a session does to the ledger, and how it is answered.

use crate::world::{World, post};
use serde_json::{Value, json};
use sesh_edge::native::Call;
use sesh_types::ids::TenantId;

fn id_of(thing: &Value) -> &str {
    thing["id"].as_str().unwrap()
}

#[test]
fn a_debit_is_dated_as_its_session_is() {
    let world = World::new(1);
    let lot = post(&world, "/api/v1/stash", &json!({"name": "jar", "form": "flower", "quantity_mg": 100}));
    let occurred = "2026-04-01T12:00:00.000Z";
    let session = json!({"method": "vape", "items": [{"lot_id": lot["id"], "quantity_mg": 10}], "occurred_at": occurred});
    let session = post(&world, "/api/v1/sessions", &session);
    let path = format!("/api/v1/sessions/{}", id_of(&session));
    let edit = json!({"items": [{"lot_id": lot["id"], "quantity_mg": 20}]});
    assert_eq!(world.call(World::somebody(1), Call::new("PATCH", &path).json(&edit)).status, 200);
    let entries = format!("/api/v1/stash/{}/entries", id_of(&lot));
    let entries = world.call(World::somebody(1), Call::new("GET", &entries)).json();
    let debits: Vec<&Value> =
        entries["data"].as_array().unwrap().iter().filter(|entry| entry["kind"] == "session").collect();
    assert_eq!(debits.len(), 2);
    assert!(debits.iter().all(|entry| entry["occurred_at"] == occurred), "{debits:?}");
}

#[test]
fn a_replayed_edit_has_the_entity_tag_of_the_first() {
    let world = World::new(1);
    let session = post(&world, "/api/v1/sessions", &json!({"method": "vape", "items": []}));
    let path = format!("/api/v1/sessions/{}", id_of(&session));
    let edit = || Call::new("PATCH", &path).json(&json!({"rating": 5})).header("idempotency-key", "k");
    let first = world.call(World::somebody(1), edit());
    let again = world.call(World::somebody(1), edit());
    assert_eq!((first.status, &first.text), (again.status, &again.text));
    assert_eq!(first.headers["etag"], "\"v2\"");
    assert_eq!(again.headers["etag"], "\"v2\"");
}

#[test]
fn an_edit_insists_on_the_version_that_was_read() {
    let world = World::new(1);
    let session = post(&world, "/api/v1/sessions", &json!({"method": "vape", "items": []}));
    let path = format!("/api/v1/sessions/{}", id_of(&session));
    let edit = |tag: &str, rating: i64| {
        let call = Call::new("PATCH", &path).json(&json!({"rating": rating})).header("if-match", tag);
        world.call(World::somebody(1), call).status
    };
    assert_eq!(edit("\"v1\"", 5), 200);
    assert_eq!(edit("\"v1\"", 1), 412);
    let now = world.call(World::somebody(1), Call::new("GET", &path)).json();
    assert_eq!(now["data"]["rating"], 5, "the refused edit left no trace");
}

#[test]
fn a_session_whose_id_the_client_made_is_one_for_ever() {
    let world = World::new(1);
    let lot = post(&world, "/api/v1/stash", &json!({"name": "jar", "form": "flower", "quantity_mg": 100}));
    let id = "0192b0a0-0000-4000-8000-00000000abcd";
    let session =
        json!({"id": id, "method": "vape", "items": [{"lot_id": lot["id"], "quantity_mg": 60}], "rating": 3});
    let send = |who: u128, key: &str, body: &Value| {
        let call = Call::new("POST", "/api/v1/sessions").json(body).header("idempotency-key", key);
        world.call(World::somebody(who), call)
    };
    let first = send(1, "k1", &session);
    assert_eq!((first.status, &first.json()["data"]["id"]), (201, &json!(id)), "{}", first.text);
    let path = format!("/api/v1/sessions/{id}");
    let edited = Call::new("PATCH", &path).json(&json!({"rating": 5}));
    assert_eq!(world.call(World::somebody(1), edited).status, 200);
    // A month later the key is forgotten; a second debit of 60 would not even fit.
    let again = send(1, "k2", &session);
    assert_eq!((again.status, &again.json()["data"]["rating"]), (201, &json!(5)), "{}", again.text);
    let held =
        world.call(World::somebody(1), Call::new("GET", format!("/api/v1/stash/{}", id_of(&lot)).as_str()));
    assert_eq!(held.json()["data"]["balance_mg"], 40);
    // Deleted elsewhere, it does not come back by being sent again.
    assert_eq!(world.call(World::somebody(1), Call::new("DELETE", &path)).status, 204);
    let gone = send(1, "k3", &session);
    assert_eq!((gone.status, &gone.json()["error"]["code"]), (409, &json!("conflict")), "{}", gone.text);
    // Somebody else's session of that id is another one, and theirs.
    let other = send(2, "k1", &json!({"id": id, "method": "eat", "items": []}));
    assert_eq!((other.status, &other.json()["data"]["method"]), (201, &json!("eat")), "{}", other.text);
}

#[test]
fn what_is_meant_for_one_person_is_not_taken_from_another() {
    let world = World::new(1);
    let body = json!({"method": "vape", "items": []});
    let send = |named: String| {
        let call = Call::new("POST", "/api/v1/sessions").json(&body).header("x-sesh-person", &named);
        world.call(World::somebody(1), call).status
    };
    let scope = |who: u128| format!("{}/{}", TenantId::CONSUMERS, World::somebody(who).person);
    assert_eq!((send(scope(1)), send(scope(2)), send("nobody".into())), (201, 403, 403));
}
