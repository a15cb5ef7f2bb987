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

-- Sign-ups that wait for the token of a mail, where an address is confirmed first: nobody is a person before. A row goes
-- when it is confirmed, or too old.
CREATE TABLE sign_ups (
  -- The mail's.
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  email TEXT NOT NULL,
  display_name TEXT NOT NULL,
  password_phc TEXT NOT NULL,
  adult_confirmed_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Whether signing up in a tenant waits for that mail, so that no answer tells which addresses have accounts.
ALTER TABLE tenants ADD COLUMN confirm_sign_up INTEGER NOT NULL DEFAULT 0 CHECK (confirm_sign_up IN (0, 1));

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
