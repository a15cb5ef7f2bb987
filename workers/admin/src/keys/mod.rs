//! Who may administer: whoever sends a key that the configuration knows, from an address that it lists, or a token of staff
//! whose role is good for it.

mod caller;
mod networks;
mod rules;
#[cfg(test)]
mod tests;

pub use caller::{
    Any, Caller, ErasePeople, Impersonate, ManageCatalogue, ManageClients, ManageStaff, ManageTenants, Needs,
    Operator, ReadAudit, ReadOperations, ReadPeople, ReadTenants, Staffer, SuspendPeople, SuspendTenants,
};
pub use networks::AllowList;
pub use rules::Keyring;

/// A part of the configuration that cannot be read: which one, never what it holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// Nothing is listed.
    #[error("the list is empty")]
    Empty,
    /// An entry is not what it should be.
    #[error("entry {place} {fault}")]
    Entry {
        /// Its place in the list, from 1.
        place: usize,
        /// What is wrong with it.
        fault: &'static str,
    },
}

/// Reads a list that commas separate, entry by entry.
fn read_list<T>(text: &str, read: impl Fn(&str) -> Result<T, &'static str>) -> Result<Vec<T>, ListError> {
    if text.trim().is_empty() {
        return Err(ListError::Empty);
    }
    let entries = text.split(',').zip(1..);
    entries
        .map(|(entry, place)| read(entry.trim()).map_err(|fault| ListError::Entry { place, fault }))
        .collect()
}

/// Both halves of the answer to "may they?".
#[derive(Clone, Debug)]
pub struct Gate {
    /// The keys that count.
    pub keyring: Keyring,
    /// The addresses from which they count.
    pub allowed: AllowList,
}
