import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Histogram, Ledger, LedgerQuery, LedgerRow } from '../../src/ledger/ledger.ts';
import { aQuery, org, sent, someRows } from './rows.ts';

const exact = { budgetMs: Number.POSITIVE_INFINITY };
/** No time at all: all that can be estimated is. */
const hurried = { budgetMs: 0 };

/** What the parts must hold, counted one by one. */
export function countedParts(
  rows: readonly LedgerRow[],
  { from, bucketSeconds }: { from: number; bucketSeconds: number },
) {
  const parts = new Map<number, Map<string, number>>();
  for (const { time, action } of rows) {
    const start = from + Math.floor((time - from) / bucketSeconds) * bucketSeconds;
    const actions = parts.get(start) ?? new Map<string, number>();
    parts.set(start, actions.set(action, (actions.get(action) ?? 0) + 1));
  }
  return [...parts]
    .sort(([one], [other]) => one - other)
    .map(([start, actions]) => ({ start, actions: sorted(actions) }));
}

export function partsOf(histogram: Histogram) {
  return histogram.buckets.map(({ start, actions }) => ({ start, actions: sorted(actions) }));
}

function sorted(actions: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...actions].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Two thirds added, users 1 to 7, a row a second. */
function rowsOf(first: number, count: number): LedgerRow[] {
  return someRows(first, count).map((row, n) => ({
    ...row,
    action: n % 3 === 0 ? 'deleted' : 'added',
    module: n % 10 === 0 ? 'Deals' : 'Leads',
    doneBy: BigInt(1 + (n % 7)),
  }));
}

export function histogramContract(open: () => Promise<Ledger>): void {
  test('a histogram counts each action in each part of the range, and leaves out parts without entries', async () => {
    await using ledger = await open();
    const rows = rowsOf(0, 500).map((row, n) => ({ ...row, time: n < 300 ? row.time : row.time + 5000 }));
    await ledger.append(org, rows, sent);
    const range = { from: 1_700_000_000, to: 1_700_005_999 };
    for (const buckets of [1, 7, 120, 400, 10_000]) {
      const found = await ledger.histogram(aQuery(range), { buckets, ...exact });
      assert.equal(found.bucketSeconds, Math.ceil(6000 / buckets));
      assert.deepEqual(partsOf(found), countedParts(rows, { ...range, ...found }));
      assert.deepEqual([found.total, found.isEstimate], [500, false]);
    }
    const none = await ledger.histogram(aQuery({ from: 5, to: 4 }), { buckets: 3, ...exact });
    assert.deepEqual([none.total, none.buckets], [0, []]);
  });

  test('a histogram that has no time to count all says so, and is near the truth', async () => {
    await using ledger = await open();
    const calls = Array.from({ length: 8 }, (_, call) => rowsOf(call * 500, 500));
    for (const rows of calls) await ledger.append(org, rows, sent);
    const all = calls.flat();
    const range = { from: 1_700_000_000, to: 1_700_003_999 };
    const queries: readonly [Partial<LedgerQuery>, (row: LedgerRow) => boolean][] = [
      [{}, () => true],
      [{ actions: ['deleted'] }, (row) => row.action === 'deleted'],
      [{ doneBy: ['1', '2', '3'] }, (row) => row.doneBy <= 3n],
    ];
    for (const [query, matches] of queries) {
      const expected = all.filter(matches).length;
      const found = await ledger.histogram(aQuery({ ...range, ...query }), { buckets: 7, ...hurried });
      const within = Math.abs(found.total - expected) <= expected * 0.25;
      assert.ok(found.isEstimate ? within : found.total === expected, `${found.total} of ${expected}`);
    }
  });

  test('the span is that of the entries that one may see, whatever else is asked for', async () => {
    await using ledger = await open();
    assert.equal(await ledger.span(aQuery()), null);
    const rows = rowsOf(0, 50);
    await ledger.append(org, rows, sent);
    const at = (n: number) => 1_700_000_000 + n;
    assert.deepEqual(await ledger.span(aQuery({ modules: ['None'], words: ['none'] })), { from: at(0), to: at(49) });
    assert.deepEqual(await ledger.span(aQuery({ visibleTo: ['2'] })), { from: at(1), to: at(43) });
    assert.deepEqual(await ledger.span(aQuery({ visibleTo: ['3', '4', '99'] })), { from: at(2), to: at(45) });
    assert.deepEqual(await ledger.span(aQuery({ from: at(10), to: at(20) })), { from: at(10), to: at(20) });
    assert.equal(await ledger.span(aQuery({ visibleTo: ['99'] })), null);
    assert.equal(await ledger.span(aQuery({ visibleTo: [] })), null);
  });

  test('an aborted histogram throws the reason of the signal', async () => {
    await using ledger = await open();
    await ledger.append(org, rowsOf(0, 50), sent);
    const reason = new Error('enough');
    const options = { buckets: 5, ...exact, signal: AbortSignal.abort(reason) };
    await assert.rejects(ledger.histogram(aQuery({ from: 0 }), options), reason);
  });
}
