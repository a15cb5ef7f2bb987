//! What most pages need: the person's clock, their lots, their last sessions, read in one batch.

use super::look::Look;
use super::when::Clock;
use crate::insights::trend::supply;
use crate::sessions::store::{self as sessions, Filter, Session};
use crate::stash::store::{self as stash, Lot};
use crate::{live, members};
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Rows};
use sesh_edge::token::Person;
use sesh_types::contract::live::Seq;
use sesh_types::time::DAY_MS;
use std::cmp::Reverse;

/// How many lots and sessions are looked at: more than anybody sees on one page.
const MOST: u32 = 100;
/// Over how many days a pace is reckoned.
const PACE_DAYS: i64 = 30;
const LEAST_PACE_DAYS: i64 = 7;
/// What lasts longer is not reckoned.
const LONGEST_DAYS: i64 = 365;
/// A lot that lasts no longer is empty soon.
pub(crate) const SOON_DAYS: i64 = 7;

/// A person's lots and last sessions.
pub(crate) struct Shelf {
    pub(crate) clock: Clock,
    /// Those that hold something first, the most used of them first.
    pub(crate) lots: Vec<Lot>,
    /// The latest first.
    pub(crate) sessions: Vec<Session>,
    /// The number of the last change that is in all of this.
    pub(crate) seq: Seq,
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
    let batch = batch.and(live::last(scope));
    let rows = person.read(batch).await?;
    let sessions: Vec<Session> = rows.all(2)?;
    let mut lots: Vec<Lot> = rows.all(1)?;
    let used = |lot: &Lot| {
        sessions.iter().filter(|session| session.items.iter().any(|item| item.lot_id == Some(lot.id))).count()
    };
    lots.sort_by_cached_key(|lot| (lot.balance_mg == 0, Reverse(used(lot))));
    Ok(Shelf { clock: clock(&rows, 0, person, look)?, lots, sessions, seq: live::seq(&rows, 3)? })
}

impl Shelf {
    /// Those that hold something.
    pub(crate) fn held(&self) -> impl Iterator<Item = &Lot> {
        self.lots.iter().filter(|lot| lot.balance_mg > 0)
    }

    /// Whether there are more lots than these.
    pub(crate) fn is_full(&self) -> bool {
        self.lots.len() >= MOST as usize
    }

    /// Whole days that a lot lasts at the pace of the last weeks, as far as amounts are known; none when nothing was taken
    /// of it. Of a lot that is days old a week is reckoned, so that the first evening is no pace.
    pub(crate) fn lasts_days(&self, lot: &Lot) -> Option<i64> {
        let now = self.clock.now;
        let read_since = self
            .sessions
            .last()
            .filter(|_| self.sessions.len() >= MOST as usize)
            .map(|oldest| oldest.occurred_at);
        let month = now.plus_ms(-PACE_DAYS * DAY_MS);
        let since =
            [Some(month), read_since, Some(lot.acquired_at)].into_iter().flatten().max().unwrap_or(month);
        let taken = self.sessions.iter().filter(|session| session.occurred_at >= since);
        let items = taken.flat_map(|session| &session.items).filter(|item| item.lot_id == Some(lot.id));
        let taken_mg = items.filter_map(|item| item.quantity_mg).sum();
        let over_days = ((now.0 - since.0) / DAY_MS).clamp(LEAST_PACE_DAYS, PACE_DAYS);
        supply(lot.balance_mg, taken_mg, 0, over_days).days.filter(|days| *days <= LONGEST_DAYS)
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
