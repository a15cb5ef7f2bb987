//! A rush: whoever is about to be shut out is busy to the last. Whenever something ends that lets somebody in, requests with the
//! very tokens that die by it are sometimes sent beside it and after it, so that some are under way at that moment. Of
//! itself that is rare, and what it breaks stays unseen.

use crate::actions::{Action, Intent};
use crate::people::Access;
use crate::scheduler::{Event, Simulation};
use sesh_types::time::SECOND_MS;

/// How often there is one, per thousand of what ends something.
const RUSH: u32 = 350;
/// The same for what ends seldom, or lets little time pass between its commit and its answer.
const RUSH_OF_THE_RARE: u32 = 800;
/// Within how long most of a rush is sent. The end itself is begun within twice that, so that others are under way before.
const RUSH_MS: [i64; 3] = [20, 80, 300];

impl Intent {
    /// Whether an access token, or a key, dies by it that is whoever's does it.
    pub fn ends(&self, of_doer: Option<&Access>, token: &Access) -> bool {
        match self {
            Self::RevokeKey { key: id }
            | Self::RotateKey { key: id }
            | Self::StopActing { act: id }
            | Self::Logout { device: id }
            | Self::RemoveDevice { device: id }
            | Self::EndGrant { device: id } => token.device == *id,
            Self::RemoveOthers { kept } => {
                of_doer.is_some_and(|doer| doer.person == token.person) && token.device != *kept
            }
            Self::Suspend { person } | Self::Erase { person } => token.person == *person,
            Self::Close { tenant } => token.tenant == *tenant,
            _ => false,
        }
    }

    /// How often there is a rush beside it, per thousand.
    const fn rushed(&self) -> u32 {
        match self {
            Self::RevokeKey { .. } | Self::Erase { .. } | Self::Close { .. } => RUSH_OF_THE_RARE,
            Self::RotateKey { .. }
            | Self::StopActing { .. }
            | Self::Logout { .. }
            | Self::RemoveDevice { .. }
            | Self::RemoveOthers { .. }
            | Self::EndGrant { .. }
            | Self::Suspend { .. } => RUSH,
            _ => 0,
        }
    }
}

impl Simulation<'_> {
    /// Sends an action for the first time, at times in a rush.
    pub(crate) fn first_attempt(&mut self, action: &Action) {
        let often = if self.quiet || action.extra { 0 } else { action.intent.rushed() };
        if !self.dice.happens(often) {
            self.attempt(action.number);
            return;
        }
        self.agree_before(action);
        let within = self.dice.one_of(&RUSH_MS).copied().unwrap_or_default();
        for _ in 0..=self.dice.below(5) {
            let most = if self.dice.happens(750) { within } else { 3 * SECOND_MS };
            let delay = self.dice.within(0, most);
            self.after(delay, Event::Rush(action.number));
        }
        let delay = self.dice.within(0, 2 * within);
        self.after(delay, Event::Again(action.number));
    }

    /// Somebody sends one more request beside what ends something.
    pub(crate) fn join_rush(&mut self, beside: usize) {
        if self.budget == 0 {
            return;
        }
        let (end, number) = (self.actions[beside].clone(), self.actions.len());
        if let Some(action) = self.mind(number).rush(&end) {
            self.begin_action(Action { extra: true, ..action });
        }
    }

    /// How many times as often port calls are slow: what is sent in a rush is to be under way when the end has come.
    pub(crate) fn lag(&self, root: usize) -> u32 {
        if self.roots[root].action.is_some_and(|number| self.actions[number].extra) { 5 } else { 1 }
    }

    /// Whoever is about to be signed out has just let a program act for them.
    fn agree_before(&mut self, end: &Action) {
        if !self.cast.programs {
            return;
        }
        let dies = |token: &Access| end.intent.ends(end.token.as_ref(), token);
        let mut places = self.people.iter().enumerate().flat_map(|(person, somebody)| {
            somebody.devices.iter().enumerate().map(move |(device, held)| (person, device, held))
        });
        let place = places.find(|(.., held)| held.access.as_ref().is_some_and(dies));
        if let Some((person, device)) = place.map(|(person, device, _)| (person, device)) {
            self.send_code(person, device);
        }
    }
}
