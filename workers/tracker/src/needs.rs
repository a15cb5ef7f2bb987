//! What this Worker needs from its environment; the build script and health both read it.

use sesh_manifest::Needs;

/// The needs of tracker.
pub const NEEDS: Needs = Needs {
    databases: &["DB"],
    caches: &["SESSIONS"],
    services: &[("OBSERVER", "Internal")],
    objects: &["HUBS"],
    queues: &["FACTS"],
    mails: &[],
    vars: &["ENVIRONMENT", "TOKEN_ISSUER"],
    optional: &[],
    secrets: &[],
};
