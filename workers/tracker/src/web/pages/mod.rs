//! The pages, a file for each thing that people come for.

pub(crate) mod account;
pub(crate) mod acting;
pub(crate) mod devices;
pub(crate) mod erase;
pub(crate) mod export;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod import_preview;
pub(crate) mod insights;
pub(crate) mod keys;
pub(crate) mod log;
pub(crate) mod offline;
pub(crate) mod plain;
pub(crate) mod programs;
mod proof;
pub(crate) mod recover;
pub(crate) mod report;
pub(crate) mod security;
pub(crate) mod sign_in;
pub(crate) mod sign_up;
pub(crate) mod stash;
pub(crate) mod strains;
pub(crate) mod tenants;
pub(crate) mod today;
pub(crate) mod welcome;
