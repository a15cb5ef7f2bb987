//! Acting as a person, through the internal door.

use crate::staff::tests::{Member, with_key};
use crate::testing::{ISSUER, SignedIn, World};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got};
use sesh_edge::token::AccessClaims;
use sesh_types::contract::notice::Notice;
use sesh_types::contract::staff::{DEVICES, IMPERSONATIONS, LOGOUT, OWN_IMPERSONATIONS};
use sesh_types::contract::{admin, auth, factors};
use sesh_types::time::{MINUTE_MS, SECOND_MS};

const REASON: &str = "ticket 4711: the sum is off";

struct Acting {
    id: String,
    token: String,
    behalf: auth::OnBehalf,
    expires_in: i64,
}

fn path_of(person: &SignedIn) -> String {
    format!("{}/{}/impersonation", admin::PEOPLE, person.subject.person)
}

fn acting(world: &World, got: &Got) -> Acting {
    assert!(matches!(got.status, 200 | 201), "{}", got.text);
    let data = &got.json()["data"];
    let token = data["access_token"].as_str().unwrap().to_owned();
    let verified = world.keys.verifying.verify::<AccessClaims>(&token, ISSUER, world.fleet.now());
    let AccessClaims { tid: tenant, sub: person, did: device, ep: epoch, act, .. } = verified.unwrap().0;
    let behalf = auth::OnBehalf { tenant, person, device, epoch, act: act.map(|act| act.sub) };
    assert!(data.get("refresh_token").is_none());
    Acting {
        id: data["id"].as_str().unwrap().to_owned(),
        token,
        behalf,
        expires_in: data["expires_in"].as_i64().unwrap(),
    }
}

fn start(world: &World, member: &Member, person: &SignedIn) -> Acting {
    acting(world, &member.post(world, &path_of(person), &json!({ "reason": REASON })))
}

impl Acting {
    fn call(&self, world: &World, call: Call) -> Got {
        world.internal(call.header(auth::ON_BEHALF, &self.behalf.to_string()))
    }

    fn reads(&self, world: &World) -> bool {
        match self.call(world, Call::new("GET", auth::ME)).status {
            200 => true,
            401 => false,
            other => unreachable!("{other}"),
        }
    }

    /// Whether other Workers were told that its tokens are dead.
    fn is_told(&self, world: &World) -> bool {
        let subject = format!("device:{}", self.id);
        world
            .heard()
            .iter()
            .any(|notice| matches!(notice, Notice::Revoked { subject: dead, .. } if *dead == subject))
    }
}

#[test]
fn it_reads_as_the_person_says_who_acts_and_changes_nothing() {
    let world = World::new();
    let (grace, ada) = (Member::new(&world, "grace@example.com", "support"), world.seeded("ada@example.com"));
    let acting = start(&world, &grace, &ada);
    assert_eq!(acting.behalf.act, Some(grace.subject.staff));
    assert_eq!(acting.behalf.person, ada.subject.person);
    let got = acting.call(&world, Call::new("GET", auth::ME));
    let me = &got.json()["data"];
    assert_eq!(
        (&me["email"], &me["impersonation"]["staff_name"]),
        (&json!("ada@example.com"), &json!("Grace"))
    );
    assert_eq!(
        (&me["impersonation"]["reason"], got.headers.get("etag").is_some_and(|tag| tag == "\"v1\"")),
        (&json!(REASON), false)
    );
    let own = world.for_person(&ada, Call::new("GET", auth::ME));
    assert!(own.json()["data"].get("impersonation").is_none() && own.headers["etag"] == "\"v1\"");
    let before = world.everything();
    for (verb, path) in [
        ("PATCH", auth::ME),
        ("POST", "/internal/v1/me/password"),
        ("POST", "/internal/v1/auth/tenant"),
        ("POST", auth::LOGOUT),
        ("DELETE", auth::DEVICES),
        ("GET", auth::DEVICES),
        ("POST", factors::TOTP),
        ("GET", factors::FACTORS),
    ] {
        let got = acting.call(&world, Call::new(verb, path).json(&json!({ "display_name": "Eve" })));
        assert_eq!(
            (got.status, got.json()["error"]["code"].as_str()),
            (403, Some("impersonated")),
            "{verb} {path}"
        );
    }
    let tenant = world.fleet.call("observer", Call::new("GET", "/api/v1/tenant").bearer(&acting.token));
    assert_eq!((tenant.status, tenant.json()["error"]["code"].as_str()), (403, Some("impersonated")));
    assert_eq!(world.everything(), before);
    let refresh = world.refresh(&acting.token);
    assert_eq!(refresh.status, 401);
}

#[test]
fn it_ends_explicitly_at_once_and_by_itself() {
    let world = World::new();
    let (grace, ada) = (Member::new(&world, "grace@example.com", "support"), world.seeded("ada@example.com"));
    let first = start(&world, &grace, &ada);
    let end = |member: &Member, id: &str| {
        member.call(&world, Call::new("DELETE", &format!("{IMPERSONATIONS}/{id}"))).status
    };
    let joan = Member::new(&world, "joan@example.com", "superadmin");
    assert_eq!(end(&joan, &first.id), 404, "somebody else's");
    assert_eq!((end(&grace, &first.id), end(&grace, &first.id)), (204, 204));
    assert!(!first.reads(&world) && first.is_told(&world));
    let second =
        acting(&world, &grace.post(&world, &path_of(&ada), &json!({ "reason": REASON, "minutes": 2 })));
    assert_eq!(second.expires_in, 120, "a token lives no longer than what it is of");
    assert!(second.reads(&world));
    let token = format!("{IMPERSONATIONS}/{}/token", second.id);
    world.fleet.pass_ms(MINUTE_MS);
    let again = acting(&world, &grace.post(&world, &token, &json!({})));
    assert_eq!((again.expires_in, again.reads(&world)), (60, true));
    world.fleet.pass_ms(MINUTE_MS);
    assert!(!again.reads(&world));
    assert_eq!(grace.post(&world, &token, &json!({})).status, 409);
    assert_eq!(joan.post(&world, &token, &json!({})).status, 404);
    let third = start(&world, &grace, &ada);
    assert!(third.reads(&world), "what is over stands in nobody's way");
}

#[test]
fn it_ends_with_whatever_ends_its_member_of_staff_or_the_person() {
    type End = fn(&World, &Member, &SignedIn);
    let ends: [(&str, End); 6] = [
        ("disabled", |world, grace, _| {
            assert_eq!(with_key(world, "POST", &grace.id, "/disable", &json!({ "reason": "x" })).status, 200);
        }),
        ("another role", |world, grace, _| {
            assert_eq!(with_key(world, "PATCH", &grace.id, "", &json!({ "role": "reseller" })).status, 200);
        }),
        ("reset", |world, grace, _| {
            assert_eq!(with_key(world, "POST", &grace.id, "/reset", &json!({})).status, 200);
        }),
        ("signed out", |world, grace, _| {
            assert_eq!(grace.post(world, LOGOUT, &json!({})).status, 204);
        }),
        ("device removed", |world, grace, _| {
            let path = format!("{DEVICES}/{}", grace.subject.device);
            assert_eq!(grace.call(world, Call::new("DELETE", &path)).status, 204);
        }),
        ("copied refresh token", |world, grace, _| {
            let refresh = || {
                crate::testing::World::post(
                    world,
                    sesh_types::contract::staff::REFRESH,
                    &json!({ "refresh_token": grace.refresh }),
                )
            };
            assert_eq!(refresh().status, 200);
            world.fleet.pass_ms(20 * SECOND_MS);
            assert_eq!(refresh().status, 401);
        }),
    ];
    for (what, end) in ends {
        let world = World::new();
        let grace = Member::new(&world, "grace@example.com", "support");
        let ada = world.seeded("ada@example.com");
        let acting = start(&world, &grace, &ada);
        assert!(acting.reads(&world), "{what}");
        end(&world, &grace, &ada);
        assert!(!acting.reads(&world) && acting.is_told(&world), "{what}");
        assert_eq!(
            world.audited().iter().filter(|action| *action == "impersonation.ended").count(),
            1,
            "{what}"
        );
        assert!(world.counts(&ada), "{what}: the person goes on");
    }
    let world = World::new();
    let (grace, ada) = (Member::new(&world, "grace@example.com", "support"), world.seeded("ada@example.com"));
    let acting = start(&world, &grace, &ada);
    assert_eq!(world.suspend(&ada).status, 200);
    assert!(!acting.reads(&world));
    assert_eq!(grace.post(&world, &format!("{IMPERSONATIONS}/{}/token", acting.id), &json!({})).status, 409);
}

#[test]
fn it_takes_a_reason_somebody_active_and_one_at_a_time() {
    let world = World::new();
    let (grace, ada) = (Member::new(&world, "grace@example.com", "support"), world.seeded("ada@example.com"));
    let begin = |path: &str, body: &Value| grace.post(&world, path, body).status;
    let (path, reason) = (path_of(&ada), json!({ "reason": REASON }));
    for bad in
        [json!({ "reason": "" }), json!({ "reason": "short" }), json!({ "reason": REASON, "minutes": 31 })]
    {
        assert_eq!(begin(&path, &bad), 422, "{bad}");
    }
    assert_eq!(begin(&path, &json!({})), 400);
    let staff = format!("{}/{}/impersonation", admin::PEOPLE, grace.id);
    assert_eq!(begin(&staff, &reason), 404, "nobody acts as staff");
    let elsewhere = json!({ "reason": REASON, "tenant_id": world.tenant("elsewhere") });
    assert_eq!(begin(&path, &elsewhere), 404, "of a tenant that is not theirs");
    assert_eq!(world.as_admin(Call::new("POST", &path).json(&reason)).status, 403, "a key is nobody");
    let reseller = Member::new(&world, "ray@example.com", "reseller");
    assert_eq!(reseller.post(&world, &path, &reason).status, 403);
    assert_eq!(world.number("SELECT COUNT(*) FROM impersonations"), 0);
    assert_eq!((begin(&path, &reason), begin(&path, &reason)), (201, 409));
    let bob = world.somebody(0xb, "bob@example.com");
    world.suspend(&bob);
    let joan = Member::new(&world, "joan@example.com", "superadmin");
    assert_eq!(joan.post(&world, &path_of(&bob), &reason).status, 409, "suspended");
}

#[test]
fn in_a_tenant_it_has_the_rights_that_the_person_has_there() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let owner = world.member(tenant, 0xa1, "owner");
    let grace = Member::new(&world, "grace@example.com", "support");
    let body = json!({ "reason": REASON, "tenant_id": tenant });
    let acting = acting(&world, &grace.post(&world, &path_of(&owner), &body));
    assert_eq!(acting.behalf.tenant, tenant);
    let claims =
        world.keys.verifying.verify::<AccessClaims>(&acting.token, ISSUER, world.fleet.now()).unwrap().0;
    assert_eq!((claims.role.as_str(), claims.apps.names()), ("owner", vec!["grow"]));
    assert!(acting.reads(&world));
    let close = format!("{}/{tenant}/deactivate", sesh_types::contract::tenants::TENANTS);
    assert_eq!(world.as_admin(Call::new("POST", &close).json(&json!({ "reason": "unpaid" }))).status, 200);
    assert_eq!(acting.call(&world, Call::new("GET", auth::ME)).status, 403);
}

#[test]
fn the_person_is_told_and_every_step_is_on_record_under_both_names() {
    let world = World::new();
    let (grace, ada) = (Member::new(&world, "grace@example.com", "support"), world.seeded("ada@example.com"));
    let acting = start(&world, &grace, &ada);
    let mail = world.fleet.mails().pop().unwrap();
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("ada@example.com", "Our staff looks at your account")
    );
    grace.post(&world, &format!("{IMPERSONATIONS}/{}/token", acting.id), &json!({}));
    grace.call(&world, Call::new("DELETE", &format!("{IMPERSONATIONS}/{}", acting.id)));
    let list = world.for_person(&ada, Call::new("GET", OWN_IMPERSONATIONS)).json();
    let found = &list["data"][0];
    assert_eq!(
        (&list["meta"]["total"], &found["reason"], &found["staff_name"]),
        (&json!(1), &json!(REASON), &json!("Grace"))
    );
    assert!(found["ended_at"].is_string());
    let bob = world.somebody(0xb, "bob@example.com");
    assert_eq!(world.for_person(&bob, Call::new("GET", OWN_IMPERSONATIONS)).json()["meta"]["total"], 0);
    let about = format!(
        "entity = 'person:{}' AND actor = 'staff:{}' AND detail LIKE '%{}%'",
        ada.subject.person, grace.id, grace.id
    );
    let steps = world.column(&format!("SELECT action FROM audit WHERE {about} ORDER BY seq"));
    assert_eq!(steps, ["impersonation.started", "impersonation.token_issued", "impersonation.ended"]);
    assert!(world.execute("DELETE FROM impersonations").is_err(), "they are kept");
    assert!(world.execute("UPDATE impersonations SET reason = 'another'").is_err());
}

#[test]
fn what_is_repeated_under_one_key_is_begun_once() {
    let world = World::new();
    let (grace, ada) = (Member::new(&world, "grace@example.com", "support"), world.seeded("ada@example.com"));
    let begin = |reason: &str| {
        let call = Call::new("POST", &path_of(&ada)).json(&json!({ "reason": reason }));
        grace.call(&world, call.header("idempotency-key", "k"))
    };
    let first = begin(REASON);
    world.fleet.pass_ms(SECOND_MS);
    assert_eq!((first.status, &begin(REASON).text), (201, &first.text));
    assert_eq!(begin("ticket 4712: another reason").status, 422);
    assert_eq!((world.number("SELECT COUNT(*) FROM impersonations"), world.fleet.mails().len()), (1, 1));
    let kept = world.column("SELECT body FROM idempotency").concat();
    let token = first.json()["data"]["access_token"].as_str().unwrap().to_owned();
    assert!(!kept.contains(&token) && !kept.contains("@example.com"));
}
