//! The person's menu, and their profile.

use crate::auth::routes as auth;
use crate::members;
use crate::web::calls::{self, Wrong};
use crate::web::look::Scheme;
use crate::web::ui::{self, Choice, Input, Tab, hidden, icon};
use crate::web::visit::{Form, Member, Visit};
use crate::web::words::Lang;
use maud::html;
use serde_json::json;
use sesh_edge::http::{Failure, Fields, IfMatch, Page};
use sesh_types::contract::auth::{EditUser, User};

/// Everything that is not in the bar.
pub(crate) async fn menu(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    // The check of the token stands in every read.
    person.read(members::one(person.scope())).await?;
    let (look, t, w) = (&*visit.look, visit.look.t(), visit.look.lang.data());
    let a = look.lang.access();
    let notebook = [
        ("/history", t.history),
        ("/strains", t.strains),
        ("/goals", look.plans().goals),
        ("/presets", look.plans().presets),
        ("/account/import", w.import),
        ("/account/export", w.export),
    ];
    let own = [
        ("/account/profile", t.profile),
        ("/account/security", t.security),
        ("/account/devices", t.devices),
        ("/account/ways", a.ways),
    ];
    let others = [
        ("/account/programs", a.programs),
        ("/account/keys", a.keys),
        ("/account/tenants", a.tenants),
        ("/account/seen", a.acting_history),
    ];
    let group = |title: &str, links: &[(&str, &str)]| {
        html! {
            section.card {
                h2 { (title) }
                ul.rows {
                    @for (path, text) in links.iter().filter(|(path, _)| look.shows(path)) {
                        li.row { a href=(path) { span.main { span.name { (text) } } (icon("next")) } }
                    }
                }
            }
        }
    };
    let langs = Lang::ALL.map(|lang| Choice::new(lang.code(), lang.own_name()));
    let schemes =
        [(Scheme::Auto, t.scheme_auto), (Scheme::Light, t.scheme_light), (Scheme::Dark, t.scheme_dark)];
    let schemes = schemes.map(|(scheme, text)| Choice::new(scheme.code(), text));
    let settings = html! {
        (hidden("back", "/account"))
        (ui::chips("lang", t.language, "", &langs, look.lang.code(), &Wrong::default()))
        (ui::chips("scheme", t.appearance, "", &schemes, look.scheme.code(), &Wrong::default()))
        p.actions { button.button { (t.save) } }
    };
    let out = html! { button.button.plain { (t.sign_out) } };
    let content = html! {
        h1 { (t.account) }
        div.columns {
            div { (group(a.menu_notebook, &notebook)) (group(a.menu_others, &others)) }
            div {
                (group(a.menu_own, &own))
                section {
                    h2.away { (t.settings) }
                    (ui::form(&visit, "/settings", "card", &settings))
                }
            }
        }
        (ui::form(&visit, "/sign-out", "actions", &out))
        p.links { a.quiet href="/account/erase" { (w.erase) } }
    };
    Ok(Page::html(200, ui::page(look, Tab::Elsewhere, t.account, &content)))
}

fn draw(visit: &Visit, user: &User, typed: &Fields, wrong: &Wrong) -> Page {
    let (look, t) = (&*visit.look, visit.look.t());
    let state = if user.email_verified_at.is_some() { t.confirmed } else { t.unconfirmed };
    let fields = html! {
        (hidden("version", typed.text("version")))
        (ui::field(look, Input::text("display_name", t.display_name).fills("nickname"), typed, wrong))
        (ui::field(look, Input::text("time_zone", t.time_zone).hint(t.time_zone_hint), typed, wrong))
        p.actions { button.button { (t.save) } a.button.plain href="/account" { (t.cancel) } }
    };
    let content = html! {
        h1 { (t.profile) }
        @match visit.query.text("done") {
            "saved" => (ui::notice(t.saved, None)),
            "verified" => (ui::notice(t.verify_done, None)),
            _ => {}
        }
        (ui::problems(look, wrong))
        section.card { h2 { (t.email) } p { (user.email) } p.quiet { (state) } }
        (ui::form(visit, "/account/profile", "card", &fields))
    };
    Page::html(if wrong.is_empty() { 200 } else { 422 }, ui::page(look, Tab::Elsewhere, t.profile, &content))
}

async fn user(member: &Member) -> Result<User, Failure> {
    let answer =
        auth::me(member.person.clone().into_person(), calls::nothing(), member.visit.info.clone()).await?;
    calls::data(&answer)
}

pub(crate) async fn profile(member: Member) -> Result<Page, Failure> {
    let user = user(&member).await?;
    let typed = Fields::default()
        .with("display_name", &user.display_name)
        .with("time_zone", &user.time_zone)
        .with("version", user.version.to_string());
    Ok(draw(&member.visit, &user, &typed, &Wrong::default()))
}

pub(crate) async fn save(member: Member, form: Form) -> Result<Page, Failure> {
    let user = user(&member).await?;
    let Member { visit, person } = member;
    let typed = &form.fields;
    let mut wrong = Wrong::default();
    let version = typed.text("version").parse().map_or(IfMatch::Any, IfMatch::Version);
    let sent = ["display_name", "time_zone"].into_iter().filter(|name| typed.all(name).next().is_some());
    let named = sent.map(|name| (name.to_owned(), json!(typed.text(name))));
    let body = calls::body::<EditUser>(&serde_json::Value::Object(named.collect()))?;
    match auth::edit_me(person.into_person(), calls::nothing(), visit.info.clone(), form.key, version, body)
        .await
    {
        Ok(_) if typed.text("back") == "/today" => return Ok(Page::see_other("/today?done=saved")),
        Ok(_) => return Ok(Page::see_other("/account/profile?done=saved")),
        Err(failure) => wrong.take(&visit.look, failure, &[])?,
    }
    Ok(draw(&visit, &user, typed, &wrong))
}
