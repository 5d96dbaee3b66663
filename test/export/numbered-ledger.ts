import type { Chunk, ChunkOptions, Ledger, LedgerQuery } from '../../src/ledger/ledger.ts';

/** The two readers of the port that an export uses. */
export type ExportLedger = Pick<Ledger, 'count' | 'chunks'>;

export interface NumberedOptions {
  readonly line?: (n: number) => string;
  readonly rowsPerChunk?: number;
  /** What `count` says, when it is to differ from what `chunks` yields. */
  readonly counted?: number;
}

/** A log of so many lines that are made as they are read, so that a million cost next to nothing. */
export function numberedLedger(rows: number, options: NumberedOptions = {}): ExportLedger {
  const line = options.line ?? tinyLine;
  const rowsPerChunk = options.rowsPerChunk ?? 1_000;
  return {
    async count(): Promise<number> {
      return options.counted ?? rows;
    },
    async *chunks(_query: LedgerQuery, { rowsPerFile, signal }: ChunkOptions): AsyncIterable<Chunk> {
      let first = 1;
      while (first <= rows) {
        signal?.throwIfAborted();
        const fileEnd = Math.ceil(first / rowsPerFile) * rowsPerFile;
        const last = Math.min(first + rowsPerChunk - 1, fileEnd, rows);
        let text = '';
        for (let n = first; n <= last; n += 1) text += line(n);
        yield { kind: 'text', rows: last - first + 1, bytes: Buffer.from(text) };
        first = last + 1;
      }
    },
  };
}

export function tinyLine(n: number): string {
  return `${n}\r\n`;
}

export const anyQuery: LedgerQuery = {
  org: '10001',
  from: 0,
  to: 4_000_000_000,
  actions: null,
  modules: null,
  doneBy: null,
  words: null,
  record: null,
  visibleTo: null,
  asOf: 1_000_000_000,
};
