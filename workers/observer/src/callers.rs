//! Who calls through the internal door: another Worker of the fleet, for a visitor, a signed-in person or an
//! administrator. The caller that stands in a handler's signature is the only way to what it needs.

use crate::audit::Entry;
use crate::keys::Keyring;
use crate::{impersonation, staff};
use axum::extract::FromRequestParts;
use http::request::Parts;
use sesh_edge::http::{ClientAddress, Failure, FleetCaller, Refusal, RequestInfo};
use sesh_edge::idempotency::{IdempotencyKey, Once};
use sesh_edge::io::{Batch, DbError, Io, Rows, Statement};
use sesh_edge::service::X_HOST;
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::access::{PlatformRight, Reach};
use sesh_types::contract::staff::StaffSubject;
use sesh_types::contract::{admin, auth};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::{DeviceId, ImpersonationId, StaffId, TenantId};
use sesh_types::rules::Issue;

/// Somebody who has not shown who they are; the Worker that calls tells where they call from.
#[derive(Clone)]
pub struct Visitor {
    /// The ports.
    pub io: Io,
    /// The id of the request, for the audit log and other Workers.
    pub request_id: String,
    /// Their network address and program.
    pub client: ClientAddress,
    /// The host name that they called, when the calling Worker tells it.
    pub host: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let (io, request_id) = through_internal_door(parts, state).await?;
        let client = ClientAddress::from_request_parts(parts, state).await?;
        let host =
            parts.headers.get(X_HOST).and_then(|value| value.to_str().ok()).map(str::to_ascii_lowercase);
        Ok(Self { io, request_id, client, host })
    }
}

/// A signed-in person, whose access token the calling Worker verified. Whether the token still counts is decided
/// here, in the batch of each read and write: [`OnBehalf::read`] and [`OnBehalf::write`]. A member of staff may act as
/// them: who does reads, and writes nothing.
#[derive(Clone)]
pub struct OnBehalf {
    subject: auth::OnBehalf,
    io: Io,
    request_id: String,
}

impl<S: Send + Sync> FromRequestParts<S> for OnBehalf {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let (io, request_id) = through_internal_door(parts, state).await?;
        let subject = subject_of(parts)?.ok_or_else(Refusal::unauthorized)?;
        if subject.act.is_some() && !parts.method.is_safe() {
            return Err(Refusal::impersonated().into());
        }
        Ok(Self { subject, io, request_id })
    }
}

/// Somebody who wants to be signed out: by the subject of a token, if the calling Worker verified one. Signing out
/// succeeds for a token that is dead already, so nothing is checked here.
#[derive(Clone)]
pub struct Leaving {
    /// The subject of the access token.
    pub subject: Option<auth::OnBehalf>,
    /// The ports.
    pub io: Io,
    /// The id of the request.
    pub request_id: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Leaving {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let (io, request_id) = through_internal_door(parts, state).await?;
        let subject = subject_of(parts)?;
        if subject.is_some_and(|subject| subject.act.is_some()) {
            return Err(Refusal::impersonated().into());
        }
        Ok(Self { subject, io, request_id })
    }
}

/// An administrator, whose key or token the calling Worker verified. Whether a member of staff's token still counts is
/// decided here, in the batch of each read and write: [`Actor::db`].
#[derive(Clone)]
pub struct Actor {
    /// `key:<name>` or `staff:<id>`.
    pub name: String,
    staff: Option<StaffSubject>,
    /// The ports; the database is reached by [`Actor::db`].
    pub io: Io,
    /// The id of the request.
    pub request_id: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let (io, request_id) = through_internal_door(parts, state).await?;
        let text = parts.headers.get(admin::ACTOR).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if let Some(subject) = StaffSubject::read(text) {
            let name = format!("staff:{}", subject.staff);
            return Ok(Self { name, staff: Some(subject), io, request_id });
        }
        let well_formed = text.strip_prefix("key:").is_some_and(|key| {
            (1..=100).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
        });
        if !well_formed {
            return Err(malformed(admin::ACTOR, "must be key:<name> or staff:<id>/<device>/<epoch>/<role>"));
        }
        Ok(Self { name: text.to_owned(), staff: None, io, request_id })
    }
}

impl Actor {
    /// Goes on if their role is good for this; a key is good for everything. Names whose tenants it is good for when it is
    /// not all of them.
    ///
    /// # Errors
    /// 403.
    pub fn must(&self, right: PlatformRight) -> Result<Option<StaffId>, Failure> {
        match self.staff.map(|subject| (subject.role.reach(right), subject.staff)) {
            None | Some((Reach::All, _)) => Ok(None),
            Some((Reach::Own, staff)) => Ok(Some(staff)),
            Some((Reach::Nowhere, _)) => {
                Err(Refusal::new(ErrorCode::Forbidden, "Your role does not include this.").into())
            }
        }
    }

    /// Runs a batch that takes no effect unless the actor still counts.
    ///
    /// # Errors
    /// [`DbError::Refused`] with `token_revoked`, which becomes 401; else as [`Io::db`].
    pub async fn db(&self, batch: impl Into<Batch>) -> Result<Rows, DbError> {
        match &self.staff {
            None => self.io.db(batch).await,
            Some(subject) => {
                let guarded = Batch::from(staff::store::must_count(subject)).then(batch.into());
                Ok(self.io.db(guarded).await?.skip(1))
            }
        }
    }

    /// An audit entry of something that they do to the platform.
    pub fn entry(&self, action: &'static str, entity: String, detail: serde_json::Value) -> Entry {
        Entry {
            tenant: TenantId::CONSUMERS,
            at: self.io.now(),
            actor: self.name.clone(),
            action,
            entity,
            request_id: self.request_id.clone(),
            detail,
        }
    }
}

/// A member of staff, whose token the calling Worker verified; no key.
#[derive(Clone)]
pub struct Staffer {
    /// As an actor.
    pub actor: Actor,
    /// Whose token it is.
    pub subject: StaffSubject,
}

impl<S: Send + Sync> FromRequestParts<S> for Staffer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let actor = Actor::from_request_parts(parts, state).await?;
        let message = "This is for staff, who sign in; a key is nobody.";
        let subject = actor.staff.ok_or_else(|| Refusal::new(ErrorCode::Forbidden, message))?;
        Ok(Self { actor, subject })
    }
}

async fn through_internal_door<S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
) -> Result<(Io, String), Failure> {
    let io = Io::from_request_parts(parts, state).await?;
    FleetCaller::from_request_parts(parts, state).await?;
    let request_id = RequestInfo::from_request_parts(parts, state).await?.request_id;
    Ok((io, request_id.chars().take(100).collect()))
}

fn subject_of(parts: &Parts) -> Result<Option<auth::OnBehalf>, Failure> {
    let Some(header) = parts.headers.get(auth::ON_BEHALF) else { return Ok(None) };
    let subject = header.to_str().ok().and_then(|text| text.parse().ok());
    subject.map(Some).ok_or_else(|| malformed(auth::ON_BEHALF, "must be tenant/person/device/epoch[/staff]"))
}

fn malformed(header: &str, message: &str) -> Failure {
    let issue = Issue { field: header.to_owned(), code: "malformed".to_owned(), message: message.to_owned() };
    Refusal::issues(ErrorCode::BadRequest, vec![issue]).into()
}

#[derive(serde::Deserialize)]
struct Standing {
    tenant_is_open: i64,
}

impl OnBehalf {
    /// The subject of a token that was verified here or by the calling Worker.
    pub fn of(subject: auth::OnBehalf, io: Io, request_id: String) -> Self {
        Self { subject, io, request_id }
    }

    /// Whose rows this person may touch: their own.
    pub fn scope(&self) -> Scope {
        Scope { tenant: self.subject.tenant, person: self.subject.person }
    }

    /// The device whose token it is.
    pub fn device(&self) -> DeviceId {
        self.subject.device
    }

    /// The ports; the database stays behind [`OnBehalf::read`] and [`OnBehalf::write`].
    pub fn io(&self) -> &Io {
        &self.io
    }

    /// The id of the request.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The impersonation and its member of staff, when somebody acts as the person: its id is that of the device.
    pub fn acting(&self) -> Option<(ImpersonationId, StaffId)> {
        self.subject.act.map(|staff| (ImpersonationId(self.subject.device.0), staff))
    }

    /// Goes on if it is the person themselves.
    ///
    /// # Errors
    /// 403 when somebody acts as them.
    pub fn must_be_oneself(&self) -> Result<(), Failure> {
        if self.subject.act.is_some() { Err(Refusal::impersonated().into()) } else { Ok(()) }
    }

    /// The actor's name in the audit log: of the two, if somebody acts as the person, the one who does; [`OnBehalf::entry`]
    /// names the other.
    pub fn actor(&self) -> String {
        match self.subject.act {
            Some(staff) => format!("staff:{staff}"),
            None => format!("person:{}", self.subject.person),
        }
    }

    /// An audit entry of something that they do to themselves.
    pub fn entry(&self, action: &'static str, detail: serde_json::Value) -> Entry {
        self.entry_about(action, self.actor(), detail)
    }

    /// An audit entry of something that they do to something else.
    pub fn entry_about(&self, action: &'static str, entity: String, mut detail: serde_json::Value) -> Entry {
        if let (Some(_), Some(detail)) = (self.subject.act, detail.as_object_mut()) {
            detail.insert("as".to_owned(), format!("person:{}", self.subject.person).into());
        }
        Entry {
            tenant: self.subject.tenant,
            at: self.io.now(),
            actor: self.actor(),
            action,
            entity,
            request_id: self.request_id.clone(),
            detail,
        }
    }

    /// Binds a key to them and to a body that holds secrets: its fingerprint is peppered.
    pub fn once(&self, key: &IdempotencyKey, body: &[u8], keys: &Keyring) -> Once {
        key.bind(&self.scope().owner(), body, Some(&keys.pepper.key("idempotency fingerprint")))
    }

    /// Reads in one batch with the check that the token still counts.
    ///
    /// # Errors
    /// 401 when it does not, 403 when its tenant is closed; else as [`Io::db`].
    pub async fn read(&self, batch: impl Into<Batch>) -> Result<Rows, Failure> {
        let rows = self.io.db(Batch::from(self.standing()).then(batch.into())).await?;
        match rows.first::<Standing>(0)? {
            Some(Standing { tenant_is_open: 1 }) => Ok(rows.skip(1)),
            Some(_) => Err(Refusal::tenant_inactive().into()),
            None => Err(Refusal::unauthorized().into()),
        }
    }

    /// Writes in one batch that takes no effect unless the token still counts.
    ///
    /// # Errors
    /// [`DbError::Refused`] with `token_revoked`, which becomes 401, or `tenant_inactive`, which becomes 403; else as
    /// [`Io::db`].
    pub async fn write(&self, batch: impl Into<Batch>) -> Result<Rows, DbError> {
        Ok(self.io.db(Batch::from(self.must_count()).then(batch.into())).await?.skip(1))
    }

    /// How the token stands: nothing when it is dead.
    fn standing(&self) -> Statement {
        let auth::OnBehalf { tenant, person, device, epoch, act } = self.subject;
        if let Some(staff) = act {
            return impersonation::store::standing(&self.subject, staff, self.io.now());
        }
        sql!(
            "SELECT EXISTS (SELECT 1 FROM tenants WHERE id = ?3 AND status = 'active') AS tenant_is_open
             FROM devices JOIN people ON people.id = devices.person_id
             WHERE devices.id = ?1 AND devices.person_id = ?2 AND devices.revoked_at IS NULL
               AND people.status = 'active' AND people.epoch = ?4
               AND (people.tenant_id = ?3
                 OR EXISTS (SELECT 1 FROM memberships WHERE tenant_id = ?3 AND person_id = ?2))",
            device,
            person,
            tenant,
            epoch,
        )
    }

    fn must_count(&self) -> Statement {
        let auth::OnBehalf { tenant, person, device, epoch, act } = self.subject;
        if act.is_some() {
            // Nobody gets here: the extractor refuses edits. Should somebody, nothing is written.
            return sql!("INSERT INTO guard (failure, holds) VALUES ('token_revoked', 0)");
        }
        sql!(
            "INSERT INTO guard (failure, holds)
             SELECT 'token_revoked', EXISTS (
               SELECT 1 FROM devices JOIN people ON people.id = devices.person_id
               WHERE devices.id = ?1 AND devices.person_id = ?2 AND devices.revoked_at IS NULL
                 AND people.status = 'active' AND people.epoch = ?4
                 AND (people.tenant_id = ?3
                   OR EXISTS (SELECT 1 FROM memberships WHERE tenant_id = ?3 AND person_id = ?2)))
             UNION ALL SELECT 'tenant_inactive', EXISTS (SELECT 1 FROM tenants WHERE id = ?3 AND status = 'active')",
            device,
            person,
            tenant,
            epoch,
        )
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod document {
    use super::{Actor, Leaving, OnBehalf, Staffer, Visitor};

    impl aide::OperationInput for Visitor {}
    impl aide::OperationInput for OnBehalf {}
    impl aide::OperationInput for Leaving {}
    impl aide::OperationInput for Actor {}
    impl aide::OperationInput for Staffer {}
}

#[cfg(test)]
mod tests {
    use crate::testing::World;
    use sesh_edge::native::Call;
    use sesh_types::contract::{
        admin, auth, brands, clients, factors, identities, keys, passkeys, privacy, recovery, sign_up, staff,
    };

    #[test]
    fn no_internal_path_exists_behind_the_public_door() {
        let world = World::new();
        let id = "00000000-0000-4000-8000-000000000000";
        for (verb, path) in [
            ("POST", auth::REGISTER.to_owned()),
            ("GET", sign_up::MANNER.to_owned()),
            ("POST", sign_up::BEGIN.to_owned()),
            ("POST", sign_up::CONFIRM.to_owned()),
            ("POST", auth::LOGIN.to_owned()),
            ("POST", auth::REFRESH.to_owned()),
            ("POST", auth::LOGOUT.to_owned()),
            ("GET", auth::DEVICES.to_owned()),
            ("DELETE", format!("{}/{id}", auth::DEVICES)),
            ("PATCH", auth::ME.to_owned()),
            ("POST", recovery::RECOVER.to_owned()),
            ("POST", recovery::COMPLETE.to_owned()),
            ("POST", recovery::VERIFY_EMAIL.to_owned()),
            ("POST", recovery::PASSWORD.to_owned()),
            ("POST", recovery::EMAIL.to_owned()),
            ("POST", recovery::RESEND.to_owned()),
            ("POST", factors::LOGIN_FACTOR.to_owned()),
            ("GET", factors::FACTORS.to_owned()),
            ("POST", factors::TOTP.to_owned()),
            ("POST", factors::TOTP_CONFIRM.to_owned()),
            ("POST", factors::TOTP_REMOVE.to_owned()),
            ("POST", factors::RECOVERY_CODES.to_owned()),
            ("POST", passkeys::OPTIONS.to_owned()),
            ("POST", passkeys::PASSKEYS.to_owned()),
            ("POST", passkeys::REMOVE.to_owned()),
            ("POST", passkeys::LOGIN_OPTIONS.to_owned()),
            ("POST", passkeys::LOGIN.to_owned()),
            ("GET", identities::PROVIDERS.to_owned()),
            ("POST", format!("{}/x/begin", identities::PROVIDERS)),
            ("POST", format!("{}/x/complete", identities::PROVIDERS)),
            ("POST", format!("{}/x/register", identities::PROVIDERS)),
            ("GET", identities::IDENTITIES.to_owned()),
            ("POST", format!("{}/x", identities::IDENTITIES)),
            ("POST", format!("{}/x/remove", identities::IDENTITIES)),
            ("GET", keys::KEYS.to_owned()),
            ("POST", keys::KEYS.to_owned()),
            ("POST", format!("{}/{id}/rotate", keys::KEYS)),
            ("DELETE", format!("{}/{id}", keys::KEYS)),
            ("POST", keys::USE.to_owned()),
            ("GET", brands::BRAND.replace("{id}", id)),
            ("PATCH", brands::BRAND.replace("{id}", id)),
            ("GET", brands::LOGO.to_owned()),
            ("GET", admin::PEOPLE.to_owned()),
            ("POST", format!("{}/{id}/suspend", admin::PEOPLE)),
            ("POST", format!("{}/{id}/reinstate", admin::PEOPLE)),
            ("POST", clients::CLIENTS.to_owned()),
            ("DELETE", format!("{}/{id}", clients::CLIENTS)),
            ("POST", format!("{}/{id}/factors/reset", admin::PEOPLE)),
            ("DELETE", format!("{}/{id}/factors/reset", admin::PEOPLE)),
            ("POST", format!("{}/{id}/erase", admin::PEOPLE)),
            ("POST", privacy::ERASE.to_owned()),
            ("POST", privacy::EXPORT.to_owned()),
            ("GET", admin::AUDIT.to_owned()),
            ("GET", admin::AUDIT_VERIFY.to_owned()),
            ("GET", admin::AUDIT_PACKET.to_owned()),
            ("GET", staff::STAFF.to_owned()),
            ("POST", staff::ENROL.to_owned()),
            ("POST", staff::LOGIN.to_owned()),
            ("POST", staff::LOGIN_GENERATOR.to_owned()),
            ("POST", staff::LOGIN_FACTOR.to_owned()),
            ("POST", staff::REFRESH.to_owned()),
            ("POST", staff::LOGOUT.to_owned()),
            ("GET", staff::ME.to_owned()),
            ("GET", staff::DEVICES.to_owned()),
            ("POST", format!("{}/{id}/reset", staff::STAFF)),
            ("POST", format!("{}/{id}/impersonation", admin::PEOPLE)),
            ("POST", format!("{}/{id}/token", staff::IMPERSONATIONS)),
            ("GET", staff::OWN_IMPERSONATIONS.to_owned()),
        ] {
            let call = Call::new(verb, &path).header(auth::ON_BEHALF, "x").header(admin::ACTOR, "key:x");
            assert_eq!(world.fleet.call("observer", call).status, 404, "{verb} {path}");
        }
    }

    #[test]
    fn callers_must_say_for_whom() {
        let world = World::new();
        let call = |name: &str, value: &str, path| world.internal(Call::new("GET", path).header(name, value));
        assert_eq!(call("x-other", "", auth::ME).status, 401);
        assert_eq!(call(auth::ON_BEHALF, "a/b", auth::ME).status, 400);
        for bad in ["", "key:", "person:x", "key:a b"] {
            assert_eq!(call(admin::ACTOR, bad, admin::PEOPLE).status, 400, "{bad}");
        }
        assert_eq!(call(admin::ACTOR, "key:ops", admin::PEOPLE).status, 200);
        assert_eq!(world.internal(Call::new("GET", "/api/health")).status, 200);
        assert_eq!(world.internal(Call::new("GET", "/.well-known/jwks.json")).status, 200);
    }
}
