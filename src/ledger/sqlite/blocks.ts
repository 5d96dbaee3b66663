/** The sealed blocks as they are read: heads in the order of their keys, contents by number. */
import type BetterSqlite3 from 'better-sqlite3';
import type { RowKey } from '../ledger.ts';
import {
  type BlockHead,
  kindOfAction,
  kindOfModule,
  type PackedColumns,
  type PackedLines,
  type PackedText,
  readTally,
  type TallyLine,
} from './block.ts';
import { inOurWords, unavailable } from './failures.ts';
import type { Connection } from './file.ts';
import { compareKeys } from './filter.ts';

/** Heads that are read at once. */
const headsAtOnce = 64;
/** So many in a row, of which `headsAtOnce` have a name that is asked for, are read together. */
const denseHeads = 96;

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
  /** JSON arrays of names; null: any. One of them is given. */
  readonly actions: string | null;
  readonly modules: string | null;
}

const headColumns = `after_time, after_id, first_time, first_id, last_time, last_id,
  rows, arrival, raw_bytes, raw_crc32, content, attached, tally`;
const fromHere = '(last_time, last_id) >= ($time, $id)';
const inOrder = `ORDER BY last_time, last_id LIMIT ${headsAtOnce}`;

type KeyColumns = [time: bigint, id: bigint];

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
  readonly #headsOf: BetterSqlite3.Statement<[{ org: number; keys: string }]>;
  readonly #headsDown: BetterSqlite3.Statement<[Place]>;
  readonly #unattached: BetterSqlite3.Statement<[Place]>;
  readonly #arrivedLater: BetterSqlite3.Statement<[Place & { asOf: number }]>;
  readonly #named: BetterSqlite3.Statement<[object]>;
  readonly #isIndexed: BetterSqlite3.Statement<[Place], number>;
  readonly #lastBefore: BetterSqlite3.Statement<[Place]>;
  readonly #lastKey: BetterSqlite3.Statement<[number]>;
  readonly #rows: BetterSqlite3.Statement<[object], number>;
  readonly #lines: BetterSqlite3.Statement<[number]>;
  readonly #columns: BetterSqlite3.Statement<[number]>;
  readonly #names: BetterSqlite3.Statement<[number]>;
  readonly #ids: BetterSqlite3.Statement<[number]>;
  readonly #hash: BetterSqlite3.Statement<[number], Buffer>;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#heads = connection
      .prepare<[Place & { limit: number }]>(`
        SELECT ${headColumns} FROM blocks WHERE org = $org AND ${fromHere} ORDER BY last_time, last_id LIMIT $limit`)
      .safeIntegers()
      .raw();
    this.#headsOf = connection
      .prepare<[{ org: number; keys: string }]>(`
        SELECT ${headColumns} FROM json_each($keys) k CROSS JOIN blocks
          ON org = $org AND last_time = k.value ->> 0 AND last_id = k.value ->> 1`)
      .safeIntegers()
      .raw();
    this.#headsDown = connection
      .prepare<[Place]>(`
        SELECT ${headColumns} FROM blocks WHERE org = $org AND (last_time, last_id) <= ($time, $id)
        ORDER BY last_time DESC, last_id DESC LIMIT ${headsAtOnce}`)
      .safeIntegers()
      .raw();
    this.#unattached = connection
      .prepare<[Place]>(
        `SELECT last_time, last_id FROM blocks WHERE org = $org AND attached = 0 AND ${fromHere} ${inOrder}`,
      )
      .safeIntegers()
      .raw();
    this.#arrivedLater = connection
      .prepare<[Place & { asOf: number }]>(
        `SELECT last_time, last_id FROM blocks WHERE org = $org AND arrival > $asOf AND ${fromHere} ${inOrder}`,
      )
      .safeIntegers()
      .raw();
    this.#named = connection
      .prepare<[object]>(`
        SELECT last_time, last_id FROM block_names n WHERE org = $org AND kind = $kind AND name = $name AND ${fromHere}
          AND ($others IS NULL OR EXISTS (
            SELECT 1 FROM json_each($others) JOIN block_names o ON o.name = value
            WHERE o.org = n.org AND o.kind = 1 - $kind AND o.last_time = n.last_time AND o.last_id = n.last_id))
        ${inOrder}`)
      .safeIntegers()
      .raw();
    this.#isIndexed = connection
      .prepare<[Place], number>(`
        SELECT attached = EXISTS (
            SELECT 1 FROM blocks p WHERE p.org = b.org AND p.last_time = b.after_time AND p.last_id = b.after_id)
          AND NOT EXISTS (
            SELECT 1 FROM json_each(b.tally) pair, (SELECT ${kindOfAction} AS of UNION SELECT ${kindOfModule}) kinds
            WHERE NOT EXISTS (SELECT 1 FROM block_names n WHERE n.org = b.org AND n.kind = kinds.of
              AND n.name = json_extract(pair.value, '$[' || (1 + kinds.of) || ']')
              AND n.last_time = b.last_time AND n.last_id = b.last_id))
        FROM blocks b WHERE org = $org AND last_time = $time AND last_id = $id`)
      .pluck();
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
    this.#names = connection
      .prepare<[number]>('SELECT names_bytes, names_crc32, names FROM block_records WHERE content = ?')
      .raw();
    this.#ids = connection
      .prepare<[number]>('SELECT ids_bytes, ids_crc32, ids FROM block_records WHERE content = ?')
      .raw();
    this.#hash = connection.prepare<[number], Buffer>('SELECT hash FROM block_contents WHERE id = ?').pluck();
  }

  /** The blocks whose last key is `from` or later, the earliest first. */
  heads(org: number, from: RowKey, limit = headsAtOnce): StoredHead[] {
    const rows = this.#ask(() => this.#heads.all({ org, ...from, limit }));
    return rows.map((row) => headOf(row as HeadColumns)); // the columns of the statement
  }

  /** The blocks whose last key is `to` or earlier, the latest first. */
  headsDown(org: number, to: RowKey): StoredHead[] {
    const rows = this.#ask(() => this.#headsDown.all({ org, ...to }));
    return rows.map((row) => headOf(row as HeadColumns)); // the columns of the statement
  }

  /**
   * As `heads`, without those that may be left out: found in their indexes, however many others there are. Where most of the
   * next ones have a name that is asked for, they come with the others between them: one sweep costs half as much.
   */
  headsThatMatter(filter: HeadFilter, from: RowKey): StoredHead[] {
    const { org, high, asOf } = filter;
    const named = this.#keysNamed(filter, from);
    const last = named.find((keys) => keys.length === headsAtOnce)?.at(-1);
    if (last !== undefined) {
      const heads = this.heads(org, from, denseHeads);
      const isDense = heads.some((head) => compareKeys(head.last, last) >= 0);
      if (isDense) return heads.filter(({ after }) => compareKeys(after, high) < 0);
    }
    const place = { org, ...from };
    const lists = [
      ...named,
      this.#keys(this.#unattached, place),
      this.#keys(this.#arrivedLater, { ...place, asOf }),
      this.heads(org, from, 1).flatMap(({ first, last }) => (compareKeys(first, from) < 0 ? [last] : [])),
      this.heads(org, high, 1).flatMap(({ last }) => (compareKeys(last, high) > 0 ? [last] : [])),
    ];
    return this.#headsAt(org, firstOf(lists)).filter(({ after }) => compareKeys(after, high) < 0);
  }

  /** The blocks that do not begin where the one before ends: the first, and those behind a gap. */
  unattached(org: number): StoredHead[] {
    const place = { org, time: Number.MIN_SAFE_INTEGER, id: 0n };
    return this.#headsAt(org, this.#keys(this.#unattached, place));
  }

  #headsAt(org: number, lasts: readonly RowKey[]): StoredHead[] {
    const keys = `[${lasts.map(({ time, id }) => `[${time},${id}]`).join(',')}]`;
    return this.#ask(() => this.#headsOf.all({ org, keys })).map((row) => headOf(row as HeadColumns));
  }

  /** Whether `headsThatMatter` and `unattached` would find the block where its head and the one before it say. */
  isIndexed(org: number, last: RowKey): boolean {
    return this.#ask(() => this.#isIndexed.get({ org, ...last })) === 1;
  }

  /** For each name its blocks. */
  #keysNamed({ org, actions, modules }: HeadFilter, from: RowKey): RowKey[][] {
    const kind = modules === null ? kindOfAction : kindOfModule;
    const names = JSON.parse(modules ?? actions ?? '[]') as string[]; // filterOf wrote it
    const others = modules === null ? null : actions;
    return names.map((name) => this.#keys(this.#named, { org, kind, name, others, ...from }));
  }

  #keys<Given>(statement: BetterSqlite3.Statement<[Given]>, given: Given): RowKey[] {
    const rows = this.#ask(() => statement.all(given)) as KeyColumns[];
    return rows.map(([time, id]) => ({ time: Number(time), id }));
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

  /** Null when the block is gone, and when it is of a time when there were none. */
  names(head: BlockHead): PackedText | null {
    return textOf(this.#ask(() => this.#names.get(head.content)));
  }

  /** As `names`. */
  ids(head: BlockHead): PackedText | null {
    return textOf(this.#ask(() => this.#ids.get(head.content)));
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

/**
 * The first keys of all the lists together, each once: up to where a list was cut off, since what it has behind that is not
 * known yet.
 */
function firstOf(lists: readonly RowKey[][]): RowKey[] {
  const ends = lists.flatMap((keys) => (keys.length === headsAtOnce ? keys.slice(-1) : [])).sort(compareKeys);
  const [end] = ends;
  const keys = lists.flat().sort(compareKeys);
  return keys
    .filter((key, place) => place === 0 || compareKeys(key, keys[place - 1] ?? key) !== 0)
    .filter((key) => end === undefined || compareKeys(key, end) <= 0)
    .slice(0, headsAtOnce);
}

function textOf(row: unknown): PackedText | null {
  if (row === undefined) return null;
  const [rawBytes, packedCrc32, packed] = row as [number, number, Buffer]; // the columns of the statements
  return { rawBytes, packedCrc32, packed };
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
