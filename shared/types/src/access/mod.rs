//! Who may do what: roles, entitlements and the tables that join them. One place, so that observer (which hands
//! rights out) and every Worker (which honours them) cannot disagree, and pure, so that each cell is tested.
//!
//! Rights are the product of three things: what somebody is to the *platform* ([`PlatformRole`], staff alone), what they
//! are in a *tenant* ([`TenantRole`]), and what they are in each *app* that the tenant uses ([`Apps`]). An access
//! token carries the last two, so a Worker authorises without reading a table of people.

mod features;
mod grow;
mod keys;
mod roles;
mod scopes;
mod tables;

pub use features::{FEATURE_ROUTES, Feature, feature_of};
pub use grow::{Domain, GrowRole, Level};
pub use keys::{CLOSED_TO_KEYS, KeyScope, OPEN_TO_KEYS, OpenRoute, is_closed_to_keys, key_needs};
pub use roles::{Apps, Department, DepotRole, Entitlement, PlatformRole, TenantRole, TrackerRole};
pub use scopes::{ApiScope, Scopes, UnknownScope};
pub use tables::{Action, PlatformRight, Reach, TenantRight};
