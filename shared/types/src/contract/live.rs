//! What a person's hub is told. A hub is a Durable Object of the Worker `live`, one for a tenant and a person; it is
//! reached through a binding alone, so these are paths of no door.

use crate::ids::{DeviceId, PersonId, TenantId};
use serde::{Deserialize, Serialize};

/// The binding of the hubs.
pub const HUBS: &str = "HUBS";
/// `GET`, with `Upgrade: websocket` and an [`Entrance`] as the query → 101, or 429.
pub const SOCKET: &str = "/socket";
/// `POST` [`Told`] → 204.
pub const TOLD: &str = "/told";
/// `POST` [`Revoked`] → 204.
pub const REVOKED: &str = "/revoked";
/// `POST` → 204, once every socket is closed and nothing is kept: the person is erased.
pub const FORGET: &str = "/forget";
/// `GET` → 204 when the hub's database answers.
pub const WELL: &str = "/well";
/// The hub that is asked how hubs are; nobody's.
pub const NOBODYS: &str = "health";

/// The name of a person's hub.
pub fn hub_of(tenant: TenantId, person: PersonId) -> String {
    format!("{tenant}/{person}")
}

/// What changed. A hint: no amounts and no names, the truth stays in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub enum Kind {
    /// A session was logged.
    #[serde(rename = "session.logged")]
    SessionLogged,
    /// A session was edited.
    #[serde(rename = "session.edited")]
    SessionEdited,
    /// A session was deleted.
    #[serde(rename = "session.deleted")]
    SessionDeleted,
    /// A lot was bought, or something went in or out of it.
    #[serde(rename = "stash.changed")]
    StashChanged,
}

/// The number of a person's change: counted where the change is written, without gaps.
pub type Seq = i64;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// Its number.
    pub seq: Seq,
    /// What it was.
    pub kind: Kind,
    /// Of which session or lot.
    pub id: String,
}

/// Tokens of this subject with an epoch below `min_epoch` are dead, and so are their sockets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoked {
    /// `device:<id>`, `person:<id>` or `tenant:<id>`.
    pub subject: String,
    /// The least epoch that is alive.
    pub min_epoch: i64,
}

/// Who comes in, as the Worker that verified the token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entrance {
    /// The number of the person's last change, read in the batch that checked the token.
    pub seq: Seq,
    /// The number of the last change that the client knows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<Seq>,
    /// The device whose token it is.
    pub device: DeviceId,
    /// The epoch of the token.
    pub epoch: i64,
    /// When the token expires, in milliseconds since 1970.
    pub until_ms: i64,
}
