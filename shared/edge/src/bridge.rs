//! The bridge to workerd. JavaScript (`js/driver.mjs`) writes a request into memory, calls `sesh_start` and reads a
//! frame of bytes: either the answer, or the operations to perform first; it performs them and calls `sesh_resume`
//! with the replies. The futures are driven here, by hand: no promise is made for a request, and each crossing is
//! one call with plain bytes, past wasm-bindgen's glue.
//!
//! Queue and cron events come through the `worker` crate's own entry points and run the same tasks in
//! [`run_job`].
//!
//! A panic ends its own request only. It aborts the call it happened in; the request's task was taken out of
//! the table before it was polled, so every other task is untouched and goes on in the same instance. The
//! driver replaces the instance as soon as no request is in flight.

use crate::drive::{Step, Task};
use crate::http::Door;
use crate::io::{Io, Op, Reply, SystemEntropy};
use crate::service::{Job, Service, failed};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};
use sesh_types::time::Timestamp;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use wasm_bindgen::prelude::*;

/// What a frame holds; its first byte.
#[repr(u8)]
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

#[derive(serde::Deserialize)]
struct Delivered(u32, Reply);

#[derive(Default)]
struct State {
    service: Option<Service>,
    next: u32,
    tasks: HashMap<u32, Task<Response<Bytes>>>,
    /// The frame that JavaScript is about to read.
    left: Vec<u8>,
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

/// Whether the Worker has read its configuration in this instance.
pub fn is_configured() -> bool {
    STATE.with_borrow(|state| state.service.is_some())
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

/// Makes room for `length` bytes that JavaScript writes and hands back with `sesh_start` or `sesh_resume`.
pub fn alloc(length: u32) -> *mut u8 {
    Box::into_raw(vec![0_u8; length as usize].into_boxed_slice()).cast()
}

/// Takes back what JavaScript wrote.
///
/// # Safety
/// `place` must come from [`alloc`] with the same `length`, and be taken once.
#[allow(unsafe_code, reason = "the one place where bytes enter without wasm-bindgen's glue")]
pub unsafe fn take(place: *mut u8, length: u32) -> Vec<u8> {
    let slice = std::ptr::slice_from_raw_parts_mut(place, length as usize);
    // SAFETY: as the caller promises.
    unsafe { Box::from_raw(slice) }.into_vec()
}

/// Leaves a frame where JavaScript reads it before its next call; the first four bytes are its length.
pub fn leave(frame: Vec<u8>) -> *const u8 {
    STATE.with_borrow_mut(|state| {
        state.left.clear();
        state.left.extend(u32::try_from(frame.len()).unwrap_or_default().to_le_bytes());
        state.left.extend(frame);
        state.left.as_ptr()
    })
}

/// The head of a request as JavaScript writes it, in JSON.
#[derive(serde::Deserialize)]
struct Head<'a>(
    /// Whether it came through the internal door.
    bool,
    /// Whether the body was too large to be read.
    bool,
    /// HTTP verb.
    std::borrow::Cow<'a, str>,
    /// Path and query.
    std::borrow::Cow<'a, str>,
    /// Names and values of headers.
    Vec<(std::borrow::Cow<'a, str>, String)>,
);

/// Starts a request; returns a frame. `head` bytes of JSON come first, then the body.
pub fn start(mut bytes: Vec<u8>, head: u32, now_ms: f64) -> Vec<u8> {
    let io = Io::new(clock(now_ms), entropy());
    let body = bytes.split_off((head as usize).min(bytes.len()));
    let (door, oversize, request) = match request(&bytes, body) {
        Ok(understood) => understood,
        Err(error) => return answer_frame(&refused(&error, &io), Kind::Answer, 0),
    };
    let Some(service) = STATE.with_borrow(|state| state.service.clone()) else {
        return answer_frame(&refused("not configured", &io), Kind::Answer, 0);
    };
    let main = service.handle(door, request, oversize, io.clone());
    let id = STATE.with_borrow_mut(|state| {
        state.next = state.next.wrapping_add(1);
        state.next
    });
    step(id, Task::new(io, main))
}

/// Goes on with a request; `replies` is a JSON array of `[number, reply]`, or empty for deferred work.
pub fn resume(id: u32, replies: &[u8], now_ms: f64) -> Vec<u8> {
    let Some(task) = STATE.with_borrow_mut(|state| state.tasks.remove(&id)) else {
        return frame(Kind::Finished, id, &[], &[]);
    };
    task.set_now(clock(now_ms));
    if !replies.is_empty() {
        match serde_json::from_slice::<Vec<Delivered>>(replies) {
            Ok(delivered) => delivered.into_iter().for_each(|Delivered(op, reply)| task.deliver(op, reply)),
            Err(error) => {
                let io = Io::new(clock(now_ms), entropy());
                return answer_frame(&refused(&error.to_string(), &io), Kind::Answer, id);
            }
        }
    }
    step(id, task)
}

fn step(id: u32, mut task: Task<Response<Bytes>>) -> Vec<u8> {
    match task.step() {
        Step::Perform(ops) => {
            let ops = serde_json::to_vec(&ops).unwrap_or_default();
            STATE.with_borrow_mut(|state| state.tasks.insert(id, task));
            frame(Kind::Perform, id, &ops, &[])
        }
        Step::Ready { output, more: false } => answer_frame(&output, Kind::Answer, id),
        Step::Ready { output, more: true } => {
            STATE.with_borrow_mut(|state| state.tasks.insert(id, task));
            answer_frame(&output, Kind::AnswerAndMore, id)
        }
        Step::Finished => frame(Kind::Finished, id, &[], &[]),
        Step::Stuck => {
            let io = Io::new(Timestamp(0), entropy());
            answer_frame(&refused("the handler waits for something that is no port", &io), Kind::Answer, id)
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

fn request(head: &[u8], body: Vec<u8>) -> Result<(Door, bool, Request<Bytes>), String> {
    let Head(internal, oversize, method, path, names) =
        serde_json::from_slice(head).map_err(|error| error.to_string())?;
    let mut request = Request::builder().method(&*method).uri(&*path);
    if let Some(headers) = request.headers_mut() {
        for (name, value) in names {
            // A value that is no header value reads as absent.
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(&*name), HeaderValue::try_from(value)) {
                headers.append(name, value);
            }
        }
    }
    let door = if internal { Door::Internal } else { Door::Public };
    Ok((door, oversize, request.body(body.into()).map_err(|error| error.to_string())?))
}

fn answer_frame(response: &Response<Bytes>, kind: Kind, id: u32) -> Vec<u8> {
    let headers: Vec<(&str, &str)> = response
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    let head = serde_json::to_vec(&(response.status().as_u16(), headers)).unwrap_or_default();
    frame(kind, id, &head, response.body())
}

/// `kind` (1 byte), `id` (4, little endian), length of `head` (4, little endian), `head`, `body`.
fn frame(kind: Kind, id: u32, head: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(9 + head.len() + body.len());
    bytes.push(kind as u8);
    bytes.extend(id.to_le_bytes());
    bytes.extend(u32::try_from(head.len()).unwrap_or_default().to_le_bytes());
    bytes.extend(head);
    bytes.extend(body);
    bytes
}

#[wasm_bindgen(module = "/js/perform.mjs")]
extern "C" {
    /// Performs operations on the Worker's bindings; takes and returns JSON texts.
    #[wasm_bindgen(js_name = performText)]
    async fn perform_text(env: &JsValue, ops: &str) -> JsValue;

    /// Normalises text to a Unicode form.
    #[wasm_bindgen(js_name = normalizeText)]
    pub(crate) fn normalize(text: &str, form: &str) -> String;

    /// Minutes that a zone is ahead of UTC at a moment; nothing when there is no such zone.
    #[wasm_bindgen(js_name = zoneOffsetMinutes)]
    pub(crate) fn zone_offset_minutes(zone: &str, at_ms: f64) -> Option<f64>;
}

/// Does a job to its end; the future is a promise's, as queue and cron events are not in a hurry.
///
/// # Errors
/// When the job failed; its cause is in the log.
pub async fn run_job(env: &worker::Env, job: Job) -> Result<(), ()> {
    let Some(service) = STATE.with_borrow(|state| state.service.clone()) else { return Err(()) };
    let io = Io::new(clock(js_sys::Date::now()), entropy());
    let mut task = Task::new(io.clone(), service.work(job, io));
    let mut result = Err(());
    loop {
        match task.step() {
            Step::Perform(ops) => perform(env, &mut task, &ops).await,
            Step::Ready { output, more } => {
                result = output.map_err(|_| ());
                if !more {
                    return result;
                }
            }
            Step::Finished => return result,
            Step::Stuck => return Err(()),
        }
    }
}

async fn perform<T>(env: &worker::Env, task: &mut Task<T>, ops: &[(u32, Op)]) {
    let text = serde_json::to_string(ops).unwrap_or_default();
    let replies = perform_text(env.as_ref(), &text).await.as_string().unwrap_or_default();
    let delivered: Vec<Delivered> = serde_json::from_str(&replies).unwrap_or_default();
    if delivered.is_empty() {
        for (id, _) in ops {
            task.deliver(*id, Reply::Failed("no reply".into()));
        }
    }
    for Delivered(id, reply) in delivered {
        task.deliver(id, reply);
    }
    task.set_now(clock(js_sys::Date::now()));
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
            use $crate::service::Job;

            /// Reads the configuration, once an instance; returns its raw exports.
            #[wasm_bindgen]
            pub fn configure(env: worker::Env) -> wasm_bindgen::JsValue {
                bridge::configure(&env, $service)
            }

            /// Makes room for bytes.
            #[unsafe(no_mangle)]
            pub extern "C" fn sesh_alloc(length: u32) -> *mut u8 {
                bridge::alloc(length)
            }

            /// Starts a request: `head` bytes of JSON, then the body. Returns where the frame is.
            #[unsafe(no_mangle)]
            pub extern "C" fn sesh_start(place: *mut u8, length: u32, head: u32, now_ms: f64) -> *const u8 {
                // SAFETY: the driver hands over what it wrote into `sesh_alloc`'s room, once.
                let bytes = unsafe { bridge::take(place, length) };
                bridge::leave(bridge::start(bytes, head, now_ms))
            }

            /// Goes on with a request: replies as JSON, or nothing for deferred work. Returns where the frame is.
            #[unsafe(no_mangle)]
            pub extern "C" fn sesh_resume(id: u32, place: *mut u8, length: u32, now_ms: f64) -> *const u8 {
                // SAFETY: the driver hands over what it wrote into `sesh_alloc`'s room, once.
                let bytes = unsafe { bridge::take(place, length) };
                bridge::leave(bridge::resume(id, &bytes, now_ms))
            }

            /// The cron trigger fired.
            #[worker::event(scheduled)]
            async fn scheduled(_: worker::ScheduledEvent, env: worker::Env, _: worker::ScheduleContext) {
                if !bridge::is_configured() {
                    let _ = bridge::configure(&env, $service);
                }
                // What failed is in the log, and due again at the next tick.
                let _ = bridge::run_job(&env, Job::Tick).await;
            }

            /// A batch of messages came; all of them are taken, or all are sent again.
            #[worker::event(queue)]
            async fn queue(
                batch: worker::MessageBatch<String>,
                env: worker::Env,
                _: worker::Context,
            ) -> worker::Result<()> {
                use worker::MessageExt as _;
                if !bridge::is_configured() {
                    let _ = bridge::configure(&env, $service);
                }
                let texts = batch.raw_iter().filter_map(|message| message.body().as_string()).collect();
                match bridge::run_job(&env, Job::Messages(texts)).await {
                    Ok(()) => batch.ack_all(),
                    Err(()) => batch.retry_all(),
                }
                Ok(())
            }
        }
    };
}
