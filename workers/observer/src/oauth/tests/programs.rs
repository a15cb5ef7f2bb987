//! Programs themselves: showing who they are, acting without a person, and coming to an end.

use super::super::testing::{
    Browser, Program, Tokens, claims, confidential, public, register, registration, told, wrong,
};
use super::{EMAIL, EVERYTHING_SORTED, userinfo};
use crate::testing::{ISSUER, NOW, World};
use serde_json::json;
use sesh_edge::native::Call;
use sesh_types::contract::clients::CLIENTS;
use sesh_types::contract::notice::Notice;
use sesh_types::time::{DAY_MS, MINUTE_MS};

#[test]
fn programs_show_who_they_are() {
    let world = World::new();
    let (kept, open) = (confidential(&world), public(&world));
    let unknown = (401, "invalid_client".to_owned());
    let fields = [("grant_type", "client_credentials")];
    let as_ =
        |secret: Option<&str>, id: &str| Program { id: id.to_owned(), secret: secret.map(str::to_owned) };
    for (number, liar) in [
        as_(Some("wrong"), &kept.id),
        as_(None, &kept.id),
        as_(open.secret.as_deref().or(Some("")), &open.id),
        as_(kept.secret.as_deref(), &open.id),
        as_(None, "nobody"),
        as_(None, "019dabb1-0b80-7505-8b10-1d169256c15c"),
    ]
    .iter()
    .enumerate()
    {
        let got = liar.post(&world, "/oauth/token", &fields);
        assert_eq!(wrong(&got), unknown, "{number}");
        assert!(got.headers["www-authenticate"].to_str().unwrap().starts_with("Basic"));
    }
    let secret = kept.secret.clone().unwrap();
    let in_body = [("grant_type", "client_credentials"), ("client_secret", secret.as_str())];
    assert_eq!(as_(None, &kept.id).post(&world, "/oauth/token", &in_body).status, 200);
    assert_eq!(
        wrong(&kept.post(&world, "/oauth/token", &in_body)),
        (400, "invalid_request".to_owned()),
        "both ways"
    );
    let twice = [("grant_type", "client_credentials"), ("grant_type", "client_credentials")];
    assert_eq!(wrong(&kept.post(&world, "/oauth/token", &twice)), (400, "invalid_request".to_owned()));
    assert_eq!(wrong(&kept.post(&world, "/oauth/token", &[])), (400, "invalid_request".to_owned()));
    let implicit = [("grant_type", "password")];
    assert_eq!(
        wrong(&kept.post(&world, "/oauth/token", &implicit)),
        (400, "unsupported_grant_type".to_owned())
    );
    assert_eq!(wrong(&open.post(&world, "/oauth/token", &fields)), (400, "unauthorized_client".to_owned()));
    let json = Call::new("POST", "/oauth/token").json(&json!({ "grant_type": "client_credentials" }));
    assert_eq!(world.fleet.call("observer", json).status, 415);
    assert_eq!(
        wrong(&open.post(&world, "/oauth/introspect", &[("token", "x")])),
        unknown,
        "no secret, no questions"
    );
}

#[test]
fn a_program_acts_for_itself_within_what_needs_no_person() {
    let world = World::new();
    let program = confidential(&world);
    let post = |scope: &str| {
        program.post(&world, "/oauth/token", &[("grant_type", "client_credentials"), ("scope", scope)])
    };
    let tokens = Tokens::of(&post(""));
    assert_eq!((&tokens.body["scope"], tokens.body.get("refresh_token")), (&json!("strains:read"), None));
    let claimed = claims(&tokens.access);
    assert_eq!((&claimed["sub"], &claimed["client_id"]), (&json!(program.id), &json!(program.id)));
    assert_eq!(wrong(&post("stash:read")), (400, "invalid_scope".to_owned()));
    assert_eq!(userinfo(&world, &tokens.access).status, 403);
    assert_eq!(program.introspect(&world, &tokens.access)["active"], true);
    assert!(world.audited().contains(&"client.token_issued".to_owned()));
    for _ in 0..2 {
        assert_eq!(program.revoke(&world, &tokens.access).status, 200);
    }
    assert_eq!(program.introspect(&world, &tokens.access), json!({ "active": false }));
    let subject = format!("device:{}", claimed["did"].as_str().unwrap());
    assert!(
        matches!(world.heard().as_slice(), [Notice::Revoked { subject: told, .. }] if *told == subject),
        "once"
    );
}

#[test]
fn a_program_ends_and_asks_about_its_own_tokens_alone() {
    let world = World::new();
    let (program, other, mut browser) =
        (confidential(&world), confidential(&world), Browser::of(&world, EMAIL));
    let tokens = program.tokens(&world, &mut browser);
    let told = program.introspect(&world, &tokens.access);
    assert_eq!(
        (&told["active"], &told["client_id"], &told["token_type"]),
        (&json!(true), &json!(program.id), &json!("Bearer"))
    );
    assert_eq!((&told["scope"], &told["iss"]), (&json!(EVERYTHING_SORTED), &json!(ISSUER)));
    assert_eq!(told["exp"].as_i64().unwrap() - told["iat"].as_i64().unwrap(), 900);
    assert_eq!(program.introspect(&world, &tokens.refresh)["active"], true);
    let me = world.login(EMAIL);
    for not_theirs in [&tokens.access, &tokens.refresh, &me.access, &me.refresh, &"nonsense".to_owned()] {
        assert_eq!(other.introspect(&world, not_theirs), json!({ "active": false }));
        let got = other.revoke(&world, not_theirs);
        assert!(got.status == 200 || wrong(&got) == (400, "unauthorized_client".to_owned()), "{}", got.text);
    }
    assert_eq!(userinfo(&world, &tokens.access).status, 200, "nobody else ends it");
    assert!(world.counts(&me));
    assert_eq!(wrong(&program.revoke(&world, "")), (400, "invalid_request".to_owned()));
    let second = Tokens::of(&program.refresh(&world, &tokens.refresh));
    assert_eq!(program.introspect(&world, &tokens.refresh), json!({ "active": false }), "it was used");
    for _ in 0..2 {
        assert_eq!(program.revoke(&world, &second.refresh).status, 200);
    }
    for dead in [&tokens.access, &second.access, &second.refresh] {
        assert_eq!(program.introspect(&world, dead), json!({ "active": false }));
    }
    assert_eq!(world.audited().iter().filter(|action| *action == "grant.ended").count(), 1);
    assert_eq!(world.heard().len(), 1);
    assert_eq!(browser.open(&world, &program.request(&[])).status, 303, "they still agree");
}

#[test]
fn a_revocation_that_cannot_be_told_is_not_acknowledged() {
    let world = World::new();
    let (program, mut browser) = (public(&world), Browser::of(&world, EMAIL));
    let tokens = program.tokens(&world, &mut browser);
    world.tracker_is_down(true);
    assert_eq!(program.revoke(&world, &tokens.refresh).status, 503);
    world.tracker_is_down(false);
    assert_eq!(program.revoke(&world, &tokens.refresh).status, 200);
    assert_eq!(world.heard().len(), 1);
}

#[test]
fn a_program_of_a_tenant_is_for_its_members() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let mut body = registration("public");
    body["tenant_id"] = json!(tenant);
    let program = register(&world, &body);
    let mut browser = Browser::of(&world, EMAIL);
    assert_eq!(told(&browser.complete(&world, &program.request(&[]))), "access_denied");
    let ada = world.column("SELECT id FROM people").remove(0);
    let insert = format!(
        "INSERT INTO memberships (tenant_id, person_id, role, apps, joined_at) VALUES ('{tenant}', '{ada}', 'admin', '{{}}', 0)"
    );
    world.execute(&insert).unwrap();
    let tokens = program.tokens(&world, &mut browser);
    let claimed = claims(&tokens.access);
    assert_eq!((&claimed["tid"], &claimed["role"]), (&json!(tenant), &json!("admin")));
    let close = Call::new("POST", &format!("{}/{tenant}/deactivate", sesh_types::contract::tenants::TENANTS));
    assert_eq!(world.as_admin(close.json(&json!({ "reason": "unpaid" }))).status, 200);
    assert_eq!(wrong(&program.refresh(&world, &tokens.refresh)), (400, "invalid_grant".to_owned()));
    assert_eq!(userinfo(&world, &tokens.access).status, 403);
    assert_eq!(told(&browser.open(&world, &program.request(&[]))), "access_denied");
}

#[test]
fn a_program_that_is_taken_away_leaves_no_token_that_counts() {
    let world = World::new();
    let (program, other, mut browser) =
        (confidential(&world), confidential(&world), Browser::of(&world, EMAIL));
    let tokens = program.tokens(&world, &mut browser);
    let kept = other.tokens(&world, &mut browser);
    let path = format!("{CLIENTS}/{}", program.id);
    let remove = || world.as_admin(Call::new("DELETE", &path).header("idempotency-key", "k"));
    assert_eq!((remove().status, remove().status), (204, 204));
    assert_eq!(world.as_admin(Call::new("DELETE", &path)).status, 404);
    assert_eq!(userinfo(&world, &tokens.access).status, 401);
    assert_eq!(wrong(&program.refresh(&world, &tokens.refresh)), (401, "invalid_client".to_owned()));
    assert_eq!(userinfo(&world, &kept.access).status, 200);
    let subjects: Vec<String> = world
        .heard()
        .into_iter()
        .filter_map(|notice| match notice {
            Notice::Revoked { subject, .. } => Some(subject),
            _ => None,
        })
        .collect();
    let did = claims(&tokens.access)["did"].as_str().unwrap().to_owned();
    assert_eq!(subjects, [format!("device:{did}"), format!("person:{}", program.id)]);
    assert_eq!(browser.open(&world, &program.request(&[])).status, 400);
}

#[test]
fn the_metadata_names_endpoints_that_are_there() {
    let world = World::new();
    let get = |path: &str| world.fleet.call("observer", Call::new("GET", path));
    let metadata = get("/.well-known/oauth-authorization-server").json();
    assert_eq!(metadata, get("/.well-known/openid-configuration").json());
    assert_eq!(metadata["issuer"], ISSUER);
    for (name, value) in metadata.as_object().unwrap() {
        if name.ends_with("_endpoint") || name == "jwks_uri" {
            let path = value.as_str().unwrap().strip_prefix(ISSUER).unwrap();
            assert_ne!(get(path).status, 404, "{name}");
        }
    }
    assert_eq!(get("/oauth/jwks").json(), get("/.well-known/jwks.json").json());
    assert!(!metadata["scopes_supported"].to_string().contains("tenant"));
}

#[test]
fn codes_and_revoked_tokens_are_forgotten_in_time() {
    let world = World::new();
    let (program, mut browser) = (confidential(&world), Browser::of(&world, EMAIL));
    program.tokens(&world, &mut browser);
    let own = Tokens::of(&program.post(&world, "/oauth/token", &[("grant_type", "client_credentials")]));
    program.revoke(&world, &own.access);
    let left = || {
        (world.number("SELECT COUNT(*) FROM oauth_codes"), world.number("SELECT COUNT(*) FROM oauth_ended"))
    };
    let on_the_hour = 60 * MINUTE_MS - NOW.0 % (60 * MINUTE_MS);
    world.fleet.pass_ms(on_the_hour);
    assert!(world.fleet.job("observer", sesh_edge::service::Job::Tick));
    assert_eq!(left(), (1, 1));
    world.fleet.pass_ms(24 * 60 * MINUTE_MS);
    assert!(world.fleet.job("observer", sesh_edge::service::Job::Tick));
    assert_eq!(left(), (0, 0));
    world.fleet.pass_ms(90 * DAY_MS);
    assert!(world.fleet.job("observer", sesh_edge::service::Job::Tick));
    assert_eq!(world.number("SELECT COUNT(*) FROM oauth_grants"), 0, "grants go with their devices");
}

#[test]
fn a_grant_does_not_grow() {
    let world = World::new();
    let (program, mut browser) = (public(&world), Browser::of(&world, EMAIL));
    program.tokens(&world, &mut browser);
    let grown = world.execute("UPDATE oauth_grants SET scopes = 'stash:write'").unwrap_err();
    assert!(grown.contains("refused:grant_changes"), "{grown}");
    let revived = world.execute("UPDATE oauth_codes SET used_at = NULL").unwrap_err();
    assert!(revived.contains("refused:code_spent"), "{revived}");
}
