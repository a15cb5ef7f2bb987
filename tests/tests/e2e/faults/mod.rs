//! What goes wrong in a binding is never a 500, never a success that did not happen, and leaves nothing half done: 503
//! with `Retry-After`, or an answer as without the fault. On real workerd, D1, KV and queues (`tests/faults`).

mod cache;
mod clock;
mod database;
mod deployed;
mod hubs;
mod once;
mod peers;
mod queue;

use e2e::actors::{Admin, Caller, PASSWORD, Person};
use e2e::faults::Plan;
use e2e::fixtures::{new_lot, new_session, text};
use e2e::http::{Call, Reply};
use e2e::names;
use serde_json::{Value, json};

/// 503 with `Retry-After`, in the envelope.
#[track_caller]
fn unavailable(got: &Reply) {
    got.clone().refused(503, "service_unavailable");
    let wait = got.header("retry-after").and_then(|seconds| seconds.parse::<u32>().ok());
    assert!(wait.is_some_and(|seconds| seconds >= 1), "no Retry-After: {got}");
}

/// A request that something may happen to, and how a success of it shows.
struct Sample {
    call: Call,
    /// Whether what the answer says is so; asked after a success, without faults.
    is_true: Box<dyn Fn(&Reply) -> bool + Send + Sync>,
}

impl Sample {
    fn new(call: Call, is_true: impl Fn(&Reply) -> bool + Send + Sync + 'static) -> Self {
        Self { call, is_true: Box::new(is_true) }
    }

    /// A read: true is what the same request says without faults.
    fn read(call: Call) -> Self {
        let again = call.clone();
        Self::new(call, move |got| got.json()["data"] == again.clone().send().is(200).json()["data"])
    }

    /// Sends it with faults: it is unavailable, or it succeeds and that is true. Whether it succeeded.
    #[track_caller]
    fn under(&self, plan: &Plan) -> bool {
        let got = plan.strikes(self.call.clone()).send();
        if got.status >= 300 {
            unavailable(&got);
            return false;
        }
        assert!((self.is_true)(&got), "a success that is none: {got}");
        true
    }
}

/// One of each kind of request of tracker's and admin's. Of those that only read, nobody writes meanwhile; those that end
/// a device have one of their own.
fn samples() -> Vec<(&'static str, Sample)> {
    let reader = Person::new();
    let lot = reader.buy(1000);
    let session = text(&reader.log(&lot, 10), "id");
    let (writer, admin) = (Person::new(), Admin::new());
    let get = |path: &str| Sample::read(reader.call("GET", path));
    let admins = |path: &str| Sample::read(admin.call("GET", path));
    vec![
        ("me", get("/api/v1/me")),
        ("stash", get("/api/v1/stash")),
        ("lot", get(&format!("/api/v1/stash/{lot}"))),
        ("sessions", get("/api/v1/sessions")),
        ("session", get(&format!("/api/v1/sessions/{session}"))),
        ("strains", get("/api/v1/strains?q=blue")),
        ("dashboard", get("/api/v1/dashboard")),
        ("devices", get("/api/v1/auth/devices")),
        ("buy", buy(writer.clone())),
        ("log", log(writer.clone())),
        ("delete", delete(writer.clone())),
        ("edit me", edit_me(writer.clone())),
        ("log in", log_in(writer.clone())),
        ("refresh", refresh(writer.log_in())),
        ("log out", log_out(writer.log_in())),
        ("sign out others", sign_out_others()),
        ("audit", admins(&format!("/api/v1/audit?entity=person:{}", reader.id))),
        ("suspend", suspend()),
    ]
}

fn buy(person: Person) -> Sample {
    let call = person.call("POST", "/api/v1/stash").key(&names::key()).json(&new_lot(500));
    Sample::new(call, move |got| person.balance(&text(&got.data(), "id")) == 500)
}

fn log(person: Person) -> Sample {
    let lot = person.buy(100);
    let call = person.call("POST", "/api/v1/sessions").key(&names::key()).json(&new_session(&lot, 30));
    Sample::new(call, move |_| person.ledger(&lot) == [("purchase".into(), 100), ("session".into(), -30)])
}

fn delete(person: Person) -> Sample {
    let lot = person.buy(100);
    let path = format!("/api/v1/sessions/{}", text(&person.log(&lot, 30), "id"));
    let call = person.call("DELETE", &path).key(&names::key());
    Sample::new(call, move |_| person.balance(&lot) == 100 && person.get(&path).status == 404)
}

fn edit_me(person: Person) -> Sample {
    let call =
        person.call("PATCH", "/api/v1/me").key(&names::key()).json(&json!({ "display_name": "Grace" }));
    Sample::new(call, move |_| person.get("/api/v1/me").is(200).data()["display_name"] == "Grace")
}

/// Whether both tokens of an answer open what they should.
fn signed_in(person: &Person, got: &Reply) -> bool {
    let data = got.data();
    let (access, refresh) = (text(&data, "access_token"), text(&data, "refresh_token"));
    let holder = Person { access, refresh, ..person.clone() };
    holder.counts() && holder.try_refresh().status == 200
}

fn log_in(person: Person) -> Sample {
    let body = json!({ "email": person.email, "password": PASSWORD, "delivery": "token" });
    let call = person.anonymous().call("POST", "/api/v1/auth/login").key(&names::key()).json(&body);
    Sample::new(call, move |got| signed_in(&person, got))
}

fn refresh(person: Person) -> Sample {
    let body = json!({ "refresh_token": person.refresh });
    let call = person.anonymous().call("POST", "/api/v1/auth/refresh").json(&body);
    Sample::new(call, move |got| signed_in(&person, got))
}

fn log_out(person: Person) -> Sample {
    let call = person.call("POST", "/api/v1/auth/logout");
    Sample::new(call, move |_| !person.counts() && person.try_refresh().status == 401)
}

fn sign_out_others() -> Sample {
    let person = Person::new();
    let other = person.log_in();
    let call = person.call("DELETE", "/api/v1/auth/devices").key(&names::key());
    Sample::new(call, move |_| !other.counts() && person.counts())
}

fn suspend() -> Sample {
    let person = Person::new();
    let path = format!("/api/v1/users/{}/suspend", person.id);
    let call = Admin::new().call("POST", &path).key(&names::key()).json(&json!({ "reason": "a test" }));
    Sample::new(call, move |_| !person.counts() && person.try_refresh().status == 401)
}

/// Sends every sample under a plan; which of them succeeded.
#[track_caller]
fn all_under(plan: &Plan) -> Vec<&'static str> {
    let samples = samples();
    let fine = e2e::wait::each(&samples, |(name, sample)| sample.under(plan).then_some(*name));
    fine.into_iter().flatten().collect()
}

/// What was written, without whose it is (ids, addresses, hashes of passwords): the same for two people who did the same.
fn shape(written: &Value) -> Value {
    let text = written.to_string();
    // What is encrypted begins with a control character, and is never the same twice.
    let own = |part: &str| is_id(part) || part.contains('@') || part.starts_with(['$', '\\']);
    let parts: Vec<&str> = text.split('"').map(|part| if own(part) { "own" } else { part }).collect();
    without_times(&parts.join("\"")).into()
}

/// Milliseconds since 1970, and the half minutes since then that one-time codes count, have as many digits as nothing else
/// here.
fn without_times(text: &str) -> String {
    let numbers: Vec<&str> =
        text.split(|c: char| !c.is_ascii_digit()).filter(|it| matches!(it.len(), 8 | 13)).collect();
    numbers.into_iter().fold(text.to_owned(), |text, number| text.replace(number, "time"))
}

fn is_id(part: &str) -> bool {
    // Names that no other test has end so, too.
    let last = part.trim_end_matches('\\').rsplit(' ').next().unwrap_or_default();
    matches!(last.len(), 32 | 36) && last.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[test]
fn the_samples_are_good_without_faults() {
    let samples = samples();
    assert_eq!(all_under(&Plan::new()).len(), samples.len());
}
