//! What this Worker needs from its environment; the build script and health both read it.

use sesh_manifest::Needs;

/// The needs of observer.
pub const NEEDS: Needs = Needs {
    databases: &["DB"],
    caches: &["SESSIONS"],
    services: &[("TRACKER", "Internal")],
    objects: &[],
    queues: &["FACTS"],
    mails: &["MAIL"],
    vars: &["ENVIRONMENT", "TOKEN_ISSUER", "APP_URL", "MAIL_FROM", "PASSKEY_RP_ID", "PASSKEY_ORIGINS"],
    optional: &["AUDIT_KEYS"],
    secrets: &["TOKEN_SIGNING_KEYS", "REFRESH_KEYS", "PASSWORD_PEPPER", "FACTOR_KEYS", "PERSON_KEYS"],
};
