//! Signing up: at once, or with the address proven first, as the tenant whose host name was called has it.

use super::sign_in::entered;
use crate::auth::{routes as auth, sign_up};
use crate::web::calls::{self, Wrong};
use crate::web::ui::{self, Input, hidden};
use crate::web::visit::{Form, Visit};
use chrono::NaiveDate;
use maud::html;
use serde_json::json;
use sesh_edge::http::{Anonymous, Failure, Fields, Page};
use sesh_types::contract::auth::Register;
use sesh_types::contract::sign_up::{Begin, Confirm};
use sesh_types::envelope::ErrorCode;

/// What a form says that leaves the password for later.
const FIRST: &str = "confirm_first";

fn draw(visit: &Visit, typed: &Fields, wrong: &Wrong, confirm_first: bool) -> Page {
    let (look, t) = (&*visit.look, visit.look.t());
    let fields = html! {
        @if confirm_first { (hidden(FIRST, "yes")) }
        (ui::field(look, Input::text("display_name", t.display_name).fills("nickname"), typed, wrong))
        (ui::field(look, Input::text("email", t.email).kind("email").fills("username"), typed, wrong))
        @if !confirm_first {
            (ui::field(look, Input::text("password", t.password).kind("password").fills("new-password").hint(t.password_hint), typed, wrong))
        }
        (ui::field(look, Input::text("birth_date", t.birth_date).kind("date").fills("bday").hint(t.birth_hint), typed, wrong))
        p.actions { button.button { (if confirm_first { t.send_link } else { t.sign_up }) } }
    };
    let content = html! {
        h1 { (t.sign_up) }
        (ui::problems(look, wrong))
        @if confirm_first { p.lead { (t.confirm_first_line) } }
        (ui::form(visit, "/sign-up", "card", &fields))
        p.links { a href="/sign-in" { (t.have_account) } }
    };
    Page::html(if wrong.is_empty() { 200 } else { 422 }, ui::bare(look, t.sign_up, &content))
}

fn draw_sent(visit: &Visit) -> Page {
    let (look, t) = (&*visit.look, visit.look.t());
    let content = html! {
        h1 { (t.confirm_sent) }
        p.lead { (t.confirm_sent_line) }
        p { (t.confirm_sent_more) }
        p.links { a href="/sign-up" { (t.confirm_again) } a href="/sign-in" { (t.have_account) } }
    };
    Page::html(200, ui::bare(look, t.confirm_sent, &content))
}

pub(crate) async fn show(visit: Visit) -> Result<Page, Failure> {
    if visit.query.text("done") == "sent" {
        return Ok(draw_sent(&visit));
    }
    if !visit.is_of_age() {
        return Ok(Page::see_other("/age"));
    }
    // Without an answer the form asks for everything: what is posted is judged anew.
    let manner = sign_up::manner(&visit.io, &visit.info, &visit.headers).await;
    let confirm_first = manner.is_ok_and(|manner| manner.confirm_first);
    Ok(draw(&visit, &Fields::default(), &Wrong::default(), confirm_first))
}

pub(crate) async fn post(visit: Visit, form: Form) -> Result<Page, Failure> {
    let (look, typed) = (&*visit.look, &form.fields);
    let confirm_first = !typed.text(FIRST).is_empty();
    let mut wrong = Wrong::default();
    if NaiveDate::parse_from_str(typed.text("birth_date"), "%Y-%m-%d").is_err() {
        wrong.note("birth_date", look.t().issue_date);
    }
    for name in ["display_name", "email", "password"] {
        if typed.exact(name).is_empty() && !(confirm_first && name == "password") {
            wrong.note(name, look.t().issue_required);
        }
    }
    if !wrong.is_empty() {
        return Ok(draw(&visit, typed, &wrong, confirm_first));
    }
    let mut body = json!({
        "email": typed.text("email"), "display_name": typed.text("display_name"),
        "birth_date": typed.text("birth_date"),
    });
    if !confirm_first && let Some(body) = body.as_object_mut() {
        body.insert("password".to_owned(), typed.exact("password").into());
    }
    let Visit { info, io, headers, .. } = visit.clone();
    let failure = if confirm_first {
        let body = calls::body::<Begin>(&body)?;
        match sign_up::begin(Anonymous, calls::nothing(), info, io, form.key, body).await {
            Ok(_) => return Ok(Page::see_other("/sign-up?done=sent")),
            Err(failure) => failure,
        }
    } else {
        let body = calls::body::<Register>(&body)?;
        match auth::register(Anonymous, calls::nothing(), info, io, form.key, headers, body).await {
            Ok(answer) => return Ok(entered(&answer, "/today")),
            Err(failure) => failure,
        }
    };
    match calls::code(&failure) {
        Some(ErrorCode::Conflict) => wrong.note("email", look.t().issue_taken),
        Some(ErrorCode::ConfirmationRequired) => {
            wrong.note("", look.t().issue_confirm_first);
            return Ok(draw(&visit, typed, &wrong, true));
        }
        _ => wrong.take(look, failure, &[])?,
    }
    Ok(draw(&visit, typed, &wrong, confirm_first))
}

/// Where the link of the mail leads. Its token stands behind `#`, which the script puts into the form; without it, it is
/// typed.
fn draw_confirm(visit: &Visit, typed: &Fields, wrong: &Wrong) -> Page {
    let (look, t) = (&*visit.look, visit.look.t());
    let fields = html! {
        (ui::field(look, Input::text("token", t.link_token), typed, wrong))
        (ui::field(look, Input::text("password", t.password).kind("password").fills("new-password").hint(t.password_hint), typed, wrong))
        p.actions { button.button { (t.sign_up) } }
    };
    let content = html! {
        h1 { (t.confirm_title) }
        p.lead { (t.confirm_line) }
        (ui::problems(look, wrong))
        (ui::form(visit, "/sign-up/confirm", "card", &fields))
        p.links { a href="/sign-up" { (t.confirm_again) } }
    };
    Page::html(if wrong.is_empty() { 200 } else { 422 }, ui::bare(look, t.confirm_title, &content))
}

pub(crate) async fn confirm(visit: Visit) -> Result<Page, Failure> {
    Ok(draw_confirm(&visit, &Fields::default(), &Wrong::default()))
}

pub(crate) async fn confirmed(visit: Visit, form: Form) -> Result<Page, Failure> {
    let (look, typed) = (&*visit.look, &form.fields);
    let mut wrong = Wrong::default();
    let body = calls::body::<Confirm>(
        &json!({ "token": typed.text("token"), "password": typed.exact("password") }),
    )?;
    let Visit { info, io, headers, .. } = visit.clone();
    match sign_up::confirm(Anonymous, calls::nothing(), info, io, form.key, headers, body).await {
        Ok(answer) => return Ok(entered(&answer, "/today")),
        Err(failure) => match calls::code(&failure) {
            Some(ErrorCode::InvalidLink) => wrong.note("token", look.t().issue_link),
            Some(ErrorCode::Conflict) => wrong.note("", look.t().issue_taken),
            _ => wrong.take(look, failure, &[])?,
        },
    }
    Ok(draw_confirm(&visit, typed, &wrong))
}
