//! The audit log: an entry in the batch of each change, linked into a hash chain within seconds, its head signed now
//! and then. [`record!`] writes an entry, [`seal`] links, [`verify`] looks for what was tampered with, [`export`] makes
//! a signed packet that verifies elsewhere. What a hash and a signature cover is `sesh_audit`'s.

pub mod export;
pub mod routes;
pub mod seal;
pub mod store;
pub mod verify;

#[cfg(test)]
mod export_tests;
#[cfg(test)]
mod tests;

use sesh_types::ids::TenantId;
use sesh_types::time::Timestamp;

/// Something that was done, to be recorded.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Whose tenant.
    pub tenant: TenantId,
    /// When.
    pub at: Timestamp,
    /// `person:<id>`, `key:<name>` or `anonymous`.
    pub actor: String,
    /// What was done, such as `person.suspended`.
    pub action: &'static str,
    /// To what, such as `person:<id>`.
    pub entity: String,
    /// The request that did it.
    pub request_id: String,
    /// More about it; no secret, no e-mail address.
    pub detail: serde_json::Value,
}

/// The statement that records an [`Entry`] when a condition holds: `record!(&entry, "condition", params…)`, where the
/// condition's own parameters count from `?8`. It belongs before the statement that makes the change, in its batch.
/// Where the detail tells what was before, it is SQL: `record!(&entry, detail "expression", "condition", params…)`.
macro_rules! record {
    ($entry:expr) => {
        $crate::audit::record!($entry, "1")
    };
    ($entry:expr, $when:literal $(, $param:expr)* $(,)?) => {
        $crate::audit::record!($entry, detail "?7", $when $(, $param)*)
    };
    ($entry:expr, detail $detail:literal, $when:literal $(, $param:expr)* $(,)?) => {{
        let entry: &$crate::audit::Entry = $entry;
        sesh_edge::sql!(
            concat!(
                "INSERT INTO audit (seq, tenant_id, recorded_at, actor, action, entity, request_id, detail)
                 SELECT (SELECT coalesce(max(seq), 0) + 1 FROM audit), ?1, ?2, ?3, ?4, ?5, ?6, ",
                $detail,
                " WHERE ",
                $when
            ),
            entry.tenant,
            entry.at,
            &entry.actor,
            entry.action,
            &entry.entity,
            &entry.request_id,
            entry.detail.to_string()
            $(, $param)*
        )
    }};
}
pub(crate) use record;
