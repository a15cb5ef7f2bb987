//! HTTP of staff's own devices.

use crate::keys::{Any, Staffer};
use crate::peers::{Ask, OBSERVER};
use sesh_edge::http::{Answer, Failure, Key, Listing, NoContent, Nothing, PageQuery, Paging, Query};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_types::contract::auth::Device;
use sesh_types::contract::staff::{self, Staff};
use sesh_types::ids::DeviceId;

pub(crate) async fn me(staffer: Staffer<Any>, _: Query<Nothing>) -> Result<Answer<Staff>, Failure> {
    let own: Staff = Ask::get(&staffer, OBSERVER, staff::ME).ask().await?;
    Ok(Answer::of(&own)?.version(own.version))
}

pub(crate) async fn devices(
    staffer: Staffer<Any>,
    Query(query): Query<PageQuery>,
) -> Result<Listing<Device>, Failure> {
    let Paging { page, limit } = query.paging()?;
    let path = format!("{}?page={page}&limit={limit}", staff::DEVICES);
    Ask::get(&staffer, OBSERVER, path).page().await
}

/// When this answers, the device's tokens no longer work, nor those by which it acted as somebody.
pub(crate) async fn sign_out(
    staffer: Staffer<Any>,
    _: Query<Nothing>,
    once: IdempotencyKey,
    Key(device): Key<DeviceId>,
) -> Result<NoContent, Failure> {
    Ask::delete(&staffer, OBSERVER, format!("{}/{device}", staff::DEVICES)).once(&once).done().await
}

pub(crate) async fn logout(staffer: Staffer<Any>, _: Query<Nothing>) -> Result<NoContent, Failure> {
    Ask::post(&staffer, OBSERVER, staff::LOGOUT).done().await
}
