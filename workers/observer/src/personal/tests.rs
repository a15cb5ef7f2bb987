//! Personal fields as the database has them: encrypted, found all the same, and in plain only until the cron trigger has
//! come by.

use crate::testing::{NOW, PASSWORD, World, registration};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Vars};
use sesh_edge::service::Job;
use sesh_types::contract::{admin, auth, factors, recovery, tenants};
use sesh_types::ids::TenantId;

const EMAIL: &str = "ada.canary@example.com";
const NAME: &str = "Adacanary Lovelace";
const AGENT: &str = "Canary Browser 7";

fn registered(world: &World) -> crate::testing::SignedIn {
    let mut body = registration(EMAIL);
    body["display_name"] = NAME.into();
    let call =
        Call::new("POST", auth::REGISTER).header("user-agent", AGENT).header("idempotency-key", "first");
    world.signed_in(&world.internal(call.json(&body)))
}

fn holds_no_canary(world: &World, when: &str) {
    let everything = world.everything().to_lowercase();
    for canary in ["canary", "lovelace", "example.com"] {
        assert!(!everything.contains(canary), "{when}: {canary}");
    }
}

fn me(world: &World, person: &crate::testing::SignedIn) -> Value {
    world.for_person(person, Call::new("GET", auth::ME)).json()["data"].clone()
}

#[test]
fn no_table_holds_an_address_a_name_or_a_program_in_plain() {
    let world = World::new();
    world.fleet.mail_is_down(true);
    let ada = registered(&world);
    holds_no_canary(&world, "signed up");
    let login = json!({ "email": EMAIL, "password": PASSWORD });
    let call = Call::new("POST", auth::LOGIN).header("user-agent", AGENT).header("idempotency-key", "again");
    let got = world.internal(call.clone().json(&login));
    assert_eq!(got.text, world.internal(call.json(&login)).text, "a repeated sign-in has its name");
    assert_eq!(got.json()["data"]["user"]["display_name"], NAME);
    let edit = Call::new("PATCH", auth::ME)
        .header("idempotency-key", "edit")
        .json(&json!({ "display_name": "Canary Two" }));
    let first = world.for_person(&ada, edit.clone());
    assert_eq!(first.json()["data"]["display_name"], "Canary Two");
    assert_eq!(world.for_person(&ada, edit).text, first.text);
    let other = json!({ "email": "second.canary@example.com", "password": PASSWORD });
    assert_eq!(world.for_person(&ada, Call::new("POST", recovery::EMAIL).json(&other)).status, 202);
    assert_eq!(world.post(recovery::RECOVER, &json!({ "email": EMAIL })).status, 202);
    assert_eq!(
        world
            .for_person(&ada, Call::new("POST", factors::TOTP).json(&json!({ "password": PASSWORD })))
            .status,
        201
    );
    let tenant = world.tenant("farm");
    let invite = json!({ "email": EMAIL, "role": "member", "apps": {} });
    let invite = Call::new("POST", &format!("{}/{tenant}/invitations", tenants::TENANTS)).json(&invite);
    assert_eq!(world.as_admin(invite.header("idempotency-key", "invite")).status, 201);
    assert_eq!(world.suspend(&ada).status, 200);
    holds_no_canary(&world, "used");
    assert!(world.number("SELECT COUNT(*) FROM mails") >= 3, "mails wait, with sealed recipients");

    world.fleet.mail_is_down(false);
    world.fleet.pass_ms(60_000);
    let path = format!("{}/{}/reinstate", admin::PEOPLE, ada.subject.person);
    assert_eq!(world.as_admin(Call::new("POST", &path)).status, 200);
    assert!(world.fleet.job("observer", Job::Tick));
    let told: Vec<String> = world.fleet.mails().into_iter().map(|mail| mail.to).collect();
    assert!(
        told.contains(&EMAIL.to_owned()) && told.contains(&"second.canary@example.com".to_owned()),
        "{told:?}"
    );
}

/// Somebody as the database had them before there were keys.
fn in_plain(world: &World, email: &str) -> crate::testing::SignedIn {
    let person = registered(world);
    world
        .execute(&format!(
            "UPDATE people SET email = '{email}', email_index = NULL, display_name = '{NAME}', display_key = '{}',
               name_index = NULL;
             UPDATE devices SET user_agent = '{AGENT}';
             DELETE FROM person_keys;
             INSERT INTO passkeys (id, tenant_id, person_id, algorithm, public_key, name, sign_count, is_backed_up, created_at)
             SELECT 'credential', tenant_id, id, 'ES256', 'x', 'Canary key', 0, 0, 0 FROM people",
            NAME.to_lowercase()
        ))
        .unwrap();
    person
}

#[test]
fn what_was_in_plain_is_read_until_the_cron_trigger_has_encrypted_it() {
    let world = World::new();
    let ada = in_plain(&world, EMAIL);
    let tenant = world.tenant("farm");
    world
        .execute(&format!(
            "INSERT INTO invitations (id, tenant_id, email, role, apps, invited_by, created_at, expires_at)
             VALUES ('{}', '{tenant}', '{EMAIL}', 'member', '{{}}', 'key:ops', {now}, {now} + 1000000)",
            uuid::Uuid::from_u128(7),
            now = NOW.0
        ))
        .unwrap();
    let everything = |when: &str| {
        let me = me(&world, &ada);
        assert_eq!((&me["email"], &me["display_name"]), (&json!(EMAIL), &json!(NAME)), "{when}");
        let devices = world.for_person(&ada, Call::new("GET", auth::DEVICES)).json();
        assert_eq!(devices["data"][0]["user_agent"], AGENT, "{when}");
        let factors = world.for_person(&ada, Call::new("GET", factors::FACTORS)).json();
        assert_eq!(factors["data"]["passkeys"][0]["name"], "Canary key", "{when}");
        assert_eq!(
            world.post(auth::REGISTER, &registration(EMAIL)).status,
            409,
            "{when}: the address is taken"
        );
        let q = world.as_admin(Call::new("GET", &format!("{}?q={EMAIL}", admin::PEOPLE)));
        assert_eq!(q.json()["meta"]["total"], 1, "{when}");
    };
    everything("in plain");
    assert!(world.everything().contains(EMAIL));
    assert!(world.fleet.job("observer", Job::Tick), "the person first, for the key");
    assert!(world.fleet.job("observer", Job::Tick), "a second time changes nothing");
    everything("encrypted");
    holds_no_canary(&world, "encrypted");
    assert_eq!(world.number("SELECT COUNT(*) FROM people WHERE email_index IS NULL OR display_key <> ''"), 0);
    assert_eq!(world.login(EMAIL).subject.person, ada.subject.person);
    let edited = world.for_person(&ada, Call::new("PATCH", auth::ME).json(&json!({ "display_name": NAME })));
    assert_eq!(edited.json()["data"]["version"], 1, "the same name is no edit");
}

#[test]
fn who_stands_in_plain_signs_in_edits_and_recovers() {
    let world = World::new();
    in_plain(&world, EMAIL);
    let again = world.login(EMAIL);
    assert_eq!(
        world.number("SELECT COUNT(*) FROM person_keys"),
        1,
        "a new device is encrypted, so a key is made"
    );
    let edited =
        world.for_person(&again, Call::new("PATCH", auth::ME).json(&json!({ "display_name": "Ada" })));
    assert_eq!(edited.json()["data"]["display_name"], "Ada");
    assert_eq!(world.post(recovery::RECOVER, &json!({ "email": EMAIL })).status, 202);
    let token = world.mail_token();
    let complete = json!({ "token": token, "new_password": "snowplough 17 geese" });
    assert_eq!(world.post(recovery::COMPLETE, &complete).status, 204);
    assert!(world.fleet.job("observer", Job::Tick));
    holds_no_canary(&world, "after all of it");
}

#[test]
fn keys_are_wrapped_anew_after_a_rotation_and_then_the_old_key_may_go() {
    let world = World::new();
    let ada = registered(&world);
    let before =
        world.column("SELECT key_id || email FROM people JOIN person_keys ON person_id = id").remove(0);
    assert!(before.starts_with("person1"));
    let key = |text: &str, id: &str| text.split(',').find(|pair| pair.starts_with(id)).unwrap().to_owned();
    let Vars { texts, .. } = crate::testing::vars();
    let (old, new) = (key(&texts["PERSON_KEYS"], "person1"), key(&texts["PERSON_KEYS"], "person2"));
    world.with_person_keys(&format!("{new},{old}"), |fleet| assert!(fleet.job("observer", Job::Tick)));
    let after =
        world.column("SELECT key_id || email FROM people JOIN person_keys ON person_id = id").remove(0);
    assert_eq!(after, before.replace("person1", "person2"), "the data is as it was");
    let read = |keys: &str| {
        let call = Call::new("GET", auth::ME).header(auth::ON_BEHALF, &ada.subject.to_string());
        let mut status = (0, String::new());
        world.with_person_keys(keys, |fleet| {
            let got = fleet.call_internal("observer", call.header("x-sesh-client-address", "203.0.113.7"));
            status = (got.status, got.text);
        });
        status
    };
    assert_eq!(read(&new).0, 200, "without the old key");
    let (status, text) = read(&old);
    assert_eq!(status, 500, "{text}");
    assert!(!text.contains("person2") && !text.contains(EMAIL), "{text}");
}

#[test]
fn a_text_counts_in_its_place_for_its_person_alone() {
    let world = World::new();
    let ada = registered(&world);
    let bob = world.register("bob@example.com");
    world
        .execute(&format!("UPDATE people SET display_name = email WHERE id = '{}'", ada.subject.person))
        .unwrap();
    let read = |who| world.for_person(who, Call::new("GET", auth::ME)).status;
    assert_eq!(read(&ada), 500, "an address is no name");
    world
        .execute(&format!(
            "UPDATE people SET display_name = (SELECT display_name FROM people WHERE id = '{}') WHERE id = '{}'",
            bob.subject.person, ada.subject.person
        ))
        .unwrap();
    assert_eq!(read(&ada), 500, "somebody else's name");
    assert_eq!(read(&bob), 200);
}

#[test]
fn no_nonce_is_drawn_twice_and_the_same_text_never_looks_the_same() {
    let world = World::new();
    let ada = registered(&world);
    let mut seen = Vec::new();
    for round in 0..20 {
        // An edit that changes nothing writes nothing: two names by turns.
        let name = format!("{NAME} {}", round % 2);
        let named = Call::new("PATCH", auth::ME).json(&json!({ "display_name": name }));
        assert_eq!(world.for_person(&ada, named).status, 200);
        seen.extend(world.column("SELECT display_name FROM people"));
    }
    seen.extend(world.column("SELECT email FROM people"));
    seen.extend(world.column("SELECT wrapped FROM person_keys"));
    // 24 bytes are 32 letters of base64url, which follow the sign that says whose key it is.
    let mut nonces: Vec<&str> =
        seen.iter().map(|text| text.trim_start_matches(['\u{1}', '\u{2}']).get(..32).unwrap()).collect();
    nonces.sort_unstable();
    nonces.dedup();
    assert_eq!((seen.len(), nonces.len()), (22, 22));
}

#[test]
fn signing_in_finds_the_account_by_its_index() {
    let world = World::new();
    let keys = &world.keys;
    for (statement, indexes) in [
        (crate::signin::store::account_of(keys, TenantId::CONSUMERS, EMAIL), 2),
        (crate::signin::store::is_taken(keys, TenantId::CONSUMERS, EMAIL), 2),
    ] {
        let plan = world.column_of(&format!("EXPLAIN QUERY PLAN {}", statement.sql), 3).join("\n");
        assert!(plan.contains("people_email_index (tenant_id=? AND email_index=?)"), "{plan}");
        assert!(!plan.contains("SCAN"), "{plan}");
        assert_eq!(plan.matches("MULTI-INDEX OR").count() + 1, indexes, "{plan}");
    }
    // What the cron trigger asks every minute reads indexes that are empty when all is encrypted.
    for (sql, index) in [
        ("SELECT id, email, display_name FROM people WHERE email_index IS NULL LIMIT 1", "people_in_plain"),
        ("SELECT id FROM devices WHERE substr(user_agent, 1, 1) <> char(1)", "devices_in_plain"),
        ("SELECT id FROM passkeys WHERE substr(name, 1, 1) <> char(1)", "passkeys_in_plain"),
        ("SELECT id, email FROM invitations WHERE email_index IS NULL LIMIT 1", "invitations_in_plain"),
    ] {
        let plan = world.column_of(&format!("EXPLAIN QUERY PLAN {sql}"), 3).join("\n");
        assert!(plan.contains(index), "{plan}");
    }
}
