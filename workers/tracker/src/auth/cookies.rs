//! Tokens as cookies (RFC 6265bis): `__Host-` names, so that they are Secure, of this host and for every path.

use http::HeaderMap;
use sesh_edge::http::{Failure, cookie};
use sesh_edge::token::{ACCESS_COOKIE, ACCESS_TOKEN_SECONDS, REFRESH_COOKIE, refuse_other_sites};
use sesh_types::contract::Token;
use sesh_types::contract::auth::SignedIn;

/// How long a browser keeps the refresh cookie: as long as an unused refresh token lives, 30 days.
const REFRESH_SECONDS: i64 = 30 * 24 * 3600;

fn set(name: &str, value: &str, seconds: i64) -> String {
    format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax")
}

/// The cookies of somebody who signed in.
pub(super) fn signed_in(answer: &SignedIn) -> Vec<String> {
    let access = set(ACCESS_COOKIE, &answer.access_token.0, ACCESS_TOKEN_SECONDS);
    let refresh = answer.refresh_token.as_ref().map(|token| set(REFRESH_COOKIE, &token.0, REFRESH_SECONDS));
    std::iter::once(access).chain(refresh).collect()
}

/// What a browser keeps on its way to another provider and back.
const PROVIDER_COOKIE: &str = "__Host-sesh_provider";
/// As long as the way there and back and the ticket at its end may take.
const PROVIDER_SECONDS: i64 = 20 * 60;

/// The cookie of a browser that goes to another provider.
pub(super) fn goes_out(browser: &Token) -> String {
    set(PROVIDER_COOKIE, &browser.0, PROVIDER_SECONDS)
}

/// The cookie of a browser whose way there has ended.
pub(super) fn is_back() -> String {
    set(PROVIDER_COOKIE, "", 0)
}

/// What a browser kept. No site can make use of it: what it goes with must belong to it, and another site has neither.
pub(super) fn browser(headers: &HeaderMap) -> Option<Token> {
    cookie(headers, PROVIDER_COOKIE).filter(|kept| !kept.is_empty()).map(|kept| Token(kept.to_owned()))
}

/// The cookies of somebody who signed out.
pub(super) fn signed_out() -> [String; 2] {
    [set(ACCESS_COOKIE, "", 0), set(REFRESH_COOKIE, "", 0)]
}

/// The refresh token of a browser; refused when another site caused the request.
///
/// # Errors
/// 403 when it came from another site.
pub(super) fn refresh_token(method: &http::Method, headers: &HeaderMap) -> Result<Option<Token>, Failure> {
    let Some(token) = cookie(headers, REFRESH_COOKIE).filter(|token| !token.is_empty()) else {
        return Ok(None);
    };
    refuse_other_sites(method, headers)?;
    Ok(Some(Token(token.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_host_bound_and_out_of_reach_of_scripts() {
        for line in signed_out().into_iter().chain([is_back()]) {
            assert!(line.starts_with("__Host-") && line.contains("; Path=/;") && line.contains("Max-Age=0"));
            assert!(line.contains("Secure") && line.contains("HttpOnly") && line.contains("SameSite=Lax"));
            assert!(!line.contains("Domain"));
        }
    }
}
