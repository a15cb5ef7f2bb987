-- Second factors that an administrator is about to take away, for who has lost them all: at `due_at`, unless they turn up
-- before.
CREATE TABLE factor_resets (
  person_id TEXT PRIMARY KEY REFERENCES people (id),
  tenant_id TEXT NOT NULL,
  -- The actor's name in the audit log.
  asked_by TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL
) WITHOUT ROWID;
