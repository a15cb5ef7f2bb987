-- People who were erased. Ledger, lots and sessions are never deleted, with one exception, and the database itself decides
-- it: rows of somebody who stands here. The notice of observer that somebody is erased writes the row; what they wrote is
-- deleted in slices, and nothing of theirs can be written any more.
CREATE TABLE erasures (
  person_id TEXT PRIMARY KEY,
  erased_at INTEGER NOT NULL,
  -- The tenants that observer knew them in, a JSON array; `members` knows those that they left.
  tenant_ids TEXT NOT NULL CHECK (json_type(tenant_ids) = 'array'),
  -- When the last row of theirs was gone.
  done_at INTEGER
) WITHOUT ROWID;

CREATE INDEX erasures_under_way ON erasures (person_id) WHERE done_at IS NULL;
CREATE INDEX members_of_person ON members (person_id);

-- Nobody comes back: what allows deletion is not taken away again, nor moved to somebody else.
CREATE TRIGGER erasures_stay BEFORE DELETE ON erasures
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;
CREATE TRIGGER erasures_are_not_edited BEFORE UPDATE OF person_id, erased_at ON erasures
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;

DROP TRIGGER lots_stay;
CREATE TRIGGER lots_stay BEFORE DELETE ON lots
WHEN NOT EXISTS (SELECT 1 FROM erasures WHERE person_id = OLD.person_id)
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;

DROP TRIGGER stash_entries_no_delete;
CREATE TRIGGER stash_entries_no_delete BEFORE DELETE ON stash_entries
WHEN NOT EXISTS (SELECT 1 FROM erasures WHERE person_id = OLD.person_id)
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;

DROP TRIGGER sessions_stay;
CREATE TRIGGER sessions_stay BEFORE DELETE ON sessions
WHEN NOT EXISTS (SELECT 1 FROM erasures WHERE person_id = OLD.person_id)
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;

-- Whoever is erased writes nothing more. (An entry needs its lot, which is gone.)
CREATE TRIGGER lots_of_nobody_erased BEFORE INSERT ON lots
WHEN EXISTS (SELECT 1 FROM erasures WHERE person_id = NEW.person_id)
BEGIN SELECT RAISE(ABORT, 'refused:token_revoked'); END;

CREATE TRIGGER sessions_of_nobody_erased BEFORE INSERT ON sessions
WHEN EXISTS (SELECT 1 FROM erasures WHERE person_id = NEW.person_id)
BEGIN SELECT RAISE(ABORT, 'refused:token_revoked'); END;

CREATE TRIGGER strains_of_nobody_erased BEFORE INSERT ON strains
WHEN NEW.owner_id IS NOT NULL AND EXISTS (SELECT 1 FROM erasures WHERE person_id = NEW.owner_id)
BEGIN SELECT RAISE(ABORT, 'refused:token_revoked'); END;

-- A late notice of a profile brings nobody back.
CREATE TRIGGER members_of_nobody_erased BEFORE INSERT ON members
WHEN EXISTS (SELECT 1 FROM erasures WHERE person_id = NEW.person_id)
BEGIN SELECT RAISE(IGNORE); END;
