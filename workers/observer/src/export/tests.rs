//! Exports, as far as they are observer's.

use crate::testing::{PASSWORD, World};
use serde_json::{Value, json};
use sesh_edge::native::Call;
use sesh_types::contract::{auth, privacy};
use sesh_types::time::HOUR_MS;

const EMAIL: &str = "ada@example.com";

fn export(world: &World, person: &crate::testing::SignedIn, body: &Value) -> sesh_edge::native::Got {
    world.for_person(person, Call::new("POST", privacy::EXPORT).json(body))
}

#[test]
fn a_person_gets_everything_of_theirs_and_no_secret() {
    let world = World::new();
    world.register("before@example.com");
    world.fleet.pass_ms(3 * HOUR_MS);
    let ada = world.register(EMAIL);
    let bob = world.register("bob@example.com");
    world.fleet.pass_ms(1);
    let gone = world.login(EMAIL);
    assert_eq!(world.for_person(&gone, Call::new("POST", auth::LOGOUT).json(&json!({}))).status, 204);
    let edit = Call::new("PATCH", auth::ME).json(&json!({ "time_zone": "Europe/Berlin" }));
    assert_eq!(world.for_person(&ada, edit).status, 200);
    assert_eq!(export(&world, &ada, &json!({ "password": "not the password" })).status, 401);
    let got = export(&world, &ada, &json!({ "password": PASSWORD }));
    assert_eq!(got.status, 200, "{}", got.text);
    let data = &got.json()["data"];
    assert_eq!(
        (&data["profile"]["email"], &data["profile"]["time_zone"]),
        (&json!(EMAIL), &json!("Europe/Berlin"))
    );
    assert!(data["adult_confirmed_at"].is_string());
    assert_eq!(data["devices"].as_array().map(Vec::len), Some(2), "{data}");
    assert!(data["devices"][0]["revoked_at"].is_string() && data["devices"][1]["revoked_at"].is_null());
    assert_eq!(data["factors"], json!({ "totp": null, "recovery_codes_left": 0, "passkeys": [] }));
    assert_eq!(data["tenants"][0]["slug"], "consumers");
    let actions: Vec<_> =
        data["audit"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    let expected = [
        "person.registered",
        "login.succeeded",
        "device.signed_out",
        "person.edited",
        "reauthentication.failed",
        "person.exported",
    ];
    assert_eq!((actions.as_slice(), &data["audit_is_cut"]), (expected.as_slice(), &json!(false)));
    for secret in ["argon2", "nonce", "wrapped", &bob.subject.person.to_string(), "bob@", "before@"] {
        assert!(!got.text.contains(secret), "{secret}: {}", got.text);
    }
}

#[test]
fn a_code_is_asked_for_where_there_is_a_second_factor() {
    let world = World::new();
    let (ada, _, codes) = crate::factors::tests::protected(&world);
    assert_eq!(export(&world, &ada, &json!({ "password": PASSWORD })).status, 422);
    let with_code = json!({ "password": PASSWORD, "recovery_code": codes[0] });
    let got = export(&world, &ada, &with_code);
    assert_eq!(got.json()["data"]["factors"]["recovery_codes_left"], 9, "{}", got.text);
    assert_eq!(export(&world, &ada, &with_code).status, 401, "a code counts once");
}
