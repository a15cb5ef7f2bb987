//! Being signed in at observer's own pages: a cookie that names a device like any other, and forms that only such a page
//! of ours can have sent.

use super::store;
use crate::keys::{Keyring, Presented, Use};
use http::HeaderMap;
use sesh_edge::http::{Failure, cookie};
use sesh_edge::io::Io;
use sesh_edge::secret::{base64url, hmac_sha256, same};
use sesh_types::contract::Token;
use sesh_types::ids::DeviceId;
use sesh_types::time::{HOUR_MS, SECOND_MS, Timestamp};

/// The cookie of somebody signed in.
pub const COOKIE: &str = "__Host-sesh_sign_on";
/// The cookie of a browser, which its forms are bound to.
pub const FORM_COOKIE: &str = "__Host-sesh_form";
/// How long a form counts.
const FORM_MS: i64 = HOUR_MS;

/// Somebody signed in at our pages.
#[derive(Clone, Debug)]
pub struct SignedOn {
    /// The device.
    pub device: DeviceId,
    /// Who and since when.
    pub row: store::SignedOnRow,
}

/// Who the cookie says is signed in, if they are.
///
/// # Errors
/// As [`Io::db`].
pub async fn who(io: &Io, keys: &Keyring, headers: &HeaderMap) -> Result<Option<SignedOn>, Failure> {
    let shown =
        cookie(headers, COOKIE).and_then(|text| Presented::read_for(Use::SignOn, &Token(text.to_owned())));
    let Some(shown) = shown.filter(|shown| shown.generation == 0) else { return Ok(None) };
    let found = by_device(io, shown.device).await?;
    Ok(found.filter(|found| keys.refresh.made(&shown, &found.row.nonce)))
}

/// Whose a device is that has just signed in.
///
/// # Errors
/// As [`Io::db`].
pub async fn by_device(io: &Io, device: DeviceId) -> Result<Option<SignedOn>, Failure> {
    let row = io.db(store::signed_on(device, io.now())).await?.first::<store::SignedOnRow>(0)?;
    Ok(row.map(|row| SignedOn { device, row }))
}

impl SignedOn {
    /// `Set-Cookie` for them: as long as the device lives.
    pub fn cookie(&self, keys: &Keyring) -> String {
        let Token(token) = keys.refresh.token_for(Use::SignOn, self.device, 0, &self.row.nonce);
        let seconds = crate::refresh::rules::IDLE_MS / SECOND_MS;
        format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}")
    }
}

/// `Set-Cookie` for a browser of this name: until it is closed.
pub fn form_cookie(browser: &str) -> String {
    format!("{FORM_COOKIE}={browser}; Path=/; Secure; HttpOnly; SameSite=Lax")
}

/// The name of a browser: its cookie's, or a new one.
pub fn browser(io: &Io, headers: &HeaderMap) -> (String, bool) {
    let sound = |name: &&str| {
        name.len() == 22 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    match cookie(headers, FORM_COOKIE).filter(sound) {
        Some(name) => (name.to_owned(), false),
        None => (base64url(&io.random::<16>()), true),
    }
}

/// What a form carries: when what it is part of began, and a MAC over that, browser and request.
pub fn form_token(keys: &Keyring, browser: &str, query: &str, begun: Timestamp) -> String {
    let key = keys.pepper.key("oauth form");
    let parts: [&[u8]; 3] = [browser.as_bytes(), query.as_bytes(), &begun.0.to_be_bytes()];
    format!("{}.{}", begun.0, base64url(&hmac_sha256(&key, &parts)))
}

/// When what a form is part of began; nothing when it is none of ours, of another browser or request, or too old.
pub fn begun(keys: &Keyring, browser: &str, query: &str, token: &str, now: Timestamp) -> Option<Timestamp> {
    let begun = Timestamp(token.split_once('.')?.0.parse().ok()?);
    let age = now.0.checked_sub(begun.0)?;
    let ours = same(&form_token(keys, browser, query, begun), token);
    (ours && (0..=FORM_MS).contains(&age)).then_some(begun)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, keyring};

    #[test]
    fn a_form_counts_for_its_browser_and_request_for_an_hour() {
        let keys = keyring();
        let token = form_token(&keys, "browser", "a=1", NOW);
        let counts = |browser: &str, query: &str, token: &str, at| begun(&keys, browser, query, token, at);
        assert_eq!(counts("browser", "a=1", &token, NOW.plus_ms(FORM_MS)), Some(NOW));
        assert_eq!(counts("browser", "a=1", &token, NOW.plus_ms(FORM_MS + 1)), None);
        assert_eq!(counts("browser", "a=1", &token, NOW.plus_ms(-1)), None);
        assert_eq!(counts("other", "a=1", &token, NOW), None);
        assert_eq!(counts("browser", "a=2", &token, NOW), None);
        for bad in ["", ".", "x.y", &token.replacen('1', "2", 1), &format!("{token}A")] {
            assert_eq!(counts("browser", "a=1", bad, NOW), None, "{bad}");
        }
    }
}
