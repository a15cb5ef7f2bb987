-- The platform's own staff, who belong to no tenant, hence no tenant_id. They are no people: each of the two logins reads
-- its own table, and neither finds whom the other knows.
CREATE TABLE staff (
  id TEXT PRIMARY KEY,
  -- NFKC, trimmed, lower case.
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('superadmin', 'support', 'reseller')),
  status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
  -- A JSON array of addresses and ranges from which their tokens count; none is everywhere.
  networks TEXT NOT NULL DEFAULT '[]',
  -- Argon2id, as people's; none until they enrolled.
  password_phc TEXT,
  -- The generator of one-time codes: what its secret is derived from, since when it counts, the step used last.
  totp_id TEXT,
  totp_key_id TEXT,
  totp_created_at INTEGER,
  totp_confirmed_at INTEGER,
  totp_last_step INTEGER NOT NULL DEFAULT 0,
  -- What the token is made of by which they set their password, once.
  enrolment_id TEXT,
  enrolment_expires_at INTEGER,
  -- Tokens carry the epoch in which they were issued; those of an earlier one are dead.
  epoch INTEGER NOT NULL DEFAULT 0,
  -- Counts the edits: the entity tag.
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  CHECK ((enrolment_id IS NULL) = (enrolment_expires_at IS NULL)),
  CHECK ((totp_id IS NULL) = (totp_key_id IS NULL) AND (totp_id IS NULL) = (totp_created_at IS NULL)),
  -- A generator counts for who has a password, never alone.
  CHECK (totp_confirmed_at IS NULL OR (totp_id IS NOT NULL AND password_phc IS NOT NULL))
) WITHOUT ROWID;

CREATE TRIGGER staff_epoch_never_falls BEFORE UPDATE OF epoch ON staff
WHEN NEW.epoch < OLD.epoch
BEGIN SELECT RAISE(ABORT, 'refused:epoch_falls'); END;

-- Who is disabled, changes role or loses their generator enters a new epoch by it.
CREATE TRIGGER staff_changes_end_epoch BEFORE UPDATE ON staff
WHEN NEW.epoch = OLD.epoch AND (NEW.role <> OLD.role OR (NEW.status = 'disabled' AND OLD.status = 'active')
  OR (OLD.totp_confirmed_at IS NOT NULL AND NEW.totp_confirmed_at IS NULL))
BEGIN SELECT RAISE(ABORT, 'refused:epoch_stands'); END;

-- No step of a generator counts twice, nor an earlier one; another generator begins anew.
CREATE TRIGGER staff_steps_rise BEFORE UPDATE OF totp_last_step ON staff
WHEN NEW.totp_id IS OLD.totp_id AND NEW.totp_last_step <= OLD.totp_last_step
BEGIN SELECT RAISE(ABORT, 'refused:code_used'); END;

-- Their devices, as people's: refresh tokens are made of these rows and are not kept.
CREATE TABLE staff_devices (
  id TEXT PRIMARY KEY,
  staff_id TEXT NOT NULL REFERENCES staff (id),
  nonce TEXT NOT NULL,
  generation INTEGER NOT NULL DEFAULT 0,
  rotated_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER,
  user_agent TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX staff_devices_of_staff ON staff_devices (staff_id);

-- However a sign-in races with what ends it: no device for who is disabled or has no generator.
CREATE TRIGGER staff_devices_are_of_protected BEFORE INSERT ON staff_devices
WHEN NOT EXISTS (
  SELECT 1 FROM staff WHERE id = NEW.staff_id AND status = 'active' AND totp_confirmed_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'refused:credentials_changed'); END;

CREATE TRIGGER staff_devices_stay_revoked BEFORE UPDATE ON staff_devices
WHEN OLD.revoked_at IS NOT NULL
  AND (NEW.revoked_at IS NOT OLD.revoked_at OR NEW.generation IS NOT OLD.generation)
BEGIN SELECT RAISE(ABORT, 'refused:device_revoked'); END;

CREATE TRIGGER staff_devices_generation_rises_by_one BEFORE UPDATE OF generation ON staff_devices
WHEN NEW.generation NOT IN (OLD.generation, OLD.generation + 1)
BEGIN SELECT RAISE(ABORT, 'refused:generation_skips'); END;

-- Whiles in which a member of staff acts as a person, to read. Kept, as the person may ask who did. Tokens of it carry its
-- id for a device, so it ends like one.
CREATE TABLE impersonations (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  person_id TEXT NOT NULL REFERENCES people (id),
  staff_id TEXT NOT NULL REFERENCES staff (id),
  -- The device of the member of staff: when that is signed out, this ends.
  device_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  -- At most 30 minutes later.
  expires_at INTEGER NOT NULL CHECK (expires_at > started_at AND expires_at <= started_at + 1800000),
  ended_at INTEGER
) WITHOUT ROWID;

CREATE INDEX impersonations_of_person ON impersonations (person_id);
-- One at a time for each member of staff.
CREATE UNIQUE INDEX impersonations_open ON impersonations (staff_id) WHERE ended_at IS NULL;

CREATE TRIGGER impersonations_stay_as_they_began BEFORE UPDATE ON impersonations
WHEN NEW.person_id <> OLD.person_id OR NEW.staff_id <> OLD.staff_id OR NEW.tenant_id <> OLD.tenant_id
  OR NEW.reason <> OLD.reason OR NEW.started_at <> OLD.started_at OR NEW.expires_at <> OLD.expires_at
  OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS NOT OLD.ended_at)
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;

CREATE TRIGGER impersonations_are_kept BEFORE DELETE ON impersonations
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;

CREATE INDEX tenants_of_reseller ON tenants (reseller_id) WHERE reseller_id IS NOT NULL;

CREATE TRIGGER guard_unknown_reseller INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'unknown_reseller' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:unknown_reseller'); END;

CREATE TRIGGER guard_impersonation_over INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'impersonation_over' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:impersonation_over'); END;
