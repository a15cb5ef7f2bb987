//! Packets of the log, made on a real database and checked as an auditor does.

use super::tests::{sealed_world, without_triggers, world_with};
use crate::testing::World;
use sesh_audit::keys::PublicKeys;
use sesh_audit::packet::{self, Packet, Report};
use sesh_edge::native::{Call, Got};
use sesh_edge::service::Job;
use sesh_types::contract::admin;

fn ask(world: &World, query: &str) -> Got {
    world.as_admin(Call::new("GET", &format!("{}?{query}", admin::AUDIT_PACKET)))
}

/// A packet and what checking its bytes with the published keys found.
fn export(world: &World, query: &str) -> (Packet, Report) {
    let got = ask(world, query);
    assert_eq!(got.status, 200, "{query}: {}", got.text);
    let published = world.fleet.call("observer", Call::new("GET", "/.well-known/audit-jwks.json")).text;
    let keys = PublicKeys::read(published.as_bytes()).unwrap();
    let packet = serde_json::from_value(got.json()["data"].clone()).unwrap();
    (packet, packet::verify(got.text.as_bytes(), Some(&keys)))
}

fn messages(report: &Report) -> Vec<&str> {
    report.problems.iter().map(|problem| problem.message.as_str()).collect()
}

#[test]
fn a_packet_holds_the_log_as_it_was_hashed_and_verifies() {
    let world = world_with(7);
    let (packet, report) = export(&world, "");
    assert!(report.valid && report.notes.is_empty(), "{report:?}");
    let manifest = &packet.manifest;
    assert_eq!((manifest.first_seq, manifest.last_seq, manifest.rows, manifest.next), (1, 7, 7, None));
    assert_eq!((manifest.issuer.as_str(), manifest.made_by.as_str()), (crate::testing::ISSUER, "key:ops"));
    assert_eq!(packet.checkpoints.last().map(|point| point.seq), Some(7), "it was sealed first");
    assert_eq!(packet.rows[2].entity, "device:3");
}

#[test]
fn every_export_is_on_record_and_without_the_record_there_is_none() {
    let world = world_with(2);
    let (packet, _) = export(&world, "");
    assert_eq!(world.audited().last().map(String::as_str), Some("audit.exported"));
    let [actor, entity, detail] = ["actor", "entity", "detail"]
        .map(|column| world.column(&format!("SELECT {column} FROM audit WHERE seq = 3")).remove(0));
    assert_eq!((actor.as_str(), entity.as_str()), ("key:ops", "audit:1-2"));
    assert!(
        detail.contains(&packet.manifest.rows_sha256) && detail.contains(&packet.manifest.head),
        "{detail}"
    );
    world
        .execute("CREATE TRIGGER stop BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END")
        .unwrap();
    let got = ask(&world, "");
    assert!(got.status >= 500 && !got.text.contains("rows"), "{}", got.text);
}

#[test]
fn the_same_closed_period_gives_the_same_rows_again() {
    let world = world_with(9);
    let query = "to=1970-01-01T00:00:00.006Z";
    let ((first, _), (second, _)) = (export(&world, query), export(&world, query));
    assert_eq!((first.rows, first.links, first.checkpoints), (second.rows, second.links, second.checkpoints));
}

#[test]
fn a_period_runs_on_to_the_next_checkpoint_and_long_ones_are_joined_from_parts() {
    let world = sealed_world(6);
    let (packet, report) = export(&world, "from=1970-01-01T00:00:00.003Z&to=1970-01-01T00:00:00.005Z");
    assert!(report.valid, "{report:?}");
    assert_eq!((packet.manifest.first_seq, packet.manifest.last_seq), (3, 6));

    let (mut after, mut reports) = (0, Vec::new());
    loop {
        let (packet, report) =
            export(&world, &format!("to=1970-01-01T00:00:00.007Z&entries=2&after={after}"));
        assert!(report.valid && packet.manifest.entries <= 2, "{report:?}");
        reports.push(report);
        match packet.manifest.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!((reports.len(), after), (3, 4));
    assert_eq!(packet::join(&reports.iter().collect::<Vec<_>>()), []);
    reports.remove(1);
    let gap = packet::join(&reports.iter().collect::<Vec<_>>()).remove(0);
    assert_eq!(gap.message, "entries 3 to 4, between packets 1 and 2, are in none");
}

#[test]
fn periods_without_an_entry_are_packets_without_rows() {
    let world = world_with(3);
    for query in
        ["to=1969-01-01T00:00:00Z", "from=2090-01-01T00:00:00Z", "after=3&to=1970-01-01T00:00:00.002Z"]
    {
        let (packet, report) = export(&world, query);
        assert!(
            report.valid && packet.rows.is_empty() && packet.manifest.next.is_none(),
            "{query}: {report:?}"
        );
    }
    let (packet, report) = export(&World::new(), "");
    assert!(report.valid && packet.rows.is_empty(), "{report:?}");
    for bad in ["entries=0", "entries=5001", "after=-1", "after=99", "tenant=x", "colour=red"] {
        assert_eq!(ask(&world, bad).status, 400, "{bad}");
    }
}

#[test]
fn a_tenants_packet_has_nothing_of_others() {
    let world = world_with(2);
    let other = "00000000-0000-4000-8000-000000000077";
    world
        .execute(&format!("INSERT INTO audit VALUES (3, '{other}', 3, 'person:b', 'x', 'y', 'r', '{{}}')"))
        .unwrap();
    let (packet, report) = export(&world, &format!("tenant={other}&to=1970-01-01T00:00:00.004Z"));
    assert!(report.valid, "{report:?}");
    assert_eq!((packet.rows.len(), packet.links.len()), (1, 3));
    assert!(packet.rows.iter().all(|row| row.tenant_id.to_string() == other));
}

#[test]
fn a_log_that_was_tampered_with_makes_packets_that_do_not_verify() {
    for (tamper, found) in [
        ("UPDATE audit SET actor = 'key:x' WHERE seq = 3", "entry 3 is not what was sealed"),
        ("DELETE FROM audit WHERE seq = 3", "entry 3 is missing"),
        (
            "DELETE FROM audit WHERE seq > 4",
            "the log ended at entry 4 when the packet was made, but had hashes up to 6",
        ),
        ("DELETE FROM audit_links WHERE seq = 3", "link 3 is missing"),
        ("UPDATE audit_links SET hash = printf('%064d', 1) WHERE seq = 3", "entry 3 is not what was sealed"),
        ("UPDATE audit_checkpoints SET signature = 'AAAA'", "checkpoint 6 has a false signature"),
        (
            "UPDATE audit SET actor = 'key:x' WHERE seq = 2; DELETE FROM audit_links",
            "checkpoint 6 does not fit the chain",
        ),
    ] {
        let world = sealed_world(6);
        without_triggers(&world, tamper);
        let (_, report) = export(&world, "");
        assert!(messages(&report).contains(&found), "{tamper}: {report:?}");
    }
}

#[test]
fn where_sealing_fails_a_packet_ends_at_what_is_sealed_and_says_so() {
    let world = sealed_world(3);
    for seq in 4..=6 {
        world
            .execute(&format!(
                "INSERT INTO audit SELECT {seq}, tenant_id, {seq}, '', '', '', '', '' FROM audit LIMIT 1"
            ))
            .unwrap();
    }
    without_triggers(&world, "DELETE FROM audit WHERE seq = 4");
    assert!(!world.fleet.job("observer", Job::Tick));
    let (packet, report) = export(&world, "");
    assert_eq!((packet.manifest.last_seq, packet.manifest.log_through), (3, 6));
    assert!(
        report.valid && report.notes.iter().any(|note| note.contains("4 to 6 of the log were not sealed")),
        "{report:?}"
    );
}

#[test]
fn a_full_packet_has_five_thousand_entries_and_names_the_next() {
    let world = World::new();
    world
        .execute(&format!(
            "INSERT INTO audit WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5200)
             SELECT n, '{}', n, 'person:a', 'device.signed_out', 'device:' || n, 'r', '{{}}' FROM n",
            sesh_types::ids::TenantId::CONSUMERS
        ))
        .unwrap();
    let (first, report) = export(&world, "to=1970-01-01T00:00:10Z");
    assert!(
        report.valid && first.manifest.rows == 5000 && first.manifest.next == Some(5000),
        "{:?}",
        report.problems
    );
    let (rest, report) = export(&world, "to=1970-01-01T00:00:10Z&after=5000");
    assert!(
        report.valid && rest.manifest.next.is_none() && rest.manifest.last_seq == 5200,
        "{:?}",
        report.problems
    );
}

#[test]
fn a_packet_of_long_rows_ends_before_it_is_too_large() {
    let world = World::new();
    world
        .execute(&format!(
            "INSERT INTO audit WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 3000)
             SELECT n, '{}', n, 'key:ops', 'person.suspended', 'person:a', 'r', printf('%2000d', n) FROM n",
            sesh_types::ids::TenantId::CONSUMERS
        ))
        .unwrap();
    let (packet, report) = export(&world, "to=1970-01-01T00:00:10Z");
    assert!(report.valid, "{:?}", report.problems);
    assert_eq!((packet.manifest.rows, packet.manifest.next), (2000, Some(2000)), "four pages of 500");
}
