//! What somebody does about what lets them and others in: keys, tenants, programs, being erased; and what staff do.

use super::{Draft, Mind, draft};
use crate::actions::{Action, Intent};
use crate::model::View;
use crate::people::{Access, Device, HOME};
use crate::programs::{BACK, CLIENT, Code, VERIFIER};
use serde_json::{Value, json};
use sesh_edge::http::spelled;

/// What keys may be for.
const SCOPES: [&[&str]; 4] = [
    &["stash:read", "stash:write"],
    &["stash:read", "sessions:read", "sessions:write"],
    &["strains:read", "strains:write"],
    &["stash:read", "sessions:read"],
];

/// What a program sends: a form.
fn form(pairs: &[(&str, &str)]) -> Value {
    let mut pairs = pairs.to_vec();
    pairs.push(("client_id", CLIENT));
    json!(spelled(&pairs))
}

impl Mind<'_> {
    /// Somebody looks at or changes what is theirs with a key of theirs, or a program does.
    pub(super) fn with_pass(&mut self, who: (usize, usize)) -> Option<Action> {
        let passes = &self.people[who.0].passes;
        let late = self.dice.happens(800);
        let some = if late { &passes[passes.len().saturating_sub(3)..] } else { passes.as_slice() };
        let token = self.dice.one_of(some)?.clone();
        let view = self.model.view(&token.owner())?.clone();
        let draft = match self.dice.below(20) {
            0 => self.account(&token, &view),
            1..=9 => self.change(&token, &view),
            _ => self.look(&token, &view),
        };
        // Whether somebody erases themselves is theirs alone to think of.
        Some(self.finish(draft, Some(who), Some(token)))
    }

    /// What a program does besides: exchanges its code, refreshes, or gives its grant back.
    pub(super) fn with_program(&mut self, who: (usize, usize)) -> Option<Action> {
        let person = &self.people[who.0];
        if let Some(code) = person.codes.last() {
            let used = self.model.code(&code.id).is_none_or(|(used, _)| used);
            if self.dice.happens(if used { 40 } else { 500 }) {
                return Some(self.redeem(who, code));
            }
        }
        let late = &person.grants[person.grants.len().saturating_sub(3)..];
        if late.is_empty() || !self.dice.happens(70) {
            return None;
        }
        let token = self.dice.one_of(late)?.clone();
        let asked = if self.dice.happens(250) {
            let body = form(&[("token", &token.text)]);
            draft(Intent::EndGrant { device: token.device }, "POST", "/oauth/revoke").body(body)
        } else {
            let body = form(&[("grant_type", "refresh_token"), ("refresh_token", &token.text)]);
            draft(Intent::RefreshGrant { token }, "POST", "/oauth/token").body(body)
        };
        Some(self.finish(asked.observer().unsigned(), Some(who), None))
    }

    /// A program exchanges a code.
    pub(super) fn redeem(&mut self, who: (usize, usize), code: &Code) -> Action {
        let body = form(&[
            ("grant_type", "authorization_code"),
            ("code", &code.text),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ]);
        let intent = Intent::Redeem {
            code: code.id.clone(),
            person: code.person.clone(),
            device: code.device.clone(),
            epoch: code.epoch,
            until: code.until,
        };
        let asked = draft(intent, "POST", "/oauth/token").observer().unsigned().body(body);
        self.finish(asked, Some(who), None)
    }

    /// What somebody does about their devices and who they are.
    pub(super) fn account(&mut self, access: &Access, view: &View) -> Draft {
        let devices: Vec<String> = view.devices.keys().cloned().collect();
        match self.dice.below(10) {
            0 => draft(Intent::Logout { device: access.device.clone() }, "POST", "/api/v1/auth/logout"),
            1 | 2 if !devices.is_empty() => {
                let device = self.dice.one_of(&devices).cloned().unwrap_or_default();
                let path = format!("/api/v1/auth/devices/{device}");
                draft(Intent::RemoveDevice { device }, "DELETE", path)
            }
            3 => {
                draft(Intent::RemoveOthers { kept: access.device.clone() }, "DELETE", "/api/v1/auth/devices")
            }
            4..=6 => self.edit_me(access, view),
            7 | 8 => draft(Intent::ReadMe, "GET", "/api/v1/me"),
            _ => draft(Intent::ReadDevices, "GET", "/api/v1/auth/devices?limit=100"),
        }
    }

    pub(super) fn edit_me(&mut self, access: &Access, view: &View) -> Draft {
        let name = format!("{} {}", self.model.mark_of(&access.person), self.number);
        let version = self.remembered(view.version, 500);
        let body = json!({"display_name": name});
        draft(Intent::EditMe { name, version }, "PATCH", "/api/v1/me").body(body).if_match(version)
    }

    /// What somebody does about keys, tenants and being there at all.
    pub(super) fn affairs(&mut self, who: (usize, usize), access: &Access, view: &View) -> Draft {
        match self.dice.below(12) {
            0..=2 if self.cast.keys => self.make_key(who),
            3..=5 if self.cast.keys => self.end_key(who, access, view),
            6 if self.cast.erasing && self.dice.happens(800) => {
                let body = json!({"password": self.people[who.0].password()});
                draft(Intent::Erase { person: access.person.clone() }, "DELETE", "/api/v1/me").body(body)
            }
            7..=11 if self.cast.tenants => self.go(who, access, view),
            _ => self.change(access, view),
        }
    }

    fn make_key(&mut self, who: (usize, usize)) -> Draft {
        let scopes = self.dice.one_of(&SCOPES).copied().unwrap_or_default();
        let body = json!({"name": format!("key {}", self.number), "scopes": scopes,
            "password": self.people[who.0].password()});
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        draft(Intent::MakeKey { scopes }, "POST", "/api/v1/me/keys").body(body)
    }

    pub(super) fn end_key(&mut self, who: (usize, usize), access: &Access, view: &View) -> Draft {
        let own: Vec<&String> =
            view.stands.keys().filter(|key| self.model.owns_key(&access.owner(), key)).collect();
        let own = self.dice.one_of(&own).map(|key| (*key).clone());
        let foreign = self.model.keys_of_others(&access.owner());
        let key = own.filter(|_| !self.dice.happens(150)).or_else(|| self.dice.one_of(&foreign).cloned());
        let Some(key) = key else { return self.make_key(who) };
        if self.dice.happens(350) {
            let overlap = [0, 0, 1, 5][self.dice.below(4)];
            let body = json!({"overlap_minutes": overlap, "password": self.people[who.0].password()});
            let path = format!("/api/v1/me/keys/{key}/rotate");
            return draft(Intent::RotateKey { key }, "POST", path).body(body);
        }
        let path = format!("/api/v1/me/keys/{key}");
        draft(Intent::RevokeKey { key }, "DELETE", path)
    }

    /// Joins a tenant, or goes over to another.
    pub(super) fn go(&mut self, who: (usize, usize), access: &Access, view: &View) -> Draft {
        if let Some((id, tenant, token)) = self.people[who.0].invitations.last().cloned()
            && (!self.model.is_over(&id) || self.dice.happens(60))
        {
            let body = json!({ "token": token });
            let intent = Intent::Accept { invitation: id, tenant };
            return draft(intent, "POST", "/api/v1/invitations/accept").observer().body(body);
        }
        let mut tenants: Vec<String> = view.tenants.iter().cloned().collect();
        let elsewhere = self.dice.happens(if tenants.is_empty() { 250 } else { 60 });
        if tenants.is_empty() && !elsewhere {
            return self.change(access, view);
        }
        if access.tenant != HOME || self.dice.happens(200) {
            tenants.push(HOME.to_owned());
        }
        if elsewhere {
            // A member or not.
            tenants = self.model.tenants().map(|(id, _)| id.clone()).collect();
        }
        let tenant = self.dice.one_of(&tenants).cloned().unwrap_or_else(|| HOME.to_owned());
        let body = json!({"tenant_id": tenant, "delivery": "token"});
        draft(Intent::Switch { tenant }, "POST", "/api/v1/auth/tenant").body(body)
    }

    /// What an administrator does about tenants.
    pub(super) fn tenancy(&mut self) -> Draft {
        let Some((tenant, open)) = self.model.tenants().next().map(|(id, open)| (id.clone(), open)) else {
            let slug = format!("club-{}", self.number);
            let body = json!({"slug": slug, "name": "Club"});
            return draft(Intent::MakeTenant { slug }, "POST", "/api/v1/tenants").body(body);
        };
        let often = self.turns(&tenant, open);
        if self.dice.happens(often) {
            let (intent, verb, body) = if open {
                (
                    Intent::Close { tenant: tenant.clone() },
                    "deactivate",
                    Some(json!({"reason": "it is over"})),
                )
            } else {
                (Intent::Open { tenant: tenant.clone() }, "activate", None)
            };
            let asked = draft(intent, "POST", format!("/api/v1/tenants/{tenant}/{verb}"));
            return Draft { body, ..asked };
        }
        let new = (0..self.people.len()).filter(|place| self.people[*place].invitations.is_empty());
        let new: Vec<usize> = new.collect();
        let again = self.dice.below(self.people.len());
        let place = self.dice.one_of(&new).copied().unwrap_or(again);
        let email = self.people[place].email();
        let body = json!({"email": email, "role": "member", "apps": {"tracker": {"role": "user"}}});
        let path = format!("/api/v1/tenants/{tenant}/invitations");
        draft(Intent::Invite { tenant, email }, "POST", path).body(body)
    }

    /// How often an administrator closes a tenant, or opens it: mostly when somebody works there.
    fn turns(&self, tenant: &str, open: bool) -> u32 {
        let works_there =
            |device: &Device| device.access.as_ref().is_some_and(|token| token.tenant == tenant);
        let is_used = self.people.iter().flat_map(|person| &person.devices).any(works_there);
        match (open, is_used) {
            (false, _) => 700,
            (true, true) => 450,
            (true, false) => 100,
        }
    }

    /// What a member of staff does next: begins to act as somebody, looks, tries to change something, stops.
    pub fn serve(&mut self) -> Action {
        let open = self.model.acting().map(|(act, stand)| (act.clone(), stand.person.clone()));
        let held = open.as_ref().and_then(|(act, _)| self.acting.iter().rfind(|token| token.device == *act));
        let looks_back = self.dice.happens(150);
        let old = self.dice.one_of(self.acting).filter(|_| looks_back);
        let token = old.or(held).cloned();
        let ids: Vec<String> = self.model.ids().cloned().collect();
        match (open, token) {
            (Some((act, _)), held) if held.is_none() || self.dice.happens(150) => {
                let path = format!("/api/v1/impersonations/{act}");
                let asked = draft(Intent::StopActing { act }, "DELETE", path).admin().staff();
                self.finish(asked, None, None)
            }
            (_, Some(token)) if self.dice.happens(900) => {
                let view = self.model.view(&token.owner()).cloned().unwrap_or_default();
                let asked = match self.dice.below(10) {
                    0 | 1 => self.change(&token, &view),
                    2 => draft(Intent::ReadMe, "GET", "/api/v1/me"),
                    _ => self.look(&token, &view),
                };
                self.finish(asked.staff(), None, Some(token))
            }
            _ => {
                let person = self.dice.one_of(&ids).cloned().unwrap_or_else(|| uuid::Uuid::nil().to_string());
                let minutes = if self.dice.happens(300) { 1 } else { 30 };
                let body = json!({"reason": "to see what they see", "minutes": minutes});
                let path = format!("/api/v1/users/{person}/impersonation");
                let asked = draft(Intent::ActAs { person }, "POST", path).body(body).admin().staff();
                self.finish(asked, None, None)
            }
        }
    }
}
