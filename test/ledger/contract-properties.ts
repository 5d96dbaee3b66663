import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeLine } from '../../src/audit/line.ts';
import { foldText } from '../../src/audit/words.ts';
import type { FoundRows, Ledger, LedgerQuery, LedgerRow, RowKey } from '../../src/ledger/ledger.ts';
import { countedParts, partsOf } from './contract-histogram.ts';
import { LedgerModel, wholeLine } from './model.ts';
import { aQuery, chunksOf, linesOf, pagesOf, rawOf } from './rows.ts';

const someWholeLine: fc.Arbitrary<string> = fc
  .record({
    recordName: fc.oneof(
      fc.constantFrom('Ada Contact 1', 'ADA', 'Müller, "Jo"\r\nund\tx', '=1+1', "'=sum", 'ΠΈΤΡΟΣ ada', 'İstanbul', ''),
      fc.constantFrom('e\u0301te\u0301 1', 'été', '\u212Aelvin', '見本商事 55', '"', 'a","5'),
    ),
    recordId: fc.constantFrom('', '5', '55', '1'),
    relatedName: fc.constantFrom('', 'Ada, "5"', 'ada'),
    changes: fc.constantFrom('', '[{"ada":"5"}]'),
  })
  .map((cells) => {
    const who = { doneByName: wholeLine.slice(0, -1), doneById: '1', entryId: '5', source: 'ada' };
    const what = { action: 'added', module: 'Leads', relatedModule: 'ada', accountName: 'jo', auditedTime: '5' };
    return encodeLine({ ...who, ...what, ...cells });
  });

const someWords = fc.array(
  fc
    .constantFrom(
      'ada',
      'AD',
      'MÜLLER',
      '"jo"',
      '"',
      '=',
      "'",
      'x',
      'i',
      'é',
      'É',
      'k',
      '見',
      'πέτ',
      'ΠΈΤΡΟΣ',
      '1',
      '5',
      ',',
    )
    .map(foldText),
  { maxLength: 3 },
);

/** Few values, so that keys repeat, seconds are shared, and conditions hit. */
const someRow: fc.Arbitrary<LedgerRow> = fc.record({
  time: fc.integer({ min: 100, max: 160 }),
  id: fc.bigInt({ min: 1n, max: 8n }),
  action: fc.constantFrom('added', 'updated', 'deleted'),
  doneBy: fc.bigInt({ min: 1n, max: 12n }),
  module: fc.constantFrom('Leads', 'Deals', 'Ünits'),
  line: fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom('a\r\n', 'b,"x\r\ny"\r\n', 'ü😀\r\n') },
    { weight: 20, arbitrary: someWholeLine },
    { weight: 1, arbitrary: fc.constant(`${'long '.repeat(30_000)}\r\n`) },
  ),
});

const someCall = fc.record({
  org: fc.constantFrom('1', '2'),
  rows: fc.array(someRow, { maxLength: 60, size: 'max' }),
  client: fc.constantFrom('one', 'two'),
  arrivedAt: fc.integer({ min: 0, max: 2_000_000_000_000 }),
  atomic: fc.boolean(),
});

function someList(values: readonly string[]): fc.Arbitrary<string[] | null> {
  return fc.option(fc.array(fc.constantFrom(...values), { maxLength: 8 }), { freq: 2 });
}

const userIds = Array.from({ length: 14 }, (_, n) => String(n + 1));

const someQuery: fc.Arbitrary<LedgerQuery> = fc.record({
  org: fc.constantFrom('1', '2', '3'),
  from: fc.integer({ min: 95, max: 165 }),
  to: fc.oneof(fc.integer({ min: 95, max: 165 }), fc.constant(253_402_300_799)),
  actions: someList(['added', 'updated', 'deleted', 'merged']),
  modules: someList(['Leads', 'Deals', 'Ünits', 'Cases']),
  doneBy: someList(userIds),
  words: fc.option(someWords, { freq: 2 }),
  record: fc.option(fc.constantFrom('5', '55', '1', '7', ''), { freq: 1 }),
  visibleTo: someList(userIds),
  asOf: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.constant(Number.MAX_SAFE_INTEGER)),
});

const someReading = fc.record({
  query: someQuery,
  rowsPerFile: fc.integer({ min: 1, max: 40 }),
  size: fc.integer({ min: 2, max: 60 }),
});

export function propertyContract(open: () => Promise<Ledger>): void {
  test('count, chunks and page agree with a plain model, on random rows, late arrivals and queries', async () => {
    await using ledger = await open();
    let runs = 0;
    const everyone = someReading.map((reading) => ({ ...reading, query: aQuery({ org: '1' }) }));
    const readings = fc.tuple(everyone, fc.array(someReading, { minLength: 8, maxLength: 8 }));
    const property = fc.asyncProperty(
      fc.array(someCall, { maxLength: 8, size: 'max' }),
      readings,
      async (calls, [all, some]) => {
        // Each run has organisations of its own, beside those of the runs before.
        runs += 1;
        const ofThisRun = (org: string) => `${1000 + runs}${org}`;
        const model = new LedgerModel();
        for (const { org, rows, ...options } of calls) {
          const expected = model.append(ofThisRun(org), rows, options);
          assert.deepEqual(await ledger.append(ofThisRun(org), rows, options), expected);
        }
        for (const { query, ...sizes } of [all, ...some]) {
          await assertSame(ledger, model, { query: { ...query, org: ofThisRun(query.org) }, ...sizes });
        }
        for (const { query, size } of some) {
          const ofRun = { ...query, org: ofThisRun(query.org), to: Math.min(query.to, 200) };
          const found = await ledger.histogram(ofRun, { buckets: size, budgetMs: Number.POSITIVE_INFINITY });
          assert.deepEqual(partsOf(found), countedParts(model.matching(ofRun), { ...ofRun, ...found }));
          assert.equal(found.total, model.matching(ofRun).length);
        }
        for (const { query, size } of some.slice(0, 3)) {
          const ofRun = { ...query, org: ofThisRun(query.org) };
          assert.deepEqual(await searchedBitByBit(ledger, ofRun, size), model.matching(ofRun).toReversed());
        }
      },
    );
    await fc.assert(property, { numRuns: 30 });
  });
}

async function assertSame(
  ledger: Ledger,
  model: LedgerModel,
  { query, rowsPerFile, size }: { query: LedgerQuery; rowsPerFile: number; size: number },
): Promise<void> {
  const expected = model.matching(query);
  assert.equal(await ledger.lastArrival(query.org), model.lastArrival(query.org));
  assert.equal(await ledger.count(query), expected.length);
  const chunks = await chunksOf(ledger, query, rowsPerFile);
  assert.equal(Buffer.concat(chunks.map(rawOf)).toString(), linesOf(expected));
  let before = 0;
  for (const chunk of chunks) {
    assert.ok(chunk.rows > 0 && (before % rowsPerFile) + chunk.rows <= rowsPerFile);
    before += chunk.rows;
  }
  assert.equal(before, expected.length);
  assert.deepEqual(await pagesOf(ledger, query, size), expected.toReversed());
}

/** All rows, by searches that stop as early as they can. */
async function searchedBitByBit(ledger: Ledger, query: LedgerQuery, size: number): Promise<LedgerRow[]> {
  const found: LedgerRow[] = [];
  for (let before: RowKey | null = null; ; ) {
    const { rows, searchedTo }: FoundRows = await ledger.search(query, { before, size, budgetMs: 0 });
    found.push(...rows);
    const next: RowKey | null = searchedTo ?? (rows.length === size ? (rows.at(-1) ?? null) : null);
    if (next === null) return found;
    if (before !== null) assert.ok(next.time < before.time || (next.time === before.time && next.id < before.id));
    before = next;
  }
}
