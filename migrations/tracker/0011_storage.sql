-- How much the people of a tenant keep here, where the tenant has a limit. What is counted is bytes: those of the texts that
-- people write, and a fixed number for each row, which covers its numbers and ids, its index entries, and the ledger's entries
-- that come with it. A deleted session counts nothing; the ledger's entries that sessions make are in the session's number.
-- The measure stands in one place for each table, as a column that is computed and not kept.
ALTER TABLE sessions ADD COLUMN storage_bytes INTEGER GENERATED ALWAYS AS (
  iif(deleted_at IS NULL, 1000 + length(CAST(items || effects || coalesce(notes, '') AS BLOB)), 0)) VIRTUAL;
ALTER TABLE lots ADD COLUMN storage_bytes INTEGER GENERATED ALWAYS AS (500 + length(CAST(name AS BLOB))) VIRTUAL;
ALTER TABLE stash_entries ADD COLUMN storage_bytes INTEGER GENERATED ALWAYS AS (
  iif(kind IN ('purchase', 'session', 'reversal'), 0, 300 + length(CAST(coalesce(note, '') AS BLOB)))) VIRTUAL;
ALTER TABLE strains ADD COLUMN storage_bytes INTEGER GENERATED ALWAYS AS (
  iif(owner_id IS NULL, 0, 500 + length(CAST(name || coalesce(description, '') || coalesce(effects, '')
    || coalesce(ailments, '') || coalesce(flavors, '') || coalesce(terpenes, '') || coalesce(breeder, '')
    || coalesce(parents, '') AS BLOB)))) VIRTUAL;
ALTER TABLE presets ADD COLUMN storage_bytes INTEGER GENERATED ALWAYS AS (300 + length(CAST(name AS BLOB))) VIRTUAL;
ALTER TABLE goals ADD COLUMN storage_bytes INTEGER GENERATED ALWAYS AS (300) VIRTUAL;
ALTER TABLE breaks ADD COLUMN storage_bytes INTEGER GENERATED ALWAYS AS (300) VIRTUAL;
ALTER TABLE imports ADD COLUMN storage_bytes INTEGER GENERATED ALWAYS AS (300) VIRTUAL;
ALTER TABLE import_pieces ADD COLUMN storage_bytes INTEGER GENERATED ALWAYS AS (300 + length(CAST(body AS BLOB))) VIRTUAL;

-- NULL is no limit; then nothing is counted, and writing costs nothing more. The consumers' tenant never has one.
ALTER TABLE tenants ADD COLUMN max_storage_bytes INTEGER CHECK (max_storage_bytes >= 0);
ALTER TABLE tenants ADD COLUMN storage_bytes INTEGER;

-- What a tenant keeps, counted anew.
CREATE VIEW storage_of_tenants AS SELECT id AS tenant_id,
  coalesce((SELECT SUM(storage_bytes) FROM sessions WHERE tenant_id = tenants.id), 0)
  + coalesce((SELECT SUM(storage_bytes) FROM lots WHERE tenant_id = tenants.id), 0)
  + coalesce((SELECT SUM(storage_bytes) FROM stash_entries WHERE tenant_id = tenants.id), 0)
  + coalesce((SELECT SUM(storage_bytes) FROM strains WHERE tenant_id = tenants.id AND owner_id IS NOT NULL), 0)
  + coalesce((SELECT SUM(storage_bytes) FROM presets WHERE tenant_id = tenants.id), 0)
  + coalesce((SELECT SUM(storage_bytes) FROM goals WHERE tenant_id = tenants.id), 0)
  + coalesce((SELECT SUM(storage_bytes) FROM breaks WHERE tenant_id = tenants.id), 0)
  + coalesce((SELECT SUM(storage_bytes) FROM imports WHERE tenant_id = tenants.id), 0)
  + coalesce((SELECT SUM(storage_bytes) FROM import_pieces WHERE tenant_id = tenants.id), 0) AS bytes
  FROM tenants;

-- A limit that comes has everything counted once; one that goes ends the counting.
CREATE TRIGGER tenants_storage_of_new AFTER INSERT ON tenants
WHEN NEW.max_storage_bytes IS NOT NULL AND NEW.id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = (SELECT bytes FROM storage_of_tenants WHERE tenant_id = NEW.id) WHERE id = NEW.id;
END;

CREATE TRIGGER tenants_storage_of_limited AFTER UPDATE OF max_storage_bytes ON tenants
WHEN NEW.max_storage_bytes IS NOT NULL AND OLD.storage_bytes IS NULL AND NEW.id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = (SELECT bytes FROM storage_of_tenants WHERE tenant_id = NEW.id) WHERE id = NEW.id;
END;

CREATE TRIGGER tenants_storage_of_unlimited AFTER UPDATE OF max_storage_bytes ON tenants
WHEN NEW.max_storage_bytes IS NULL AND OLD.storage_bytes IS NOT NULL
BEGIN UPDATE tenants SET storage_bytes = NULL WHERE id = NEW.id; END;

-- Whatever makes it more is refused beyond the limit, in whichever order many come; what makes it less never is, nor is a
-- limit below what is there.
CREATE TRIGGER tenants_within_storage BEFORE UPDATE OF storage_bytes ON tenants
WHEN NEW.storage_bytes > OLD.storage_bytes AND NEW.storage_bytes > NEW.max_storage_bytes
BEGIN SELECT RAISE(ABORT, 'refused:quota_storage'); END;

-- What comes, changes and goes. Consumers' rows are told apart before anything is looked up.
CREATE TRIGGER sessions_stored AFTER INSERT ON sessions
WHEN NEW.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes + NEW.storage_bytes
  WHERE id = NEW.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER sessions_stored_anew AFTER UPDATE OF items, effects, notes, deleted_at ON sessions
WHEN NEW.storage_bytes <> OLD.storage_bytes AND NEW.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes + NEW.storage_bytes - OLD.storage_bytes
  WHERE id = NEW.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER sessions_gone AFTER DELETE ON sessions
WHEN OLD.storage_bytes > 0 AND OLD.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes - OLD.storage_bytes
  WHERE id = OLD.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER lots_stored AFTER INSERT ON lots
WHEN NEW.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes + NEW.storage_bytes
  WHERE id = NEW.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER lots_gone AFTER DELETE ON lots
WHEN OLD.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes - OLD.storage_bytes
  WHERE id = OLD.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER stash_entries_stored AFTER INSERT ON stash_entries
WHEN NEW.storage_bytes > 0 AND NEW.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes + NEW.storage_bytes
  WHERE id = NEW.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER stash_entries_gone AFTER DELETE ON stash_entries
WHEN OLD.storage_bytes > 0 AND OLD.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes - OLD.storage_bytes
  WHERE id = OLD.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER strains_stored AFTER INSERT ON strains
WHEN NEW.storage_bytes > 0 AND NEW.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes + NEW.storage_bytes
  WHERE id = NEW.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER strains_gone AFTER DELETE ON strains
WHEN OLD.storage_bytes > 0 AND OLD.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes - OLD.storage_bytes
  WHERE id = OLD.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER presets_stored AFTER INSERT ON presets
WHEN NEW.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes + NEW.storage_bytes
  WHERE id = NEW.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER presets_stored_anew AFTER UPDATE OF name ON presets
WHEN NEW.storage_bytes <> OLD.storage_bytes AND NEW.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes + NEW.storage_bytes - OLD.storage_bytes
  WHERE id = NEW.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER presets_gone AFTER DELETE ON presets
WHEN OLD.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes - OLD.storage_bytes
  WHERE id = OLD.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER goals_stored AFTER INSERT ON goals
WHEN NEW.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes + NEW.storage_bytes
  WHERE id = NEW.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER goals_gone AFTER DELETE ON goals
WHEN OLD.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes - OLD.storage_bytes
  WHERE id = OLD.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER breaks_stored AFTER INSERT ON breaks
WHEN NEW.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes + NEW.storage_bytes
  WHERE id = NEW.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER breaks_gone AFTER DELETE ON breaks
WHEN OLD.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes - OLD.storage_bytes
  WHERE id = OLD.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER imports_stored AFTER INSERT ON imports
WHEN NEW.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes + NEW.storage_bytes
  WHERE id = NEW.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER imports_gone AFTER DELETE ON imports
WHEN OLD.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes - OLD.storage_bytes
  WHERE id = OLD.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER import_pieces_stored AFTER INSERT ON import_pieces
WHEN NEW.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes + NEW.storage_bytes
  WHERE id = NEW.tenant_id AND storage_bytes IS NOT NULL;
END;

CREATE TRIGGER import_pieces_gone AFTER DELETE ON import_pieces
WHEN OLD.tenant_id <> '01920000-0000-7000-8000-000000000001'
BEGIN
  UPDATE tenants SET storage_bytes = storage_bytes - OLD.storage_bytes
  WHERE id = OLD.tenant_id AND storage_bytes IS NOT NULL;
END;

-- Until when a person may have a socket open in this tenant (live updates), so that it is closed when the tenant is.
ALTER TABLE members ADD COLUMN listens_until INTEGER NOT NULL DEFAULT 0;
