-- Proofs that somebody reads the mail of an address: the token in a mail proves it once. No token is kept here: it is
-- made of the row's id and purpose with a key that is in no database.
CREATE TABLE proofs (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  person_id TEXT NOT NULL REFERENCES people (id),
  purpose TEXT NOT NULL CHECK (purpose IN ('verify_email', 'reset_password', 'change_email')),
  -- The address that the account is to have. The others prove the address that it has: when that changes, they end.
  email TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- When it was used, or lost its worth.
  used_at INTEGER,
  CHECK ((purpose = 'change_email') = (email IS NOT NULL))
) WITHOUT ROWID;

CREATE INDEX proofs_of_person ON proofs (person_id);

-- What was used stays used.
CREATE TRIGGER proofs_stay_used BEFORE UPDATE ON proofs
WHEN OLD.used_at IS NOT NULL AND NEW.used_at IS NOT OLD.used_at
BEGIN SELECT RAISE(ABORT, 'refused:proof_used'); END;

CREATE TRIGGER guard_proof_used INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'proof_used' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:proof_used'); END;

-- When the address was last proven to be theirs.
ALTER TABLE people ADD COLUMN email_verified_at INTEGER;
