//! Several Workers in one process, with service bindings, queues and a session cache between them.

use super::Database;
use crate::config::Environment;
use crate::drive::{Step, Task};
use crate::http::Door;
use crate::io::{Entropy, FetchCall, Fetched, Io, Mail, Op, PeerCall, PeerReply, Reply};
use crate::service::{Job, Service};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use serde_json::Value;
use sesh_types::time::Timestamp;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Variables and bindings from a map.
#[derive(Clone, Debug, Default)]
pub struct Vars {
    /// Variables and secrets.
    pub texts: BTreeMap<String, String>,
    /// Bindings that exist.
    pub bindings: BTreeSet<String>,
}

impl Environment for Vars {
    fn text(&self, name: &str) -> Option<String> {
        self.texts.get(name).cloned()
    }
    fn has_binding(&self, name: &str) -> bool {
        self.bindings.contains(name)
    }
}

/// Random bytes that follow from a seed (`SplitMix64`): reproducible, and good for nothing but tests.
pub struct Seeded(AtomicU64);

impl Seeded {
    /// Bytes that follow from this seed.
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut word = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let word = (word ^ (word >> 31)).to_le_bytes();
            chunk.iter_mut().zip(word).for_each(|(byte, random)| *byte = random);
        }
    }
}

struct Member {
    service: Service,
    database: RefCell<Database>,
    peers: BTreeMap<&'static str, &'static str>,
}

/// Who answers in place of everybody outside the fleet.
type Outsiders = dyn Fn(&FetchCall, Timestamp) -> Result<Fetched, String>;

/// The fleet in one process.
pub struct Fleet {
    members: BTreeMap<&'static str, Member>,
    cache: RefCell<BTreeMap<String, String>>,
    queued: RefCell<Vec<String>>,
    mails: RefCell<Vec<Mail>>,
    hubs: RefCell<Vec<(String, PeerCall)>>,
    mail_is_down: Cell<bool>,
    outside: RefCell<Box<Outsiders>>,
    now: Cell<Timestamp>,
    entropy: Arc<dyn Entropy>,
}

/// A request to make.
#[derive(Clone, Debug)]
pub struct Call {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Bytes,
}

/// An answer got.
#[derive(Debug)]
pub struct Got {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

impl Got {
    /// The body as JSON; `null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

impl Fleet {
    /// An empty fleet whose clock stands at `now`.
    pub fn new(now: Timestamp, seed: u64) -> Self {
        Self {
            members: BTreeMap::new(),
            cache: RefCell::default(),
            queued: RefCell::default(),
            mails: RefCell::default(),
            hubs: RefCell::default(),
            mail_is_down: Cell::new(false),
            outside: RefCell::new(Box::new(|call, _| Err(format!("nobody is at {}", call.url())))),
            now: Cell::new(now),
            entropy: Arc::new(Seeded::new(seed)),
        }
    }

    /// Adds a Worker with a migrated database; `peers` maps its service bindings to Workers.
    pub fn add(&mut self, service: Service, peers: &[(&'static str, &'static str)]) {
        let name = service.name();
        let database = RefCell::new(Database::migrated(name));
        self.members.insert(name, Member { service, database, peers: peers.iter().copied().collect() });
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.now.get()
    }

    /// Moves the clock forward.
    pub fn pass_ms(&self, ms: i64) {
        self.now.set(self.now.get().plus_ms(ms));
    }

    /// Looks into a Worker's database.
    ///
    /// # Panics
    /// When there is no such Worker.
    #[allow(clippy::expect_used, reason = "test support")]
    pub fn database<T>(&self, worker: &str, look: impl FnOnce(&mut Database) -> T) -> T {
        look(&mut self.members.get(worker).expect("a member of the fleet").database.borrow_mut())
    }

    /// Messages that wait in the queue.
    pub fn queued(&self) -> Vec<String> {
        self.queued.borrow().clone()
    }

    /// Mails that were sent, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.mails.borrow().clone()
    }

    /// What Durable Objects were asked since the last look, each with its object's name. All of them answer 204.
    pub fn hubs(&self) -> Vec<(String, PeerCall)> {
        self.hubs.take()
    }

    /// Lets nobody take mails, or somebody again.
    pub fn mail_is_down(&self, down: bool) {
        self.mail_is_down.set(down);
    }

    /// Sets who answers in place of everybody outside the fleet, given the time; until then nobody does.
    pub fn outside(&self, answer: impl Fn(&FetchCall, Timestamp) -> Result<Fetched, String> + 'static) {
        *self.outside.borrow_mut() = Box::new(answer);
    }

    /// Does a job on a Worker; says whether it succeeded.
    pub fn job(&self, worker: &str, job: Job) -> bool {
        let Some(member) = self.members.get(worker) else { return false };
        let io = self.io();
        let work = member.service.work(job, io.clone());
        matches!(self.drive(member, Task::new(io, work)), Some(Ok(())))
    }

    /// Calls a Worker's public door.
    pub fn call(&self, worker: &str, call: Call) -> Got {
        self.got(worker, Door::Public, call.into_request())
    }

    /// Calls a Worker's internal door, as a service binding would.
    pub fn call_internal(&self, worker: &str, call: Call) -> Got {
        self.got(worker, Door::Internal, call.into_request())
    }

    fn got(&self, worker: &str, door: Door, request: Request<Bytes>) -> Got {
        let response = self.respond(worker, door, request);
        let (parts, body) = response.into_parts();
        Got {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    fn respond(&self, worker: &str, door: Door, request: Request<Bytes>) -> Response<Bytes> {
        let stuck = || Response::builder().status(599).body(Bytes::new()).unwrap_or_default();
        let Some(member) = self.members.get(worker) else { return stuck() };
        let io = self.io();
        let oversize = request.body().len() > crate::http::most_body_bytes(request.uri().path());
        let main = member.service.handle(door, request, oversize, io.clone());
        self.drive(member, Task::new(io, main)).unwrap_or_else(stuck)
    }

    fn io(&self) -> Io {
        Io::new(self.now(), self.entropy.clone())
    }

    fn drive<T>(&self, member: &Member, mut task: Task<T>) -> Option<T> {
        let mut result = None;
        loop {
            match task.step() {
                Step::Perform(ops) => {
                    for (id, op) in ops {
                        task.deliver(id, self.perform(member, op));
                    }
                    task.set_now(self.now());
                }
                Step::Ready { output, more } => {
                    result = Some(output);
                    if !more {
                        return result;
                    }
                }
                Step::Finished => return result,
                Step::Stuck => return None,
            }
        }
    }

    fn perform(&self, member: &Member, op: Op) -> Reply {
        match op {
            Op::Db { batch } => member.database.borrow_mut().run(&batch),
            Op::KvGet { key } => Reply::Text(self.cache.borrow().get(&key).cloned()),
            Op::KvPut { key, value, .. } => {
                self.cache.borrow_mut().insert(key, value);
                Reply::Done
            }
            Op::KvDelete { key } => {
                self.cache.borrow_mut().remove(&key);
                Reply::Done
            }
            Op::Send { messages, .. } => {
                self.queued.borrow_mut().extend(messages);
                Reply::Done
            }
            Op::Peer(call) => self.peer(member, call),
            Op::Hub { name, call } => {
                self.hubs.borrow_mut().push((name, call));
                Reply::Peer(PeerReply { status: 204, body: String::new(), retry_after_seconds: None })
            }
            Op::Mail(_) if self.mail_is_down.get() => Reply::Failed("nobody takes mails".to_owned()),
            Op::Mail(mail) => {
                self.mails.borrow_mut().push(mail);
                Reply::Done
            }
            Op::Verify(signed) => Reply::Verified(super::verify(&signed)),
            Op::Fetch(call) => {
                (self.outside.borrow())(&call, self.now()).map_or_else(Reply::Failed, Reply::Fetched)
            }
            Op::Wait { ms } => {
                self.pass_ms(ms.into());
                Reply::Done
            }
        }
    }

    fn peer(&self, member: &Member, call: PeerCall) -> Reply {
        let Some(worker) = member.peers.get(call.binding) else {
            return Reply::Failed(format!("{} is not bound", call.binding));
        };
        let mut request = Request::builder().method(call.method).uri(&call.path);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        let request = request.body(call.body.unwrap_or_default().into()).unwrap_or_default();
        let got = self.got(worker, Door::Internal, request);
        let retry_after = got.headers.get(http::header::RETRY_AFTER);
        let retry_after_seconds = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
        Reply::Peer(PeerReply { status: got.status, body: got.text, retry_after_seconds })
    }
}

impl Call {
    /// A request with this verb and path, from an address of its own.
    pub fn new(method: &str, path: &str) -> Self {
        let address = ("cf-connecting-ip".to_owned(), "203.0.113.7".to_owned());
        Self { method: method.to_owned(), path: path.to_owned(), headers: vec![address], body: Bytes::new() }
    }

    /// With a header; an earlier one of the same name is replaced.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With an access token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        let text = body.to_string();
        self.header("content-type", "application/json").raw(text)
    }

    /// With these bytes as the body.
    #[must_use]
    pub fn raw(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    fn into_request(self) -> Request<Bytes> {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(self.body).unwrap_or_default()
    }
}
