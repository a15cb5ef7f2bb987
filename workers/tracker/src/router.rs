//! Every route of tracker on one screen.

use crate::auth::routes as auth;
use crate::sessions::routes as sessions;
use crate::stash::routes as stash;
use crate::state::State;
use crate::strains::routes as strains;
use crate::{dashboard, notices};
use sesh_edge::routes::{Routes, doc};
use sesh_edge::standard::Documents;
use sesh_types::contract::{catalogue, notice};
use sesh_types::envelope::ErrorCode::{Conflict, InsufficientStock, NotFound, TenantInactive, Unprocessable};

const DOCUMENTS: Documents =
    Documents { openapi: include_bytes!("../openapi.json"), page: include_bytes!("../openapi.html") };

/// The routes that the internet reaches.
pub fn public() -> Routes<State> {
    Routes::new()
        .standard(DOCUMENTS)
        .group("Signing in")
        .post(
            "/api/v1/auth/register",
            auth::register,
            doc("Sign up, from 21 years of age").errors(auth::REGISTER_ERRORS),
        )
        .post("/api/v1/auth/login", auth::login, doc("Sign in").errors(auth::LOGIN_ERRORS))
        .post(
            "/api/v1/auth/refresh",
            auth::refresh,
            doc("New tokens for a refresh token").errors(auth::REFRESH_ERRORS),
        )
        .post("/api/v1/auth/logout", auth::logout, doc("Sign out this device, at once"))
        .get("/api/v1/auth/devices", auth::devices, doc("The devices that are signed in"))
        .delete("/api/v1/auth/devices", auth::sign_out_others, doc("Sign out every other device"))
        .delete("/api/v1/auth/devices/{id}", auth::sign_out_device, doc("Sign out one device"))
        .post(
            "/api/v1/auth/tenant",
            auth::switch_tenant,
            doc("Go over to another tenant: new tokens").errors(&[NotFound, TenantInactive]),
        )
        .get("/api/v1/me", auth::me, doc("The own profile"))
        .patch("/api/v1/me", auth::edit_me, doc("Edit the own profile").errors(&[Unprocessable]))
        .get("/api/v1/me/tenants", auth::tenants, doc("The tenants that one may work in"))
        .group("Strains")
        .get("/api/v1/strains", strains::list, doc("Search the catalogue and one's own strains"))
        .post("/api/v1/strains", strains::add, doc("Add a private strain").errors(&[Conflict, Unprocessable]))
        .get("/api/v1/strains/{id}", strains::one, doc("One strain"))
        .group("Stash")
        .get("/api/v1/stash", stash::list, doc("Lots with their balances, now or as recorded at a time"))
        .post("/api/v1/stash", stash::add, doc("Add a purchase").errors(&[NotFound, Unprocessable]))
        .get("/api/v1/stash/{id}", stash::one, doc("One lot"))
        .get("/api/v1/stash/{id}/entries", stash::entries, doc("The ledger of a lot"))
        .post(
            "/api/v1/stash/{id}/entries",
            stash::enter,
            doc("Give away, throw away, correct or count").errors(&[InsufficientStock, Unprocessable]),
        )
        .group("Sessions")
        .get("/api/v1/sessions", sessions::list, doc("Sessions, the latest first"))
        .post(
            "/api/v1/sessions",
            sessions::log,
            doc("Log a session and take it from the stash").errors(&[
                NotFound,
                InsufficientStock,
                Unprocessable,
            ]),
        )
        .get("/api/v1/sessions/{id}", sessions::one, doc("One session"))
        .patch(
            "/api/v1/sessions/{id}",
            sessions::edit,
            doc("Edit a session; new items correct the stash").errors(&[InsufficientStock, Unprocessable]),
        )
        .delete(
            "/api/v1/sessions/{id}",
            sessions::delete,
            doc("Delete a session; the stash gets back what it took"),
        )
        .group("Dashboard")
        .get("/api/v1/dashboard", dashboard::routes::show, doc("What was used, and what is left"))
}

/// The routes that only Workers of the fleet reach, through the internal door.
pub fn internal() -> Routes<State> {
    Routes::new()
        .standard(DOCUMENTS)
        .post(
            notice::NOTICES,
            notices::receive,
            doc("What observer tells: revocations, profiles and tenants"),
        )
        .post(
            catalogue::IMPORT,
            crate::strains::receive,
            doc("A chunk of the catalogue").errors(&[Unprocessable]),
        )
}
