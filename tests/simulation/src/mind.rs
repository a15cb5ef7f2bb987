//! What somebody thinks of doing next.

mod affairs;
mod rush;

use crate::actions::{Action, Intent, Item, Movement};
use crate::dice::Dice;
use crate::fleet::Worker;
use crate::model::{Model, View};
use crate::people::{Access, HOME, Person, Refresh};
use crate::staff::Cast;
use serde_json::{Value, json};

/// A request without its intent.
struct Draft {
    intent: Intent,
    worker: Worker,
    method: &'static str,
    path: String,
    body: Option<Value>,
    if_match: Option<i64>,
    signed: bool,
    staff: bool,
}

fn draft(intent: Intent, method: &'static str, path: impl Into<String>) -> Draft {
    Draft {
        intent,
        worker: Worker::Tracker,
        method,
        path: path.into(),
        body: None,
        if_match: None,
        signed: true,
        staff: false,
    }
}

impl Draft {
    fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    fn if_match(self, if_match: Option<i64>) -> Self {
        Self { if_match, ..self }
    }

    fn unsigned(self) -> Self {
        Self { signed: false, ..self }
    }

    fn admin(self) -> Self {
        Self { worker: Worker::Admin, signed: false, ..self }
    }

    fn staff(self) -> Self {
        Self { staff: true, ..self }
    }

    fn observer(self) -> Self {
        Self { worker: Worker::Observer, ..self }
    }
}

/// Everything that is looked at to think of something to do.
pub struct Mind<'m> {
    /// Chance.
    pub dice: &'m mut Dice,
    /// Everybody.
    pub people: &'m [Person],
    /// What is true.
    pub model: &'m Model,
    /// Who else plays.
    pub cast: Cast,
    /// Tokens by which staff act, or acted, as somebody.
    pub acting: &'m [Access],
    /// The time.
    pub now: i64,
    /// When it all began.
    pub begun: i64,
    /// The number of the action.
    pub number: usize,
}

impl Mind<'_> {
    /// What somebody does next on one of their devices.
    pub fn think(&mut self, who: (usize, usize)) -> Option<Action> {
        let person = &self.people[who.0];
        let Some(id) = self.model.id_of(&person.email()) else {
            return (!person.registering).then(|| self.register(who));
        };
        let device = &person.devices[who.1];
        let Some(access) = device.access.clone() else { return Some(self.login(who)) };
        let expired = access.expires_at <= self.now + 5_000;
        if let Some(token) = device.refresh.clone()
            && (expired && self.dice.happens(900) || self.dice.happens(80))
        {
            let old = device.old_refresh.last().filter(|_| self.dice.happens(120)).cloned();
            return Some(self.refresh(who, old.unwrap_or(token)));
        }
        if self.dice.happens(if expired { 500 } else { 40 }) {
            return Some(self.login(who));
        }
        if access.person != id {
            // They were erased, and are somebody new.
            return Some(self.login(who));
        }
        if let Some(action) = self.with_program(who) {
            return Some(action);
        }
        if !person.passes.is_empty() && self.dice.happens(250) {
            return self.with_pass(who);
        }
        let view = self.model.view(&access.owner())?.clone();
        let invited = person.invitations.last().is_some_and(|(id, ..)| !self.model.is_over(id));
        let often = match (invited, !view.tenants.is_empty() && access.tenant == HOME) {
            (true, _) => 350,
            // Whoever may work elsewhere mostly does.
            (false, true) => 200,
            (false, false) => 60,
        };
        if self.cast.tenants && self.dice.happens(often) {
            let draft = self.go(who, &access, &view);
            return Some(self.finish(draft, Some(who), Some(access)));
        }
        // Without a key it makes one.
        if self.cast.keys && self.dice.happens(60) {
            let draft = self.end_key(who, &access, &view);
            return Some(self.finish(draft, Some(who), Some(access)));
        }
        let old = device.old_access.last().filter(|_| self.dice.happens(60)).cloned();
        let access = old.unwrap_or(access);
        let draft = match self.dice.below(100) {
            0..=9 => self.account(&access, &view),
            10..=21 => self.affairs(who, &access, &view),
            22..=57 => self.change(&access, &view),
            _ => self.look(&access, &view),
        };
        Some(self.finish(draft, Some(who), Some(access)))
    }

    /// What the administrator does next.
    pub fn administer(&mut self) -> Action {
        let ids: Vec<String> = self.model.ids().cloned().collect();
        let one = self.dice.one_of(&ids).cloned();
        let first = if self.cast.tenants && self.dice.happens(600) { 10 } else { self.dice.below(13) };
        let draft = match (first, one) {
            (10 | 11, _) if self.cast.tenants => self.tenancy(),
            (12, Some(person)) if self.cast.erasing && self.dice.happens(900) => {
                let path = format!("/api/v1/users/{person}/erase");
                let reason = json!({"reason": "they asked for it"});
                draft(Intent::Erase { person }, "POST", path).body(reason)
            }
            (0..=3, Some(person)) => {
                let path = format!("/api/v1/users/{person}/suspend");
                let reason = json!({"reason": format!("reason {}", self.number)});
                draft(Intent::Suspend { person }, "POST", path).body(reason)
            }
            (4..=7, Some(person)) => {
                let path = format!("/api/v1/users/{person}/reinstate");
                draft(Intent::Reinstate { person }, "POST", path)
            }
            (8, _) => self.import(),
            (9, _) if self.dice.happens(500) => draft(Intent::ReadAudit, "GET", "/api/v1/audit/verify"),
            _ => draft(Intent::ReadOverview, "GET", "/api/v1/analytics/overview"),
        };
        self.finish(draft.admin(), None, None)
    }

    /// An administrator's action.
    pub fn of_admin(&mut self, intent: Intent, path: &str) -> Action {
        let method = if intent.reads() { "GET" } else { "POST" };
        self.finish(draft(intent, method, path).admin(), None, None)
    }

    /// Somebody looks at something with a token.
    pub fn looking(&mut self, who: (usize, usize), token: &Access, intent: Intent, path: &str) -> Action {
        self.finish(draft(intent, "GET", path), Some(who), Some(token.clone()))
    }

    fn finish(&mut self, draft: Draft, who: Option<(usize, usize)>, token: Option<Access>) -> Action {
        let Draft { intent, worker, method, path, body, if_match, signed, staff } = draft;
        // Refreshing, signing out, going elsewhere and what programs do take no key.
        let keyed = !intent.reads()
            && !matches!(
                intent,
                Intent::Refresh { .. }
                    | Intent::Logout { .. }
                    | Intent::Switch { .. }
                    | Intent::Redeem { .. }
                    | Intent::RefreshGrant { .. }
                    | Intent::EndGrant { .. }
            );
        let key = (keyed && self.dice.happens(850)).then(|| format!("key-{}", self.number));
        let token = token.filter(|_| signed);
        let (number, begun_at) = (self.number, self.now);
        Action {
            number,
            who,
            intent,
            token,
            staff: staff.then(|| crate::staff::token(begun_at)),
            key,
            reuses: false,
            worker,
            method,
            path,
            if_match,
            body,
            begun_at,
            extra: false,
        }
    }

    fn register(&mut self, who: (usize, usize)) -> Action {
        let person = &self.people[who.0];
        let body = json!({"email": person.email(), "password": person.password(), "display_name": person.mark,
            "birth_date": "1990-01-01", "delivery": "token"});
        let intent = Intent::Register { email: person.email() };
        self.finish(draft(intent, "POST", "/api/v1/auth/register").unsigned().body(body), Some(who), None)
    }

    /// Signs in; now and then with the wrong password.
    pub fn login(&mut self, who: (usize, usize)) -> Action {
        let right = !self.dice.happens(80);
        self.login_with(who, right)
    }

    /// Signs in with the right password.
    pub fn login_for_certain(&mut self, who: (usize, usize)) -> Action {
        self.login_with(who, true)
    }

    fn login_with(&mut self, who: (usize, usize), right: bool) -> Action {
        let person = &self.people[who.0];
        let password = if right { person.password() } else { "not the password".to_owned() };
        let body = json!({"email": person.email(), "password": password, "delivery": "token"});
        let intent = Intent::Login { email: person.email(), right };
        self.finish(draft(intent, "POST", "/api/v1/auth/login").unsigned().body(body), Some(who), None)
    }

    fn refresh(&mut self, who: (usize, usize), token: Refresh) -> Action {
        let body = json!({"refresh_token": token.text});
        let asked = draft(Intent::Refresh { token }, "POST", "/api/v1/auth/refresh").unsigned().body(body);
        self.finish(asked, Some(who), None)
    }

    fn mark_of(&self, access: &Access) -> String {
        self.model.mark_of(&access.owner())
    }

    fn import(&mut self) -> Draft {
        let row = |name: &str, thc: i64| {
            json!({"source_id": name, "name": name, "slug": "s", "type": "hybrid", "description": null,
                "thc_percent": thc, "cbd_percent": null, "effects": ["calm"], "negative_effects": null,
                "ailments": null, "flavors": null, "terpenes": null, "breeder": null, "parents": null})
        };
        let thc = self.dice.within(0, 3) * 100;
        let rows = json!({"source": "simulation", "rows": [row("Blue Dream", thc), row("Tangie", 1_500)]});
        draft(Intent::Import, "POST", "/api/v1/strains/import").body(rows)
    }

    fn change(&mut self, access: &Access, view: &View) -> Draft {
        match self.dice.below(20) {
            0..=2 => self.buy(access, view),
            3..=7 if !view.lots.is_empty() => self.enter(access, view),
            8 => {
                let name = format!("{} strain {}", self.mark_of(access), self.dice.below(4));
                let body = json!({"name": name});
                draft(Intent::AddStrain { name }, "POST", "/api/v1/strains").body(body)
            }
            9..=11 if !view.sessions.is_empty() => self.edit(access, view),
            12 | 13 if !view.sessions.is_empty() => {
                let (session, version) = self.a_session(view);
                let version = self.remembered(version, 500);
                let path = format!("/api/v1/sessions/{session}");
                draft(Intent::Delete { session, version }, "DELETE", path).if_match(version)
            }
            _ if view.lots.is_empty() => self.buy(access, view),
            _ => {
                let items = self.items(view);
                let mark = self.mark_of(access);
                let body = json!({"method": "vape", "items": body_of(&items), "notes": mark});
                draft(Intent::Log { items }, "POST", "/api/v1/sessions").body(body)
            }
        }
    }

    fn buy(&mut self, access: &Access, view: &View) -> Draft {
        let name = format!("{} jar {}", self.mark_of(access), self.number);
        let quantity = self.dice.within(1, 1_500);
        let strains: Vec<String> = view.strains.values().cloned().collect();
        let strain = self.dice.one_of(&strains).cloned();
        let body = json!({"name": name, "form": "flower", "quantity_mg": quantity, "strain_id": strain});
        draft(Intent::AddLot { name, quantity, strain }, "POST", "/api/v1/stash").body(body)
    }

    fn enter(&mut self, access: &Access, view: &View) -> Draft {
        let lot = if self.dice.happens(60) { self.any_lot(access, view) } else { self.a_lot(view) };
        let amount = self.dice.within(1, 600);
        let (movement, body) = match self.dice.below(4) {
            0 => (Movement::By("gift", -amount), json!({"kind": "gift", "quantity_mg": amount})),
            1 => (Movement::By("waste", -amount), json!({"kind": "waste", "quantity_mg": amount})),
            2 => (Movement::By("adjust", amount), json!({"kind": "adjust", "quantity_mg": amount})),
            _ => (Movement::To(amount), json!({"kind": "count", "counted_mg": amount})),
        };
        let path = format!("/api/v1/stash/{lot}/entries");
        draft(Intent::Enter { lot, movement }, "POST", path).body(body)
    }

    fn edit(&mut self, access: &Access, view: &View) -> Draft {
        let (session, version) = self.a_session(view);
        let version = self.remembered(version, 600);
        let items = self.dice.happens(700).then(|| self.items(view));
        let mut body = json!({"notes": format!("{} {}", self.mark_of(access), self.number)});
        if let Some(items) = &items {
            body["items"] = body_of(items);
        }
        let path = format!("/api/v1/sessions/{session}");
        draft(Intent::Edit { session, items, version }, "PATCH", path).body(body).if_match(version)
    }

    /// The version that an edit insists on, if it does: mostly the current one, sometimes one that was read before.
    fn remembered(&mut self, version: i64, per_mille: u32) -> Option<i64> {
        let behind = i64::from(version > 1 && self.dice.happens(300));
        self.dice.happens(per_mille).then_some(version - behind)
    }

    fn look(&mut self, access: &Access, view: &View) -> Draft {
        let lots = "/api/v1/stash?limit=100";
        match self.dice.below(10) {
            0 | 1 => draft(Intent::ReadStash { as_of: None }, "GET", lots),
            2 | 3 => {
                let as_of = self.dice.within(self.begun, self.now);
                let path = format!("{lots}&as_of={}", sesh_types::time::Timestamp(as_of));
                draft(Intent::ReadStash { as_of: Some(as_of) }, "GET", path)
            }
            4 => {
                let lot = self.any_lot(access, view);
                let path = format!("/api/v1/stash/{lot}");
                draft(Intent::ReadLot { lot }, "GET", path)
            }
            5 => {
                let lot = self.any_lot(access, view);
                let path = format!("/api/v1/stash/{lot}/entries?limit=100");
                draft(Intent::ReadEntries { lot }, "GET", path)
            }
            6 if !view.sessions.is_empty() => {
                let (session, _) = self.a_session(view);
                let path = format!("/api/v1/sessions/{session}");
                draft(Intent::ReadSession { session }, "GET", path)
            }
            7 => draft(Intent::ReadDashboard, "GET", "/api/v1/dashboard"),
            8 => draft(Intent::ReadStrains, "GET", "/api/v1/strains?limit=100"),
            _ => draft(Intent::ReadSessions, "GET", "/api/v1/sessions?limit=100"),
        }
    }

    fn a_lot(&mut self, view: &View) -> String {
        let lots: Vec<&String> = view.lots.keys().collect();
        self.dice.one_of(&lots).map(|lot| (*lot).clone()).unwrap_or_default()
    }

    /// Mostly one's own, sometimes somebody else's.
    fn any_lot(&mut self, access: &Access, view: &View) -> String {
        let foreign: Vec<String> = self.model.lots_of_others(&access.owner());
        if view.lots.is_empty() || (self.dice.happens(250) && !foreign.is_empty()) {
            return self.dice.one_of(&foreign).cloned().unwrap_or_else(|| uuid::Uuid::nil().to_string());
        }
        self.a_lot(view)
    }

    fn a_session(&mut self, view: &View) -> (String, i64) {
        let sessions: Vec<(&String, &i64)> = view.sessions.iter().collect();
        self.dice.one_of(&sessions).map(|(id, version)| ((*id).clone(), **version)).unwrap_or_default()
    }

    fn items(&mut self, view: &View) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        for _ in 0..=self.dice.below(3) {
            let lot = self.a_lot(view);
            if !lot.is_empty() && items.iter().all(|(known, _)| *known != lot) {
                let amount = (!self.dice.happens(150)).then(|| self.dice.within(1, 500));
                items.push((lot, amount));
            }
        }
        items
    }
}

/// How long a program's code counts.
pub const CODE_MS: i64 = 60_000;

fn body_of(items: &[Item]) -> Value {
    items.iter().map(|(lot, amount)| json!({"lot_id": lot, "quantity_mg": amount})).collect()
}
