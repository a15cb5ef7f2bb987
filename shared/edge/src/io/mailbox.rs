//! The handle by which a handler reaches the ports, and the mailbox behind it.

use super::{Batch, DbError, FetchCall, Fetched, Mail, Op, PeerCall, PeerReply, Reply, Rows, Signed};
use sesh_types::time::Timestamp;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use uuid::Uuid;

/// Where random bytes come from.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with bytes that nobody can foresee.
    fn fill(&self, bytes: &mut [u8]);
}

/// The system's own random source (`WebCrypto` on Workers).
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            // Without randomness no secret is safe: ending this request is the only honest way on.
            std::process::abort();
        }
    }
}

type Deferred = Pin<Box<dyn Future<Output = ()> + Send>>;

#[derive(Default)]
struct Mailbox {
    next: u32,
    outbox: Vec<(u32, Op)>,
    inbox: HashMap<u32, Reply>,
    deferred: Vec<Deferred>,
}

struct Inner {
    mailbox: Mutex<Mailbox>,
    now: AtomicI64,
    rows_read: AtomicU64,
    rows_written: AtomicU64,
    entropy: Arc<dyn Entropy>,
}

/// The ports of one request or job. Cheap to clone.
#[derive(Clone)]
pub struct Io(Arc<Inner>);

impl Io {
    /// Ports whose clock stands at `now`.
    pub fn new(now: Timestamp, entropy: Arc<dyn Entropy>) -> Self {
        Self(Arc::new(Inner {
            mailbox: Mutex::default(),
            now: AtomicI64::new(now.0),
            rows_read: AtomicU64::new(0),
            rows_written: AtomicU64::new(0),
            entropy,
        }))
    }

    /// The time. It stands still between two port calls, as it does at the edge.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.0.now.load(Ordering::Relaxed))
    }

    pub(crate) fn set_now(&self, now: Timestamp) {
        self.0.now.store(now.0, Ordering::Relaxed);
    }

    /// `N` random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.entropy.fill(&mut bytes);
        bytes
    }

    /// A new `UUIDv7` (RFC 9562) of this moment.
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        let millis = u64::try_from(self.now().0).unwrap_or_default();
        T::from(uuid::Builder::from_unix_timestamp_millis(millis, &self.random()).into_uuid())
    }

    /// Runs a batch on this Worker's database: all of it or nothing.
    ///
    /// # Errors
    /// Why it took no effect; see [`DbError`]. After [`DbError::Unavailable`] it may have taken effect all the
    /// same, which is why every mutation has an idempotency key.
    pub async fn db(&self, batch: impl Into<Batch>) -> Result<Rows, DbError> {
        let Batch(batch) = batch.into();
        if batch.is_empty() {
            return Ok(Rows(Vec::new()));
        }
        match self.call(Op::Db { batch }).await {
            Reply::Rows { results, rows_read, rows_written } => {
                self.0.rows_read.fetch_add(rows_read, Ordering::Relaxed);
                self.0.rows_written.fetch_add(rows_written, Ordering::Relaxed);
                Ok(Rows(results))
            }
            Reply::Failed(cause) => Err(DbError::classify(&cause)),
            other => Err(DbError::Unavailable(format!("unexpected reply {other:?}"))),
        }
    }

    /// Rows that this request's batches read and wrote so far, as the database counts and bills them.
    pub fn rows_touched(&self) -> (u64, u64) {
        (self.0.rows_read.load(Ordering::Relaxed), self.0.rows_written.load(Ordering::Relaxed))
    }

    /// Reads from the session cache. A failing cache is an empty cache.
    pub async fn kv_get(&self, key: String) -> Option<String> {
        match self.call(Op::KvGet { key }).await {
            Reply::Text(text) => text,
            _ => None,
        }
    }

    /// Writes to the session cache; whether it worked does not matter, the database decides.
    pub async fn kv_put(&self, key: String, value: String, ttl_seconds: u32) {
        self.call(Op::KvPut { key, value, ttl_seconds }).await;
    }

    /// Forgets an entry of the session cache.
    pub async fn kv_delete(&self, key: String) {
        self.call(Op::KvDelete { key }).await;
    }

    /// Puts JSON texts on a queue.
    ///
    /// # Errors
    /// The cause, when the queue did not take them.
    pub async fn send(&self, queue: &'static str, messages: Vec<String>) -> Result<(), String> {
        match self.call(Op::Send { queue, messages }).await {
            Reply::Done => Ok(()),
            Reply::Failed(cause) => Err(cause),
            other => Err(format!("unexpected reply {other:?}")),
        }
    }

    /// Calls another Worker's internal door.
    ///
    /// # Errors
    /// The cause, when there was no answer; an answer of any status is `Ok`.
    pub async fn peer(&self, call: PeerCall) -> Result<PeerReply, String> {
        match self.call(Op::Peer(call)).await {
            Reply::Peer(reply) => Ok(reply),
            Reply::Failed(cause) => Err(cause),
            other => Err(format!("unexpected reply {other:?}")),
        }
    }

    /// Calls a Durable Object by its name; the call's binding is that of its namespace.
    ///
    /// # Errors
    /// The cause, when there was no answer; an answer of any status is `Ok`.
    pub async fn hub(&self, name: String, call: PeerCall) -> Result<PeerReply, String> {
        match self.call(Op::Hub { name, call }).await {
            Reply::Peer(reply) => Ok(reply),
            Reply::Failed(cause) => Err(cause),
            other => Err(format!("unexpected reply {other:?}")),
        }
    }

    /// Sends an e-mail.
    ///
    /// # Errors
    /// The cause, when nobody took it.
    pub async fn mail(&self, mail: Mail) -> Result<(), String> {
        match self.call(Op::Mail(mail)).await {
            Reply::Done => Ok(()),
            Reply::Failed(cause) => Err(cause),
            other => Err(format!("unexpected reply {other:?}")),
        }
    }

    /// Whether a signature is right; a key or a signature that is malformed is wrong.
    ///
    /// # Errors
    /// The cause, when the runtime does not say.
    pub async fn verify(&self, signed: Signed) -> Result<bool, String> {
        match self.call(Op::Verify(signed)).await {
            Reply::Verified(right) => Ok(right),
            Reply::Failed(cause) => Err(cause),
            other => Err(format!("unexpected reply {other:?}")),
        }
    }

    /// Calls somebody outside the fleet. Redirections are not followed, and what takes long or is large is no answer.
    ///
    /// # Errors
    /// The cause, when there was no answer; an answer of any status is `Ok`.
    pub async fn fetch(&self, call: FetchCall) -> Result<Fetched, String> {
        match self.call(Op::Fetch(call)).await {
            Reply::Fetched(fetched) => Ok(fetched),
            Reply::Failed(cause) => Err(cause),
            other => Err(format!("unexpected reply {other:?}")),
        }
    }

    /// Lets time pass; other requests go on meanwhile.
    pub async fn wait_ms(&self, ms: u32) {
        self.call(Op::Wait { ms }).await;
    }

    /// Work to do after the answer is on its way; it may be lost in a crash, so nothing may depend on it alone.
    pub fn defer(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.mailbox().deferred.push(Box::pin(work));
    }

    pub(crate) fn take_deferred(&self) -> Vec<Deferred> {
        std::mem::take(&mut self.mailbox().deferred)
    }

    pub(crate) fn take_outbox(&self) -> Vec<(u32, Op)> {
        std::mem::take(&mut self.mailbox().outbox)
    }

    pub(crate) fn deliver(&self, id: u32, reply: Reply) {
        self.mailbox().inbox.insert(id, reply);
    }

    fn mailbox(&self) -> MutexGuard<'_, Mailbox> {
        self.0.mailbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn call(&self, op: Op) -> Call {
        Call { io: self.clone(), state: CallState::Unsent(Some(op)) }
    }
}

/// A port call in flight: asks at its first poll, is ready when the reply has been delivered.
struct Call {
    io: Io,
    state: CallState,
}

enum CallState {
    Unsent(Option<Op>),
    Sent(u32),
}

impl Future for Call {
    type Output = Reply;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Reply> {
        let io = self.io.clone();
        let mut mailbox = io.mailbox();
        match &mut self.state {
            CallState::Unsent(op) => {
                let id = mailbox.next;
                mailbox.next += 1;
                if let Some(op) = op.take() {
                    mailbox.outbox.push((id, op));
                }
                self.state = CallState::Sent(id);
                Poll::Pending
            }
            CallState::Sent(id) => mailbox.inbox.remove(id).map_or(Poll::Pending, Poll::Ready),
        }
    }
}
