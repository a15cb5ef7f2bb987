//! Many at once: every port call of every request in an order that follows from a seed. Beside each race stands what must
//! not be done, to show that the race would catch it.

use crate::testing::{NOW, PASSWORD, SignedIn, World, interleave, race, request};
use serde_json::{Value, json};
use sesh_edge::drive::Task;
use sesh_edge::io::{Batch, Io};
use sesh_edge::native::Seeded;
use sesh_edge::sql;
use sesh_types::contract::{auth, recovery};
use std::sync::Arc;

const EMAIL: &str = "ada@example.com";
const NEW: &str = "snowplough 17 geese";

/// Refresh tokens that were handed out, those of `device` left out.
fn handed_out(outcomes: &[(u16, Value)]) -> Vec<String> {
    outcomes
        .iter()
        .filter_map(|(_, body)| body["data"]["refresh_token"].as_str().map(str::to_owned))
        .collect()
}

fn login() -> Value {
    json!({ "email": EMAIL, "password": PASSWORD })
}

/// Refreshes of another device and sign-ins with the old password race with something that sets a new one; afterwards
/// no token of theirs is alive.
fn nothing_survives(ending: impl Fn(&World, &SignedIn) -> http::Request<bytes::Bytes>) {
    for seed in 0..12 {
        let world = World::new();
        let (kept, other) = (world.register(EMAIL), world.login(EMAIL));
        let ending = ending(&world, &kept);
        let refresh = json!({ "refresh_token": other.refresh });
        let mut requests: Vec<_> = (0..10).map(|_| request(auth::REFRESH, &refresh, None)).collect();
        requests.extend((0..3).map(|_| request(auth::LOGIN, &login(), None)));
        requests.insert(5, ending);
        let outcomes = race(&world, requests, seed);
        assert_eq!(outcomes[5].0, 204, "seed {seed}: {:?}", outcomes[5]);
        for token in handed_out(&outcomes) {
            assert_eq!(world.refresh(&token).status, 401, "seed {seed}: a token of before is alive");
        }
        assert!(!world.counts(&other), "seed {seed}");
        let devices = format!(
            "SELECT COUNT(*) FROM devices WHERE revoked_at IS NULL AND id <> '{}'",
            kept.subject.device
        );
        assert_eq!(world.number(&devices), 0, "seed {seed}: a device of before is signed in");
        let right = json!({ "email": EMAIL, "password": NEW });
        assert_eq!(world.post(auth::LOGIN, &right).status, 200, "seed {seed}");
    }
}

#[test]
fn no_token_of_another_device_is_alive_after_a_change_that_raced_with_refreshes() {
    nothing_survives(|_, kept| {
        request(recovery::PASSWORD, &json!({ "current_password": PASSWORD, "new_password": NEW }), Some(kept))
    });
}

#[test]
fn no_token_is_alive_after_a_reset_that_raced_with_refreshes() {
    nothing_survives(|world, _| {
        world.post(recovery::RECOVER, &json!({ "email": EMAIL }));
        request(recovery::COMPLETE, &json!({ "token": world.mail_token(), "new_password": NEW }), None)
    });
}

/// What must not be done: look which devices there are, end those, and then set the password.
fn naive_change(kept: String, seed: u64) -> Task<u16> {
    let io = Io::new(NOW, Arc::new(Seeded::new(seed)));
    let ports = io.clone();
    let work = async move {
        let rows = ports.db(sql!("SELECT id FROM devices WHERE id <> ?1", &kept)).await.unwrap();
        for row in rows.all::<Value>(0).unwrap() {
            let id = row["id"].as_str().unwrap().to_owned();
            ports.db(sql!("UPDATE devices SET revoked_at = 1 WHERE id = ?1", id)).await.unwrap();
        }
        ports.db(sql!("UPDATE people SET password_phc = password_phc || ''")).await.unwrap();
        204
    };
    Task::new(io, Box::pin(work))
}

#[test]
fn the_same_race_catches_a_naive_change() {
    let mut caught = 0;
    for seed in 0..12 {
        let world = World::new();
        let kept = world.register(EMAIL);
        let service = crate::service(&crate::testing::vars());
        let mut tasks: Vec<Task<u16>> = (0..3)
            .map(|number| {
                let io = Io::new(NOW, Arc::new(Seeded::new(seed * 100 + number)));
                let door = sesh_edge::http::Door::Internal;
                let answer = service.handle(door, request(auth::LOGIN, &login(), None), false, io.clone());
                Task::new(io, Box::pin(async move { answer.await.status().as_u16() }))
            })
            .collect();
        tasks.insert(1, naive_change(kept.subject.device.to_string(), seed));
        world.fleet.database("observer", |database| interleave(database, tasks, seed));
        let devices = format!(
            "SELECT COUNT(*) FROM devices WHERE revoked_at IS NULL AND id <> '{}'",
            kept.subject.device
        );
        caught += i32::from(world.number(&devices) > 0);
    }
    assert!(caught > 0, "a sign-in that came in between was never seen to survive");
}

#[test]
fn of_many_who_bring_one_token_one_sets_the_password() {
    for seed in 0..12 {
        let world = World::new();
        world.register(EMAIL);
        world.post(recovery::RECOVER, &json!({ "email": EMAIL }));
        let token = world.mail_token();
        let password = |number: usize| format!("{number} geese and a snowplough");
        let requests = (0..8)
            .map(|number| {
                request(
                    recovery::COMPLETE,
                    &json!({ "token": token, "new_password": password(number) }),
                    None,
                )
            })
            .collect();
        let outcomes = race(&world, requests, seed);
        let winners: Vec<usize> = outcomes
            .iter()
            .enumerate()
            .filter(|(_, (status, _))| *status == 204)
            .map(|(place, _)| place)
            .collect();
        assert_eq!(winners.len(), 1, "seed {seed}: {outcomes:?}");
        assert!(outcomes.iter().all(|(status, _)| matches!(status, 204 | 422)), "seed {seed}");
        let right = json!({ "email": EMAIL, "password": password(winners[0]) });
        assert_eq!(world.post(auth::LOGIN, &right).status, 200, "seed {seed}: the winner's is the password");
        assert_eq!(world.number("SELECT epoch FROM people"), 1, "seed {seed}");
    }
}

#[test]
fn one_request_that_comes_eight_times_at_once_succeeds_eight_times() {
    for seed in 0..6 {
        let world = World::new();
        let ada = world.register(EMAIL);
        world.post(recovery::RECOVER, &json!({ "email": EMAIL }));
        let keyed = |path: &str, body: Value, behalf: Option<&SignedIn>| {
            let mut request = request(path, &body, behalf);
            request.headers_mut().insert("idempotency-key", "k".parse().unwrap());
            request
        };
        let change = json!({ "current_password": PASSWORD, "new_password": NEW });
        let requests = (0..8).map(|_| keyed(recovery::PASSWORD, change.clone(), Some(&ada))).collect();
        let statuses: Vec<u16> = race(&world, requests, seed).into_iter().map(|(status, _)| status).collect();
        assert_eq!(statuses, [204; 8], "seed {seed}");
        world.post(recovery::RECOVER, &json!({ "email": EMAIL }));
        let reset = json!({ "token": world.mail_token(), "new_password": PASSWORD });
        let requests = (0..8).map(|_| keyed(recovery::COMPLETE, reset.clone(), None)).collect();
        let statuses: Vec<u16> = race(&world, requests, seed).into_iter().map(|(status, _)| status).collect();
        assert_eq!(statuses, [204; 8], "seed {seed}");
        assert_eq!(world.number("SELECT epoch FROM people"), 1, "seed {seed}");
        let acts = "SELECT COUNT(*) FROM audit WHERE action IN ('password.changed', 'password.reset')";
        assert_eq!(world.number(acts), 2, "seed {seed}");
    }
}

/// What must not be done: look whether the proof counts, then use it.
fn naive_completion(id: String, number: u64) -> Task<u16> {
    let io = Io::new(NOW, Arc::new(Seeded::new(number)));
    let ports = io.clone();
    let work = async move {
        let rows = ports
            .db(sql!("SELECT 1 AS found FROM proofs WHERE id = ?1 AND used_at IS NULL", &id))
            .await
            .unwrap();
        if rows.first::<Value>(0).unwrap().is_none() {
            return 422;
        }
        let spend = sql!("UPDATE proofs SET used_at = 1 WHERE id = ?1 AND used_at IS NULL", &id);
        ports.db(Batch::from(spend).and(sql!("UPDATE people SET epoch = epoch + 1"))).await.unwrap();
        204
    };
    Task::new(io, Box::pin(work))
}

#[test]
fn the_same_race_catches_a_naive_completion() {
    for seed in 0..5 {
        let world = World::new();
        world.register(EMAIL);
        world.post(recovery::RECOVER, &json!({ "email": EMAIL }));
        let id = world.column("SELECT id FROM proofs WHERE purpose = 'reset_password'").remove(0);
        let tasks = (0..8).map(|number| naive_completion(id.clone(), number)).collect();
        let outcomes = world.fleet.database("observer", |database| interleave(database, tasks, seed));
        assert!(outcomes.iter().filter(|status| **status == 204).count() > 1, "seed {seed}");
    }
}
