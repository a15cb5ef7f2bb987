-- Accounts at other providers by which people sign in. Neither a provider's name for somebody nor a token of theirs is
-- kept: `id` is a keyed hash of issuer and subject, so a copy of this table names nobody.
CREATE TABLE identities (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  person_id TEXT NOT NULL REFERENCES people (id),
  -- The issuer, and what it was called here when it was linked.
  issuer TEXT NOT NULL,
  provider TEXT NOT NULL,
  linked_at INTEGER NOT NULL,
  last_used_at INTEGER
) WITHOUT ROWID;

-- One account of each provider a person.
CREATE UNIQUE INDEX identities_of_person ON identities (person_id, issuer);

-- Whom it is of never changes: it is unlinked, and linked anew.
CREATE TRIGGER identities_stay_whose_they_are BEFORE UPDATE ON identities
WHEN NEW.id IS NOT OLD.id OR NEW.person_id IS NOT OLD.person_id OR NEW.issuer IS NOT OLD.issuer
BEGIN SELECT RAISE(ABORT, 'refused:identity_moves'); END;

-- Whoever signed up with a provider has a password that nobody knows, until they set one.
ALTER TABLE people ADD COLUMN has_password INTEGER NOT NULL DEFAULT 1 CHECK (has_password IN (0, 1));
