-- How a tenant's domains look. A tenant without a row looks as the platform does, under its own name. No colour stands
-- here but two hues: lightness and chroma are the style's, so that text can be read whatever is chosen.
CREATE TABLE brands (
  tenant_id TEXT PRIMARY KEY REFERENCES tenants (id),
  display_name TEXT,
  short_name TEXT,
  accent_hue INTEGER NOT NULL DEFAULT 150 CHECK (accent_hue BETWEEN 0 AND 359),
  paper_hue INTEGER NOT NULL DEFAULT 90 CHECK (paper_hue BETWEEN 0 AND 359),
  -- {"hash":…,"width":…,"height":…}
  logo TEXT,
  support_email TEXT,
  language TEXT CHECK (language IN ('en', 'es')),
  -- A JSON array of the parts of the app that are off.
  features_off TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(features_off)),
  -- Counts the edits: the entity tag, and what an older notice is known by.
  version INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- The bytes of logos, as base64, by hash. The last few of each tenant stay, for pages that were drawn before an edit.
CREATE TABLE logos (
  hash TEXT NOT NULL,
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  png TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  PRIMARY KEY (hash, tenant_id)
) WITHOUT ROWID;

CREATE INDEX logos_of_tenant ON logos (tenant_id, added_at);

-- At whose address somebody signed up, when it was a tenant's: mails to them name it.
ALTER TABLE people ADD COLUMN signed_up_at_tenant TEXT;
