/**
 * Makes sealed blocks of the entries that have settled: finds the spans that are in no block yet, cuts them into runs, and
 * hands the finished blocks to the ledger's writer, which stores them unless an entry has come in between.
 *
 * A run has settled when nothing has arrived in it for a while. So a log that grows at its end is sealed close behind, and
 * one that is loaded in no order is not sealed again and again while that lasts.
 */

import { letGo } from '../../audit/let-go.ts';
import type { RowKey } from '../ledger.ts';
import { type BlockRow, type NewBlock, packBlock } from './block.ts';
import { packRecords, recordTexts } from './block-records.ts';
import { Blocks, beforeAll } from './blocks.ts';
import type { Connection } from './file.ts';
import { compareKeys, maxId } from './filter.ts';

/** A divisor of the 100,000 rows of a file in a ZIP, so that files rarely cut a block. Larger ones are hardly smaller. */
export const rowsPerBlock = 1_000;
const bytesPerBlock = 1024 * 1024;

const afterAll: RowKey = { time: Number.MAX_SAFE_INTEGER, id: maxId };

/** Keys behind `after` up to `last`. */
interface Gap {
  readonly after: RowKey;
  readonly last: RowKey;
}

export interface SealerOptions {
  /** How long nothing may have arrived in a run before it is sealed, milliseconds. */
  readonly settleMs: number;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly rowsPerBlock?: number;
}

/** What is known of an organisation. */
interface Known {
  /** Its last arrival number when there was nothing left to seal, and how many blocks had been dropped; -1: there was. */
  last: number;
  drops: number;
  /** After so many drops there was no gap between the blocks; -1: not known. */
  whole: number;
  /** Blocks that the ledger did not take: each leaves a gap without a drop. */
  refused: number;
}

/** Runs that something arrives in: so many are looked at before it is left for later. */
const maxUnsettled = 50;

export class Sealer {
  readonly #connection: Connection;
  readonly #options: SealerOptions;
  readonly #rowsPerBlock: number;
  readonly #blocks: Blocks;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #known = new Map<number, Known>();

  constructor(connection: Connection, options: SealerOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#rowsPerBlock = options.rowsPerBlock ?? rowsPerBlock;
    this.#blocks = new Blocks(connection);
    this.#statements = prepareStatements(connection);
  }

  /**
   * The blocks that can be made now, one after the other. After the last the log is as sealed as it can be at the moment.
   * What becomes of each has to be told by `stored` before the next call.
   */
  *blocks(): Generator<NewBlock, void> {
    for (const [org, last, drops] of this.#statements.organisations.all() as [number, number, number][]) {
      const known = this.#known.get(org) ?? { last: -1, drops: -1, whole: -1, refused: 0 };
      if (known.last === last && known.drops === drops) continue;
      this.#known.set(org, known);
      const { refused } = known;
      let made = 0;
      let unsettled = 0;
      let gaps = 0;
      for (const gap of known.whole === drops ? [this.#openEnd(org)] : [...this.#gaps(org), this.#openEnd(org)]) {
        if (gap.last !== afterAll) gaps += 1;
        for (const block of this.#blocksIn(org, gap)) {
          if (block === 'unsettled') unsettled += 1;
          else made += 1;
          if (block !== 'unsettled') yield block;
        }
        if (unsettled >= maxUnsettled) break;
      }
      known.whole = gaps === 0 && known.refused === refused ? drops : -1;
      known.last = made + unsettled === 0 ? last : -1;
      known.drops = drops;
    }
  }

  /** The ledger took the block, or did not: then its entries are still in none. */
  stored(org: number, isStored: boolean): void {
    const known = this.#known.get(org);
    if (!known || isStored) return;
    known.whole = -1;
    known.refused += 1;
  }

  /** The spans between blocks: the earliest of them, if there are many. */
  #gaps(org: number): Gap[] {
    return this.#blocks
      .unattached(org)
      .map(({ after, last }) => ({ after: this.#blocks.lastBefore(org, last) ?? beforeAll, last: after }))
      .filter((gap) => compareKeys(gap.after, gap.last) < 0);
  }

  /** What lies behind the last block. */
  #openEnd(org: number): Gap {
    return { after: this.#blocks.lastKey(org) ?? beforeAll, last: afterAll };
  }

  *#blocksIn(org: number, gap: Gap): Generator<NewBlock | 'unsettled', void> {
    const settled = this.#options.clock() - this.#options.settleMs;
    for (let after = gap.after; compareKeys(after, gap.last) < 0; ) {
      const found = this.#seal(org, { after, last: gap.last }, settled);
      if (found === null) return;
      after = found.last;
      if (found.block !== null) {
        yield found.block;
        continue;
      }
      yield 'unsettled';
      // At the open end, what comes behind is newer still.
      if (gap.last === afterAll) return;
    }
  }

  /** In one transaction: both statements must see the same rows. */
  #seal(org: number, gap: Gap, settled: number): { block: NewBlock | null; last: RowKey } | null {
    this.#connection.exec('BEGIN');
    try {
      const rows = this.#nextRun(org, gap);
      const last = rows.at(-1)?.key;
      if (last === undefined) return null;
      const isSettled = rows.every((row) => row.arrivedAt <= settled);
      return { block: isSettled ? this.#blockOf(org, gap.after, rows) : null, last };
    } finally {
      this.#connection.exec('COMMIT');
    }
  }

  /** The run that comes next; empty when there is none, or at the open end less than a whole block. */
  #nextRun(org: number, { after, last }: Gap): Row[] {
    const whole = this.#rowsPerBlock;
    const isEnd = last === afterAll;
    // Between blocks whatever is there is taken, and a rest that would be small goes with the last.
    const limit = isEnd ? whole : 2 * whole;
    const found = this.#statements.rows.all(org, after.time, after.id, last.time, last.id, limit) as RowColumns[];
    const most = found.length < 2 * whole ? found.length : whole;
    let bytes = 0;
    let count = 0;
    for (; count < most; count += 1) {
      bytes += Number(found[count]?.[5] ?? 0n);
      if (bytes > bytesPerBlock && count > 0) break;
    }
    return isEnd && bytes <= bytesPerBlock && count < whole ? [] : found.slice(0, count).map(rowOf);
  }

  #blockOf(org: number, after: RowKey, rows: readonly Row[]): NewBlock {
    const [first, last] = [rows[0]?.key, rows.at(-1)?.key];
    if (first === undefined || last === undefined) throw new Error('a block holds one entry at least');
    const lines = this.#statements.lines.get(org, after.time, after.id, last.time, last.id) ?? Buffer.alloc(0);
    const { tally, rawCrc32, ...content } = packBlock(lines, rows);
    const records = packRecords(
      recordTexts(
        lines,
        rows.map((row) => row.bytes),
      ),
    );
    const rawBytes = lines.byteLength;
    letGo(lines);
    const arrival = rows.reduce((highest, row) => Math.max(highest, row.arrival), 0);
    const head = { after, first, last, rows: rows.length, arrival, rawBytes, rawCrc32 };
    return { org, head, tally, records, ...content };
  }
}

interface Row extends BlockRow {
  readonly key: RowKey;
  readonly arrival: number;
  /** Epoch milliseconds. */
  readonly arrivedAt: number;
}

type RowColumns = [bigint, bigint, bigint, string, string, bigint, bigint, bigint];

function rowOf([time, id, doneBy, action, module, bytes, arrival, arrivedAt]: RowColumns): Row {
  return {
    key: { time: Number(time), id },
    doneBy,
    action,
    module,
    bytes: Number(bytes),
    arrival: Number(arrival),
    arrivedAt: Number(arrivedAt),
  };
}

type Bounds = [org: number, afterTime: number, afterId: bigint, lastTime: number, lastId: bigint];

const inGap = 'org = ? AND (time, id) > (?, ?) AND (time, id) <= (?, ?)';

function prepareStatements(connection: Connection) {
  return {
    organisations: connection
      .prepare<[]>(`
        SELECT org, last, coalesce(drops, 0) FROM arrivals LEFT JOIN block_drops USING (org) ORDER BY org`)
      .raw(),
    rows: connection
      .prepare<[...Bounds, number]>(`
        SELECT time, id, done_by, action, module, bytes, arrival, arrived_at
        FROM entries WHERE ${inGap} ORDER BY time, id LIMIT ?`)
      .safeIntegers()
      .raw(),
    lines: connection
      .prepare<Bounds, Buffer>(`
        SELECT CAST(group_concat(line, '') AS BLOB) FROM (SELECT line FROM entries WHERE ${inGap} ORDER BY time, id)`)
      .pluck(),
  };
}
