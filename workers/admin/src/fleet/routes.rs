//! HTTP of the fleet's health.

use super::rules::{self, Board};
use crate::keys::{Caller, Operator, ReadOperations};
use crate::peers::{self, Ask, LIVE, OBSERVER, TRACKER};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use sesh_edge::health::{self, Health, Status, Vitals};
use sesh_edge::http::{Failure, FleetCaller, Nothing, Query, Raw};
use sesh_edge::io::{Io, PeerReply};
use sesh_edge::log;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

/// The Workers that are asked, each by its binding.
const PEERS: [(&str, &str); 3] = [("observer", OBSERVER), ("tracker", TRACKER), ("live", LIVE)];

/// Asks every Worker at once, and itself.
pub(crate) async fn board(
    key: Operator<ReadOperations>,
    _: Query<Nothing>,
    State(vitals): State<Arc<Vitals>>,
) -> Result<Board, Failure> {
    peers::confirm(&key).await?;
    let asked = key.io().now();
    let asks = PEERS.map(|(_, binding)| Ask::get(&key, binding, "/api/health").send()).into_iter().collect();
    let replies = together(asks).await;
    let own = health::check(&vitals, key.io()).await;
    let peers = PEERS.into_iter().zip(replies).map(|((name, _), reply)| {
        note(&key, name, &reply);
        (name, rules::read(reply))
    });
    Ok(rules::board(own, peers.collect(), asked, key.io().now()))
}

/// The health of admin alone, for the other Workers.
pub(crate) async fn own(_: FleetCaller, State(vitals): State<Arc<Vitals>>, io: Io) -> Health {
    health::check(&vitals, &io).await
}

/// The page tells that a Worker is silent, the log tells why.
fn note(key: &Caller, name: &str, reply: &Result<PeerReply, String>) {
    let Err(cause) = reply else { return };
    log::write(&log::Line {
        time: key.io().now().to_string(),
        level: "error",
        worker: crate::NAME,
        event: "peer_silent",
        request_id: key.request_id(),
        cause: Some(format!("{name}: {cause}")),
        ..log::Line::default()
    });
}

/// A call that is under way, or what came of it.
enum Waiting<F: Future> {
    For(Pin<Box<F>>),
    Done(F::Output),
}

/// Polls all futures side by side, so that their calls leave in one go.
async fn together<F: Future<Output: Unpin>>(futures: Vec<F>) -> Vec<F::Output> {
    let mut all: Vec<Waiting<F>> = futures.into_iter().map(|future| Waiting::For(Box::pin(future))).collect();
    std::future::poll_fn(|context| {
        let mut ready = Poll::Ready(());
        for one in &mut all {
            let Waiting::For(future) = one else { continue };
            match future.as_mut().poll(context) {
                Poll::Ready(output) => *one = Waiting::Done(output),
                Poll::Pending => ready = Poll::Pending,
            }
        }
        ready
    })
    .await;
    let outputs =
        all.into_iter().filter_map(|one| if let Waiting::Done(output) = one { Some(output) } else { None });
    outputs.collect()
}

/// 503 when a Worker is unhealthy.
impl IntoResponse for Board {
    fn into_response(self) -> Response {
        let status = if self.status == Status::Unhealthy { 503 } else { 200 };
        let body = serde_json::to_vec(&self).unwrap_or_default().into();
        Raw { status, content_type: "application/json", cache_control: "no-store", body }.into_response()
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod document {
    use super::Board;
    use aide::OperationOutput;
    use aide::generate::GenContext;
    use aide::openapi::{MediaType, Operation, Response, SchemaObject};

    impl OperationOutput for Board {
        type Inner = Board;

        fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
            let json_schema = ctx.schema.subschema_for::<Board>();
            let schema = Some(SchemaObject { json_schema, external_docs: None, example: None });
            let media = MediaType { schema, ..MediaType::default() };
            let response = |description: &str| Response {
                description: description.to_owned(),
                content: [("application/json".to_owned(), media.clone())].into_iter().collect(),
                ..Response::default()
            };
            vec![
                (Some(200), response("Every Worker is healthy or degraded.")),
                (Some(503), response("A Worker is unhealthy, or does not answer.")),
            ]
        }
    }
}
