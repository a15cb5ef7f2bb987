//! From the bytes of a file to strains that can be sent, and an account of everything on the way.
//!
//! [`reader`] splits the file into records that know their line; [`clean`] judges one record by itself;
//! [`catalogue`] judges what takes the whole file (repeated names, parents, slugs); [`report`] and [`quarantine`]
//! account for it; [`chunks`] cuts what is left into requests. Nothing here touches a file or a server.

pub mod catalogue;
pub mod chunks;
pub mod clean;
pub mod duplicates;
pub mod parents;
pub mod quarantine;
pub mod reader;
pub mod reason;
pub mod report;
pub mod slug;
pub mod strain;
