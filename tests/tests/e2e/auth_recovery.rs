//! `/api/v1/auth/recovery`

use e2e::actors::{Anonymous, Caller, PASSWORD, Person};
use e2e::control::{cron, holding, mailed_token, mails, number, rows, tail};
use e2e::fleet::Worker;
use e2e::http::Reply;
use e2e::names;
use e2e::wait::{at_once, eventually};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/auth/recovery";
const SUBJECT: &str = "Set a new password";
const NEW: &str = "snowplough and 17 geese";

fn token_for(person: &Person) -> String {
    person.anonymous().post(PATH, &json!({ "email": person.email })).is(202);
    mailed_token(&person.email, SUBJECT)
}

fn complete(person: &Person, token: &str, password: &str) -> Reply {
    let body = json!({ "token": token, "new_password": password });
    person.anonymous().post("/api/v1/auth/recovery/complete", &body)
}

fn log_in(person: &Person, password: &str) -> Reply {
    let body = json!({ "email": person.email, "password": password, "delivery": "token" });
    person.anonymous().post("/api/v1/auth/login", &body)
}

#[test]
fn a_forgotten_password_is_set_anew_by_mail_and_the_next_call_of_every_device_is_401() {
    let person = Person::new();
    let devices = [person.clone(), person.log_in()];
    let token = token_for(&person);
    assert!(devices.iter().all(Person::counts), "asking ends nothing");
    complete(&person, &token, NEW).is(204);
    for device in &devices {
        device.get("/api/v1/stash").refused(401, "unauthorized");
        device.try_refresh().refused(401, "unauthorized");
    }
    log_in(&person, PASSWORD).refused(401, "invalid_credentials");
    log_in(&person, NEW).is(200);
    complete(&person, &token, "yet another 18 geese").refused(422, "invalid_link");
    eventually("the owner hears of it", || {
        mails(&person.email).iter().any(|mail| mail["subject"] == "A new password was set").then_some(())
    });
}

#[test]
fn the_answer_is_the_same_whoever_is_asked_for() {
    let person = Person::new();
    let anyone = Anonymous::new();
    let ask = |email: &str| {
        let got = anyone.post(PATH, &json!({ "email": email })).is(202);
        let mut headers: Vec<String> = got.headers.keys().map(ToString::to_string).collect();
        headers.sort();
        (got.text(), headers)
    };
    let known = ask(&person.email);
    for email in [names::email().as_str(), "no address at all", "", " "] {
        assert_eq!(ask(email), known, "{email}");
    }
    mailed_token(&person.email, SUBJECT);
}

#[test]
fn nothing_that_is_kept_sets_a_password() {
    let person = Person::new();
    let token = token_for(&person);
    assert_eq!(holding(Worker::Observer, &[tail(&token)]), [""; 0], "the token");
    complete(&person, &token, NEW).is(204);
}

#[test]
fn of_ten_who_bring_one_token_at_once_one_sets_the_password() {
    let person = Person::new();
    let token = token_for(&person);
    let password = |number: usize| format!("{number} geese and a snowplough");
    let answers = at_once(10, |number| complete(&person, &token, &password(number)));
    let won: Vec<usize> = (0..10).filter(|place| answers[*place].status == 204).collect();
    assert_eq!(won.len(), 1, "{:?}", answers.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert!(answers.iter().all(|got| got.status == 204 || got.code() == "invalid_link"));
    log_in(&person, &password(won[0])).is(200);
}

#[test]
fn what_is_no_token_of_ours_is_refused_alike() {
    let person = Person::new();
    let token = token_for(&person);
    let verification = mailed_token(&person.email, "Is this your e-mail address?");
    let forged = format!("{}A", &token[..token.len() - 1]);
    let answers: Vec<Value> = ["", "mt_a_b_c", &token.to_uppercase(), &verification, &forged]
        .iter()
        .filter(|bad| **bad != token)
        .map(|bad| complete(&person, bad, NEW).refused(422, "invalid_link").error())
        .collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    person.get("/api/v1/me").is(200);
    complete(&person, &token, "password1").refused(422, "unprocessable").names("new_password");
    complete(&person, &token, NEW).is(204);
}

#[test]
fn asking_again_and_again_is_429_by_place_and_sends_five_mails() {
    let person = Person::new();
    let anyone = person.anonymous();
    for _ in 0..30 {
        anyone.post(PATH, &json!({ "email": person.email })).is(202);
    }
    let got = anyone.post(PATH, &json!({ "email": person.email })).refused(429, "too_many_requests");
    assert!(got.header("retry-after").is_some());
    let sent = || mails(&person.email).iter().filter(|mail| mail["subject"] == SUBJECT).count();
    eventually("five mails", || (sent() == 5).then_some(()));
    cron(Worker::Observer);
    let waiting = "SELECT count(*) AS n FROM mails
        WHERE recipient_index = (SELECT email_index FROM people WHERE people.id = ?1)";
    assert_eq!((number(Worker::Observer, waiting, &[json!(person.id)]), sent()), (0, 5));
}

#[test]
fn a_mail_that_nobody_takes_waits_and_holds_no_secret() {
    let email = format!("{}@unreachable.invalid", names::nobodys_id());
    let mut body = e2e::actors::sign_up(&email);
    body["delivery"] = "token".into();
    let id = Anonymous::new().post("/api/v1/auth/register", &body).is(201).data()["user"]["id"].clone();
    let sql = "SELECT kind, attempts, due_at > created_at AS later FROM mails WHERE person_id = ?1 AND claim IS NULL";
    let row = eventually("a first try", || rows(Worker::Observer, sql, std::slice::from_ref(&id)).pop());
    assert_eq!(row, json!({ "kind": "verify_email", "attempts": 1, "later": 1 }));
    assert!(mails(&email).is_empty());
}
