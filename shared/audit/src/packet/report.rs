//! What checking a packet found.

use super::Manifest;
use serde::Serialize;

/// The most problems that a report holds.
const MAX_PROBLEMS: usize = 100;

/// What kind of thing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The file is no packet, or not in canonical form.
    Malformed,
    /// The signature is not that of the manifest.
    Signature,
    /// A key is not among those that are trusted, or is another key under the same id.
    UnknownKey,
    /// The manifest contradicts itself.
    Manifest,
    /// Rows, links or checkpoints are not those that the manifest was made for.
    Digest,
    /// Something is not there.
    Missing,
    /// Something is there that does not belong.
    Surplus,
    /// Something stands at another's place.
    Order,
    /// An entry is not what was sealed.
    Altered,
    /// A checkpoint is false, or does not fit.
    Checkpoint,
    /// Two packets contradict each other.
    Conflict,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The first entry that it is about; nothing where it is about the packet.
    pub entry: Option<i64>,
    /// What kind.
    pub code: Code,
    /// In words.
    pub message: String,
}

impl Problem {
    /// Of the packet as a whole.
    pub(super) fn of_packet(code: Code, message: impl Into<String>) -> Self {
        Self { entry: None, code, message: message.into() }
    }

    /// Of an entry.
    pub(super) fn at(entry: i64, code: Code, message: impl Into<String>) -> Self {
        Self { entry: Some(entry), code, message: message.into() }
    }
}

/// What checking one packet found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Whether nothing is wrong.
    pub valid: bool,
    /// The packet's manifest, if there is one to read.
    pub manifest: Option<Manifest>,
    /// What is wrong: first what is about the packet, then by entry. At most 100.
    pub problems: Vec<Problem>,
    /// Further problems that are not told.
    pub untold: usize,
    /// What holds but should be known.
    pub notes: Vec<String>,
    /// The hashes of its entries, for [`super::join`].
    #[serde(skip)]
    pub(super) hashes: Vec<(i64, String)>,
}

impl Report {
    /// Sorts the problems by place and keeps the first.
    pub(super) fn new(
        manifest: Option<Manifest>,
        mut problems: Vec<Problem>,
        notes: Vec<String>,
        hashes: Vec<(i64, String)>,
    ) -> Self {
        problems.sort_by_key(|problem| problem.entry);
        let untold = problems.len().saturating_sub(MAX_PROBLEMS);
        problems.truncate(MAX_PROBLEMS);
        Self { valid: problems.is_empty(), manifest, problems, untold, notes, hashes }
    }
}
