//! Second factors, through the internal door.

use super::totp;
use crate::testing::{PASSWORD, SignedIn, World};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got, captured_logs};
use sesh_types::contract::{auth, factors, recovery};
use sesh_types::time::{MINUTE_MS, SECOND_MS};

const EMAIL: &str = "ada@example.com";
const STEP_MS: i64 = 30 * SECOND_MS;

fn as_person(world: &World, person: &SignedIn, path: &str, body: &Value) -> Got {
    world.for_person(person, Call::new("POST", path).json(body))
}

fn code(got: &Got) -> String {
    got.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
}

/// RFC 4648, section 6, backwards.
fn unbase32(text: &str) -> Vec<u8> {
    let value = |letter: char| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap() as u64;
    let groups = text.as_bytes().chunks(8);
    groups
        .flat_map(|group| {
            let bits = group.iter().fold(0, |bits, letter| bits << 5 | value(char::from(*letter)));
            bits.to_be_bytes()[3..].to_vec()
        })
        .collect()
}

/// Somebody's generator.
#[derive(Clone)]
pub(crate) struct Generator(Vec<u8>);

impl Generator {
    pub(crate) fn typed(secret: &str) -> Self {
        Self(unbase32(secret))
    }

    pub(crate) fn now(&self, world: &World) -> String {
        self.after(world, 0)
    }

    fn after(&self, world: &World, steps: i64) -> String {
        totp::code(&self.0, totp::step(world.fleet.now()) + steps)
    }
}

fn enrol(world: &World, person: &SignedIn) -> Generator {
    let got = as_person(world, person, factors::TOTP, &json!({ "password": PASSWORD }));
    assert_eq!(got.status, 201, "{}", got.text);
    Generator(unbase32(got.json()["data"]["secret"].as_str().unwrap()))
}

/// Somebody with a second factor, whose first code was used a step ago; their generator and recovery codes.
pub(crate) fn protected(world: &World) -> (SignedIn, Generator, Vec<String>) {
    let ada = world.register(EMAIL);
    let generator = enrol(world, &ada);
    let got = as_person(world, &ada, factors::TOTP_CONFIRM, &json!({ "code": generator.now(world) }));
    assert_eq!(got.status, 200, "{}", got.text);
    world.fleet.pass_ms(STEP_MS);
    let codes = got.json()["data"]["recovery_codes"].as_array().unwrap().clone();
    (ada, generator, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

pub(super) fn challenge(world: &World) -> String {
    let got = world.post(auth::LOGIN, &json!({ "email": EMAIL, "password": PASSWORD }));
    assert_eq!((got.status, code(&got)), (401, "second_factor_required".into()), "{}", got.text);
    got.json()["error"]["details"]["challenge"].as_str().unwrap().to_owned()
}

fn with_code(world: &World, challenge: &str, typed: &str) -> Got {
    world.post(factors::LOGIN_FACTOR, &json!({ "challenge": challenge, "code": typed }))
}

fn with_recovery(world: &World, challenge: &str, typed: &str) -> Got {
    world.post(factors::LOGIN_FACTOR, &json!({ "challenge": challenge, "recovery_code": typed }))
}

fn left(world: &World, person: &SignedIn) -> Value {
    world.for_person(person, Call::new("GET", factors::FACTORS)).json()["data"].clone()
}

#[test]
fn a_generator_protects_from_its_first_code_on() {
    let world = World::new();
    let ada = world.register(EMAIL);
    assert_eq!(left(&world, &ada), json!({ "totp": null, "recovery_codes_left": 0, "passkeys": [] }));
    let generator = enrol(&world, &ada);
    assert_eq!(world.login(EMAIL).subject.person, ada.subject.person, "not yet");
    let got = as_person(&world, &ada, factors::TOTP_CONFIRM, &json!({ "code": "000000" }));
    assert_eq!((got.status, code(&got)), (401, "invalid_code".into()));
    let got = as_person(&world, &ada, factors::TOTP_CONFIRM, &json!({ "code": generator.now(&world) }));
    assert_eq!(got.json()["data"]["recovery_codes"].as_array().map(Vec::len), Some(10));
    let since = world.fleet.now().to_string();
    assert_eq!(
        left(&world, &ada),
        json!({ "totp": { "confirmed_at": since }, "recovery_codes_left": 10, "passkeys": [] })
    );
    let challenge = challenge(&world);
    let got = with_code(&world, &challenge, &generator.now(&world));
    assert_eq!((got.status, code(&got)), (401, "invalid_code".into()), "the code that was used to confirm");
    let ada = world.signed_in(&with_code(&world, &challenge, &generator.after(&world, 1)));
    assert!(world.counts(&ada));
    let subjects: Vec<String> = world.fleet.mails().into_iter().map(|mail| mail.subject).collect();
    assert_eq!(subjects, ["Is this your e-mail address?", "Signing in asks for a code now"]);
    let acts = [
        "person.registered",
        "login.succeeded",
        "factor.added",
        "login.challenged",
        "login.failed",
        "login.succeeded",
    ];
    assert_eq!(world.audited(), acts);
}

#[test]
fn no_code_counts_twice_nor_one_from_before() {
    let world = World::new();
    let (_, generator, _) = protected(&world);
    let challenge = challenge(&world);
    let (now, before) = (generator.now(&world), generator.after(&world, -1));
    assert_eq!(with_code(&world, &challenge, &now).status, 200);
    for typed in [&now, &before] {
        let got = with_code(&world, &challenge, typed);
        assert_eq!((got.status, code(&got)), (401, "invalid_code".into()), "{typed}");
    }
    let step = totp::step(world.fleet.now());
    let back = format!("UPDATE totp SET last_step = {}", step - 1);
    assert!(world.execute(&back).unwrap_err().contains("refused:code_used"), "the database itself refuses");
    world.fleet.pass_ms(STEP_MS);
    assert_eq!(with_code(&world, &challenge, &generator.now(&world)).status, 200);
}

#[test]
fn each_recovery_code_counts_once_and_its_owner_hears_of_it() {
    let world = World::new();
    let (ada, _, codes) = protected(&world);
    let challenge = challenge(&world);
    for (used, typed) in (1..).zip(&codes) {
        assert_eq!(with_recovery(&world, &challenge, &typed.to_uppercase()).status, 200, "{typed}");
        assert_eq!(left(&world, &ada)["recovery_codes_left"], json!(10 - used));
        if used < 10 {
            assert_eq!(with_recovery(&world, &challenge, typed).status, 401, "used");
        }
    }
    let told =
        world.fleet.mails().into_iter().filter(|mail| mail.subject == "A recovery code was used").count();
    assert_eq!(told, 10);
}

#[test]
fn a_repeated_request_gets_the_same_answer_and_uses_no_further_code() {
    let world = World::new();
    let (ada, generator, _) = protected(&world);
    let body = json!({ "challenge": challenge(&world), "code": generator.now(&world) });
    let keyed = || {
        world.internal(Call::new("POST", factors::LOGIN_FACTOR).header("idempotency-key", "k").json(&body))
    };
    let first = keyed();
    world.fleet.pass_ms(2 * MINUTE_MS);
    let again = keyed();
    assert_eq!((first.status, &first.text), (200, &again.text));
    let renew = json!({ "password": PASSWORD, "code": generator.now(&world) });
    let keyed = || {
        let call = Call::new("POST", factors::RECOVERY_CODES).header("idempotency-key", "r").json(&renew);
        world.for_person(&ada, call)
    };
    let first = keyed();
    let again = keyed();
    assert_eq!((first.status, &first.text), (200, &again.text), "lost answers hold codes too");
    let codes = first.json()["data"]["recovery_codes"].clone();
    assert!(
        codes.as_array().unwrap().iter().all(|code| !world.everything().contains(code.as_str().unwrap()))
    );
}

#[test]
fn ten_wrong_codes_are_enough_and_a_stranger_cannot_use_them_up() {
    let world = World::new();
    let (ada, generator, _) = protected(&world);
    for number in 0..20 {
        let forged = format!("ch_factor1_{}_9999999999_{:0>43}", ada.subject.person.0.simple(), number);
        let got = with_code(&world, &forged, "123456");
        assert_eq!((got.status, code(&got)), (401, "unauthorized".into()), "no challenge, no try");
    }
    let challenge = challenge(&world);
    let wrong = |_| with_code(&world, &challenge, "000000").status;
    assert_eq!((0..10).map(wrong).collect::<Vec<_>>(), [401; 10]);
    let got = with_code(&world, &challenge, &generator.now(&world));
    assert_eq!(
        (got.status, got.headers["retry-after"].to_str().unwrap()),
        (429, "900"),
        "the right one included"
    );
    assert_eq!(world.audited().iter().filter(|action| *action == "factor.throttled").count(), 1);
    world.fleet.pass_ms(15 * MINUTE_MS);
    let challenge = self::challenge(&world);
    assert_eq!(with_code(&world, &challenge, &generator.now(&world)).status, 200);
}

#[test]
fn a_challenge_ends_with_suspension_new_password_and_time() {
    let world = World::new();
    let (ada, generator, _) = protected(&world);
    let ended = |challenge: &str| {
        let got = with_code(&world, challenge, &generator.now(&world));
        assert_eq!((got.status, code(&got)), (401, "unauthorized".into()), "{}", got.text);
    };
    let old = challenge(&world);
    world.fleet.pass_ms(5 * MINUTE_MS);
    ended(&old);
    let other = challenge(&world);
    let new = "snowplough 17 geese";
    let body = json!({ "current_password": PASSWORD, "new_password": new });
    assert_eq!(as_person(&world, &ada, recovery::PASSWORD, &body).status, 204);
    ended(&other);
    let back = json!({ "current_password": new, "new_password": PASSWORD });
    assert_eq!(as_person(&world, &ada, recovery::PASSWORD, &back).status, 204);
    let last = challenge(&world);
    world.suspend(&ada);
    ended(&last);
    assert_eq!(world.post(auth::LOGIN, &json!({ "email": EMAIL, "password": PASSWORD })).status, 401);
    assert_eq!(world.number("SELECT COUNT(*) FROM devices WHERE revoked_at IS NULL"), 0);
}

#[test]
fn a_new_password_by_mail_does_not_get_past_the_second_factor() {
    let world = World::new();
    let (_, generator, _) = protected(&world);
    world.post(recovery::RECOVER, &json!({ "email": EMAIL }));
    let body = json!({ "token": world.mail_token(), "new_password": "snowplough 17 geese" });
    assert_eq!(world.post(recovery::COMPLETE, &body).status, 204);
    let got = world.post(auth::LOGIN, &json!({ "email": EMAIL, "password": "snowplough 17 geese" }));
    assert_eq!((got.status, code(&got)), (401, "second_factor_required".into()));
    let challenge = got.json()["error"]["details"]["challenge"].as_str().unwrap().to_owned();
    assert_eq!(with_code(&world, &challenge, &generator.now(&world)).status, 200);
}

#[test]
fn taking_a_factor_away_asks_for_password_and_code() {
    let world = World::new();
    let (ada, generator, codes) = protected(&world);
    let remove = |body: Value| as_person(&world, &ada, factors::TOTP_REMOVE, &body);
    for (body, status, word) in [
        (json!({ "password": PASSWORD }), 422, "unprocessable"),
        (json!({ "password": "wrong guess", "code": generator.now(&world) }), 401, "invalid_credentials"),
        (json!({ "password": PASSWORD, "code": "000000" }), 401, "invalid_code"),
        (json!({ "password": PASSWORD, "code": "000000", "recovery_code": codes[0] }), 422, "unprocessable"),
    ] {
        let got = remove(body.clone());
        assert_eq!((got.status, code(&got)), (status, word.to_owned()), "{body}");
    }
    let again = as_person(&world, &ada, factors::TOTP, &json!({ "password": PASSWORD }));
    assert_eq!((again.status, code(&again)), (409, "conflict".into()), "a second generator replaces none");
    assert_eq!(remove(json!({ "password": PASSWORD, "recovery_code": codes[3] })).status, 204);
    assert_eq!(left(&world, &ada), json!({ "totp": null, "recovery_codes_left": 0, "passkeys": [] }));
    world.login(EMAIL);
    assert_eq!(world.fleet.mails().pop().unwrap().subject, "Signing in asks for no code any more");
    let got = remove(json!({ "password": PASSWORD, "code": generator.now(&world) }));
    assert_eq!((got.status, code(&got)), (404, "not_found".into()));
}

#[test]
fn new_recovery_codes_end_the_ones_before() {
    let world = World::new();
    let (ada, generator, old) = protected(&world);
    let got = as_person(
        &world,
        &ada,
        factors::RECOVERY_CODES,
        &json!({ "password": PASSWORD, "code": generator.now(&world) }),
    );
    let new = got.json()["data"]["recovery_codes"][0].as_str().unwrap().to_owned();
    let challenge = challenge(&world);
    assert_eq!(with_recovery(&world, &challenge, &old[0]).status, 401);
    assert_eq!(with_recovery(&world, &challenge, &new).status, 200);
}

#[test]
fn a_generator_that_is_not_confirmed_within_a_quarter_of_an_hour_is_none() {
    let world = World::new();
    let ada = world.register(EMAIL);
    let (first, second) = (enrol(&world, &ada), enrol(&world, &ada));
    let confirm = |generator: &Generator| {
        as_person(&world, &ada, factors::TOTP_CONFIRM, &json!({ "code": generator.now(&world) }))
    };
    assert_eq!(confirm(&first).status, 401, "the second replaced it");
    world.fleet.pass_ms(15 * MINUTE_MS);
    assert_eq!(confirm(&second).status, 404, "too late");
    assert_eq!(enrol(&world, &ada).0.len(), totp::SECRET_BYTES);
}

#[test]
fn nothing_that_is_kept_or_logged_makes_a_code() {
    captured_logs();
    let world = World::new();
    let (_, generator, codes) = protected(&world);
    assert_eq!(with_recovery(&world, &challenge(&world), &codes[0]).status, 200);
    let (kept, logs) = (world.everything(), captured_logs().join("\n"));
    let (base32, hex) = (totp::base32(&generator.0), sesh_edge::secret::hex(&generator.0));
    let base64 = sesh_edge::secret::base64url(&generator.0);
    for secret in [&base32, &hex, &base64].into_iter().chain(&codes) {
        assert!(!kept.contains(secret.as_str()) && !logs.contains(secret.as_str()), "{secret}");
    }
    assert!(!world.fleet.mails().iter().any(|mail| codes.iter().any(|code| mail.text.contains(code))));
}
