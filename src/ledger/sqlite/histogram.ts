/**
 * How many entries of each action there are in each of some equal parts of a time range.
 *
 * A sealed block that lies in one part is told by its tally. One that a part's edge cuts, or of which only some users' or some
 * records' entries count, has to be looked into: in an order in which any beginning is a fair sample, so that when the time is
 * over, the rest is estimated by what was seen. So are rows that are in no block yet and are too many to count.
 */
import type { Histogram, HistogramOptions } from '../ledger.ts';
import type { LookedAt } from './block-reader.ts';
import type { StoredHead } from './blocks.ts';
import type { Filter } from './filter.ts';
import type { Run, Span } from './runs.ts';
import { runsDown } from './runs-down.ts';
import type { PreparedQuery, ReadParts } from './search.ts';
import { type CountColumns, sql } from './statements.ts';
import { Tallies } from './tallies.ts';
import { Turns } from './turns.ts';
import { mostLooked, Walk } from './walk.ts';

/** Rows of no block that are counted in a millisecond; of which half are affordable, for the blocks want their time too. */
const rowsPerMs = 2_000;
const linesPerMs = 300;
/** Of each part, when there are too many rows, at least so many are looked at. */
const smallestSample = 50;

/** Blocks that are looked into, whatever the time: what is estimated has to have some ground. */
const fewestBlocks = 8;

type BlockRun = Span & { readonly head: StoredHead };

export class HistogramRead {
  readonly #parts: ReadParts;
  readonly #query: PreparedQuery;
  readonly #options: HistogramOptions;
  readonly #turns: Turns;
  readonly #tallies: Tallies;

  constructor(parts: ReadParts, query: PreparedQuery, options: HistogramOptions) {
    this.#parts = parts;
    this.#query = query;
    this.#options = options;
    this.#turns = new Turns(options);
    const { low, high } = query.filter;
    this.#tallies = new Tallies(low.time, high.time, options.buckets);
  }

  async read(): Promise<Histogram> {
    const cut: BlockRun[] = [];
    const loose: Span[] = [];
    for (const run of this.#runs()) {
      if (run.head === null) loose.push(run);
      else if (!this.#addWhole(run.head)) cut.push({ ...run, head: run.head });
      await this.#turns.pass();
    }
    await this.#addLoose(loose);
    await this.#addCut(cut);
    return this.#tallies.result();
  }

  *#runs(): Generator<Run, void> {
    const { filter, usesBlocks } = this.#query;
    if (usesBlocks) yield* runsDown(this.#parts.blocks, filter);
    else yield { low: filter.low, high: filter.high, head: null };
  }

  /** By its tally; false when that is not enough. */
  #addWhole(head: StoredHead): boolean {
    const { blockReader } = this.#parts;
    const pairs = blockReader.tallied(head);
    if (pairs.length === 0) return true;
    const bucket = this.#tallies.bucketOf(head.first.time);
    if (blockReader.looksIntoLines || bucket !== this.#tallies.bucketOf(head.last.time)) return false;
    for (const [rows, action] of pairs) this.#tallies.add(bucket, action, rows);
    return true;
  }

  async #addLoose(spans: readonly Span[]): Promise<void> {
    const { budgetMs } = this.#options;
    const perMs = this.#query.filter.match ? linesPerMs : rowsPerMs;
    let affordable = Math.min((budgetMs * perMs) / 2, Number.MAX_SAFE_INTEGER);
    for (const span of spans) {
      // Users whose entries are few are counted in their index, whatever lies between those.
      const isAffordable = !this.#query.usesBlocks || this.#edge(span, affordable) === null;
      if (isAffordable) affordable = Math.max(0, affordable - (await this.#count(span)));
      else await this.#sample(span, affordable);
    }
  }

  /** Counts each row; answers how many rows or index entries it looked at. */
  async #count(span: Span): Promise<number> {
    const { statements } = this.#parts;
    const { filter, list } = this.#query;
    const walk = this.#walk(span);
    let looks = 0;
    for (;;) {
      const piece = walk.piece(mostLooked(filter));
      if (!piece) return looks;
      this.#addCounted(statements.counts(sql.histogram(piece.way, filter), this.#inBuckets(piece, list)));
      walk.advance(piece, 0);
      looks += Math.min(piece.looks, mostLooked(filter));
      await this.#turns.pass();
    }
  }

  /** Of each part, counts its first rows, and takes it that the others come as fast. */
  async #sample(span: Span, affordable: number): Promise<void> {
    const { statements } = this.#parts;
    const { filter, list } = this.#query;
    const slices = this.#tallies.slices(span);
    const most = Math.max(smallestSample, Math.floor(affordable / slices.length));
    for (const slice of slices) {
      const edge = this.#edge(slice, most);
      const looked = edge === null ? slice : { low: slice.low, high: edge };
      const rows = statements.counts(sql.histogram('sweep', filter), this.#inBuckets(looked, list));
      const seconds = (one: Span) => one.high.time - one.low.time + 1;
      this.#addCounted(rows, edge === null ? null : seconds(slice) / seconds(looked));
      await this.#turns.pass();
    }
  }

  #addCounted(rows: readonly CountColumns[], times: number | null = null): void {
    for (const [bucket, action, count] of rows) {
      if (times === null) this.#tallies.add(Number(bucket), action, Number(count));
      else this.#tallies.addEstimate(Number(bucket), action, Number(count) * times);
    }
  }

  async #addCut(runs: readonly BlockRun[]): Promise<void> {
    const seen = new Ratios();
    const left: StoredHead[] = [];
    let looked = 0;
    for (const run of inFairOrder(runs)) {
      if (this.#turns.isOver && looked >= fewestBlocks) {
        left.push(run.head);
        continue;
      }
      looked += 1;
      const lines = this.#parts.blockReader.lookAt(run.head);
      if (lines === null) await this.#count(run);
      else this.#addLines(run, lines, seen);
      await this.#turns.pass();
    }
    for (const head of left) {
      for (const [rows, action] of this.#parts.blockReader.tallied(head)) {
        this.#tallies.spread(head.first.time, head.last.time, action, rows * seen.of(action));
      }
    }
  }

  #addLines(run: BlockRun, { rows, chosen, pairOf }: LookedAt, seen: Ratios): void {
    const { head } = run;
    const tally = head.tally();
    for (const [count, action] of this.#parts.blockReader.tallied(head)) seen.add(action, 0, count);
    if (rows === 0) return;
    for (const { bucket, start, end } of this.#partsOf(run)) {
      const counts = new Uint32Array(tally.length);
      for (let place = start; place < end; place += 1) {
        const pair = pairOf[place] ?? 0;
        counts[pair] = (counts[pair] ?? 0) + (chosen?.[place] ?? 1);
      }
      for (const [pair, count] of counts.entries()) {
        const action = tally[pair]?.[1];
        if (count === 0 || action === undefined) continue;
        this.#tallies.add(bucket, action, count);
        seen.add(action, count, 0);
      }
    }
  }

  /** Which of the block's lines lie in which part of the histogram. */
  *#partsOf(run: BlockRun): Generator<{ bucket: number; start: number; end: number }, void> {
    const { low, head } = run;
    const slices = this.#tallies.slices({ low: head.first, high: head.last });
    let start = 0;
    for (const [place, { high }] of slices.entries()) {
      const parameters = this.#walk(run).parameters({ low, high });
      const isLast = place === slices.length - 1;
      const end = isLast ? head.rows : this.#parts.statements.number(sql.rowsIn, parameters);
      yield { bucket: this.#tallies.bucketOf(high.time), start, end };
      start = end;
    }
  }

  #walk(span: Span): Walk {
    const { filter, list } = this.#query;
    const conditions: Filter = { ...filter, low: span.low, high: span.high };
    const reads = filter.match ? 'lines' : 'index';
    return new Walk(this.#parts.statements, { filter: conditions, list, direction: 'oldest-first', reads });
  }

  #inBuckets(span: Span, list: number | null) {
    const { start, bucketSeconds } = this.#tallies;
    return { ...this.#walk(span).parameters(span), list, start, bucketSeconds };
  }

  /** The key that has so many rows of the span before it; null: there are not as many. */
  #edge(span: Span, rows: number) {
    const parameters = this.#walk(span).parameters(span, 0, Math.floor(rows));
    return this.#parts.statements.key(sql.edge('sweep', null, 'oldest-first'), parameters);
  }
}

/** Which share of an action's entries matched, in the blocks that were looked into. */
class Ratios {
  readonly #counts = new Map<string, { matches: number; rows: number }>();
  readonly #all = { matches: 0, rows: 0 };

  add(action: string, matches: number, rows: number): void {
    const counts = this.#counts.get(action) ?? { matches: 0, rows: 0 };
    this.#counts.set(action, counts);
    for (const one of [counts, this.#all]) {
      one.matches += matches;
      one.rows += rows;
    }
  }

  of(action: string): number {
    const { matches, rows } = this.#counts.get(action) ?? this.#all;
    return rows === 0 ? 1 : matches / rows;
  }
}

/** Every eighth first, then those half way between them, and so on. */
function* inFairOrder<One>(all: readonly One[]): Generator<One, void> {
  for (const offset of [0, 4, 2, 6, 1, 5, 3, 7]) {
    for (let place = offset; place < all.length; place += 8) {
      const one = all[place];
      if (one !== undefined) yield one;
    }
  }
}
