/**
 * The writing side of the sealed blocks. Every statement here runs inside a transaction that holds the write lock, so what
 * it finds is what is there when it commits.
 */
import type BetterSqlite3 from 'better-sqlite3';
import type { RowKey } from '../ledger.ts';
import { type BlockHead, kindOfAction, kindOfModule, type NewBlock, readTally, type TallyLine } from './block.ts';
import { type Connection, openForWriting } from './file.ts';
import { compareKeys, keyAfter } from './filter.ts';

interface Found {
  readonly after: RowKey;
  readonly last: RowKey;
  readonly content: bigint;
}

type FoundColumns = [bigint, bigint, bigint, bigint, bigint];

export class BlockStore {
  readonly #statements: ReturnType<typeof prepareStatements>;
  /** The last key that is sealed in each organisation that the running transaction touches; null: nothing is. */
  readonly #sealed = new Map<number, RowKey | null>();

  constructor(connection: Connection) {
    this.#statements = prepareStatements(connection);
  }

  /** What was known of the transaction before counts no more: another process may have written since. */
  begin(): void {
    this.#sealed.clear();
  }

  /** An entry has been stored: the block that should have held it goes. Most entries are newer than every block. */
  entered(org: number, key: RowKey): void {
    let sealed = this.#sealed.get(org);
    if (sealed === undefined) {
      sealed = this.#lastSealed(org);
      this.#sealed.set(org, sealed);
    }
    if (sealed === null || compareKeys(key, sealed) > 0) return;
    const block = this.#blockAt(org, key);
    if (block !== null && compareKeys(block.after, key) < 0) this.#drop(org, block);
  }

  /**
   * Stores those blocks that still hold every entry of their span; the others came too late, and are made anew by whoever
   * made them. Says of each whether it was stored.
   */
  insert(blocks: readonly NewBlock[]): boolean[] {
    this.begin();
    return blocks.map((block) => {
      const isCurrent = this.#isCurrent(block);
      if (isCurrent) this.#insert(block);
      return isCurrent;
    });
  }

  drop(org: number, last: RowKey, content: number): void {
    const block = this.#blockAt(org, last);
    if (block !== null && Number(block.content) === content) this.#drop(org, block);
  }

  #insert(block: NewBlock): void {
    const { org, head, tally, format, packedCrc32, columnsCrc32, hash, columns, packed } = block;
    const { addContent, addHead } = this.#statements;
    const content = addContent.run(format, packedCrc32, columnsCrc32, hash, columns, packed).lastInsertRowid;
    const { names, ids } = block.records;
    const sizes = [names.rawBytes, names.packedCrc32, ids.rawBytes, ids.packedCrc32];
    this.#statements.addRecords.run(content, ...sizes, names.packed, ids.packed);
    const { after, first, last, rows, arrival, rawBytes, rawCrc32 } = head;
    const keys = [last.time, last.id, first.time, first.id, after.time, after.id];
    const isAttached = this.#statements.endsAt.get(org, after.time, after.id) === 1;
    addHead.run(org, ...keys, rows, arrival, rawBytes, rawCrc32, content, tally, isAttached ? 1 : 0);
    this.#attachNext(org, last, true);
    for (const [kind, name] of namesIn(tally)) this.#statements.addName.run(org, kind, name, last.time, last.id);
  }

  /** The block that begins where this one ends, if it is the next one. */
  #attachNext(org: number, last: RowKey, isAttached: boolean): void {
    const next = this.#blockAt(org, keyAfter(last));
    if (next === null || compareKeys(next.after, last) !== 0) return;
    this.#statements.attach.run(isAttached ? 1 : 0, org, next.last.time, next.last.id);
  }

  /** Entries are never removed, so a span with as many as before has the same as before. */
  #isCurrent({ org, head }: NewBlock): boolean {
    const { after, last, rows } = head;
    const next = this.#blockAt(org, keyAfter(after));
    if (next !== null && compareKeys(next.after, last) < 0) return false;
    return this.#statements.count.get(org, after.time, after.id, last.time, last.id) === rows;
  }

  #lastSealed(org: number): RowKey | null {
    const [time, id] = (this.#statements.lastSealed.get(org) as [bigint, bigint] | undefined) ?? [];
    return time === undefined || id === undefined ? null : { time: Number(time), id };
  }

  /** The first block whose last key is this one or later. */
  #blockAt(org: number, key: RowKey): Found | null {
    const row = this.#statements.blockAt.get(org, key.time, key.id) as FoundColumns | undefined;
    if (row === undefined) return null;
    const [afterTime, afterId, lastTime, lastId, content] = row;
    return {
      after: { time: Number(afterTime), id: afterId },
      last: { time: Number(lastTime), id: lastId },
      content,
    };
  }

  #drop(org: number, { last, content }: Found): void {
    const tally = this.#statements.tally.get(org, last.time, last.id) ?? '[]';
    for (const [kind, name] of namesIn(tally)) this.#statements.removeName.run(org, kind, name, last.time, last.id);
    this.#attachNext(org, last, false);
    this.#statements.removeContent.run(content);
    this.#statements.removeRecords.run(content);
    this.#statements.removeHead.run(org, last.time, last.id);
    this.#statements.countDrop.run(org);
  }
}

/**
 * Drops a block that is not what it should be; it is made anew by the sealer. Nobody waits for that: where it does not work,
 * the block is found wrong again.
 */
export function dropBlock(file: string, org: number, head: BlockHead): void {
  try {
    const connection = openForWriting(file, null);
    try {
      const store = new BlockStore(connection);
      connection.transaction(() => store.drop(org, head.last, head.content)).immediate();
    } finally {
      connection.close();
    }
  } catch (error) {
    warn(`a broken block could not be dropped: ${String(error)}`);
  }
}

/** A tally that is broken names nothing: what is left of it in the index finds no block. */
function readTallyAtAll(tally: string): TallyLine[] {
  try {
    return readTally(tally);
  } catch {
    return [];
  }
}

/** Each action and module of a tally, once. */
function namesIn(tally: string): (readonly [kind: number, name: string])[] {
  const lines = readTallyAtAll(tally);
  const actions = new Set(lines.map(([, action]) => action));
  const modules = new Set(lines.map(([, , module]) => module));
  return [
    ...[...actions].map((name) => [kindOfAction, name] as const),
    ...[...modules].map((name) => [kindOfModule, name] as const),
  ];
}

export function warn(message: string): void {
  process.emitWarning(message, { type: 'AnnalsLedger' });
}

type Key = [time: number, id: bigint];

function prepareStatements(connection: Connection) {
  const raw = <Bound extends unknown[]>(text: string): BetterSqlite3.Statement<Bound> =>
    connection.prepare<Bound>(text).safeIntegers().raw();
  return {
    lastSealed: raw<[number]>(`
      SELECT last_time, last_id FROM blocks WHERE org = ? ORDER BY last_time DESC, last_id DESC LIMIT 1`),
    blockAt: raw<[number, ...Key]>(`
      SELECT after_time, after_id, last_time, last_id, content FROM blocks
      WHERE org = ? AND (last_time, last_id) >= (?, ?) ORDER BY last_time, last_id LIMIT 1`),
    count: connection
      .prepare<[number, ...Key, ...Key], number>(`
        SELECT count(*) FROM entries WHERE org = ? AND (time, id) > (?, ?) AND (time, id) <= (?, ?)`)
      .pluck(),
    addContent: connection.prepare<[number, number, number, Uint8Array, Uint8Array, Uint8Array]>(`
      INSERT INTO block_contents (format, packed_crc32, columns_crc32, hash, columns, packed)
      VALUES (?, ?, ?, ?, ?, ?)`),
    addHead: connection.prepare<unknown[]>(`
      INSERT INTO blocks (org, last_time, last_id, first_time, first_id, after_time, after_id,
        rows, arrival, raw_bytes, raw_crc32, content, tally, attached)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    endsAt: connection
      .prepare<[number, ...Key], number>('SELECT 1 FROM blocks WHERE org = ? AND last_time = ? AND last_id = ?')
      .pluck(),
    attach: connection.prepare<[number, number, ...Key]>(
      'UPDATE blocks SET attached = ? WHERE org = ? AND last_time = ? AND last_id = ?',
    ),
    tally: connection
      .prepare<[number, ...Key], string>('SELECT tally FROM blocks WHERE org = ? AND last_time = ? AND last_id = ?')
      .pluck(),
    addName: connection.prepare<[number, number, string, ...Key]>(
      'INSERT OR IGNORE INTO block_names VALUES (?, ?, ?, ?, ?)',
    ),
    removeName: connection.prepare<[number, number, string, ...Key]>(`
      DELETE FROM block_names WHERE org = ? AND kind = ? AND name = ? AND last_time = ? AND last_id = ?`),
    removeHead: connection.prepare<[number, ...Key]>(
      'DELETE FROM blocks WHERE org = ? AND last_time = ? AND last_id = ?',
    ),
    countDrop: connection.prepare<[number]>(
      'INSERT INTO block_drops VALUES (?, 1) ON CONFLICT (org) DO UPDATE SET drops = drops + 1',
    ),
    addRecords: connection.prepare<unknown[]>(`
      INSERT INTO block_records (content, names_bytes, names_crc32, ids_bytes, ids_crc32, names, ids)
      VALUES (?, ?, ?, ?, ?, ?, ?)`),
    removeRecords: connection.prepare<[bigint]>('DELETE FROM block_records WHERE content = ?'),
    removeContent: connection.prepare<[bigint]>('DELETE FROM block_contents WHERE id = ?'),
  };
}
