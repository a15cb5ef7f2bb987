//! What most pages need: the person's clock, their lots, their last sessions, read in one batch.

use super::look::Look;
use super::when::Clock;
use crate::members;
use crate::sessions::store::{self as sessions, Filter, Session};
use crate::stash::store::{self as stash, Lot};
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Rows};
use sesh_edge::token::Person;
use std::cmp::Reverse;

/// How many lots and sessions are looked at: more than anybody sees on one page.
const MOST: u32 = 100;

/// A person's lots and last sessions.
pub(crate) struct Shelf {
    pub(crate) clock: Clock,
    /// Those that hold something first, the most used of them first.
    pub(crate) lots: Vec<Lot>,
    /// The latest first.
    pub(crate) sessions: Vec<Session>,
}

/// The person's clock, of the row that stands at this place of a batch.
pub(crate) fn clock(rows: &Rows, place: usize, person: &Person, look: &Look) -> Result<Clock, Failure> {
    let zone = members::read(rows, place)?.time_zone;
    let zone = if sesh_edge::zone::exists(&zone) { zone } else { "UTC".to_owned() };
    Ok(Clock { zone, now: person.io().now(), lang: look.lang })
}

/// Reads the shelf.
pub(crate) async fn read(person: &Person, look: &Look) -> Result<Shelf, Failure> {
    let scope = person.scope();
    let batch = Batch::from(members::one(scope)).and(stash::page(scope, MOST, 0)).and(sessions::page(
        scope,
        &Filter::default(),
        MOST,
        0,
    ));
    let rows = person.read(batch).await?;
    let sessions: Vec<Session> = rows.all(2)?;
    let mut lots: Vec<Lot> = rows.all(1)?;
    let used = |lot: &Lot| {
        sessions.iter().filter(|session| session.items.iter().any(|item| item.lot_id == Some(lot.id))).count()
    };
    lots.sort_by_cached_key(|lot| (lot.balance_mg == 0, Reverse(used(lot))));
    Ok(Shelf { clock: clock(&rows, 0, person, look)?, lots, sessions })
}

impl Shelf {
    /// Those that hold something.
    pub(crate) fn held(&self) -> impl Iterator<Item = &Lot> {
        self.lots.iter().filter(|lot| lot.balance_mg > 0)
    }

    /// The amounts that the person takes, the most frequent of the last weeks; then usual ones.
    pub(crate) fn amounts(&self) -> Vec<i64> {
        let taken =
            self.sessions.iter().flat_map(|session| &session.items).filter_map(|item| item.quantity_mg);
        let mut counts: Vec<(i64, usize)> = Vec::new();
        for mg in taken.take(40) {
            match counts.iter_mut().find(|(known, _)| *known == mg) {
                Some((_, count)) => *count += 1,
                None => counts.push((mg, 1)),
            }
        }
        // The last one stays among them, however rare it is.
        counts.get_mut(..1).into_iter().flatten().for_each(|(_, count)| *count += 40);
        counts.sort_by_key(|(_, count)| Reverse(*count));
        let mut amounts: Vec<i64> = counts.into_iter().map(|(mg, _)| mg).take(4).collect();
        for usual in [250, 500, 1_000, 100] {
            if amounts.len() < 4 && !amounts.contains(&usual) {
                amounts.push(usual);
            }
        }
        amounts.sort_unstable();
        amounts
    }
}
