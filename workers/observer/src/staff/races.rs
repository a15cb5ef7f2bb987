//! Many at once, every port call of each in an order that follows from a seed, as in [`crate::refresh`].

use super::tests::{Member, STEP_MS, refresh};
use crate::testing::{World, race, request};
use serde_json::json;
use sesh_types::contract::admin;
use sesh_types::contract::staff as contract;
use std::collections::BTreeSet;

#[test]
fn two_hundred_refreshes_at_once_leave_one_live_successor() {
    let world = World::new();
    let mut token = Member::new(&world, "grace@example.com", "support").refresh;
    for seed in 0..5 {
        let body = json!({ "refresh_token": token });
        let requests = (0..200).map(|_| request(contract::REFRESH, &body, None)).collect();
        let answers = race(&world, requests, seed);
        assert!(answers.iter().all(|(status, _)| *status == 200), "all of them were just now");
        let found: BTreeSet<&str> =
            answers.iter().filter_map(|(_, body)| body["data"]["refresh_token"].as_str()).collect();
        assert_eq!(found.len(), 1, "seed {seed}");
        token = found.into_iter().next().unwrap().to_owned();
    }
    assert_eq!(refresh(&world, &token).status, 200);
}

#[test]
fn of_many_who_bring_one_code_one_signs_in() {
    for seed in 0..10 {
        let world = World::new();
        let grace = Member::new(&world, "grace@example.com", "support");
        let got = world
            .post(contract::LOGIN, &json!({ "email": grace.email, "password": crate::testing::PASSWORD }));
        let body =
            json!({ "challenge": got.json()["data"]["challenge"], "code": grace.generator.now(&world) });
        let requests = (0..10).map(|_| request(contract::LOGIN_FACTOR, &body, None)).collect();
        let answers = race(&world, requests, seed);
        let won = answers.iter().filter(|(status, _)| *status == 200).count();
        assert_eq!(won, 1, "seed {seed}: {:?}", answers.iter().map(|(status, _)| status).collect::<Vec<_>>());
        assert_eq!(world.number("SELECT COUNT(*) FROM staff_devices"), 2);
    }
}

#[test]
fn nothing_is_alive_after_a_disabling_that_raced_with_refreshes_sign_ins_and_acting_as_somebody() {
    for seed in 0..20 {
        let world = World::new();
        let grace = Member::new(&world, "grace@example.com", "support");
        let ada = world.seeded("ada@example.com");
        let got = world
            .post(contract::LOGIN, &json!({ "email": grace.email, "password": crate::testing::PASSWORD }));
        let bring =
            json!({ "challenge": got.json()["data"]["challenge"], "code": grace.generator.now(&world) });
        let act = |path: &str, body| {
            let mut request = request(path, &body, None);
            let actor =
                if path.ends_with("/disable") { "key:ops".to_owned() } else { grace.subject.to_string() };
            request.headers_mut().insert(admin::ACTOR, actor.parse().unwrap());
            request
        };
        let impersonate = format!("{}/{}/impersonation", admin::PEOPLE, ada.subject.person);
        let disable = format!("{}/{}/disable", contract::STAFF, grace.id);
        let mut requests: Vec<_> = (0..10)
            .map(|_| request(contract::REFRESH, &json!({ "refresh_token": grace.refresh }), None))
            .collect();
        requests.push(request(contract::LOGIN_FACTOR, &bring, None));
        requests.push(act(&impersonate, json!({ "reason": "the sum is off" })));
        requests.insert(5, act(&disable, json!({ "reason": "left us" })));
        let answers = race(&world, requests, seed);
        assert_eq!(answers[5].0, 200, "{}", answers[5].1);
        world.fleet.pass_ms(STEP_MS);
        assert!(!grace.counts(&world));
        for (_, body) in &answers {
            if let Some(token) = body["data"]["refresh_token"].as_str() {
                assert_eq!(refresh(&world, token).status, 401, "seed {seed}");
            }
        }
        assert_eq!(
            world.number("SELECT COUNT(*) FROM staff_devices WHERE revoked_at IS NULL"),
            0,
            "seed {seed}"
        );
        let open = "SELECT COUNT(*) FROM impersonations WHERE ended_at IS NULL";
        assert_eq!(world.number(open), 0, "seed {seed}");
    }
}
