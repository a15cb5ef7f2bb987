//! Many at once: a code is exchanged once, whatever comes between; and everything ends that came of a copied one. Beside
//! the race stands a naive exchange that reads, decides and then writes, to show that the test would catch it.

use super::testing::{Browser, Program, public, redemption};
use crate::testing::{NOW, World, interleave, vars};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use sesh_edge::drive::Task;
use sesh_edge::http::{Door, spelled};
use sesh_edge::io::Io;
use sesh_edge::native::{Call, Database, Seeded};
use sesh_edge::service::Service;
use sesh_edge::sql;
use sesh_types::time::SECOND_MS;
use std::sync::Arc;

/// Status and access token of an answer.
type Outcome = (u16, Option<String>);

fn io(seed: u64) -> Io {
    Io::new(NOW.plus_ms(SECOND_MS), Arc::new(Seeded::new(seed)))
}

fn post(service: &Service, path: &str, fields: &[(&str, &str)], seed: u64) -> Task<Outcome> {
    let io = io(seed);
    let request = Request::builder().method("POST").uri(path);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let body: Bytes = spelled(fields).into();
    let answer = service.handle(Door::Public, request.body(body).unwrap(), false, io.clone());
    Task::new(
        io,
        Box::pin(async move {
            let response = answer.await;
            let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
            (response.status().as_u16(), body["access_token"].as_str().map(str::to_owned))
        }),
    )
}

fn exchanges(service: &Service, program: &Program, code: &str, seed: u64) -> Vec<Task<Outcome>> {
    let mut fields = redemption(code).to_vec();
    fields.push(("client_id", &program.id));
    (0..100).map(|number| post(service, "/oauth/token", &fields, seed * 1_000 + number)).collect()
}

fn grants(database: &Database) -> i64 {
    database.connection().query_row("SELECT COUNT(*) FROM oauth_grants", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_hundred_at_once_exchange_a_code_once_and_what_came_of_it_ends() {
    for seed in 0..10 {
        let world = World::new();
        let (program, mut browser) = (public(&world), Browser::of(&world, "ada@example.com"));
        let code = browser.code(&world, &program.request(&[]));
        let service = crate::service(&vars());
        let tasks = exchanges(&service, &program, &code, seed);
        let (outcomes, made) = world.fleet.database("observer", |database| {
            let outcomes = interleave(database, tasks, seed);
            (outcomes, grants(database))
        });
        let won: Vec<&str> = outcomes.iter().filter_map(|(_, token)| token.as_deref()).collect();
        assert_eq!((won.len(), made), (1, 1), "seed {seed}");
        assert!(outcomes.iter().all(|(status, _)| matches!(status, 200 | 400)), "seed {seed}");
        let got = world.fleet.call("observer", Call::new("GET", "/oauth/userinfo").bearer(won[0]));
        assert_eq!(got.status, 401, "seed {seed}: somebody has a copy of the code");
    }
}

/// What must not be done: read, decide, write.
fn naive(id: String, seed: u64) -> Task<Outcome> {
    let io = io(seed);
    let ports = io.clone();
    Task::new(
        io,
        Box::pin(async move {
            let rows = ports.db(sql!("SELECT used_at FROM oauth_codes WHERE id = ?1", &id)).await.unwrap();
            if rows.one::<Value>(0).unwrap()["used_at"] != json!(null) {
                return (400, None);
            }
            let used = sql!("UPDATE oauth_codes SET used_at = 1 WHERE id = ?1 AND used_at IS NULL", &id);
            ports.db(used).await.unwrap();
            (200, Some(id))
        }),
    )
}

#[test]
fn the_same_race_catches_a_naive_exchange() {
    let world = World::new();
    let (program, mut browser) = (public(&world), Browser::of(&world, "ada@example.com"));
    for seed in 0..10 {
        browser.code(&world, &program.request(&[]));
        let id = world.column("SELECT id FROM oauth_codes WHERE used_at IS NULL").remove(0);
        let tasks = (0..100).map(|number| naive(id.clone(), seed * 1_000 + number)).collect();
        let outcomes = world.fleet.database("observer", |database| interleave(database, tasks, seed));
        assert!(outcomes.iter().filter(|(_, token)| token.is_some()).count() > 1, "seed {seed}");
    }
}

#[test]
fn nothing_is_alive_after_a_revocation_that_raced_with_refreshes() {
    for seed in 0..20 {
        let world = World::new();
        let (program, mut browser) = (public(&world), Browser::of(&world, "ada@example.com"));
        let tokens = program.tokens(&world, &mut browser);
        let service = crate::service(&vars());
        let id = program.id.as_str();
        let refresh =
            [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh.as_str()), ("client_id", id)];
        let mut tasks: Vec<_> =
            (0..20).map(|number| post(&service, "/oauth/token", &refresh, seed * 100 + number)).collect();
        let end = [("token", tokens.access.as_str()), ("client_id", id)];
        tasks.insert(7, post(&service, "/oauth/revoke", &end, seed * 100 + 50));
        let outcomes = world.fleet.database("observer", |database| interleave(database, tasks, seed));
        assert_eq!(outcomes[7].0, 200);
        for token in outcomes.iter().filter_map(|(_, token)| token.as_deref()).chain([tokens.access.as_str()])
        {
            let got = world.fleet.call("observer", Call::new("GET", "/oauth/userinfo").bearer(token));
            assert_eq!(got.status, 401, "seed {seed}");
        }
    }
}
