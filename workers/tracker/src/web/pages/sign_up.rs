//! Signing up.

use super::sign_in::entered;
use crate::auth::routes as auth;
use crate::web::calls::{self, Wrong};
use crate::web::ui::{self, Input};
use crate::web::visit::{Form, Visit};
use chrono::NaiveDate;
use maud::html;
use serde_json::json;
use sesh_edge::http::{Anonymous, Failure, Fields, Page};
use sesh_types::contract::auth::Register;

fn draw(visit: &Visit, typed: &Fields, wrong: &Wrong) -> Page {
    let (look, t) = (&*visit.look, visit.look.t());
    let fields = html! {
        (ui::field(look, Input::text("display_name", t.display_name).fills("nickname"), typed, wrong))
        (ui::field(look, Input::text("email", t.email).kind("email").fills("username"), typed, wrong))
        (ui::field(look, Input::text("password", t.password).kind("password").fills("new-password").hint(t.password_hint), typed, wrong))
        (ui::field(look, Input::text("birth_date", t.birth_date).kind("date").fills("bday").hint(t.birth_hint), typed, wrong))
        p.actions { button.button { (t.sign_up) } }
    };
    let content = html! {
        h1 { (t.sign_up) }
        (ui::problems(look, wrong))
        (ui::form(visit, "/sign-up", "card", &fields))
        p.links { a href="/sign-in" { (t.have_account) } }
    };
    Page::html(if wrong.is_empty() { 200 } else { 422 }, ui::bare(look, t.sign_up, &content))
}

pub(crate) async fn show(visit: Visit) -> Result<Page, Failure> {
    if !visit.is_of_age() {
        return Ok(Page::see_other("/age"));
    }
    Ok(draw(&visit, &Fields::default(), &Wrong::default()))
}

pub(crate) async fn post(visit: Visit, form: Form) -> Result<Page, Failure> {
    let (look, typed) = (&*visit.look, &form.fields);
    let mut wrong = Wrong::default();
    if NaiveDate::parse_from_str(typed.text("birth_date"), "%Y-%m-%d").is_err() {
        wrong.note("birth_date", look.t().issue_date);
    }
    for name in ["display_name", "email", "password"] {
        if typed.exact(name).is_empty() {
            wrong.note(name, look.t().issue_required);
        }
    }
    if wrong.is_empty() {
        let body = calls::body::<Register>(&json!({
            "email": typed.text("email"), "password": typed.exact("password"),
            "display_name": typed.text("display_name"), "birth_date": typed.text("birth_date"),
        }))?;
        let Visit { info, io, headers, .. } = visit.clone();
        match auth::register(Anonymous, calls::nothing(), info, io, form.key, headers, body).await {
            Ok(answer) => return Ok(entered(&answer, "/today")),
            Err(failure) => match calls::code(&failure) {
                Some(sesh_types::envelope::ErrorCode::Conflict) => wrong.note("email", look.t().issue_taken),
                _ => wrong.take(look, failure, &[])?,
            },
        }
    }
    Ok(draw(&visit, typed, &wrong))
}
