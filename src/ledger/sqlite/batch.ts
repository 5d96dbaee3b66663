/** What the writer's thread is sent: the rows of one or more calls, as columns. */
import { buffersOf, ColumnsBuilder, type RowColumns } from '../columns.ts';
import type { LedgerRow } from '../ledger.ts';

export interface CallHead {
  readonly org: number;
  readonly client: string;
  readonly arrivedAt: number;
  readonly atomic: boolean;
  /** True: the caller is told of each conflict what stands there. */
  readonly tellsConflicts: boolean;
  readonly rows: number;
}

/** The rows of some calls, one call's behind the other's. */
export interface Parcel {
  readonly calls: readonly CallHead[];
  readonly columns: RowColumns;
}

/** What one transaction stores. */
export type Batch = readonly Parcel[];

export function packCalls(calls: readonly { readonly head: CallHead; readonly rows: readonly LedgerRow[] }[]): Parcel {
  const builder = new ColumnsBuilder();
  for (const { rows } of calls) for (const row of rows) builder.add(row);
  return { calls: calls.map((call) => call.head), columns: builder.build() };
}

export function buffersOfBatch(batch: Batch): ArrayBuffer[] {
  return batch.flatMap(({ columns }) => buffersOf(columns));
}

/** Reads columns row by row. The row is the cursor itself: no object is made for each. */
export class RowCursor {
  readonly #columns: RowColumns;
  readonly #lines: Buffer;
  #place = -1;

  constructor(columns: RowColumns) {
    this.#columns = columns;
    const { buffer, byteOffset, byteLength } = columns.lines;
    this.#lines = Buffer.from(buffer, byteOffset, byteLength);
  }

  next(): void {
    this.#place += 1;
  }

  get time(): number {
    return this.#columns.times[this.#place] ?? Number.NaN;
  }
  get id(): bigint {
    return this.#columns.ids[this.#place] ?? 0n;
  }
  get doneBy(): bigint {
    return this.#columns.doneBys[this.#place] ?? 0n;
  }
  get action(): string {
    return this.#columns.words[this.#columns.actions[this.#place] ?? -1] ?? '';
  }
  get module(): string {
    return this.#columns.words[this.#columns.modules[this.#place] ?? -1] ?? '';
  }
  /** UTF-8. */
  get line(): Buffer {
    const { lineStarts, lineEnds } = this.#columns;
    return this.#lines.subarray(lineStarts[this.#place], lineEnds[this.#place]);
  }
}
