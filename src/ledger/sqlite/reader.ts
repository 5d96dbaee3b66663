/** The reading half of the ledger, on a connection of its own: in the caller's thread, or in the reader's. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Chunk, ChunkOptions, LedgerQuery, RowKey, StoredRow } from '../ledger.ts';
import { type Connection, openForReading } from './file.ts';
import { compareKeys, type Filter, filterOf, keyBefore } from './filter.ts';
import { orgNumber } from './org.ts';
import { type RowColumns, Statements, sql } from './statements.ts';
import { type Piece, Walk } from './walk.ts';

const chunkRows = 1_000;
const chunkBytes = 1024 * 1024;
/** What one piece may look at: a few milliseconds, so that reads side by side do not wait for each other noticeably. */
const maxLook = 16_000;

export class LedgerReader {
  readonly #connection: Connection;
  readonly #statements: Statements;
  #lastList = 0;

  private constructor(connection: Connection) {
    this.#connection = connection;
    this.#statements = new Statements(connection);
  }

  static open(file: string): LedgerReader {
    const connection = openForReading(file);
    connection.exec(sql.makePeople);
    return new LedgerReader(connection);
  }

  async lastArrival(org: string): Promise<number> {
    return this.#statements.number(sql.lastArrival, { org: orgNumber(org) ?? 0 });
  }

  async count(query: LedgerQuery, signal?: AbortSignal): Promise<number> {
    const filter = filterOf(query);
    if (!filter) return 0;
    using people = this.#listPeople(filter);
    const direction = 'oldest-first';
    const walk = new Walk(this.#statements, { filter, list: people.list, direction, reads: 'index' });
    let sum = 0;
    for (;;) {
      signal?.throwIfAborted();
      const piece = walk.piece(maxLook);
      if (!piece) return sum;
      const matches = this.#statements.number(sql.count(piece.way, filter), walk.parameters(piece));
      sum += matches;
      walk.advance(piece, matches);
      await nextTurn();
    }
  }

  /**
   * A chunk is gathered from pieces. A piece is measured before its lines are read, and halved until it fits: so memory is
   * bounded by the chunk, however long the lines, and a file's end is met exactly.
   */
  async *chunks(query: LedgerQuery, { rowsPerFile, signal }: ChunkOptions): AsyncGenerator<Chunk, void> {
    const filter = filterOf(query);
    if (!filter) return;
    using people = this.#listPeople(filter);
    const direction = 'oldest-first';
    const walk = new Walk(this.#statements, { filter, list: people.list, direction, reads: 'lines' });
    const chunk = new Gathering(rowsPerFile);
    for (let look = chunkRows; ; ) {
      signal?.throwIfAborted();
      const looked = isUnconditional(filter) ? Math.min(look, chunk.room) : look;
      const piece = walk.piece(looked);
      if (!piece) break;
      const parameters = walk.parameters(piece);
      const [rows = 0, bytes = 0] = this.#statements.numbers(sql.measure(piece.way, filter), parameters);
      if (!chunk.fits(rows, bytes)) {
        if (chunk.rows > 0) yield chunk.take();
        if (!chunk.fits(rows, bytes)) {
          look = Math.max(1, looked >> 1);
          continue;
        }
      }
      if (rows > 0) chunk.add(rows, this.#statements.bytes(sql.lines(piece.way, filter), parameters));
      walk.advance(piece, rows);
      if (chunk.room === 0) yield chunk.take();
      if (piece.looks * 2 > look && rows * 2 < chunkRows && bytes * 2 < chunkBytes) look = Math.min(look * 2, maxLook);
      await nextTurn();
    }
    if (chunk.rows > 0) yield chunk.take();
  }

  async page(query: LedgerQuery, before: RowKey | null, size: number): Promise<readonly StoredRow[]> {
    const whole = filterOf(query);
    if (!whole) return [];
    const end = before && keyBefore(before);
    const filter = end && compareKeys(end, whole.high) < 0 ? { ...whole, high: end } : whole;
    using people = this.#listPeople(filter);
    const direction = 'newest-first';
    const walk = new Walk(this.#statements, { filter, list: people.list, direction, reads: 'lines' });
    const found: StoredRow[] = [];
    for (let look = Math.min(Math.max(size, 100), maxLook); found.length < size; ) {
      const piece = walk.piece(look);
      if (!piece) break;
      const rows = this.#rowsOf(piece, walk, filter, size - found.length);
      found.push(...rows);
      walk.advance(piece, rows.length);
      if (piece.looks * 2 > look) look = Math.min(look * 2, maxLook);
      await nextTurn();
    }
    return found;
  }

  close(): void {
    this.#connection.close();
  }

  #rowsOf(piece: Piece, walk: Walk, filter: Filter, limit: number): StoredRow[] {
    return this.#statements.rows(sql.rows(piece.way, filter), walk.parameters(piece, limit)).map(storedRow);
  }

  /** The users of a query stand in a table of this connection while it runs: thousands are no burden on each statement. */
  #listPeople({ users }: Filter): Disposable & { readonly list: number | null } {
    if (!users) return { list: null, [Symbol.dispose]: () => {} };
    this.#lastList += 1;
    const list = this.#lastList;
    this.#statements.run(sql.addPeople, { list, users: `[${users.join(',')}]` });
    return {
      list,
      [Symbol.dispose]: () => {
        // Closing the connection has removed the table already.
        if (this.#connection.open) this.#statements.run(sql.removePeople, { list });
      },
    };
  }
}

/** The chunk that is being put together, and how far the file has got. */
class Gathering {
  readonly #rowsPerFile: number;
  #rowsBefore = 0;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  rows = 0;

  constructor(rowsPerFile: number) {
    this.#rowsPerFile = rowsPerFile;
  }

  /** How many rows more this chunk may hold. */
  get room(): number {
    return Math.min(chunkRows, this.#rowsPerFile - (this.#rowsBefore % this.#rowsPerFile)) - this.rows;
  }

  /** A single row always fits an empty chunk, however long it is. */
  fits(rows: number, bytes: number): boolean {
    if (rows === 0 || (rows === 1 && this.rows === 0)) return true;
    return rows <= this.room && this.#bytes + bytes <= chunkBytes;
  }

  add(rows: number, bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    this.rows += rows;
  }

  take(): Chunk {
    const [only] = this.#parts;
    const bytes = this.#parts.length === 1 && only ? only : Buffer.concat(this.#parts);
    const rows = this.rows;
    this.#rowsBefore += rows;
    this.#parts = [];
    this.#bytes = 0;
    this.rows = 0;
    return { kind: 'text', rows, bytes };
  }
}

/** Whether nearly every row of the span matches: only late arrivals do not. */
function isUnconditional({ actions, modules, users }: Filter): boolean {
  return !actions && !modules && !users;
}

function storedRow([time, id, doneBy, arrival, arrivedAt, action, module, line, client]: RowColumns): StoredRow {
  return {
    time: Number(time),
    id,
    doneBy,
    action,
    module,
    line,
    arrival: Number(arrival),
    arrivedAt: Number(arrivedAt),
    client,
  };
}
