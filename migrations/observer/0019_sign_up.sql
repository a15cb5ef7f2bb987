-- Whether whoever signs up at a tenant's addresses proves the e-mail address first, so that no answer tells who has an
-- account. Set for the consumers' tenant, it holds everywhere.
ALTER TABLE tenants ADD COLUMN confirm_sign_up INTEGER NOT NULL DEFAULT 0 CHECK (confirm_sign_up IN (0, 1));

-- Sign-ups that wait for the token of a mail. The id is the mail's, and no token is kept: it is made of the id with a key
-- that is in no database. A row is written whether or not the address has an account; whose it is, is looked at when the
-- mail is sent. Nobody is known yet, so address and name are encrypted under a key of ours. It goes when somebody has
-- signed up with the address, or within the hour after it has expired.
CREATE TABLE sign_ups (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  email TEXT NOT NULL,
  email_index TEXT NOT NULL,
  display_name TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
