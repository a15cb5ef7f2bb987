//! Who administers: an administrator's key, or a member of staff.

use super::{AllowList, Gate};
use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use sesh_edge::http::{Failure, Refusal, RequestInfo};
use sesh_edge::io::Io;
use sesh_edge::log;
use sesh_edge::token::{StaffClaims, Trusts, bearer};
use sesh_types::access::{PlatformRight, Reach};
use sesh_types::contract::staff::StaffSubject;
use sesh_types::envelope::ErrorCode;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::Arc;

/// A right as a type, so that a handler's signature says which one its caller needs. What the platform's roles are good for
/// stands in one table, [`sesh_types::access::PlatformRole::reach`].
pub trait Needs: Send + Sync + 'static {
    /// The right; nothing where every member of staff may.
    const RIGHT: Option<PlatformRight>;
}

macro_rules! needs {
    ($($name:ident),*) => { $(
        #[doc = concat!("Needs [`PlatformRight::", stringify!($name), "`].")]
        pub struct $name;
        impl Needs for $name {
            const RIGHT: Option<PlatformRight> = Some(PlatformRight::$name);
        }
    )* };
}
needs!(
    ReadTenants,
    ManageTenants,
    SuspendTenants,
    ReadPeople,
    SuspendPeople,
    Impersonate,
    ReadAudit,
    ReadOperations,
    ManageCatalogue,
    ManageStaff,
    ManageClients,
    ErasePeople
);

/// Needs nothing but to be on the staff.
pub struct Any;
impl Needs for Any {
    const RIGHT: Option<PlatformRight> = None;
}

/// Who calls, whichever of both they are.
#[derive(Clone)]
pub struct Caller {
    actor: String,
    is_staff: bool,
    address: Option<IpAddr>,
    request_id: String,
    user_agent: Option<String>,
    io: Io,
}

impl Caller {
    /// Who acts, as observer is told: `key:<name>`, or the subject of a staff token, which it checks in the batch of what
    /// it does.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// Whether it is a member of staff, whose token may have been revoked since it was issued.
    pub fn is_staff(&self) -> bool {
        self.is_staff
    }

    /// From where.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The id of the request, to hand on.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// What their program calls itself.
    pub fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }

    /// The ports. Whether a staff token still counts is observer's to say: what is answered without asking it asks first,
    /// with [`crate::peers::confirm`].
    pub fn io(&self) -> &Io {
        &self.io
    }
}

/// Whoever holds an administrator's key, at an address from which it counts, or a member of staff whose role is good for
/// `R`, at an address from which their token counts.
pub struct Operator<R>(pub Caller, PhantomData<R>);

/// A member of staff whose role is good for `R`; no key, which is nobody.
pub struct Staffer<R>(pub Caller, PhantomData<R>);

impl<R> std::ops::Deref for Operator<R> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.0
    }
}

impl<R> std::ops::Deref for Staffer<R> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.0
    }
}

impl<S, R: Needs> FromRequestParts<S> for Operator<R>
where
    S: Send + Sync,
    Arc<Gate>: FromRef<S>,
    Arc<Trusts>: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        Ok(Self(caller(parts, state, R::RIGHT, true).await?, PhantomData))
    }
}

impl<S, R: Needs> FromRequestParts<S> for Staffer<R>
where
    S: Send + Sync,
    Arc<Gate>: FromRef<S>,
    Arc<Trusts>: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        Ok(Self(caller(parts, state, R::RIGHT, false).await?, PhantomData))
    }
}

/// 1. Without `Authorization: Bearer`, 401.
/// 2. With what is neither a known key nor a token of ours, 401; with a person's valid access token, 403: known, but not
///    allowed.
/// 3. From an address that does not count, or from none, 403. The address is the one that Cloudflare saw; what a client
///    says in other headers is never looked at.
/// 4. With a token whose role is not good for this, or with a key where there must be somebody, 403.
async fn caller<S>(
    parts: &mut Parts,
    state: &S,
    right: Option<PlatformRight>,
    takes_keys: bool,
) -> Result<Caller, Failure>
where
    S: Send + Sync,
    Arc<Gate>: FromRef<S>,
    Arc<Trusts>: FromRef<S>,
{
    let io = Io::from_request_parts(parts, state).await?;
    let info = RequestInfo::from_request_parts(parts, state).await?;
    let gate = Arc::<Gate>::from_ref(state);
    let shown = bearer(&parts.headers).ok_or_else(nobody)?;
    let (actor, is_staff) = match gate.keyring.name_of(shown) {
        Some(name) => {
            if !info.client_address.is_some_and(|address| gate.allowed.contains(address)) {
                note(&io, &info, &format!("the key {name} from an address that is not listed"));
                return Err(forbidden("Administration is not open to this address."));
            }
            if !takes_keys {
                return Err(forbidden("This is for staff, who sign in; a key is nobody."));
            }
            (format!("key:{name}"), false)
        }
        None => (staff(&io, &info, &Arc::<Trusts>::from_ref(state), shown, right).await?, true),
    };
    let agent = parts.headers.get(http::header::USER_AGENT).and_then(|value| value.to_str().ok());
    Ok(Caller {
        actor,
        is_staff,
        address: info.client_address,
        request_id: info.request_id,
        user_agent: agent.map(str::to_owned),
        io,
    })
}

/// Who a token of staff is of, if it counts from here and their role is good for this.
async fn staff(
    io: &Io,
    info: &RequestInfo,
    trusts: &Trusts,
    token: &str,
    right: Option<PlatformRight>,
) -> Result<String, Failure> {
    if !looks_like_a_token(token) {
        note(io, info, "an unknown key");
        return Err(nobody());
    }
    let claims = match trusts.check::<StaffClaims>(token, io, &info.request_id).await {
        Ok((claims, _)) => claims,
        Err(Failure::Refusal(_)) => {
            if trusts.verify(token, io, &info.request_id).await.is_ok() {
                note(io, info, "a person's token");
                return Err(forbidden("This is a person's token; administration takes staff and keys."));
            }
            note(io, info, "an unknown token");
            return Err(nobody());
        }
        Err(failure) => return Err(failure),
    };
    let here = |networks: &AllowList| info.client_address.is_some_and(|address| networks.contains(address));
    let counts_here =
        claims.net.is_empty() || AllowList::parse(&claims.net.join(",")).is_ok_and(|list| here(&list));
    if !counts_here {
        note(io, info, &format!("staff {} from an address that is not theirs", claims.sub));
        return Err(forbidden("Your tokens do not count from this address."));
    }
    if right.is_some_and(|right| claims.role.reach(right) == Reach::Nowhere) {
        return Err(forbidden("Your role does not include this."));
    }
    let (staff, device, epoch, role) = (claims.sub, claims.did, claims.ep, claims.role);
    Ok(StaffSubject { staff, device, epoch, role }.to_string())
}

fn nobody() -> Failure {
    let message = "Send an administrator's key or a token of staff as Authorization: Bearer.";
    Refusal::new(ErrorCode::Unauthorized, message).into()
}

fn forbidden(message: &str) -> Failure {
    Refusal::new(ErrorCode::Forbidden, message).into()
}

/// Three parts between dots: only such a text is worth asking observer's keys about.
fn looks_like_a_token(text: &str) -> bool {
    text.split('.').filter(|part| !part.is_empty()).count() == 3 && text.matches('.').count() == 2
}

/// Leaves a line about a refused caller: what came and from where, never the key or the token.
fn note(io: &Io, info: &RequestInfo, what: &str) {
    let address =
        info.client_address.map_or_else(|| "nowhere known".to_owned(), |address| address.to_string());
    log::write(&log::Line {
        time: io.now().to_string(),
        level: "warn",
        worker: crate::NAME,
        event: "admin_refused",
        request_id: &info.request_id,
        cause: Some(format!("{what}, from {address}")),
        ..log::Line::default()
    });
}

#[cfg(not(target_arch = "wasm32"))]
impl<R> aide::OperationInput for Operator<R> {
    fn operation_input(ctx: &mut aide::generate::GenContext, operation: &mut aide::openapi::Operation) {
        sesh_edge::openapi::operator(ctx, operation);
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl<R> aide::OperationInput for Staffer<R> {
    fn operation_input(ctx: &mut aide::generate::GenContext, operation: &mut aide::openapi::Operation) {
        sesh_edge::openapi::staff(ctx, operation);
    }
}
