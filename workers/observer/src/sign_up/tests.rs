//! Signing up with the address proven first, through the internal door.

use crate::testing::{PASSWORD, World, registration, tail};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got};
use sesh_edge::service::Job;
use sesh_types::contract::{auth, privacy, sign_up, tenants};
use sesh_types::ids::TenantId;
use sesh_types::time::{HOUR_MS, MINUTE_MS};

const EMAIL: &str = "ada@example.com";
const HOST: &str = "shop.example.com";

fn beginning(email: &str) -> Value {
    json!({ "email": email, "display_name": "Ada", "birth_date": "1990-01-01" })
}

fn begin(world: &World, email: &str) -> Got {
    world.post(sign_up::BEGIN, &beginning(email))
}

fn confirm(world: &World, token: &str) -> Got {
    world.post(sign_up::CONFIRM, &json!({ "token": token, "password": PASSWORD }))
}

/// The token of a sign-up that was begun.
fn begun(world: &World, email: &str) -> String {
    let got = begin(world, email);
    assert_eq!((got.status, got.json()["data"].clone()), (202, json!({})), "{}", got.text);
    world.mail_token()
}

fn code(got: &Got) -> (u16, String) {
    (got.status, got.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
}

fn subjects(world: &World) -> Vec<String> {
    world.fleet.mails().into_iter().map(|mail| mail.subject).collect()
}

/// Lets a tenant, which has [`HOST`], choose; its owner does.
fn choose(world: &World, tenant: TenantId, confirms: bool) {
    let path = format!("{}/{tenant}", tenants::TENANTS);
    let edit = json!({ "domains": [HOST] });
    assert_eq!(world.as_admin(Call::new("PATCH", &path).json(&edit)).status, 200);
    let owner = world.member(tenant, u128::from(confirms) + 1, "owner");
    let edit = Call::new("PATCH", "/api/v1/tenant").json(&json!({ "confirm_sign_up": confirms }));
    let got = world.outside(&owner, edit);
    assert_eq!(got.json()["data"]["confirm_sign_up"], confirms, "{}", got.text);
}

fn register_at(world: &World, host: &str, email: &str) -> Got {
    let call = Call::new("POST", auth::REGISTER).header("x-sesh-host", host);
    world.internal(call.json(&registration(email)))
}

fn confirms_at(world: &World, host: &str) -> bool {
    let got = world.internal(Call::new("GET", sign_up::MANNER).header("x-sesh-host", host));
    got.json()["data"]["confirm_first"].as_bool().unwrap()
}

#[test]
fn whoever_brings_the_token_signs_up_with_a_proven_address() {
    let world = World::new();
    let token = begun(&world, " ADA@Example.com ");
    assert_eq!(subjects(&world), ["Finish signing up"]);
    assert_eq!(world.number("SELECT COUNT(*) FROM people"), 0, "not before");
    assert_eq!(world.fleet.mails()[0].to, EMAIL);
    let got = confirm(&world, &token);
    assert_eq!(got.status, 201, "{}", got.text);
    let ada = world.signed_in(&got);
    assert_eq!((&ada.user["email"], &ada.user["display_name"]), (&json!(EMAIL), &json!("Ada")));
    assert!(ada.user["email_verified_at"].is_string() && world.counts(&ada), "{}", ada.user);
    assert_eq!(world.login(EMAIL).user["email_verified_at"], ada.user["email_verified_at"]);
    assert_eq!(subjects(&world).len(), 1, "nothing is left to prove");
    assert_eq!(world.audited()[..2], ["registration.begun", "person.registered"]);
    assert_eq!(code(&confirm(&world, &token)), (422, "invalid_link".into()), "once");
    assert_eq!(world.number("SELECT COUNT(*) FROM sign_ups"), 0);
}

#[test]
fn a_free_and_a_taken_address_take_the_same_statements_and_get_the_same_answer() {
    let world = World::new();
    world.register(EMAIL);
    let (taken, at_taken) = world.batches_until_answered(sign_up::BEGIN, &beginning(EMAIL));
    let (free, at_free) = world.batches_until_answered(sign_up::BEGIN, &beginning("bob@example.com"));
    assert_eq!((taken.status, &taken.text), (202, &free.text));
    assert_eq!(at_taken, at_free);
    assert!(at_free.iter().flatten().all(|sql| !sql.contains("FROM people")), "nobody looks whose it is");
}

#[test]
fn a_taken_address_is_told_that_it_has_an_account_and_gets_no_token() {
    let world = World::new();
    world.register(EMAIL);
    begin(&world, EMAIL);
    let mail = world.fleet.mails().pop().unwrap();
    assert_eq!((mail.subject.as_str(), mail.to.as_str()), ("You have an account already", EMAIL));
    assert!(
        mail.text.contains("https://app.example/sign-in\n") && !mail.text.contains("token"),
        "{}",
        mail.text
    );
    assert_eq!(world.number("SELECT COUNT(*) FROM sign_ups"), 0);
}

#[test]
fn fifty_beginnings_send_five_mails_and_the_thirty_first_from_one_place_waits() {
    let world = World::new();
    let answers: Vec<u16> = (0..50).map(|_| begin(&world, EMAIL).status).collect();
    assert!(
        answers[..30].iter().all(|status| *status == 202)
            && answers[30..].iter().all(|status| *status == 429)
    );
    assert_eq!((subjects(&world).len(), world.number("SELECT COUNT(*) FROM sign_ups")), (5, 5));
    assert_eq!(world.audited().iter().filter(|action| *action == "registration.throttled").count(), 1);
    world.fleet.pass_ms(15 * MINUTE_MS);
    assert_eq!(begin(&world, EMAIL).status, 202);
    assert_eq!(subjects(&world).len(), 6);
}

#[test]
fn the_rules_are_those_of_every_sign_up() {
    let world = World::new();
    let with = |field: &str, value: &str| {
        let mut body = beginning(EMAIL);
        body[field] = value.into();
        code(&world.post(sign_up::BEGIN, &body))
    };
    assert_eq!(with("birth_date", "2010-01-01"), (422, "age_restricted".into()));
    for (field, bad) in [("email", "no address"), ("display_name", " "), ("birth_date", "1899-12-31")] {
        assert_eq!(with(field, bad), (422, "unprocessable".into()), "{field}");
    }
    assert!(subjects(&world).is_empty());
    let token = begun(&world, "gardenhose77@example.com");
    for bad in ["Password1", "short", "GardenHose77"] {
        let got = world.post(sign_up::CONFIRM, &json!({ "token": token, "password": bad }));
        assert_eq!(code(&got), (422, "unprocessable".into()), "{bad}: {}", got.text);
        assert!(got.text.contains("\"password\""), "{}", got.text);
    }
    assert_eq!(confirm(&world, &token).status, 201, "the token was not used up by them");
}

#[test]
fn a_token_counts_for_half_an_hour_and_is_forgotten() {
    let world = World::new();
    let token = begun(&world, EMAIL);
    world.fleet.pass_ms(30 * MINUTE_MS - 1);
    let short = json!({ "token": token, "password": "short" });
    assert_eq!(code(&world.post(sign_up::CONFIRM, &short)).1, "unprocessable", "it counts");
    world.fleet.pass_ms(1);
    assert_eq!(code(&confirm(&world, &token)), (422, "invalid_link".into()));
    let to_the_hour = HOUR_MS - world.fleet.now().0 % HOUR_MS;
    world.fleet.pass_ms(to_the_hour);
    assert!(world.fleet.job("observer", Job::Tick));
    assert_eq!(world.number("SELECT COUNT(*) FROM sign_ups"), 0);
}

#[test]
fn what_is_no_token_of_a_sign_up_is_refused_alike_and_counted() {
    let world = World::new();
    let token = begun(&world, EMAIL);
    world.register("bob@example.com");
    let verification = world.mail_token();
    let forged = format!("{}A", &token[..token.len() - 1]);
    for bad in ["", "mt_a_b_c", &token.to_uppercase(), &verification, &forged] {
        if bad != token {
            assert_eq!(code(&confirm(&world, bad)), (422, "invalid_link".into()), "{bad}");
        }
    }
    for _ in 0..30 {
        confirm(&world, "mt_a_b_c");
    }
    assert_eq!(code(&confirm(&world, &token)), (429, "too_many_requests".into()));
}

#[test]
fn an_address_that_was_taken_meanwhile_ends_it() {
    let world = World::new();
    let first = begun(&world, EMAIL);
    world.register(EMAIL);
    assert_eq!(code(&confirm(&world, &first)), (409, "conflict".into()), "its owner may know");
    assert_eq!(world.number("SELECT COUNT(*) FROM people"), 1);
    let world = World::new();
    let (first, second) = (begun(&world, EMAIL), begun(&world, EMAIL));
    assert_eq!(confirm(&world, &second).status, 201);
    assert_eq!(code(&confirm(&world, &first)), (422, "invalid_link".into()));
}

#[test]
fn the_same_key_gets_the_same_answer_and_another_body_none() {
    let world = World::new();
    let send = |path: &str, key: &str, body: &Value| {
        world.internal(Call::new("POST", path).header("idempotency-key", key).json(body))
    };
    let body = beginning(EMAIL);
    assert_eq!(send(sign_up::BEGIN, "begin", &body).text, send(sign_up::BEGIN, "begin", &body).text);
    assert_eq!(subjects(&world).len(), 1, "one mail");
    let body = json!({ "token": world.mail_token(), "password": PASSWORD });
    let first = send(sign_up::CONFIRM, "confirm", &body);
    world.fleet.pass_ms(MINUTE_MS);
    assert_eq!((first.status, &first.text), (201, &send(sign_up::CONFIRM, "confirm", &body).text));
    let other = json!({ "token": world.mail_token(), "password": "snowplough 17 geese" });
    assert_eq!(code(&send(sign_up::CONFIRM, "confirm", &other)), (422, "idempotency_key_reused".into()));
    assert_eq!(world.number("SELECT COUNT(*) FROM people"), 1);
}

#[test]
fn nothing_that_is_kept_signs_anybody_up_or_tells_who_waits() {
    let world = World::new();
    let token = begun(&world, EMAIL);
    let mac = tail(&token);
    let kept = world.everything();
    assert!(!kept.contains(mac), "the token");
    assert!(!kept.contains("ada@") && !kept.contains("Ada"), "the address or the name");
    confirm(&world, &token);
    assert!(!world.everything().contains(mac));
}

#[test]
fn a_tenant_that_confirms_has_no_other_way_and_tells_nothing() {
    let world = World::new();
    world.register(EMAIL);
    let tenant = world.tenant("shop");
    choose(&world, tenant, true);
    assert!(confirms_at(&world, HOST) && !confirms_at(&world, "elsewhere.example.com"));
    let (taken, free) = (register_at(&world, HOST, EMAIL), register_at(&world, HOST, "bob@example.com"));
    assert_eq!(code(&taken), (409, "confirmation_required".into()));
    assert_eq!(taken.text, free.text);
    assert_eq!(world.number("SELECT coalesce(SUM(tries), 0) FROM throttle"), 0, "no guess");
    assert_eq!(register_at(&world, "elsewhere.example.com", "bob@example.com").status, 201);
    let detail =
        world.column("SELECT detail FROM audit WHERE action = 'tenant.edited' ORDER BY seq DESC LIMIT 1");
    assert_eq!(detail, [r#"{"confirm_sign_up":true,"fields":["confirm_sign_up"]}"#]);
    choose(&world, tenant, false);
    assert_eq!(register_at(&world, HOST, "eve@example.com").status, 201, "as it was");
}

#[test]
fn what_the_consumers_tenant_chooses_holds_everywhere() {
    let world = World::new();
    let path = format!("{}/{}", tenants::TENANTS, TenantId::CONSUMERS);
    let edit = Call::new("PATCH", &path).json(&json!({ "confirm_sign_up": true }));
    assert_eq!(world.as_admin(edit).json()["data"]["confirm_sign_up"], true);
    assert!(confirms_at(&world, "anywhere.example.com"));
    assert_eq!(code(&world.post(auth::REGISTER, &registration(EMAIL))).1, "confirmation_required");
}

#[test]
fn who_may_not_edit_the_tenant_does_not_choose() {
    let world = World::new();
    let member = world.member(world.tenant("shop"), 1, "member");
    let edit = Call::new("PATCH", "/api/v1/tenant").json(&json!({ "confirm_sign_up": true }));
    assert_eq!(world.outside(&member, edit).status, 403);
}

#[test]
fn erasing_somebody_forgets_the_sign_ups_of_their_address() {
    let world = World::new();
    begun(&world, EMAIL);
    let ada = world.register(EMAIL);
    assert_eq!(world.number("SELECT COUNT(*) FROM sign_ups"), 1, "its token could still be brought");
    let erase = Call::new("POST", privacy::ERASE).json(&json!({ "password": PASSWORD }));
    assert_eq!(world.for_person(&ada, erase).status, 204);
    assert_eq!(world.number("SELECT COUNT(*) FROM sign_ups"), 0);
}
