//! Races with delays at every call to a database, on real workerd and D1: 200 at once, again and again. What must hold
//! is judged by one function for each race, which the fleet passes (`fleet.rs`) and a naive Worker does not (`naive.rs`).
//!
//! `SESH_ROUNDS` says how often each race is run: a few times when it is not set.

mod fleet;
mod naive;

use e2e::wait::at_once;
use std::collections::BTreeSet;

/// How many at once.
const MANY: usize = 200;
/// The longest delay of a call to a database, in milliseconds.
const DELAY_MS: u32 = 25;

/// Runs a race as often as asked for, with the number of each round as its seed.
fn rounds(race: impl Fn(u64)) {
    let asked = std::env::var("SESH_ROUNDS").ok();
    let count = asked.map_or(3, |text| text.parse().expect("SESH_ROUNDS is a number"));
    for seed in 1..=count {
        race(seed);
        if count > 10 && seed % 10 == 0 {
            eprintln!("  {seed} of {count} rounds");
        }
    }
}

/// What was wrong about a race.
type Violation = Result<(), String>;

fn must(holds: bool, otherwise: impl FnOnce() -> String) -> Violation {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// Of many refreshes of one token, one successor comes: all who get one get the same, and it lives.
fn one_live_successor(
    refresh: impl Fn() -> Option<String> + Sync,
    is_live: impl Fn(&str) -> bool,
) -> Violation {
    let found = at_once(MANY, |_| refresh());
    let successors: BTreeSet<String> = found.iter().flatten().cloned().collect();
    must(successors.len() == 1, || format!("{} successors", successors.len()))?;
    must(found.iter().all(Option::is_some), || "somebody lost their device by asking in time".into())?;
    must(successors.iter().all(|token| is_live(token)), || "the successor is dead".into())
}

/// Once whatever ends a device has answered, nothing that refreshes or sign-ins gave out meanwhile is alive.
fn nothing_survives(
    begin: impl Fn() -> Option<String> + Sync,
    end: impl Fn() + Sync,
    is_live: impl Fn(&str) -> bool,
) -> Violation {
    let given = at_once(MANY, |number| {
        // Somewhere in the middle: others are under way already, and others come later.
        if number == MANY / 2 {
            end();
            return None;
        }
        begin()
    });
    let survivors = given.iter().flatten().filter(|token| is_live(token)).count();
    must(survivors == 0, || format!("{survivors} tokens live"))
}

/// Of many who take 30 of 100, three do, and 10 are left.
fn no_double_spend(take: impl Fn() -> bool + Sync, left: impl Fn() -> i64) -> Violation {
    let won = at_once(MANY, |_| take()).into_iter().filter(|won| *won).count();
    let left = left();
    must((won, left) == (3, 10), || format!("{won} took 30 of 100 mg, and {left} are left"))
}

/// Of many who want room at once, as many get it as there is room for.
fn as_many_as_fit(fit: usize, write: impl Fn() -> bool + Sync) -> Violation {
    let won = at_once(MANY, |_| write()).into_iter().filter(|won| *won).count();
    must(won == fit, || format!("{won} found room where {fit} fit"))
}

/// Of many edits of one version, one takes effect.
fn one_edit_wins(edit: impl Fn(usize) -> bool + Sync) -> Violation {
    let won = at_once(MANY, edit).into_iter().filter(|won| *won).count();
    must(won == 1, || format!("{won} edits of one version took effect"))
}

/// Many requests with one key have one effect and one answer.
fn one_effect(request: impl Fn() -> String + Sync, effects: impl Fn() -> i64) -> Violation {
    let answers: BTreeSet<String> = at_once(MANY, |_| request()).into_iter().collect();
    let effects = effects();
    must((answers.len(), effects) == (1, 1), || format!("{} answers, {effects} effects", answers.len()))
}
