/** The database of one space: its tables and how it is opened. */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { READER_CACHE_KIB, WRITER_CACHE_KIB } from './limits.ts'
import { openDatabase, spaceFault, type DatabaseKind } from './open-database.ts'

/** "ShSp" as a number: marks the file as the database of a space. */
const APPLICATION_ID = 0x53685370
/** Changes whenever the fold means something else; then all that is folded is made anew. */
export const FOLD_VERSION = 1

/**
 * What follows is the first schema.
 *
 * `batch` has a row for each batch that is held or named, whose `n` stands for its id everywhere else; an
 * operation is `n * 256 + place`, an entry is the operation that made it, and the space itself is 0. `author` to
 * `log` are the record, the rest follows from them.
 */
const FIRST = `CREATE TABLE space (one INTEGER PRIMARY KEY CHECK (one = 1), id BLOB NOT NULL, fold INTEGER NOT NULL,
     auth TEXT NOT NULL DEFAULT '') STRICT;
   CREATE TABLE author (
     a INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE,
     batches INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0, entries INTEGER NOT NULL DEFAULT 0,
     void_batches INTEGER NOT NULL DEFAULT 0, void_bytes INTEGER NOT NULL DEFAULT 0,
     cut BLOB
   ) STRICT;
   CREATE TABLE batch (
     n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,
     author INTEGER, at BLOB, lamport INTEGER, verdict INTEGER,
     bytes INTEGER, entries INTEGER, kids INTEGER NOT NULL DEFAULT 0, valid_kids INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE INDEX batch_author ON batch (author, at) WHERE author IS NOT NULL;
   CREATE INDEX batch_head ON batch (lamport, id) WHERE verdict = 0 AND valid_kids = 0;
   CREATE INDEX batch_order ON batch (lamport, n) WHERE verdict IS NOT NULL;
   CREATE TABLE log (n INTEGER PRIMARY KEY, frame BLOB NOT NULL) STRICT;
   CREATE TABLE orphan (
     o INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, author BLOB NOT NULL, bytes INTEGER NOT NULL, frame BLOB NOT NULL
   ) STRICT;
   CREATE INDEX orphan_author ON orphan (author, o);
   CREATE TABLE missing (parent BLOB NOT NULL, o INTEGER NOT NULL, PRIMARY KEY (parent, o)) STRICT, WITHOUT ROWID;
   CREATE INDEX missing_orphan ON missing (o);

   CREATE TABLE op (entry INTEGER NOT NULL, op INTEGER NOT NULL, PRIMARY KEY (entry, op)) STRICT, WITHOUT ROWID;
   CREATE TABLE entry (
     e INTEGER PRIMARY KEY, path TEXT NOT NULL, path_at BLOB NOT NULL,
     note TEXT NOT NULL, note_at BLOB NOT NULL, title TEXT NOT NULL, title_at BLOB NOT NULL
   ) STRICT;
   CREATE TABLE live (
     v INTEGER PRIMARY KEY, e INTEGER NOT NULL, at BLOB NOT NULL, who INTEGER NOT NULL,
     place TEXT NOT NULL, shown TEXT NOT NULL,
     root BLOB NOT NULL, inner_path TEXT NOT NULL, wrapped_key BLOB NOT NULL, epoch BLOB NOT NULL,
     bytes INTEGER NOT NULL, type TEXT NOT NULL, modified_ms INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX live_place ON live (place);
   CREATE INDEX live_entry ON live (e);
   CREATE INDEX live_type ON live (type, v);
   CREATE TABLE contest (
     key TEXT NOT NULL, who INTEGER NOT NULL, at BLOB NOT NULL, v INTEGER NOT NULL, PRIMARY KEY (key, who, at)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX contest_best ON contest (key, at);
   CREATE TABLE tag (e INTEGER NOT NULL, op INTEGER NOT NULL, tag TEXT NOT NULL, folded TEXT NOT NULL,
     PRIMARY KEY (e, op)) STRICT, WITHOUT ROWID;
   CREATE INDEX tag_folded ON tag (folded, e);
   CREATE TABLE replaced (e INTEGER NOT NULL, op INTEGER NOT NULL, PRIMARY KEY (e, op)) STRICT, WITHOUT ROWID;
   CREATE VIRTUAL TABLE words USING fts5 (path, title, tags, note, content = '', contentless_delete = 1,
     tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3');
   CREATE VIRTUAL TABLE grams USING fts5 (text, content = '', contentless_delete = 1, detail = none,
     tokenize = 'trigram');`

const KIND: DatabaseKind = {
  applicationId: APPLICATION_ID,
  migrations: [FIRST],
  cacheKib: WRITER_CACHE_KIB,
  begin: 'INSERT INTO space (one, id, fold) VALUES (1, ?, ' + FOLD_VERSION + ')',
}

/** @throws ShoalError as `openDatabase` */
export function openSpaceDatabase(file: string, space: Uint8Array): DatabaseSync {
  return openDatabase(file, space, KIND)
}

/** Opens a database that is there only to read; what was committed when a query begins is what it sees. */
export function openSpaceReader(file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file, { readOnly: true })
    database.exec(`PRAGMA query_only = ON; PRAGMA cache_size = -${READER_CACHE_KIB}`)
    return database
  } catch (error) {
    throw spaceFault(error, file)
  }
}

/**
 * A statement that is run for what it does. The number of the row that was written last, which `run` returns, may be
 * one of full-text search's own, and those are too large for a number.
 */
export function prepareWrite(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql)
  statement.setReadBigInts(true)
  return statement
}
