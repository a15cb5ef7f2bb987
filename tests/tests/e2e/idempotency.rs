//! `Idempotency-Key`: on every route that changes something, the same key and body has one effect and one answer.

use crate::mutations::{self, Mutation, account_of, of_diary, of_person};
use e2e::actors::{Admin, Anonymous, Caller, Person, sign_up};
use e2e::control::{mails, number};
use e2e::fixtures::{new_lot, new_session, text};
use e2e::fleet::{WORKERS, Worker};
use e2e::http::{Call, Reply};
use e2e::names;
use e2e::routes::documented;
use e2e::wait::{at_once, eventually};
use serde_json::{Value, json};

/// The same again: the same status, bytes and tag, and nothing more is written.
fn happens_once(call: &Call, written: &dyn Fn() -> Value) -> Reply {
    let call = call.clone().key(&names::key());
    let first = call.clone().send();
    assert!((200..300).contains(&first.status), "{first}");
    let after_first = written();
    let second = call.send();
    assert_eq!((second.status, second.text()), (first.status, first.text()), "{second}");
    assert_eq!(second.header("etag"), first.header("etag"), "{second}");
    assert_eq!(written(), after_first, "{} had a second effect", first.asked);
    first
}

/// The same key with another body: refused, and nothing is written.
fn another_body_is_refused(mutation: &Mutation, other: &Value) {
    let call = mutation.call.clone().key(&names::key());
    let first = call.clone().json(&mutation.good).send();
    assert!((200..300).contains(&first.status), "{first}");
    let before = (mutation.written)();
    call.clone().json(other).send().refused(422, "idempotency_key_reused");
    assert_eq!((mutation.written)(), before, "{}", mutation.route);
    let again = call.json(&mutation.good).send();
    assert_eq!(again.text(), first.text(), "the first answer stands");
}

macro_rules! bodied {
    ($($name:ident $field:literal $value:expr;)*) => {
        /// The routes of the tests below.
        const BODIED: &[fn() -> Mutation] = &[$(mutations::$name),*];
        $(
            mod $name {
                use super::*;

                #[test]
                fn the_same_key_and_body_happens_once() {
                    let mutation = mutations::$name();
                    happens_once(&mutation.call.clone().json(&mutation.good), &*mutation.written);
                }

                #[test]
                fn the_same_key_with_another_body_is_422() {
                    let mutation = mutations::$name();
                    let mut other = mutation.good.clone();
                    other[$field] = json!($value);
                    another_body_is_refused(&mutation, &other);
                }
            }
        )*
    };
}

bodied! {
    register "display_name" "Somebody else";
    begin_sign_up "display_name" "Somebody else";
    confirm_sign_up "password" "another 18 geese fly";
    login "password" "another password of theirs";
    recover "email" names::email();
    complete_recovery "new_password" "another 18 geese fly";
    verify_email "token" "mt_another";
    change_password "new_password" "another 18 geese fly";
    change_email "email" names::email();
    login_factor "recovery_code" "aaaaa-aaaaa";
    enrol_totp "password" "another password of theirs";
    confirm_totp "code" "111111";
    remove_totp "recovery_code" "aaaaa-aaaaa";
    renew_codes "recovery_code" "aaaaa-aaaaa";
    passkey_options "password" "another password of theirs";
    add_passkey "name" "Another";
    remove_passkey "id" "AAAA";
    login_passkey "delivery" "cookie";
    register_with_provider "display_name" "Somebody else";
    link_identity "ticket" "pt.another";
    unlink_identity "password" "another password of theirs";
    edit_me "display_name" "Grace";
    add_strain "name" names::unique("Another");
    buy "quantity_mg" 101;
    enter "quantity_mg" 6;
    log_session "notes" "another";
    edit_session "notes" "another";
    suspend "reason" "another";
    reset_factors "reason" "another";
    erase_user "reason" "another";
    import "source" "e2e-another";
    create_tenant "name" "Another";
    edit_tenant "name" "Another";
    deactivate_tenant "reason" "another";
    invite_first "email" names::email();
    edit_own_tenant "name" "Another";
    edit_brand "accent_hue" 60;
    edit_own_brand "accent_hue" 60;
    edit_member "role" "member";
    invite "email" names::email();
    accept "token" "another";
    add_preset "name" "Another";
    replace_preset "name" "Another";
    set_goal "target" 1;
    look "source" "date\n2026-01-01\n";
    confirm_import "time_zone" "UTC";
    begin_break "planned_end_at" "2026-03-01T00:00:00Z";
    end_break "ended_at" Value::Null;
    staff_enrol "password" "another 18 geese fly";
    staff_factor "code" "111111";
    add_staff "name" "Another";
    edit_staff "name" "Another";
    disable_staff "reason" "another";
    impersonate "reason" "another good reason";
    register_program "name" "Another";
    edit_program "name" "Another";
    make_key "name" "Another";
    rotate_key "overlap_minutes" 6;
    make_tenant_key "name" "Another";
    rotate_tenant_key "overlap_minutes" 6;
}

/// By nature: a refresh gives the same successor again, signing out twice is signing out, and so are reinstating, opening
/// a tenant and going over to one; a provider's code counts once.
const BY_NATURE: &[&str] = &[
    // Reads, and is on record each time.
    "POST /api/v1/me/export",
    "POST /api/v1/auth/providers/{provider}/complete",
    // A code counts once, a refresh gives the same successor again, ending twice is ending, and asking changes nothing.
    "POST /oauth/authorize",
    "POST /oauth/token",
    "POST /oauth/revoke",
    "POST /oauth/introspect",
    "POST /oauth/userinfo",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/auth/logout",
    "POST /api/v1/auth/tenant",
    "POST /api/v1/users/{id}/reinstate",
    "POST /api/v1/tenants/{id}/activate",
    // A challenge is as good as another; who asks for a generator twice gets the same; so do the others as above.
    "POST /api/v1/staff/login",
    "POST /api/v1/staff/login/generator",
    "POST /api/v1/staff/refresh",
    "POST /api/v1/staff/logout",
    "POST /api/v1/staff/{id}/enable",
    // A token of an impersonation is as good as another.
    "POST /api/v1/impersonations/{id}/token",
];
/// Without a body: tested below.
const WITHOUT_BODY: &[&str] = &[
    // Has a body and writes nothing.
    "POST /api/v1/imports/{id}/preview",
    // Writes nothing at all.
    "POST /api/v1/auth/providers/{provider}/begin",
    "POST /api/v1/staff/{id}/reset",
    "POST /api/v1/me/email/verification",
    // Writes nothing at all.
    "POST /api/v1/auth/passkey/options",
];

#[test]
fn every_route_that_changes_something_is_tested_here() {
    let bodied: Vec<&str> = BODIED.iter().map(|mutation| mutation().route).collect();
    let mutations = WORKERS.into_iter().flat_map(documented).filter(e2e::routes::Route::is_mutation);
    let missing: Vec<String> = mutations
        .filter(|route| route.method != "DELETE")
        .map(|route| route.name())
        .filter(|name| !bodied.contains(&name.as_str()) && !BY_NATURE.contains(&name.as_str()))
        .filter(|name| !WITHOUT_BODY.contains(&name.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_mail_that_is_asked_for_with_a_key_is_sent_once() {
    let person = Person::new();
    let sent = || mails(&person.email).len();
    eventually("the mail of the sign-up", || (sent() == 1).then_some(()));
    let key = names::key();
    let ask = || person.call("POST", "/api/v1/me/email/verification").key(&key).send().is(202).text();
    assert_eq!(ask(), ask());
    eventually("the second mail", || (sent() == 2).then_some(()));
    let waiting = "SELECT count(*) AS n FROM mails WHERE person_id = ?1";
    assert_eq!(number(Worker::Observer, waiting, &[json!(person.id)]), 0);
    assert_eq!(sent(), 2);
}

#[test]
fn a_reset_with_a_key_happens_once() {
    let id = text(&e2e::staff::added("support"), "id");
    let call = Admin::new().call("POST", &format!("/api/v1/staff/{id}/reset"));
    happens_once(&call, &*mutations::of_staff(id));
}

#[test]
fn a_delete_with_a_key_happens_once() {
    let person = Person::new();
    let lot = person.buy(100);
    let session = text(&person.log(&lot, 10), "id");
    let id = person.id.clone();
    happens_once(&person.call("DELETE", &format!("/api/v1/sessions/{session}")), &|| of_person(&id));
    assert_eq!((person.balance(&lot), person.entries(&lot).len()), (100, 3));

    let preset =
        text(&person.post("/api/v1/presets", &json!({ "name": "p", "method": "eat" })).is(201).data(), "id");
    happens_once(&person.call("DELETE", &format!("/api/v1/presets/{preset}")), &|| of_diary(&id));

    let goal = json!({ "measure": "sessions", "per": "day", "target": 1 });
    let goal = text(&person.post("/api/v1/goals", &goal).is(201).data(), "id");
    happens_once(&person.call("DELETE", &format!("/api/v1/goals/{goal}")), &|| of_diary(&id));
    happens_once(&person.call("DELETE", &mutations::running_break(&person)), &|| of_diary(&id));

    happens_once(&person.call("DELETE", &mutations::looked_at(&person)), &|| of_diary(&id));

    let other = person.log_in();
    let path = format!("/api/v1/auth/devices/{}", other.device());
    happens_once(&person.call("DELETE", &path), &|| account_of(&id));
    person.log_in();
    happens_once(&person.call("DELETE", "/api/v1/auth/devices"), &|| account_of(&id));

    let erase = mutations::erase_me();
    happens_once(&erase.call.clone().json(&erase.good), &*erase.written);
    let mut other = mutations::erase_me();
    other.good["recovery_code"] = "aaaaa-aaaaa".into();
    let good = mutations::erase_me();
    another_body_is_refused(&good, &other.good);
}

#[test]
fn signing_out_others_again_under_the_same_key_leaves_later_devices_alone() {
    let person = Person::new();
    let key = names::key();
    let sign_out = || person.call("DELETE", "/api/v1/auth/devices").key(&key).send().is(204);
    sign_out();
    let later = person.log_in();
    sign_out();
    assert!(later.counts());
}

#[test]
fn reinstating_twice_under_one_key_is_reinstating() {
    let person = Person::new();
    Admin::new().suspend(&person);
    let path = format!("/api/v1/users/{}/reinstate", person.id);
    let id = person.id.clone();
    happens_once(&Admin::new().call("POST", &path), &|| account_of(&id));
}

#[test]
fn an_old_answer_is_replayed_and_undoes_nothing_that_came_later() {
    let person = Person::new();
    let lot = person.buy(1000);
    let path = format!("/api/v1/sessions/{}", text(&person.log(&lot, 10), "id"));
    let edit = person.call("PATCH", &path).key(&names::key()).json(&json!({ "notes": "first" }));
    let first = edit.clone().send().is(200);
    person.patch(&path, &json!({ "notes": "second" })).is(200);
    assert_eq!(edit.send().is(200).text(), first.text());
    assert_eq!(person.get(&path).is(200).data()["notes"], "second");
}

#[test]
fn fifty_parallel_requests_with_one_key_have_one_effect_and_one_body() {
    let person = Person::new();
    let lot = person.buy(1000);
    let call = person.call("POST", "/api/v1/sessions").key(&names::key()).json(&new_session(&lot, 10));
    let answers = at_once(50, |_| call.clone().send());
    let first = &answers[0];
    for got in &answers {
        assert!(matches!(got.status, 201 | 409), "{got}");
        assert!(
            got.status == 409 || got.text() == answers.iter().find(|got| got.status == 201).unwrap().text(),
            "{got} {first}"
        );
    }
    assert!(answers.iter().any(|got| got.status == 201));
    assert_eq!((person.balance(&lot), person.sessions(), person.entries(&lot).len()), (990, 1, 2));
}

#[test]
fn twenty_parallel_sign_ups_with_one_key_make_one_person_and_one_device() {
    let (anyone, email) = (Anonymous::new(), names::email());
    let mut body = sign_up(&email);
    body["delivery"] = "token".into();
    let call = anyone.call("POST", "/api/v1/auth/register").key(&names::key()).json(&body);
    let answers = at_once(20, |_| call.clone().send());
    let made: Vec<&Reply> = answers.iter().filter(|got| got.status == 201).collect();
    assert!(
        !made.is_empty() && answers.iter().all(|got| matches!(got.status, 201 | 409 | 429)),
        "{}",
        answers[0]
    );
    assert!(made.iter().all(|got| got.text() == made[0].text()));
    let token = made[0].data()["access_token"].as_str().unwrap().to_owned();
    let devices = anyone.call("GET", "/api/v1/auth/devices").bearer(&token).send().is(200);
    assert_eq!(devices.rows().len(), 1);
}

#[test]
fn keys_of_different_people_and_routes_have_nothing_to_do_with_each_other() {
    let (first, second, key) = (Person::new(), Person::new(), names::key());
    let buy = |person: &Person, mg| {
        person.call("POST", "/api/v1/stash").key(&key).json(&new_lot(mg)).send().is(201)
    };
    let (mine, theirs) = (buy(&first, 100).data(), buy(&second, 200).data());
    assert_ne!(mine["id"], theirs["id"]);
    let body = json!({ "name": names::unique("Strain") });
    first.call("POST", "/api/v1/strains").key(&key).json(&body).send().is(201);
    let lot = text(&mine, "id");
    first.call("POST", "/api/v1/sessions").key(&key).json(&new_session(&lot, 5)).send().is(201);
    assert_eq!(first.balance(&lot), 95);
}

#[test]
fn a_key_that_is_no_key_is_refused_by_name() {
    let person = Person::new();
    let bad = [Vec::new(), vec![b'x'; 256], b"caf\xc3\xa9".to_vec(), b"a\tb".to_vec()];
    let accepted: Vec<String> = bad
        .iter()
        .map(|key| {
            (
                key,
                person.call("POST", "/api/v1/stash").header("idempotency-key", key).json(&new_lot(5)).send(),
            )
        })
        .filter(|(_, got)| got.status != 400 || got.fields() != ["Idempotency-Key"])
        .map(|(key, got)| format!("{:?}: {got}", String::from_utf8_lossy(key)))
        .collect();
    assert!(accepted.is_empty(), "{accepted:#?}");
    person.call("POST", "/api/v1/stash").key(&"x".repeat(255)).json(&new_lot(5)).send().is(201);
    assert_eq!(person.get("/api/v1/stash").is(200).meta()[2], 1);
}

#[test]
fn a_dead_token_gets_no_old_answer() {
    let person = Person::new();
    let call = person.call("POST", "/api/v1/stash").key(&names::key()).json(&new_lot(5));
    call.clone().send().is(201);
    person.call("POST", "/api/v1/auth/logout").send().is(204);
    call.send().refused(401, "unauthorized");
}
