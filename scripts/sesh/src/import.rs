//! `sesh import strains`: reads, judges, sends, reports.
//!
//! 1. Reads and judges the whole file, so that a bad one stops before anything is sent.
//! 2. Writes the rows that were left out to the quarantine file.
//! 3. Sends the rest in chunks; the server skips what it has, so that a second run resumes and changes nothing.
//! 4. Prints the table.

use crate::args::StrainsArgs;
use crate::client::{Client, ClientError, Patience, Totals};
use crate::progress::Progress;
use crate::strains::catalogue::{Catalogue, build};
use crate::strains::chunks::{self, Chunk, MAX_BODY_BYTES};
use crate::strains::reader::{self, MAX_FILE_BYTES, ReadError};
use crate::strains::{quarantine, report::Report};
use crate::target::{self, TargetError};
use std::fs::{self, File};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why an import ended early.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The server cannot be decided.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// A file cannot be read or written.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The file is none of strains.
    #[error("{}: {cause}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: ReadError,
    },
    /// The server took only a part.
    #[error("rows {first} to {last}: {cause}\n{done} of {all} rows are in; run again to resume")]
    Client {
        /// The first row that it did not take, from 1 among the accepted.
        first: usize,
        /// The last of that chunk.
        last: usize,
        /// Rows that it did take.
        done: usize,
        /// Rows in all.
        all: usize,
        /// Why.
        cause: ClientError,
    },
    /// The terminal or pipe is gone.
    #[error("cannot print: {0}")]
    Print(#[from] io::Error),
    /// A strain that cannot be written as JSON.
    #[error("cannot write JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl ImportError {
    /// 2 usage, 3 a file, 4 the server, 1 what should not happen.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Target(_) => 2,
            Self::File { .. } | Self::Content { .. } => 3,
            Self::Client { .. } => 4,
            Self::Print(_) | Self::Json(_) => 1,
        }
    }
}

/// Runs the command; the table goes to `out`.
///
/// # Errors
/// See [`ImportError`]. Quarantined rows are none.
pub fn run(arguments: &StrainsArgs, out: &mut impl Write) -> Result<(), ImportError> {
    let target = if arguments.dry_run {
        None
    } else {
        Some(target::of(arguments.url.clone(), arguments.key.clone())?)
    };
    let catalogue = read(&arguments.file)?;
    let source = arguments.source();
    let quarantine = write_quarantine(&catalogue, &arguments.quarantine_path())?;
    let chunks = chunks::cut(
        &source,
        catalogue.accepted.iter().map(|row| &row.strain),
        usize::from(arguments.chunk),
        MAX_BODY_BYTES,
    )?;
    let sent = target.map(|target| send(&Client::new(target, Patience::default()), &chunks));
    writeln!(out, "{} (source {source})", arguments.file.display())?;
    write!(out, "{}", Report::of(&catalogue))?;
    if let Some(path) = quarantine {
        writeln!(out, "left out rows: {}", path.display())?;
    }
    match sent.transpose()? {
        Some(Totals { inserted, updated, unchanged }) => {
            writeln!(out, "server: {inserted} inserted, {updated} updated, {unchanged} unchanged")?;
        }
        None => writeln!(out, "dry run: nothing was sent ({} chunks)", chunks.len())?,
    }
    Ok(())
}

fn read(path: &Path) -> Result<Catalogue, ImportError> {
    let failed = |cause| ImportError::File { path: path.to_owned(), cause };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_FILE_BYTES {
        return Err(failed(io::Error::other(format!("larger than {} MiB", MAX_FILE_BYTES >> 20))));
    }
    let table =
        reader::read(&bytes).map_err(|cause| ImportError::Content { path: path.to_owned(), cause })?;
    Ok(build(&table))
}

/// Writes the rows that were left out; when there are none there is no file.
fn write_quarantine(catalogue: &Catalogue, path: &Path) -> Result<Option<PathBuf>, ImportError> {
    if catalogue.quarantined.is_empty() {
        return Ok(None);
    }
    let written = quarantine::to_csv(&catalogue.quarantined).and_then(|csv| fs::write(path, csv));
    written.map_err(|cause| ImportError::File { path: path.to_owned(), cause })?;
    Ok(Some(path.to_owned()))
}

/// Sends every chunk in order.
///
/// # Errors
/// [`ImportError::Client`] with what was taken before.
pub fn send(client: &Client, chunks: &[Chunk]) -> Result<Totals, ImportError> {
    let all = chunks.last().map_or(0, |chunk| chunk.last);
    let mut progress = Progress::start(u64::try_from(all).unwrap_or(u64::MAX), "rows");
    let mut totals = Totals::default();
    let mut failure = None;
    for chunk in chunks {
        match client.send(chunk) {
            Ok(more) => {
                totals += more;
                progress.advance(u64::try_from(chunk.rows()).unwrap_or_default());
            }
            Err(cause) => {
                let (first, last) = (chunk.first, chunk.last);
                failure = Some(ImportError::Client { first, last, done: first - 1, all, cause });
                break;
            }
        }
    }
    progress.finish();
    failure.map_or(Ok(totals), Err)
}
