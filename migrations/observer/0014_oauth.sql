-- Programs of others, which people let act for them (OAuth 2.1, OpenID Connect). A person's grant to a program is a device
-- like any other: it refreshes by generations, and ends wherever devices end.
CREATE TABLE oauth_clients (
  id TEXT PRIMARY KEY,
  -- Whose people it is for: members of this tenant, or, without one, everybody at home with the consumers.
  tenant_id TEXT REFERENCES tenants (id),
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('public', 'confidential')),
  -- A keyed hash of the secret, which was shown once.
  secret_hash TEXT,
  -- ["https://…"]: compared as they stand, but for the port of a loopback address.
  redirect_uris TEXT NOT NULL,
  -- ["authorization_code","refresh_token","client_credentials"]
  grant_types TEXT NOT NULL,
  -- With blanks between: the most that it may ask for.
  scopes TEXT NOT NULL,
  -- Ours: people are not asked whether they agree.
  is_first_party INTEGER NOT NULL DEFAULT 0 CHECK (is_first_party IN (0, 1)),
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  CHECK ((kind = 'confidential') = (secret_hash IS NOT NULL))
) WITHOUT ROWID;

-- What a device may do that is a program's: a grant.
CREATE TABLE oauth_grants (
  device_id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  scopes TEXT NOT NULL,
  -- When the person had signed in, for `auth_time`.
  authenticated_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX oauth_grants_of_client ON oauth_grants (client_id);

CREATE TRIGGER oauth_grants_go_with_their_devices AFTER DELETE ON devices
BEGIN DELETE FROM oauth_grants WHERE device_id = OLD.id; END;

-- A grant does not grow, nor change hands.
CREATE TRIGGER oauth_grants_stay BEFORE UPDATE ON oauth_grants
BEGIN SELECT RAISE(ABORT, 'refused:grant_changes'); END;

-- Authorization codes. A code is made of its id with a key that is in no database; it counts once, for a minute. Used ones
-- stay for a day: whoever brings one again ends what it was exchanged for.
CREATE TABLE oauth_codes (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  -- The device that the grant is going to be, and the one at which the person was signed in: without it nothing is granted.
  device_id TEXT NOT NULL,
  signed_on_by TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  -- SHA-256 of the verifier, base64url (RFC 7636).
  challenge TEXT NOT NULL,
  nonce TEXT,
  scopes TEXT NOT NULL,
  -- The person's epoch and sign-in at that time.
  epoch INTEGER NOT NULL,
  authenticated_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) WITHOUT ROWID;

CREATE TRIGGER oauth_codes_are_used_once BEFORE UPDATE ON oauth_codes
WHEN OLD.used_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'refused:code_spent'); END;

-- What a person agreed to: not asked again for as much or less.
CREATE TABLE oauth_consents (
  person_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  scopes TEXT NOT NULL,
  agreed_at INTEGER NOT NULL,
  PRIMARY KEY (person_id, client_id)
) WITHOUT ROWID;

-- Tokens of programs that act for nobody, revoked before their time; kept until they have expired.
CREATE TABLE oauth_ended (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER guard_code_spent INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'code_spent' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:code_spent'); END;

CREATE TRIGGER guard_client_gone INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'client_gone' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:client_gone'); END;
