//! Where somebody is signed in.

use crate::auth::routes as auth;
use crate::web::calls;
use crate::web::ui::{self, Tab};
use crate::web::visit::{Form, Member};
use crate::web::when::Clock;
use maud::html;
use sesh_edge::http::{Failure, Key, Page, PageQuery, Query};
use sesh_edge::token::Oneself;
use sesh_types::contract::auth::Device;
use sesh_types::ids::DeviceId;

/// What a browser is called by people.
fn name(agent: &str) -> String {
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS", "Mac"),
        ("Windows", "Windows"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => agent.chars().take(40).collect(),
    }
}

pub(crate) async fn show(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, t) = (&*visit.look, visit.look.t());
    let clock = Clock { zone: "UTC".to_owned(), now: visit.io.now(), lang: look.lang };
    let query = Query(PageQuery { page: None, limit: Some(100) });
    let listing = auth::devices(Oneself::of(person.into_person())?, visit.info.clone(), query).await?;
    let (mut devices, _): (Vec<Device>, _) = calls::rows(&listing)?;
    // Programs of others have a page of their own.
    devices.retain(|device| device.client.is_none());
    let out = html! { button.link.danger { (t.sign_out) } };
    let others = html! { button.button.plain { (t.sign_out_others) } };
    let content = html! {
        h1 { (t.devices) }
        p.lead { (t.devices_line) }
        @if visit.query.text("done") == "out" { (ui::notice(t.signed_out_device, None)) }
        section.card {
            ul.rows {
                @for device in &devices {
                    li.row.still {
                        span.main {
                            span.name { (name(&device.user_agent)) @if device.current { " " span.tag { (t.this_device) } } }
                            span.more { (clock.ago(device.last_seen_at)) }
                        }
                        @if !device.current { (ui::form(&visit, &format!("/account/devices/{}", device.id), "inline", &out)) }
                    }
                }
            }
        }
        @if devices.len() > 1 { (ui::form(&visit, "/account/devices/others", "actions", &others)) }
    };
    Ok(Page::html(200, ui::page(look, Tab::Elsewhere, t.devices, &content)))
}

pub(crate) async fn sign_out(
    member: Member,
    Key(device): Key<DeviceId>,
    form: Form,
) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    auth::sign_out_device(person.into_person(), calls::nothing(), visit.info.clone(), form.key, Key(device))
        .await?;
    Ok(Page::see_other("/account/devices?done=out"))
}

pub(crate) async fn sign_out_others(member: Member, form: Form) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    auth::sign_out_others(person.into_person(), calls::nothing(), visit.info.clone(), form.key).await?;
    Ok(Page::see_other("/account/devices?done=out"))
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_browser_is_called_as_people_call_it() {
        let agent =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18 Safari/604";
        assert_eq!([name(agent), name("curl/8")], ["Safari · iPhone", "curl/8"]);
    }
}
