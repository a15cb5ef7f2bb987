//! One code, many requests: every port call of every request in an order that follows from a seed. Beside it stands what
//! must not be done, to show that the race would catch it.

use super::tests::{challenge, protected};
use crate::testing::{NOW, World, interleave, race, request};
use serde_json::{Value, json};
use sesh_edge::drive::Task;
use sesh_edge::io::Io;
use sesh_edge::native::Seeded;
use sesh_edge::sql;
use sesh_types::contract::{admin, factors};
use std::sync::Arc;

fn sign_ins(body: &Value, count: usize) -> Vec<http::Request<bytes::Bytes>> {
    (0..count).map(|_| request(factors::LOGIN_FACTOR, body, None)).collect()
}

#[test]
fn of_many_who_bring_one_code_one_is_signed_in() {
    for seed in 0..20 {
        let world = World::new();
        let (_, generator, codes) = protected(&world);
        let challenge = challenge(&world);
        for body in [
            json!({ "challenge": challenge, "code": generator.now(&world) }),
            json!({ "challenge": challenge, "recovery_code": codes[0] }),
        ] {
            let devices = world.number("SELECT COUNT(*) FROM devices");
            let outcomes = race(&world, sign_ins(&body, 8), seed);
            let won = outcomes.iter().filter(|(status, _)| *status == 200).count();
            assert_eq!(won, 1, "seed {seed}: {body}");
            assert_eq!(world.number("SELECT COUNT(*) FROM devices"), devices + 1, "seed {seed}");
        }
    }
}

#[test]
fn nobody_is_signed_in_after_a_suspension_that_raced_with_their_code() {
    for seed in 0..20 {
        let world = World::new();
        let (ada, generator, _) = protected(&world);
        let body = json!({ "challenge": challenge(&world), "code": generator.now(&world) });
        let mut requests = sign_ins(&body, 4);
        let path = format!("{}/{}/suspend", admin::PEOPLE, ada.subject.person);
        let mut suspend = request(&path, &json!({ "reason": "spam" }), None);
        suspend.headers_mut().insert(admin::ACTOR, "key:ops".parse().unwrap());
        requests.insert(2, suspend);
        let outcomes = race(&world, requests, seed);
        assert_eq!(outcomes[2].0, 200);
        assert_eq!(world.number("SELECT COUNT(*) FROM devices WHERE revoked_at IS NULL"), 0, "seed {seed}");
        for (_, answer) in outcomes {
            if let Some(token) = answer["data"]["refresh_token"].as_str() {
                assert_eq!(world.refresh(token).status, 401, "seed {seed}");
            }
        }
    }
}

/// What must not be done: look whether the step was used, then use it.
fn naive(step: i64, seed: u64) -> Task<bool> {
    let io = Io::new(NOW, Arc::new(Seeded::new(seed)));
    let ports = io.clone();
    let work = async move {
        let rows = ports.db(sql!("SELECT last_step FROM totp")).await.unwrap();
        let last: Value = rows.one(0).unwrap();
        if last["last_step"].as_i64().unwrap() >= step {
            return false;
        }
        ports.db(sql!("UPDATE totp SET last_step = ?1", step)).await.unwrap();
        true
    };
    Task::new(io, Box::pin(work))
}

#[test]
fn the_same_race_catches_a_naive_check() {
    for seed in 0..5 {
        let world = World::new();
        protected(&world);
        let step = super::totp::step(world.fleet.now());
        let tasks = (0..8).map(|number| naive(step, number)).collect();
        let outcomes = world.fleet.database("observer", |database| interleave(database, tasks, seed));
        assert!(outcomes.iter().filter(|won| **won).count() > 1, "seed {seed}");
    }
}
