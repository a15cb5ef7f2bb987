-- What the Workers that trust our tokens have yet to be told: written in the batch of the change, delivered before
-- the change is acknowledged, gone when every one of them has it. AUTOINCREMENT, so that the number of a delivered
-- notice is never that of a new one.
CREATE TABLE notices (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  body TEXT NOT NULL
);
