//! Staff who see an account as its owner does: the way in with the token that administration gave, the way out, and what
//! the owner reads about it. Their token reads and changes nothing; a banner stands on every page meanwhile.

use crate::auth::routes as auth;
use crate::web::calls::{self, Wrong};
use crate::web::ui::{self, Input, Tab};
use crate::web::visit::{Form, Member, Visit};
use crate::web::when::Clock;
use axum::extract::State;
use http::header::SET_COOKIE;
use maud::html;
use sesh_edge::http::{Failure, Fields, Page, PageQuery, Query};
use sesh_edge::token::{ACCESS_COOKIE, REFRESH_COOKIE, Trusts};
use sesh_types::contract::staff::Impersonation;
use sesh_types::time::SECOND_MS;
use std::sync::Arc;

fn set(name: &str, value: &str, seconds: i64) -> String {
    format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax")
}

fn draw(visit: &Visit, wrong: &Wrong) -> Page {
    let (look, w) = (&*visit.look, visit.look.lang.access());
    let begin = html! {
        (ui::field(look, Input::text("token", w.acting_token), &Fields::default(), wrong))
        p.actions { button.button { (w.acting_begin) } }
    };
    let end = html! { button.button { (w.acting_end) } };
    let content = html! {
        h1 { (w.acting) }
        p.lead { (w.acting_line) }
        (ui::problems(look, wrong))
        (ui::form(visit, "/acting", "card", &begin))
        (ui::form(visit, "/acting/end", "actions", &end))
    };
    Page::html(if wrong.is_empty() { 200 } else { 422 }, ui::bare(look, w.acting, &content))
}

pub(crate) async fn show(visit: Visit) -> Result<Page, Failure> {
    Ok(draw(&visit, &Wrong::default()))
}

/// Goes on as the person of the token, if it is one for acting as somebody. Whoever was signed in here is not any more.
pub(crate) async fn begin(
    visit: Visit,
    State(trusts): State<Arc<Trusts>>,
    form: Form,
) -> Result<Page, Failure> {
    let token = form.fields.text("token");
    match trusts.verify(token, &visit.io, &visit.info.request_id).await {
        Ok((claims, expires)) if claims.act.is_some() && !claims.is_delegated() => {
            let seconds = (expires.0 - visit.io.now().0) / SECOND_MS;
            return Ok(Page::see_other("/today")
                .header(SET_COOKIE, &set(ACCESS_COOKIE, token, seconds))
                .header(SET_COOKIE, &set(REFRESH_COOKIE, "", 0)));
        }
        Err(Failure::Defect(defect)) => return Err(Failure::Defect(defect)),
        _ => {}
    }
    let mut wrong = Wrong::default();
    wrong.note("token", visit.look.lang.access().acting_wrong);
    Ok(draw(&visit, &wrong))
}

/// Forgets the token. The acting itself ends at administration, or by itself.
pub(crate) async fn end(_: Visit, _: Form) -> Result<Page, Failure> {
    Ok(Page::see_other("/acting").header(SET_COOKIE, &set(ACCESS_COOKIE, "", 0)))
}

/// Who of the staff saw one's account.
pub(crate) async fn history(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, w) = (&*visit.look, visit.look.lang.access());
    let clock = Clock { zone: "UTC".to_owned(), now: visit.io.now(), lang: look.lang };
    let query = Query(PageQuery { page: None, limit: Some(50) });
    let listing = auth::impersonations(person.into_person(), visit.info.clone(), query).await?;
    let (found, _): (Vec<Impersonation>, _) = calls::rows(&listing)?;
    let content = html! {
        h1 { (w.acting_history) }
        @if found.is_empty() { div.empty { p { (w.acting_none) } } } @else {
            section.card { ul.rows { @for one in &found {
                li.row.still { span.main {
                    span.name { (one.staff_name) ": " (one.reason) }
                    span.more { (clock.dated(one.started_at)) " – " (clock.dated(one.ended_at.unwrap_or(one.expires_at))) " UTC" }
                } }
            } } }
        }
    };
    Ok(Page::html(200, ui::page(look, Tab::Elsewhere, w.acting_history, &content)))
}
