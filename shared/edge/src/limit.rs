//! Callers whose calls are counted: what answers say of it, in `RateLimit-Policy` and `RateLimit`
//! (draft-ietf-httpapi-ratelimit-headers-10).

use crate::http::{Failure, Refusal};
use crate::service::RouteName;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use sesh_types::contract::keys::CallLimit;
use sesh_types::envelope::ErrorCode;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Leaves how a caller stands; the answer, whichever it is, will say so.
pub fn tell(parts: &Parts, limit: CallLimit) {
    if let Some(route) = parts.extensions.get::<RouteName>() {
        route.limit(limit);
    }
}

/// 429 with the time to wait.
pub fn reached(limit: CallLimit) -> Failure {
    let message = format!("This key makes {} calls a minute at most. Wait a little.", limit.most);
    let mut refusal = Refusal::new(ErrorCode::TooManyRequests, message);
    refusal.retry_after_seconds = Some(limit.next_in_seconds.max(1));
    refusal.into()
}

pub(crate) fn write(headers: &mut HeaderMap, limit: &CallLimit) {
    let CallLimit { most, left, window_seconds, next_in_seconds } = limit;
    for (name, value) in [
        (POLICY, format!(r#""key";q={most};w={window_seconds}"#)),
        (LIMIT, format!(r#""key";r={left};t={next_in_seconds}"#)),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headers_are_those_of_the_draft() {
        let mut headers = HeaderMap::new();
        write(&mut headers, &CallLimit { most: 100, left: 50, window_seconds: 60, next_in_seconds: 30 });
        assert_eq!(headers["ratelimit-policy"], r#""key";q=100;w=60"#);
        assert_eq!(headers["ratelimit"], r#""key";r=50;t=30"#);
    }
}
