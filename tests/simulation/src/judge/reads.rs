//! What a reader sees must have been so, all of it at one moment.

use super::Answered;
use crate::actions::Intent;
use crate::model::Entry;
use crate::scheduler::Simulation;
use crate::{Holds, violated};
use serde_json::Value;
use std::collections::BTreeMap;

fn rows(data: &Value) -> &[Value] {
    data.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn by_id(data: &Value, field: &str) -> BTreeMap<String, i64> {
    let row = |row: &Value| Some((row["id"].as_str()?.to_owned(), row[field].as_i64()?));
    rows(data).iter().filter_map(row).collect()
}

fn must(holds: bool, answered: &Answered<'_>) -> Holds {
    if holds { Ok(()) } else { violated(format!("it was never so while it was answered: {}", answered.json)) }
}

impl Simulation<'_> {
    pub(super) fn judge_read(&self, answered: &Answered<'_>) -> Holds {
        let data = answered.data();
        let total = answered.json["meta"]["total"].as_u64().map(|total| usize::try_from(total).unwrap());
        match &answered.action.intent {
            Intent::ReadStash { as_of: None } => {
                let found = by_id(data, "balance_mg");
                must(total == Some(found.len()) && answered.ever(|view| view.lots == found), answered)
            }
            Intent::ReadStash { as_of: Some(time) } => {
                let found = by_id(data, "balance_mg");
                let since = self.roots[answered.root].commit;
                let commits = self.model.commits_since(&answered.person, since);
                let as_of = |commit: &u64| self.model.as_of(&answered.person, *time, *commit) == found;
                must(total == Some(found.len()) && commits.iter().any(as_of), answered)
            }
            Intent::ReadLot { lot } => {
                let balance = data["balance_mg"].as_i64();
                must(answered.ever(|view| view.lots.get(lot).copied() == balance), answered)
            }
            Intent::ReadEntries { lot } => self.judge_entries(answered, lot, total),
            Intent::ReadSessions => {
                let found = by_id(data, "version");
                must(total == Some(found.len()) && answered.ever(|view| view.sessions == found), answered)
            }
            Intent::ReadSession { session } => {
                let version = data["version"].as_i64();
                let tag = version.map(|version| format!("\"v{version}\""));
                must(
                    tag == answered.etag
                        && answered.ever(|view| view.sessions.get(session).copied() == version),
                    answered,
                )
            }
            Intent::ReadDashboard => {
                let stash = (data["stash"]["lots"].as_u64(), data["stash"]["balance_mg"].as_i64());
                let was = |lots: &BTreeMap<String, i64>| {
                    let held = lots.values().filter(|balance| **balance > 0);
                    stash == (Some(held.clone().count() as u64), Some(held.sum()))
                };
                must(answered.ever(|view| was(&view.lots)), answered)
            }
            Intent::ReadStrains => {
                let private = rows(data).iter().filter(|row| row["visibility"] == "private");
                let found: BTreeMap<String, String> = private
                    .filter_map(|row| {
                        Some((row["name"].as_str()?.to_owned(), row["id"].as_str()?.to_owned()))
                    })
                    .collect();
                must(answered.ever(|view| view.strains == found), answered)
            }
            Intent::ReadDevices => {
                let mut found: Vec<&str> = rows(data).iter().filter_map(|row| row["id"].as_str()).collect();
                found.sort_unstable();
                must(
                    answered.ever(|view| view.devices.keys().map(String::as_str).eq(found.iter().copied())),
                    answered,
                )
            }
            Intent::ReadMe => self.judge_me(answered),
            Intent::ReadAudit => must(data["valid"] == true, answered),
            _ => Ok(()),
        }
    }

    /// The ledger as it was at some moment: its first entries, the newest first.
    fn judge_entries(&self, answered: &Answered<'_>, lot: &str, total: Option<usize>) -> Holds {
        let since = self.roots[answered.root].commit;
        let Some(lot) = self.model.people.get(&answered.person).and_then(|known| known.lots.get(lot)) else {
            return violated("it shows the ledger of a lot that is somebody else's");
        };
        let count = total.unwrap_or_default();
        let known_before = lot.entries.iter().filter(|entry| entry.commit <= since).count();
        let meant = |entry: &Entry| (Some(entry.delta), Some(entry.balance));
        let expected = lot.entries.iter().take(count).rev().take(100).map(meant);
        let seen = |row: &Value| (row["delta_mg"].as_i64(), row["balance_after_mg"].as_i64());
        let same = rows(answered.data()).iter().map(seen).eq(expected);
        must(same && (known_before..=lot.entries.len()).contains(&count), answered)
    }

    /// A profile that is no older than what was acknowledged before, and as that version has it.
    fn judge_me(&self, answered: &Answered<'_>) -> Holds {
        let version = answered.data()["version"].as_i64().unwrap_or_default();
        let name = answered.data()["display_name"].as_str();
        let known = &self.model.people[&answered.person];
        let right = known.names.get(&version).map(String::as_str) == name;
        let acknowledged = self.roots[answered.root].profile;
        must(right && version >= acknowledged, answered)
    }
}
