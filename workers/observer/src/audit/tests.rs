//! The audit log on a real database, with somebody who tampers behind the Worker's back.

use crate::testing::{NOW, World, interleave, keyring};
use serde_json::Value;
use sesh_edge::drive::Task;
use sesh_edge::io::{Io, KNOWN_SQL};
use sesh_edge::native::{Call, Seeded};
use sesh_edge::service::Job;
use sesh_types::contract::admin;
use sesh_types::time::SECOND_MS;
use std::sync::Arc;

use super::seal::{Sign, seal};

/// A log of `count` entries of somebody who signs out again and again.
pub(super) fn world_with(count: i64) -> World {
    let world = World::new();
    for seq in 1..=count {
        world
            .execute(&format!(
                "INSERT INTO audit VALUES ({seq}, '{}', {seq}, 'person:a', 'device.signed_out', 'device:{seq}', 'r', '{{}}')",
                sesh_types::ids::TenantId::CONSUMERS
            ))
            .unwrap();
    }
    world
}

pub(super) fn sealed_world(count: i64) -> World {
    let world = world_with(count);
    assert!(world.fleet.job("observer", Job::Tick));
    world
}

fn verify(world: &World, after: i64) -> Value {
    let got = world.as_admin(Call::new("GET", &format!("{}?after={after}", admin::AUDIT_VERIFY)));
    assert_eq!(got.status, 200, "{}", got.text);
    got.json()["data"].clone()
}

fn problems(world: &World) -> Vec<String> {
    serde_json::from_value(verify(world, 0)["problems"].clone()).unwrap()
}

pub(super) fn without_triggers(world: &World, tamper: &str) {
    for name in world.column("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit%'") {
        world.execute(&format!("DROP TRIGGER {name}")).unwrap();
    }
    world.execute(tamper).unwrap();
}

#[test]
fn the_database_refuses_to_edit_delete_or_skip() {
    let world = sealed_world(3);
    for (sql, word) in [
        ("UPDATE audit SET actor = 'x'", "append_only"),
        ("DELETE FROM audit", "append_only"),
        ("UPDATE audit_links SET hash = ''", "append_only"),
        ("DELETE FROM audit_links", "append_only"),
        ("UPDATE audit_checkpoints SET hash = ''", "append_only"),
        ("DELETE FROM audit_checkpoints", "append_only"),
        ("INSERT INTO audit SELECT 5, tenant_id, 1, '', '', '', '', '' FROM audit LIMIT 1", "audit_gap"),
        (
            "INSERT OR REPLACE INTO audit SELECT 3, tenant_id, 1, '', '', '', '', '' FROM audit LIMIT 1",
            "audit_gap",
        ),
        ("INSERT INTO audit_links VALUES (5, '')", "audit_gap"),
        ("INSERT OR REPLACE INTO audit_links VALUES (2, '')", "append_only"),
        ("INSERT OR REPLACE INTO audit_checkpoints VALUES (3, '', '', '', 0)", "append_only"),
        ("REPLACE INTO audit SELECT * FROM audit WHERE seq = 3", "audit_gap"),
        (
            "REPLACE INTO audit_checkpoints SELECT seq, hash, kid, 'x', signed_at FROM audit_checkpoints",
            "append_only",
        ),
        (
            "REPLACE INTO audit_checkpoints SELECT seq, hash, 'x', signature, signed_at FROM audit_checkpoints",
            "append_only",
        ),
        (
            "INSERT INTO audit_checkpoints SELECT seq, hash, kid, 'x', 1 FROM audit_checkpoints WHERE true
          ON CONFLICT (seq) DO UPDATE SET signature = 'x'",
            "append_only",
        ),
        ("UPDATE OR REPLACE audit SET seq = 2 WHERE seq = 3", "append_only"),
        ("UPDATE OR REPLACE audit_links SET seq = 2 WHERE seq = 3", "append_only"),
    ] {
        assert!(world.execute(sql).unwrap_err().contains(&format!("refused:{word}")), "{sql}");
    }
    assert_eq!(problems(&world), [""; 0]);
}

#[test]
fn entries_are_sealed_behind_the_answer_and_signed_now_and_then() {
    let world = World::new();
    let ada = world.register("ada@example.com");
    let first = verify(&world, 0);
    assert_eq!(
        (&first["sealed"], &first["checkpoints"], &first["valid"]),
        (&1.into(), &1.into(), &true.into())
    );
    world.fleet.pass_ms(SECOND_MS);
    world.suspend(&ada);
    let second = verify(&world, 0);
    assert_eq!((&second["sealed"], &second["checkpoints"]), (&2.into(), &1.into()), "signed a second ago");
    assert!(world.fleet.job("observer", Job::Tick));
    let third = verify(&world, 0);
    assert_eq!(
        (&third["checkpoints"], &third["valid"], &third["more"]),
        (&2.into(), &true.into(), &false.into())
    );
    assert_eq!(third["head"].as_str().map(str::len), Some(64));
}

#[test]
fn a_long_log_is_sealed_and_verified_in_stretches() {
    let world = sealed_world(10_700);
    let first = verify(&world, 0);
    assert_eq!(
        (&first["entries"], &first["through"], &first["more"]),
        (&10_000.into(), &10_000.into(), &true.into())
    );
    let rest = verify(&world, 10_000);
    assert_eq!((&rest["entries"], &rest["more"], &rest["valid"]), (&700.into(), &false.into(), &true.into()));
    assert_eq!(verify(&world, 10_700)["entries"], 0);
    without_triggers(&world, "UPDATE audit SET detail = '{\"x\":1}' WHERE seq = 10001");
    assert_eq!(verify(&world, 10_000)["problems"][0], "entry 10001 is not what was sealed");
    assert_eq!(world.as_admin(Call::new("GET", &format!("{}?after=-1", admin::AUDIT_VERIFY))).status, 400);
}

#[test]
fn what_is_there_already_may_come_again_and_stays() {
    let world = sealed_world(3);
    let content = || {
        world.column(
            "SELECT group_concat(seq || hash) FROM audit_links UNION ALL
             SELECT seq || hash || kid || signature || signed_at FROM audit_checkpoints",
        )
    };
    let before = content();
    for sql in [
        "REPLACE INTO audit_links SELECT seq, hash FROM audit_links",
        "INSERT INTO audit_links SELECT seq, hash FROM audit_links",
        "REPLACE INTO audit_checkpoints SELECT seq, hash, kid, signature, signed_at FROM audit_checkpoints",
        "REPLACE INTO audit_checkpoints SELECT seq, hash, kid, signature, 1 FROM audit_checkpoints",
    ] {
        world.execute(sql).unwrap();
        assert_eq!(content(), before, "{sql}");
    }
}

#[test]
fn a_checkpoint_outlives_the_key_that_signed_it() {
    let world = sealed_world(3);
    let published = keyring().audit.jwk("sign1").unwrap().x;
    let found = |audit_keys: &str| {
        let mut vars = crate::testing::vars();
        let second = vars.texts["TOKEN_SIGNING_KEYS"].split(',').nth(1).unwrap().to_owned();
        vars.texts.insert("TOKEN_SIGNING_KEYS".into(), second);
        vars.texts.insert("AUDIT_KEYS".into(), audit_keys.into());
        let keys = crate::keys::Keyring::read(&vars).ok().unwrap();
        let io = Io::new(NOW, Arc::new(Seeded::new(1)));
        let ports = io.clone();
        let walk = async move { super::verify::verify(&ports, &keys, 0).await.ok().unwrap().problems };
        let task = Task::new(io, Box::pin(walk));
        world.fleet.database("observer", |database| interleave(database, vec![task], 0)).remove(0)
    };
    assert_eq!(found(""), ["checkpoint 3 is signed with a key that is not known here"]);
    assert_eq!(found(&format!("sign1:{published}")), [""; 0]);
}

#[test]
fn tampering_is_found() {
    for (tamper, found) in [
        ("UPDATE audit SET actor = 'key:x' WHERE seq = 3", "entry 3 is not what was sealed"),
        ("DELETE FROM audit WHERE seq = 3", "entries 3 to 3 are missing"),
        ("DELETE FROM audit WHERE seq > 3", "entries 4 to 6 are missing"),
        (
            "DELETE FROM audit WHERE seq > 3; DELETE FROM audit_links WHERE seq > 3",
            "entries 4 to 6 are missing",
        ),
        ("UPDATE audit_links SET hash = printf('%064d', 1) WHERE seq = 3", "entry 3 is not what was sealed"),
        ("DELETE FROM audit_links WHERE seq = 3", "entry 3 is not sealed although a later one is"),
        ("UPDATE audit_checkpoints SET signature = 'AAAA'", "checkpoint 6 has a false signature"),
        ("UPDATE audit_checkpoints SET kid = 'sign2'", "checkpoint 6 has a false signature"),
        (
            "UPDATE audit_checkpoints SET kid = 'gone'",
            "checkpoint 6 is signed with a key that is not known here",
        ),
        ("UPDATE audit_checkpoints SET seq = 5", "checkpoint 5 has a false signature"),
        ("UPDATE audit SET seq = seq + 1 WHERE seq = 6", "entries 6 to 6 are missing"),
    ] {
        let world = sealed_world(6);
        without_triggers(&world, tamper);
        let problems = problems(&world);
        assert_eq!(problems.first().map(String::as_str), Some(found), "{tamper}: {problems:?}");
    }
}

#[test]
fn a_log_rewritten_with_its_links_still_does_not_fit_its_checkpoint() {
    let world = sealed_world(4);
    without_triggers(&world, "UPDATE audit SET actor = 'key:x' WHERE seq = 2; DELETE FROM audit_links");
    assert!(world.fleet.job("observer", Job::Tick), "the sealer links whatever is there");
    assert_eq!(problems(&world), ["checkpoint 4 does not fit the chain"]);
}

#[test]
fn nothing_is_sealed_over_a_gap() {
    let world = world_with(4);
    without_triggers(&world, "DELETE FROM audit WHERE seq = 2");
    assert!(!world.fleet.job("observer", Job::Tick));
    assert_eq!(world.number("SELECT COUNT(*) FROM audit_links"), 0);
    assert_eq!(problems(&world), ["entries 2 to 2 are missing"]);
}

#[test]
fn sealers_that_race_write_the_same_chain() {
    for seed in 0..10 {
        let world = world_with(450);
        let tasks = (0..5)
            .map(|n| {
                let io = Io::new(NOW, Arc::new(Seeded::new(n)));
                let ports = io.clone();
                Task::new(io, Box::pin(async move { seal(&ports, &keyring(), Sign::Always).await.is_ok() }))
            })
            .collect();
        let done = world.fleet.database("observer", |database| interleave(database, tasks, seed));
        assert_eq!(done, [true; 5]);
        let found = verify(&world, 0);
        assert_eq!((&found["sealed"], &found["valid"]), (&450.into(), &true.into()), "{found}");
    }
}

#[test]
fn entries_are_listed_by_what_is_asked() {
    let world = World::new();
    let ada = world.register("ada@example.com");
    world.fleet.pass_ms(SECOND_MS);
    world.suspend(&ada);
    let list = |query: &str| {
        let got = world.as_admin(Call::new("GET", &format!("{}{query}", admin::AUDIT)));
        let rows = got.json()["data"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|row| row["action"].clone())
            .collect::<Vec<_>>();
        (got.status, rows, got.json()["meta"]["total"].clone())
    };
    let person = format!("person:{}", ada.subject.person);
    let [registered, suspended] = ["person.registered", "person.suspended"].map(Value::from);
    assert_eq!(list(""), (200, vec![suspended.clone(), registered.clone()], 2.into()));
    assert_eq!(list("?actor=key:ops"), (200, vec![suspended.clone()], 1.into()));
    assert_eq!(list("?action=person.registered"), (200, vec![registered.clone()], 1.into()));
    assert_eq!(list(&format!("?entity={person}&limit=1&page=2")), (200, vec![registered.clone()], 2.into()));
    let at = NOW.plus_ms(SECOND_MS).to_string();
    assert_eq!(list(&format!("?from={at}")), (200, vec![suspended], 1.into()));
    assert_eq!(list(&format!("?to={at}")), (200, vec![registered], 1.into()));
    assert_eq!(list("?from=yesterday").0, 400);
}

/// Times run back a little, as requests that take long are recorded late; looking for a period must not mind.
#[test]
fn a_period_finds_what_was_recorded_late_and_looks_at_no_more_than_it_must() {
    let world = World::new();
    let times: Vec<i64> = (0..400)
        .map(|n| n * 60_000 + [0, 3_599_000, -1_000, 1_000][usize::try_from(n % 4).unwrap()])
        .collect();
    for (seq, at) in (1..).zip(&times) {
        world
            .execute(&format!(
                "INSERT INTO audit VALUES ({seq}, '{}', {at}, 'person:a', 'x', 'person:a', 'r', '{{}}')",
                sesh_types::ids::TenantId::CONSUMERS
            ))
            .unwrap();
    }
    for (from, to) in
        [(0, i64::MAX), (-1, 0), (7_200_000, 7_200_001), (7_199_000, 9_000_000), (23_000_000, 1 << 50)]
    {
        let period = admin::AuditQuery {
            from: Some(sesh_types::time::Timestamp(from)),
            to: Some(sesh_types::time::Timestamp(to)),
            ..Default::default()
        };
        let expected = times.iter().filter(|at| (from..to).contains(at)).count();
        let rows = world.fleet.database("observer", |database| {
            crate::testing::run(database, super::store::list(&period, 100, 0))
        });
        assert_eq!(rows.one::<super::store::Count>(0).unwrap().total, expected as u64, "{from} to {to}");
    }
    let listing = |sql: &&str| sql.contains("(?3 IS NULL OR entity = ?3)");
    let listings: Vec<&str> = KNOWN_SQL.iter().map(|known| known.sql).filter(listing).collect();
    assert_eq!(listings.len(), 2);
    for sql in listings {
        let plan = world.column_of(&format!("EXPLAIN QUERY PLAN {sql}"), 3);
        let searches =
            plan.iter().any(|step| step == "SEARCH audit USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)");
        assert!(searches && !plan.iter().any(|step| step.starts_with("SCAN audit")), "{plan:#?}");
    }
}
