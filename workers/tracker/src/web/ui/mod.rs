//! Components of pages.

pub(crate) mod chart;
mod fields;
mod frame;
mod icons;

pub(crate) use fields::{
    Choice, Input, checks, chips, field, file, form, hidden, problems, scale, select, upload,
};
pub(crate) use frame::{Tab, bare, framed, front, page};
pub(crate) use icons::icon;

use crate::web::look::Look;
use maud::{Markup, html};
use sesh_types::contract::live::Seq;
use sesh_types::envelope::ErrorCode;

/// A text as part of a query string (RFC 3986: everything but unreserved characters is encoded).
pub(crate) fn encoded(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// A code as programs and tests read it off a page.
pub(crate) fn code_name(code: ErrorCode) -> String {
    serde_json::to_value(code).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A line that says what was just done; announced by screen readers.
pub(crate) fn notice(text: &str, more: Option<Markup>) -> Markup {
    html! {
        div.notice role="status" { p { (text) } @if let Some(more) = more { (more) } }
    }
}

/// What stands where there is nothing yet: why, and the one thing to do next.
pub(crate) fn empty(text: &str, path: &str, action: &str) -> Markup {
    html! {
        div.empty { p { (text) } p.actions { a.button href=(path) { (action) } } }
    }
}

/// What an open page listens by: the number of the last change that it shows, and what it says of a newer one.
pub(crate) fn live(look: &Look, seq: Seq) -> Markup {
    let p = look.pictures();
    html! {
        div hidden data-live=(seq) data-updated=(p.live_updated) data-new=(p.live_new) data-show=(p.live_show) {}
    }
}

/// One number, large, and what it is.
pub(crate) fn figure(label: &str, value: &str, more: Option<&str>) -> Markup {
    html! {
        div.figure { dt { (label) } dd { span.number { (value) } @if let Some(more) = more { span.more { (more) } } } }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_goes_into_an_address_is_encoded() {
        assert_eq!(super::encoded("/today?a=b&c=ñ"), "/today%3Fa%3Db%26c%3D%C3%B1");
    }
}
