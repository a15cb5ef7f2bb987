//! What a line of the table says of a route.

mod table;
mod who;

pub use table::ROUTES;
pub use who::{Thing, Who};

use Who::{Actor, Crew, CrewLeaving, Fleet, Leaving, OnBehalf, OnBehalfAlone, Page, PageOfPerson, Visitor};

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The Worker.
    pub worker: &'static str,
    /// In capitals.
    pub verb: &'static str,
    /// With `{id}` where an id goes.
    pub path: &'static str,
    /// Whom it is for.
    pub who: Who,
    /// What the id in its path is of.
    pub of: Option<Thing>,
    /// What an id in its body is of.
    pub names: Option<Thing>,
    /// Whether reading leaves a trace, such as an entry of the audit log.
    pub is_recorded: bool,
    /// What whoever is let in is told, as the proof that the body holds (a token of a mail, a code, a signature) is none:
    /// nothing here can make a right one.
    pub lacks: Option<(u16, &'static str)>,
    /// Whether some of them lack nothing.
    pub may_succeed: bool,
}

impl Route {
    /// Whether it changes something.
    pub fn edits(&self) -> bool {
        self.verb != "GET" || self.is_recorded
    }

    /// Whether only Workers of the fleet reach it.
    pub const fn is_internal(&self) -> bool {
        matches!(
            self.who,
            Fleet | Visitor | OnBehalf | OnBehalfAlone | Leaving | Actor(_) | Crew(_) | CrewLeaving
        )
    }

    /// Whether it is a page, which answers with HTML.
    pub const fn is_page(&self) -> bool {
        matches!(self.who, Page | PageOfPerson)
    }

    /// As tables name it.
    pub fn name(&self) -> String {
        format!("{} {}", self.verb, self.path)
    }
}

const fn line(worker: &'static str, verb: &'static str, path: &'static str, who: Who) -> Route {
    Route {
        worker,
        verb,
        path,
        who,
        of: None,
        names: None,
        is_recorded: false,
        lacks: None,
        may_succeed: false,
    }
}

const fn tracker(verb: &'static str, path: &'static str, who: Who) -> Route {
    line("tracker", verb, path, who)
}

const fn observer(verb: &'static str, path: &'static str, who: Who) -> Route {
    line("observer", verb, path, who)
}

const fn admin(verb: &'static str, path: &'static str, who: Who) -> Route {
    line("admin", verb, path, who)
}

const fn live(verb: &'static str, path: &'static str, who: Who) -> Route {
    line("live", verb, path, who)
}

impl Route {
    /// With an id in its path.
    const fn of(mut self, thing: Thing) -> Self {
        self.of = Some(thing);
        self
    }

    /// With a proof in its body that is none.
    const fn lacks(mut self, status: u16, code: &'static str) -> Self {
        self.lacks = Some((status, code));
        self
    }

    /// Some of those who are let in lack nothing.
    const fn but_some(mut self) -> Self {
        self.may_succeed = true;
        self
    }

    /// Leaves a trace though it only reads.
    const fn recorded(mut self) -> Self {
        self.is_recorded = true;
        self
    }

    /// With an id in its body.
    const fn names(mut self, thing: Thing) -> Self {
        self.names = Some(thing);
        self
    }
}
