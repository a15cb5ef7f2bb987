//! Many at once: every port call of every request in an order that follows from a seed. Beside the race stands a naive
//! refresh that reads, decides and then writes, to show that the test would catch it.

use crate::testing::{NOW, SignedIn, World, interleave, vars};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use sesh_edge::drive::Task;
use sesh_edge::http::Door;
use sesh_edge::io::Io;
use sesh_edge::native::{Database, Seeded};
use sesh_edge::service::Service;
use sesh_edge::sql;
use sesh_types::contract::{admin, auth};
use sesh_types::time::SECOND_MS;
use std::collections::BTreeSet;
use std::sync::Arc;

const EMAIL: &str = "ada@example.com";

fn io(seed: u64) -> Io {
    Io::new(NOW.plus_ms(SECOND_MS), Arc::new(Seeded::new(seed)))
}

fn request(path: &str, body: &Value, behalf: Option<&SignedIn>) -> Request<Bytes> {
    let mut request = Request::builder().method("POST").uri(path);
    if let Some(person) = behalf {
        request = request.header(auth::ON_BEHALF, person.subject.to_string());
    }
    request.body(body.to_string().into()).unwrap()
}

/// Status and refresh token of an answer.
type Outcome = (u16, Option<String>);

fn outcome(response: &Response<Bytes>) -> Outcome {
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    (response.status().as_u16(), body["data"]["refresh_token"].as_str().map(str::to_owned))
}

fn task(service: &Service, request: Request<Bytes>, seed: u64) -> Task<Outcome> {
    let io = io(seed);
    let answer = service.handle(Door::Internal, request, false, io.clone());
    Task::new(io, Box::pin(async move { outcome(&answer.await) }))
}

fn refreshes(service: &Service, token: &str, count: u64) -> Vec<Task<Outcome>> {
    let body = json!({ "refresh_token": token });
    (0..count).map(|seed| task(service, request(auth::REFRESH, &body, None), seed)).collect()
}

/// The successors that were handed out: one, or the race was lost.
fn successors(outcomes: &[Outcome]) -> BTreeSet<&str> {
    outcomes.iter().filter_map(|(_, token)| token.as_deref()).collect()
}

#[test]
fn two_hundred_at_once_leave_one_live_successor() {
    let world = World::new();
    let mut token = world.register(EMAIL).refresh;
    let service = crate::service(&vars());
    for seed in 0..10 {
        let tasks = refreshes(&service, &token, 200);
        let outcomes = world.fleet.database("observer", |database| interleave(database, tasks, seed));
        assert!(outcomes.iter().all(|(status, _)| *status == 200), "all of them were just now");
        let found = successors(&outcomes);
        assert_eq!(found.len(), 1);
        token = found.into_iter().next().unwrap().to_owned();
    }
    assert_eq!(world.number("SELECT generation FROM devices"), 10);
    assert_eq!(world.refresh(&token).status, 200, "it is live");
}

/// What must not be done: read, decide, write.
fn naive(id: String, token: String, seed: u64) -> Task<Outcome> {
    let io = io(seed);
    let ports = io.clone();
    Task::new(
        io,
        Box::pin(async move {
            let rows = ports.db(sql!("SELECT nonce FROM devices WHERE id = ?1", &id)).await.unwrap();
            let current: Value = rows.one(0).unwrap();
            if current["nonce"] != json!(token) {
                return (401, None);
            }
            let next = ports.new_id::<uuid::Uuid>().to_string();
            ports.db(sql!("UPDATE devices SET nonce = ?2 WHERE id = ?1", &id, &next)).await.unwrap();
            (200, Some(next))
        }),
    )
}

#[test]
fn the_same_race_catches_a_naive_refresh() {
    let world = World::new();
    world.register(EMAIL);
    let id = world.column("SELECT id FROM devices").remove(0);
    for seed in 0..10 {
        let nonce = world.column("SELECT nonce FROM devices").remove(0);
        let tasks = (0..200).map(|n| naive(id.clone(), nonce.clone(), seed * 1000 + n)).collect();
        let outcomes = world.fleet.database("observer", |database| interleave(database, tasks, seed));
        assert!(successors(&outcomes).len() > 1, "seed {seed}");
    }
}

fn is_revoked(database: &Database) -> bool {
    let sql = "SELECT COUNT(*) = 1 FROM devices WHERE revoked_at IS NOT NULL";
    database.connection().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Refreshes race with a request that ends the device; afterwards nothing of it is alive.
fn ends(status: u16, ending: impl Fn(&SignedIn) -> Request<Bytes>) {
    for seed in 0..30 {
        let world = World::new();
        let ada = world.seeded(EMAIL);
        let service = crate::service(&vars());
        let mut tasks = refreshes(&service, &ada.refresh, 20);
        tasks.insert(7, task(&service, ending(&ada), 500));
        let outcomes = world.fleet.database("observer", |database| {
            let outcomes = interleave(database, tasks, seed);
            assert!(is_revoked(database));
            outcomes
        });
        assert_eq!(outcomes[7].0, status);
        assert!(outcomes.iter().all(|(status, _)| matches!(status, 200 | 204 | 401)));
        for token in successors(&outcomes) {
            assert_eq!(world.refresh(token).status, 401, "seed {seed}");
        }
        assert!(!world.counts(&ada));
    }
}

#[test]
fn nothing_is_alive_after_a_logout_that_raced_with_refreshes() {
    ends(204, |ada| request(auth::LOGOUT, &json!({}), Some(ada)));
}

#[test]
fn nothing_is_alive_after_a_suspension_that_raced_with_refreshes() {
    ends(200, |ada| {
        let path = format!("{}/{}/suspend", admin::PEOPLE, ada.subject.person);
        let mut request = request(&path, &json!({ "reason": "spam" }), None);
        request.headers_mut().insert(admin::ACTOR, "key:ops".parse().unwrap());
        request
    });
}
