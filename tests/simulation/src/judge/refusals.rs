//! Refusals must be true, at some moment between the request and its answer.

use super::Answered;
use crate::actions::{Intent, Item, Movement};
use crate::model::View;
use crate::scheduler::Simulation;

/// Tries at signing in that are let through whatever becomes of them.
const FREE_TRIES: u32 = 10;

impl Simulation<'_> {
    pub(super) fn is_justified(&self, answered: &Answered<'_>, code: &str) -> bool {
        let version = answered.action.if_match;
        match (answered.status, code) {
            (401, "unauthorized") => self.may_be_unauthorized(answered),
            (401, "invalid_credentials") => match &answered.action.intent {
                Intent::Login { right, .. } => !right || answered.ever(|view| !view.active),
                _ => false,
            },
            (404, "not_found") => self.may_be_missing(answered),
            (409, "conflict") => match &answered.action.intent {
                Intent::Register { .. } => !self.was_done(answered) && !answered.views.is_empty(),
                Intent::AddStrain { name } => answered.ever(|view| view.strains.contains_key(name)),
                _ => false,
            },
            (409, "insufficient_stock") => may_be_short(answered),
            (412, "precondition_failed") => match &answered.action.intent {
                Intent::EditMe { .. } => answered.ever(|view| Some(view.version) != version),
                Intent::Edit { session, .. } | Intent::Delete { session, .. } => {
                    answered.ever(|view| view.sessions.get(session).copied() != version)
                }
                _ => false,
            },
            (429, "too_many_requests") => match &answered.action.intent {
                Intent::Login { email, .. } | Intent::Register { email } => {
                    self.told.tries[email] > FREE_TRIES
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether the same action took effect: then its repetition must not be told that somebody else did it.
    fn was_done(&self, answered: &Answered<'_>) -> bool {
        answered.action.key.is_some() && self.model.applied.contains_key(&self.doing(answered.root))
    }

    fn may_be_unauthorized(&self, answered: &Answered<'_>) -> bool {
        if let Intent::Refresh { token } = &answered.action.intent {
            let last =
                self.model.people.get(&answered.person).and_then(|known| known.rotated_at.get(&token.device));
            let lately = last.is_some_and(|at| self.now - at <= crate::model::GRACE_MS - 3_000);
            let current = |view: &View| match view.devices.get(&token.device) {
                Some(generation) => {
                    view.active
                        && (*generation == token.generation
                            || (*generation == token.generation + 1 && lately))
                }
                None => false,
            };
            return answered.ever(|view| !current(view));
        }
        let Some(token) = &answered.action.token else { return false };
        let latest = self.now + self.rates.skew_ms.iter().copied().max().unwrap_or(0);
        token.expires_at <= latest
            || answered.ever(|view| {
                !view.active || view.epoch > token.epoch || !view.devices.contains_key(&token.device)
            })
    }

    fn may_be_missing(&self, answered: &Answered<'_>) -> bool {
        match &answered.action.intent {
            Intent::Enter { lot, .. } | Intent::ReadLot { lot } | Intent::ReadEntries { lot } => {
                answered.ever(|view| !view.lots.contains_key(lot))
            }
            Intent::Edit { session, .. }
            | Intent::Delete { session, .. }
            | Intent::ReadSession { session } => answered.ever(|view| !view.sessions.contains_key(session)),
            Intent::RemoveDevice { device } => self.model.owner_of(device) != Some(answered.person.as_str()),
            _ => false,
        }
    }
}

/// Whether a lot held less than was asked of it, and the details say what it held.
fn may_be_short(answered: &Answered<'_>) -> bool {
    let asked: Vec<Item> = match &answered.action.intent {
        Intent::Enter { lot, movement: Movement::By(_, delta) } => vec![(lot.clone(), Some(-delta))],
        Intent::Log { items } | Intent::Edit { items: Some(items), .. } => items.clone(),
        _ => return false,
    };
    let details = &answered.json["error"]["details"];
    let lot = details["lot_id"].as_str().unwrap_or_default();
    let named = answered.ever(|view| view.lots.get(lot).copied() == details["available_mg"].as_i64());
    let held = |view: &View, lot: &str| view.lots.get(lot).copied().unwrap_or_default();
    named
        && answered.ever(|view| {
            asked.iter().any(|(lot, amount)| amount.is_some_and(|amount| amount > held(view, lot)))
        })
}
