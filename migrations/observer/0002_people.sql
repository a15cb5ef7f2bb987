-- The people who use the platform. A birth date is checked at the door and forgotten: only the moment at which
-- somebody was found to be of age is kept.
CREATE TABLE people (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  -- NFKC, trimmed, lower case: one address is one account a tenant, however it is typed.
  email TEXT NOT NULL,
  display_name TEXT NOT NULL,
  -- The display name in lower case, for administrators who search.
  display_key TEXT NOT NULL,
  -- IANA name; decides what "today" is.
  time_zone TEXT NOT NULL DEFAULT 'UTC',
  -- Argon2id with its parameters; the pepper that it takes besides is not in any database.
  password_phc TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
  -- Tokens carry the epoch in which they were issued; those of an earlier one are dead.
  epoch INTEGER NOT NULL DEFAULT 0,
  -- Counts the edits of the profile: its entity tag.
  version INTEGER NOT NULL DEFAULT 1,
  suspended_at INTEGER,
  suspended_reason TEXT,
  adult_confirmed_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  CHECK ((status = 'suspended') = (suspended_at IS NOT NULL AND suspended_reason IS NOT NULL)),
  UNIQUE (tenant_id, email)
) WITHOUT ROWID;

-- A dead token must not come alive again, whatever a statement says.
CREATE TRIGGER people_epoch_never_falls BEFORE UPDATE OF epoch ON people
WHEN NEW.epoch < OLD.epoch
BEGIN SELECT RAISE(ABORT, 'refused:epoch_falls'); END;

-- Whoever is suspended enters a new epoch by it.
CREATE TRIGGER people_suspension_ends_epoch BEFORE UPDATE OF status ON people
WHEN NEW.status = 'suspended' AND OLD.status = 'active' AND NEW.epoch <= OLD.epoch
BEGIN SELECT RAISE(ABORT, 'refused:epoch_stands'); END;
