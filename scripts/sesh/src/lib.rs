//! The operator's command line.
//!
//! `sesh import strains FILE` reads a strain catalogue, cleans it by rules that each have a name, and sends it to
//! the admin Worker in chunks that its database can take. The decisions behind the rules are told in
//! `docs/catalogue.md`.
//!
//! `sesh staff add EMAIL` adds somebody to the platform's staff, the first one included.
//!
//! `sesh verify PACKET…` checks signed packets of the audit log, without the platform and without a network.
//!
//! What a file holds is decided in [`strains`] without any input or output; [`target`] and [`client`] know the
//! server; [`args`] and [`import`] put them together.

pub mod args;
pub mod client;
pub mod import;
pub mod progress;
pub mod staff;
pub mod strains;
pub mod target;
pub mod verify;
