//! People and devices: what each intent does to them, and the one entry that it leaves in the audit log.

use super::seen::{Account, Login, Registry};
use super::{Cause, Effect, Model};
use crate::actions::Intent;
use crate::people::{HOME, owner, person_of};
use crate::{Holds, Violation, violated};
use std::collections::{BTreeMap, BTreeSet};

/// How long the token before the current one still gets the current one.
pub const GRACE_MS: i64 = 10_000;

/// What a commit must look like: the registry after it, the audit entry, and what came of it.
pub(super) struct Want {
    pub(super) registry: Registry,
    pub(super) audit: Option<(&'static str, String)>,
    /// The entry may be missing: what it is about came to its own end while the request was under way.
    pub(super) unless_over: bool,
    /// What may happen once; failing to sign in may happen often.
    pub(super) effect: Option<Effect>,
}

impl Want {
    pub(super) fn audited(mut self, action: &'static str, entity: String) -> Self {
        self.audit = Some((action, entity));
        self
    }

    pub(super) fn with(mut self, effect: Effect) -> Self {
        self.effect = Some(effect);
        self
    }

    pub(super) fn revoke(&mut self, mut which: impl FnMut(&str, &Login) -> bool) -> usize {
        let live = self.registry.devices.iter_mut().filter(|(_, login)| !login.revoked);
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
        if now == self.registry && audit.is_empty() {
            return Ok(());
        }
        let Some(action) = cause.action else {
            return violated(format!("a job changed people, devices or the audit log: {audit:?}"));
        };
        self.commit += 1;
        let audit = self.check_audit(audit)?;
        let want = match &audit {
            // Failing changes nothing but the log.
            Some((said, _)) if said.ends_with("throttled") || said == "login.failed" => {
                self.want_failure(&action.intent, said)?
            }
            _ => self.want_registry(cause, &action.intent, &now)?,
        };
        let said = want.audit.as_ref().map(|(action, entity)| ((*action).to_owned(), entity.clone()));
        if matches!(&audit, Some((said, _)) if said.ends_with("throttled") || said == "login.failed") {
            // Whom it names is the audit log's own business.
        } else if said != audit && !(want.unless_over && audit.is_none()) {
            return violated(format!("in the audit log should stand {said:?}, and there stands {audit:?}"));
        }
        if want.registry != now {
            let (before, want) = (&self.registry, &want.registry);
            return violated(format!(
                "people and what lets them in were\n{before:?}\nand should be\n{want:?}\nbut are\n{now:?}"
            ));
        }
        if let Some(effect) = want.effect {
            self.once(cause, effect)?;
        }
        self.learn(now);
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

    pub(super) fn as_is(&self) -> Want {
        Want { registry: self.registry.clone(), audit: None, unless_over: false, effect: None }
    }

    fn want_failure(&self, intent: &Intent, said: &str) -> Result<Want, Violation> {
        match intent {
            Intent::Login { .. } if said != "registration.throttled" => Ok(self.as_is()),
            Intent::Register { .. } if said == "registration.throttled" => Ok(self.as_is()),
            Intent::MakeKey { .. } | Intent::RotateKey { .. } | Intent::Erase { .. }
                if said == "reauthentication.throttled" =>
            {
                Ok(self.as_is())
            }
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
                    created_at: account.created_at,
                };
                want.registry.people.insert(id.clone(), fresh);
                want.registry.devices.insert(device.clone(), fresh_login(id, login));
                Ok(want.audited("person.registered", person(id)).with(Effect::Device(device.clone())))
            }
            Intent::Login { email, right } => {
                let (Some((device, login)), Some(id)) = (new_device(), self.id_of(email)) else {
                    return violated("signing in made no device");
                };
                if !right || !self.registry.people[&id].active {
                    return violated("somebody was let in with the wrong password, or while suspended");
                }
                want.registry.devices.insert(device.clone(), fresh_login(&id, login));
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
                let Some(account) = want.registry.people.get_mut(id) else {
                    return violated("nobody was suspended");
                };
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
            _ => self.want_access(cause, intent, now, want),
        }
    }

    pub(super) fn want_refresh(
        &self,
        cause: &Cause<'_>,
        id: &str,
        presented: i64,
        now: &Registry,
        mut want: Want,
    ) -> Result<Want, Violation> {
        let Some(login) = want.registry.devices.get_mut(id) else {
            return violated("an unknown device was refreshed");
        };
        let is_open = self.is_open(&login.tenant);
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
        // A copy ends the device all the same, should the tenant be closed before it does.
        if !is_open {
            return violated("a device was refreshed in a tenant that is closed");
        }
        if stands != presented {
            return violated(format!("generation {presented} rotated a device that stands at {stands}"));
        }
        login.generation += 1;
        login.rotated_at = after.rotated_at;
        Ok(want.with(Effect::Device(id.to_owned())))
    }

    /// Takes the registry as it is now for true.
    fn learn(&mut self, now: Registry) {
        let before = std::mem::replace(&mut self.registry, now);
        if before.stands != self.registry.stands {
            self.acted = self.commit;
        }
        if before.invitations != self.registry.invitations {
            self.invited = self.commit;
        }
        let now = &self.registry;
        let everybody = before.tenants != now.tenants;
        let mut owners: BTreeSet<String> = BTreeSet::new();
        for id in before.people.keys().chain(now.people.keys()) {
            let same = before.people.get(id) == now.people.get(id)
                && of(&before.devices, id, |login| &login.person)
                    .eq(of(&now.devices, id, |login| &login.person))
                && of(&before.stands, id, |stand| &stand.person)
                    .eq(of(&now.stands, id, |stand| &stand.person))
                && tenants_of(&before, id).eq(tenants_of(now, id));
            if !same || everybody {
                owners.insert(id.clone());
                owners.extend(tenants_of(now, id).map(|tenant| owner(id, tenant)));
                owners.extend(self.people.keys().filter(|owner| person_of(owner) == id).cloned());
            }
        }
        for (device, login) in &before.devices {
            self.graves.insert(device.clone(), login.person.clone());
        }
        for owner in owners {
            self.learn_of(&owner);
            self.remember(&owner);
        }
    }

    fn learn_of(&mut self, owner: &str) {
        let id = person_of(owner);
        let known = self.people.entry(owner.to_owned()).or_default();
        let now = &self.registry;
        let view = &mut known.view;
        let Some(account) = now.people.get(id) else {
            (view.active, view.erased) = (false, true);
            view.devices.clear();
            view.stands.clear();
            return;
        };
        let mark = account.email.split('@').next().unwrap_or_default();
        // What somebody writes elsewhere is marked otherwise than what they write at home.
        known.mark = if id == owner { mark.to_owned() } else { mark.replace('z', "t") };
        known.created_at = account.created_at;
        known.names.insert(account.version, account.name.clone());
        view.name.clone_from(&account.name);
        (view.version, view.active, view.epoch) = (account.version, account.active, account.epoch);
        let own = of(&now.devices, id, |login| &login.person);
        known.rotated_at = own.clone().map(|(device, login)| (device.clone(), login.rotated_at)).collect();
        let live = own.filter(|(_, login)| !login.revoked);
        view.places = live.clone().map(|(device, login)| (device.clone(), login.tenant.clone())).collect();
        view.devices = live.map(|(device, login)| (device.clone(), login.generation)).collect();
        let stands = of(&now.stands, id, |stand| &stand.person).filter(|(_, stand)| !stand.ended);
        view.stands = stands.map(|(key, stand)| (key.clone(), (stand.until, stand.replaced))).collect();
        view.tenants = tenants_of(now, id).cloned().collect();
        let closed = now.tenants.iter().filter(|(_, tenant)| !tenant.open);
        view.closed = closed.map(|(tenant, _)| tenant.clone()).collect();
    }

    /// Whose a device is, signed in or not.
    pub fn owner_of(&self, device: &str) -> Option<&str> {
        let login = self.registry.devices.get(device).map(|login| &login.person);
        login.or_else(|| self.graves.get(device)).map(String::as_str)
    }
}

fn of<'r, T>(
    rows: &'r BTreeMap<String, T>,
    person: &'r str,
    whose: impl Fn(&T) -> &String + Copy + 'r,
) -> impl Iterator<Item = (&'r String, &'r T)> + Clone {
    rows.iter().filter(move |(_, row)| whose(row) == person)
}

fn tenants_of<'r>(registry: &'r Registry, person: &'r str) -> impl Iterator<Item = &'r String> {
    registry.members.iter().filter(move |(_, member)| member == person).map(|(tenant, _)| tenant)
}

fn fresh_login(person: &str, found: &Login) -> Login {
    let tenant = HOME.to_owned();
    Login { person: person.to_owned(), tenant, generation: 0, revoked: false, rotated_at: found.rotated_at }
}

pub(super) fn person(id: &str) -> String {
    format!("person:{id}")
}

pub(super) fn device(id: &str) -> String {
    format!("device:{id}")
}

fn want_profile(
    cause: &Cause<'_>,
    name: &str,
    version: Option<i64>,
    mut want: Want,
) -> Result<Want, Violation> {
    let id = cause.action.and_then(|action| action.token.as_ref()).map(|token| token.person.clone());
    let Some(account) = id.as_ref().and_then(|id| want.registry.people.get_mut(id)) else {
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
