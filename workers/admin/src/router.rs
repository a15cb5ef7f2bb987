//! Every route on one screen.

use crate::state::State;
use crate::{analytics, audit, fleet, people, strains, tenants};
use sesh_edge::routes::{Routes, doc};
use sesh_edge::standard::Documents;
use sesh_types::contract::catalogue::ADMIN_IMPORT;
use sesh_types::envelope::ErrorCode::{Conflict, Forbidden, Unprocessable};

const DOCUMENTS: Documents =
    Documents { openapi: include_bytes!("../openapi.json"), page: include_bytes!("../openapi.html") };

/// What stands at the head of the document.
#[cfg(not(target_arch = "wasm32"))]
pub const ABOUT: sesh_edge::openapi::About = sesh_edge::openapi::About {
    title: "admin",
    description: "Administration of people, tenants, the strain catalogue, the audit log and the health of the fleet.",
    callers: &[(
        sesh_edge::openapi::ADMIN_KEY,
        "An administrator's key, `sesh_admin_…`; it counts only from an address that the configuration lists.",
    )],
};

/// From the internet. All but the standard routes take an administrator's key.
pub fn public() -> Routes<State> {
    Routes::new()
        .standard(DOCUMENTS)
        .get(
            "/api/v1/health",
            fleet::routes::board,
            doc("Every Worker's health, asked now; 503 when one is unhealthy"),
        )
        .group("People")
        .get(
            "/api/v1/users",
            people::routes::list,
            doc("People, the newest first; by name or e-mail address, and by standing"),
        )
        .get("/api/v1/users/{id}", people::routes::show, doc("One person, without secrets"))
        .post(
            "/api/v1/users/{id}/suspend",
            people::routes::suspend,
            doc("Suspends a person: their next call anywhere is 401").errors(&[Unprocessable]),
        )
        .post(
            "/api/v1/users/{id}/reinstate",
            people::routes::reinstate,
            doc("Lets a suspended person sign in again; the tokens of before stay dead"),
        )
        .group("Tenants")
        .get(
            "/api/v1/tenants",
            tenants::routes::list,
            doc("Tenants by slug; by name or slug, and by standing"),
        )
        .post(
            "/api/v1/tenants",
            tenants::routes::create,
            doc("Makes a tenant; its first owner is invited").errors(&[Conflict, Unprocessable]),
        )
        .get("/api/v1/tenants/{id}", tenants::routes::show, doc("One tenant"))
        .patch(
            "/api/v1/tenants/{id}",
            tenants::routes::edit,
            doc("Edits name, domains, quotas").errors(&[Conflict, Unprocessable]),
        )
        .post(
            "/api/v1/tenants/{id}/deactivate",
            tenants::routes::deactivate,
            doc("Closes a tenant: everything of it is 403 everywhere").errors(&[Conflict, Unprocessable]),
        )
        .post("/api/v1/tenants/{id}/activate", tenants::routes::activate, doc("Opens a tenant again"))
        .post(
            "/api/v1/tenants/{id}/invitations",
            tenants::routes::invite,
            doc("Invites somebody into a tenant, such as its first owner").errors(&[
                Forbidden,
                Conflict,
                Unprocessable,
            ]),
        )
        .group("Audit")
        .get("/api/v1/audit", audit::routes::list, doc("The audit log, the newest entry first"))
        .get("/api/v1/audit/verify", audit::routes::verify, doc("Whether the log's chain of hashes verifies"))
        .get(
            "/api/v1/audit/packet",
            audit::routes::packet,
            doc("A signed packet of the log, to be checked without the platform by `sesh verify`"),
        )
        .group("Analytics")
        .get(
            "/api/v1/analytics/overview",
            analytics::routes::overview,
            doc("People, active people, sessions per day and strains used").errors(&[Unprocessable]),
        )
        .group("Catalogue")
        .post(
            ADMIN_IMPORT,
            strains::routes::import,
            doc("Takes a chunk of a strain catalogue; what is there already stays as it is")
                .errors(&[Unprocessable]),
        )
}

/// From the other Workers.
pub fn internal() -> Routes<State> {
    Routes::new().get("/api/health", fleet::routes::own, doc("How this Worker is; 503 when unhealthy"))
}

#[cfg(test)]
#[path = "router_tests.rs"]
mod tests;
