//! What a success says must have been done, once, and as it says.

use super::Answered;
use crate::actions::Intent;
use crate::model::{Effect, View};
use crate::people::{Access, Pass, Refresh, person_of};
use crate::scheduler::Simulation;
use crate::{Holds, violated};
use serde_json::Value;

impl Simulation<'_> {
    pub(super) fn judge_write(&mut self, answered: &Answered<'_>) -> Holds {
        let effect = self.model.applied.get(&self.doing(answered.root)).cloned();
        match &answered.action.intent {
            Intent::Register { .. } | Intent::Login { .. } | Intent::Redeem { .. } => {
                self.judge_sign_in(answered, effect)
            }
            Intent::Refresh { token } | Intent::RefreshGrant { token } => self.judge_refresh(answered, token),
            Intent::MakeKey { .. } | Intent::RotateKey { .. } => self.judge_key(answered, effect),
            Intent::RevokeKey { key: stand } | Intent::StopActing { act: stand } => {
                if self.model.is_standing(stand) {
                    return violated("what was ended still stands");
                }
                self.told.dead_devices.insert(stand.clone());
                Ok(())
            }
            Intent::Erase { person } => {
                if self.model.view(person).is_some_and(|view| !view.erased) {
                    return violated("who was erased is there");
                }
                self.told.knows_gone(person);
                Ok(())
            }
            Intent::ActAs { .. } => {
                let token = answered.data()["access_token"].as_str().and_then(Access::read);
                match (effect, token) {
                    (Some(Effect::Made(id)), Some(token))
                        if token.device == id
                            && token.pass == Pass::Staff
                            && token.person == answered.person =>
                    {
                        Ok(())
                    }
                    (effect, _) => violated(format!("done was {effect:?}, and it says {}", answered.data())),
                }
            }
            Intent::MakeTenant { .. } | Intent::Invite { .. } => match effect {
                Some(Effect::Made(id)) if answered.data()["id"] == *id => Ok(()),
                effect => violated(format!("done was {effect:?}, and it says {}", answered.data())),
            },
            Intent::Accept { tenant, .. } => {
                let joined = answered.ever_since_first(|view| view.tenants.contains(tenant));
                if joined { Ok(()) } else { violated("nobody joined") }
            }
            Intent::Close { tenant } => {
                if let Some(version) = self.model.version_closed(tenant) {
                    self.told.closed.insert(tenant.clone(), version);
                }
                Ok(())
            }
            Intent::Switch { tenant } => self.judge_switch(answered, tenant),
            Intent::Logout { device } | Intent::RemoveDevice { device } | Intent::EndGrant { device } => {
                if effect.is_none() && !answered.ever_since_first(|view| !view.devices.contains_key(device)) {
                    return violated("the device is still signed in");
                }
                self.told.dead_devices.insert(device.clone());
                Ok(())
            }
            Intent::RemoveOthers { kept } => self.judge_others(answered, kept, effect),
            Intent::Suspend { person } => self.judge_suspension(answered, person, effect),
            Intent::Reinstate { .. } => {
                if effect.is_none() && !answered.ever_since_first(|view| view.active) {
                    return violated("the person is still suspended");
                }
                Ok(())
            }
            Intent::Open { tenant } => {
                if let Some(version) = answered.data()["version"].as_i64() {
                    self.told.opened.insert(tenant.clone(), version);
                }
                Ok(())
            }
            Intent::Import => Ok(()),
            _ => self.judge_own(answered, effect),
        }
    }

    fn judge_own(&mut self, answered: &Answered<'_>, effect: Option<Effect>) -> Holds {
        let Some(effect) = effect else { return violated("it says that it is done, and nothing was done") };
        let data = answered.data();
        let number = |name: &str| data[name].as_i64();
        let id = data["id"].as_str().unwrap_or_default();
        let known = &self.model.people[&answered.person];
        if let Effect::Profile(version) = effect {
            let whose = person_of(&answered.person).to_owned();
            let told = self.told.profiles.entry(whose).or_default();
            *told = (*told).max(version);
        }
        let right = match (&answered.action.intent, &effect) {
            (Intent::AddLot { name, quantity, strain }, Effect::Lot(lot)) => {
                id == lot
                    && data["name"] == **name
                    && number("balance_mg") == Some(*quantity)
                    && data["strain_id"].as_str() == strain.as_deref()
            }
            (Intent::Enter { .. }, Effect::Entry { lot, seq }) => {
                let entry = &known.lots[lot].entries[usize::try_from(*seq).unwrap() - 1];
                (number("seq"), number("delta_mg"), number("balance_after_mg"))
                    == (Some(*seq), Some(entry.delta), Some(entry.balance))
            }
            (Intent::Log { items }, Effect::Session { id: session, version }) => {
                id == session
                    && number("version") == Some(*version)
                    && amounts(&data["items"]) == amounts_of(items)
            }
            (Intent::Edit { items, .. }, Effect::Session { id: session, version }) => {
                let tag = format!("\"v{version}\"");
                id == session
                    && number("version") == Some(*version)
                    && answered.etag.as_deref() == Some(tag.as_str())
                    && items.as_ref().is_none_or(|items| amounts(&data["items"]) == amounts_of(items))
            }
            (Intent::Delete { .. }, Effect::Session { .. }) => answered.status == 204,
            (Intent::AddStrain { name }, Effect::Strain(strain)) => id == strain && data["name"] == **name,
            (Intent::EditMe { name, .. }, Effect::Profile(version)) => {
                number("version") == Some(*version) && data["display_name"] == **name
            }
            _ => false,
        };
        if right { Ok(()) } else { violated(format!("done was {effect:?}, and it says {data}")) }
    }

    fn judge_sign_in(&mut self, answered: &Answered<'_>, effect: Option<Effect>) -> Holds {
        let tokens = tokens(&answered.json);
        // Whoever was erased while they signed in is nobody's by their address any more.
        let is_erased = |id: &str| self.model.view(id).is_some_and(|view| view.erased);
        match (effect, tokens) {
            (Some(Effect::Device(device)), Some((access, refresh)))
                if access.device == device
                    && (access.person == person_of(&answered.person) || is_erased(&access.person))
                    && refresh.device == device =>
            {
                self.judge_token(refresh)
            }
            (effect, _) => violated(format!("done was {effect:?}, and it says {}", answered.data())),
        }
    }

    /// A key is shown as it was made, and the same one whenever it is shown.
    fn judge_key(&mut self, answered: &Answered<'_>, effect: Option<Effect>) -> Holds {
        let token = answered.action.token.as_ref();
        let key = token.and_then(|maker| Access::key(answered.data(), maker));
        match (effect, key) {
            (Some(Effect::Made(id)), Some(key)) if key.device == id => {
                let shown = self.told.tokens.entry((id, -1)).or_insert_with(|| key.text.clone());
                if *shown == key.text { Ok(()) } else { violated("one key is shown as two") }
            }
            (effect, _) => violated(format!("done was {effect:?}, and it says {}", answered.data())),
        }
    }

    fn judge_switch(&mut self, answered: &Answered<'_>, tenant: &str) -> Holds {
        let Some((access, next)) = tokens(&answered.json) else {
            return violated("there are no tokens in it");
        };
        let stood = |view: &View| {
            view.devices.get(&next.device) == Some(&next.generation)
                && view.places.get(&next.device).map(String::as_str) == Some(tenant)
        };
        if access.tenant != tenant || access.device != next.device || !answered.ever(stood) {
            return violated("its tokens are not for where the device was taken");
        }
        self.judge_token(next)
    }

    fn judge_refresh(&mut self, answered: &Answered<'_>, presented: &Refresh) -> Holds {
        let Some((access, next)) = tokens(&answered.json) else {
            return violated("there are no tokens in it");
        };
        let of_device = next.device == presented.device && access.device == presented.device;
        if !of_device
            || next.generation != presented.generation + 1
            || access.person != person_of(&answered.person)
        {
            return violated(format!(
                "generation {} got generation {}",
                presented.generation, next.generation
            ));
        }
        let live = |view: &View| {
            view.devices.get(&next.device) == Some(&next.generation)
                && view.epoch == access.epoch
                && view.places.get(&next.device) == Some(&access.tenant)
        };
        if !answered.ever(live) {
            return violated("its tokens were of no use at any moment while it was answered");
        }
        self.judge_token(next)
    }

    /// Of one generation there is one token.
    fn judge_token(&mut self, token: Refresh) -> Holds {
        let first =
            self.told.tokens.entry((token.device, token.generation)).or_insert_with(|| token.text.clone());
        if *first == token.text { Ok(()) } else { violated("two refresh tokens of one generation are about") }
    }

    fn judge_others(&mut self, answered: &Answered<'_>, kept: &str, effect: Option<Effect>) -> Holds {
        let alone = |view: &View| view.devices.keys().all(|device| device == kept);
        if effect.is_none() && !answered.ever_since_first(alone) {
            return violated("other devices are still signed in");
        }
        let live = &self.model.people[&answered.person].view.devices;
        let before = answered.views.first().map(|view| view.devices.clone()).unwrap_or_default();
        let gone = before.into_keys().filter(|device| device != kept && !live.contains_key(device));
        self.told.dead_devices.extend(gone);
        Ok(())
    }

    fn judge_suspension(&mut self, answered: &Answered<'_>, person: &str, effect: Option<Effect>) -> Holds {
        if effect.is_none() && !answered.ever_since_first(|view| !view.active) {
            return violated("the person is not suspended");
        }
        let suspended = answered.views.iter().filter(|view| !view.active).map(|view| view.epoch).min();
        let before = answered.views.first().map(|view| view.epoch);
        let least = suspended.or(before).unwrap_or_default();
        let known = self.told.dead_epochs.entry(person.to_owned()).or_default();
        *known = (*known).max(least);
        Ok(())
    }
}

/// The tokens of an answer: of ours in its data, of the programs' standard at its top.
fn tokens(json: &Value) -> Option<(Access, Refresh)> {
    let text = |name: &str| json["data"][name].as_str().or(json[name].as_str());
    Some((Access::read(text("access_token")?)?, Refresh::read(text("refresh_token")?)?))
}

fn amounts(items: &Value) -> Vec<(String, Option<i64>)> {
    let items = items.as_array().map(Vec::as_slice).unwrap_or_default();
    let lot = |item: &Value| item["lot_id"].as_str().unwrap_or_default().to_owned();
    let mut items: Vec<_> = items.iter().map(|item| (lot(item), item["quantity_mg"].as_i64())).collect();
    items.sort();
    items
}

fn amounts_of(items: &[crate::actions::Item]) -> Vec<(String, Option<i64>)> {
    let mut items = items.to_vec();
    items.sort();
    items
}
