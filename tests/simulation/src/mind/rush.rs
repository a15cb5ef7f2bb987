//! What somebody still sends whose token is about to die.

use super::{Draft, Mind, draft};
use crate::actions::{Action, Intent};
use crate::people::{Access, Pass};
use serde_json::json;

/// Which place of whom, if it is no member of staff.
type Who = Option<(usize, usize)>;

impl Mind<'_> {
    /// One more request beside what ends something.
    pub fn rush(&mut self, end: &Action) -> Option<Action> {
        if let Some(action) = self.redeem_beside(end) {
            return Some(action);
        }
        if let Intent::Close { tenant } = &end.intent
            && self.dice.happens(400)
        {
            return self.enter_beside(tenant);
        }
        let doomed = self.doomed(end);
        let (who, token) = self.dice.one_of(&doomed)?.clone();
        let asked = self.last_words(end, &token);
        let asked = if who.is_none() { asked.staff() } else { asked };
        Some(self.finish(asked, who, Some(token)))
    }

    /// Tokens that die by it, and some that have died.
    fn doomed(&self, end: &Action) -> Vec<(Who, Access)> {
        let dies =
            |token: &&Access| end.intent.ends(end.token.as_ref(), token) && token.expires_at > self.now;
        let mut doomed: Vec<(Who, Access)> =
            self.acting.iter().filter(dies).map(|token| (None, token.clone())).collect();
        for (place, person) in self.people.iter().enumerate() {
            for (number, device) in person.devices.iter().enumerate() {
                let tokens = device.access.iter().chain(device.old_access.last());
                doomed.extend(tokens.filter(dies).map(|token| (Some((place, number)), token.clone())));
            }
            doomed.extend(person.passes.iter().filter(dies).map(|token| (Some((place, 0)), token.clone())));
        }
        doomed
    }

    /// Mostly a change, of a kind that the token is good for; whoever is erased edits their profile.
    fn last_words(&mut self, end: &Action, token: &Access) -> Draft {
        let view = self.model.view(&token.owner()).cloned().unwrap_or_default();
        if matches!(end.intent, Intent::Erase { .. }) && token.pass == Pass::SignIn && self.dice.happens(850)
        {
            return self.edit_me(token, &view);
        }
        if self.dice.happens(150) {
            return self.look(token, &view);
        }
        let mut asked = self.change(token, &view);
        for _ in 0..6 {
            if asked.intent.is_open_to(&token.pass) {
                break;
            }
            asked = self.change(token, &view);
        }
        asked
    }

    /// A program exchanges the code that it was sent by somebody who is being signed out.
    fn redeem_beside(&mut self, end: &Action) -> Option<Action> {
        let signed_out = |device: &str| match &end.intent {
            Intent::Logout { device: gone } | Intent::RemoveDevice { device: gone } => device == gone,
            Intent::RemoveOthers { kept } => device != kept,
            Intent::Suspend { .. } | Intent::Erase { .. } => true,
            _ => false,
        };
        let mut people = self.people.iter().enumerate();
        let (place, code) = people.find_map(|(place, person)| {
            let code = person.codes.last().filter(|code| signed_out(&code.device))?;
            self.model.code(&code.id).is_some_and(|(used, _)| !used).then(|| (place, code.clone()))
        })?;
        let for_good = matches!(end.intent, Intent::Suspend { .. } | Intent::Erase { .. });
        if !self.dice.happens(if for_good { 150 } else { 500 }) {
            return None;
        }
        Some(self.redeem((place, 0), &code))
    }

    /// Somebody who is signed in goes over to a tenant, be they a member or not.
    fn enter_beside(&mut self, tenant: &str) -> Option<Action> {
        let held = |(place, person): (usize, &crate::people::Person)| {
            let tokens = person.devices.iter().enumerate();
            let tokens = tokens.filter_map(|(number, device)| Some((number, device.access.clone()?)));
            tokens.map(|(number, token)| ((place, number), token)).collect::<Vec<_>>()
        };
        let signed_in: Vec<_> = self.people.iter().enumerate().flat_map(held).collect();
        let (who, token) = self.dice.one_of(&signed_in)?.clone();
        let body = json!({"tenant_id": tenant, "delivery": "token"});
        let intent = Intent::Switch { tenant: tenant.to_owned() };
        Some(self.finish(draft(intent, "POST", "/api/v1/auth/tenant").body(body), Some(who), Some(token)))
    }
}
