-- API keys, of persons and of tenants. What a key is made of is not kept here: its secret is derived from the id with a
-- key that is in no database, so a copy of this table calls nothing.
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  -- Whose it is; NULL: the tenant's own, which outlives whoever made it.
  person_id TEXT REFERENCES people (id),
  -- Which of FACTOR_KEYS the secret is derived with; it must stay among them as long as the key counts.
  key_id TEXT NOT NULL,
  name TEXT NOT NULL,
  -- A JSON array of scopes.
  scopes TEXT NOT NULL,
  -- A JSON array of {text, first, last}: from where it counts; empty is from everywhere. The bounds sort as addresses do.
  addresses TEXT NOT NULL,
  calls_a_minute INTEGER NOT NULL CHECK (calls_a_minute > 0),
  -- The actor's name in the audit log.
  made_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER,
  -- The key that took its place.
  replaced_by TEXT,
  -- Calls since the window began, and when it ends. These three are all that a call writes here: no index has them.
  calls INTEGER NOT NULL DEFAULT 0,
  window_ends_at INTEGER NOT NULL DEFAULT 0,
  last_used_at INTEGER,
  -- When a use from a wrong address was put on record last.
  refused_at INTEGER
) WITHOUT ROWID;

CREATE INDEX api_keys_of_owner ON api_keys (person_id, tenant_id);

-- Calls by API key that a tenant's people and programs made on a UTC day, counted since 1970. Consumers' are not.
CREATE TABLE calls_of_day (
  tenant_id TEXT NOT NULL,
  day INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, day)
) WITHOUT ROWID;

-- Every call counts, whatever statement it is.
CREATE TRIGGER api_keys_calls_are_counted AFTER UPDATE OF calls ON api_keys
WHEN NEW.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  INSERT INTO calls_of_day (tenant_id, day, calls) VALUES (NEW.tenant_id, NEW.last_used_at / 86400000, 1)
  ON CONFLICT (tenant_id, day) DO UPDATE SET calls = calls + 1;
END;

-- A key that has ended, or was to end, never lives longer, whatever a statement says.
CREATE TRIGGER api_keys_never_live_longer BEFORE UPDATE OF revoked_at, expires_at ON api_keys
WHEN NEW.expires_at > OLD.expires_at OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS NOT OLD.revoked_at)
BEGIN SELECT RAISE(ABORT, 'refused:key_has_ended'); END;

CREATE TRIGGER guard_too_many_keys INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'too_many_keys' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:too_many_keys'); END;

CREATE TRIGGER guard_key_has_ended INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'key_has_ended' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:key_has_ended'); END;
