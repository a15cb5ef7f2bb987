-- The catalogue, and people's private strains beside it. Percentages are hundredths of a per cent, lists are JSON
-- arrays of text, NULL is unknown.
CREATE TABLE strains (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  tenant_id TEXT NOT NULL,
  -- NULL: public.
  owner_id TEXT,
  name TEXT NOT NULL,
  -- The name as it is compared: NFKC, lower case, plain apostrophes, single blanks.
  name_key TEXT NOT NULL,
  slug TEXT NOT NULL,
  type TEXT CHECK (type IN ('indica', 'sativa', 'hybrid')),
  description TEXT,
  thc_percent INTEGER CHECK (thc_percent BETWEEN 0 AND 10000),
  cbd_percent INTEGER CHECK (cbd_percent BETWEEN 0 AND 10000),
  effects TEXT,
  negative_effects TEXT,
  ailments TEXT,
  flavors TEXT,
  terpenes TEXT,
  breeder TEXT,
  parents TEXT,
  source TEXT NOT NULL,
  source_id TEXT NOT NULL,
  -- A hash of everything an import may change: equal means there is nothing to write.
  content_hash TEXT NOT NULL,
  recorded_at INTEGER NOT NULL
);

CREATE UNIQUE INDEX strains_public_name ON strains (name_key) WHERE owner_id IS NULL;
CREATE UNIQUE INDEX strains_private_name ON strains (tenant_id, owner_id, name_key) WHERE owner_id IS NOT NULL;
CREATE INDEX strains_public_thc ON strains (thc_percent) WHERE owner_id IS NULL AND thc_percent IS NOT NULL;

-- Effects and flavours, to filter by; kept by triggers.
CREATE TABLE strain_tags (
  kind TEXT NOT NULL CHECK (kind IN ('effect', 'flavor')),
  tag TEXT NOT NULL,
  number INTEGER NOT NULL REFERENCES strains (number),
  PRIMARY KEY (kind, tag, number)
) WITHOUT ROWID;

-- Public names by their trigrams, to find a name in spite of a slip of the finger.
CREATE VIRTUAL TABLE strain_names USING fts5 (name_key, content = '', tokenize = 'trigram');

CREATE TRIGGER strains_named AFTER INSERT ON strains WHEN NEW.owner_id IS NULL
BEGIN INSERT INTO strain_names (rowid, name_key) VALUES (NEW.number, NEW.name_key); END;

CREATE TRIGGER strains_tagged AFTER INSERT ON strains
BEGIN
  INSERT OR IGNORE INTO strain_tags (kind, tag, number)
    SELECT 'effect', lower(value), NEW.number FROM json_each(NEW.effects);
  INSERT OR IGNORE INTO strain_tags (kind, tag, number)
    SELECT 'flavor', lower(value), NEW.number FROM json_each(NEW.flavors);
END;

CREATE TRIGGER strains_retagged AFTER UPDATE OF effects, flavors ON strains
WHEN NEW.effects IS NOT OLD.effects OR NEW.flavors IS NOT OLD.flavors
BEGIN
  DELETE FROM strain_tags WHERE kind = 'effect' AND number = NEW.number
    AND tag IN (SELECT lower(value) FROM json_each(OLD.effects));
  DELETE FROM strain_tags WHERE kind = 'flavor' AND number = NEW.number
    AND tag IN (SELECT lower(value) FROM json_each(OLD.flavors));
  INSERT OR IGNORE INTO strain_tags (kind, tag, number)
    SELECT 'effect', lower(value), NEW.number FROM json_each(NEW.effects);
  INSERT OR IGNORE INTO strain_tags (kind, tag, number)
    SELECT 'flavor', lower(value), NEW.number FROM json_each(NEW.flavors);
END;

-- A version that every change of the catalogue raises: a list's total is counted once a version.
CREATE TABLE catalogue (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  version INTEGER NOT NULL
);
INSERT INTO catalogue (only_row, version) VALUES (1, 1);
