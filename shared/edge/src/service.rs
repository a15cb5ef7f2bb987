//! A Worker as a value: its routers behind two doors and its jobs. The same value answers on workerd and
//! natively in tests.

use crate::config::ConfigError;
use crate::drive::BoxFuture;
use crate::health::{self, Vitals};
use crate::http::{Defect, Door, Face, Failure, Outgoing, Refusal, RequestInfo, most_body_bytes};
use crate::io::Io;
use crate::{limit, log};
use axum::Router;
use axum::body::Body;
use axum::extract::MatchedPath;
use axum::response::IntoResponse;
use bytes::Bytes;
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, REFERRER_POLICY,
    RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE,
};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use sesh_types::contract::keys::CallLimit;
use sesh_types::envelope::{ErrorBody, ErrorCode, Failed};
use sesh_types::ids::PersonId;
use std::sync::{Arc, OnceLock};
use tower_service::Service as _;

/// Carries the request's id through the fleet, and to the client.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Carries the client's address across a service binding.
pub const X_CLIENT_ADDRESS: HeaderName = HeaderName::from_static("x-sesh-client-address");
/// Carries the host name that a client called across a service binding.
pub const X_HOST: HeaderName = HeaderName::from_static("x-sesh-host");
const CF_CONNECTING_IP: HeaderName = HeaderName::from_static("cf-connecting-ip");

/// Work that no request waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// The cron trigger fired.
    Tick,
    /// Messages of a queue, each a JSON text.
    Messages(Vec<String>),
}

type Jobs = Arc<dyn Fn(Job, Io) -> BoxFuture<Result<(), Failure>> + Send + Sync>;

/// A Worker: two routers, so that no public request can reach an internal route, and its jobs.
#[derive(Clone)]
pub struct Service {
    vitals: Arc<Vitals>,
    public: Router,
    internal: Router,
    jobs: Jobs,
    lost: Option<Lost>,
}

/// The face of what no route is there for, when somebody looks for a page.
pub type Lost = Arc<dyn Fn(&HeaderMap) -> Arc<dyn Face> + Send + Sync>;

impl Service {
    /// A Worker with its routes and jobs.
    pub fn new(vitals: Arc<Vitals>, public: Router, internal: Router, jobs: Jobs) -> Self {
        Self { vitals, public: fallbacks(public), internal: fallbacks(internal), jobs, lost: None }
    }

    /// Shows people who look for a page that is not there a page that says so.
    #[must_use]
    pub fn lost(mut self, face: Lost) -> Self {
        self.lost = Some(face);
        self
    }

    /// A Worker that lacks configuration: health names what is missing, everything else is 503.
    pub fn unconfigured(name: &'static str, error: &ConfigError) -> Self {
        let vitals = Arc::new(Vitals::new(name));
        let health = health::unconfigured(vitals.clone(), error.clone());
        let down = || async { Failure::unavailable("the Worker is not configured; see /api/health") };
        let router = Router::new().route("/api/health", health).fallback(down);
        let jobs: Jobs = Arc::new(|_, _| Box::pin(async { Err(Failure::unavailable("not configured")) }));
        Self { vitals, public: router.clone(), internal: router, jobs, lost: None }
    }

    /// The Worker's name.
    pub fn name(&self) -> &'static str {
        self.vitals.name
    }

    /// Answers a request. `oversize` says that its body was too large to be read.
    pub fn handle(
        &self,
        door: Door,
        request: Request<Bytes>,
        oversize: bool,
        io: Io,
    ) -> BoxFuture<Response<Bytes>> {
        self.vitals.started(io.now());
        let router = match door {
            Door::Public => self.public.clone(),
            Door::Internal => self.internal.clone(),
        };
        let name = self.vitals.name;
        let outgoing = Outgoing::default();
        if let Some(lost) = self.lost.as_ref().filter(|_| door == Door::Public && looks_for_a_page(&request))
        {
            outgoing.wear(lost(request.headers()));
        }
        Box::pin(answer(name, router, door, request, oversize, io, outgoing))
    }

    /// Does a job; what fails is logged here, once.
    pub fn work(&self, job: Job, io: Io) -> BoxFuture<Result<(), Failure>> {
        self.vitals.started(io.now());
        let work = (self.jobs)(job, io.clone());
        let name = self.vitals.name;
        Box::pin(async move {
            let begun = io.now();
            let result = work.await;
            if let Err(failure) = &result {
                let (rows_read, rows_written) = io.rows_touched();
                log::write(&log::Line {
                    time: io.now().to_string(),
                    level: "error",
                    worker: name,
                    event: "job",
                    duration_ms: io.now().0 - begun.0,
                    rows_read,
                    rows_written,
                    cause: Some(format!("{failure:?}")),
                    ..log::Line::default()
                });
            }
            result
        })
    }
}

fn fallbacks(router: Router) -> Router {
    let unknown = || async { Failure::not_found("route") };
    let wrong_verb = || async {
        crate::http::Refusal::new(ErrorCode::MethodNotAllowed, "This path does not take that verb.")
    };
    router.method_not_allowed_fallback(wrong_verb).fallback(unknown)
}

/// Whether this is somebody with a browser, and not a program.
fn looks_for_a_page(request: &Request<Bytes>) -> bool {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("text/html") && !request.uri().path().starts_with("/api/")
}

async fn answer(
    name: &'static str,
    mut router: Router,
    door: Door,
    request: Request<Bytes>,
    oversize: bool,
    io: Io,
    outgoing: Outgoing,
) -> Response<Bytes> {
    let begun = io.now();
    let (mut parts, body) = request.into_parts();
    let info = request_info(door, &parts.headers, &io);
    let method = parts.method.clone();
    let if_none_match = parts.headers.remove(IF_NONE_MATCH);
    let head = method == Method::HEAD;
    if head {
        parts.method = Method::GET;
    }
    parts.extensions.insert(io.clone());
    parts.extensions.insert(info.clone());
    parts.extensions.insert(outgoing.clone());
    if oversize || body.len() > most_body_bytes(parts.uri.path()) {
        parts.extensions.insert(crate::http::oversize());
    }
    let route = RouteName::default();
    parts.extensions.insert(route.clone());
    let request = Request::from_parts(parts, Body::from(body));
    let response = match router.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let refused = match response.extensions().get::<Failure>() {
        Some(Failure::Refusal(refusal)) => Some(refusal.code),
        _ => None,
    };
    let (mut response, cause) =
        finish(response, &info, &method, if_none_match.as_ref(), head, &outgoing).await;
    if let Some(limit) = route.0.limit.get() {
        limit::write(response.headers_mut(), limit);
    }
    let (rows_read, rows_written) = io.rows_touched();
    log::write(&log::Line {
        time: io.now().to_string(),
        level: if response.status().is_server_error() { "error" } else { "info" },
        worker: name,
        event: "request",
        request_id: &info.request_id,
        method: method.as_str(),
        route: route.get(),
        status: Some(response.status().as_u16()),
        duration_ms: io.now().0 - begun.0,
        rows_read,
        rows_written,
        refused,
        person: refused.and_then(|_| route.0.person.get().copied()),
        cause,
    });
    response
}

/// Where the router leaves the template of the route that matched, a caller whose token counts who they are, and one whose
/// calls are counted how they stand.
#[derive(Clone, Default)]
pub(crate) struct RouteName(Arc<Noted>);

#[derive(Default)]
struct Noted {
    path: OnceLock<MatchedPath>,
    person: OnceLock<PersonId>,
    limit: OnceLock<CallLimit>,
}

impl RouteName {
    pub(crate) fn set(&self, path: MatchedPath) {
        // The first match is the outermost; a second set would be the same route again.
        let _ = self.0.path.set(path);
    }

    pub(crate) fn person(&self, person: PersonId) {
        let _ = self.0.person.set(person);
    }

    pub(crate) fn limit(&self, limit: CallLimit) {
        // One caller a request, so there is no second.
        let _ = self.0.limit.set(limit);
    }

    fn get(&self) -> &str {
        self.0.path.get().map_or("", MatchedPath::as_str)
    }
}

fn request_info(door: Door, headers: &HeaderMap, io: &Io) -> RequestInfo {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let (request_id, address) = match door {
        Door::Public => (None, text(&CF_CONNECTING_IP)),
        Door::Internal => (text(&X_REQUEST_ID).map(str::to_owned), text(&X_CLIENT_ADDRESS)),
    };
    RequestInfo {
        request_id: request_id.unwrap_or_else(|| io.new_id::<uuid::Uuid>().to_string()),
        door,
        client_address: address.and_then(|text| text.trim().parse().ok()),
    }
}

/// Gives the answer its body if it failed, its entity tag, and the headers that every answer has.
async fn finish(
    response: axum::response::Response,
    info: &RequestInfo,
    method: &Method,
    if_none_match: Option<&HeaderValue>,
    head: bool,
    outgoing: &Outgoing,
) -> (Response<Bytes>, Option<String>) {
    let (mut parts, body) = response.into_parts();
    let mut body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let mut cause = None;
    if let Some(failure) = parts.extensions.remove::<Failure>() {
        if let Some(face) = outgoing.face() {
            let (shown, text) = face.show(&failure, &info.request_id).into_response().into_parts();
            (parts.status, parts.headers) = (shown.status, shown.headers);
            body = text.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        } else {
            body = write_failure(&failure, &info.request_id, &mut parts.headers);
        }
        cause = match failure {
            Failure::Refusal(_) | Failure::Relayed(_) => None,
            Failure::Defect(Defect::Internal(text) | Defect::Unavailable(text)) => Some(text.to_string()),
        };
    }
    let reading = matches!(*method, Method::GET | Method::HEAD);
    if reading && parts.status == StatusCode::OK {
        let tag = tag(&mut parts.headers, &body);
        if if_none_match
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| crate::http::tag_named(value, &tag))
        {
            parts.status = StatusCode::NOT_MODIFIED;
            parts.headers.remove(CONTENT_TYPE);
            body = Bytes::new();
        }
    }
    for cookie in outgoing.take_cookies() {
        parts.headers.append(SET_COOKIE, cookie);
    }
    let private = if reading { "private, no-cache" } else { "no-store" };
    parts.headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static(private));
    secure(&mut parts.headers, &info.request_id);
    if head {
        body = Bytes::new();
    }
    (Response::from_parts(parts, body), cause)
}

fn tag(headers: &mut HeaderMap, body: &[u8]) -> String {
    if let Some(tag) = headers.get(ETAG).and_then(|value| value.to_str().ok()) {
        return tag.to_owned();
    }
    let tag = crate::http::etag_of(body);
    if let Ok(value) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, value);
    }
    tag
}

fn secure(headers: &mut HeaderMap, request_id: &str) {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(X_REQUEST_ID, value);
    }
    for (name, value) in [
        ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    headers.entry(HeaderName::from_static("content-security-policy")).or_insert(HeaderValue::from_static(
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ));
}

fn write_failure(failure: &Failure, request_id: &str, headers: &mut HeaderMap) -> Bytes {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let (error, retry_after) = match failure {
        Failure::Relayed(reply) => {
            wait(headers, reply.retry_after_seconds);
            return Bytes::copy_from_slice(reply.body.as_bytes());
        }
        Failure::Refusal(refusal) => (
            ErrorBody {
                code: refusal.code,
                message: refusal.message.clone(),
                details: refusal.details.clone(),
                request_id: None,
            },
            refusal.retry_after_seconds,
        ),
        Failure::Defect(Defect::Internal(_)) => {
            (fault(ErrorCode::InternalError, "Something broke on our side.", request_id), None)
        }
        Failure::Defect(Defect::Unavailable(_)) => (
            fault(
                ErrorCode::ServiceUnavailable,
                "Not available right now. Try again in a moment.",
                request_id,
            ),
            Some(2),
        ),
    };
    wait(headers, retry_after);
    if let Failure::Refusal(Refusal { challenge: Some(challenge), .. }) = failure
        && let Ok(value) = HeaderValue::from_str(&challenge.to_string())
    {
        headers.insert(WWW_AUTHENTICATE, value);
    }
    serde_json::to_vec(&Failed { success: false, error }).unwrap_or_default().into()
}

fn wait(headers: &mut HeaderMap, seconds: Option<i64>) {
    if let Some(value) = seconds.and_then(|seconds| HeaderValue::from_str(&seconds.to_string()).ok()) {
        headers.insert(RETRY_AFTER, value);
    }
}

fn fault(code: ErrorCode, message: &str, request_id: &str) -> ErrorBody {
    let message = format!("{message} Quote the request id when you ask for help.");
    ErrorBody { code, message, details: None, request_id: Some(request_id.to_owned()) }
}

/// A failure as a finished answer, for faults found before or outside a handler.
pub fn failed(failure: Failure, request_id: &str) -> Response<Bytes> {
    let (mut parts, _) = failure.clone().into_response().into_parts();
    let body = write_failure(&failure, request_id, &mut parts.headers);
    secure(&mut parts.headers, request_id);
    Response::from_parts(parts, body)
}
