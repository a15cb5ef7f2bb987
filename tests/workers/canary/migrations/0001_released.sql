-- Held requests that may go.
CREATE TABLE released (id INTEGER PRIMARY KEY);
-- Health looks at it.
CREATE VIEW guard AS SELECT '' AS failure, 0 AS holds WHERE 0;
