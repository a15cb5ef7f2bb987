//! The first page, and the gate before signing up.

use crate::web::ui::{self, icon};
use crate::web::visit::{AGE_COOKIE, Form, Visit};
use maud::html;
use sesh_edge::http::{Failure, Page};

/// For who is new; others go on to their day.
pub(crate) async fn show(visit: Visit) -> Result<Page, Failure> {
    if visit.seems_signed_in() {
        return Ok(Page::see_other("/today"));
    }
    let (look, t) = (&*visit.look, visit.look.t());
    let reasons = [
        ("log", t.welcome_log, t.welcome_log_more),
        ("insights", t.welcome_know, t.welcome_know_more),
        ("eye", t.welcome_yours, t.welcome_yours_more),
    ];
    let content = html! {
        div.hero {
            h1 { (look.theme.name) }
            p.lead { (t.welcome_line) }
            p.actions {
                @if look.shows("/age") { a.button href="/age" { (t.start) } }
                a.button.plain href="/sign-in" { (t.have_account) }
            }
        }
        ul.reasons {
            @for (name, title, more) in reasons { li.card { (icon(name)) h2 { (title) } p { (more) } } }
        }
    };
    Ok(Page::html(200, ui::front(look, t.start, t.welcome_line, &content)))
}

pub(crate) async fn age(visit: Visit) -> Result<Page, Failure> {
    let (look, t) = (&*visit.look, visit.look.t());
    let content = if visit.query.text("answer") == "no" {
        html! { div.hero { h1 { (t.age_sorry) } p.lead { (t.age_sorry_more) } } }
    } else {
        let choices = html! {
            button.button name="answer" value="yes" { (t.age_yes) }
            button.button.plain name="answer" value="no" { (t.age_no) }
        };
        html! { div.hero { h1 { (t.age_title) } p.lead { (t.age_why) } (ui::form(&visit, "/age", "actions", &choices)) } }
    };
    Ok(Page::html(200, ui::bare(look, t.age_title, &content)))
}

/// Lets on who says that they are of age, for as long as the browser is open; who is not, of them nothing is kept.
pub(crate) async fn answer(_: Visit, form: Form) -> Result<Page, Failure> {
    if form.fields.text("answer") != "yes" {
        return Ok(Page::see_other("/age?answer=no"));
    }
    let cookie = format!("{AGE_COOKIE}=21; Path=/; Secure; HttpOnly; SameSite=Lax");
    Ok(Page::see_other("/sign-up").header(http::header::SET_COOKIE, &cookie))
}
