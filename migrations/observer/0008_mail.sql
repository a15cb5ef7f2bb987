-- Mails on their way: a row is written in the batch of the change that it tells of, and goes when the mail has been
-- taken. It holds no secret: the token in a mail is made when it is sent, and stands nowhere.
CREATE TABLE mails (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  -- Whom it is about; unknown when somebody asks for a new password for an address.
  person_id TEXT,
  -- Which text: `verify_email`, `reset_password`, `password_changed`, ….
  kind TEXT NOT NULL,
  recipient TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- Later than this it is not worth sending.
  expires_at INTEGER NOT NULL,
  -- When to try next. Whoever tries moves it first, so that nobody else tries meanwhile.
  due_at INTEGER NOT NULL,
  -- Whose try it is.
  claim TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  -- When it was given up.
  dead_at INTEGER
) WITHOUT ROWID;

CREATE INDEX mails_due ON mails (due_at) WHERE dead_at IS NULL;
