//! Imports: choosing a file, and what was brought before.

use crate::imports::routes as imports;
use crate::imports::rules::{Format, Import, NewImport, State};
use crate::web::calls::{self, Wrong};
use crate::web::look::Look;
use crate::web::ui::{self, Input, Tab, icon};
use crate::web::visit::{Form, Member, Upload, Visit};
use crate::web::when::Clock;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use sesh_edge::http::{Failure, Fields, Key, Page, PageQuery, Query};
use sesh_types::envelope::{Details, ErrorCode};
use sesh_types::ids::ImportId;

/// What a file is called that is of a format.
pub(super) const fn name(look: &Look, format: Format) -> &'static str {
    let w = look.lang.data();
    match format {
        Format::Csv => w.kind_csv,
        Format::Daylio => w.kind_daylio,
        Format::LoopHabit => w.kind_loop,
        Format::HabitBull => w.kind_habitbull,
        Format::Journal => w.kind_journal,
    }
}

/// The import that a preview is of.
#[derive(Deserialize)]
struct Looked {
    import: Import,
}

/// A file's bytes as text: UTF-8, else UTF-16 with its mark, else Windows-1252, which old spreadsheets write. Nothing when
/// it is no text.
fn text_of(bytes: &[u8]) -> Option<String> {
    let units = |pair: fn([u8; 2]) -> u16| {
        let units = bytes.get(2..).unwrap_or_default().chunks_exact(2);
        let units: Vec<u16> = units.filter_map(|two| two.try_into().ok().map(pair)).collect();
        String::from_utf16(&units).ok()
    };
    let text = match bytes {
        [0xFF, 0xFE, ..] => units(u16::from_le_bytes)?,
        [0xFE, 0xFF, ..] => units(u16::from_be_bytes)?,
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
            Err(_) => bytes.iter().copied().map(windows_1252).collect(),
        },
    };
    (!text.contains('\0')).then_some(text)
}

/// A byte of Windows-1252 (WHATWG Encoding, "windows-1252").
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    byte.checked_sub(0x80).and_then(|place| HIGH.get(usize::from(place))).copied().unwrap_or(char::from(byte))
}

fn kinds(look: &Look) -> Markup {
    let w = look.lang.data();
    let kinds = [
        (w.kind_csv, w.kind_csv_more),
        (w.kind_daylio, w.kind_daylio_more),
        (w.kind_loop, w.kind_loop_more),
        (w.kind_habitbull, w.kind_habitbull_more),
        (w.kind_journal, w.kind_journal_more),
    ];
    html! {
        section.card {
            h2 { (w.import_kinds) }
            dl.facts { @for (name, more) in kinds { div { dt { (name) } dd.quiet { (more) } } } }
        }
    }
}

fn before(look: &Look, clock: &Clock, imports: &[Import]) -> Markup {
    let w = look.lang.data();
    let state = |import: &Import| match import.state {
        State::Previewed => w.import_open.to_owned(),
        State::Confirmed => {
            let sessions = import.sessions.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
            format!("{} · {}", w.import_in, look.lang.seshes(sessions))
        }
        State::Undone => w.import_undone.to_owned(),
    };
    html! {
        section.card {
            h2 { (w.imports_before) }
            ul.rows { @for import in imports {
                li.row { a href={ "/account/import/" (import.id) } {
                    span.main { span.name { (name(look, import.format)) } span.more { (clock.ago(import.recorded_at)) " · " (state(import)) } }
                    (icon("next"))
                } }
            } }
        }
    }
}

async fn draw(member: &Member, typed: &Fields, wrong: &Wrong) -> Result<Page, Failure> {
    let visit = &member.visit;
    let (look, w) = (&*visit.look, visit.look.lang.data());
    let query = Query(PageQuery { page: None, limit: Some(20) });
    let (found, _): (Vec<Import>, _) = calls::rows(&imports::list(member.person.clone(), query).await?)?;
    let clock = Clock { zone: "UTC".to_owned(), now: visit.io.now(), lang: look.lang };
    let accept = ".csv,.txt,.json,text/csv,text/plain,application/json";
    let fields = html! {
        (ui::file("file", w.import_file, w.import_file_hint, accept, wrong))
        details open[!typed.text("text").is_empty()] {
            summary { (w.import_paste) }
            (ui::field(look, Input::text("text", w.import_text).kind("textarea").optional(), typed, wrong))
        }
        p.actions { button.button { (w.import_look) } a.button.plain href="/account" { (look.t().cancel) } }
    };
    let content = html! {
        h1 { (w.import) }
        p.lead { (w.import_line) }
        @match visit.query.text("done") {
            "undone" => (ui::notice(w.import_undone_line, None)),
            "thrown" => (ui::notice(w.thrown_away, None)),
            _ => {}
        }
        (ui::problems(look, wrong))
        div.columns {
            div {
                (ui::upload(visit, "/account/import", "card", &fields))
                @if !found.is_empty() { (before(look, &clock, &found)) }
            }
            (kinds(look))
        }
    };
    let status = if wrong.is_empty() { 200 } else { 422 };
    Ok(Page::html(status, ui::page(look, Tab::Elsewhere, w.import, &content)))
}

pub(crate) async fn show(member: Member) -> Result<Page, Failure> {
    draw(&member, &Fields::default(), &Wrong::default()).await
}

/// What a refusal of a file means to whoever chose it.
fn refused(look: &Look, wrong: &mut Wrong, failure: Failure) -> Result<(), Failure> {
    let w = look.lang.data();
    let message = calls::message(&failure);
    match (calls::code(&failure), calls::details(&failure)) {
        (Some(ErrorCode::Conflict), _) => wrong.note("", w.issue_many_imports),
        (Some(ErrorCode::Unprocessable | ErrorCode::BadRequest), Some(Details::Issues(issues))) => {
            let of = |code: &str| issues.iter().any(|issue| issue.code == code);
            let long = of("too_long") || issues.iter().any(|issue| issue.message.contains("10,000"));
            wrong.note("file", if long { w.issue_long_file } else { w.issue_empty_file });
        }
        (Some(ErrorCode::Unprocessable | ErrorCode::BadRequest), _) => wrong.note("file", message),
        _ => return Err(failure),
    }
    Ok(())
}

pub(crate) async fn post(member: Member, upload: Upload) -> Result<Page, Failure> {
    let Upload { form, file } = upload;
    let (look, typed) = (member.visit.look.clone(), &form.fields);
    let w = look.lang.data();
    let mut wrong = Wrong::default();
    let source = match (&file, typed.text("text")) {
        (Some(bytes), _) => text_of(bytes),
        (None, pasted) => Some(pasted.to_owned()),
    };
    match source.as_deref().map(str::trim) {
        None => wrong.note("file", w.issue_binary),
        Some("") => wrong.note("file", if file.is_some() { w.issue_empty_file } else { w.issue_file }),
        Some(source) => {
            let body = calls::body::<NewImport>(&json!({ "source": source }))?;
            match imports::look(member.person.clone(), calls::nothing(), form.key, body).await {
                Ok(answer) => {
                    let Looked { import } = calls::data(&answer)?;
                    return Ok(Page::see_other(&format!("/account/import/{}", import.id)));
                }
                Err(failure) => refused(&look, &mut wrong, failure)?,
            }
        }
    }
    draw(&member, &Fields::default().with("text", typed.text("text")), &wrong).await
}

/// Takes an import back, or throws a file away.
pub(crate) async fn undo(member: Member, Key(id): Key<ImportId>, form: Form) -> Result<Page, Failure> {
    let Visit { query, .. } = &member.visit;
    let done = if query.text("of") == "file" { "thrown" } else { "undone" };
    match imports::undo(member.person.clone(), calls::nothing(), Key(id), form.key).await {
        Ok(_) => {}
        // It may be gone already: two taps, on two pages.
        Err(failure) if calls::code(&failure) == Some(ErrorCode::NotFound) => {
            let found = imports::one(member.person, calls::nothing(), Key(id)).await?;
            if calls::data::<Import, _, 200>(&found)?.state != State::Undone {
                return Err(failure);
            }
        }
        Err(failure) => return Err(failure),
    }
    Ok(Page::see_other(&format!("/account/import?done={done}")))
}

#[cfg(test)]
mod tests {
    use super::text_of;

    #[test]
    fn files_are_read_as_old_and_new_spreadsheets_write_them() {
        let read = |bytes: &[u8]| text_of(bytes);
        assert_eq!(read("\u{feff}Día,€\n".as_bytes()).as_deref(), Some("Día,€\n"));
        assert_eq!(read(b"D\xeda,\x80\n").as_deref(), Some("Día,€\n"));
        assert_eq!(read(b"\xff\xfea\0,\0\xed\0").as_deref(), Some("a,í"));
        assert_eq!(read(b"\xfe\xff\0a\0,\0\xed").as_deref(), Some("a,í"));
        assert_eq!(read(b"PK\x03\x04\x14\0\x06\0"), None, "a spreadsheet itself is no text");
    }
}
