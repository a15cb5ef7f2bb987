//! What crosses the border between a handler and the world.

use super::{FetchCall, Fetched, Statement};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// One thing a handler asks of the world.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Op {
    /// Runs the statements as one atomic batch on this Worker's own database.
    Db {
        /// In order; all or none take effect.
        batch: Vec<Statement>,
    },
    /// Reads a text from the session cache; it may be up to a minute old at the edge.
    KvGet {
        /// The key.
        key: String,
    },
    /// Writes a text to the session cache.
    KvPut {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// Seconds until it vanishes, at least 60.
        ttl_seconds: u32,
    },
    /// Forgets a text of the session cache.
    KvDelete {
        /// The key.
        key: String,
    },
    /// Puts messages on a queue.
    Send {
        /// The name of the queue's binding.
        queue: &'static str,
        /// The messages, each a JSON text.
        messages: Vec<String>,
    },
    /// Calls another Worker over a service binding.
    Peer(PeerCall),
    /// Calls a Durable Object; the call's binding is that of its namespace.
    Hub {
        /// The object's name.
        name: String,
        /// The call.
        call: PeerCall,
    },
    /// Sends an e-mail.
    Mail(Mail),
    /// Verifies a signature with the runtime's own cryptography.
    Verify(Signed),
    /// Calls somebody outside the fleet, of whom the configuration knows.
    Fetch(FetchCall),
    /// Lets time pass.
    Wait {
        /// Milliseconds.
        ms: u32,
    },
}

/// An e-mail, over the binding `MAIL`.
#[derive(Clone, Debug, Serialize)]
pub struct Mail {
    /// The same at each attempt to send it; goes along as a header, by which a mail that came twice can be told.
    pub id: String,
    /// The sender's address, of a domain that the binding may send for.
    pub from: String,
    /// The one recipient.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
    /// The same body as HTML.
    pub html: String,
}

/// A signature and what it is said to be of; all in base64url.
#[derive(Clone, Debug, Serialize)]
pub struct Signed {
    /// `ES256` (ECDSA over P-256 with SHA-256), `EdDSA` (Ed25519) or `RS256` (RSASSA-PKCS1-v1_5 with SHA-256).
    pub algorithm: &'static str,
    /// The uncompressed point, the Ed25519 key, or modulus and exponent with a dot in between.
    pub key: String,
    /// 64 bytes, or as many as the modulus has.
    pub signature: String,
    /// What was signed.
    pub message: String,
}

/// A call to another Worker's internal door.
#[derive(Clone, Debug, Serialize)]
pub struct PeerCall {
    /// The name of the service binding.
    pub binding: &'static str,
    /// The HTTP verb.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// Headers to send.
    pub headers: Vec<(String, String)>,
    /// A JSON text, if there is a body.
    pub body: Option<String>,
}

/// What another Worker answered.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct PeerReply {
    /// The HTTP status.
    pub status: u16,
    /// The body as text.
    pub body: String,
    /// Its `Retry-After`, in seconds.
    #[serde(default)]
    pub retry_after_seconds: Option<i64>,
}

/// What the world answered.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The rows of each statement of a batch; they cross in a form of their own.
    #[serde(skip)]
    Rows {
        /// One JSON array of row objects a statement; see [`Rows`](super::Rows).
        results: Vec<Bytes>,
        /// Rows that the database read, index entries included.
        rows_read: u64,
        /// Rows that the database wrote, index entries included.
        rows_written: u64,
    },
    /// A text, or nothing.
    Text(Option<String>),
    /// What another Worker answered.
    Peer(PeerReply),
    /// Whether a signature is right.
    Verified(bool),
    /// What somebody outside the fleet answered.
    Fetched(Fetched),
    /// It is done.
    Done,
    /// It failed; the text is the cause, for the log and for nobody else.
    Failed(String),
}
