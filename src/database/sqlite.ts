/**
 * Everything about the directory's database that only SQLite has: opening the file, its pragmas, how a transaction
 * begins, and what its errors mean. The rest of the program writes SQL that PostgreSQL understands as well.
 */
import { chmod, mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { type Dialect, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import { Failure } from '../audit/failure.ts';
import type { Changes } from './changes.ts';

/** How long a statement waits for another process's write to end. Writes here take milliseconds. */
export const busyTimeoutMs = 10_000;
/** Distinct statements that are kept prepared; the program has about a hundred, and some with lists of any length. */
const maxPreparedStatements = 500;
const maxPreparedLength = 4_000;

export interface SqliteHouse {
  readonly dialect: Dialect;
  readonly changes: Changes;
}

/** Opens the file, made with its folder when absent, readable by its owner only. `:memory:` is a database of its own. */
export async function openSqlite(location: string): Promise<SqliteHouse> {
  const database = location === ':memory:' ? new BetterSqlite3(location) : await openFile(resolve(location));
  try {
    database.pragma('foreign_keys = on');
    await useWriteAheadLog(database);
    // A commit survives a power cut: what a client was told has happened is never taken back.
    database.pragma('synchronous = full');
  } catch (error) {
    database.close();
    throw error;
  }
  const changes = new SqliteChanges(database);
  return { dialect: new SqliteDialect({ database: new PreparedDatabase(database, changes) }), changes };
}

async function openFile(path: string): Promise<BetterSqlite3.Database> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // SQLite gives its -wal and -shm files the mode of the main file.
  await (await open(path, 'a', 0o600)).close();
  await chmod(path, 0o600);
  return new BetterSqlite3(path, { timeout: busyTimeoutMs });
}

/**
 * In WAL, readers and the one writer do not wait for each other. SQLite's own busy timeout does not cover the switch
 * into WAL: of 1,600 opens of new files, four at the same moment each, 3 failed as locked without this loop.
 */
async function useWriteAheadLog(database: BetterSqlite3.Database): Promise<void> {
  const until = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      const mode = database.pragma('journal_mode = wal', { simple: true });
      if (mode === 'wal' || mode === 'memory') return;
      throw new Error(`the database file cannot be switched to write-ahead logging (it stays in mode ${mode})`);
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error;
      await wait(20);
    }
  }
}

/**
 * Other processes' commits change `data_version`, which costs 2 microseconds to read; what this process writes is counted
 * by the statements that write, since `data_version` leaves its own connection out. A table with a counter that triggers
 * advance costs the same to read, is advanced less often (leases are renewed, ids are taken), and is right only as long
 * as no trigger was forgotten for any table and column that a kept value was made from.
 */
class SqliteChanges implements Changes {
  readonly #version: BetterSqlite3.Statement<[], number>;
  #seen = 0;
  #mark = 0;

  constructor(database: BetterSqlite3.Database) {
    this.#version = database.prepare<[], number>('pragma data_version').pluck();
  }

  mark(): number {
    const version = attempt(() => this.#version.get()) ?? 0;
    if (version !== this.#seen) {
      this.#seen = version;
      this.#mark += 1;
    }
    return this.#mark;
  }

  /** This process is about to write. */
  wrote(): void {
    this.#mark += 1;
  }
}

/** What Kysely asks of a driver, with prepared statements kept, write transactions, and errors in our words. */
class PreparedDatabase implements SqliteDatabase {
  readonly #database: BetterSqlite3.Database;
  readonly #changes: SqliteChanges;
  readonly #statements = new Map<string, PreparedStatement>();

  constructor(database: BetterSqlite3.Database, changes: SqliteChanges) {
    this.#database = database;
    this.#changes = changes;
  }

  prepare(sql: string): SqliteStatement {
    // A failed write may have rolled back already (disk full); a second rollback would hide the first error.
    if (sql === 'rollback' && !this.#database.inTransaction) return nothingToDo;
    // `begin` alone takes a snapshot first and the write lock later; if another process writes in between, the
    // transaction can never be completed (SQLITE_BUSY_SNAPSHOT). So every transaction takes the write lock at once.
    const text = sql === 'begin' ? 'begin immediate' : sql;
    const kept = this.#statements.get(text);
    if (kept && !kept.isBusy) return kept;
    const statement = new PreparedStatement(
      attempt(() => this.#database.prepare(text)),
      this.#changes,
    );
    if (text.length > maxPreparedLength) return statement;
    if (this.#statements.size >= maxPreparedStatements) this.#statements.clear();
    this.#statements.set(text, statement);
    return statement;
  }

  close(): void {
    this.#database.close();
  }
}

class PreparedStatement implements SqliteStatement {
  readonly reader: boolean;
  readonly #statement: BetterSqlite3.Statement;
  readonly #changes: SqliteChanges;

  constructor(statement: BetterSqlite3.Statement, changes: SqliteChanges) {
    this.reader = statement.reader;
    this.#statement = statement;
    this.#changes = changes;
  }

  get isBusy(): boolean {
    return this.#statement.busy;
  }

  all(parameters: readonly unknown[]): unknown[] {
    this.#countWrite();
    return attempt(() => this.#statement.all(...parameters));
  }

  run(parameters: readonly unknown[]): BetterSqlite3.RunResult {
    this.#countWrite();
    return attempt(() => this.#statement.run(...parameters));
  }

  iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    this.#countWrite();
    return attempt(() => this.#statement.iterate(...parameters));
  }

  #countWrite(): void {
    if (!this.#statement.readonly) this.#changes.wrote();
  }
}

const nothingToDo: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
};

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw inOurWords(error);
  }
}

/** A full disk or a lock held too long is for the caller to retry; any other error is a bug and stays as it is. */
function inOurWords(error: unknown): unknown {
  if (isBusy(error)) return unavailable('The database is busy', error);
  const code = error instanceof BetterSqlite3.SqliteError ? error.code : '';
  if (code === 'SQLITE_FULL') return unavailable('The disk of the database is full', error);
  if (/^SQLITE_(IOERR|CANTOPEN|READONLY)/.test(code)) return unavailable('The database cannot be written', error);
  return error;
}

function unavailable(message: string, cause: unknown): Failure {
  return new Failure('SERVICE_UNAVAILABLE', message, { cause, retryAfterSeconds: 5 });
}

function isBusy(error: unknown): boolean {
  return error instanceof BetterSqlite3.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code);
}
