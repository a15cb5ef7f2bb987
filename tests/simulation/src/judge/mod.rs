//! Answers, held against what was true while they were made: between the last commit before the request began and the
//! last one before it was answered.

mod reads;
mod refusals;
mod writes;

use crate::actions::{Action, Intent, Needs};
use crate::model::{Known, Model, View};
use crate::people::{Access, Device, Person, Refresh, person_of};
use crate::scheduler::Simulation;
use crate::{Holds, Violation, violated};
use bytes::Bytes;
use http::Response;
use http::header::{ETAG, RETRY_AFTER};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What clients were told, and what may therefore never happen again.
#[derive(Default)]
pub struct Told {
    /// Devices that somebody was told have ended.
    dead_devices: BTreeSet<String>,
    /// Epochs below which somebody was told that tokens are dead.
    dead_epochs: BTreeMap<String, i64>,
    /// People of whom somebody was told that they are erased.
    gone: BTreeSet<String>,
    /// Tenants of which somebody was told that they are closed, with the version that they had by it.
    closed: BTreeMap<String, i64>,
    /// Tenants of which somebody was told that they are open again, with the version that they had by it.
    opened: BTreeMap<String, i64>,
    /// Refresh tokens and keys that were handed out.
    tokens: BTreeMap<(String, i64), String>,
    /// Answers of successful actions.
    answers: BTreeMap<usize, (u16, String)>,
    /// How often somebody tried to sign in or up.
    tries: BTreeMap<String, u32>,
    /// Versions of profiles that somebody was told of.
    profiles: BTreeMap<String, i64>,
    /// The last answer.
    pub(crate) last: Option<Value>,
}

impl Told {
    /// Whether an action comes with a token of which somebody was told that it is dead.
    pub fn is_dead(&self, action: &Action) -> bool {
        if let Intent::Refresh { token } | Intent::RefreshGrant { token } = &action.intent {
            return self.dead_devices.contains(&token.device);
        }
        // Signing out twice is signing out, and being erased twice being erased.
        let twice = matches!(action.intent, Intent::Logout { .. } | Intent::Erase { .. });
        let token = action.token.as_ref().filter(|_| !twice);
        token.is_some_and(|token| self.knows_dead(token))
    }

    /// The tenant of an action's token, with its version, if it is closed and somebody was told so.
    pub(crate) fn closed_by(&self, model: &Model, action: &Action) -> Option<(String, i64)> {
        model.closed_tenant(action).filter(|(tenant, version)| self.closed.get(tenant) == Some(version))
    }

    /// Whether a tenant is open again, at this version, and nobody was told so yet: Workers may not have heard of it.
    pub(crate) fn is_news(&self, tenant: &str, version: i64) -> bool {
        self.opened.get(tenant) != Some(&version)
    }

    /// Somebody tries to sign in or up.
    pub(crate) fn tries(&mut self, action: &Action) {
        if let Intent::Login { email, .. } | Intent::Register { email } = &action.intent {
            *self.tries.entry(email.clone()).or_default() += 1;
        }
        if let (Intent::MakeKey { .. } | Intent::RotateKey { .. } | Intent::Erase { .. }, Some(token)) =
            (&action.intent, &action.token)
        {
            *self.tries.entry(token.person.clone()).or_default() += 1;
        }
    }

    /// Everything of somebody's is dead: they were erased.
    pub(crate) fn knows_gone(&mut self, person: &str) {
        self.dead_epochs.insert(person.to_owned(), i64::MAX);
        self.gone.insert(person.to_owned());
    }

    /// The version of their profile that somebody was told of.
    pub(crate) fn profile(&self, action: &Action) -> i64 {
        let person = action.token.as_ref().map(|token| &token.person);
        person.and_then(|person| self.profiles.get(person)).copied().unwrap_or(1)
    }

    /// Actions that have an answer that every repetition must get.
    pub(crate) fn answered_actions(&self) -> Vec<usize> {
        self.answers.keys().copied().collect()
    }

    /// Whether somebody was told that a token is dead.
    pub fn knows_dead(&self, token: &Access) -> bool {
        let least = self.dead_epochs.get(&token.person).copied().unwrap_or_default();
        self.dead_devices.contains(&token.device) || token.epoch < least || self.gone.contains(&token.person)
    }
}

/// An answer being judged.
pub(crate) struct Answered<'a> {
    pub(crate) root: usize,
    pub(crate) action: &'a Action,
    pub(crate) status: u16,
    pub(crate) json: Value,
    pub(crate) etag: Option<String>,
    /// Whom it is about.
    pub(crate) person: String,
    /// What was true at some moment while it was made, oldest first.
    pub(crate) views: Vec<Rc<View>>,
    /// The same, from the first time on that the request was sent: an earlier try may have done it.
    pub(crate) all_views: Vec<Rc<View>>,
}

impl Answered<'_> {
    pub(crate) fn data(&self) -> &Value {
        &self.json["data"]
    }

    /// Whether something held at some moment since the request was first sent.
    pub(crate) fn ever_since_first(&self, holds: impl Fn(&View) -> bool) -> bool {
        self.all_views.iter().any(|view| holds(view))
    }

    /// Whether something held at some moment.
    pub(crate) fn ever(&self, holds: impl Fn(&View) -> bool) -> bool {
        self.views.iter().any(|view| holds(view))
    }
}

impl Simulation<'_> {
    /// Judges an answer at the moment at which a Worker gives it, whether or not the client will hear it.
    pub(crate) fn judge(&mut self, root: usize, response: &Response<Bytes>) -> Holds {
        let Some(number) = self.roots[root].action else { return Ok(()) };
        let action = self.actions[number].clone();
        let status = response.status().as_u16();
        let text = String::from_utf8_lossy(response.body()).into_owned();
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let result = self.judge_status(root, &action, status, header(RETRY_AFTER)).and_then(|()| {
            let person = self.subject(&action);
            self.told.last = serde_json::from_str(&text).ok();
            self.no_foreign_rows(&person, &action, &text)?;
            let answered = Answered {
                root,
                action: &action,
                status,
                json: serde_json::from_str(&text).unwrap_or_default(),
                etag: header(ETAG).map(str::to_owned),
                views: self.model.views_since(&person, self.roots[root].commit),
                all_views: self.model.views_since(&person, self.first_commit(number)),
                person,
            };
            match status {
                200..300 => self.judge_success(&answered, &text),
                400..500 => self.judge_refusal(&answered),
                _ => Ok(()),
            }
        });
        result.or_else(|Violation(words)| violated(format!("answer {status} to action {number}: {words}")))
    }

    /// The last commit before an action was first sent.
    fn first_commit(&self, number: usize) -> u64 {
        self.roots.iter().find(|root| root.action == Some(number)).map_or(0, |root| root.commit)
    }

    fn judge_status(
        &mut self,
        root: usize,
        action: &Action,
        status: u16,
        retry_after: Option<&str>,
    ) -> Holds {
        let place = match status {
            200..300 => 0,
            400..500 => 1,
            _ => 2,
        };
        self.counts.answers[place] += 1;
        match status {
            503 if self.roots[root].faults == 0 && !self.has_lost_record(action) => {
                violated("nothing failed, and yet it is not available")
            }
            503 if retry_after.is_none() => violated("it does not say when to try again"),
            200..300 | 400..500 | 503 => Ok(()),
            _ => violated(format!(
                "{} {} must be answered, with a refusal or 503 at worst",
                action.method, action.path
            )),
        }
    }

    /// Whether an action may have been done before, by an earlier request with its key.
    fn repeats(&self, action: &Action) -> bool {
        action.key.is_some() && self.progress[action.number].attempts > 1
    }

    /// Whether the record of what an action did is gone: it was found to be a repetition, and its person erased before the
    /// answer was read. Whoever tries again is told that they are nobody.
    fn has_lost_record(&self, action: &Action) -> bool {
        self.repeats(action) && self.model.view(&self.subject(action)).is_some_and(|view| view.erased)
    }

    /// Whom an action is about.
    fn subject(&self, action: &Action) -> String {
        match (&action.intent, &action.token) {
            (Intent::Register { email } | Intent::Login { email, .. }, _) => {
                self.model.id_of(email).unwrap_or_default()
            }
            (Intent::Refresh { token } | Intent::RefreshGrant { token }, _) => {
                self.model.owner_of(&token.device).unwrap_or_default().to_owned()
            }
            (
                Intent::Suspend { person }
                | Intent::Reinstate { person }
                | Intent::Erase { person }
                | Intent::ActAs { person }
                | Intent::Redeem { person, .. },
                None,
            ) => person.clone(),
            (Intent::EndGrant { device }, None) => self.model.owner_of(device).unwrap_or_default().to_owned(),
            (Intent::Invite { email, .. }, None) => self.model.id_of(email).unwrap_or_default(),
            (_, Some(token)) => token.owner(),
            _ => String::new(),
        }
    }

    fn no_foreign_rows(&self, person: &str, action: &Action, text: &str) -> Holds {
        if action.who.is_none() && action.token.is_none() {
            return Ok(());
        }
        let own = self.model.mark_of(person);
        // Who somebody is, is the same in every tenant; what they keep there is not.
        let kept = !matches!(action.intent.of_keys(), Needs::SignIn);
        let other = |id: &str| if kept { id != person } else { person_of(id) != person_of(person) };
        // Their name is marked as at home, and so is that of somebody erased who had the same address.
        let home = if kept { own.clone() } else { self.model.mark_of(person_of(person)) };
        let strange = |(id, known): &(&String, &Known)| {
            other(id) && known.mark != own && known.mark != home && text.contains(&known.mark)
        };
        match self.model.people.iter().find(strange) {
            Some((id, _)) if !person.is_empty() => violated(format!("it holds what {id} wrote: {text}")),
            _ => Ok(()),
        }
    }

    fn judge_success(&mut self, answered: &Answered<'_>, text: &str) -> Holds {
        let action = answered.action;
        if action.reuses {
            return violated("the key was used with another body, and it succeeded");
        }
        if self.roots[answered.root].dead {
            return violated("the token was acknowledged dead before the request began");
        }
        // What was done before is answered from its record, by whoever was let in a moment ago.
        if self.roots[answered.root].late && !self.repeats(action) {
            return violated(
                "its token was acknowledged dead, or its tenant closed, before tracker's database was asked",
            );
        }
        if let Some(token) = &action.token
            && !action.intent.is_open_to(&token.pass)
        {
            return violated(format!("it is answered to what is not good for it: {:?}", token.pass));
        }
        if let Some((tenant, version)) = &self.roots[answered.root].closed
            && self.model.is_unchanged(tenant, *version)
        {
            return violated("its tenant was acknowledged closed before the request began");
        }
        if action.key.is_some() {
            let answer = (answered.status, text.to_owned());
            match self.told.answers.get(&action.number) {
                Some(first) if *first == answer => return Ok(()),
                Some(first) => {
                    return violated(format!(
                        "a repetition is answered {text}, the first was {} {}",
                        first.0, first.1
                    ));
                }
                None => self.told.answers.insert(action.number, answer),
            };
        }
        if action.intent.reads() { self.judge_read(answered) } else { self.judge_write(answered) }
    }

    fn judge_refusal(&mut self, answered: &Answered<'_>) -> Holds {
        let error = &answered.json["error"];
        // Programs are told in the words of their standard.
        let code = error["code"].as_str().or(error.as_str()).unwrap_or_default();
        if answered.action.reuses && matches!(answered.status, 401 | 422) {
            return Ok(());
        }
        if let Intent::Redeem { code: id, .. } = &answered.action.intent
            && code == "invalid_grant"
            && self.roots[answered.root].spent
            && let Some((_, grant)) = self.model.code(id)
        {
            // Whoever hears that knows that the code was about twice: its grant must be dead.
            if answered.views.last().is_some_and(|view| view.devices.contains_key(grant)) {
                return violated("a code came twice, and what it was exchanged for lives");
            }
            self.told.dead_devices.insert(grant.to_owned());
        }
        if matches!(answered.status, 400 | 401)
            && let Intent::Refresh { token } | Intent::RefreshGrant { token } = &answered.action.intent
            && answered
                .views
                .first()
                .is_some_and(|view| !view.erased && !view.devices.contains_key(&token.device))
        {
            // Whoever hears that knows that the device has ended: everybody must. Of somebody erased no device is left to
            // tell that it was theirs: that token is unknown, and only who hears that they are erased knows more.
            self.told.dead_devices.insert(token.device.clone());
        }
        if self.is_justified(answered, code) {
            return Ok(());
        }
        violated(format!("{code} was never true while it was answered: {}", answered.json))
    }
}

/// A client keeps the tokens that it was given.
pub(crate) fn keep_tokens(device: &mut Device, action: &Action, body: &str) {
    let signs_in = matches!(
        action.intent,
        Intent::Register { .. } | Intent::Login { .. } | Intent::Refresh { .. } | Intent::Switch { .. }
    );
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let text = |name: &str| json["data"][name].as_str();
    if let (true, Some(access)) = (signs_in, text("access_token").and_then(Access::read)) {
        device.take(access, text("refresh_token").and_then(Refresh::read));
    }
    if matches!(action.intent, Intent::Logout { .. }) {
        device.old_access.extend(device.access.take());
    }
}

/// Somebody keeps the keys and programs' tokens that were made for them.
pub(crate) fn keep_passes(person: &mut Person, action: &Action, body: &str) {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    match &action.intent {
        Intent::MakeKey { .. } | Intent::RotateKey { .. } => {
            let maker = action.token.as_ref();
            person.passes.extend(maker.and_then(|maker| Access::key(&json["data"], maker)));
        }
        Intent::Redeem { .. } | Intent::RefreshGrant { .. } => {
            person.passes.extend(json["access_token"].as_str().and_then(Access::read));
            person.grants.extend(json["refresh_token"].as_str().and_then(Refresh::read));
        }
        _ => {}
    }
}
