//! What else lets somebody in, and what shuts everybody out: keys, programs, staff who act as somebody, tenants; and being
//! erased.

use super::people::{Want, device, person};
use super::seen::{Invitation, Registry, Stand, Tenant};
use super::{Cause, Effect, Model};
use crate::actions::{Action, Intent};
use crate::people::{Access, Pass};
use crate::{Violation, violated};
use std::collections::BTreeMap;

/// The longest that somebody of the staff may act.
const ACT_MS: i64 = 1_800_000;
/// How much later than it says a token may still count, as clocks disagree.
const LENIENCE_MS: i64 = 120_000;

/// The one row that is new.
fn new_of<'a, T>(
    now: &'a BTreeMap<String, T>,
    before: &BTreeMap<String, T>,
    what: &str,
) -> Result<(&'a String, &'a T), Violation> {
    let mut new = now.iter().filter(|(id, _)| !before.contains_key(*id));
    match (new.next(), new.next()) {
        (Some(row), None) => Ok(row),
        _ => violated(format!("one new {what} was meant, and there is none, or there are several")),
    }
}

impl Model {
    pub(super) fn want_access(
        &self,
        cause: &Cause<'_>,
        intent: &Intent,
        now: &Registry,
        mut want: Want,
    ) -> Result<Want, Violation> {
        let token = cause.action.and_then(|action| action.token.as_ref());
        match intent {
            Intent::MakeKey { scopes } => {
                let (id, found) = new_of(&now.stands, &self.registry.stands, "key")?;
                let maker = token.ok_or_else(|| Violation("nobody made a key".to_owned()))?;
                let made = Stand {
                    person: maker.person.clone(),
                    tenant: maker.tenant.clone(),
                    scopes: serde_json::json!(scopes).to_string(),
                    until: found.until,
                    ..Stand::default()
                };
                want.registry.stands.insert(id.clone(), made);
                Ok(want.audited("api_key.made", format!("api_key:{id}")).with(Effect::Made(id.clone())))
            }
            Intent::RotateKey { key } => self.want_rotation(cause, key, now, want),
            Intent::RevokeKey { key } => {
                let owner = token.map(Access::owner);
                match want.registry.stands.get_mut(key).filter(|key| !key.acts && !key.ended) {
                    Some(stand)
                        if owner.as_ref() == Some(&crate::people::owner(&stand.person, &stand.tenant)) =>
                    {
                        stand.ended = true;
                    }
                    _ => return violated("a key ended that was not the caller's, or had ended"),
                }
                Ok(want.audited("api_key.revoked", format!("api_key:{key}")).with(Effect::Done))
            }
            Intent::Erase { person: gone } => {
                let Registry { people, devices, stands, members, codes, invitations, .. } =
                    &mut want.registry;
                if people.remove(gone).is_none() {
                    return violated("somebody was erased twice");
                }
                devices.retain(|_, login| login.person != *gone);
                stands.retain(|_, stand| stand.person != *gone);
                members.retain(|(_, member)| member != gone);
                // Which of these were about the person the model does not ask.
                codes.retain(|id, _| now.codes.contains_key(id));
                invitations.retain(|id, _| now.invitations.contains_key(id));
                Ok(want.audited("person.erased", person(gone)).with(Effect::Done))
            }
            Intent::ActAs { person: whom } => self.want_acting(cause, whom, now, want),
            Intent::StopActing { act } => {
                let Some(stand) = want.registry.stands.get_mut(act).filter(|act| act.acts && !act.ended)
                else {
                    return violated("somebody stopped acting who had stopped");
                };
                stand.ended = true;
                let whom = person(&stand.person);
                let (over, may_be_over) = (stand.until <= cause.since, stand.until <= cause.now);
                let want = Want { unless_over: may_be_over, ..want.with(Effect::Done) };
                Ok(if over { want } else { want.audited("impersonation.ended", whom) })
            }
            _ => self.want_tenancy(cause, intent, now, want),
        }
    }

    fn want_rotation(
        &self,
        cause: &Cause<'_>,
        key: &str,
        now: &Registry,
        mut want: Want,
    ) -> Result<Want, Violation> {
        let (id, found) = new_of(&now.stands, &self.registry.stands, "key")?;
        let Some(old) = want.registry.stands.get_mut(key).filter(|old| !old.ended && !old.replaced) else {
            return violated("a key was turned over that had ended, or was turned over before");
        };
        let owner = cause.action.and_then(|action| action.token.as_ref()).map(Access::owner);
        if owner != Some(crate::people::owner(&old.person, &old.tenant)) {
            return violated("somebody turned over a key that is not theirs");
        }
        let new = Stand { until: found.until, replaced: false, ..old.clone() };
        old.replaced = true;
        let left = now.stands.get(key).map_or(i64::MAX, |stand| stand.until);
        let overlap = cause.action.and_then(|action| action.body.as_ref()?["overlap_minutes"].as_i64());
        let most = cause.now + overlap.unwrap_or_default() * 60_000;
        if left > most.min(old.until) || (left < old.until && left < cause.since) {
            return violated(format!("a key that was turned over counts until {left}, and {most} was meant"));
        }
        old.until = left;
        want.registry.stands.insert(id.clone(), new);
        Ok(want.audited("api_key.rotated", format!("api_key:{key}")).with(Effect::Made(id.clone())))
    }

    fn want_acting(
        &self,
        cause: &Cause<'_>,
        whom: &str,
        now: &Registry,
        mut want: Want,
    ) -> Result<Want, Violation> {
        let (id, found) = new_of(&now.stands, &self.registry.stands, "impersonation")?;
        if !self.registry.people.get(whom).is_some_and(|account| account.active) {
            return violated("somebody acts as who is suspended, or is not there");
        }
        for (act, stand) in want.registry.stands.iter_mut().filter(|(_, stand)| stand.acts && !stand.ended) {
            if stand.until > cause.now {
                return violated("a member of staff acts as two at once");
            }
            stand.ended = now.stands.get(act).is_some_and(|stand| stand.ended);
        }
        let made = Stand {
            acts: true,
            person: whom.to_owned(),
            tenant: found.tenant.clone(),
            scopes: found.scopes.clone(),
            until: found.until,
            ..Stand::default()
        };
        if found.until > cause.now + ACT_MS {
            return violated("somebody acts for longer than anybody may");
        }
        want.registry.stands.insert(id.clone(), made);
        Ok(want.audited("impersonation.started", person(whom)).with(Effect::Made(id.clone())))
    }

    fn want_tenancy(
        &self,
        cause: &Cause<'_>,
        intent: &Intent,
        now: &Registry,
        mut want: Want,
    ) -> Result<Want, Violation> {
        let token = cause.action.and_then(|action| action.token.as_ref());
        match intent {
            Intent::MakeTenant { slug } => {
                let (id, _) = new_of(&now.tenants, &self.registry.tenants, "tenant")?;
                let made = Tenant { slug: slug.clone(), open: true, version: 1 };
                want.registry.tenants.insert(id.clone(), made);
                Ok(want.audited("tenant.created", format!("tenant:{id}")).with(Effect::Made(id.clone())))
            }
            Intent::Invite { tenant, .. } => {
                let (id, _) = new_of(&now.invitations, &self.registry.invitations, "invitation")?;
                let made = Invitation { tenant: tenant.clone(), over: false };
                want.registry.invitations.insert(id.clone(), made);
                let entity = format!("invitation:{id}");
                Ok(want.audited("invitation.made", entity).with(Effect::Made(id.clone())))
            }
            Intent::Accept { invitation: id, tenant } => {
                let (Some(token), Some(invitation)) = (token, want.registry.invitations.get_mut(id)) else {
                    return violated("nobody accepted, or there was no such invitation");
                };
                if std::mem::replace(&mut invitation.over, true) || !self.is_open(tenant) {
                    return violated("an invitation was accepted twice, or into a tenant that is closed");
                }
                if !want.registry.members.insert((tenant.clone(), token.person.clone())) {
                    return violated("somebody joined twice");
                }
                Ok(want.audited("invitation.accepted", format!("invitation:{id}")).with(Effect::Done))
            }
            Intent::Close { tenant: id } | Intent::Open { tenant: id } => {
                let opens = matches!(intent, Intent::Open { .. });
                let Some(tenant) = want.registry.tenants.get_mut(id).filter(|found| found.open != opens)
                else {
                    return violated("a tenant was closed or opened that was so already");
                };
                tenant.open = opens;
                tenant.version += 1;
                let said = if opens { "tenant.activated" } else { "tenant.deactivated" };
                Ok(want.audited(said, format!("tenant:{id}")).with(Effect::Done))
            }
            Intent::Switch { tenant } => {
                let Some(token) = token else { return violated("nobody went over to another tenant") };
                let theirs = *tenant == crate::people::HOME
                    || self.registry.members.contains(&(tenant.clone(), token.person.clone()));
                if !theirs || !self.is_open(tenant) {
                    return violated("somebody went over to a tenant that is not theirs, or closed");
                }
                let id = &token.device;
                let Some(login) = want.registry.devices.get_mut(id).filter(|login| !login.revoked) else {
                    return violated("a device that had ended went over to another tenant");
                };
                tenant.clone_into(&mut login.tenant);
                login.generation += 1;
                login.rotated_at = now.devices.get(id).map_or(0, |login| login.rotated_at);
                Ok(want.with(Effect::Device(id.clone())))
            }
            _ => self.want_program(cause, intent, now, want),
        }
    }

    fn want_program(
        &self,
        cause: &Cause<'_>,
        intent: &Intent,
        now: &Registry,
        mut want: Want,
    ) -> Result<Want, Violation> {
        match intent {
            Intent::Redeem { code, device: by, epoch, .. } => {
                let Some((used, grant)) = want.registry.codes.get_mut(code) else {
                    return violated("a code was exchanged that is none");
                };
                let grant = grant.clone();
                if *used {
                    // Somebody has a copy of it: what it was exchanged for ends.
                    if want.revoke(|id, _| id == grant) == 0 {
                        return violated("a grant that had ended ended again");
                    }
                    return Ok(want.audited("code.replayed", device(&grant)).with(Effect::Done));
                }
                *used = true;
                if self.registry.devices.get(by).is_none_or(|login| login.revoked) {
                    return violated("a code was exchanged whose person had signed out since");
                }
                let (id, found) = new_of(&now.devices, &self.registry.devices, "grant")?;
                let login = super::Login { generation: 0, revoked: false, ..found.clone() };
                let account = self.registry.people.get(&login.person);
                let stands = account.is_some_and(|account| account.active && account.epoch == *epoch);
                if *id != grant || !stands || login.tenant != crate::people::HOME {
                    return violated("a code became another grant, or one of somebody who is suspended");
                }
                want.registry.devices.insert(grant.clone(), login);
                Ok(want.audited("grant.made", device(&grant)).with(Effect::Device(grant)))
            }
            Intent::RefreshGrant { token } => {
                self.want_refresh(cause, &token.device, token.generation, now, want)
            }
            Intent::EndGrant { device: grant } => {
                if want.revoke(|id, _| id == grant) == 0 {
                    return violated("a grant that had ended ended again");
                }
                Ok(want.audited("grant.ended", device(grant)).with(Effect::Done))
            }
            other => violated(format!("{other:?} changed people or what lets them in")),
        }
    }

    /// Whether a tenant is open; the consumers' always is.
    pub(super) fn is_open(&self, tenant: &str) -> bool {
        self.registry.tenants.get(tenant).is_none_or(|tenant| tenant.open)
    }

    /// The tenant of an action's token, with its version, if it is closed.
    pub fn closed_tenant(&self, action: &Action) -> Option<(String, i64)> {
        let token = action.token.as_ref()?;
        let tenant = self.registry.tenants.get(&token.tenant).filter(|tenant| !tenant.open)?;
        Some((token.tenant.clone(), tenant.version))
    }

    /// The version of the tenant of an action's token, if it was closed once and is open again.
    pub fn version_opened(&self, action: &Action) -> Option<i64> {
        let tenant = self.registry.tenants.get(&action.token.as_ref()?.tenant)?;
        (tenant.open && tenant.version > 1).then_some(tenant.version)
    }

    /// Whether a closed tenant still is as it was at this version.
    pub fn is_unchanged(&self, tenant: &str, version: i64) -> bool {
        self.registry.tenants.get(tenant).is_some_and(|tenant| tenant.version == version)
    }

    /// The version of a tenant that is closed.
    pub fn version_closed(&self, tenant: &str) -> Option<i64> {
        self.registry.tenants.get(tenant).filter(|tenant| !tenant.open).map(|tenant| tenant.version)
    }

    /// Whether there is such a key or impersonation, ended or not.
    pub fn knows_stand(&self, stand: &str) -> bool {
        self.registry.stands.contains_key(stand)
    }

    /// Whether anybody began or stopped to act since a commit.
    pub fn acted_since(&self, commit: u64) -> bool {
        self.acted > commit
    }

    /// Whether a key, or whoever acts, was not ended.
    pub fn is_standing(&self, stand: &str) -> bool {
        self.registry.stands.get(stand).is_some_and(|stand| !stand.ended)
    }

    /// All tenants: whether each is open.
    pub fn tenants(&self) -> impl Iterator<Item = (&String, bool)> {
        self.registry.tenants.iter().map(|(id, tenant)| (id, tenant.open))
    }

    /// Whether somebody is invited to a tenant, or may have been at some moment since a commit.
    pub fn is_invited(&self, tenant: &str, since: u64) -> bool {
        self.invited > since
            || self
                .registry
                .invitations
                .values()
                .any(|invitation| invitation.tenant == tenant && !invitation.over)
    }

    /// Whether an invitation was accepted, or is gone.
    pub fn is_over(&self, invitation: &str) -> bool {
        self.registry.invitations.get(invitation).is_none_or(|invitation| invitation.over)
    }

    /// A page wrote a code, for the grant that it leads to.
    pub fn add_code(&mut self, code: String, grant: String) {
        self.registry.codes.insert(code, (false, grant));
    }

    /// Whether a code was used, or is gone, and the grant that it leads to.
    pub fn code(&self, code: &str) -> Option<(bool, &str)> {
        self.registry.codes.get(code).map(|(used, grant)| (*used, grant.as_str()))
    }

    /// What staff do as somebody, as far as it was not ended.
    pub fn acting(&self) -> Option<(&String, &Stand)> {
        self.registry.stands.iter().find(|(_, stand)| stand.acts && !stand.ended)
    }

    /// Keys that are not an owner's.
    pub fn keys_of_others(&self, owner: &str) -> Vec<String> {
        let others =
            |stand: &Stand| !stand.acts && crate::people::owner(&stand.person, &stand.tenant) != owner;
        self.registry.stands.iter().filter(|(_, stand)| others(stand)).map(|(id, _)| id.clone()).collect()
    }

    /// Whether a key is an owner's.
    pub fn owns_key(&self, owner: &str, key: &str) -> bool {
        let stand = self.registry.stands.get(key).filter(|stand| !stand.acts);
        stand.is_some_and(|stand| crate::people::owner(&stand.person, &stand.tenant) == owner)
    }

    /// Whether a pass is dead by what the databases say, nobody having to be told: whoever keeps keys is asked at each call,
    /// and a token says itself until when it counts.
    pub fn has_ended(&self, token: &Access, now: i64) -> bool {
        if !matches!(token.pass, Pass::Key(_)) {
            return token.expires_at + LENIENCE_MS <= now;
        }
        let stand = self.registry.stands.get(&token.device);
        stand.is_none_or(|stand| stand.ended || stand.until <= now)
    }
}
