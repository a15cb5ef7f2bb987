//! Administration of people, through the internal door.

use crate::testing::{PASSWORD, World};
use serde_json::{Value, json};
use sesh_edge::native::Call;
use sesh_types::contract::notice::Notice;
use sesh_types::contract::{admin, auth};
use sesh_types::time::MINUTE_MS;

const EMAIL: &str = "ada@example.com";

fn emails(world: &World, query: &str) -> (Vec<Value>, Value) {
    let got = world.as_admin(Call::new("GET", &format!("{}{query}", admin::PEOPLE)));
    assert_eq!(got.status, 200, "{}", got.text);
    let rows = got.json()["data"].as_array().unwrap().iter().map(|row| row["email"].clone()).collect();
    (rows, got.json()["meta"]["total"].clone())
}

#[test]
fn people_are_found_by_their_address_their_id_and_the_beginnings_of_their_names() {
    let world = World::new();
    let name = |email: &str, name: &str| {
        let mut body = crate::testing::registration(email);
        body["display_name"] = name.into();
        world.fleet.pass_ms(1);
        world.signed_in(&world.post(auth::REGISTER, &body)).subject.person.to_string()
    };
    let ada = name("ada@example.com", "Ada Lovelace");
    name("bob@example.org", "ÄDAM");
    name("eve@ada.example", "Eve Adamson");
    let [a, b, e] = ["ada@example.com", "bob@example.org", "eve@ada.example"].map(Value::from);
    assert_eq!(emails(&world, ""), (vec![e.clone(), b.clone(), a.clone()], json!(3)));
    assert_eq!(emails(&world, "?q=Ada@Example.com"), (vec![a.clone()], json!(1)), "the very address");
    assert_eq!(emails(&world, &format!("?q={ada}")), (vec![a.clone()], json!(1)), "the id");
    assert_eq!(emails(&world, "?q=ADA"), (vec![e.clone(), a.clone()], json!(2)));
    assert_eq!(emails(&world, "?q=love+ada"), (vec![a.clone()], json!(1)), "each word");
    assert_eq!(emails(&world, "?q=%C3%A4da"), (vec![b], json!(1)));
    assert_eq!(emails(&world, "?q=eve&status=active"), (vec![e], json!(1)));
    for nothing in ["example.com", "bob@example", "lace", "ad", "%25", "%20-%20"] {
        assert_eq!(emails(&world, &format!("?q={nothing}")), (vec![], json!(0)), "{nothing}");
    }
    assert_eq!(emails(&world, "?q=ada&limit=1&page=2"), (vec![a], json!(2)));
}

#[test]
fn who_stands_in_plain_from_before_is_found_by_part_of_address_or_name() {
    let world = World::new();
    for (number, (email, name)) in
        [("ada@example.com", "Ada Lovelace"), ("bob@example.org", "ÄDAM"), ("eve@ada.example", "Eve")]
            .iter()
            .enumerate()
    {
        world
            .execute(&format!(
                "INSERT INTO people (id, tenant_id, email, display_name, display_key, password_phc, adult_confirmed_at, created_at)
                 VALUES ('00000000-0000-4000-8000-{number:012}', '{}', '{email}', '{name}', '{}', '', 0, 0)",
                sesh_types::ids::TenantId::CONSUMERS,
                name.to_lowercase()
            ))
            .unwrap();
    }
    let [ada, bob, eve] = ["ada@example.com", "bob@example.org", "eve@ada.example"].map(Value::from);
    assert_eq!(emails(&world, ""), (vec![eve.clone(), bob.clone(), ada.clone()], json!(3)));
    assert_eq!(emails(&world, "?q=ADA"), (vec![eve.clone(), ada.clone()], json!(2)));
    assert_eq!(emails(&world, "?q=%C3%A4da"), (vec![bob.clone()], json!(1)));
    assert_eq!(emails(&world, "?q=%25"), (vec![], json!(0)), "no pattern");
    assert_eq!(emails(&world, "?status=suspended"), (vec![], json!(0)));
    assert_eq!(emails(&world, "?limit=1&page=2"), (vec![bob], json!(3)));
    for bad in ["?limit=101", "?page=0", "?status=gone", "?colour=red"] {
        assert_eq!(world.as_admin(Call::new("GET", &format!("{}{bad}", admin::PEOPLE))).status, 400, "{bad}");
    }
}

#[test]
fn a_suspension_ends_every_token_before_it_is_acknowledged() {
    let world = World::new();
    let (first, second) = (world.register(EMAIL), world.login(EMAIL));
    world.tracker_is_down(true);
    assert_eq!(world.suspend(&first).status, 503);
    assert!(!world.counts(&first) && !world.counts(&second));
    world.tracker_is_down(false);
    let got = world.suspend(&first);
    let account = got.json()["data"].clone();
    assert_eq!((got.status, &account["status"], &account["devices"]), (200, &json!("suspended"), &json!(0)));
    assert_eq!(account["suspended_reason"], "spam");
    assert!(matches!(world.heard().as_slice(), [Notice::Revoked { subject, min_epoch: 1, expires_at, .. }]
        if *subject == format!("person:{}", first.subject.person)
           && expires_at.0 - world.fleet.now().0 == 75 * MINUTE_MS));
    assert_eq!(world.refresh(&first.refresh).status, 401);
    assert_eq!(world.refresh(&second.refresh).status, 401);
    let login = world.post(auth::LOGIN, &json!({ "email": EMAIL, "password": PASSWORD }));
    assert_eq!((login.status, &login.json()["error"]["code"]), (401, &json!("invalid_credentials")));
    assert_eq!(world.audited().iter().filter(|action| *action == "person.suspended").count(), 1);
    assert_eq!(world.heard().len(), 1);
}

#[test]
fn who_is_reinstated_signs_in_anew_and_old_tokens_stay_dead() {
    let world = World::new();
    let old = world.register(EMAIL);
    world.suspend(&old);
    let path = format!("{}/{}/reinstate", admin::PEOPLE, old.subject.person);
    for _ in 0..2 {
        let got = world.as_admin(Call::new("POST", &path));
        let account = got.json()["data"].clone();
        assert_eq!(
            (got.status, &account["status"], &account["suspended_reason"]),
            (200, &json!("active"), &Value::Null)
        );
    }
    assert!(!world.counts(&old));
    assert_eq!(world.refresh(&old.refresh).status, 401);
    let new = world.login(EMAIL);
    assert_eq!(new.subject.epoch, 1);
    assert!(world.counts(&new));
    assert_eq!(
        world.audited(),
        ["person.registered", "person.suspended", "person.reinstated", "login.succeeded"]
    );
    assert_eq!(world.column("SELECT actor FROM audit WHERE seq = 2"), ["key:ops"]);
}

#[test]
fn a_repeated_suspension_replays_its_answer_and_does_not_undo_a_reinstatement() {
    let world = World::new();
    let ada = world.seeded(EMAIL);
    let path = |verb: &str| format!("{}/{}/{verb}", admin::PEOPLE, ada.subject.person);
    let suspend = |reason: &str| {
        let call = Call::new("POST", &path("suspend"))
            .header("idempotency-key", "k")
            .json(&json!({ "reason": reason }));
        world.as_admin(call)
    };
    let first = suspend("spam");
    assert_eq!(world.as_admin(Call::new("POST", &path("reinstate"))).status, 200);
    let again = suspend("spam");
    assert_eq!((again.status, &again.text), (200, &first.text));
    assert_eq!(suspend("other").status, 422);
    let one = world.as_admin(Call::new("GET", &format!("{}/{}", admin::PEOPLE, ada.subject.person)));
    assert_eq!(one.json()["data"]["status"], "active");
}

#[test]
fn nobody_and_no_reason_are_refused() {
    let world = World::new();
    let ada = world.seeded(EMAIL);
    let post = |id: &str, body: &Value| {
        world.as_admin(Call::new("POST", &format!("{}/{id}/suspend", admin::PEOPLE)).json(body)).status
    };
    let id = ada.subject.person.to_string();
    assert_eq!(post(&id, &json!({ "reason": " " })), 422);
    assert_eq!(post(&id, &json!({})), 400);
    assert_eq!(post("00000000-0000-4000-8000-000000000000", &json!({ "reason": "x" })), 404);
    assert_eq!(post("42", &json!({ "reason": "x" })), 404);
    assert_eq!(world.as_admin(Call::new("GET", &format!("{}/42", admin::PEOPLE))).status, 404);
    let nobody = format!("{}/00000000-0000-4000-8000-000000000000", admin::PEOPLE);
    assert_eq!(world.as_admin(Call::new("GET", &nobody)).status, 404);
    assert!(world.counts(&ada) && world.audited().is_empty());
}

#[test]
fn the_audit_log_tells_the_standing_before_and_after() {
    let world = World::new();
    let ada = world.seeded(EMAIL);
    world.suspend(&ada);
    world.as_admin(Call::new("POST", &format!("{}/{}/reinstate", admin::PEOPLE, ada.subject.person)));
    let details: Vec<Value> = world
        .column("SELECT detail FROM audit ORDER BY seq")
        .iter()
        .map(|detail| serde_json::from_str(detail).unwrap())
        .collect();
    let (active, suspended) = (json!({ "standing": "active" }), json!({ "standing": "suspended" }));
    assert_eq!(
        details,
        [
            json!({ "before": active, "after": suspended, "reason": "spam" }),
            json!({ "before": suspended, "after": active })
        ]
    );
}

#[test]
fn what_is_kept_of_a_suspension_holds_no_address() {
    let world = World::new();
    let ada = world.seeded(EMAIL);
    for verb in ["suspend", "reinstate"] {
        let path = format!("{}/{}/{verb}", admin::PEOPLE, ada.subject.person);
        let keyed = || {
            let call = Call::new("POST", &path).header("idempotency-key", "k");
            world.as_admin(if verb == "suspend" { call.json(&json!({ "reason": "spam" })) } else { call })
        };
        let first = keyed();
        assert!(first.status == 200 && first.text.contains(EMAIL), "{}", first.text);
        assert_eq!(keyed().text, first.text);
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM idempotency"), 2);
    assert_eq!(world.number("SELECT COUNT(*) FROM idempotency WHERE instr(body, '@') > 0"), 0);
}
