//! Programs, through the internal door.

use crate::testing::World;
use serde_json::{Value, json};
use sesh_edge::native::Call;
use sesh_types::contract::clients::CLIENTS;

fn new(kind: &str) -> Value {
    json!({ "name": " Almanac ", "kind": kind, "redirect_uris": ["https://almanac.example/cb"],
            "grant_types": ["authorization_code"], "scopes": ["stash:read", "openid", "openid"] })
}

#[test]
fn a_program_is_registered_once_whatever_is_retried_and_its_secret_is_kept_nowhere() {
    let world = World::new();
    let post =
        |body: &Value| world.as_admin(Call::new("POST", CLIENTS).json(body).header("idempotency-key", "k"));
    let (first, again) = (post(&new("confidential")), post(&new("confidential")));
    assert_eq!((first.status, first.text.as_str()), (201, again.text.as_str()));
    let data = &first.json()["data"];
    let secret = data["secret"].as_str().unwrap();
    assert!(secret.starts_with("cs_") && secret.len() == 46, "{secret}");
    assert!(!world.everything().contains(secret) && !world.everything().contains(&secret[3..]));
    assert_eq!(
        (&data["client"]["name"], &data["client"]["scopes"]),
        (&json!("Almanac"), &json!(["openid", "stash:read"]))
    );
    assert_eq!(world.number("SELECT COUNT(*) FROM oauth_clients"), 1);
    assert_eq!(world.audited(), ["client.registered"]);
    assert_eq!(post(&new("public")).status, 422, "the key was used with another body");
    world.fleet.pass_ms(1);
    let public = world.as_admin(Call::new("POST", CLIENTS).json(&new("public"))).json();
    assert_eq!(public["data"]["secret"], Value::Null);
    let list = world.as_admin(Call::new("GET", &format!("{CLIENTS}?page=1&limit=1"))).json();
    assert_eq!((&list["meta"]["total"], &list["data"][0]), (&json!(2), &public["data"]["client"]));
    assert!(!list.to_string().contains("hash"));
}

#[test]
fn a_registration_names_every_rule_it_breaks() {
    let world = World::new();
    let mut wrong = new("public");
    wrong["name"] = json!("");
    wrong["redirect_uris"] = json!(["https://almanac.example/cb", "http://almanac.example/cb"]);
    wrong["scopes"] = json!(["tenant:manage"]);
    let got = world.as_admin(Call::new("POST", CLIENTS).json(&wrong));
    let fields: Vec<String> = got.json()["error"]["details"]
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| issue["field"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        (got.status, fields),
        (422, ["name", "redirect_uris[1]", "scopes"].map(str::to_owned).to_vec())
    );
    let mut nowhere = new("public");
    nowhere["tenant_id"] = json!("019dabb1-0b80-7505-8b10-1d169256c15c");
    let got = world.as_admin(Call::new("POST", CLIENTS).json(&nowhere));
    assert_eq!((got.status, &got.json()["error"]["details"][0]["field"]), (422, &json!("tenant_id")));
    assert_eq!(world.number("SELECT COUNT(*) FROM oauth_clients"), 0);
}

#[test]
fn an_edit_keeps_the_rules_and_insists_on_its_version() {
    let world = World::new();
    let made = world.as_admin(Call::new("POST", CLIENTS).json(&new("public"))).json();
    let path = format!("{CLIENTS}/{}", made["data"]["client"]["id"].as_str().unwrap());
    let edit = |body: &Value, tag: &str| {
        let call = Call::new("PATCH", &path).json(body);
        world.as_admin(if tag.is_empty() { call } else { call.header("if-match", tag) })
    };
    let got = edit(&json!({ "name": "Atlas", "scopes": ["email"] }), "\"v1\"");
    assert_eq!((got.status, &got.headers["etag"]), (200, &"\"v2\"".parse().unwrap()), "{}", got.text);
    assert_eq!(got.json()["data"]["redirect_uris"], json!(["https://almanac.example/cb"]));
    assert_eq!(edit(&json!({ "name": "Axe" }), "\"v1\"").status, 412);
    assert_eq!(edit(&json!({ "redirect_uris": [] }), "").status, 422, "what stays counts too");
    assert_eq!(edit(&json!({ "grant_types": ["client_credentials"] }), "").status, 422);
    assert_eq!(world.as_admin(Call::new("GET", &path)).json()["data"]["version"], 2);
    let nobodys = format!("{CLIENTS}/019dabb1-0b80-7505-8b10-1d169256c15c");
    for verb in ["GET", "PATCH", "DELETE"] {
        let call = Call::new(verb, &nobodys);
        let call = if verb == "PATCH" { call.json(&json!({})) } else { call };
        assert_eq!(world.as_admin(call).status, 404, "{verb}");
    }
    assert_eq!(world.audited(), ["client.registered", "client.edited"]);
}
