//! A signed-in person as a caller.

use super::{ACCESS_COOKIE, AccessClaims, Claims, Jwks, KeyError, VerifyingKeys};
use crate::http::{Failure, Refusal, RequestInfo, cookie};
use crate::idempotency::{IdempotencyKey, Once};
use crate::io::{Batch, DbError, Io, PeerCall, Rows, Statement};
use crate::service::{RouteName, X_REQUEST_ID};
use crate::sql;
use axum::extract::{FromRef, FromRequestParts, MatchedPath};
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, Method};
use sesh_types::access::{Apps, Scopes};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::{DeviceId, PersonId, StaffId, TenantId};
use sesh_types::time::{MINUTE_MS, SECOND_MS, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Whose rows a statement may touch. Store methods take it instead of a bare id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The tenant.
    pub tenant: TenantId,
    /// The person.
    pub person: PersonId,
}

impl Scope {
    /// The owner of an idempotency key.
    pub fn owner(&self) -> String {
        format!("{}/{}", self.tenant, self.person)
    }
}

/// Whom a Worker trusts to issue tokens, and what its isolate has verified so far.
pub struct Trusts {
    issuer: String,
    binding: &'static str,
    keys: Mutex<Option<(VerifyingKeys, Timestamp)>>,
    verified: Mutex<HashMap<String, (Arc<AccessClaims>, Timestamp)>>,
    opened: &'static [Opened],
    feature_of: fn(&str) -> Option<&'static str>,
}

/// A route that programs' tokens open: its verb, its path as the router has it, and the scopes that it takes, all of them.
pub type Opened = (&'static str, &'static str, Scopes);

/// The most tokens that an isolate remembers as verified.
const MAX_VERIFIED: usize = 2_048;
/// How long fetched keys are used before they are fetched again.
const KEYS_FRESH_MS: i64 = 10 * MINUTE_MS;
/// The least time between two fetches that an unknown key id may cause.
const KEYS_RETRY_MS: i64 = 10 * SECOND_MS;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Trusts {
    /// Trusts the issuer behind this service binding.
    pub fn new(issuer: String, binding: &'static str) -> Self {
        Self {
            issuer,
            binding,
            keys: Mutex::default(),
            verified: Mutex::default(),
            opened: &[],
            feature_of: |_| None,
        }
    }

    /// The same, where some routes belong to parts of the app that a tenant may turn off: `feature_of` names the part by
    /// the route's path as the router has it.
    #[must_use]
    pub const fn with_features(mut self, feature_of: fn(&str) -> Option<&'static str>) -> Self {
        self.feature_of = feature_of;
        self
    }

    fn feature(&self, parts: &Parts) -> Option<&'static str> {
        (self.feature_of)(parts.extensions.get::<MatchedPath>()?.as_str())
    }

    /// The same, with these routes open to programs' tokens; every other route is closed to them.
    #[must_use]
    pub const fn opening(mut self, opened: &'static [Opened]) -> Self {
        self.opened = opened;
        self
    }

    /// Whether a program's token of these scopes opens the route of a request.
    fn must_open(&self, parts: &Parts, scopes: Scopes) -> Result<(), Refusal> {
        let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let verb = parts.method.as_str();
        let line = self.opened.iter().find(|(method, route, _)| *method == verb && *route == path);
        let needed = line.map(|(_, _, needed)| *needed).unwrap_or_default();
        if line.is_some() && scopes.cover(needed) { Ok(()) } else { Err(Refusal::insufficient_scope(needed)) }
    }

    /// Verifies a token: from memory if this isolate saw it before, else with the issuer's keys. Returns what it says and
    /// when it expires.
    ///
    /// # Errors
    /// 401 when it is not valid; 503 when the keys cannot be had.
    pub async fn verify(
        &self,
        token: &str,
        io: &Io,
        request_id: &str,
    ) -> Result<(Arc<AccessClaims>, Timestamp), Failure> {
        let now = io.now();
        if let Some((claims, expires)) = lock(&self.verified).get(token)
            && *expires > now
        {
            return Ok((claims.clone(), *expires));
        }
        let (claims, expires) = self.check::<AccessClaims>(token, io, request_id).await?;
        let claims = Arc::new(claims);
        let mut verified = lock(&self.verified);
        if verified.len() >= MAX_VERIFIED {
            verified.clear();
        }
        verified.insert(token.to_owned(), (claims.clone(), expires));
        Ok((claims, expires))
    }

    /// Verifies a token of any kind with the issuer's keys, and remembers nothing.
    ///
    /// # Errors
    /// As [`Trusts::verify`].
    pub async fn check<C: Claims>(
        &self,
        token: &str,
        io: &Io,
        request_id: &str,
    ) -> Result<(C, Timestamp), Failure> {
        let now = io.now();
        let known = lock(&self.keys).clone();
        let result = match &known {
            Some((keys, fetched)) if now.0 - fetched.0 < KEYS_FRESH_MS => {
                match keys.verify_any(token, &self.issuer, now) {
                    Err(KeyError::UnknownKey) if now.0 - fetched.0 > KEYS_RETRY_MS => {
                        self.fetch(io, request_id).await?.verify_any(token, &self.issuer, now)
                    }
                    result => result,
                }
            }
            _ => self.fetch(io, request_id).await?.verify_any(token, &self.issuer, now),
        };
        result.map_err(|_| Refusal::unauthorized().into())
    }

    async fn fetch(&self, io: &Io, request_id: &str) -> Result<VerifyingKeys, Failure> {
        let headers = vec![(X_REQUEST_ID.to_string(), request_id.to_owned())];
        let path = "/.well-known/jwks.json".to_owned();
        let call = PeerCall { binding: self.binding, method: "GET", path, headers, body: None };
        let reply = io.peer(call).await.map_err(Failure::unavailable)?;
        if reply.status != 200 {
            return Err(Failure::unavailable(format!(
                "the issuer answers {} instead of its keys",
                reply.status
            )));
        }
        let jwks: Jwks = serde_json::from_str(&reply.body).map_err(Failure::unavailable)?;
        let keys = VerifyingKeys::from_jwks(&jwks);
        *lock(&self.keys) = Some((keys.clone(), io.now()));
        Ok(keys)
    }
}

/// A signed-in person, token verified. The only way to this Worker's database from here is [`Person::read`] and
/// [`Person::write`], which carry the revocation check in the same batch: a handler cannot forget it.
#[derive(Clone)]
pub struct Person {
    claims: Arc<AccessClaims>,
    expires: Timestamp,
    io: Io,
    request_id: String,
    /// The host name that was called, without its port.
    host: String,
    /// The part of the app that the route belongs to, if a tenant may turn it off.
    feature: Option<&'static str>,
}

impl Person {
    /// Somebody whom another proof than an access token stands for, such as an API key of theirs, which whoever issued
    /// it has just found to count. What they may do is what the claims say, and whether they were revoked since is asked
    /// like for every other. It stands for them in this request alone, so nothing that lasts is opened with it.
    pub fn vouched_for(
        claims: AccessClaims,
        io: Io,
        request_id: String,
        trusts: &Trusts,
        parts: &Parts,
    ) -> Self {
        let (expires, host, feature) = (io.now(), host_name(&parts.headers), trusts.feature(parts));
        Self { claims: Arc::new(claims), expires, io, request_id, host, feature }
    }

    /// Whose rows this person may touch: their own.
    pub fn scope(&self) -> Scope {
        Scope { tenant: self.claims.tid, person: self.claims.sub }
    }

    /// The device whose token this is.
    pub fn device(&self) -> DeviceId {
        self.claims.did
    }

    /// The apps that they may use in the tenant that they work in.
    pub fn apps(&self) -> &Apps {
        &self.claims.apps
    }

    /// The epoch of the token.
    pub fn epoch(&self) -> i64 {
        self.claims.ep
    }

    /// The member of staff who acts as the person, if one does: they read, and a handler that takes [`Person`] is never
    /// reached by an edit of theirs.
    pub fn acting(&self) -> Option<StaffId> {
        self.claims.act.map(|act| act.sub)
    }

    /// When the token expires.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// The clock, ids and other Workers. What it reads of the database is not checked for revocation: rows of people
    /// are read through [`Person::read`] and written through [`Person::write`], and a test calls every route with a
    /// revoked token.
    pub fn io(&self) -> &Io {
        &self.io
    }

    /// The id of the request, to hand on.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Reads in one batch with the revocation check.
    ///
    /// # Errors
    /// 401 when the token was revoked, 403 when its tenant is closed or this address is another tenant's, 404 when the
    /// tenant has turned this part of the app off; else as [`Io::db`].
    pub async fn read(&self, batch: impl Into<Batch>) -> Result<Rows, Failure> {
        let rows = self.io.db(Batch::from(self.obstacle()).then(batch.into())).await?;
        if let Some(Obstacle { failure }) = rows.first(0)? {
            return Err(DbError::Refused(failure).into());
        }
        Ok(rows.skip(1))
    }

    /// Writes in one batch that takes no effect when the token was revoked.
    ///
    /// # Errors
    /// [`DbError::Refused`] with `token_revoked`, which becomes 401, with `tenant_inactive` or `wrong_tenant`, which
    /// become 403, or with `feature_off`, which becomes 404; [`DbError::OverQuota`] when the tenant may keep no more, which
    /// becomes 429; else as [`Io::db`].
    pub async fn write(&self, batch: impl Into<Batch>) -> Result<Rows, DbError> {
        match self.io.db(Batch::from(self.must_count()).then(batch.into())).await {
            Ok(rows) => Ok(rows.skip(1)),
            Err(error) if error.is_refusal("quota_storage") => Err(self.storage().await?),
            Err(error) => Err(error),
        }
    }

    /// One mutation of theirs that happens at most once; a repetition is told what is recorded while the token counts.
    pub fn once(&self, key: &IdempotencyKey, body: &[u8]) -> Once {
        key.bind(&self.scope().owner(), body, None).beside(self.must_count())
    }

    /// How much the tenant keeps and may keep, for somebody whom the limit has just refused.
    async fn storage(&self) -> Result<DbError, DbError> {
        let found = sql!(
            "SELECT 'storage' AS quota, max_storage_bytes AS \"limit\", storage_bytes AS used FROM tenants WHERE id = ?1",
            self.claims.tid,
        );
        Ok(DbError::OverQuota(self.io.db(found).await?.one(0)?))
    }

    fn subjects(&self) -> [String; 3] {
        let AccessClaims { did, sub, tid, .. } = &*self.claims;
        [format!("device:{did}"), format!("person:{sub}"), format!("tenant:{tid}")]
    }

    /// Why the token does not count, in the words of the guard; nothing when it does.
    fn obstacle(&self) -> Statement {
        let [device, person, tenant] = self.subjects();
        sql!(
            "SELECT 'token_revoked' AS failure FROM revocations WHERE subject IN (?1, ?2, ?3) AND min_epoch > ?4
             UNION ALL SELECT 'tenant_inactive' FROM tenants WHERE id = ?5 AND is_active = 0
             UNION ALL SELECT 'wrong_tenant' FROM tenant_domains WHERE domain = ?6 AND tenant_id <> ?5
             UNION ALL SELECT 'feature_off' FROM features_off WHERE tenant_id = ?5 AND feature = ?7
             LIMIT 1",
            device,
            person,
            tenant,
            self.claims.ep,
            self.claims.tid,
            &self.host,
            self.feature,
        )
    }

    fn must_count(&self) -> Statement {
        let [device, person, tenant] = self.subjects();
        sql!(
            "INSERT INTO guard (failure, holds)
             SELECT 'token_revoked', NOT EXISTS (
               SELECT 1 FROM revocations WHERE subject IN (?1, ?2, ?3) AND min_epoch > ?4)
             UNION ALL SELECT 'tenant_inactive', NOT EXISTS (SELECT 1 FROM tenants WHERE id = ?5 AND is_active = 0)
             UNION ALL SELECT 'wrong_tenant', NOT EXISTS (
               SELECT 1 FROM tenant_domains WHERE domain = ?6 AND tenant_id <> ?5)
             UNION ALL SELECT 'feature_off', NOT EXISTS (
               SELECT 1 FROM features_off WHERE tenant_id = ?5 AND feature = ?7)",
            device,
            person,
            tenant,
            self.claims.ep,
            self.claims.tid,
            &self.host,
            self.feature,
        )
    }
}

#[derive(serde::Deserialize)]
struct Obstacle {
    failure: String,
}

impl<S> FromRequestParts<S> for Person
where
    S: Send + Sync,
    Arc<Trusts>: FromRef<S>,
{
    type Rejection = Failure;

    /// 1. Takes the token from `Authorization: Bearer`, else from the cookie.
    /// 2. With a cookie, refuses edits that come from another site.
    /// 3. Verifies it.
    /// 4. Refuses edits by staff who act as the person.
    /// 5. If it is a program's, asks whether its scopes open this route.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let io = Io::from_request_parts(parts, state).await?;
        let request_id = RequestInfo::from_request_parts(parts, state).await?.request_id;
        let shown = bearer(&parts.headers);
        let by_cookie = shown.is_none();
        let token = if let Some(token) = shown {
            token.to_owned()
        } else {
            let token = cookie(&parts.headers, ACCESS_COOKIE).ok_or_else(Refusal::unauthorized)?.to_owned();
            refuse_other_sites(&parts.method, &parts.headers)?;
            token
        };
        let trusts = Arc::<Trusts>::from_ref(state);
        let (claims, expires) = trusts.verify(&token, &io, &request_id).await?;
        if let Some(route) = parts.extensions.get::<RouteName>() {
            route.person(claims.sub);
        }
        if claims.act.is_some() && !parts.method.is_safe() {
            return Err(Refusal::impersonated().into());
        }
        if let Some(scopes) = claims.scope {
            // The cookie is a browser's that signed in.
            if by_cookie {
                return Err(Refusal::unauthorized().into());
            }
            trusts.must_open(parts, scopes)?;
        }
        let (host, feature) = (host_name(&parts.headers), trusts.feature(parts));
        Ok(Self { claims, expires, io, request_id, host, feature })
    }
}

/// A signed-in person themselves: nobody who acts as them, not even to read.
pub struct Oneself(pub Person);

impl<S> FromRequestParts<S> for Oneself
where
    S: Send + Sync,
    Arc<Trusts>: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        Self::of(Person::from_request_parts(parts, state).await?)
    }
}

impl Oneself {
    /// The person, unless somebody acts as them.
    ///
    /// # Errors
    /// 403.
    pub fn of(person: Person) -> Result<Self, Failure> {
        if person.acting().is_some() { Err(Refusal::impersonated().into()) } else { Ok(Self(person)) }
    }
}

/// A signed-in person, or why there is none: for routes that another proof may open too.
pub struct OptionalPerson(pub Result<Person, Failure>);

impl<S> FromRequestParts<S> for OptionalPerson
where
    S: Send + Sync,
    Arc<Trusts>: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        Ok(Self(Person::from_request_parts(parts, state).await))
    }
}

/// The host name that was called, in lower case and without its port; empty when there is none.
pub fn host_name(headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    name.map_or(host, |(name, _)| name).to_ascii_lowercase()
}

/// The token of `Authorization: Bearer …` (RFC 6750).
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Cookies travel with requests that other sites cause; such requests may read nothing and change nothing.
///
/// # Errors
/// 403 for an edit whose `Origin` is not this host.
pub fn refuse_other_sites(method: &Method, headers: &HeaderMap) -> Result<(), Failure> {
    if method.is_safe() {
        return Ok(());
    }
    let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    let origin = text(ORIGIN).and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    if origin.is_some() && origin == text(HOST) {
        return Ok(());
    }
    Err(Refusal::new(ErrorCode::Forbidden, "This request came from another site.").into())
}
