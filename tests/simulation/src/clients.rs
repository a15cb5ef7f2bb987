//! Clients: they think of something, send it, wait, hear or give up, and send it again.

use crate::actions::{Action, Intent};
use crate::mind::Mind;
use crate::people::Pass;
use crate::scheduler::{BEGIN, Event, Progress, Root, Simulation};
use sesh_types::time::{MINUTE_MS, SECOND_MS};
use std::rc::Rc;

/// How long a client waits for an answer.
const PATIENCE_MS: i64 = 30 * SECOND_MS;
/// How often a client sends the same request.
const MOST_ATTEMPTS: u32 = 4;

impl Simulation<'_> {
    pub(crate) fn think(&mut self, person: usize, device: usize) {
        if self.budget == 0 {
            return;
        }
        if self.cast.programs && self.dice.happens(50) {
            self.send_code(person, device);
        }
        let number = self.actions.len();
        if let Some(action) = self.mind(number).think((person, device)) {
            self.begin_action(action);
        } else {
            let delay = self.dice.within(500, 5_000);
            self.after(delay, Event::Think(person, device));
        }
    }

    pub(crate) fn administer(&mut self) {
        if self.budget == 0 {
            return;
        }
        let number = self.actions.len();
        let action = self.mind(number).administer();
        self.begin_action(action);
    }

    /// A member of staff does something.
    pub(crate) fn serve(&mut self) {
        if self.budget == 0 {
            return;
        }
        let number = self.actions.len();
        let action = self.mind(number).serve();
        self.begin_action(action);
    }

    /// All that is looked at to think of something to do.
    pub(crate) fn mind(&mut self, number: usize) -> Mind<'_> {
        let (begun, now) = (BEGIN, self.now);
        let (cast, acting) = (self.cast, self.acting.as_slice());
        Mind {
            dice: &mut self.dice,
            people: &self.people,
            model: &self.model,
            cast,
            acting,
            now,
            begun,
            number,
        }
    }

    /// Starts an action of the simulation's own.
    pub(crate) fn begin_action(&mut self, action: Action) {
        self.budget = self.budget.saturating_sub(1);
        if let (Some((person, _)), Intent::Register { .. }) = (action.who, &action.intent) {
            self.people[person].registering = true;
        }
        let number = action.number;
        let action = Rc::new(action);
        self.actions.push(action.clone());
        self.progress.push(Progress::default());
        debug_assert_eq!(number + 1, self.actions.len(), "actions are numbered as they begin");
        self.first_attempt(&action);
    }

    /// Sends a request (again).
    pub(crate) fn attempt(&mut self, number: usize) {
        let action = self.actions[number].clone();
        let progress = &mut self.progress[number];
        progress.attempts += 1;
        let count = progress.attempts;
        self.counts.attempts += 1;
        let root = self.root(Some(number), format!("action {number}, try {count}"));
        self.tell(|| format!("{} [action {number}, try {count}]", action.told()));
        self.soon(Event::Arrive(root));
        self.after(PATIENCE_MS, Event::Answer { root, answer: None });
        let hedge = self.rates.hedge;
        if repeatable(&action) && count < MOST_ATTEMPTS && self.dice.happens(hedge) {
            self.soon(Event::Again(number));
        }
    }

    pub(crate) fn root(&mut self, action: Option<usize>, name: String) -> usize {
        let (commit, since) = (self.model.commit, self.now);
        let root = Root {
            action,
            faults: 0,
            commit,
            since,
            dead: false,
            late: false,
            profile: 0,
            closed: None,
            reopened: false,
            spent: false,
            settled: false,
            messages: Vec::new(),
            name,
        };
        self.roots.push(root);
        self.roots.len() - 1
    }

    /// The client hears, or gives up.
    pub(crate) fn hear(&mut self, root: usize, answer: Option<(u16, String)>) {
        let Some(number) = self.roots[root].action else { return };
        if std::mem::replace(&mut self.roots[root].settled, true) {
            return;
        }
        if answer.is_none() {
            self.tasks.retain(|_, live| live.root != root || live.answered);
        }
        if self.progress[number].done {
            return;
        }
        let action = self.actions[number].clone();
        let final_answer = answer.as_ref().filter(|(status, _)| *status < 500);
        if final_answer.is_none() {
            if answer.is_none() {
                self.tell(|| format!("    the client of action {number} hears nothing"));
            }
            let again = repeatable(&action) && self.progress[number].attempts < MOST_ATTEMPTS;
            if again && self.dice.happens(750) {
                let delay = self.dice.within(500, 4_000);
                self.after(delay, Event::Again(number));
                return;
            }
        }
        self.progress[number].done = true;
        if let (Some((status, body)), Some((person, device))) = (final_answer, action.who) {
            if *status < 300 {
                crate::judge::keep_tokens(&mut self.people[person].devices[device], &action, body);
                crate::judge::keep_passes(&mut self.people[person], &action, body);
            }
            let own = action.token.as_ref().is_none_or(|token| token.pass == Pass::SignIn);
            if *status == 401 && own && !action.extra && !matches!(action.intent, Intent::Login { .. }) {
                let device = &mut self.people[person].devices[device];
                device.old_access.extend(device.access.take());
            }
        }
        if let (Some((200..300, body)), None) = (final_answer, action.who) {
            self.keep_of_staff(&action, body);
        }
        if action.extra {
            return;
        }
        let refused = final_answer.is_some_and(|(status, _)| matches!(status, 401 | 429));
        if refused && action.who.is_some() && matches!(action.intent, Intent::Login { .. }) {
            // Whoever is not let in comes back later, not at once.
            self.patience_after(&action);
            return;
        }
        self.next_action(&action, final_answer.is_some_and(|(status, _)| *status < 300));
    }

    pub(crate) fn patience_after(&mut self, action: &Action) {
        if let (Some((person, device)), false) = (action.who, self.quiet) {
            let pause = self.dice.within(20 * SECOND_MS, 10 * MINUTE_MS);
            self.after(pause, Event::Think(person, device));
        }
    }

    pub(crate) fn next_action(&mut self, action: &Action, success: bool) {
        if let Some((person, _)) = action.who {
            self.people[person].registering = false;
        }
        if self.quiet {
            return;
        }
        if success && repeatable(action) && self.dice.happens(60) {
            let delay = self.dice.within(0, 20_000);
            self.after(delay, Event::Again(action.number));
        }
        if success && self.dice.happens(60) {
            let number = self.actions.len();
            if let Some(other) = action.with_another_body(number, self.now) {
                self.begin_action(other);
                return;
            }
        }
        let pause = match self.dice.below(20) {
            0..=11 => self.dice.within(0, 600),
            12..=17 => self.dice.within(0, 8_000),
            18 => self.dice.within(0, 2 * MINUTE_MS),
            _ => self.dice.within(0, 16 * MINUTE_MS),
        };
        if let Some((person, device)) = action.who {
            self.after(pause, Event::Think(person, device));
        } else if action.staff.is_some() {
            let pause = pause / 4 + self.dice.within(500, 20_000);
            self.after(pause, Event::Serve);
        } else {
            let (least, most) = if self.cast.tenants { (500, 6_000) } else { (5_000, 90_000) };
            let pause = pause + self.dice.within(least, most);
            self.after(pause, Event::Administer);
        }
    }
}

/// Whether a client may send it again: with a key, or because doing it twice is doing it once.
fn repeatable(action: &Action) -> bool {
    action.key.is_some()
        || action.intent.reads()
        || matches!(
            action.intent,
            Intent::Refresh { .. }
                | Intent::Logout { .. }
                | Intent::Switch { .. }
                | Intent::RefreshGrant { .. }
                | Intent::EndGrant { .. }
        )
}
