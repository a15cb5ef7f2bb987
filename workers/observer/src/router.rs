//! Every route on one screen.

use crate::oauth::{authorize, clients, ends, metadata, token, userinfo};
use crate::state::State;
use crate::{
    address, api_keys, audit, brands, devices, erasure, export, factors, identities, invitations, keys, lost,
    me, members, passkeys, password, people, refresh,
};
use crate::{impersonation, sign_up, signin, staff, switching, tenants};
use sesh_edge::routes::{Routes, doc};
use sesh_edge::standard::Documents;
use sesh_types::contract::brands as brand;
use sesh_types::contract::clients::CLIENTS;
use sesh_types::contract::{
    admin, auth, keys as own, privacy, recovery, sign_up as wait, tenants as contract,
};
use sesh_types::contract::{factors as second, identities as linked, passkeys as keyed, staff as crew};
use sesh_types::envelope::ErrorCode::{
    self, AgeRestricted, ConfirmationRequired, Conflict, Forbidden, InvalidCode, InvalidCredentials,
    InvalidLink, LinkRequired, NotFound, QuotaExceeded, SecondFactorRequired, SignUpRequired, TenantInactive,
    TooManyRequests, Unauthorized, Unprocessable,
};

const DOCUMENTS: Documents =
    Documents { openapi: include_bytes!("../openapi.json"), page: include_bytes!("../openapi.html") };

/// What the internet may ask.
pub fn public() -> Routes<State> {
    Routes::new()
        .standard(DOCUMENTS)
        .group("Trust")
        .get("/.well-known/jwks.json", keys::routes::jwks, doc("The public keys of access tokens (RFC 7517)"))
        .get(
            "/.well-known/audit-jwks.json",
            keys::routes::audit_jwks,
            doc("The public keys that signed the audit log and packets of it (RFC 7517)"),
        )
        .group("Programs")
        .get(
            "/.well-known/oauth-authorization-server",
            metadata::show,
            doc("What programs need to know (RFC 8414)"),
        )
        .get("/.well-known/openid-configuration", metadata::show, doc("The same (OpenID Connect Discovery)"))
        .get("/oauth/jwks", keys::routes::jwks, doc("The public keys of tokens, where the metadata says (RFC 7517)"))
        .get("/oauth/authorize", authorize::ask, doc("Asks a person to let a program act for them"))
        .post("/oauth/authorize", authorize::act, doc("The same, and what its pages send"))
        .post("/oauth/token", token::exchange, doc("Tokens for a code, for a refresh token, for a program itself"))
        .post("/oauth/revoke", ends::revoke, doc("Ends what a token is of (RFC 7009)"))
        .post("/oauth/introspect", ends::introspect, doc("Whether a program's own token counts (RFC 7662)"))
        .get("/oauth/userinfo", userinfo::show, doc("Who the person is, as far as they agreed"))
        .post("/oauth/userinfo", userinfo::show, doc("The same"))
        .group("Tenant")
        .get("/api/v1/tenant", tenants::own::read, doc("The tenant of one's token").errors(&[TenantInactive]))
        .get(
            "/api/v1/tenant/usage",
            tenants::own::usage,
            doc("How much of its quotas it uses").errors(&[TenantInactive]),
        )
        .patch(
            "/api/v1/tenant",
            tenants::own::edit,
            doc("Edit its name, its domains, and how one signs up there").errors(&[TenantInactive, Conflict, Unprocessable]),
        )
        .get(
            "/api/v1/tenant/brand",
            brands::routes::own,
            doc("How its domains look, and which parts of the app are off").errors(&[TenantInactive]),
        )
        .patch(
            "/api/v1/tenant/brand",
            brands::routes::edit_own,
            doc("Edit that").errors(&[TenantInactive, Unprocessable]),
        )
        .group("Members")
        .get("/api/v1/tenant/members", members::routes::list, doc("Who works in it").errors(&[TenantInactive]))
        .patch(
            "/api/v1/tenant/members/{id}",
            members::routes::edit,
            doc("Edit somebody's role or apps: their tokens of before are dead, and refreshing brings the new rights")
                .errors(&[TenantInactive, Conflict]),
        )
        .delete(
            "/api/v1/tenant/members/{id}",
            members::routes::end,
            doc("End a membership, somebody else's or one's own").errors(&[TenantInactive, Conflict]),
        )
        .group("Keys")
        .get(
            "/api/v1/tenant/keys",
            api_keys::routes::list_of_tenant,
            doc("The tenant's API keys, the latest first").errors(&[TenantInactive]),
        )
        .post(
            "/api/v1/tenant/keys",
            api_keys::routes::make_of_tenant,
            doc("Make a key that outlives whoever makes it; it is shown once").errors(KEY_ERRORS),
        )
        .post(
            "/api/v1/tenant/keys/{id}/rotate",
            api_keys::routes::rotate_of_tenant,
            doc("A new key in the place of one, which counts on for a while").errors(KEY_ERRORS),
        )
        .delete(
            "/api/v1/tenant/keys/{id}",
            api_keys::routes::revoke_of_tenant,
            doc("End a key, at once").errors(&[TenantInactive]),
        )
        .group("Invitations")
        .get(
            "/api/v1/tenant/invitations",
            invitations::routes::list,
            doc("Open invitations, the latest first").errors(&[TenantInactive]),
        )
        .post(
            "/api/v1/tenant/invitations",
            invitations::routes::invite,
            doc("Invite somebody").errors(&[TenantInactive, Conflict, Unprocessable]),
        )
        .delete(
            "/api/v1/tenant/invitations/{id}",
            invitations::routes::take_back,
            doc("Take an invitation back").errors(&[TenantInactive]),
        )
        .post(
            "/api/v1/invitations/accept",
            invitations::routes::accept,
            doc("Accept an invitation to one's own address")
                .errors(&[TenantInactive, NotFound, Conflict, QuotaExceeded]),
        )
}

const KEY_ERRORS: &[ErrorCode] =
    &[TenantInactive, InvalidCredentials, InvalidCode, Conflict, Unprocessable, TooManyRequests];
const FACTOR_ERRORS: &[ErrorCode] =
    &[Unauthorized, InvalidCredentials, InvalidCode, NotFound, Conflict, Unprocessable, TooManyRequests];

/// How staff may be refused.
const STAFFER: &[ErrorCode] = &[Unauthorized, Forbidden];

/// What the other Workers of the fleet may ask.
#[allow(clippy::too_many_lines, reason = "every route in one place")]
pub fn internal() -> Routes<State> {
    const DEVICE: &str = "/internal/v1/devices/{id}";
    const KEY: &str = "/internal/v1/me/keys/{id}";
    const ROTATE: &str = "/internal/v1/me/keys/{id}/rotate";
    const PERSON: &str = "/internal/v1/people/{id}";
    const SUSPEND: &str = "/internal/v1/people/{id}/suspend";
    const REINSTATE: &str = "/internal/v1/people/{id}/reinstate";
    const RESET: &str = "/internal/v1/people/{id}/factors/reset";
    const ERASE: &str = "/internal/v1/people/{id}/erase";
    const TENANT: &str = "/internal/v1/tenants/{id}";
    const USAGE: &str = "/internal/v1/tenants/{id}/usage";
    const DEACTIVATE: &str = "/internal/v1/tenants/{id}/deactivate";
    const ACTIVATE: &str = "/internal/v1/tenants/{id}/activate";
    const ONE_OF_STAFF: &str = "/internal/v1/staff/{id}";
    const STAFF_DISABLE: &str = "/internal/v1/staff/{id}/disable";
    const STAFF_ENABLE: &str = "/internal/v1/staff/{id}/enable";
    const STAFF_RESET: &str = "/internal/v1/staff/{id}/reset";
    const STAFF_DEVICE: &str = "/internal/v1/staff/devices/{id}";
    const IMPERSONATE: &str = "/internal/v1/people/{id}/impersonation";
    const IMPERSONATION: &str = "/internal/v1/impersonations/{id}";
    const IMPERSONATION_TOKEN: &str = "/internal/v1/impersonations/{id}/token";
    const CLIENT: &str = "/internal/v1/clients/{id}";
    const BEGIN: &str = "/internal/v1/auth/providers/{provider}/begin";
    const COMPLETE: &str = "/internal/v1/auth/providers/{provider}/complete";
    const SIGN_UP: &str = "/internal/v1/auth/providers/{provider}/register";
    const LINK: &str = "/internal/v1/me/identities/{provider}";
    const UNLINK: &str = "/internal/v1/me/identities/{provider}/remove";
    const OWN_TENANT: &str = "/internal/v1/me/tenants/{id}";
    const INVITATIONS: &str = "/internal/v1/tenants/{id}/invitations";
    Routes::new()
        .group("Trust")
        .get("/api/health", keys::routes::health, doc("How this Worker is"))
        .get("/.well-known/jwks.json", keys::routes::jwks_for_fleet, doc("The public keys of access tokens"))
        .group("Signing in")
        .post(
            auth::REGISTER,
            signin::routes::register,
            doc("Sign up").errors(&[
                Conflict,
                ConfirmationRequired,
                TenantInactive,
                NotFound,
                Unprocessable,
                AgeRestricted,
                TooManyRequests,
            ]),
        )
        .get(wait::MANNER, sign_up::routes::manner, doc("How one signs up at the address that was called"))
        .post(
            wait::BEGIN,
            sign_up::routes::begin,
            doc("Begin to sign up: a mail goes to the address in any case").errors(&[
                TenantInactive,
                NotFound,
                Unprocessable,
                AgeRestricted,
                TooManyRequests,
            ]),
        )
        .post(
            wait::CONFIRM,
            sign_up::routes::confirm,
            doc("Sign up with the token of a mail").errors(&[
                InvalidLink,
                Conflict,
                Unprocessable,
                TooManyRequests,
            ]),
        )
        .post(
            auth::LOGIN,
            signin::routes::login,
            doc("Sign in").errors(&[
                InvalidCredentials,
                SecondFactorRequired,
                TenantInactive,
                TooManyRequests,
            ]),
        )
        .post(
            second::LOGIN_FACTOR,
            signin::factor::login,
            doc("Sign in with a second factor").errors(&[
                Unauthorized,
                InvalidCode,
                TenantInactive,
                Unprocessable,
                TooManyRequests,
            ]),
        )
        .post(
            keyed::LOGIN_OPTIONS,
            passkeys::login::options,
            doc("What a page needs to sign in with a passkey"),
        )
        .post(
            keyed::LOGIN,
            passkeys::login::login,
            doc("Sign in with a passkey").errors(&[InvalidCredentials, TenantInactive, TooManyRequests]),
        )
        .get(linked::PROVIDERS, identities::routes::list, doc("With whom else one may sign in"))
        .post(BEGIN, identities::routes::begin, doc("Where to go to sign in with another provider"))
        .post(
            COMPLETE,
            identities::routes::complete,
            doc("Sign in with what another provider answered").errors(&[
                InvalidCredentials,
                SecondFactorRequired,
                SignUpRequired,
                LinkRequired,
                TenantInactive,
                TooManyRequests,
            ]),
        )
        .post(
            SIGN_UP,
            identities::sign_up::register,
            doc("Sign up with the account of another provider").errors(&[
                InvalidCredentials,
                Conflict,
                ConfirmationRequired,
                TenantInactive,
                NotFound,
                Unprocessable,
                AgeRestricted,
                TooManyRequests,
            ]),
        )
        .post(
            auth::REFRESH,
            refresh::routes::refresh,
            doc("New tokens for old").errors(&[Unauthorized, TenantInactive]),
        )
        .get(
            contract::OWN_TENANTS,
            switching::routes::list,
            doc("Where one may work").errors(&[Unauthorized]),
        )
        .delete(
            OWN_TENANT,
            members::routes::leave,
            doc("Leave a tenant").errors(&[Unauthorized, NotFound, Conflict]),
        )
        .post(
            contract::ACCEPT,
            invitations::routes::accept_on_behalf,
            doc("Accept an invitation to one's own address").errors(&[
                Unauthorized,
                Forbidden,
                NotFound,
                Conflict,
                QuotaExceeded,
            ]),
        )
        .post(
            contract::SWITCH,
            switching::routes::switch,
            doc("Go over to another tenant").errors(&[Unauthorized, NotFound, TenantInactive]),
        )
        .post(auth::LOGOUT, devices::routes::logout, doc("Sign out this device").errors(&[Unauthorized]))
        .group("Getting back in")
        .post(
            recovery::RECOVER,
            password::routes::ask,
            doc("Ask for a mail by which one gets back in").errors(&[TooManyRequests]),
        )
        .post(
            recovery::COMPLETE,
            password::routes::complete,
            doc("Set a new password with the token of a mail").errors(&[
                InvalidLink,
                Unprocessable,
                TooManyRequests,
            ]),
        )
        .post(
            recovery::VERIFY_EMAIL,
            address::routes::verify,
            doc("Prove an e-mail address with the token of a mail").errors(&[
                InvalidLink,
                Conflict,
                TooManyRequests,
            ]),
        )
        .group("Oneself")
        .post(
            recovery::PASSWORD,
            password::routes::change,
            doc("Change the password").errors(&[
                Unauthorized,
                InvalidCredentials,
                Unprocessable,
                TooManyRequests,
            ]),
        )
        .post(
            recovery::EMAIL,
            address::routes::ask,
            doc("Change the e-mail address").errors(&[
                Unauthorized,
                InvalidCredentials,
                Unprocessable,
                TooManyRequests,
            ]),
        )
        .post(
            recovery::RESEND,
            address::routes::resend,
            doc("Send the mail again that proves the address").errors(&[Unauthorized, TooManyRequests]),
        )
        .get(second::FACTORS, factors::routes::list, doc("The second factors").errors(&[Unauthorized]))
        .post(second::TOTP, factors::routes::enrol, doc("Begin with a generator").errors(FACTOR_ERRORS))
        .post(
            second::TOTP_CONFIRM,
            factors::routes::confirm,
            doc("Bring a generator's first code").errors(FACTOR_ERRORS),
        )
        .post(
            second::TOTP_REMOVE,
            factors::routes::remove,
            doc("Take the generator away").errors(FACTOR_ERRORS),
        )
        .post(
            second::RECOVERY_CODES,
            factors::routes::renew,
            doc("Make new recovery codes").errors(FACTOR_ERRORS),
        )
        .post(
            keyed::OPTIONS,
            passkeys::routes::options,
            doc("What a page needs to have a passkey made").errors(FACTOR_ERRORS),
        )
        .post(keyed::PASSKEYS, passkeys::routes::add, doc("Add a passkey").errors(FACTOR_ERRORS))
        .post(keyed::REMOVE, passkeys::routes::remove, doc("Take a passkey away").errors(FACTOR_ERRORS))
        .get(linked::IDENTITIES, identities::own::list, doc("How one gets in").errors(&[Unauthorized]))
        .post(LINK, identities::own::link, doc("Link the account of another provider").errors(FACTOR_ERRORS))
        .post(UNLINK, identities::own::unlink, doc("Unlink it").errors(FACTOR_ERRORS))
        .get(own::KEYS, api_keys::routes::list, doc("One's API keys").errors(&[Unauthorized]))
        .post(own::KEYS, api_keys::routes::make, doc("Make a key").errors(FACTOR_ERRORS))
        .post(ROTATE, api_keys::routes::rotate, doc("Turn a key over").errors(FACTOR_ERRORS))
        .delete(KEY, api_keys::routes::revoke, doc("End a key").errors(&[Unauthorized]))
        .post(
            own::USE,
            api_keys::using::answer,
            doc("Whether a person's key counts; counts the call").errors(&[
                Unauthorized,
                Forbidden,
                TenantInactive,
                QuotaExceeded,
            ]),
        )
        .get(auth::DEVICES, devices::routes::list, doc("The signed-in devices").errors(&[Unauthorized]))
        .delete(
            auth::DEVICES,
            devices::routes::remove_others,
            doc("Sign out all others").errors(&[Unauthorized]),
        )
        .delete(DEVICE, devices::routes::remove, doc("Sign out one device").errors(&[Unauthorized, NotFound]))
        .get(auth::ME, me::routes::read, doc("Oneself").errors(&[Unauthorized]))
        .post(
            privacy::ERASE,
            erasure::routes::erase,
            doc("Erase oneself").errors(&[
                Unauthorized,
                InvalidCredentials,
                InvalidCode,
                Conflict,
                Unprocessable,
                TooManyRequests,
            ]),
        )
        .post(
            privacy::EXPORT,
            export::routes::export,
            doc("Everything about oneself").errors(&[
                Unauthorized,
                InvalidCredentials,
                InvalidCode,
                Unprocessable,
                TooManyRequests,
            ]),
        )
        .patch(auth::ME, me::routes::edit, doc("Edit oneself").errors(&[Unauthorized, Unprocessable]))
        .get(
            crew::OWN_IMPERSONATIONS,
            impersonation::routes::own,
            doc("Who of the staff acted as one").errors(&[Unauthorized]),
        )
        .group("Staff")
        .post(
            crew::ENROL,
            staff::signin::enrol,
            doc("Set a first password").errors(&[InvalidLink, Unprocessable, TooManyRequests]),
        )
        .post(
            crew::LOGIN,
            staff::signin::login,
            doc("The first step of signing in").errors(&[InvalidCredentials, TooManyRequests]),
        )
        .post(
            crew::LOGIN_GENERATOR,
            staff::signin::generator,
            doc("A generator for who has none").errors(&[Unauthorized, Conflict]),
        )
        .post(
            crew::LOGIN_FACTOR,
            staff::signin::factor,
            doc("The second step of signing in").errors(&[Unauthorized, InvalidCode, TooManyRequests]),
        )
        .post(crew::REFRESH, staff::refresh::refresh, doc("New tokens for old").errors(&[Unauthorized]))
        .post(crew::LOGOUT, staff::devices::logout, doc("Sign out this device").errors(STAFFER))
        .get(crew::ME, staff::devices::me, doc("Oneself, on the staff").errors(STAFFER))
        .get(crew::DEVICES, staff::devices::list, doc("One's devices, on the staff").errors(STAFFER))
        .delete(STAFF_DEVICE, staff::devices::remove, doc("Sign out one device").errors(STAFFER))
        .post(
            IMPERSONATE,
            impersonation::routes::start,
            doc("Begin to act as a person").errors(&[Unauthorized, Forbidden, Conflict, Unprocessable]),
        )
        .post(
            IMPERSONATION_TOKEN,
            impersonation::routes::reissue,
            doc("A further token to act as them").errors(&[Unauthorized, Forbidden, Conflict]),
        )
        .delete(IMPERSONATION, impersonation::routes::end, doc("Act as them no more").errors(STAFFER))
        .group("Administration")
        .get(crew::STAFF, staff::routes::list, doc("The staff").errors(STAFFER))
        .post(
            crew::STAFF,
            staff::routes::create,
            doc("Add a member of staff").errors(&[Unauthorized, Forbidden, Conflict, Unprocessable]),
        )
        .get(ONE_OF_STAFF, staff::routes::one, doc("One member of staff").errors(STAFFER))
        .patch(
            ONE_OF_STAFF,
            staff::routes::edit,
            doc("Edit a member of staff").errors(&[Unauthorized, Forbidden, Unprocessable]),
        )
        .post(
            STAFF_DISABLE,
            staff::routes::disable,
            doc("Disable a member of staff").errors(&[Unauthorized, Forbidden, Unprocessable]),
        )
        .post(STAFF_ENABLE, staff::routes::enable, doc("Let them sign in again").errors(STAFFER))
        .post(STAFF_RESET, staff::routes::reset, doc("Have them enrol anew").errors(STAFFER))
        .get(admin::PEOPLE, people::routes::list, doc("People"))
        .get(PERSON, people::routes::one, doc("One person"))
        .post(SUSPEND, people::routes::suspend, doc("Suspend a person").errors(&[Unprocessable]))
        .post(REINSTATE, people::routes::reinstate, doc("Reinstate a person"))
        .post(
            RESET,
            lost::routes::reset,
            doc("Take all second factors of a person away").errors(&[Forbidden, Unprocessable]),
        )
        .delete(RESET, lost::routes::take_back, doc("Take that back while it waits").errors(&[Forbidden]))
        .post(
            ERASE,
            erasure::routes::erase_as_actor,
            doc("Erase a person").errors(&[Conflict, Unprocessable]),
        )
        .get(contract::TENANTS, tenants::routes::list, doc("Tenants"))
        .post(
            contract::TENANTS,
            tenants::routes::create,
            doc("Make a tenant").errors(&[Conflict, Unprocessable]),
        )
        .get(TENANT, tenants::routes::one, doc("One tenant"))
        .get(USAGE, tenants::routes::usage, doc("How much of its quotas a tenant uses"))
        .patch(TENANT, tenants::routes::edit, doc("Edit a tenant").errors(&[Conflict, Unprocessable]))
        .get(brand::BRAND, brands::routes::one, doc("How a tenant's domains look"))
        .patch(
            brand::BRAND,
            brands::routes::edit,
            doc("Edit how a tenant's domains look").errors(&[Conflict, Unprocessable]),
        )
        .get(brand::LOGO, brands::routes::logo, doc("A logo's bytes").errors(&[NotFound]))
        .post(
            DEACTIVATE,
            tenants::routes::deactivate,
            doc("Close a tenant").errors(&[Conflict, Unprocessable]),
        )
        .post(ACTIVATE, tenants::routes::activate, doc("Open a tenant again"))
        .post(
            INVITATIONS,
            invitations::routes::invite_as_actor,
            doc("Invite somebody into a tenant").errors(&[Forbidden, Conflict, Unprocessable]),
        )
        .get(CLIENTS, clients::routes::list, doc("Programs"))
        .post(CLIENTS, clients::routes::register, doc("Register a program").errors(&[Unprocessable]))
        .get(CLIENT, clients::routes::one, doc("One program"))
        .patch(CLIENT, clients::routes::edit, doc("Edit a program").errors(&[Unprocessable]))
        .delete(CLIENT, clients::routes::remove, doc("Take a program away"))
        .get(admin::AUDIT, audit::routes::list, doc("The audit log"))
        .get(admin::AUDIT_VERIFY, audit::routes::verify, doc("Whether the audit log's chain holds"))
        .get(admin::AUDIT_PACKET, audit::routes::packet, doc("A signed packet of the audit log"))
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
