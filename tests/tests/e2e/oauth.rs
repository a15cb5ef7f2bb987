//! `/oauth/…`, `/api/v1/clients`: programs that people let act for them, on workerd. Libraries of others go the same ways
//! in `scripts/oauth-clients`.

use e2e::actors::{Admin, Anonymous, Caller, Person};
use e2e::control::rows;
use e2e::faults::{Fault, Plan};
use e2e::fixtures::text;
use e2e::fleet::Worker::{Observer, Tracker};
use e2e::http::{Call, Reply};
use e2e::names;
use e2e::programs::{BACK, Browser, Program, SCOPE, hidden, post};
use e2e::wait::at_once;
use serde_json::{Value, json};

fn stash(token: &str) -> Reply {
    Call::new("GET", format!("{}/api/v1/stash", Tracker.url())).bearer(token).send()
}

fn userinfo(token: &str) -> Reply {
    Call::new("GET", format!("{}/oauth/userinfo", Observer.url())).bearer(token).send()
}

fn error(got: &Reply) -> (u16, String) {
    (got.status, got.json()["error"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_person_lets_a_program_act_sees_it_among_their_devices_and_ends_it() {
    let (program, person) = (Program::new(), Person::new());
    let lot = person.buy(100);
    let mut browser = Browser::of(&person);
    let location = browser.sent_back(&program);
    assert!(location.starts_with(&format!("{BACK}?code=ac_")), "{location}");
    assert!(location.contains("&state=s1&iss=https%3A%2F%2F"), "{location}");
    let tokens = program.tokens(&mut browser);
    let access = text(&tokens, "access_token");
    assert_eq!(tokens["scope"], SCOPE);
    let seen = stash(&access).is(200).rows();
    assert_eq!(seen[0]["id"], lot, "their own");
    let told = userinfo(&access).is(200).json();
    assert_eq!((&told["sub"], &told["email"]), (&json!(person.id), &json!(person.email)));
    assert!(told.get("name").is_none(), "it did not ask for that");

    let devices = person.get("/api/v1/auth/devices").is(200).rows();
    let grants: Vec<&Value> = devices.iter().filter(|device| device["client"]["name"] == "Almanac").collect();
    assert_eq!(grants.len(), 1, "the first code was never exchanged: {devices:?}");
    person.delete(&format!("/api/v1/auth/devices/{}", text(grants[0], "id"))).is(204);
    stash(&access).refused(401, "unauthorized");
    userinfo(&access).refused(401, "unauthorized");
    let refused = program.refresh(&text(&tokens, "refresh_token")).send();
    assert_eq!(error(&refused), (400, "invalid_grant".to_owned()));
    let asked = browser.open(&program.request()).is(200);
    assert_eq!(hidden(&asked, "step"), "consent", "and is asked anew");
}

#[test]
fn a_programs_token_opens_what_it_is_for_and_no_more() {
    let (program, person) = (Program::new(), Person::new());
    let access = text(&program.tokens(&mut Browser::of(&person)), "access_token");
    for (verb, path) in [
        ("GET", "/api/v1/sessions"),
        ("POST", "/api/v1/stash"),
        ("GET", "/api/v1/me"),
        ("GET", "/api/v1/auth/devices"),
        ("DELETE", "/api/v1/auth/devices"),
        ("GET", "/api/v1/me/factors"),
        ("POST", "/api/v1/me/password"),
    ] {
        let got = Call::new(verb, format!("{}{path}", Tracker.url())).bearer(&access).json(&json!({})).send();
        let got = got.refused(403, "insufficient_scope");
        assert!(
            got.header("www-authenticate").unwrap().starts_with("Bearer error=\"insufficient_scope\""),
            "{got}"
        );
    }
    assert!(person.counts(), "nobody was signed out");
    stash(&access).is(200);
    let as_cookie = Call::new("GET", format!("{}/api/v1/stash", Tracker.url()))
        .header("cookie", format!("__Host-sesh_access={access}"));
    as_cookie.send().refused(401, "unauthorized");
}

#[test]
fn whatever_ends_a_person_ends_their_grants_at_once() {
    let suspend = |person: &Person| drop(Admin::new().suspend(person));
    let sign_out = |person: &Person| drop(person.delete("/api/v1/auth/devices").is(204));
    let ends: [&dyn Fn(&Person); 2] = [&suspend, &sign_out];
    for end in ends {
        let (program, person) = (Program::new(), Person::new());
        let tokens = program.tokens(&mut Browser::of(&person));
        stash(&text(&tokens, "access_token")).is(200);
        end(&person);
        stash(&text(&tokens, "access_token")).refused(401, "unauthorized");
        let refused = program.refresh(&text(&tokens, "refresh_token")).send();
        assert_eq!(error(&refused), (400, "invalid_grant".to_owned()));
    }
}

#[test]
fn a_program_that_is_taken_away_is_gone_everywhere() {
    let (program, person) = (Program::new(), Person::new());
    let access = text(&program.tokens(&mut Browser::of(&person)), "access_token");
    let own = program.call("/oauth/token", &[("grant_type", "client_credentials")]).send().is(200).json();
    let strains = |token: &str| {
        Call::new("GET", format!("{}/api/v1/strains?limit=1", Tracker.url())).bearer(token).send()
    };
    strains(&text(&own, "access_token")).is(200);
    stash(&text(&own, "access_token")).refused(403, "insufficient_scope");
    Admin::new().delete(&format!("/api/v1/clients/{}", program.id)).is(204);
    for token in [access, text(&own, "access_token")] {
        strains(&token).refused(401, "unauthorized");
    }
    Browser::of(&person).open(&program.request()).is(400);
}

#[test]
fn the_pages_hold_what_browsers_are_told() {
    let (program, person) = (Program::new(), Person::new());
    let page = Browser::of(&person).open(&program.request()).is(200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-")
            && policy.contains("frame-ancestors 'none'")
    );
    assert!(policy.contains("form-action 'self' https://almanac.example;"), "{policy}");
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert!(!page.text().contains("<script") && page.text().contains("<label for=\"email\">"));
    let stolen = post("/oauth/authorize", &[("step", "sign_in"), ("query", &program.request())]);
    assert_eq!(stolen.clone().send().status, 403, "no origin");
    assert_eq!(stolen.header("origin", "https://evil.example").send().status, 403);
}

#[test]
fn the_metadata_is_public_and_plain() {
    for path in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
        let got = Anonymous::at(Observer).get(path).is(200);
        assert!(
            got.json().get("success").is_none()
                && got.json()["code_challenge_methods_supported"] == json!(["S256"])
        );
    }
}

/// A hundred exchanges of one code at once, delayed at every call to the database: one is let through, and as somebody has
/// a copy of the code, nothing that came of it lives.
#[test]
fn one_code_exchanged_a_hundred_times_at_once() {
    let person = Person::new();
    for seed in 1..=3 {
        let (program, mut browser) = (Program::new(), Browser::of(&person));
        let code = browser.code(&program);
        let plan = Plan::new().set("observer", seed, 0, &[Fault::delay("DB", 25)]);
        let got = at_once(100, |_| {
            let got = plan.strikes(program.exchange(&code)).send();
            (got.status, got.json())
        });
        let won: Vec<&Value> =
            got.iter().filter(|(status, _)| *status == 200).map(|(_, body)| body).collect();
        assert_eq!(won.len(), 1, "{got:?}");
        assert!(
            got.iter().all(|(status, body)| *status == 200 || body["error"] == "invalid_grant"),
            "{got:?}"
        );
        stash(&text(won[0], "access_token")).refused(401, "unauthorized");
        let sql = "SELECT count(*) AS grants, sum(revoked_at IS NULL) AS alive FROM oauth_grants
                   JOIN devices ON devices.id = device_id WHERE client_id = ?1";
        assert_eq!(rows(Observer, sql, &[json!(program.id)])[0], json!({ "grants": 1, "alive": 0 }));
    }
}

#[test]
fn a_program_is_registered_once_whatever_is_retried() {
    let body = json!({ "name": "Once", "kind": "confidential", "redirect_uris": [BACK],
                       "grant_types": ["authorization_code"], "scopes": ["openid"] });
    let key = names::key();
    let post = || Admin::new().call("POST", "/api/v1/clients").key(&key).json(&body).send().is(201).text();
    let answers = at_once(20, |_| post());
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    let other = json!({ "name": "Other", "kind": "public", "grant_types": ["client_credentials"], "scopes": ["openid"] });
    Admin::new().post("/api/v1/clients", &other).refused(422, "unprocessable").names("grant_types");
}
