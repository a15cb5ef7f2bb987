//! HTTP of staff who sign in.

use crate::peers::Ask;
use http::HeaderMap;
use sesh_edge::http::{Anonymous, Answer, Body, Failure, NoContent, Nothing, Query, RequestInfo};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::io::Io;
use sesh_types::contract::factors::{Challenge, TotpSecret};
use sesh_types::contract::staff::{
    self, Enrol, EnrolGenerator, StaffFactor, StaffLogin, StaffRefresh, StaffSignedIn,
};

pub(crate) async fn enrol(
    _: Anonymous,
    _: Query<Nothing>,
    io: Io,
    info: RequestInfo,
    key: IdempotencyKey,
    headers: HeaderMap,
    body: Body<Enrol>,
) -> Result<NoContent, Failure> {
    Ask::for_visitor(&io, &info, &headers, staff::ENROL).once(&key).body(&body.value)?.done().await
}

pub(crate) async fn login(
    _: Anonymous,
    _: Query<Nothing>,
    io: Io,
    info: RequestInfo,
    headers: HeaderMap,
    body: Body<StaffLogin>,
) -> Result<Answer<Challenge>, Failure> {
    Ask::for_visitor(&io, &info, &headers, staff::LOGIN).body(&body.value)?.answer().await
}

pub(crate) async fn generator(
    _: Anonymous,
    _: Query<Nothing>,
    io: Io,
    info: RequestInfo,
    headers: HeaderMap,
    body: Body<EnrolGenerator>,
) -> Result<Answer<TotpSecret, 201>, Failure> {
    Ask::for_visitor(&io, &info, &headers, staff::LOGIN_GENERATOR).body(&body.value)?.answer_created().await
}

pub(crate) async fn factor(
    _: Anonymous,
    _: Query<Nothing>,
    io: Io,
    info: RequestInfo,
    key: IdempotencyKey,
    headers: HeaderMap,
    body: Body<StaffFactor>,
) -> Result<Answer<StaffSignedIn>, Failure> {
    Ask::for_visitor(&io, &info, &headers, staff::LOGIN_FACTOR).once(&key).body(&body.value)?.answer().await
}

pub(crate) async fn refresh(
    _: Anonymous,
    _: Query<Nothing>,
    io: Io,
    info: RequestInfo,
    headers: HeaderMap,
    body: Body<StaffRefresh>,
) -> Result<Answer<StaffSignedIn>, Failure> {
    Ask::for_visitor(&io, &info, &headers, staff::REFRESH).body(&body.value)?.answer().await
}
