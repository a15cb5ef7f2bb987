//! The simulation's short form: some hundred seeds hold, every planted bug is found, a seed is always the same story.
//! The long form is `scripts/simulate --seeds 100000`.

use simulation::command::{Asked, replay, search};
use simulation::{Mutant, Stage, Violation, play};

/// Seeds of the short form.
const SEEDS: u64 = 100;
/// Within how many a planted bug must be found.
const MOST: u64 = 1_000;

fn asked(seeds: u64, mutant: Option<Mutant>) -> Asked {
    Asked { seeds, from: 0, only: None, mutant, threads: 2 }
}

#[test]
fn some_hundred_seeds_break_no_rule() {
    let (first, counts, played) = search(asked(SEEDS, None));
    if let Some(seed) = first {
        let outcome = play(&Stage::new(None), seed, true);
        panic!("{}\nPlay it again: {}", outcome.story, replay(seed, None));
    }
    assert_eq!(played, SEEDS);
    // Figures of a simulation that does nothing would hold all rules, too.
    let [good, refused, unavailable] = counts.answers;
    assert!(counts.actions > 40 * SEEDS && counts.commits > 10 * SEEDS, "{counts:?}");
    assert!(counts.faults > 5 * SEEDS && counts.crashes > SEEDS / 10, "{counts:?}");
    assert!(good > 20 * SEEDS && refused > SEEDS && unavailable > SEEDS, "{counts:?}");
}

#[test]
fn every_planted_bug_is_found_within_a_thousand_seeds() {
    let mut found = Vec::new();
    for mutant in Mutant::ALL.iter().copied() {
        let name = mutant.name();
        let (first, ..) = search(asked(MOST, Some(mutant)));
        let seed = first.unwrap_or_else(|| panic!("{name} is not found within {MOST} seeds"));
        let Some(Violation(words)) = play(&Stage::new(Some(mutant)), seed, false).violation else {
            panic!("{name}: seed {seed} is not the same when it is played again")
        };
        // A mutant whose own SQL is broken would be found, and prove nothing.
        assert!(!words.contains("nothing failed"), "{name} breaks the database and not a rule: {words}");
        found.push((seed, name, words));
    }
    found.sort();
    for (seed, name, words) in found {
        println!("{name} at seed {seed}: {}", words.lines().next().unwrap_or_default());
    }
}

#[test]
fn the_same_seed_is_the_same_story() {
    let (one, other) = (Stage::new(None), Stage::new(None));
    for seed in [0, 7, 11] {
        let first = play(&one, seed, true);
        // On a stage that has seen other seeds, too.
        play(&other, seed + 1, false);
        let again = play(&other, seed, true);
        assert!(first.story.lines().count() > 50, "there is something to tell");
        assert_eq!(first.story, again.story, "seed {seed}");
        assert_ne!(first.story, play(&one, seed + 1, true).story);
    }
}

#[test]
fn a_story_ends_with_what_must_not_be() {
    let mutant = Some(Mutant::RunningBalance);
    let outcome = play(&Stage::new(mutant), 0, true);
    let Some(Violation(words)) = outcome.violation else { panic!("seed 0 finds it") };
    let last = outcome.story.lines().last().unwrap_or_default();
    assert!(last.contains("VIOLATION") && words.lines().all(|line| outcome.story.contains(line)), "{last}");
    assert_eq!(replay(0, mutant), "scripts/simulate --seed 0 --mutant running-balance");
}
