//! Each step of letting a program act, and each way in which it is refused.

use super::testing::{
    BACK, Browser, HOST, Program, Tokens, VERIFIER, claims, confidential, hidden, public, redemption,
    register, registration, sent_back, told, wrong,
};
use crate::testing::{ISSUER, NOW, PASSWORD, World};
use serde_json::json;
use sesh_edge::native::{Call, Got};
use sesh_types::contract::clients::CLIENTS;
use sesh_types::contract::{auth, notice::Notice};
use sesh_types::time::{DAY_MS, MINUTE_MS, SECOND_MS};

const EMAIL: &str = "ada@example.com";

/// What ends something of a person's.
type End = fn(&World, &Browser);

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
        let mac = secret.rsplit('_').next().unwrap();
        assert!(!everything.contains(secret.as_str()) && !everything.contains(mac), "{secret}");
    }
}

#[test]
fn a_request_that_cannot_be_trusted_strands_the_person_on_a_page() {
    let world = World::new();
    let (program, mut browser) = (public(&world), Browser::default());
    let nobodys = "019dabb1-0b80-7505-8b10-1d169256c15c";
    for (name, value) in [
        ("client_id", ""),
        ("client_id", "x"),
        ("client_id", nobodys),
        ("redirect_uri", ""),
        ("redirect_uri", "https://evil.example/cb"),
        ("redirect_uri", "https://almanac.example/cb/"),
        ("redirect_uri", "https://almanac.example/cb?x=1"),
        ("redirect_uri", "http://127.0.0.1:5/other"),
        ("redirect_uri", "javascript:alert(1)"),
    ] {
        let got = browser.open(&world, &program.request(&[(name, value)]));
        assert_eq!(got.status, 400, "{name}={value}");
        assert!(got.headers.get("location").is_none() && got.text.contains("This did not work"));
        assert!(!got.text.contains("evil"), "nothing of it is shown");
    }
    let twice = format!("{}&client_id={}", program.request(&[]), program.id);
    assert_eq!(browser.open(&world, &twice).status, 400);
    assert_eq!(browser.open(&world, "%zz=%").status, 400);
    let page = browser.open(&world, "");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self';"), "{policy}");
    assert_eq!(page.headers["x-frame-options"], "DENY");
    assert!(policy.contains("base-uri 'none'") && !policy.contains("unsafe"), "{policy}");
}

#[test]
fn every_other_wrong_is_told_to_the_program_with_its_state_and_who_says_so() {
    let world = World::new();
    let (program, mut browser) = (public(&world), Browser::default());
    for (name, value, error) in [
        ("response_type", "", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "code id_token", "unsupported_response_type"),
        ("response_mode", "fragment", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("scope", "", "invalid_scope"),
        ("scope", "openid root", "invalid_scope"),
        ("scope", "openid stash:write", "invalid_scope"),
        ("scope", "tenant:manage", "invalid_scope"),
        ("prompt", "none login", "invalid_request"),
        ("prompt", "create", "invalid_request"),
        ("max_age", "-1", "invalid_request"),
        ("max_age", "soon", "invalid_request"),
        ("request", "x.y.z", "request_not_supported"),
        ("request_uri", "https://almanac.example/r", "request_uri_not_supported"),
        ("prompt", "none", "login_required"),
    ] {
        assert_eq!(told(&browser.open(&world, &program.request(&[(name, value)]))), error, "{name}={value}");
    }
    let alone = json!({ "name": "Robot", "kind": "confidential", "redirect_uris": [BACK],
                        "grant_types": ["client_credentials"], "scopes": ["openid"] });
    let robot = register(&world, &alone);
    let got = browser.open(&world, &robot.request(&[("scope", "openid")]));
    assert_eq!(told(&got), "unauthorized_client");
    assert_eq!(world.number("SELECT COUNT(*) FROM oauth_codes"), 0);
}

#[test]
fn a_loopback_address_goes_by_any_port_and_never_without_asking() {
    let world = World::new();
    let mut ours = registration("public");
    ours["first_party"] = json!(true);
    let (program, mut browser) = (register(&world, &ours), Browser::of(&world, EMAIL));
    let native = program.request(&[("redirect_uri", "http://127.0.0.1:49152/cb")]);
    for _ in 0..2 {
        browser.code(&world, &native);
        let again = browser.open(&world, &native);
        assert!(again.text.contains("value=\"allow\""), "whoever listens there may call themselves Almanac");
        let policy = again.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("form-action 'self' http://127.0.0.1:49152;"), "{policy}");
    }
    assert_eq!(browser.open(&world, &program.request(&[])).status, 303, "ours is not asked about");
}

#[test]
fn a_person_is_asked_once_and_again_for_more() {
    let world = World::new();
    let (program, mut browser) = (public(&world), Browser::of(&world, EMAIL));
    let little = program.request(&[("scope", "openid stash:read")]);
    browser.code(&world, &little);
    assert!(sent_back(&browser.open(&world, &little)).iter().any(|(name, _)| name == "code"));
    assert!(
        sent_back(&browser.open(&world, &program.request(&[("scope", "openid"), ("prompt", "none")])))
            .iter()
            .any(|(name, _)| name == "code")
    );
    assert!(browser.open(&world, &program.request(&[])).text.contains("Log, edit and delete sessions"));
    assert_eq!(told(&browser.open(&world, &program.request(&[("prompt", "none")]))), "consent_required");
    let asked = browser.open(&world, &program.request(&[("scope", "openid"), ("prompt", "consent")]));
    assert!(asked.text.contains("value=\"allow\""));
    assert_eq!(told(&browser.submit(&world, &asked, "consent", &[("answer", "deny")])), "access_denied");
    assert_eq!(told(&browser.submit(&world, &asked, "consent", &[])), "access_denied");
    assert!(world.audited().contains(&"consent.denied".to_owned()));
    assert!(asked.text.contains("a quarter of an hour") && !asked.text.contains("90 days"), "{}", asked.text);
    let lasting = browser.open(&world, &program.request(&[("prompt", "consent")]));
    assert!(lasting.text.contains("90 days at most"), "how long it is for: {}", lasting.text);
}

#[test]
fn whoever_must_sign_in_anew_does() {
    let world = World::new();
    let (program, mut browser) = (public(&world), Browser::of(&world, EMAIL));
    browser.code(&world, &program.request(&[]));
    world.fleet.pass_ms(10 * MINUTE_MS);
    for (name, value) in
        [("prompt", "login"), ("prompt", "select_account"), ("max_age", "0"), ("max_age", "599")]
    {
        let query = program.request(&[(name, value)]);
        let page = browser.open(&world, &query);
        assert!(page.text.contains("name=\"password\""), "{name}={value}");
        // The form of consent does not get past it either.
        let skipped = browser.submit(&world, &page, "consent", &[("answer", "allow")]);
        assert!(skipped.text.contains("name=\"password\""), "{name}={value}");
    }
    assert_eq!(browser.open(&world, &program.request(&[("max_age", "600")])).status, 303);
    world.fleet.pass_ms(1);
    assert_eq!(
        told(&browser.open(&world, &program.request(&[("max_age", "600"), ("prompt", "none")]))),
        "login_required"
    );
    let code = browser.code(&world, &program.request(&[("prompt", "login")]));
    let tokens = Tokens::of(&program.redeem(&world, &code));
    assert_eq!(claims(&tokens.access)["auth_time"], json!(world.fleet.now().seconds()));
    world.fleet.pass_ms(30 * DAY_MS);
    assert!(browser.open(&world, &program.request(&[])).text.contains("name=\"password\""), "a sign-in ends");
}

#[test]
fn forms_of_other_sites_browsers_and_times_do_nothing() {
    let world = World::new();
    let (program, mut browser) = (public(&world), Browser::of(&world, EMAIL));
    let query = program.request(&[]);
    let page = browser.open(&world, &query);
    let good = [("email", EMAIL), ("password", PASSWORD)];
    let cookie = format!("__Host-sesh_form={}", browser.cookies[0].1);
    for origin in [None, Some("https://evil.example"), Some("null")] {
        let mut call =
            Browser::filled(&page, "sign_in", &good).header("cookie", &cookie).header("host", HOST);
        if let Some(origin) = origin {
            call = call.header("origin", origin);
        }
        assert_eq!(world.fleet.call("observer", call).status, 403, "{origin:?}");
    }
    let mut other = Browser { email: EMAIL.to_owned(), ..Browser::default() };
    let got = other.submit(&world, &page, "sign_in", &good);
    assert_eq!(got.status, 403, "another browser");
    assert!(got.text.contains("try again"));
    let elsewhere = browser.open(&world, &program.request(&[("state", "other")]));
    let mut fields = good.to_vec();
    let token = hidden(&page, "form").unwrap();
    fields.push(("form", &token));
    let mixed = Got { text: elsewhere.text.replace("name=\"form\"", "name=\"x\""), ..elsewhere };
    assert_eq!(browser.submit(&world, &mixed, "sign_in", &fields).status, 403, "another request");
    world.fleet.pass_ms(60 * MINUTE_MS + 1);
    assert_eq!(browser.submit(&world, &page, "sign_in", &good).status, 403, "too old");
    assert_eq!(world.number("SELECT COUNT(*) FROM devices"), 1, "nobody signed in");
    let consent = browser.complete(&world, &query);
    assert_eq!(consent.status, 303);
}

#[test]
fn a_request_by_post_goes_on_by_get() {
    let world = World::new();
    let program = public(&world);
    let call = Call::new("POST", "/oauth/authorize")
        .header("content-type", "application/x-www-form-urlencoded")
        .raw(program.request(&[]));
    let got = world.fleet.call("observer", call);
    let there = format!("/oauth/authorize?{}", program.request(&[]));
    assert_eq!((got.status, got.headers["location"].to_str().unwrap()), (303, there.as_str()));
}

#[test]
fn signing_in_is_as_anywhere_else_counted_and_on_record() {
    let world = World::new();
    let (program, mut browser) = (public(&world), Browser::of(&world, EMAIL));
    let page = browser.open(&world, &program.request(&[("login_hint", "a\"><b>@example.com")]));
    assert!(page.text.contains("value=\"a&quot;&gt;&lt;b&gt;@example.com\""), "{}", page.text);
    for _ in 0..10 {
        let got = browser.submit(&world, &page, "sign_in", &[("email", EMAIL), ("password", "wrong")]);
        assert_eq!(got.status, 403);
        assert!(
            got.text.contains("is wrong")
                && got.text.contains("aria-invalid")
                && !got.text.contains("value=\"wrong\"")
        );
    }
    let got = browser.sign_in(&world, &page);
    assert_eq!(got.status, 429, "the right one too");
    assert!(got.headers.get("retry-after").is_some());
    assert!(!browser.cookies.iter().any(|(name, _)| name.ends_with("sign_on")));
    assert_eq!(world.audited().iter().filter(|action| *action == "login.failed").count(), 10);
}

#[test]
fn a_second_factor_is_asked_for_where_there_is_one() {
    let world = World::new();
    let (_, generator, recovery) = crate::factors::tests::protected(&world);
    let (program, mut browser) = (public(&world), Browser { email: EMAIL.to_owned(), ..Browser::default() });
    let page = browser.open(&world, &program.request(&[]));
    let asked = browser.sign_in(&world, &page);
    assert!(asked.status == 200 && asked.text.contains("one-time-code"), "{}", asked.text);
    let got = browser.submit(&world, &asked, "factor", &[("code", "000000")]);
    assert!(got.status == 403 && got.text.contains("one-time-code"), "{}", got.text);
    let got = browser.submit(&world, &asked, "factor", &[("code", &generator.now(&world))]);
    assert!(got.text.contains("value=\"allow\""), "{}", got.text);
    let mut other = Browser { email: EMAIL.to_owned(), ..Browser::default() };
    let page = other.open(&world, &program.request(&[]));
    let asked = other.sign_in(&world, &page);
    let got = other.submit(&world, &asked, "factor", &[("code", &recovery[0])]);
    assert!(got.text.contains("value=\"allow\""), "{}", got.text);
    let got = other.submit(&world, &asked, "factor", &[("code", &recovery[0])]);
    assert_eq!(got.status, 403);
}

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

#[test]
fn programs_show_who_they_are() {
    let world = World::new();
    let (kept, open) = (confidential(&world), public(&world));
    let unknown = (401, "invalid_client".to_owned());
    let fields = [("grant_type", "client_credentials")];
    let as_ =
        |secret: Option<&str>, id: &str| Program { id: id.to_owned(), secret: secret.map(str::to_owned) };
    for (number, liar) in [
        as_(Some("wrong"), &kept.id),
        as_(None, &kept.id),
        as_(open.secret.as_deref().or(Some("")), &open.id),
        as_(kept.secret.as_deref(), &open.id),
        as_(None, "nobody"),
        as_(None, "019dabb1-0b80-7505-8b10-1d169256c15c"),
    ]
    .iter()
    .enumerate()
    {
        let got = liar.post(&world, "/oauth/token", &fields);
        assert_eq!(wrong(&got), unknown, "{number}");
        assert!(got.headers["www-authenticate"].to_str().unwrap().starts_with("Basic"));
    }
    let secret = kept.secret.clone().unwrap();
    let in_body = [("grant_type", "client_credentials"), ("client_secret", secret.as_str())];
    assert_eq!(as_(None, &kept.id).post(&world, "/oauth/token", &in_body).status, 200);
    assert_eq!(
        wrong(&kept.post(&world, "/oauth/token", &in_body)),
        (400, "invalid_request".to_owned()),
        "both ways"
    );
    let twice = [("grant_type", "client_credentials"), ("grant_type", "client_credentials")];
    assert_eq!(wrong(&kept.post(&world, "/oauth/token", &twice)), (400, "invalid_request".to_owned()));
    assert_eq!(wrong(&kept.post(&world, "/oauth/token", &[])), (400, "invalid_request".to_owned()));
    let implicit = [("grant_type", "password")];
    assert_eq!(
        wrong(&kept.post(&world, "/oauth/token", &implicit)),
        (400, "unsupported_grant_type".to_owned())
    );
    assert_eq!(wrong(&open.post(&world, "/oauth/token", &fields)), (400, "unauthorized_client".to_owned()));
    let json = Call::new("POST", "/oauth/token").json(&json!({ "grant_type": "client_credentials" }));
    assert_eq!(world.fleet.call("observer", json).status, 415);
    assert_eq!(
        wrong(&open.post(&world, "/oauth/introspect", &[("token", "x")])),
        unknown,
        "no secret, no questions"
    );
}

#[test]
fn a_program_acts_for_itself_within_what_needs_no_person() {
    let world = World::new();
    let program = confidential(&world);
    let post = |scope: &str| {
        program.post(&world, "/oauth/token", &[("grant_type", "client_credentials"), ("scope", scope)])
    };
    let tokens = Tokens::of(&post(""));
    assert_eq!((&tokens.body["scope"], tokens.body.get("refresh_token")), (&json!("strains:read"), None));
    let claimed = claims(&tokens.access);
    assert_eq!((&claimed["sub"], &claimed["client_id"]), (&json!(program.id), &json!(program.id)));
    assert_eq!(wrong(&post("stash:read")), (400, "invalid_scope".to_owned()));
    assert_eq!(userinfo(&world, &tokens.access).status, 403);
    assert_eq!(program.introspect(&world, &tokens.access)["active"], true);
    assert!(world.audited().contains(&"client.token_issued".to_owned()));
    for _ in 0..2 {
        assert_eq!(program.revoke(&world, &tokens.access).status, 200);
    }
    assert_eq!(program.introspect(&world, &tokens.access), json!({ "active": false }));
    let subject = format!("device:{}", claimed["did"].as_str().unwrap());
    assert!(
        matches!(world.heard().as_slice(), [Notice::Revoked { subject: told, .. }] if *told == subject),
        "once"
    );
}

#[test]
fn a_program_ends_and_asks_about_its_own_tokens_alone() {
    let world = World::new();
    let (program, other, mut browser) =
        (confidential(&world), confidential(&world), Browser::of(&world, EMAIL));
    let tokens = program.tokens(&world, &mut browser);
    let told = program.introspect(&world, &tokens.access);
    assert_eq!(
        (&told["active"], &told["client_id"], &told["token_type"]),
        (&json!(true), &json!(program.id), &json!("Bearer"))
    );
    assert_eq!((&told["scope"], &told["iss"]), (&json!(EVERYTHING_SORTED), &json!(ISSUER)));
    assert_eq!(told["exp"].as_i64().unwrap() - told["iat"].as_i64().unwrap(), 900);
    assert_eq!(program.introspect(&world, &tokens.refresh)["active"], true);
    let me = world.login(EMAIL);
    for not_theirs in [&tokens.access, &tokens.refresh, &me.access, &me.refresh, &"nonsense".to_owned()] {
        assert_eq!(other.introspect(&world, not_theirs), json!({ "active": false }));
        let got = other.revoke(&world, not_theirs);
        assert!(got.status == 200 || wrong(&got) == (400, "unauthorized_client".to_owned()), "{}", got.text);
    }
    assert_eq!(userinfo(&world, &tokens.access).status, 200, "nobody else ends it");
    assert!(world.counts(&me));
    assert_eq!(wrong(&program.revoke(&world, "")), (400, "invalid_request".to_owned()));
    let second = Tokens::of(&program.refresh(&world, &tokens.refresh));
    assert_eq!(program.introspect(&world, &tokens.refresh), json!({ "active": false }), "it was used");
    for _ in 0..2 {
        assert_eq!(program.revoke(&world, &second.refresh).status, 200);
    }
    for dead in [&tokens.access, &second.access, &second.refresh] {
        assert_eq!(program.introspect(&world, dead), json!({ "active": false }));
    }
    assert_eq!(world.audited().iter().filter(|action| *action == "grant.ended").count(), 1);
    assert_eq!(world.heard().len(), 1);
    assert_eq!(browser.open(&world, &program.request(&[])).status, 303, "they still agree");
}

#[test]
fn a_revocation_that_cannot_be_told_is_not_acknowledged() {
    let world = World::new();
    let (program, mut browser) = (public(&world), Browser::of(&world, EMAIL));
    let tokens = program.tokens(&world, &mut browser);
    world.tracker_is_down(true);
    assert_eq!(program.revoke(&world, &tokens.refresh).status, 503);
    world.tracker_is_down(false);
    assert_eq!(program.revoke(&world, &tokens.refresh).status, 200);
    assert_eq!(world.heard().len(), 1);
}

#[test]
fn a_program_of_a_tenant_is_for_its_members() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let mut body = registration("public");
    body["tenant_id"] = json!(tenant);
    let program = register(&world, &body);
    let mut browser = Browser::of(&world, EMAIL);
    assert_eq!(told(&browser.complete(&world, &program.request(&[]))), "access_denied");
    let ada = world.column("SELECT id FROM people").remove(0);
    let insert = format!(
        "INSERT INTO memberships (tenant_id, person_id, role, apps, joined_at) VALUES ('{tenant}', '{ada}', 'admin', '{{}}', 0)"
    );
    world.execute(&insert).unwrap();
    let tokens = program.tokens(&world, &mut browser);
    let claimed = claims(&tokens.access);
    assert_eq!((&claimed["tid"], &claimed["role"]), (&json!(tenant), &json!("admin")));
    let close = Call::new("POST", &format!("{}/{tenant}/deactivate", sesh_types::contract::tenants::TENANTS));
    assert_eq!(world.as_admin(close.json(&json!({ "reason": "unpaid" }))).status, 200);
    assert_eq!(wrong(&program.refresh(&world, &tokens.refresh)), (400, "invalid_grant".to_owned()));
    assert_eq!(userinfo(&world, &tokens.access).status, 403);
    assert_eq!(told(&browser.open(&world, &program.request(&[]))), "access_denied");
}

#[test]
fn a_program_that_is_taken_away_leaves_no_token_that_counts() {
    let world = World::new();
    let (program, other, mut browser) =
        (confidential(&world), confidential(&world), Browser::of(&world, EMAIL));
    let tokens = program.tokens(&world, &mut browser);
    let kept = other.tokens(&world, &mut browser);
    let path = format!("{CLIENTS}/{}", program.id);
    let remove = || world.as_admin(Call::new("DELETE", &path).header("idempotency-key", "k"));
    assert_eq!((remove().status, remove().status), (204, 204));
    assert_eq!(world.as_admin(Call::new("DELETE", &path)).status, 404);
    assert_eq!(userinfo(&world, &tokens.access).status, 401);
    assert_eq!(wrong(&program.refresh(&world, &tokens.refresh)), (401, "invalid_client".to_owned()));
    assert_eq!(userinfo(&world, &kept.access).status, 200);
    let subjects: Vec<String> = world
        .heard()
        .into_iter()
        .filter_map(|notice| match notice {
            Notice::Revoked { subject, .. } => Some(subject),
            _ => None,
        })
        .collect();
    let did = claims(&tokens.access)["did"].as_str().unwrap().to_owned();
    assert_eq!(subjects, [format!("device:{did}"), format!("person:{}", program.id)]);
    assert_eq!(browser.open(&world, &program.request(&[])).status, 400);
}

#[test]
fn the_metadata_names_endpoints_that_are_there() {
    let world = World::new();
    let get = |path: &str| world.fleet.call("observer", Call::new("GET", path));
    let metadata = get("/.well-known/oauth-authorization-server").json();
    assert_eq!(metadata, get("/.well-known/openid-configuration").json());
    assert_eq!(metadata["issuer"], ISSUER);
    for (name, value) in metadata.as_object().unwrap() {
        if name.ends_with("_endpoint") || name == "jwks_uri" {
            let path = value.as_str().unwrap().strip_prefix(ISSUER).unwrap();
            assert_ne!(get(path).status, 404, "{name}");
        }
    }
    assert_eq!(get("/oauth/jwks").json(), get("/.well-known/jwks.json").json());
    assert!(!metadata["scopes_supported"].to_string().contains("tenant"));
}

#[test]
fn codes_and_revoked_tokens_are_forgotten_in_time() {
    let world = World::new();
    let (program, mut browser) = (confidential(&world), Browser::of(&world, EMAIL));
    program.tokens(&world, &mut browser);
    let own = Tokens::of(&program.post(&world, "/oauth/token", &[("grant_type", "client_credentials")]));
    program.revoke(&world, &own.access);
    let left = || {
        (world.number("SELECT COUNT(*) FROM oauth_codes"), world.number("SELECT COUNT(*) FROM oauth_ended"))
    };
    let on_the_hour = 60 * MINUTE_MS - NOW.0 % (60 * MINUTE_MS);
    world.fleet.pass_ms(on_the_hour);
    assert!(world.fleet.job("observer", sesh_edge::service::Job::Tick));
    assert_eq!(left(), (1, 1));
    world.fleet.pass_ms(24 * 60 * MINUTE_MS);
    assert!(world.fleet.job("observer", sesh_edge::service::Job::Tick));
    assert_eq!(left(), (0, 0));
    world.fleet.pass_ms(90 * DAY_MS);
    assert!(world.fleet.job("observer", sesh_edge::service::Job::Tick));
    assert_eq!(world.number("SELECT COUNT(*) FROM oauth_grants"), 0, "grants go with their devices");
}

#[test]
fn a_grant_does_not_grow() {
    let world = World::new();
    let (program, mut browser) = (public(&world), Browser::of(&world, EMAIL));
    program.tokens(&world, &mut browser);
    let grown = world.execute("UPDATE oauth_grants SET scopes = 'stash:write'").unwrap_err();
    assert!(grown.contains("refused:grant_changes"), "{grown}");
    let revived = world.execute("UPDATE oauth_codes SET used_at = NULL").unwrap_err();
    assert!(revived.contains("refused:code_spent"), "{revived}");
}
