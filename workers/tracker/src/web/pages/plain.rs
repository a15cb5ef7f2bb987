//! Pages without data: offline, the one for old browsers, and what somebody prefers.

use crate::web::look::{Scheme, own_path};
use crate::web::ui;
use crate::web::visit::{Form, LANG_COOKIE, SCHEME_COOKIE, VEIL_COOKIE, Visit, choice};
use crate::web::words::Lang;
use http::header::{CACHE_CONTROL, SET_COOKIE};
use maud::{DOCTYPE, html};
use sesh_edge::http::{Failure, Page};

/// What a browser shows that has no connection.
pub(crate) async fn offline(visit: Visit) -> Result<Page, Failure> {
    let (look, t) = (&*visit.look, visit.look.t());
    let content = html! {
        div.hero { h1 { (t.offline) } p.lead { (t.offline_line) } p.actions { a.button href="/today" { (t.try_again) } } }
    };
    Ok(Page::html(200, ui::bare(look, t.offline, &content)))
}

/// For browsers that know neither our style nor our script, and for addresses of the first app: plain links to every page,
/// the same for everybody, so that it may be kept.
pub(crate) async fn legacy(visit: Visit) -> Result<Page, Failure> {
    let t = visit.look.t();
    let links = [
        ("/today", t.today),
        ("/log", t.log),
        ("/history", t.history),
        ("/stash", t.stash),
        ("/strains", t.strains),
        ("/insights", t.insights),
        ("/account", t.account),
    ];
    let page = html! {
        (DOCTYPE)
        html lang=(visit.look.lang.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (visit.look.theme.name) }
            }
            body { main { h1 { (visit.look.theme.name) } ul { @for (path, text) in links.into_iter().filter(|(path, _)| visit.look.shows(path)) { li { a href=(path) { (text) } } } } } }
        }
    };
    let page = Page::html(200, page.into_string()).header(CACHE_CONTROL, "public, max-age=3600");
    Ok(page.header(http::header::VARY, "accept-language, cookie"))
}

/// Keeps what somebody prefers, in cookies of a year.
pub(crate) async fn settings(_: Visit, form: Form) -> Result<Page, Failure> {
    let fields = &form.fields;
    let mut page = Page::see_other(own_path(fields.text("back")).unwrap_or("/account"));
    if let Some(lang) = Lang::of_code(fields.text("lang")) {
        page = page.header(SET_COOKIE, &choice(LANG_COOKIE, lang.code()));
    }
    if let Some(scheme) = Scheme::of_code(fields.text("scheme")) {
        page = page.header(SET_COOKIE, &choice(SCHEME_COOKIE, scheme.code()));
    }
    if let value @ ("0" | "1") = fields.text("veil") {
        page = page.header(SET_COOKIE, &choice(VEIL_COOKIE, value));
    }
    Ok(page)
}
