//! KV: eventually consistent. A read may give what stood there up to two minutes ago.

use crate::dice::Dice;
use std::collections::BTreeMap;

/// How long a read may be behind.
pub const STALE_MS: i64 = 120_000;

struct Version {
    since: i64,
    text: Option<String>,
    until: i64,
}

/// The session cache, with its past.
#[derive(Default)]
pub struct Cache(BTreeMap<String, Vec<Version>>);

impl Cache {
    /// Writes at `now`; `ttl_ms` later it is gone.
    pub fn put(&mut self, now: i64, key: String, text: Option<String>, ttl_ms: i64) {
        self.0.entry(key).or_default().push(Version { since: now, text, until: now + ttl_ms });
    }

    /// What stands there now.
    pub fn get(&self, now: i64, key: &str) -> Option<String> {
        let version = self.0.get(key)?.iter().rev().find(|version| version.since <= now)?;
        version.text.clone().filter(|_| version.until > now)
    }

    /// What stood there at some moment of the last two minutes.
    pub fn get_stale(&self, now: i64, key: &str, dice: &mut Dice) -> Option<String> {
        let behind = now - dice.within(0, STALE_MS);
        self.get(behind, key)
    }
}
