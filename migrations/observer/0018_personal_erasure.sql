-- People who were erased: ids, and when. What is kept for good has one exception, and the database itself decides it: rows
-- of somebody who stands here may go. The audit log is not among it, as it has ids alone.
CREATE TABLE erasures (
  person_id TEXT PRIMARY KEY,
  erased_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER erasures_stay BEFORE DELETE ON erasures
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;
CREATE TRIGGER erasures_are_not_edited BEFORE UPDATE ON erasures
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;

-- Nobody comes back under the id of somebody who is gone.
CREATE TRIGGER people_who_are_erased_stay_so BEFORE INSERT ON people
WHEN EXISTS (SELECT 1 FROM erasures WHERE person_id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;

-- Who acted as whom is kept for the person, who may ask; when they are gone, the audit log tells it of ids.
DROP TRIGGER impersonations_are_kept;
CREATE TRIGGER impersonations_are_kept BEFORE DELETE ON impersonations
WHEN NOT EXISTS (SELECT 1 FROM erasures WHERE person_id = OLD.person_id)
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;
