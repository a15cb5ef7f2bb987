use crate::testing::{NOON, Stage, issues};
use serde_json::{Value, json};
use sesh_edge::io::{Entropy, Reply};
use sesh_edge::native::{Database, Seeded, captured_logs};
use sesh_edge::service::Job;
use sesh_types::facts::{Fact, What};
use sesh_types::ids::{PersonId, StrainId, TenantId};
use sesh_types::time::{DAY_MS, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A dice for a test, from a seed.
struct Dice(Seeded);

impl Dice {
    fn below(&self, limit: usize) -> usize {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % limit as u64).unwrap()
    }

    fn id<T: From<Uuid>>(&self) -> T {
        let mut bytes = [0; 16];
        self.0.fill(&mut bytes);
        T::from(Uuid::from_bytes(bytes))
    }

    fn shuffle<T>(&self, items: &mut [T]) {
        for place in (1..items.len()).rev() {
            items.swap(place, self.below(place + 1));
        }
    }
}

/// A history: people sign up, log seshes over forty days, and delete some of them.
fn history(dice: &Dice) -> Vec<Fact> {
    let people: Vec<PersonId> = (0..6).map(|_| dice.id()).collect();
    let strains: Vec<StrainId> = (0..14).map(|_| dice.id()).collect();
    let tenants = [TenantId::CONSUMERS, dice.id()];
    let mut facts = Vec::new();
    let mut tell = |person: usize, occurred_at: Timestamp, what: What| {
        let tenant_id = tenants[person % 2];
        facts.push(Fact {
            id: dice.id(),
            tenant_id,
            person_id: people[person],
            occurred_at,
            recorded_at: NOON,
            what,
        });
    };
    let when = || NOON.plus_ms(-DAY_MS * i64::try_from(dice.below(40)).unwrap());
    for person in 0..people.len() {
        tell(person, when(), What::PersonRegistered);
    }
    for _ in 0..60 {
        let (person, session_id, at) = (dice.below(people.len()), dice.id(), when());
        let used: BTreeSet<StrainId> =
            (0..dice.below(4)).map(|_| strains[dice.below(strains.len())]).collect();
        tell(person, at, What::SessionLogged { session_id, strain_ids: used.into_iter().collect() });
        if dice.below(3) == 0 {
            tell(person, NOON, What::SessionDeleted { session_id });
        }
    }
    facts
}

fn texts(facts: &[Fact]) -> Vec<String> {
    facts.iter().map(|fact| serde_json::to_string(fact).unwrap()).collect()
}

/// Delivers messages in batches of random sizes, some of them twice.
fn deliver(stage: &Stage, dice: &Dice, mut messages: Vec<String>) {
    dice.shuffle(&mut messages);
    let mut rest = messages.as_slice();
    while !rest.is_empty() {
        let (batch, later) = rest.split_at(rest.len().min(1 + dice.below(12)));
        for _ in 0..=dice.below(2) {
            assert!(stage.fleet.job("admin", Job::Messages(batch.to_vec())));
        }
        rest = later;
    }
}

const TABLES: [&str; 3] = [
    "SELECT day || ' ' || tenant_id || ' ' || person_id || ' ' || sessions FROM daily_people ORDER BY 1",
    "SELECT day || ' ' || tenant_id || ' ' || strain_id || ' ' || sessions FROM daily_strains ORDER BY 1",
    "SELECT day || ' ' || tenant_id || ' ' || people FROM daily_registrations ORDER BY 1",
];

/// Everything that is counted, as texts.
fn dump(stage: &Stage) -> Vec<Vec<String>> {
    stage.fleet.database("admin", |database| {
        let rows = |sql: &&str| {
            let mut select = database.connection().prepare(sql).unwrap();
            let rows = select.query_map([], |row| row.get(0)).unwrap();
            rows.collect::<Result<Vec<String>, _>>().unwrap()
        };
        TABLES.iter().map(rows).collect()
    })
}

/// The overview as somebody would count it who has all facts before them.
fn recount(facts: &[Fact], from: Timestamp, to: Timestamp) -> Value {
    let day = |time: Timestamp| time.to_string()[..10].to_owned();
    let within = |time: Timestamp| (day(from)..=day(to)).contains(&day(time));
    let gone: BTreeSet<_> = facts
        .iter()
        .filter_map(
            |fact| if let What::SessionDeleted { session_id } = fact.what { Some(session_id) } else { None },
        )
        .collect();
    let signed_up = facts.iter().filter(|fact| fact.what == What::PersonRegistered);
    let (mut days, mut strains): (BTreeMap<String, Vec<PersonId>>, BTreeMap<StrainId, i64>) =
        Default::default();
    for fact in facts.iter().filter(|fact| within(fact.occurred_at)) {
        if let What::SessionLogged { session_id, strain_ids } = &fact.what
            && !gone.contains(session_id)
        {
            days.entry(day(fact.occurred_at)).or_default().push(fact.person_id);
            for strain in strain_ids {
                *strains.entry(*strain).or_default() += 1;
            }
        }
    }
    let distinct = |people: &[PersonId]| people.iter().collect::<BTreeSet<_>>().len();
    let all: Vec<PersonId> = days.values().flatten().copied().collect();
    let mut top: Vec<_> = strains.iter().map(|(strain, sessions)| (-sessions, strain.to_string())).collect();
    top.sort();
    let every_day = (0..=(to.0 - from.0) / DAY_MS).map(|count| {
        let day = day(from.plus_ms(count * DAY_MS));
        let people = days.get(&day).map(Vec::as_slice).unwrap_or_default();
        json!({"day": day, "sessions": people.len(), "people": distinct(people)})
    });
    json!({
        "from": day(from), "to": day(to),
        "people": signed_up.clone().count(), "new_people": signed_up.filter(|fact| within(fact.occurred_at)).count(),
        "active_people": distinct(&all), "sessions": all.len(), "sessions_per_day": every_day.collect::<Vec<_>>(),
        "strains_used": strains.len(),
        "top_strains": top.iter().take(10).map(|(n, id)| json!({"strain_id": id, "sessions": -n})).collect::<Vec<_>>(),
    })
}

#[test]
fn whatever_comes_twice_or_late_the_overview_equals_a_recount() {
    for seed in 0..40 {
        let dice = Dice(Seeded::new(seed));
        let facts = history(&dice);
        let stage = Stage::new();
        deliver(&stage, &dice, texts(&facts));
        let (from, to) = (NOON.plus_ms(-29 * DAY_MS), NOON);
        let got = stage.ask("GET", "/api/v1/analytics/overview");
        assert_eq!(got.json()["data"], recount(&facts, from, to), "seed {seed}");
        let path = "/api/v1/analytics/overview?from=2026-10-20&to=2026-11-02";
        let (from, to) = (NOON.plus_ms(-32 * DAY_MS), NOON.plus_ms(-19 * DAY_MS));
        assert_eq!(stage.ask("GET", path).json()["data"], recount(&facts, from, to), "seed {seed}");
    }
}

#[test]
fn the_order_of_delivery_leaves_no_trace() {
    let facts = history(&Dice(Seeded::new(7)));
    let told_in_order = Stage::new();
    assert!(told_in_order.fleet.job("admin", Job::Messages(texts(&facts))));
    let mut backwards = texts(&facts);
    backwards.reverse();
    let told_backwards = Stage::new();
    for text in &backwards {
        assert!(told_backwards.fleet.job("admin", Job::Messages(vec![text.clone()])));
    }
    assert_eq!(dump(&told_in_order), dump(&told_backwards));
    for seed in 0..20 {
        let stage = Stage::new();
        deliver(&stage, &Dice(Seeded::new(seed)), texts(&facts));
        assert_eq!(dump(&stage), dump(&told_in_order), "seed {seed}");
    }
}

#[test]
fn the_counts_can_be_made_anew_from_the_facts() {
    let dice = Dice(Seeded::new(3));
    let stage = Stage::new();
    deliver(&stage, &dice, texts(&history(&dice)));
    let counted = dump(&stage);
    assert!(counted.iter().all(|rows| !rows.is_empty()));
    let rebuild = || stage.fleet.database("admin", |database| database.run(&super::store::rebuild()));
    for spoil in [
        "DELETE FROM daily_people",
        "UPDATE daily_strains SET sessions = 77",
        "DELETE FROM daily_registrations",
    ] {
        stage.fleet.database("admin", |database| database.connection().execute(spoil, [])).unwrap();
        assert_ne!(dump(&stage), counted, "{spoil}");
        assert!(matches!(rebuild(), Reply::Rows { .. }));
        assert_eq!(dump(&stage), counted, "{spoil}");
    }
}

#[test]
fn a_deleted_sesh_leaves_nothing_behind() {
    let dice = Dice(Seeded::new(5));
    let stage = Stage::new();
    let session_id = dice.id();
    let fact = |what| Fact {
        id: dice.id(),
        tenant_id: TenantId::CONSUMERS,
        person_id: dice.id(),
        occurred_at: NOON,
        recorded_at: NOON,
        what,
    };
    let logged = fact(What::SessionLogged { session_id, strain_ids: vec![dice.id(), dice.id()] });
    let deleted = fact(What::SessionDeleted { session_id });
    assert!(stage.fleet.job("admin", Job::Messages(texts(std::slice::from_ref(&logged)))));
    assert_eq!(dump(&stage).iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 0]);
    assert!(stage.fleet.job("admin", Job::Messages(texts(&[deleted, logged]))));
    assert_eq!(dump(&stage).iter().map(Vec::len).collect::<Vec<_>>(), [0, 0, 0]);
}

#[test]
fn a_happening_told_again_under_another_id_counts_once() {
    let dice = Dice(Seeded::new(6));
    let (person_id, strain_ids): (PersonId, Vec<StrainId>) = (dice.id(), vec![dice.id()]);
    let told = |what| Fact {
        id: dice.id(),
        tenant_id: TenantId::CONSUMERS,
        person_id,
        occurred_at: NOON,
        recorded_at: NOON,
        what,
    };
    let logged = |session_id| told(What::SessionLogged { session_id, strain_ids: strain_ids.clone() });
    let [stays, goes] = [dice.id(), dice.id()];
    let deleted = || told(What::SessionDeleted { session_id: goes });
    let registered = || told(What::PersonRegistered);
    let stage = Stage::new();
    let counts_after = |facts: &[Fact]| {
        assert!(stage.fleet.job("admin", Job::Messages(texts(facts))));
        let rows = dump(&stage).concat();
        rows.iter().filter_map(|row| row.rsplit(' ').next()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        counts_after(&[logged(stays), registered(), logged(goes), logged(stays), registered()]),
        "2 2 1"
    );
    assert_eq!(counts_after(&[deleted(), logged(goes), deleted()]), "1 1 1");
}

#[test]
fn what_is_no_fact_is_skipped_logged_and_keeps_nothing_waiting() {
    let stage = Stage::new();
    let facts = history(&Dice(Seeded::new(9)));
    let mut messages = texts(&facts);
    messages.insert(1, "{\"kind\":\"canary".to_owned());
    messages.push("{}".to_owned());
    captured_logs();
    assert!(stage.fleet.job("admin", Job::Messages(messages)));
    let logs = captured_logs();
    assert_eq!(logs.iter().filter(|line| line.contains("malformed_fact")).count(), 2);
    assert!(!logs.concat().contains("canary"));
    let kept: usize = stage.fleet.database("admin", |database| {
        database.connection().query_row("SELECT COUNT(*) FROM facts", [], |row| row.get(0)).unwrap()
    });
    assert_eq!(kept, facts.len());
    assert!(stage.fleet.job("admin", Job::Messages(vec!["[]".to_owned()])), "nothing to keep is no failure");
}

#[test]
fn facts_are_only_added_to() {
    let stage = Stage::new();
    assert!(stage.fleet.job("admin", Job::Messages(texts(&history(&Dice(Seeded::new(2)))))));
    for sql in ["UPDATE facts SET day = '2026-01-01'", "DELETE FROM facts"] {
        let error =
            stage.fleet.database("admin", |database| database.connection().execute(sql, []).unwrap_err());
        assert!(error.to_string().contains("refused:append_only"), "{error}");
    }
}

#[test]
fn an_overview_reads_its_days_and_not_the_facts() {
    let range =
        super::rules::Range { from: "2026-11-01".parse().unwrap(), to: "2026-11-21".parse().unwrap() };
    let database = Database::migrated("admin");
    let plans: Vec<String> = super::store::counts(range)
        .iter()
        .map(|statement| {
            let mut explain =
                database.connection().prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sql)).unwrap();
            let lines = explain.query_map(["2026-11-01", "2026-11-21"], |row| row.get(3)).unwrap();
            lines.collect::<Result<Vec<String>, _>>().unwrap().join("; ")
        })
        .collect();
    assert_eq!(plans.len(), 5);
    for (plan, table) in plans.iter().zip(["daily_people", "daily_people", "daily_strains", "daily_strains"])
    {
        assert!(plan.contains(&format!("SEARCH {table} USING PRIMARY KEY (day>? AND day<?)")), "{plan}");
        assert!(!plan.contains("SCAN"), "{plan}");
    }
    assert!(plans.iter().all(|plan| !plan.contains("facts")));
}

#[test]
fn days_that_are_none_and_ranges_that_are_too_long_are_named() {
    let stage = Stage::new();
    let ask = |query: &str| {
        let got = stage.ask("GET", &format!("/api/v1/analytics/overview?{query}"));
        (got.status, issues(&got).into_iter().map(|(field, _)| field).collect::<Vec<_>>())
    };
    for day in [
        "2026-02-30",
        "2026-1-1",
        "20260101",
        "2026-11-21T00:00:00Z",
        "+2026-01-01",
        "yesterday",
        "",
        "%20",
        "NaN",
    ] {
        assert_eq!(ask(&format!("from={day}")), (400, vec!["from".to_owned()]), "{day}");
    }
    assert_eq!(ask("from=x&to=y"), (400, vec!["from".to_owned(), "to".to_owned()]));
    assert_eq!(ask("from=2025-11-20&to=2026-11-21"), (422, vec!["to".to_owned()]));
    assert_eq!(ask("from=2026-11-22&to=2026-11-21"), (422, vec!["from".to_owned()]));
    assert_eq!(ask("from=2025-11-21&to=2026-11-21"), (200, vec![]));
    assert_eq!(ask("from=0000-01-01&to=0000-01-02"), (422, vec!["from".to_owned()]));
    assert_eq!(ask("to=9999-12-31"), (200, vec![]));
}

#[test]
fn a_tick_forgets_expired_keys() {
    let stage = Stage::new();
    let rows =
        |sql: &str| stage.fleet.database("admin", |database| database.connection().execute(sql, [])).unwrap();
    rows("INSERT INTO idempotency VALUES ('old', '', '', 1), ('new', '', '', 9000000000000)");
    assert!(stage.fleet.job("admin", Job::Tick));
    assert_eq!(rows("DELETE FROM idempotency"), 1);
}
