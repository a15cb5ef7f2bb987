//! Moods before and after, by strain, and what was felt. Averages say how many sessions they rest on.

use super::rules::{StrainKey, strain_key};
use crate::taken::Taken;
use serde::Serialize;
use sesh_edge::order::Order;
use sesh_types::ids::StrainId;
use std::collections::{BTreeMap, BTreeSet};

/// The most effects that are listed.
const MOST_EFFECTS: usize = 30;

/// Moods before and after, of the sessions that say both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Moods {
    /// Sessions that say both: what the averages rest on.
    pub sessions: u64,
    /// The average before, in hundredths of the scale's 1 to 5; `null` without such sessions.
    pub before_hundredths: Option<i64>,
    /// The average after.
    pub after_hundredths: Option<i64>,
    /// Sessions after which it was better.
    pub better: u64,
    /// Sessions after which it was the same.
    pub same: u64,
    /// Sessions after which it was worse.
    pub worse: u64,
}

/// Moods with one strain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct MoodsOfStrain {
    /// The strain, if the lot named one.
    pub strain_id: Option<StrainId>,
    /// The name; `null` for sessions of which nothing was said.
    pub name: Option<String>,
    /// Before and after.
    #[serde(flatten)]
    pub moods: Moods,
}

/// How often something was felt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Felt {
    /// What, in lower case.
    pub effect: String,
    /// In how many sessions.
    pub sessions: u64,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    before: i64,
    after: i64,
    counts: Moods,
}

impl Sum {
    fn add(&mut self, before: i64, after: i64) {
        self.before += before;
        self.after += after;
        self.counts.sessions += 1;
        match after.cmp(&before) {
            std::cmp::Ordering::Greater => self.counts.better += 1,
            std::cmp::Ordering::Equal => self.counts.same += 1,
            std::cmp::Ordering::Less => self.counts.worse += 1,
        }
    }

    fn moods(self) -> Moods {
        let count = i64::try_from(self.counts.sessions).unwrap_or(i64::MAX);
        // Moods are positive: adding half before dividing rounds to the nearest.
        let average = |sum: i64| (count > 0).then(|| (sum * 100 + count / 2) / count);
        Moods {
            before_hundredths: average(self.before),
            after_hundredths: average(self.after),
            ..self.counts
        }
    }
}

fn both(session: &Taken) -> Option<(i64, i64)> {
    Some((session.mood_before?, session.mood_after?))
}

/// Of all sessions that say both.
pub(crate) fn moods(taken: &[Taken]) -> Moods {
    let mut sum = Sum::default();
    for (before, after) in taken.iter().filter_map(both) {
        sum.add(before, after);
    }
    sum.moods()
}

/// By strain, most sessions first; a session of two strains counts for each.
pub(crate) fn by_strain(taken: &[Taken]) -> Vec<MoodsOfStrain> {
    let mut strains: BTreeMap<StrainKey<'_>, (Option<&str>, Sum)> = BTreeMap::new();
    for session in taken {
        let Some((before, after)) = both(session) else { continue };
        let mut keys: BTreeMap<StrainKey<'_>, Option<&str>> =
            session.items.iter().map(|item| (strain_key(item), item.name.as_deref())).collect();
        if keys.is_empty() {
            keys.insert((None, None), None);
        }
        for (key, name) in keys {
            let entry = strains.entry(key).or_default();
            entry.0 = name;
            entry.1.add(before, after);
        }
    }
    let mut rows: Vec<MoodsOfStrain> = strains
        .into_iter()
        .map(|((strain_id, _), (name, sum))| MoodsOfStrain {
            strain_id,
            name: name.map(str::to_owned),
            moods: sum.moods(),
        })
        .collect();
    rows.order_by_key(|row| std::cmp::Reverse(row.moods.sessions));
    rows
}

/// What was felt, most often first.
pub(crate) fn felt(taken: &[Taken]) -> Vec<Felt> {
    let mut effects: BTreeMap<String, u64> = BTreeMap::new();
    for session in taken {
        let words: BTreeSet<String> = session.effects.iter().map(|word| word.trim().to_lowercase()).collect();
        for word in words {
            *effects.entry(word).or_default() += 1;
        }
    }
    let mut rows: Vec<Felt> =
        effects.into_iter().map(|(effect, sessions)| Felt { effect, sessions }).collect();
    rows.order_by_key(|row| std::cmp::Reverse(row.sessions));
    rows.truncate(MOST_EFFECTS);
    rows
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::session;
    use super::*;
    use sesh_types::time::Timestamp;

    fn felt_so(lot: u8, before: Option<i64>, after: Option<i64>, effects: &[&str]) -> Taken {
        let effects = effects.iter().map(|word| (*word).to_owned()).collect();
        Taken { mood_before: before, mood_after: after, effects, ..session(Timestamp(0), &[(lot, None)]) }
    }

    #[test]
    fn only_sessions_that_say_both_count() {
        let taken = [
            felt_so(1, Some(2), Some(4), &["Calm", "calm", "hungry"]),
            felt_so(1, Some(3), Some(3), &["calm"]),
            felt_so(3, Some(4), Some(1), &[]),
            felt_so(3, Some(4), None, &[]),
        ];
        let all = moods(&taken);
        assert_eq!((all.sessions, all.better, all.same, all.worse), (3, 1, 1, 1));
        assert_eq!((all.before_hundredths, all.after_hundredths), (Some(300), Some(267)));
        let rows = by_strain(&taken);
        let of: Vec<(u64, Option<i64>)> =
            rows.iter().map(|row| (row.moods.sessions, row.moods.after_hundredths)).collect();
        assert_eq!(of, [(2, Some(350)), (1, Some(100))]);
        assert_eq!(felt(&taken)[0], Felt { effect: "calm".to_owned(), sessions: 2 });
        assert_eq!(moods(&[]).before_hundredths, None);
    }
}
