//! The Worker in one process with a tracker that only listens: what the tests stand on.

use crate::keys::Keyring;
use crate::personal::{Field, PersonKey, blind};
use axum::Router;
use axum::routing::{get, post};
use serde_json::{Value, json};
use sesh_edge::drive::{Step, Task};
use sesh_edge::health::Vitals;
use sesh_edge::http::{Answer, Body, Failure, NoContent};
use sesh_edge::io::{Batch, Entropy, Io, Op, PeerReply, Reply, Rows};
use sesh_edge::native::{Call, Database, Fleet, Got, Seeded, Vars};
use sesh_edge::secret::base64url;
use sesh_edge::service::Service;
use sesh_edge::token::{AccessClaims, VerifyingKeys};
use sesh_types::contract::notice::{NOTICES, Notice, Notices};
use sesh_types::contract::tenants::{SWITCH, Storage, TENANTS};
use sesh_types::contract::{admin, auth};
use sesh_types::ids::{DeviceId, PersonId, TenantId};
use sesh_types::time::Timestamp;
use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

pub(crate) const NOW: Timestamp = Timestamp(1_776_702_000_000);
pub(crate) const ISSUER: &str = "https://test.kush.observer";
pub(crate) const PASSWORD: &str = "tangerine-otter-lamp";
pub(crate) const ADDRESS: &str = "203.0.113.7";

/// An environment with keys that follow from nothing but their names.
pub(crate) fn vars() -> Vars {
    let key = |seed: u8| base64url(&std::array::from_fn::<u8, 32, _>(|n| seed ^ u8::try_from(n).unwrap()));
    let texts = [
        ("ENVIRONMENT", "test".to_owned()),
        ("TOKEN_ISSUER", ISSUER.to_owned()),
        ("TOKEN_SIGNING_KEYS", format!("sign1:{},sign2:{}", key(1), key(2))),
        ("REFRESH_KEYS", format!("fresh1:{},fresh2:{}", key(3), key(4))),
        ("PASSWORD_PEPPER", key(5)),
        ("FACTOR_KEYS", format!("factor1:{},factor2:{}", key(6), key(7))),
        ("PERSON_KEYS", format!("person1:{},person2:{}", key(8), key(9))),
        ("PASSKEY_RP_ID", "app.example".to_owned()),
        ("PASSKEY_ORIGINS", "https://app.example,https://www.app.example".to_owned()),
        ("APP_URL", "https://app.example".to_owned()),
        ("MAIL_FROM", "sesh@app.example".to_owned()),
    ];
    let bindings = ["DB", "SESSIONS", "TRACKER", "FACTS", "MAIL"];
    Vars {
        texts: texts.into_iter().map(|(name, text)| (name.to_owned(), text)).collect(),
        bindings: bindings.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(),
    }
}

pub(crate) fn keyring() -> Keyring {
    Keyring::read(&vars()).ok().unwrap()
}

/// Somebody signed in.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) subject: auth::OnBehalf,
    pub(crate) user: Value,
}

pub(crate) struct World {
    pub(crate) fleet: Fleet,
    pub(crate) keys: Keyring,
    heard: Arc<Mutex<Vec<Notice>>>,
    down: Arc<AtomicBool>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(&vars())
    }

    /// The same in another environment.
    pub(crate) fn with(vars: &Vars) -> Self {
        let (heard, down) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let mut fleet = Fleet::new(NOW, 7);
        fleet.add(crate::service(vars), &[("TRACKER", "tracker")]);
        fleet.add(tracker(heard.clone(), down.clone()), &[]);
        Self { fleet, keys: keyring(), heard, down }
    }

    /// Lets a Worker with other `PERSON_KEYS` act on the same database.
    pub(crate) fn with_person_keys(&self, keys: &str, act: impl FnOnce(&Fleet)) {
        let mut vars = vars();
        vars.texts.insert("PERSON_KEYS".to_owned(), keys.to_owned());
        let mut other = Fleet::new(self.fleet.now(), 8);
        other.add(crate::service(&vars), &[("TRACKER", "tracker")]);
        other.add(tracker(self.heard.clone(), self.down.clone()), &[]);
        let swap = || {
            let swap =
                |ours: &mut Database| other.database("observer", |theirs| std::mem::swap(ours, theirs));
            self.fleet.database("observer", swap);
        };
        swap();
        act(&other);
        swap();
    }

    /// Calls the internal door as tracker and admin do.
    pub(crate) fn internal(&self, call: Call) -> Got {
        self.fleet.call_internal("observer", call.header("x-sesh-client-address", ADDRESS))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Got {
        self.internal(Call::new("POST", path).json(body))
    }

    pub(crate) fn for_person(&self, person: &SignedIn, call: Call) -> Got {
        self.internal(call.header(auth::ON_BEHALF, &person.subject.to_string()))
    }

    pub(crate) fn as_admin(&self, call: Call) -> Got {
        self.internal(call.header(admin::ACTOR, "key:ops"))
    }

    pub(crate) fn register(&self, email: &str) -> SignedIn {
        self.signed_in(&self.post(auth::REGISTER, &registration(email)))
    }

    /// Signed in without a password's work: the person cannot log in again.
    pub(crate) fn seeded(&self, email: &str) -> SignedIn {
        self.somebody(0xa, email)
    }

    /// One of several who are signed in without a password's work.
    pub(crate) fn somebody(&self, number: u128, email: &str) -> SignedIn {
        let (person, device) = (PersonId(Uuid::from_u128(number)), DeviceId(Uuid::from_u128(number << 16)));
        let tenant = TenantId::CONSUMERS;
        let later = NOW.plus_ms(crate::refresh::rules::IDLE_MS);
        let io = Io::new(NOW, Arc::new(Seeded::new(u64::try_from(number).unwrap())));
        let own = PersonKey::new(person, &io);
        let (address, name) =
            (own.seal(&io, Field::Email, email).unwrap(), own.seal(&io, Field::DisplayName, "Ada").unwrap());
        let insert = format!(
            "INSERT INTO people (id, tenant_id, email, email_index, display_name, display_key, name_index, password_phc,
               adult_confirmed_at, created_at)
             VALUES ('{person}', '{tenant}', '{}', '{}', '{}', '', '{}', '', 0, 0);
             INSERT INTO person_keys (person_id, tenant_id, key_id, wrapped)
             VALUES ('{person}', '{tenant}', 'person1', '{}');
             INSERT INTO devices (id, tenant_id, person_id, nonce, rotated_at, created_at, last_seen_at, expires_at, user_agent)
             VALUES ('{device}', '{tenant}', '{person}', 'nonce', {now}, {now}, {now}, {later}, '{}')",
            address.0,
            blind::email(&self.keys, email),
            name.0,
            blind::name(&self.keys, "Ada"),
            own.wrap(&self.keys, &io).unwrap(),
            own.seal(&io, Field::UserAgent, "").unwrap().0,
            now = NOW.0,
            later = later.0,
        );
        self.execute(&insert).unwrap();
        let refresh = self.keys.refresh.token(device, 0, "nonce").0;
        let subject = auth::OnBehalf { tenant, person, device, epoch: 0, act: None };
        let claims = AccessClaims::at_home(ISSUER.to_owned(), person, device, 0);
        let access = self.keys.signing.access_token(&claims, self.fleet.now()).0;
        SignedIn { access, refresh, subject, user: Value::Null }
    }

    /// A new tenant.
    pub(crate) fn tenant(&self, slug: &str) -> TenantId {
        let got = self.as_admin(Call::new("POST", TENANTS).json(&json!({ "slug": slug, "name": slug })));
        assert_eq!(got.status, 201, "{}", got.text);
        got.json()["data"]["id"].as_str().unwrap().parse().unwrap()
    }

    /// Somebody who was invited into a tenant by the platform, has accepted and switched to it.
    pub(crate) fn member(&self, tenant: TenantId, number: u128, role: &str) -> SignedIn {
        let email = format!("{role}{number}@example.com");
        let path = format!("{TENANTS}/{tenant}/invitations");
        let apps = json!({ "grow": { "role": "staff" } });
        let invite = json!({ "email": email, "role": role, "apps": apps });
        let got = self.as_admin(Call::new("POST", &path).json(&invite));
        assert_eq!(got.status, 201, "{}", got.text);
        let person = self.somebody(number, &email);
        let accept = json!({ "token": got.json()["data"]["token"] });
        let got = self.outside(&person, Call::new("POST", "/api/v1/invitations/accept").json(&accept));
        assert_eq!(got.status, 200, "{}", got.text);
        self.signed_in(&self.switch(&person, tenant))
    }

    /// Takes somebody's device over to a tenant.
    pub(crate) fn switch(&self, person: &SignedIn, tenant: TenantId) -> Got {
        self.for_person(person, Call::new("POST", SWITCH).json(&json!({ "tenant_id": tenant })))
    }

    /// Calls the public door with somebody's access token.
    pub(crate) fn outside(&self, person: &SignedIn, call: Call) -> Got {
        self.fleet.call("observer", call.bearer(&person.access))
    }

    pub(crate) fn login(&self, email: &str) -> SignedIn {
        self.signed_in(&self.post(auth::LOGIN, &json!({ "email": email, "password": PASSWORD })))
    }

    pub(crate) fn refresh(&self, token: &str) -> Got {
        self.post(auth::REFRESH, &json!({ "refresh_token": token }))
    }

    pub(crate) fn signed_in(&self, got: &Got) -> SignedIn {
        assert!(matches!(got.status, 200 | 201), "{}", got.text);
        let data = got.json()["data"].clone();
        let text = |name: &str| data[name].as_str().unwrap().to_owned();
        let public = VerifyingKeys::from_jwks(&self.keys.signing.jwks());
        let verified = public.verify(&text("access_token"), ISSUER, self.fleet.now());
        let (AccessClaims { tid: tenant, sub: person, did: device, ep: epoch, .. }, _) = verified.unwrap();
        let subject = auth::OnBehalf { tenant, person, device, epoch, act: None };
        SignedIn {
            access: text("access_token"),
            refresh: text("refresh_token"),
            subject,
            user: data["user"].clone(),
        }
    }

    pub(crate) fn suspend(&self, person: &SignedIn) -> Got {
        let path = format!("{}/{}/suspend", admin::PEOPLE, person.subject.person);
        self.as_admin(Call::new("POST", &path).json(&json!({ "reason": "spam" })))
    }

    /// Whether the person's token still counts here.
    pub(crate) fn counts(&self, person: &SignedIn) -> bool {
        match self.for_person(person, Call::new("GET", auth::ME)).status {
            200 => true,
            401 => false,
            other => unreachable!("{other}"),
        }
    }

    /// What tracker was told, in order.
    pub(crate) fn heard(&self) -> Vec<Notice> {
        self.heard.lock().unwrap().clone()
    }

    /// Lets tracker fail, or answer again.
    pub(crate) fn tracker_is_down(&self, down: bool) {
        self.down.store(down, Ordering::Relaxed);
    }

    pub(crate) fn number(&self, sql: &str) -> i64 {
        self.fleet.database("observer", |database| {
            database.connection().query_row(sql, [], |row| row.get(0)).unwrap()
        })
    }

    pub(crate) fn execute(&self, sql: &str) -> Result<(), String> {
        self.fleet.database("observer", |database| {
            database.connection().execute_batch(sql).map_err(|error| error.to_string())
        })
    }

    /// The actions in the audit log, oldest first.
    pub(crate) fn audited(&self) -> Vec<String> {
        self.column("SELECT action FROM audit ORDER BY seq")
    }

    /// The token in the mail that was sent last.
    pub(crate) fn mail_token(&self) -> String {
        let mails = self.fleet.mails();
        let (_, token) = mails.last().unwrap().text.split_once("#token=").unwrap();
        token.lines().next().unwrap().to_owned()
    }

    /// Every value of every table, to look for what must not be there.
    pub(crate) fn everything(&self) -> String {
        let tables = self.column("SELECT name FROM sqlite_master WHERE type = 'table'");
        let dump = |table: &String| {
            let columns = self.column(&format!("SELECT name FROM pragma_table_info('{table}')"));
            let columns: Vec<String> =
                columns.iter().map(|name| format!("coalesce(\"{name}\", '')")).collect();
            self.column(&format!("SELECT CAST({} AS TEXT) FROM \"{table}\"", columns.join(" || ' ' || ")))
                .join("\n")
        };
        tables.iter().map(dump).collect()
    }

    /// Calls, and tells what the database was asked to do until the answer stood: the texts of each batch.
    pub(crate) fn batches_until_answered(&self, path: &str, body: &Value) -> (Got, Vec<Vec<String>>) {
        static CALLS: AtomicU64 = AtomicU64::new(1 << 32);
        let seed = CALLS.fetch_add(1 << 16, Ordering::Relaxed);
        let io = Io::new(self.fleet.now(), Arc::new(Seeded::new(seed)));
        let (door, request) = (sesh_edge::http::Door::Internal, request(path, body, None));
        let answer = crate::service(&vars()).handle(door, request, false, io.clone());
        let (mut task, mut batches) = (Task::new(io, answer), Vec::new());
        loop {
            let ops = match task.step() {
                Step::Perform(ops) => ops,
                Step::Ready { output, .. } => {
                    let (parts, body) = output.into_parts();
                    let text = String::from_utf8_lossy(&body).into_owned();
                    return (Got { status: parts.status.as_u16(), headers: parts.headers, text }, batches);
                }
                Step::Finished | Step::Stuck => unreachable!("the answer comes first"),
            };
            for (id, op) in ops {
                if let Op::Db { batch } = &op {
                    batches.push(batch.iter().map(|statement| statement.sql.to_string()).collect());
                }
                let reply = self.fleet.database("observer", |database| perform(database, op));
                task.deliver(id, reply);
            }
        }
    }

    pub(crate) fn column(&self, sql: &str) -> Vec<String> {
        self.column_of(sql, 0)
    }

    /// One column of a query, by its place.
    pub(crate) fn column_of(&self, sql: &str, place: usize) -> Vec<String> {
        self.fleet.database("observer", |database| {
            let mut statement = database.connection().prepare(sql).unwrap();
            let rows = statement.raw_query().mapped(|row| row.get(place));
            rows.map(Result::unwrap).collect()
        })
    }
}

/// The end of a token, which lies in its secret part: that may hold the sign which divides a token, too.
pub(crate) fn tail(token: &str) -> &str {
    &token[token.len().saturating_sub(22)..]
}

pub(crate) fn registration(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD, "display_name": "Ada", "birth_date": "1990-01-01" })
}

fn tracker(heard: Arc<Mutex<Vec<Notice>>>, down: Arc<AtomicBool>) -> Service {
    let take = move |body: Body<Notices>| async move {
        if down.load(Ordering::Relaxed) {
            return Err(Failure::unavailable("down"));
        }
        heard.lock().unwrap().extend(body.value.notices);
        Ok(NoContent::default())
    };
    let jobs =
        Arc::new(|_, _| -> sesh_edge::drive::BoxFuture<Result<(), Failure>> { Box::pin(async { Ok(()) }) });
    Service::new(
        Arc::new(Vitals::new("tracker")),
        Router::new(),
        Router::new()
            .route(NOTICES, post(take))
            .route(&storage_of_any(), get(|| async { Answer::<_, 200>::of(&Storage { bytes: Some(7) }) })),
        jobs,
    )
}

fn storage_of_any() -> String {
    format!("{TENANTS}/{{id}}/storage")
}

/// Runs one batch.
pub(crate) fn run(database: &mut Database, batch: impl Into<Batch>) -> Rows {
    let io = Io::new(NOW, Arc::new(Seeded::new(1)));
    let (ports, batch) = (io.clone(), batch.into());
    let task = Task::new(io, Box::pin(async move { ports.db(batch).await.unwrap() }));
    interleave(database, vec![task], 0).remove(0)
}

/// Drives tasks over one database, each port call of each task in an order that follows from the seed.
pub(crate) fn interleave<T>(database: &mut Database, tasks: Vec<Task<T>>, seed: u64) -> Vec<T> {
    interleave_with(database, tasks, seed, perform)
}

/// The same, with port calls performed otherwise.
pub(crate) fn interleave_with<T>(
    database: &mut Database,
    tasks: Vec<Task<T>>,
    seed: u64,
    perform: impl Fn(&mut Database, Op) -> Reply,
) -> Vec<T> {
    let entropy = Seeded::new(seed);
    let mut outputs: Vec<Option<T>> = tasks.iter().map(|_| None).collect();
    let mut running: Vec<_> = tasks
        .into_iter()
        .enumerate()
        .map(|(place, task)| (place, task, VecDeque::<(u32, Op)>::new()))
        .collect();
    while !running.is_empty() {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes);
        let chosen = usize::try_from(u64::from_le_bytes(bytes) % running.len() as u64).unwrap();
        let (place, task, waiting) = &mut running[chosen];
        if let Some((id, op)) = waiting.pop_front() {
            task.deliver(id, perform(database, op));
            continue;
        }
        let finished = match task.step() {
            Step::Perform(ops) => {
                waiting.extend(ops);
                false
            }
            Step::Ready { output, more } => {
                outputs[*place] = Some(output);
                !more
            }
            Step::Finished => true,
            Step::Stuck => unreachable!("a task waits for no port"),
        };
        if finished {
            running.swap_remove(chosen);
        }
    }
    outputs.into_iter().map(Option::unwrap).collect()
}

/// Requests that race with one another, each an HTTP call of the internal door: their statuses and bodies, in order.
pub(crate) fn race(
    world: &World,
    requests: Vec<http::Request<bytes::Bytes>>,
    seed: u64,
) -> Vec<(u16, Value)> {
    let service = crate::service(&vars());
    let tasks = requests.into_iter().zip(1_u64..).map(|(request, number)| {
        let io = Io::new(
            world.fleet.now().plus_ms(1),
            Arc::new(Seeded::new(seed.wrapping_mul(1_000).wrapping_add(number))),
        );
        let answer = service.handle(sesh_edge::http::Door::Internal, request, false, io.clone());
        let read = async move {
            let response = answer.await;
            (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default())
        };
        Task::new(io, Box::pin(read))
    });
    let tasks = tasks.collect();
    world.fleet.database("observer", |database| interleave(database, tasks, seed))
}

/// A request of the internal door, on behalf of somebody or of nobody.
pub(crate) fn request(path: &str, body: &Value, behalf: Option<&SignedIn>) -> http::Request<bytes::Bytes> {
    let mut request =
        http::Request::builder().method("POST").uri(path).header("content-type", "application/json");
    request = request.header("x-sesh-client-address", ADDRESS);
    if let Some(person) = behalf {
        request = request.header(auth::ON_BEHALF, person.subject.to_string());
    }
    request.body(body.to_string().into()).unwrap()
}

/// Performs one port call; other Workers say yes to everything.
pub(crate) fn perform(database: &mut Database, op: Op) -> Reply {
    match op {
        Op::Db { batch } => database.run(&batch),
        Op::KvGet { .. } => Reply::Text(None),
        Op::Verify(signed) => Reply::Verified(sesh_edge::native::verify(&signed)),
        Op::Peer(_) => Reply::Peer(PeerReply { status: 204, body: String::new(), retry_after_seconds: None }),
        _ => Reply::Done,
    }
}

#[test]
fn every_statement_fits_the_migrations() {
    let modules = ["observer", "sesh_edge::idempotency", "sesh_edge::outbox", "sesh_edge::health"];
    let (count, failed) = sesh_edge::native::prepare_known_sql("observer", &modules);
    assert!(count > 40 && failed.is_empty(), "{count}: {failed:#?}");
}

#[test]
fn a_worker_without_keys_says_which() {
    let mut vars = vars();
    vars.texts.insert("REFRESH_KEYS".into(), "fresh1:c2hvcnQ".into());
    let mut fleet = Fleet::new(NOW, 1);
    fleet.add(crate::service(&vars), &[]);
    let health = fleet.call("observer", Call::new("GET", "/api/health"));
    assert_eq!(health.status, 503);
    assert!(
        health.text.contains("REFRESH_KEYS is malformed") && !health.text.contains("c2hvcnQ"),
        "{}",
        health.text
    );
    assert_eq!(fleet.call("observer", Call::new("GET", "/.well-known/jwks.json")).status, 503);
}
