//! Staff, through the internal door.

use crate::factors::tests::Generator;
use crate::testing::{ISSUER, PASSWORD, World};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got};
use sesh_edge::token::{AccessClaims, StaffClaims, VerifyingKeys};
use sesh_types::contract::staff::{self as contract, StaffSubject};
use sesh_types::contract::{admin, auth, tenants};
use sesh_types::time::{DAY_MS, MINUTE_MS, SECOND_MS};

pub(super) const STEP_MS: i64 = 30 * SECOND_MS;

/// Somebody on the staff, signed in.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) subject: StaffSubject,
    pub(crate) generator: Generator,
}

fn text(got: &Got, name: &str) -> String {
    got.json()["data"][name].as_str().unwrap_or_else(|| panic!("no {name} in {}", got.text)).to_owned()
}

fn code(got: &Got) -> (u16, String) {
    (got.status, got.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// Adds somebody with an administrator's key; their id and enrolment token.
fn add(world: &World, email: &str, role: &str) -> (String, String) {
    let body = json!({ "email": email, "name": "Grace", "role": role });
    let got = world.as_admin(Call::new("POST", contract::STAFF).json(&body));
    assert_eq!(got.status, 201, "{}", got.text);
    (text(&got, "id"), text(&got, "token"))
}

fn enrol(world: &World, token: &str) -> Got {
    world.post(contract::ENROL, &json!({ "token": token, "password": PASSWORD }))
}

fn login(world: &World, email: &str) -> Got {
    world.post(contract::LOGIN, &json!({ "email": email, "password": PASSWORD }))
}

fn challenge(world: &World, email: &str) -> String {
    text(&login(world, email), "challenge")
}

fn bring(world: &World, challenge: &str, code: &str) -> Got {
    world.post(contract::LOGIN_FACTOR, &json!({ "challenge": challenge, "code": code }))
}

fn begin(world: &World, challenge: &str) -> Got {
    world.post(contract::LOGIN_GENERATOR, &json!({ "challenge": challenge }))
}

pub(super) fn refresh(world: &World, token: &str) -> Got {
    world.post(contract::REFRESH, &json!({ "refresh_token": token }))
}

impl Member {
    /// Somebody of this role, whose code of the moment was used a step ago.
    pub(crate) fn new(world: &World, email: &str, role: &str) -> Self {
        let (_, token) = add(world, email, role);
        assert_eq!(enrol(world, &token).status, 204);
        let challenge = challenge(world, email);
        let generator = Generator::typed(&text(&begin(world, &challenge), "secret"));
        let got = bring(world, &challenge, &generator.now(world));
        world.fleet.pass_ms(STEP_MS);
        Self::of(world, &got, email, generator)
    }

    pub(super) fn of(world: &World, got: &Got, email: &str, generator: Generator) -> Self {
        assert_eq!(got.status, 200, "{}", got.text);
        let (access, refresh) = (text(got, "access_token"), text(got, "refresh_token"));
        let public = VerifyingKeys::from_jwks(&world.keys.signing.jwks());
        let verified = public.verify::<StaffClaims>(&access, ISSUER, world.fleet.now().plus_ms(-STEP_MS));
        let claims = verified.unwrap().0;
        let subject =
            StaffSubject { staff: claims.sub, device: claims.did, epoch: claims.ep, role: claims.role };
        Self { id: claims.sub.to_string(), email: email.to_owned(), access, refresh, subject, generator }
    }

    /// Signs in again, on another device.
    fn again(&self, world: &World) -> Self {
        let got = bring(world, &challenge(world, &self.email), &self.generator.now(world));
        world.fleet.pass_ms(STEP_MS);
        Self::of(world, &got, &self.email, self.generator.clone())
    }

    pub(crate) fn call(&self, world: &World, call: Call) -> Got {
        world.internal(call.header(admin::ACTOR, &self.subject.to_string()))
    }

    pub(crate) fn get(&self, world: &World, path: &str) -> Got {
        self.call(world, Call::new("GET", path))
    }

    pub(crate) fn post(&self, world: &World, path: &str, body: &Value) -> Got {
        self.call(world, Call::new("POST", path).json(body))
    }

    pub(crate) fn counts(&self, world: &World) -> bool {
        match self.get(world, contract::ME).status {
            200 => true,
            401 => false,
            other => unreachable!("{other}"),
        }
    }
}

/// Something that an administrator's key does to somebody on the staff.
pub(crate) fn with_key(world: &World, verb: &str, id: &str, rest: &str, body: &Value) -> Got {
    world.as_admin(Call::new(verb, &format!("{}/{id}{rest}", contract::STAFF)).json(body))
}

#[test]
fn without_a_generator_there_is_no_token() {
    let world = World::new();
    let (_, token) = add(&world, "grace@example.com", "support");
    assert_eq!(
        code(&login(&world, "grace@example.com")),
        refused(401, "invalid_credentials"),
        "not enrolled"
    );
    assert_eq!(enrol(&world, &token).status, 204);
    let got = login(&world, "grace@example.com");
    assert_eq!((got.status, &got.json()["data"]["methods"]), (200, &json!(["enrol_totp"])), "{}", got.text);
    assert!(got.json()["data"].get("access_token").is_none());
    let challenge = text(&got, "challenge");
    assert_eq!(code(&bring(&world, &challenge, "000000")), refused(401, "invalid_code"), "no generator");
    let (first, second) = (begin(&world, &challenge), begin(&world, &challenge));
    assert_eq!((first.status, first.text == second.text), (201, true), "whoever asks twice gets the same");
    assert_eq!(code(&bring(&world, &challenge, "000000")), refused(401, "invalid_code"));
    assert_eq!(world.number("SELECT COUNT(*) FROM staff_devices"), 0);
    let generator = Generator::typed(&text(&first, "secret"));
    let member = Member::of(
        &world,
        &bring(&world, &challenge, &generator.now(&world)),
        "grace@example.com",
        generator,
    );
    assert!(member.counts(&world));
    let got = login(&world, "grace@example.com");
    assert_eq!(got.json()["data"]["methods"], json!(["totp"]));
    let challenge = text(&got, "challenge");
    assert_eq!(code(&begin(&world, &challenge)), refused(409, "conflict"));
    let used = member.generator.now(&world);
    assert_eq!(code(&bring(&world, &challenge, &used)), refused(401, "invalid_code"), "a code counts once");
}

#[test]
fn neither_login_knows_anybody_of_the_other() {
    let world = World::new();
    let grace = Member::new(&world, "grace@example.com", "superadmin");
    world.register("ada@example.com");
    let body = |email: &str| json!({ "email": email, "password": PASSWORD });
    for (path, other) in [(auth::LOGIN, "grace@example.com"), (contract::LOGIN, "ada@example.com")] {
        let (theirs, asked) = world.batches_until_answered(path, &body(other));
        let (unknown, as_well) = world.batches_until_answered(path, &body("nobody@example.com"));
        assert_eq!((theirs.status, &theirs.text), (401, &unknown.text), "{path}");
        assert_eq!(asked, as_well, "{path}: the same work");
    }
    let keys = VerifyingKeys::from_jwks(&world.keys.signing.jwks());
    let now = world.fleet.now();
    assert!(keys.verify::<AccessClaims>(&grace.access, ISSUER, now).is_err(), "no person's token");
    let ada = world.login("ada@example.com");
    assert!(keys.verify::<StaffClaims>(&ada.access, ISSUER, now).is_err(), "no staff's token");
    assert_eq!(world.refresh(&grace.refresh).status, 401);
    assert_eq!(refresh(&world, &ada.refresh).status, 401);
    let outside = world.fleet.call("observer", Call::new("GET", "/api/v1/tenant").bearer(&grace.access));
    assert_eq!(outside.status, 401);
}

#[test]
fn an_enrolment_counts_once_and_for_a_day() {
    let world = World::new();
    let (_, token) = add(&world, "grace@example.com", "support");
    let weak = world.post(contract::ENROL, &json!({ "token": token, "password": "password1" }));
    assert_eq!(weak.status, 422, "{}", weak.text);
    assert_eq!(enrol(&world, &token).status, 204);
    assert_eq!(code(&enrol(&world, &token)), refused(422, "invalid_link"));
    let (_, late) = add(&world, "late@example.com", "support");
    for wrong in ["", "se_", "se_0_0", &format!("{late}x"), &token.replace("se_", "sf_")] {
        assert_eq!(code(&enrol(&world, wrong)), refused(422, "invalid_link"), "{wrong}");
    }
    world.fleet.pass_ms(DAY_MS);
    assert_eq!(code(&enrol(&world, &late)), refused(422, "invalid_link"));
}

#[test]
fn adding_twice_under_one_key_tells_the_same_token_and_keeps_no_address() {
    let world = World::new();
    let body = json!({ "email": "grace@example.com", "name": "Grace", "role": "support" });
    let add = |body: &Value| {
        world.as_admin(Call::new("POST", contract::STAFF).json(body).header("idempotency-key", "k"))
    };
    let (first, again) = (add(&body), add(&body));
    assert_eq!((first.status, &first.text), (201, &again.text));
    assert_eq!(world.number("SELECT COUNT(*) FROM staff"), 1);
    let other = json!({ "email": "other@example.com", "name": "Grace", "role": "support" });
    assert_eq!(code(&add(&other)), refused(422, "idempotency_key_reused"));
    let twice = world.as_admin(Call::new("POST", contract::STAFF).json(&body));
    assert_eq!(code(&twice), refused(409, "conflict"));
    assert!(!world.column("SELECT body FROM idempotency").concat().contains("grace@"));
}

#[test]
fn a_changed_role_takes_effect_on_the_next_call() {
    let world = World::new();
    let grace = Member::new(&world, "grace@example.com", "superadmin");
    assert_eq!(grace.get(&world, contract::STAFF).status, 200);
    let got = with_key(&world, "PATCH", &grace.id, "", &json!({ "role": "support" }));
    assert_eq!((got.status, got.json()["data"]["role"].as_str()), (200, Some("support")), "{}", got.text);
    assert_eq!(grace.get(&world, contract::STAFF).status, 401);
    let next = refresh(&world, &grace.refresh);
    let now = Member::of(&world, &next, &grace.email, grace.generator.clone());
    assert_eq!(code(&now.get(&world, contract::STAFF)), refused(403, "forbidden"));
    assert_eq!(now.get(&world, admin::PEOPLE).status, 200);
    let mut forged = now.clone();
    forged.subject.role = sesh_types::access::PlatformRole::Superadmin;
    assert_eq!(forged.get(&world, contract::STAFF).status, 401, "the database knows the role");
    let named = with_key(&world, "PATCH", &grace.id, "", &json!({ "name": "G" }));
    assert!(named.status == 200 && now.counts(&world), "a name ends nothing");
}

#[test]
fn who_is_disabled_is_out_at_once() {
    let world = World::new();
    let grace = Member::new(&world, "grace@example.com", "support");
    let waiting = challenge(&world, &grace.email);
    let reason = json!({ "reason": "left us" });
    assert_eq!(with_key(&world, "POST", &grace.id, "/disable", &reason).status, 200);
    assert!(!grace.counts(&world));
    assert_eq!(refresh(&world, &grace.refresh).status, 401);
    assert_eq!(code(&login(&world, &grace.email)), refused(401, "invalid_credentials"));
    assert_eq!(bring(&world, &waiting, &grace.generator.now(&world)).status, 401);
    assert_eq!(with_key(&world, "POST", &grace.id, "/enable", &json!({})).status, 200);
    assert!(!grace.counts(&world), "the tokens of before stay dead");
    assert_eq!(bring(&world, &waiting, &grace.generator.now(&world)).status, 401, "so does the challenge");
    assert!(grace.again(&world).counts(&world));
}

#[test]
fn a_reset_takes_password_generator_and_devices() {
    let world = World::new();
    let grace = Member::new(&world, "grace@example.com", "support");
    let got = with_key(&world, "POST", &grace.id, "/reset", &json!({}));
    assert_eq!((got.status, got.json()["data"]["enrolled_at"].is_null()), (200, true), "{}", got.text);
    assert!(!grace.counts(&world));
    assert_eq!(refresh(&world, &grace.refresh).status, 401);
    assert_eq!(login(&world, &grace.email).status, 401);
    assert_eq!(enrol(&world, &text(&got, "token")).status, 204);
    let got = login(&world, &grace.email);
    assert_eq!(got.json()["data"]["methods"], json!(["enrol_totp"]));
    let challenge = text(&got, "challenge");
    let secret = text(&begin(&world, &challenge), "secret");
    assert_eq!(bring(&world, &challenge, &grace.generator.now(&world)).status, 401, "the lost one");
    assert_eq!(bring(&world, &challenge, &Generator::typed(&secret).now(&world)).status, 200);
    let (bare, token) = add(&world, "joan@example.com", "support");
    let got = with_key(&world, "POST", &bare, "/reset", &json!({}));
    assert_eq!(got.status, 200, "who has not enrolled yet gets another token: {}", got.text);
    assert_eq!((enrol(&world, &token).status, enrol(&world, &text(&got, "token")).status), (422, 204));
}

#[test]
fn devices_are_listed_signed_out_and_a_copied_refresh_token_ends_one() {
    let world = World::new();
    let (grace, other) = (
        Member::new(&world, "grace@example.com", "support"),
        Member::new(&world, "joan@example.com", "support"),
    );
    let second = grace.again(&world);
    assert_eq!(grace.get(&world, contract::DEVICES).json()["meta"]["total"], 2);
    let remove = |who: &Member, of: &Member| {
        let path = format!("{}/{}", contract::DEVICES, of.subject.device);
        who.call(&world, Call::new("DELETE", &path)).status
    };
    assert_eq!((remove(&other, &second), remove(&grace, &second)), (404, 204));
    assert!(grace.counts(&world) && !second.counts(&world));
    let next = refresh(&world, &grace.refresh);
    assert_eq!(next.status, 200);
    world.fleet.pass_ms(MINUTE_MS);
    assert_eq!(refresh(&world, &grace.refresh).status, 401, "it was used");
    assert_eq!(refresh(&world, &text(&next, "refresh_token")).status, 401, "so its device ended");
    assert!(!grace.counts(&world) && other.counts(&world));
    for _ in 0..2 {
        assert_eq!(other.post(&world, contract::LOGOUT, &json!({})).status, 204);
    }
    assert!(!other.counts(&world));
    let audited = world.audited();
    for action in ["staff.added", "staff.enrolled", "staff.login_succeeded", "staff.refresh_replayed"] {
        assert!(audited.iter().any(|known| known == action), "{action}: {audited:?}");
    }
    assert_eq!(audited.iter().filter(|action| *action == "staff.device_signed_out").count(), 2);
}

#[test]
fn resellers_reach_their_own_tenants_alone() {
    let world = World::new();
    let ada = Member::new(&world, "ada@example.com", "reseller");
    let joan = Member::new(&world, "joan@example.com", "reseller");
    let new = |slug: &str| json!({ "slug": slug, "name": slug });
    let got = ada.post(&world, tenants::TENANTS, &new("own"));
    assert_eq!((got.status, text(&got, "reseller_id")), (201, ada.id.clone()), "{}", got.text);
    let own = format!("{}/{}", tenants::TENANTS, text(&got, "id"));
    let platforms = format!("{}/{}", tenants::TENANTS, world.tenant("platforms"));
    let mut claimed = new("claimed");
    claimed["reseller_id"] = json!(joan.id);
    assert_eq!(ada.post(&world, tenants::TENANTS, &claimed).status, 403);
    assert_eq!(ada.get(&world, tenants::TENANTS).json()["meta"]["total"], 1);
    assert_eq!(joan.get(&world, tenants::TENANTS).json()["meta"]["total"], 0);
    let nobodys = format!("{}/01920000-0000-7000-8000-00000000dead", tenants::TENANTS);
    let invite = json!({ "email": "guest@example.com", "role": "owner" });
    let calls = |path: &str| {
        [
            Call::new("GET", path),
            Call::new("PATCH", path).json(&json!({ "name": "Mine" })),
            Call::new("POST", &format!("{path}/deactivate")).json(&json!({ "reason": "mine" })),
            Call::new("POST", &format!("{path}/activate")),
            Call::new("POST", &format!("{path}/invitations")).json(&invite),
        ]
    };
    let everything = world.column("SELECT name || status || version || people FROM tenants ORDER BY id");
    for path in [&platforms, &own] {
        for (theirs, missing) in calls(path).into_iter().zip(calls(&nobodys)) {
            let (theirs, missing) = (joan.call(&world, theirs), joan.call(&world, missing));
            assert_eq!((theirs.status, &theirs.text), (404, &missing.text), "{path}");
        }
    }
    assert_eq!(
        world.column("SELECT name || status || version || people FROM tenants ORDER BY id"),
        everything
    );
    for call in calls(&own) {
        let got = ada.call(&world, call);
        assert!(got.status < 300, "{}", got.text);
    }
    assert_eq!(
        ada.call(&world, Call::new("PATCH", &own).json(&json!({ "reseller_id": joan.id }))).status,
        403
    );
    let give =
        |path: &str, to: &str| world.as_admin(Call::new("PATCH", path).json(&json!({ "reseller_id": to })));
    assert_eq!(give(&platforms, &joan.id).status, 200);
    assert_eq!(joan.get(&world, &platforms).status, 200);
    let support = Member::new(&world, "sue@example.com", "support");
    assert_eq!(give(&platforms, &support.id).status, 422, "no reseller");
    assert_eq!(support.get(&world, &platforms).status, 200);
    for call in calls(&own).into_iter().skip(1) {
        assert_eq!(code(&support.call(&world, call)), refused(403, "forbidden"), "support changes no tenant");
    }
}

#[test]
fn guessing_is_slowed_down_and_locks_nobody_out_of_the_other_login() {
    let world = World::new();
    world.register("ada@example.com");
    let (_, token) = add(&world, "ada@example.com", "support");
    assert_eq!(enrol(&world, &token).status, 204);
    for _ in 0..10 {
        let wrong = json!({ "email": "ada@example.com", "password": "wrong guess" });
        assert_eq!(world.post(contract::LOGIN, &wrong).status, 401);
    }
    assert_eq!(login(&world, "ada@example.com").status, 429, "the right password included");
    world.login("ada@example.com");
    world.fleet.pass_ms(15 * MINUTE_MS);
    let challenge = challenge(&world, "ada@example.com");
    begin(&world, &challenge);
    world.fleet.pass_ms(STEP_MS);
    let tries: Vec<u16> = (0..11).map(|_| bring(&world, &challenge, "000000").status).collect();
    assert!(tries[..10].iter().all(|status| *status == 401) && tries[10] == 429, "{tries:?}");
}

#[test]
fn no_table_holds_a_secret_of_staff() {
    let world = World::new();
    let grace = Member::new(&world, "grace@example.com", "support");
    let (_, token) = add(&world, "joan@example.com", "support");
    let everything = world.everything();
    for secret in [&grace.access, &grace.refresh, &token, PASSWORD] {
        assert!(!everything.contains(secret), "{secret}");
    }
    assert!(!world.column("SELECT actor || entity || detail FROM audit").concat().contains("@example.com"));
}
