/**
 * Rows as columns: how many rows at once are handed from thread to thread. Objects would be copied one by one; these are
 * a few buffers, which are not copied at all. What a row is stands at `LedgerRow`.
 */
import { entryLimits } from '../audit/limits.ts';
import type { AppendOutcome, LedgerRow } from './ledger.ts';

/** Of many rows, an outcome is told by its place in this list. */
export const appendOutcomes = ['new', 'duplicate', 'conflict'] as const satisfies readonly AppendOutcome[];
export const isNew = 0;
export const isDuplicate = 1;
export const isConflict = 2;

export interface RowColumns {
  readonly rows: number;
  // The buffers may be longer than `rows`: what is behind them means nothing.
  readonly times: Float64Array;
  readonly ids: BigInt64Array;
  readonly doneBys: BigInt64Array;
  /** The actions and modules, each once. */
  readonly words: readonly string[];
  /** Places in `words`. */
  readonly actions: Uint32Array;
  readonly modules: Uint32Array;
  /** UTF-8. Where each line starts and ends in it; they need not lie in order. */
  readonly lines: Uint8Array;
  readonly lineStarts: Uint32Array;
  readonly lineEnds: Uint32Array;
}

/** What is handed over with the columns, and so is gone from whoever hands them over. */
export function buffersOf(columns: RowColumns): ArrayBuffer[] {
  const { times, ids, doneBys, actions, modules, lines, lineStarts, lineEnds } = columns;
  // Made by a ColumnsBuilder or received from another thread: never shared memory.
  return [times, ids, doneBys, actions, modules, lines, lineStarts, lineEnds].map(
    ({ buffer }) => buffer as ArrayBuffer,
  );
}

export interface ColumnsSize {
  readonly rows: number;
  /** Of all lines. */
  readonly bytes: number;
}

const { maxId } = entryLimits;
const smallest: ColumnsSize = { rows: 64, bytes: 16 * 1024 };

/** What in a row breaks the terms of `LedgerRow`; null when nothing does. */
export function problemOf(time: number, id: bigint, doneBy: bigint, line: string): string | null {
  if (!Number.isSafeInteger(time)) return `not a time in whole seconds: ${time}`;
  if (id <= 0n || id > maxId) return `not an entry id: ${id}`;
  if (doneBy <= 0n || doneBy > maxId) return `not a user id: ${doneBy}`;
  if (!line.isWellFormed() || line.includes('\0')) return `the line of entry ${id} holds NUL or half a character`;
  return null;
}

/** Makes columns, row by row. */
export class ColumnsBuilder {
  #rows = 0;
  #bytes = 0;
  #times: Float64Array;
  #ids: BigInt64Array;
  #doneBys: BigInt64Array;
  #actions: Uint32Array;
  #modules: Uint32Array;
  #lineStarts: Uint32Array;
  #lineEnds: Uint32Array;
  #lines: Buffer;
  readonly #words = new Map<string, number>();

  /** `expected` is a guess; there may be more. */
  constructor(expected: ColumnsSize = smallest) {
    const rows = Math.max(expected.rows, smallest.rows);
    this.#times = new Float64Array(rows);
    this.#ids = new BigInt64Array(rows);
    this.#doneBys = new BigInt64Array(rows);
    this.#actions = new Uint32Array(rows);
    this.#modules = new Uint32Array(rows);
    this.#lineStarts = new Uint32Array(rows);
    this.#lineEnds = new Uint32Array(rows);
    this.#lines = Buffer.allocUnsafeSlow(Math.max(expected.bytes, smallest.bytes));
  }

  get size(): ColumnsSize {
    return { rows: this.#rows, bytes: this.#bytes };
  }

  /** Answers the place of the new row; throws as `set` does. */
  add({ time, id, doneBy, action, module, line }: LedgerRow): number {
    const place = this.reserve();
    this.set(place, time, id, doneBy, action, module, line);
    return place;
  }

  /** A row that is to be set later, in its place in the order. */
  reserve(): number {
    if (this.#rows === this.#times.length) this.#growRows();
    const place = this.#rows;
    this.#rows += 1;
    return place;
  }

  /** Throws RangeError when the row is not what `LedgerRow` says. */
  set(place: number, time: number, id: bigint, doneBy: bigint, action: string, module: string, line: string): void {
    const problem = problemOf(time, id, doneBy, line);
    if (problem !== null) throw new RangeError(problem);
    this.#times[place] = time;
    this.#ids[place] = id;
    this.#doneBys[place] = doneBy;
    this.#actions[place] = this.#wordOf(action);
    this.#modules[place] = this.#wordOf(module);
    // A UTF-16 unit makes 3 bytes at most.
    const start = this.#bytes;
    if (start + line.length * 3 > this.#lines.length) this.#growLines(start + line.length * 3);
    this.#bytes += this.#lines.write(line, start);
    this.#lineStarts[place] = start;
    this.#lineEnds[place] = this.#bytes;
  }

  /** The columns, without the rows at these places. Nothing can be added any more. */
  build(leftOut: ReadonlySet<number> | null = null): RowColumns {
    if (leftOut !== null && leftOut.size > 0) this.#leaveOut(leftOut);
    return {
      rows: this.#rows,
      times: this.#times,
      ids: this.#ids,
      doneBys: this.#doneBys,
      words: [...this.#words.keys()],
      actions: this.#actions,
      modules: this.#modules,
      lines: new Uint8Array(this.#lines.buffer, 0, this.#bytes),
      lineStarts: this.#lineStarts,
      lineEnds: this.#lineEnds,
    };
  }

  #wordOf(text: string): number {
    const known = this.#words.get(text);
    if (known !== undefined) return known;
    const place = this.#words.size;
    this.#words.set(text, place);
    return place;
  }

  #growRows(): void {
    const rows = this.#times.length * 2;
    this.#times = into(new Float64Array(rows), this.#times);
    this.#ids = into(new BigInt64Array(rows), this.#ids);
    this.#doneBys = into(new BigInt64Array(rows), this.#doneBys);
    this.#actions = into(new Uint32Array(rows), this.#actions);
    this.#modules = into(new Uint32Array(rows), this.#modules);
    this.#lineStarts = into(new Uint32Array(rows), this.#lineStarts);
    this.#lineEnds = into(new Uint32Array(rows), this.#lineEnds);
  }

  #growLines(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#lines.length * 2));
    this.#lines.copy(larger, 0, 0, this.#bytes);
    this.#lines = larger;
  }

  #leaveOut(places: ReadonlySet<number>): void {
    let kept = 0;
    for (let place = 0; place < this.#rows; place += 1) {
      if (places.has(place)) continue;
      for (const column of this.#columns()) column[kept] = column[place] ?? 0;
      for (const column of [this.#ids, this.#doneBys]) column[kept] = column[place] ?? 0n;
      kept += 1;
    }
    this.#rows = kept;
  }

  #columns(): (Float64Array | Uint32Array)[] {
    return [this.#times, this.#actions, this.#modules, this.#lineStarts, this.#lineEnds];
  }
}

function into<Column extends { set(from: Column): void }>(larger: Column, smaller: Column): Column {
  larger.set(smaller);
  return larger;
}
