-- The number of a person's last change: each change of sessions or stash has one, without gaps. Open browsers are told of
-- changes by it, and one that comes back asks for those after the last that it knows. Logging and deleting a session
-- count in the row that they write anyway.
ALTER TABLE members ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;

DROP TRIGGER sessions_counted;
CREATE TRIGGER sessions_counted AFTER INSERT ON sessions
BEGIN
  INSERT INTO members (tenant_id, person_id, sessions, changes) VALUES (NEW.tenant_id, NEW.person_id, 1, 1)
  ON CONFLICT (tenant_id, person_id) DO UPDATE SET sessions = sessions + 1, changes = changes + 1;
END;

DROP TRIGGER sessions_uncounted;
CREATE TRIGGER sessions_uncounted AFTER UPDATE OF deleted_at ON sessions
WHEN OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL
BEGIN
  UPDATE members SET sessions = sessions - 1, changes = changes + 1
  WHERE tenant_id = NEW.tenant_id AND person_id = NEW.person_id;
END;

CREATE TRIGGER sessions_edited AFTER UPDATE OF version ON sessions
WHEN NEW.deleted_at IS NULL
BEGIN
  UPDATE members SET changes = changes + 1 WHERE tenant_id = NEW.tenant_id AND person_id = NEW.person_id;
END;

-- What a session takes or gives back is told with the session.
CREATE TRIGGER stash_entries_changed AFTER INSERT ON stash_entries
WHEN NEW.kind NOT IN ('session', 'reversal')
BEGIN
  INSERT INTO members (tenant_id, person_id, changes) VALUES (NEW.tenant_id, NEW.person_id, 1)
  ON CONFLICT (tenant_id, person_id) DO UPDATE SET changes = changes + 1;
END;
