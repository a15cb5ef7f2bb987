//! `/api/v1/me/passkeys` and `/api/v1/auth/passkey`

use e2e::actors::{Anonymous, Caller, PASSWORD, Person};
use e2e::fleet::Worker;
use e2e::passkeys::{Authenticator, Chromium, creation_options, origin, request_options};
use e2e::wait::at_once;
use serde_json::{Value, json};

const LOGIN: &str = "/api/v1/auth/passkey";

/// What a page posts of what its browser gave it.
fn new_passkey(made: &Value) -> Value {
    let response = &made["response"];
    json!({ "name": "Chromium", "response": {
        "clientDataJSON": response["clientDataJSON"], "attestationObject": response["attestationObject"] } })
}

fn assertion(made: &Value) -> Value {
    let response = &made["response"];
    json!({ "id": made["id"], "delivery": "token", "response": {
        "clientDataJSON": response["clientDataJSON"], "authenticatorData": response["authenticatorData"],
        "signature": response["signature"], "userHandle": response["userHandle"] } })
}

#[test]
fn a_real_browser_makes_a_passkey_and_signs_in_with_it() {
    let Some(browser) = Chromium::start() else { return };
    let person = Person::new();
    browser.open(&format!("{}/docs", origin()));
    let made = browser.create(&creation_options(&person)).unwrap();
    let passkey = person.post("/api/v1/me/passkeys", &new_passkey(&made)).is(201).data();
    assert_eq!((&passkey["id"], &passkey["name"]), (&made["id"], &json!("Chromium")));
    assert_eq!(
        browser.create(&creation_options(&person)),
        Err("InvalidStateError".into()),
        "it has one already"
    );

    let anyone = Anonymous::new();
    let answer = assertion(&browser.get(&request_options()).unwrap());
    let signed_in = anyone.post(LOGIN, &answer).is(200).data();
    assert_eq!(signed_in["user"]["id"], person.id.as_str());
    let device = Person { access: signed_in["access_token"].as_str().unwrap().to_owned(), ..person.clone() };
    assert!(device.counts());
    anyone.post(LOGIN, &answer).refused(401, "invalid_credentials");
    anyone.post(LOGIN, &assertion(&browser.get(&request_options()).unwrap())).is(200);

    browser.knows_its_owner(false);
    assert_eq!(browser.get(&request_options()), Err("NotAllowedError".into()), "nobody was verified");
    browser.knows_its_owner(true);
    // The same domain, but not a page of ours.
    browser.open(&format!("{}/docs", Worker::Observer.url().replace("127.0.0.1", "localhost")));
    let elsewhere = assertion(&browser.get(&request_options()).unwrap());
    anyone.post(LOGIN, &elsewhere).refused(401, "invalid_credentials");
}

#[test]
fn a_passkey_is_listed_signs_in_and_is_taken_away_with_the_password() {
    let person = Person::new();
    let (authenticator, body) = Authenticator::create(&creation_options(&person));
    person.post("/api/v1/me/passkeys", &body).is(201);
    let anyone = Anonymous::new();
    anyone.post(LOGIN, &authenticator.get(&request_options())).is(200);
    let listed = person.get("/api/v1/me/factors").is(200).data()["passkeys"].clone();
    assert!(
        listed[0]["id"] == authenticator.id().as_str() && listed[0]["last_used_at"].is_string(),
        "{listed}"
    );
    let remove = |password: &str| {
        person.post("/api/v1/me/passkeys/remove", &json!({ "id": authenticator.id(), "password": password }))
    };
    remove("a wrong guess").refused(401, "invalid_credentials");
    remove(PASSWORD).is(204);
    remove(PASSWORD).refused(404, "not_found");
    anyone.post(LOGIN, &authenticator.get(&request_options())).refused(401, "invalid_credentials");
}

#[test]
fn of_ten_who_bring_one_answer_at_once_one_is_signed_in() {
    let person = Person::new();
    let (authenticator, body) = Authenticator::create(&creation_options(&person));
    person.post("/api/v1/me/passkeys", &body).is(201);
    let answer = authenticator.get(&request_options());
    let anyone = Anonymous::new();
    let statuses: Vec<u16> = at_once(10, |_| anyone.post(LOGIN, &answer).status).into_iter().collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
}

#[test]
fn a_token_alone_adds_no_passkey() {
    let (person, other) = (Person::new(), Person::new());
    let path = "/api/v1/me/passkeys/options";
    person.post(path, &json!({ "password": "not the password" })).refused(401, "invalid_credentials");
    let (_, body) = Authenticator::create(&creation_options(&other));
    person.post("/api/v1/me/passkeys", &body).refused(422, "unprocessable").names("response");
}
