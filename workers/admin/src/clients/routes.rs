//! HTTP of programs.

use crate::keys::{ManageClients, Operator};
use crate::peers::{Ask, OBSERVER};
use sesh_edge::http::{
    Answer, Body, Failure, IfMatch, Key, Listing, NoContent, Nothing, PageQuery, Query, etag_of_version,
};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_types::contract::clients::{CLIENTS, Client, EditClient, NewClient, Registered};
use sesh_types::ids::ClientId;

/// Programs, the newest first.
pub(crate) async fn list(
    key: Operator<ManageClients>,
    query: Query<PageQuery>,
) -> Result<Listing<Client>, Failure> {
    let paging = query.0.paging()?;
    Ask::get(&key, OBSERVER, format!("{CLIENTS}?page={}&limit={}", paging.page, paging.limit)).page().await
}

/// One program.
pub(crate) async fn show(
    key: Operator<ManageClients>,
    Key(client): Key<ClientId>,
    _: Query<Nothing>,
) -> Result<Answer<Client>, Failure> {
    versioned(Ask::get(&key, OBSERVER, format!("{CLIENTS}/{client}")).ask().await?)
}

/// Registers a program. The secret in the answer is shown this once.
pub(crate) async fn register(
    key: Operator<ManageClients>,
    _: Query<Nothing>,
    once: IdempotencyKey,
    body: Body<NewClient>,
) -> Result<Answer<Registered, 201>, Failure> {
    let ask = Ask::post(&key, OBSERVER, CLIENTS).once(&once).body(&body.value)?;
    let made: Registered = ask.ask().await?;
    Ok(Answer::of(&made)?.version(made.client.version))
}

/// Edits a program.
pub(crate) async fn edit(
    key: Operator<ManageClients>,
    Key(client): Key<ClientId>,
    _: Query<Nothing>,
    if_match: IfMatch,
    once: IdempotencyKey,
    body: Body<EditClient>,
) -> Result<Answer<Client>, Failure> {
    let tag = if_match.version().map(etag_of_version);
    let ask = Ask::patch(&key, OBSERVER, format!("{CLIENTS}/{client}")).once(&once).if_match(tag);
    versioned(ask.body(&body.value)?.ask().await?)
}

/// When this is answered, no token of the program counts on any Worker: observer has told them all.
pub(crate) async fn remove(
    key: Operator<ManageClients>,
    Key(client): Key<ClientId>,
    _: Query<Nothing>,
    once: IdempotencyKey,
) -> Result<NoContent, Failure> {
    Ask::delete(&key, OBSERVER, format!("{CLIENTS}/{client}")).once(&once).done().await
}

fn versioned(client: Client) -> Result<Answer<Client>, Failure> {
    Ok(Answer::of(&client)?.version(client.version))
}
