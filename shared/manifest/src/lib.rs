//! What a Worker needs from its environment. One list a Worker, used twice: its build script checks every
//! environment of its wrangler file against it, so a wrong configuration fails the build and not the first
//! request; at run time the same list tells health what is missing.

#[cfg(feature = "check")]
mod check;

#[cfg(feature = "check")]
pub use check::{Fault, check_file, check_in_build_script};

/// The environments that every wrangler file must define, each complete in itself.
pub const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "production"];

/// The names of what a Worker needs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Needs {
    /// D1 bindings.
    pub databases: &'static [&'static str],
    /// KV bindings.
    pub caches: &'static [&'static str],
    /// Service bindings, each with the entry point that it must name.
    pub services: &'static [(&'static str, &'static str)],
    /// Durable Object bindings. What they are for is done without, or says itself that it cannot be: none must exist at
    /// run time.
    pub objects: &'static [&'static str],
    /// Queues that it sends to.
    pub queues: &'static [&'static str],
    /// Bindings that send e-mail.
    pub mails: &'static [&'static str],
    /// Plain variables, which stand in the wrangler file.
    pub vars: &'static [&'static str],
    /// Plain variables that stand in the wrangler file and may be empty.
    pub optional: &'static [&'static str],
    /// Secrets, which never stand in a file.
    pub secrets: &'static [&'static str],
}

impl Needs {
    /// Every binding that must exist as an object.
    pub fn bindings(&self) -> impl Iterator<Item = &'static str> {
        let services = self.services.iter().map(|(name, _)| *name);
        self.databases.iter().chain(self.caches).chain(self.queues).chain(self.mails).copied().chain(services)
    }

    /// Every variable and secret that must hold a text.
    pub fn texts(&self) -> impl Iterator<Item = &'static str> {
        self.vars.iter().chain(self.secrets).copied()
    }
}
