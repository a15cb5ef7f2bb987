//! HTTP as handlers see it: who may call, what they may send, how they are answered.

mod answer;
mod body;
mod caller;
mod conditional;
mod context;
mod failure;
mod multipart;
mod page;
mod query;
mod strict;
mod upgrade;

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod properties;

pub use answer::{Answer, Listing, NoContent, Raw, RawPage};
pub use body::{Body, Form, MAX_BODY_BYTES, OptionalBody, most_body_bytes, read_json};
pub use caller::{Anonymous, ClientAddress, FleetCaller, cookie};
pub use conditional::{IfMatch, etag_of, etag_of_version};
pub use context::{Door, Key, RequestInfo};
pub use failure::{Challenge, Defect, Failure, Refusal};
pub use multipart::PostedFile;
pub use page::{Face, Fields, Outgoing, Page, Posted};
pub use query::{Nothing, PageQuery, Paging, Query, pairs, spelled};
pub use upgrade::{HandOver, OrSocket, Upgrade};

pub(crate) use conditional::names as tag_named;

/// The mark of a request whose body was not read.
pub(crate) fn oversize() -> impl Clone + Send + Sync + 'static {
    body::Oversize
}
