//! `POST /api/v1/auth/register`

use e2e::actors::{Anonymous, Caller, PASSWORD, sign_up};
use e2e::names;
use serde_json::json;

const PATH: &str = "/api/v1/auth/register";

#[test]
fn a_new_person_is_signed_in_at_once() {
    let (anyone, email) = (Anonymous::new(), names::email());
    let mut body = sign_up(&email.to_uppercase());
    body["delivery"] = "token".into();
    let data = anyone.post(PATH, &body).is(201).data();
    assert_eq!((&data["token_type"], &data["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert_eq!((&data["user"]["email"], &data["user"]["display_name"]), (&json!(email), &json!("Tester")));
    let token = data["access_token"].as_str().unwrap();
    let me = anyone.call("GET", "/api/v1/me").bearer(token).send().is(200).data();
    assert_eq!(me, data["user"]);
}

#[test]
fn nothing_of_the_birth_date_or_password_comes_back() {
    let got = Anonymous::new().post(PATH, &sign_up(&names::email())).is(201);
    let text = got.text();
    assert!(!text.contains("1990") && !text.contains(PASSWORD) && !text.contains("birth"), "{text}");
}

#[test]
fn a_person_under_21_is_refused_as_age_restricted() {
    let email = names::email();
    let mut body = sign_up(&email);
    body["birth_date"] = "2020-01-01".into();
    let anyone = Anonymous::new();
    anyone.post(PATH, &body).refused(422, "age_restricted").names("birth_date");
    anyone.post(PATH, &sign_up(&email)).is(201);
}

#[test]
fn a_taken_address_is_a_conflict_however_it_is_written() {
    let (anyone, email) = (Anonymous::new(), names::email());
    anyone.post(PATH, &sign_up(&email)).is(201);
    for taken in [email.clone(), email.to_uppercase(), format!(" {email} "), email.replace("e2e", "Ｅ2e")] {
        anyone.post(PATH, &sign_up(&taken)).refused(409, "conflict");
    }
}

#[test]
fn trying_addresses_is_throttled_for_whoever_tries_and_for_nobody_else() {
    let email = names::email();
    let anyone = Anonymous::new();
    anyone.post(PATH, &sign_up(&email)).is(201);
    let refused = (0..60).map(|_| anyone.post(PATH, &sign_up(&email))).find(|got| got.status != 409);
    let refused = refused.expect("sixty tries were let through").refused(429, "too_many_requests");
    let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=3600).contains(&wait), "{wait}");
    Anonymous::new().post(PATH, &sign_up(&email)).refused(409, "conflict");
}

#[test]
fn passwords_have_a_length_and_no_rule_of_composition() {
    let anyone = Anonymous::new();
    let with = |password: &str| {
        let mut body = sign_up(&names::email());
        body["password"] = password.into();
        anyone.post(PATH, &body)
    };
    for bad in ["", "seven77", "password1", &"x".repeat(257)] {
        with(bad).refused(422, "unprocessable").names("password");
    }
    for good in ["plain words without any digits", "ünïcödé ☃ pässwörd", &"long and winding road ".repeat(11)]
    {
        with(good).is(201);
    }
}

#[test]
fn long_passwords_are_not_cut_off() {
    let (anyone, email) = (Anonymous::new(), names::email());
    let long = "a long and winding road ".repeat(6);
    let mut body = sign_up(&email);
    body["password"] = long.as_str().into();
    anyone.post(PATH, &body).is(201);
    let log_in =
        |password: &str| anyone.post("/api/v1/auth/login", &json!({ "email": email, "password": password }));
    log_in(&long[..long.len() - 2]).refused(401, "invalid_credentials");
    log_in(&long).is(200);
}

#[test]
fn every_wrong_field_is_named_at_once() {
    let body = json!({ "email": "no address", "password": "short", "display_name": " ", "birth_date": "1890-01-01" });
    let got = Anonymous::new().post(PATH, &body).refused(422, "unprocessable");
    assert_eq!(got.fields(), ["email", "password", "display_name", "birth_date"]);
}
