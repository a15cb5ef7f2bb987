//! Facts that travel between Workers: written to an outbox in the batch of the change they tell of, delivered by
//! a queue at least once, counted once by their id.

use crate::ids::{FactId, PersonId, SessionId, StrainId, TenantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// By which consumers recognise a fact that they have seen.
    pub id: FactId,
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// The person it is about, by pseudonymous id.
    pub person_id: PersonId,
    /// When it happened, as the person says.
    pub occurred_at: Timestamp,
    /// When the platform learned of it.
    pub recorded_at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// A person signed up.
    PersonRegistered,
    /// A person logged a sesh.
    SessionLogged {
        /// The sesh.
        session_id: SessionId,
        /// The strains used, each once.
        strain_ids: Vec<StrainId>,
    },
    /// A person deleted a sesh; it no longer counts.
    SessionDeleted {
        /// The sesh.
        session_id: SessionId,
    },
}
