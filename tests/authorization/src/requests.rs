//! A request that is right in every way but, perhaps, who makes it.

use crate::cast::{Cast, Member};
use crate::routes::Route;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

/// A request, ready to be sent.
#[derive(Clone, Debug)]
pub struct Request {
    /// To which Worker.
    pub worker: &'static str,
    /// Through the internal door.
    pub internal: bool,
    /// In capitals.
    pub verb: &'static str,
    /// With its id.
    pub path: String,
    /// In small letters.
    pub headers: Vec<(&'static str, String)>,
    /// The body, if it has one.
    pub body: Option<Value>,
}

/// What a form of ours carries, in its field and in a cookie.
const FORM_TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789a";

/// With the cookie that goes with every form; whose page it was is said by `Origin`, which the caller has or has not.
pub fn as_from_a_form(headers: &mut Vec<(&'static str, String)>) {
    let cookie = format!("__Host-sesh_form={FORM_TOKEN}");
    match headers.iter_mut().find(|(name, _)| *name == "cookie") {
        Some((_, line)) => *line = format!("{line}; {cookie}"),
        None => headers.push(("cookie", cookie)),
    }
    headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
}

/// A form's body.
pub fn urlencoded(fields: &Value) -> String {
    let escape = |text: &str| -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        text.bytes()
            .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
            .collect()
    };
    let fields = fields.as_object().unwrap();
    fields
        .iter()
        .map(|(name, value)| format!("{name}={}", escape(value.as_str().unwrap())))
        .collect::<Vec<_>>()
        .join("&")
}

/// The fields of a page's form.
fn of_page(route: &Route, cast: &Cast, named: &Member) -> Option<Value> {
    if route.verb == "GET" {
        return None;
    }
    let password = cast.password;
    let fresh = format!("p{}.{}", unique(), cast.person.email);
    let mut fields = match route.path {
        "/age" => json!({ "answer": "yes" }),
        "/sign-up" => json!({
            "email": fresh, "password": password, "display_name": "Ada", "birth_date": "1990-01-01" }),
        "/sign-in" => json!({ "email": cast.person.email, "password": password }),
        "/sign-in/code" => json!({ "challenge": "ch_k_0_0_0", "code": "000000" }),
        "/recover" => json!({ "email": fresh }),
        "/recover/complete" => json!({ "token": "mt_k_0_0", "new_password": "snowplough and 17 geese" }),
        "/sign-up/confirm" => json!({ "token": "mt_k_0_0", "password": "snowplough and 17 geese" }),
        "/verify" => json!({ "token": "mt_k_0_0" }),
        "/settings" => json!({ "lang": "es" }),
        "/log" => json!({ "lot": named.lot, "amount": "1mg", "method": "vape" }),
        "/history/{id}" => json!({ "method": "smoke", "amount-0": "1 mg", "when": "2026-04-20T16:20" }),
        "/stash/new" => json!({
            "strain": named.strain, "name": "Matrix", "form_of": "flower", "quantity": "1", "currency": "USD" }),
        "/stash/{id}" => json!({ "kind": "gift", "amount": "1 mg" }),
        "/strains/new" => json!({ "name": format!("Matrix {}", unique()) }),
        "/presets/new" => json!({ "lot": named.lot, "name": "Matrix", "method": "vape", "amount": "1 mg" }),
        "/presets/{id}" => json!({ "name": "Matrix", "method": "vape", "amount": "1 mg" }),
        "/goals/new" => json!({ "measure": "sessions", "per": "day", "target": "3" }),
        "/breaks/new" => json!({ "since": "2020-02-01T00:00", "until": "2020-02-01" }),
        "/account/profile" => json!({ "display_name": "Matrix" }),
        "/account/import" => json!({ "text": format!("date,amount\n2026-01-01,0.{}\n", unique()) }),
        "/account/keys" => json!({ "name": "Matrix", "scopes": "stash:read", "password": password }),
        "/account/ways" => json!({ "provider": "google", "password": password }),
        "/invitation" => json!({ "token": "iv_k_0_0_matrix" }),
        "/account/keys/{id}" | "/account/export/everything" | "/account/erase" => {
            json!({ "password": password })
        }
        "/account/security/password" => {
            json!({ "current_password": password, "new_password": "snowplough and 17 geese" })
        }
        "/account/security/generator" => json!({ "generator_password": password }),
        "/account/security/generator/confirm" => json!({ "code": "000000" }),
        "/account/security/generator/remove" => {
            json!({ "remove_password": password, "remove_code": "000000" })
        }
        "/account/security/codes" => json!({ "codes_password": password, "codes_code": "000000" }),
        "/account/security/passkeys/remove" => json!({ "id": "AAAA", "passkey_password": password }),
        _ => json!({}),
    };
    fields["form"] = FORM_TOKEN.into();
    Some(fields)
}

impl Request {
    /// Whether the body goes as a form.
    pub fn is_form(&self) -> bool {
        self.path.starts_with("/oauth/")
            || self.headers.iter().any(|(name, value)| *name == "content-type" && value.contains("form"))
    }
}

/// A text that no other request has.
fn unique() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn registration(cast: &Cast) -> Value {
    // The person's own address with something in front is nobody's, in this run and in every other.
    let email = format!("m{}.{}", unique(), cast.person.email);
    json!({ "email": email, "password": cast.password, "display_name": "Ada", "birth_date": "1990-01-01" })
}

fn login(cast: &Cast) -> Value {
    json!({ "email": cast.person.email, "password": cast.password })
}

fn import() -> Value {
    json!({ "source": "matrix", "rows": [] })
}

/// Between Workers, what a browser kept goes along.
fn in_browser(is_internal: bool, given: Value) -> Value {
    if is_internal { json!({ "browser": "br_k_0_0_0", "given": given }) } else { given }
}

/// The body of a route by which an account is secured.
#[allow(clippy::match_same_arms, reason = "a table: a line a route")]
fn of_account(path: &str, cast: &Cast) -> Option<Value> {
    let path_is_internal = path.starts_with("/internal");
    let path = path.strip_prefix("/api/v1/").or_else(|| path.strip_prefix("/internal/v1/"))?;
    let password = &cast.password;
    let fresh = format!("n{}.{}", unique(), cast.person.email);
    Some(match path {
        "auth/register/begin" => {
            json!({ "email": fresh, "display_name": "Ada", "birth_date": "1990-01-01" })
        }
        "auth/register/confirm" => json!({ "token": "mt_k_0_0", "password": "snowplough and 17 geese" }),
        "auth/recovery" => json!({ "email": fresh }),
        "auth/recovery/complete" => json!({ "token": "mt_k_0_0", "new_password": "snowplough and 17 geese" }),
        "auth/email/verify" => json!({ "token": "mt_k_0_0" }),
        "auth/providers/{provider}/complete" => {
            in_browser(path_is_internal, json!({ "code": "c", "state": "s" }))
        }
        "auth/providers/{provider}/register" => in_browser(
            path_is_internal,
            json!({ "ticket": "pt.k.p.m", "birth_date": "1990-01-01", "display_name": "Ada" }),
        ),
        "me/identities/{provider}" => {
            in_browser(path_is_internal, json!({ "ticket": "pt.k.p.m", "password": password }))
        }
        "me/identities/{provider}/remove" => json!({ "password": password }),
        "auth/login/factor" => json!({ "challenge": "ch_k_0_0_0", "code": "000000" }),
        "auth/passkey" => json!({ "id": "AAAA", "response": {
            "clientDataJSON": "", "authenticatorData": "", "signature": "", "userHandle": "" } }),
        "me/password" => json!({ "current_password": password, "new_password": "snowplough and 17 geese" }),
        "me/email" => json!({ "password": password, "email": fresh }),
        "me/factors/totp" | "me/passkeys/options" => json!({ "password": password }),
        "me/factors/totp/confirm" => json!({ "code": "000000" }),
        "me/factors/totp/remove" | "me/factors/recovery-codes" => {
            json!({ "password": password, "code": "000000" })
        }
        "me/passkeys" => {
            json!({ "name": "a", "response": { "clientDataJSON": "", "attestationObject": "" } })
        }
        "me/passkeys/remove" => json!({ "id": "AAAA", "password": password }),
        _ => return None,
    })
}

/// The body of a route. `who` brings their refresh token where one is taken, and `named` owns what it names.
///
/// # Panics
/// When a route that takes a body has none here.
#[allow(clippy::match_same_arms, clippy::too_many_lines, reason = "a table: a line a route")]
pub fn body(route: &Route, cast: &Cast, refresh: Option<&str>, named: &Member) -> Option<Value> {
    if route.is_page() {
        return of_page(route, cast, named);
    }
    let refresh = || refresh.map_or_else(|| json!({}), |token| json!({ "refresh_token": token }));
    let items = || json!([{ "lot_id": named.lot, "quantity_mg": 1 }]);
    let bodiless = [
        "/me/factors",
        "/me/email/verification",
        "/auth/passkey/options",
        "/staff/logout",
        "/staff/{id}/enable",
        "/staff/{id}/reset",
        "/impersonations/{id}/token",
        "/{provider}/begin",
        "/auth/providers",
        "/me/identities",
    ];
    if bodiless.iter().any(|end| route.path.ends_with(end)) {
        return None;
    }
    if let Some(body) = of_account(route.path, cast) {
        return Some(body);
    }
    Some(match route.name().as_str() {
        "POST /api/v1/auth/register" | "POST /internal/v1/auth/register" => registration(cast),
        "POST /api/v1/auth/login" | "POST /internal/v1/auth/login" => login(cast),
        "POST /api/v1/auth/refresh" | "POST /api/v1/auth/logout" => refresh(),
        "POST /internal/v1/auth/refresh" => json!({ "refresh_token": cast.person.refresh }),
        "PATCH /api/v1/me" | "PATCH /internal/v1/me" => json!({ "display_name": "Matrix" }),
        "DELETE /api/v1/me"
        | "POST /internal/v1/me/erase"
        | "POST /api/v1/me/export"
        | "POST /internal/v1/me/export" => json!({ "password": cast.password }),
        "POST /api/v1/strains" => json!({ "name": format!("Matrix {}", unique()) }),
        "POST /api/v1/stash" => json!({ "strain_id": named.strain, "form": "flower", "quantity_mg": 1 }),
        "POST /api/v1/stash/{id}/entries" => json!({ "kind": "gift", "quantity_mg": 1 }),
        "POST /api/v1/sessions" => json!({ "method": "vape", "items": items() }),
        "PATCH /api/v1/sessions/{id}" => json!({ "items": items() }),
        "POST /api/v1/presets" | "PUT /api/v1/presets/{id}" => {
            json!({ "name": "Matrix", "method": "vape", "lot_id": named.lot })
        }
        "POST /api/v1/goals" => json!({ "measure": "sessions", "per": "day", "target": 1 }),
        // Before the one that everybody has.
        "POST /api/v1/breaks" => {
            json!({ "started_at": "2020-01-01T00:00:00Z", "planned_end_at": "2020-01-02T00:00:00Z" })
        }
        "POST /api/v1/imports" => json!({ "source": "date,amount\n2026-01-01,1 g\n" }),
        "POST /api/v1/breaks/{id}/end"
        | "POST /api/v1/imports/{id}/preview"
        | "POST /api/v1/imports/{id}/confirm" => json!({}),
        "POST /api/v1/users/{id}/suspend"
        | "POST /api/v1/users/{id}/erase"
        | "POST /internal/v1/people/{id}/erase"
        | "POST /internal/v1/people/{id}/suspend"
        | "POST /api/v1/users/{id}/factors/reset"
        | "POST /internal/v1/people/{id}/factors/reset"
        | "POST /api/v1/tenants/{id}/deactivate"
        | "POST /internal/v1/tenants/{id}/deactivate" => {
            json!({ "reason": "the matrix" })
        }
        "POST /api/v1/users/{id}/reinstate"
        | "POST /internal/v1/people/{id}/reinstate"
        | "POST /api/v1/tenants/{id}/activate"
        | "POST /internal/v1/tenants/{id}/activate"
        | "POST /internal/v1/auth/logout" => json!({}),
        "POST /api/v1/strains/import" | "POST /internal/v1/strains/import" => import(),
        "POST /api/v1/auth/tenant" | "POST /internal/v1/auth/tenant" => json!({ "tenant_id": named.tenant }),
        "POST /api/v1/tenants" | "POST /internal/v1/tenants" => {
            json!({ "slug": format!("matrix-{}-{}", unique(), cast.salt), "name": "Matrix" })
        }
        "PATCH /api/v1/tenants/{id}" | "PATCH /internal/v1/tenants/{id}" | "PATCH /api/v1/tenant" => {
            json!({ "name": "Matrix" })
        }
        "PATCH /api/v1/tenants/{id}/brand"
        | "PATCH /internal/v1/tenants/{id}/brand"
        | "PATCH /api/v1/tenant/brand" => json!({ "accent_hue": 30 }),
        "POST /api/v1/tenants/{id}/invitations"
        | "POST /internal/v1/tenants/{id}/invitations"
        | "POST /api/v1/tenant/invitations" => {
            json!({ "email": format!("i{}.{}", unique(), cast.person.email), "role": "member" })
        }
        "PATCH /api/v1/tenant/members/{id}" => json!({ "apps": {} }),
        "POST /api/v1/invitations/accept" | "POST /internal/v1/invitations/accept" => {
            json!({ "token": named.invited })
        }
        "POST /api/v1/staff" | "POST /internal/v1/staff" => {
            json!({ "email": format!("s{}.{}", unique(), cast.person.email), "name": "Matrix", "role": "support" })
        }
        "PATCH /api/v1/staff/{id}" | "PATCH /internal/v1/staff/{id}" => json!({ "name": "Matrix" }),
        "POST /api/v1/staff/{id}/disable" | "POST /internal/v1/staff/{id}/disable" => {
            json!({ "reason": "the matrix" })
        }
        "POST /api/v1/staff/enrol" | "POST /internal/v1/staff/enrol" => {
            json!({ "token": "se_0_0", "password": cast.password })
        }
        "POST /api/v1/staff/login" | "POST /internal/v1/staff/login" => {
            json!({ "email": cast.superadmin.email, "password": cast.password })
        }
        "POST /api/v1/staff/login/generator" | "POST /internal/v1/staff/login/generator" => {
            json!({ "challenge": "sc_k_0_0_0" })
        }
        "POST /api/v1/staff/login/factor" | "POST /internal/v1/staff/login/factor" => {
            json!({ "challenge": "sc_k_0_0_0", "code": "000000" })
        }
        // A person's: staff's door does not know it.
        "POST /api/v1/staff/refresh" | "POST /internal/v1/staff/refresh" => {
            json!({ "refresh_token": cast.person.refresh })
        }
        "POST /api/v1/users/{id}/impersonation" | "POST /internal/v1/people/{id}/impersonation" => {
            json!({ "reason": "the matrix looks" })
        }
        "POST /api/v1/clients" | "POST /internal/v1/clients" => json!({
            "name": "Matrix", "kind": "public", "redirect_uris": ["https://matrix.example/cb"],
            "grant_types": ["authorization_code"], "scopes": ["openid"]
        }),
        "PATCH /api/v1/clients/{id}" | "PATCH /internal/v1/clients/{id}" => json!({ "name": "Matrix" }),
        "POST /oauth/authorize" => json!({ "response_type": "code" }),
        "POST /oauth/token" => json!({ "client_id": "nobody", "grant_type": "client_credentials" }),
        "POST /oauth/revoke" | "POST /oauth/introspect" => json!({ "client_id": "nobody", "token": "none" }),
        "POST /oauth/userinfo" => return None,
        "POST /api/v1/me/keys" | "POST /internal/v1/me/keys" => {
            json!({ "name": "matrix", "scopes": ["stash:read"], "password": cast.password })
        }
        "POST /api/v1/tenant/keys" => {
            json!({ "name": "matrix", "scopes": ["tenant:read"], "password": cast.password })
        }
        "POST /api/v1/me/keys/{id}/rotate"
        | "POST /internal/v1/me/keys/{id}/rotate"
        | "POST /api/v1/tenant/keys/{id}/rotate" => json!({ "password": cast.password }),
        "POST /internal/v1/keys/use" => json!({ "key": "sesh_key_of-nobody", "needs": ["stash:read"] }),
        "POST /internal/v1/notices" => json!({ "notices": [] }),
        other if other.starts_with("GET ") || other.starts_with("DELETE ") => return None,
        other => panic!("{other} takes a body: say here which, so that it is tested"),
    })
}
