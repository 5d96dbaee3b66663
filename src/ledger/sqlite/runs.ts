/**
 * Goes through a span of keys, oldest first, as what it is made of: sealed blocks, and the runs of rows before, between and
 * behind them. A block is told of only when all of its entries lie in the span and had arrived in time.
 */
import type { RowKey } from '../ledger.ts';
import type { Blocks, StoredHead } from './blocks.ts';
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
  #low: RowKey;
  #heads: StoredHead[] = [];
  #areHeadsRead = false;

  constructor(blocks: Blocks, filter: Filter) {
    this.#blocks = blocks;
    this.#filter = filter;
    this.#low = filter.low;
  }

  /** The next run; null at the end. */
  next(): Run | null {
    const { high } = this.#filter;
    const low = this.#low;
    if (compareKeys(low, high) > 0) return null;
    const head = this.#nextHead();
    const run = head === null ? { low, high, head: null } : this.#until(head);
    this.#low = keyAfter(run.high);
    return run;
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
      this.#heads = this.#blocks.heads(this.#filter.org, this.#low);
      this.#areHeadsRead = this.#heads.length === 0;
    }
    return this.#heads[0] ?? null;
  }
}

function earlier(one: RowKey, other: RowKey): RowKey {
  return compareKeys(one, other) <= 0 ? one : other;
}
