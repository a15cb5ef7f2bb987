-- Who is signed in: whoever holds one of these.
CREATE TABLE tokens (token TEXT PRIMARY KEY, device TEXT NOT NULL);
-- What is in a jar, as a number that is read and written back.
CREATE TABLE lots (id TEXT PRIMARY KEY, balance_mg INTEGER NOT NULL);
-- A note with a count of its edits.
CREATE TABLE notes (id TEXT PRIMARY KEY, version INTEGER NOT NULL, text TEXT NOT NULL);
-- Orders, and the answers that were given under a key.
CREATE TABLE orders (id TEXT PRIMARY KEY, owner TEXT NOT NULL);
CREATE TABLE answers (key TEXT PRIMARY KEY, body TEXT NOT NULL);
