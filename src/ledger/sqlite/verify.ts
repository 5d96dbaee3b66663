/** Holds everything in the ledger's file against what it says of itself, a little at a time. */
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { decodeLine } from '../../audit/line.ts';
import { OrgZone, parseTime } from '../../audit/time.ts';
import type { RowKey, Verification, VerifyOptions } from '../ledger.ts';
import { type BlockRow, BrokenBlock, columnsOf, unpackLines } from './block.ts';
import { type RecordTexts, recordTexts, unpackText } from './block-records.ts';
import { dropBlock } from './block-store.ts';
import { Blocks, beforeAll, type StoredHead } from './blocks.ts';
import { type Connection, openForReading } from './file.ts';
import { compareKeys, keyAfter, maxId } from './filter.ts';
import { rowHash } from './row-hash.ts';

/** What is looked at before others get their turn, and held at once: a single longer line is no more. */
const rowsAtOnce = 2_000;
const bytesAtOnce = 4 * 1024 * 1024;

const afterAll: RowKey = { time: Number.MAX_SAFE_INTEGER, id: maxId };
/** Stored lines say their offset, so any zone will do. */
const anyZone = new OrgZone('UTC');

interface Row extends BlockRow {
  readonly key: RowKey;
  readonly arrival: number;
  readonly line: string;
  readonly hash: bigint | null;
}

/** The arrival numbers of an organisation as far as they have been met. */
interface Arrivals {
  count: number;
  highest: number;
  sum: bigint;
}

export async function verifyFile(file: string, options: VerifyOptions): Promise<Verification> {
  const connection = openForReading(file);
  try {
    return await new Verifier(file, connection, options).run();
  } finally {
    connection.close();
  }
}

class Verifier {
  readonly #file: string;
  readonly #connection: Connection;
  readonly #options: VerifyOptions;
  readonly #blocks: Blocks;
  readonly #rows: ReturnType<typeof rowsStatement>;
  #entries = 0;
  #withoutHash = 0;
  #sealed = 0;
  #problems = 0;

  constructor(file: string, connection: Connection, options: VerifyOptions) {
    this.#file = file;
    this.#connection = connection;
    this.#options = options;
    this.#blocks = new Blocks(connection);
    this.#rows = rowsStatement(connection);
  }

  async run(): Promise<Verification> {
    const text = 'SELECT org, last FROM arrivals ORDER BY org';
    const organisations = this.#connection.prepare<[], [number, number]>(text).raw().all();
    const total = organisations.reduce((sum, [, last]) => sum + last, 0);
    for (const [org, last] of organisations) {
      await this.#verifyRows(org, last, total);
      await this.#verifyBlocks(org);
    }
    return {
      organisations: organisations.length,
      entries: this.#entries,
      withoutHash: this.#withoutHash,
      sealed: this.#sealed,
      problems: this.#problems,
    };
  }

  async #verifyRows(org: number, last: number, total: number): Promise<void> {
    const arrivals: Arrivals = { count: 0, highest: 0, sum: 0n };
    for (let after = beforeAll; ; ) {
      const rows = this.#rowsBetween(org, after, afterAll);
      for (const row of rows) {
        this.#verifyRow(org, row);
        // What has arrived since this began is held against its line, and left out of the numbers.
        if (row.arrival > last) continue;
        arrivals.count += 1;
        arrivals.highest = Math.max(arrivals.highest, row.arrival);
        arrivals.sum += BigInt(row.arrival);
      }
      await this.#pause(total);
      const end = rows.at(-1)?.key;
      if (end === undefined) break;
      after = end;
    }
    const sum = (BigInt(last) * BigInt(last + 1)) / 2n;
    if (arrivals.count === last && arrivals.highest === last && arrivals.sum === sum) return;
    this.#report(
      org,
      null,
      `${last} entries have arrived, and ${arrivals.count} are there: some are missing or renumbered`,
    );
  }

  #verifyRow(org: number, row: Row): void {
    this.#entries += 1;
    if (row.hash === null) this.#withoutHash += 1;
    else if (row.hash !== rowHash(row.line)) this.#report(org, row.key, 'the line is not the one that was stored');
    const problem = columnsProblem(row);
    if (problem !== null) this.#report(org, row.key, problem);
  }

  async #verifyBlocks(org: number): Promise<void> {
    let end = beforeAll;
    for (;;) {
      const [head] = this.#blocks.heads(org, keyAfter(end), 1);
      if (head === undefined) return;
      if (compareKeys(head.after, end) < 0) this.#report(org, head.last, 'a sealed block overlaps the one before it');
      this.#verifyBlock(org, head.last);
      end = head.last;
      await this.#pause(0);
    }
  }

  #verifyBlock(org: number, last: RowKey): void {
    // In one transaction, its head read anew: an entry that comes in may have dropped it.
    this.#connection.exec('BEGIN');
    let problem: string | null = null;
    let head: StoredHead | undefined;
    try {
      [head] = this.#blocks.heads(org, last, 1);
      if (head !== undefined) problem = this.#blockProblem(org, head);
    } finally {
      this.#connection.exec('COMMIT');
    }
    if (head === undefined) return;
    if (problem === null) {
      this.#sealed += head.rows;
      return;
    }
    this.#report(org, head.last, `the sealed block that ends here is dropped: ${problem}`);
    dropBlock(this.#file, org, head);
  }

  /** What is wrong with the block, in words; null: nothing. */
  #blockProblem(org: number, head: StoredHead): string | null {
    const lines = createHash('sha256');
    const rows: Row[] = [];
    const unpacked = this.#unpacked(head);
    if (typeof unpacked === 'string') return unpacked;
    let at = 0;
    for (let after = head.after; ; ) {
      const some = this.#rowsBetween(org, after, head.last);
      for (const row of some) {
        const line = Buffer.from(row.line);
        if (Buffer.compare(line, unpacked.lines.subarray(at, at + line.length)) !== 0) {
          return 'its lines are not those of its entries';
        }
        at += line.length;
        lines.update(line);
        rows.push({ ...row, line: '' });
      }
      const end = some.at(-1)?.key;
      if (end === undefined || rows.length > head.rows) break;
      after = end;
    }
    const [first, last] = [rows[0]?.key, rows.at(-1)?.key];
    if (rows.length !== head.rows || at !== head.rawBytes || first === undefined || last === undefined) {
      return 'it has not as many lines as there are entries';
    }
    const arrival = rows.reduce((highest, row) => Math.max(highest, row.arrival), 0);
    const isHeadRight = compareKeys(first, head.first) === 0 && compareKeys(last, head.last) === 0;
    if (!isHeadRight || arrival !== head.arrival) return 'its keys or arrival number are not those of its entries';
    if (crc32(unpacked.lines) !== head.rawCrc32) return 'its CRC-32 is not that of its lines';
    if (!lines.digest().equals(unpacked.hash)) return 'its hash is not that of its lines';
    const { columns, tally } = columnsOf(rows);
    const isTallyRight = JSON.stringify(head.tally()) === tally;
    if (!isTallyRight || Buffer.compare(columns, unpacked.columns) !== 0)
      return 'its columns are not those of its entries';
    const lengths = rows.map((row) => row.bytes);
    if (!this.#areRecordsRight(head, recordTexts(unpacked.lines, lengths)))
      return 'its records are not those of its lines';
    return this.#blocks.isIndexed(org, last) ? null : 'it is not in the indexes of the blocks';
  }

  /** True also for a block of a time when there were none. */
  #areRecordsRight(head: StoredHead, { names, ids }: RecordTexts): boolean {
    const stored = [this.#blocks.names(head), this.#blocks.ids(head)];
    try {
      return [names, ids].every((text, place) => {
        const packed = stored[place];
        return !packed || Buffer.compare(unpackText(packed), text) === 0;
      });
    } catch (error) {
      if (error instanceof BrokenBlock) return false;
      throw error;
    }
  }

  /** All that the block holds; in words what keeps it from being read. */
  #unpacked(head: StoredHead): { lines: Uint8Array; columns: Uint8Array; hash: Uint8Array } | string {
    const [packed, columns, hash] = [this.#blocks.lines(head), this.#blocks.columns(head), this.#blocks.hash(head)];
    if (packed === null || columns === null || hash === null) return 'its content is missing';
    try {
      return { lines: unpackLines(packed, head), columns: columns.columns, hash };
    } catch (error) {
      if (error instanceof BrokenBlock) return error.message;
      throw error;
    }
  }

  /** The rows behind a key up to another, a bounded number of them; none at the end. */
  #rowsBetween(org: number, after: RowKey, last: RowKey): Row[] {
    const rows: Row[] = [];
    let bytes = 0;
    const span = [org, after.time, after.id, last.time, last.id] as const;
    for (const columns of this.#rows.iterate(...span) as Iterable<RowColumns>) {
      const row = rowOf(columns);
      rows.push(row);
      bytes += row.bytes;
      if (rows.length === rowsAtOnce || bytes >= bytesAtOnce) break;
    }
    return rows;
  }

  async #pause(total: number): Promise<void> {
    this.#options.signal?.throwIfAborted();
    if (total > 0) this.#options.onProgress?.(this.#entries, total);
    await nextTurn();
  }

  #report(org: number, key: RowKey | null, message: string): void {
    this.#problems += 1;
    this.#options.onProblem({ org: String(org), key, message });
  }
}

/** What in the columns contradicts the line, in words; null: nothing. */
function columnsProblem({ key, doneBy, action, module, bytes, line }: Row): string | null {
  if (Buffer.byteLength(line) !== bytes) return 'the line is not as long as was noted';
  try {
    const fields = decodeLine(line);
    const isSame =
      fields.entryId === String(key.id) &&
      fields.doneById === String(doneBy) &&
      fields.action.toLowerCase() === action &&
      fields.module === module &&
      parseTime(fields.auditedTime, anyZone, 'instant') === key.time;
    return isSame ? null : 'the line says something else than the columns beside it';
  } catch {
    return 'the line cannot be read';
  }
}

type RowColumns = [bigint, bigint, bigint, string, string, bigint, bigint, string, bigint | null];

function rowsStatement(connection: Connection) {
  return connection
    .prepare<[number, number, bigint, number, bigint]>(`
      SELECT time, id, done_by, action, module, bytes, arrival, line, hash FROM entries
      WHERE org = ? AND (time, id) > (?, ?) AND (time, id) <= (?, ?) ORDER BY time, id`)
    .safeIntegers()
    .raw();
}

function rowOf([time, id, doneBy, action, module, bytes, arrival, line, hash]: RowColumns): Row {
  return {
    key: { time: Number(time), id },
    doneBy,
    action,
    module,
    bytes: Number(bytes),
    arrival: Number(arrival),
    line,
    hash,
  };
}
