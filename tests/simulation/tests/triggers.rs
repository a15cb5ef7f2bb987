//! Every trigger of the migrations is tried alone: with it, what it forbids is refused, and what it does is done; without
//! it, not. So each holds something that nothing else in the database does, none can be dropped or emptied unnoticed, and
//! a new one without a line in `triggers.txt` fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test"
)]

use rusqlite::Connection;
use sesh_edge::native::Database;
use std::collections::{BTreeMap, BTreeSet};

const WORKERS: [&str; 3] = ["tracker", "observer", "admin"];
const LINES: &str = include_str!("triggers.txt");

/// One line of the file.
struct Line<'t> {
    worker: &'t str,
    trigger: &'t str,
    given: &'t str,
    tried: &'t str,
    then: Then<'t>,
}

/// What holds with the trigger, and does not without it.
enum Then<'t> {
    Refused(&'t str),
    Gives { query: &'t str, value: &'t str },
}

fn lines() -> impl Iterator<Item = Line<'static>> {
    LINES.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let parts: Vec<&str> = line.split('|').map(str::trim).collect();
        let [head, given, tried, then] = parts[..] else { panic!("a line has four parts: {line}") };
        let (worker, trigger) = head.split_once(' ').expect("worker and trigger");
        let then = if then.starts_with("refused:") {
            Then::Refused(then)
        } else {
            let (query, value) = then.rsplit_once(" = ").expect("a query and its value");
            Then::Gives { query, value }
        };
        Line { worker, trigger, given, tried, then }
    })
}

/// The triggers of a Worker's database, with their SQL.
fn triggers(connection: &Connection) -> BTreeMap<String, String> {
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'";
    let mut select = connection.prepare(sql).unwrap();
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// A Worker's tables without any trigger, and with no constraint that a row made up for one trigger might break.
fn bare(worker: &str) -> (Database, BTreeMap<String, String>) {
    let database = Database::migrated(worker);
    let connection = database.connection();
    connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON").unwrap();
    let all = triggers(connection);
    for name in all.keys() {
        connection.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    (database, all)
}

/// `a=1 b='x y'` as pairs.
fn pairs(text: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut quoted = false;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if quoted {
            let (_, value) = pairs.last_mut().unwrap();
            value.push(' ');
            value.push_str(word);
        } else {
            let (name, value) = word.split_once('=').expect("name=value");
            pairs.push((name.to_owned(), value.to_owned()));
        }
        quoted ^= word.matches('\'').count() % 2 == 1;
    }
    pairs
}

/// SQL as it stands, or `+table a=1` as the row that it means.
fn sql(connection: &Connection, text: &str) -> String {
    let Some(row) = text.strip_prefix('+') else { return text.to_owned() };
    let (conflict, row) = match row.strip_prefix("or ").and_then(|rest| rest.split_once(' ')) {
        Some((how, row)) => (format!("OR {how} "), row),
        None => (String::new(), row),
    };
    let (table, rest) = row.split_once(' ').unwrap_or((row, ""));
    let mut values = pairs(rest);
    let columns = format!("PRAGMA table_info({table})");
    let mut select = connection.prepare(&columns).unwrap();
    let columns = select.query_map([], |row| {
        Ok((
            row.get::<_, String>(1)?,
            row.get::<_, String>(2)?,
            row.get::<_, bool>(3)?,
            row.get::<_, Option<String>>(4)?,
        ))
    });
    for (name, kind, needed, default) in columns.unwrap().map(Result::unwrap) {
        if needed && default.is_none() && values.iter().all(|(known, _)| *known != name) {
            values.push((name, if kind == "INTEGER" { "0" } else { "'x'" }.to_owned()));
        }
    }
    let (names, values): (Vec<String>, Vec<String>) = values.into_iter().unzip();
    format!("INSERT {conflict}INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "))
}

fn run(connection: &Connection, texts: &str) -> rusqlite::Result<()> {
    texts
        .split(';')
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .try_for_each(|text| connection.execute_batch(&sql(connection, text)))
}

/// What comes of trying, undone afterwards.
fn attempt(connection: &Connection, line: &Line<'_>) -> String {
    connection.execute_batch("BEGIN").unwrap();
    let got = match (run(connection, line.tried), &line.then) {
        (Err(error), _) => error.to_string(),
        (Ok(()), Then::Refused(_)) => "done".to_owned(),
        (Ok(()), Then::Gives { query, .. }) => {
            let read = |row: &rusqlite::Row<'_>| row.get::<_, rusqlite::types::Value>(0);
            match connection.query_row(query, [], read) {
                Ok(rusqlite::types::Value::Integer(number)) => number.to_string(),
                Ok(rusqlite::types::Value::Text(text)) => text,
                other => format!("{other:?}"),
            }
        }
    };
    connection.execute_batch("ROLLBACK").unwrap();
    got
}

#[test]
fn every_trigger_holds_what_nothing_else_does() {
    for line in lines() {
        let (database, all) = bare(line.worker);
        let (connection, name) = (database.connection(), format!("{}'s {}", line.worker, line.trigger));
        let trigger = all.get(line.trigger).unwrap_or_else(|| panic!("{name} is not among the triggers"));
        run(connection, line.given).unwrap_or_else(|error| panic!("{name}: {error}"));
        let without = attempt(connection, &line);
        connection.execute_batch(trigger).unwrap();
        let with = attempt(connection, &line);
        match line.then {
            Then::Refused(word) => {
                assert!(with.contains(word), "{name} does not refuse: {with}");
                assert_eq!(without, "done", "{name}: it is refused without it, too");
            }
            Then::Gives { value, .. } => {
                assert_eq!(with, value, "{name} does not do it");
                assert_ne!(without, value, "{name}: it is so without it, too");
            }
        }
    }
}

#[test]
fn every_word_of_the_guard_ends_a_batch() {
    for worker in WORKERS {
        let (database, all) = bare(worker);
        let connection = database.connection();
        let words = all.iter().filter_map(|(name, sql)| Some((name.strip_prefix("guard_")?, sql)));
        for (word, trigger) in words {
            // A view takes rows by a trigger alone, so an unknown word needs another one that lets everything pass.
            let open = "CREATE TRIGGER open INSTEAD OF INSERT ON guard BEGIN SELECT 1; END";
            let insert = |holds: &str| {
                let sql = format!("INSERT INTO guard (failure, holds) SELECT '{word}', {holds}");
                connection.execute_batch(&sql)
            };
            connection.execute_batch(open).unwrap();
            assert!(insert("0").is_ok(), "{worker}: {word} is refused without its trigger");
            connection.execute_batch(trigger).unwrap();
            let refused = insert("0").expect_err("refused").to_string();
            assert!(refused.contains(&format!("refused:{word}")), "{worker}: {word}: {refused}");
            assert!(insert("NULL").is_err(), "{worker}: {word}: what is not known does not hold");
            assert!(insert("1").is_ok(), "{worker}: {word} is refused although it holds");
            connection.execute_batch(&format!("DROP TRIGGER guard_{word}; DROP TRIGGER open")).unwrap();
        }
    }
}

#[test]
fn every_trigger_has_a_line() {
    for worker in WORKERS {
        let named: BTreeSet<&str> =
            lines().filter(|line| line.worker == worker).map(|line| line.trigger).collect();
        let database = Database::migrated(worker);
        let all = triggers(database.connection());
        let without: Vec<&String> =
            all.keys().filter(|name| !name.starts_with("guard_") && !named.contains(name.as_str())).collect();
        assert!(without.is_empty(), "{worker}: add these to triggers.txt: {without:?}");
        assert!(all.len() > 10, "{worker} has triggers");
    }
}
