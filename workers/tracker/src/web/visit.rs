//! Who looks at a page, and how they like it: the callers of page routes.

use super::look::{Look, Scheme};
use super::theme::Theme;
use super::words::Lang;
use crate::auth::routes as auth;
use crate::brands::Brands;
use crate::state::State;
use crate::user::User;
use axum::extract::{FromRequest, FromRequestParts, MatchedPath, Request};
use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, COOKIE, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method};
use sesh_edge::http::{
    Face, Failure, Fields, OptionalBody, Outgoing, Posted, PostedFile, Refusal, RequestInfo, cookie,
};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::io::Io;
use sesh_edge::secret::same;
use sesh_edge::token::{ACCESS_COOKIE, REFRESH_COOKIE, host_name, refuse_other_sites};
use sesh_types::contract::auth::Refresh;
use sesh_types::contract::staff::Me;
use sesh_types::envelope::ErrorCode;
use std::sync::{Arc, OnceLock};

/// Proves that a form is one of ours: no other site knows its value, and none can set it (RFC 6265bis, `__Host-`).
pub(crate) const FORM_COOKIE: &str = "__Host-sesh_form";
/// The language that somebody chose.
pub(crate) const LANG_COOKIE: &str = "__Host-sesh_lang";
/// Light or dark, as somebody chose.
pub(crate) const SCHEME_COOKIE: &str = "__Host-sesh_scheme";
/// Whether amounts are hidden.
pub(crate) const VEIL_COOKIE: &str = "__Host-sesh_veil";
/// Whether the age gate was passed.
pub(crate) const AGE_COOKIE: &str = "__Host-sesh_age";

const YEAR_SECONDS: i64 = 365 * 24 * 3600;

/// The field that carries [`FORM_COOKIE`]'s value, and the one of the key under which a form counts once.
pub(crate) const FORM_FIELD: &str = "form";
pub(crate) const KEY_FIELD: &str = "key";

/// A choice, kept for a year, out of reach of scripts.
pub(crate) fn choice(name: &str, value: &str) -> String {
    format!("{name}={value}; Path=/; Max-Age={YEAR_SECONDS}; Secure; HttpOnly; SameSite=Lax")
}

/// Anyone who looks at a page.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) look: Arc<Look>,
    pub(crate) io: Io,
    pub(crate) info: RequestInfo,
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) query: Fields,
    pub(crate) outgoing: Outgoing,
    form_token: Arc<OnceLock<String>>,
}

impl Visit {
    /// What every form carries: the proof that it is ours, and a key of its own, so that a double tap counts once.
    pub(crate) fn secrets(&self) -> [(&'static str, String); 2] {
        let key: uuid::Uuid = self.io.new_id();
        let token = self.form_token.get_or_init(|| {
            let token = sesh_edge::secret::base64url(&self.io.random::<32>());
            self.outgoing.cookie(&format!(
                "{FORM_COOKIE}={token}; Path=/; Max-Age={YEAR_SECONDS}; Secure; HttpOnly; SameSite=Strict"
            ));
            token
        });
        [(FORM_FIELD, token.clone()), (KEY_FIELD, key.to_string())]
    }

    /// Whether the visitor's browser says that somebody is signed in; it may be wrong.
    pub(crate) fn seems_signed_in(&self) -> bool {
        [ACCESS_COOKIE, REFRESH_COOKIE]
            .iter()
            .any(|name| cookie(&self.headers, name).is_some_and(|value| !value.is_empty()))
    }

    /// Whether the age gate was passed.
    pub(crate) fn is_of_age(&self) -> bool {
        cookie(&self.headers, AGE_COOKIE) == Some("21")
    }
}

fn look(headers: &HeaderMap, query: &Fields, path: &str, theme: Arc<Theme>) -> Look {
    let header =
        |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let asked = Lang::of_code(query.text("lang"));
    let chosen = || cookie(headers, LANG_COOKIE).and_then(Lang::of_code);
    let accepted = || Lang::accepted(header(ACCEPT_LANGUAGE));
    let lang = asked.or_else(chosen).or_else(accepted).or(theme.lang).unwrap_or_default();
    Look {
        lang,
        scheme: cookie(headers, SCHEME_COOKIE).and_then(Scheme::of_code).unwrap_or_default(),
        is_veiled: cookie(headers, VEIL_COOKIE) == Some("1"),
        theme,
        acting: None,
        path: path.to_owned(),
    }
}

/// The face of pages that are not there.
pub(crate) fn lost(brands: &Brands, headers: &HeaderMap) -> Arc<dyn Face> {
    Arc::new(look(headers, &Fields::default(), "/", brands.known(&host_name(headers))))
}

impl FromRequestParts<State> for Visit {
    type Rejection = Failure;

    /// A closed tenant's domain shows nothing, and a part of the app that is off is not there, whoever looks.
    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Failure> {
        let outgoing = Outgoing::from_request_parts(parts, state).await?;
        let io = Io::from_request_parts(parts, state).await?;
        let query = Fields::read(parts.uri.query().unwrap_or_default().as_bytes());
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        // Forms are posted to their page's own path; who comes back comes back to the page.
        let theme = state.brands.of_host(&io, &host_name(&parts.headers)).await;
        let look = Arc::new(look(&parts.headers, &query, path, theme));
        outgoing.wear(look.clone());
        if !look.theme.is_open {
            return Err(Refusal::tenant_inactive().into());
        }
        let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        if !look.shows(route) {
            return Err(Refusal::feature_off().into());
        }
        if Lang::of_code(query.text("lang")).is_some() {
            outgoing.cookie(&choice(LANG_COOKIE, look.lang.code()));
        }
        let known = cookie(&parts.headers, FORM_COOKIE).filter(|token| token.len() >= 32);
        let form_token = Arc::new(known.map_or_else(OnceLock::new, |token| token.to_owned().into()));
        Ok(Self {
            look,
            io,
            info: RequestInfo::from_request_parts(parts, state).await?,
            method: parts.method.clone(),
            headers: parts.headers.clone(),
            query,
            outgoing,
            form_token,
        })
    }
}

/// A signed-in person with the app who looks at a page. By cookie alone: a token of a program opens no page. An access token that has
/// expired is renewed on the way.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) visit: Visit,
    pub(crate) person: User,
}

impl FromRequestParts<State> for Member {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Failure> {
        let mut visit = Visit::from_request_parts(parts, state).await?;
        parts.headers.remove(AUTHORIZATION);
        let person = match User::from_request_parts(parts, state).await {
            Err(Failure::Refusal(Refusal { code: ErrorCode::Unauthorized, .. })) => {
                renew(&visit, parts).await?;
                User::from_request_parts(parts, state).await?
            }
            result => result?,
        };
        if person.acting().is_some() {
            let query = sesh_edge::http::Query(sesh_edge::http::Nothing {});
            let me = auth::me(person.clone().into_person(), query, visit.info.clone()).await?;
            let Me { impersonation, .. } = super::calls::data(&me)?;
            visit.look = Arc::new(Look { acting: impersonation, ..(*visit.look).clone() });
            visit.outgoing.wear(visit.look.clone());
        }
        Ok(Self { visit, person })
    }
}

/// Brings the refresh token, and goes on with the access token that it gives.
async fn renew(visit: &Visit, parts: &mut Parts) -> Result<(), Failure> {
    let Visit { info, io, method, headers, .. } = visit.clone();
    let body = OptionalBody { value: Refresh::default() };
    let query = sesh_edge::http::Query(sesh_edge::http::Nothing {});
    let answer = auth::refresh(sesh_edge::http::Anonymous, query, info, io, method, headers, body);
    let answer = answer.await.map_err(|failure| match super::calls::code(&failure) {
        Some(ErrorCode::Unauthorized | ErrorCode::Forbidden) if visit.method.is_safe() => {
            Refusal::unauthorized().into()
        }
        _ => failure,
    })?;
    let mut access = None;
    for (_, line) in answer.headers() {
        let line = line.to_str().unwrap_or_default();
        visit.outgoing.cookie(line);
        let pair = line.split(';').next().and_then(|pair| pair.split_once('='));
        access =
            access.or(pair.filter(|(name, _)| *name == ACCESS_COOKIE).map(|(_, token)| token.to_owned()));
    }
    let access = access.ok_or_else(Refusal::unauthorized)?;
    parts.headers.insert(
        COOKIE,
        HeaderValue::from_str(&format!("{ACCESS_COOKIE}={access}")).map_err(Failure::internal)?,
    );
    Ok(())
}

/// A posted form that is one of ours, from a page of this host.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) fields: Fields,
    pub(crate) key: IdempotencyKey,
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let proof = Proof::of(&request)?;
        let Posted(fields) = Posted::from_request(request, state).await?;
        proof.form(fields)
    }
}

/// A form of ours with a file, posted from a page of this host.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) form: Form,
    /// The file's bytes, if one was chosen.
    pub(crate) file: Option<axum::body::Bytes>,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let proof = Proof::of(&request)?;
        let PostedFile { fields, file } = PostedFile::from_request(request, state).await?;
        Ok(Self { form: proof.form(fields)?, file })
    }
}

/// What a request says beside its body: which form it is, and what the browser keeps that goes with forms.
struct Proof {
    token: String,
    route: String,
}

impl Proof {
    fn of(request: &Request) -> Result<Self, Failure> {
        refuse_other_sites(request.method(), request.headers())?;
        let token = cookie(request.headers(), FORM_COOKIE).unwrap_or_default().to_owned();
        Ok(Self { token, route: format!("page {}", request.uri().path()) })
    }

    fn form(&self, fields: Fields) -> Result<Form, Failure> {
        if self.token.len() < 32 || !same(fields.text(FORM_FIELD), &self.token) {
            return Err(
                Refusal::new(ErrorCode::Forbidden, "This form is not one of ours, or it is old.").into()
            );
        }
        let key = fields.text(KEY_FIELD);
        let fits = (8..=64).contains(&key.len())
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let key = IdempotencyKey::forwarded(fits.then(|| key.to_owned()), &self.route);
        Ok(Form { fields, key })
    }
}
