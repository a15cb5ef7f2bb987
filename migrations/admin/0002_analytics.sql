-- Analytics. Other Workers tell facts, at least once each and in any order; every fact is kept as it came, and
-- what the overview shows is counted from them in the statement that keeps them. So a fact counts exactly once
-- however often it comes, and whichever of a sesh and its deletion comes first, the counts end up the same.

-- Everything that was told; only ever added to. It holds pseudonymous ids alone.
CREATE TABLE facts (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('person_registered', 'session_logged', 'session_deleted')),
  tenant_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  -- The UTC day of occurred_at, YYYY-MM-DD.
  day TEXT NOT NULL CHECK (length(day) = 10),
  session_id TEXT CHECK ((session_id IS NULL) = (kind = 'person_registered')),
  -- The strains used, a JSON array without repetition; empty unless a sesh was logged.
  strain_ids TEXT NOT NULL DEFAULT '[]' CHECK (json_type(strain_ids) = 'array'),
  occurred_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL
) WITHOUT ROWID;

-- A sesh is logged once and deleted once; also the way from a deletion to what it deletes.
CREATE UNIQUE INDEX facts_of_session ON facts (session_id, kind) WHERE session_id IS NOT NULL;
-- A person signs up once.
CREATE UNIQUE INDEX facts_of_registration ON facts (person_id) WHERE kind = 'person_registered';

CREATE TRIGGER facts_are_not_edited BEFORE UPDATE ON facts
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;

CREATE TRIGGER facts_are_not_deleted BEFORE DELETE ON facts
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;

-- What the overview reads: by day first, so that a range costs what it holds and not what was ever told. A row
-- that counts nothing does not exist. All three can be emptied and counted anew from the facts (store.rs, rebuild).

CREATE TABLE daily_people (
  day TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  sessions INTEGER NOT NULL CHECK (sessions >= 0),
  PRIMARY KEY (day, tenant_id, person_id)
) WITHOUT ROWID;

CREATE TABLE daily_strains (
  day TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  strain_id TEXT NOT NULL,
  sessions INTEGER NOT NULL CHECK (sessions >= 0),
  PRIMARY KEY (day, tenant_id, strain_id)
) WITHOUT ROWID;

CREATE TABLE daily_registrations (
  day TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  people INTEGER NOT NULL CHECK (people > 0),
  PRIMARY KEY (day, tenant_id)
) WITHOUT ROWID;

-- Seshes that count: logged, and not deleted.
CREATE VIEW counted_sessions AS
SELECT day, tenant_id, person_id, session_id, strain_ids FROM facts AS logged
WHERE logged.kind = 'session_logged' AND NOT EXISTS (
  SELECT 1 FROM facts AS deleted WHERE deleted.session_id = logged.session_id AND deleted.kind = 'session_deleted');

CREATE TRIGGER facts_count_registration AFTER INSERT ON facts
WHEN NEW.kind = 'person_registered'
BEGIN
  INSERT INTO daily_registrations (day, tenant_id, people) VALUES (NEW.day, NEW.tenant_id, 1)
  ON CONFLICT (day, tenant_id) DO UPDATE SET people = people + 1;
END;

-- Unless its deletion came first.
CREATE TRIGGER facts_count_session AFTER INSERT ON facts
WHEN NEW.kind = 'session_logged' AND NOT EXISTS (
  SELECT 1 FROM facts WHERE session_id = NEW.session_id AND kind = 'session_deleted')
BEGIN
  INSERT INTO daily_people (day, tenant_id, person_id, sessions)
  VALUES (NEW.day, NEW.tenant_id, NEW.person_id, 1)
  ON CONFLICT (day, tenant_id, person_id) DO UPDATE SET sessions = sessions + 1;
  INSERT INTO daily_strains (day, tenant_id, strain_id, sessions)
  SELECT NEW.day, NEW.tenant_id, value, 1 FROM json_each(NEW.strain_ids) WHERE true
  ON CONFLICT (day, tenant_id, strain_id) DO UPDATE SET sessions = sessions + 1;
END;

-- Takes away what the sesh counted, on the day on which it counted; nothing when it has not come yet.
CREATE TRIGGER facts_uncount_session AFTER INSERT ON facts
WHEN NEW.kind = 'session_deleted'
BEGIN
  UPDATE daily_people SET sessions = sessions - 1
  WHERE (day, tenant_id, person_id) IN (
    SELECT day, tenant_id, person_id FROM facts WHERE session_id = NEW.session_id AND kind = 'session_logged');
  UPDATE daily_strains SET sessions = sessions - 1
  WHERE (day, tenant_id, strain_id) IN (
    SELECT logged.day, logged.tenant_id, used.value FROM facts AS logged, json_each(logged.strain_ids) AS used
    WHERE logged.session_id = NEW.session_id AND logged.kind = 'session_logged');
END;

CREATE TRIGGER daily_people_without_sessions AFTER UPDATE ON daily_people
WHEN NEW.sessions = 0
BEGIN
  DELETE FROM daily_people WHERE day = NEW.day AND tenant_id = NEW.tenant_id AND person_id = NEW.person_id;
END;

CREATE TRIGGER daily_strains_without_sessions AFTER UPDATE ON daily_strains
WHEN NEW.sessions = 0
BEGIN
  DELETE FROM daily_strains WHERE day = NEW.day AND tenant_id = NEW.tenant_id AND strain_id = NEW.strain_id;
END;
