/** The counts of a histogram while they are gathered. */
import type { Histogram } from '../ledger.ts';
import { compareKeys, maxId } from './filter.ts';
import type { Span } from './runs.ts';

export class Tallies {
  readonly start: number;
  readonly bucketSeconds: number;
  readonly #buckets: number;
  readonly #counts = new Map<string, Float64Array>();
  #isEstimate = false;

  /** Parts of equal length that hold the seconds from `start` to `end`; as many as `most`, or fewer. */
  constructor(start: number, end: number, most: number) {
    this.start = start;
    this.bucketSeconds = Math.max(1, Math.ceil((end - start + 1) / most));
    this.#buckets = Math.ceil((end - start + 1) / this.bucketSeconds);
  }

  bucketOf(time: number): number {
    return Math.floor((time - this.start) / this.bucketSeconds);
  }

  add(bucket: number, action: string, rows: number): void {
    const counts = this.#counts.get(action) ?? new Float64Array(this.#buckets);
    this.#counts.set(action, counts);
    counts[bucket] = (counts[bucket] ?? 0) + rows;
  }

  addEstimate(bucket: number, action: string, rows: number): void {
    this.#isEstimate = true;
    this.add(bucket, action, rows);
  }

  /** Entries of which it is known only between which times they lie. */
  spread(first: number, last: number, action: string, rows: number): void {
    const seconds = last - first + 1;
    for (let bucket = this.bucketOf(first); bucket <= this.bucketOf(last); bucket += 1) {
      const from = Math.max(first, this.start + bucket * this.bucketSeconds);
      const to = Math.min(last, this.start + (bucket + 1) * this.bucketSeconds - 1);
      this.addEstimate(bucket, action, (rows * (to - from + 1)) / seconds);
    }
  }

  /** The span, cut at the edges of the parts. */
  slices({ low, high }: Span): Span[] {
    const slices: Span[] = [];
    for (let bucket = this.bucketOf(low.time); bucket <= this.bucketOf(high.time); bucket += 1) {
      const from = { time: this.start + bucket * this.bucketSeconds, id: 0n };
      const to = { time: from.time + this.bucketSeconds - 1, id: maxId };
      slices.push({ low: compareKeys(from, low) < 0 ? low : from, high: compareKeys(to, high) > 0 ? high : to });
    }
    return slices;
  }

  result(): Histogram {
    const buckets = [];
    let total = 0;
    // What rounding an estimate leaves is carried on: many small parts would otherwise all come to nothing.
    const left = new Map<string, number>();
    for (let bucket = 0; bucket < this.#buckets; bucket += 1) {
      const actions = new Map<string, number>();
      for (const [action, counts] of this.#counts) {
        const exact = (counts[bucket] ?? 0) + (left.get(action) ?? 0);
        const rows = Math.round(exact);
        left.set(action, exact - rows);
        if (rows > 0) actions.set(action, rows);
        total += rows;
      }
      if (actions.size > 0) buckets.push({ start: this.start + bucket * this.bucketSeconds, actions });
    }
    return { bucketSeconds: this.bucketSeconds, total, isEstimate: this.#isEstimate, buckets };
  }
}
