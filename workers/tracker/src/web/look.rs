//! How somebody sees pages: language, colours, what is hidden. Also how failures look.

use super::amounts;
use super::theme::Theme;
use super::ui::{self, Tab};
use super::words::{Lang, Pictures, Plans, Texts};
use maud::html;
use sesh_edge::http::{Defect, Face, Failure, Page};
use sesh_types::access::feature_of;
use sesh_types::contract::staff::Impersonation;
use sesh_types::envelope::ErrorCode;
use std::sync::Arc;

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// As the device says.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Scheme {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// As attributes and cookies spell it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The scheme of this spelling.
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.code() == code)
    }
}

/// A path of ours that somebody may be sent to. Browsers leave tabs and line breaks out of addresses and read `\\` as `/`, so
/// none of them may stand in one: `/<tab>/evil.example` would be another host.
pub(crate) fn own_path(text: &str) -> Option<&str> {
    let ours = text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains(|c: char| c == '\\' || c.is_control());
    ours.then_some(text)
}

/// How somebody sees pages.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    pub(crate) lang: Lang,
    pub(crate) scheme: Scheme,
    /// Whether amounts are hidden.
    pub(crate) is_veiled: bool,
    /// The host's.
    pub(crate) theme: Arc<Theme>,
    /// The member of staff who sees this as the person, if one does.
    pub(crate) acting: Option<Impersonation>,
    /// Path and query of the page that was asked for.
    pub(crate) path: String,
    /// Whose page it is, as `tenant/person`: what a browser keeps for going on without a connection is theirs alone. Empty
    /// when nobody is signed in; nothing when that was not looked at.
    pub(crate) owner: Option<String>,
}

impl Look {
    /// The texts.
    pub(crate) const fn t(&self) -> &'static Texts {
        self.lang.texts()
    }

    /// The texts of goals, breaks and presets.
    pub(crate) const fn plans(&self) -> &'static Plans {
        self.lang.plans()
    }

    /// The texts of pictures, strains and what is left.
    pub(crate) const fn pictures(&self) -> &'static Pictures {
        self.lang.pictures()
    }

    /// Whether the page of a path is there: the host's tenant may have turned it off.
    pub(crate) fn shows(&self, path: &str) -> bool {
        feature_of(path).is_none_or(|feature| self.theme.offers(feature))
    }

    /// An amount, unless amounts are hidden.
    pub(crate) fn amount(&self, mg: i64) -> String {
        if self.is_veiled { amounts::VEILED.to_owned() } else { amounts::written(mg, self.lang) }
    }

    /// The way to sign in and back to this page.
    pub(crate) fn sign_in(&self) -> String {
        let next = self.path.split(['?', '#']).next().unwrap_or("/");
        format!("/sign-in?next={}", ui::encoded(if next == "/sign-in" { "/today" } else { next }))
    }
}

impl Face for Look {
    fn show(&self, failure: &Failure, request_id: &str) -> Page {
        let code = super::calls::code(failure).unwrap_or(ErrorCode::InternalError);
        if code == ErrorCode::Unauthorized {
            return Page::see_other(&self.sign_in());
        }
        let t = self.t();
        let ours = matches!(failure, Failure::Defect(_)) || code.status() >= 500;
        let (title, line) = match code {
            ErrorCode::NotFound | ErrorCode::MethodNotAllowed => (t.error_lost, t.error_lost_line.to_owned()),
            ErrorCode::TenantInactive => (t.error_closed, t.error_closed_line.to_owned()),
            ErrorCode::Forbidden => (t.error_forbidden, t.error_forbidden_line.to_owned()),
            ErrorCode::TooManyRequests => (t.error_wait, t.error_wait_line.to_owned()),
            ErrorCode::Impersonated => {
                let w = self.lang.access();
                (w.error_acting, w.error_acting_line.to_owned())
            }
            ErrorCode::PayloadTooLarge => {
                let w = self.lang.data();
                (w.error_large, w.error_large_line.to_owned())
            }
            ErrorCode::ServiceUnavailable => (t.error_busy, t.error_busy_line.to_owned()),
            ErrorCode::InternalError => (t.error_ours, t.error_ours_line.to_owned()),
            _ => (t.error_request, super::calls::message(failure)),
        };
        let content = html! {
            div.hero.error data-code=(ui::code_name(code)) {
                h1 { (title) }
                p.lead { (line) }
                @if ours { p { code { (request_id) } } }
                @if code == ErrorCode::TenantInactive {
                    @if let Some(address) = &self.theme.support_email { p { a href={ "mailto:" (address) } { (address) } } }
                } @else {
                    p.actions { a.button href="/today" { (t.home) } }
                }
            }
        };
        let status = match failure {
            Failure::Defect(Defect::Unavailable(_)) => 503,
            Failure::Defect(Defect::Internal(_)) => 500,
            Failure::Refusal(_) | Failure::Relayed(_) => code.status(),
        };
        let page = Page::html(status, ui::bare(self, title, &content));
        let seconds = if status == 503 { Some(2) } else { super::calls::wait_seconds(failure) };
        match seconds {
            Some(seconds) => page.header(http::header::RETRY_AFTER, &seconds.to_string()),
            None => page,
        }
    }
}

/// The parts of a page that stand around its content.
pub(crate) const fn tab_path(tab: Tab) -> &'static str {
    match tab {
        Tab::Today => "/today",
        Tab::Log => "/log",
        Tab::Stash => "/stash",
        Tab::Insights => "/insights",
        Tab::Elsewhere => "/account",
    }
}
