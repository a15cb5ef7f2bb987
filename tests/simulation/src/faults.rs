//! Which faults a seed has, and how often. Each seed has faults of its own choice, some none: a fault that is always
//! there hides what only shows in its absence.

use crate::dice::Dice;

/// How often each fault strikes, per thousand of what it may strike.
#[derive(Clone, Debug, Default)]
pub struct Rates {
    /// A batch never reaches the database.
    pub db_before: u32,
    /// A batch commits, and its answer is lost.
    pub db_after: u32,
    /// A port call takes seconds.
    pub slow: u32,
    /// The queue does not take messages.
    pub send_before: u32,
    /// The queue takes messages, and its answer is lost.
    pub send_after: u32,
    /// Another Worker is not reached.
    pub peer_before: u32,
    /// Another Worker answers, and its answer is lost.
    pub peer_after: u32,
    /// Something else answers in another Worker's place.
    pub peer_garbage: u32,
    /// Another Worker never answers.
    pub peer_hangs: u32,
    /// The cache answers as it was up to two minutes ago.
    pub kv_stale: u32,
    /// The cache has lost what it held, or does not answer.
    pub kv_missing: u32,
    /// A write to the cache goes nowhere.
    pub kv_lost: u32,
    /// The client never hears the answer.
    pub answer_lost: u32,
    /// The client hangs up, and the Worker stops where it is.
    pub hang_up: u32,
    /// A Worker loses its isolate, at any event.
    pub crash: u32,
    /// A message is delivered again although it was taken.
    pub message_again: u32,
    /// The cron trigger does not fire.
    pub tick_missed: u32,
    /// The same request is sent again before the first has answered.
    pub hedge: u32,
    /// Milliseconds by which the clocks of observer and admin differ from tracker's.
    pub skew_ms: [i64; 3],
}

impl Rates {
    /// No fault at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// The faults of a seed.
    pub fn of(dice: &mut Dice) -> Self {
        let mut rates = Self::default();
        let hedge = [0, 40, 150][dice.below(3)];
        if dice.happens(120) {
            return Self { hedge, ..rates };
        }
        let mut rate = |usual: u32| match dice.below(4) {
            0 => 0,
            1 | 2 => usual,
            _ => usual * 4,
        };
        rates.db_before = rate(8);
        rates.db_after = rate(8);
        rates.slow = rate(10);
        rates.send_before = rate(60);
        rates.send_after = rate(60);
        rates.peer_before = rate(15);
        rates.peer_after = rate(15);
        rates.peer_garbage = rate(10);
        rates.peer_hangs = rate(5);
        rates.kv_stale = rate(150);
        rates.kv_missing = rate(80);
        rates.kv_lost = rate(50);
        rates.answer_lost = rate(40);
        rates.hang_up = rate(10);
        rates.crash = rate(1);
        rates.message_again = rate(80);
        rates.tick_missed = rate(120);
        rates.hedge = hedge;
        if dice.happens(400) {
            rates.skew_ms = [0, dice.within(-1500, 1500), dice.within(-1500, 1500)];
        }
        rates
    }
}

/// The words of D1 and of service bindings when they fail.
pub const LOST: &str = "Network connection lost.";
/// D1 has too much to do.
pub const OVERLOADED: &str = "D1 DB is overloaded. Too many requests queued.";
