-- What tracker keeps of a person besides their stash and sessions. Who they are is observer's business; this row
-- follows its notices. It also counts, so that no list has to.
CREATE TABLE members (
  tenant_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  time_zone TEXT NOT NULL DEFAULT 'UTC',
  -- The version of the profile that the time zone is from; an older notice never overwrites a newer one.
  profile_version INTEGER NOT NULL DEFAULT 0,
  sessions INTEGER NOT NULL DEFAULT 0 CHECK (sessions >= 0),
  PRIMARY KEY (tenant_id, person_id)
) WITHOUT ROWID;

-- Tokens of `subject` (device:…, person:…, tenant:…) with an epoch below `min_epoch` are dead. A row goes when
-- the last such token has expired by itself.
CREATE TABLE revocations (
  subject TEXT PRIMARY KEY,
  min_epoch INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
