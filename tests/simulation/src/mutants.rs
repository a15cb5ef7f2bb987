//! Bugs planted on purpose: triggers dropped, or batches changed on their way to the database. The product's code is
//! left alone. A simulation that does not find them proves nothing.

use crate::cache::Cache;
use crate::dice::Dice;
use crate::fleet::Worker;
use sesh_edge::io::{Param, Statement};
use std::borrow::Cow;

macro_rules! mutants {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal),* $(,)?) => {
        /// A planted bug.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Mutant { $($(#[doc = $doc])* $name),* }

        impl Mutant {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name on the command line.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

mutants! {
    /// The trigger that refuses an overdraft is dropped.
    Overdraft = "overdraft",
    /// The trigger that keeps the running balance is dropped.
    RunningBalance = "running-balance",
    /// Reinstating sets the epoch back, and the trigger that forbids it is dropped.
    EpochFalls = "epoch-falls",
    /// Suspending leaves the epoch, and the trigger that forbids it is dropped.
    EpochStands = "epoch-stands",
    /// A sign-out skips a number of the audit log, and the trigger that forbids it is dropped.
    AuditGap = "audit-gap",
    /// A sign-out is not in the audit log.
    AuditForgotten = "audit-forgotten",
    /// Read, decide, write: each statement of a batch is a transaction of its own.
    ReadThenWrite = "read-then-write",
    /// Guards hold nothing back.
    NoGuards = "no-guards",
    /// An edit overwrites whatever is there.
    NoPrecondition = "no-precondition",
    /// Whoever is in the cache counts as signed in, whatever was revoked.
    CacheTrusted = "cache-trusted",
    /// What was revoked is not looked at.
    RevocationForgotten = "revocation-forgotten",
    /// The idempotency record is written after the mutation, in a transaction of its own.
    RecordOutside = "record-outside",
    /// A repeated key does its mutation again.
    NoReplayGuard = "no-replay-guard",
    /// A fact leaves the outbox before the queue has it.
    OutboxEarly = "outbox-early",
    /// A notice is forgotten before anybody was told.
    NoticeEarly = "notice-early",
    /// Nobody is told of a notice.
    NoticeUnsent = "notice-unsent",
    /// A device's generation rises whichever token was presented.
    AnyGeneration = "any-generation",
    /// One query forgets whose rows it may read.
    ScopeForgotten = "scope-forgotten",
    /// Deleting a sesh does not give back what it took.
    NothingReturned = "nothing-returned",
    /// A key counts although it was ended, or is over.
    KeyImmortal = "key-immortal",
    /// Nobody is told that a key ended: calls with it that are under way come through.
    KeyUntold = "key-untold",
    /// A key does more than it is for.
    KeyScopesForgotten = "key-scopes-forgotten",
    /// A key that was turned over counts as long as before.
    RotationWithoutEnd = "rotation-without-end",
    /// Nobody is told that staff stopped acting as somebody.
    ActingUntold = "acting-untold",
    /// The trigger that numbers edits is dropped: open browsers never hear of them.
    EditUnnumbered = "edit-unnumbered",
    /// One query forgets in which tenant it may read.
    TenantForgotten = "tenant-forgotten",
    /// A tenant that is closed goes on.
    ClosedTenantOpen = "closed-tenant-open",
    /// Whoever is not a member goes over to a tenant all the same, and the trigger that forbids it is dropped.
    MembershipForgotten = "membership-forgotten",
    /// A code of a program's counts although the sign-in by which somebody agreed has ended.
    CodeOutlivesSignIn = "code-outlives-sign-in",
    /// A code that comes again ends nothing.
    CodeReplayIgnored = "code-replay-ignored",
    /// Nobody is told to delete what somebody wrote who is erased.
    ErasureUntold = "erasure-untold",
    /// A table is forgotten in erasing.
    ErasureForgotten = "erasure-forgotten",
    /// The trigger that keeps who is erased from coming back is dropped.
    ErasedComesBack = "erased-comes-back",
}

/// A batch, cut into transactions that follow one another.
pub type Parts = Vec<Vec<Statement>>;

impl Mutant {
    /// The mutant of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|mutant| mutant.name() == name)
    }

    /// What it does to a Worker's schema.
    pub fn breaks(self, worker: Worker) -> &'static [&'static str] {
        match (self, worker) {
            (Self::Overdraft, Worker::Tracker) => &["DROP TRIGGER stash_entries_cover"],
            (Self::RunningBalance, Worker::Tracker) => &["DROP TRIGGER stash_entries_apply"],
            (Self::EpochFalls, Worker::Observer) => &["DROP TRIGGER people_epoch_never_falls"],
            (Self::EpochStands, Worker::Observer) => &["DROP TRIGGER people_suspension_ends_epoch"],
            (Self::AuditGap, Worker::Observer) => &["DROP TRIGGER audit_has_no_gap"],
            (Self::EditUnnumbered, Worker::Tracker) => &["DROP TRIGGER sessions_edited"],
            (Self::MembershipForgotten, Worker::Observer) => &["DROP TRIGGER devices_are_of_members"],
            (Self::ErasedComesBack, Worker::Tracker) => &["DROP TRIGGER members_of_nobody_erased"],
            _ => &[],
        }
    }

    /// What it makes of a batch.
    pub fn alter(
        self,
        worker: Worker,
        mut batch: Vec<Statement>,
        cache: &Cache,
        now: i64,
        dice: &mut Dice,
    ) -> Parts {
        match (self, worker) {
            (Self::EpochFalls, Worker::Observer) => {
                replace(&mut batch, "SET status = 'active',", "SET status = 'active', epoch = epoch - 1,");
            }
            (Self::EpochStands, Worker::Observer) => {
                replace(&mut batch, "epoch = epoch + 1, suspended_at", "suspended_at");
            }
            (Self::AuditGap, Worker::Observer) if says(&batch, "device.signed_out") => {
                replace(
                    &mut batch,
                    "coalesce(max(seq), 0) + 1 FROM audit)",
                    "coalesce(max(seq), 0) + 2 FROM audit)",
                );
            }
            (Self::AuditForgotten, Worker::Observer) if says(&batch, "device.signed_out") => {
                blank(&mut batch, |statement| statement.sql.starts_with("INSERT INTO audit ("));
            }
            (Self::ReadThenWrite, Worker::Tracker) => {
                return batch.into_iter().map(|one| vec![one]).collect();
            }
            (Self::NoGuards, _) => {
                blank(&mut batch, |statement| statement.sql.starts_with("INSERT INTO guard"));
            }
            (Self::NoPrecondition, _) => blank(&mut batch, |one| one.sql.contains("'precondition_failed'")),
            (Self::RevocationForgotten, Worker::Tracker) => blank(&mut batch, checks_revocation),
            (Self::CacheTrusted, Worker::Tracker) => {
                blank(&mut batch, |one| checks_revocation(one) && is_cached(one, cache, now, dice));
            }
            (Self::RecordOutside, _) if batch.len() > 1 => {
                let (records, rest): (Vec<_>, Vec<_>) =
                    batch.into_iter().partition(|one| one.sql.starts_with("INSERT INTO idempotency"));
                return if records.is_empty() { vec![rest] } else { vec![rest, records] };
            }
            (Self::NoReplayGuard, _) => {
                blank(&mut batch, |statement| statement.sql.contains("'idempotent_replay'"));
                replace(&mut batch, "INSERT INTO idempotency", "INSERT OR REPLACE INTO idempotency");
            }
            (Self::OutboxEarly, _) => early(&mut batch, "SELECT id, body FROM outbox", "DELETE FROM outbox"),
            (Self::NoticeEarly, Worker::Observer) => {
                early(&mut batch, "SELECT seq, body FROM notices", "DELETE FROM notices");
            }
            (Self::AnyGeneration, Worker::Observer) => {
                replace(&mut batch, "AND generation = ?2 AND", "AND ?2 IS NOT NULL AND");
            }
            (Self::ScopeForgotten, Worker::Tracker) => {
                let (from, to) = (
                    "WHERE l.tenant_id = ?1 AND l.person_id = ?2 AND l.id = ?3",
                    "WHERE ?1 <> ?2 AND l.id = ?3",
                );
                replace(&mut batch, from, to);
            }
            (Self::NothingReturned, Worker::Tracker) if says_sql(&batch, "SET deleted_at") => {
                blank(&mut batch, |statement| statement.sql.contains("'reversal'"));
            }
            (_, Worker::Observer) => self.alter_access(&mut batch),
            (Self::TenantForgotten, Worker::Tracker) => {
                let (from, to) = (
                    "WHERE l.tenant_id = ?1 AND l.person_id = ?2 AND l.id = ?3",
                    "WHERE ?1 <> '' AND l.person_id = ?2 AND l.id = ?3",
                );
                replace(&mut batch, from, to);
            }
            (Self::ClosedTenantOpen, Worker::Tracker) => {
                replace(&mut batch, "AND is_active = 0", "AND is_active = 2");
            }
            _ => {}
        }
        vec![batch]
    }
}

impl Mutant {
    /// The same for what lets people in.
    fn alter_access(self, batch: &mut [Statement]) {
        let tells = |statement: &Statement, of: &str| {
            statement.sql.starts_with("INSERT INTO notices") && statement.sql.contains(of)
        };
        match self {
            Self::KeyImmortal => {
                let alive = "(api_keys.revoked_at IS NULL AND api_keys.expires_at > ?2)";
                replace(batch, alive, "(?2 IS NOT NULL)");
            }
            Self::KeyUntold => blank(batch, |one| tells(one, "FROM api_keys")),
            Self::KeyScopesForgotten => {
                replace(
                    batch,
                    "WHERE needed.value NOT IN",
                    "WHERE needed.value IS NULL AND needed.value NOT IN",
                );
            }
            Self::RotationWithoutEnd => {
                replace(batch, "expires_at = MIN(expires_at, ?3)", "expires_at = MAX(expires_at, 0 * ?3)");
            }
            Self::ActingUntold => blank(batch, |one| tells(one, "FROM impersonations")),
            Self::MembershipForgotten => {
                let from = "SELECT 1 FROM memberships WHERE person_id = ?1 AND tenant_id = ?2)";
                replace(batch, from, "SELECT 1 FROM tenants WHERE ?1 <> '' AND id = ?2)");
            }
            Self::CodeOutlivesSignIn => {
                replace(batch, "devices.revoked_at IS NULL AND oauth_codes.id = ?1", "oauth_codes.id = ?1");
            }
            Self::CodeReplayIgnored if says(batch, "code.replayed") => blank(batch, |_| true),
            Self::ErasureUntold => blank(batch, |one| tells(one, "'erased'")),
            Self::ErasureForgotten => blank(batch, |one| {
                one.sql.starts_with("DELETE FROM oauth_grants WHERE person_id")
                    || one.sql.starts_with("DELETE FROM identities WHERE person_id")
                    || one.sql.starts_with("DELETE FROM oauth_codes WHERE person_id")
            }),
            _ => {}
        }
    }
}

fn replace(batch: &mut [Statement], from: &str, to: &str) {
    for statement in batch.iter_mut().filter(|statement| statement.sql.contains(from)) {
        statement.sql = Cow::Owned(statement.sql.replace(from, to));
    }
}

/// A statement that does nothing, in the place of those that are chosen: places of others must not move.
fn blank(batch: &mut [Statement], mut chosen: impl FnMut(&Statement) -> bool) {
    for statement in batch {
        if chosen(statement) {
            *statement = Statement::new("SELECT 1 AS blank WHERE 0", Vec::new());
        }
    }
}

fn early(batch: &mut Vec<Statement>, read: &str, forget: &'static str) {
    if batch.iter().any(|statement| statement.sql.starts_with(read)) {
        batch.push(Statement::new(forget, Vec::new()));
    }
}

fn says(batch: &[Statement], word: &str) -> bool {
    batch.iter().flat_map(|statement| &statement.params).any(|param| *param == Param::Text(word.to_owned()))
}

fn says_sql(batch: &[Statement], words: &str) -> bool {
    batch.iter().any(|statement| statement.sql.contains(words))
}

fn checks_revocation(statement: &Statement) -> bool {
    statement.sql.contains("FROM revocations WHERE subject IN")
}

fn is_cached(statement: &Statement, cache: &Cache, now: i64, dice: &mut Dice) -> bool {
    matches!(statement.params.first(), Some(Param::Text(device)) if cache.get_stale(now, device, dice).is_some())
}
