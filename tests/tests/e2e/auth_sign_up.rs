//! `/api/v1/auth/register/…`: signing up with the address proven first.

use e2e::actors::{Admin, Anonymous, Caller, PASSWORD, Person, beginning, sign_up};
use e2e::control::{holding, mailed_token, mails, tail};
use e2e::fleet::Worker;
use e2e::http::Reply;
use e2e::names;
use e2e::tenants::Tenant;
use e2e::wait::{at_once, eventually};
use serde_json::{Value, json};

const BEGIN: &str = "/api/v1/auth/register/begin";
const SUBJECT: &str = "Finish signing up";
const KNOWN: &str = "You have an account already";

fn confirm(anyone: &Anonymous, token: &str, password: &str) -> Reply {
    let body = json!({ "token": token, "password": password, "delivery": "token" });
    anyone.post("/api/v1/auth/register/confirm", &body)
}

fn begun(email: &str) -> String {
    Anonymous::new().post(BEGIN, &beginning(email)).is(202);
    mailed_token(email, SUBJECT)
}

fn subjects(email: &str) -> Vec<Value> {
    mails(email).iter().map(|mail| mail["subject"].clone()).collect()
}

#[test]
fn at_a_tenant_that_confirms_one_signs_up_by_mail_and_is_at_home_everywhere() {
    let (tenant, host) = Tenant::that_confirms();
    let (anyone, email) = (Anonymous::new(), names::email());
    let at = |path: &str, body: &Value| anyone.call("POST", path).header("host", &host).json(body).send();
    at("/api/v1/auth/register", &sign_up(&email)).refused(409, "confirmation_required");
    at(BEGIN, &beginning(&email)).is(202);
    let body = json!({ "token": mailed_token(&email, SUBJECT), "password": PASSWORD });
    let got = at("/api/v1/auth/register/confirm", &body).is(201);
    assert!(got.headers.get_all("set-cookie").iter().count() >= 2, "cookies, unless told");
    assert!(got.data()["user"]["email_verified_at"].is_string() && got.data().get("refresh_token").is_none());
    at("/api/v1/auth/register/confirm", &body).refused(422, "invalid_link");
    let login = json!({ "email": email, "password": PASSWORD, "delivery": "token" });
    let person = Person::of(&anyone.post("/api/v1/auth/login", &login).is(200), &email, &names::address());
    person.get("/api/v1/stash").is(200);
    assert_eq!(subjects(&email), [SUBJECT], "nothing is left to prove");
    // Invitations work there as ever.
    let invite = json!({ "email": email, "role": "member" });
    let token = tenant.owner.post("/api/v1/tenant/invitations", &invite).is(201).data()["token"].clone();
    let accept = json!({ "token": token });
    let call = Anonymous::at(Worker::Observer).call("POST", "/api/v1/invitations/accept");
    call.bearer(&person.access).json(&accept).send().is(200);
}

#[test]
fn the_answer_is_the_same_for_an_address_that_is_free_taken_suspended_or_had_its_mails() {
    let (person, suspended) = (Person::new(), Person::new());
    let path = format!("/api/v1/users/{}/suspend", suspended.id);
    Admin::new().post(&path, &json!({ "reason": "a test" })).is(200);
    let busy = names::email();
    for _ in 0..6 {
        Anonymous::new().post(BEGIN, &beginning(&busy)).is(202);
    }
    let ask = |email: &str| {
        let got = Anonymous::new().post(BEGIN, &beginning(email)).is(202);
        let mut headers: Vec<String> = got.headers.keys().map(ToString::to_string).collect();
        headers.sort();
        (got.text(), headers)
    };
    let free = names::email();
    let known = ask(&free);
    for email in [&person.email, &suspended.email, &busy, &person.email.to_uppercase()] {
        assert_eq!(ask(email), known, "{email}");
    }
    mailed_token(&free, SUBJECT);
    for email in [&person.email, &suspended.email] {
        eventually("told that there is an account", || subjects(email).contains(&json!(KNOWN)).then_some(()));
        assert!(!subjects(email).contains(&json!(SUBJECT)), "and given no token");
    }
    // Nor does the old way tell, where it is closed.
    let (_, host) = Tenant::that_confirms();
    let old = |email: &str| {
        let call = Anonymous::new().call("POST", "/api/v1/auth/register").header("host", &host);
        call.json(&sign_up(email)).send().refused(409, "confirmation_required").text()
    };
    assert_eq!(old(&person.email), old(&names::email()));
}

#[test]
fn fifty_beginnings_at_once_send_five_mails() {
    let email = names::email();
    let answers = at_once(50, |_| Anonymous::new().post(BEGIN, &beginning(&email)));
    assert!(answers.iter().all(|got| got.status == 202));
    eventually("five mails", || (mails(&email).len() == 5).then_some(()));
    let anyone = Anonymous::new();
    for _ in 0..30 {
        anyone.post(BEGIN, &beginning(&email)).is(202);
    }
    let got = anyone.post(BEGIN, &beginning(&email)).refused(429, "too_many_requests");
    assert!(got.header("retry-after").is_some());
    e2e::control::cron(Worker::Observer);
    assert_eq!(mails(&email).len(), 5);
}

#[test]
fn of_ten_who_bring_one_token_at_once_one_signs_up() {
    let email = names::email();
    let token = begun(&email);
    let password = |number: usize| format!("{number} geese and a snowplough");
    let answers = at_once(10, |number| confirm(&Anonymous::new(), &token, &password(number)));
    let won: Vec<usize> = (0..10).filter(|place| answers[*place].status == 201).collect();
    assert_eq!(won.len(), 1, "{:?}", answers.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert!(answers.iter().all(|got| got.status == 201 || got.code() == "invalid_link"));
    let found = Admin::new().get(&format!("/api/v1/users?q={}", names::encoded(&email))).is(200).rows();
    assert_eq!(found.len(), 1);
    let login = json!({ "email": email, "password": password(won[0]), "delivery": "token" });
    Anonymous::new().post("/api/v1/auth/login", &login).is(200);
}

#[test]
fn the_rules_of_age_name_and_password_hold() {
    let email = names::email();
    let with = |field: &str, value: &str| {
        let mut body = beginning(&email);
        body[field] = value.into();
        Anonymous::new().post(BEGIN, &body)
    };
    with("birth_date", "2020-01-01").refused(422, "age_restricted").names("birth_date");
    with("display_name", " ").refused(422, "unprocessable").names("display_name");
    with("email", "no address").refused(422, "unprocessable").names("email");
    let token = begun(&email);
    let anyone = Anonymous::new();
    confirm(&anyone, &token, "password1").refused(422, "unprocessable").names("password");
    confirm(&anyone, &token, PASSWORD).is(201);
    assert_eq!(subjects(&email), [SUBJECT]);
}

#[test]
fn nothing_that_is_kept_signs_anybody_up() {
    let email = names::email();
    let token = begun(&email);
    assert_eq!(holding(Worker::Observer, &[tail(&token), &email]), [""; 0], "the token or the address");
    confirm(&Anonymous::new(), &token, PASSWORD).is(201);
}
