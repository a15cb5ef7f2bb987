-- What tracker was told of tenants: whether they are open, and which host names are theirs. The consumers' tenant, which
-- is always open, has no row. A row follows observer's notices; an older one never overwrites a newer one.
CREATE TABLE tenants (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
  -- A JSON array of host names.
  domains TEXT NOT NULL,
  version INTEGER NOT NULL
) WITHOUT ROWID;

-- Host name to tenant, kept by the triggers below.
CREATE TABLE tenant_domains (
  domain TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER tenants_domains_of_new AFTER INSERT ON tenants
BEGIN
  INSERT INTO tenant_domains (domain, tenant_id) SELECT value, NEW.id FROM json_each(NEW.domains) WHERE true
  ON CONFLICT (domain) DO UPDATE SET tenant_id = excluded.tenant_id;
END;

CREATE TRIGGER tenants_domains_of_changed AFTER UPDATE OF domains ON tenants
BEGIN
  DELETE FROM tenant_domains WHERE tenant_id = NEW.id AND domain IN (SELECT value FROM json_each(OLD.domains));
  INSERT INTO tenant_domains (domain, tenant_id) SELECT value, NEW.id FROM json_each(NEW.domains) WHERE true
  ON CONFLICT (domain) DO UPDATE SET tenant_id = excluded.tenant_id;
END;

CREATE TRIGGER guard_tenant_inactive INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'tenant_inactive' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:tenant_inactive'); END;

CREATE TRIGGER guard_wrong_tenant INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'wrong_tenant' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:wrong_tenant'); END;
