//! What an edit of a session does to the ledger, and how it is answered.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot be set up has failed")]

mod world;

use serde_json::{Value, json};
use sesh_edge::native::Call;
use world::World;

fn post(world: &World, path: &str, body: &Value) -> Value {
    let got = world.call(World::somebody(1), Call::new("POST", path).json(body));
    assert_eq!(got.status, 201, "{}", got.text);
    got.json()["data"].clone()
}

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
