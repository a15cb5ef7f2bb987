//! Secrets stay where they belong, in the whole fleet: what was said in every flow is looked for in the logs, in every
//! column of every database, in KV, and in the answers.

use e2e::actors::{Admin, Anonymous, CLIENT_ADDRESS, Caller, sign_up};
use e2e::browser::Cookie;
use e2e::control::{keys, kv, rows};
use e2e::fleet::{WITH_DATABASES, Worker, fleet};
use e2e::http::Reply;
use e2e::keys::new_key;
use e2e::names;
use e2e::wait::eventually;
use serde_json::{Value, json};
use std::path::PathBuf;

/// What must be found nowhere, by what it is.
type Canaries = Vec<(String, String)>;

/// Everything that one person and those around them said, and what was answered.
#[derive(Default)]
struct Story {
    canaries: Canaries,
    answers: Vec<Reply>,
    person: String,
    devices: Vec<String>,
}

impl Story {
    /// Keeps a secret that somebody made up.
    fn secret(&mut self, what: &str) -> String {
        let secret = format!("Canary-{}", uuid::Uuid::new_v4().simple());
        self.keep(what, &secret);
        secret
    }

    fn keep(&mut self, what: &str, secret: &str) {
        assert!(secret.len() >= 16, "{what} is too short to be looked for");
        self.canaries.push((what.to_owned(), secret.to_owned()));
    }

    /// Keeps the tokens that an answer gave, each by the part that nobody could guess.
    fn tokens(&mut self, got: &Reply) -> (String, String) {
        let data = got.data();
        let text = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
        let cookie = |name: &str| Cookie::set_by(got).into_iter().find(|cookie| cookie.name == name);
        let refresh =
            cookie("__Host-sesh_refresh").map_or_else(|| text("refresh_token"), |cookie| cookie.value);
        let access = text("access_token");
        self.keep("the signature of an access token", access.rsplit('.').next().unwrap());
        self.keep("the secret part of a refresh token", refresh.splitn(5, '_').last().unwrap());
        (access, refresh)
    }

    /// Notes an answer that must not repeat a secret.
    fn say(&mut self, got: Reply) {
        self.answers.push(got);
    }
}

fn told() -> Story {
    let mut story = Story::default();
    let (anyone, email) = (Anonymous::new(), names::email());
    let password = story.secret("a password");
    let mut body = sign_up(&email);
    (body["password"], body["delivery"]) = (json!(password), json!("token"));
    let register = anyone.call("POST", "/api/v1/auth/register").key(&names::key()).json(&body);
    let first = register.clone().send().is(201);
    let (access, refresh) = story.tokens(&first);
    assert_eq!(register.send().is(201).text(), first.text());
    first.data()["user"]["id"].as_str().unwrap().clone_into(&mut story.person);

    // Signing in: rightly, by cookie and by token; wrongly; with the password where it does not belong.
    let login = json!({ "email": email, "password": password });
    let by_cookie = anyone.post("/api/v1/auth/login", &login).is(200);
    story.tokens(&by_cookie);
    let wrong = story.secret("a wrong password");
    story.say(anyone.post("/api/v1/auth/login", &json!({ "email": email, "password": wrong })).is(401));
    for (slip, status) in [
        (json!({ "email": password, "password": wrong }), 401),
        (json!({ "email": email, "password": [password] }), 400),
        (json!({ "email": email, "password": { "is": password } }), 400),
    ] {
        story.say(anyone.post("/api/v1/auth/login", &slip).is(status));
    }
    let mut slip = sign_up(&names::email());
    (slip["birth_date"], slip["password"]) = (json!(password), json!(wrong));
    story.say(anyone.post("/api/v1/auth/register", &slip).is(400));
    let torn = format!("{{\"email\":\"{email}\",\"password\":\"{password}");
    story.say(anyone.call("POST", "/api/v1/auth/login").bytes(torn).send().is(400));
    (slip["birth_date"], slip["email"], slip["password"]) =
        (json!("1990-01-01"), json!(password), json!(password));
    story.say(anyone.post("/api/v1/auth/register", &slip).is(422));

    // Tokens: renewed, replayed, sent to the wrong places.
    let me = |token: &str| anyone.call("GET", "/api/v1/me").bearer(token);
    let devices = anyone.call("GET", "/api/v1/auth/devices").bearer(&access).send().is(200).rows();
    story.devices = devices.iter().map(|device| device["id"].as_str().unwrap().to_owned()).collect();
    let renewed = anyone.post("/api/v1/auth/refresh", &json!({ "refresh_token": refresh })).is(200);
    let (newer, newest) = story.tokens(&renewed);
    me(&newer).send().is(200);
    for path in
        [format!("/api/v1/stash/{newer}"), format!("/api/v1/stash?token={newer}"), format!("/{newest}")]
    {
        story.say(anyone.call("GET", &path).bearer(&newer).send());
    }
    let basic = story.secret("a Basic credential");
    story.say(me("").header("authorization", format!("Basic {basic}")).send().is(401));
    let nonsense = story.secret("a token of nonsense");
    story.say(me(&nonsense).send().is(401));
    story.say(me(&newest).send().is(401));
    let forged = story.secret("a forged subject");
    story.say(me(&newer).header("x-sesh-on-behalf", &forged).header("x-request-id", &forged).send().is(200));
    let key = story.secret("an idempotency key");
    story.say(anyone.call("DELETE", "/api/v1/auth/devices").bearer(&newer).key(&key).send().is(204));
    for device in &story.devices {
        let sql = "UPDATE devices SET rotated_at = rotated_at - 11000 WHERE id = ?1 AND revoked_at IS NULL";
        rows(Worker::Observer, sql, &[json!(device)]);
    }
    story.say(anyone.post("/api/v1/auth/refresh", &json!({ "refresh_token": refresh })).is(401));
    story.say(anyone.post("/api/v1/auth/logout", &json!({ "refresh_token": newest })));

    // One sign-in that stays, so that KV holds it.
    let last = anyone.post("/api/v1/auth/login", &login).is(200);
    let (access, _) = story.tokens(&last);
    story.devices.push(authorization::papers::claims(&access)["did"].as_str().unwrap().to_owned());

    // API keys: made twice over, used, used where they do not belong, turned over, ended.
    let keyed = |verb: &str, path: &str| anyone.call(verb, path).bearer(&access);
    let mut new = new_key(&["stash:read"], &json!({ "addresses": ["192.0.2.0/24"] }));
    new["password"] = json!(password);
    let asking = keyed("POST", "/api/v1/me/keys").key(&names::key()).json(&new);
    let first = asking.clone().send().is(201);
    assert_eq!(asking.send().is(201).text(), first.text());
    let rotation = format!("/api/v1/me/keys/{}/rotate", first.data()["id"].as_str().unwrap());
    let turned =
        keyed("POST", &rotation).json(&json!({ "password": password, "overlap_minutes": 9 })).send().is(201);
    for got in [&first, &turned] {
        let key = got.data()["key"].as_str().unwrap().to_owned();
        story.keep("the secret part of an API key", &key.rsplit('_').next().unwrap()[..43]);
        let at_home = |path: &str| anyone.call("GET", path).header(CLIENT_ADDRESS, "192.0.2.7");
        story.say(at_home("/api/v1/stash").bearer(&key).send().is(200));
        story.say(anyone.call("GET", "/api/v1/stash").bearer(&key).send().is(403));
        story.say(at_home("/api/v1/sessions").bearer(&key).send().is(403));
        story.say(at_home("/api/v1/me").bearer(&key).send().is(401));
        story.say(at_home("/api/v1/stash").bearer(&format!("{key}x")).send().is(401));
        story.say(at_home(&format!("/api/v1/stash/{key}")).bearer(&key).send().is(404));
        story.say(at_home(&format!("/api/v1/stash?key={key}")).bearer(&key).send().is(400));
        story.say(anyone.post("/api/v1/auth/refresh", &json!({ "refresh_token": key })).is(401));
        story.say(Anonymous::at(Worker::Observer).call("GET", "/api/v1/tenant").bearer(&key).send().is(403));
        story.say(Anonymous::at(Worker::Admin).call("GET", "/api/v1/users").bearer(&key).send().is(401));
    }
    story.say(keyed("GET", "/api/v1/me/keys").send().is(200));
    story.say(keyed("DELETE", rotation.trim_end_matches("/rotate")).send().is(204));

    // Administrators: the right key, wrong ones, and the right one elsewhere.
    story.say(Admin::new().get(&format!("/api/v1/users/{}", story.person)).is(200));
    story.say(Admin::from("203.0.113.9").get("/api/v1/users").is(403));
    let wrong = format!("sesh_admin_{}", story.secret("a wrong administrator's key"));
    let admin = Anonymous::at(Worker::Admin);
    let at_home = |path: &str| admin.call("GET", path).header(CLIENT_ADDRESS, "127.0.0.1");
    story.say(at_home("/api/v1/users").bearer(&wrong).send().is(401));
    story.say(at_home("/api/v1/users").bearer(&newer).send().is(403));
    story.say(anyone.call("GET", "/api/v1/me").bearer(&fleet().admin_key).send().is(401));
    story
}

/// The file beside the fleet's own; the runner keeps its secrets there.
fn secrets() -> Option<Value> {
    let fleet = std::env::var("SESH_FLEET_FILE").unwrap_or_else(|_| "../.dev/fleet.json".to_owned());
    let text = std::fs::read_to_string(PathBuf::from(fleet).with_file_name("secrets.json")).ok()?;
    serde_json::from_str(&text).ok()
}

fn with_the_fleets_own(mut canaries: Canaries) -> Canaries {
    canaries.push(("the administrator's key".to_owned(), fleet().admin_key.clone()));
    for name in ["TOKEN_SIGNING_KEYS", "REFRESH_KEYS", "PASSWORD_PEPPER", "FACTOR_KEYS", "PERSON_KEYS"] {
        let secrets = secrets().unwrap_or_default();
        let list = secrets[name].as_str().unwrap_or_default().split(',').filter(|text| !text.is_empty());
        canaries.extend(list.map(|pair| (name.to_owned(), pair.rsplit(':').next().unwrap().to_owned())));
    }
    canaries
}

/// Tables with their columns, all of them, as the database has them now.
pub(crate) fn columns(worker: Worker) -> Vec<(String, Vec<String>)> {
    let sql = "SELECT m.name AS name, json_group_array(c.name) AS columns
               FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
               WHERE m.type = 'table' AND m.name NOT LIKE '\\_cf%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'
               GROUP BY m.name";
    let tables = rows(worker, sql, &[]).into_iter().map(|row| {
        let columns = serde_json::from_str(row["columns"].as_str().unwrap()).unwrap();
        (row["name"].as_str().unwrap().to_owned(), columns)
    });
    tables.collect()
}

/// Where a text stands in a database: the tables that hold it.
pub(crate) fn found_in(worker: Worker, tables: &[(String, Vec<String>)], needle: &str) -> Vec<String> {
    let look = |(table, columns): &(String, Vec<String>)| {
        let place = |column: &String| format!("instr(CAST(\"{column}\" AS TEXT), ?1)");
        let anywhere = columns.iter().map(place).collect::<Vec<_>>().join(" OR ");
        format!("SELECT '{table}' AS found WHERE EXISTS (SELECT 1 FROM \"{table}\" WHERE {anywhere})")
    };
    let at_once = tables.chunks(4).flat_map(|some| {
        let sql = some.iter().map(look).collect::<Vec<_>>().join(" UNION ALL ");
        rows(worker, &sql, &[json!(needle)])
    });
    at_once.map(|row| row["found"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn no_secret_is_in_any_table_of_any_database_or_in_kv() {
    let story = told();
    let canaries = with_the_fleets_own(story.canaries);
    for worker in WITH_DATABASES {
        let tables = columns(worker);
        assert!(tables.len() >= 5, "{}: {tables:?}", worker.name());
        for (what, secret) in &canaries {
            let found = found_in(worker, &tables, secret);
            assert!(found.is_empty(), "{what} stands in {found:?} of {}", worker.name());
        }
    }
    let known = found_in(Worker::Observer, &columns(Worker::Observer), &story.person);
    assert!(
        known.contains(&"people".to_owned()) && known.contains(&"audit".to_owned()),
        "looked in vain: {known:?}"
    );
    let names = keys(Worker::Tracker, "SESSIONS");
    let key = format!("device:{}", story.devices.last().unwrap());
    let cached = eventually("the sign-in in KV", || kv(Worker::Tracker, "SESSIONS", &key));
    for (what, secret) in &canaries {
        assert!(
            !cached.contains(secret) && !names.iter().any(|name| name.contains(secret)),
            "{what} is in KV"
        );
    }
}

#[test]
fn no_secret_is_in_an_answer_that_does_not_hand_it_over() {
    let story = told();
    let canaries = with_the_fleets_own(story.canaries);
    assert!(story.answers.len() >= 18 && canaries.len() >= 10);
    for got in &story.answers {
        let headers = format!("{:?}", got.headers);
        for (what, secret) in &canaries {
            assert!(!got.text().contains(secret) && !headers.contains(secret), "{what}: {got}");
        }
    }
}

#[test]
fn no_secret_is_in_the_log() {
    let Ok(path) = std::env::var("SESH_FLEET_LOG") else {
        eprintln!(
            "skipped: SESH_FLEET_LOG does not name the file that the fleet's output goes to (scripts/test does)"
        );
        return;
    };
    let story = told();
    let last = Anonymous::new().get("/api/v1/me").is(401);
    let id = |got: &Reply| got.header("x-request-id").unwrap().to_owned();
    let log = eventually("the last request in the fleet's log", || {
        let log = String::from_utf8_lossy(&std::fs::read(&path).ok()?).into_owned();
        log.contains(&id(&last)).then_some(log)
    });
    let missing: Vec<&Reply> = story.answers.iter().filter(|got| !log.contains(&id(got))).collect();
    assert!(missing.is_empty(), "not in the log at all: {}", missing[0]);
    for (what, secret) in with_the_fleets_own(story.canaries) {
        let line = log.lines().find(|line| line.contains(&secret));
        assert!(line.is_none(), "{what}: {line:?}");
    }
}
