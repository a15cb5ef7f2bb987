-- REPLACE deletes a row without the triggers of DELETE, as D1 leaves recursive triggers off. What stands in the log's
-- tables is therefore held against what comes, before it comes. (A row of `audit` that is there is refused by its
-- number, a link of another hash since 0006.)

-- The same link again is left out: the one that is there stays.
CREATE TRIGGER audit_links_stay BEFORE INSERT ON audit_links
WHEN EXISTS (SELECT 1 FROM audit_links WHERE seq = NEW.seq AND hash = NEW.hash)
BEGIN SELECT RAISE(IGNORE); END;

-- A checkpoint whose signature or key differs would put another's word in the place of the one that is there.
CREATE TRIGGER audit_checkpoints_are_not_signed_anew BEFORE INSERT ON audit_checkpoints
WHEN EXISTS (SELECT 1 FROM audit_checkpoints WHERE seq = NEW.seq
  AND (hash IS NOT NEW.hash OR kid IS NOT NEW.kid OR signature IS NOT NEW.signature))
BEGIN SELECT RAISE(ABORT, 'refused:append_only'); END;

-- The same checkpoint again, whenever it was signed, is left out.
CREATE TRIGGER audit_checkpoints_stay BEFORE INSERT ON audit_checkpoints
WHEN EXISTS (SELECT 1 FROM audit_checkpoints WHERE seq = NEW.seq
  AND hash = NEW.hash AND kid = NEW.kid AND signature = NEW.signature)
BEGIN SELECT RAISE(IGNORE); END;
