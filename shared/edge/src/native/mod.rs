//! The native twin of workerd: the same Workers in one process, over real SQLite, with a clock that tests move
//! and randomness that follows from a seed.

mod fleet;
mod logs;
mod signatures;
mod sqlite;

pub use fleet::{Call, Fleet, Got, Seeded, Vars};
pub use logs::{capture_log, captured_logs};
pub use signatures::verify;
pub use sqlite::{Database, migrations_of, prepare_known_sql};
