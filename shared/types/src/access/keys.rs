//! What API keys are good for. Every public route stands in one of two tables: those that keys open, with the scopes
//! that they need, and the beginnings of paths that no key opens. A test holds all routes against them, so a new route
//! without a decision fails.

use super::roles::spelled;

spelled! {
    /// Something that a key may do.
    KeyScope {
        /// Search the catalogue, and read one's own strains.
        StrainsRead = "strains:read",
        /// Add private strains.
        StrainsWrite = "strains:write",
        /// Read lots and their ledger.
        StashRead = "stash:read",
        /// Buy, give away, throw away, count.
        StashWrite = "stash:write",
        /// Read sessions, presets, goals and breaks.
        SessionsRead = "sessions:read",
        /// Log, edit and delete sessions; presets, goals and breaks likewise.
        SessionsWrite = "sessions:write",
        /// Read a tenant, its members and invitations.
        TenantRead = "tenant:read",
        /// Edit a tenant, its ordinary members and their invitations.
        TenantManage = "tenant:manage",
    }
}

impl KeyScope {
    /// Whether it is for the keys of tenants; else for those of persons.
    pub const fn is_of_tenants(self) -> bool {
        matches!(self, Self::TenantRead | Self::TenantManage)
    }
}

use KeyScope::{
    SessionsRead, SessionsWrite, StashRead, StashWrite, StrainsRead, StrainsWrite, TenantManage, TenantRead,
};

/// A route that keys open.
#[derive(Clone, Copy, Debug)]
pub struct OpenRoute {
    /// The Worker.
    pub worker: &'static str,
    /// In capitals.
    pub verb: &'static str,
    /// With `{id}` where an id goes.
    pub path: &'static str,
    /// What a key needs, all of it.
    pub needs: &'static [KeyScope],
}

const fn tracker(verb: &'static str, path: &'static str, needs: &'static [KeyScope]) -> OpenRoute {
    OpenRoute { worker: "tracker", verb, path, needs }
}

const fn observer(verb: &'static str, path: &'static str, needs: &'static [KeyScope]) -> OpenRoute {
    OpenRoute { worker: "observer", verb, path, needs }
}

/// The routes that keys open.
pub const OPEN_TO_KEYS: &[OpenRoute] = &[
    tracker("GET", "/api/v1/strains", &[StrainsRead]),
    tracker("POST", "/api/v1/strains", &[StrainsWrite]),
    tracker("GET", "/api/v1/strains/{id}", &[StrainsRead]),
    tracker("GET", "/api/v1/stash", &[StashRead]),
    tracker("POST", "/api/v1/stash", &[StashWrite]),
    tracker("GET", "/api/v1/stash/{id}", &[StashRead]),
    tracker("GET", "/api/v1/stash/{id}/entries", &[StashRead]),
    tracker("POST", "/api/v1/stash/{id}/entries", &[StashWrite]),
    tracker("GET", "/api/v1/sessions", &[SessionsRead]),
    // Logging takes from the stash, editing and deleting put back: that much of it is part of a session.
    tracker("POST", "/api/v1/sessions", &[SessionsWrite]),
    tracker("GET", "/api/v1/sessions/{id}", &[SessionsRead]),
    tracker("PATCH", "/api/v1/sessions/{id}", &[SessionsWrite]),
    tracker("DELETE", "/api/v1/sessions/{id}", &[SessionsWrite]),
    tracker("GET", "/api/v1/dashboard", &[SessionsRead, StashRead]),
    tracker("GET", "/api/v1/presets", &[SessionsRead]),
    tracker("POST", "/api/v1/presets", &[SessionsWrite]),
    tracker("GET", "/api/v1/presets/{id}", &[SessionsRead]),
    tracker("PUT", "/api/v1/presets/{id}", &[SessionsWrite]),
    tracker("DELETE", "/api/v1/presets/{id}", &[SessionsWrite]),
    tracker("GET", "/api/v1/goals", &[SessionsRead]),
    tracker("POST", "/api/v1/goals", &[SessionsWrite]),
    tracker("GET", "/api/v1/goals/{id}", &[SessionsRead]),
    tracker("DELETE", "/api/v1/goals/{id}", &[SessionsWrite]),
    tracker("GET", "/api/v1/breaks", &[SessionsRead]),
    tracker("POST", "/api/v1/breaks", &[SessionsWrite]),
    tracker("GET", "/api/v1/breaks/{id}", &[SessionsRead]),
    tracker("POST", "/api/v1/breaks/{id}/end", &[SessionsWrite]),
    tracker("DELETE", "/api/v1/breaks/{id}", &[SessionsWrite]),
    tracker("GET", "/api/v1/insights", &[SessionsRead, StashRead]),
    tracker("GET", "/api/v1/diary/export", &[SessionsRead, StashRead]),
    tracker("GET", "/api/v1/diary/export.csv", &[SessionsRead, StashRead]),
    tracker("GET", "/api/v1/diary/report", &[SessionsRead, StashRead]),
    tracker("GET", "/api/v1/imports", &[SessionsRead]),
    tracker("POST", "/api/v1/imports", &[SessionsWrite]),
    tracker("GET", "/api/v1/imports/{id}", &[SessionsRead]),
    tracker("POST", "/api/v1/imports/{id}/preview", &[SessionsWrite]),
    tracker("POST", "/api/v1/imports/{id}/confirm", &[SessionsWrite]),
    tracker("DELETE", "/api/v1/imports/{id}", &[SessionsWrite]),
    // The number of changes; a socket that a key opens ends at once, as a key stands for somebody in one request alone.
    tracker("GET", "/api/v1/live", &[SessionsRead]),
    observer("GET", "/api/v1/tenant", &[TenantRead]),
    observer("GET", "/api/v1/tenant/usage", &[TenantRead]),
    observer("PATCH", "/api/v1/tenant", &[TenantManage]),
    observer("GET", "/api/v1/tenant/members", &[TenantRead]),
    observer("PATCH", "/api/v1/tenant/members/{id}", &[TenantManage]),
    observer("DELETE", "/api/v1/tenant/members/{id}", &[TenantManage]),
    observer("GET", "/api/v1/tenant/invitations", &[TenantRead]),
    observer("POST", "/api/v1/tenant/invitations", &[TenantManage]),
    observer("DELETE", "/api/v1/tenant/invitations/{id}", &[TenantManage]),
];

/// Worker and beginning of the paths below `/api/v1/` that no key opens: who one is and how one shows it (credentials,
/// factors, devices), keys themselves, and administration. What stands elsewhere (pages, documents, public keys, the doors
/// of other standards) no key opens either.
pub const CLOSED_TO_KEYS: &[(&str, &str)] = &[
    ("tracker", "/api/v1/auth/"),
    ("tracker", "/api/v1/me"),
    ("observer", "/api/v1/tenant/keys"),
    ("observer", "/api/v1/invitations/"),
    ("admin", "/"),
];

/// What a key needs for a route; nothing when no key opens it.
pub fn key_needs(worker: &str, verb: &str, path: &str) -> Option<&'static [KeyScope]> {
    let open = |route: &&OpenRoute| route.worker == worker && route.verb == verb && route.path == path;
    OPEN_TO_KEYS.iter().find(open).map(|route| route.needs)
}

/// Whether a route stands among the beginnings that no key opens.
pub fn is_closed_to_keys(worker: &str, path: &str) -> bool {
    !path.starts_with("/api/v1/")
        || CLOSED_TO_KEYS.iter().any(|(of, beginning)| *of == worker && path.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_takes_no_scope_to_write_and_writing_does() {
        for route in OPEN_TO_KEYS {
            let reads = |scope: &KeyScope| scope.as_str().ends_with(":read");
            assert_eq!(route.needs.iter().all(reads), route.verb == "GET", "{route:?}");
            let of_tenants = route.worker == "observer";
            assert!(route.needs.iter().all(|scope| scope.is_of_tenants() == of_tenants), "{route:?}");
            assert!(!route.needs.is_empty() && !is_closed_to_keys(route.worker, route.path), "{route:?}");
        }
    }

    #[test]
    fn every_scope_opens_something() {
        for scope in KeyScope::ALL {
            assert!(OPEN_TO_KEYS.iter().any(|route| route.needs.contains(scope)), "{scope:?}");
        }
        assert_eq!(key_needs("tracker", "POST", "/api/v1/stash"), Some([StashWrite].as_slice()));
        assert_eq!(key_needs("observer", "POST", "/api/v1/stash"), None);
        assert_eq!(key_needs("tracker", "PUT", "/api/v1/stash"), None);
        for (worker, path, closed) in [
            ("tracker", "/api/v1/auth/login", true),
            ("tracker", "/api/v1/stash", false),
            ("observer", "/api/v1/auth/login", false),
            ("tracker", "/oauth/token", true),
            ("admin", "/api/v1/users", true),
        ] {
            assert_eq!(is_closed_to_keys(worker, path), closed, "{worker} {path}");
        }
        assert_eq!(key_needs("tracker", "GET", "/api/v1/me"), None);
        assert_eq!(key_needs("observer", "GET", "/api/v1/tenant/keys"), None);
    }
}
