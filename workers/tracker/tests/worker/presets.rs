//! Presets: what they take from, and repeating the last sesh.

use crate::world::{World, get, send};
use serde_json::{Value, json};
use sesh_edge::native::Call;

fn buy(world: &World, body: &Value) -> Value {
    send(world, "POST", "/api/v1/stash", body, 201)["id"].clone()
}

#[test]
fn a_preset_takes_from_its_lot_and_from_the_next_when_that_is_empty() {
    let world = World::new(1);
    let cartridge = json!({"name": "pen", "form": "vape", "quantity_mg": 5});
    let first = buy(&world, &cartridge);
    let preset = json!({"name": "1 puff of my pen", "method": "vape", "lot_id": first, "form": "vape",
        "quantity_mg": 3, "unit": "puff"});
    let preset = send(&world, "POST", "/api/v1/presets", &preset, 201);
    assert_eq!((&preset["takes_from"], &preset["quantity_mg"]), (&first, &json!(3)));
    let log = |lot: &Value| {
        let session =
            json!({"method": "vape", "items": [{"lot_id": lot, "quantity_mg": preset["quantity_mg"]}]});
        send(&world, "POST", "/api/v1/sessions", &session, 201)
    };
    log(&first);
    let path = format!("/api/v1/presets/{}", preset["id"].as_str().unwrap());
    assert_eq!(get(&world, &path)["takes_from"], Value::Null, "2 mg are less than a puff");
    buy(&world, &json!({"name": "jar", "form": "flower", "quantity_mg": 3500}));
    let second = buy(&world, &cartridge);
    assert_eq!(get(&world, &path)["takes_from"], second);
    log(&second);
    assert_eq!(get(&world, "/api/v1/presets")[0]["takes_from"], Value::Null);
}

#[test]
fn a_preset_is_replaced_whole_and_taken_away() {
    let world = World::new(1);
    let made = send(
        &world,
        "POST",
        "/api/v1/presets",
        &json!({"name": "half a tablet", "method": "eat",
        "quantity_mg": 250, "unit": "tablet", "form": "capsule"}),
        201,
    );
    let path = format!("/api/v1/presets/{}", made["id"].as_str().unwrap());
    let replaced =
        send(&world, "PUT", &path, &json!({"name": "a bowl", "method": "smoke", "unit": "bowl"}), 200);
    assert_eq!(
        (&replaced["name"], &replaced["quantity_mg"], &replaced["form"]),
        (&json!("a bowl"), &Value::Null, &Value::Null)
    );
    assert_eq!(world.call(World::somebody(1), Call::new("DELETE", &path)).status, 204);
    assert_eq!(world.call(World::somebody(1), Call::new("DELETE", &path)).status, 404);
    assert_eq!(get(&world, "/api/v1/presets"), json!([]));
}

#[test]
fn a_hundred_presets_are_enough() {
    let world = World::new(1);
    let preset = json!({"name": "one more", "method": "other"});
    for _ in 0..100 {
        send(&world, "POST", "/api/v1/presets", &preset, 201);
    }
    send(&world, "POST", "/api/v1/presets", &preset, 409);
}

#[test]
fn the_last_sesh_says_all_that_repeating_it_needs() {
    let world = World::new(1);
    let lot = buy(&world, &json!({"name": "jar", "form": "flower", "quantity_mg": 1000}));
    for (time, method) in [("2026-04-02T12:00:00Z", "smoke"), ("2026-04-01T12:00:00Z", "vape")] {
        let session =
            json!({"occurred_at": time, "method": method, "items": [{"lot_id": lot, "quantity_mg": 250}]});
        send(&world, "POST", "/api/v1/sessions", &session, 201);
    }
    let last = &get(&world, "/api/v1/sessions?limit=1")[0];
    let items: Vec<Value> = last["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| json!({"lot_id": item["lot_id"], "quantity_mg": item["quantity_mg"]}))
        .collect();
    let again =
        send(&world, "POST", "/api/v1/sessions", &json!({"method": last["method"], "items": items}), 201);
    assert_eq!((&again["method"], &again["items"][0]["quantity_mg"]), (&json!("smoke"), &json!(250)));
    assert_eq!(get(&world, &format!("/api/v1/stash/{}", lot.as_str().unwrap()))["balance_mg"], 250);
}

#[test]
fn the_thc_of_an_edible_is_kept_apart_from_its_mass() {
    let world = World::new(1);
    // Ten gummies of 4 g, 10 mg of THC each.
    let gummies = buy(
        &world,
        &json!({"name": "gummies", "form": "edible", "quantity_mg": 40_000, "thc_mg": 100,
        "units": 10, "unit": "piece"}),
    );
    let brownie = buy(&world, &json!({"name": "brownie", "form": "edible", "quantity_mg": 50_000}));
    let session = json!({"method": "eat", "items": [{"lot_id": gummies, "quantity_mg": 2_000},
        {"lot_id": brownie, "quantity_mg": 5_000}]});
    let session = send(&world, "POST", "/api/v1/sessions", &session, 201);
    assert_eq!(session["items"][0]["thc_ug"], 5_000, "half a gummy");
    assert_eq!(session["items"][1]["thc_ug"], Value::Null, "nobody knows");
    let unknown = json!({"method": "eat", "items": [{"lot_id": gummies, "quantity_mg": null}]});
    assert_eq!(send(&world, "POST", "/api/v1/sessions", &unknown, 201)["items"][0]["thc_ug"], Value::Null);
    let too_much = json!({"name": "x", "form": "edible", "quantity_mg": 10, "thc_mg": 11});
    send(&world, "POST", "/api/v1/stash", &too_much, 422);
}
