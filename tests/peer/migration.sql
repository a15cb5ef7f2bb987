-- The peer's database: the same facts as ours in the shape that its author would choose.

CREATE TABLE users (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  time_zone TEXT NOT NULL DEFAULT 'UTC',
  password_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL
);

CREATE TABLE devices (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  refresh_hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER
);

CREATE TABLE strains (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  slug TEXT NOT NULL,
  type TEXT,
  description TEXT,
  thc_percent INTEGER,
  cbd_percent INTEGER,
  effects TEXT,
  negative_effects TEXT,
  ailments TEXT,
  flavors TEXT,
  terpenes TEXT,
  breeder TEXT,
  parents TEXT
);
CREATE VIRTUAL TABLE strain_names USING fts5 (name_key, content = '', tokenize = 'trigram');
CREATE TRIGGER strains_named AFTER INSERT ON strains
BEGIN INSERT INTO strain_names (rowid, name_key) VALUES (NEW.number, NEW.name_key); END;

CREATE TABLE lots (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  strain_id TEXT,
  name TEXT NOT NULL,
  form TEXT NOT NULL,
  quantity_mg INTEGER NOT NULL,
  balance_mg INTEGER NOT NULL CHECK (balance_mg >= 0),
  price_minor INTEGER,
  currency TEXT,
  acquired_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL
);
CREATE INDEX lots_by_user ON lots (user_id);

CREATE TABLE stash_entries (
  id INTEGER PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES lots (id),
  session_id TEXT,
  kind TEXT NOT NULL,
  delta_mg INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL
);
CREATE INDEX stash_entries_by_lot ON stash_entries (lot_id, recorded_at);

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  method TEXT NOT NULL,
  items TEXT NOT NULL,
  rating INTEGER,
  mood_before INTEGER,
  mood_after INTEGER,
  effects TEXT NOT NULL,
  notes TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  deleted_at INTEGER,
  import_id TEXT,
  source TEXT
);
CREATE INDEX sessions_by_time ON sessions (user_id, occurred_at);

CREATE TABLE idempotency (
  name TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  expires_at INTEGER NOT NULL
);
