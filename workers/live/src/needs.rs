//! What this Worker needs from its environment; the build script and health both read it.

use sesh_manifest::Needs;

/// The needs of live.
pub const NEEDS: Needs = Needs {
    databases: &[],
    caches: &[],
    services: &[],
    objects: &["HUBS"],
    queues: &[],
    mails: &[],
    vars: &["ENVIRONMENT"],
    optional: &[],
    secrets: &[],
};
