//! The matrix: each cell is a route, a kind of caller, and whose id they name.

use crate::callers::{KINDS, Kind, WITHIN};
use crate::cast::{Cast, Member};
use crate::documents::{self, success};
use crate::outcomes::Gets;
use crate::requests::{self, Request};
use crate::routes::{ROUTES, Route, Thing, Who};
use serde_json::Value;
use sesh_types::access::Reach;
use std::fmt::{Display, Formatter};

/// Whose the ids of a request are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The caller's own; for an administrator's key, the person's.
    Own,
    /// Those in the path are another person's.
    Others,
    /// Those in the path are another tenant's.
    Foreign,
    /// Those in the body are another person's.
    OthersInside,
    /// Those in the body are another tenant's.
    ForeignInside,
}

/// A cell.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// The route.
    pub route: &'static Route,
    /// Who calls.
    pub kind: &'static Kind,
    /// Whose ids they name.
    pub whose: Whose,
}

impl Display for Cell {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}, {}, {:?}", self.route.worker, self.route.name(), self.kind.name, self.whose)
    }
}

impl Cell {
    /// What must come of it.
    pub fn gets(&self) -> Gets {
        let own = self.kind.gets(self.route.who, self.route.edits());
        let scoped = matches!(
            self.route.who,
            Who::Person
                | Who::Alone
                | Who::User
                | Who::UserAlone
                | Who::PageOfPerson
                | Who::Insider
                | Who::Steward
                | Who::OnBehalf
                | Who::OnBehalfAlone
        );
        let of_staff = matches!(self.route.of, Some(Thing::StaffDevice | Thing::Impersonation));
        let of_reseller = self
            .kind
            .role
            .is_some_and(|role| self.route.who.reach(role) == Some(Reach::Own) && self.route.of.is_some());
        let limited = scoped || of_staff || of_reseller;
        if own == Gets::In && limited && self.whose != Whose::Own { Gets::NotThere } else { own }
    }

    /// The request; nothing when this fleet has no such caller or no such owner.
    pub fn request(&self, cast: &Cast) -> Option<Request> {
        let dress = (self.kind.dress)(cast)?;
        let own = if dress.is_foreigner { cast.foreigner.as_ref()? } else { &cast.person };
        let far = if dress.is_foreigner { Some(&cast.person) } else { cast.foreigner.as_ref() };
        let (of, named): (&Member, &Member) = match self.whose {
            Whose::Own => (own, own),
            Whose::Others => (&cast.other, own),
            Whose::Foreign => (far?, own),
            Whose::OthersInside => (own, &cast.other),
            Whose::ForeignInside => (own, far?),
        };
        let id = match self.route.of {
            Some(thing @ (Thing::StaffDevice | Thing::Impersonation)) => {
                let own = dress.staff.as_ref().unwrap_or(&cast.superadmin);
                // Somebody else's than the caller's, whoever calls.
                let other = if own.email == cast.superadmin.email { &cast.support } else { &cast.superadmin };
                let of = if self.whose == Whose::Own { own } else { other };
                // Who acts as nobody names what somebody else does.
                let acts = thing == Thing::StaffDevice || !of.impersonation.is_empty();
                let of = if acts { of } else { &cast.superadmin };
                if thing == Thing::StaffDevice { &of.device } else { &of.impersonation }
            }
            Some(thing) => of.id(thing),
            None => "",
        };
        let mut headers = dress.headers;
        if !headers.iter().any(|(name, _)| *name == "cf-connecting-ip") {
            headers.push(("cf-connecting-ip", cast.unlisted.clone()));
        }
        headers.push(("host", cast.host.clone()));
        if self.route.is_page() {
            requests::as_from_a_form(&mut headers);
        }
        let body = requests::body(self.route, cast, dress.refresh.as_deref(), named);
        Some(Request {
            worker: self.route.worker,
            internal: self.route.is_internal(),
            verb: self.route.verb,
            // A provider that no fleet has.
            path: self
                .route
                .path
                .replace("{id}", id)
                .replace("{provider}", "nobody")
                .replace("{name}", "app-0.css"),
            headers,
            body,
        })
    }
}

/// Every cell of the routes that a choice takes.
pub fn cells(choice: impl Fn(&Route) -> bool) -> Vec<Cell> {
    let mut all = Vec::new();
    for route in ROUTES.iter().filter(|route| choice(route)) {
        for kind in if route.is_internal() { WITHIN } else { KINDS } {
            let outside = route.of.map_or(&[][..], |_| &[Whose::Others, Whose::Foreign]);
            let inside = route.names.map_or(&[][..], |_| &[Whose::OthersInside, Whose::ForeignInside]);
            let whose = std::iter::once(&Whose::Own).chain(outside).chain(inside);
            all.extend(whose.map(|whose| Cell { route, kind, whose: *whose }));
        }
    }
    all
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub text: String,
    /// Where it leads.
    pub location: String,
}

impl Answer {
    fn code(&self) -> String {
        let body: Value = serde_json::from_str(&self.text).unwrap_or_default();
        body["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Status and code as the API has them: a page that sends people to sign in says that they are not, and what a page
    /// says in words stands in its `data-code`, too.
    fn of_page(&self) -> (u16, String) {
        if self.status == 303 && self.location.starts_with("/sign-in") {
            return (401, "unauthorized".to_owned());
        }
        let code = self.text.split_once("data-code=\"").and_then(|(_, rest)| rest.split('"').next());
        (self.status, code.unwrap_or_default().to_owned())
    }

    /// Whether whoever asked was let in to a page: it is shown, or what was posted was taken.
    fn lets_in(&self, route: &Route) -> bool {
        match route.verb {
            // A page that asks for another one first leads there: the age gate, somebody's own day.
            "GET" => self.status == 200 || matches!(self.location.as_str(), "/age" | "/today"),
            _ => self.status == 303 && self.of_page().0 != 401,
        }
    }
}

/// A fleet with its cast.
pub trait Stage {
    /// Who is there.
    fn cast(&self) -> &Cast;
    /// Sends a request.
    fn send(&self, request: &Request) -> Answer;
    /// Everything that is stored and that a refused caller must not change.
    fn stored(&self) -> String;
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Cells that were tried.
    pub tried: usize,
    /// Cells whose caller or owner this fleet does not have.
    pub skipped: usize,
    /// What was not as the table says.
    pub problems: Vec<String>,
}

/// Tries cells. Who may edit does so on a new stage (made for that cell), so that nobody finds what another left; everybody else shares one,
/// on which nothing may change.
pub fn check<S: Stage>(cells: &[Cell], stage: impl Fn(Option<&Cell>) -> S) -> Outcome {
    let shared = stage(None);
    let mut stored = shared.stored();
    let mut outcome = Outcome::default();
    let success = |route: &Route| -> u16 {
        if route.is_internal() || route.is_page() {
            return 200;
        }
        success(documents::operation(&documents::document(route.worker), route))
    };
    for (place, cell) in cells.iter().enumerate() {
        let changes = cell.gets() == Gets::In && cell.route.edits();
        let fresh = changes.then(|| stage(Some(cell)));
        let stage = fresh.as_ref().unwrap_or(&shared);
        let Some(request) = cell.request(stage.cast()) else {
            outcome.skipped += 1;
            continue;
        };
        let got = stage.send(&request);
        outcome.tried += 1;
        let (status, code) = if cell.route.is_page() { got.of_page() } else { (got.status, got.code()) };
        let right = match cell.gets().refusal() {
            Some(refusal) => refusal == (status, code.as_str()),
            None if cell.route.lacks == Some((status, code.as_str())) => true,
            None if cell.route.lacks.is_some() && !cell.route.may_succeed => false,
            None if cell.route.is_page() => got.lets_in(cell.route),
            None if cell.route.is_internal() => (200..300).contains(&got.status),
            None => got.status == success(cell.route),
        };
        if !right {
            let shown: String = got.text.chars().take(300).collect();
            outcome.problems.push(format!("{cell}: {:?} expected, got {} {shown}", cell.gets(), got.status));
        }
        // After each try to edit, and once after all the reads of a route.
        let last = cells.get(place + 1).is_none_or(|next| next.route != cell.route);
        let now = (!changes && (cell.route.edits() || last)).then(|| stage.stored());
        if let Some(now) = now.filter(|now| *now != stored) {
            outcome.problems.push(format!("{cell}: something was written"));
            stored = now;
        }
    }
    outcome
}

/// A refused caller learns nothing: of ids that are others', the answer is that of an id that nobody has.
pub fn tells_nothing<S: Stage>(cells: &[Cell], stage: &S) -> Vec<String> {
    let nobodys = "01920000-0000-7000-8000-00000000dead";
    let hidden = cells
        .iter()
        .filter(|cell| matches!(cell.whose, Whose::Others | Whose::Foreign) && cell.gets() == Gets::NotThere);
    let differs = |cell: &Cell| {
        let request = cell.request(stage.cast())?;
        cell.route.of?;
        let path = cell.route.path.replace("{id}", nobodys);
        let (hidden, missing) = (stage.send(&request), stage.send(&Request { path, ..request }));
        (hidden.status != missing.status || hidden.text != missing.text)
            .then(|| format!("{cell}: {} for what is there, {} for what is not", hidden.text, missing.text))
    };
    hidden.filter_map(differs).collect()
}
