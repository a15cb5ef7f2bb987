//! Strains: found by a name that is nearly right; of each, what oneself felt before what the catalogue says.

use crate::insights::money::{self, Used};
use crate::insights::store::{Priced, priced};
use crate::members;
use crate::sessions::store::{self as sessions, Filter, Session};
use crate::stash::Text;
use crate::strains::CatalogueSize;
use crate::strains::routes::{self as strains, StrainQuery};
use crate::strains::store::{self, Strain, Visibility};
use crate::taken::{Item, Taken};
use crate::web::calls;
use crate::web::look::Look;
use crate::web::shelf::clock;
use crate::web::ui::{self, Tab, icon};
use crate::web::visit::Member;
use crate::web::{amounts, pages::today::row};
use axum::extract::State;
use maud::{Markup, html};
use sesh_edge::http::{Failure, Key, Page, Query};
use sesh_edge::io::Batch;
use sesh_edge::token::Person;
use sesh_types::contract::catalogue::StrainType;
use sesh_types::ids::{LotId, StrainId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The most sessions that one's own record is made of.
const MOST: u32 = 500;

/// Whether only this person sees it.
fn is_own(strain: &Strain) -> bool {
    strain.visibility == Visibility::Private
}

fn kind(look: &Look, kind: StrainType) -> &'static str {
    let t = look.t();
    match kind {
        StrainType::Indica => t.kind_indica,
        StrainType::Sativa => t.kind_sativa,
        StrainType::Hybrid => t.kind_hybrid,
    }
}

/// Hundredths of a per cent.
fn percent(look: &Look, hundredths: i64) -> String {
    format!("{}\u{a0}%", amounts::thousandths(hundredths * 10, 2, look.lang))
}

fn facts(look: &Look, strain: &Strain) -> String {
    let thc = strain.thc_percent.map(|thc| format!("THC {}", percent(look, thc)));
    let cbd = strain.cbd_percent.map(|cbd| format!("CBD {}", percent(look, cbd)));
    let kind = strain.kind.map(|of| kind(look, of).to_owned());
    [kind, thc, cbd, strain.breeder.clone()].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

pub(crate) async fn search(member: Member, size: State<Arc<CatalogueSize>>) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, t, p) = (&*visit.look, visit.look.t(), visit.look.pictures());
    let q: String = visit.query.text("q").chars().take(120).collect();
    let page = visit.query.text("page").parse::<u32>().unwrap_or(1).clamp(1, 5_000);
    let query = StrainQuery::named(Some(q.clone()).filter(|q| !q.is_empty()), page);
    let listing = strains::list(person, size, Query(query)).await?;
    let (found, meta): (Vec<Strain>, _) = calls::rows(&listing)?;
    let address = |page: u32| format!("/strains?q={}&page={page}", ui::encoded(&q));
    let content = html! {
        h1 { (t.strains) }
        form.search role="search" method="get" action="/strains" {
            label.away for="f-q" { (t.search_strains) }
            input id="f-q" name="q" type="search" value=(q) placeholder=(t.search_strains) autocomplete="off";
            button.button { (icon("search")) span.away { (t.search) } }
        }
        @if found.is_empty() {
            (ui::empty(t.no_strain, "/stash/new", t.add_purchase))
        } @else {
            section.card {
                ul.rows {
                    @for strain in &found {
                        li.row { a href={ "/strains/" (strain.id) } {
                            span.main { span.name { (strain.name) @if is_own(strain) { " " span.tag { (p.yours) } } } span.more { (facts(look, strain)) } }
                            (icon("next"))
                        } }
                    }
                }
            }
            p.actions.pages {
                @if page > 1 { a.button.plain href=(address(page - 1)) rel="prev" { (t.back) } }
                @if u64::from(page) * u64::from(meta.limit) < meta.total { a.button.plain href=(address(page + 1)) rel="next" { (t.see_all) } }
            }
        }
        p.links { a href="/strains/new" { (p.strain_new) } }
    };
    Ok(Page::html(200, ui::page(look, Tab::Elsewhere, t.strains, &content)))
}

/// The mean of what is there, with one digit.
fn mean(values: impl Iterator<Item = i64>, look: &Look) -> Option<String> {
    let (sum, count) = values.fold((0, 0), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| amounts::thousandths(sum * 1_000 / count, 1, look.lang))
}

/// What was felt, the most frequent first.
fn felt(sessions: &[Session]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for effect in sessions.iter().flat_map(|session| &session.effects) {
        *counts.entry(effect.to_lowercase()).or_default() += 1;
    }
    let mut felt: Vec<_> = counts.into_iter().collect();
    felt.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    felt.truncate(8);
    felt
}

fn record(look: &Look, id: StrainId, sessions: &[Session], costs: &[Used], rows: &Markup) -> Markup {
    let t = look.t();
    let own = |session: &&Session| {
        session
            .items
            .iter()
            .filter(|item| item.strain_id == Some(id))
            .filter_map(|item| item.quantity_mg)
            .sum::<i64>()
    };
    let sum: i64 = sessions.iter().map(|session| own(&session)).sum();
    let mood = [
        mean(sessions.iter().filter_map(|s| s.mood_before), look),
        mean(sessions.iter().filter_map(|s| s.mood_after), look),
    ];
    html! {
        section.card {
            h2 { (t.your_record) }
            @if sessions.is_empty() { p.quiet { (t.no_record) } } @else {
                dl.figures.small {
                    (ui::figure(t.seshes, &sessions.len().to_string(), Some(&look.amount(sum))))
                    @if let Some(rating) = mean(sessions.iter().filter_map(|s| s.rating), look) { (ui::figure(t.average_rating, &rating, Some("/ 5"))) }
                    @if let [Some(before), Some(after)] = &mood { (ui::figure(t.average_mood, &format!("{before} → {after}"), None)) }
                    @for cost in costs { (ui::figure(look.pictures().cost_each, &amounts::price(cost.per_session_minor, &cost.currency, look.lang), Some(&look.lang.seshes(cost.sessions)))) }
                }
                @let words = felt(sessions);
                @if !words.is_empty() {
                    h3 { (t.felt) }
                    ul.tags { @for (word, count) in words { li { (word) " " span.quiet { (count) "×" } } } }
                }
                ul.rows { (rows) }
                p.links { a href={ "/history?strain=" (id) } { (t.see_all) } }
            }
        }
    }
}

/// What the sessions with a strain cost: each its part of its lots' prices, of this strain alone.
async fn costs(person: &Person, id: StrainId, sessions: &[Session]) -> Result<Vec<Used>, Failure> {
    let of = |session: &Session| Taken {
        occurred_at: session.occurred_at,
        method: String::new(),
        items: session
            .items
            .iter()
            .filter(|item| item.strain_id == Some(id))
            .map(|item| Item { lot_id: item.lot_id, quantity_mg: item.quantity_mg, ..Item::default() })
            .collect(),
        mood_before: None,
        mood_after: None,
        effects: Vec::new(),
    };
    let taken: Vec<Taken> = sessions.iter().map(of).collect();
    let lots: BTreeSet<LotId> =
        taken.iter().flat_map(|session| &session.items).filter_map(|item| item.lot_id).collect();
    if lots.is_empty() {
        return Ok(Vec::new());
    }
    let lots: Vec<LotId> = lots.into_iter().collect();
    let priced: Vec<Priced> = person.read(priced(person.scope(), &lots)).await?.all(0)?;
    Ok(money::spend(&taken, &priced, &[]).used)
}

fn catalogue(look: &Look, strain: &Strain) -> Markup {
    let (t, p) = (look.t(), look.pictures());
    let lists = [
        (t.effects_said, &strain.effects),
        (t.flavors_said, &strain.flavors),
        (t.terpenes_said, &strain.terpenes),
        (t.parents_said, &strain.parents),
    ];
    let (title, note) =
        if is_own(strain) { (p.you_say, p.you_say_note) } else { (t.catalogue_says, t.catalogue_note) };
    let facts = facts(look, strain);
    html! {
        section.card {
            h2 { (title) }
            @if !facts.is_empty() { p { (facts) } }
            @if let Some(text) = &strain.description { p { (text) } }
            @for (title, words) in lists {
                @if let Some(words) = words.as_ref().filter(|words| !words.is_empty()) {
                    h3 { (title) } ul.tags { @for word in words { li { (word) } } }
                }
            }
            p.quiet { (note) }
        }
    }
}

pub(crate) async fn show(member: Member, Key(id): Key<StrainId>) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, t, scope) = (&*visit.look, visit.look.t(), person.scope());
    let filter = Filter { strain: Some(id), ..Filter::default() };
    let batch = Batch::from(members::one(scope))
        .and(store::one(scope, id))
        .and(sessions::page(scope, &filter, MOST, 0));
    let rows = person.read(batch).await?;
    let found = rows.first::<Text>(1)?.ok_or_else(|| Failure::not_found("strain"))?;
    let strain: Strain = serde_json::from_str(&found.body).map_err(Failure::internal)?;
    let logged: Vec<Session> = rows.all(2)?;
    let costs = costs(&person, id, &logged).await?;
    let clock = clock(&rows, 0, &person, look)?;
    let last = html! { @for session in logged.iter().take(3) { (row(look, &clock, session)) } };
    let content = html! {
        div.heading { h1 { (strain.name) } @if is_own(&strain) { span.tag { (look.pictures().yours) } } }
        @if visit.query.text("done") == "added" { (ui::notice(look.pictures().strain_added, None)) }
        div.columns {
            (record(look, id, &logged, &costs, &last))
            (catalogue(look, &strain))
        }
        p.actions { a.button href={ "/stash/new?strain=" (id) } { (t.add_this) } }
    };
    Ok(Page::html(200, ui::page(look, Tab::Elsewhere, &strain.name, &content)))
}
