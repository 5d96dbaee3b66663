/**
 * Goes through a span of keys, oldest first, as what it is made of: sealed blocks, and the runs of rows before, between and
 * behind them. A block is told of only when all of its entries lie in the span and had arrived in time.
 */
import type { RowKey } from '../ledger.ts';
import type { Blocks, HeadFilter, StoredHead } from './blocks.ts';
import { compareKeys, type Filter, keyAfter } from './filter.ts';

export interface Span {
  readonly low: RowKey;
  readonly high: RowKey;
}

/** `head` null: rows of the table. Otherwise the span holds the entries of this block and no others. */
export interface Run extends Span {
  readonly head: StoredHead | null;
}

export class Runs {
  readonly #blocks: Blocks;
  readonly #filter: Filter;
  /** Blocks that a tally rules out are left out; null: none is. */
  readonly #headFilter: HeadFilter | null;
  #low: RowKey;
  #heads: StoredHead[] = [];
  #areHeadsRead = false;

  constructor(blocks: Blocks, filter: Filter) {
    this.#blocks = blocks;
    this.#filter = filter;
    const { actions, modules } = filter;
    this.#headFilter = actions || modules ? filter : null;
    this.#low = filter.low;
  }

  /** The next run; null at the end. */
  next(): Run | null {
    const head = this.#nextHead();
    if (this.#headFilter) this.#passLeftOut(head);
    const { high } = this.#filter;
    const low = this.#low;
    if (compareKeys(low, high) > 0) return null;
    const run = head === null ? { low, high, head: null } : this.#until(head);
    this.#low = keyAfter(run.high);
    return run;
  }

  /** What lies between here and the next gap, or the next block that matters, was in blocks that do not. */
  #passLeftOut(head: StoredHead | null): void {
    const { org } = this.#filter;
    const end = head?.isAttached
      ? head.after
      : head
        ? this.#blocks.lastBefore(org, head.last)
        : this.#blocks.lastKey(org);
    if (end !== null && compareKeys(end, this.#low) >= 0) this.#low = keyAfter(end);
  }

  #until(head: StoredHead): Run {
    const { high, asOf } = this.#filter;
    const low = this.#low;
    if (compareKeys(head.after, low) >= 0) return { low, high: earlier(head.after, high), head: null };
    this.#heads.shift();
    const isWhole = compareKeys(head.first, low) >= 0 && compareKeys(head.last, high) <= 0 && head.arrival <= asOf;
    return { low, high: earlier(head.last, high), head: isWhole ? head : null };
  }

  #nextHead(): StoredHead | null {
    if (this.#heads.length === 0 && !this.#areHeadsRead) {
      const { org } = this.#filter;
      this.#heads = this.#headFilter
        ? this.#blocks.headsThatMatter(this.#headFilter, this.#low)
        : this.#blocks.heads(org, this.#low);
      this.#areHeadsRead = this.#heads.length === 0;
    }
    return this.#heads[0] ?? null;
  }
}

function earlier(one: RowKey, other: RowKey): RowKey {
  return compareKeys(one, other) <= 0 ? one : other;
}
