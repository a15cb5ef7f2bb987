//! Keys, from both doors.

use crate::testing::{ADDRESS, PASSWORD, SignedIn, World};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got};
use sesh_types::access::KeyScope;
use sesh_types::api_key;
use sesh_types::contract::keys::{KEYS, USE};
use sesh_types::contract::notice::Notice;
use sesh_types::contract::tenants::TENANTS;
use sesh_types::ids::TenantId;
use sesh_types::time::{DAY_MS, HOUR_MS, MINUTE_MS};

const OF_TENANT: &str = "/api/v1/tenant/keys";

fn body(scopes: &[&str], more: &Value) -> Value {
    let mut body = json!({ "name": "backup", "scopes": scopes, "password": PASSWORD });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn text(got: &Got, name: &str) -> String {
    got.json()["data"][name].as_str().unwrap_or_else(|| panic!("{}", got.text)).to_owned()
}

/// A key of somebody's own: id and text.
fn own(world: &World, person: &SignedIn, more: &Value) -> (String, String) {
    let call = Call::new("POST", KEYS).json(&body(&["stash:read", "sessions:write"], more));
    let got = world.for_person(person, call);
    assert_eq!(got.status, 201, "{}", got.text);
    (text(&got, "id"), text(&got, "key"))
}

/// The people of the tests have no password: this gives them one.
fn with_password(world: &World, person: &SignedIn) {
    let phc = world.keys.pepper.hash(PASSWORD, &[5; 16]).ok().unwrap();
    world
        .execute(&format!("UPDATE people SET password_phc = '{phc}' WHERE id = '{}'", person.subject.person))
        .unwrap();
}

fn of_tenant(world: &World, insider: &SignedIn, scopes: &[&str], more: &Value) -> (String, String) {
    with_password(world, insider);
    let got = world.outside(insider, Call::new("POST", OF_TENANT).json(&body(scopes, more)));
    assert_eq!(got.status, 201, "{}", got.text);
    (text(&got, "id"), text(&got, "key"))
}

/// Uses a key as tracker does.
fn used(world: &World, key: &str) -> Got {
    used_from(world, key, ADDRESS)
}

fn used_from(world: &World, key: &str, address: &str) -> Got {
    let asked = json!({ "key": key, "needs": [KeyScope::StashRead] });
    world.fleet.call_internal(
        "observer",
        Call::new("POST", USE).json(&asked).header("x-sesh-client-address", address),
    )
}

fn code(got: &Got) -> (u16, String) {
    (got.status, got.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
}

fn dead() -> (u16, String) {
    (401, "unauthorized".to_owned())
}

fn with_key(world: &World, key: &str, call: Call) -> Got {
    world.fleet.call("observer", call.bearer(key))
}

#[test]
fn a_key_is_shown_once_counts_and_ends() {
    let world = World::new();
    let ada = world.register("ada@example.com");
    let (id, key) = own(&world, &ada, &json!({}));
    assert!(api_key::read(&key).is_some(), "{key}");
    let got = used(&world, &key);
    assert_eq!(got.status, 200, "{}", got.text);
    let said = got.json()["data"].clone();
    assert_eq!(said["holder"]["person"], json!(ada.subject.person));
    assert_eq!(said["holder"]["tenant"], json!(TenantId::CONSUMERS));
    assert_eq!(said["holder"]["apps"]["tracker"]["role"], "user");
    assert_eq!((&said["limit"]["most"], &said["limit"]["left"]), (&json!(600), &json!(599)));
    let list = world.for_person(&ada, Call::new("GET", KEYS)).json();
    assert_eq!((&list["data"][0]["id"], &list["meta"]["total"]), (&json!(id), &json!(1)));
    assert!(list["data"][0]["last_used_at"].is_string() && list["data"][0].get("key").is_none());
    assert!(key.starts_with(list["data"][0]["begins_with"].as_str().unwrap()));
    let secret = &key[api_key::PREFIX.len() + 33..];
    assert!(!world.everything().contains(&secret[..20]), "a key stands in the database");

    let end = || world.for_person(&ada, Call::new("DELETE", &format!("{KEYS}/{id}"))).status;
    assert_eq!(end(), 204);
    assert_eq!(code(&used(&world, &key)), dead());
    assert_eq!(end(), 204, "ended twice is ended");
    let told = world.heard();
    let subject = format!("device:{id}");
    let ended = |notice: &&Notice| matches!(notice, Notice::Revoked { subject: of, .. } if *of == subject);
    assert_eq!(told.iter().filter(ended).count(), 1, "calls under way come to nothing");
    let actions = world.column("SELECT action FROM audit WHERE entity LIKE 'api_key:%' ORDER BY seq");
    assert_eq!(actions, ["api_key.made", "api_key.revoked"]);
    assert_eq!(world.fleet.mails().last().unwrap().subject, "You made an API key");
}

#[test]
fn making_one_asks_for_the_password_and_happens_once() {
    let world = World::new();
    let ada = world.register("ada@example.com");
    let wrong = body(&["stash:read"], &json!({ "password": "wrong password here" }));
    let got = world.for_person(&ada, Call::new("POST", KEYS).json(&wrong));
    assert_eq!(code(&got), (401, "invalid_credentials".to_owned()));
    let call = || {
        let call = Call::new("POST", KEYS).json(&body(&["stash:read"], &json!({})));
        world.for_person(&ada, call.header("idempotency-key", "k"))
    };
    let first = call();
    assert_eq!((first.status, &call().text), (201, &first.text), "the identical key");
    assert_eq!(world.number("SELECT COUNT(*) FROM api_keys"), 1);
    let bad = body(&["tenant:read"], &json!({}));
    let got = world.for_person(&ada, Call::new("POST", KEYS).json(&bad));
    assert_eq!(got.json()["error"]["details"][0]["field"], "scopes[0]", "{}", got.text);
}

#[test]
fn a_forged_key_reads_nothing_and_a_good_one_takes_one_batch() {
    let world = World::new();
    let ada = world.register("ada@example.com");
    let (_, key) = own(&world, &ada, &json!({}));
    let forged = api_key::write(api_key::read(&key).unwrap(), &[9; 32]);
    let batches = |key: &str| {
        let asked = json!({ "key": key, "needs": ["stash:read"] });
        let (got, batches) = world.batches_until_answered(USE, &asked);
        (got.status, batches.len())
    };
    assert_eq!(batches(&forged), (401, 0));
    assert_eq!(batches(&key[..key.len() - 1]), (401, 0));
    assert_eq!(batches(&key), (200, 1));
}

#[test]
fn calls_a_minute_are_counted_and_the_next_minute_is_new() {
    let world = World::new();
    let ada = world.register("ada@example.com");
    let (_, key) = own(&world, &ada, &json!({ "calls_a_minute": 3 }));
    let left: Vec<Value> =
        (0..4).map(|_| used(&world, &key).json()["data"]["limit"]["left"].clone()).collect();
    assert_eq!(json!(left), json!([2, 1, 0, 0]));
    let over = used(&world, &key).json()["data"].clone();
    assert_eq!(over["holder"], Value::Null);
    assert!((1..=60).contains(&over["limit"]["next_in_seconds"].as_i64().unwrap()));
    assert_eq!(world.number("SELECT calls FROM api_keys"), 3, "what is refused is not counted");
    world.fleet.pass_ms(MINUTE_MS);
    assert_eq!(used(&world, &key).json()["data"]["limit"]["left"], 2);
}

#[test]
fn a_key_counts_from_listed_addresses_alone_and_others_are_on_record() {
    let world = World::new();
    let ada = world.register("ada@example.com");
    let (id, key) = own(&world, &ada, &json!({ "addresses": ["198.51.100.0/24", "2001:db8::/32"] }));
    for good in ["198.51.100.7", "::ffff:198.51.100.9", "2001:db8::1"] {
        assert_eq!(used_from(&world, &key, good).status, 200, "{good}");
    }
    for bad in ["198.51.101.7", "2001:db9::1", "nowhere"] {
        assert_eq!(code(&used_from(&world, &key, bad)), (403, "forbidden".to_owned()), "{bad}");
    }
    let entries = || {
        world.column(&format!(
            "SELECT detail FROM audit WHERE action = 'api_key.refused' AND entity = 'api_key:{id}'"
        ))
    };
    assert_eq!(entries().len(), 1, "once a minute, so nobody fills the log with it");
    assert!(!entries()[0].contains("198.51"), "{:?}", entries());
    world.fleet.pass_ms(MINUTE_MS);
    used_from(&world, &key, "198.51.101.7");
    assert_eq!(entries().len(), 2);
    assert_eq!(world.number("SELECT calls FROM api_keys"), 3, "what is refused uses nothing up");
}

#[test]
fn a_key_turned_over_counts_on_for_the_time_that_was_chosen() {
    let world = World::new();
    let ada = world.register("ada@example.com");
    let (id, old) = own(&world, &ada, &json!({ "expires_in_days": 10, "calls_a_minute": 7 }));
    world.fleet.pass_ms(DAY_MS);
    let path = format!("{KEYS}/{id}/rotate");
    let turn = json!({ "password": PASSWORD, "overlap_minutes": 60 });
    let got = world.for_person(&ada, Call::new("POST", &path).json(&turn));
    assert_eq!(got.status, 201, "{}", got.text);
    let (new, about) = (text(&got, "key"), got.json()["data"].clone());
    assert_ne!(new, old);
    assert_eq!(
        (&about["calls_a_minute"], &about["scopes"]),
        (&json!(7), &json!(["stash:read", "sessions:write"]))
    );
    assert_eq!(
        about["expires_at"],
        json!(world.fleet.now().plus_ms(10 * DAY_MS)),
        "as long as the old one was to live"
    );
    assert_eq!((used(&world, &old).status, used(&world, &new).status), (200, 200));
    let again = world.for_person(&ada, Call::new("POST", &path).json(&turn));
    assert_eq!(code(&again), (409, "conflict".to_owned()), "one key has one successor");
    world.fleet.pass_ms(HOUR_MS);
    assert_eq!((used(&world, &old).status, used(&world, &new).status), (401, 200));
    let at_once = format!("{KEYS}/{}/rotate", about["id"].as_str().unwrap());
    let newest = world.for_person(&ada, Call::new("POST", &at_once).json(&json!({ "password": PASSWORD })));
    assert_eq!((used(&world, &new).status, used(&world, &text(&newest, "key")).status), (401, 200));
    let actions = world.column("SELECT action FROM audit WHERE action LIKE 'api_key.%' ORDER BY seq");
    assert_eq!(actions, ["api_key.made", "api_key.rotated", "api_key.rotated"]);
}

#[test]
fn a_key_stands_and_falls_with_its_owner() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let (owner, member) = (world.member(tenant, 1, "owner"), world.member(tenant, 2, "member"));
    with_password(&world, &member);
    let (_, key) = own(&world, &member, &json!({}));
    let said = used(&world, &key).json()["data"]["holder"].clone();
    assert_eq!((&said["tenant"], &said["role"]), (&json!(tenant), &json!("member")));
    assert!(said["apps"].get("tracker").is_none(), "their apps, as they are now");
    let close = |what: &str| {
        let call = Call::new("POST", &format!("{TENANTS}/{tenant}/{what}")).json(&json!({ "reason": "x" }));
        assert_eq!(world.as_admin(call).status, 200);
    };
    close("deactivate");
    assert_eq!(code(&used(&world, &key)), (403, "tenant_inactive".to_owned()));
    close("activate");
    assert_eq!(used(&world, &key).status, 200);
    world.suspend(&member);
    assert_eq!(code(&used(&world, &key)), dead());
    let path = format!("{}/{}/reinstate", sesh_types::contract::admin::PEOPLE, member.subject.person);
    world.as_admin(Call::new("POST", &path).json(&json!({})));
    assert_eq!(used(&world, &key).status, 200);
    let path = format!("/api/v1/tenant/members/{}", member.subject.person);
    assert_eq!(world.outside(&owner, Call::new("DELETE", &path)).status, 204);
    assert_eq!(code(&used(&world, &key)), dead(), "whoever is no member has no key there");
}

#[test]
fn a_tenants_key_runs_it_within_its_scopes_and_outlives_its_maker() {
    let world = World::new();
    let (tenant, other) = (world.tenant("acre"), world.tenant("brook"));
    let (owner, admin) = (world.member(tenant, 1, "owner"), world.member(tenant, 2, "admin"));
    let (member, stranger) = (world.member(tenant, 3, "member"), world.member(other, 4, "member"));
    let (reads, reading) = of_tenant(&world, &admin, &["tenant:read"], &json!({}));
    let (_, key) = of_tenant(&world, &admin, &["tenant:read", "tenant:manage"], &json!({}));
    let as_key = |key: &str, verb: &str, path: &str, body: Value| {
        let call = Call::new(verb, path);
        with_key(&world, key, if body.is_null() { call } else { call.json(&body) })
    };
    let got = as_key(&key, "GET", "/api/v1/tenant", Value::Null);
    assert_eq!((got.status, &got.json()["data"]["id"]), (200, &json!(tenant)));
    assert_eq!(got.headers["ratelimit-policy"], r#""key";q=600;w=60"#);
    assert_eq!(got.headers["ratelimit"], r#""key";r=599;t=60"#);
    assert_eq!(as_key(&key, "PATCH", "/api/v1/tenant", json!({ "name": "New" })).status, 200);
    assert_eq!(as_key(&reading, "PATCH", "/api/v1/tenant", json!({ "name": "Mine" })).status, 403, "scope");
    let person = |of: &SignedIn| format!("/api/v1/tenant/members/{}", of.subject.person);
    let apps = json!({ "apps": {} });
    assert_eq!(as_key(&key, "PATCH", &person(&member), apps.clone()).status, 200);
    assert_eq!(as_key(&key, "PATCH", &person(&stranger), apps.clone()).status, 404, "of another tenant");
    for (verb, path, body) in [
        ("PATCH", person(&owner), apps),
        ("DELETE", person(&admin), Value::Null),
        ("POST", "/api/v1/tenant/invitations".into(), json!({ "email": "a@b.example", "role": "admin" })),
    ] {
        assert_eq!(as_key(&key, verb, &path, body).status, 403, "{verb} {path}: admins are for owners");
    }
    let invite = json!({ "email": "new@example.com", "role": "member" });
    assert_eq!(as_key(&key, "POST", "/api/v1/tenant/invitations", invite).status, 201);
    for (verb, path) in [("GET", OF_TENANT.to_owned()), ("DELETE", format!("{OF_TENANT}/{reads}"))] {
        assert_eq!(as_key(&key, verb, &path, Value::Null).status, 401, "{verb} {path}: keys are for people");
    }
    let actors =
        world.column("SELECT actor FROM audit WHERE action = 'invitation.made' AND actor LIKE 'api_key:%'");
    assert_eq!(actors.len(), 1, "machine actions have their actor");
    assert_eq!(world.outside(&member, Call::new("GET", OF_TENANT)).status, 403, "for those who run it");

    assert_eq!(world.outside(&owner, Call::new("DELETE", &person(&admin))).status, 204);
    assert_eq!(as_key(&key, "GET", "/api/v1/tenant", Value::Null).status, 200, "its maker is gone");
    let end = Call::new("DELETE", &format!("{OF_TENANT}/{reads}"));
    assert_eq!(world.outside(&owner, end).status, 204);
    assert_eq!(as_key(&reading, "GET", "/api/v1/tenant", Value::Null).status, 401);
    assert_eq!(code(&used(&world, &key)), (403, "forbidden".to_owned()), "a person's route");
}

#[test]
fn a_persons_key_is_not_for_tenants_and_nobody_ends_anothers() {
    let world = World::new();
    let (ada, grace) = (world.register("ada@example.com"), world.somebody(9, "grace@example.com"));
    let (id, key) = own(&world, &ada, &json!({}));
    assert_eq!(with_key(&world, &key, Call::new("GET", "/api/v1/tenant")).status, 403);
    let end = Call::new("DELETE", &format!("{KEYS}/{id}"));
    assert_eq!(world.for_person(&grace, end).status, 404);
    assert_eq!(used(&world, &key).status, 200);
    let asked = json!({ "key": key, "needs": ["strains:write"] });
    let got = world.internal(Call::new("POST", USE).json(&asked));
    assert!(got.status == 403 && got.text.contains("strains:write"), "{}", got.text);
}

fn quota(world: &World, tenant: TenantId, calls: i64) {
    let edit = json!({ "quotas": { "calls_a_day": calls } });
    let got = world.as_admin(Call::new("PATCH", &format!("{TENANTS}/{tenant}")).json(&edit));
    assert_eq!(got.status, 200, "{}", got.text);
}

#[test]
fn a_tenants_calls_of_a_day_are_counted_over_all_its_keys_and_start_anew() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let owner = world.member(tenant, 1, "owner");
    let (_, one) = of_tenant(&world, &owner, &["tenant:read"], &json!({}));
    let (_, two) = own(&world, &owner, &json!({}));
    quota(&world, tenant, 3);
    let read = || with_key(&world, &one, Call::new("GET", "/api/v1/tenant"));
    assert_eq!((read().status, used(&world, &two).status, read().status), (200, 200, 200));
    let over = read();
    assert_eq!(code(&over), (429, "quota_exceeded".to_owned()), "{}", over.text);
    let details = over.json()["error"]["details"].clone();
    assert_eq!((&details["quota"], &details["limit"]), (&json!("calls_a_day"), &json!(3)));
    let midnight = super::rules::next_day(world.fleet.now());
    assert_eq!(details["resets_at"], json!(midnight));
    let wait: i64 = over.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=86_400).contains(&wait));
    assert_eq!(code(&used(&world, &two)).0, 429);
    assert_eq!(world.number("SELECT SUM(calls) FROM calls_of_day"), 3, "what is refused is not counted");
    world.fleet.pass_ms(midnight.0 - world.fleet.now().0);
    assert_eq!((read().status, used(&world, &two).status), (200, 200), "a new day");
    quota(&world, tenant, 1);
    assert_eq!(code(&read()).0, 429, "a smaller quota holds at once");
}

#[test]
fn consumers_have_the_limits_of_their_keys_alone() {
    let world = World::new();
    let ada = world.register("ada@example.com");
    let (_, key) = own(&world, &ada, &json!({}));
    world
        .execute(&format!("UPDATE tenants SET max_calls_a_day = 1 WHERE id = '{}'", TenantId::CONSUMERS))
        .unwrap();
    assert!((0..5).all(|_| used(&world, &key).json()["data"]["holder"].is_object()));
    assert_eq!(world.number("SELECT COUNT(*) FROM calls_of_day"), 0);
}

#[test]
fn a_person_has_twenty_live_keys_at_most() {
    let world = World::new();
    let ada = world.register("ada@example.com");
    let (id, _) = own(&world, &ada, &json!({}));
    world
        .execute(&format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 19)
             INSERT INTO api_keys (id, tenant_id, person_id, key_id, name, scopes, addresses, calls_a_minute, made_by,
               created_at, expires_at)
             SELECT 'k' || i, tenant_id, person_id, key_id, name, scopes, addresses, calls_a_minute, made_by, created_at,
               expires_at FROM n, api_keys WHERE id = '{id}'"
        ))
        .unwrap();
    let one_more =
        || world.for_person(&ada, Call::new("POST", KEYS).json(&body(&["stash:read"], &json!({})))).status;
    assert_eq!(one_more(), 409);
    assert_eq!(world.for_person(&ada, Call::new("DELETE", &format!("{KEYS}/{id}"))).status, 204);
    assert_eq!(one_more(), 201);
}

#[test]
fn a_new_password_by_mail_ends_every_key() {
    use sesh_types::contract::recovery::{COMPLETE, RECOVER};
    let world = World::new();
    let ada = world.register("ada@example.com");
    let (_, key) = own(&world, &ada, &json!({}));
    world.post(RECOVER, &json!({ "email": "ada@example.com" }));
    let reset = json!({ "token": world.mail_token(), "new_password": "snowplough and 17 geese" });
    assert_eq!(world.post(COMPLETE, &reset).status, 204);
    assert_eq!(code(&used(&world, &key)), dead());
    assert_eq!(world.number("SELECT COUNT(*) FROM audit WHERE action = 'api_keys.revoked'"), 1);
}

#[test]
fn a_key_that_ended_never_lives_longer() {
    let world = World::new();
    let ada = world.register("ada@example.com");
    let (id, _) = own(&world, &ada, &json!({}));
    let late = world.execute("UPDATE api_keys SET expires_at = expires_at + 1").unwrap_err();
    assert!(late.contains("refused:key_has_ended"), "{late}");
    world.for_person(&ada, Call::new("DELETE", &format!("{KEYS}/{id}")));
    let alive = world.execute("UPDATE api_keys SET revoked_at = NULL").unwrap_err();
    assert!(alive.contains("refused:key_has_ended"), "{alive}");
}
