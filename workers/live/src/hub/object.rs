//! The class of the Durable Objects. It holds nothing in memory that matters: sockets sleep with what they know attached
//! to them, and changes are in the object's database.
#![allow(unsafe_code, reason = "the class is exported by macros")]

use super::kept;
use super::rules::{self, Close, Door, Guest, Message};
use serde::Deserialize;
use sesh_types::contract::live::{self, Entrance, Seq, Told};
use sesh_types::envelope::{ErrorBody, ErrorCode, Failed};
use std::cell::RefCell;
use worker::worker_sys::WebSocketRequestResponsePair;
use worker::{
    Date, DurableObject, Env, Error, Request, Response, Result, SqlStorageValue, State, WebSocket,
    WebSocketIncomingMessage, WebSocketPair, durable_object,
};

/// A person's hub.
#[durable_object]
pub(crate) struct Hub {
    state: State,
    door: RefCell<Door>,
}

#[derive(Deserialize)]
struct Body {
    body: String,
}

#[derive(Deserialize)]
struct LastTold {
    told_ms: i64,
}

impl DurableObject for Hub {
    fn new(state: State, _: Env) -> Self {
        if let Ok(pair) = WebSocketRequestResponsePair::new(rules::PING, rules::PONG) {
            state.set_websocket_auto_response(&pair);
        }
        Self { state, door: RefCell::default() }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        match request.path().as_str() {
            live::SOCKET => self.open(&request).await,
            live::TOLD => self.told(request.json().await?).await,
            live::REVOKED => self.revoked(&request.json().await?),
            live::FORGET => self.forget().await,
            live::WELL => self.well(),
            _ => Response::error("no such path", 404),
        }
    }

    /// Closes sockets whose tokens have expired; forgets changes when nothing was told for long.
    async fn alarm(&self) -> Result<Response> {
        let now_ms = now_ms();
        let next = self.guests().into_iter().filter_map(|(socket, guest)| {
            let expired = guest.until_ms <= now_ms;
            if expired {
                close(&socket, rules::EXPIRED);
            }
            (!expired).then_some(guest.until_ms)
        });
        if let Some(until_ms) = next.min() {
            self.wake_by(until_ms).await?;
        } else if let Some(told_ms) = self.last_told()? {
            if told_ms + rules::IDLE_MS <= now_ms {
                self.state.storage().delete_all().await?;
            } else {
                self.wake_by(told_ms + rules::IDLE_MS).await?;
            }
        }
        Response::empty()
    }

    async fn websocket_message(&self, socket: WebSocket, _: WebSocketIncomingMessage) -> Result<()> {
        close(&socket, rules::UNASKED);
        Ok(())
    }

    async fn websocket_close(&self, socket: WebSocket, _: usize, _: String, _: bool) -> Result<()> {
        // Completes the closing, where the runtime has not done so.
        let _ = socket.close(Some(1000), Some(""));
        Ok(())
    }

    async fn websocket_error(&self, _: WebSocket, _: Error) -> Result<()> {
        Ok(())
    }
}

impl Hub {
    async fn open(&self, request: &Request) -> Result<Response> {
        let url = request.url()?;
        let entrance: Entrance = serde_urlencoded::from_str(url.query().unwrap_or_default())
            .map_err(|error| Error::RustError(error.to_string()))?;
        let now_ms = now_ms();
        if let Err(seconds) = self.door.borrow_mut().enter(now_ms) {
            return too_many(seconds);
        }
        self.make_room();
        let kept = self.changes_after(rules::wanted_after(&entrance))?;
        let (messages, seen) = rules::welcome(&entrance, kept);
        let WebSocketPair { client, server } = WebSocketPair::new()?;
        self.state.accept_websocket_with_tags(&server, &[&format!("device:{}", entrance.device)]);
        let Entrance { until_ms, epoch, .. } = entrance;
        server.serialize_attachment(Guest { since_ms: now_ms, until_ms, epoch, seen })?;
        for message in &messages {
            send(&server, message);
        }
        self.wake_by(until_ms).await?;
        Response::from_websocket(client)
    }

    /// Lets the oldest sockets go when there are too many for one more.
    fn make_room(&self) {
        let mut guests = self.guests();
        guests.sort_by_key(|(_, guest)| guest.since_ms);
        let surplus = (guests.len() + 1).saturating_sub(rules::MOST_SOCKETS);
        guests.iter().take(surplus).for_each(|(socket, _)| close(socket, rules::DISPLACED));
    }

    async fn told(&self, told: Told) -> Result<Response> {
        let now_ms = now_ms();
        if self.keep(&told, now_ms)? {
            for (socket, mut guest) in self.guests() {
                if guest.until_ms <= now_ms {
                    close(&socket, rules::EXPIRED);
                    continue;
                }
                for message in rules::tell(&mut guest, told.clone()) {
                    send(&socket, &message);
                }
                socket.serialize_attachment(guest)?;
            }
        }
        if self.state.storage().get_alarm().await?.is_none() {
            self.wake_by(now_ms + rules::IDLE_MS).await?;
        }
        done()
    }

    fn revoked(&self, revoked: &live::Revoked) -> Result<Response> {
        for (socket, guest) in self.guests() {
            if rules::is_ended(&guest, revoked, self.state.get_tags(&socket).contains(&revoked.subject)) {
                close(&socket, rules::REVOKED);
            }
        }
        done()
    }

    /// Closes every socket and keeps nothing, the alarm included.
    async fn forget(&self) -> Result<Response> {
        self.guests().iter().for_each(|(socket, _)| close(socket, rules::REVOKED));
        let storage = self.state.storage();
        storage.delete_alarm().await?;
        storage.delete_all().await?;
        done()
    }

    fn well(&self) -> Result<Response> {
        self.state.storage().sql().exec(kept::EXISTS, None)?;
        done()
    }

    /// Open sockets and what is known of them.
    fn guests(&self) -> Vec<(WebSocket, Guest)> {
        let sockets = self.state.get_websockets().into_iter().filter(is_open);
        sockets.filter_map(|socket| known(&socket).map(|guest| (socket, guest))).collect()
    }

    fn is_empty(&self) -> Result<bool> {
        let found: Vec<serde::de::IgnoredAny> =
            self.state.storage().sql().exec(kept::EXISTS, None)?.to_array()?;
        Ok(found.is_empty())
    }

    fn changes_after(&self, seq: Seq) -> Result<Vec<Told>> {
        if self.is_empty()? {
            return Ok(Vec::new());
        }
        let rows = self.state.storage().sql().exec(kept::AFTER, vec![SqlStorageValue::from(seq)])?;
        let rows: Vec<Body> = rows.to_array()?;
        Ok(rows.iter().filter_map(|row| kept::read(&row.body)).collect())
    }

    fn last_told(&self) -> Result<Option<i64>> {
        if self.is_empty()? {
            return Ok(None);
        }
        let row: LastTold = self.state.storage().sql().exec(kept::LAST_TOLD, None)?.one()?;
        Ok(Some(row.told_ms))
    }

    /// Keeps a change; says whether it is new.
    fn keep(&self, told: &Told, now_ms: i64) -> Result<bool> {
        let sql = self.state.storage().sql();
        sql.exec(kept::CREATE, None)?;
        let kind = serde_json::to_value(told.kind)?;
        let kept = sql.exec(
            kept::KEEP,
            vec![
                kept::slot(told.seq).into(),
                told.seq.into(),
                SqlStorageValue::String(kind.as_str().unwrap_or_default().to_owned()),
                SqlStorageValue::String(told.id.clone()),
                now_ms.into(),
            ],
        )?;
        Ok(kept.rows_written() > 0)
    }

    /// Sees to it that the alarm goes off by then. One that is set for earlier sets the next; so however often somebody
    /// comes in, few are written.
    async fn wake_by(&self, at_ms: i64) -> Result<()> {
        let storage = self.state.storage();
        if storage.get_alarm().await?.is_none_or(|set_ms| set_ms > at_ms) {
            storage.set_alarm((at_ms - now_ms()).max(0)).await?;
        }
        Ok(())
    }
}

fn now_ms() -> i64 {
    i64::try_from(Date::now().as_millis()).unwrap_or(i64::MAX)
}

fn is_open(socket: &WebSocket) -> bool {
    socket.as_ref().ready_state() == 1
}

fn known(socket: &WebSocket) -> Option<Guest> {
    socket.deserialize_attachment().ok().flatten()
}

/// A socket that is gone hears nothing, and misses nothing: it asks when it comes back.
fn send(socket: &WebSocket, message: &Message) {
    if let Ok(text) = serde_json::to_string(message) {
        let _ = socket.send_with_str(text);
    }
}

fn close(socket: &WebSocket, (code, reason): Close) {
    let _ = socket.close(Some(code), Some(reason));
}

fn done() -> Result<Response> {
    Ok(Response::empty()?.with_status(204))
}

fn too_many(seconds: i64) -> Result<Response> {
    let message = format!("Too many connections. Try again in {seconds} s.");
    let error = ErrorBody { code: ErrorCode::TooManyRequests, message, details: None, request_id: None };
    let response = Response::from_json(&Failed { success: false, error })?.with_status(429);
    response.headers().set("retry-after", &seconds.to_string())?;
    response.headers().set("cache-control", "no-store")?;
    Ok(response)
}
