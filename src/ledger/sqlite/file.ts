/**
 * The ledger's file: how it is made and opened, and what its tables are.
 *
 * The entries are clustered by (org, time, id), so that a time range is read in one sweep, in the order of the export.
 * The line stands last but for its hash, which only a check reads: a filter reads the columns before it without touching
 * the overflow pages of a long line.
 * `by_user` holds every column that a filter looks at, so that one user's rows are found, counted and measured without a
 * visit to the table; only the lines that are handed out are fetched from it. Measured with 1,000,000 rows of 284 bytes:
 * the table 390 MB, the index 57 MB; counting one user's 1 % with a condition on the module 1 ms instead of 37.
 * Pages of 8 KiB: with 4 KiB a sweep costs a quarter more, with 16 KiB the look-up of a single row does.
 */
import { chmod, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { hasSqliteCode, inOurWords } from './failures.ts';

export type Connection = BetterSqlite3.Database;

const pageBytes = 8192;
/** How long a connection waits for what another process does under a lock: a migration, a recovery, a checkpoint. */
export const busyTimeoutMs = 10_000;
/** "Annl": marks the file as a ledger. */
const applicationId = 0x41_6e_6e_6c;

/** Forward only. Each is one transaction; `user_version` counts those that are done. */
const migrations: readonly string[] = [
  `
  -- The last arrival number given out in each organisation: written in the transaction that stores the entries.
  CREATE TABLE arrivals (org INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT;
  CREATE TABLE clients (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE entries (
    org INTEGER NOT NULL,
    time INTEGER NOT NULL,
    id INTEGER NOT NULL,
    done_by INTEGER NOT NULL,
    arrival INTEGER NOT NULL,
    arrived_at INTEGER NOT NULL,
    client INTEGER NOT NULL,
    action TEXT NOT NULL,
    module TEXT NOT NULL,
    bytes INTEGER NOT NULL, -- of the line
    line TEXT NOT NULL,
    PRIMARY KEY (org, time, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX by_user ON entries (org, done_by, time, id, arrival, action, module, bytes);
  `,
  `
  -- See row-hash.ts; NULL in the rows that were stored before there was one.
  ALTER TABLE entries ADD COLUMN hash INTEGER;
  `,
  `
  -- Sealed runs of entries, see block.ts. In the ledger's own file, so that one transaction stores a late entry and drops
  -- the block that it falls into: no reader ever sees a block that lacks an entry.
  CREATE TABLE blocks (
    org INTEGER NOT NULL,
    last_time INTEGER NOT NULL,
    last_id INTEGER NOT NULL,
    first_time INTEGER NOT NULL,
    first_id INTEGER NOT NULL,
    after_time INTEGER NOT NULL, -- the block holds every entry behind this key, up to its last
    after_id INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    arrival INTEGER NOT NULL, -- the highest in it
    raw_bytes INTEGER NOT NULL,
    raw_crc32 INTEGER NOT NULL,
    content INTEGER NOT NULL,
    tally TEXT NOT NULL,
    PRIMARY KEY (org, last_time, last_id)
  ) STRICT, WITHOUT ROWID;
  -- How often a block was dropped: while it stays the same, no gap has come up between the blocks.
  CREATE TABLE block_drops (org INTEGER PRIMARY KEY, drops INTEGER NOT NULL) STRICT;
  -- Apart, so that the index above is small. A number is never given twice: what it names is there as it was, or gone.
  CREATE TABLE block_contents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    format INTEGER NOT NULL,
    packed_crc32 INTEGER NOT NULL,
    columns_crc32 INTEGER NOT NULL,
    hash BLOB NOT NULL,
    columns BLOB NOT NULL,
    packed BLOB NOT NULL
  ) STRICT;
  `,
  `
  -- So that a filter finds the few blocks that concern it without a look at the others: which actions (0) and modules (1)
  -- a block has; which blocks do not begin where the one before ends; and which hold what arrived last.
  CREATE TABLE block_names (
    org INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    last_time INTEGER NOT NULL,
    last_id INTEGER NOT NULL,
    PRIMARY KEY (org, kind, name, last_time, last_id)
  ) STRICT, WITHOUT ROWID;
  INSERT OR IGNORE INTO block_names
    SELECT org, 0, json_extract(pair.value, '$[1]'), last_time, last_id FROM blocks, json_each(tally) pair;
  INSERT OR IGNORE INTO block_names
    SELECT org, 1, json_extract(pair.value, '$[2]'), last_time, last_id FROM blocks, json_each(tally) pair;
  ALTER TABLE blocks ADD COLUMN attached INTEGER NOT NULL DEFAULT 0;
  UPDATE blocks AS b SET attached = EXISTS (
    SELECT 1 FROM blocks p WHERE p.org = b.org AND p.last_time = b.after_time AND p.last_id = b.after_id);
  CREATE INDEX blocks_unattached ON blocks (org, last_time, last_id) WHERE attached = 0;
  CREATE INDEX blocks_by_arrival ON blocks (org, arrival, last_time, last_id);
  `,
  `
  -- What words and record ids are looked for in, see block-records.ts; by the number of the block's content. A block that was
  -- made before has none, and is searched through its lines.
  CREATE TABLE block_records (
    content INTEGER PRIMARY KEY,
    names_bytes INTEGER NOT NULL, -- decompressed
    names_crc32 INTEGER NOT NULL, -- of the compressed bytes
    ids_bytes INTEGER NOT NULL,
    ids_crc32 INTEGER NOT NULL,
    names BLOB NOT NULL,
    ids BLOB NOT NULL
  ) STRICT;
  `,
];

/** Makes the file when it is absent, readable by its owner only, and brings its tables up to date. */
export async function prepareFile(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // SQLite gives its -wal and -shm files the mode of the main file.
  await (await open(file, 'a', 0o600)).close();
  await chmod(file, 0o600);
  const connection = new BetterSqlite3(file, { timeout: busyTimeoutMs });
  try {
    refuseForeignFile(connection, file);
    connection.pragma(`page_size = ${pageBytes}`);
    await useWriteAheadLog(connection);
    setDurability(connection);
    migrate(connection, file);
  } catch (error) {
    throw inOurWords(error);
  } finally {
    connection.close();
  }
}

export function openForReading(file: string): Connection {
  const connection = new BetterSqlite3(file, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs });
  // What a query needs beside the ledger (its list of users, a sort of at most one chunk) stays off the disk.
  connection.pragma('temp_store = memory');
  // Kilobytes, as a negative number. Reads go through the log once, in order: more would only hold what is not asked for
  // again, and the system's own cache stands behind it.
  connection.pragma('cache_size = -4000');
  return connection;
}

/** `maxBytes` is how large the file may grow before it counts as full. */
export function openForWriting(file: string, maxBytes: number | null): Connection {
  const connection = new BetterSqlite3(file, { fileMustExist: true, timeout: busyTimeoutMs });
  setDurability(connection);
  // After a transaction that was larger than usual, the log's file shrinks again.
  connection.pragma('journal_size_limit = 67108864');
  if (maxBytes !== null) connection.pragma(`max_page_count = ${Math.max(1, Math.floor(maxBytes / pageBytes))}`);
  return connection;
}

/**
 * `full` syncs the log at every commit: what was acknowledged survives a power cut, not only a crash of the process.
 * `fullfsync` makes macOS wait for the drive as well; it changes nothing elsewhere.
 */
function setDurability(connection: Connection): void {
  connection.pragma('synchronous = full');
  connection.pragma('fullfsync = on');
  connection.pragma('checkpoint_fullfsync = on');
}

/** In WAL, readers and the writer do not wait for each other. The busy timeout does not cover this switch: hence the loop. */
async function useWriteAheadLog(connection: Connection): Promise<void> {
  const until = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      const mode = connection.pragma('journal_mode = wal', { simple: true });
      if (mode === 'wal') return;
      throw new Error(`the ledger's file cannot be switched to write-ahead logging (it stays in mode ${mode})`);
    } catch (error) {
      if (!hasSqliteCode(error, /^SQLITE_(BUSY|LOCKED)/) || performance.now() > until) throw error;
      await wait(20);
    }
  }
}

function refuseForeignFile(connection: Connection, file: string): void {
  // The tables first: when another process makes the ledger between the two questions, its mark is there with them.
  const tables = connection.prepare<[], number>('SELECT count(*) FROM sqlite_schema').pluck().get();
  const id = connection.pragma('application_id', { simple: true });
  if (id !== applicationId && tables !== 0) throw new Error(`${file} is an SQLite file, but not a ledger of Annals`);
}

function migrate(connection: Connection, file: string): void {
  // Asked first without the lock, so that opening an up-to-date ledger does not wait for its writers.
  if (versionOf(connection, file) === migrations.length) return;
  connection
    .transaction(() => {
      // Another process may have done the work while this one waited for the lock.
      for (let done = versionOf(connection, file); done < migrations.length; done += 1) {
        connection.exec(migrations[done] ?? '');
      }
      connection.pragma(`application_id = ${applicationId}`);
      connection.pragma(`user_version = ${migrations.length}`);
    })
    .immediate();
}

function versionOf(connection: Connection, file: string): number {
  const version = Number(connection.pragma('user_version', { simple: true }));
  if (version > migrations.length) {
    throw new Error(
      `${file} was written by a newer version of Annals (schema ${version}; this one knows ${migrations.length})`,
    );
  }
  return version;
}
