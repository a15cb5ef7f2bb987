//! HTTP of imports.

use super::reading::{self, Read};
use super::rules::{Bad, Confirmed, Format, Import, NewImport, Options, Preview, Ready, State, Sure};
use super::store::{self, Id, Kept, NamedStrain, Piece};
use crate::calendar::Clock;
use crate::members;
use crate::sessions::store as sessions;
use crate::strains::rules::name_key;
use crate::user::User;
use serde::Deserialize;
use sesh_edge::http::{Answer, Body, Failure, Key, Listing, NoContent, Nothing, PageQuery, Query, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome, Prepared};
use sesh_edge::io::{Batch, DbError};
use sesh_edge::secret::sha256_hex;
use sesh_edge::token::Person;
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::{ImportId, SessionId, StrainId};
use sesh_types::rules::Issues;
use std::collections::{BTreeMap, BTreeSet};

/// The most bad rows that are told.
const MOST_BAD: usize = 50;
/// The most sessions that a preview shows.
const MOST_SHOWN: usize = 10;

#[derive(Deserialize)]
struct Total {
    total: u64,
}

fn explain(error: DbError) -> Failure {
    let conflict = |message: &str| Refusal::new(ErrorCode::Conflict, message).into();
    match &error {
        DbError::Refused(word) if word == "not_found" => Failure::not_found("import"),
        DbError::Refused(word) if word == "import_settled" => conflict("This import is settled already."),
        DbError::Refused(word) if word == "too_many" => {
            conflict("10 imports wait already. Take them in, or throw them away first.")
        }
        _ => error.into(),
    }
}

async fn person_zone(person: &Person) -> Result<String, Failure> {
    Ok(members::read(&person.read(members::one(person.scope())).await?, 0)?.time_zone)
}

/// Reads a file in the zone that was told, or in the person's.
fn read(
    person: &Person,
    source: &str,
    format: Option<Format>,
    options: &Options,
    zone: &str,
) -> Result<Read, Failure> {
    options.check()?;
    reading::check_mapping(source, options)?;
    let zone = options.time_zone.as_deref().unwrap_or(zone);
    Ok(reading::read(source, format, options, &mut Clock::new(zone), person.io().now())?)
}

/// Finds the strains of exactly these names.
async fn find_strains(person: &Person, rows: &mut [Ready]) -> Result<(), Failure> {
    let keys: BTreeSet<String> = rows.iter().filter_map(|row| row.name.as_deref()).map(name_key).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let keys: Vec<String> = keys.into_iter().collect();
    let found: Vec<NamedStrain> = person.read(store::strains(person.scope(), &keys)).await?.all(0)?;
    let known: BTreeMap<String, StrainId> =
        found.into_iter().filter_map(|strain| Some((strain.name_key, strain.id?))).collect();
    for row in rows {
        row.strain_id = row.name.as_deref().and_then(|name| known.get(&name_key(name)).copied());
    }
    Ok(())
}

async fn preview(
    person: &Person,
    import: Import,
    read: Read,
    time_zone: String,
    same_as: Option<ImportId>,
) -> Result<Preview, Failure> {
    let Read {
        columns,
        mapping,
        day_first,
        dates_are_two_faced,
        amounts,
        choices,
        left_out,
        ready,
        mut bad,
        ..
    } = read;
    let (sessions, bad_rows) = (ready.len() as u64, bad.len() as u64);
    let unsure_times = ready.iter().filter(|row| row.time_is_sure != Sure::Yes).count() as u64;
    let mut first = ready;
    first.truncate(MOST_SHOWN);
    find_strains(person, &mut first).await?;
    bad.truncate(MOST_BAD);
    Ok(Preview {
        import,
        same_as,
        columns,
        mapping,
        time_zone,
        day_first,
        dates_are_two_faced,
        amounts,
        choices,
        sessions,
        left_out,
        bad_rows,
        unsure_times,
        bad,
        first,
    })
}

/// 1. Reads the file, as far as can be guessed.
/// 2. Keeps it for a day; nothing of it is taken in.
/// 3. Says what would be.
pub(crate) async fn look(
    person: User,
    _: Query<Nothing>,
    key: IdempotencyKey,
    body: Body<NewImport>,
) -> Result<Answer<Preview, 201>, Failure> {
    let (scope, io) = (person.scope(), person.io());
    let NewImport { source, format } = &body.value;
    let zone = person_zone(&person).await?;
    let read = read(&person, source, *format, &Options::default(), &zone)?;
    let hash = sha256_hex(source.as_bytes());
    let same_as = person.read(store::same(scope, &hash)).await?.first::<Id<ImportId>>(0)?.map(|same| same.id);
    let now = io.now();
    let import = Import {
        id: io.new_id(),
        format: read.format,
        state: State::Previewed,
        recorded_at: now,
        settled_at: None,
        sessions: None,
        left_out: None,
    };
    let batch = store::keep(scope, &import, source, &hash);
    let shown = preview(&person, import, read, zone, same_as).await?;
    let data = serde_json::to_string(&shown).map_err(Failure::internal)?;
    let once = person.once(&key, &body.bytes);
    let result = person.write(once.wrap(batch, &data, now)).await;
    match once.settle(io, result, explain).await? {
        Outcome::Fresh(_) => Ok(Answer::data(&data)),
        Outcome::Replayed(data) => Ok(Answer::data(&data)),
    }
}

pub(crate) async fn list(person: User, Query(query): Query<PageQuery>) -> Result<Listing<Import>, Failure> {
    let paging = query.paging()?;
    let scope = person.scope();
    let page = Batch::from(store::page(scope, paging.limit, paging.offset())).and(store::count(scope));
    let rows = person.read(page).await?;
    let imports: Vec<Import> = rows.all::<Kept>(0)?.into_iter().map(Import::from).collect();
    Listing::of(&imports, paging.meta(rows.one::<Total>(1)?.total))
}

pub(crate) async fn one(
    person: User,
    _: Query<Nothing>,
    Key(id): Key<ImportId>,
) -> Result<Answer<Import>, Failure> {
    let rows = person.read(store::one(person.scope(), id)).await?;
    let kept = rows.first::<Kept>(0)?.ok_or_else(|| Failure::not_found("import"))?;
    Answer::of(&Import::from(kept))
}

/// A file that waits: the import, its text, the person's zone, and an import of the same file that was taken in.
struct Waiting {
    import: Import,
    source: String,
    zone: String,
    same_as: Option<ImportId>,
}

async fn waiting(person: &Person, id: ImportId) -> Result<Waiting, Failure> {
    let (scope, now) = (person.scope(), person.io().now());
    let batch = Batch::from(store::one(scope, id))
        .and(store::pieces(scope, id, now))
        .and(members::one(scope))
        .and(store::same_as(scope, id));
    let rows = person.read(batch).await?;
    let kept = rows.first::<Kept>(0)?.ok_or_else(|| Failure::not_found("import"))?;
    if kept.state != State::Previewed {
        return Err(explain(DbError::Refused("import_settled".to_owned())));
    }
    let source: String = rows.all::<Piece>(1)?.into_iter().map(|piece| piece.body).collect();
    if source.is_empty() {
        let message = "This file was kept for a day, which is over. Bring it again.";
        return Err(Refusal::new(ErrorCode::Conflict, message).into());
    }
    let zone = members::read(&rows, 2)?.time_zone;
    let same_as = rows.first::<Id<ImportId>>(3)?.map(|same| same.id);
    Ok(Waiting { import: kept.into(), source, zone, same_as })
}

/// Says what would be taken in if the file were read so; writes nothing.
pub(crate) async fn look_again(
    person: User,
    _: Query<Nothing>,
    Key(id): Key<ImportId>,
    body: Body<Options>,
) -> Result<Answer<Preview>, Failure> {
    Answer::of(&looked(&person, id, &body.value).await?)
}

/// What would be taken in if the file were read so.
pub(crate) async fn looked(person: &Person, id: ImportId, options: &Options) -> Result<Preview, Failure> {
    options.check()?;
    let Waiting { import, source, zone, same_as } = waiting(person, id).await?;
    let read = read(person, &source, Some(import.format), options, &zone)?;
    let zone = options.time_zone.clone().unwrap_or(zone);
    preview(person, import, read, zone, same_as).await
}

/// Every row that would not be taken in.
pub(crate) async fn every_bad(person: &Person, id: ImportId, options: &Options) -> Result<Vec<Bad>, Failure> {
    options.check()?;
    let Waiting { import, source, zone, .. } = waiting(person, id).await?;
    Ok(read(person, &source, Some(import.format), options, &zone)?.bad)
}

fn refuse_empty(read: &Read) -> Result<(), Failure> {
    let mut issues = Issues::default();
    if read.format == Format::Csv && read.mapping.date.is_none() {
        issues.add("mapping.date", "required", "is required: no column looks like a time");
    } else if read.ready.is_empty() {
        issues.add("only", "no_rows", "leaves nothing to take in; look at choices and bad of the preview");
    }
    Ok(issues.done()?)
}

/// 1. Reads the file as it was told.
/// 2. In one batch: all sessions, the import's new state, the answer; the file goes.
pub(crate) async fn confirm(
    person: User,
    _: Query<Nothing>,
    Key(id): Key<ImportId>,
    key: IdempotencyKey,
    body: Body<Options>,
) -> Result<Answer<Confirmed>, Failure> {
    let (scope, io) = (person.scope(), person.io());
    let options = &body.value;
    options.check()?;
    let once = person.once(&key, &body.bytes);
    // After the first time the file is gone, so the answer is looked for before it is.
    let Waiting { import, source, zone, .. } = match once.prepare(io, waiting(&person, id)).await? {
        Prepared::Now(found) => found,
        Prepared::Before(data) => {
            person.read(members::one(scope)).await?;
            return Ok(Answer::data(&data));
        }
    };
    let mut read = read(&person, &source, Some(import.format), options, &zone)?;
    refuse_empty(&read)?;
    find_strains(&person, &mut read.ready).await?;
    let now = io.now();
    let rows: Vec<serde_json::Value> =
        read.ready.iter().map(|row| store::listed(io.new_id::<SessionId>(), row)).collect();
    let bad_rows = read.bad.len() as u64;
    let import = Import {
        state: State::Confirmed,
        settled_at: Some(now),
        sessions: i64::try_from(rows.len()).ok(),
        left_out: i64::try_from(read.left_out + bad_rows).ok(),
        ..import
    };
    let batch = store::confirm(scope, &import, &rows, now);
    read.bad.truncate(MOST_BAD);
    let confirmed = Confirmed { import, bad_rows, bad: read.bad };
    let data = serde_json::to_string(&confirmed).map_err(Failure::internal)?;
    let result = person.write(once.wrap(batch, &data, now)).await;
    match once.settle(io, result, explain).await? {
        Outcome::Fresh(_) => Ok(Answer::data(&data)),
        Outcome::Replayed(data) => Ok(Answer::data(&data)),
    }
}

/// How often an import is undone anew when one of its sessions is edited meanwhile.
const TRIES: u32 = 5;

/// Takes away everything that an import made, edited or not, and gives back what edits took from the stash. One that was
/// not taken in is thrown away.
pub(crate) async fn undo(
    person: User,
    _: Query<Nothing>,
    Key(id): Key<ImportId>,
    key: IdempotencyKey,
) -> Result<NoContent, Failure> {
    let (scope, io) = (person.scope(), person.io());
    let once = person.once(&key, b"");
    let mut tries = 0;
    loop {
        let taking: Vec<Id<SessionId>> = person.read(store::that_take(scope, id)).await?.all(0)?;
        let now = io.now();
        let gives_back = taking
            .iter()
            .fold(Batch::new(), |batch, session| batch.then(sessions::delete(scope, session.id, now)));
        let result = person.write(once.wrap(store::undo(scope, id, gives_back, now), "", now)).await;
        tries += 1;
        if tries < TRIES && result.as_ref().is_err_and(|error| error.is_refusal("precondition_failed")) {
            continue;
        }
        once.settle(io, result, explain).await?;
        return Ok(NoContent::default());
    }
}
