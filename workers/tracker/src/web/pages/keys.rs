//! One's own API keys: which there are, making one, turning one over, ending one.

use super::proof;
use crate::auth::keys;
use crate::web::calls::{self, Wrong};
use crate::web::look::Look;
use crate::web::ui::{self, Choice, Input, Tab, icon};
use crate::web::visit::{Form, Member, Visit};
use crate::web::when::Clock;
use maud::{Markup, html};
use serde_json::json;
use sesh_edge::http::{Failure, Fields, Key, Page, PageQuery, Query};
use sesh_edge::token::Oneself;
use sesh_types::access::KeyScope;
use sesh_types::contract::keys::{ApiKey, MadeKey, MakeKey, RotateKey};
use sesh_types::ids::KeyId;

fn scopes(look: &Look) -> [(&'static str, &'static str); 6] {
    let w = look.lang.access();
    [
        (KeyScope::SessionsRead.as_str(), w.scope_sessions_read),
        (KeyScope::SessionsWrite.as_str(), w.scope_sessions_write),
        (KeyScope::StashRead.as_str(), w.scope_stash_read),
        (KeyScope::StashWrite.as_str(), w.scope_stash_write),
        (KeyScope::StrainsRead.as_str(), w.scope_strains_read),
        (KeyScope::StrainsWrite.as_str(), w.scope_strains_write),
    ]
}

fn clock(visit: &Visit) -> Clock {
    Clock { zone: "UTC".to_owned(), now: visit.io.now(), lang: visit.look.lang }
}

/// How a key stands.
fn standing(visit: &Visit, key: &ApiKey) -> String {
    let (w, clock) = (visit.look.lang.access(), clock(visit));
    if key.revoked_at.is_some() || key.expires_at <= clock.now {
        return w.key_ended.to_owned();
    }
    let used = key
        .last_used_at
        .map_or_else(|| w.key_never.to_owned(), |at| format!("{} {}", w.key_used, clock.ago(at)));
    format!("{used} · {} {}", w.key_ends, clock.dated(key.expires_at))
}

async fn all(member: &Member) -> Result<Vec<ApiKey>, Failure> {
    let oneself = Oneself::of(member.person.clone().into_person())?;
    let query = Query(PageQuery { page: None, limit: Some(100) });
    Ok(calls::rows(&keys::list(oneself, member.visit.info.clone(), query).await?)?.0)
}

fn make_form(visit: &Visit, with_code: bool, typed: &Fields, wrong: &Wrong) -> Markup {
    let (look, t, w) = (&*visit.look, visit.look.t(), visit.look.lang.access());
    let chosen: Vec<&str> = typed.all("scopes").collect();
    let scopes = scopes(look)
        .map(|(code, text)| (Choice::new(code, text).more(code.to_owned()), chosen.contains(&code)));
    let days = [30, 90, 365].map(|days: i64| Choice::new(days.to_string(), look.lang.days(days)));
    let lasting = if typed.text("days").is_empty() { "90" } else { typed.text("days") };
    let fields = html! {
        (ui::field(look, Input::text("name", w.key_name), typed, wrong))
        (ui::checks("scopes", w.key_may, &scopes, wrong))
        (ui::chips("days", w.key_days, "", &days, lasting, wrong))
        (ui::field(look, Input::text("addresses", w.key_addresses).kind("textarea").hint(w.key_addresses_hint).optional(), typed, wrong))
        (proof::fields(look, with_code, wrong))
        p.actions { button.button { (w.key_make) } a.button.plain href="/account" { (t.cancel) } }
    };
    html! { section { h2.away { (w.key_make) } (ui::form(visit, "/account/keys", "card", &fields)) } }
}

async fn draw(member: &Member, typed: &Fields, wrong: &Wrong) -> Result<Page, Failure> {
    let visit = &member.visit;
    let (look, w) = (&*visit.look, visit.look.lang.access());
    let (found, with_code) = (all(member).await?, proof::with_code(member).await?);
    let content = html! {
        h1 { (w.keys) }
        p.lead { (w.keys_line) }
        @if visit.query.text("done") == "ended" { (ui::notice(w.key_revoked, None)) }
        (ui::problems(look, wrong))
        div.columns {
            @if found.is_empty() { div.empty { p { (w.keys_none) } } } @else {
                section.card { ul.rows { @for key in &found {
                    li.row { a href={ "/account/keys/" (key.id) } {
                        span.main { span.name { (key.name) } span.more { code { (key.begins_with) "…" } " · " (standing(visit, key)) } }
                        (icon("next"))
                    } }
                } } }
            }
            (make_form(visit, with_code, typed, wrong))
        }
    };
    let status = if wrong.is_empty() { 200 } else { 422 };
    Ok(Page::html(status, ui::page(look, Tab::Elsewhere, w.keys, &content)))
}

pub(crate) async fn show(member: Member) -> Result<Page, Failure> {
    draw(&member, &Fields::default(), &Wrong::default()).await
}

/// A key's text, this once.
fn draw_made(visit: &Visit, made: &MadeKey) -> Page {
    let (look, w) = (&*visit.look, visit.look.lang.access());
    let content = html! {
        h1 { (w.key_new) }
        section.card {
            h2 { (made.about.name) }
            p { (w.key_new_line) }
            p { code.secret { (made.key.0) } }
            p.actions { a.button href="/account/keys" { (w.keys) } }
        }
    };
    Page::html(200, ui::page(look, Tab::Elsewhere, w.key_new, &content))
}

pub(crate) async fn make(member: Member, form: Form) -> Result<Page, Failure> {
    let (typed, mut wrong) = (&form.fields, Wrong::default());
    let look = member.visit.look.clone();
    let chosen: Vec<&str> = typed.all("scopes").collect();
    if chosen.is_empty() {
        wrong.note("scopes", look.lang.access().key_may_one);
        return draw(&member, typed, &wrong).await;
    }
    let lines: Vec<&str> =
        typed.exact("addresses").split(['\n', ',']).map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut body = proof::body(typed);
    body.insert("name".to_owned(), json!(typed.text("name")));
    body.insert("scopes".to_owned(), json!(chosen));
    body.insert("addresses".to_owned(), json!(lines));
    if let Ok(days) = typed.text("days").parse::<i64>() {
        body.insert("expires_in_days".to_owned(), json!(days));
    }
    let (person, info) = (member.person.clone().into_person(), member.visit.info.clone());
    let body = match calls::body::<MakeKey>(&body.into()) {
        Ok(body) => body,
        Err(failure) => {
            wrong.take(&look, failure, &[])?;
            return draw(&member, typed, &wrong).await;
        }
    };
    match keys::make(person, calls::nothing(), info, form.key, body).await {
        Ok(answer) => return Ok(draw_made(&member.visit, &calls::data(&answer)?)),
        Err(failure) => proof::note(&look, &mut wrong, failure)?,
    }
    draw(&member, typed, &wrong).await
}

async fn draw_one(member: &Member, id: KeyId, wrong: &Wrong) -> Result<Page, Failure> {
    let visit = &member.visit;
    let (look, w) = (&*visit.look, visit.look.lang.access());
    let found = all(member).await?.into_iter().find(|key| key.id == id);
    let key = found.ok_or_else(|| Failure::not_found("key"))?;
    let counts = key.revoked_at.is_none() && key.expires_at > visit.io.now();
    let may: Vec<&str> = scopes(look)
        .into_iter()
        .filter(|(code, _)| key.scopes.iter().any(|scope| scope.as_str() == *code))
        .map(|(_, text)| text)
        .collect();
    let with_code = counts && proof::with_code(member).await?;
    let overlaps = [("0", w.overlap_none), ("60", w.overlap_hour), ("1440", w.overlap_day)]
        .map(|(minutes, text)| Choice::new(minutes, text));
    let rotate = html! {
        (ui::chips("overlap", w.key_overlap, "", &overlaps, "0", wrong))
        (proof::fields(look, with_code, wrong))
        p.actions { button.button { (w.key_rotate) } }
    };
    let end = html! { button.button.danger { (w.key_revoke) } };
    let content = html! {
        h1 { (key.name) }
        (ui::problems(look, wrong))
        div.columns {
            div {
                section.card {
                    p { code { (key.begins_with) "…" } }
                    p.quiet { (standing(visit, &key)) }
                    ul.dots { @for text in may { li { (text) } } }
                    @if !key.addresses.is_empty() { p.hint { (w.key_addresses) ": " (key.addresses.join(", ")) } }
                }
                @if counts {
                    section.card { h2 { (w.key_revoke) } p { (w.key_revoke_line) } (ui::form(visit, &format!("/account/keys/{id}/end"), "actions", &end)) }
                }
            }
            @if counts {
                section.card { h2 { (w.key_rotate) } p { (w.key_rotate_line) } (ui::form(visit, &format!("/account/keys/{id}"), "", &rotate)) }
            }
        }
    };
    let status = if wrong.is_empty() { 200 } else { 422 };
    Ok(Page::html(status, ui::page(look, Tab::Elsewhere, w.keys, &content)))
}

pub(crate) async fn one(member: Member, Key(id): Key<KeyId>) -> Result<Page, Failure> {
    draw_one(&member, id, &Wrong::default()).await
}

pub(crate) async fn rotate(member: Member, Key(id): Key<KeyId>, form: Form) -> Result<Page, Failure> {
    let mut wrong = Wrong::default();
    let mut body = proof::body(&form.fields);
    body.insert("overlap_minutes".to_owned(), json!(form.fields.text("overlap").parse::<i64>().unwrap_or(0)));
    let body = calls::body::<RotateKey>(&body.into())?;
    let (person, info) = (member.person.clone().into_person(), member.visit.info.clone());
    match keys::rotate(person, calls::nothing(), info, form.key, Key(id), body).await {
        Ok(answer) => return Ok(draw_made(&member.visit, &calls::data(&answer)?)),
        Err(failure) if calls::code(&failure) == Some(sesh_types::envelope::ErrorCode::NotFound) => {
            return Err(failure);
        }
        Err(failure) => proof::note(&member.visit.look, &mut wrong, failure)?,
    }
    draw_one(&member, id, &wrong).await
}

pub(crate) async fn end(member: Member, Key(id): Key<KeyId>, form: Form) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    keys::revoke(person.into_person(), calls::nothing(), visit.info, form.key, Key(id)).await?;
    Ok(Page::see_other("/account/keys?done=ended"))
}
