//! Open browsers and programs: each a real WebSocket at tracker's public address.

use crate::actors::{Caller, Person};
use crate::faults::Plan;
use crate::fleet::Worker;
use crate::http::Call;
use serde_json::Value;
use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::Duration;
use tungstenite::client::IntoClientRequest;
use tungstenite::{Error, HandshakeError, Message, WebSocket};
use ureq::http::{HeaderName, HeaderValue};

/// What came over a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A message, JSON.
    Message(Value),
    /// A text that is no JSON.
    Text(String),
    /// The end, with its code.
    Closed(u16),
    /// Nothing in time.
    Nothing,
}

/// Somebody who listens.
pub struct Listener {
    socket: WebSocket<TcpStream>,
    /// The greatest number heard.
    pub seq: i64,
    /// The first message.
    pub hello: Value,
}

/// A refused attempt: status and body.
pub type Refused = (u16, String);

impl Listener {
    /// Asks for a socket with these headers.
    ///
    /// # Errors
    /// What was answered instead.
    pub fn try_open(path: &str, headers: &[(&str, &str)]) -> Result<Self, Refused> {
        let url = Worker::Tracker.url();
        let address = url.strip_prefix("http://").unwrap();
        let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
        }
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
        let socket = match tungstenite::client(request, stream) {
            Ok((socket, _)) => socket,
            Err(HandshakeError::Failure(Error::Http(answer))) => {
                let body = answer.body().clone().unwrap_or_default();
                return Err((answer.status().as_u16(), String::from_utf8_lossy(&body).into_owned()));
            }
            Err(error) => panic!("no handshake: {error}"),
        };
        let mut listener = Self { socket, seq: 0, hello: Value::Null };
        match listener.heard_within(9_000) {
            Heard::Message(hello) if hello["kind"] == "hello" => listener.hello = hello,
            other => panic!("a hub says hello first: {other:?}"),
        }
        Ok(listener)
    }

    fn asked(person: &Person, path: &str, plan: Option<&Plan>) -> Result<Self, Refused> {
        let bearer = format!("Bearer {}", person.access);
        let mut headers =
            vec![("authorization", bearer.as_str()), ("cf-connecting-ip", person.address.as_str())];
        headers.extend(plan.map(Plan::header));
        Self::try_open(path, &headers)
    }

    /// Opens a socket of somebody's.
    #[track_caller]
    pub fn open(person: &Person) -> Self {
        Self::asked(person, "/api/v1/live", None).unwrap_or_else(|refused| panic!("{refused:?}"))
    }

    /// Opens one that comes back after a change.
    #[track_caller]
    pub fn back(person: &Person, after: i64) -> Self {
        Self::asked(person, &format!("/api/v1/live?after={after}"), None)
            .unwrap_or_else(|refused| panic!("{refused:?}"))
    }

    /// Tries to.
    ///
    /// # Errors
    /// What was answered instead.
    pub fn try_as(person: &Person) -> Result<Self, Refused> {
        Self::asked(person, "/api/v1/live", None)
    }

    /// Tries to, while something goes wrong.
    ///
    /// # Errors
    /// What was answered instead.
    pub fn try_under(person: &Person, plan: &Plan) -> Result<Self, Refused> {
        Self::asked(person, "/api/v1/live", Some(plan))
    }

    /// What comes next, if it does within so many milliseconds.
    pub fn heard_within(&mut self, ms: u64) -> Heard {
        self.socket.get_ref().set_read_timeout(Some(Duration::from_millis(ms))).unwrap();
        loop {
            return match self.socket.read() {
                Ok(Message::Text(text)) => match serde_json::from_str::<Value>(&text) {
                    Ok(message) => {
                        self.seq = self.seq.max(message["seq"].as_i64().unwrap_or_default());
                        Heard::Message(message)
                    }
                    Err(_) => Heard::Text(text.to_string()),
                },
                Ok(Message::Close(frame)) => Heard::Closed(frame.map_or(1005, |frame| frame.code.into())),
                Ok(_) => continue,
                Err(Error::Io(error))
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    Heard::Nothing
                }
                Err(_) => Heard::Closed(1006),
            };
        }
    }

    /// The messages of the next changes: kind, number and id of each.
    #[track_caller]
    pub fn changes(&mut self, count: usize) -> Vec<(String, i64, String)> {
        let mut changes = Vec::new();
        while changes.len() < count {
            match self.heard_within(9_000) {
                Heard::Message(message) => changes.push((
                    message["kind"].as_str().unwrap().to_owned(),
                    message["seq"].as_i64().unwrap(),
                    message["id"].as_str().unwrap_or_default().to_owned(),
                )),
                other => panic!("{other:?} after {changes:?}, where {count} changes were due"),
            }
        }
        changes
    }

    /// Sends a text.
    #[track_caller]
    pub fn say(&mut self, text: &str) {
        self.socket.send(Message::text(text)).unwrap();
    }

    /// Goes away, as a browser does that is closed.
    pub fn leave(mut self) {
        let _ = self.socket.close(None);
        // The answer to it.
        while !matches!(self.heard_within(1_000), Heard::Closed(_) | Heard::Nothing) {}
    }
}

/// The number of somebody's last change.
#[track_caller]
pub fn last_change(person: &Person) -> i64 {
    person.get("/api/v1/live").is(200).data()["seq"].as_i64().unwrap()
}

/// A plain request for the route.
pub fn plain(person: &Person) -> Call {
    person.call("GET", "/api/v1/live")
}
