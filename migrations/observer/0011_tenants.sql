-- Tenants: organisations whose people and data are kept apart. Everyone who signs up at sesh-tracker.com is at home in
-- the consumers' tenant; whoever works for another tenant is a member of it besides.
CREATE TABLE tenants (
  id TEXT PRIMARY KEY,
  -- As it stands in addresses: lower case letters, digits, hyphens.
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive')),
  deactivated_at INTEGER,
  deactivated_reason TEXT,
  -- Which member of staff brought it; nobody, when the platform did.
  reseller_id TEXT,
  -- Quotas; NULL is no limit.
  max_people INTEGER CHECK (max_people >= 1),
  max_calls_a_day INTEGER CHECK (max_calls_a_day >= 0),
  max_storage_mb INTEGER CHECK (max_storage_mb >= 0),
  -- Members, counted by triggers so that no list has to.
  people INTEGER NOT NULL DEFAULT 0 CHECK (people >= 0),
  -- Counts the edits: the entity tag, and what an older notice is known by.
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  CHECK ((status = 'inactive') = (deactivated_at IS NOT NULL AND deactivated_reason IS NOT NULL))
) WITHOUT ROWID;

-- The host names at which a tenant's people find it.
CREATE TABLE tenant_domains (
  domain TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL REFERENCES tenants (id)
) WITHOUT ROWID;

CREATE INDEX tenant_domains_of_tenant ON tenant_domains (tenant_id);

INSERT INTO tenants (id, slug, name, created_at)
VALUES ('01920000-0000-7000-8000-000000000001', 'consumers', 'Sesh-Tracker', 0);

-- Who works for a tenant, as what, and with which apps.
CREATE TABLE memberships (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  person_id TEXT NOT NULL REFERENCES people (id),
  role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
  -- {"grow":{"role":…,"departments":[…]},…}: what the token carries.
  apps TEXT NOT NULL,
  joined_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, person_id)
) WITHOUT ROWID;

CREATE INDEX memberships_of_person ON memberships (person_id);

-- An invitation's token is made, not kept: a MAC over the id with a key that is in no database.
CREATE TABLE invitations (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  email TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
  apps TEXT NOT NULL,
  -- The actor's name in the audit log.
  invited_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- Accepted or taken back; either way it is over.
  ended_at INTEGER,
  accepted_by TEXT,
  CHECK (accepted_by IS NULL OR ended_at IS NOT NULL)
) WITHOUT ROWID;

-- One open invitation a tenant and address.
CREATE UNIQUE INDEX invitations_open ON invitations (tenant_id, email) WHERE ended_at IS NULL;

-- The quota of people, wherever a member comes from.
CREATE TRIGGER memberships_within_quota BEFORE INSERT ON memberships
WHEN (SELECT people >= max_people FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'refused:quota_people'); END;

CREATE TRIGGER memberships_are_counted AFTER INSERT ON memberships
BEGIN UPDATE tenants SET people = people + 1 WHERE id = NEW.tenant_id; END;

CREATE TRIGGER memberships_are_uncounted AFTER DELETE ON memberships
BEGIN UPDATE tenants SET people = people - 1 WHERE id = OLD.tenant_id; END;

-- A tenant that had an owner keeps one.
CREATE TRIGGER memberships_last_owner_stays BEFORE DELETE ON memberships
WHEN OLD.role = 'owner' AND NOT EXISTS (
  SELECT 1 FROM memberships WHERE tenant_id = OLD.tenant_id AND role = 'owner' AND person_id <> OLD.person_id)
BEGIN SELECT RAISE(ABORT, 'refused:last_owner'); END;

CREATE TRIGGER memberships_last_owner_remains BEFORE UPDATE OF role ON memberships
WHEN OLD.role = 'owner' AND NEW.role <> 'owner' AND NOT EXISTS (
  SELECT 1 FROM memberships WHERE tenant_id = OLD.tenant_id AND role = 'owner' AND person_id <> OLD.person_id)
BEGIN SELECT RAISE(ABORT, 'refused:last_owner'); END;

-- The consumers' tenant is where everybody is at home: nobody is a member of it besides, and it does not close.
CREATE TRIGGER memberships_not_of_consumers BEFORE INSERT ON memberships
WHEN NEW.tenant_id = '01920000-0000-7000-8000-000000000001'
BEGIN SELECT RAISE(ABORT, 'refused:consumers_tenant'); END;

CREATE TRIGGER tenants_consumers_stay_open BEFORE UPDATE OF status ON tenants
WHEN NEW.id = '01920000-0000-7000-8000-000000000001' AND NEW.status <> 'active'
BEGIN SELECT RAISE(ABORT, 'refused:consumers_tenant'); END;

-- A device is signed in to one tenant at a time: the person's own, or one that they are a member of.
DROP TRIGGER devices_are_of_active_people;

CREATE TRIGGER devices_are_of_active_people BEFORE INSERT ON devices
WHEN NOT EXISTS (
  SELECT 1 FROM people WHERE id = NEW.person_id AND status = 'active'
    AND (tenant_id = NEW.tenant_id
      OR EXISTS (SELECT 1 FROM memberships WHERE tenant_id = NEW.tenant_id AND person_id = NEW.person_id)))
BEGIN SELECT RAISE(ABORT, 'refused:credentials_changed'); END;

CREATE TRIGGER devices_are_of_members BEFORE UPDATE OF tenant_id ON devices
WHEN NOT EXISTS (SELECT 1 FROM people WHERE id = NEW.person_id AND tenant_id = NEW.tenant_id)
  AND NOT EXISTS (SELECT 1 FROM memberships WHERE tenant_id = NEW.tenant_id AND person_id = NEW.person_id)
BEGIN SELECT RAISE(ABORT, 'refused:not_found'); END;

CREATE TRIGGER guard_tenant_inactive INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'tenant_inactive' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:tenant_inactive'); END;

CREATE TRIGGER guard_forbidden INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'forbidden' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:forbidden'); END;

CREATE TRIGGER guard_wrong_address INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'wrong_address' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:wrong_address'); END;
