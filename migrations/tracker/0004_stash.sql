-- The stash: one lot a purchase, and a ledger of everything that went in or out of it. Quantities are milligrams.
CREATE TABLE lots (
  tenant_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  id TEXT NOT NULL,
  strain_id TEXT,
  name TEXT NOT NULL,
  form TEXT NOT NULL
    CHECK (form IN ('flower', 'pre_roll', 'concentrate', 'vape', 'edible', 'tincture', 'topical', 'capsule', 'other')),
  quantity_mg INTEGER NOT NULL CHECK (quantity_mg > 0),
  price_minor INTEGER CHECK (price_minor >= 0),
  currency TEXT,
  acquired_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  -- Where the ledger stands; only its triggers write these three.
  balance_mg INTEGER NOT NULL DEFAULT 0 CHECK (balance_mg >= 0),
  last_seq INTEGER NOT NULL DEFAULT 0,
  last_recorded_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, person_id, id)
) WITHOUT ROWID;

-- Append-only. `seq` counts a lot's entries without gaps, and `recorded_at` never falls, so the balance at any
-- time is one step into the index.
CREATE TABLE stash_entries (
  tenant_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  lot_id TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('purchase', 'session', 'reversal', 'gift', 'waste', 'adjust', 'count')),
  delta_mg INTEGER NOT NULL,
  balance_after_mg INTEGER NOT NULL,
  occurred_at INTEGER NOT NULL,
  session_id TEXT,
  -- The entry that a reversal undoes.
  reverses_seq INTEGER,
  -- The absolute count that a count found.
  counted_mg INTEGER,
  note TEXT,
  PRIMARY KEY (tenant_id, person_id, lot_id, recorded_at, seq)
) WITHOUT ROWID;

CREATE TRIGGER lots_begin_empty BEFORE INSERT ON lots
WHEN NEW.balance_mg <> 0 OR NEW.last_seq <> 0
BEGIN SELECT RAISE(ABORT, 'refused:balance_not_from_ledger'); END;

CREATE TRIGGER lots_follow_ledger BEFORE UPDATE OF balance_mg, last_seq, last_recorded_at ON lots
WHEN NOT EXISTS (
  SELECT 1 FROM stash_entries e
  WHERE e.tenant_id = NEW.tenant_id AND e.person_id = NEW.person_id AND e.lot_id = NEW.id
    AND e.recorded_at = NEW.last_recorded_at AND e.seq = NEW.last_seq AND e.balance_after_mg = NEW.balance_mg)
BEGIN SELECT RAISE(ABORT, 'refused:balance_not_from_ledger'); END;

-- REPLACE deletes without asking the delete triggers, so a known id is refused when it comes again.
CREATE TRIGGER lots_come_once BEFORE INSERT ON lots
WHEN EXISTS (SELECT 1 FROM lots WHERE tenant_id = NEW.tenant_id AND person_id = NEW.person_id AND id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;

CREATE TRIGGER lots_stay BEFORE DELETE ON lots
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;

CREATE TRIGGER stash_entries_cover BEFORE INSERT ON stash_entries
WHEN NEW.balance_after_mg < 0
BEGIN SELECT RAISE(ABORT, 'refused:insufficient_stock'); END;

CREATE TRIGGER stash_entries_in_step BEFORE INSERT ON stash_entries
WHEN NOT EXISTS (
  SELECT 1 FROM lots l
  WHERE l.tenant_id = NEW.tenant_id AND l.person_id = NEW.person_id AND l.id = NEW.lot_id
    AND l.last_seq + 1 = NEW.seq AND l.balance_mg + NEW.delta_mg = NEW.balance_after_mg
    AND l.last_recorded_at <= NEW.recorded_at)
BEGIN SELECT RAISE(ABORT, 'refused:ledger_out_of_step'); END;

CREATE TRIGGER stash_entries_apply AFTER INSERT ON stash_entries
BEGIN
  UPDATE lots SET balance_mg = NEW.balance_after_mg, last_seq = NEW.seq, last_recorded_at = NEW.recorded_at
  WHERE tenant_id = NEW.tenant_id AND person_id = NEW.person_id AND id = NEW.lot_id;
END;

CREATE TRIGGER stash_entries_no_update BEFORE UPDATE ON stash_entries
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;

CREATE TRIGGER stash_entries_no_delete BEFORE DELETE ON stash_entries
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;

CREATE TRIGGER guard_lot_not_found INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'lot_not_found' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:lot_not_found'); END;

CREATE TRIGGER guard_strain_not_found INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'strain_not_found' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:strain_not_found'); END;
