//! The command: seeds on all cores, progress, the first story that breaks a rule.

#![allow(clippy::print_stdout, reason = "it is what a command is for")]
#![allow(clippy::disallowed_methods, reason = "how long it really took is asked of the real clock")]

use crate::{Counts, Mutant, Outcome, Stage, play};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// How many seeds.
    pub seeds: u64,
    /// The first.
    pub from: u64,
    /// One alone, with its story.
    pub only: Option<u64>,
    /// A planted bug.
    pub mutant: Option<Mutant>,
    /// Threads.
    pub threads: u64,
}

fn read(mut words: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut asked = Asked { seeds: 1_000, from: 0, only: None, mutant: None, threads: 2 };
    while let Some(word) = words.next() {
        let value = words.next().ok_or(format!("{word} wants a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{word} wants a number, not {value}"));
        match word.as_str() {
            "--seeds" => asked.seeds = number()?,
            "--from" => asked.from = number()?,
            "--seed" => asked.only = Some(number()?),
            "--threads" => asked.threads = number()?.max(1),
            "--mutant" => {
                asked.mutant = Some(Mutant::named(&value).ok_or_else(|| {
                    let names: Vec<&str> = Mutant::ALL.iter().map(|mutant| mutant.name()).collect();
                    format!("there is no mutant {value}; there are {}", names.join(", "))
                })?);
            }
            _ => return Err(format!("unknown option: {word}")),
        }
    }
    Ok(asked)
}

/// The command that plays a seed again.
pub fn replay(seed: u64, mutant: Option<Mutant>) -> String {
    let planted = mutant.map(|mutant| format!(" --mutant {}", mutant.name())).unwrap_or_default();
    format!("scripts/simulate --seed {seed}{planted}")
}

/// Runs the command.
pub fn run(words: impl Iterator<Item = String>) -> ExitCode {
    let asked = match read(words) {
        Ok(asked) => asked,
        Err(error) => {
            println!("error: {error}");
            return ExitCode::from(2);
        }
    };
    if let Some(seed) = asked.only {
        let outcome = play(&Stage::new(asked.mutant), seed, true);
        println!("{}", outcome.story);
        return verdict(&outcome);
    }
    let begun = Instant::now();
    let (first, counts, played) = search(asked);
    let seconds = begun.elapsed().as_secs_f64();
    let Counts { actions, attempts, events, commits, faults, crashes, answers: [good, refused, failed] } =
        counts;
    #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
    let rate = played as f64 / seconds;
    println!(
        "{played} seeds in {seconds:.1} s ({rate:.0} a second): {actions} actions, {attempts} requests, {events} events, \
         {commits} commits, {faults} faults, {crashes} crashes; answers: {good} good, {refused} refused, {failed} unavailable"
    );
    let Some(seed) = first else {
        println!("No rule was broken.");
        return ExitCode::SUCCESS;
    };
    let outcome = play(&Stage::new(asked.mutant), seed, true);
    println!("{}", outcome.story);
    println!("Seed {seed} breaks a rule. Play it again: {}", replay(seed, asked.mutant));
    ExitCode::FAILURE
}

fn verdict(outcome: &Outcome) -> ExitCode {
    if outcome.violation.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Plays the seeds on all threads; returns the least that breaks a rule, and what was done.
pub fn search(asked: Asked) -> (Option<u64>, Counts, u64) {
    let next = AtomicU64::new(asked.from);
    let until = AtomicU64::new(asked.from + asked.seeds);
    let total = Mutex::new((Counts::default(), 0_u64));
    std::thread::scope(|scope| {
        for _ in 0..asked.threads {
            scope.spawn(|| {
                let stage = Stage::new(asked.mutant);
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= until.load(Ordering::Relaxed) {
                        break;
                    }
                    let outcome = play(&stage, seed, false);
                    if outcome.violation.is_some() {
                        // Only lesser seeds are still of interest.
                        until.fetch_min(seed, Ordering::Relaxed);
                    }
                    let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
                    total.0.add(outcome.counts);
                    total.1 += 1;
                }
            });
        }
    });
    let (counts, played) = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    let first = until.into_inner();
    ((first < asked.from + asked.seeds).then_some(first), counts, played)
}
