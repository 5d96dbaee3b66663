/** Stores batches: the writing half of the ledger, as it runs in the writer's thread. */
import type BetterSqlite3 from 'better-sqlite3';
import { isConflict, isDuplicate } from '../columns.ts';
import type { Conflict } from '../ledger.ts';
import { type Batch, type CallHead, RowCursor } from './batch.ts';
import type { NewBlock } from './block.ts';
import { BlockStore } from './block-store.ts';
import { hasSqliteCode, unavailable } from './failures.ts';
import { type Connection, openForWriting } from './file.ts';
import { rowHash } from './row-hash.ts';

/** How long a batch waits for other processes that write to the same ledger. */
export const maxWaitMs = 10_000;
const maxKnownClients = 1_000;

type EntryValues = [number, number, bigint, bigint, number, number, number, string, string, number, Buffer, bigint];

interface Statements {
  readonly insert: BetterSqlite3.Statement<EntryValues>;
  readonly lineAt: BetterSqlite3.Statement<[number, number, bigint], string>;
  readonly lastArrival: BetterSqlite3.Statement<[number], number>;
  readonly setLastArrival: BetterSqlite3.Statement<[number, number]>;
  readonly clientId: BetterSqlite3.Statement<[string], number>;
}

export interface StoredBatch {
  /** One for each row, in their order. */
  readonly outcomes: Uint8Array;
  /** Of the calls that are told of them, their places counted from the start of the batch. */
  readonly conflicts: Conflict[];
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
  append(batch: Batch): StoredBatch {
    const calls = batch.flatMap((parcel) => parcel.calls);
    const stored: StoredBatch = {
      outcomes: new Uint8Array(calls.reduce((sum, { rows }) => sum + rows, 0)),
      conflicts: [],
    };
    this.#begin();
    try {
      this.#arrivals.clear();
      this.#blocks.begin();
      let at = 0;
      for (const parcel of batch) {
        const rows = new RowCursor(parcel.columns);
        for (const call of parcel.calls) {
          this.#appendCall(call, rows, at, stored);
          at += call.rows;
        }
      }
      for (const [org, last] of this.#arrivals) this.#statements.setLastArrival.run(org, last);
      this.#connection.exec('COMMIT');
      return stored;
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

  /** The call's outcomes stand from `at` on. */
  #appendCall(call: CallHead, rows: RowCursor, at: number, { outcomes, conflicts }: StoredBatch): void {
    // A single row needs no savepoint: a conflict stores nothing.
    const isUndoable = call.atomic && call.rows > 1;
    const before = this.#lastArrival(call.org);
    const client = this.#clientId(call.client);
    if (isUndoable) this.#connection.exec('SAVEPOINT append_call');
    let arrival = before;
    for (let place = at; place < at + call.rows; place += 1) {
      rows.next();
      if (this.#insert(call, client, rows, arrival + 1)) {
        arrival += 1;
        this.#blocks.entered(call.org, rows);
        continue;
      }
      const stored = this.#statements.lineAt.get(call.org, rows.time, rows.id) ?? '';
      const line = rows.line.toString();
      outcomes[place] = stored === line ? isDuplicate : isConflict;
      if (stored !== line && call.tellsConflicts) conflicts.push({ place, line, stored });
    }
    this.#arrivals.set(call.org, arrival);
    if (!isUndoable) return;
    if (outcomes.subarray(at, at + call.rows).includes(isConflict)) {
      this.#connection.exec('ROLLBACK TO append_call');
      this.#arrivals.set(call.org, before);
    }
    this.#connection.exec('RELEASE append_call');
  }

  /** False when there is a row with this key already. */
  #insert({ org, arrivedAt }: CallHead, client: number, row: RowCursor, arrival: number): boolean {
    const { time, id, doneBy, action, module, line } = row;
    const { insert } = this.#statements;
    const { length } = line;
    const hash = rowHash(line);
    const { changes } = insert.run(
      org,
      time,
      id,
      doneBy,
      arrival,
      arrivedAt,
      client,
      action,
      module,
      length,
      line,
      hash,
    );
    return changes === 1;
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
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, CAST(? AS TEXT), ?) ON CONFLICT DO NOTHING`),
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
