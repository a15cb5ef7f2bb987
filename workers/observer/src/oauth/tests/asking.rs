//! Asking a person: what of a request is trusted, who is asked to sign in, and what they are asked.

use super::super::testing::{
    BACK, Browser, HOST, Tokens, claims, hidden, public, register, registration, sent_back, told,
};
use super::EMAIL;
use crate::testing::{PASSWORD, World};
use serde_json::json;
use sesh_edge::native::{Call, Got};
use sesh_types::time::{DAY_MS, MINUTE_MS};

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
