//! The ports: everything a handler may ask of the world, as plain data.

mod db;
mod mailbox;
mod op;
mod outside;

pub use db::{Batch, DbError, Param, Rows, Statement};
#[cfg(not(target_arch = "wasm32"))]
pub use db::{KNOWN_SQL, KnownSql};
pub use mailbox::{Entropy, Io, SystemEntropy};
pub use op::{Mail, Op, PeerCall, PeerReply, Reply, Signed};
pub use outside::{FetchCall, Fetched, Outside, origin_of};
