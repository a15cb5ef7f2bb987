-- The audit log: what was done, by whom, to what. A row is written in the batch of the change that it records and
-- takes the next number there, so that numbers have no gap and a row that vanished is missed.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  -- `person:<id>`, `key:<name>` or `anonymous`.
  actor TEXT NOT NULL,
  -- `person.registered`, `login.failed`, ….
  action TEXT NOT NULL,
  -- `person:<id>`, `device:<id>`, or `address:<keyed hash>` where no person is known.
  entity TEXT NOT NULL,
  request_id TEXT NOT NULL,
  -- A JSON object; no secret, no e-mail address.
  detail TEXT NOT NULL
);

-- The chain, written seconds later so that changes need not wait for each other: each hash covers its row and the
-- hash before.
CREATE TABLE audit_links (
  seq INTEGER PRIMARY KEY,
  hash TEXT NOT NULL
);

-- Now and then the head of the chain is signed: whoever could rewrite the tables could not rewrite these.
CREATE TABLE audit_checkpoints (
  seq INTEGER PRIMARY KEY,
  hash TEXT NOT NULL,
  kid TEXT NOT NULL,
  signature TEXT NOT NULL,
  signed_at INTEGER NOT NULL
);

CREATE TRIGGER audit_has_no_gap BEFORE INSERT ON audit
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
BEGIN SELECT RAISE(ABORT, 'refused:audit_gap'); END;

-- A link that is there already may come again: two sealers write the same.
CREATE TRIGGER audit_links_have_no_gap BEFORE INSERT ON audit_links
WHEN NEW.seq > (SELECT coalesce(max(seq), 0) + 1 FROM audit_links)
BEGIN SELECT RAISE(ABORT, 'refused:audit_gap'); END;

CREATE TRIGGER audit_links_are_not_replaced BEFORE INSERT ON audit_links
WHEN EXISTS (SELECT 1 FROM audit_links WHERE seq = NEW.seq AND hash <> NEW.hash)
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;

CREATE TRIGGER audit_checkpoints_are_not_replaced BEFORE INSERT ON audit_checkpoints
WHEN EXISTS (SELECT 1 FROM audit_checkpoints WHERE seq = NEW.seq AND hash <> NEW.hash)
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;

CREATE TRIGGER audit_is_not_edited BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;
CREATE TRIGGER audit_links_are_not_edited BEFORE UPDATE ON audit_links
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;
CREATE TRIGGER audit_links_are_not_deleted BEFORE DELETE ON audit_links
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;
CREATE TRIGGER audit_checkpoints_are_not_edited BEFORE UPDATE ON audit_checkpoints
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;
CREATE TRIGGER audit_checkpoints_are_not_deleted BEFORE DELETE ON audit_checkpoints
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;
