//! What a success says must have been done, once, and as it says.

use super::Answered;
use crate::actions::Intent;
use crate::model::{Effect, View};
use crate::people::{Access, Refresh};
use crate::scheduler::Simulation;
use crate::{Holds, violated};
use serde_json::Value;

impl Simulation<'_> {
    pub(super) fn judge_write(&mut self, answered: &Answered<'_>) -> Holds {
        let effect = self.model.applied.get(&self.doing(answered.root)).cloned();
        match &answered.action.intent {
            Intent::Register { .. } | Intent::Login { .. } => self.judge_sign_in(answered, effect),
            Intent::Refresh { token } => self.judge_refresh(answered, token),
            Intent::Logout { device } | Intent::RemoveDevice { device } => {
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
            let told = self.told.profiles.entry(answered.person.clone()).or_default();
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
        let tokens = tokens(answered.data());
        match (effect, tokens) {
            (Some(Effect::Device(device)), Some((access, refresh)))
                if access.device == device
                    && access.person == answered.person
                    && refresh.device == device =>
            {
                self.judge_token(refresh)
            }
            (effect, _) => violated(format!("done was {effect:?}, and it says {}", answered.data())),
        }
    }

    fn judge_refresh(&mut self, answered: &Answered<'_>, presented: &Refresh) -> Holds {
        let Some((access, next)) = tokens(answered.data()) else {
            return violated("there are no tokens in it");
        };
        let of_device = next.device == presented.device && access.device == presented.device;
        if !of_device || next.generation != presented.generation + 1 || access.person != answered.person {
            return violated(format!(
                "generation {} got generation {}",
                presented.generation, next.generation
            ));
        }
        let live = |view: &View| {
            view.devices.get(&next.device) == Some(&next.generation) && view.epoch == access.epoch
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

fn tokens(data: &Value) -> Option<(Access, Refresh)> {
    let text = |name: &str| data[name].as_str();
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
