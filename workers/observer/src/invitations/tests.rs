//! Invitations, from outside.

use crate::testing::{SignedIn, World};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got};
use sesh_types::contract::tenants::TENANTS;
use sesh_types::time::{DAY_MS, HOUR_MS};

const AT: &str = "/api/v1/tenant/invitations";

fn invite(world: &World, who: &SignedIn, email: &str, role: &str) -> Got {
    world.outside(who, Call::new("POST", AT).json(&json!({ "email": email, "role": role })))
}

fn accept(world: &World, who: &SignedIn, token: &Value) -> Got {
    world.outside(who, Call::new("POST", "/api/v1/invitations/accept").json(&json!({ "token": token })))
}

#[test]
fn an_invitation_is_accepted_once_by_whom_it_was_made_to() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let owner = world.member(tenant, 1, "owner");
    let (bob, eve) = (world.somebody(2, "bob@example.com"), world.somebody(3, "eve@example.com"));
    let made = invite(&world, &owner, " BOB@example.com", "member");
    assert_eq!(
        (made.status, &made.json()["data"]["email"]),
        (201, &json!("bob@example.com")),
        "{}",
        made.text
    );
    let token = made.json()["data"]["token"].clone();
    assert_eq!(
        invite(&world, &owner, "bob@example.com", "member").status,
        409,
        "one open invitation an address"
    );
    assert_eq!(accept(&world, &eve, &token).status, 403);
    let got = accept(&world, &bob, &token);
    assert_eq!((got.status, &got.json()["data"]["slug"]), (200, &json!("acre")), "{}", got.text);
    assert_eq!(accept(&world, &bob, &token).status, 404, "it is used up");
    let forged = Value::from(token.as_str().unwrap().replace("inv_0", "inv_1"));
    assert_eq!(accept(&world, &eve, &forged).status, 404);
    assert_eq!(world.outside(&owner, Call::new("GET", AT)).json()["meta"]["total"], 0);
    assert_eq!(world.audited().iter().filter(|action| *action == "invitation.accepted").count(), 2);
    let stored = world.column("SELECT body FROM idempotency UNION ALL SELECT detail FROM audit");
    assert!(stored.iter().all(|text| !text.contains("inv_")), "no token is kept");
}

#[test]
fn an_invitation_ends_when_it_is_taken_back_or_old() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let owner = world.member(tenant, 1, "owner");
    let bob = world.somebody(2, "bob@example.com");
    let first = invite(&world, &owner, "bob@example.com", "member").json()["data"].clone();
    let id = first["id"].as_str().unwrap();
    let take_back = || world.outside(&owner, Call::new("DELETE", &format!("{AT}/{id}"))).status;
    assert_eq!((take_back(), take_back()), (204, 204));
    assert_eq!(accept(&world, &bob, &first["token"]).status, 404);
    let second = invite(&world, &owner, "bob@example.com", "member").json()["data"].clone();
    world.execute(&format!("UPDATE invitations SET expires_at = {}", crate::testing::NOW.0)).unwrap();
    assert_eq!(accept(&world, &bob, &second["token"]).status, 404);
    assert_eq!(invite(&world, &owner, "bob@example.com", "member").status, 201, "what expired makes room");
    let on_the_hour = HOUR_MS - world.fleet.now().0 % HOUR_MS;
    world.fleet.pass_ms(200 * DAY_MS + on_the_hour);
    assert!(world.fleet.job("observer", sesh_edge::service::Job::Tick));
    assert_eq!(world.number("SELECT COUNT(*) FROM invitations"), 0, "forgotten in the end");
}

#[test]
fn admins_invite_members_and_owners_anybody() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let owner = world.member(tenant, 1, "owner");
    let (admin, member) = (world.member(tenant, 2, "admin"), world.member(tenant, 3, "member"));
    for (who, role, status) in
        [(&owner, "owner", 201), (&admin, "member", 201), (&admin, "admin", 403), (&member, "member", 403)]
    {
        let email = format!("{role}{status}@new.example");
        assert_eq!(invite(&world, who, &email, role).status, status, "{role}");
    }
    assert_eq!(invite(&world, &owner, "no address", "member").status, 422);
    assert_eq!(invite(&world, &owner, "x@example.com", "king").status, 400);
}

#[test]
fn a_tenant_takes_no_more_people_than_its_quota() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let quota =
        Call::new("PATCH", &format!("{TENANTS}/{tenant}")).json(&json!({ "quotas": { "people": 1 } }));
    assert_eq!(world.as_admin(quota).status, 200);
    let owner = world.member(tenant, 1, "owner");
    let bob = world.somebody(2, "bob@example.com");
    let token = invite(&world, &owner, "bob@example.com", "member").json()["data"]["token"].clone();
    let got = accept(&world, &bob, &token);
    let error = got.json()["error"].clone();
    assert_eq!((got.status, &error["code"]), (429, &json!("quota_exceeded")), "{}", got.text);
    assert_eq!(error["details"][0]["field"], "people");
    assert_eq!(world.number("SELECT people FROM tenants WHERE slug = 'acre'"), 1);
}

#[test]
fn an_invitation_is_mailed_and_the_mails_token_accepts_it() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let owner = world.member(tenant, 1, "owner");
    let mails = world.fleet.mails().len();
    let invite = json!({ "email": "bob@example.com", "role": "member" });
    let got = world.outside(&owner, Call::new("POST", "/api/v1/tenant/invitations").json(&invite));
    assert_eq!(got.status, 201, "{}", got.text);
    let sent = world.fleet.mails().split_off(mails);
    let [mail] = &sent[..] else { unreachable!("one mail: {sent:?}") };
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("bob@example.com", "You are invited"));
    assert!(mail.text.contains("https://app.example/invitation#token=inv_"), "{}", mail.text);
    assert!(!mail.text.contains("acre"), "no text that anybody chose");
    let token = world.mail_token();
    assert_eq!(got.json()["data"]["token"], json!(token), "the API tells the same");
    let bob = world.somebody(2, "bob@example.com");
    let accept = Call::new("POST", "/api/v1/invitations/accept").json(&json!({ "token": token }));
    assert_eq!(world.outside(&bob, accept).status, 200);
    let last = world.fleet.mails().pop().unwrap();
    assert_eq!(
        (last.to.as_str(), last.subject.as_str()),
        ("bob@example.com", "You have joined an organisation")
    );
    assert_eq!(world.number("SELECT COUNT(*) FROM mails"), 0);
}

#[test]
fn an_invitation_that_was_taken_back_before_it_was_mailed_is_mailed_to_nobody() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let owner = world.member(tenant, 1, "owner");
    world.fleet.mail_is_down(true);
    let invite = json!({ "email": "bob@example.com", "role": "member" });
    let got = world.outside(&owner, Call::new("POST", "/api/v1/tenant/invitations").json(&invite));
    let path = format!("/api/v1/tenant/invitations/{}", got.json()["data"]["id"].as_str().unwrap());
    assert_eq!(world.outside(&owner, Call::new("DELETE", &path)).status, 204);
    let before = world.fleet.mails().len();
    world.fleet.mail_is_down(false);
    world.fleet.pass_ms(5 * sesh_types::time::MINUTE_MS);
    assert!(world.fleet.job("observer", sesh_edge::service::Job::Tick));
    assert_eq!((world.fleet.mails().len(), world.number("SELECT COUNT(*) FROM mails")), (before, 0));
}
