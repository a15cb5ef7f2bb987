//! The audit log's SQL.

use serde::Deserialize;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_types::contract::admin::{AuditEntry, AuditQuery};
use sesh_types::ids::TenantId;
use sesh_types::time::{Timestamp, sql_ms};

/// An entry as the database has it.
#[derive(Debug, Deserialize)]
pub struct EntryRow {
    seq: i64,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    recorded_at: Timestamp,
    tenant_id: TenantId,
    actor: String,
    action: String,
    entity: String,
    request_id: String,
    detail: String,
    hash: Option<String>,
}

impl From<EntryRow> for AuditEntry {
    fn from(row: EntryRow) -> Self {
        let EntryRow { seq, recorded_at, tenant_id, actor, action, entity, request_id, detail, hash } = row;
        Self { seq, recorded_at, tenant_id, actor, action, entity, request_id, detail, hash }
    }
}

/// A signed checkpoint.
#[derive(Debug, Deserialize)]
pub struct CheckpointRow {
    /// The entry whose hash was signed.
    pub seq: i64,
    /// The hash.
    pub hash: String,
    /// The key.
    pub kid: String,
    /// The signature, base64url.
    pub signature: String,
    /// When, in milliseconds.
    pub signed_at: i64,
}

/// A link of the chain.
#[derive(Debug, Deserialize)]
pub struct LinkRow {
    /// The entry.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
}

/// A number of rows.
#[derive(Debug, Deserialize)]
pub struct Count {
    /// How many.
    pub total: u64,
}

/// The number of the first entry that was recorded at a time or later (SQL), found by halving: some twenty rows are
/// read, and no index is written with each entry.
///
/// Entries get their numbers in the order of their commits and their times at the start of their requests, so times
/// run back a little here and there, never by an hour. Whoever looks for times exactly therefore halves an hour
/// (3,600,000 ms) beside them.
macro_rules! first_recorded_at {
    ($time:literal) => {
        concat!(
            "(WITH RECURSIVE search (low, high) AS (
                SELECT 1, (SELECT coalesce(max(seq), 0) + 1 FROM audit)
                UNION ALL
                SELECT iif(recorded_at < ",
            $time,
            ", (low + high) / 2 + 1, low), iif(recorded_at < ",
            $time,
            ", high, (low + high) / 2)
                FROM search LEFT JOIN audit AS middle ON middle.seq = (low + high) / 2 WHERE low < high)
              SELECT low FROM search WHERE low = high)"
        )
    };
}

/// The entries that a query names (SQL after `FROM`), by `?1` actor, `?2` action, `?3` entity, `?4` from, `?5` to.
macro_rules! matching {
    ($from:literal) => {
        concat!(
            $from,
            " WHERE audit.seq >= ",
            first_recorded_at!("?4 - 3600000"),
            " AND audit.seq < ",
            first_recorded_at!("coalesce(?5 + 3600000, 9e18)"),
            " AND (?1 IS NULL OR actor = ?1) AND (?2 IS NULL OR action = ?2) AND (?3 IS NULL OR entity = ?3)
              AND (?4 IS NULL OR recorded_at >= ?4) AND (?5 IS NULL OR recorded_at < ?5) "
        )
    };
}

/// One page of the entries that a query names, newest first, and how many there are. Looks at the period's rows alone.
pub fn list(query: &AuditQuery, limit: u32, offset: u32) -> Batch {
    let AuditQuery { actor, action, entity, from, to, .. } = query;
    let texts = || (actor.clone(), action.clone(), entity.clone());
    let (who, what, whom) = texts();
    let total =
        sql!(concat!("SELECT COUNT(*) AS total FROM ", matching!("audit")), who, what, whom, *from, *to,);
    let (who, what, whom) = texts();
    Batch::from(total).and(sql!(
        concat!(
            "SELECT audit.seq, recorded_at, tenant_id, actor, action, entity, request_id, detail, hash FROM ",
            matching!("audit LEFT JOIN audit_links ON audit_links.seq = audit.seq"),
            "ORDER BY audit.seq DESC LIMIT ?6 OFFSET ?7"
        ),
        who,
        what,
        whom,
        *from,
        *to,
        limit,
        offset,
    ))
}

/// What the sealer needs: the entries that are not linked yet, the last link, the last checkpoint.
pub fn unsealed(most: u32) -> Batch {
    Batch::from(sql!(
        "SELECT seq, recorded_at, tenant_id, actor, action, entity, request_id, detail, NULL AS hash FROM audit
         WHERE seq > (SELECT coalesce(max(seq), 0) FROM audit_links) ORDER BY seq LIMIT ?1",
        most
    ))
    .and(sql!("SELECT seq, hash FROM audit_links ORDER BY seq DESC LIMIT 1"))
    .and(sql!("SELECT seq, hash, kid, signature, signed_at FROM audit_checkpoints ORDER BY seq DESC LIMIT 1"))
}

/// Adds links, given as a JSON array of `{"seq","hash"}`; those that another sealer added meanwhile are the same.
pub fn add_links(links: &str) -> Statement {
    sql!(
        "INSERT INTO audit_links (seq, hash) SELECT value ->> 'seq', value ->> 'hash' FROM json_each(?1) WHERE true
         ORDER BY key ON CONFLICT (seq) DO NOTHING",
        links
    )
}

/// Adds a checkpoint, unless the entry has one: another sealer's is as good.
pub fn add_checkpoint(checkpoint: &CheckpointRow) -> Statement {
    let CheckpointRow { seq, hash, kid, signature, signed_at } = checkpoint;
    sql!(
        "INSERT INTO audit_checkpoints (seq, hash, kid, signature, signed_at) SELECT ?1, ?2, ?3, ?4, ?5
         WHERE NOT EXISTS (SELECT 1 FROM audit_checkpoints WHERE seq = ?1)",
        *seq,
        hash,
        kid,
        signature,
        *signed_at,
    )
}

/// The hash of one entry.
pub fn link_of(seq: i64) -> Statement {
    sql!("SELECT seq, hash FROM audit_links WHERE seq = ?1", seq)
}

/// Where a period stands in the log.
#[derive(Debug, Deserialize)]
pub struct Bounds {
    /// The first entry recorded at or after its start.
    pub first: Option<i64>,
    /// The last entry recorded before its end.
    pub last: Option<i64>,
    /// The first checkpoint at or after that.
    pub checkpoint: Option<i64>,
    /// The last entry that is linked; 0 when none is.
    pub sealed: i64,
    /// The last entry; 0 when there is none.
    pub through: i64,
}

/// Where a period stands in the log.
pub fn bounds(from: Option<Timestamp>, to: Option<Timestamp>) -> Statement {
    sql!(
        concat!(
            "SELECT first, last, (SELECT min(seq) FROM audit_checkpoints WHERE seq >= last) AS checkpoint,
               (SELECT coalesce(max(seq), 0) FROM audit_links) AS sealed,
               (SELECT coalesce(max(seq), 0) FROM audit) AS through
             FROM (SELECT
               (SELECT seq FROM audit WHERE seq >= ",
            first_recorded_at!("?1 - 3600000"),
            " AND (?1 IS NULL OR recorded_at >= ?1) ORDER BY seq LIMIT 1) AS first,
               (SELECT seq FROM audit WHERE seq < ",
            first_recorded_at!("coalesce(?2 + 3600000, 9e18)"),
            " AND (?2 IS NULL OR recorded_at < ?2) ORDER BY seq DESC LIMIT 1) AS last)"
        ),
        from,
        to,
    )
}

/// The entries after one, oldest first, and the checkpoints.
pub fn page_after(seq: i64, most: u32) -> Batch {
    Batch::from(sql!(
        "SELECT audit.seq, recorded_at, tenant_id, actor, action, entity, request_id, detail, hash
         FROM audit LEFT JOIN audit_links ON audit_links.seq = audit.seq
         WHERE audit.seq > ?1 ORDER BY audit.seq LIMIT ?2",
        seq,
        most,
    ))
    .and(sql!(
        "SELECT seq, hash, kid, signature, signed_at FROM audit_checkpoints WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        seq,
        most,
    ))
    .and(sql!(
        "SELECT max(coalesce((SELECT max(seq) FROM audit_links), 0),
                    coalesce((SELECT max(seq) FROM audit_checkpoints), 0)) AS total"
    ))
}
