import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

/** Ids are taken from the database this many at a time, so that giving one is no disk write. */
const blockSize = 65_536;
/** What is left of an older block is thrown away: ids of several processes then stay in the order of time. */
const blockLifeMs = 1_000;
const epochMs = Date.UTC(2020, 0, 1);
/** The smallest number of 18 digits; with the clock's bits on top, ids have 18 or 19 digits until the year 2089. */
const firstId = 10n ** 17n;
const idLimit = 2n ** 63n;

interface Block {
  next: bigint;
  readonly end: bigint;
  readonly takenAt: number;
}

/**
 * Gives ids that are unique over all processes that share the database, and ever increasing: in one process always, over
 * several to within a second. Do not call inside a transaction of the same database, which would wait for itself.
 */
export class IdAllocator {
  readonly #db: Kysely<Database>;
  readonly #clock: () => number;
  #block: Block = { next: 0n, end: 0n, takenAt: 0 };
  #lastTurn: Promise<unknown> = Promise.resolve();

  /** `clock` gives epoch milliseconds. */
  constructor(db: Kysely<Database>, clock: () => number) {
    this.#db = db;
    this.#clock = clock;
  }

  /** The first of `count` ids that follow each other. */
  take(count: number): Promise<bigint> {
    // One at a time: two calls that both found the block empty would otherwise get blocks in either order.
    const turn = this.#lastTurn.then(() => this.#take(count));
    this.#lastTurn = turn.catch(() => undefined);
    return turn;
  }

  /** As `take`, if that needs no look into the database; else null, and nothing is taken. */
  takeAtHand(count: number): bigint | null {
    const size = sizeOf(count);
    return this.#isAtHand(size) ? this.#give(size) : null;
  }

  async next(): Promise<string> {
    return String(await this.take(1));
  }

  async #take(wanted: number): Promise<bigint> {
    const count = sizeOf(wanted);
    if (!this.#isAtHand(count)) this.#block = await this.#reserve(count);
    return this.#give(count);
  }

  #isAtHand(count: bigint): boolean {
    const age = this.#clock() - this.#block.takenAt;
    return age >= 0 && age <= blockLifeMs && this.#block.next + count <= this.#block.end;
  }

  #give(count: bigint): bigint {
    const first = this.#block.next;
    this.#block.next += count;
    return first;
  }

  async #reserve(count: bigint): Promise<Block> {
    const takenAt = this.#clock();
    const size = count > blockSize ? count : BigInt(blockSize);
    const byClock = BigInt(Math.max(0, Math.floor(takenAt) - epochMs)) << 22n;
    const start = byClock > firstId ? byClock : firstId;
    // A time that ids cannot hold is refused before it is stored, or it would stay when the clock is put right.
    if (start + size >= idLimit)
      throw new Error('the clock of this machine shows a time that has no ids: is it right?');
    const end = await this.#advance(start, size);
    return { next: end - size, end, takenAt };
  }

  /** In one statement, so that no other process comes between: the stored mark, or `start` if later, plus `size`. */
  async #advance(start: bigint, size: bigint): Promise<bigint> {
    // The numbers exceed what a JavaScript number holds, so they go in and out as text.
    const mark = sql`cast(id_allocator.next as bigint)`;
    const from = sql`cast(${String(start)} as bigint)`;
    const sum = sql<string>`cast(case when ${mark} > ${from} then ${mark} else ${from} end + cast(${String(size)} as bigint) as text)`;
    const row = await this.#db
      .insertInto('id_allocator')
      .values({ name: 'ids', next: String(start + size) })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ next: sum }))
      .returning('next')
      .executeTakeFirstOrThrow();
    return BigInt(row.next);
  }
}

function sizeOf(count: number): bigint {
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`cannot take ${count} ids`);
  return BigInt(count);
}
