//! Each step of letting a program act, and each way in which it is refused.

mod asking;
mod programs;
mod tokens;

use super::testing::{Browser, Tokens, VERIFIER, claims, confidential, wrong};
use crate::testing::{ISSUER, World, tail};
use serde_json::json;
use sesh_edge::native::{Call, Got};
use sesh_types::contract::{auth, notice::Notice};

const EMAIL: &str = "ada@example.com";

fn userinfo(world: &World, token: &str) -> Got {
    world.fleet.call("observer", Call::new("GET", "/oauth/userinfo").bearer(token))
}

#[test]
fn a_person_lets_a_program_act_and_ends_it_again() {
    let world = World::new();
    let (program, mut browser) = (confidential(&world), Browser::of(&world, EMAIL));
    let tokens = program.tokens(&world, &mut browser);
    assert_eq!(tokens.body["token_type"], "Bearer");
    assert_eq!((&tokens.body["expires_in"], &tokens.body["scope"]), (&json!(900), &json!(EVERYTHING_SORTED)));
    let access = claims(&tokens.access);
    let person = world.column("SELECT id FROM people").remove(0);
    assert_eq!(
        (&access["iss"], &access["aud"], &access["sub"]),
        (&json!(ISSUER), &json!("sesh-api"), &json!(person))
    );
    assert_eq!((&access["client_id"], &access["scope"]), (&json!(program.id), &json!(EVERYTHING_SORTED)));
    assert!(access["jti"].is_string() && access["auth_time"] == access["iat"]);
    let id = claims(tokens.body["id_token"].as_str().unwrap());
    assert_eq!((&id["aud"], &id["nonce"], &id["sub"]), (&json!(program.id), &json!("n-1"), &json!(person)));
    let told = userinfo(&world, &tokens.access).json();
    assert_eq!(
        told,
        json!({ "sub": person, "name": "Ada", "zoneinfo": "UTC", "email": EMAIL, "email_verified": false })
    );

    let me = world.login(EMAIL);
    let devices = world.for_person(&me, Call::new("GET", auth::DEVICES)).json();
    let grant =
        devices["data"].as_array().unwrap().iter().find(|device| device["client"].is_object()).unwrap();
    assert_eq!((&grant["client"]["name"], &grant["user_agent"]), (&json!("Almanac"), &json!("Almanac")));
    let path = format!("{}/{}", auth::DEVICES, grant["id"].as_str().unwrap());
    assert_eq!(world.for_person(&me, Call::new("DELETE", &path)).status, 204);
    assert_eq!(userinfo(&world, &tokens.access).status, 401);
    assert_eq!(wrong(&program.refresh(&world, &tokens.refresh)), (400, "invalid_grant".to_owned()));
    assert_eq!(program.introspect(&world, &tokens.access), json!({ "active": false }));
    assert!(
        matches!(world.heard().as_slice(), [Notice::Revoked { subject, .. }] if subject.starts_with("device:"))
    );
    assert!(
        browser.open(&world, &program.request(&[])).text.contains("value=\"allow\""),
        "they are asked anew"
    );
    let audited = world.audited();
    for action in ["client.registered", "login.succeeded", "consent.given", "grant.made", "device.signed_out"]
    {
        assert!(audited.iter().any(|known| known == action), "{action}: {audited:?}");
    }
}

const EVERYTHING_SORTED: &str = "openid profile email offline_access strains:read stash:read sessions:write";

#[test]
fn nothing_that_is_a_secret_stands_in_the_database() {
    let world = World::new();
    let (program, mut browser) = (confidential(&world), Browser::of(&world, EMAIL));
    let code = browser.code(&world, &program.request(&[]));
    let tokens = Tokens::of(&program.redeem(&world, &code));
    let everything = world.everything();
    let secrets =
        [program.secret.as_ref().unwrap(), &code, &tokens.access, &tokens.refresh, &VERIFIER.to_owned()];
    let cookies: Vec<String> = browser.cookies.iter().map(|(_, value)| value.clone()).collect();
    for secret in secrets.into_iter().chain(&cookies) {
        assert!(!everything.contains(tail(secret)), "{secret}");
    }
}
