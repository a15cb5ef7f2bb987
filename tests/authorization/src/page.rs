//! The matrix as a page for people: `docs/authorization.md`.

use crate::callers::{KINDS, Kind, WITHIN};
use crate::cells::cells;
use crate::outcomes::Gets;
use crate::routes::{ROUTES, Route, Thing, Who};
use sesh_types::access::PlatformRight::{
    ErasePeople, Impersonate, ManageCatalogue, ManageClients, ManageStaff, ManageTenants, ReadAudit,
    ReadOperations, ReadPeople, ReadTenants, SuspendPeople, SuspendTenants,
};
use sesh_types::access::{PlatformRole, Reach};
use std::fmt::Write;

const HEAD: &str = "# Authorization

Who may call what, as `tests/authorization/src/routes/table.rs` and `tests/authorization/src/outcomes.rs` declare it. This page is
written from them (`UPDATE_SNAPSHOTS=1 cargo test -p authorization`) and never by hand. Each cell is tried: natively, all
of them, by `authorization::matrix::every_cell_at_the_public_doors` and
`authorization::matrix::every_cell_at_the_internal_doors`; on workerd, those of the public doors, by
`e2e::authorization::every_cell_of_tracker_on_workerd` and its like. A route that a Worker's document tells of and that has no line fails
`authorization::matrix::every_route_has_a_line`.

Whoever is let in must get the one success that the document states; whoever is refused must get this status and code, and
nothing that is stored may change by it.

| sign | |
| --- | --- |
| ● | let in |
| 401 | `unauthorized`; of a page, the way to sign in (303) |
| 403 | `forbidden`, or `not_entitled` where the app is missing; where it is about programs, `insufficient_scope` |
| 404 | `not_found`, in the same bytes as for what does not exist |
| 400 | `bad_request` |
| 403! | `impersonated`: for the person alone, and not for staff who act as them |
";

const INTERNAL: &str = "
## Internal doors

Reachable over service bindings alone. Behind the public doors these paths do not exist: every caller above gets 404
there, `authorization::matrix::no_internal_route_exists_behind_a_public_door`.
";

fn sign(gets: Gets) -> String {
    match gets.refusal() {
        None => "●".to_owned(),
        Some((status, "impersonated")) => format!("{status}!"),
        Some((status, _)) => status.to_string(),
    }
}

/// A column: whom routes are for, and whether they are edits.
type Column = (&'static str, Who, bool);

const PUBLIC: &[Column] = &[
    ("anyone", Who::Anyone, true),
    ("page", Who::Page, false),
    ("form", Who::Page, true),
    ("person's page", Who::PageOfPerson, false),
    ("person's form", Who::PageOfPerson, true),
    ("refresh", Who::Holder, true),
    ("sign out", Who::Leaver, true),
    ("person: read", Who::Person, false),
    ("person: edit", Who::Person, true),
    ("with the app: read", Who::User, false),
    ("with the app: edit", Who::User, true),
    ("with the app, oneself: read", Who::UserAlone, false),
    ("oneself: read", Who::Alone, false),
    ("person, by token", Who::Bearer, true),
    ("userinfo", Who::Informed, true),
    ("tenant", Who::Insider, true),
    ("tenant, or its key: read", Who::Steward, false),
    ("tenant, or its key: edit", Who::Steward, true),
];
const ADMINISTRATION: &[Column] = &[
    ("read tenants", Who::Operator(ReadTenants), true),
    ("manage tenants", Who::Operator(ManageTenants), true),
    ("suspend tenants", Who::Operator(SuspendTenants), true),
    ("read people", Who::Operator(ReadPeople), true),
    ("suspend people", Who::Operator(SuspendPeople), true),
    ("read audit", Who::Operator(ReadAudit), true),
    ("read operations", Who::Operator(ReadOperations), true),
    ("manage catalogue", Who::Operator(ManageCatalogue), true),
    ("manage staff", Who::Operator(ManageStaff), true),
    ("erase people", Who::Operator(ErasePeople), true),
    ("manage programs", Who::Operator(ManageClients), true),
    ("impersonate", Who::Staffer(Some(Impersonate)), true),
    ("staff, oneself", Who::Staffer(None), true),
    ("staff, sign out", Who::StaffLeaver, true),
];
const BETWEEN: &[Column] = &[
    ("any Worker", Who::Fleet, true),
    ("for a visitor", Who::Visitor, true),
    ("for who leaves", Who::Leaving, true),
    ("for a person: read", Who::OnBehalf, false),
    ("for a person: edit", Who::OnBehalf, true),
    ("for oneself: read", Who::OnBehalfAlone, false),
];
const BETWEEN_ADMINISTRATION: &[Column] = &[
    ("read tenants", Who::Actor(ReadTenants), true),
    ("manage tenants", Who::Actor(ManageTenants), true),
    ("suspend tenants", Who::Actor(SuspendTenants), true),
    ("read people", Who::Actor(ReadPeople), true),
    ("suspend people", Who::Actor(SuspendPeople), true),
    ("read audit", Who::Actor(ReadAudit), true),
    ("read operations", Who::Actor(ReadOperations), true),
    ("manage catalogue", Who::Actor(ManageCatalogue), true),
    ("manage staff", Who::Actor(ManageStaff), true),
    ("erase people", Who::Actor(ErasePeople), true),
    ("manage programs", Who::Actor(ManageClients), true),
    ("impersonate", Who::Crew(Some(Impersonate)), true),
    ("staff, oneself", Who::Crew(None), true),
    ("staff, sign out", Who::CrewLeaving, true),
];

fn callers(kinds: &[Kind], columns: &[Column]) -> String {
    let mut text = String::from("\n| caller |");
    let cells = |text: &mut String, cell: &dyn Fn(&Column) -> String| {
        for column in columns {
            write!(text, " {} |", cell(column)).unwrap();
        }
        text.push('\n');
    };
    cells(&mut text, &|(name, ..)| (*name).to_owned());
    text.push_str("| --- |");
    cells(&mut text, &|_| "---".to_owned());
    for kind in kinds {
        write!(text, "| {} |", kind.name).unwrap();
        cells(&mut text, &|(_, who, edits)| sign(kind.gets(*who, *edits)));
    }
    text
}

/// Whether reading and editing are columns of their own.
const fn differs(who: Who) -> bool {
    matches!(who, Who::Person | Who::User | Who::Page | Who::PageOfPerson | Who::Steward | Who::OnBehalf)
}

fn column_of(route: &Route) -> &'static str {
    let columns = PUBLIC.iter().chain(ADMINISTRATION).chain(BETWEEN).chain(BETWEEN_ADMINISTRATION);
    let fits = |(_, who, edits): &&Column| *who == route.who && (!differs(*who) || *edits == route.edits());
    columns.clone().find(fits).unwrap_or_else(|| panic!("{:?} needs a column", route.who)).0
}

fn routes(internal: bool) -> String {
    let mut text = String::from(
        "\n| Worker | route | column | its id | an id inside | of others |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for route in ROUTES.iter().filter(|route| route.is_internal() == internal) {
        let thing =
            |thing: Option<_>| thing.map_or("–".to_owned(), |thing| format!("{thing:?}").to_lowercase());
        let others = match (route.of.or(route.names), route.who) {
            (None, _) => "–",
            (
                Some(_),
                Who::Person | Who::User | Who::PageOfPerson | Who::OnBehalf | Who::Insider | Who::Steward,
            )
            | (Some(Thing::StaffDevice | Thing::Impersonation), _) => "404",
            (Some(_), who) if who.reach(PlatformRole::Reseller) == Some(Reach::Own) => "● (resellers: 404)",
            (Some(_), _) => "●",
        };
        let (of, names, column) = (thing(route.of), thing(route.names), column_of(route));
        writeln!(text, "| {} | `{}` | {column} | {of} | {names} | {others} |", route.worker, route.name())
            .unwrap();
    }
    text
}

/// The page.
pub fn page() -> String {
    let all = |internal| cells(|route| route.is_internal() == internal).len();
    format!(
        "{HEAD}
## Public doors

{} cells. What stands in a column is for what is the caller's own; what an id names that is another person's or another
tenant's, those who are let in get as the last table says.
{}
Administration: an administrator's key, or staff whose role is good for it.
{}
{}{INTERNAL}
{} cells.
{}{}
{}",
        all(false),
        callers(KINDS, PUBLIC),
        callers(KINDS, ADMINISTRATION),
        routes(false).trim_start(),
        all(true),
        callers(WITHIN, BETWEEN),
        callers(WITHIN, BETWEEN_ADMINISTRATION),
        routes(true).trim_start(),
    )
}
