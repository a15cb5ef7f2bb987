//! People and devices: what each intent does to them, and the one entry that it leaves in the audit log.

use super::seen::{Account, Login, Registry};
use super::{Cause, Effect, Known, Model};
use crate::actions::Intent;
use crate::{Holds, Violation, violated};
use std::collections::BTreeMap;

/// How long the token before the current one still gets the current one.
pub const GRACE_MS: i64 = 10_000;

/// What a commit must look like: the registry after it, the audit entry, and what came of it.
struct Want {
    people: BTreeMap<String, Account>,
    devices: BTreeMap<String, Login>,
    audit: Option<(&'static str, String)>,
    /// What may happen once; failing to sign in may happen often.
    effect: Option<Effect>,
}

impl Want {
    fn audited(mut self, action: &'static str, entity: String) -> Self {
        self.audit = Some((action, entity));
        self
    }

    fn with(mut self, effect: Effect) -> Self {
        self.effect = Some(effect);
        self
    }

    fn revoke(&mut self, mut which: impl FnMut(&str, &Login) -> bool) -> usize {
        let live = self.devices.iter_mut().filter(|(_, login)| !login.revoked);
        live.filter_map(|(id, login)| which(id, login).then(|| login.revoked = true)).count()
    }
}

impl Model {
    /// Observer's database committed something.
    ///
    /// # Errors
    /// When it is not what was meant.
    pub fn registry_committed(&mut self, cause: &Cause<'_>, mut now: Registry) -> Holds {
        let audit = std::mem::take(&mut now.audit);
        if now.people == self.registry.people && now.devices == self.registry.devices && audit.is_empty() {
            return Ok(());
        }
        let Some(action) = cause.action else {
            return violated(format!("a job changed people, devices or the audit log: {audit:?}"));
        };
        self.commit += 1;
        let audit = self.check_audit(audit)?;
        let want = match &audit {
            // Failing changes nothing but the log.
            Some((said, _))
                if matches!(said.as_str(), "login.failed" | "login.throttled" | "registration.throttled") =>
            {
                self.want_failure(&action.intent, said)?
            }
            _ => self.want_registry(cause, &action.intent, &now)?,
        };
        let said = want.audit.as_ref().map(|(action, entity)| ((*action).to_owned(), entity.clone()));
        if matches!(&audit, Some((said, _)) if said.ends_with("throttled") || said == "login.failed") {
            // Whom it names is the audit log's own business.
        } else if said != audit {
            return violated(format!("in the audit log should stand {said:?}, and there stands {audit:?}"));
        }
        if want.people != now.people || want.devices != now.devices {
            let before = &self.registry;
            return violated(format!(
                "people and devices were\n{before:?}\nand should be\n{:?} {:?}\nbut are\n{now:?}",
                want.people, want.devices
            ));
        }
        if let Some(effect) = want.effect {
            self.once(cause, effect)?;
        }
        self.learn(now, cause.now);
        Ok(())
    }

    /// Numbers have no gap, and an action leaves one entry.
    fn check_audit(
        &mut self,
        audit: Vec<(i64, String, String)>,
    ) -> Result<Option<(String, String)>, Violation> {
        let mut found = audit.into_iter();
        let Some((seq, action, entity)) = found.next() else { return Ok(None) };
        if seq != self.audited + 1 {
            return violated(format!("the audit log goes on with {seq} after {}", self.audited));
        }
        self.audited = seq;
        match found.next() {
            None => Ok(Some((action, entity))),
            Some(second) => violated(format!("one change left two audit entries, {action} and {second:?}")),
        }
    }

    fn as_is(&self) -> Want {
        let Registry { people, devices, .. } = self.registry.clone();
        Want { people, devices, audit: None, effect: None }
    }

    fn want_failure(&self, intent: &Intent, said: &str) -> Result<Want, Violation> {
        match intent {
            Intent::Login { .. } if said != "registration.throttled" => Ok(self.as_is()),
            Intent::Register { .. } if said == "registration.throttled" => Ok(self.as_is()),
            other => violated(format!("{other:?} left {said} in the audit log")),
        }
    }

    fn want_registry(&self, cause: &Cause<'_>, intent: &Intent, now: &Registry) -> Result<Want, Violation> {
        let mut want = self.as_is();
        let new_device = || now.devices.iter().find(|(id, _)| !self.registry.devices.contains_key(*id));
        match intent {
            Intent::Register { email } => {
                let new = now.people.iter().find(|(id, _)| !self.registry.people.contains_key(*id));
                let (Some((id, account)), Some((device, login))) = (new, new_device()) else {
                    return violated("signing up made no person or no device");
                };
                let fresh = Account {
                    email: email.clone(),
                    active: true,
                    epoch: 0,
                    version: 1,
                    name: account.name.clone(),
                };
                want.people.insert(id.clone(), fresh);
                want.devices.insert(device.clone(), fresh_login(id, login));
                Ok(want.audited("person.registered", person(id)).with(Effect::Device(device.clone())))
            }
            Intent::Login { email, right } => {
                let (Some((device, login)), Some(id)) = (new_device(), self.id_of(email)) else {
                    return violated("signing in made no device");
                };
                if !right || !self.registry.people[&id].active {
                    return violated("somebody was let in with the wrong password, or while suspended");
                }
                want.devices.insert(device.clone(), fresh_login(&id, login));
                Ok(want.audited("login.succeeded", person(&id)).with(Effect::Device(device.clone())))
            }
            Intent::Refresh { token } => self.want_refresh(cause, &token.device, token.generation, now, want),
            Intent::Logout { device: gone } | Intent::RemoveDevice { device: gone } => {
                if want.revoke(|id, _| id == gone) == 0 {
                    return violated("a device that had ended ended again");
                }
                Ok(want.audited("device.signed_out", device(gone)).with(Effect::Done))
            }
            Intent::RemoveOthers { kept } => {
                let owner =
                    self.registry.devices.get(kept).map(|login| login.person.clone()).unwrap_or_default();
                want.revoke(|id, login| id != kept && login.person == owner);
                Ok(want.audited("devices.others_signed_out", person(&owner)).with(Effect::Done))
            }
            Intent::EditMe { name, version } => want_profile(cause, name, *version, want),
            Intent::Suspend { person: id } | Intent::Reinstate { person: id } => {
                let suspends = matches!(intent, Intent::Suspend { .. });
                let Some(account) = want.people.get_mut(id) else { return violated("nobody was suspended") };
                if account.active != suspends {
                    return violated("somebody was suspended or reinstated who was so already");
                }
                account.active = !suspends;
                account.epoch += i64::from(suspends);
                if suspends {
                    want.revoke(|_, login| login.person == *id);
                }
                let said = if suspends { "person.suspended" } else { "person.reinstated" };
                Ok(want.audited(said, person(id)).with(Effect::Done))
            }
            other => violated(format!("{other:?} changed people or devices")),
        }
    }

    fn want_refresh(
        &self,
        cause: &Cause<'_>,
        id: &str,
        presented: i64,
        now: &Registry,
        mut want: Want,
    ) -> Result<Want, Violation> {
        let Some(login) = want.devices.get_mut(id) else {
            return violated("an unknown device was refreshed");
        };
        let stands = login.generation;
        let after = now.devices.get(id).cloned().unwrap_or_default();
        if login.revoked || !self.registry.people[&login.person].active {
            return violated(
                "a device that had ended, or of somebody suspended, was refreshed or ended again",
            );
        }
        if after.revoked {
            let late = cause.now - login.rotated_at > GRACE_MS;
            if stands < presented + 1 || (stands == presented + 1 && !late) {
                return violated(format!("generation {presented} ended a device that stands at {stands}"));
            }
            login.revoked = true;
            return Ok(want.audited("refresh.replayed", device(id)).with(Effect::Done));
        }
        if stands != presented {
            return violated(format!("generation {presented} rotated a device that stands at {stands}"));
        }
        login.generation += 1;
        login.rotated_at = after.rotated_at;
        Ok(want.with(Effect::Device(id.to_owned())))
    }

    /// Takes the registry as it is now for true.
    fn learn(&mut self, now: Registry, at: i64) {
        let changed: Vec<String> = now
            .people
            .keys()
            .filter(|id| {
                let devices = |registry: &Registry| {
                    let own = registry.devices.iter().filter(|(_, login)| login.person == **id);
                    own.map(|(device, login)| (device.clone(), login.clone())).collect::<Vec<_>>()
                };
                self.registry.people.get(*id) != now.people.get(*id)
                    || devices(&self.registry) != devices(&now)
            })
            .cloned()
            .collect();
        self.registry = now;
        for id in changed {
            let account = &self.registry.people[&id];
            let fresh = || Known { created_at: at, ..Known::default() };
            let known = self.people.entry(id.clone()).or_insert_with(fresh);
            account.email.split('@').next().unwrap_or_default().clone_into(&mut known.mark);
            known.names.insert(account.version, account.name.clone());
            known.view.name.clone_from(&account.name);
            (known.view.version, known.view.active, known.view.epoch) =
                (account.version, account.active, account.epoch);
            let own = self.registry.devices.iter().filter(|(_, login)| login.person == id);
            known.rotated_at =
                own.clone().map(|(device, login)| (device.clone(), login.rotated_at)).collect();
            let live = own.filter(|(_, login)| !login.revoked);
            known.view.devices = live.map(|(device, login)| (device.clone(), login.generation)).collect();
            self.remember(&id);
        }
    }

    /// Whose a device is, signed in or not.
    pub fn owner_of(&self, device: &str) -> Option<&str> {
        self.registry.devices.get(device).map(|login| login.person.as_str())
    }
}

fn fresh_login(person: &str, found: &Login) -> Login {
    Login { person: person.to_owned(), generation: 0, revoked: false, rotated_at: found.rotated_at }
}

fn person(id: &str) -> String {
    format!("person:{id}")
}

fn device(id: &str) -> String {
    format!("device:{id}")
}

fn want_profile(
    cause: &Cause<'_>,
    name: &str,
    version: Option<i64>,
    mut want: Want,
) -> Result<Want, Violation> {
    let id = cause.action.and_then(|action| action.token.as_ref()).map(|token| token.person.clone());
    let Some(account) = id.as_ref().and_then(|id| want.people.get_mut(id)) else {
        return violated("nobody's profile was edited");
    };
    if version.is_some_and(|version| version != account.version) {
        let stands = account.version;
        return violated(format!(
            "an edit of version {version:?} took effect on version {stands} of a profile"
        ));
    }
    account.version += 1;
    name.clone_into(&mut account.name);
    let version = account.version;
    Ok(want.audited("person.edited", person(&id.unwrap_or_default())).with(Effect::Profile(version)))
}
