import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { buffersOf, ColumnsBuilder, type RowColumns } from '../../src/ledger/columns.ts';
import type { LedgerRow } from '../../src/ledger/ledger.ts';
import { aRow } from './rows.ts';

function rowsOf(columns: RowColumns): LedgerRow[] {
  const { rows, times, ids, doneBys, words, actions, modules, lines, lineStarts, lineEnds } = columns;
  const text = (place: number) => Buffer.from(lines.slice(lineStarts[place], lineEnds[place])).toString();
  return Array.from({ length: rows }, (_, place) => ({
    time: times[place] ?? 0,
    id: ids[place] ?? 0n,
    doneBy: doneBys[place] ?? 0n,
    action: words[actions[place] ?? -1] ?? '',
    module: words[modules[place] ?? -1] ?? '',
    line: text(place),
  }));
}

const bigId = fc.bigInt(1n, 2n ** 63n - 1n);
const word = fc.string({ minLength: 1, maxLength: 3 });
const line = fc.string({ unit: 'grapheme', maxLength: 300 }).filter((text) => !text.includes('\0'));
const row: fc.Arbitrary<LedgerRow> = fc.record(
  {
    time: fc.nat(),
    id: bigId,
    doneBy: bigId,
    action: word,
    module: word,
    line: line.filter((text) => text.isWellFormed()),
  },
  { noNullPrototype: true },
);

suite('rows as columns', () => {
  test('hold the rows in their order, also when some are set late or left out, and survive being handed over', () => {
    const cases = fc.array(fc.record({ row, isLate: fc.boolean(), isLeftOut: fc.boolean() }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(cases, (all) => {
        const builder = new ColumnsBuilder();
        const set = (place: number, { time, id, doneBy, action, module, line }: LedgerRow) =>
          builder.set(place, time, id, doneBy, action, module, line);
        for (const { row, isLate } of all) {
          const place = builder.reserve();
          if (!isLate) set(place, row);
        }
        // One that is left out may never have been set.
        for (const [place, { row, isLate, isLeftOut }] of all.entries()) if (isLate && !isLeftOut) set(place, row);
        const leftOut = new Set(all.flatMap(({ isLeftOut }, place) => (isLeftOut ? [place] : [])));
        const columns = builder.build(leftOut);
        const received = structuredClone(columns, { transfer: buffersOf(columns) });
        assert.deepEqual(
          rowsOf(received),
          all.flatMap(({ row, isLeftOut }) => (isLeftOut ? [] : [row])),
        );
        assert.equal(columns.times.length, 0);
      }),
      { numRuns: 200 },
    );
  });

  test('refuse a row that is none', () => {
    const wrong = [{ time: 1.5 }, { id: 0n }, { id: 2n ** 63n }, { doneBy: -1n }, { line: 'a\0b' }, { line: '\ud800' }];
    for (const change of wrong) assert.throws(() => new ColumnsBuilder().add(aRow(1, change)), RangeError);
  });
});
