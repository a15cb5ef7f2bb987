-- What every Worker of the fleet has in its own database.

-- Assertions inside a batch: `INSERT INTO guard (failure, holds) SELECT 'word', <condition>` ends the batch with
-- `refused:word` unless the condition holds, and writes no row. RAISE takes a literal only, hence one trigger a word.
CREATE VIEW guard AS SELECT '' AS failure, 0 AS holds WHERE 0;

CREATE TRIGGER guard_token_revoked INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'token_revoked' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:token_revoked'); END;

CREATE TRIGGER guard_idempotent_replay INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'idempotent_replay' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:idempotent_replay'); END;

CREATE TRIGGER guard_not_found INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'not_found' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:not_found'); END;

CREATE TRIGGER guard_precondition_failed INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'precondition_failed' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:precondition_failed'); END;

CREATE TRIGGER guard_credentials_changed INSTEAD OF INSERT ON guard
WHEN NEW.failure = 'credentials_changed' AND NEW.holds IS NOT 1
BEGIN SELECT RAISE(ABORT, 'refused:credentials_changed'); END;

-- Answers by idempotency key. `name` is a keyed hash of owner, route and key; `fingerprint` is a hash of the body.
CREATE TABLE idempotency (
  name TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  body TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Facts on their way to other Workers; a row goes when the queue has taken it.
CREATE TABLE outbox (
  id TEXT PRIMARY KEY,
  body TEXT NOT NULL
) WITHOUT ROWID;
