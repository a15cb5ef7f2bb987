//! Snapshots: the document and its page as committed must be what the code makes.

use serde_json::Value;
use std::path::Path;

/// What became of a snapshot.
#[derive(Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is what the code makes.
    Same,
    /// It was not, and has been written anew; commit it.
    Rewritten,
    /// It is not, and nobody asked to write it: run the test again with `UPDATE_SNAPSHOTS=1`.
    Stale,
}

/// Compares the files `openapi.json` and `openapi.html` in `folder` with the document; with `UPDATE_SNAPSHOTS`
/// in the environment, writes them.
///
/// # Errors
/// When a file cannot be written.
pub fn keep(folder: &Path, document: &Value) -> std::io::Result<Kept> {
    let json = serde_json::to_string_pretty(document)? + "\n";
    let html = super::page(document);
    let mut kept = Kept::Same;
    for (name, text) in [("openapi.json", json), ("openapi.html", html)] {
        let path = folder.join(name);
        if std::fs::read_to_string(&path).ok().as_deref() == Some(text.as_str()) {
            continue;
        }
        if std::env::var_os("UPDATE_SNAPSHOTS").is_none() {
            return Ok(Kept::Stale);
        }
        std::fs::write(path, text)?;
        kept = Kept::Rewritten;
    }
    Ok(kept)
}
