PRAGMA application_id = 1399353185;
PRAGMA user_version = 1;
CREATE TABLE share (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  intent TEXT CHECK (intent IN ('making', 'removing')),
  root TEXT NOT NULL,
  key BLOB,
  lookup BLOB NOT NULL,
  name TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  input TEXT,
  stale INTEGER NOT NULL DEFAULT 0,
  made_ms INTEGER NOT NULL,
  used_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX share_root ON share (root);
CREATE INDEX share_lookup ON share (lookup, seq);
CREATE INDEX share_intent ON share (intent) WHERE intent IS NOT NULL;
CREATE INDEX share_input ON share (input) WHERE input IS NOT NULL;
CREATE INDEX share_stale ON share (stale) WHERE stale = 1;
CREATE TABLE input_in_use (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO share (id, root, key, lookup, name, bytes, made_ms, used_ms)
VALUES ('00000000000000000000000000000001', 'bafy', x'01', x'02', 'Holiday', 12, 3, 4);
