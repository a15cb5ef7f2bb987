//! Who may call what. [`routes::ROUTES`] has a line for every route of every Worker, [`callers::KINDS`] one for every
//! kind of caller; each pair is a cell of a matrix that [`cells::check`] holds against a fleet, the native twin or the
//! real one. A route that the Workers' documents tell of and the table does not, fails the build.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "whatever goes wrong here fails the test that asked for it"
)]

pub mod callers;
pub mod cast;
pub mod cells;
pub mod documents;
pub mod outcomes;
pub mod page;
pub mod papers;
pub mod requests;
pub mod routes;
