//! Who stands before the doors: the people, keys and false papers of a fleet that is tested.

use crate::routes::Thing;

/// Somebody who signed in, and what is theirs.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// Access token.
    pub access: String,
    /// Refresh token.
    pub refresh: String,
    /// `tenant/person/device/epoch`, as Workers tell each other.
    pub subject: String,
    /// E-mail address.
    pub email: String,
    /// Their id.
    pub person: String,
    /// Another device of theirs than the one that calls.
    pub device: String,
    /// A lot.
    pub lot: String,
    /// A session.
    pub session: String,
    /// A private strain.
    pub strain: String,
    /// A preset.
    pub preset: String,
    /// A goal.
    pub goal: String,
    /// A break that runs.
    pub pause: String,
    /// An import that waits.
    pub import: String,
    /// The tenant that their tokens are for.
    pub tenant: String,
    /// A tenant that administrators act upon: theirs, or when that is the consumers' another one.
    pub managed: String,
    /// Somebody who was asked to join it.
    pub invitation: String,
    /// A program that was registered.
    pub client: String,
    /// The token of an invitation to their address.
    pub invited: String,
    /// A member of staff whom administrators act upon.
    pub staff: String,
    /// Somebody with no office in their tenant; in the consumers', themselves.
    pub colleague: String,
    /// An API key of theirs: its id.
    pub key: String,
    /// An API key of the tenant that administrators act upon: its id.
    pub tenant_key: String,
    /// The text of an API key for everything: theirs, and where they run a tenant that tenant's.
    pub api_key: String,
    /// One that may only read.
    pub reading_key: String,
}

/// Somebody on the staff.
#[derive(Clone, Debug, Default)]
pub struct Staffer {
    /// Access token.
    pub access: String,
    /// `staff:id/device/epoch/role`, as Workers tell each other.
    pub subject: String,
    /// E-mail address.
    pub email: String,
    /// The device that calls.
    pub device: String,
    /// What they act as somebody by; nothing for those who do not.
    pub impersonation: String,
}

impl Member {
    /// The id of a thing of theirs.
    pub fn id(&self, thing: Thing) -> &str {
        match thing {
            Thing::Device => &self.device,
            Thing::Lot => &self.lot,
            Thing::Session => &self.session,
            Thing::Strain => &self.strain,
            Thing::Preset => &self.preset,
            Thing::Goal => &self.goal,
            Thing::Break => &self.pause,
            Thing::Import => &self.import,
            Thing::Person => &self.person,
            Thing::Tenant => &self.managed,
            Thing::Invitation => &self.invitation,
            Thing::Staff => &self.staff,
            // Whose these are is whoever calls.
            Thing::StaffDevice | Thing::Impersonation => "",
            Thing::Client => &self.client,
            Thing::Colleague => &self.colleague,
            Thing::Key => &self.key,
            Thing::TenantKey => &self.tenant_key,
        }
    }
}

/// Everybody of one fleet.
#[derive(Clone, Debug, Default)]
pub struct Cast {
    /// Who calls.
    pub person: Member,
    /// Another person of the same tenant.
    pub other: Member,
    /// A person of another tenant; nobody where a fleet has none.
    pub foreigner: Option<Member>,
    /// The person's device that was signed out.
    pub revoked: Member,
    /// Somebody who was suspended.
    pub suspended: Member,
    /// On the staff, good for everything.
    pub superadmin: Staffer,
    /// On the staff, looks after people.
    pub support: Staffer,
    /// On the staff; manages the person's tenant and nobody else's.
    pub reseller: Staffer,
    /// A superadmin on a device that was signed out.
    pub dismissed: Staffer,
    /// A superadmin whose tokens count from the listed address alone.
    pub homebound: Staffer,
    /// A token by which a member of staff acts as the person.
    pub acting: Member,
    /// Another, of an impersonation that was ended.
    pub acted: Member,
    /// The key that signs access tokens, to make one that has expired; nothing where it is not known.
    pub signing_seed: Option<[u8; 32]>,
    /// An API key of the person's that has expired.
    pub expired_key: String,
    /// One that was revoked.
    pub revoked_key: String,
    /// One that counts from an address at which nobody is.
    pub distant_key: String,
    /// The password of everybody.
    pub password: &'static str,
    /// The administrator's key.
    pub admin_key: String,
    /// An address from which it counts.
    pub listed: String,
    /// Another.
    pub unlisted: String,
    /// What makes names of this run its own.
    pub salt: String,
    /// The host that is called, as `Host` and `Origin` have it.
    pub host: String,
}
