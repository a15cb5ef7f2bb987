-- Personal fields are encrypted under a key of their person's own, which stands here wrapped by a key that no database
-- holds (PERSON_KEYS). Erasing somebody is destroying their row: whatever copy of the ciphertext is left says nothing.
--
-- Encrypted, in place: people.email and people.display_name, devices.user_agent, passkeys.name, and copies of an address
-- in mails.recipient and proofs.email. An address without a known person (mails, invitations) is encrypted under a key
-- that follows from PERSON_KEYS itself. Such a text begins with a control character, which none of these fields may
-- hold. What was written before is in plain until the cron trigger has come by; until then both are read.
CREATE TABLE person_keys (
  person_id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  -- Which of PERSON_KEYS wraps it: after a rotation the cron trigger wraps it anew.
  key_id TEXT NOT NULL,
  wrapped TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX person_keys_by_key ON person_keys (key_id);

-- Nobody's key is exchanged for another: what it encrypted would be lost. Wrapping it anew keeps it.
CREATE TRIGGER person_keys_stay_whose BEFORE UPDATE OF person_id, tenant_id ON person_keys
BEGIN SELECT RAISE(ABORT, 'refused:key_moves'); END;

-- Blind indexes: keyed hashes by which an address, a name or the first letters of its words are found, and which tell
-- nothing without the key (it follows from PASSWORD_PEPPER). NULL while the row is in plain.
ALTER TABLE people ADD COLUMN email_index TEXT;
-- The name as a whole, then the first letters of its words, each after a blank.
ALTER TABLE people ADD COLUMN name_index TEXT;
ALTER TABLE mails ADD COLUMN recipient_index TEXT;
ALTER TABLE proofs ADD COLUMN email_index TEXT;
ALTER TABLE invitations ADD COLUMN email_index TEXT;

-- One address is one account a tenant, as UNIQUE (tenant_id, email) was while addresses stood in plain.
CREATE UNIQUE INDEX people_email_index ON people (tenant_id, email_index);
CREATE UNIQUE INDEX invitations_open_index ON invitations (tenant_id, email_index) WHERE ended_at IS NULL;

-- An address that stands in plain is taken as well.
CREATE TRIGGER guard_address_taken INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'address_taken' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:address_taken'); END;

-- What the cron trigger has yet to encrypt; empty when it is done, so that looking costs nothing.
CREATE INDEX people_in_plain ON people (id) WHERE email_index IS NULL;
CREATE INDEX invitations_in_plain ON invitations (id) WHERE email_index IS NULL;
CREATE INDEX devices_in_plain ON devices (id) WHERE substr(user_agent, 1, 1) <> char(1);
CREATE INDEX passkeys_in_plain ON passkeys (id) WHERE substr(name, 1, 1) <> char(1);
