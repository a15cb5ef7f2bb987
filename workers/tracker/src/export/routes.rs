//! Everything about a person as one JSON document.

use super::store::{self, KINDS, Kind, Row, TenantRow};
use crate::auth::observer::Observer;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sesh_edge::http::{Answer, Body, Failure, Nothing, Query, Refusal, RequestInfo};
use sesh_edge::token::{Oneself, Person, Scope};
use sesh_types::contract::factors::Reauthenticate;
use sesh_types::contract::privacy::{EXPORT, IdentityExport};
use sesh_types::contract::{Password, Token};
use sesh_types::envelope::{ErrorCode, Success};
use sesh_types::ids::TenantId;
use sesh_types::rules::Issue;
use sesh_types::time::Timestamp;
use std::collections::BTreeSet;

/// Rows read in one batch.
const BATCH: u32 = 2_000;
/// Rows of one document: more than most people ever have.
const MOST_ROWS: usize = 50_000;
/// A document ends, too, when its rows are as large as this, so that an isolate can hold it some times over.
const MOST_BYTES: usize = 16_000_000;

/// Showing once more who one is, and where to go on.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AskExport {
    /// The password.
    pub password: Password,
    /// The six digits that the generator shows, where there is one.
    pub code: Option<Token>,
    /// A recovery code, instead.
    pub recovery_code: Option<Token>,
    /// The `next` of the document before, when one was not enough.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 300)))]
    pub after: Option<String>,
}

/// Everything about a person. What somebody wrote stands in each list with its tenant, as the database has it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Export {
    /// Which form this is: `sesh-export-v1`.
    pub format: &'static str,
    /// When it was made.
    pub exported_at: Timestamp,
    /// Who they are: profile, devices, second factors, tenants, and the audit log's entries about them.
    pub identity: IdentityExport,
    /// Private strains.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>")
    )]
    pub strains: Vec<Box<RawValue>>,
    /// Purchases.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>")
    )]
    pub lots: Vec<Box<RawValue>>,
    /// The ledger's entries.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>")
    )]
    pub entries: Vec<Box<RawValue>>,
    /// Sessions, deleted ones included.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>")
    )]
    pub sessions: Vec<Box<RawValue>>,
    /// Ways to log in one tap.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>")
    )]
    pub presets: Vec<Box<RawValue>>,
    /// What they mean to do, goals that ended included.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>")
    )]
    pub goals: Vec<Box<RawValue>>,
    /// Tolerance breaks.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>")
    )]
    pub breaks: Vec<Box<RawValue>>,
    /// What they brought from elsewhere.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>")
    )]
    pub imports: Vec<Box<RawValue>>,
    /// The files of it that still wait to be taken in.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>")
    )]
    pub import_pieces: Vec<Box<RawValue>>,
    /// Where to go on: there is more than one document holds. `null` at the end.
    pub next: Option<String>,
}

/// Where a document ends and the next one begins.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Place(TenantId, Kind, String);

/// The errors that observer decides on.
pub(crate) const ERRORS: &[ErrorCode] = &[
    ErrorCode::InvalidCredentials,
    ErrorCode::InvalidCode,
    ErrorCode::Unprocessable,
    ErrorCode::TooManyRequests,
];

/// Gives everything about the caller, after they showed once more who they are.
///
/// 1. Has observer check that, record the export, and tell what it knows.
/// 2. Reads what they wrote in each of their tenants, kind by kind, as far as one document may go.
pub(crate) async fn export(
    Oneself(person): Oneself,
    _: Query<Nothing>,
    info: RequestInfo,
    body: Body<AskExport>,
) -> Result<Answer<Export>, Failure> {
    let AskExport { password, code, recovery_code, after } = body.value;
    let from = after.as_deref().map(read_place).transpose()?;
    let call = Observer::new(person.io(), &info).on_behalf_of(&person);
    let again = Reauthenticate { password, code, recovery_code };
    let identity: Success<IdentityExport> = call.ask("POST", EXPORT, Some(&again)).await?;
    let mut export = Export {
        format: "sesh-export-v1",
        exported_at: person.io().now(),
        identity: identity.data,
        strains: Vec::new(),
        lots: Vec::new(),
        entries: Vec::new(),
        sessions: Vec::new(),
        presets: Vec::new(),
        goals: Vec::new(),
        breaks: Vec::new(),
        imports: Vec::new(),
        import_pieces: Vec::new(),
        next: None,
    };
    fill(&person, &mut export, from).await?;
    Answer::of(&export)
}

async fn fill(person: &Person, export: &mut Export, from: Option<Place>) -> Result<(), Failure> {
    let told = person.read(store::tenants(person.scope().person)).await?.all::<TenantRow>(0)?;
    let mut tenants: BTreeSet<TenantId> = told.into_iter().map(|row| row.tenant_id).collect();
    tenants.extend(export.identity.tenants.iter().map(|tenant| tenant.id));
    let (mut rows, mut bytes) = (0, 0);
    for tenant in tenants {
        for kind in KINDS {
            let mut after = match &from {
                Some(Place(at, of, _)) if (tenant, kind) < (*at, *of) => continue,
                Some(Place(at, of, place)) if (tenant, kind) == (*at, *of) => place.clone(),
                _ => kind.start().to_owned(),
            };
            loop {
                if rows >= MOST_ROWS || bytes >= MOST_BYTES {
                    let place = Place(tenant, kind, after);
                    export.next = Some(serde_json::to_string(&place).map_err(Failure::internal)?);
                    return Ok(());
                }
                let scope = Scope { tenant, person: person.scope().person };
                let found: Vec<Row> = person.read(store::page(kind, scope, &after, BATCH)).await?.all(0)?;
                let is_last = found.len() < BATCH as usize;
                for Row { body, place } in found {
                    (rows, bytes, after) = (rows + 1, bytes + body.len(), place);
                    export.list(kind).push(RawValue::from_string(body).map_err(Failure::internal)?);
                }
                if is_last {
                    break;
                }
            }
        }
    }
    Ok(())
}

impl Export {
    fn list(&mut self, kind: Kind) -> &mut Vec<Box<RawValue>> {
        match kind {
            Kind::Strains => &mut self.strains,
            Kind::Lots => &mut self.lots,
            Kind::Entries => &mut self.entries,
            Kind::Sessions => &mut self.sessions,
            Kind::Presets => &mut self.presets,
            Kind::Goals => &mut self.goals,
            Kind::Breaks => &mut self.breaks,
            Kind::Imports => &mut self.imports,
            Kind::ImportPieces => &mut self.import_pieces,
        }
    }
}

fn read_place(text: &str) -> Result<Place, Failure> {
    let place: Option<Place> = serde_json::from_str(text).ok();
    // What a place of entries holds goes to the database as JSON.
    let sound = place.filter(|Place(_, kind, place)| {
        *kind != Kind::Entries || serde_json::from_str::<(String, i64, i64)>(place).is_ok()
    });
    let malformed = || {
        let message = "must be the `next` of a document before".to_owned();
        let issue = Issue { field: "after".to_owned(), code: "malformed".to_owned(), message };
        Refusal::issues(ErrorCode::Unprocessable, vec![issue]).into()
    };
    sound.ok_or_else(malformed)
}
