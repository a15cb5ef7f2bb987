//! `/oauth/authorize`: signing in, and saying whether a program may. Nothing is kept between the pages: each form carries
//! the request, which is checked anew, and is bound to the browser that it was made for.

use super::clients::store::{Body as ClientBody, ClientRow, one};
use super::pages::{self, Carried};
use super::request::{self, Asked, Refused, Stranded};
use super::sign_on::{self, SignedOn};
use super::store;
use super::wire::{Fault, Params, Plain};
use crate::audit::{Entry, seal};
use crate::callers::Visitor;
use crate::keys::{Keyring, Presented};
use crate::personal::{Field, PersonKey};
use crate::signin;
use axum::extract::{FromRequestParts, State};
use bytes::Bytes;
use http::header::{LOCATION, RETRY_AFTER, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, Method};
use serde_json::json;
use sesh_edge::http::{Body, ClientAddress, Failure, Form, RequestInfo, pairs, spelled};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::io::Io;
use sesh_edge::token::refuse_other_sites;
use sesh_types::contract::auth::{Delivery, Login, SignedIn};
use sesh_types::contract::factors::LoginFactor;
use sesh_types::contract::{Password, Token};
use sesh_types::envelope::{Details, ErrorCode};
use sesh_types::time::Timestamp;
use std::sync::Arc;

/// Somebody in front of a browser, who may be signed in by its cookie.
pub struct Browsing {
    visitor: Visitor,
    headers: HeaderMap,
    query: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Browsing {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let io = Io::from_request_parts(parts, state).await?;
        let request_id = RequestInfo::from_request_parts(parts, state).await?.request_id;
        let client = ClientAddress::from_request_parts(parts, state).await?;
        let query = parts.uri.query().unwrap_or_default().to_owned();
        Ok(Self {
            visitor: Visitor { io, request_id, client, host: None },
            headers: parts.headers.clone(),
            query,
        })
    }
}

/// One authorization request on its way.
struct Way<'a> {
    visitor: &'a Visitor,
    keys: &'a Arc<Keyring>,
    asked: Asked,
    /// The request, as forms carry it.
    query: String,
    /// The browser, as its cookie names it, and whether the name is new.
    browser: (String, bool),
    /// When the person was first asked something.
    begun: Timestamp,
}

/// An authorization request, by the program's redirect.
pub async fn ask(browsing: Browsing, State(keys): State<Arc<Keyring>>) -> Result<Plain, Fault> {
    let Browsing { visitor, headers, query } = &browsing;
    let asked = match understood(&visitor.io, &keys, query).await? {
        Ok(asked) => asked,
        Err(told) => return Ok(told),
    };
    let signed_on = sign_on::who(&visitor.io, &keys, headers).await?;
    let browser = sign_on::browser(&visitor.io, headers);
    let begun = visitor.io.now();
    let way = Way { visitor, keys: &keys, asked, query: query.clone(), browser, begun };
    way.go_on(signed_on, false).await
}

/// What one of our pages sends; or an authorization request, which is sent on as one by `GET`, so that the cookie of
/// whoever is signed in comes along (`OpenID` Connect Core, section 3.1.2.1).
pub async fn act(
    browsing: Browsing,
    State(keys): State<Arc<Keyring>>,
    Form(fields): Form,
) -> Result<Plain, Fault> {
    let Browsing { visitor, headers, .. } = &browsing;
    let form = Params::of(fields);
    let Some(step) = form.get("step") else {
        return Ok(to(&format!("/oauth/authorize?{}", spelled(form.pairs()))));
    };
    if refuse_other_sites(&Method::POST, headers).is_err() {
        return Ok(pages::stranded("The form came from another site.").status(403));
    }
    let query = form.get("query").unwrap_or_default().to_owned();
    let asked = match understood(&visitor.io, &keys, &query).await? {
        Ok(asked) => asked,
        Err(told) => return Ok(told),
    };
    let (io, browser) = (&visitor.io, sign_on::browser(&visitor.io, headers));
    let token = form.get("form").unwrap_or_default();
    let begun = sign_on::begun(&keys, &browser.0, &query, token, io.now());
    let way = Way { visitor, keys: &keys, asked, query, browser, begun: begun.unwrap_or(io.now()) };
    if begun.is_none() {
        let wrong = "This page was open for too long, or its cookie is gone. Please try again.";
        return Ok(way.sign_in(form.get("email"), Some(wrong)).status(403));
    }
    match step {
        "sign_in" => way.with_password(&form).await,
        "factor" => way.with_factor(&form).await,
        "consent" => {
            let signed_on = sign_on::who(io, &keys, headers).await?;
            if form.get("answer") == Some("allow") {
                return way.go_on(signed_on, true).await;
            }
            way.denied(signed_on).await
        }
        // Whoever is signed in stays so until somebody else is.
        _ => Ok(way.sign_in(None, None)),
    }
}

/// Reads a request; or gives what is told instead, to the person or, by redirecting, to the program.
async fn understood(io: &Io, keys: &Keyring, query: &str) -> Result<Result<Asked, Plain>, Fault> {
    let stranded = |Stranded(why): Stranded| Ok(Err(pages::stranded(why)));
    let Some(pairs) = pairs(query.as_bytes()) else {
        return stranded(Stranded("Its request is malformed."));
    };
    let params = Params::of(pairs);
    let id = match request::client_id(&params) {
        Ok(id) => id,
        Err(why) => return stranded(why),
    };
    let Some(row) = io.db(one(id)).await?.first::<ClientBody>(0)? else { return stranded(request::UNKNOWN) };
    let client = ClientRow::read(&row.body)?;
    let redirect_uri = match request::redirect_uri(&params, &client) {
        Ok(uri) => uri.to_owned(),
        Err(why) => return stranded(why),
    };
    Ok(request::check(&params, client, &redirect_uri)
        .map_err(|refused| to(&request::refusal(&redirect_uri, &keys.issuer, params.get("state"), refused))))
}

/// Sends a browser on, by `GET` whatever it did before.
fn to(location: &str) -> Plain {
    Plain::empty(303).header(LOCATION, location)
}

impl Way<'_> {
    /// Goes as far as it can: to signing in, to being asked, or back to the program with a code.
    async fn go_on(&self, signed_on: Option<SignedOn>, agrees: bool) -> Result<Plain, Fault> {
        let (io, asked) = (&self.visitor.io, &self.asked);
        let since = asked.signed_in_since(self.begun);
        let Some(person) = signed_on.filter(|person| person.row.signed_in_at >= since) else {
            if asked.prompt.none {
                return Ok(self.refuse(request::LOGIN_REQUIRED));
            }
            return Ok(self.sign_in(asked.login_hint.as_deref(), None));
        };
        let standing = store::standing(person.row.person_id, asked.client.id, asked.client.tenant());
        let standing = io.db(standing).await?.one::<store::StandingRow>(0)?;
        if !standing.may_use() {
            return Ok(self.refuse(request::NOT_FOR_THEM));
        }
        if !agrees && asked.needs_consent(standing.agreed()) {
            if asked.prompt.none {
                return Ok(self.refuse(request::CONSENT_REQUIRED));
            }
            let own = PersonKey::unwrap(self.keys, person.row.person_id, person.row.wrapped.as_deref())?;
            let email = own.open(Field::Email, &person.row.email)?;
            return Ok(self.cookie(pages::consent(asked, &self.carried(&self.token()), &email)));
        }
        self.grant(&person, agrees).await
    }

    /// Back to the program, with a code.
    async fn grant(&self, person: &SignedOn, agrees: bool) -> Result<Plain, Fault> {
        let (io, asked) = (&self.visitor.io, &self.asked);
        let id = io.new_id();
        let entry = self.entry(person, "consent.given");
        let batch = store::issue((id, io.new_id()), asked, person, io.now(), agrees.then_some(&entry));
        if let Err(error) = io.db(batch).await {
            if error.is_refusal("client_gone") {
                return Ok(pages::stranded("It was changed a moment ago: try again."));
            }
            if error.is_refusal("token_revoked") {
                return Ok(self.sign_in(asked.login_hint.as_deref(), None));
            }
            return Err(error.into());
        }
        seal::later(io, self.keys);
        let code =
            super::code::made(self.keys, id).ok_or_else(|| Failure::internal("there is no key for codes"))?;
        Ok(to(&asked.granted(&self.keys.issuer, &code)))
    }

    /// Back to the program, without.
    async fn denied(&self, signed_on: Option<SignedOn>) -> Result<Plain, Fault> {
        if let Some(person) = signed_on {
            self.visitor.io.db(store::denied(&self.entry(&person, "consent.denied"))).await?;
            seal::later(&self.visitor.io, self.keys);
        }
        Ok(self.refuse(request::DENIED))
    }

    fn refuse(&self, refused: Refused) -> Plain {
        to(&self.asked.refused(&self.keys.issuer, refused))
    }

    fn entry(&self, person: &SignedOn, action: &'static str) -> Entry {
        let client = &self.asked.client;
        Entry {
            tenant: client.tenant(),
            at: self.visitor.io.now(),
            actor: format!("person:{}", person.row.person_id),
            action,
            entity: format!("client:{}", client.id),
            request_id: self.visitor.request_id.clone(),
            detail: json!({ "scopes": self.asked.scopes, "device": person.device }),
        }
    }

    async fn with_password(&self, form: &Params) -> Result<Plain, Fault> {
        let text = |name| form.get(name).unwrap_or_default().to_owned();
        let email = text("email");
        let login = Login {
            email: email.clone(),
            password: Password(text("password")),
            tenant: None,
            delivery: Delivery::Token,
        };
        let (visitor, keys) = (self.visitor.clone(), self.keys.clone());
        let body = Body { value: login, bytes: Bytes::new() };
        match signin::routes::by_password(visitor, keys, unkeyed(), body).await {
            Ok(signed_in) => self.signed_in(&signed_in).await,
            Err(Failure::Refusal(refusal)) => Ok(match (refusal.code, refusal.details) {
                (ErrorCode::SecondFactorRequired, Some(Details::Factor(challenge))) => {
                    self.factor(&challenge.challenge.0, None)
                }
                (ErrorCode::TooManyRequests, _) => {
                    let wait = refusal.retry_after_seconds.unwrap_or(1).to_string();
                    let page = self.sign_in(Some(&email), Some(&refusal.message));
                    page.status(429).header(RETRY_AFTER, &wait)
                }
                _ => self.sign_in(Some(&email), Some(&refusal.message)).status(403),
            }),
            Err(failure) => Err(failure.into()),
        }
    }

    async fn with_factor(&self, form: &Params) -> Result<Plain, Fault> {
        let challenge = form.get("challenge").unwrap_or_default();
        let typed = form.get("code").unwrap_or_default().trim();
        // Six digits are a generator's, everything else is a recovery code.
        let digits = typed.bytes().filter(|byte| *byte != b' ').all(|byte| byte.is_ascii_digit());
        let (code, recovery) = if digits { (Some(typed), None) } else { (None, Some(typed)) };
        let token = |text: Option<&str>| text.map(|text| Token(text.to_owned()));
        let body = LoginFactor {
            tenant: None,
            challenge: Token(challenge.to_owned()),
            code: token(code),
            recovery_code: token(recovery),
            delivery: Delivery::Token,
        };
        let (visitor, keys) = (self.visitor.clone(), self.keys.clone());
        let body = Body { value: body, bytes: Bytes::new() };
        match signin::factor::by_factor(visitor, keys, unkeyed(), body).await {
            Ok(signed_in) => self.signed_in(&signed_in).await,
            Err(Failure::Refusal(refusal)) => Ok(match refusal.code {
                ErrorCode::TooManyRequests => {
                    let wait = refusal.retry_after_seconds.unwrap_or(1).to_string();
                    self.factor(challenge, Some(&refusal.message)).status(429).header(RETRY_AFTER, &wait)
                }
                // The challenge is over: from the beginning.
                ErrorCode::Unauthorized => self.sign_in(None, Some(&refusal.message)).status(403),
                _ => self.factor(challenge, Some(&refusal.message)).status(403),
            }),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Goes on with somebody who has just signed in; the browser keeps that.
    async fn signed_in(&self, signed_in: &SignedIn) -> Result<Plain, Fault> {
        let device =
            signed_in.refresh_token.as_ref().and_then(Presented::read).map(|presented| presented.device);
        let device = device.ok_or_else(|| Failure::internal("signing in gave no refresh token"))?;
        let person = sign_on::by_device(&self.visitor.io, device).await?;
        let cookie = person.as_ref().map(|person| person.cookie(self.keys));
        let next = self.go_on(person, false).await?;
        Ok(match cookie {
            Some(cookie) => next.header(SET_COOKIE, &cookie),
            None => next,
        })
    }

    fn sign_in(&self, email: Option<&str>, wrong: Option<&str>) -> Plain {
        let token = self.token();
        self.cookie(pages::sign_in(&self.asked, &self.carried(&token), email.unwrap_or_default(), wrong))
    }

    fn factor(&self, challenge: &str, wrong: Option<&str>) -> Plain {
        let token = self.token();
        self.cookie(pages::factor(&self.asked, &self.carried(&token), challenge, wrong))
    }

    fn token(&self) -> String {
        sign_on::form_token(self.keys, &self.browser.0, &self.query, self.begun)
    }

    fn carried<'c>(&'c self, token: &'c str) -> Carried<'c> {
        Carried { query: &self.query, token }
    }

    /// With the cookie that forms are bound to, where the browser has none yet.
    fn cookie(&self, page: Plain) -> Plain {
        let (name, is_new) = &self.browser;
        if *is_new { page.header(SET_COOKIE, &sign_on::form_cookie(name)) } else { page }
    }
}

/// A form is sent again by pressing its button again: no program retries it.
fn unkeyed() -> IdempotencyKey {
    IdempotencyKey::forwarded(None, "POST /oauth/authorize")
}
