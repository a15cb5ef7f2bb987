//! Getting back in, and proving an address: where the links of mails lead. Their token stands behind `#`, which the script
//! puts into the form; without it, it is typed.

use crate::auth::recovery;
use crate::web::calls::{self, Wrong};
use crate::web::ui::{self, Input};
use crate::web::visit::{Form, Visit};
use maud::html;
use serde_json::json;
use sesh_edge::http::{Anonymous, Failure, Fields, Page};
use sesh_types::contract::recovery::{CompleteRecovery, Recover, VerifyEmail};
use sesh_types::envelope::ErrorCode;

fn draw(visit: &Visit, typed: &Fields, wrong: &Wrong, completing: bool) -> Page {
    let (look, t) = (&*visit.look, visit.look.t());
    let none = Wrong::default();
    let (ask, set) = if completing { (&none, wrong) } else { (wrong, &none) };
    let request = html! {
        (ui::field(look, Input::text("email", t.email).kind("email").fills("username"), typed, ask))
        p.actions { button.button { (t.send_link) } }
    };
    let complete = html! {
        (ui::field(look, Input::text("token", t.link_token), typed, set))
        (ui::field(look, Input::text("new_password", t.new_password).kind("password").fills("new-password").hint(t.password_hint), typed, set))
        p.actions { button.button { (t.set_password) } }
    };
    let content = html! {
        h1 { (t.recover) }
        @if visit.query.text("done") == "sent" { (ui::notice(t.link_sent, None)) }
        (ui::problems(look, wrong))
        section data-without-token { p.lead { (t.recover_line) } (ui::form(visit, "/recover", "card", &request)) }
        details.card data-with-token open[completing] {
            summary { (t.have_link) }
            (ui::form(visit, "/recover/complete", "", &complete))
        }
        p.links { a href="/sign-in" { (t.sign_in) } }
    };
    Page::html(if wrong.is_empty() { 200 } else { 422 }, ui::bare(look, t.recover, &content))
}

pub(crate) async fn show(visit: Visit) -> Result<Page, Failure> {
    Ok(draw(&visit, &Fields::default(), &Wrong::default(), false))
}

pub(crate) async fn post(visit: Visit, form: Form) -> Result<Page, Failure> {
    let typed = &form.fields;
    let mut wrong = Wrong::default();
    if typed.text("email").is_empty() {
        wrong.note("email", visit.look.t().issue_required);
        return Ok(draw(&visit, typed, &wrong, false));
    }
    let body = calls::body::<Recover>(&json!({ "email": typed.text("email") }))?;
    match recovery::recover(Anonymous, calls::nothing(), visit.info.clone(), visit.io.clone(), form.key, body)
        .await
    {
        Ok(_) => return Ok(Page::see_other("/recover?done=sent")),
        Err(failure) => wrong.take(&visit.look, failure, &[])?,
    }
    Ok(draw(&visit, typed, &wrong, false))
}

pub(crate) async fn complete(visit: Visit, form: Form) -> Result<Page, Failure> {
    let typed = &form.fields;
    let mut wrong = Wrong::default();
    let body = calls::body::<CompleteRecovery>(
        &json!({ "token": typed.text("token"), "new_password": typed.exact("new_password") }),
    )?;
    match recovery::complete(
        Anonymous,
        calls::nothing(),
        visit.info.clone(),
        visit.io.clone(),
        form.key,
        body,
    )
    .await
    {
        Ok(_) => return Ok(Page::see_other("/sign-in?done=password")),
        Err(failure) if calls::code(&failure) == Some(ErrorCode::InvalidLink) => {
            wrong.note("token", visit.look.t().issue_link);
        }
        Err(failure) => wrong.take(&visit.look, failure, &[])?,
    }
    Ok(draw(&visit, typed, &wrong, true))
}

fn draw_verify(visit: &Visit, typed: &Fields, wrong: &Wrong) -> Page {
    let (look, t) = (&*visit.look, visit.look.t());
    let fields = html! {
        (ui::field(look, Input::text("token", t.link_token), typed, wrong))
        p.actions { button.button { (t.verify_do) } }
    };
    let content = html! {
        h1 { (t.verify) }
        p.lead { (t.verify_line) }
        (ui::problems(look, wrong))
        (ui::form(visit, "/verify", "card", &fields))
    };
    Page::html(if wrong.is_empty() { 200 } else { 422 }, ui::bare(look, t.verify, &content))
}

pub(crate) async fn verify(visit: Visit) -> Result<Page, Failure> {
    Ok(draw_verify(&visit, &Fields::default(), &Wrong::default()))
}

pub(crate) async fn verified(visit: Visit, form: Form) -> Result<Page, Failure> {
    let mut wrong = Wrong::default();
    let body = calls::body::<VerifyEmail>(&json!({ "token": form.fields.text("token") }))?;
    match recovery::verify_email(
        Anonymous,
        calls::nothing(),
        visit.info.clone(),
        visit.io.clone(),
        form.key,
        body,
    )
    .await
    {
        Ok(_) if visit.seems_signed_in() => return Ok(Page::see_other("/account/profile?done=verified")),
        Ok(_) => return Ok(Page::see_other("/sign-in?done=verified")),
        Err(failure) if calls::code(&failure) == Some(ErrorCode::InvalidLink) => {
            wrong.note("token", visit.look.t().issue_link);
        }
        Err(failure) => wrong.take(&visit.look, failure, &[])?,
    }
    Ok(draw_verify(&visit, &form.fields, &wrong))
}
