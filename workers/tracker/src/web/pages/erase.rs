//! The end of an account: what goes, what stays, and a last page.

use super::proof;
use crate::auth::privacy;
use crate::web::calls::{self, Wrong};
use crate::web::ui::{self, Tab};
use crate::web::visit::{Form, Member, Visit};
use http::HeaderName;
use http::header::SET_COOKIE;
use maud::html;
use sesh_edge::http::{Failure, Page};
use sesh_types::contract::factors::Reauthenticate;

/// What browsers are told to forget (W3C Clear Site Data): pages and drafts that scripts kept. Cookies of a sign-in go by
/// themselves; language and colours stay.
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

async fn draw(member: &Member, wrong: &Wrong) -> Result<Page, Failure> {
    let visit = &member.visit;
    let (look, t, w) = (&*visit.look, visit.look.t(), visit.look.lang.data());
    let with_code = proof::with_code(member).await?;
    let ask = html! {
        h2 { (w.erase_proof) }
        (proof::fields(look, with_code, wrong))
        p.actions { button.button.danger { (w.erase_do) } a.button.plain href="/account" { (t.cancel) } }
    };
    let content = html! {
        h1 { (w.erase) }
        p.lead { (w.erase_line) }
        (ui::problems(look, wrong))
        div.columns {
            section.card {
                h2 { (w.erase_goes) }
                ul.dots { li { (w.erase_goes_1) } li { (w.erase_goes_2) } li { (w.erase_goes_3) } }
            }
            section.card {
                h2 { (w.erase_stays) }
                ul.dots { li { (w.erase_stays_1) } li { (w.erase_stays_2) } li { (w.erase_stays_3) } }
            }
        }
        section.card { div.heading { h2 { (w.erase_first) } a.button.plain href="/account/export" { (w.export) } } }
        (ui::form(visit, "/account/erase", "card", &ask))
    };
    let status = if wrong.is_empty() { 200 } else { 422 };
    Ok(Page::html(status, ui::page(look, Tab::Elsewhere, w.erase, &content)))
}

pub(crate) async fn show(member: Member) -> Result<Page, Failure> {
    draw(&member, &Wrong::default()).await
}

pub(crate) async fn post(member: Member, form: Form) -> Result<Page, Failure> {
    let mut wrong = Wrong::default();
    let body = calls::body::<Reauthenticate>(&proof::body(&form.fields).into())?;
    let (person, info) = (member.person.clone().into_person(), member.visit.info.clone());
    match privacy::erase(person, calls::nothing(), info, form.key, body).await {
        Ok(answer) => {
            let lines = answer.headers().iter().filter(|(name, _)| *name == SET_COOKIE);
            let away = Page::see_other("/goodbye").header(CLEAR_SITE_DATA, "\"cache\", \"storage\"");
            return Ok(lines
                .fold(away, |page, (_, line)| page.header(SET_COOKIE, line.to_str().unwrap_or_default())));
        }
        Err(failure) => proof::note(&member.visit.look, &mut wrong, failure)?,
    }
    draw(&member, &wrong).await
}

/// The last page.
pub(crate) async fn goodbye(visit: Visit) -> Result<Page, Failure> {
    let (look, w) = (&*visit.look, visit.look.lang.data());
    let content = html! {
        div.hero { h1 { (w.erased) } p.lead { (w.erased_line) } p.quiet { (w.erased_mail) } }
    };
    Ok(Page::html(200, ui::bare(look, w.erased, &content)))
}
