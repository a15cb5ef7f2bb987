//! Every route on one screen.

use crate::state::State;
use crate::{audit, devices, keys, me, people, refresh, signin};
use sesh_edge::routes::{Routes, doc};
use sesh_edge::standard::Documents;
use sesh_types::contract::{admin, auth};
use sesh_types::envelope::ErrorCode::{
    AgeRestricted, Conflict, InvalidCredentials, NotFound, TooManyRequests, Unauthorized, Unprocessable,
};

const DOCUMENTS: Documents =
    Documents { openapi: include_bytes!("../openapi.json"), page: include_bytes!("../openapi.html") };

/// What the internet may ask.
pub fn public() -> Routes<State> {
    Routes::new().standard(DOCUMENTS).group("Trust").get(
        "/.well-known/jwks.json",
        keys::routes::jwks,
        doc("The public keys of access tokens (RFC 7517)"),
    )
}

/// What the other Workers of the fleet may ask.
pub fn internal() -> Routes<State> {
    const DEVICE: &str = "/internal/v1/devices/{id}";
    const PERSON: &str = "/internal/v1/people/{id}";
    const SUSPEND: &str = "/internal/v1/people/{id}/suspend";
    const REINSTATE: &str = "/internal/v1/people/{id}/reinstate";
    Routes::new()
        .group("Trust")
        .get("/api/health", keys::routes::health, doc("How this Worker is"))
        .get("/.well-known/jwks.json", keys::routes::jwks_for_fleet, doc("The public keys of access tokens"))
        .group("Signing in")
        .post(
            auth::REGISTER,
            signin::routes::register,
            doc("Sign up").errors(&[Conflict, Unprocessable, AgeRestricted, TooManyRequests]),
        )
        .post(
            auth::LOGIN,
            signin::routes::login,
            doc("Sign in").errors(&[InvalidCredentials, TooManyRequests]),
        )
        .post(auth::REFRESH, refresh::routes::refresh, doc("New tokens for old").errors(&[Unauthorized]))
        .post(auth::LOGOUT, devices::routes::logout, doc("Sign out this device").errors(&[Unauthorized]))
        .group("Oneself")
        .get(auth::DEVICES, devices::routes::list, doc("The signed-in devices").errors(&[Unauthorized]))
        .delete(
            auth::DEVICES,
            devices::routes::remove_others,
            doc("Sign out all others").errors(&[Unauthorized]),
        )
        .delete(DEVICE, devices::routes::remove, doc("Sign out one device").errors(&[Unauthorized, NotFound]))
        .get(auth::ME, me::routes::read, doc("Oneself").errors(&[Unauthorized]))
        .patch(auth::ME, me::routes::edit, doc("Edit oneself").errors(&[Unauthorized, Unprocessable]))
        .group("Administration")
        .get(admin::PEOPLE, people::routes::list, doc("People"))
        .get(PERSON, people::routes::one, doc("One person"))
        .post(SUSPEND, people::routes::suspend, doc("Suspend a person").errors(&[Unprocessable]))
        .post(REINSTATE, people::routes::reinstate, doc("Reinstate a person"))
        .get(admin::AUDIT, audit::routes::list, doc("The audit log"))
        .get(admin::AUDIT_VERIFY, audit::routes::verify, doc("Whether the audit log's chain holds"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sesh_edge::openapi::{About, Kept, keep, routes_of};
    use std::path::Path;

    #[test]
    fn the_document_is_what_the_code_makes() {
        let about = About {
            title: "observer",
            description: "Identity and trust of the fleet. What the other Workers ask is not reachable from here.",
            callers: &[],
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
        for path in [format!("{}/{{id}}", auth::DEVICES), format!("{}/{{id}}/suspend", admin::PEOPLE)] {
            assert!(paths.contains_key(&path), "{path}");
        }
    }
}
