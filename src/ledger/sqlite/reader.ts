/** The reading half of the ledger, on a connection of its own: in the caller's thread, or in the reader's. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  Chunk,
  ChunkOptions,
  FoundRows,
  Histogram,
  HistogramOptions,
  LedgerQuery,
  RowKey,
  SearchOptions,
  StoredRow,
  TimeSpan,
} from '../ledger.ts';
import type { LinePicker } from './block-filter.ts';
import { BlockReader } from './block-reader.ts';
import { dropBlock, warn } from './block-store.ts';
import { Blocks } from './blocks.ts';
import { type Connection, openForReading } from './file.ts';
import { compareKeys, type Filter, filterOf, keyBefore } from './filter.ts';
import { chunkBytes, chunkRows, Gathering } from './gathering.ts';
import { HistogramRead } from './histogram.ts';
import { orgNumber } from './org.ts';
import { RunningQueries } from './running-queries.ts';
import { type Run, Runs } from './runs.ts';
import { type PreparedQuery, type ReadParts, Search } from './search.ts';
import { Statements, sql } from './statements.ts';
import { mostLooked, Walk } from './walk.ts';

/** Lines of sealed blocks that are passed over in the time that one entry of the users' index takes. */
const sealedRowsPerEntry = 20;
/** The same where the entry's line has to be looked into, which is a visit to the table. */
const sealedRowsPerLine = 100;
/** Other reads get their turn after so many blocks of which only the head was looked at, or so many that were read. */
const blocksPerTurn = 64;
const blocksReadPerTurn = 4;

export class LedgerReader {
  readonly #connection: Connection;
  readonly #statements: Statements;
  readonly #blocks: Blocks;
  readonly #queries: RunningQueries;
  readonly #file: string;

  private constructor(connection: Connection, file: string) {
    this.#connection = connection;
    this.#statements = new Statements(connection);
    this.#queries = new RunningQueries(connection, this.#statements);
    this.#blocks = new Blocks(connection);
    this.#file = file;
  }

  static open(file: string): LedgerReader {
    return new LedgerReader(openForReading(file), file);
  }

  async lastArrival(org: string): Promise<number> {
    return this.#statements.number(sql.lastArrival, { org: orgNumber(org) ?? 0 });
  }

  async count(query: LedgerQuery, signal?: AbortSignal): Promise<number> {
    const filter = filterOf(query);
    if (!filter) return 0;
    using running = this.#queries.begin(filter);
    let sum = 0;
    let counted = 0;
    const blocks = this.#blockReader(filter);
    for (const run of this.#runs(filter, running.list)) {
      signal?.throwIfAborted();
      const inBlock = run.head && blocks.count(run.head);
      if (inBlock === null) {
        sum += await this.#countRows({ ...filter, low: run.low, high: run.high }, running.list, signal);
        continue;
      }
      sum += inBlock;
      counted += 1;
      if (counted % blocksPerTurn === 0) await nextTurn();
    }
    return sum;
  }

  /** In time order, sealed blocks as they are where the query takes all of one, else lines. */
  async *chunks(query: LedgerQuery, { rowsPerFile, signal }: ChunkOptions): AsyncGenerator<Chunk, void> {
    const filter = filterOf(query);
    if (!filter) return;
    using running = this.#queries.begin(filter);
    const text = new Gathering(rowsPerFile);
    const blocks = this.#blockReader(filter);
    let blocksRead = 0;
    for (const run of this.#runs(filter, running.list)) {
      signal?.throwIfAborted();
      const reading = run.head && blocks.read(run.head, text.roomInFile - text.rows);
      if (reading?.kind === 'whole') {
        if (text.rows > 0) yield text.take();
        text.pass(reading.chunk.rows);
        yield reading.chunk;
      } else if (reading?.kind === 'lines') {
        yield* linesIn(reading.lines, text);
      } else if (reading?.kind !== 'nothing') {
        yield* this.#rowsIn({ ...filter, low: run.low, high: run.high }, running.list, text, signal);
      }
      blocksRead += reading?.kind === 'nothing' ? 1 : blocksPerTurn / blocksReadPerTurn;
      if (blocksRead < blocksPerTurn) continue;
      blocksRead = 0;
      await nextTurn();
    }
    if (text.rows > 0) yield text.take();
  }

  async page(query: LedgerQuery, before: RowKey | null, size: number): Promise<readonly StoredRow[]> {
    return (await this.search(query, { before, size, budgetMs: Number.POSITIVE_INFINITY })).rows;
  }

  async search(query: LedgerQuery, options: SearchOptions): Promise<FoundRows> {
    const whole = filterOf(query);
    if (!whole) return { rows: [], searchedTo: null };
    const end = options.before && keyBefore(options.before);
    const filter = end && compareKeys(end, whole.high) < 0 ? { ...whole, high: end } : whole;
    using running = this.#queries.begin(filter);
    const prepared = this.#prepared(filter, running.list, asksOfLines(filter), true);
    return await new Search(this.#parts(filter), prepared).find(options);
  }

  async span(query: LedgerQuery): Promise<TimeSpan | null> {
    const filter = filterOf({ ...query, actions: null, modules: null, doneBy: null, words: null, record: null });
    if (!filter) return null;
    using running = this.#queries.begin(filter);
    const { org, low, high } = filter;
    const span = { org, lowTime: low.time, lowId: low.id, highTime: high.time, highId: high.id, list: running.list };
    const [from, to] = this.#statements.numbersOrNone(sql.span(filter.users), span) ?? [];
    return from === undefined || to === undefined ? null : { from, to };
  }

  async histogram(query: LedgerQuery, options: HistogramOptions): Promise<Histogram> {
    const filter = filterOf(query);
    if (!filter) return { bucketSeconds: 1, total: 0, isEstimate: false, buckets: [] };
    using running = this.#queries.begin(filter);
    return await new HistogramRead(
      this.#parts(filter),
      this.#prepared(filter, running.list, true, filter.match !== null),
      options,
    ).read();
  }

  #parts(filter: Filter): ReadParts {
    return { statements: this.#statements, blocks: this.#blocks, blockReader: this.#blockReader(filter) };
  }

  /** Where it is the columns and lines that decide, blocks tell faster than rows which of them need not be looked at. */
  #prepared(filter: Filter, list: number | null, profitsFromBlocks: boolean, visitsRows: boolean): PreparedQuery {
    const rowsPerEntry = visitsRows ? sealedRowsPerLine : sealedRowsPerEntry;
    return {
      filter,
      list,
      usesBlocks: profitsFromBlocks && !(filter.users && this.#areFew(filter, list, rowsPerEntry)),
    };
  }

  close(): void {
    this.#connection.close();
  }

  /** What the span is made of; a filter on users whose entries are few is answered from their index alone. */
  *#runs(filter: Filter, list: number | null): Generator<Run, void> {
    if (filter.users && this.#areFew(filter, list, filter.match ? sealedRowsPerLine : sealedRowsPerEntry)) {
      yield { low: filter.low, high: filter.high, head: null };
      return;
    }
    const runs = new Runs(this.#blocks, filter);
    for (let run = runs.next(); run; run = runs.next()) yield run;
  }

  #areFew(filter: Filter, list: number | null, rowsPerEntry: number): boolean {
    const { org, low, high, users } = filter;
    const sealed = this.#blocks.rowsBetween(org, low, high);
    if (sealed === 0) return true;
    const few = Math.floor(sealed / rowsPerEntry);
    const span = { org, lowTime: low.time, lowId: low.id, highTime: high.time, highId: high.id };
    return this.#statements.number(sql.entriesOfUsers(users), { ...span, list, limit: few + 1 }) <= few;
  }

  #blockReader(filter: Filter): BlockReader {
    return new BlockReader(this.#blocks, filter, (head, error) => {
      warn(`${error.message}: it is dropped, and its rows are read`);
      dropBlock(this.#file, filter.org, head);
    });
  }

  async #countRows(filter: Filter, list: number | null, signal?: AbortSignal): Promise<number> {
    const walk = new Walk(this.#statements, {
      filter,
      list,
      direction: 'oldest-first',
      reads: filter.match ? 'lines' : 'index',
    });
    const most = mostLooked(filter);
    let sum = 0;
    for (;;) {
      signal?.throwIfAborted();
      const piece = walk.piece(most);
      if (!piece) return sum;
      const matches = this.#statements.number(sql.count(piece.way, filter), walk.parameters(piece));
      sum += matches;
      walk.advance(piece, matches);
      await nextTurn();
    }
  }

  /**
   * Gathers the lines of rows into chunks. A piece is measured before its lines are read, and halved until it fits: so
   * memory is bounded by the chunk, however long the lines, and a file's end is met exactly.
   */
  async *#rowsIn(
    filter: Filter,
    list: number | null,
    text: Gathering,
    signal?: AbortSignal,
  ): AsyncGenerator<Chunk, void> {
    const walk = new Walk(this.#statements, { filter, list, direction: 'oldest-first', reads: 'lines' });
    const most = mostLooked(filter);
    for (let look = chunkRows; ; ) {
      signal?.throwIfAborted();
      const looked = isUnconditional(filter) ? Math.min(look, text.room) : look;
      const piece = walk.piece(looked);
      if (!piece) return;
      const parameters = walk.parameters(piece);
      const [rows = 0, bytes = 0] = this.#statements.numbers(sql.measure(piece.way, filter), parameters);
      if (!text.fits(rows, bytes)) {
        if (text.rows > 0) yield text.take();
        if (!text.fits(rows, bytes)) {
          look = Math.max(1, looked >> 1);
          continue;
        }
      }
      if (rows > 0) text.add(rows, this.#statements.bytes(sql.lines(piece.way, filter), parameters));
      walk.advance(piece, rows);
      if (text.room === 0) yield text.take();
      if (piece.looks * 2 > look && rows * 2 < chunkRows && bytes * 2 < chunkBytes) look = Math.min(look * 2, most);
      await nextTurn();
    }
  }
}

/** The lines of a block that are asked for, gathered with those before them. */
function* linesIn(lines: LinePicker, text: Gathering): Generator<Chunk, void> {
  for (;;) {
    const picked = lines.take(text.room, text.byteRoom, text.rows === 0);
    if (picked === null) return;
    if (picked.rows > 0) text.add(picked.rows, picked.bytes);
    if (text.room === 0 || picked.rows === 0) yield text.take();
  }
}

/** Whether there are conditions that the users' index does not answer. */
function asksOfLines({ actions, modules, match }: Filter): boolean {
  return actions !== null || modules !== null || match !== null;
}

/** Whether nearly every row of the span matches: only late arrivals do not. */
function isUnconditional({ actions, modules, users, match }: Filter): boolean {
  return !actions && !modules && !users && !match;
}
