//! What the other Workers of the fleet may ask.

use crate::oauth::clients;
use crate::state::State;
use crate::{
    address, api_keys, audit, brands, devices, erasure, export, factors, identities, invitations, keys, lost,
    me, members, passkeys, password, people, refresh,
};
use crate::{impersonation, sign_up, signin, staff, switching, tenants};
use sesh_edge::routes::{Routes, doc};
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

const FACTOR_ERRORS: &[ErrorCode] =
    &[Unauthorized, InvalidCredentials, InvalidCode, NotFound, Conflict, Unprocessable, TooManyRequests];

/// How staff may be refused.
const STAFFER: &[ErrorCode] = &[Unauthorized, Forbidden];

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

/// What the other Workers of the fleet may ask.
pub fn internal() -> Routes<State> {
    let groups: [fn(Routes<State>) -> Routes<State>; 10] = [
        trust,
        signing_in,
        other_providers,
        tokens_and_devices,
        getting_back_in,
        oneself,
        ways_in_and_keys,
        devices_and_profile,
        staff_themselves,
        administration,
    ];
    groups.into_iter().fold(Routes::new(), |routes, more| more(routes))
}

fn trust(routes: Routes<State>) -> Routes<State> {
    routes.group("Trust").get("/api/health", keys::routes::health, doc("How this Worker is")).get(
        "/.well-known/jwks.json",
        keys::routes::jwks_for_fleet,
        doc("The public keys of access tokens"),
    )
}

fn signing_in(routes: Routes<State>) -> Routes<State> {
    routes
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
}

fn other_providers(routes: Routes<State>) -> Routes<State> {
    routes
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
}

fn tokens_and_devices(routes: Routes<State>) -> Routes<State> {
    routes
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
}

fn getting_back_in(routes: Routes<State>) -> Routes<State> {
    routes
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
}

fn oneself(routes: Routes<State>) -> Routes<State> {
    routes
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
}

fn ways_in_and_keys(routes: Routes<State>) -> Routes<State> {
    routes
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
}

fn devices_and_profile(routes: Routes<State>) -> Routes<State> {
    routes
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
}

fn staff_themselves(routes: Routes<State>) -> Routes<State> {
    routes
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
}

fn administration(routes: Routes<State>) -> Routes<State> {
    routes
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
