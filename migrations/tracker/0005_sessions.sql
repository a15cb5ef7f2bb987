-- Sessions: what somebody took, when they say they took it (`occurred_at`), and when we learned of it
-- (`recorded_at`). `items` is a JSON array of {lot_id, strain_id, name, quantity_mg, entry_seq}; what it took from
-- the stash stands in the ledger, which is the truth for amounts.
CREATE TABLE sessions (
  tenant_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  id TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  method TEXT NOT NULL
    CHECK (method IN ('smoke', 'vape', 'dab', 'eat', 'drink', 'sublingual', 'topical', 'other')),
  items TEXT NOT NULL,
  rating INTEGER CHECK (rating BETWEEN 1 AND 5),
  mood_before INTEGER CHECK (mood_before BETWEEN 1 AND 5),
  mood_after INTEGER CHECK (mood_after BETWEEN 1 AND 5),
  effects TEXT NOT NULL DEFAULT '[]',
  notes TEXT,
  -- Counts the edits; the ETag.
  version INTEGER NOT NULL DEFAULT 1,
  -- Deleted sessions stay, so that what the ledger reversed can be explained.
  deleted_at INTEGER,
  PRIMARY KEY (tenant_id, person_id, id)
) WITHOUT ROWID;

CREATE INDEX sessions_by_time ON sessions (tenant_id, person_id, occurred_at, id) WHERE deleted_at IS NULL;

CREATE TRIGGER sessions_counted AFTER INSERT ON sessions
BEGIN
  INSERT INTO members (tenant_id, person_id, sessions) VALUES (NEW.tenant_id, NEW.person_id, 1)
  ON CONFLICT (tenant_id, person_id) DO UPDATE SET sessions = sessions + 1;
END;

CREATE TRIGGER sessions_uncounted AFTER UPDATE OF deleted_at ON sessions
WHEN OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL
BEGIN
  UPDATE members SET sessions = sessions - 1 WHERE tenant_id = NEW.tenant_id AND person_id = NEW.person_id;
END;

CREATE TRIGGER sessions_come_once BEFORE INSERT ON sessions
WHEN EXISTS (SELECT 1 FROM sessions WHERE tenant_id = NEW.tenant_id AND person_id = NEW.person_id AND id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;

CREATE TRIGGER sessions_stay BEFORE DELETE ON sessions
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;
