//! The strain catalogue, and people's private strains beside it.

mod import;
pub mod routes;
pub mod rules;
pub mod search;
pub mod store;

pub(crate) use import::receive;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How many public strains match a filter, as of a version of the catalogue: counted once an isolate and version,
/// so that a list reads its own rows and not the catalogue.
#[derive(Debug, Default)]
pub struct CatalogueSize(Mutex<HashMap<String, (i64, u64)>>);

/// The most filters that are remembered.
const MOST_FILTERS: usize = 512;

impl CatalogueSize {
    /// The count, if it was counted at this version.
    fn get(&self, filter: &str, version: i64) -> Option<u64> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(filter).filter(|(at, _)| *at == version).map(|(_, total)| *total)
    }

    /// Remembers a count.
    fn put(&self, filter: String, version: i64, total: u64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_FILTERS {
            known.clear();
        }
        known.insert(filter, (version, total));
    }
}
