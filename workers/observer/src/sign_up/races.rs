//! Many who bring a token at once. Beside the race stands what must not be done, to show that it would be caught.

use crate::testing::{NOW, PASSWORD, World, interleave, race, request};
use serde_json::{Value, json};
use sesh_edge::drive::Task;
use sesh_edge::io::{Batch, Io};
use sesh_edge::native::Seeded;
use sesh_edge::sql;
use sesh_types::contract::{recovery, sign_up};
use std::sync::Arc;

const EMAIL: &str = "ada@example.com";

fn begun(world: &World) -> String {
    let body = json!({ "email": EMAIL, "display_name": "Ada", "birth_date": "1990-01-01" });
    assert_eq!(world.post(sign_up::BEGIN, &body).status, 202);
    world.mail_token()
}

#[test]
fn of_many_who_bring_one_token_or_two_of_one_address_one_signs_up() {
    for seed in 0..8 {
        let world = World::new();
        let tokens = [begun(&world), begun(&world)];
        let requests = (0..8)
            .map(|number| {
                let body = json!({ "token": tokens[number % 2], "password": PASSWORD });
                request(sign_up::CONFIRM, &body, None)
            })
            .collect();
        let outcomes = race(&world, requests, seed);
        let statuses: Vec<u16> = outcomes.iter().map(|(status, _)| *status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "seed {seed}: {outcomes:?}");
        assert!(statuses.iter().all(|status| matches!(status, 201 | 422)), "seed {seed}: {statuses:?}");
        assert_eq!(world.number("SELECT COUNT(*) FROM people"), 1, "seed {seed}");
        assert_eq!(world.number("SELECT COUNT(*) FROM devices"), 1, "seed {seed}");
        let told = "SELECT COUNT(*) FROM audit WHERE action = 'person.registered'";
        assert_eq!(world.number(told), 1, "seed {seed}");
    }
}

#[test]
fn one_request_that_comes_eight_times_at_once_succeeds_eight_times() {
    for seed in 0..6 {
        let world = World::new();
        let body = json!({ "token": begun(&world), "password": PASSWORD });
        let requests = (0..8)
            .map(|_| {
                let mut request = request(sign_up::CONFIRM, &body, None);
                request.headers_mut().insert("idempotency-key", "k".parse().unwrap());
                request
            })
            .collect();
        let outcomes = race(&world, requests, seed);
        assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "seed {seed}: {outcomes:?}");
        assert_eq!(outcomes[0].0, 201, "seed {seed}");
        assert_eq!(world.number("SELECT COUNT(*) FROM people"), 1, "seed {seed}");
    }
}

#[test]
fn of_many_who_begin_or_ask_for_one_address_at_once_five_are_mailed() {
    for seed in 0..8 {
        let world = World::new();
        let body = json!({ "email": EMAIL, "display_name": "Ada", "birth_date": "1990-01-01" });
        let requests = (0..20).map(|_| request(sign_up::BEGIN, &body, None)).collect();
        assert!(race(&world, requests, seed).iter().all(|(status, _)| *status == 202), "seed {seed}");
        assert_eq!(world.number("SELECT COUNT(*) FROM sign_ups"), 5, "seed {seed}");
        world.seeded(EMAIL);
        let asked = json!({ "email": EMAIL });
        let requests = (0..20).map(|_| request(recovery::RECOVER, &asked, None)).collect();
        race(&world, requests, seed);
        let proofs = "SELECT COUNT(*) FROM proofs WHERE purpose = 'reset_password'";
        assert_eq!(world.number(proofs), 5, "seed {seed}: a burst keeps nobody from getting back in");
    }
}

/// What must not be done: look whether the sign-up waits, then make somebody of it.
fn naive(number: u64) -> Task<u16> {
    let io = Io::new(NOW, Arc::new(Seeded::new(number)));
    let ports = io.clone();
    let work = async move {
        let rows = ports.db(sql!("SELECT 1 AS found FROM sign_ups")).await.unwrap();
        if rows.first::<Value>(0).unwrap().is_none() {
            return 422;
        }
        let made = sql!(
            "INSERT INTO throttle (bucket, tries, window_ends_at) VALUES (?1, 1, 0)",
            number.to_string()
        );
        ports.db(Batch::from(sql!("DELETE FROM sign_ups")).and(made)).await.unwrap();
        201
    };
    Task::new(io, Box::pin(work))
}

#[test]
fn the_same_race_catches_a_naive_confirmation() {
    for seed in 0..5 {
        let world = World::new();
        begun(&world);
        let tasks = (0..8).map(naive).collect();
        let outcomes = world.fleet.database("observer", |database| interleave(database, tasks, seed));
        assert!(outcomes.iter().filter(|status| **status == 201).count() > 1, "seed {seed}");
    }
}
