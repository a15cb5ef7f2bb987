//! What stands around every page: head, bar, person's menu.

use super::icon;
use crate::web::assets;
use crate::web::look::{Look, Scheme, tab_path};
use crate::web::theme::Theme;
use maud::{DOCTYPE, Markup, html};

/// Where a page belongs in the bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    /// What was used and what is left.
    Today,
    /// Logging.
    Log,
    /// What there is.
    Stash,
    /// Pictures and sums.
    Insights,
    /// Behind the person's menu.
    Elsewhere,
}

/// `about` is what search engines say of the page; without it they are asked to leave it out, as what people do here is
/// their own.
fn head(look: &Look, title: &str, about: Option<&str>) -> Markup {
    html! {
        meta charset="utf-8";
        meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
        title { (title) " · " (look.theme.name) }
        link rel="stylesheet" href=(assets::STYLE.path());
        @if let Some(path) = look.theme.style_path() { link rel="stylesheet" href=(path); }
        @match look.theme.logo_path() {
            Some(path) => link rel="icon" type="image/png" href=(path);,
            None => link rel="icon" type="image/svg+xml" href=(assets::ICON.path());,
        }
        link rel="apple-touch-icon" href=(assets::ICON_192.path());
        link rel="manifest" href="/manifest.webmanifest";
        meta name="color-scheme" content=(match look.scheme { Scheme::Auto => "light dark", other => other.code() });
        @match about {
            Some(about) => meta name="description" content=(about);,
            None => meta name="robots" content="noindex";,
        }
        script type="module" src=(assets::SCRIPT.path()) {}
    }
}

/// A tenant's logo, if there is one, and what the app is called. The logo has its size from the start, so nothing moves.
fn brand(theme: &Theme) -> Markup {
    const HEIGHT: u32 = 28;
    html! {
        @if let (Some(logo), Some(path)) = (&theme.logo, theme.logo_path()) {
            img src=(path) alt="" height=(HEIGHT) width=((logo.width * HEIGHT).div_ceil(logo.height.max(1)).min(4 * HEIGHT));
        }
        span { (theme.name) }
    }
}

fn document(look: &Look, class: &str, head: &Markup, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        // A script that is loaded after all else: what a page does without a connection.
        html lang=(look.lang.code()) data-scheme=(look.scheme.code()) data-veiled[look.is_veiled]
            data-person=[look.owner.as_deref()] data-offline=(assets::OFFLINE.name()) {
            head { (head) }
            body class=(class) {
                a.skip href="#main" { (look.t().skip) }
                (body)
            }
        }
    }
    .into_string()
}

/// Says on every page that staff see it as the person does.
fn banner(look: &Look) -> Markup {
    html! {
        @if let Some(acting) = &look.acting {
            aside.acting aria-label=(look.lang.access().acting) {
                p { (look.lang.acting(&acting.staff_name, acting.expires_at)) " " (acting.reason) }
                a href="/acting" { (look.lang.access().acting_end) }
            }
        }
    }
}

/// A page of somebody who is signed in.
pub(crate) fn page(look: &Look, tab: Tab, title: &str, content: &Markup) -> String {
    framed(look, tab, title, &html! {}, content)
}

/// A page in the frame of those who are signed in, with more in its head.
pub(crate) fn framed(look: &Look, tab: Tab, title: &str, more: &Markup, content: &Markup) -> String {
    let t = look.t();
    let tabs = [
        (Tab::Today, "today", t.today),
        (Tab::Log, "log", t.log),
        (Tab::Stash, "stash", t.stash),
        (Tab::Insights, "insights", t.insights),
    ];
    let body = html! {
        header.top {
            a.brand href="/today" { (brand(&look.theme)) }
            nav.person aria-label=(t.account) {
                a href="/strains" { (icon("search")) span { (t.strains) } }
                a href="/account" aria-current=[(tab == Tab::Elsewhere && look.path.starts_with("/account")).then_some("page")] {
                    (icon("person")) span { (t.account) }
                }
            }
        }
        nav.bar aria-label=(t.main_menu) {
            @for (own, name, text) in tabs.into_iter().filter(|(own, ..)| look.shows(tab_path(*own))) {
                a class=(name) href=(tab_path(own)) aria-current=[(own == tab).then_some("page")] { (icon(name)) span { (text) } }
            }
        }
        main #main tabindex="-1" { (banner(look)) (content) }
    };
    document(look, "app", &html! { (head(look, title, None)) (more) }, &body)
}

/// The page that who is new finds first: the only one that search engines may show.
pub(crate) fn front(look: &Look, title: &str, about: &str, content: &Markup) -> String {
    unframed(look, &head(look, title, Some(about)), content)
}

/// A page of anybody.
pub(crate) fn bare(look: &Look, title: &str, content: &Markup) -> String {
    unframed(look, &head(look, title, None), content)
}

fn unframed(look: &Look, head: &Markup, content: &Markup) -> String {
    let body = html! {
        header.top { a.brand href="/" { (brand(&look.theme)) } }
        main #main tabindex="-1" { (banner(look)) (content) }
        footer.foot {
            nav aria-label=(look.t().language) {
                @for lang in crate::web::words::Lang::ALL {
                    a href={ "?lang=" (lang.code()) } lang=(lang.code()) hreflang=(lang.code())
                        aria-current=[(lang == look.lang).then_some("true")] { (lang.own_name()) }
                }
            }
        }
    };
    document(look, "bare", head, &body)
}
