//! Which routes tokens of programs open, and with which scopes. A route that has no line here is for people who sign in
//! themselves: what is about accounts, devices, factors and tenants never has one.

use sesh_edge::token::Opened;
use sesh_types::access::ApiScope::{SessionsRead, SessionsWrite, StashRead, StashWrite, StrainsRead};
use sesh_types::access::Scopes;

/// The table.
pub const OPENED: &[Opened] = &[
    ("GET", "/api/v1/strains", Scopes::of(&[StrainsRead])),
    ("GET", "/api/v1/strains/{id}", Scopes::of(&[StrainsRead])),
    ("GET", "/api/v1/stash", Scopes::of(&[StashRead])),
    ("POST", "/api/v1/stash", Scopes::of(&[StashWrite])),
    ("GET", "/api/v1/stash/{id}", Scopes::of(&[StashRead])),
    ("GET", "/api/v1/stash/{id}/entries", Scopes::of(&[StashRead])),
    ("POST", "/api/v1/stash/{id}/entries", Scopes::of(&[StashWrite])),
    ("GET", "/api/v1/sessions", Scopes::of(&[SessionsRead])),
    ("POST", "/api/v1/sessions", Scopes::of(&[SessionsWrite])),
    ("GET", "/api/v1/sessions/{id}", Scopes::of(&[SessionsRead])),
    ("PATCH", "/api/v1/sessions/{id}", Scopes::of(&[SessionsWrite])),
    ("DELETE", "/api/v1/sessions/{id}", Scopes::of(&[SessionsWrite])),
    ("GET", "/api/v1/dashboard", Scopes::of(&[SessionsRead, StashRead])),
];

#[cfg(test)]
mod tests {
    use super::*;
    use sesh_edge::openapi::{About, routes_of};

    #[test]
    fn every_line_is_a_route_and_none_is_about_accounts() {
        let routes = routes_of(&crate::router::public().into_document(&About {
            title: "",
            description: "",
            callers: &[],
        }));
        for (verb, path, scopes) in OPENED {
            assert!(
                routes.get(*path).is_some_and(|verbs| verbs.contains(&verb.to_lowercase())),
                "{verb} {path}"
            );
            assert!(!scopes.is_empty(), "{verb} {path}");
            let kept = ["/api/v1/auth", "/api/v1/me"].iter().any(|kept| path.starts_with(kept));
            assert!(!kept, "{verb} {path} is for people who sign in themselves");
        }
    }
}
