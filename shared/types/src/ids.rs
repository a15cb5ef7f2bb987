//! Ids: UUIDs that cannot be mixed up. New ones are `UUIDv7` (RFC 9562), so they sort by creation.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )* };
}

ids! {
    /// An organisation whose data is kept apart from every other's. Consumers belong to [`TenantId::CONSUMERS`].
    TenantId,
    /// A person who uses the platform.
    PersonId,
    /// A sign-in of one browser or program. (A "session" is what a consumer logs, never a sign-in.)
    DeviceId,
    /// One purchase batch in somebody's stash.
    LotId,
    /// A logged sesh.
    SessionId,
    /// A strain of the catalogue, or somebody's private one.
    StrainId,
    /// A fact that travels between Workers.
    FactId,
    /// Somebody asked to join a tenant.
    InvitationId,
    /// A program that people let act for them (OAuth 2.1).
    ClientId,
    /// A code for which such a program gets its tokens.
    CodeId,
    /// An e-mail, and what the token in it proves.
    MailId,
    /// A generator of one-time codes, or a set of recovery codes.
    FactorId,
    /// A member of the platform's staff: never a [`PersonId`].
    StaffId,
    /// A while in which a member of staff acts as a person.
    ImpersonationId,
    /// What a new member of staff shows who they are with, once.
    EnrolmentId,
    /// A way of logging in one tap.
    PresetId,
    /// A goal of somebody's.
    GoalId,
    /// A tolerance break.
    BreakId,
    /// A file that was brought along.
    ImportId,
    /// An API key.
    KeyId,
}

impl TenantId {
    /// The tenant of everyone who signed up at sesh-tracker.com.
    pub const CONSUMERS: Self = Self(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001));
}

impl StrainId {
    /// The id of a public strain follows from its normalised name, so that every environment and every
    /// import agrees on it.
    pub fn of_public(name_key: &str) -> Self {
        const CATALOGUE: Uuid = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0002);
        Self(Uuid::new_v5(&CATALOGUE, name_key.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_strain_has_the_same_id_everywhere() {
        assert_eq!(
            StrainId::of_public("blue dream").to_string(),
            StrainId::of_public("blue dream").to_string()
        );
        assert_ne!(StrainId::of_public("blue dream"), StrainId::of_public("blue cheese"));
    }

    #[test]
    fn ids_refuse_what_is_not_a_uuid() {
        assert!("42".parse::<LotId>().is_err());
        assert!(serde_json::from_str::<LotId>("\"not-an-id\"").is_err());
    }
}
