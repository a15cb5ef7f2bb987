//! Things that people have: lots, sessions, strains.

use crate::actors::{Caller, Person};
use crate::names;
use serde_json::{Value, json};

/// The text of a member.
#[track_caller]
pub fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_else(|| panic!("no text {member} in {value}")).to_owned()
}

/// The number of a member.
#[track_caller]
pub fn int(value: &Value, member: &str) -> i64 {
    value[member].as_i64().unwrap_or_else(|| panic!("no number {member} in {value}"))
}

/// A purchase of something with a name of its own.
pub fn new_lot(mg: i64) -> Value {
    json!({ "name": "Jar", "form": "flower", "quantity_mg": mg })
}

/// A session that takes from one lot.
pub fn new_session(lot: &str, mg: i64) -> Value {
    json!({ "method": "vape", "items": [{ "lot_id": lot, "quantity_mg": mg }] })
}

impl Person {
    /// Buys; the id of the lot.
    #[track_caller]
    pub fn buy(&self, mg: i64) -> String {
        text(&self.post("/api/v1/stash", &new_lot(mg)).is(201).data(), "id")
    }

    /// Buys of a strain; the id of the lot.
    #[track_caller]
    pub fn buy_of(&self, strain: &str, mg: i64) -> String {
        let body = json!({ "strain_id": strain, "form": "flower", "quantity_mg": mg });
        text(&self.post("/api/v1/stash", &body).is(201).data(), "id")
    }

    /// Logs a session; as it was answered.
    #[track_caller]
    pub fn log(&self, lot: &str, mg: i64) -> Value {
        self.post("/api/v1/sessions", &new_session(lot, mg)).is(201).data()
    }

    /// Adds a private strain of a new name; its id and name.
    #[track_caller]
    pub fn add_strain(&self) -> (String, String) {
        let name = names::unique("Private");
        let strain = self.post("/api/v1/strains", &json!({ "name": name })).is(201).data();
        (text(&strain, "id"), name)
    }

    /// What a lot holds.
    #[track_caller]
    pub fn balance(&self, lot: &str) -> i64 {
        int(&self.get(&format!("/api/v1/stash/{lot}")).is(200).data(), "balance_mg")
    }

    /// What a lot held as recorded at a time; nothing when it was not there yet.
    #[track_caller]
    pub fn balance_as_of(&self, lot: &str, time: &str) -> Option<i64> {
        let lots = self.get(&format!("/api/v1/stash?limit=100&as_of={time}")).is(200).rows();
        lots.iter().find(|row| row["id"] == lot).map(|row| int(row, "balance_mg"))
    }

    /// The ledger of a lot, from its first entry on.
    #[track_caller]
    pub fn entries(&self, lot: &str) -> Vec<Value> {
        let mut entries = self.get(&format!("/api/v1/stash/{lot}/entries?limit=100")).is(200).rows();
        entries.sort_by_key(|entry| int(entry, "seq"));
        entries
    }

    /// The kinds and amounts of a lot's ledger, from its first entry on.
    #[track_caller]
    pub fn ledger(&self, lot: &str) -> Vec<(String, i64)> {
        self.entries(lot).iter().map(|entry| (text(entry, "kind"), int(entry, "delta_mg"))).collect()
    }

    /// How many sessions there are.
    #[track_caller]
    pub fn sessions(&self) -> u64 {
        self.get("/api/v1/sessions?limit=1").is(200).meta()[2]
    }

    /// The id of a strain of the catalogue.
    #[track_caller]
    pub fn strain(&self, name: &str) -> String {
        let rows = self.get(&format!("/api/v1/strains?q={}", name.replace(' ', "%20"))).is(200).rows();
        let found = rows.iter().find(|strain| strain["name"] == name && strain["visibility"] == "public");
        text(found.unwrap_or_else(|| panic!("the catalogue has no {name}")), "id")
    }
}

/// The time so many days from now, as RFC 3339.
///
/// # Panics
/// When the clock stands before 1970.
#[allow(clippy::disallowed_methods, reason = "a test of the real fleet lives in real time")]
pub fn days_from_now(days: i64) -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let seconds = i64::try_from(since.as_secs()).unwrap() + days * 86_400;
    chrono::DateTime::from_timestamp(seconds, 0).unwrap().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
