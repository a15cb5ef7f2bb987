//! Many at once on the last calls of a quota and of a minute; beside them a naive count that reads, decides and then
//! writes, to show that the test would catch it.

use super::Owner;
use crate::testing::{NOW, SignedIn, World, interleave, race, request};
use serde_json::{Value, json};
use sesh_edge::drive::Task;
use sesh_edge::io::Io;
use sesh_edge::native::Seeded;
use sesh_edge::sql;
use sesh_types::contract::keys::USE;
use sesh_types::ids::{KeyId, TenantId};
use std::sync::Arc;
use uuid::Uuid;

const AT_ONCE: usize = 200;

/// A key of somebody's in a tenant, whose quota and limit stand so.
fn key(world: &World, calls_a_day: i64, calls_a_minute: i64) -> String {
    let tenant = world.tenant("acre");
    let owner: SignedIn = world.member(tenant, 1, "owner");
    let id = KeyId(Uuid::from_u128(7));
    let Owner { tenant, person } = Owner { tenant, person: Some(owner.subject.person) };
    let person = person.unwrap();
    world
        .execute(&format!(
            "UPDATE tenants SET max_calls_a_day = {calls_a_day} WHERE id = '{tenant}';
             INSERT INTO api_keys (id, tenant_id, person_id, key_id, name, scopes, addresses, calls_a_minute, made_by,
               created_at, expires_at)
             VALUES ('{id}', '{tenant}', '{person}', 'factor1', 'k', '[\"stash:read\"]', '[]', {calls_a_minute}, 'x', 0,
               {})",
            NOW.plus_ms(1 << 40).0
        ))
        .unwrap();
    super::text(&world.keys, id, "factor1").unwrap().0
}

/// How many of 200 at once were let in, were out of quota, and had no call left.
fn tried(world: &World, key: &str, seed: u64) -> (usize, usize, usize) {
    let asked = json!({ "key": key, "needs": ["stash:read"] });
    let answers = race(world, (0..AT_ONCE).map(|_| request(USE, &asked, None)).collect(), seed);
    let count = |is: &dyn Fn(&(u16, Value)) -> bool| answers.iter().filter(|answer| is(answer)).count();
    (
        count(&|(status, body)| *status == 200 && body["data"]["holder"].is_object()),
        count(&|(status, body)| *status == 429 && body["error"]["code"] == "quota_exceeded"),
        count(&|(status, body)| *status == 200 && body["data"]["holder"].is_null()),
    )
}

#[test]
fn two_hundred_at_once_make_the_last_call_of_the_quota_once() {
    for (seed, left) in [(1, 1), (2, 1), (3, 7), (4, 199)] {
        let world = World::new();
        let key = key(&world, 1_000, 6_000);
        let day = NOW.0 / 86_400_000;
        let tenant = world.column("SELECT tenant_id FROM api_keys").remove(0);
        world
            .execute(&format!(
                "INSERT INTO calls_of_day (tenant_id, day, calls) VALUES ('{tenant}', {day}, {})",
                1_000 - left
            ))
            .unwrap();
        let left = usize::try_from(left).unwrap();
        assert_eq!(tried(&world, &key, seed), (left, AT_ONCE - left, 0), "seed {seed}");
        assert_eq!(world.number("SELECT calls FROM calls_of_day"), 1_000);
    }
}

#[test]
fn two_hundred_at_once_make_no_more_calls_a_minute_than_there_are() {
    for seed in 0..3 {
        let world = World::new();
        let key = key(&world, 1_000, 10);
        assert_eq!(tried(&world, &key, seed), (10, 0, AT_ONCE - 10), "seed {seed}");
        assert_eq!(world.number("SELECT calls FROM calls_of_day"), 10, "what is refused uses up nothing");
    }
}

/// What must not be done: read, decide, write.
fn naive(tenant: TenantId, seed: u64) -> Task<bool> {
    let io = Io::new(NOW, Arc::new(Seeded::new(seed)));
    let ports = io.clone();
    Task::new(
        io,
        Box::pin(async move {
            let read = sql!(
                "SELECT coalesce((SELECT SUM(calls) FROM calls_of_day WHERE tenant_id = ?1), 0) < max_calls_a_day AS fits
                 FROM tenants WHERE id = ?1",
                tenant
            );
            let row: Value = ports.db(read).await.unwrap().one(0).unwrap();
            if row["fits"] != 1 {
                return false;
            }
            let write = sql!(
                "INSERT INTO calls_of_day (tenant_id, day, calls) VALUES (?1, 0, 1)
                 ON CONFLICT (tenant_id, day) DO UPDATE SET calls = calls + 1",
                tenant
            );
            ports.db(write).await.unwrap();
            true
        }),
    )
}

#[test]
fn the_same_race_catches_a_naive_count() {
    let world = World::new();
    key(&world, 5, 6_000);
    let tenant: TenantId = world.column("SELECT tenant_id FROM api_keys").remove(0).parse().unwrap();
    for seed in 0..5 {
        world.execute("DELETE FROM calls_of_day").unwrap();
        let tasks = (0..200).map(|number| naive(tenant, seed * 1_000 + number)).collect();
        let let_in = world.fleet.database("observer", |database| interleave(database, tasks, seed));
        assert!(let_in.iter().filter(|one| **one).count() > 5, "seed {seed}");
    }
}
