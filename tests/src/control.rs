//! Behind the fleet's back: SQL straight into a Worker's database, a look into its KV, its crons. Only what no route
//! offers is done here.

use crate::fixtures;
use crate::fleet::{Worker, fleet};
use crate::http::{Call, Reply};
use crate::names::encoded;
use crate::wait::eventually;
use serde_json::{Value, json};

fn call(method: &str, path: &str) -> Call {
    Call::new(method, format!("{}{path}", fleet().control)).bearer(&fleet().admin_key)
}

/// Runs SQL inside a Worker's D1.
///
/// # Errors
/// The database's own words when it refuses.
pub fn d1(worker: Worker, sql: &str, params: &[Value]) -> Result<Vec<Value>, String> {
    let body = json!({ "sql": sql, "params": params });
    let got: Reply = call("POST", &format!("/d1/{}", worker.name())).json(&body).send();
    match got.status {
        200 => Ok(got.json()["rows"].as_array().unwrap().clone()),
        422 => Err(got.json()["error"].as_str().unwrap().to_owned()),
        _ => panic!("{got}"),
    }
}

/// The rows of a query that must succeed.
#[track_caller]
pub fn rows(worker: Worker, sql: &str, params: &[Value]) -> Vec<Value> {
    d1(worker, sql, params).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The one number `n` of a query.
#[track_caller]
pub fn number(worker: Worker, sql: &str, params: &[Value]) -> i64 {
    rows(worker, sql, params)[0]["n"].as_i64().unwrap_or_else(|| panic!("{sql} gives no n"))
}

/// What a Worker's KV holds under a key.
pub fn kv(worker: Worker, binding: &str, key: &str) -> Option<String> {
    let got = call("GET", &format!("/kv/{}/{binding}/{}", worker.name(), encoded(key))).send().is(200);
    got.json()["value"].as_str().map(str::to_owned)
}

/// The first thousand keys of a Worker's KV.
pub fn keys(worker: Worker, binding: &str) -> Vec<String> {
    let got = call("GET", &format!("/kv/{}/{binding}", worker.name())).send().is(200);
    let keys = got.json()["keys"].as_array().unwrap().clone();
    keys.iter().map(|key| key.as_str().unwrap_or_default().to_owned()).collect()
}

/// Puts a value into a Worker's KV, as a cache that is late would still hold it.
pub fn put_kv(worker: Worker, binding: &str, key: &str, value: &str) {
    let path = format!("/kv/{}/{binding}/{}", worker.name(), encoded(key));
    call("PUT", &path).json(&json!({ "value": value })).send().is(200);
}

/// The mails to an address so far, oldest first.
pub fn mails(address: &str) -> Vec<Value> {
    let got = call("GET", &format!("/mail/{}", encoded(address))).send().is(200);
    got.json()["mails"].as_array().unwrap().clone()
}

/// Waits for a mail of this subject to an address, and takes the token from its link.
#[track_caller]
pub fn mailed_token(address: &str, subject: &str) -> String {
    let find = || mails(address).into_iter().rfind(|mail| mail["subject"] == subject);
    let mail = eventually(&format!("the mail \"{subject}\""), find);
    let (_, token) = mail["text"].as_str().unwrap().split_once("#token=").unwrap();
    token.lines().next().unwrap().to_owned()
}

/// Fires a Worker's cron triggers and waits until they are done; their outcomes.
pub fn cron(worker: Worker) -> Vec<String> {
    let got = call("POST", &format!("/cron/{}", worker.name())).send().is(200);
    let outcomes = got.json()["outcomes"].as_array().unwrap().clone();
    outcomes.iter().map(|outcome| outcome["outcome"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The end of a token, which lies in its secret part: that may hold the sign which divides a token, too.
pub fn tail(token: &str) -> &str {
    &token[token.len().saturating_sub(22)..]
}

/// The columns of a Worker's tables, as `table.column`, in which one of these texts stands.
pub fn holding(worker: Worker, texts: &[&str]) -> Vec<String> {
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'";
    let mut found = Vec::new();
    for table in rows(worker, tables, &[]) {
        let table = fixtures::text(&table, "name");
        for column in rows(worker, "SELECT name FROM pragma_table_info(?1)", &[json!(table)]) {
            let column = fixtures::text(&column, "name");
            let sql = format!("SELECT count(*) AS n FROM \"{table}\" WHERE instr(\"{column}\", ?1) > 0");
            if texts.iter().any(|text| number(worker, &sql, &[json!(text)]) > 0) {
                found.push(format!("{table}.{column}"));
            }
        }
    }
    found
}
