//! The pages, a file for each thing that people come for.

pub(crate) mod account;
pub(crate) mod devices;
pub(crate) mod history;
pub(crate) mod insights;
pub(crate) mod log;
pub(crate) mod plain;
pub(crate) mod recover;
pub(crate) mod security;
pub(crate) mod sign_in;
pub(crate) mod sign_up;
pub(crate) mod stash;
pub(crate) mod strains;
pub(crate) mod today;
pub(crate) mod welcome;
