//! What this Worker needs from its environment; the build script and health both read it.

use sesh_manifest::Needs;

/// The needs of admin.
pub(crate) const NEEDS: Needs = Needs {
    databases: &["DB"],
    caches: &[],
    services: &[("OBSERVER", "Internal"), ("TRACKER", "Internal"), ("LIVE", "Internal")],
    objects: &[],
    queues: &[],
    mails: &[],
    vars: &["ENVIRONMENT", "ADMIN_ALLOWED_IPS", "TOKEN_ISSUER"],
    optional: &[],
    secrets: &["ADMIN_KEYS"],
};
