//! Export: what there is to take along, in plain words, and the files themselves.

use super::proof;
use crate::diary_export::routes::{self as diary, CsvQuery, Table};
use crate::export::routes::{self as everything, AskExport};
use crate::user::UserAlone;
use crate::web::calls::{self, Wrong};
use crate::web::ui::{self, Input, Tab};
use crate::web::visit::{Form, Member};
use maud::html;
use serde_json::json;
use sesh_edge::http::{Failure, Fields, Page, Query, Refusal};
use sesh_edge::token::Oneself;

async fn draw(member: &Member, typed: &Fields, wrong: &Wrong) -> Result<Page, Failure> {
    let visit = &member.visit;
    let (look, w) = (&*visit.look, visit.look.lang.data());
    let with_code = proof::with_code(member).await?;
    let tables = [
        ("sessions", w.table_sessions, w.table_sessions_more),
        ("stash", w.table_stash, w.table_stash_more),
        ("entries", w.table_entries, w.table_entries_more),
        ("strains", w.table_strains, w.table_strains_more),
    ];
    let ask = html! {
        (proof::fields(look, with_code, wrong))
        @if !typed.text("after").is_empty() || wrong.of("after").is_some() || visit.query.text("part") == "next" {
            (ui::field(look, Input::text("after", w.next_part).hint(w.next_part_hint).optional(), typed, wrong))
        }
        p.actions { button.button { (w.download) } }
    };
    let content = html! {
        h1 { (w.export) }
        p.lead { (w.export_line) }
        (ui::problems(look, wrong))
        div.columns {
            div {
                section.card {
                    h2 { (w.report) } p { (w.report_line) }
                    p.actions { a.button href="/account/report" { (w.report_make) } }
                }
                section.card {
                    h2 { (w.diary_json) } p { (w.diary_json_line) }
                    p.actions { a.button.plain href="/account/export/diary" download { (w.download) } }
                }
            }
            div {
                section.card {
                    h2 { (w.tables) } p { (w.tables_line) }
                    ul.rows { @for (table, name, more) in tables { li.row.still {
                        span.main { span.name { (name) } span.more { (more) } }
                        a.button.plain href={ "/account/export/table?of=" (table) } download aria-label={ "CSV: " (name) } { "CSV" }
                    } } }
                }
                section.card {
                    h2 { (w.everything) } p { (w.everything_line) }
                    details open[!wrong.is_empty() || visit.query.text("part") == "next"] { summary { (w.everything) } (ui::form(visit, "/account/export/everything", "plainly", &ask)) }
                }
            }
        }
    };
    let status = if wrong.is_empty() { 200 } else { 422 };
    Ok(Page::html(status, ui::page(look, Tab::Elsewhere, w.export, &content)))
}

pub(crate) async fn show(member: Member) -> Result<Page, Failure> {
    draw(&member, &Fields::default(), &Wrong::default()).await
}

/// The diary as one file.
pub(crate) async fn diary(member: Member) -> Result<Page, Failure> {
    let answer = diary::json(UserAlone::of(member.person)?, calls::nothing()).await?;
    Ok(Page::file("application/json", "diary.json", answer.bytes().clone()))
}

/// A table, with the mark that spreadsheets want.
pub(crate) async fn table(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let name = Some(visit.query.text("of")).filter(|name| !name.is_empty()).unwrap_or("sessions");
    let table: Option<Table> = serde_json::from_value(json!(name)).ok();
    let table = table.ok_or_else(|| Refusal::not_found("table"))?;
    let file =
        diary::table(UserAlone::of(person)?, Query(CsvQuery { table: Some(table), bom: Some(true) })).await?;
    Ok(Page::file(file.content_type, &format!("{name}.csv"), file.body))
}

/// Everything about oneself, after showing who one is.
pub(crate) async fn everything(member: Member, form: Form) -> Result<Page, Failure> {
    let (typed, mut wrong) = (&form.fields, Wrong::default());
    let mut body = proof::body(typed);
    if !typed.text("after").is_empty() {
        body.insert("after".to_owned(), json!(typed.text("after")));
    }
    let body = calls::body::<AskExport>(&body.into())?;
    let (person, info) = (member.person.clone().into_person(), member.visit.info.clone());
    match everything::export(Oneself::of(person)?, calls::nothing(), info, body).await {
        Ok(answer) => return Ok(Page::file("application/json", "everything.json", answer.bytes().clone())),
        Err(failure) => proof::note(&member.visit.look, &mut wrong, failure)?,
    }
    draw(&member, typed, &wrong).await
}
