//! `/api/v1/auth/email/verify` and `/api/v1/me/email`

use e2e::actors::{Caller, PASSWORD, Person};
use e2e::control::{mailed_token, mails};
use e2e::http::Reply;
use e2e::names;
use e2e::wait::eventually;
use serde_json::{Value, json};

const VERIFY: &str = "Is this your e-mail address?";
const CHANGE: &str = "Is this your new e-mail address?";

fn verify(person: &Person, token: &str) -> Reply {
    person.anonymous().post("/api/v1/auth/email/verify", &json!({ "token": token }))
}

fn me(person: &Person) -> Value {
    person.get("/api/v1/me").is(200).data()
}

#[test]
fn an_address_is_proven_once_and_the_profile_says_so_at_once() {
    let person = Person::new();
    assert_eq!(me(&person)["email_verified_at"], Value::Null);
    let token = mailed_token(&person.email, VERIFY);
    verify(&person, &token).is(204);
    let user = me(&person);
    assert!(user["email_verified_at"].is_string() && user["version"] == 2, "{user}");
    verify(&person, &token).refused(422, "invalid_link");
    person.call("POST", "/api/v1/me/email/verification").send().is(202);
    assert_eq!(mails(&person.email).len(), 1, "nothing more to prove");
}

#[test]
fn a_new_address_counts_when_its_mail_is_answered_and_the_old_one_is_told() {
    let person = Person::new();
    let new = names::email();
    let body = json!({ "password": PASSWORD, "email": new });
    person.post("/api/v1/me/email", &body).is(202);
    let token = mailed_token(&new, CHANGE);
    assert_eq!(me(&person)["email"], person.email.as_str(), "not yet");
    verify(&person, &token).is(204);
    let user = me(&person);
    assert!(user["email"] == new.as_str() && user["email_verified_at"].is_string(), "{user}");
    person.try_log_in().refused(401, "invalid_credentials");
    Person { email: new, ..person.clone() }.try_log_in().is(200);
    eventually("the old address is told", || {
        mails(&person.email)
            .iter()
            .any(|mail| mail["subject"] == "Your e-mail address was changed")
            .then_some(())
    });
}

#[test]
fn an_address_that_has_an_account_gets_no_mail_and_the_answer_does_not_tell() {
    let (person, other) = (Person::new(), Person::new());
    mailed_token(&other.email, VERIFY);
    let ask = |email: &str| {
        person.post("/api/v1/me/email", &json!({ "password": PASSWORD, "email": email })).is(202).text()
    };
    let free = names::email();
    assert_eq!(ask(&other.email), ask(&free));
    mailed_token(&free, CHANGE);
    assert_eq!(mails(&other.email).len(), 1, "that of their sign-up");
}

#[test]
fn a_token_alone_changes_no_address() {
    let person = Person::new();
    let body = json!({ "password": "not the password", "email": names::email() });
    person.post("/api/v1/me/email", &body).refused(401, "invalid_credentials");
    person.get("/api/v1/me").is(200);
}
