-- What tracker was told of how tenants' domains look. A row follows observer's notices; an older one never overwrites a
-- newer one. A host name leads to it by way of tenant_domains.
CREATE TABLE brands (
  tenant_id TEXT PRIMARY KEY,
  -- The brand as JSON, as observer told it.
  brand TEXT NOT NULL CHECK (json_valid(brand)),
  version INTEGER NOT NULL
) WITHOUT ROWID;

-- The parts of the app that a tenant has turned off, kept by the triggers below: every batch of a person's on a route of
-- such a part asks here.
CREATE TABLE features_off (
  tenant_id TEXT NOT NULL,
  feature TEXT NOT NULL,
  PRIMARY KEY (tenant_id, feature)
) WITHOUT ROWID;

CREATE TRIGGER brands_features_of_new AFTER INSERT ON brands
BEGIN
  INSERT INTO features_off (tenant_id, feature)
  SELECT NEW.tenant_id, value FROM json_each(NEW.brand, '$.features_off') WHERE true ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER brands_features_of_changed AFTER UPDATE OF brand ON brands
BEGIN
  DELETE FROM features_off WHERE tenant_id = NEW.tenant_id;
  INSERT INTO features_off (tenant_id, feature)
  SELECT NEW.tenant_id, value FROM json_each(NEW.brand, '$.features_off') WHERE true ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER guard_feature_off INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'feature_off' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:feature_off'); END;
