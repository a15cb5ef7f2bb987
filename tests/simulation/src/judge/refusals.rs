//! Refusals must be true, at some moment between the request and its answer.

use super::Answered;
use crate::actions::{Intent, Item, Movement};
use crate::model::View;
use crate::people::{Pass, person_of};
use crate::scheduler::Simulation;

/// Tries at signing in that are let through whatever becomes of them.
const FREE_TRIES: u32 = 10;

impl Simulation<'_> {
    pub(super) fn is_justified(&self, answered: &Answered<'_>, code: &str) -> bool {
        let version = answered.action.if_match;
        match (answered.status, code) {
            (401, "unauthorized") => self.may_be_unauthorized(answered),
            (401, "invalid_credentials") => match &answered.action.intent {
                Intent::Login { right, email } => {
                    !right || answered.ever(|view| !view.active) || self.model.was_erased(email)
                }
                // The key is remembered for a day, and nobody is left whose answer could be made again.
                Intent::Register { email } => self.model.was_erased(email),
                Intent::MakeKey { .. } | Intent::RotateKey { .. } | Intent::Erase { .. } => {
                    answered.ever(|view| !view.active)
                }
                _ => false,
            },
            (404, "not_found") => self.may_be_missing(answered),
            (409, "conflict") => match &answered.action.intent {
                Intent::Register { email } => {
                    !self.was_done(answered) && (!answered.views.is_empty() || self.model.was_erased(email))
                }
                Intent::AddStrain { name } => answered.ever(|view| view.strains.contains_key(name)),
                Intent::RotateKey { key } => answered.ever(|view| {
                    view.stands.get(key).is_none_or(|(until, replaced)| *replaced || *until <= self.latest())
                }),
                // One at a time; nobody as whom nobody may act.
                Intent::ActAs { .. } => {
                    self.model.acting().is_some()
                        || answered.ever(|view| !view.active)
                        || self.acted(answered)
                }
                Intent::Invite { tenant, .. } => {
                    self.model.is_invited(tenant, self.roots[answered.root].commit)
                }
                Intent::Accept { tenant, .. } => answered.ever(|view| view.tenants.contains(tenant)),
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
            (403, "insufficient_scope" | "forbidden") => {
                let token = answered.action.token.as_ref();
                token.is_some_and(|token| !answered.action.intent.is_open_to(&token.pass))
            }
            (403, "impersonated") => {
                let pass = answered.action.token.as_ref().map(|token| &token.pass);
                pass == Some(&Pass::Staff) && !answered.action.intent.reads()
            }
            (403, "tenant_inactive") => self.may_be_closed(answered),
            (400, "invalid_grant") => match &answered.action.intent {
                Intent::Redeem { code, device, epoch, until, .. } => {
                    self.model.code(code).is_none_or(|(used, _)| used)
                        || *until <= self.latest()
                        || answered.ever(|view| {
                            !view.active || view.epoch != *epoch || !view.devices.contains_key(device)
                        })
                }
                Intent::RefreshGrant { .. } => self.may_be_unauthorized(answered),
                _ => false,
            },
            (429, "too_many_requests") => match &answered.action.intent {
                Intent::MakeKey { .. } | Intent::RotateKey { .. } | Intent::Erase { .. } => {
                    self.told.tries.get(person_of(&answered.person)).is_some_and(|tries| *tries > FREE_TRIES)
                }
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
        if let Intent::Refresh { token } | Intent::RefreshGrant { token } = &answered.action.intent {
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
        let Some(token) = &answered.action.token else { return self.is_old_staff(answered) };
        let closed_to_keys = matches!(token.pass, Pass::Key(_))
            && answered.action.intent.of_keys() == crate::actions::Needs::SignIn;
        let over =
            |view: &View| view.stands.get(&token.device).is_some_and(|(until, _)| *until <= self.latest());
        closed_to_keys
            || token.expires_at <= self.latest()
            || answered.ever(|view| !view.knows(token) || over(view))
    }

    /// The time by the clock that is furthest ahead.
    fn latest(&self) -> i64 {
        self.now + self.rates.skew_ms.iter().copied().max().unwrap_or(0)
    }

    /// Staff have no token of their own to renew here: one that was minted long ago has expired.
    fn is_old_staff(&self, answered: &Answered<'_>) -> bool {
        let age = self.latest() - answered.action.begun_at;
        answered.action.staff.is_some() && age > crate::staff::TOKEN_MS - 5_000
    }

    /// Whether staff began or ended acting while it was answered.
    fn acted(&self, answered: &Answered<'_>) -> bool {
        self.model.acted_since(self.roots[answered.root].commit)
    }

    /// Whether the tenant of the token, of the device, or that somebody goes to was closed.
    fn may_be_closed(&self, answered: &Answered<'_>) -> bool {
        let token = answered.action.token.as_ref();
        self.roots[answered.root].reopened
            || answered.ever(|view| {
                let there = token.is_some_and(|token| view.closed.contains(&token.tenant));
                there
                    || match &answered.action.intent {
                        Intent::Switch { tenant } | Intent::Accept { tenant, .. } => {
                            view.closed.contains(tenant)
                        }
                        Intent::Refresh { token } => {
                            view.places.get(&token.device).is_some_and(|tenant| view.closed.contains(tenant))
                        }
                        _ => false,
                    }
            })
    }

    fn may_be_missing(&self, answered: &Answered<'_>) -> bool {
        // Jars and strains are thought of where somebody works now, and a token of before may be of another tenant.
        let lacks = |view: &View, items: &[Item]| items.iter().any(|(lot, _)| !view.lots.contains_key(lot));
        match &answered.action.intent {
            Intent::AddLot { strain: Some(strain), .. } => {
                answered.ever(|view| view.strains.values().all(|known| known != strain))
            }
            Intent::Log { items } => answered.ever(|view| lacks(view, items)),
            Intent::Edit { session, items: Some(items), .. } => {
                answered.ever(|view| !view.sessions.contains_key(session) || lacks(view, items))
            }
            Intent::Enter { lot, .. } | Intent::ReadLot { lot } | Intent::ReadEntries { lot } => {
                answered.ever(|view| !view.lots.contains_key(lot))
            }
            Intent::Edit { session, .. }
            | Intent::Delete { session, .. }
            | Intent::ReadSession { session } => answered.ever(|view| !view.sessions.contains_key(session)),
            Intent::RotateKey { key } | Intent::RevokeKey { key } => {
                !self.model.owns_key(&answered.person, key)
            }
            Intent::Suspend { .. }
            | Intent::Reinstate { .. }
            | Intent::Erase { .. }
            | Intent::ActAs { .. } => answered.views.is_empty() || answered.ever(|view| view.erased),
            // An invitation goes with whom it was for.
            Intent::Invite { email, .. } => self.model.was_erased(email),
            Intent::StopActing { act } => !self.model.knows_stand(act),
            Intent::Switch { tenant } => answered.ever(|view| !view.tenants.contains(tenant)),
            Intent::Accept { invitation, .. } => self.model.is_over(invitation),
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
