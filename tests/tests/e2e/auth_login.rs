//! `POST /api/v1/auth/login`

use e2e::actors::{Admin, Anonymous, Caller, PASSWORD, Person};
use e2e::fleet::fleet;
use e2e::http::Reply;
use e2e::names;
use e2e::tenants::{Tenant, new_tenant};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/auth/login";

fn credentials(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password, "delivery": "token" })
}

#[test]
fn a_person_logs_in_through_tracker_with_a_token_or_with_cookies() {
    let person = Person::new();
    let got = person.try_log_in().is(200);
    let data = got.data();
    assert_eq!((&data["token_type"], &data["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert_eq!((&data["user"]["id"], &data["user"]["email"]), (&json!(person.id), &json!(person.email)));
    assert!(data["refresh_token"].is_string() && got.header("set-cookie").is_none(), "{got}");
    assert_ne!(data["access_token"], json!(person.access), "a new device has new tokens");

    let body = json!({ "email": person.email, "password": PASSWORD });
    let got = person.anonymous().post(PATH, &body).is(200);
    assert!(got.data().get("refresh_token").is_none_or(Value::is_null), "{got}");
    assert_eq!(got.headers.get_all("set-cookie").iter().count(), 2);
}

#[test]
fn the_seeded_accounts_can_log_in() {
    assert!(!fleet().accounts.is_empty());
    for account in &fleet().accounts {
        Anonymous::new().post(PATH, &credentials(&account.email, &account.password)).is(200);
    }
}

#[test]
fn every_failure_looks_alike() {
    let (person, suspended) = (Person::new(), Person::new());
    Admin::new().suspend(&suspended);
    let wrong = person.anonymous().post(PATH, &credentials(&person.email, "not the password at all"));
    let unknown = person.anonymous().post(PATH, &credentials(&names::email(), PASSWORD));
    let locked = suspended.try_log_in();
    let no_address = person.anonymous().post(PATH, &credentials("no address", PASSWORD));
    for got in [&unknown, &locked, &no_address] {
        assert_eq!((got.status, got.text()), (wrong.status, wrong.text()));
    }
    wrong.refused(401, "invalid_credentials");
}

#[test]
fn guessing_is_slowed_down_by_account_and_address() {
    let person = Person::new();
    let stranger = Anonymous::new();
    let guess = |number: i32| {
        // What a client says of itself does not give it another counter.
        let call = stranger.call("POST", PATH).json(&credentials(&person.email, "a wrong guess of it"));
        let forged = format!("203.0.113.{number}");
        call.header("x-forwarded-for", &forged).header("x-sesh-client-address", &forged).send()
    };
    let refused = (0..40).map(guess).find(|got| got.status != 401).expect("forty guesses were let through");
    let refused = refused.refused(429, "too_many_requests");
    assert!(refused.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
    stranger.post(PATH, &credentials(&person.email, PASSWORD)).refused(429, "too_many_requests");
    person.try_log_in().is(200);
}

#[test]
fn logging_in_often_is_not_guessing() {
    let person = Person::new();
    for _ in 0..15 {
        person.try_log_in().is(200);
    }
    assert!(person.counts());
}

#[test]
fn a_tampered_expired_or_absent_token_is_401() {
    let person = Person::new();
    let [head, claims, signature] = person.access.split('.').collect::<Vec<_>>()[..] else {
        panic!("no JWT")
    };
    let other = Person::new();
    let foreign: Vec<&str> = other.access.split('.').collect();
    // {"alg":"none"}, and the same key id with another algorithm.
    let none = "eyJhbGciOiJub25lIn0";
    let hmac = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
    let flipped: String = signature.chars().rev().collect();
    let tokens = [
        String::new(),
        "x".into(),
        format!("{head}.{claims}"),
        format!("{head}.{claims}."),
        format!("{head}.{claims}.{flipped}"),
        format!("{head}.{}.{signature}", foreign[1]),
        format!("{none}.{claims}."),
        format!("{hmac}.{claims}.{signature}"),
        format!("{}x", person.access),
        person.refresh.clone(),
    ];
    for token in tokens {
        let call = person.anonymous().call("GET", "/api/v1/me").bearer(&token);
        call.send().refused(401, "unauthorized");
    }
    person.anonymous().get("/api/v1/me").refused(401, "unauthorized");
    person.anonymous().call("GET", "/api/v1/me").header("authorization", "Basic eDp5").send().is(401);
    assert!(person.counts());
}

#[test]
fn one_signs_in_straight_to_a_tenant_by_its_slug_or_its_address() {
    let domain = format!("{}.example.com", names::slug());
    let mut body = new_tenant();
    body["domains"] = json!([domain]);
    let tenant = Tenant::with(&body);
    let member = tenant.member("member").person;
    let stranger = Person::new();
    let call = |person: &Person, password: &str, slug: Option<&str>, host: Option<&str>| {
        let mut body = credentials(&person.email, password);
        if let Some(slug) = slug {
            body["tenant"] = slug.into();
        }
        let call = person.anonymous().call("POST", PATH).json(&body);
        match host {
            Some(host) => call.header("host", host).send(),
            None => call.send(),
        }
    };
    let works_in = |got: &Reply| {
        let person = Person::of(got, "", &member.address);
        let tenants = person.get("/api/v1/me/tenants").is(200).rows();
        tenants.iter().find(|row| row["current"] == true).unwrap()["slug"].clone()
    };
    let by_slug = call(&member, PASSWORD, Some(&tenant.slug), None).is(200);
    let by_host = call(&member, PASSWORD, None, Some(&domain)).is(200);
    let home = call(&member, PASSWORD, None, None).is(200);
    assert_eq!(works_in(&by_slug), json!(tenant.slug));
    assert_eq!(works_in(&by_host), json!(tenant.slug));
    assert_eq!(works_in(&home), json!("consumers"));
    // At the tenant's address a token of another tenant is 403 all the same.
    let at_the_address = |got: &Reply| {
        let person = Person::of(got, "", &member.address);
        person.call("GET", "/api/v1/stash").header("host", &domain).send()
    };
    at_the_address(&by_slug).is(200);
    at_the_address(&home).refused(403, "forbidden");
    // Who is no member is told what a wrong password is told.
    let wrong = call(&stranger, "not the password at all", None, None).refused(401, "invalid_credentials");
    for (slug, host) in
        [(Some(tenant.slug.as_str()), None), (None, Some(domain.as_str())), (Some("nowhere"), None)]
    {
        assert_eq!(call(&stranger, PASSWORD, slug, host).text(), wrong.text());
    }
    tenant.deactivate();
    call(&member, PASSWORD, Some(&tenant.slug), None).refused(403, "tenant_inactive");
    let guess = call(&member, "not the password at all", Some(&tenant.slug), None);
    assert_eq!(guess.text(), wrong.text());
    assert_eq!(call(&stranger, PASSWORD, Some(&tenant.slug), None).text(), wrong.text());
    call(&member, PASSWORD, None, None).is(200);
}
