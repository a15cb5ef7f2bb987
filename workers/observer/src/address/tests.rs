//! E-mail addresses, through the internal door.

use crate::testing::{PASSWORD, SignedIn, World, registration};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got};
use sesh_types::contract::notice::Notice;
use sesh_types::contract::{auth, recovery};
use sesh_types::time::{DAY_MS, HOUR_MS};

const EMAIL: &str = "ada@example.com";
const NEW: &str = "countess@example.com";

fn verify(world: &World, token: &str) -> Got {
    world.post(recovery::VERIFY_EMAIL, &json!({ "token": token }))
}

fn change(world: &World, person: &SignedIn, email: &str, password: &str) -> Got {
    let body = json!({ "email": email, "password": password });
    world.for_person(person, Call::new("POST", recovery::EMAIL).json(&body))
}

fn me(world: &World, person: &SignedIn) -> Value {
    world.for_person(person, Call::new("GET", auth::ME)).json()["data"].clone()
}

fn code(got: &Got) -> String {
    got.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn an_address_is_proven_once_by_the_token_of_its_mail() {
    let world = World::new();
    let ada = world.register(EMAIL);
    assert_eq!(ada.user["email_verified_at"], Value::Null);
    let token = world.mail_token();
    assert_eq!(verify(&world, &token).status, 204);
    let user = me(&world, &ada);
    assert_eq!(
        (&user["email_verified_at"], &user["version"]),
        (&json!(world.fleet.now().to_string()), &json!(2))
    );
    assert!(
        matches!(world.heard().as_slice(), [Notice::Profile { version: 2, .. }]),
        "tracker's cache is old now"
    );
    let again = verify(&world, &token);
    assert_eq!((again.status, code(&again)), (422, "invalid_link".into()));
    assert_eq!(world.audited(), ["person.registered", "email.verified"]);
    assert_eq!(world.login(EMAIL).user["email_verified_at"], user["email_verified_at"]);
}

#[test]
fn repeated_with_its_key_it_succeeds_again() {
    let world = World::new();
    world.register(EMAIL);
    let body = json!({ "token": world.mail_token() });
    let keyed = || {
        world
            .internal(Call::new("POST", recovery::VERIFY_EMAIL).header("idempotency-key", "k").json(&body))
            .status
    };
    world.tracker_is_down(true);
    assert_eq!(keyed(), 503, "done, but tracker does not know");
    world.tracker_is_down(false);
    assert_eq!(keyed(), 204);
    assert_eq!(world.heard().len(), 1);
}

#[test]
fn forged_old_and_foreign_tokens_are_refused_alike() {
    let world = World::new();
    world.register(EMAIL);
    let token = world.mail_token();
    world.post(recovery::RECOVER, &json!({ "email": EMAIL }));
    let reset = world.mail_token();
    let answers: Vec<(u16, String)> =
        ["", "mt_factor1_x_y", &token.replace("factor1", "factor2"), &format!("{token}A"), &reset]
            .into_iter()
            .map(|token| verify(&world, token))
            .map(|got| (got.status, got.text))
            .collect();
    assert!(answers.iter().all(|answer| answer == &answers[0] && answer.0 == 422), "{answers:?}");
    world.fleet.pass_ms(2 * DAY_MS);
    assert_eq!(verify(&world, &token).status, 422, "too old");
    assert_eq!(world.number("SELECT COUNT(*) FROM people WHERE email_verified_at IS NOT NULL"), 0);
}

#[test]
fn the_mail_is_sent_again_as_often_as_is_reasonable() {
    let world = World::new();
    let ada = world.register(EMAIL);
    let resend = || world.for_person(&ada, Call::new("POST", recovery::RESEND)).status;
    assert_eq!((0..6).map(|_| resend()).collect::<Vec<_>>(), [202, 202, 202, 202, 202, 429]);
    assert_eq!(world.fleet.mails().len(), 6);
    assert_eq!(verify(&world, &world.mail_token()).status, 204);
    world.fleet.pass_ms(HOUR_MS);
    assert_eq!((resend(), world.fleet.mails().len()), (202, 6), "nothing more to prove");
}

#[test]
fn a_new_address_counts_when_its_mail_is_answered_and_the_old_one_is_told() {
    let world = World::new();
    let ada = world.register(EMAIL);
    assert_eq!(change(&world, &ada, " Countess@Example.com ", PASSWORD).status, 202);
    assert_eq!(me(&world, &ada)["email"], EMAIL, "not yet");
    assert_eq!(world.fleet.mails().last().unwrap().to, NEW);
    assert_eq!(verify(&world, &world.mail_token()).status, 204);
    let user = me(&world, &ada);
    assert_eq!((&user["email"], &user["version"]), (&json!(NEW), &json!(2)));
    assert_eq!(user["email_verified_at"], json!(world.fleet.now().to_string()));
    let told = world.fleet.mails().pop().unwrap();
    assert_eq!((told.to.as_str(), told.subject.as_str()), (EMAIL, "Your e-mail address was changed"));
    assert_eq!(world.login(NEW).subject.person, ada.subject.person);
    assert_eq!(world.post(auth::LOGIN, &json!({ "email": EMAIL, "password": PASSWORD })).status, 401);
    let expected =
        ["person.registered", "email.change_requested", "email.changed", "login.succeeded", "login.failed"];
    assert_eq!(world.audited(), expected);
    let details = world.column("SELECT actor || entity || detail FROM audit").join("\n");
    assert!(!details.contains("example.com"), "{details}");
}

#[test]
fn the_password_is_asked_for_and_guessing_it_is_slowed_down() {
    let world = World::new();
    let ada = world.register(EMAIL);
    let got = change(&world, &ada, NEW, "not the password");
    assert_eq!((got.status, code(&got)), (401, "invalid_credentials".into()));
    assert!(world.counts(&ada), "the token itself is fine");
    assert_eq!(world.audited().last().unwrap(), "reauthentication.failed");
    assert_eq!(change(&world, &ada, "nowhere", PASSWORD).status, 422);
    assert_eq!(world.fleet.mails().len(), 1, "that of the sign-up");
}

#[test]
fn an_address_that_has_an_account_is_neither_told_of_nor_taken() {
    let world = World::new();
    let ada = world.register(EMAIL);
    world.register("bob@example.com");
    let before = world.fleet.mails().len();
    let got = change(&world, &ada, "bob@example.com", PASSWORD);
    let free = change(&world, &ada, NEW, PASSWORD);
    assert_eq!((got.status, &got.text), (202, &free.text), "alike");
    assert_eq!(world.fleet.mails().len(), before + 1, "Bob gets nothing");
    let token = world.mail_token();
    world.post(auth::REGISTER, &registration(NEW));
    let got = verify(&world, &token);
    assert_eq!((got.status, code(&got)), (409, "conflict".into()), "somebody was faster");
    assert_eq!(me(&world, &ada)["email"], EMAIL);
}
