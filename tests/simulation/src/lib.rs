//! The whole fleet in one process under a seeded scheduler, in the manner of `TigerBeetle` and `FoundationDB`.
//!
//! All three Workers run over the ports' native implementation: real handlers, real SQLite, real migrations. Every
//! port call of every request, job and delivery is an event of its own, and a seed decides when each happens and
//! which of them fails ([`faults`]). Random people do random things ([`people`], [`mind`], [`actions`]); a model that is too
//! simple to be wrong ([`model`]) is told of every commit and says whether it may be, and every answer is held against
//! what was true while it was made ([`judge`]). The same seed is the same story, byte for byte ([`story`]). What
//! shows that it finds bugs are bugs planted on purpose ([`mutants`]).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "whatever goes wrong here ends a run that exists to go wrong"
)]

pub mod actions;
pub mod cache;
pub mod clients;
pub mod command;
pub mod dice;
pub mod end;
pub mod faults;
pub mod fleet;
pub mod judge;
pub mod mind;
pub mod model;
pub mod mutants;
pub mod people;
pub mod ports;
pub mod programs;
pub mod rush;
pub mod scheduler;
pub mod staff;
pub mod story;
pub mod tasks;

pub use fleet::Stage;
pub use mutants::Mutant;
pub use scheduler::{Counts, Outcome, Simulation};

/// What must not be: the words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation(pub String);

/// Whether everything holds so far.
pub type Holds = Result<(), Violation>;

/// Ends the run with these words.
///
/// # Errors
/// Always: these words.
pub fn violated<T>(words: impl Into<String>) -> Result<T, Violation> {
    Err(Violation(words.into()))
}

/// Plays one seed.
pub fn play(stage: &Stage, seed: u64, with_story: bool) -> Outcome {
    stage.reset();
    let outcome = Simulation::new(stage, seed, with_story).run();
    stage.leave();
    outcome
}
