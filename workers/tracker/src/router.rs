//! Every route of tracker on one screen.

use crate::auth::{factors, identities, keys, passkeys, privacy, recovery, routes as auth, sign_up};
use crate::breaks::routes as breaks;
use crate::diary_export::routes as diary;
use crate::goals::routes as goals;
use crate::imports::routes as imports;
use crate::insights::routes as insights;
use crate::live::routes as live;
use crate::presets::routes as presets;
use crate::sessions::routes as sessions;
use crate::stash::routes as stash;
use crate::state::State;
use crate::strains::routes as strains;
use crate::{dashboard, export, notices};
use sesh_edge::routes::{Routes, doc};
use sesh_edge::standard::Documents;
use sesh_types::contract::{catalogue, notice};
use sesh_types::envelope::ErrorCode::{
    Conflict, InsufficientStock, InvalidCredentials, NotFound, TenantInactive, TooManyRequests, Unprocessable,
};

const DOCUMENTS: Documents =
    Documents { openapi: include_bytes!("../openapi.json"), page: include_bytes!("../openapi.html") };

/// The routes that the internet reaches.
#[allow(clippy::too_many_lines, reason = "every route in one place")]
pub fn public() -> Routes<State> {
    let api = Routes::new()
        .standard(DOCUMENTS)
        .group("Signing in")
        .post(
            "/api/v1/auth/register",
            auth::register,
            doc("Sign up, from 21 years of age").errors(auth::REGISTER_ERRORS),
        )
        .post(
            "/api/v1/auth/register/begin",
            sign_up::begin,
            doc("Begin to sign up by proving the e-mail address; the answer is the same for every address")
                .errors(sign_up::BEGIN_ERRORS),
        )
        .post(
            "/api/v1/auth/register/confirm",
            sign_up::confirm,
            doc("Sign up with the token of a mail").errors(sign_up::CONFIRM_ERRORS),
        )
        .post("/api/v1/auth/login", auth::login, doc("Sign in").errors(auth::LOGIN_ERRORS))
        .post(
            "/api/v1/auth/login/factor",
            factors::login,
            doc("Sign in with a code, after the password").errors(factors::LOGIN_ERRORS),
        )
        .post(
            "/api/v1/auth/passkey/options",
            passkeys::login_options,
            doc("What a page needs to sign in with a passkey"),
        )
        .post(
            "/api/v1/auth/passkey",
            passkeys::login,
            doc("Sign in with a passkey").errors(&[InvalidCredentials, TenantInactive, TooManyRequests]),
        )
        .get("/api/v1/auth/providers", identities::providers, doc("With whom else one may sign in"))
        .post(
            "/api/v1/auth/providers/{provider}/begin",
            identities::begin,
            doc("Where to go to sign in with another provider; a cookie knows the browser again"),
        )
        .post(
            "/api/v1/auth/providers/{provider}/complete",
            identities::complete,
            doc("Sign in with what another provider answered, or get a ticket to sign up or to link with")
                .errors(identities::COMPLETE_ERRORS),
        )
        .post(
            "/api/v1/auth/providers/{provider}/register",
            identities::register,
            doc("Sign up with the account of another provider, from 21 years of age")
                .errors(identities::REGISTER_ERRORS),
        )
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
        .delete(
            "/api/v1/me",
            privacy::erase,
            doc("Erase oneself: everything, everywhere, at once and for good").errors(privacy::ERASE_ERRORS),
        )
        .post(
            "/api/v1/me/export",
            export::routes::export,
            doc("Everything about oneself, as one document").errors(export::routes::ERRORS),
        )
        .get("/api/v1/me/tenants", auth::tenants, doc("The tenants that one may work in"))
        .get(
            "/api/v1/me/impersonations",
            auth::impersonations,
            doc("Who of the staff saw one's account as one sees it, when and why"),
        )
        .group("Passwords and addresses")
        .post(
            "/api/v1/auth/recovery",
            recovery::recover,
            doc("Ask for a mail by which one gets back in; the answer is the same for every address")
                .errors(&[TooManyRequests]),
        )
        .post(
            "/api/v1/auth/recovery/complete",
            recovery::complete,
            doc("Set a new password with the token of a mail; every device is signed out")
                .errors(recovery::COMPLETE_ERRORS),
        )
        .post(
            "/api/v1/auth/email/verify",
            recovery::verify_email,
            doc("Prove an e-mail address with the token of a mail").errors(recovery::VERIFY_ERRORS),
        )
        .post(
            "/api/v1/me/password",
            recovery::change_password,
            doc("Change the password; every other device is signed out").errors(recovery::CHANGE_ERRORS),
        )
        .post(
            "/api/v1/me/email",
            recovery::change_email,
            doc("Change the e-mail address: a mail to the new one asks for proof")
                .errors(recovery::CHANGE_ERRORS),
        )
        .post(
            "/api/v1/me/email/verification",
            recovery::resend_verification,
            doc("Send the mail again that asks to prove the address").errors(&[TooManyRequests]),
        )
        .group("Second factors")
        .get("/api/v1/me/factors", factors::list, doc("One's second factors"))
        .post(
            "/api/v1/me/factors/totp",
            factors::enrol,
            doc("Make the secret of a generator of one-time codes").errors(factors::CHANGE_ERRORS),
        )
        .post(
            "/api/v1/me/factors/totp/confirm",
            factors::confirm,
            doc("Bring the generator's first code: it protects from now on").errors(factors::CHANGE_ERRORS),
        )
        .post(
            "/api/v1/me/factors/totp/remove",
            factors::remove,
            doc("Take the generator and the recovery codes away").errors(factors::CHANGE_ERRORS),
        )
        .post(
            "/api/v1/me/factors/recovery-codes",
            factors::renew_codes,
            doc("Make new recovery codes; those of before no longer count").errors(factors::CHANGE_ERRORS),
        )
        .post(
            "/api/v1/me/passkeys/options",
            passkeys::options,
            doc("What a page needs to have a passkey made").errors(factors::CHANGE_ERRORS),
        )
        .post("/api/v1/me/passkeys", passkeys::add, doc("Add a passkey").errors(factors::CHANGE_ERRORS))
        .post(
            "/api/v1/me/passkeys/remove",
            passkeys::remove,
            doc("Take a passkey away").errors(factors::CHANGE_ERRORS),
        )
        .group("Other providers")
        .get(
            "/api/v1/me/identities",
            identities::list,
            doc("How one gets in: password, and accounts elsewhere"),
        )
        .post(
            "/api/v1/me/identities/{provider}",
            identities::link,
            doc("Link the account of another provider, with the ticket that coming back from it gave")
                .errors(factors::CHANGE_ERRORS),
        )
        .post(
            "/api/v1/me/identities/{provider}/remove",
            identities::unlink,
            doc("Unlink the account of another provider").errors(factors::CHANGE_ERRORS),
        )
        .group("Keys")
        .get("/api/v1/me/keys", keys::list, doc("One's API keys, the latest first"))
        .post(
            "/api/v1/me/keys",
            keys::make,
            doc("Make an API key for programs; it is shown once").errors(factors::CHANGE_ERRORS),
        )
        .post(
            "/api/v1/me/keys/{id}/rotate",
            keys::rotate,
            doc("A new key in the place of one, which counts on for a while").errors(factors::CHANGE_ERRORS),
        )
        .delete("/api/v1/me/keys/{id}", keys::revoke, doc("End a key, at once"))
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
                Conflict,
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
        .group("Presets")
        .get("/api/v1/presets", presets::list, doc("One's presets, each with the lot it would take from now"))
        .post(
            "/api/v1/presets",
            presets::add,
            doc("Make a preset: a name, a method, an amount, and what it takes from").errors(&[
                NotFound,
                Conflict,
                Unprocessable,
            ]),
        )
        .get("/api/v1/presets/{id}", presets::one, doc("One preset"))
        .put(
            "/api/v1/presets/{id}",
            presets::replace,
            doc("Put another preset in its place, whole").errors(&[Unprocessable]),
        )
        .delete("/api/v1/presets/{id}", presets::delete, doc("Take a preset away"))
        .group("Goals and breaks")
        .get("/api/v1/goals", goals::list, doc("One's goals, and how those that run go"))
        .post("/api/v1/goals", goals::set, doc("Set a goal").errors(&[Conflict, Unprocessable]))
        .get("/api/v1/goals/{id}", goals::one, doc("One goal, and how it goes or went"))
        .delete("/api/v1/goals/{id}", goals::end, doc("End a goal; it stays, with how it went"))
        .get("/api/v1/breaks", breaks::list, doc("One's breaks, and what was logged meanwhile"))
        .post("/api/v1/breaks", breaks::begin, doc("Begin a break").errors(&[Conflict, Unprocessable]))
        .get("/api/v1/breaks/{id}", breaks::one, doc("One break"))
        .post(
            "/api/v1/breaks/{id}/end",
            breaks::end,
            doc("End a break before its time").errors(&[Conflict, Unprocessable]),
        )
        .delete("/api/v1/breaks/{id}", breaks::delete, doc("Take a break away, as if it had never been"))
        .group("Imports")
        .get("/api/v1/imports", imports::list, doc("What one brought from elsewhere"))
        .post(
            "/api/v1/imports",
            imports::look,
            doc("Look at a file: what it would make, and which rows are bad; at most 2 MiB")
                .errors(&[Conflict, Unprocessable]),
        )
        .get("/api/v1/imports/{id}", imports::one, doc("One import"))
        .post(
            "/api/v1/imports/{id}/preview",
            imports::look_again,
            doc("Look at it again, read another way; writes nothing").errors(&[Conflict, Unprocessable]),
        )
        .post(
            "/api/v1/imports/{id}/confirm",
            imports::confirm,
            doc("Take it in: all good rows or none").errors(&[Conflict, Unprocessable]),
        )
        .delete("/api/v1/imports/{id}", imports::undo, doc("Undo it as a whole, or throw it away"))
        .group("Dashboard")
        .get(
            "/api/v1/insights",
            insights::show,
            doc("What was taken in some days, what it cost, and how it was felt").errors(&[Unprocessable]),
        )
        .get(
            "/api/v1/diary/export",
            diary::json,
            doc("Everything in one's diary, as JSON").errors(&[Unprocessable]),
        )
        .get("/api/v1/diary/export.csv", diary::table, doc("A table of it as CSV").errors(&[Unprocessable]))
        .get(
            "/api/v1/diary/report",
            diary::report,
            doc("A report of some days, to print and to show").errors(&[Unprocessable]),
        )
        .get("/api/v1/dashboard", dashboard::routes::show, doc("What was used, and what is left"))
        .group("Live")
        .get(
            "/api/v1/live",
            live::open,
            doc("The number of one's last change; as a WebSocket, each change as it happens")
                .errors(&[TooManyRequests]),
        );
    crate::web::routes(api)
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
        .get(
            "/internal/v1/tenants/{id}/storage",
            notices::storage,
            doc("How much a tenant's people keep, where there is a limit"),
        )
        .post(
            catalogue::IMPORT,
            crate::strains::receive,
            doc("A chunk of the catalogue").errors(&[Unprocessable]),
        )
}
