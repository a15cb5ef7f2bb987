-- Second factors. What a code is made of is not kept here: it is derived from a row's id with a key that is in no
-- database, so a copy of these tables makes no code.

-- One-time codes by time (RFC 6238), one generator a person.
CREATE TABLE totp (
  person_id TEXT PRIMARY KEY REFERENCES people (id),
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  -- Which key the secret is derived with; it must stay among FACTOR_KEYS as long as this row does.
  key_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- When its first code was brought; until then it protects nothing.
  confirmed_at INTEGER,
  -- The step of 30 seconds whose code was used last: no step counts twice, nor an earlier one.
  last_step INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TRIGGER totp_steps_rise BEFORE UPDATE ON totp
WHEN NEW.id IS NOT OLD.id OR NEW.last_step < OLD.last_step OR NEW.confirmed_at IS NOT coalesce(OLD.confirmed_at, NEW.confirmed_at)
BEGIN SELECT RAISE(ABORT, 'refused:code_used'); END;

-- Codes for who has lost the generator, ten at a time; derived likewise.
CREATE TABLE recovery_sets (
  person_id TEXT PRIMARY KEY REFERENCES people (id),
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Which of them were used: the key lets each be used once.
CREATE TABLE recovery_uses (
  set_id TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number BETWEEN 0 AND 9),
  used_at INTEGER NOT NULL,
  PRIMARY KEY (set_id, number)
) WITHOUT ROWID;

CREATE TRIGGER guard_code_used INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'code_used' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:code_used'); END;

CREATE TRIGGER guard_factor_exists INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'factor_exists' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:factor_exists'); END;

-- Passkeys (WebAuthn): public keys, so a copy of this table signs nobody in.
CREATE TABLE passkeys (
  -- The credential's own id, base64url.
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  person_id TEXT NOT NULL REFERENCES people (id),
  -- `ES256` or `EdDSA`.
  algorithm TEXT NOT NULL CHECK (algorithm IN ('ES256', 'EdDSA')),
  -- The point (65 bytes) or the key (32 bytes), base64url.
  public_key TEXT NOT NULL,
  -- What its owner calls it.
  name TEXT NOT NULL,
  -- How often it says that it signed; 0 for those that do not count.
  sign_count INTEGER NOT NULL,
  -- Whether copies of it are kept elsewhere, such as in somebody's cloud.
  is_backed_up INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER
) WITHOUT ROWID;

CREATE INDEX passkeys_of_person ON passkeys (person_id);

-- A copy that was cloned would count from an earlier number on.
CREATE TRIGGER passkeys_count_up BEFORE UPDATE OF sign_count ON passkeys
WHEN NEW.sign_count < OLD.sign_count
BEGIN SELECT RAISE(ABORT, 'refused:passkey_cloned'); END;

-- Challenges of ceremonies that were completed: the key lets each be used once. Open ones are kept nowhere.
CREATE TABLE spent_challenges (
  id TEXT PRIMARY KEY,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER guard_challenge_spent INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'challenge_spent' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:challenge_spent'); END;
CREATE TRIGGER guard_passkey_cloned INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'passkey_cloned' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:passkey_cloned'); END;
