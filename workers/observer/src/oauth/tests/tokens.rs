//! Codes and tokens: what each is worth, how often, and until when.

use super::super::testing::{Browser, Program, Tokens, claims, confidential, public, redemption, wrong};
use super::{EMAIL, EVERYTHING_SORTED, userinfo};
use crate::testing::World;
use serde_json::json;
use sesh_edge::native::Call;
use sesh_types::contract::auth;
use sesh_types::time::{MINUTE_MS, SECOND_MS};

/// What ends something of a person's.
type End = fn(&World, &Browser);

#[test]
fn a_code_counts_once_for_a_minute_for_its_program_address_and_verifier() {
    let world = World::new();
    let (program, mut browser) = (public(&world), Browser::of(&world, EMAIL));
    let other = public(&world);
    let code = browser.code(&world, &program.request(&[]));
    let refused = |program: &Program, change: &[(&str, &str)]| {
        let mut fields: Vec<(&str, &str)> = redemption(&code).to_vec();
        fields.retain(|(name, _)| !change.iter().any(|(known, _)| known == name));
        fields.extend(change.iter().filter(|(_, value)| !value.is_empty()));
        wrong(&program.post(&world, "/oauth/token", &fields))
    };
    let grant = (400, "invalid_grant".to_owned());
    let request = (400, "invalid_request".to_owned());
    assert_eq!(refused(&other, &[]), grant, "another program's");
    assert_eq!(refused(&program, &[("redirect_uri", "http://127.0.0.1/cb")]), grant);
    assert_eq!(refused(&program, &[("redirect_uri", "")]), request);
    assert_eq!(refused(&program, &[("code_verifier", "")]), request, "no downgrade");
    assert_eq!(refused(&program, &[("code_verifier", &"b".repeat(43))]), grant);
    assert_eq!(refused(&program, &[("code", &format!("{code}A"))]), grant);
    assert_eq!(refused(&program, &[("code", "")]), request);
    let tokens = Tokens::of(&program.redeem(&world, &code));
    assert_eq!(userinfo(&world, &tokens.access).status, 200);
    assert_eq!(refused(&other, &[]), grant);
    assert_eq!(userinfo(&world, &tokens.access).status, 200, "another program's try ends nothing");
    assert_eq!(refused(&program, &[]), grant, "used");
    assert_eq!(userinfo(&world, &tokens.access).status, 401, "a copy of a code ends what came of it");
    assert_eq!(wrong(&program.refresh(&world, &tokens.refresh)), grant);
    assert!(world.audited().contains(&"code.replayed".to_owned()));
    assert_eq!(world.heard().len(), 1);

    let late = browser.code(&world, &program.request(&[]));
    world.fleet.pass_ms(MINUTE_MS);
    assert_eq!(wrong(&program.redeem(&world, &late)), grant, "too old");
}

#[test]
fn a_code_is_worth_nothing_once_its_person_or_sign_in_is_gone() {
    let grant = (400, "invalid_grant".to_owned());
    let ends: [End; 4] = [
        |world, _| {
            let me = world.login(EMAIL);
            assert_eq!(world.suspend(&me).status, 200);
        },
        |world, _| {
            let me = world.login(EMAIL);
            assert_eq!(world.for_person(&me, Call::new("DELETE", auth::DEVICES)).status, 204);
        },
        |world, _| world.execute("UPDATE people SET epoch = epoch + 1").unwrap(),
        |world, _| world.execute("DELETE FROM oauth_clients").unwrap(),
    ];
    for (number, end) in ends.into_iter().enumerate() {
        let world = World::new();
        let (program, mut browser) = (public(&world), Browser::of(&world, EMAIL));
        let code = browser.code(&world, &program.request(&[]));
        end(&world, &browser);
        let got = wrong(&program.redeem(&world, &code));
        let gone = (401, "invalid_client".to_owned());
        assert!(got == grant || (number == 3 && got == gone), "{number}: {got:?}");
        assert_eq!(world.number("SELECT COUNT(*) FROM oauth_grants"), 0, "{number}");
    }
}

#[test]
fn refreshing_rotates_narrows_and_ends_at_a_copy() {
    let world = World::new();
    let (program, mut browser) = (confidential(&world), Browser::of(&world, EMAIL));
    let first = program.tokens(&world, &mut browser);
    world.fleet.pass_ms(MINUTE_MS);
    let second = Tokens::of(&program.refresh(&world, &first.refresh));
    assert_ne!(second.refresh, first.refresh);
    assert!(claims(second.body["id_token"].as_str().unwrap()).get("nonce").is_none());
    let fields = |scope| {
        [("grant_type", "refresh_token"), ("refresh_token", second.refresh.as_str()), ("scope", scope)]
    };
    let more = program.post(&world, "/oauth/token", &fields("openid stash:write"));
    assert_eq!(wrong(&more), (400, "invalid_scope".to_owned()));
    let less = Tokens::of(&program.post(&world, "/oauth/token", &fields("stash:read")));
    assert_eq!((&less.body["scope"], less.body.get("id_token")), (&json!("stash:read"), None));
    assert_eq!(userinfo(&world, &less.access).status, 403, "it is not for that");
    let again = Tokens::of(&program.refresh(&world, &less.refresh));
    assert_eq!(again.body["scope"], EVERYTHING_SORTED, "the grant is what it was");
    let other = confidential(&world);
    assert_eq!(wrong(&other.refresh(&world, &again.refresh)), (400, "invalid_grant".to_owned()));
    world.fleet.pass_ms(11 * SECOND_MS);
    assert_eq!(wrong(&program.refresh(&world, &less.refresh)), (400, "invalid_grant".to_owned()));
    assert_eq!(
        wrong(&program.refresh(&world, &again.refresh)),
        (400, "invalid_grant".to_owned()),
        "all of it ended"
    );
    assert!(world.audited().contains(&"refresh.replayed".to_owned()));
}

#[test]
fn without_offline_access_there_is_nothing_to_refresh_by() {
    let world = World::new();
    let (program, mut browser) = (public(&world), Browser::of(&world, EMAIL));
    let code = browser.code(&world, &program.request(&[("scope", "openid stash:read")]));
    let tokens = Tokens::of(&program.redeem(&world, &code));
    assert_eq!(tokens.body.get("refresh_token"), None);
    assert_eq!(
        world.number("SELECT expires_at - created_at FROM devices WHERE user_agent = 'Almanac'"),
        900_000
    );
}

#[test]
fn a_programs_tokens_are_no_sign_in_and_a_sign_ins_are_no_programs() {
    let world = World::new();
    let (program, mut browser) = (public(&world), Browser::of(&world, EMAIL));
    let tokens = program.tokens(&world, &mut browser);
    let me = world.login(EMAIL);
    for stolen in [
        &tokens.refresh,
        &tokens.refresh.replacen("gt_", "rt_", 1),
        &browser
            .cookies
            .iter()
            .find(|(name, _)| name.ends_with("sign_on"))
            .unwrap()
            .1
            .replacen("so_", "rt_", 1),
    ] {
        assert_eq!(world.refresh(stolen).status, 401, "{stolen}");
        let out = world.post(auth::LOGOUT, &json!({ "refresh_token": stolen }));
        assert_eq!(out.status, 401);
    }
    for own in [&me.refresh, &me.refresh.replacen("rt_", "gt_", 1)] {
        assert_eq!(wrong(&program.refresh(&world, own)), (400, "invalid_grant".to_owned()), "{own}");
    }
    assert_eq!(userinfo(&world, &me.access).status, 403);
    let challenge = userinfo(&world, &me.access).headers["www-authenticate"].clone();
    assert_eq!(challenge, "Bearer error=\"insufficient_scope\", scope=\"openid\"");
    for path in ["/api/v1/tenant", "/api/v1/tenant/members"] {
        let got = world.fleet.call("observer", Call::new("GET", path).bearer(&tokens.access));
        assert_eq!((got.status, &got.json()["error"]["code"]), (403, &json!("insufficient_scope")), "{path}");
        assert_eq!(got.headers["www-authenticate"], "Bearer error=\"insufficient_scope\"");
    }
    let nobody = world.fleet.call("observer", Call::new("GET", "/oauth/userinfo"));
    assert_eq!(
        (nobody.status, nobody.headers["www-authenticate"].to_str().unwrap()),
        (401, "Bearer error=\"invalid_token\"")
    );
    // A sign-in's device does not pass for a browser's at our pages, nor a program's grant.
    let mut thief = Browser {
        cookies: vec![("__Host-sesh_sign_on".to_owned(), me.refresh.replacen("rt_", "so_", 1))],
        ..Browser::default()
    };
    assert!(thief.open(&world, &program.request(&[])).text.contains("name=\"password\""));
}
