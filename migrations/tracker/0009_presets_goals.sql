-- What makes a diary quick to keep and worth looking at: presets, what a lot holds of THC, goals and breaks.

-- Edibles are counted in pieces and in milligrams of THC, which is another thing than their mass: what was bought holds
-- `units` pieces and `thc_mg` of THC in all. NULL is unknown, and stays unknown in every sum.
ALTER TABLE lots ADD COLUMN thc_mg INTEGER CHECK (thc_mg BETWEEN 0 AND quantity_mg);
ALTER TABLE lots ADD COLUMN units INTEGER CHECK (units BETWEEN 1 AND 100000);
ALTER TABLE lots ADD COLUMN unit TEXT
  CHECK (unit IN ('puff', 'tablet', 'capsule', 'drop', 'joint', 'bowl', 'piece', 'dab'));

-- The lots that hold something, and lots by when they were bought: neither how long somebody has kept a diary nor how
-- many jars are empty makes today's reading dearer.
CREATE INDEX lots_holding ON lots (tenant_id, person_id, id) WHERE balance_mg > 0;
CREATE INDEX lots_by_time ON lots (tenant_id, person_id, acquired_at, id);

-- Ways to log in one tap: "1 puff of my pen". A preset names a lot, or what kind of lot it takes from.
CREATE TABLE presets (
  tenant_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  method TEXT NOT NULL
    CHECK (method IN ('smoke', 'vape', 'dab', 'eat', 'drink', 'sublingual', 'topical', 'other')),
  lot_id TEXT,
  strain_id TEXT,
  form TEXT
    CHECK (form IN ('flower', 'pre_roll', 'concentrate', 'vape', 'edible', 'tincture', 'topical', 'capsule', 'other')),
  -- What one of it is; NULL is unknown.
  quantity_mg INTEGER CHECK (quantity_mg BETWEEN 1 AND 10000000),
  unit TEXT CHECK (unit IN ('puff', 'tablet', 'capsule', 'drop', 'joint', 'bowl', 'piece', 'dab')),
  recorded_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, person_id, id)
) WITHOUT ROWID;

-- What somebody means to do, for as long as it runs. A target is not edited: it ends, and another begins, so that what
-- was is still measured by what was meant then.
CREATE TABLE goals (
  tenant_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  id TEXT NOT NULL,
  measure TEXT NOT NULL CHECK (measure IN ('quantity_mg', 'thc_mg', 'sessions', 'days_off', 'spend_minor')),
  per TEXT NOT NULL CHECK (per IN ('day', 'week', 'month')),
  target INTEGER NOT NULL CHECK (target >= 0),
  currency TEXT CHECK ((currency IS NOT NULL) = (measure = 'spend_minor')),
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  PRIMARY KEY (tenant_id, person_id, id)
) WITHOUT ROWID;

-- Tolerance breaks. Nothing is forbidden while one runs; what is logged meanwhile is counted from the sessions.
CREATE TABLE breaks (
  tenant_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  id TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  planned_end_at INTEGER NOT NULL CHECK (planned_end_at > started_at),
  -- When it was ended by hand; without it, it ends as planned.
  ended_at INTEGER,
  recorded_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, person_id, id)
) WITHOUT ROWID;

CREATE TRIGGER guard_too_many INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'too_many' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:too_many'); END;

CREATE TRIGGER guard_break_running INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'break_running' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:break_running'); END;

CREATE TRIGGER guard_break_over INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'break_over' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:break_over'); END;
