//! `sesh verify`: reads packets, has them checked, reports. What holds and what does not is decided by `sesh_audit`.

use crate::args::VerifyArgs;
use crate::progress::Progress;
use serde::Serialize;
use sesh_audit::keys::PublicKeys;
use sesh_audit::packet::{self, Manifest, Problem, Report};
use sesh_types::time::Timestamp;
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The largest file that is read: some times the largest packet.
const MAX_FILE_BYTES: u64 = 64 << 20;
/// The most problems of a packet that are printed for people.
const MAX_PRINTED: usize = 20;

/// Why nothing could be checked.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// A file cannot be read.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The given keys are none.
    #[error("{}: {cause}", path.display())]
    Keys {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// The terminal or pipe is gone.
    #[error("cannot print: {0}")]
    Print(#[from] io::Error),
    /// A report that cannot be written as JSON.
    #[error("cannot write JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// What `--json` prints.
#[derive(Serialize)]
struct Outcome<'r> {
    /// Whether everything holds.
    valid: bool,
    /// Whether it was checked with given keys, which shows who made the packets.
    pinned: bool,
    packets: Vec<Checked<'r>>,
    /// What is wrong between packets.
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct Checked<'r> {
    file: String,
    #[serde(flatten)]
    report: &'r Report,
}

/// Runs the command; says whether everything holds.
///
/// # Errors
/// See [`VerifyError`].
pub fn run(arguments: &VerifyArgs, out: &mut impl Write) -> Result<bool, VerifyError> {
    let keys = arguments.jwks.as_deref().map(keys).transpose()?;
    let mut progress = Progress::start(arguments.packets.len() as u64, "packets");
    let mut reports = Vec::new();
    for path in &arguments.packets {
        reports.push(packet::verify(&read(path)?, keys.as_ref()));
        progress.advance(1);
    }
    progress.finish();
    let problems = packet::join(&reports.iter().collect::<Vec<_>>());
    let valid = problems.is_empty() && reports.iter().all(|report| report.valid);
    let packets = arguments
        .packets
        .iter()
        .zip(&reports)
        .map(|(path, report)| Checked { file: path.display().to_string(), report });
    let outcome = Outcome { valid, pinned: keys.is_some(), packets: packets.collect(), problems };
    if arguments.json {
        serde_json::to_writer(&mut *out, &outcome)?;
        writeln!(out)?;
    } else {
        tell(&outcome, out)?;
    }
    out.flush()?;
    Ok(valid)
}

fn read(path: &Path) -> Result<Vec<u8>, VerifyError> {
    let failed = |cause| VerifyError::File { path: path.to_owned(), cause };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(failed(io::Error::other(format!("larger than {} MiB", MAX_FILE_BYTES >> 20))));
    }
    Ok(bytes)
}

fn keys(path: &Path) -> Result<PublicKeys, VerifyError> {
    PublicKeys::read(&read(path)?).map_err(|cause| VerifyError::Keys { path: path.to_owned(), cause })
}

fn tell(outcome: &Outcome<'_>, out: &mut impl Write) -> io::Result<()> {
    for (place, Checked { file, report }) in outcome.packets.iter().enumerate() {
        writeln!(out, "packet {}: {file}", place + 1)?;
        if let Some(manifest) = &report.manifest {
            summary(manifest, out)?;
        }
        for note in &report.notes {
            writeln!(out, "  note: {note}")?;
        }
        list(&report.problems, report.untold, out)?;
    }
    if !outcome.problems.is_empty() {
        writeln!(out, "between the packets:")?;
        list(&outcome.problems, 0, out)?;
    }
    let verdict = match (outcome.valid, outcome.pinned) {
        (true, true) => {
            "VERIFIED: nothing was changed, put in, put elsewhere or cut off, and the given keys signed it"
        }
        (true, false) => {
            "WHOLE: nothing was changed, put in, put elsewhere or cut off; who signed it is not shown"
        }
        (false, _) => "NOT VERIFIED",
    };
    writeln!(out, "{verdict}")
}

fn summary(manifest: &Manifest, out: &mut impl Write) -> io::Result<()> {
    let Manifest { issuer, made_by, first_seq, last_seq, rows, checkpoints, kid, .. } = manifest;
    let time =
        |ms: Option<i64>, open: &str| ms.map_or_else(|| open.to_owned(), |ms| Timestamp(ms).to_string());
    let (from, to) = (time(manifest.from_ms, "the beginning"), time(manifest.to_ms, "the end"));
    let made = Timestamp(manifest.made_at_ms);
    writeln!(out, "  issuer   {}, signed with {}", shown(issuer), shown(kid))?;
    writeln!(out, "  made     {made} for {}", shown(made_by))?;
    writeln!(out, "  period   {from} to {to}")?;
    writeln!(out, "  entries  {first_seq} to {last_seq}, {rows} with content, {checkpoints} checkpoints")?;
    writeln!(out, "  head     {}", shown(&manifest.head))
}

fn list(problems: &[Problem], untold: usize, out: &mut impl Write) -> io::Result<()> {
    for problem in problems.iter().take(MAX_PRINTED) {
        writeln!(out, "  PROBLEM  {}", shown(&problem.message))?;
    }
    let more = untold + problems.len().saturating_sub(MAX_PRINTED);
    if more > 0 { writeln!(out, "  and {more} more problems") } else { Ok(()) }
}

/// Text of others for a terminal: no control characters, no more than a line.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}
