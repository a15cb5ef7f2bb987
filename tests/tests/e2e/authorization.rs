//! The matrix of who may call what (`docs/authorization.md`), on workerd.

use authorization::callers::{PERSONS_KEY, TENANTS_KEY};
use authorization::cast::{self, Cast, Member};
use authorization::cells::{Answer, Cell, Stage, Whose, cells, check, tells_nothing};
use authorization::requests::{Request, urlencoded};
use authorization::routes::{Route, Thing, Who};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use e2e::actors::{Admin, Caller, PASSWORD, Person};
use e2e::control::rows;
use e2e::fixtures::{days_from_now, text};
use e2e::fleet::{WORKERS, Worker, fleet};
use e2e::http::Call;
use e2e::keys::{Program, SCOPES};
use e2e::names;
use e2e::staff::{Staffer, added};
use e2e::tenants::{Tenant, new_tenant};
use serde_json::{Value, json};

struct Fleet {
    cast: Cast,
    /// Who the reseller of the cast is.
    reseller: String,
}

/// Somebody on the staff, who acts as a person or as nobody.
fn crew(role: &str, acts_as: Option<&Person>) -> cast::Staffer {
    let staffer = Staffer::new(role);
    let impersonation = acts_as.map(|person| staffer.act_as(person).id).unwrap_or_default();
    papers(&staffer, impersonation)
}

fn papers(staffer: &Staffer, impersonation: String) -> cast::Staffer {
    let claim = |name: &str| text(&authorization::papers::claims(&staffer.access), name);
    let (access, email) = (staffer.access.clone(), staffer.email.clone());
    cast::Staffer { access, email, device: claim("did"), impersonation, ..cast::Staffer::default() }
}

/// A superadmin whose tokens count from this machine alone.
fn homebound() -> cast::Staffer {
    let staffer = Staffer::new("superadmin");
    let path = format!("/api/v1/staff/{}", staffer.id);
    Admin::new().patch(&path, &json!({ "networks": ["127.0.0.1"] })).is(200);
    papers(&staffer.refreshed(), String::new())
}

/// A superadmin on a device that was signed out.
fn dismissed() -> cast::Staffer {
    let staffer = Staffer::new("superadmin");
    staffer.call("POST", "/api/v1/staff/logout").send().is(204);
    papers(&staffer, String::new())
}

/// Tokens by which somebody acts as a person: one that goes on, and one that was ended.
fn acting(person: &Person) -> [Member; 2] {
    [false, true].map(|ended| {
        let support = Staffer::new("support");
        let acting = support.act_as(person);
        if ended {
            support.delete(&format!("/api/v1/impersonations/{}", acting.id)).is(204);
        }
        Member { access: acting.person.access, ..Member::default() }
    })
}

/// Somebody with one of everything.
fn member(person: &Person) -> Member {
    Member { device: person.log_in().device(), invitation: names::nobodys_id(), ..with_things(person) }
}

/// With one of everything that has an id.
pub(crate) fn with_things(person: &Person) -> Member {
    let (strain, _) = person.add_strain();
    let lot = person.buy_of(&strain, 100);
    let session = text(&person.log(&lot, 1), "id");
    let key = Program::of(person, &["stash:read"], &json!({})).id;
    let made = |path: &str, body: Value| text(&person.post(path, &body).is(201).data(), "id");
    let preset = made("/api/v1/presets", json!({ "name": "one", "method": "vape", "lot_id": lot }));
    let goal = made("/api/v1/goals", json!({ "measure": "sessions", "per": "day", "target": 1 }));
    let end = days_from_now(9);
    let pause = made("/api/v1/breaks", json!({ "planned_end_at": end }));
    let import = person.post("/api/v1/imports", &json!({ "source": "date,amount\n2026-01-01,1 g\n" }));
    let import = text(&import.is(201).data()["import"], "id");
    Member { lot, session, strain, preset, goal, pause, import, key, client: client(), ..papers_of(person) }
}

/// The id of these things that goes into a route of tracker's.
pub(crate) fn id_in<'a>(things: &'a Member, path: &str) -> &'a str {
    match path.split('/').nth(3) {
        Some("stash") => &things.lot,
        Some("sessions") => &things.session,
        Some("strains") => &things.strain,
        Some("presets") => &things.preset,
        Some("goals") => &things.goal,
        Some("breaks") => &things.pause,
        Some("imports") => &things.import,
        Some("me") => &things.key,
        _ if path.contains("{id}") => panic!("{path} takes an id: say here whose, so that it is tested"),
        _ => "",
    }
}

/// A tenant, and the token of its invitation to somebody's address.
fn invited(email: &str) -> (String, String) {
    let tenant = Admin::new().post("/api/v1/tenants", &new_tenant()).is(201).data();
    let id = text(&tenant, "id");
    let path = format!("/api/v1/tenants/{id}/invitations");
    let token =
        text(&Admin::new().post(&path, &json!({ "email": email, "role": "member" })).is(201).data(), "token");
    (id, token)
}

/// A registered program.
fn client() -> String {
    let body = json!({ "name": "Matrix", "kind": "public", "redirect_uris": ["https://matrix.example/cb"],
                       "grant_types": ["authorization_code"], "scopes": ["openid"] });
    text(&Admin::new().post("/api/v1/clients", &body).is(201).data()["client"], "id")
}

fn papers_of(person: &Person) -> Member {
    let claims = authorization::papers::claims(&person.access);
    let (managed, invited) = invited(&person.email);
    let claim = |name: &str| claims[name].as_str().unwrap().to_owned();
    Member {
        access: person.access.clone(),
        refresh: person.refresh.clone(),
        subject: format!("{}/{}/{}/{}", claim("tid"), claim("sub"), claim("did"), claims["ep"]),
        email: person.email.clone(),
        person: person.id.clone(),
        tenant: claim("tid"),
        // Nobody's: who calls has no office in a tenant.
        colleague: person.id.clone(),
        tenant_key: names::nobodys_id(),
        managed,
        invited,
        staff: text(&added("support"), "id"),
        ..Member::default()
    }
}

/// A person of another tenant, who owns it with somebody else.
fn foreigner() -> Member {
    let tenant = Tenant::new();
    tenant.member("owner");
    let invite = |who: &str| {
        tenant
            .owner
            .post("/api/v1/tenant/invitations", &json!({ "email": who, "role": "member" }))
            .is(201)
            .data()
    };
    let elsewhere = tenant.owner.person.log_in().switched(&tenant.id).device();
    let invitation = text(&invite(&names::email()), "id");
    let colleague = tenant.member("member").person.id;
    let key = |scopes: &[&str]| Program::of_tenant(&tenant.owner, scopes, &json!({}));
    let all = key(&["tenant:read", "tenant:manage"]);
    Member {
        device: elsewhere,
        invitation,
        colleague,
        reading_key: key(&["tenant:read"]).key,
        tenant_key: all.id,
        api_key: all.key,
        ..with_things(&tenant.owner.person)
    }
}

/// The same with keys to call with.
fn with_keys(member: Member, person: &Person) -> Member {
    let key = |scopes: &[&str]| Program::of(person, scopes, &json!({})).key;
    let reading_key = key(&["strains:read", "stash:read", "sessions:read"]);
    Member { api_key: key(&SCOPES), reading_key, ..member }
}

fn expired_key(person: &Person) -> String {
    let program = Program::of(person, &SCOPES, &json!({}));
    let sql = "UPDATE api_keys SET expires_at = created_at WHERE id = ?1";
    rows(Worker::Observer, sql, &[json!(program.id)]);
    program.key
}

fn revoked_key(person: &Person) -> String {
    let program = Program::of(person, &SCOPES, &json!({}));
    person.delete(&format!("/api/v1/me/keys/{}", program.id)).is(204);
    program.key
}

fn revoked(person: &Person) -> Member {
    let lost = person.log_in();
    lost.call("POST", "/api/v1/auth/logout").send().is(204);
    papers_of(&lost)
}

/// The key that signs access tokens: the runner keeps its secrets beside the fleet's file.
pub(crate) fn signing_seed() -> Option<[u8; 32]> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../.dev/fleet.json").to_owned();
    let path = std::env::var("SESH_FLEET_FILE").unwrap_or(default);
    let secrets = std::path::Path::new(&path).with_file_name("secrets.json");
    let secrets: Value = serde_json::from_str(&std::fs::read_to_string(secrets).ok()?).unwrap();
    let (_, seed) = secrets["TOKEN_SIGNING_KEYS"].as_str()?.split(',').next()?.split_once(':')?;
    URL_SAFE_NO_PAD.decode(seed).ok()?.try_into().ok()
}

impl Fleet {
    fn new() -> Self {
        let (person, suspended) = (Person::new(), Person::new());
        Admin::new().suspend(&suspended);
        let reseller = Staffer::new("reseller");
        let [acting, acted] = acting(&person);
        let host = Worker::Tracker.url().split_once("://").unwrap().1.to_owned();
        let cast = Cast {
            other: member(&Person::new()),
            foreigner: Some(foreigner()),
            revoked: revoked(&person),
            suspended: papers_of(&suspended),
            signing_seed: signing_seed(),
            password: PASSWORD,
            admin_key: fleet().admin_key.clone(),
            listed: "127.0.0.1".to_owned(),
            unlisted: names::address(),
            salt: names::slug(),
            host,
            superadmin: crew("superadmin", Some(&person)),
            support: crew("support", Some(&person)),
            reseller: papers(&reseller, String::new()),
            dismissed: dismissed(),
            homebound: homebound(),
            acting,
            acted,
            expired_key: expired_key(&person),
            revoked_key: revoked_key(&person),
            distant_key: Program::of(&person, &SCOPES, &json!({ "addresses": ["192.0.2.1"] })).key,
            person: with_keys(member(&person), &person),
        };
        let fleet = Self { cast, reseller: reseller.id };
        fleet.have_managed();
        fleet
    }

    /// The person's tenant is the reseller's.
    fn have_managed(&self) {
        let path = format!("/api/v1/tenants/{}", self.cast.person.managed);
        Admin::new().patch(&path, &json!({ "reseller_id": self.reseller })).is(200);
    }

    /// A stage for a cell that changes something: whom it may change is new, everybody else stays.
    fn anew(&self, cell: Option<&Cell>) -> Self {
        let mut cast = self.cast.clone();
        // Wrong tries are counted by address.
        cast.unlisted = names::address();
        let reseller = self.reseller.clone();
        let Some(Cell { route, kind, whose }) = cell else { return Self { cast, reseller } };
        if matches!(route.who, Who::Staffer(_) | Who::StaffLeaver) {
            // What changes is the caller's own; who is to begin to act as somebody does not act yet.
            let begins = route.path.ends_with("/impersonation");
            let person = Person::new();
            let acts_as = (!begins).then_some(&person);
            if begins {
                // Whom they act as is nobody who is looked at by other cells.
                cast.person = papers_of(&person);
                cast.other = papers_of(&Person::new());
                cast.foreigner = Some(papers_of(&Person::new()));
            }
            match kind.name {
                "superadmin" => cast.superadmin = crew("superadmin", acts_as),
                "support" => cast.support = crew("support", acts_as),
                "reseller" => cast.reseller = crew("reseller", None),
                _ => {}
            }
            return Self { cast, reseller };
        }
        let things = route
            .of
            .or(route.names)
            .is_some_and(|thing| !matches!(thing, Thing::Person | Thing::Staff | Thing::Tenant));
        let new = |person: &Person| if things { member(person) } else { papers_of(person) };
        match (route.who, whose) {
            // Staff's door changes nothing of anybody's here.
            (Who::Anyone, _) if route.worker == "admin" => {}
            (Who::Anyone | Who::Page, _) => cast.person = papers_of(&Person::new()),
            (Who::Operator(_), Whose::Foreign) => cast.foreigner = Some(foreigner()),
            (Who::Operator(_), Whose::Others) => cast.other = new(&Person::new()),
            _ if ["person of another tenant, its owner", TENANTS_KEY].contains(&kind.name) => {
                cast.foreigner = Some(foreigner());
            }
            _ => {
                let person = Person::new();
                if kind.name == "person on a device that was signed out" {
                    cast.revoked = revoked(&person);
                }
                cast.person = new(&person);
                if kind.name == PERSONS_KEY {
                    cast.person = with_keys(cast.person, &person);
                }
            }
        }
        let fleet = Self { cast, reseller };
        if kind.name == "reseller" && route.of == Some(Thing::Tenant) {
            fleet.have_managed();
        }
        fleet
    }
}

fn worker(name: &str) -> Worker {
    WORKERS.into_iter().find(|worker| worker.name() == name).unwrap_or_else(|| panic!("no Worker {name}"))
}

impl Stage for Fleet {
    fn cast(&self) -> &Cast {
        &self.cast
    }

    fn send(&self, request: &Request) -> Answer {
        let url = format!("{}{}", worker(request.worker).url(), request.path);
        let mut call = Call::new(request.verb, url);
        // The connection states the host itself.
        for (name, value) in request.headers.iter().filter(|(name, _)| *name != "host") {
            call = call.header(name, value);
        }
        let call = match &request.body {
            Some(body) if request.is_form() => {
                let kind = "application/x-www-form-urlencoded";
                call.bytes(urlencoded(body)).header("content-type", kind)
            }
            Some(body) => call.json(body),
            None => call,
        };
        let got = call.send();
        let location = got.header("location").unwrap_or_default().to_owned();
        Answer { status: got.status, text: got.text(), location }
    }

    /// What the databases hold of these people: other tests write beside this one.
    fn stored(&self) -> String {
        let Cast { person, other, foreigner, revoked, suspended, .. } = &self.cast;
        let people = [person, other, revoked, suspended].into_iter().chain(foreigner);
        let Cast { superadmin, support, reseller, dismissed, homebound, .. } = &self.cast;
        let staff =
            [superadmin, support, reseller, dismissed, homebound].map(|staffer| staffer.email.as_str());
        let ids: Vec<&str> =
            people.flat_map(|member| [member.person.as_str(), &member.staff]).chain(staff).collect();
        let ids = json!(ids).to_string();
        // In pieces: D1 takes five terms of a compound SELECT.
        let (tracker, diary, observer) = (
            "SELECT 'lot', id, balance_mg, last_seq AS a FROM lots WHERE person_id IN (SELECT value FROM json_each(?1))
             UNION ALL SELECT 'session', id, version, deleted_at FROM sessions
               WHERE person_id IN (SELECT value FROM json_each(?1))
             UNION ALL SELECT 'strain', id, name, 0 FROM strains WHERE owner_id IN (SELECT value FROM json_each(?1))",
            "SELECT 'goal', id, target, ended_at AS a FROM goals WHERE person_id IN (SELECT value FROM json_each(?1))
             UNION ALL SELECT 'break', id, started_at, ended_at FROM breaks
               WHERE person_id IN (SELECT value FROM json_each(?1))
             UNION ALL SELECT 'import', id, state, sessions FROM imports
               WHERE person_id IN (SELECT value FROM json_each(?1))
             UNION ALL SELECT 'preset', id, name, recorded_at FROM presets
               WHERE person_id IN (SELECT value FROM json_each(?1))",
            "SELECT id, display_name, version || '/' || epoch || '/' || status AS state FROM people
               WHERE id IN (SELECT value FROM json_each(?1))
             UNION ALL SELECT id, replaced_by, revoked_at FROM api_keys
               WHERE person_id IN (SELECT value FROM json_each(?1))
             UNION ALL SELECT id, generation, revoked_at FROM devices
               WHERE person_id IN (SELECT value FROM json_each(?1))
             UNION ALL SELECT id, name, role || version || '/' || epoch || '/' || status FROM staff
               WHERE id IN (SELECT value FROM json_each(?1)) OR email IN (SELECT value FROM json_each(?1))
             UNION ALL SELECT id, expires_at, ended_at FROM impersonations
               WHERE person_id IN (SELECT value FROM json_each(?1))",
        );
        let look = |worker, sql: &str| format!("{:?}", rows(worker, sql, &[json!(ids)]));
        look(Worker::Tracker, tracker) + &look(Worker::Tracker, diary) + &look(Worker::Observer, observer)
    }
}

#[track_caller]
fn every_cell(choice: impl Fn(&Route) -> bool, least: usize) {
    let first = Fleet::new();
    let outcome = check(&cells(|route| !route.is_internal() && choice(route)), |cell| first.anew(cell));
    let (problems, tried) = (outcome.problems, outcome.tried);
    assert!(problems.is_empty(), "{} of {tried} cells:\n{}", problems.len(), problems.join("\n"));
    assert!(tried >= least, "only {tried} cells were tried");
    eprintln!(
        "{tried} cells; {} skipped, as the fleet's signing key is not beside its file",
        outcome.skipped
    );
}

#[test]
fn every_cell_of_tracker_on_workerd() {
    every_cell(|route| route.worker == "tracker" && !route.edits(), 300);
}

#[test]
fn every_cell_that_edits_on_tracker_on_workerd() {
    every_cell(|route| route.worker == "tracker" && route.edits(), 400);
}

#[test]
fn every_cell_of_observer_and_admin_on_workerd() {
    every_cell(|route| route.worker != "tracker", 250);
}

#[test]
fn what_is_others_looks_like_what_does_not_exist_on_workerd() {
    let hidden = cells(|route| route.of.is_some() && !route.is_internal());
    let problems = tells_nothing(&hidden, &Fleet::new());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
