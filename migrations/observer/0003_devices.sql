-- Devices: a browser or program that signed in, until it signs out, is signed out, or stays away too long.
--
-- No token is kept here. A refresh token is made of the id of the device, its generation and its nonce with a key that
-- is in no database, so a copy of this table signs nobody in. Refreshing raises the generation by one: exactly one
-- of many that present the same token does it. An older generation that turns up later was copied by somebody,
-- and ends the device.
CREATE TABLE devices (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  person_id TEXT NOT NULL REFERENCES people (id),
  nonce TEXT NOT NULL,
  generation INTEGER NOT NULL DEFAULT 0,
  rotated_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  -- 30 days after it was last seen, and never more than 90 days after it signed in.
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER,
  user_agent TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX devices_of_person ON devices (person_id);

-- However a sign-in races with a suspension, nobody suspended gets a device.
CREATE TRIGGER devices_are_of_active_people BEFORE INSERT ON devices
WHEN NOT EXISTS (
  SELECT 1 FROM people WHERE id = NEW.person_id AND tenant_id = NEW.tenant_id AND status = 'active')
BEGIN SELECT RAISE(ABORT, 'refused:credentials_changed'); END;

-- What is revoked stays revoked, and hands out no further generation.
CREATE TRIGGER devices_stay_revoked BEFORE UPDATE ON devices
WHEN OLD.revoked_at IS NOT NULL
  AND (NEW.revoked_at IS NOT OLD.revoked_at OR NEW.generation IS NOT OLD.generation)
BEGIN SELECT RAISE(ABORT, 'refused:device_revoked'); END;

CREATE TRIGGER devices_generation_rises_by_one BEFORE UPDATE OF generation ON devices
WHEN NEW.generation NOT IN (OLD.generation, OLD.generation + 1)
BEGIN SELECT RAISE(ABORT, 'refused:generation_skips'); END;
