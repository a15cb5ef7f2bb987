//! Whom routes are for, and what their ids are of.

use Who::{Actor, Crew, CrewLeaving, Operator, StaffLeaver, Staffer};
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
