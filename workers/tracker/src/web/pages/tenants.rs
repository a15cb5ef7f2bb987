//! Organisations: where somebody belongs, going over to another one, leaving one, and accepting an invitation.

use super::sign_in::entered;
use crate::auth::{routes as auth, tenants};
use crate::web::calls::{self, Wrong};
use crate::web::look::Look;
use crate::web::ui::{self, Input, Tab};
use crate::web::visit::{Form, Member, Visit};
use http::header::SET_COOKIE;
use maud::{Markup, html};
use serde_json::json;
use sesh_edge::http::{Failure, Fields, Key, Page, cookie};
use sesh_edge::token::ACCESS_COOKIE;
use sesh_types::access::TenantRole;
use sesh_types::contract::Token;
use sesh_types::contract::tenants::{OwnTenant, Switch, TenantStatus};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::TenantId;

/// An invitation's token, while whoever opened its link signs in.
const INVITATION_COOKIE: &str = "__Host-sesh_invitation";
const INVITATION_SECONDS: i64 = 3600;

fn keep(token: &str, seconds: i64) -> String {
    format!("{INVITATION_COOKIE}={token}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax")
}

/// Whether it has the shape of a token: what goes into a cookie has no room for anything else.
fn is_token(text: &str) -> bool {
    (8..=400).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

const fn role(look: &Look, role: TenantRole) -> &'static str {
    let w = look.lang.access();
    match role {
        TenantRole::Owner => w.role_owner,
        TenantRole::Admin => w.role_admin,
        TenantRole::Member => w.role_member,
    }
}

fn row(visit: &Visit, tenant: &OwnTenant, is_home: bool) -> Markup {
    let (look, w) = (&*visit.look, visit.look.lang.access());
    let is_open = tenant.status == TenantStatus::Active;
    let go = html! { button.button.plain { (w.tenant_go) } };
    let leave = html! { p { (w.tenant_leave_line) } p.actions { button.button.danger { (w.tenant_leave) } } };
    html! {
        section.card {
            div.heading {
                div {
                    h2 { (tenant.name) }
                    p.quiet {
                        (role(look, tenant.role))
                        @if tenant.current { " " span.tag { (w.tenant_here) } }
                        @if !is_open { " " span.tag { (w.tenant_closed) } }
                        @if tenant.apps.tracker.is_none() { " " span.tag { (w.tenant_other_apps) } }
                    }
                }
                @if !tenant.current && is_open && tenant.apps.tracker.is_some() {
                    (ui::form(visit, &format!("/account/tenants/{}", tenant.id), "inline", &go))
                }
            }
            @if !is_home {
                details { summary { (w.tenant_leave) } (ui::form(visit, &format!("/account/tenants/{}/leave", tenant.id), "", &leave)) }
            }
        }
    }
}

async fn draw(member: &Member, wrong: &Wrong) -> Result<Page, Failure> {
    let visit = &member.visit;
    let (look, w) = (&*visit.look, visit.look.lang.access());
    let person = member.person.clone().into_person();
    let listing = auth::tenants(person, calls::nothing(), visit.info.clone()).await?;
    let (found, _): (Vec<OwnTenant>, _) = calls::rows(&listing)?;
    let content = html! {
        h1 { (w.tenants) }
        p.lead { (w.tenants_line) }
        @match visit.query.text("done") {
            "switched" => (ui::notice(w.tenant_switched, None)),
            "left" => (ui::notice(w.tenant_left, None)),
            "joined" => (ui::notice(w.tenant_joined, None)),
            _ => {}
        }
        (ui::problems(look, wrong))
        // Home stands first, and nobody leaves home.
        div.columns { @for (place, tenant) in found.iter().enumerate() { (row(visit, tenant, place == 0)) } }
    };
    let status = if wrong.is_empty() { 200 } else { 409 };
    Ok(Page::html(status, ui::page(look, Tab::Elsewhere, w.tenants, &content)))
}

pub(crate) async fn show(member: Member) -> Result<Page, Failure> {
    draw(&member, &Wrong::default()).await
}

pub(crate) async fn switch(member: Member, Key(id): Key<TenantId>, _: Form) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let body = calls::body::<Switch>(&json!({ "tenant_id": id }))?;
    let answer =
        auth::switch_tenant(person.into_person(), calls::nothing(), visit.info.clone(), body).await?;
    Ok(entered(&answer, "/account/tenants?done=switched"))
}

pub(crate) async fn leave(member: Member, Key(id): Key<TenantId>, form: Form) -> Result<Page, Failure> {
    let (person, info) = (member.person.clone().into_person(), member.visit.info.clone());
    match tenants::leave(&person, &info, &form.key, id).await {
        // The access token carries what they no longer are: without it the next page has it renewed.
        Ok(()) => Ok(Page::see_other("/account/tenants?done=left").header(
            SET_COOKIE,
            &format!("{ACCESS_COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"),
        )),
        Err(failure) if calls::code(&failure) == Some(ErrorCode::Conflict) => {
            let mut wrong = Wrong::default();
            wrong.note("", member.visit.look.lang.access().tenant_last_owner);
            draw(&member, &wrong).await
        }
        Err(failure) => Err(failure),
    }
}

fn draw_link(visit: &Visit, wrong: &Wrong) -> Page {
    let (look, t, w) = (&*visit.look, visit.look.t(), visit.look.lang.access());
    let fields = html! {
        (ui::field(look, Input::text("token", t.link_token), &Fields::default(), wrong))
        p.actions { button.button { (w.invitation_go) } }
    };
    let content = html! {
        h1 { (w.invitation) }
        p.lead { (w.invitation_line) }
        (ui::problems(look, wrong))
        (ui::form(visit, "/invitation", "card", &fields))
        p.quiet { (w.invitation_new) }
    };
    Page::html(if wrong.is_empty() { 200 } else { 422 }, ui::bare(look, w.invitation, &content))
}

/// Where the link of an invitation's mail leads; its token stands behind `#`.
pub(crate) async fn link(visit: Visit) -> Result<Page, Failure> {
    Ok(draw_link(&visit, &Wrong::default()))
}

/// Keeps the token, and goes on to whoever is signed in, or signs in first.
pub(crate) async fn linked(visit: Visit, form: Form) -> Result<Page, Failure> {
    let token = form.fields.text("token");
    if !is_token(token) {
        let mut wrong = Wrong::default();
        wrong.note("token", visit.look.lang.access().invitation_over);
        return Ok(draw_link(&visit, &wrong));
    }
    Ok(Page::see_other("/account/invitation").header(SET_COOKIE, &keep(token, INVITATION_SECONDS)))
}

fn draw_invitation(visit: &Visit, wrong: &Wrong) -> Page {
    let (look, t, w) = (&*visit.look, visit.look.t(), visit.look.lang.access());
    let has_one = cookie(&visit.headers, INVITATION_COOKIE).is_some_and(is_token);
    let fields =
        html! { button.button { (w.invitation_accept) } a.button.plain href="/today" { (t.cancel) } };
    let content = html! {
        h1 { (w.invitation) }
        (ui::problems(look, wrong))
        @if has_one {
            p.lead { (w.invitation_line) }
            (ui::form(visit, "/account/invitation", "actions", &fields))
        } @else {
            (ui::empty(w.invitation_over, "/account/tenants", w.tenants))
        }
    };
    Page::html(
        if wrong.is_empty() { 200 } else { 422 },
        ui::page(look, Tab::Elsewhere, w.invitation, &content),
    )
}

pub(crate) async fn invitation(member: Member) -> Result<Page, Failure> {
    // The check of the token stands in every read.
    let person = &member.person;
    person.read(crate::members::one(person.scope())).await?;
    Ok(draw_invitation(&member.visit, &Wrong::default()))
}

pub(crate) async fn accept(member: Member, form: Form) -> Result<Page, Failure> {
    let (person, info) = (member.person.clone().into_person(), member.visit.info.clone());
    let w = member.visit.look.lang.access();
    let token = cookie(&member.visit.headers, INVITATION_COOKIE).filter(|token| is_token(token));
    let mut wrong = Wrong::default();
    let joined = match token {
        Some(token) => tenants::accept(&person, &info, &form.key, Token(token.to_owned())).await,
        None => Err(Failure::not_found("invitation")),
    };
    let over = keep("", 0);
    match joined {
        Ok(_) => {
            return Ok(Page::see_other("/account/tenants?done=joined").header(SET_COOKIE, &over));
        }
        Err(failure) => match calls::code(&failure) {
            Some(ErrorCode::NotFound) => wrong.note("", w.invitation_over),
            Some(ErrorCode::Forbidden) => wrong.note("", w.invitation_other),
            Some(ErrorCode::Conflict) => wrong.note("", w.invitation_member),
            Some(ErrorCode::QuotaExceeded) => wrong.note("", w.invitation_full),
            _ => return Err(failure),
        },
    }
    Ok(draw_invitation(&member.visit, &wrong))
}

#[cfg(test)]
mod tests {
    use super::is_token;

    #[test]
    fn what_is_kept_in_a_cookie_is_a_token_and_nothing_else() {
        assert!(is_token("iv_k_0_0-abc.DEF"));
        for bad in ["", "short", "with blank in it", "a=b;Path=/;;;;", "new\r\nline-abc", &"x".repeat(401)] {
            assert!(!is_token(bad), "{bad}");
        }
    }
}
