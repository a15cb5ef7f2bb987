//! Forms with a file (`multipart/form-data`, RFC 7578), of a body that is there as a whole.

use super::page::Fields;
use super::{Failure, Refusal};
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt;
use sesh_types::envelope::ErrorCode;

/// The most parts that are read.
const MOST_PARTS: usize = 64;

/// Fields of a posted form, and its file if it has one. That the form is one of ours is its caller's to check.
#[derive(Clone, Debug, Default)]
pub struct PostedFile {
    /// The fields.
    pub fields: Fields,
    /// The bytes of the first file that is not empty.
    pub file: Option<Bytes>,
}

/// The boundary of a content type (RFC 2046, section 5.1.1).
fn boundary(content_type: &str) -> Option<&str> {
    let (essence, rest) = content_type.split_once(';')?;
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let value = rest.split(';').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then_some(value.trim().trim_matches('"'))
    })?;
    (1..=70).contains(&value.len()).then_some(value)
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

/// A parameter of `Content-Disposition`, as browsers write it: quoted, with `%22` for a quote within.
fn parameter<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    let (_, rest) = line.split_once(&format!("; {name}=\""))?;
    rest.split('"').next()
}

/// Reads all parts; none when the body is not what its boundary says.
fn read(body: &Bytes, boundary: &str) -> Option<PostedFile> {
    let mut posted = PostedFile::default();
    let line = format!("--{boundary}");
    let between = format!("\r\n{line}");
    let mut rest = body.strip_prefix(line.as_bytes())?;
    for _ in 0..MOST_PARTS {
        if rest.starts_with(b"--") {
            return Some(posted);
        }
        rest = rest.strip_prefix(b"\r\n")?;
        let head_end = find(rest, b"\r\n\r\n")?;
        let head = std::str::from_utf8(rest.get(..head_end)?).ok()?;
        let content = rest.get(head_end + 4..)?;
        let end = find(content, between.as_bytes())?;
        let value = content.get(..end)?;
        let name = parameter(head, "name")?;
        if parameter(head, "filename").is_some() {
            if posted.file.is_none() && !value.is_empty() {
                posted.file = Some(body.slice_ref(value));
            }
        } else {
            posted.fields = posted.fields.and(name, std::str::from_utf8(value).ok()?);
        }
        rest = content.get(end + between.len()..)?;
    }
    None
}

impl<S: Send + Sync> FromRequest<S> for PostedFile {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        if request.extensions().get::<super::body::Oversize>().is_some() {
            let most_kib = super::most_body_bytes(request.uri().path()) / 1024;
            let message = format!("The form is larger than {most_kib} KiB.");
            return Err(Refusal::new(ErrorCode::PayloadTooLarge, message).into());
        }
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default().to_owned();
        let bytes = request.into_body().collect().await.map_err(Failure::internal)?.to_bytes();
        if kind.starts_with("application/x-www-form-urlencoded") {
            return Ok(Self { fields: Fields::read(&bytes), file: None });
        }
        let Some(boundary) = boundary(&kind) else {
            let message = "Send a form, as multipart/form-data.";
            return Err(Refusal::new(ErrorCode::UnsupportedMediaType, message).into());
        };
        let malformed = || Refusal::new(ErrorCode::BadRequest, "The body is no form.");
        Ok(read(&bytes, boundary).ok_or_else(malformed)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn body(parts: &[(&str, Option<&str>, &[u8])]) -> Bytes {
        let mut body = Vec::new();
        for (name, file, value) in parts {
            let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
            body.extend_from_slice(
                format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").as_bytes(),
            );
            body.extend_from_slice(value);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--xyz--\r\n");
        body.into()
    }

    #[test]
    fn fields_and_the_file_are_read() {
        let whole = body(&[
            ("form", None, b"abc"),
            ("empty", Some(""), b""),
            ("file", Some("a \u{e9}.csv"), b"a,b\r\n1,--xy\r\n"),
        ]);
        let posted = read(&whole, "xyz").unwrap();
        assert_eq!(posted.fields.text("form"), "abc");
        assert_eq!(posted.file.as_deref(), Some(b"a,b\r\n1,--xy\r\n".as_slice()));
        assert!(read(&whole, "other").is_none());
        assert!(read(&whole.slice(..whole.len() - 9), "xyz").is_none(), "a body that was cut is none");
    }

    #[test]
    fn the_boundary_is_found() {
        assert_eq!(boundary("multipart/form-data; boundary=abc"), Some("abc"));
        assert_eq!(boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\""), Some("a b"));
        for none in ["multipart/form-data", "multipart/mixed; boundary=a", "multipart/form-data; boundary="] {
            assert_eq!(boundary(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn what_was_sent_is_what_is_read(file in proptest::collection::vec(any::<u8>(), 1..300), text in "[a-z \r\n]{0,40}") {
            prop_assume!(find(&file, b"\r\n--xyz").is_none());
            let posted = read(&body(&[("text", None, text.as_bytes()), ("file", Some("f"), &file)]), "xyz").unwrap();
            prop_assert_eq!(posted.file.as_deref(), Some(file.as_slice()));
            prop_assert_eq!(posted.fields.exact("text"), text);
        }

        #[test]
        fn nothing_makes_trouble(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&Bytes::from([b"--xyz".as_slice(), &bytes].concat()), "xyz");
        }
    }
}
