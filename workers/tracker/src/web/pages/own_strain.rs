//! A strain of one's own: only its owner sees it.

use crate::members;
use crate::strains::routes as strains;
use crate::strains::rules::NewStrain;
use crate::strains::store::Strain;
use crate::web::calls::{self, Wrong};
use crate::web::look::Look;
use crate::web::ui::{self, Choice, Input, Tab};
use crate::web::visit::{Form, Member, Visit};
use maud::html;
use serde_json::{Value, json};
use sesh_edge::http::{Failure, Fields, Page};
use sesh_types::envelope::ErrorCode;

fn draw(visit: &Visit, typed: &Fields, wrong: &Wrong) -> Page {
    let (look, t, p) = (&*visit.look, visit.look.t(), visit.look.pictures());
    let kinds = [
        ("", p.kind_unknown),
        ("indica", t.kind_indica),
        ("sativa", t.kind_sativa),
        ("hybrid", t.kind_hybrid),
    ];
    let kinds = kinds.map(|(code, text)| Choice::new(code, text));
    let words = |name, label| Input::text(name, label).hint(p.words_hint).optional();
    let fields = html! {
        p.quiet { (p.strain_new_line) }
        (ui::field(look, Input::text("name", p.strain_name), typed, wrong))
        (ui::chips("kind", p.strain_kind, "", &kinds, typed.text("kind"), wrong))
        div.pair.even {
            (ui::field(look, Input::text("thc", p.thc).hint(p.percent_hint).numbers().optional(), typed, wrong))
            (ui::field(look, Input::text("cbd", p.cbd).numbers().optional(), typed, wrong))
        }
        (ui::field(look, words("effects", t.effects_said), typed, wrong))
        (ui::field(look, words("flavors", t.flavors_said), typed, wrong))
        (ui::field(look, Input::text("description", p.description).kind("textarea").optional(), typed, wrong))
        p.actions { button.button { (t.save) } a.button.plain href="/strains" { (t.cancel) } }
    };
    let content = html! {
        h1 { (p.strain_new) }
        (ui::problems(look, wrong))
        (ui::form(visit, "/strains/new", "card", &fields))
    };
    Page::html(
        if wrong.is_empty() { 200 } else { 422 },
        ui::page(look, Tab::Elsewhere, p.strain_new, &content),
    )
}

pub(crate) async fn new(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    // The check of the token stands in every read.
    person.read(members::one(person.scope())).await?;
    let name: String = visit.query.text("name").chars().take(120).collect();
    Ok(draw(&visit, &Fields::default().with("name", name), &Wrong::default()))
}

/// Hundredths of a per cent, of what somebody typed.
fn percent(text: &str) -> Option<i64> {
    let plain = text.trim_end_matches(['%', ' ']).replace(',', ".");
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 || whole.is_empty() {
        return None;
    }
    let hundredths = whole.parse::<i64>().ok()? * 100 + format!("{part:0<2}").parse::<i64>().ok()?;
    (hundredths <= 10_000).then_some(hundredths)
}

fn body(look: &Look, typed: &Fields, wrong: &mut Wrong) -> Value {
    if typed.text("name").is_empty() {
        wrong.note("name", look.t().issue_required);
    }
    let mut share = |name: &str| {
        let text = typed.text(name);
        let found = percent(text);
        if found.is_none() && !text.is_empty() {
            wrong.note(name, look.pictures().issue_percent);
        }
        found
    };
    let (thc, cbd) = (share("thc"), share("cbd"));
    let words = |name: &str| -> Vec<&str> {
        typed.text(name).split([',', ';']).map(str::trim).filter(|word| !word.is_empty()).collect()
    };
    let given = |name: &str| Some(typed.text(name)).filter(|text| !text.is_empty());
    json!({
        "name": typed.text("name"), "type": given("kind"), "thc_percent": thc, "cbd_percent": cbd,
        "effects": words("effects"), "flavors": words("flavors"), "description": given("description")
    })
}

pub(crate) async fn add(member: Member, form: Form) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, typed) = (&*visit.look, &form.fields);
    let mut wrong = Wrong::default();
    let body = body(look, typed, &mut wrong);
    if wrong.is_empty() {
        let added = match calls::body::<NewStrain>(&body) {
            Ok(body) => strains::add(person.clone(), calls::nothing(), form.key, body).await,
            Err(failure) => Err(failure),
        };
        match added {
            Ok(answer) => {
                let strain: Strain = calls::data(&answer)?;
                return Ok(Page::see_other(&format!("/strains/{}?done=added", strain.id)));
            }
            Err(failure) if calls::code(&failure) == Some(ErrorCode::Conflict) => {
                wrong.note("name", look.pictures().strain_taken);
            }
            Err(failure) => wrong.take(look, failure, &[("thc_percent", "thc"), ("cbd_percent", "cbd")])?,
        }
    }
    // The check of the token stands in every read.
    person.read(members::one(person.scope())).await?;
    Ok(draw(&visit, typed, &wrong))
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_per_cent_is_read_as_people_type_it() {
        let read = ["18.5", "18,5 %", "0", "100", "20.25"].map(percent);
        assert_eq!(read, [Some(1_850), Some(1_850), Some(0), Some(10_000), Some(2_025)]);
        for text in ["", "a lot", "101", "1.234", "-1", "1e2"] {
            assert_eq!(percent(text), None, "{text}");
        }
    }
}
