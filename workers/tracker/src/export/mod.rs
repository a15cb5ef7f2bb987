//! What somebody wrote, row by row in the order of its keys, so that an export of any size is read in pages. One
//! statement a kind ([`store::page`]) is what every form of export is made of; [`routes`] gives all of it as one JSON
//! document, with what observer knows.

pub mod routes;
pub mod store;

pub use store::{Kind, Row, page};
