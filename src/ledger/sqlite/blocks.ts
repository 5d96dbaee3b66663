/** The sealed blocks as they are read: heads in the order of their keys, contents by number. */
import type BetterSqlite3 from 'better-sqlite3';
import type { RowKey } from '../ledger.ts';
import { type BlockHead, type PackedColumns, type PackedLines, readTally, type TallyLine } from './block.ts';
import { inOurWords, unavailable } from './failures.ts';
import type { Connection } from './file.ts';

/** Heads that are read at once. */
const headsAtOnce = 64;

/** Before every key: what the first block of an organisation comes after. */
export const beforeAll: RowKey = { time: Number.MIN_SAFE_INTEGER, id: 0n };

interface Place {
  readonly org: number;
  readonly time: number;
  readonly id: bigint;
}

/** With its tally still as text: only a filter asks for it. */
export interface StoredHead extends BlockHead {
  readonly tally: () => TallyLine[];
  /** The block before it ends where this one begins: there is no gap between them. */
  readonly isAttached: boolean;
}

/** Which blocks may be left out: those that a query looks into from end to end, and whose tally rules them out. */
export interface HeadFilter {
  readonly org: number;
  readonly high: RowKey;
  readonly asOf: number;
  /** JSON arrays of the actions and modules as they stand in a tally; null: any. */
  readonly actions: string | null;
  readonly modules: string | null;
}

/** Of a block `b`. */
const isAttached = `EXISTS (
  SELECT 1 FROM blocks p WHERE p.org = b.org AND p.last_time = b.after_time AND p.last_id = b.after_id)`;
const headColumns = `after_time, after_id, first_time, first_id, last_time, last_id,
  rows, arrival, raw_bytes, raw_crc32, content, ${isAttached}, tally`;

type HeadColumns = [
  bigint,
  bigint,
  bigint,
  bigint,
  bigint,
  bigint,
  bigint,
  bigint,
  bigint,
  bigint,
  bigint,
  bigint,
  string,
];

export class Blocks {
  readonly #connection: Connection;
  readonly #heads: BetterSqlite3.Statement<[Place & { limit: number }]>;
  readonly #headsThatMatter: BetterSqlite3.Statement<[object]>;
  readonly #unattached: BetterSqlite3.Statement<[{ org: number }]>;
  readonly #lastBefore: BetterSqlite3.Statement<[Place]>;
  readonly #lastKey: BetterSqlite3.Statement<[number]>;
  readonly #rows: BetterSqlite3.Statement<[object], number>;
  readonly #lines: BetterSqlite3.Statement<[number]>;
  readonly #columns: BetterSqlite3.Statement<[number]>;
  readonly #hash: BetterSqlite3.Statement<[number], Buffer>;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#heads = connection
      .prepare<[Place & { limit: number }]>(`
        SELECT ${headColumns} FROM blocks b WHERE org = $org AND (last_time, last_id) >= ($time, $id)
        ORDER BY last_time, last_id LIMIT $limit`)
      .safeIntegers()
      .raw();
    // A name in a tally stands in its quotes, so the test finds every block that has it; those that it finds for another
    // reason are looked at more closely by who asks.
    this.#headsThatMatter = connection
      .prepare<[object]>(`
        SELECT ${headColumns} FROM blocks b WHERE org = $org AND (last_time, last_id) >= ($time, $id)
          AND (after_time, after_id) < ($highTime, $highId)
          AND (
            (($modules IS NULL OR EXISTS (SELECT 1 FROM json_each($modules) WHERE instr(b.tally, value)))
              AND ($actions IS NULL OR EXISTS (SELECT 1 FROM json_each($actions) WHERE instr(b.tally, value))))
            OR arrival > $asOf OR (first_time, first_id) < ($time, $id) OR (last_time, last_id) > ($highTime, $highId)
            OR NOT ${isAttached})
        ORDER BY last_time, last_id LIMIT ${headsAtOnce}`)
      .safeIntegers()
      .raw();
    this.#unattached = connection
      .prepare<[{ org: number }]>(`
        SELECT ${headColumns} FROM blocks b WHERE org = $org AND NOT ${isAttached}
        ORDER BY last_time, last_id LIMIT ${headsAtOnce}`)
      .safeIntegers()
      .raw();
    this.#lastBefore = connection
      .prepare<[Place]>(`
        SELECT last_time, last_id FROM blocks WHERE org = $org AND (last_time, last_id) < ($time, $id)
        ORDER BY last_time DESC, last_id DESC LIMIT 1`)
      .safeIntegers()
      .raw();
    this.#lastKey = connection
      .prepare<[number]>(
        'SELECT last_time, last_id FROM blocks WHERE org = ? ORDER BY last_time DESC, last_id DESC LIMIT 1',
      )
      .safeIntegers()
      .raw();
    this.#rows = connection
      .prepare<[object], number>(`
        SELECT coalesce(sum(rows), 0) FROM blocks WHERE org = $org
          AND (last_time, last_id) >= ($lowTime, $lowId) AND (last_time, last_id) <= ($highTime, $highId)`)
      .pluck();
    this.#lines = connection
      .prepare<[number]>('SELECT format, packed_crc32, packed FROM block_contents WHERE id = ?')
      .raw();
    this.#columns = connection
      .prepare<[number]>('SELECT format, columns_crc32, columns FROM block_contents WHERE id = ?')
      .raw();
    this.#hash = connection.prepare<[number], Buffer>('SELECT hash FROM block_contents WHERE id = ?').pluck();
  }

  /** The blocks whose last key is `from` or later, the earliest first. */
  heads(org: number, from: RowKey, limit = headsAtOnce): StoredHead[] {
    const rows = this.#ask(() => this.#heads.all({ org, ...from, limit }));
    return rows.map((row) => headOf(row as HeadColumns)); // the columns of the statement
  }

  /** As `heads`, without those that may be left out. */
  headsThatMatter({ org, high, asOf, actions, modules }: HeadFilter, from: RowKey): StoredHead[] {
    const span = { org, ...from, highTime: high.time, highId: high.id };
    const rows = this.#ask(() => this.#headsThatMatter.all({ ...span, asOf, actions, modules }));
    return rows.map((row) => headOf(row as HeadColumns));
  }

  /** The blocks that do not begin where the one before ends: the first, and those behind a gap. */
  unattached(org: number): StoredHead[] {
    return this.#ask(() => this.#unattached.all({ org })).map((row) => headOf(row as HeadColumns));
  }

  /** The last key of the block that comes before the one that ends there; null: it is the first. */
  lastBefore(org: number, last: RowKey): RowKey | null {
    const row = this.#ask(() => this.#lastBefore.get({ org, ...last })) as [bigint, bigint] | undefined;
    return row === undefined ? null : { time: Number(row[0]), id: row[1] };
  }

  /** The last key that is in a block; null: nothing is. */
  lastKey(org: number): RowKey | null {
    const row = this.#ask(() => this.#lastKey.get(org)) as [bigint, bigint] | undefined;
    return row === undefined ? null : { time: Number(row[0]), id: row[1] };
  }

  /** How many entries lie in blocks between two keys; one that reaches over `high` does not count. */
  rowsBetween(org: number, low: RowKey, high: RowKey): number {
    const span = { org, lowTime: low.time, lowId: low.id, highTime: high.time, highId: high.id };
    return this.#ask(() => this.#rows.get(span)) ?? 0;
  }

  /** Null when the block has been dropped since its head was read. So with the other parts of its content. */
  lines(head: BlockHead): PackedLines | null {
    const row = this.#ask(() => this.#lines.get(head.content)) as [number, number, Buffer] | undefined;
    return row === undefined ? null : { format: row[0], packedCrc32: row[1], packed: row[2] };
  }

  columns(head: BlockHead): PackedColumns | null {
    const row = this.#ask(() => this.#columns.get(head.content)) as [number, number, Buffer] | undefined;
    return row === undefined ? null : { format: row[0], columnsCrc32: row[1], columns: row[2] };
  }

  /** SHA-256 of the lines; null when the block is gone. */
  hash(head: BlockHead): Uint8Array | null {
    return this.#ask(() => this.#hash.get(head.content)) ?? null;
  }

  #ask<T>(work: () => T): T {
    if (!this.#connection.open) throw unavailable('The ledger is closed');
    try {
      return work();
    } catch (error) {
      throw inOurWords(error);
    }
  }
}

function headOf(row: HeadColumns): StoredHead {
  let read: TallyLine[] | null = null;
  const [afterTime, afterId, firstTime, firstId, lastTime, lastId, rows, arrival, rawBytes, rawCrc32] = row;
  const [content, attached, tally] = [row[10], row[11], row[12]];
  return {
    after: { time: Number(afterTime), id: afterId },
    first: { time: Number(firstTime), id: firstId },
    last: { time: Number(lastTime), id: lastId },
    rows: Number(rows),
    arrival: Number(arrival),
    rawBytes: Number(rawBytes),
    rawCrc32: Number(rawCrc32),
    content: Number(content),
    isAttached: attached === 1n,
    tally: () => {
      read ??= readTally(tally);
      return read;
    },
  };
}
