//! Signing in: password, second factor, passkey; and out.

use crate::auth::{factors, routes as auth};
use crate::web::calls::{self, Wrong};
use crate::web::look::own_path;
use crate::web::ui::{self, Input, hidden};
use crate::web::visit::{Form, Member, Visit};
use http::header::SET_COOKIE;
use maud::html;
use serde_json::json;
use sesh_edge::http::{Anonymous, Answer, Failure, Fields, OptionalBody, Page};
use sesh_edge::token::OptionalPerson;
use sesh_types::contract::auth::{Login, Refresh, SignedIn};
use sesh_types::contract::factors::LoginFactor;
use sesh_types::envelope::{Details, ErrorCode};

/// Where somebody wanted to go: a path of ours and nothing else.
fn next(fields: &Fields) -> &str {
    own_path(fields.text("next")).unwrap_or("/today")
}

/// On to a page, with the cookies of who has signed in.
pub(super) fn entered<const STATUS: u16>(answer: &Answer<SignedIn, STATUS>, path: &str) -> Page {
    answer
        .headers()
        .iter()
        .filter(|(name, _)| *name == SET_COOKIE)
        .fold(Page::see_other(path), |page, (_, line)| {
            page.header(SET_COOKIE, line.to_str().unwrap_or_default())
        })
}

fn draw(visit: &Visit, typed: &Fields, wrong: &Wrong) -> Page {
    let (look, t) = (&*visit.look, visit.look.t());
    let next = next(if typed.is_empty() { &visit.query } else { typed });
    let fields = html! {
        (hidden("next", next))
        (ui::field(look, Input::text("email", t.email).kind("email").fills("username webauthn"), typed, wrong))
        (ui::field(look, Input::text("password", t.password).kind("password").fills("current-password"), typed, wrong))
        p.actions { button.button { (t.sign_in) } }
        p.actions.scripted data-next=(next) {
            button.button.plain type="button" data-passkey="sign-in" { (t.with_passkey) }
        }
        p.wrong hidden data-passkey-failed {}
    };
    let done = match visit.query.text("done") {
        "password" => Some(t.password_set),
        "verified" => Some(t.verify_done),
        _ if next != "/today" && wrong.is_empty() => Some(t.please_sign_in),
        _ => None,
    };
    let content = html! {
        h1 { (t.sign_in) }
        @if let Some(text) = done { (ui::notice(text, None)) }
        (ui::problems(look, wrong))
        (ui::form(visit, "/sign-in", "card", &fields))
        p.links { a href="/recover" { (t.forgot) } @if look.shows("/age") { a href="/age" { (t.new_here) } } }
    };
    Page::html(if wrong.is_empty() { 200 } else { 422 }, ui::bare(look, t.sign_in, &content))
}

pub(crate) async fn show(visit: Visit) -> Result<Page, Failure> {
    Ok(draw(&visit, &Fields::default(), &Wrong::default()))
}

pub(crate) async fn post(visit: Visit, form: Form) -> Result<Page, Failure> {
    let (look, typed) = (&*visit.look, &form.fields);
    let mut wrong = Wrong::default();
    let body =
        calls::body::<Login>(&json!({ "email": typed.text("email"), "password": typed.exact("password") }))?;
    let Visit { info, io, headers, .. } = visit.clone();
    match auth::login(Anonymous, calls::nothing(), info, io, form.key, headers, body).await {
        Ok(answer) => return Ok(entered(&answer, next(typed))),
        Err(failure) => match (calls::code(&failure), calls::details(&failure)) {
            (Some(ErrorCode::SecondFactorRequired), Some(Details::Factor(challenge))) => {
                let typed =
                    Fields::default().with("next", next(typed)).with("challenge", challenge.challenge.0);
                return Ok(draw_code(&visit, &typed, &wrong));
            }
            (Some(ErrorCode::InvalidCredentials), _) => wrong.note("", look.t().issue_login),
            _ => wrong.take(look, failure, &[])?,
        },
    }
    Ok(draw(&visit, typed, &wrong))
}

fn draw_code(visit: &Visit, typed: &Fields, wrong: &Wrong) -> Page {
    let (look, t) = (&*visit.look, visit.look.t());
    let fields = html! {
        (hidden("next", next(typed)))
        (hidden("challenge", typed.text("challenge")))
        (ui::field(look, Input::text("code", t.code).fills("one-time-code").hint(t.code_hint), typed, wrong))
        p.actions { button.button { (t.sign_in) } }
    };
    let content = html! {
        h1 { (t.code_title) }
        (ui::problems(look, wrong))
        (ui::form(visit, "/sign-in/code", "card", &fields))
    };
    Page::html(if wrong.is_empty() { 200 } else { 422 }, ui::bare(look, t.code_title, &content))
}

/// The member of a body that a code is: six digits are a generator's, anything else is a recovery code.
pub(super) fn code_member(code: &str) -> &'static str {
    let digits = code.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        "code"
    } else {
        "recovery_code"
    }
}

pub(crate) async fn code(visit: Visit, form: Form) -> Result<Page, Failure> {
    let (look, typed) = (&*visit.look, &form.fields);
    let mut wrong = Wrong::default();
    let code = typed.text("code");
    let body = calls::body::<LoginFactor>(
        &json!({ "challenge": typed.text("challenge"), code_member(code): code }),
    )?;
    let Visit { info, io, headers, .. } = visit.clone();
    match factors::login(Anonymous, calls::nothing(), info, io, form.key, headers, body).await {
        Ok(answer) => return Ok(entered(&answer, next(typed))),
        Err(failure) => match calls::code(&failure) {
            Some(ErrorCode::InvalidCode) => wrong.note("code", look.t().issue_code),
            Some(ErrorCode::Unauthorized) => {
                wrong.note("", look.t().issue_step);
                return Ok(draw(&visit, &Fields::default().with("next", next(typed)), &wrong));
            }
            _ => wrong.take(look, failure, &[])?,
        },
    }
    Ok(draw_code(&visit, typed, &wrong))
}

pub(crate) async fn out(member: Member, _: Form) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (caller, body) =
        (OptionalPerson(Ok(person.into_person())), OptionalBody { value: Refresh::default() });
    let Visit { info, io, method, headers, .. } = visit;
    let answer = auth::logout(caller, calls::nothing(), info, io, method, headers, body).await?;
    let lines = answer.headers().iter().filter(|(name, _)| *name == SET_COOKIE);
    Ok(lines.fold(Page::see_other("/"), |page, (_, line)| {
        page.header(SET_COOKIE, line.to_str().unwrap_or_default())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_back_to_a_page_of_ours_and_to_no_other() {
        let to = |path: &str| next(&Fields::default().with("next", path)).to_owned();
        assert_eq!(to("/stash/new"), "/stash/new");
        // Browsers take tabs and line breaks out of an address before they read it.
        for path in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\r/evil.example",
            "/\t\\evil.example",
            "stash",
        ] {
            assert_eq!(to(path), "/today", "{path}");
        }
    }

    #[test]
    fn six_digits_are_a_generators() {
        assert_eq!([code_member("123 456"), code_member("abcd-1234")], ["code", "recovery_code"]);
    }
}
