//! Every route on one screen.

use crate::state::State;
use crate::{analytics, audit, clients, fleet, impersonation, people, staff, strains, tenants};
use sesh_edge::routes::{Routes, doc};
use sesh_edge::standard::Documents;
use sesh_types::contract::catalogue::ADMIN_IMPORT;
use sesh_types::envelope::ErrorCode::{
    Conflict, Forbidden, InvalidCode, InvalidCredentials, InvalidLink, TooManyRequests, Unauthorized,
    Unprocessable,
};

const DOCUMENTS: Documents =
    Documents { openapi: include_bytes!("../openapi.json"), page: include_bytes!("../openapi.html") };

/// What stands at the head of the document.
#[cfg(not(target_arch = "wasm32"))]
pub const ABOUT: sesh_edge::openapi::About = sesh_edge::openapi::About {
    title: "admin",
    description: "Administration of people, tenants, the strain catalogue, the audit log and the health of the fleet.",
    callers: &[
        (
            sesh_edge::openapi::ADMIN_KEY,
            "An administrator's key, `sesh_admin_…`; it counts only from an address that the configuration lists.",
        ),
        (
            sesh_edge::openapi::STAFF,
            "An access token of staff, from signing in here; it counts for what their role is good for.",
        ),
    ],
};

/// From the internet. All but the standard routes and signing in take an administrator's key or a token of staff.
#[allow(clippy::too_many_lines, reason = "every route in one place")]
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
        .post(
            "/api/v1/users/{id}/erase",
            people::routes::erase,
            doc("Erases a person, everywhere and for good: what is left of them are ids")
                .errors(&[Conflict, Unprocessable]),
        )
        .post(
            "/api/v1/users/{id}/impersonation",
            impersonation::start,
            doc("Begins to act as a person, to read: for a reason that they are told, for half an hour at most")
                .errors(&[Conflict, Unprocessable]),
        )
        .post(
            "/api/v1/impersonations/{id}/token",
            impersonation::reissue,
            doc("A further token of an impersonation that goes on").errors(&[Conflict]),
        )
        .delete(
            "/api/v1/impersonations/{id}",
            impersonation::end,
            doc("Ends an impersonation: its tokens are dead everywhere"),
        )
        .group("Signing in")
        .post(
            "/api/v1/staff/enrol",
            staff::signin::enrol,
            doc("Sets a first password with the token that adding somebody to the staff answered")
                .errors(&[InvalidLink, Unprocessable, TooManyRequests]),
        )
        .post(
            "/api/v1/staff/login",
            staff::signin::login,
            doc("The first step of signing in as staff: gives a challenge, never a token")
                .errors(&[InvalidCredentials, TooManyRequests]),
        )
        .post(
            "/api/v1/staff/login/generator",
            staff::signin::generator,
            doc("Makes the secret of a generator for who has none; its first code confirms it")
                .errors(&[Unauthorized, Conflict]),
        )
        .post(
            "/api/v1/staff/login/factor",
            staff::signin::factor,
            doc("The second step of signing in as staff: a code")
                .errors(&[Unauthorized, InvalidCode, TooManyRequests]),
        )
        .post(
            "/api/v1/staff/refresh",
            staff::signin::refresh,
            doc("New tokens for a refresh token of staff").errors(&[Unauthorized]),
        )
        .post("/api/v1/staff/logout", staff::own::logout, doc("Signs out this device of staff, at once"))
        .get("/api/v1/staff/me", staff::own::me, doc("Oneself, on the staff"))
        .get("/api/v1/staff/devices", staff::own::devices, doc("One's signed-in devices, on the staff"))
        .delete("/api/v1/staff/devices/{id}", staff::own::sign_out, doc("Signs out one device of one's own"))
        .group("Staff")
        .get("/api/v1/staff", staff::routes::list, doc("The staff"))
        .post(
            "/api/v1/staff",
            staff::routes::create,
            doc("Adds somebody to the staff; answers with the token by which they set a password")
                .errors(&[Conflict, Unprocessable]),
        )
        .get("/api/v1/staff/{id}", staff::routes::show, doc("One member of staff"))
        .patch(
            "/api/v1/staff/{id}",
            staff::routes::edit,
            doc("Edits name, role, networks: a changed role takes effect on the next call")
                .errors(&[Unprocessable]),
        )
        .post(
            "/api/v1/staff/{id}/disable",
            staff::routes::disable,
            doc("Disables a member of staff: they are out at once").errors(&[Unprocessable]),
        )
        .post("/api/v1/staff/{id}/enable", staff::routes::enable, doc("Lets them sign in again"))
        .post(
            "/api/v1/staff/{id}/reset",
            staff::routes::reset,
            doc("Takes password and generator away: they enrol anew"),
        )
        .post(
            "/api/v1/users/{id}/factors/reset",
            people::routes::reset_factors,
            doc("Takes all second factors of a person away who has lost them: at once when it is known who asks, else in a day")
                .errors(&[Unprocessable]),
        )
        .delete(
            "/api/v1/users/{id}/factors/reset",
            people::routes::keep_factors,
            doc("Takes that back while it waits"),
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
        .get(
            "/api/v1/tenants/{id}/usage",
            tenants::routes::usage,
            doc("How much of its quotas a tenant uses"),
        )
        .patch(
            "/api/v1/tenants/{id}",
            tenants::routes::edit,
            doc("Edits name, domains, quotas").errors(&[Conflict, Unprocessable]),
        )
        .get(
            "/api/v1/tenants/{id}/brand",
            tenants::routes::brand,
            doc("How a tenant's domains look, and which parts of the app are off"),
        )
        .patch(
            "/api/v1/tenants/{id}/brand",
            tenants::routes::edit_brand,
            doc("Edits that").errors(&[Conflict, Unprocessable]),
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
        .group("Programs")
        .get(
            "/api/v1/clients",
            clients::routes::list,
            doc("Programs that people may let act for them, the newest first"),
        )
        .post(
            "/api/v1/clients",
            clients::routes::register,
            doc("Registers a program; its secret is shown this once").errors(&[Unprocessable]),
        )
        .get("/api/v1/clients/{id}", clients::routes::show, doc("One program"))
        .patch("/api/v1/clients/{id}", clients::routes::edit, doc("Edits a program").errors(&[Unprocessable]))
        .delete(
            "/api/v1/clients/{id}",
            clients::routes::remove,
            doc("Takes a program away: none of its tokens counts anywhere"),
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
