-- What people bring along from elsewhere: a file is looked at, mapped, taken in as a whole, and can be undone as a whole.
CREATE TABLE imports (
  tenant_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  id TEXT NOT NULL,
  format TEXT NOT NULL CHECK (format IN ('csv', 'daylio', 'loop_habit', 'habit_bull', 'journal')),
  state TEXT NOT NULL CHECK (state IN ('previewed', 'confirmed', 'undone')),
  -- A hash of the file, by which somebody is told that they brought it before.
  source_hash TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  settled_at INTEGER,
  -- How many sessions it made, and how many rows made none.
  sessions INTEGER,
  left_out INTEGER,
  PRIMARY KEY (tenant_id, person_id, id)
) WITHOUT ROWID;

-- The file, in pieces that a row can hold, until it is taken in, thrown away, or a day old.
CREATE TABLE import_pieces (
  tenant_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  import_id TEXT NOT NULL,
  piece INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (tenant_id, person_id, import_id, piece)
) WITHOUT ROWID;

CREATE INDEX import_pieces_by_expiry ON import_pieces (expires_at);

-- Sessions that came from elsewhere say from where.
ALTER TABLE sessions ADD COLUMN import_id TEXT;
ALTER TABLE sessions ADD COLUMN source TEXT;
CREATE INDEX sessions_of_import ON sessions (tenant_id, person_id, import_id, id) WHERE import_id IS NOT NULL;

CREATE TRIGGER guard_import_settled INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'import_settled' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:import_settled'); END;
