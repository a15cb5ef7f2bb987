//! Security: the password, a generator of codes, recovery codes, passkeys.

use super::sign_in::code_member;
use crate::auth::{factors, passkeys, recovery};
use crate::web::calls::{self, Wrong};
use crate::web::look::Look;
use crate::web::ui::{self, Input, Tab, hidden};
use crate::web::visit::{Form, Member, Visit};
use maud::{Markup, html};
use serde_json::{Value, json};
use sesh_edge::http::{Failure, Fields, Page};
use sesh_edge::token::Oneself;
use sesh_types::contract::factors::{
    ConfirmTotp, EnrolTotp, Factors, Reauthenticate, RecoveryCodes, TotpSecret,
};
use sesh_types::contract::passkeys::RemovePasskey;
use sesh_types::contract::recovery::ChangePassword;
use sesh_types::envelope::ErrorCode;

/// Which form of the page was posted, and what is wrong with it.
#[derive(Default)]
struct State {
    of: &'static str,
    typed: Fields,
    wrong: Wrong,
}

impl State {
    fn typed(&self, of: &str) -> Fields {
        if self.of == of { self.typed.clone() } else { Fields::default() }
    }

    fn wrong(&self, of: &str) -> Wrong {
        if self.of == of { self.wrong.clone() } else { Wrong::default() }
    }
}

async fn factors_of(member: &Member) -> Result<Factors, Failure> {
    let answer = factors::list(
        Oneself::of(member.person.clone().into_person())?,
        calls::nothing(),
        member.visit.info.clone(),
    )
    .await?;
    calls::data(&answer)
}

/// A form that asks for the password and, where there is a generator, for a code. `of` tells its fields from those of the
/// other forms.
fn proof(look: &Look, of: &str, with_code: bool, state: &State) -> Markup {
    let t = look.t();
    let (typed, wrong) = (state.typed(of), state.wrong(of));
    let (password, code) = (format!("{of}_password"), format!("{of}_code"));
    html! {
        (ui::field(look, Input::text(&password, t.current_password).kind("password").fills("current-password"), &typed, &wrong))
        @if with_code { (ui::field(look, Input::text(&code, t.code).fills("one-time-code").hint(t.code_hint), &typed, &wrong)) }
    }
}

/// What [`proof`] asked for, as bodies take it.
fn proven(of: &str, typed: &Fields) -> serde_json::Map<String, Value> {
    let mut body = serde_json::Map::new();
    body.insert("password".to_owned(), json!(typed.exact(&format!("{of}_password"))));
    let code = typed.text(&format!("{of}_code"));
    if !code.is_empty() {
        body.insert(code_member(code).to_owned(), json!(code));
    }
    body
}

fn generator(visit: &Visit, found: &Factors, state: &State) -> Markup {
    let (look, t) = (&*visit.look, visit.look.t());
    let enrol =
        html! { (proof(look, "generator", false, state)) p.actions { button.button { (t.generator_add) } } };
    let codes =
        html! { (proof(look, "codes", true, state)) p.actions { button.button.plain { (t.codes_renew) } } };
    let remove = html! { (proof(look, "remove", true, state)) p.actions { button.button.danger { (t.generator_remove) } } };
    html! {
        section.card #generator {
            h2 { (t.generator) }
            @if found.totp.is_none() {
                p { (t.generator_off) }
                details open[state.of == "generator"] { summary { (t.generator_add) } (ui::form(visit, "/account/security/generator", "", &enrol)) }
            } @else {
                p { (t.generator_on) " " (look.lang.codes_left(found.recovery_codes_left)) }
                details open[state.of == "codes"] { summary { (t.codes_renew) } (ui::form(visit, "/account/security/codes", "", &codes)) }
                details open[state.of == "remove"] { summary { (t.generator_remove) } (ui::form(visit, "/account/security/generator/remove", "", &remove)) }
            }
        }
    }
}

fn keys(visit: &Visit, found: &Factors, state: &State) -> Markup {
    let (look, t) = (&*visit.look, visit.look.t());
    let with_code = found.totp.is_some();
    html! {
        section.card #passkeys {
            h2 { (t.passkeys) }
            @if found.passkeys.is_empty() { p { (t.passkeys_none) } }
            @for passkey in &found.passkeys {
                @let fields = html! { (hidden("id", &passkey.id)) (proof(look, "passkey", with_code, state)) p.actions { button.button.danger { (t.take_away) } } };
                details { summary { (passkey.name) } (ui::form(visit, "/account/security/passkeys/remove", "", &fields)) }
            }
            details.scripted { summary { (t.passkey_add) } form data-passkey-form data-again="/account/security?done=passkey" {
                (ui::field(look, Input::text("passkey_name", t.passkey_name), &Fields::default(), &Wrong::default()))
                (proof(look, "new_passkey", with_code, &State::default()))
                p.wrong hidden data-passkey-failed {}
                p.actions { button.button type="submit" data-passkey="add" { (t.passkey_add) } }
            } }
            noscript { p.quiet { (t.needs_script) } }
        }
    }
}

fn draw(visit: &Visit, found: &Factors, state: &State) -> Page {
    let (look, t) = (&*visit.look, visit.look.t());
    let (typed, wrong) = (state.typed("password"), state.wrong("password"));
    let password = html! {
        (ui::field(look, Input::text("current_password", t.current_password).kind("password").fills("current-password"), &typed, &wrong))
        (ui::field(look, Input::text("new_password", t.new_password).kind("password").fills("new-password").hint(t.password_hint), &typed, &wrong))
        p.actions { button.button { (t.change_password) } }
    };
    let content = html! {
        h1 { (t.security) }
        p.lead { (t.security_line) }
        @match visit.query.text("done") {
            "password" => (ui::notice(t.password_changed, None)),
            "removed" | "passkey" => (ui::notice(t.saved, None)),
            _ => {}
        }
        (ui::problems(look, &state.wrong))
        div.columns {
            section.card {
                h2 { (t.password) }
                details open[state.of == "password"] { summary { (t.change_password) } (ui::form(visit, "/account/security/password", "", &password)) }
            }
            (generator(visit, found, state))
            (keys(visit, found, state))
        }
    };
    Page::html(
        if state.wrong.is_empty() { 200 } else { 422 },
        ui::page(look, Tab::Elsewhere, t.security, &content),
    )
}

pub(crate) async fn show(member: Member) -> Result<Page, Failure> {
    let found = factors_of(&member).await?;
    Ok(draw(&member.visit, &found, &State::default()))
}

/// The page again, with what is wrong with one of its forms.
async fn again(member: &Member, of: &'static str, typed: Fields, failure: Failure) -> Result<Page, Failure> {
    let (look, t) = (&member.visit.look, member.visit.look.t());
    let mut wrong = Wrong::default();
    let (password, code) = match of {
        "password" => ("current_password".to_owned(), String::new()),
        of => (format!("{of}_password"), format!("{of}_code")),
    };
    match calls::code(&failure) {
        Some(ErrorCode::InvalidCredentials) => wrong.note(&password, t.issue_password),
        Some(ErrorCode::InvalidCode) => wrong.note(&code, t.issue_code),
        Some(ErrorCode::NotFound) => return Err(failure),
        _ => wrong.take(
            look,
            failure,
            &[("password", &password), ("code", &code), ("recovery_code", &code)],
        )?,
    }
    let found = factors_of(member).await?;
    Ok(draw(&member.visit, &found, &State { of, typed, wrong }))
}

pub(crate) async fn password(member: Member, form: Form) -> Result<Page, Failure> {
    let (info, person) = (member.visit.info.clone(), member.person.clone());
    let pair =
        ["current_password", "new_password"].map(|name| (name.to_owned(), json!(form.fields.exact(name))));
    let body = calls::body::<ChangePassword>(&Value::Object(pair.into_iter().collect()))?;
    match recovery::change_password(person.into_person(), calls::nothing(), info, form.key, body).await {
        Ok(_) => Ok(Page::see_other("/account/security?done=password")),
        Err(failure) => again(&member, "password", form.fields, failure).await,
    }
}

/// The generator's secret, and where its first code goes.
fn draw_secret(visit: &Visit, secret: Option<&TotpSecret>, wrong: &Wrong) -> Page {
    let (look, t) = (&*visit.look, visit.look.t());
    let confirm = html! {
        (ui::field(look, Input::text("code", t.code).fills("one-time-code"), &Fields::default(), wrong))
        p.actions { button.button { (t.generator_confirm) } a.button.plain href="/account/security" { (t.cancel) } }
    };
    let content = html! {
        h1 { (t.generator) }
        (ui::problems(look, wrong))
        @if let Some(secret) = secret {
            section.card {
                p { (t.generator_secret) }
                p { code.secret { (secret.secret.0) } }
                p.actions { a.button.plain href=(secret.otpauth_uri.0) { (t.generator_open) } }
            }
        }
        (ui::form(visit, "/account/security/generator/confirm", "card", &confirm))
    };
    Page::html(
        if wrong.is_empty() { 200 } else { 422 },
        ui::page(look, Tab::Elsewhere, t.generator, &content),
    )
}

pub(crate) async fn enrol(member: Member, form: Form) -> Result<Page, Failure> {
    let (info, person) = (member.visit.info.clone(), member.person.clone());
    let body = calls::body::<EnrolTotp>(&json!({ "password": form.fields.exact("generator_password") }))?;
    match factors::enrol(person.into_person(), calls::nothing(), info, form.key, body).await {
        Ok(answer) => Ok(draw_secret(&member.visit, Some(&calls::data(&answer)?), &Wrong::default())),
        Err(failure) => again(&member, "generator", form.fields, failure).await,
    }
}

fn draw_codes(visit: &Visit, codes: &RecoveryCodes) -> Page {
    let (look, t) = (&*visit.look, visit.look.t());
    let content = html! {
        h1 { (t.codes_title) }
        section.card {
            p { (t.codes_line) }
            ul.codes { @for code in &codes.recovery_codes { li { code { (code.0) } } } }
            p.actions { a.button href="/account/security" { (t.security) } }
        }
    };
    Page::html(200, ui::page(look, Tab::Elsewhere, t.codes_title, &content))
}

pub(crate) async fn confirm(member: Member, form: Form) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let body = calls::body::<ConfirmTotp>(&json!({ "code": form.fields.text("code") }))?;
    let mut wrong = Wrong::default();
    match factors::confirm(person.into_person(), calls::nothing(), visit.info.clone(), form.key, body).await {
        Ok(answer) => return Ok(draw_codes(&visit, &calls::data(&answer)?)),
        Err(failure) => match calls::code(&failure) {
            Some(ErrorCode::InvalidCode) => wrong.note("code", visit.look.t().issue_code),
            Some(ErrorCode::NotFound) => return Err(failure),
            _ => wrong.take(&visit.look, failure, &[])?,
        },
    }
    Ok(draw_secret(&visit, None, &wrong))
}

pub(crate) async fn codes(member: Member, form: Form) -> Result<Page, Failure> {
    let (info, person) = (member.visit.info.clone(), member.person.clone());
    let body = calls::body::<Reauthenticate>(&proven("codes", &form.fields).into())?;
    match factors::renew_codes(person.into_person(), calls::nothing(), info, form.key, body).await {
        Ok(answer) => Ok(draw_codes(&member.visit, &calls::data(&answer)?)),
        Err(failure) => again(&member, "codes", form.fields, failure).await,
    }
}

pub(crate) async fn remove(member: Member, form: Form) -> Result<Page, Failure> {
    let (info, person) = (member.visit.info.clone(), member.person.clone());
    let body = calls::body::<Reauthenticate>(&proven("remove", &form.fields).into())?;
    match factors::remove(person.into_person(), calls::nothing(), info, form.key, body).await {
        Ok(_) => Ok(Page::see_other("/account/security?done=removed")),
        Err(failure) => again(&member, "remove", form.fields, failure).await,
    }
}

pub(crate) async fn remove_passkey(member: Member, form: Form) -> Result<Page, Failure> {
    let (info, person) = (member.visit.info.clone(), member.person.clone());
    let mut body = proven("passkey", &form.fields);
    body.insert("id".to_owned(), json!(form.fields.text("id")));
    match passkeys::remove(
        person.into_person(),
        calls::nothing(),
        info,
        form.key,
        calls::body::<RemovePasskey>(&body.into())?,
    )
    .await
    {
        Ok(_) => Ok(Page::see_other("/account/security?done=removed")),
        Err(failure) => again(&member, "passkey", form.fields, failure).await,
    }
}
