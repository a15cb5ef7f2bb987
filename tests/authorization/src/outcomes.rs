//! What each kind of caller gets of each kind of route, as two tables: one for the public doors, one for the internal
//! ones.

use crate::routes::Who;
use sesh_types::access::{PlatformRole, Reach};

/// What a caller gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gets {
    /// The success that the route documents.
    In,
    /// 401 `unauthorized`.
    Unauthorized,
    /// 403 `forbidden`.
    Forbidden,
    /// 403 `not_entitled`: the app is not theirs.
    NotEntitled,
    /// 403 `insufficient_scope`: the token is not a program's that may do this.
    Unscoped,
    /// 404 `not_found`: as if it did not exist.
    NotThere,
    /// 400 `bad_request`.
    Malformed,
    /// 403 `impersonated`: for the person alone.
    Impersonated,
}

impl Gets {
    /// Status and code of a refusal.
    pub const fn refusal(self) -> Option<(u16, &'static str)> {
        match self {
            Self::In => None,
            Self::Unauthorized => Some((401, "unauthorized")),
            Self::Forbidden => Some((403, "forbidden")),
            Self::NotEntitled => Some((403, "not_entitled")),
            Self::Unscoped => Some((403, "insufficient_scope")),
            Self::NotThere => Some((404, "not_found")),
            Self::Malformed => Some((400, "bad_request")),
            Self::Impersonated => Some((403, "impersonated")),
        }
    }
}

/// A line for each kind of caller, a column for each kind of route. What reading and editing get stands before and behind
/// a stroke where it differs. `role` is what the staff's role reaches by the table of rights, `app` 403 `not_entitled`,
/// `scope` 403 `insufficient_scope`, `act` 403 `impersonated`.
const PUBLIC: &str = "\
                     | anyone | page   | page of person | holder | leaver | person  | user    | user alone | alone  | bearer | insider | steward | informed | operator | staffer | staff leaver
nobody               | in     | in/403 | 401            | 401    | 401    | 401     | 401     | 401        | 401    | 401    | 401     | 401     | 401      | 401      | 401     | 401
person               | in     | in/403 | 401            | in     | in     | in      | in      | in         | in     | in     | 403     | 403     | scope    | 403      | 403     | 403
without the app      | in     | in/403 | 401            | in     | in     | in      | app     | app        | in     | in     | 403     | 403     | scope    | 403      | 403     | 403
insider              | in     | in/403 | 401            | in     | in     | in      | in      | in         | in     | in     | in      | in      | scope    | 403      | 403     | 403
by cookie            | in     | in     | in             | in     | in     | in      | in      | in         | in     | 401    | 401     | 401     | 401      | 401      | 401     | 401
lured                | in     | in/403 | in/403         | in/403 | in/403 | in/403  | in/403  | in/403     | in/403 | 401    | 401     | 401     | 401      | 401      | 401     | 401
dead                 | in     | in/403 | 401            | 401    | in     | 401     | 401     | 401        | 401    | 401    | 403     | 403     | scope    | 403      | 403     | 403
person's key         | in     | in/403 | 401            | 401    | 401    | 401     | in      | in         | 401    | 401    | 401     | 403     | 401      | 401      | 401     | 401
person's reading key | in     | in/403 | 401            | 401    | 401    | 401     | in/403  | in/403     | 401    | 401    | 401     | 403     | 401      | 401      | 401     | 401
distant key          | in     | in/403 | 401            | 401    | 401    | 401     | 403     | 403        | 401    | 401    | 401     | 403     | 401      | 401      | 401     | 401
tenant's key         | in     | in/403 | 401            | 401    | 401    | 401     | 403     | 403        | 401    | 401    | 401     | in      | 401      | 401      | 401     | 401
tenant's reading key | in     | in/403 | 401            | 401    | 401    | 401     | 403     | 403        | 401    | 401    | 401     | in/403  | 401      | 401      | 401     | 401
administrator        | in     | in/403 | 401            | 401    | 401    | 401     | 401     | 401        | 401    | 401    | 401     | 401     | 401      | in       | 403     | 403
elsewhere            | in     | in/403 | 401            | 401    | 401    | 401     | 401     | 401        | 401    | 401    | 401     | 401     | 401      | 403      | 403     | 403
staff                | in     | in/403 | 401            | 401    | 401    | 401     | 401     | 401        | 401    | 401    | 401     | 401     | 401      | role     | role    | in
dismissed            | in     | in/403 | 401            | 401    | 401    | 401     | 401     | 401        | 401    | 401    | 401     | 401     | 401      | 401      | 401     | in
acting               | in     | in/403 | 401            | 401    | act    | in/act  | in/act  | act        | act    | act    | act     | act     | scope    | 403      | 403     | 403
acted                | in     | in/403 | 401            | 401    | act    | 401/act | 401/act | act        | act    | act    | act     | act     | scope    | 403      | 403     | 403
";

/// The same for Workers of the fleet, by whom they say that they ask for.
const WITHIN: &str = "\
                     | fleet | visitor | on behalf | on behalf alone | leaving | actor | crew | crew leaving
for nobody           | in    | in      | 401       | 401             | 401     | 400   | 400  | 400
for a person         | in    | in      | in        | in              | in      | 400   | 400  | 400
for the dead         | in    | in      | 401       | 401             | in      | 400   | 400  | 400
for a key            | in    | in      | 401       | 401             | 401     | in    | 403  | 403
for staff            | in    | in      | 401       | 401             | 401     | role  | role | in
for the dismissed    | in    | in      | 401       | 401             | 401     | 401   | 401  | in
for who acts         | in    | in      | in/act    | act             | act     | 400   | 400  | 400
for who acted        | in    | in      | 401/act   | act             | act     | 400   | 400  | 400
garbled              | in    | in      | 400       | 400             | 400     | 400   | 400  | 400
";

const fn column(who: Who) -> &'static str {
    match who {
        Who::Anyone => "anyone",
        Who::Page => "page",
        Who::PageOfPerson => "page of person",
        Who::Holder => "holder",
        Who::Leaver => "leaver",
        Who::Person => "person",
        Who::User => "user",
        Who::UserAlone => "user alone",
        Who::Alone => "alone",
        Who::Bearer => "bearer",
        Who::Insider => "insider",
        Who::Steward => "steward",
        Who::Informed => "informed",
        Who::Operator(_) => "operator",
        Who::Staffer(_) => "staffer",
        Who::StaffLeaver => "staff leaver",
        Who::Fleet => "fleet",
        Who::Visitor => "visitor",
        Who::OnBehalf => "on behalf",
        Who::OnBehalfAlone => "on behalf alone",
        Who::Leaving => "leaving",
        Who::Actor(_) => "actor",
        Who::Crew(_) => "crew",
        Who::CrewLeaving => "crew leaving",
    }
}

fn cell(table: &'static str, line: &str, column: &str) -> Option<&'static str> {
    let mut lines = table.lines();
    let at = lines.next()?.split('|').position(|name| name.trim() == column)?;
    lines.map(|line| line.split('|').map(str::trim)).find(|cells| cells.clone().next() == Some(line))?.nth(at)
}

fn meaning(word: &str, who: Who, role: Option<PlatformRole>) -> Gets {
    match word {
        "in" => Gets::In,
        "401" => Gets::Unauthorized,
        "403" => Gets::Forbidden,
        "400" => Gets::Malformed,
        "app" => Gets::NotEntitled,
        "scope" => Gets::Unscoped,
        "act" => Gets::Impersonated,
        "role" => match role.and_then(|role| who.reach(role)) {
            Some(Reach::Nowhere) => Gets::Forbidden,
            Some(_) => Gets::In,
            None => panic!("{who:?} asks for no role, or the caller has none"),
        },
        _ => panic!("{word:?} is no outcome"),
    }
}

/// What whoever has this line gets of a route for these, to read or to edit (`edits`).
pub fn of(line: &str, who: Who, edits: bool, role: Option<PlatformRole>) -> Gets {
    let column = column(who);
    let cell = [PUBLIC, WITHIN].iter().find_map(|table| cell(table, line, column));
    let cell = cell.unwrap_or_else(|| panic!("the table has no cell for {line:?} and {column:?}"));
    let (to_read, to_edit) = cell.split_once('/').unwrap_or((cell, cell));
    meaning(if edits { to_edit } else { to_read }, who, role)
}
