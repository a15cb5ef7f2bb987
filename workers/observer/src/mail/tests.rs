//! The outbox of mails.

use crate::testing::{NOW, World, interleave, tail, vars};
use bytes::Bytes;
use http::Request;
use serde_json::json;
use sesh_edge::drive::{Step, Task};
use sesh_edge::io::{Io, Op, Reply};
use sesh_edge::native::{Seeded, captured_logs};
use sesh_edge::service::Job;
use sesh_types::contract::recovery;
use sesh_types::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use std::sync::Arc;

const EMAIL: &str = "ada@example.com";

#[test]
fn a_sign_up_is_followed_by_one_mail_and_no_secret_stays() {
    let world = World::new();
    world.register(EMAIL);
    let mails = world.fleet.mails();
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!((mail.to.as_str(), mail.from.as_str()), (EMAIL, "sesh@app.example"));
    assert!(
        !mail.text.contains("Ada") && !mail.html.contains("Ada"),
        "no words of a person's choice are mailed"
    );
    let token = world.mail_token();
    assert!(mail.text.contains(&format!("https://app.example/verify#token={token}")), "{}", mail.text);
    assert_eq!(world.number("SELECT COUNT(*) FROM mails"), 0);
    let everything = world.everything();
    assert!(!everything.contains(tail(&token)));
    let person = world.column("SELECT id FROM people").remove(0);
    assert!(everything.contains(&person), "the look at everything sees something");
    assert!(!everything.contains(EMAIL) && !everything.contains("example.com"), "addresses are encrypted");
}

#[test]
fn what_nobody_takes_is_tried_again_ever_later_and_given_up_after_eight_times() {
    let world = World::new();
    world.fleet.mail_is_down(true);
    captured_logs();
    world.register(EMAIL);
    let mut waits = vec![30 * SECOND_MS];
    while *waits.last().unwrap() < 64 * MINUTE_MS && waits.len() < 8 {
        let wait = *waits.last().unwrap();
        world.fleet.pass_ms(wait - 1);
        assert!(world.fleet.job("observer", Job::Tick), "a mail that waits breaks no job");
        let tries = i64::try_from(waits.len()).unwrap();
        assert_eq!(world.number("SELECT attempts FROM mails"), tries, "not too early");
        world.fleet.pass_ms(1);
        assert!(world.fleet.job("observer", Job::Tick));
        assert_eq!(world.number("SELECT attempts FROM mails"), tries + 1);
        waits.push(wait * 2);
    }
    let logs = captured_logs();
    assert_eq!(world.number("SELECT attempts FROM mails WHERE dead_at IS NULL"), 8);
    assert!(logs.iter().any(|line| line.contains("mail_not_taken")) && !logs.join("").contains(EMAIL));
    world.fleet.pass_ms(2 * HOUR_MS);
    captured_logs();
    assert!(world.fleet.job("observer", Job::Tick));
    let logs = captured_logs();
    assert!(logs.iter().any(|line| line.contains("mail_given_up")), "{logs:?}");
    assert_eq!(world.number("SELECT COUNT(*) FROM mails WHERE dead_at IS NOT NULL"), 1);
    world.fleet.mail_is_down(false);
    assert!(world.fleet.job("observer", Job::Tick));
    assert!(world.fleet.mails().is_empty(), "given up is given up");
    world.fleet.pass_ms(7 * DAY_MS);
    assert!(world.fleet.job("observer", Job::Tick));
    assert_eq!(world.number("SELECT COUNT(*) FROM mails"), 0);
}

#[test]
fn the_cron_trigger_sends_what_was_left_and_nothing_that_is_too_old() {
    let world = World::new();
    world.fleet.mail_is_down(true);
    world.register(EMAIL);
    world.post(recovery::RECOVER, &json!({ "email": EMAIL }));
    world.fleet.mail_is_down(false);
    world.fleet.pass_ms(31 * MINUTE_MS);
    assert!(world.fleet.job("observer", Job::Tick));
    let subjects: Vec<String> = world.fleet.mails().into_iter().map(|mail| mail.subject).collect();
    assert_eq!(subjects, ["Is this your e-mail address?"], "the recovery's token would be dead on arrival");
    assert_eq!(world.number("SELECT COUNT(*) FROM mails"), 0);
}

fn deliveries(count: u64) -> Vec<Task<Vec<String>>> {
    let keys = Arc::new(crate::testing::keyring());
    (0..count)
        .map(|seed| {
            let io = Io::new(NOW, Arc::new(Seeded::new(seed)));
            let (ports, keys) = (io.clone(), keys.clone());
            let work = async move {
                super::deliver::deliver(&ports, &keys).await.unwrap();
                Vec::new()
            };
            Task::new(io, Box::pin(work))
        })
        .collect()
}

/// Drives tasks over one database in an order that follows from the seed; the mails that went out.
fn sent(world: &World, tasks: Vec<Task<Vec<String>>>, seed: u64) -> Vec<String> {
    let sent = std::cell::RefCell::new(Vec::new());
    world.fleet.database("observer", |database| {
        crate::testing::interleave_with(database, tasks, seed, |database, op| match op {
            Op::Mail(mail) => {
                sent.borrow_mut().push(mail.id);
                Reply::Done
            }
            other => crate::testing::perform(database, other),
        })
    });
    let mut sent = sent.into_inner();
    sent.sort();
    sent
}

fn with_waiting_mails(count: usize) -> World {
    let world = World::new();
    let ada = world.seeded(EMAIL);
    let person = ada.subject.person;
    for number in 0..count {
        let insert = format!(
            "INSERT INTO mails (id, tenant_id, person_id, kind, recipient, created_at, expires_at, due_at)
             VALUES ('00000000-0000-4000-8000-{number:012}', '{}', '{person}', 'password_changed', '{EMAIL}', 0, {}, 0)",
            ada.subject.tenant,
            NOW.plus_ms(DAY_MS).0,
        );
        world.execute(&insert).unwrap();
    }
    world
}

#[test]
fn of_twenty_who_deliver_at_once_each_mail_is_sent_by_one() {
    for seed in 0..20 {
        let world = with_waiting_mails(25);
        let sent = sent(&world, deliveries(20), seed);
        let mut once = sent.clone();
        once.dedup();
        assert_eq!((sent.len(), once.len()), (25, 25), "seed {seed}");
        assert_eq!(world.number("SELECT COUNT(*) FROM mails"), 0);
    }
}

/// What must not be done: look what waits, send it, then forget it.
fn naive(seed: u64) -> Task<Vec<String>> {
    let io = Io::new(NOW, Arc::new(Seeded::new(seed)));
    let ports = io.clone();
    let work = async move {
        let rows = ports.db(sesh_edge::sql!("SELECT id FROM mails")).await.unwrap();
        for row in rows.all::<serde_json::Value>(0).unwrap() {
            let id = row["id"].as_str().unwrap().to_owned();
            let empty = String::new;
            let mail = sesh_edge::io::Mail {
                id: id.clone(),
                from: empty(),
                to: empty(),
                subject: empty(),
                text: empty(),
                html: empty(),
            };
            ports.mail(mail).await.unwrap();
            ports.db(sesh_edge::sql!("DELETE FROM mails WHERE id = ?1", id)).await.unwrap();
        }
        Vec::new()
    };
    Task::new(io, Box::pin(work))
}

#[test]
fn the_same_race_catches_a_naive_delivery() {
    for seed in 0..5 {
        let world = with_waiting_mails(5);
        let sent = sent(&world, (0..5).map(naive).collect(), seed);
        assert!(sent.len() > 5, "seed {seed}");
    }
}

#[test]
fn a_claim_that_was_cut_off_is_taken_up_after_two_minutes() {
    let world = with_waiting_mails(1);
    let mut task = deliveries(1).remove(0);
    world.fleet.database("observer", |database| {
        // Claimed, and nothing more: whoever did it is gone.
        let Step::Perform(ops) = task.step() else { panic!("it asks the database first") };
        for (id, op) in ops {
            task.deliver(id, crate::testing::perform(database, op));
        }
        drop(task);
        let none = interleave(database, deliveries(1), 1);
        assert!(none.iter().all(Vec::is_empty));
    });
    assert!(world.fleet.job("observer", Job::Tick));
    assert!(world.fleet.mails().is_empty(), "somebody may still be at it");
    world.fleet.pass_ms(2 * MINUTE_MS);
    assert!(world.fleet.job("observer", Job::Tick));
    assert_eq!(world.fleet.mails().len(), 1);
}

#[test]
fn a_worker_that_cannot_mail_says_so() {
    let mut vars = vars();
    vars.bindings.remove("MAIL");
    vars.texts.remove("MAIL_FROM");
    let service = crate::service(&vars);
    let io = Io::new(NOW, Arc::new(Seeded::new(1)));
    let request = Request::builder().uri("/api/health").body(Bytes::new()).unwrap();
    let answer = service.handle(sesh_edge::http::Door::Public, request, false, io.clone());
    let mut task = Task::new(io, Box::pin(async move { answer.await.into_body() }));
    let Step::Ready { output, .. } = task.step() else { panic!("health of the unconfigured asks nobody") };
    let text = String::from_utf8_lossy(&output).into_owned();
    assert!(text.contains("MAIL is not bound") && text.contains("MAIL_FROM is not set"), "{text}");
}
