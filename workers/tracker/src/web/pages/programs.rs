//! Programs of others that act for somebody, and accounts elsewhere that sign them in.

use super::proof;
use crate::auth::{identities, routes as auth};
use crate::web::calls::{self, Wrong};
use crate::web::ui::{self, Choice, Tab};
use crate::web::visit::{Form, Member};
use crate::web::when::Clock;
use maud::html;
use sesh_edge::http::{Failure, Key, Page, PageQuery, Query};
use sesh_edge::token::Oneself;
use sesh_types::contract::auth::Device;
use sesh_types::contract::factors::Reauthenticate;
use sesh_types::contract::identities::{Identities, ProviderName};
use sesh_types::ids::DeviceId;

pub(crate) async fn show(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, w) = (&*visit.look, visit.look.lang.access());
    let clock = Clock { zone: "UTC".to_owned(), now: visit.io.now(), lang: look.lang };
    let query = Query(PageQuery { page: None, limit: Some(100) });
    let listing = auth::devices(Oneself::of(person.into_person())?, visit.info.clone(), query).await?;
    let (devices, _): (Vec<Device>, _) = calls::rows(&listing)?;
    let programs: Vec<_> =
        devices.iter().filter_map(|device| Some((device, device.client.as_ref()?))).collect();
    let end = html! { button.link.danger { (w.disconnect) } };
    let content = html! {
        h1 { (w.programs) }
        p.lead { (w.programs_line) }
        @if visit.query.text("done") == "out" { (ui::notice(w.disconnected, None)) }
        @if programs.is_empty() { div.empty { p { (w.programs_none) } } } @else {
            section.card { ul.rows { @for (device, program) in &programs {
                li.row.still {
                    span.main {
                        span.name { (program.name) }
                        span.more { (clock.ago(device.last_seen_at)) " · " (w.program_may) " " (program.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ")) }
                    }
                    (ui::form(&visit, &format!("/account/programs/{}", device.id), "inline", &end))
                }
            } } }
        }
    };
    Ok(Page::html(200, ui::page(look, Tab::Elsewhere, w.programs, &content)))
}

pub(crate) async fn disconnect(member: Member, Key(id): Key<DeviceId>, form: Form) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    auth::sign_out_device(person.into_person(), calls::nothing(), visit.info.clone(), form.key, Key(id))
        .await?;
    Ok(Page::see_other("/account/programs?done=out"))
}

async fn draw_ways(member: &Member, wrong: &Wrong) -> Result<Page, Failure> {
    let visit = &member.visit;
    let (look, w) = (&*visit.look, visit.look.lang.access());
    let clock = Clock { zone: "UTC".to_owned(), now: visit.io.now(), lang: look.lang };
    let found = identities::list(member.person.clone().into_person(), calls::nothing(), visit.info.clone());
    let found: Identities = calls::data(&found.await?)?;
    let choices: Vec<Choice> =
        found.identities.iter().map(|way| Choice::new(&way.provider, &way.provider)).collect();
    let first = found.identities.first().map(|way| way.provider.as_str()).unwrap_or_default();
    let with_code = !choices.is_empty() && proof::with_code(member).await?;
    let fields = html! {
        (ui::chips("provider", w.way_which, "", &choices, first, wrong))
        (proof::fields(look, with_code, wrong))
        p.actions { button.button.danger { (w.unlink) } }
    };
    let content = html! {
        h1 { (w.ways) }
        p.lead { (w.ways_line) }
        @if visit.query.text("done") == "unlinked" { (ui::notice(w.unlinked, None)) }
        (ui::problems(look, wrong))
        @if found.identities.is_empty() { div.empty { p { (w.ways_none) } } } @else {
            section.card { ul.rows { @for way in &found.identities {
                li.row.still { span.main { span.name { (way.provider) } span.more { (w.way_linked) " " (clock.ago(way.linked_at)) } } }
            } } }
            @if found.has_password { (ui::form(visit, "/account/ways", "card", &fields)) } @else { p { (w.ways_no_password) } }
        }
    };
    let status = if wrong.is_empty() { 200 } else { 422 };
    Ok(Page::html(status, ui::page(look, Tab::Elsewhere, w.ways, &content)))
}

pub(crate) async fn ways(member: Member) -> Result<Page, Failure> {
    draw_ways(&member, &Wrong::default()).await
}

pub(crate) async fn unlink(member: Member, form: Form) -> Result<Page, Failure> {
    let mut wrong = Wrong::default();
    let Ok(provider) = form.fields.text("provider").parse::<ProviderName>() else {
        wrong.note("provider", member.visit.look.t().issue_choose);
        return draw_ways(&member, &wrong).await;
    };
    let body = calls::body::<Reauthenticate>(&proof::body(&form.fields).into())?;
    let (person, info) = (member.person.clone().into_person(), member.visit.info.clone());
    match identities::unlink(person, calls::nothing(), info, form.key, Key(provider), body).await {
        Ok(_) => return Ok(Page::see_other("/account/ways?done=unlinked")),
        Err(failure) => proof::note(&member.visit.look, &mut wrong, failure)?,
    }
    draw_ways(&member, &wrong).await
}
