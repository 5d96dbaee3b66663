/** Stores batches: the writing half of the ledger, as it runs in the writer's thread. */
import type BetterSqlite3 from 'better-sqlite3';
import type { LedgerRow } from '../ledger.ts';
import { type Batch, type CallHead, isConflict, isDuplicate, isNew, unpackRows } from './batch.ts';
import type { NewBlock } from './block.ts';
import { BlockStore } from './block-store.ts';
import { hasSqliteCode, unavailable } from './failures.ts';
import { type Connection, openForWriting } from './file.ts';
import { rowHash } from './row-hash.ts';

/** How long a batch waits for other processes that write to the same ledger. */
export const maxWaitMs = 10_000;
const maxKnownClients = 1_000;

type EntryValues = [number, number, bigint, bigint, number, number, number, string, string, number, string, bigint];

interface Statements {
  readonly insert: BetterSqlite3.Statement<EntryValues>;
  readonly lineAt: BetterSqlite3.Statement<[number, number, bigint], string>;
  readonly lastArrival: BetterSqlite3.Statement<[number], number>;
  readonly setLastArrival: BetterSqlite3.Statement<[number, number]>;
  readonly clientId: BetterSqlite3.Statement<[string], number>;
}

export class EntryStore {
  readonly #connection: Connection;
  readonly #statements: Statements;
  readonly #blocks: BlockStore;
  /** Ids in the table `clients`. */
  readonly #clients = new Map<string, number>();
  /** The last arrival number of each organisation that the running transaction touches. */
  readonly #arrivals = new Map<number, number>();

  private constructor(connection: Connection) {
    this.#connection = connection;
    this.#statements = prepareStatements(connection);
    this.#blocks = new BlockStore(connection);
    // From here on `#begin` does the waiting: SQLite's own pauses grow to 100 ms, in which a busy neighbour's short gaps
    // between two transactions pass unseen.
    connection.pragma('busy_timeout = 0');
  }

  static open(file: string, maxBytes: number | null): EntryStore {
    return new EntryStore(openForWriting(file, maxBytes));
  }

  /** Stores the batch in one transaction: all of it is durable when this returns, none of it is stored when it throws. */
  append(batch: Batch): Uint8Array {
    const outcomes = new Uint8Array(batch.times.length);
    this.#begin();
    try {
      this.#arrivals.clear();
      this.#blocks.begin();
      const rows = unpackRows(batch);
      let at = 0;
      for (const call of batch.calls) {
        this.#appendCall(call, rows, outcomes.subarray(at, at + call.rows));
        at += call.rows;
      }
      for (const [org, last] of this.#arrivals) this.#statements.setLastArrival.run(org, last);
      this.#connection.exec('COMMIT');
      return outcomes;
    } catch (error) {
      // Clients that were added in this transaction are gone with it.
      this.#clients.clear();
      // A full disk may have ended the transaction already.
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
      throw error;
    }
  }

  /** Stores sealed blocks in one transaction; says of each whether it still fits what is there. */
  seal(blocks: readonly NewBlock[]): boolean[] {
    this.#begin();
    try {
      const stored = this.#blocks.insert(blocks);
      this.#connection.exec('COMMIT');
      return stored;
    } catch (error) {
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
      throw error;
    }
  }

  /** Moves the write-ahead log into the file, as far as readers let it. */
  close(): void {
    try {
      this.#connection.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // All is durable in the log, and the next opening carries on from there; a full disk must not hold up the exit.
    }
    this.#connection.close();
  }

  #appendCall(call: CallHead, rows: Iterator<LedgerRow>, outcomes: Uint8Array): void {
    // A single row needs no savepoint: a conflict stores nothing.
    const isUndoable = call.atomic && call.rows > 1;
    const before = this.#lastArrival(call.org);
    const client = this.#clientId(call.client);
    if (isUndoable) this.#connection.exec('SAVEPOINT append_call');
    for (let index = 0; index < call.rows; index += 1) {
      outcomes[index] = this.#appendRow(call, client, rows.next().value as LedgerRow); // as many rows as the heads say
    }
    if (!isUndoable) return;
    if (outcomes.includes(isConflict)) {
      this.#connection.exec('ROLLBACK TO append_call');
      this.#arrivals.set(call.org, before);
    }
    this.#connection.exec('RELEASE append_call');
  }

  #appendRow(call: CallHead, client: number, row: LedgerRow): number {
    const { org, arrivedAt } = call;
    const { time, id, doneBy, action, module, line } = row;
    const arrival = this.#lastArrival(org) + 1;
    const { insert, lineAt } = this.#statements;
    const bytes = Buffer.byteLength(line);
    const head = [org, time, id, doneBy, arrival, arrivedAt, client, action, module] as const;
    const { changes } = insert.run(...head, bytes, line, rowHash(line));
    if (changes === 1) {
      this.#arrivals.set(org, arrival);
      this.#blocks.entered(org, { time, id });
      return isNew;
    }
    return lineAt.get(org, time, id) === line ? isDuplicate : isConflict;
  }

  /** Read anew in each transaction: another process may have appended since the last one. */
  #lastArrival(org: number): number {
    const known = this.#arrivals.get(org);
    if (known !== undefined) return known;
    const last = this.#statements.lastArrival.get(org) ?? 0;
    this.#arrivals.set(org, last);
    return last;
  }

  #clientId(name: string): number {
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const id = this.#statements.clientId.get(name);
    if (id === undefined) throw new Error('the ledger gave a client no id');
    if (this.#clients.size >= maxKnownClients) this.#clients.clear();
    this.#clients.set(name, id);
    return id;
  }

  #begin(): void {
    const until = performance.now() + maxWaitMs;
    for (;;) {
      try {
        this.#connection.exec('BEGIN IMMEDIATE');
        return;
      } catch (error) {
        if (!hasSqliteCode(error, /^SQLITE_BUSY/)) throw error;
        if (performance.now() > until) throw unavailable('Another process keeps the ledger busy', error);
        Atomics.wait(sleeper, 0, 0, 1);
      }
    }
  }
}

/** Nobody wakes it: waiting on it is a sleep of this thread. */
const sleeper = new Int32Array(new SharedArrayBuffer(4));

function prepareStatements(connection: Connection): Statements {
  return {
    insert: connection.prepare(`
      INSERT INTO entries (org, time, id, done_by, arrival, arrived_at, client, action, module, bytes, line, hash)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`),
    lineAt: connection
      .prepare<[number, number, bigint], string>('SELECT line FROM entries WHERE org = ? AND time = ? AND id = ?')
      .pluck(),
    lastArrival: connection.prepare<[number], number>('SELECT last FROM arrivals WHERE org = ?').pluck(),
    setLastArrival: connection.prepare(`
      INSERT INTO arrivals (org, last) VALUES (?, ?) ON CONFLICT (org) DO UPDATE SET last = excluded.last`),
    clientId: connection
      .prepare<[string], number>(`
        INSERT INTO clients (name) VALUES (?) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id`)
      .pluck(),
  };
}
