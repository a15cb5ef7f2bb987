-- Tries, counted before the costly work that they cause. `bucket` is a keyed hash: neither address nor e-mail
-- address can be read from it.
CREATE TABLE throttle (
  bucket TEXT PRIMARY KEY,
  tries INTEGER NOT NULL,
  window_ends_at INTEGER NOT NULL
) WITHOUT ROWID;
