//! One import: what would come in, how it is read, which rows cannot; later what came in, and the way back.

use super::import::name;
use super::insights::method;
use crate::diary_export::csv;
use crate::imports::routes as imports;
use crate::imports::rules::{Bad, Format, Import, Mapping, Options, Preview, Ready, State, Sure, Why};
use crate::web::calls::{self, Wrong};
use crate::web::look::Look;
use crate::web::ui::{self, Choice, Input, Tab, hidden};
use crate::web::visit::{Form, Member, Visit};
use crate::web::when::Clock;
use crate::web::words::data::Texts;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sesh_edge::http::{Failure, Fields, Key, Page};
use sesh_types::amounts::Bare;
use sesh_types::envelope::{Details, ErrorCode};
use sesh_types::ids::ImportId;

/// Columns that are mapped: as the API names them, and in words.
const fn columns(w: &Texts) -> [(&'static str, &'static str); 10] {
    [
        ("date", w.col_date),
        ("time", w.col_time),
        ("name", w.col_name),
        ("amount", w.col_amount),
        ("method", w.col_method),
        ("rating", w.col_rating),
        ("mood_before", w.col_mood_before),
        ("mood_after", w.col_mood_after),
        ("effects", w.col_effects),
        ("notes", w.col_notes),
    ]
}

fn mapped<'m>(mapping: &'m Mapping, field: &str) -> &'m str {
    let column = match field {
        "date" => &mapping.date,
        "time" => &mapping.time,
        "name" => &mapping.name,
        "amount" => &mapping.amount,
        "method" => &mapping.method,
        "rating" => &mapping.rating,
        "mood_before" => &mapping.mood_before,
        "mood_after" => &mapping.mood_after,
        "effects" => &mapping.effects,
        _ => &mapping.notes,
    };
    column.as_deref().unwrap_or_default()
}

/// How a file is to be read, as a form or an address says it; nothing but guesses when it says nothing.
fn told(fields: &Fields) -> Value {
    let mut said = Map::new();
    if fields.text("read") != "1" {
        return Value::Object(said);
    }
    let mut put = |name: &str, value: Value| said.insert(name.to_owned(), value);
    if fields.all("map-date").next().is_some() {
        let column = |(field, _): (&str, &str)| {
            let column = fields.exact(&format!("map-{field}")).to_owned();
            (!column.is_empty()).then(|| (field.to_owned(), Value::String(column)))
        };
        let mapping: Map<String, Value> =
            columns(crate::web::words::Lang::En.data()).into_iter().filter_map(column).collect();
        put("mapping", Value::Object(mapping));
    }
    for name in ["time_zone", "amounts", "method"] {
        if !fields.text(name).is_empty() {
            put(name, json!(fields.text(name)));
        }
    }
    match fields.text("dates") {
        "day" => put("day_first", json!(true)),
        "month" => put("day_first", json!(false)),
        _ => None,
    };
    if let Ok(mg) = fields.text("unit_mg").parse::<i64>() {
        put("unit_mg", json!(mg));
    }
    if fields.text("chosen") == "1" {
        put("only", json!(fields.all("only").collect::<Vec<_>>()));
    }
    Value::Object(said)
}

/// The same as it stands in an address or in hidden fields.
fn pairs(fields: &Fields) -> Vec<(String, String)> {
    if fields.text("read") != "1" {
        return Vec::new();
    }
    let single = ["read", "time_zone", "amounts", "method", "dates", "unit_mg", "chosen"].map(str::to_owned);
    let mapped = columns(crate::web::words::Lang::En.data()).map(|(field, _)| format!("map-{field}"));
    let known = single.into_iter().chain(mapped);
    let mut pairs: Vec<(String, String)> = known
        .filter(|name| fields.all(name).next().is_some())
        .map(|name| (name.clone(), fields.exact(&name).to_owned()))
        .collect();
    pairs.extend(fields.all("only").map(|name| ("only".to_owned(), name.to_owned())));
    pairs
}

fn address(path: &str, pairs: &[(String, String)]) -> String {
    let query: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", ui::encoded(value))).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

const fn why(w: &Texts, why: Why) -> &'static str {
    match why {
        Why::NoTime => w.why_no_time,
        Why::TooOld => w.why_too_old,
        Why::InFuture => w.why_future,
        Why::NotAnAmount => w.why_amount,
        Why::NotOneToFive => w.why_scale,
        Why::TooLong => w.why_long,
        Why::TooMany => w.why_many,
    }
}

fn column_name(w: &Texts, field: &str) -> &'static str {
    columns(w).into_iter().find_map(|(known, text)| (known == field).then_some(text)).unwrap_or(w.col_notes)
}

fn first(look: &Look, preview: &Preview, clock: &Clock) -> Markup {
    let (t, w) = (look.t(), look.lang.data());
    let sure = |row: &Ready| match row.time_is_sure {
        Sure::Yes => None,
        Sure::DayOnly => Some(w.only_day),
        Sure::ShownTwice | Sure::NeverShown => Some(w.clock_change),
    };
    html! {
        section.card {
            h2 { (w.first_rows) }
            ul.rows { @for row in &preview.first { li.row.still {
                span.main {
                    span.name { (row.name.as_deref().unwrap_or(w.unnamed)) }
                    span.more {
                        time datetime=(row.occurred_at) { (clock.dated(row.occurred_at)) }
                        @if let Some(note) = sure(row) { " (" (note) ")" }
                        " · " (look.lang.method(row.method))
                        @if let Some(rating) = row.rating { " · " (rating) "/5" }
                    }
                    @if let Some(notes) = &row.notes { span.more.cut { (notes) } }
                }
                span.amount { @match row.quantity_mg { Some(mg) => (look.amount(mg)), None => span.quiet title=(w.no_amount) { "–" } } }
            } } }
            @if preview.unsure_times > 0 { p.hint { (look.lang.rows(preview.unsure_times)) ": " (w.unsure_line) } }
            p.hint { (t.time_zone) ": " (preview.time_zone.replace('_', " ")) }
        }
    }
}

fn bad(look: &Look, preview: &Preview, list: &str) -> Markup {
    let w = look.lang.data();
    html! {
        section.card #bad {
            h2 { (w.bad_rows) ": " (preview.bad_rows) }
            p.quiet { (w.bad_rows_line) }
            div.scroll tabindex="0" role="region" aria-label=(w.bad_rows) { table {
                thead { tr { th scope="col" { (w.line_number) } th scope="col" { (w.what_field) } th scope="col" { (w.why) } } }
                tbody { @for row in &preview.bad {
                    tr { th scope="row" { (row.line) } td { (column_name(w, row.field)) }
                        td { (why(w, row.code)) @if let Some(value) = &row.value { span.more.cut { "“" (value) "”" } } } }
                } }
            } }
            @if preview.bad_rows > preview.bad.len() as u64 { p.hint { (w.bad_rows_some) } }
            p.actions { a.button.plain href=(list) download { (w.bad_rows_get) } }
        }
    }
}

fn reading(look: &Look, preview: &Preview, fields: &Fields, path: &str, wrong: &Wrong) -> Markup {
    let w = look.lang.data();
    let is_csv = preview.import.format == Format::Csv;
    let samples = |name: &str| {
        let column = preview.columns.iter().find(|column| column.name == name);
        column.map(|column| column.samples.join(" · ")).unwrap_or_default()
    };
    let names = std::iter::once(Choice::new("", w.no_column))
        .chain(preview.columns.iter().map(|column| Choice::new(&column.name, &column.name)))
        .collect::<Vec<_>>();
    let bares = [(Bare::G, "g", w.bare_g), (Bare::Mg, "mg", w.bare_mg), (Bare::Units, "units", w.bare_units)];
    let bare = bares.iter().find(|(bare, ..)| *bare == preview.amounts).map_or("g", |(_, code, _)| code);
    let bares = bares.map(|(_, code, text)| Choice::new(code, text));
    let order = if preview.day_first { "day" } else { "month" };
    let orders = [Choice::new("month", w.month_first), Choice::new("day", w.day_first)];
    let methods = ["smoke", "vape", "dab", "eat", "drink", "sublingual", "topical", "other"]
        .map(|code| Choice::new(code, method(look, code)));
    let told_method = if fields.text("method").is_empty() { "other" } else { fields.text("method") };
    let zone =
        Fields::default().with("time_zone", &preview.time_zone).with("unit_mg", fields.text("unit_mg"));
    let choices: Vec<(Choice, bool)> = preview
        .choices
        .iter()
        .map(|choice| {
            (Choice::new(&choice.name, &choice.name).more(look.lang.rows(choice.rows)), choice.chosen)
        })
        .collect();
    html! {
        form.card #reading method="get" action=(path) {
            h2 { (w.read_how) }
            p.quiet { (w.read_how_line) }
            (hidden("read", "1"))
            @if !choices.is_empty() {
                (hidden("chosen", "1"))
                (ui::checks("only", w.which_ones, &choices, wrong))
            }
            @if is_csv {
                fieldset.grid { legend { (w.columns) }
                    @for (field, label) in columns(w) {
                        @let column = mapped(&preview.mapping, field);
                        div.field {
                            label for={ "f-map-" (field) } { (label) }
                            select id={ "f-map-" (field) } name={ "map-" (field) } {
                                @for Choice { value, text, .. } in &names { option value=(value) selected[value == column] { (text) } }
                            }
                            @if let Some(problem) = wrong.of(&format!("map-{field}")) { p.wrong { (problem) } }
                            @let shown = samples(column);
                            @if !shown.is_empty() { p.hint.cut { (shown) } }
                        }
                    }
                }
            }
            (ui::field(look, Input::text("time_zone", w.clocks).hint(w.clocks_hint), &zone, wrong))
            @if preview.import.format != Format::Journal { (ui::chips("dates", w.dates, "", &orders, order, wrong)) }
            @if is_csv || preview.import.format == Format::HabitBull || preview.import.format == Format::LoopHabit {
                (ui::chips("amounts", w.bare, "", &bares, bare, wrong))
                (ui::field(look, Input::text("unit_mg", w.unit_mg).numbers().optional(), &zone, wrong))
            }
            (ui::select("method", w.method_else, &methods, told_method))
            p.actions { button.button.plain { (w.read_again) } }
        }
    }
}

fn draw_preview(visit: &Visit, preview: &Preview, fields: &Fields, wrong: &Wrong) -> Page {
    let (look, w) = (&*visit.look, visit.look.lang.data());
    let path = format!("/account/import/{}", preview.import.id);
    let pairs = pairs(fields);
    let clock = Clock { zone: preview.time_zone.clone(), now: visit.io.now(), lang: look.lang };
    let confirm = html! {
        @for (name, value) in &pairs { (hidden(name, value)) }
        button.button { (look.lang.import_them(preview.sessions)) }
    };
    let away = html! { button.button.plain { (w.throw_away) } };
    let content = html! {
        h1 { (w.preview) }
        p.lead { (name(look, preview.import.format)) ". " (w.preview_none) }
        (ui::problems(look, wrong))
        @if preview.same_as.is_some() { div.notice.warn role="status" { p { (w.same_file) } } }
        @if preview.dates_are_two_faced { div.notice.warn role="status" { p { (w.two_faced) } } }
        section.card {
            dl.figures {
                (ui::figure(w.can_come, &preview.sessions.to_string(), None))
                (ui::figure(w.cannot_come, &preview.bad_rows.to_string(), None))
                (ui::figure(w.not_chosen, &preview.left_out.to_string(), None))
            }
            div.actions {
                @if preview.sessions > 0 { (ui::form(visit, &format!("{path}/confirm"), "inline", &confirm)) }
                @else { p { (if preview.mapping.date.is_none() && preview.import.format == Format::Csv { w.issue_no_date } else { w.issue_no_rows }) } }
                (ui::form(visit, &format!("{path}/undo?of=file"), "inline", &away))
            }
        }
        div.columns {
            div {
                @if !preview.first.is_empty() { (first(look, preview, &clock)) }
                @if preview.bad_rows > 0 { (bad(look, preview, &address(&format!("{path}/bad.csv"), &pairs))) }
            }
            (reading(look, preview, fields, &path, wrong))
        }
    };
    let status = if wrong.is_empty() { 200 } else { 422 };
    Page::html(status, ui::page(look, Tab::Elsewhere, w.import, &content))
}

fn draw_settled(visit: &Visit, import: &Import) -> Page {
    let (look, w) = (&*visit.look, visit.look.lang.data());
    let count = |found: Option<i64>| found.unwrap_or(0).to_string();
    let back = html! { button.button.danger { (w.undo_import) } };
    let content = html! {
        h1 { (w.import) }
        @if import.state == State::Confirmed {
            (ui::notice(w.took_in, None))
            section.card {
                h2 { (name(look, import.format)) }
                dl.figures {
                    (ui::figure(w.table_sessions, &count(import.sessions), None))
                    (ui::figure(w.not_chosen, &count(import.left_out), None))
                }
                p.quiet { (w.took_in_line) }
                p.actions { a.button href="/history" { (w.see_history) } a.button.plain href="/account/import" { (w.import_another) } }
            }
            section.card {
                h2 { (w.undo_import) }
                p { (w.undo_import_line) }
                (ui::form(visit, &format!("/account/import/{}/undo", import.id), "actions", &back))
            }
        } @else {
            (ui::empty(w.import_undone_line, "/account/import", w.import_another))
        }
    };
    Page::html(200, ui::page(look, Tab::Elsewhere, w.import, &content))
}

/// What is wrong with how a file is to be read, beside its field.
fn noted(look: &Look, wrong: &mut Wrong, failure: Failure) -> Result<(), Failure> {
    let (t, w) = (look.t(), look.lang.data());
    let Some(Details::Issues(issues)) = calls::details(&failure) else { return Err(failure) };
    for issue in issues {
        let field = issue.field.as_str();
        match (field, issue.code.as_str()) {
            (_, "unknown_column") => {
                wrong.note(&field.replacen("mapping.", "map-", 1), w.issue_column);
            }
            ("mapping.date", _) => wrong.note("map-date", w.issue_no_date),
            (_, "no_rows") => wrong.note("", w.issue_no_rows),
            ("time_zone", _) => wrong.note("time_zone", t.issue_zone),
            _ => wrong.note(field, t.issue_range),
        }
    }
    Ok(())
}

fn options(said: &Value) -> Result<Options, Failure> {
    Ok(calls::body::<Options>(said)?.value)
}

/// The preview, read as it was told; as guessed, with what is wrong beside it, when that does not do.
async fn look_at(member: &Member, id: ImportId, fields: &Fields, mut wrong: Wrong) -> Result<Page, Failure> {
    let look = &member.visit.look;
    let told = match options(&told(fields)) {
        Ok(options) => imports::looked(&member.person, id, &options).await,
        Err(failure) => Err(failure),
    };
    let (preview, fields) = match told {
        Ok(preview) => (preview, fields.clone()),
        Err(failure) if calls::code(&failure) == Some(ErrorCode::Conflict) => {
            let mut wrong = Wrong::default();
            wrong.note("", look.lang.data().issue_expired);
            let content = html! {
                h1 { (look.lang.data().import) }
                (ui::empty(look.lang.data().issue_expired, "/account/import", look.lang.data().import_another))
            };
            return Ok(Page::html(200, ui::page(look, Tab::Elsewhere, look.lang.data().import, &content)));
        }
        Err(failure) => {
            noted(look, &mut wrong, failure)?;
            (imports::looked(&member.person, id, &Options::default()).await?, Fields::default())
        }
    };
    Ok(draw_preview(&member.visit, &preview, &fields, &wrong))
}

async fn import(member: &Member, id: ImportId) -> Result<Import, Failure> {
    calls::data(&imports::one(member.person.clone(), calls::nothing(), Key(id)).await?)
}

pub(crate) async fn show(member: Member, Key(id): Key<ImportId>) -> Result<Page, Failure> {
    let import = import(&member, id).await?;
    if import.state == State::Previewed {
        let fields = member.visit.query.clone();
        return look_at(&member, id, &fields, Wrong::default()).await;
    }
    Ok(draw_settled(&member.visit, &import))
}

/// Takes it in, once; whoever taps twice, on this page or on two, comes to the same result.
pub(crate) async fn confirm(member: Member, Key(id): Key<ImportId>, form: Form) -> Result<Page, Failure> {
    let path = format!("/account/import/{id}");
    let body = calls::body::<Options>(&told(&form.fields))?;
    match imports::confirm(member.person.clone(), calls::nothing(), Key(id), form.key, body).await {
        Ok(_) => Ok(Page::see_other(&path)),
        Err(failure) => match calls::code(&failure) {
            Some(ErrorCode::Conflict) => Ok(Page::see_other(&path)),
            Some(ErrorCode::Unprocessable | ErrorCode::BadRequest) => {
                let mut wrong = Wrong::default();
                noted(&member.visit.look, &mut wrong, failure)?;
                look_at(&member, id, &form.fields, wrong).await
            }
            _ => Err(failure),
        },
    }
}

/// Every row that cannot come in, to be kept and mended.
pub(crate) async fn bad_rows(member: Member, Key(id): Key<ImportId>) -> Result<Page, Failure> {
    const COLUMNS: [&str; 4] = ["line", "field", "why", "value"];
    let Member { visit, person } = member;
    let w = visit.look.lang.data();
    let rows = imports::every_bad(&person, id, &options(&told(&visit.query))?).await?;
    let mut text = String::from(csv::BOM);
    csv::header(&mut text, &COLUMNS);
    for Bad { line, field, code, value, .. } in rows {
        let row =
            json!({ "line": line, "field": column_name(w, field), "why": why(w, code), "value": value });
        csv::row(&mut text, &COLUMNS, &[&row]);
    }
    Ok(Page::file("text/csv; charset=utf-8", "rows.csv", text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_says_is_what_a_form_posts() {
        let asked =
            b"read=1&map-date=When&map-name=&time_zone=Europe/Berlin&dates=day&chosen=1&only=a&only=b+c";
        let fields = Fields::read(asked);
        let wanted = json!({ "mapping": { "date": "When" }, "time_zone": "Europe/Berlin", "day_first": true,
            "only": ["a", "b c"] });
        assert_eq!(told(&fields), wanted);
        let line = address("/x", &pairs(&fields));
        let (_, query) = line.split_once('?').unwrap();
        assert_eq!(told(&Fields::read(query.as_bytes())), wanted);
        assert_eq!(told(&Fields::read(b"map-date=When")), json!({}), "what no form said counts for nothing");
    }
}
