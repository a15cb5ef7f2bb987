//! The bridge to workerd. JavaScript (`js/driver.mjs`) writes a request into memory, calls `sesh_start` and reads a
//! frame: either the answer, or the operations to perform first; it performs them and calls `sesh_resume` with the
//! replies. The futures are driven here, by hand: no promise is made for a request, and each crossing is one call with
//! plain bytes, past wasm-bindgen's glue. Queue and cron events take the same way, by `sesh_job`.
//!
//! A panic ends its own request only. It aborts the call it happened in; the request's task was taken out of
//! the table before it was polled, so every other task is untouched and goes on in the same instance. The
//! driver replaces the instance as soon as no request is in flight.

use crate::drive::{Step, Task};
use crate::http::Door;
use crate::io::{Io, Reply, SystemEntropy};
use crate::service::{Job, Service, failed};
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode, Uri};
use sesh_types::time::Timestamp;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use wasm_bindgen::prelude::*;

/// What a frame holds; its first word.
#[derive(Clone, Copy)]
#[repr(u32)]
enum Kind {
    /// The answer; nothing is left to do.
    Answer = 0,
    /// Operations to perform.
    Perform = 1,
    /// The answer, and deferred work: resume without replies.
    AnswerAndMore = 2,
    /// Deferred work is done.
    Finished = 3,
}

/// The headers that cross; the driver names each by its place here, as a letter from `a`.
static HEADERS: [HeaderName; 18] = [
    header::AUTHORIZATION,
    header::COOKIE,
    header::CONTENT_TYPE,
    HeaderName::from_static("idempotency-key"),
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    header::ORIGIN,
    header::HOST,
    header::USER_AGENT,
    HeaderName::from_static("cf-connecting-ip"),
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-sesh-client-address"),
    HeaderName::from_static("x-sesh-on-behalf"),
    HeaderName::from_static("x-sesh-actor"),
    header::ACCEPT,
    header::ACCEPT_LANGUAGE,
    header::UPGRADE,
    HeaderName::from_static("x-sesh-host"),
];

/// Headers of nearly every answer: the driver has them ready, in this order, and is told by bits which ones to take.
static COMMON: [(HeaderName, &str); 9] = [
    (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::CONTENT_TYPE, "application/json"),
    (header::CACHE_CONTROL, "private, no-cache"),
    (header::CACHE_CONTROL, "no-store"),
];

/// What JavaScript is about to read: words that say what and where, and the bytes they point at.
#[derive(Default)]
#[allow(dead_code, reason = "read from the other side")]
struct Left {
    words: [u32; 8],
    text: Vec<u8>,
    body: Bytes,
}

#[derive(Default)]
struct State {
    service: Option<Service>,
    next: u32,
    tasks: HashMap<u32, Task<Response<Bytes>>>,
    /// Where JavaScript writes before it calls.
    room: Vec<u8>,
    left: Left,
    /// Lines for the log, each ended by a line feed; they leave with the next frame.
    lines: Vec<u8>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

fn entropy() -> Arc<dyn crate::io::Entropy> {
    Arc::new(SystemEntropy)
}

fn clock(now_ms: f64) -> Timestamp {
    #[allow(clippy::cast_possible_truncation, reason = "JavaScript's clock is whole milliseconds below 2^53")]
    Timestamp(now_ms as i64)
}

fn word(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// An address, as JavaScript takes it.
fn place(bytes: &[u8]) -> u32 {
    word(bytes.as_ptr() as usize)
}

/// Takes a line for the log.
pub(crate) fn log(line: &str) {
    STATE.with_borrow_mut(|state| {
        state.lines.extend_from_slice(line.as_bytes());
        state.lines.push(b'\n');
    });
}

/// Reads the configuration: once an instance, before the first request. Returns the instance's raw exports.
pub fn configure(
    env: &worker::Env,
    make: impl FnOnce(&dyn crate::config::Environment) -> Service,
) -> JsValue {
    console_error_panic_hook::set_once();
    // A panic must not make the glue replace the instance while other requests are in flight in it: the driver
    // does so when none is.
    wasm_bindgen::handler::set_on_abort(|| {});
    let service = make(env);
    STATE.with_borrow_mut(|state| state.service = Some(service));
    wasm_bindgen::exports()
}

/// Makes room for `length` bytes that JavaScript writes before it calls one of the others.
pub fn room(length: u32) -> *mut u8 {
    STATE.with_borrow_mut(|state| {
        state.room = vec![0; length as usize];
        state.room.as_mut_ptr()
    })
}

/// The first `length` bytes of the room.
fn take(length: u32) -> Bytes {
    let mut room = STATE.with_borrow_mut(|state| std::mem::take(&mut state.room));
    room.truncate(length as usize);
    room.into()
}

/// Starts a request; the room holds `head` bytes of text and then the body. Returns where the frame is.
pub fn start(length: u32, head: u32, now_ms: f64) -> *const u32 {
    let io = Io::new(clock(now_ms), entropy());
    let mut bytes = take(length);
    let body = bytes.split_off((head as usize).min(bytes.len()));
    let Some((door, oversize, request)) = request(&bytes, body) else {
        return answer(0, Kind::Answer, refused("the head of a request is malformed", &io));
    };
    let Some(service) = STATE.with_borrow(|state| state.service.clone()) else {
        return answer(0, Kind::Answer, refused("not configured", &io));
    };
    let main = service.handle(door, request, oversize, io.clone());
    step(new_id(), Task::new(io, main))
}

/// Starts a job; the room holds a JSON array of messages, or nothing when the cron trigger fired. Its answer is empty:
/// 200 when it was done.
pub fn job(length: u32, now_ms: f64) -> *const u32 {
    let io = Io::new(clock(now_ms), entropy());
    let messages = take(length);
    let job = match crate::json::read(&messages) {
        _ if messages.is_empty() => Job::Tick,
        Ok(messages) => Job::Messages(messages),
        Err(error) => return answer(0, Kind::Answer, refused(&error.to_string(), &io)),
    };
    let Some(service) = STATE.with_borrow(|state| state.service.clone()) else {
        return answer(0, Kind::Answer, refused("not configured", &io));
    };
    let work = service.work(job, io.clone());
    let main = Box::pin(async move {
        let mut response = Response::default();
        if work.await.is_err() {
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        }
        response
    });
    step(new_id(), Task::new(io, main))
}

fn new_id() -> u32 {
    STATE.with_borrow_mut(|state| {
        state.next = state.next.wrapping_add(1);
        state.next
    })
}

/// Goes on with a request; the room holds the replies, or nothing for deferred work.
pub fn resume(id: u32, length: u32, now_ms: f64) -> *const u32 {
    let Some(task) = STATE.with_borrow_mut(|state| state.tasks.remove(&id)) else {
        return leave(Kind::Finished, id, 0, 0, Vec::new(), Bytes::new());
    };
    task.set_now(clock(now_ms));
    if length > 0 && deliver(&task, take(length)).is_none() {
        let io = Io::new(clock(now_ms), entropy());
        return answer(id, Kind::Answer, refused("the replies are malformed", &io));
    }
    step(id, task)
}

/// Reads replies: how many; of each its number and form. Form 0 is a JSON text behind its length; form 1 is rows read,
/// rows written, the number of statements, and the rows of each behind their length. Numbers have four bytes.
fn deliver(task: &Task<Response<Bytes>>, mut replies: Bytes) -> Option<()> {
    for _ in 0..number(&mut replies)? {
        let id = number(&mut replies)?;
        let reply = if number(&mut replies)? == 0 {
            crate::json::read(&text(&mut replies)?).ok()?
        } else {
            let (rows_read, rows_written) = (number(&mut replies)?.into(), number(&mut replies)?.into());
            let results = (0..number(&mut replies)?).map(|_| text(&mut replies)).collect::<Option<_>>()?;
            Reply::Rows { results, rows_read, rows_written }
        };
        task.deliver(id, reply);
    }
    Some(())
}

fn number(bytes: &mut Bytes) -> Option<u32> {
    let (four, _) = bytes.split_first_chunk()?;
    let number = u32::from_le_bytes(*four);
    let _ = bytes.split_to(4);
    Some(number)
}

fn text(bytes: &mut Bytes) -> Option<Bytes> {
    let length = number(bytes)? as usize;
    (length <= bytes.len()).then(|| bytes.split_to(length))
}

fn step(id: u32, mut task: Task<Response<Bytes>>) -> *const u32 {
    match task.step() {
        Step::Perform(ops) => {
            let ops = serde_json::to_vec(&ops).unwrap_or_default();
            STATE.with_borrow_mut(|state| state.tasks.insert(id, task));
            leave(Kind::Perform, id, 0, 0, ops, Bytes::new())
        }
        Step::Ready { output, more: false } => answer(id, Kind::Answer, output),
        Step::Ready { output, more: true } => {
            STATE.with_borrow_mut(|state| state.tasks.insert(id, task));
            answer(id, Kind::AnswerAndMore, output)
        }
        Step::Finished => leave(Kind::Finished, id, 0, 0, Vec::new(), Bytes::new()),
        Step::Stuck => {
            let io = Io::new(Timestamp(0), entropy());
            answer(id, Kind::Answer, refused("the handler waits for something that is no port", &io))
        }
    }
}

fn refused(cause: &str, io: &Io) -> Response<Bytes> {
    let request_id = io.new_id::<uuid::Uuid>().to_string();
    crate::log::write(&crate::log::Line {
        time: io.now().to_string(),
        level: "error",
        event: "bridge",
        request_id: &request_id,
        cause: Some(cause.to_owned()),
        ..crate::log::Line::default()
    });
    failed(crate::http::Failure::internal(cause), &request_id)
}

/// Reads a request's head, line by line: two digits that say whether it came through the internal door and whether
/// its body was too large to be read; verb; path and query; then each header behind its letter.
fn request(head: &Bytes, body: Bytes) -> Option<(Door, bool, Request<Bytes>)> {
    let mut lines = head.split(|byte| *byte == b'\n').map(|line| head.slice_ref(line));
    let marks = lines.next()?;
    let mut request = Request::new(body);
    *request.method_mut() = Method::from_bytes(&lines.next()?).ok()?;
    *request.uri_mut() = Uri::from_maybe_shared(lines.next()?).ok()?;
    let headers = request.headers_mut();
    for mut line in lines {
        let letter = line.first()?.wrapping_sub(b'a');
        let name = HEADERS.get(usize::from(letter))?;
        // A value that is no header value reads as absent.
        if let Ok(value) = HeaderValue::from_maybe_shared(line.split_off(1)) {
            headers.append(name, value);
        }
    }
    let door = if marks.first() == Some(&b'1') { Door::Internal } else { Door::Public };
    Some((door, marks.get(1) == Some(&b'1'), request))
}

fn answer(id: u32, kind: Kind, response: Response<Bytes>) -> *const u32 {
    let (parts, body) = response.into_parts();
    let (mut common, mut text) = (0_u32, Vec::with_capacity(256));
    for (name, value) in &parts.headers {
        let known = COMMON.iter().position(|(other, usual)| other == name && *usual == value);
        match known {
            Some(place) => common |= 1 << place,
            None if value.to_str().is_ok() => {
                text.extend_from_slice(name.as_str().as_bytes());
                text.push(b'\n');
                text.extend_from_slice(value.as_bytes());
                text.push(b'\n');
            }
            None => {}
        }
    }
    leave(kind, id, parts.status.as_u16().into(), common, text, body)
}

/// Leaves a frame where JavaScript reads it before its next call. Its words: kind; number; status, and above its 16 bits
/// those of [`COMMON`]; place and length of the text; length of the lines for the log, which follow it; place and length
/// of the body.
fn leave(kind: Kind, id: u32, status: u32, common: u32, mut text: Vec<u8>, body: Bytes) -> *const u32 {
    STATE.with_borrow_mut(|state| {
        let length = word(text.len());
        let lines = word(state.lines.len());
        text.append(&mut state.lines);
        let status = status | common << 16;
        let words = [kind as u32, id, status, place(&text), length, lines, place(&body), word(body.len())];
        state.left = Left { words, text, body };
        state.left.words.as_ptr()
    })
}

#[wasm_bindgen(module = "/js/runtime.mjs")]
extern "C" {
    /// Normalises text to a Unicode form.
    #[wasm_bindgen(js_name = normalizeText)]
    pub(crate) fn normalize(text: &str, form: &str) -> String;

    /// Minutes that a zone is ahead of UTC at a moment; nothing when there is no such zone.
    #[wasm_bindgen(js_name = zoneOffsetMinutes)]
    pub(crate) fn zone_offset_minutes(zone: &str, at_ms: f64) -> Option<f64>;
}

/// The entry points of a Worker: `worker_entry!(tracker::service)`, where `service` makes a
/// [`Service`] of an environment.
#[macro_export]
macro_rules! worker_entry {
    ($service:path) => {
        #[allow(unsafe_code, reason = "raw exports, so that a panic ends one request and not the instance")]
        mod entry {
            use wasm_bindgen::prelude::wasm_bindgen;
            use $crate::bridge;

            /// Reads the configuration, once an instance; returns its raw exports.
            #[wasm_bindgen]
            pub fn configure(env: worker::Env) -> wasm_bindgen::JsValue {
                bridge::configure(&env, $service)
            }

            /// Makes room for bytes.
            #[unsafe(no_mangle)]
            pub extern "C" fn sesh_room(length: u32) -> *mut u8 {
                bridge::room(length)
            }

            /// Starts a request: `head` bytes of text, then the body. Returns where the frame is.
            #[unsafe(no_mangle)]
            pub extern "C" fn sesh_start(length: u32, head: u32, now_ms: f64) -> *const u32 {
                bridge::start(length, head, now_ms)
            }

            /// Goes on with a request: replies, or nothing for deferred work. Returns where the frame is.
            #[unsafe(no_mangle)]
            pub extern "C" fn sesh_resume(id: u32, length: u32, now_ms: f64) -> *const u32 {
                bridge::resume(id, length, now_ms)
            }

            /// Starts a job: messages as JSON, or nothing for the cron trigger. Returns where the frame is.
            #[unsafe(no_mangle)]
            pub extern "C" fn sesh_job(length: u32, now_ms: f64) -> *const u32 {
                bridge::job(length, now_ms)
            }
        }
    };
}
