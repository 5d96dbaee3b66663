import assert from 'node:assert/strict';
import { crc32, inflateRawSync } from 'node:zlib';
import type { AppendOptions, Chunk, Ledger, LedgerQuery, LedgerRow } from '../../src/ledger/ledger.ts';

export const org = '10001';
export const sent: AppendOptions = { client: 'a test', arrivedAt: 1_700_000_000_123 };

/** The nth of a series of rows: each a second after the one before, all different. */
export function aRow(n: number, changes: Partial<LedgerRow> = {}): LedgerRow {
  return {
    time: 1_700_000_000 + n,
    id: 554_023_000_001_000_000n + BigInt(n),
    action: 'added',
    doneBy: 554_023_000_000_100_000n,
    module: 'Leads',
    line: `line ${n}\r\n`,
    ...changes,
  };
}

/** Rows `first` to `first + count - 1` of the series. */
export function someRows(first: number, count: number, changes: Partial<LedgerRow> = {}): LedgerRow[] {
  return Array.from({ length: count }, (_, index) => aRow(first + index, changes));
}

/** All that there is, unless conditions are given. */
export function aQuery(changes: Partial<LedgerQuery> = {}): LedgerQuery {
  const everything = { actions: null, modules: null, doneBy: null, words: null, record: null, visibleTo: null };
  return { org, from: 0, to: 253_402_300_799, ...everything, asOf: Number.MAX_SAFE_INTEGER, ...changes };
}

export async function chunksOf(
  ledger: Pick<Ledger, 'chunks'>,
  query: LedgerQuery,
  rowsPerFile = 100_000,
): Promise<Chunk[]> {
  return Array.fromAsync(ledger.chunks(query, { rowsPerFile }));
}

/** The lines of a chunk of whichever kind; those of a sealed one must be what it says. */
export function rawOf(chunk: Chunk): Uint8Array {
  if (chunk.kind === 'text') return chunk.bytes;
  const lines = inflateRawSync(Buffer.concat([chunk.packed, Buffer.of(3, 0)]));
  assert.equal(lines.length, chunk.rawBytes);
  assert.equal(crc32(lines), chunk.rawCrc32);
  return lines;
}

/** The export as text. */
export async function textOf(
  ledger: Pick<Ledger, 'chunks'>,
  query: LedgerQuery,
  rowsPerFile?: number,
): Promise<string> {
  const chunks = await chunksOf(ledger, query, rowsPerFile);
  return Buffer.concat(chunks.map(rawOf)).toString();
}

export function linesOf(rows: readonly LedgerRow[]): string {
  return rows.map((row) => row.line).join('');
}

/** All rows, page by page. */
export async function pagesOf(ledger: Pick<Ledger, 'page'>, query: LedgerQuery, size: number): Promise<LedgerRow[]> {
  const found: LedgerRow[] = [];
  for (;;) {
    const page = await ledger.page(query, found.at(-1) ?? null, size);
    if (page.length === 0) return found;
    found.push(...page);
  }
}
