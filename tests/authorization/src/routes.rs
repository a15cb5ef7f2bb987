//! Every route of every Worker, and whom it is for. A new route is a new line here.

use Thing::{
    Break, Client, Colleague, Device, Goal, Impersonation, Import, Invitation, Key, Lot, Person, Preset,
    Session, Staff, StaffDevice, Strain, Tenant,
};
use Who::{
    Actor, Alone, Anyone, Bearer, Crew, CrewLeaving, Fleet, Holder, Informed, Insider, Leaver, Leaving,
    OnBehalf, OnBehalfAlone, Operator, Page, PageOfPerson, StaffLeaver, Staffer, User, Visitor,
};
use sesh_types::access::PlatformRight::{
    ErasePeople, Impersonate, ManageCatalogue, ManageClients, ManageStaff, ManageTenants, ReadAudit,
    ReadOperations, ReadPeople, ReadTenants, SuspendPeople, SuspendTenants,
};
use sesh_types::access::{PlatformRight, PlatformRole, Reach};

/// Whom a route is for. A new one needs a word in every outcome of `callers.rs`: the compiler asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Anyone at all.
    Anyone,
    /// A page: anyone looks; a form is taken from a page of the same host alone.
    Page,
    /// A page of a signed-in person, by cookie alone; anybody else is sent to sign in.
    PageOfPerson,
    /// Who holds a refresh token.
    Holder,
    /// Who holds an access token, though it may be revoked already, or a refresh token.
    Leaver,
    /// A signed-in person, for what is theirs.
    Person,
    /// A signed-in person who has Sesh-Tracker, for what is theirs.
    User,
    /// The same, themselves or by a key of theirs: nobody who acts as them, not even to read.
    UserAlone,
    /// A signed-in person themselves, for what is theirs: nobody who acts as them, not even to read.
    Alone,
    /// A signed-in person, by access token alone: no cookie reaches observer.
    Bearer,
    /// Who runs a tenant that is not the consumers', by access token alone.
    Insider,
    /// The same, or an API key of that tenant's.
    Steward,
    /// A program that a person lets know who they are, by access token alone.
    Informed,
    /// Who holds an administrator's key, at a listed address, or a member of staff whose role is good for this.
    Operator(PlatformRight),
    /// A member of staff whose role is good for this, or any; no key.
    Staffer(Option<PlatformRight>),
    /// A member of staff whose token may be revoked already.
    StaffLeaver,
    /// Internal: any Worker of the fleet.
    Fleet,
    /// Internal: a Worker, for somebody who has not shown who they are.
    Visitor,
    /// Internal: a Worker, for a signed-in person.
    OnBehalf,
    /// Internal: a Worker, for a signed-in person themselves.
    OnBehalfAlone,
    /// Internal: a Worker, for somebody who leaves.
    Leaving,
    /// Internal: a Worker, for an administrator's key or a member of staff whose role is good for this.
    Actor(PlatformRight),
    /// Internal: a Worker, for a member of staff whose role is good for this, or any.
    Crew(Option<PlatformRight>),
    /// Internal: a Worker, for a member of staff who leaves.
    CrewLeaving,
}

/// What an id in a path or a body is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A signed-in device.
    Device,
    /// A lot of the stash.
    Lot,
    /// A logged session.
    Session,
    /// A private strain.
    Strain,
    /// A person.
    Person,
    /// A tenant.
    Tenant,
    /// Somebody asked to join a tenant.
    Invitation,
    /// A member of staff.
    Staff,
    /// A signed-in device of a member of staff.
    StaffDevice,
    /// Somebody's acting as a person.
    Impersonation,
    /// A preset.
    Preset,
    /// A goal.
    Goal,
    /// A break.
    Break,
    /// A program that people may let act for them.
    Client,
    /// An import that waits.
    Import,
    /// Somebody with no office in a tenant.
    Colleague,
    /// An API key.
    Key,
    /// An API key of a tenant's.
    TenantKey,
}

impl Who {
    /// How far a role of the platform reaches here; nothing where it is not asked for.
    pub fn reach(self, role: PlatformRole) -> Option<Reach> {
        match self {
            Operator(right) | Staffer(Some(right)) | Actor(right) | Crew(Some(right)) => {
                Some(role.reach(right))
            }
            Staffer(None) | StaffLeaver | Crew(None) | CrewLeaving => Some(Reach::All),
            _ => None,
        }
    }
}

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The Worker.
    pub worker: &'static str,
    /// In capitals.
    pub verb: &'static str,
    /// With `{id}` where an id goes.
    pub path: &'static str,
    /// Whom it is for.
    pub who: Who,
    /// What the id in its path is of.
    pub of: Option<Thing>,
    /// What an id in its body is of.
    pub names: Option<Thing>,
    /// Whether reading leaves a trace, such as an entry of the audit log.
    pub is_recorded: bool,
    /// What whoever is let in is told, as the proof that the body holds (a token of a mail, a code, a signature) is none:
    /// nothing here can make a right one.
    pub lacks: Option<(u16, &'static str)>,
    /// Whether some of them lack nothing.
    pub may_succeed: bool,
}

impl Route {
    /// Whether it changes something.
    pub fn edits(&self) -> bool {
        self.verb != "GET" || self.is_recorded
    }

    /// Whether only Workers of the fleet reach it.
    pub const fn is_internal(&self) -> bool {
        matches!(
            self.who,
            Fleet | Visitor | OnBehalf | OnBehalfAlone | Leaving | Actor(_) | Crew(_) | CrewLeaving
        )
    }

    /// Whether it is a page, which answers with HTML.
    pub const fn is_page(&self) -> bool {
        matches!(self.who, Page | PageOfPerson)
    }

    /// As tables name it.
    pub fn name(&self) -> String {
        format!("{} {}", self.verb, self.path)
    }
}

const fn line(worker: &'static str, verb: &'static str, path: &'static str, who: Who) -> Route {
    Route {
        worker,
        verb,
        path,
        who,
        of: None,
        names: None,
        is_recorded: false,
        lacks: None,
        may_succeed: false,
    }
}

const fn tracker(verb: &'static str, path: &'static str, who: Who) -> Route {
    line("tracker", verb, path, who)
}

const fn observer(verb: &'static str, path: &'static str, who: Who) -> Route {
    line("observer", verb, path, who)
}

const fn admin(verb: &'static str, path: &'static str, who: Who) -> Route {
    line("admin", verb, path, who)
}

const fn live(verb: &'static str, path: &'static str, who: Who) -> Route {
    line("live", verb, path, who)
}

impl Route {
    /// With an id in its path.
    const fn of(mut self, thing: Thing) -> Self {
        self.of = Some(thing);
        self
    }

    /// With a proof in its body that is none.
    const fn lacks(mut self, status: u16, code: &'static str) -> Self {
        self.lacks = Some((status, code));
        self
    }

    /// Some of those who are let in lack nothing.
    const fn but_some(mut self) -> Self {
        self.may_succeed = true;
        self
    }

    /// Leaves a trace though it only reads.
    const fn recorded(mut self) -> Self {
        self.is_recorded = true;
        self
    }

    /// With an id in its body.
    const fn names(mut self, thing: Thing) -> Self {
        self.names = Some(thing);
        self
    }
}

/// The table.
pub const ROUTES: &[Route] = &[
    tracker("GET", "/api/health", Anyone),
    tracker("GET", "/api/openapi.json", Anyone),
    tracker("GET", "/docs", Anyone),
    tracker("POST", "/api/v1/auth/register", Anyone),
    tracker("POST", "/api/v1/auth/register/begin", Anyone),
    tracker("POST", "/api/v1/auth/register/confirm", Anyone).lacks(422, "invalid_link"),
    tracker("POST", "/api/v1/auth/login", Anyone),
    tracker("POST", "/api/v1/auth/refresh", Holder),
    tracker("POST", "/api/v1/auth/logout", Leaver),
    tracker("GET", "/api/v1/auth/devices", Alone),
    tracker("DELETE", "/api/v1/auth/devices", Who::Person),
    tracker("DELETE", "/api/v1/auth/devices/{id}", Who::Person).of(Device),
    tracker("POST", "/api/v1/auth/tenant", Who::Person),
    tracker("POST", "/api/v1/auth/recovery", Anyone),
    tracker("POST", "/api/v1/auth/recovery/complete", Anyone).lacks(422, "invalid_link"),
    tracker("POST", "/api/v1/auth/email/verify", Anyone).lacks(422, "invalid_link"),
    tracker("POST", "/api/v1/auth/login/factor", Anyone).lacks(401, "unauthorized"),
    tracker("POST", "/api/v1/auth/passkey/options", Anyone),
    tracker("POST", "/api/v1/auth/passkey", Anyone).lacks(401, "invalid_credentials"),
    tracker("GET", "/api/v1/auth/providers", Anyone),
    tracker("POST", "/api/v1/auth/providers/{provider}/begin", Anyone).lacks(404, "not_found"),
    tracker("POST", "/api/v1/auth/providers/{provider}/complete", Anyone).lacks(404, "not_found"),
    tracker("POST", "/api/v1/auth/providers/{provider}/register", Anyone).lacks(404, "not_found"),
    tracker("GET", "/api/v1/me/identities", Who::Person),
    tracker("POST", "/api/v1/me/identities/{provider}", Who::Person).lacks(404, "not_found"),
    tracker("POST", "/api/v1/me/identities/{provider}/remove", Who::Person).lacks(404, "not_found"),
    tracker("POST", "/api/v1/me/password", Who::Person),
    tracker("POST", "/api/v1/me/email", Who::Person),
    tracker("POST", "/api/v1/me/email/verification", Who::Person),
    tracker("POST", "/api/v1/me/factors/totp", Who::Person),
    tracker("POST", "/api/v1/me/factors/totp/confirm", Who::Person).lacks(404, "not_found"),
    tracker("POST", "/api/v1/me/factors/totp/remove", Who::Person).lacks(404, "not_found"),
    tracker("POST", "/api/v1/me/factors/recovery-codes", Who::Person).lacks(404, "not_found"),
    tracker("POST", "/api/v1/me/passkeys/options", Who::Person),
    tracker("POST", "/api/v1/me/passkeys", Who::Person).lacks(422, "unprocessable"),
    tracker("POST", "/api/v1/me/passkeys/remove", Who::Person).lacks(404, "not_found"),
    tracker("GET", "/api/v1/me/factors", Alone),
    tracker("GET", "/api/v1/me/keys", Alone),
    tracker("POST", "/api/v1/me/keys", Alone),
    tracker("POST", "/api/v1/me/keys/{id}/rotate", Alone).of(Key),
    tracker("DELETE", "/api/v1/me/keys/{id}", Alone).of(Key),
    tracker("GET", "/api/v1/me", Who::Person),
    tracker("GET", "/api/v1/me/tenants", Who::Person),
    tracker("GET", "/api/v1/me/impersonations", Who::Person),
    tracker("PATCH", "/api/v1/me", Who::Person),
    tracker("POST", "/api/v1/me/export", Alone),
    tracker("GET", "/api/v1/strains", User),
    tracker("POST", "/api/v1/strains", User),
    tracker("GET", "/api/v1/strains/{id}", User).of(Strain),
    tracker("GET", "/api/v1/stash", User),
    tracker("POST", "/api/v1/stash", User).names(Strain),
    tracker("GET", "/api/v1/stash/{id}", User).of(Lot),
    tracker("GET", "/api/v1/stash/{id}/entries", User).of(Lot),
    tracker("POST", "/api/v1/stash/{id}/entries", User).of(Lot),
    tracker("GET", "/api/v1/sessions", User),
    tracker("POST", "/api/v1/sessions", User).names(Lot),
    tracker("GET", "/api/v1/sessions/{id}", User).of(Session),
    tracker("PATCH", "/api/v1/sessions/{id}", User).of(Session).names(Lot),
    tracker("DELETE", "/api/v1/sessions/{id}", User).of(Session),
    tracker("GET", "/api/v1/dashboard", User),
    tracker("GET", "/api/v1/presets", User),
    tracker("POST", "/api/v1/presets", User).names(Lot),
    tracker("GET", "/api/v1/presets/{id}", User).of(Preset),
    tracker("PUT", "/api/v1/presets/{id}", User).of(Preset).names(Lot),
    tracker("DELETE", "/api/v1/presets/{id}", User).of(Preset),
    tracker("GET", "/api/v1/goals", User),
    tracker("POST", "/api/v1/goals", User),
    tracker("GET", "/api/v1/goals/{id}", User).of(Goal),
    tracker("DELETE", "/api/v1/goals/{id}", User).of(Goal),
    tracker("GET", "/api/v1/breaks", User),
    tracker("POST", "/api/v1/breaks", User),
    tracker("GET", "/api/v1/breaks/{id}", User).of(Break),
    tracker("POST", "/api/v1/breaks/{id}/end", User).of(Break),
    tracker("DELETE", "/api/v1/breaks/{id}", User).of(Break),
    tracker("GET", "/api/v1/insights", User),
    tracker("GET", "/api/v1/diary/export", Who::UserAlone),
    tracker("GET", "/api/v1/diary/export.csv", Who::UserAlone),
    tracker("GET", "/api/v1/diary/report", Who::UserAlone),
    tracker("GET", "/api/v1/live", User),
    // Pages; their forms are posted to where they are.
    tracker("GET", "/assets/{name}", Page),
    tracker("GET", "/favicon.ico", Page),
    tracker("GET", "/manifest.webmanifest", Page),
    tracker("GET", "/sw.js", Page),
    tracker("GET", "/", Page),
    tracker("GET", "/age", Page),
    tracker("POST", "/age", Page),
    tracker("GET", "/sign-up", Page),
    tracker("POST", "/sign-up", Page),
    tracker("GET", "/sign-up/confirm", Page),
    tracker("POST", "/sign-up/confirm", Page).lacks(422, ""),
    tracker("GET", "/sign-in", Page),
    tracker("POST", "/sign-in", Page),
    tracker("POST", "/sign-in/code", Page).lacks(422, ""),
    tracker("POST", "/sign-out", PageOfPerson),
    tracker("GET", "/recover", Page),
    tracker("POST", "/recover", Page),
    tracker("POST", "/recover/complete", Page).lacks(422, ""),
    tracker("GET", "/verify", Page),
    tracker("POST", "/verify", Page).lacks(422, ""),
    tracker("GET", "/offline", Page),
    tracker("GET", "/legacy", Page),
    tracker("POST", "/settings", Page),
    tracker("GET", "/today", PageOfPerson),
    tracker("GET", "/log", PageOfPerson),
    tracker("POST", "/log", PageOfPerson).names(Lot),
    tracker("GET", "/history", PageOfPerson),
    tracker("GET", "/history/{id}", PageOfPerson).of(Session),
    tracker("POST", "/history/{id}", PageOfPerson).of(Session),
    tracker("POST", "/history/{id}/delete", PageOfPerson).of(Session),
    tracker("POST", "/history/{id}/restore", PageOfPerson).of(Session).lacks(404, "not_found"),
    tracker("GET", "/stash", PageOfPerson),
    tracker("GET", "/stash/new", PageOfPerson),
    tracker("POST", "/stash/new", PageOfPerson).names(Strain),
    tracker("GET", "/stash/{id}", PageOfPerson).of(Lot),
    tracker("POST", "/stash/{id}", PageOfPerson).of(Lot),
    tracker("GET", "/strains", PageOfPerson),
    tracker("GET", "/strains/new", PageOfPerson),
    tracker("POST", "/strains/new", PageOfPerson),
    tracker("GET", "/strains/{id}", PageOfPerson).of(Strain),
    tracker("GET", "/presets", PageOfPerson),
    tracker("GET", "/presets/new", PageOfPerson),
    tracker("POST", "/presets/new", PageOfPerson).names(Lot),
    tracker("GET", "/presets/{id}", PageOfPerson).of(Preset),
    tracker("POST", "/presets/{id}", PageOfPerson).of(Preset),
    tracker("POST", "/presets/{id}/delete", PageOfPerson).of(Preset),
    tracker("GET", "/goals", PageOfPerson),
    tracker("GET", "/goals/new", PageOfPerson),
    tracker("POST", "/goals/new", PageOfPerson),
    tracker("GET", "/goals/{id}", PageOfPerson).of(Goal),
    tracker("POST", "/goals/{id}/end", PageOfPerson).of(Goal),
    tracker("GET", "/breaks/new", PageOfPerson),
    tracker("POST", "/breaks/new", PageOfPerson),
    tracker("GET", "/breaks/{id}", PageOfPerson).of(Break),
    tracker("POST", "/breaks/{id}/end", PageOfPerson).of(Break),
    tracker("POST", "/breaks/{id}/delete", PageOfPerson).of(Break),
    tracker("GET", "/insights", PageOfPerson),
    tracker("GET", "/account", PageOfPerson),
    tracker("GET", "/account/profile", PageOfPerson),
    tracker("POST", "/account/profile", PageOfPerson),
    tracker("GET", "/account/import", PageOfPerson),
    tracker("POST", "/account/import", PageOfPerson),
    tracker("GET", "/account/import/{id}", PageOfPerson).of(Import),
    tracker("POST", "/account/import/{id}/confirm", PageOfPerson).of(Import),
    tracker("POST", "/account/import/{id}/undo", PageOfPerson).of(Import),
    tracker("GET", "/account/import/{id}/bad.csv", PageOfPerson).of(Import),
    tracker("GET", "/account/export", PageOfPerson),
    tracker("GET", "/account/export/diary", PageOfPerson),
    tracker("GET", "/account/export/table", PageOfPerson),
    tracker("POST", "/account/export/everything", PageOfPerson).lacks(200, ""),
    tracker("GET", "/account/report", PageOfPerson),
    tracker("GET", "/account/erase", PageOfPerson),
    tracker("POST", "/account/erase", PageOfPerson),
    tracker("GET", "/goodbye", Page),
    tracker("GET", "/account/keys", PageOfPerson),
    tracker("POST", "/account/keys", PageOfPerson).lacks(200, ""),
    tracker("GET", "/account/keys/{id}", PageOfPerson).of(Key),
    tracker("POST", "/account/keys/{id}", PageOfPerson).of(Key).lacks(200, ""),
    tracker("POST", "/account/keys/{id}/end", PageOfPerson).of(Key),
    tracker("GET", "/account/programs", PageOfPerson),
    tracker("POST", "/account/programs/{id}", PageOfPerson).of(Device),
    tracker("GET", "/account/ways", PageOfPerson),
    tracker("POST", "/account/ways", PageOfPerson).lacks(422, ""),
    tracker("GET", "/account/tenants", PageOfPerson),
    tracker("POST", "/account/tenants/{id}", PageOfPerson).of(Tenant).lacks(404, "not_found"),
    tracker("POST", "/account/tenants/{id}/leave", PageOfPerson).of(Tenant).lacks(404, "not_found"),
    tracker("GET", "/invitation", Page),
    tracker("POST", "/invitation", Page),
    tracker("GET", "/account/invitation", PageOfPerson),
    tracker("POST", "/account/invitation", PageOfPerson).lacks(422, ""),
    tracker("GET", "/account/seen", PageOfPerson),
    tracker("GET", "/acting", Page),
    tracker("POST", "/acting", Page).lacks(422, ""),
    tracker("POST", "/acting/end", Page),
    tracker("GET", "/account/devices", PageOfPerson),
    tracker("POST", "/account/devices/others", PageOfPerson),
    tracker("POST", "/account/devices/{id}", PageOfPerson).of(Device),
    tracker("GET", "/account/security", PageOfPerson),
    tracker("POST", "/account/security/password", PageOfPerson),
    tracker("POST", "/account/security/generator", PageOfPerson).lacks(200, ""),
    tracker("POST", "/account/security/generator/confirm", PageOfPerson).lacks(404, "not_found"),
    tracker("POST", "/account/security/generator/remove", PageOfPerson).lacks(404, "not_found"),
    tracker("POST", "/account/security/codes", PageOfPerson).lacks(404, "not_found"),
    tracker("POST", "/account/security/passkeys/remove", PageOfPerson).lacks(404, "not_found"),
    tracker("DELETE", "/api/v1/me", Who::Person),
    tracker("GET", "/api/v1/imports", User),
    tracker("POST", "/api/v1/imports", User),
    tracker("GET", "/api/v1/imports/{id}", User).of(Import),
    tracker("POST", "/api/v1/imports/{id}/preview", User).of(Import),
    tracker("POST", "/api/v1/imports/{id}/confirm", User).of(Import),
    tracker("DELETE", "/api/v1/imports/{id}", User).of(Import),
    observer("GET", "/api/health", Anyone),
    observer("GET", "/api/openapi.json", Anyone),
    observer("GET", "/docs", Anyone),
    observer("GET", "/.well-known/jwks.json", Anyone),
    observer("GET", "/.well-known/audit-jwks.json", Anyone),
    observer("GET", "/.well-known/oauth-authorization-server", Anyone),
    observer("GET", "/.well-known/openid-configuration", Anyone),
    observer("GET", "/oauth/jwks", Anyone),
    observer("GET", "/oauth/authorize", Anyone).lacks(400, ""),
    observer("POST", "/oauth/authorize", Anyone).lacks(303, ""),
    observer("POST", "/oauth/token", Anyone).lacks(401, ""),
    observer("POST", "/oauth/revoke", Anyone).lacks(401, ""),
    observer("POST", "/oauth/introspect", Anyone).lacks(401, ""),
    observer("GET", "/oauth/userinfo", Informed),
    observer("POST", "/oauth/userinfo", Informed),
    observer("GET", "/api/v1/tenant", Who::Steward),
    observer("GET", "/api/v1/tenant/usage", Who::Steward),
    observer("PATCH", "/api/v1/tenant", Who::Steward),
    observer("GET", "/api/v1/tenant/brand", Who::Steward),
    observer("PATCH", "/api/v1/tenant/brand", Who::Steward),
    observer("GET", "/api/v1/tenant/members", Who::Steward),
    observer("PATCH", "/api/v1/tenant/members/{id}", Who::Steward).of(Colleague),
    observer("DELETE", "/api/v1/tenant/members/{id}", Who::Steward).of(Colleague),
    observer("GET", "/api/v1/tenant/invitations", Who::Steward),
    observer("POST", "/api/v1/tenant/invitations", Who::Steward),
    observer("DELETE", "/api/v1/tenant/invitations/{id}", Who::Steward).of(Invitation),
    observer("GET", "/api/v1/tenant/keys", Insider),
    observer("POST", "/api/v1/tenant/keys", Insider),
    observer("POST", "/api/v1/tenant/keys/{id}/rotate", Insider).of(Thing::TenantKey),
    observer("DELETE", "/api/v1/tenant/keys/{id}", Insider).of(Thing::TenantKey),
    observer("POST", "/api/v1/invitations/accept", Bearer),
    admin("GET", "/api/health", Anyone),
    admin("GET", "/api/openapi.json", Anyone),
    admin("GET", "/docs", Anyone),
    admin("GET", "/api/v1/health", Operator(ReadOperations)),
    admin("GET", "/api/v1/users", Operator(ReadPeople)),
    admin("GET", "/api/v1/users/{id}", Operator(ReadPeople)).of(Person),
    admin("POST", "/api/v1/users/{id}/suspend", Operator(SuspendPeople)).of(Person),
    admin("POST", "/api/v1/users/{id}/reinstate", Operator(SuspendPeople)).of(Person),
    admin("POST", "/api/v1/users/{id}/factors/reset", Operator(SuspendPeople)).of(Person),
    admin("DELETE", "/api/v1/users/{id}/factors/reset", Operator(SuspendPeople))
        .of(Person)
        .lacks(404, "not_found"),
    admin("GET", "/api/v1/tenants", Operator(ReadTenants)),
    admin("POST", "/api/v1/tenants", Operator(ManageTenants)),
    admin("GET", "/api/v1/tenants/{id}", Operator(ReadTenants)).of(Tenant),
    admin("GET", "/api/v1/tenants/{id}/usage", Operator(ReadTenants)).of(Tenant),
    admin("PATCH", "/api/v1/tenants/{id}", Operator(ManageTenants)).of(Tenant),
    admin("GET", "/api/v1/tenants/{id}/brand", Operator(ReadTenants)).of(Tenant),
    admin("PATCH", "/api/v1/tenants/{id}/brand", Operator(ManageTenants)).of(Tenant),
    admin("POST", "/api/v1/tenants/{id}/deactivate", Operator(SuspendTenants)).of(Tenant),
    admin("POST", "/api/v1/tenants/{id}/activate", Operator(SuspendTenants)).of(Tenant),
    admin("POST", "/api/v1/tenants/{id}/invitations", Operator(ManageTenants)).of(Tenant),
    admin("GET", "/api/v1/audit", Operator(ReadAudit)),
    admin("GET", "/api/v1/audit/verify", Operator(ReadAudit)),
    admin("GET", "/api/v1/audit/packet", Operator(ReadAudit)).recorded(),
    admin("GET", "/api/v1/analytics/overview", Operator(ReadOperations)),
    admin("POST", "/api/v1/strains/import", Operator(ManageCatalogue)),
    admin("POST", "/api/v1/staff/enrol", Anyone).lacks(422, "invalid_link"),
    admin("POST", "/api/v1/staff/login", Anyone),
    admin("POST", "/api/v1/staff/login/generator", Anyone).lacks(401, "unauthorized"),
    admin("POST", "/api/v1/staff/login/factor", Anyone).lacks(401, "unauthorized"),
    admin("POST", "/api/v1/staff/refresh", Anyone).lacks(401, "unauthorized"),
    admin("POST", "/api/v1/staff/logout", StaffLeaver),
    admin("GET", "/api/v1/staff/me", Staffer(None)),
    admin("GET", "/api/v1/staff/devices", Staffer(None)),
    admin("DELETE", "/api/v1/staff/devices/{id}", Staffer(None)).of(StaffDevice),
    admin("GET", "/api/v1/staff", Operator(ManageStaff)),
    admin("POST", "/api/v1/staff", Operator(ManageStaff)),
    admin("GET", "/api/v1/staff/{id}", Operator(ManageStaff)).of(Staff),
    admin("PATCH", "/api/v1/staff/{id}", Operator(ManageStaff)).of(Staff),
    admin("POST", "/api/v1/staff/{id}/disable", Operator(ManageStaff)).of(Staff),
    admin("POST", "/api/v1/staff/{id}/enable", Operator(ManageStaff)).of(Staff),
    admin("POST", "/api/v1/staff/{id}/reset", Operator(ManageStaff)).of(Staff),
    admin("POST", "/api/v1/users/{id}/impersonation", Staffer(Some(Impersonate))).of(Person),
    admin("POST", "/api/v1/impersonations/{id}/token", Staffer(Some(Impersonate))).of(Impersonation),
    admin("DELETE", "/api/v1/impersonations/{id}", Staffer(Some(Impersonate))).of(Impersonation),
    admin("POST", "/api/v1/users/{id}/erase", Operator(ErasePeople)).of(Person),
    admin("GET", "/api/v1/clients", Operator(ManageClients)),
    admin("POST", "/api/v1/clients", Operator(ManageClients)),
    admin("GET", "/api/v1/clients/{id}", Operator(ManageClients)).of(Client),
    admin("PATCH", "/api/v1/clients/{id}", Operator(ManageClients)).of(Client),
    admin("DELETE", "/api/v1/clients/{id}", Operator(ManageClients)).of(Client),
    // What only Workers of the fleet reach.
    tracker("GET", "/api/health", Fleet),
    tracker("GET", "/api/openapi.json", Fleet),
    tracker("GET", "/docs", Fleet),
    tracker("POST", "/internal/v1/notices", Fleet),
    tracker("GET", "/internal/v1/tenants/{id}/storage", Fleet).of(Tenant),
    tracker("POST", "/internal/v1/strains/import", Fleet),
    observer("GET", "/api/health", Fleet),
    observer("GET", "/.well-known/jwks.json", Fleet),
    observer("POST", "/internal/v1/auth/register", Visitor),
    observer("GET", "/internal/v1/auth/register", Visitor),
    observer("POST", "/internal/v1/auth/register/begin", Visitor),
    observer("POST", "/internal/v1/auth/register/confirm", Visitor).lacks(422, "invalid_link"),
    observer("POST", "/internal/v1/auth/login", Visitor),
    observer("POST", "/internal/v1/auth/refresh", Visitor),
    observer("POST", "/internal/v1/auth/logout", Leaving),
    observer("GET", "/internal/v1/devices", OnBehalfAlone),
    observer("DELETE", "/internal/v1/devices", OnBehalf),
    observer("DELETE", "/internal/v1/devices/{id}", OnBehalf).of(Device),
    observer("POST", "/internal/v1/auth/recovery", Visitor),
    observer("POST", "/internal/v1/auth/recovery/complete", Visitor).lacks(422, "invalid_link"),
    observer("POST", "/internal/v1/auth/email/verify", Visitor).lacks(422, "invalid_link"),
    observer("POST", "/internal/v1/auth/login/factor", Visitor).lacks(401, "unauthorized"),
    observer("POST", "/internal/v1/auth/passkey/options", Visitor),
    observer("POST", "/internal/v1/auth/passkey", Visitor).lacks(401, "invalid_credentials"),
    observer("GET", "/internal/v1/auth/providers", Visitor),
    observer("POST", "/internal/v1/auth/providers/{provider}/begin", Visitor).lacks(404, "not_found"),
    observer("POST", "/internal/v1/auth/providers/{provider}/complete", Visitor).lacks(404, "not_found"),
    observer("POST", "/internal/v1/auth/providers/{provider}/register", Visitor).lacks(404, "not_found"),
    observer("GET", "/internal/v1/me/identities", OnBehalf),
    observer("POST", "/internal/v1/me/identities/{provider}", OnBehalf).lacks(404, "not_found"),
    observer("POST", "/internal/v1/me/identities/{provider}/remove", OnBehalf).lacks(404, "not_found"),
    observer("POST", "/internal/v1/me/password", OnBehalf),
    observer("POST", "/internal/v1/me/email", OnBehalf),
    observer("POST", "/internal/v1/me/email/verification", OnBehalf),
    observer("POST", "/internal/v1/me/factors/totp", OnBehalf),
    observer("POST", "/internal/v1/me/factors/totp/confirm", OnBehalf).lacks(404, "not_found"),
    observer("POST", "/internal/v1/me/factors/totp/remove", OnBehalf).lacks(404, "not_found"),
    observer("POST", "/internal/v1/me/factors/recovery-codes", OnBehalf).lacks(404, "not_found"),
    observer("POST", "/internal/v1/me/passkeys/options", OnBehalf),
    observer("POST", "/internal/v1/me/passkeys", OnBehalf).lacks(422, "unprocessable"),
    observer("POST", "/internal/v1/me/passkeys/remove", OnBehalf).lacks(404, "not_found"),
    observer("GET", "/internal/v1/me/factors", OnBehalfAlone),
    observer("GET", "/internal/v1/me/keys", OnBehalfAlone),
    observer("POST", "/internal/v1/me/keys", OnBehalfAlone),
    observer("POST", "/internal/v1/me/keys/{id}/rotate", OnBehalfAlone).of(Key),
    observer("DELETE", "/internal/v1/me/keys/{id}", OnBehalfAlone).of(Key),
    // No logo has no name.
    observer("GET", "/internal/v1/logo", Fleet).lacks(404, "not_found"),
    observer("POST", "/internal/v1/keys/use", Visitor).lacks(401, "unauthorized"),
    observer("GET", "/internal/v1/me", OnBehalf),
    observer("PATCH", "/internal/v1/me", OnBehalf),
    observer("GET", "/internal/v1/me/tenants", OnBehalf),
    observer("DELETE", "/internal/v1/me/tenants/{id}", OnBehalfAlone)
        .of(Tenant)
        .lacks(404, "not_found")
        .but_some(),
    observer("POST", "/internal/v1/invitations/accept", OnBehalfAlone),
    observer("POST", "/internal/v1/me/erase", OnBehalf),
    observer("POST", "/internal/v1/me/export", OnBehalf),
    observer("POST", "/internal/v1/auth/tenant", OnBehalf),
    observer("GET", "/internal/v1/tenants", Actor(ReadTenants)),
    observer("POST", "/internal/v1/tenants", Actor(ManageTenants)),
    observer("GET", "/internal/v1/tenants/{id}", Actor(ReadTenants)).of(Tenant),
    observer("GET", "/internal/v1/tenants/{id}/usage", Actor(ReadTenants)).of(Tenant),
    observer("PATCH", "/internal/v1/tenants/{id}", Actor(ManageTenants)).of(Tenant),
    observer("GET", "/internal/v1/tenants/{id}/brand", Actor(ReadTenants)).of(Tenant),
    observer("PATCH", "/internal/v1/tenants/{id}/brand", Actor(ManageTenants)).of(Tenant),
    observer("POST", "/internal/v1/tenants/{id}/deactivate", Actor(SuspendTenants)).of(Tenant),
    observer("POST", "/internal/v1/tenants/{id}/activate", Actor(SuspendTenants)).of(Tenant),
    observer("POST", "/internal/v1/tenants/{id}/invitations", Actor(ManageTenants)).of(Tenant),
    observer("GET", "/internal/v1/people", Actor(ReadPeople)),
    observer("GET", "/internal/v1/people/{id}", Actor(ReadPeople)).of(Person),
    observer("POST", "/internal/v1/people/{id}/suspend", Actor(SuspendPeople)).of(Person),
    observer("POST", "/internal/v1/people/{id}/reinstate", Actor(SuspendPeople)).of(Person),
    observer("POST", "/internal/v1/people/{id}/factors/reset", Actor(SuspendPeople)).of(Person),
    observer("DELETE", "/internal/v1/people/{id}/factors/reset", Actor(SuspendPeople))
        .of(Person)
        .lacks(404, "not_found"),
    observer("GET", "/internal/v1/audit", Actor(ReadAudit)),
    observer("GET", "/internal/v1/audit/verify", Actor(ReadAudit)),
    observer("GET", "/internal/v1/audit/packet", Actor(ReadAudit)).recorded(),
    observer("GET", "/internal/v1/me/impersonations", OnBehalf),
    observer("POST", "/internal/v1/staff/enrol", Visitor).lacks(422, "invalid_link"),
    observer("POST", "/internal/v1/staff/login", Visitor),
    observer("POST", "/internal/v1/staff/login/generator", Visitor).lacks(401, "unauthorized"),
    observer("POST", "/internal/v1/staff/login/factor", Visitor).lacks(401, "unauthorized"),
    observer("POST", "/internal/v1/staff/refresh", Visitor).lacks(401, "unauthorized"),
    observer("POST", "/internal/v1/staff/logout", CrewLeaving),
    observer("GET", "/internal/v1/staff/me", Crew(None)),
    observer("GET", "/internal/v1/staff/devices", Crew(None)),
    observer("DELETE", "/internal/v1/staff/devices/{id}", Crew(None)).of(StaffDevice),
    observer("GET", "/internal/v1/staff", Actor(ManageStaff)),
    observer("POST", "/internal/v1/staff", Actor(ManageStaff)),
    observer("GET", "/internal/v1/staff/{id}", Actor(ManageStaff)).of(Staff),
    observer("PATCH", "/internal/v1/staff/{id}", Actor(ManageStaff)).of(Staff),
    observer("POST", "/internal/v1/staff/{id}/disable", Actor(ManageStaff)).of(Staff),
    observer("POST", "/internal/v1/staff/{id}/enable", Actor(ManageStaff)).of(Staff),
    observer("POST", "/internal/v1/staff/{id}/reset", Actor(ManageStaff)).of(Staff),
    observer("POST", "/internal/v1/people/{id}/impersonation", Crew(Some(Impersonate))).of(Person),
    observer("POST", "/internal/v1/impersonations/{id}/token", Crew(Some(Impersonate))).of(Impersonation),
    observer("DELETE", "/internal/v1/impersonations/{id}", Crew(Some(Impersonate))).of(Impersonation),
    observer("POST", "/internal/v1/people/{id}/erase", Actor(ErasePeople)).of(Person),
    observer("GET", "/internal/v1/clients", Actor(ManageClients)),
    observer("POST", "/internal/v1/clients", Actor(ManageClients)),
    observer("GET", "/internal/v1/clients/{id}", Actor(ManageClients)).of(Client),
    observer("PATCH", "/internal/v1/clients/{id}", Actor(ManageClients)).of(Client),
    observer("DELETE", "/internal/v1/clients/{id}", Actor(ManageClients)).of(Client),
    admin("GET", "/api/health", Fleet),
    live("GET", "/api/health", Anyone),
    live("GET", "/api/openapi.json", Anyone),
    live("GET", "/docs", Anyone),
];
