//! Every route: the public door's and the internal one's.

mod internal;
mod public;

pub use internal::internal;
pub use public::public;
use sesh_edge::standard::Documents;

const DOCUMENTS: Documents =
    Documents { openapi: include_bytes!("../../openapi.json"), page: include_bytes!("../../openapi.html") };

#[cfg(test)]
mod tests {
    use super::*;
    use sesh_edge::openapi::{About, Kept, keep, routes_of};
    use sesh_types::contract::clients::CLIENTS;
    use sesh_types::contract::{admin, auth, keys as own, staff as crew, tenants as contract};
    use std::path::Path;

    #[test]
    fn the_document_is_what_the_code_makes() {
        let about = About {
            title: "observer",
            description: "Identity and trust of the fleet. What the other Workers ask is not reachable from here.",
            callers: &[
                (sesh_edge::openapi::PERSON, "An access token, from signing in to one of the apps."),
                (sesh_edge::openapi::API_KEY, "An API key of the tenant's own, `sesh_key_…`."),
            ],
        };
        let document = public().into_document(&about);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(
            matches!(keep(folder, &document), Ok(Kept::Same | Kept::Rewritten)),
            "run with UPDATE_SNAPSHOTS=1"
        );
        assert!(routes_of(&document).keys().all(|path| !path.starts_with("/internal")));
    }

    #[test]
    fn the_paths_below_a_contract_path_start_with_it() {
        let document = internal().into_document(&About { title: "", description: "", callers: &[] });
        let paths = routes_of(&document);
        for path in [
            format!("{}/{{id}}", auth::DEVICES),
            format!("{}/{{id}}", own::KEYS),
            format!("{}/{{id}}/rotate", own::KEYS),
            format!("{}/{{id}}/suspend", admin::PEOPLE),
            format!("{}/{{id}}/erase", admin::PEOPLE),
            format!("{}/{{id}}/deactivate", contract::TENANTS),
            format!("{}/{{id}}/activate", contract::TENANTS),
            format!("{}/{{id}}/invitations", contract::TENANTS),
            format!("{}/{{id}}", contract::OWN_TENANTS),
            format!("{}/{{id}}/reset", crew::STAFF),
            format!("{}/{{id}}", crew::DEVICES),
            format!("{}/{{id}}/token", crew::IMPERSONATIONS),
            format!("{}/{{id}}/impersonation", admin::PEOPLE),
            format!("{CLIENTS}/{{id}}"),
        ] {
            assert!(paths.contains_key(&path), "{path}");
        }
    }
}
