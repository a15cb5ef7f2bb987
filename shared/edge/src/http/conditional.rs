//! Conditional requests (RFC 9110, section 13): `ETag`, `If-None-Match`, `If-Match`.

use super::Failure;
use axum::extract::FromRequestParts;
use http::header::IF_MATCH;
use http::request::Parts;

/// The entity tag of a body: a hash of its bytes.
pub fn etag_of(body: &[u8]) -> String {
    format!("\"{:032x}\"", xxhash_rust::xxh3::xxh3_128(body))
}

/// The entity tag of a thing that counts its edits.
pub fn etag_of_version(version: i64) -> String {
    format!("\"v{version}\"")
}

/// Whether an `If-None-Match` value names this tag.
pub(crate) fn names(header: &str, etag: &str) -> bool {
    header.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

/// The version that an edit insists on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// No `If-Match`, or `*`: whatever is there.
    Any,
    /// Only this version.
    Version(i64),
    /// A tag that no version ever had: the edit must fail.
    Never,
}

impl IfMatch {
    /// The version for a statement: NULL means any.
    pub const fn version(self) -> Option<i64> {
        match self {
            Self::Any => None,
            Self::Version(version) => Some(version),
            Self::Never => Some(-1),
        }
    }

    pub(super) fn read(header: &str) -> Self {
        let text = header.trim();
        if text == "*" {
            return Self::Any;
        }
        text.strip_prefix("\"v")
            .and_then(|rest| rest.strip_suffix('"'))
            .and_then(|digits| digits.parse().ok())
            // Tags are compared byte for byte (RFC 9110, section 8.8.3.2): `"v+1"` and `"v01"` are none of ours.
            .filter(|version| etag_of_version(*version) == text)
            .map_or(Self::Never, Self::Version)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let header = parts.headers.get(IF_MATCH).and_then(|value| value.to_str().ok());
        Ok(header.map_or(Self::Any, Self::read))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions_and_refuses_what_it_never_gave() {
        assert_eq!(IfMatch::read("\"v12\""), IfMatch::Version(12));
        assert_eq!(IfMatch::read("*"), IfMatch::Any);
        assert_eq!(IfMatch::read("\"abc\""), IfMatch::Never);
        assert_eq!(etag_of_version(12), "\"v12\"");
    }

    #[test]
    fn finds_a_tag_in_a_list() {
        assert!(names("\"a\", W/\"b\"", "\"b\"") && names("*", "\"b\"") && !names("\"a\"", "\"b\""));
    }
}
