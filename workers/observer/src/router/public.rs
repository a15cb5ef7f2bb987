//! What the internet may ask.

use crate::oauth::{authorize, ends, metadata, token, userinfo};
use crate::state::State;
use crate::tenants;
use crate::{api_keys, brands, invitations, keys, members};
use sesh_edge::routes::{Routes, doc};
use sesh_types::envelope::ErrorCode::{
    self, Conflict, InvalidCode, InvalidCredentials, NotFound, QuotaExceeded, TenantInactive,
    TooManyRequests, Unprocessable,
};

const KEY_ERRORS: &[ErrorCode] =
    &[TenantInactive, InvalidCredentials, InvalidCode, Conflict, Unprocessable, TooManyRequests];

/// What the internet may ask.
pub fn public() -> Routes<State> {
    let groups: [fn(Routes<State>) -> Routes<State>; 6] =
        [trust, programs, tenant, people_of_tenant, keys_of_tenant, invitations_of_tenant];
    groups.into_iter().fold(Routes::new().standard(super::DOCUMENTS), |routes, more| more(routes))
}

fn trust(routes: Routes<State>) -> Routes<State> {
    routes
        .group("Trust")
        .get("/.well-known/jwks.json", keys::routes::jwks, doc("The public keys of access tokens (RFC 7517)"))
        .get(
            "/.well-known/audit-jwks.json",
            keys::routes::audit_jwks,
            doc("The public keys that signed the audit log and packets of it (RFC 7517)"),
        )
}

fn programs(routes: Routes<State>) -> Routes<State> {
    routes
        .group("Programs")
        .get(
            "/.well-known/oauth-authorization-server",
            metadata::show,
            doc("What programs need to know (RFC 8414)"),
        )
        .get("/.well-known/openid-configuration", metadata::show, doc("The same (OpenID Connect Discovery)"))
        .get(
            "/oauth/jwks",
            keys::routes::jwks,
            doc("The public keys of tokens, where the metadata says (RFC 7517)"),
        )
        .get("/oauth/authorize", authorize::ask, doc("Asks a person to let a program act for them"))
        .post("/oauth/authorize", authorize::act, doc("The same, and what its pages send"))
        .post(
            "/oauth/token",
            token::exchange,
            doc("Tokens for a code, for a refresh token, for a program itself"),
        )
        .post("/oauth/revoke", ends::revoke, doc("Ends what a token is of (RFC 7009)"))
        .post("/oauth/introspect", ends::introspect, doc("Whether a program's own token counts (RFC 7662)"))
        .get("/oauth/userinfo", userinfo::show, doc("Who the person is, as far as they agreed"))
        .post("/oauth/userinfo", userinfo::show, doc("The same"))
}

fn tenant(routes: Routes<State>) -> Routes<State> {
    routes
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
            doc("Edit its name, its domains, and how one signs up there").errors(&[
                TenantInactive,
                Conflict,
                Unprocessable,
            ]),
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
}

fn people_of_tenant(routes: Routes<State>) -> Routes<State> {
    routes
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
}

fn keys_of_tenant(routes: Routes<State>) -> Routes<State> {
    routes
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
}

fn invitations_of_tenant(routes: Routes<State>) -> Routes<State> {
    routes
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
            doc("Accept an invitation to one's own address").errors(&[
                TenantInactive,
                NotFound,
                Conflict,
                QuotaExceeded,
            ]),
        )
}
