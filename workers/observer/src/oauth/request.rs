//! An authorization request: what must be in it, purely. What is wrong with program or redirect URI is told to the
//! person; everything else is told to the program, by redirecting (RFC 6749, section 4.1.2.1; RFC 9700, section 4.11).

use super::clients::rules;
use super::clients::store::ClientRow;
use super::wire::Params;
use sesh_edge::http::spelled;
use sesh_types::access::Scopes;
use sesh_types::contract::clients::GrantType;
use sesh_types::ids::ClientId;
use sesh_types::time::{SECOND_MS, Timestamp};

/// The longest `state` and `nonce`, in bytes.
const MOST_BYTES: usize = 1_000;

/// What the program wants the person to be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// Nothing: answer at once, or with an error.
    pub none: bool,
    /// To sign in, though they are.
    pub login: bool,
    /// Whether they agree, though they did.
    pub consent: bool,
}

/// An authorization request in which nothing is wrong.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The program.
    pub client: ClientRow,
    /// Where the answer goes: one of the program's.
    pub redirect_uri: String,
    /// What it asks for.
    pub scopes: Scopes,
    /// What it wants back.
    pub state: Option<String>,
    /// What the ID token has to say.
    pub nonce: Option<String>,
    /// SHA-256 of the verifier, base64url.
    pub challenge: String,
    /// What the person is to be asked.
    pub prompt: Prompt,
    /// How long ago the person may have signed in, in seconds.
    pub max_age_s: Option<i64>,
    /// Who is expected to sign in.
    pub login_hint: Option<String>,
}

/// What the program is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The code.
    pub error: &'static str,
    /// A sentence for whoever writes the program.
    pub description: &'static str,
}

const fn refused(error: &'static str, description: &'static str) -> Refused {
    Refused { error, description }
}

/// What the person is told: nobody can be trusted with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stranded(pub &'static str);

/// The program of a request.
///
/// # Errors
/// What the person is told.
pub fn client_id(params: &Params) -> Result<ClientId, Stranded> {
    if params.repeated().is_some() {
        return Err(Stranded("Its request names something twice."));
    }
    let id = params.get("client_id").and_then(|id| id.parse().ok());
    id.ok_or(UNKNOWN)
}

/// Of a program that is not known.
pub const UNKNOWN: Stranded = Stranded("It is not known here.");

/// The redirect URI of a request.
///
/// # Errors
/// What the person is told.
pub fn redirect_uri<'p>(params: &'p Params, client: &ClientRow) -> Result<&'p str, Stranded> {
    let asked = params.get("redirect_uri").ok_or(Stranded("It does not say where to send you back to."))?;
    let known = client.redirect_uris.iter().any(|registered| rules::fits(registered, asked));
    if known {
        Ok(asked)
    } else {
        Err(Stranded("It wants to send you to an address that is not known to be its own."))
    }
}

/// Reads a request of a known program to a known redirect URI.
///
/// # Errors
/// What the program is told.
pub fn check(params: &Params, client: ClientRow, redirect_uri: &str) -> Result<Asked, Refused> {
    if params.get("request").is_some() {
        return Err(refused("request_not_supported", "request objects are not supported"));
    }
    if params.get("request_uri").is_some() {
        return Err(refused("request_uri_not_supported", "request_uri is not supported"));
    }
    match params.get("response_type") {
        Some("code") => {}
        None => return Err(refused("invalid_request", "response_type is missing")),
        Some(_) => return Err(refused("unsupported_response_type", "response_type must be code")),
    }
    if params.get("response_mode").is_some_and(|mode| mode != "query") {
        return Err(refused("invalid_request", "response_mode must be query"));
    }
    if !client.may(GrantType::AuthorizationCode) {
        return Err(refused("unauthorized_client", "the program is not registered for authorization_code"));
    }
    let challenge = challenge(params)?;
    let scopes = scopes(params, &client)?;
    let prompt = prompt(params)?;
    let max_age_s = match params.get("max_age") {
        None => None,
        Some(text) => {
            Some(max_age(text).ok_or(refused("invalid_request", "max_age must be a number of seconds"))?)
        }
    };
    let short = |name: &str| params.get(name).is_none_or(|text| text.len() <= MOST_BYTES);
    if !short("state") || !short("nonce") || !short("login_hint") {
        return Err(refused("invalid_request", "state, nonce and login_hint have at most 1000 bytes"));
    }
    let text = |name| params.get(name).map(str::to_owned);
    Ok(Asked {
        client,
        redirect_uri: redirect_uri.to_owned(),
        scopes,
        state: text("state"),
        nonce: text("nonce"),
        challenge,
        prompt,
        max_age_s,
        login_hint: text("login_hint"),
    })
}

/// The challenge of PKCE (RFC 7636), which is required, as a hash.
fn challenge(params: &Params) -> Result<String, Refused> {
    let challenge =
        params.get("code_challenge").ok_or(refused("invalid_request", "code_challenge is missing"))?;
    if params.get("code_challenge_method") != Some("S256") {
        return Err(refused("invalid_request", "code_challenge_method must be S256"));
    }
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if challenge.len() != 43 || !challenge.bytes().all(base64url) {
        return Err(refused(
            "invalid_request",
            "code_challenge must be SHA-256 in base64url without padding",
        ));
    }
    Ok(challenge.to_owned())
}

fn scopes(params: &Params, client: &ClientRow) -> Result<Scopes, Refused> {
    let asked =
        params.get("scope").and_then(|text| text.parse::<Scopes>().ok()).filter(|scopes| !scopes.is_empty());
    let scopes =
        asked.ok_or(refused("invalid_scope", "scope is missing, or names what is not known here"))?;
    if client.scopes.cover(scopes) {
        Ok(scopes)
    } else {
        Err(refused("invalid_scope", "scope names what the program is not registered for"))
    }
}

fn prompt(params: &Params) -> Result<Prompt, Refused> {
    let mut prompt = Prompt::default();
    for word in params.get("prompt").unwrap_or_default().split(' ').filter(|word| !word.is_empty()) {
        match word {
            "none" => prompt.none = true,
            "login" | "select_account" => prompt.login = true,
            "consent" => prompt.consent = true,
            _ => {
                return Err(refused(
                    "invalid_request",
                    "prompt must be none, login, consent or select_account",
                ));
            }
        }
    }
    if prompt.none && (prompt.login || prompt.consent) {
        return Err(refused("invalid_request", "prompt=none stands alone"));
    }
    Ok(prompt)
}

fn max_age(text: &str) -> Option<i64> {
    let short = text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    if short { text.parse().ok() } else { None }
}

impl Asked {
    /// Since when the person must have signed in, if what they are asked began at `begun`.
    pub fn signed_in_since(&self, begun: Timestamp) -> Timestamp {
        let by_age = self.max_age_s.map_or(Timestamp(0), |age| begun.plus_ms(-age * SECOND_MS));
        if self.prompt.login { begun } else { by_age }
    }

    /// Whether the person has to be asked, given what they agreed to before.
    pub fn needs_consent(&self, agreed: Scopes) -> bool {
        // Whoever listens on a loopback address may call themselves this program: only a person can tell.
        let certain = rules::is_certain(&self.redirect_uri);
        let known = certain && (self.client.is_first_party() || agreed.cover(self.scopes));
        self.prompt.consent || !known
    }

    /// Where to send the person with a code.
    pub fn granted(&self, issuer: &str, code: &str) -> String {
        answer(&self.redirect_uri, issuer, self.state.as_deref(), &[("code", code)])
    }

    /// Where to send the person when nothing comes of it.
    pub fn refused(&self, issuer: &str, refused: Refused) -> String {
        refusal(&self.redirect_uri, issuer, self.state.as_deref(), refused)
    }
}

/// Where to send the person with an error.
pub fn refusal(redirect_uri: &str, issuer: &str, state: Option<&str>, refused: Refused) -> String {
    let said = [("error", refused.error), ("error_description", refused.description)];
    answer(redirect_uri, issuer, state, &said)
}

/// The redirect URI with an answer, which says whose it is (RFC 9207).
fn answer(redirect_uri: &str, issuer: &str, state: Option<&str>, said: &[(&str, &str)]) -> String {
    let mut pairs = said.to_vec();
    pairs.extend(state.map(|state| ("state", state)));
    pairs.push(("iss", issuer));
    let glue = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{glue}{}", spelled(&pairs))
}

/// What is told to the program when the person must sign in, and may not be asked.
pub const LOGIN_REQUIRED: Refused =
    refused("login_required", "the person is not signed in, or not lately enough");
/// When the person must agree, and may not be asked.
pub const CONSENT_REQUIRED: Refused = refused("consent_required", "the person has to be asked");
/// When the person said no.
pub const DENIED: Refused = refused("access_denied", "the person said no");
/// When the person is none of those that the program is for.
pub const NOT_FOR_THEM: Refused =
    refused("access_denied", "the program is for members of a tenant that the person is not of");
